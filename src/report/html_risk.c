/* Risk by adversary: a row each, and every figure behind it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "html_page.h"
#include "svg.h"

enum { MAX_ADVERSARIES = 30 };

static bool is_gated(const dcr_page *p, const json_t *a)
{
    const char *id = dcr_view_str(p->policy, "adversary");
    return id[0] != '\0' && a == p->gated && strcmp(dcr_view_str(a, "id"), id) == 0;
}

/* True when the adversary has figures, told or not: a view that applies. */
static bool judged(const dcr_page *p, const json_t *a)
{
    const json_t *v = dcr_page_view(a);
    double k;
    return v != NULL && dcr_view_flag(v, "applies", true) &&
           (p->edited || (dcr_view_num(v, "k_min", &k) && k >= 1));
}

dcr_mark dcr_page_adversaries_mark(const dcr_page *p)
{
    double k = 0, below = 0;
    if (!judged(p, p->gated) || p->k <= 0)
        return DCR_MARK_NOTE;
    dcr_view_num(p->view, "k_min", &k);
    if (k >= p->k)
        return DCR_MARK_PASS;
    static const char *const words[] = {"below", "small-class", "k-", NULL};
    const json_t *c = dcr_page_criterion(p, words);
    dcr_page_below(p, p->view, &below);
    return c != NULL   ? dcr_page_criterion_mark(c)
           : below > 0 ? DCR_MARK_FAIL
                       : DCR_MARK_NOTE;
}

/* ---- what an adversary knows ---- */

/* Levels that say nothing but "as it stands". */
static bool verbatim(const char *level)
{
    static const char *const names[] = {"as_recorded", "verbatim", "value", "recorded"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(level, names[i]) == 0)
            return true;
    return false;
}

enum { FIRST_FACTS = 6 };

/* "knows 18 facts: sex, age (1y), ... and 12 more". */
static void knows(dcr_page *p, const json_t *a)
{
    const json_t *list = dcr_view_arr(a, "knows");
    size_t n = 0, shown = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        n += dcr_view_flag(json_array_get(list, i), "present", true);
    dcr_html_open(p->h, "small", NULL);
    if (n == 0)
        dcr_html_text(p->h, "knows nothing that is in this dataset");
    for (size_t i = 0; i < json_array_size(list) && shown < FIRST_FACTS; i++) {
        const json_t *k = json_array_get(list, i);
        const char *level = dcr_view_str(k, "level");
        char words[80];
        if (!dcr_view_flag(k, "present", true))
            continue;
        if (shown++ == 0)
            dcr_html_fmt(p->h, "knows %zu fact%s: ", n, n == 1 ? "" : "s");
        else
            dcr_html_text(p->h, ", ");
        dcr_view_words(words, sizeof words, dcr_view_str(k, "concept"));
        dcr_html_text(p->h, words);
        if (level[0] != '\0' && !verbatim(level)) {
            dcr_view_words(words, sizeof words, level);
            dcr_html_fmt(p->h, " (%s)", words);
        }
    }
    if (n > shown)
        dcr_html_fmt(p->h, " and %zu more", n - shown);
    dcr_html_close(p->h, "small");
}

/* ---- one row ---- */

static void below_cell(dcr_page *p, const json_t *view)
{
    char s[DCR_NUM_MAX] = "\u2013";
    double v;
    if (dcr_page_below(p, view, &v))
        dcr_view_count(s, v);
    dcr_page_cell(p, "r", p->k > 0 ? "Below k" : NULL, s);
}

static void status_cell(dcr_page *p, const json_t *a, bool applies)
{
    dcr_html_open(p->h, "td", "st");
    if (!applies)
        dcr_html_leaf(p->h, "span", "t-muted", "no key");
    else if (is_gated(p, a))
        switch (dcr_page_adversaries_mark(p)) {
        case DCR_MARK_PASS:
            dcr_page_tag(p, DCR_MARK_PASS, "Within");
            break;
        case DCR_MARK_FAIL:
            dcr_page_tag(p, DCR_MARK_FAIL, "Above");
            break;
        default:
            dcr_page_tag(p, dcr_page_adversaries_mark(p), "Judged");
        }
    else
        dcr_html_leaf(p->h, "span", "t-muted", "reported");
    dcr_html_close(p->h, "td");
}

static void row_figures(dcr_page *p, const json_t *a, const dcr_svg_scale *scale)
{
    const json_t *v = dcr_page_view(a);
    const json_t *pr = dcr_view_obj(v, "prosecutor");
    double k = 0, average = 0;
    bool gated = is_gated(p, a);
    dcr_view_num(v, "k_min", &k);
    dcr_view_num(pr, "average", &average);
    dcr_html_open(p->h, "td", "sc");
    dcr_svg_scale_row(p->h, scale, k >= 1 ? 1 / k : 0, average, gated);
    dcr_html_close(p->h, "td");
    dcr_page_cell_count(p, v, "k_min", "Smallest class");
    dcr_page_cell_count(p, v, "unique_subjects", "Unique");
    dcr_page_cell_risk(p, pr, "average", "Average risk");
    below_cell(p, v);
}

static void row_note(dcr_page *p, const json_t *a)
{
    const json_t *v = dcr_page_view(a);
    const char *note = dcr_view_str(v, "note");
    if (note[0] == '\0' && v != NULL && dcr_view_flag(v, "applies", true))
        note = "The figures are not told.";
    else if (note[0] == '\0' && strcmp(dcr_view_str(a, "target"), "linkage") == 0)
        note = "Judged by the links the data offers, not by class sizes.";
    else if (note[0] == '\0')
        note = v == NULL ? "No figures in the report."
                         : "Nothing this adversary knows is in the dataset: all patients "
                           "look alike to them.";
    dcr_html_open(p->h, "td", "sc none");
    dcr_html_attr(p->h, "colspan", "5");
    dcr_page_say(p, note, 300);
    dcr_html_close(p->h, "td");
}

static void adversary_row(dcr_page *p, const json_t *a, const dcr_svg_scale *scale)
{
    const char *title = dcr_view_str(a, "title"), *id = dcr_view_str(a, "id");
    bool applies = judged(p, a), gated = is_gated(p, a);
    dcr_html_open(p->h, "tr", gated ? "gated" : NULL);
    dcr_html_open(p->h, "th", NULL);
    dcr_html_attr(p->h, "scope", "row");
    dcr_html_open(p->h, "b", NULL);
    dcr_page_say(p, title[0] != '\0' ? title : id, 160);
    dcr_html_close(p->h, "b");
    if (gated)
        dcr_html_leaf(p->h, "small", "gatedby", "The policy judges by this adversary");
    knows(p, a);
    if (applies) {
        dcr_html_open(p->h, "small", NULL);
        dcr_page_say(p, dcr_view_str(dcr_page_view(a), "note"), 300);
        dcr_html_close(p->h, "small");
    }
    dcr_html_close(p->h, "th");
    if (applies)
        row_figures(p, a, scale);
    else
        row_note(p, a);
    status_cell(p, a, applies);
    dcr_page_row_end(p);
}

/* Decades the scale needs so that the smallest figure is on it. */
static int decades(const dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->doc, "adversaries");
    double least = p->k > 0 ? 1 / p->k : 1e-3;
    for (size_t i = 0; i < json_array_size(all) && i < MAX_ADVERSARIES; i++) {
        const json_t *v = dcr_page_view(json_array_get(all, i));
        double k, average;
        if (dcr_view_num(v, "k_min", &k) && k >= 1)
            least = fmin(least, 1 / k);
        if (dcr_view_num(dcr_view_obj(v, "prosecutor"), "average", &average) &&
            average > 0)
            least = fmin(least, average);
    }
    int d = (int)ceil(-log10(least) - 1e-9);
    return d < 3 ? 3 : d > 6 ? 6 : d;
}

static void scale_head(dcr_page *p, const dcr_svg_scale *scale)
{
    static const char *const right[] = {"Smallest class", "Unique", "Average risk"};
    char k[DCR_NUM_MAX];
    dcr_html *h = p->h;
    dcr_html_open(h, "thead", NULL);
    dcr_html_open(h, "tr", NULL);
    dcr_html_open(h, "th", NULL);
    dcr_html_attr(h, "scope", "col");
    dcr_html_text(h, "Adversary");
    dcr_html_close(h, "th");
    dcr_html_open(h, "th", "sc");
    dcr_html_attr(h, "scope", "col");
    dcr_html_leaf(h, "span", "vh", "Risk on a logarithmic scale");
    dcr_svg_scale_head(h, scale);
    dcr_html_close(h, "th");
    for (size_t i = 0; i < 4; i++) {
        dcr_html_open(h, "th", "r");
        dcr_html_attr(h, "scope", "col");
        if (p->k > 0)
            dcr_view_count(k, p->k);
        if (i < 3)
            dcr_html_text(h, right[i]);
        else
            dcr_html_fmt(h, "Below k%s%s", p->k > 0 ? " = " : "", p->k > 0 ? k : "");
        dcr_html_close(h, "th");
    }
    dcr_html_open(h, "th", NULL);
    dcr_html_attr(h, "scope", "col");
    dcr_html_text(h, "Gate");
    dcr_html_close(h, "th");
    dcr_html_close(h, "tr");
    dcr_html_close(h, "thead");
}

/* ---- all figures ---- */

static void share_cell(dcr_page *p, const json_t *shares, const char *key)
{
    char s[DCR_NUM_MAX] = "\u2013";
    double v;
    if (dcr_view_num(shares, key, &v))
        dcr_view_percent(s, v);
    dcr_page_cell(p, "r", NULL, s);
}

static void view_row(dcr_page *p, const json_t *a, const json_t *v)
{
    const json_t *pr = dcr_view_obj(v, "prosecutor");
    const json_t *above = dcr_view_obj(pr, "share_above");
    char head[160], view[40];
    dcr_view_words(view, sizeof view, dcr_view_str(v, "view"));
    snprintf(head, sizeof head, "%.80s, %s", dcr_view_str(a, "id"), view);
    dcr_page_row(p);
    dcr_page_head(p, head);
    dcr_page_cell_count(p, v, "subjects", NULL);
    dcr_page_cell_count(p, v, "records", NULL);
    dcr_page_cell_count(p, v, "classes", NULL);
    dcr_page_cell_count(p, v, "k_min", NULL);
    dcr_page_cell_count(p, v, "k_low_min", NULL);
    dcr_page_cell_count(p, v, "k_median", NULL);
    dcr_page_cell_count(p, v, "unique_subjects", NULL);
    dcr_page_cell_risk(p, pr, "average", NULL);
    dcr_page_cell_risk(p, pr, "random_exam", NULL);
    share_cell(p, above, "0.05");
    share_cell(p, above, "0.09");
    share_cell(p, above, "0.2");
    share_cell(p, above, "0.33");
    dcr_page_row_end(p);
}

static void all_figures(dcr_page *p, const json_t *all)
{
    static const dcr_col col[] = {
        {"Adversary, view", ""}, {"Patients", "r"},   {"Records", "r"},
        {"Classes", "r"},        {"Smallest k", "r"}, {"Lower bound", "r"},
        {"Median k", "r"},       {"Unique", "r"},     {"Average", "r"},
        {"Random exam", "r"},    {"Over 0.05", "r"},  {"Over 0.09", "r"},
        {"Over 0.2", "r"},       {"Over 0.33", "r"},
    };
    dcr_page_fold(p, "Show every figure of every view as a table", false);
    dcr_page_table(p, "plain small",
                   "All figures. Lower bound: patients without an own ID "
                   "counted as one person. Over: share of patients with a higher risk.",
                   col, sizeof col / sizeof col[0], true);
    for (size_t i = 0; i < json_array_size(all) && i < MAX_ADVERSARIES; i++) {
        const json_t *a = json_array_get(all, i), *views = dcr_view_arr(a, "views");
        for (size_t j = 0; j < json_array_size(views) && j < 8; j++)
            view_row(p, a, json_array_get(views, j));
    }
    dcr_page_table_end(p, true);
    dcr_page_fold_end(p);
}

/* ---- who knows what ---- */

enum { MAX_FACTS = 60 };

/* Facts in the order they are first named, over all adversaries. */
static size_t all_facts(const json_t *all, const json_t *out[MAX_FACTS])
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(all) && i < MAX_ADVERSARIES; i++) {
        const json_t *list = dcr_view_arr(json_array_get(all, i), "knows");
        for (size_t j = 0; j < json_array_size(list) && n < MAX_FACTS; j++) {
            const json_t *k = json_array_get(list, j);
            size_t at = 0;
            while (at < n && strcmp(dcr_view_str(out[at], "concept"),
                                    dcr_view_str(k, "concept")) != 0)
                at++;
            if (at == n)
                out[n++] = k;
        }
    }
    return n;
}

static void known_cell(dcr_page *p, const json_t *known)
{
    const char *level = dcr_view_str(known, "level");
    char words[60] = "yes";
    if (known == NULL) {
        dcr_page_cell(p, "t-muted", NULL, "\u2013");
        return;
    }
    if (!dcr_view_flag(known, "present", true)) {
        dcr_page_cell(p, "t-muted", NULL, "not in the data");
        return;
    }
    if (level[0] != '\0' && !verbatim(level))
        dcr_view_words(words, sizeof words, level);
    dcr_page_cell(p, NULL, NULL, words);
}

/* Facts by adversaries: how exactly each is known. */
static void who_knows(dcr_page *p, const json_t *all)
{
    dcr_col col[MAX_ADVERSARIES + 1] = {{"Fact", ""}};
    char title[MAX_ADVERSARIES][60];
    const json_t *fact[MAX_FACTS];
    size_t n = all_facts(all, fact), who = json_array_size(all);
    who = who < MAX_ADVERSARIES ? who : MAX_ADVERSARIES;
    for (size_t i = 0; i < who; i++) {
        const char *id = dcr_view_str(json_array_get(all, i), "id");
        snprintf(title[i], sizeof title[i], "%.55s", id);
        col[i + 1] = (dcr_col){title[i], ""};
    }
    dcr_page_fold(p, "Show who knows what, and how exactly", true);
    dcr_page_table(p, "plain small",
                   "What each adversary knows of a patient, and how exactly; yes: as "
                   "recorded",
                   col, who + 1, true);
    for (size_t j = 0; j < n; j++) {
        char name[120];
        dcr_page_concept(name, sizeof name, fact[j]);
        dcr_page_row(p);
        dcr_page_head(p, name);
        for (size_t i = 0; i < who; i++)
            known_cell(p, dcr_view_find(dcr_view_arr(json_array_get(all, i), "knows"),
                                        "concept", dcr_view_str(fact[j], "concept")));
        dcr_page_row_end(p);
    }
    dcr_page_table_end(p, true);
    dcr_page_fold_end(p);
}

static void legend(dcr_page *p)
{
    static const struct {
        const char *cls, *d, *text;
    } marks[] = {
        {"ptf", "M8 1 15 8 8 15 1 8z", "highest risk, above the limit"},
        {"ptp", "M8 1 15 8 8 15 1 8z", "highest risk, within"},
        {"ring", "M8 3A5 5 0 1 1 8 13A5 5 0 1 1 8 3z", "average over patients"},
        {"limf", "M7 1h2.5v14H7z", "limit of the policy"},
    };
    dcr_html_open(p->h, "ul", "legend");
    for (size_t i = 0; i < (p->k > 0 ? 4u : 3u); i++) {
        dcr_html_open(p->h, "li", NULL);
        dcr_html_open(p->h, "svg", "chart key");
        dcr_html_attr(p->h, "width", "16");
        dcr_html_attr(p->h, "height", "16");
        dcr_html_attr(p->h, "viewBox", "0 0 16 16");
        dcr_html_attr(p->h, "aria-hidden", "true");
        dcr_html_open(p->h, "path", marks[i].cls);
        dcr_html_attr(p->h, "d", marks[i].d);
        dcr_html_close(p->h, "path");
        dcr_html_close(p->h, "svg");
        dcr_html_text(p->h, marks[i].text);
        dcr_html_close(p->h, "li");
    }
    dcr_html_close(p->h, "ul");
}

void dcr_page_adversaries(dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->doc, "adversaries");
    dcr_svg_scale scale = {decades(p), p->k > 0 ? 1 / p->k : 0};
    dcr_page_section(
        p, "adversaries", "Risk by adversary",
        "How likely is a match to be right, for somebody who looks for one patient "
        "they know to be in here? Each row is another person with another "
        "knowledge.");
    if (json_array_size(all) == 0) {
        dcr_html_leaf(p->h, "p", NULL, "No adversary was judged.");
        dcr_page_section_end(p);
        return;
    }
    dcr_html_open(p->h, "table", "adv");
    dcr_html_leaf(
        p->h, "caption", NULL,
        "Chance that a match is right, from one in many (left) to certain (right); "
        "logarithmic. The line joins the average and the highest risk.");
    scale_head(p, &scale);
    dcr_html_open(p->h, "tbody", NULL);
    for (size_t i = 0; i < json_array_size(all) && i < MAX_ADVERSARIES; i++)
        adversary_row(p, json_array_get(all, i), &scale);
    dcr_html_close(p->h, "tbody");
    dcr_html_close(p->h, "table");
    legend(p);
    who_knows(p, all);
    all_figures(p, all);
    dcr_page_left_out(p,
                      json_array_size(all) < MAX_ADVERSARIES ? json_array_size(all)
                                                             : MAX_ADVERSARIES,
                      json_array_size(all), "adversaries");
    dcr_page_section_end(p);
}
