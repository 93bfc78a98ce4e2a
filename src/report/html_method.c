/* How the figures are made, what they take for granted, where they end. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"

typedef enum kind { WORDS, COUNT, RISK, SHARE, BELOW } kind;

/* Where a figure stands. */
typedef enum place {
    NOWHERE,
    VIEW,
    PROSECUTOR,
    JOURNALIST,
    MARKETER,
    TWO_DAYS,
    KM,
    TWO_EXAMS
} place;

/* Formulas beside the figures: those of the policy's adversary, any exam. */
static const struct {
    const char *figure, *formula;
    kind kind;
    place place;
    const char *key;
} formulas[] = {
    {"Class of a key q", "K(q) = number of distinct patients with a record of key q",
     WORDS, NOWHERE, ""},
    {"Risk of a patient s",
     "r(s) = max 1 / K(q) over the records q of s;  k(s) = 1 / r(s)", WORDS, NOWHERE, ""},
    {"Smallest class", "k_min = min k(s)", COUNT, VIEW, "k_min"},
    {"Smallest class, lower bound",
     "as k_min, patients without an own ID counted as at most one per class", COUNT, VIEW,
     "k_low_min"},
    {"Highest risk", "max r(s) = 1 / k_min", RISK, PROSECUTOR, "max"},
    {"Average risk", "(1 / n) \u03a3 r(s) over the n patients", RISK, PROSECUTOR,
     "average"},
    {"Random exam",
     "(1 / n) \u03a3 over s of the mean of 1 / K(q) over the records q of s", RISK,
     PROSECUTOR, "random_exam"},
    {"Unique patients", "number of s with k(s) = 1", COUNT, VIEW, "unique_subjects"},
    {"Patients below k", "number of s with k(s) < k of the policy", BELOW, VIEW, ""},
    {"Share above 0.09", "share of s with r(s) > 0.09", SHARE, PROSECUTOR, "share_above"},
    {"Bits of a fact", "\u2212\u03a3 p log\u2082 p over the values v, p the share of v",
     WORDS, NOWHERE, ""},
    {"Part of a fact f",
     "\u03a3 over the sets S of other facts of |S|! (m \u2212 |S| \u2212 1)! / m! \u00d7 "
     "(u(S and f) \u2212 u(S)); u: unique patients, m: number of facts (Shapley 1953)",
     WORDS, NOWHERE, ""},
    {"Unique through a fact", "unique patients with the full key \u2212 without the fact",
     WORDS, NOWHERE, ""},
    {"Enough to single out",
     "patients with a record that nobody shares on these facts, and shares on every part "
     "of them",
     WORDS, NOWHERE, ""},
    {"Two known days",
     "mean over the patients with two days or more of the share of their pairs of days "
     "that no other patient has (unicity, de Montjoye 2013)",
     SHARE, TWO_DAYS, "share"},
    {"Several exams, up to two",
     "smallest number of patients who share any two records of one of them (k\u1d50, "
     "m = 2)",
     COUNT, KM, "k_min"},
    {"Two exams and the days between",
     "number of patients whose pair of exams, dates left out but the days between kept, "
     "is nobody else\u2019s",
     COUNT, TWO_EXAMS, "unique_subjects"},
    {"Journalist risk",
     "max 1 / F(q) over the records, F(q) the people of the population "
     "table with key q",
     RISK, JOURNALIST, "max"},
    {"Marketer risk",
     "(1 / n) \u03a3 over s of the mean of 1 / F(q) over the records of s", RISK,
     MARKETER, "value"},
    {"Images to see for 1 %",
     "least n with C(N \u2212 D, n) / C(N, n) \u2264 0.05, N images, D more than 1 % of "
     "them",
     WORDS, NOWHERE, ""},
};

static const json_t *place_of(const dcr_page *p, place at)
{
    const json_t *l = dcr_view_obj(p->doc, "longitudinal");
    const json_t *all = dcr_view_arr(l, at == KM ? "km" : "unicity");
    double points;
    switch (at) {
    case VIEW:
        return p->view;
    case PROSECUTOR:
        return dcr_view_obj(p->view, "prosecutor");
    case JOURNALIST:
        return dcr_view_obj(p->view, "journalist");
    case MARKETER:
        return dcr_view_obj(p->view, "marketer");
    case TWO_EXAMS:
        return dcr_view_obj(dcr_view_obj(l, "intervals"), "two_exams");
    case TWO_DAYS:
    case KM:
        for (size_t i = 0; i < json_array_size(all); i++) {
            const json_t *o = json_array_get(all, i);
            bool day = strcmp(dcr_view_str(o, "granularity"), "day") == 0;
            if (dcr_view_num(o, at == KM ? "m" : "points", &points) && points == 2 &&
                (at == KM || day))
                return o;
        }
        return NULL;
    case NOWHERE:
        break;
    }
    return NULL;
}

static void figure_text(const dcr_page *p, size_t i, char out[DCR_NUM_MAX])
{
    const json_t *o = place_of(p, formulas[i].place);
    const char *key = formulas[i].key;
    double v;
    snprintf(out, DCR_NUM_MAX, "%s", formulas[i].kind == WORDS ? "" : "\u2013");
    switch (formulas[i].kind) {
    case COUNT:
        if (dcr_view_num(o, key, &v))
            dcr_view_count(out, v);
        break;
    case RISK:
        if (dcr_view_num(o, key, &v))
            dcr_view_risk(out, v);
        break;
    case BELOW:
        if (dcr_page_below(p, p->view, &v))
            dcr_view_count(out, v);
        break;
    case SHARE:
        if (formulas[i].place == TWO_DAYS
                ? dcr_view_num(o, key, &v)
                : dcr_view_num(dcr_view_obj(o, key), "0.09", &v))
            dcr_view_percent(out, v);
        break;
    case WORDS:
        break;
    }
}

static void formula_table(dcr_page *p)
{
    static const dcr_col col[] = {{"Figure", ""}, {"Formula", ""}, {"Here", "r"}};
    char s[DCR_NUM_MAX], caption[240];
    const char *title = dcr_view_str(p->gated, "title");
    snprintf(caption, sizeof caption,
             "Figures for: %.160s; any exam. A dash: not computed, or not shown",
             title[0] != '\0' ? title : "no adversary");
    dcr_page_table(p, "plain formulas", caption, col, 3, true);
    for (size_t i = 0; i < sizeof formulas / sizeof formulas[0]; i++) {
        figure_text(p, i, s);
        dcr_page_row(p);
        dcr_page_head(p, formulas[i].figure);
        dcr_page_cell(p, "math", NULL, formulas[i].formula);
        dcr_page_cell(p, "r", NULL, s);
        dcr_page_row_end(p);
    }
    dcr_page_table_end(p, true);
    dcr_html_leaf(
        p->h, "p", "cap",
        "A key is the set of facts the adversary knows, as one exam shows them. A "
        "missing value, an empty one and a dummy are one and the same in a key. "
        "Patients are counted, never files or exams.");
}

static void list(dcr_page *p, const char *title, const json_t *all, const char *none)
{
    size_t n = json_array_size(all);
    dcr_html_leaf(p->h, "h3", NULL, title);
    if (n == 0) {
        dcr_html_leaf(p->h, "p", NULL, none);
        return;
    }
    dcr_html_open(p->h, "ul", "plainlist");
    size_t shown = 0;
    for (; shown < n && shown < 100 && dcr_html_size(p->h) < DCR_PAGE_MOST; shown++) {
        const char *s = json_string_value(json_array_get(all, shown));
        dcr_html_open(p->h, "li", NULL);
        dcr_page_say(p, s == NULL ? "?" : s, 1500);
        dcr_html_close(p->h, "li");
    }
    dcr_html_close(p->h, "ul");
    dcr_page_left_out(p, shown, n, "sentences");
}

static void pair(dcr_page *p, const char *term, const char *a, const char *b,
                 const char *c)
{
    if (a[0] == '\0' && b[0] == '\0' && c[0] == '\0')
        return;
    dcr_html_leaf(p->h, "dt", NULL, term);
    dcr_html_open(p->h, "dd", NULL);
    dcr_page_say(p, a, 300);
    dcr_html_text(p->h, b[0] != '\0' ? " " : "");
    dcr_page_say(p, b, 300);
    dcr_html_text(p->h, c[0] != '\0' ? ", " : "");
    dcr_page_say(p, c, 300);
    dcr_html_close(p->h, "dd");
}

/* "name value, name value": libraries, options, readers. */
static void members(dcr_page *p, const char *term, const json_t *o)
{
    const char *key;
    json_t *v;
    size_t n = 0;
    if (json_object_size(o) == 0)
        return;
    dcr_html_leaf(p->h, "dt", NULL, term);
    dcr_html_open(p->h, "dd", NULL);
    /* jansson takes no const here, and changes nothing. */
    void *it = json_object_iter((json_t *)(uintptr_t)o);
    for (; it != NULL && n < 60; it = json_object_iter_next((json_t *)(uintptr_t)o, it)) {
        char s[200];
        key = json_object_iter_key(it);
        v = json_object_iter_value(it);
        dcr_view_scalar(s, sizeof s, v, "", "none");
        if (json_is_object(v) || json_is_array(v))
            snprintf(s, sizeof s, "(%zu)",
                     json_is_array(v) ? json_array_size(v) : json_object_size(v));
        dcr_html_text(p->h, n++ > 0 ? ", " : "");
        dcr_page_say(p, key, 80);
        dcr_html_text(p->h, " ");
        dcr_page_say(p, s, 160);
    }
    dcr_html_close(p->h, "dd");
}

static void origin(dcr_page *p)
{
    const json_t *tool = dcr_view_obj(p->doc, "tool"),
                 *rules = dcr_view_obj(tool, "rules");
    const json_t *run = dcr_view_obj(p->doc, "run");
    if (rules == NULL)
        rules = dcr_view_obj(p->doc, "rules");
    dcr_html_leaf(p->h, "h3", NULL, "Made with");
    dcr_html_open(p->h, "dl", "kv");
    pair(p, "Tool", dcr_view_str(tool, "name"), dcr_view_str(tool, "version"), "");
    members(p, "Libraries", dcr_view_obj(tool, "libraries"));
    pair(p, "Rules", dcr_view_str(rules, "edition"), "", dcr_view_str(rules, "digest"));
    pair(p, "Policy", dcr_view_str(p->policy, "name"), dcr_view_str(p->policy, "version"),
         dcr_view_str(p->policy, "digest"));
    pair(p, "Time", dcr_view_str(run, "time"), "", "");
    members(p, "Options", dcr_view_obj(run, "options"));
    members(p, "Readers", dcr_view_obj(dcr_view_obj(p->doc, "coverage"), "readers"));
    pair(p, "Schema", dcr_view_str(p->doc, "schema"), "", "");
    dcr_html_close(p->h, "dl");
}

/* The tables and policies; rules are in the report's JSON, one by one. */
static void rule_files(dcr_page *p)
{
    static const dcr_col col[] = {{"File", ""}, {"Edition", ""}, {"Digest", ""}};
    const json_t *all =
        dcr_view_arr(dcr_view_obj(dcr_view_obj(p->doc, "tool"), "rules"), "files");
    size_t n = json_array_size(all), rows = 0;
    for (size_t i = 0; i < n && rows < 60 && dcr_html_size(p->h) < DCR_PAGE_MOST; i++) {
        const json_t *f = json_array_get(all, i);
        const char *name = dcr_view_str(f, "name");
        if (strncmp(name, "checks/", 7) == 0)
            continue;
        if (rows++ == 0)
            dcr_page_table(p, "plain", "Rule files", col, 3, true);
        dcr_page_row(p);
        dcr_page_head(p, name);
        dcr_page_cell(p, NULL, NULL, dcr_view_str(f, "edition"));
        dcr_page_cell(p, NULL, NULL, dcr_view_str(f, "digest"));
        dcr_page_row_end(p);
    }
    if (rows > 0)
        dcr_page_table_end(p, true);
}

void dcr_page_method(dcr_page *p)
{
    dcr_page_section(
        p, "method", "Method, assumptions and limits",
        "What was measured, and how. Whether the data is anonymous in law is for "
        "the controller to conclude; no figure here says it.");
    formula_table(p);
    list(p, "Assumptions", dcr_view_arr(p->doc, "assumptions"),
         "The report states no assumptions.");
    list(p, "Limits", dcr_view_arr(p->doc, "limits"), "The report states no limits.");
    origin(p);
    rule_files(p);
    dcr_page_section_end(p);
}
