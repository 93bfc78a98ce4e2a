/* Findings, worst first: what was seen, why it matters, what to do. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"

enum { PER_GROUP = 200, GROUPS = 5 };

static const struct {
    const char *severity, *title;
} groups[GROUPS] = {{"critical", "Critical"},
                    {"high", "High"},
                    {"medium", "Medium"},
                    {"low", "Low"},
                    {"note", "Notes"}};

static int group_of(const json_t *finding)
{
    return 4 - dcr_page_severity_rank(dcr_view_str(finding, "severity"));
}

dcr_mark dcr_page_findings_mark(const dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->doc, "findings");
    int worst = -1;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *s = dcr_view_str(json_array_get(all, i), "severity");
        int rank = dcr_page_severity_rank(s);
        worst = rank > worst ? rank : worst;
    }
    if (worst < 0)
        return DCR_MARK_PASS;
    return worst >= 3 ? DCR_MARK_FAIL : worst >= 1 ? DCR_MARK_WARN : DCR_MARK_NOTE;
}

/* "12 patients, 14 studies, 20 series, 300 files" */
static void extent(dcr_page *p, const json_t *f)
{
    static const char *const keys[][3] = {{"subjects", "patient", "patients"},
                                          {"studies", "study", "studies"},
                                          {"series", "series", "series"},
                                          {"files", "file", "files"}};
    size_t n = 0;
    dcr_html_open(p->h, "p", "extent");
    for (size_t i = 0; i < 4; i++) {
        char s[DCR_NUM_MAX];
        double v;
        if (!dcr_view_num(f, keys[i][0], &v))
            continue;
        dcr_view_count(s, v);
        dcr_html_fmt(p->h, "%s%s %s", n++ == 0 ? "" : ", ", s, keys[i][v == 1 ? 1 : 2]);
    }
    const char *shape = dcr_view_str(f, "shape");
    if (shape[0] != '\0') {
        dcr_html_text(p->h, n > 0 ? "; looks like " : "looks like ");
        dcr_html_open(p->h, "code", NULL);
        dcr_page_say(p, shape, 80);
        dcr_html_close(p->h, "code");
    }
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

static void finding(dcr_page *p, const json_t *f, size_t number)
{
    const char *title = dcr_view_str(f, "title"), *path = dcr_view_str(f, "path");
    const char *severity = dcr_view_str(f, "severity");
    char id[32];
    snprintf(id, sizeof id, "f%zu", number);
    dcr_html_open(p->h, "li", "fd");
    dcr_html_attr(p->h, "id", id);
    dcr_html_open(p->h, "h4", NULL);
    dcr_page_icon(p, dcr_page_severity(severity), severity[0] != '\0' ? severity : "note");
    dcr_html_open(p->h, "span", NULL);
    dcr_page_say(p, title[0] != '\0' ? title : dcr_view_str(f, "rule"), 300);
    dcr_html_close(p->h, "span");
    if (path[0] != '\0') {
        dcr_html_open(p->h, "code", NULL);
        dcr_page_say(p, path, 200);
        dcr_html_close(p->h, "code");
    }
    accepted(p, f);
    dcr_html_close(p->h, "h4");
    extent(p, f);
    said(p, "", dcr_view_str(f, "why"));
    said(p, "Do this: ", dcr_view_str(f, "remedy"));
    references(p, f);
    dcr_html_close(p->h, "li");
}

static void group(dcr_page *p, const json_t *all, int g, size_t n)
{
    char head[80];
    size_t shown = 0;
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
    for (size_t i = 0; i < json_array_size(all) && shown < PER_GROUP; i++) {
        const json_t *f = json_array_get(all, i);
        if (group_of(f) == g) {
            finding(p, f, i);
            shown++;
        }
    }
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
    dcr_page_section(p, "findings", "Findings",
                     "What the rules saw in the files, worst first. Values are never printed: a "
                     "shape shows letters as A or a and digits as 9.");
    for (size_t i = 0; i < json_array_size(all); i++)
        n[group_of(json_array_get(all, i))]++;
    if (json_array_size(all) == 0)
        dcr_html_leaf(p->h, "p", NULL,
                      "No rule found anything. That speaks for what the rules look at, not for "
                      "what nobody looked for; see the limits below.");
    for (int g = 0; g < GROUPS; g++)
        if (n[g] > 0)
            group(p, all, g, n[g]);
    dcr_page_section_end(p);
}
