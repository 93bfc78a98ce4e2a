/* The first screen: what is judged, the verdict, four figures, the gate, the next steps.
 */
#include <stdio.h>
#include <string.h>

#include "html_page.h"
#include "svg.h"

static void fact(dcr_page *p, const char *word, const char *value)
{
    if (value[0] == '\0')
        return;
    dcr_html_open(p->h, "li", NULL);
    dcr_html_fmt(p->h, "%s ", word);
    dcr_html_open(p->h, "b", NULL);
    dcr_page_say(p, value, 80);
    dcr_html_close(p->h, "b");
    dcr_html_close(p->h, "li");
}

/* "2026-11-20T06:12:44Z" as "2026-11-20 06:12 UTC"; anything else as it is. */
static void time_words(char *out, size_t size, const char *iso)
{
    static const char form[] = "9999-99-99T99:99:99Z";
    bool fits = strlen(iso) == sizeof form - 1;
    for (size_t i = 0; fits && form[i] != '\0'; i++)
        fits = form[i] == '9' ? iso[i] >= '0' && iso[i] <= '9' : iso[i] == form[i];
    if (fits)
        snprintf(out, size, "%.10s %.5s UTC", iso, iso + 11);
    else
        snprintf(out, size, "%.60s", iso);
}

void dcr_page_header(dcr_page *p)
{
    const json_t *d = p->dataset;
    const char *title = dcr_view_str(dcr_view_obj(p->doc, "project"), "title");
    char policy[160], when[64];
    const char *version = dcr_view_str(p->policy, "version");
    snprintf(policy, sizeof policy, "%s%s%s", dcr_view_str(p->policy, "name"),
             version[0] != '\0' ? " " : "", version);
    dcr_html_open(p->h, "header", NULL);
    dcr_html_open(p->h, "h1", NULL);
    dcr_page_say(p, title[0] != '\0' ? title : "Re-identification risk of this release",
                 200);
    dcr_html_close(p->h, "h1");
    dcr_html_open(p->h, "ul", "meta");
    dcr_page_counted(p, d, "subjects", "patients");
    dcr_page_counted(p, d, "studies", "studies");
    dcr_page_counted(p, d, "series", "series");
    dcr_page_counted(p, d, "files", "files");
    fact(p, "policy", policy);
    time_words(when, sizeof when, dcr_view_str(dcr_view_obj(p->doc, "run"), "time"));
    fact(p, "assessed", when);
    dcr_html_close(p->h, "ul");
    dcr_html_close(p->h, "header");
}

/* ---- four figures ---- */

static void kpi(dcr_page *p, const char *term, dcr_mark m, const char *value,
                const char *small)
{
    dcr_html_open(p->h, "div", NULL);
    dcr_html_leaf(p->h, "dt", NULL, term);
    dcr_html_open(p->h, "dd", dcr_page_mark_class(m));
    dcr_html_text(p->h, value);
    dcr_html_leaf(p->h, "small", NULL, small);
    dcr_html_close(p->h, "dd");
    dcr_html_close(p->h, "div");
}

/* How a figure stands: by its criterion when the policy has one, else by `bad`. */
static dcr_mark judged(const json_t *criterion, bool bad)
{
    const char *r = dcr_view_str(criterion, "result");
    if (r[0] != '\0')
        return dcr_page_result(r);
    return bad ? DCR_MARK_WARN : DCR_MARK_NOTE;
}

static void limit_text(char *out, size_t size, const json_t *criterion)
{
    char s[80];
    out[0] = '\0';
    if (criterion == NULL)
        return;
    dcr_view_scalar(s, sizeof s, json_object_get(criterion, "limit"),
                    strcmp(dcr_view_str(criterion, "unit"), "share") == 0 ? "share" : "",
                    "none set");
    snprintf(out, size, "; limit %s", s);
}

static const char *const small_words[] = {"below", "small-class", "k-", NULL};
static const char *const unique_words[] = {"unique-subjects", "unique", NULL};
static const char *const direct_words[] = {"direct", NULL};

static void kpi_highest(dcr_page *p)
{
    char value[DCR_NUM_MAX] = "\u2013", small[240], limit[DCR_NUM_MAX];
    char size[DCR_NUM_MAX];
    double k_min = 0;
    bool known = dcr_view_num(p->view, "k_min", &k_min) && k_min >= 1;
    dcr_mark m = DCR_MARK_NOTE;
    snprintf(small, sizeof small, "%s", dcr_page_missing(p, "not computed"));
    if (known) {
        dcr_view_risk(value, 1 / k_min);
        dcr_view_count(size, k_min);
        snprintf(small, sizeof small, "smallest class: %s", size);
        m = p->k <= 0       ? DCR_MARK_NOTE
            : k_min >= p->k ? DCR_MARK_PASS
                            : judged(dcr_page_criterion(p, small_words), true);
    }
    if (known && p->k > 0) {
        char k[DCR_NUM_MAX];
        dcr_view_risk(limit, 1 / p->k);
        dcr_view_count(k, p->k);
        snprintf(small, sizeof small, "smallest class %s; limit %s (k = %s)", size, limit,
                 k);
    }
    kpi(p, "Highest risk for one patient", m, value, small);
}

/* A number of subjects as figure, its share and limit below. */
static void kpi_subjects(dcr_page *p, const char *term, bool known, double v,
                         const json_t *criterion)
{
    char value[DCR_NUM_MAX] = "\u2013", small[200];
    char share[DCR_NUM_MAX], all[DCR_NUM_MAX], limit[100];
    double of = p->subjects;
    dcr_view_num(p->view, "subjects", &of);
    known = known && of > 0;
    snprintf(small, sizeof small, "%s", dcr_page_missing(p, "not computed"));
    limit_text(limit, sizeof limit, criterion);
    if (known) {
        dcr_view_count(value, v);
        dcr_view_percent(share, v / of);
        dcr_view_count(all, of);
        snprintf(small, sizeof small, "%s of %s%s", share, all, limit);
    }
    kpi(p, term, known ? judged(criterion, v > 0) : DCR_MARK_NOTE, value, small);
}

/* Attributes that are direct identifiers and still hold real values. */
static double direct_identifiers(const dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->doc, "attributes");
    double n = 0, files, empty, dummy;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *a = json_array_get(all, i);
        if (strcmp(dcr_view_str(a, "role"), "direct_identifier") != 0 ||
            json_array_size(dcr_view_arr(a, "findings")) == 0)
            continue;
        dcr_view_num(a, "files", &files);
        dcr_view_num(a, "empty", &empty);
        dcr_view_num(a, "dummy", &dummy);
        n += files > empty + dummy;
    }
    return n;
}

static void kpi_direct(dcr_page *p)
{
    const json_t *c = dcr_page_criterion(p, direct_words);
    char value[DCR_NUM_MAX], small[140], limit[100];
    double n;
    if (!dcr_view_num(c, "found", &n) && p->edited) {
        kpi(p, "Direct identifiers found", DCR_MARK_NOTE, "\u2013",
            dcr_page_missing(p, ""));
        return;
    }
    if (!dcr_view_num(c, "found", &n))
        n = direct_identifiers(p);
    dcr_view_count(value, n);
    limit_text(limit, sizeof limit, c);
    snprintf(small, sizeof small, "%s%s",
             n > 0 ? "names, numbers, contacts" : "none found", limit);
    kpi(p, "Direct identifiers found", judged(c, n > 0), value, small);
}

static void kpis(dcr_page *p)
{
    char term[96] = "Patients in small classes";
    double v;
    if (p->k > 0) {
        char k[DCR_NUM_MAX];
        dcr_view_count(k, p->k);
        snprintf(term, sizeof term, "Patients in classes below %s", k);
    }
    dcr_html_open(p->h, "dl", "kpis");
    kpi_highest(p);
    bool known = dcr_view_num(p->view, "unique_subjects", &v);
    kpi_subjects(p, "Patients who are unique", known, v,
                 dcr_page_criterion(p, unique_words));
    known = dcr_page_below(p, p->view, &v);
    kpi_subjects(p, term, known, v, dcr_page_criterion(p, small_words));
    kpi_direct(p);
    dcr_html_close(p->h, "dl");
}

static const struct {
    const char *symbol, *head, *cls;
} verdicts[] = {
    [DCR_MARK_PASS] = {"pass", "The policy is met", "verdict v-pass"},
    [DCR_MARK_NOTE] = {"note", "No verdict", "verdict v-open"},
    [DCR_MARK_WARN] = {"warn", "Needs review", "verdict v-open"},
    [DCR_MARK_OPEN] = {"open", "Inconclusive: not ready for release", "verdict v-open"},
    [DCR_MARK_FAIL] = {"fail", "Do not release yet", "verdict v-fail"},
};

void dcr_page_verdict(dcr_page *p)
{
    dcr_mark m = dcr_page_verdict_mark(p);
    const char *sentence = dcr_view_str(p->verdict, "sentence");
    dcr_html_open(p->h, "section", verdicts[m].cls);
    dcr_html_attr(p->h, "id", "verdict");
    dcr_html_attr(p->h, "aria-labelledby", "h-verdict");
    dcr_html_open(p->h, "div", "vtop");
    dcr_svg_mark(p->h, verdicts[m].symbol, "big", NULL);
    dcr_html_open(p->h, "h2", NULL);
    dcr_html_attr(p->h, "id", "h-verdict");
    dcr_html_text(p->h, verdicts[m].head);
    dcr_html_close(p->h, "h2");
    dcr_html_open(p->h, "p", NULL);
    dcr_page_say(p, sentence[0] != '\0' ? sentence : "The report states no reason.",
                 2000);
    dcr_html_close(p->h, "p");
    dcr_html_close(p->h, "div");
    kpis(p);
    dcr_html_close(p->h, "section");
}

/* ---- the gate ---- */

static const char *result_word(const char *result)
{
    static const char *const words[][2] = {{"pass", "Passes"},
                                           {"fail", "Fails"},
                                           {"review", "Review"},
                                           {"accepted", "Accepted"}};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(result, words[i][0]) == 0)
            return words[i][1];
    return "Inconclusive";
}

static void criterion_row(dcr_page *p, const json_t *c)
{
    const char *title = dcr_view_str(c, "title"), *why = dcr_view_str(c, "why");
    const char *result = dcr_view_str(c, "result"), *unit = dcr_view_str(c, "unit");
    bool percent = strcmp(unit, "share") == 0 || strcmp(unit, "%") == 0;
    char s[160];
    dcr_page_row(p);
    dcr_html_open(p->h, "th", NULL);
    dcr_html_attr(p->h, "scope", "row");
    dcr_page_say(p, title[0] != '\0' ? title : dcr_view_str(c, "id"), 200);
    if (why[0] != '\0') {
        dcr_html_open(p->h, "small", NULL);
        dcr_page_say(p, why, 500);
        dcr_html_close(p->h, "small");
    }
    dcr_html_close(p->h, "th");
    dcr_view_scalar(s, sizeof s, json_object_get(c, "found"), unit,
                    p->edited ? "not told" : "not computed");
    dcr_page_cell(p, strlen(s) > 24 ? "r wrap" : "r", "Found", s);
    dcr_view_scalar(s, sizeof s, json_object_get(c, "limit"), percent ? unit : "",
                    "reported");
    dcr_page_cell(p, strlen(s) > 24 ? "r wrap" : "r", "Limit", s);
    dcr_html_open(p->h, "td", "st");
    dcr_page_tag(p, dcr_page_result(result), result_word(result));
    dcr_html_close(p->h, "td");
    dcr_page_row_end(p);
}

static void gate_table(dcr_page *p)
{
    static const dcr_col col[] = {
        {"Criterion", ""}, {"Found", "r"}, {"Limit", "r"}, {"Result", ""}};
    const json_t *all = dcr_view_arr(p->verdict, "criteria");
    const char *name = dcr_view_str(p->policy, "name");
    char caption[200];
    snprintf(caption, sizeof caption,
             "Policy %.80s %.40s. A single failed criterion fails the gate.",
             name[0] != '\0' ? name : "not named", dcr_view_str(p->policy, "version"));
    if (json_array_size(all) == 0) {
        dcr_html_leaf(p->h, "p", "lead", "The report lists no criteria.");
        return;
    }
    dcr_page_table(p, "plain gate", caption, col, 4, false);
    for (size_t i = 0; i < json_array_size(all) && i < 100; i++)
        criterion_row(p, json_array_get(all, i));
    dcr_page_table_end(p, false);
}

/* ---- next steps ---- */

/* What a change of a fact does beside its criterion. */
static void step_figures(dcr_page *p, const json_t *s)
{
    char from[DCR_NUM_MAX], to[DCR_NUM_MAX];
    double before, after;
    if (dcr_view_num(s, "k_min_before", &before) &&
        dcr_view_num(s, "k_min_after", &after) && after > before) {
        dcr_view_count(from, before);
        dcr_view_count(to, after);
        dcr_html_fmt(p->h, "; smallest class %s \u2192 %s", from, to);
    }
    if (dcr_view_num(s, "unique_before", &before) &&
        dcr_view_num(s, "unique_after", &after) && after < before &&
        json_integer_value(json_object_get(s, "after")) != (json_int_t)after) {
        dcr_view_count(from, before);
        dcr_view_count(to, after);
        dcr_html_fmt(p->h, "; unique patients %s \u2192 %s", from, to);
    }
    if (dcr_view_num(s, "bits_lost", &after)) {
        dcr_view_fixed(to, after, 2);
        dcr_html_fmt(p->h, "; %s bits of information lost", to);
    }
    if (dcr_view_flag(s, "reaches_target", false))
        dcr_html_text(p->h, "; reaches the policy\u2019s target");
}

static void step(dcr_page *p, const json_t *s)
{
    const char *id = dcr_view_str(s, "criterion"), *what = dcr_view_str(s, "what");
    const json_t *c = dcr_view_find(dcr_view_arr(p->verdict, "criteria"), "id", id);
    const char *unit = dcr_view_str(c, "unit");
    char before[160], after[160];
    dcr_view_scalar(before, sizeof before, json_object_get(s, "before"), unit, "");
    dcr_view_scalar(after, sizeof after, json_object_get(s, "after"), unit, "");
    dcr_html_open(p->h, "li", NULL);
    dcr_html_open(p->h, "b", NULL);
    dcr_page_say(p, dcr_view_str(s, what[0] != '\0' ? "what" : "change"), 300);
    dcr_html_close(p->h, "b");
    if (what[0] != '\0') {
        dcr_html_open(p->h, "small", "how");
        dcr_page_say(p, dcr_view_str(s, "how"), 1000);
        dcr_html_close(p->h, "small");
    }
    dcr_html_open(p->h, "small", NULL);
    dcr_page_say(p, c != NULL ? dcr_view_str(c, "title") : id, 200);
    if (before[0] != '\0' && after[0] != '\0')
        dcr_html_fmt(p->h, ": %s \u2192 %s", before, after);
    else if (before[0] != '\0')
        dcr_html_fmt(p->h, ": %s now", before);
    step_figures(p, s);
    dcr_html_close(p->h, "small");
    dcr_html_close(p->h, "li");
}

static void again(dcr_page *p)
{
    const char *name = dcr_view_str(p->policy, "name");
    size_t n = strlen(name);
    if (n == 0 || n > 60 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != n)
        return;
    dcr_html_leaf(p->h, "p", "then", "Then judge again:");
    dcr_html_open(p->h, "pre", NULL);
    dcr_html_fmt(p->h, "dcmrisk assess INPUT \\\n    --policy %s", name);
    dcr_html_close(p->h, "pre");
}

/* The column beside it ends after so many. */
enum { FIRST_STEPS = 5, MOST_STEPS = 12 };

static void more_steps(dcr_page *p, const json_t *all)
{
    size_t n = json_array_size(all);
    char title[40];
    snprintf(title, sizeof title, "Show %zu more", n - FIRST_STEPS);
    dcr_page_fold(p, title, true);
    dcr_html_open(p->h, "ol", "steps rest");
    for (size_t i = FIRST_STEPS; i < n && i < MOST_STEPS; i++)
        step(p, json_array_get(all, i));
    dcr_html_close(p->h, "ol");
    if (n > MOST_STEPS)
        dcr_html_leaf(p->h, "p", "lead", "All of them are in report.json.");
    dcr_page_fold_end(p);
}

static void steps(dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->doc, "steps");
    size_t n = json_array_size(all);
    if (n == 0) {
        dcr_html_leaf(
            p->h, "p", "lead",
            dcr_page_verdict_mark(p) == DCR_MARK_PASS
                ? "Nothing has to change to meet this policy."
                : "No step was worked out. Start with the criteria that are not met "
                  "and the findings behind them.");
        return;
    }
    dcr_html_open(p->h, "ol", "steps");
    for (size_t i = 0; i < n && i < FIRST_STEPS; i++)
        step(p, json_array_get(all, i));
    dcr_html_close(p->h, "ol");
    if (n > FIRST_STEPS)
        more_steps(p, all);
    again(p);
}

/* One verdict per recipient of the project file. */
static void recipients(dcr_page *p)
{
    static const dcr_col col[] = {{"Recipient", ""},
                                  {"Policy", ""},
                                  {"Adversary", ""},
                                  {"Verdict", ""},
                                  {"Unmet", "r"}};
    const json_t *all = dcr_view_arr(dcr_view_obj(p->doc, "verdict"), "recipients");
    if (json_array_size(all) == 0)
        return;
    dcr_page_table(p, "plain", "The verdict for each recipient", col, 5, true);
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *r = json_array_get(all, i);
        const char *result = dcr_view_str(r, "result");
        char n[24];
        snprintf(n, sizeof n, "%zu",
                 json_array_size(dcr_view_arr(r, "unmet")) +
                     json_array_size(dcr_view_arr(r, "undecided")));
        dcr_page_row(p);
        dcr_page_head(p, dcr_view_str(r, "name"));
        dcr_page_cell(p, NULL, NULL, dcr_view_str(r, "policy"));
        dcr_page_cell(p, NULL, NULL, dcr_view_str(r, "adversary"));
        dcr_html_open(p->h, "td", NULL);
        dcr_page_icon(p, dcr_page_result(result), NULL);
        dcr_html_text(p->h, " ");
        dcr_page_say(p, result, 40);
        dcr_html_close(p->h, "td");
        dcr_page_cell(p, "r", NULL, n);
        dcr_page_row_end(p);
    }
    dcr_page_table_end(p, true);
}

void dcr_page_gate(dcr_page *p)
{
    dcr_html_open(p->h, "div", "two");
    dcr_html_attr(p->h, "id", "gate");
    dcr_html_open(p->h, "section", NULL);
    dcr_html_attr(p->h, "aria-labelledby", "h-gate");
    dcr_html_open(p->h, "h2", NULL);
    dcr_html_attr(p->h, "id", "h-gate");
    dcr_html_text(p->h, "The gate, criterion by criterion");
    dcr_html_close(p->h, "h2");
    gate_table(p);
    recipients(p);
    dcr_html_close(p->h, "section");
    dcr_html_open(p->h, "section", NULL);
    dcr_html_attr(p->h, "aria-labelledby", "h-next");
    dcr_html_open(p->h, "h2", NULL);
    dcr_html_attr(p->h, "id", "h-next");
    dcr_html_text(p->h, "What to do next");
    dcr_html_close(p->h, "h2");
    steps(p);
    dcr_html_close(p->h, "section");
    dcr_html_close(p->h, "div");
    dcr_page_whatif(p);
}
