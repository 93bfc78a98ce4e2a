/* Class sizes of the gated adversary, what makes people stand out, and what counting rows
 * instead of patients would have said. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "html_page.h"
#include "plural.h"
#include "svg.h"

enum { MAX_BINS = 12, MAX_CONCEPTS = 40, MAX_KEYS = 30, MAX_SAID = 4 };

/* ---- histogram ---- */

typedef struct bin {
    char label[40], value[DCR_NUM_MAX];
    double from, to, subjects; /* to is infinite in the last bin */
    bool known;                /* the number of subjects may be printed */
} bin;

static bool read_bin(const json_t *o, bin *b)
{
    char from[DCR_NUM_MAX], to[DCR_NUM_MAX];
    if (!dcr_view_num(o, "from", &b->from))
        return false;
    if (!dcr_view_num(o, "to", &b->to))
        b->to = INFINITY;
    dcr_view_count(from, b->from);
    dcr_view_count(to, isfinite(b->to) ? b->to : 0);
    if (!isfinite(b->to))
        snprintf(b->label, sizeof b->label, "%.30s+", from);
    else if (b->to == b->from)
        snprintf(b->label, sizeof b->label, "%.30s", from);
    else
        snprintf(b->label, sizeof b->label, "%.15s\u2013%.15s", from, to);
    b->known = dcr_view_num(o, "subjects", &b->subjects) && b->subjects >= 0;
    if (b->known)
        dcr_view_short(b->value, b->subjects);
    else
        snprintf(b->value, sizeof b->value, "\u2013");
    return true;
}

static size_t read_bins(const dcr_page *p, bin out[MAX_BINS])
{
    const json_t *all = dcr_view_arr(p->view, "histogram");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(all) && n < MAX_BINS; i++)
        if (read_bin(json_array_get(all, i), &out[n]))
            n++;
    return n;
}

/* Share of a bin that lies below k. */
static double share_below(const bin *b, double k)
{
    if (k <= b->from)
        return 0;
    if (isfinite(b->to) && k > b->to)
        return 1;
    return isfinite(b->to) ? (k - b->from) / (b->to - b->from + 1) : 0.5;
}

static void histogram_table(dcr_page *p, const bin *b, size_t n, double all)
{
    static const dcr_col col[] = {
        {"Class size", ""}, {"Patients", "r"}, {"Share", "r"}, {"Classes", "r"}};
    const json_t *bins = dcr_view_arr(p->view, "histogram");
    dcr_page_fold(p, "Show the numbers as a table", false);
    dcr_page_table(p, "plain", "Patients and classes by class size", col, 4, true);
    for (size_t i = 0; i < n; i++) {
        char s[DCR_NUM_MAX] = "\u2013";
        dcr_page_row(p);
        dcr_page_head(p, b[i].label);
        dcr_page_cell_count(p, json_array_get(bins, i), "subjects", NULL);
        if (b[i].known && all > 0)
            dcr_view_percent(s, b[i].subjects / all);
        dcr_page_cell(p, "r", NULL, s);
        dcr_page_cell_count(p, json_array_get(bins, i), "classes", NULL);
        dcr_page_row_end(p);
    }
    dcr_page_table_end(p, true);
    dcr_page_fold_end(p);
}

/* "5 106 of 31 904 patients (16.0 %) are in classes smaller than k = 11." */
static void small_sentence(const dcr_page *p, double all, char *out, size_t size)
{
    char few[DCR_NUM_MAX], of[DCR_NUM_MAX], share[DCR_NUM_MAX], k[DCR_NUM_MAX];
    double below;
    dcr_view_count(of, all);
    if (!dcr_page_below(p, p->view, &below) || all <= 0) {
        snprintf(out, size, "%s %s, by the number of patients they look like.", of,
                 dcr_plural(all, "patients"));
        return;
    }
    dcr_view_count(few, below);
    dcr_view_percent(share, below / all);
    dcr_view_count(k, p->k);
    snprintf(out, size, "%s of %s %s (%s) %s in classes smaller than %s.", few, of,
             dcr_plural(all, "patients"), share, dcr_plural(below, "are"), k);
}

/* What the figures would be if a missing value could be any value; only where that makes
 * a difference. */
static void wildcard(dcr_page *p)
{
    const json_t *w = dcr_view_obj(p->view, "wildcard");
    char s[DCR_NUM_MAX], k[DCR_NUM_MAX];
    double unique, k_min, here, least;
    if (!dcr_view_flag(w, "applies", false) ||
        !dcr_view_num(w, "unique_subjects", &unique) ||
        !dcr_view_num(w, "k_min", &k_min) ||
        !dcr_view_num(p->view, "unique_subjects", &here) ||
        !dcr_view_num(p->view, "k_min", &least) || (unique == here && k_min == least))
        return;
    dcr_view_count(s, unique);
    dcr_view_count(k, k_min);
    dcr_html_open(p->h, "p", "cap");
    dcr_html_fmt(
        p->h,
        "A missing value counts as a value of its own. Were it taken for any "
        "value, %s would be unique and the smallest class %s; this is not judged.",
        s, k);
    dcr_html_close(p->h, "p");
}

static void histogram(dcr_page *p)
{
    bin b[MAX_BINS];
    dcr_svg_bar bars[MAX_BINS];
    char sentence[240], limit[64] = "", k[DCR_NUM_MAX];
    double all = 0;
    size_t n = read_bins(p, b);
    for (size_t i = 0; i < n; i++) {
        all += b[i].known ? b[i].subjects : 0;
        bars[i] = (dcr_svg_bar){b[i].label, b[i].value, b[i].known ? b[i].subjects : 0,
                                p->k > 0 ? share_below(&b[i], p->k) : 0};
    }
    dcr_html_leaf(p->h, "h3", NULL, "Patients by class size");
    if (n == 0 || all <= 0) {
        bool hidden = n > 0 && !b[0].known;
        dcr_html_leaf(p->h, "p", NULL,
                      hidden
                          ? "The numbers of patients are not shown: they would tell of "
                            "too few."
                          : "There are no patients to show.");
        return;
    }
    dcr_view_num(p->view, "subjects", &all);
    small_sentence(p, all, sentence, sizeof sentence);
    dcr_view_count(k, p->k);
    snprintf(limit, sizeof limit, "k = %s", k);
    dcr_html_open(p->h, "figure", NULL);
    dcr_svg_bars(p->h, bars, n, p->k > 0 ? limit : NULL, "Patients by class size",
                 sentence, "patients who look the same (class size k)");
    dcr_html_open(p->h, "figcaption", NULL);
    dcr_html_text(p->h, sentence);
    if (p->k > 0)
        dcr_html_text(p->h, " Hatched: classes smaller than the policy allows.");
    dcr_html_close(p->h, "figcaption");
    dcr_html_close(p->h, "figure");
    histogram_table(p, b, n, all);
    wildcard(p);
}

/* ---- concepts ---- */

typedef struct fact { /* a concept in the chart */
    const json_t *json;
    double weight; /* Shapley's value; bits in a report that has none */
} fact;

static void concept_row(dcr_page *p, const fact *f, double most, bool shapley)
{
    char name[120], s[DCR_NUM_MAX] = "\u2013";
    double bits = 0, drop = 0;
    bool known = dcr_view_num(f->json, "bits", &bits);
    bool risky =
        shapley ? f->weight > 0 : dcr_view_num(f->json, "drop_one", &drop) && drop > 0;
    dcr_page_concept(name, sizeof name, f->json);
    dcr_page_row(p);
    dcr_page_head(p, name);
    dcr_html_open(p->h, "td", "sc");
    dcr_svg_line(p->h, most > 0 ? f->weight / most : 0, risky);
    dcr_html_close(p->h, "td");
    if (shapley) {
        char part[DCR_NUM_MAX];
        dcr_view_fixed(part, f->weight, f->weight < 99.95 ? 1 : 0);
        dcr_page_cell(p, "r", "Its part", part);
    }
    if (known)
        dcr_view_fixed(s, bits, 1);
    dcr_page_cell(p, "r", "Bits", s);
    dcr_page_cell_count(p, f->json, "alone", "Alone k");
    dcr_page_cell_count(p, f->json, "drop_one", "If removed");
    dcr_page_row_end(p);
}

/* Facts by weight, the heaviest first; alike in the order of the report. */
static size_t read_facts(const json_t *all, const char *key, fact out[MAX_CONCEPTS])
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(all) && n < MAX_CONCEPTS; i++) {
        fact f = {json_array_get(all, i), 0};
        size_t at = n++;
        dcr_view_num(f.json, key, &f.weight);
        for (; at > 0 && out[at - 1].weight < f.weight; at--)
            out[at] = out[at - 1];
        out[at] = f;
    }
    return n;
}

/* Parts that were sampled are told with what they may be off. */
static void sampled(dcr_page *p, const fact *f, size_t n)
{
    char s[DCR_NUM_MAX];
    double lo, hi, most = 0;
    for (size_t i = 0; i < n; i++)
        if (dcr_view_num(f[i].json, "shapley_lo", &lo) &&
            dcr_view_num(f[i].json, "shapley_hi", &hi))
            most = fmax(most, fmax(hi - f[i].weight, f[i].weight - lo));
    if (most == 0)
        return;
    dcr_view_fixed(s, most, 1);
    dcr_html_open(p->h, "p", "cap");
    dcr_html_fmt(
        p->h,
        "Parts are estimates over a sample of orders, each within %s of the truth "
        "with 95 %% confidence; the interval of each is in report.json.",
        s);
    dcr_html_close(p->h, "p");
}

/* "The date of the exam accounts for 14.1 of the 48 unique patients, the age at the exam
 * for 6.3, ..." */
static void say_parts(dcr_page *p, const fact *f, size_t n)
{
    char s[DCR_NUM_MAX], of[DCR_NUM_MAX];
    double unique;
    if (n == 0 || f[0].weight <= 0 || !dcr_view_num(p->view, "unique_subjects", &unique))
        return;
    dcr_view_count(of, unique);
    dcr_html_open(p->h, "p", NULL);
    for (size_t i = 0; i < n && i < 3 && f[i].weight > 0; i++) {
        char name[120];
        dcr_page_concept(name, sizeof name, f[i].json);
        dcr_view_fixed(s, f[i].weight, f[i].weight < 99.95 ? 1 : 0);
        dcr_html_text(p->h, i == 0 ? "The " : ", the ");
        dcr_html_text(p->h, name);
        dcr_html_text(p->h, i == 0 ? " accounts for " : " for ");
        dcr_html_leaf(p->h, "b", NULL, s);
        if (i == 0)
            dcr_html_fmt(p->h, " of the %s %s", of,
                         dcr_plural(unique, "unique patients"));
    }
    dcr_html_text(p->h, ".");
    dcr_html_close(p->h, "p");
}

static void concepts(dcr_page *p)
{
    static const dcr_col cols[] = {{"Fact", ""},      {"", "sc"},
                                   {"Its part", "r"}, {"Bits", "r"},
                                   {"k alone", "r"},  {"Unique through it", "r"}};
    static const dcr_col without[] = {{"Fact", ""},
                                      {"", "sc"},
                                      {"Bits", "r"},
                                      {"k alone", "r"},
                                      {"Unique through it", "r"}};
    const json_t *all = dcr_view_arr(p->gated, "concepts");
    double most = p->subjects > 1 ? log2(p->subjects) : 1, v;
    bool shapley = dcr_view_num(json_array_get(all, 0), "shapley", &v);
    fact f[MAX_CONCEPTS];
    size_t n = read_facts(all, shapley ? "shapley" : "bits", f);
    dcr_html_leaf(p->h, "h3", NULL, "What makes them stand out");
    if (n == 0) {
        dcr_html_leaf(p->h, "p", NULL, "Nothing this adversary knows is in the dataset.");
        return;
    }
    most = shapley ? f[0].weight : fmax(most, f[0].weight);
    if (shapley)
        say_parts(p, f, n);
    dcr_page_table(p, shapley ? "plain con parts" : "plain con",
                   "Facts this adversary knows and how much each tells",
                   shapley ? cols : without, shapley ? 6 : 5, true);
    for (size_t i = 0; i < n; i++)
        concept_row(p, &f[i], most, shapley);
    dcr_page_table_end(p, true);
    if (shapley)
        sampled(p, f, n);
    dcr_html_leaf(
        p->h, "p", "cap",
        shapley
            ? "Its part: unique patients that the fact accounts for, averaged over all "
              "orders in which the facts could be learned (Shapley's value); the parts "
              "add "
              "up to all of them. Bits: one bit "
              "halves "
              "the crowd. k alone: smallest class if it were all that is known. Unique "
              "through it: unique patients who would not be, were the fact removed."
            : "Bits: how much the fact tells; one bit halves the crowd, and the bar is "
              "full "
              "when it names everybody. k alone: smallest class if it were all that is "
              "known. Unique through it: unique patients who would not be, were the fact "
              "removed.");
}

/* "exam date, age and site"; what does not fit is left out. */
static void name_set(const json_t *set, char *out, size_t size)
{
    size_t n = json_array_size(set), at = 0;
    for (size_t j = 0; j < n && j < 20 && at + 1 < size; j++) {
        const char *s = json_string_value(json_array_get(set, j));
        char name[80];
        int len;
        dcr_page_fact_name(name, sizeof name, s);
        len = snprintf(out + at, size - at, "%s%s",
                       j == 0       ? ""
                       : j + 1 == n ? " and "
                                    : ", ",
                       name);
        at += len < 0 ? 0 : (size_t)len;
    }
}

/* "41 patients are unique by exam date alone." for the combinations that are enough for
 * most patients. */
static void say_keys(dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->gated, "unique_keys");
    size_t n = 0;
    if (json_array_size(all) == 0)
        return;
    dcr_html_leaf(p->h, "h3", NULL, "What is enough to single them out");
    dcr_html_open(p->h, "ul", "says");
    for (size_t i = 0; i < json_array_size(all) && n < MAX_SAID; i++) {
        const json_t *key = json_array_get(all, i), *set = dcr_view_arr(key, "concepts");
        char names[400] = "", count[DCR_NUM_MAX];
        double subjects;
        if (!dcr_view_num(key, "subjects", &subjects) || json_array_size(set) == 0)
            continue;
        name_set(set, names, sizeof names);
        dcr_view_count(count, subjects);
        dcr_html_open(p->h, "li", NULL);
        dcr_html_leaf(p->h, "b", NULL, count);
        dcr_html_fmt(p->h, " %s %s unique by ", dcr_plural(subjects, "patients"),
                     dcr_plural(subjects, "are"));
        dcr_html_textn(p->h, names, strlen(names));
        dcr_html_text(p->h, json_array_size(set) == 1 ? " alone."
                            : json_array_size(set) == 2
                                ? " together, and not by one of "
                                  "them."
                                : " together, and not by fewer of "
                                  "them.");
        dcr_html_close(p->h, "li");
        n++;
    }
    if (n == 0) {
        char k[DCR_NUM_MAX];
        dcr_view_count(k, p->k);
        dcr_html_open(p->h, "li", NULL);
        dcr_html_fmt(p->h, "No combination of facts is enough for %s patients or more.",
                     k);
        dcr_html_close(p->h, "li");
    }
    dcr_html_close(p->h, "ul");
}

static void unique_keys(dcr_page *p)
{
    static const dcr_col col[] = {{"Facts together", ""},
                                  {"Patients they single out", "r"}};
    const json_t *all = dcr_view_arr(p->gated, "unique_keys");
    size_t n = json_array_size(all);
    if (n == 0)
        return;
    dcr_page_fold(p, "Show the smallest combinations that single out patients", false);
    dcr_page_table(p, "plain", "Combinations of facts that are enough", col, 2, true);
    for (size_t i = 0; i < n && i < MAX_KEYS; i++) {
        const json_t *key = json_array_get(all, i), *set = dcr_view_arr(key, "concepts");
        char names[400] = "", few[DCR_NUM_MAX + 8];
        double subjects;
        dcr_page_row(p);
        name_set(set, names, sizeof names);
        dcr_page_head(p, names);
        if (!dcr_view_num(key, "subjects", &subjects) && p->k > 0) {
            char k[DCR_NUM_MAX];
            dcr_view_count(k, p->k);
            snprintf(few, sizeof few, "under %s", k);
            dcr_page_cell(p, "r", NULL, few);
        } else {
            dcr_page_cell_count(p, key, "subjects", NULL);
        }
        dcr_page_row_end(p);
    }
    dcr_page_table_end(p, true);
    dcr_page_fold_end(p);
}

void dcr_page_classes(dcr_page *p)
{
    char lead[400];
    const char *title = dcr_view_str(p->gated, "title");
    snprintf(lead, sizeof lead,
             "A patient is hidden in the crowd of those who look the same to the "
             "adversary. The "
             "smaller the crowd, the easier to find.%s%.160s%s",
             title[0] != '\0' ? " Shown for: " : "", title, title[0] != '\0' ? "." : "");
    dcr_page_section(p, "classes", "Who stands out, and why", lead);
    if (p->view == NULL || !dcr_view_flag(p->view, "applies", true)) {
        dcr_html_leaf(
            p->h, "p", NULL,
            "Nothing this adversary knows is in the dataset, so nobody stands out to "
            "them: there is one class with everybody in it. Other adversaries may "
            "know more; see the table above.");
        dcr_page_section_end(p);
        return;
    }
    dcr_html_open(p->h, "div", "two eq");
    dcr_html_open(p->h, "div", NULL);
    histogram(p);
    say_keys(p);
    dcr_html_close(p->h, "div");
    dcr_html_open(p->h, "div", NULL);
    concepts(p);
    unique_keys(p);
    dcr_html_close(p->h, "div");
    dcr_html_close(p->h, "div");
    dcr_page_section_end(p);
}

/* ---- naive counts ---- */

static void count_card(dcr_page *p, const json_t *o, const char *key, const char *term,
                       const char *why, bool ours)
{
    char s[DCR_NUM_MAX] = "\u2013";
    double v;
    if (dcr_view_num(o, key, &v))
        dcr_view_count(s, v);
    dcr_html_open(p->h, "div", ours ? "ours" : NULL);
    dcr_html_leaf(p->h, "dt", NULL, term);
    dcr_html_open(p->h, "dd", NULL);
    dcr_html_fmt(p->h, "k = %s", s);
    dcr_html_leaf(p->h, "small", NULL, why);
    dcr_html_close(p->h, "dd");
    dcr_html_close(p->h, "div");
}

bool dcr_page_has_rowcounts(const dcr_page *p)
{
    double k;
    return dcr_view_num(dcr_view_obj(p->gated, "naive"), "k_min_files", &k) &&
           p->view != NULL && dcr_view_flag(p->view, "applies", true);
}

void dcr_page_rowcounts(dcr_page *p)
{
    const json_t *naive = dcr_view_obj(p->gated, "naive");
    dcr_page_section(
        p, "rowcounts", "What counting rows would have said",
        "Tools that take each file or each exam for a person report a larger k. A "
        "scan of 500 slices is one patient, not a crowd of 500.");
    dcr_html_open(p->h, "dl", "counts");
    count_card(p, p->view, "k_min", "Patients",
               "smallest class in patients: the figure judged", true);
    count_card(p, naive, "k_min_studies", "Exams",
               "smallest class in exams: not a risk figure", false);
    count_card(p, naive, "k_min_files", "Files",
               "smallest class in files: not a risk figure", false);
    dcr_html_close(p->h, "dl");
    dcr_page_section_end(p);
}
