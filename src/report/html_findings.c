/* Findings, worst first: what was seen, why it matters, what to do. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"
#include "plural.h"

enum { OPEN_ROWS = 8, GROUPS = 5 };

static const struct {
    const char *severity, *title;
} groups[GROUPS] = {{"critical", "Critical"},
                    {"high", "High"},
                    {"medium", "Medium"},
                    {"low", "Low"},
                    {"note", "Notes"}};

static int group_of(const json_t *finding)
{
    return 4 - dcr_view_severity(dcr_view_str(finding, "severity"));
}

dcr_mark dcr_page_findings_mark(const dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->doc, "findings");
    int worst = -1;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *s = dcr_view_str(json_array_get(all, i), "severity");
        int rank = dcr_view_severity(s);
        worst = rank > worst ? rank : worst;
    }
    if (worst < 0)
        return DCR_MARK_PASS;
    return worst >= 3 ? DCR_MARK_FAIL : worst >= 1 ? DCR_MARK_WARN : DCR_MARK_NOTE;
}

static void said(dcr_page *p, const char *before, const char *text)
{
    if (text[0] == '\0')
        return;
    dcr_html_open(p->h, "p", NULL);
    if (before[0] != '\0')
        dcr_html_leaf(p->h, "b", NULL, before);
    dcr_page_say(p, text, 1500);
    dcr_html_close(p->h, "p");
}

static void references(dcr_page *p, const json_t *f)
{
    const json_t *refs = dcr_view_arr(f, "references");
    const char *rule = dcr_view_str(f, "rule");
    dcr_html_open(p->h, "p", "refs");
    dcr_html_text(p->h, "Rule ");
    dcr_page_say(p, rule[0] != '\0' ? rule : "not named", 80);
    for (size_t i = 0; i < json_array_size(refs) && i < 8; i++) {
        const char *s = json_string_value(json_array_get(refs, i));
        dcr_html_text(p->h, "; ");
        dcr_page_say(p, s == NULL ? "" : s, 200);
    }
    dcr_html_close(p->h, "p");
}

/* ---- where a rule hit ---- */

static void accepted(dcr_page *p, const json_t *f)
{
    const json_t *a = json_object_get(f, "acceptance");
    const char *id = json_is_string(a) ? json_string_value(a) : dcr_view_str(a, "id");
    char s[120];
    if (!json_is_object(a) && !json_is_string(a))
        return;
    snprintf(s, sizeof s, "Accepted%s%.80s", id[0] != '\0' ? ": " : "", id);
    dcr_page_tag(p, DCR_MARK_NOTE, s);
}

static void hit(dcr_page *p, const json_t *f, size_t number)
{
    const char *path = dcr_view_str(f, "path"), *shape = dcr_view_str(f, "shape");
    const char *keyword = dcr_view_str(p->keyword_of, path);
    char id[32];
    snprintf(id, sizeof id, "f%zu", number);
    dcr_html_open(p->h, "tr", NULL);
    dcr_html_attr(p->h, "id", id);
    dcr_html_open(p->h, "th", NULL);
    dcr_html_attr(p->h, "scope", "row");
    if (keyword[0] != '\0') {
        dcr_page_say(p, keyword, 80);
        dcr_html_text(p->h, " ");
    }
    dcr_html_open(p->h, "span", path[0] != '\0' ? "mono" : NULL);
    dcr_page_say(p,
                 path[0] != '\0' ? path
                 : p->edited     ? "place not told"
                                 : "the whole dataset",
                 200);
    dcr_html_close(p->h, "span");
    dcr_html_text(p->h, " ");
    accepted(p, f);
    dcr_html_close(p->h, "th");
    dcr_page_cell(p, "mono", "Looks like", shape[0] != '\0' ? shape : "\u2013");
    dcr_page_cell_count(p, f, "subjects", "Patients");
    dcr_page_cell_count(p, f, "studies", "Studies");
    dcr_page_cell_count(p, f, "series", "Series");
    dcr_page_cell_count(p, f, "files", "Files");
    dcr_html_close(p->h, "tr");
}

static void hits(dcr_page *p, const json_t *all, size_t from, size_t to)
{
    static const dcr_col col[] = {{"Where", ""},    {"Looks like", ""}, {"Patients", "r"},
                                  {"Studies", "r"}, {"Series", "r"},    {"Files", "r"}};
    dcr_page_table(p, "plain hits", "Attributes the rule speaks of", col, 6, true);
    for (size_t i = from; i < to; i++) {
        p->finding_shown[i] = dcr_html_size(p->h) < DCR_PAGE_FINDINGS;
        if (p->finding_shown[i])
            hit(p, json_array_get(all, i), i);
    }
    dcr_page_table_end(p, true);
}

/* ---- one rule ---- */

static bool same_rule(const json_t *a, const json_t *b)
{
    return strcmp(dcr_view_str(a, "rule"), dcr_view_str(b, "rule")) == 0 &&
           strcmp(dcr_view_str(a, "title"), dcr_view_str(b, "title")) == 0 &&
           group_of(a) == group_of(b);
}

/* The shown findings from..to, all of one rule: said once, with the places below. */
static void rule(dcr_page *p, const json_t *all, size_t from, size_t to)
{
    const json_t *f = json_array_get(all, from);
    const char *title = dcr_view_str(f, "title"), *severity = dcr_view_str(f, "severity");
    size_t open_to = to - from > OPEN_ROWS + 2 ? from + OPEN_ROWS : to;
    dcr_html_open(p->h, "li", "fd");
    dcr_html_open(p->h, "h4", NULL);
    dcr_page_icon(p, dcr_page_severity(severity),
                  severity[0] != '\0' ? severity : "note");
    dcr_html_open(p->h, "span", NULL);
    dcr_page_say(p, title[0] != '\0' ? title : dcr_view_str(f, "rule"), 300);
    dcr_html_close(p->h, "span");
    if (to - from > 1) {
        dcr_html_open(p->h, "span", "t-muted");
        dcr_html_fmt(p->h, "%zu places", to - from);
        dcr_html_close(p->h, "span");
    }
    dcr_html_close(p->h, "h4");
    said(p, "", dcr_view_str(f, "why"));
    said(p, "Measured: ", dcr_view_str(f, "detail"));
    said(p, "Do this: ", dcr_view_str(f, "remedy"));
    references(p, f);
    hits(p, all, from, open_to);
    if (open_to < to) {
        char more[64];
        snprintf(more, sizeof more, "%zu more %s", to - open_to,
                 dcr_plural((double)(to - open_to), "places"));
        dcr_html_open(p->h, "details", "more");
        dcr_html_leaf(p->h, "summary", NULL, more);
        hits(p, all, open_to, to);
        dcr_html_close(p->h, "details");
    }
    dcr_html_close(p->h, "li");
}

/* Findings come by severity and rule; neighbours of one rule are told together. */
static size_t rules(dcr_page *p, const json_t *all, int g)
{
    size_t n = json_array_size(all), shown = 0;
    for (size_t i = 0, to; i < n; i = to) {
        const json_t *f = json_array_get(all, i);
        to = i + 1;
        if (group_of(f) != g || !p->finding_shown[i])
            continue;
        if (dcr_html_size(p->h) >=
            DCR_PAGE_FINDINGS) { /* none of the rest is linked to */
            p->finding_shown[i] = false;
            continue;
        }
        while (to < n && p->finding_shown[to] && same_rule(f, json_array_get(all, to)))
            to++;
        rule(p, all, i, to);
        for (size_t k = i; k < to; k++)
            shown += p->finding_shown[k];
    }
    return shown;
}

static void group(dcr_page *p, const json_t *all, int g, size_t n)
{
    char head[80];
    size_t shown;
    bool folded = g >= 3; /* low and notes */
    snprintf(head, sizeof head, "%s (%zu)", groups[g].title, n);
    if (folded) {
        dcr_html_open(p->h, "details", "sev");
        dcr_html_open(p->h, "summary", NULL);
    }
    dcr_html_leaf(p->h, "h3", NULL, head);
    if (folded)
        dcr_html_close(p->h, "summary");
    dcr_html_open(p->h, "ul", "fds");
    shown = rules(p, all, g);
    dcr_html_close(p->h, "ul");
    if (n > shown) {
        dcr_html_open(p->h, "p", "cap");
        dcr_html_fmt(p->h, "%zu more are in report.json.", n - shown);
        dcr_html_close(p->h, "p");
    }
    if (folded)
        dcr_html_close(p->h, "details");
}

void dcr_page_findings(dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->doc, "findings");
    size_t n[GROUPS] = {0};
    dcr_page_section(
        p, "findings", "Findings",
        "What the rules saw in the files, worst first. Values are never printed: a "
        "shape shows letters as A or a and digits as 9.");
    for (size_t i = 0; i < json_array_size(all); i++)
        n[group_of(json_array_get(all, i))]++;
    if (json_array_size(all) == 0)
        dcr_html_leaf(
            p->h, "p", NULL,
            "No rule found anything. That speaks for what the rules look at, not for "
            "what nobody looked for; see the limits below.");
    for (int g = 0; g < GROUPS; g++)
        if (n[g] > 0)
            group(p, all, g, n[g]);
    dcr_page_section_end(p);
}
