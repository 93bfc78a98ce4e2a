/* The gate criterion by criterion, the next steps, a verdict for each recipient. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"

/* ---- the gate ---- */

static const char *result_word(const json_t *criterion)
{
    const char *result = dcr_view_result(criterion);
    static const char *const words[][2] = {{"pass", "Passes"},
                                           {"fail", "Fails"},
                                           {"review", "Review"},
                                           {"accepted", "Accepted"},
                                           {"reported", "Reported"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(result, words[i][0]) == 0)
            return words[i][1];
    return "Inconclusive";
}

static void criterion_row(dcr_page *p, const json_t *c)
{
    const char *title = dcr_view_str(c, "title"), *why = dcr_view_str(c, "why");
    const char *unit = dcr_view_str(c, "unit");
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
    dcr_view_scalar(s, sizeof s, json_object_get(c, "found"), unit, DCR_NOT_TOLD);
    dcr_page_cell(p, strlen(s) > 24 ? "r wrap" : "r", "Found", s);
    dcr_view_scalar(s, sizeof s, json_object_get(c, "limit"), percent ? unit : "",
                    "none");
    dcr_page_cell(p, strlen(s) > 24 ? "r wrap" : "r", "Limit", s);
    dcr_html_open(p->h, "td", "st");
    dcr_page_tag(p, dcr_page_criterion_mark(c), result_word(c));
    dcr_html_close(p->h, "td");
    dcr_page_row_end(p);
}

static void gate_table(dcr_page *p)
{
    static const dcr_col col[] = {
        {"Criterion", ""}, {"Found", "r"}, {"Limit", "r"}, {"Result", ""}};
    static const dcr_mark order[] = {DCR_MARK_FAIL, DCR_MARK_WARN, DCR_MARK_OPEN,
                                     DCR_MARK_PASS, DCR_MARK_NOTE};
    enum { MOST_CRITERIA = 100 };
    const json_t *all = dcr_view_arr(p->verdict, "criteria");
    const char *name = dcr_view_str(p->policy, "name");
    size_t shown = 0;
    char caption[240];
    snprintf(
        caption, sizeof caption,
        "Policy %.80s %.40s; what is not met first. A single failed criterion fails the "
        "gate.",
        name[0] != '\0' ? name : "not named", dcr_view_str(p->policy, "version"));
    if (json_array_size(all) == 0) {
        dcr_html_leaf(p->h, "p", "lead", "The report lists no criteria.");
        return;
    }
    dcr_page_table(p, "plain gate", caption, col, 4, false);
    for (size_t o = 0; o < sizeof order / sizeof order[0]; o++)
        for (size_t i = 0; i < json_array_size(all); i++) {
            const json_t *c = json_array_get(all, i);
            if (dcr_page_criterion_mark(c) == order[o] && shown < MOST_CRITERIA) {
                criterion_row(p, c);
                shown++;
            }
        }
    dcr_page_table_end(p, false);
    dcr_page_left_out(p, shown, json_array_size(all), "criteria");
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

/* What to do in bold, and how.  A change of a report that says no `how` is one text: its
 * first sentence names the matter. */
static void step_words(dcr_page *p, const char *what, const char *how)
{
    const char *end = how == NULL ? strstr(what, ". ") : NULL;
    dcr_html_open(p->h, "b", NULL);
    if (end != NULL && end - what < 200)
        dcr_html_textn(p->h, what, (size_t)(end - what));
    else
        dcr_page_say(p, what, 300);
    dcr_html_close(p->h, "b");
    if (end != NULL && end - what < 200)
        how = end + 2;
    if (how == NULL || how[0] == '\0')
        return;
    dcr_html_open(p->h, "small", "how");
    dcr_page_say(p, how, 1000);
    dcr_html_close(p->h, "small");
}

static void step(dcr_page *p, const json_t *s)
{
    const char *id = dcr_view_str(s, "criterion"), *what = dcr_view_str(s, "what");
    const json_t *c = dcr_view_find(dcr_view_arr(p->verdict, "criteria"), "id", id);
    const char *unit = dcr_view_str(c, "unit");
    char before[160], after[160];
    bool share = strcmp(unit, "share") == 0 || strcmp(unit, "%") == 0;
    bool moves = json_is_number(json_object_get(s, "after"));
    dcr_view_scalar(before, sizeof before, json_object_get(s, "before"),
                    moves && !share ? "" : unit, "");
    dcr_view_scalar(after, sizeof after, json_object_get(s, "after"), unit, "");
    dcr_html_open(p->h, "li", NULL);
    step_words(p, what[0] != '\0' ? what : dcr_view_str(s, "change"),
               what[0] != '\0' ? dcr_view_str(s, "how") : NULL);
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

/* Opens a section of two that share a place in the contents. */
static void half(dcr_page *p, const char *id, const char *title)
{
    dcr_html_open(p->h, "section", NULL);
    dcr_html_attr(p->h, "aria-labelledby", id);
    dcr_html_open(p->h, "h2", NULL);
    dcr_html_attr(p->h, "id", id);
    dcr_html_text(p->h, title);
    dcr_html_close(p->h, "h2");
}

void dcr_page_gate(dcr_page *p)
{
    dcr_html_open(p->h, "div", "two");
    dcr_html_attr(p->h, "id", "gate");
    half(p, "h-gate", "The gate, criterion by criterion");
    gate_table(p);
    recipients(p);
    dcr_html_close(p->h, "section");
    half(p, "h-next", "What to do next");
    steps(p);
    dcr_html_close(p->h, "section");
    dcr_html_close(p->h, "div");
    dcr_page_whatif(p);
}
