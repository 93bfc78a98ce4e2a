/* Accepted risks: what somebody signed for, until when, up to how many patients, and
 * whether that holds. Everything comes from the project file as the report keeps it. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"

enum { MAX_ROWS = 200 };

typedef enum state { IN_USE, EXPIRED, REFUSED, UNMATCHED, N_STATES } state;

static const struct {
    dcr_mark mark;
    const char *word, *means;
} states[N_STATES] = {
    [IN_USE] = {DCR_MARK_NOTE, "Accepted", "in use"},
    [EXPIRED] = {DCR_MARK_FAIL, "Expired", "its day has passed: it counts no more"},
    [REFUSED] = {DCR_MARK_FAIL, "Does not hold",
                 "above its ceiling, or the policy accepts none"},
    [UNMATCHED] = {DCR_MARK_WARN, "Matches nothing", "no finding is what it speaks of"},
};

static const json_t *list_of(const dcr_page *p)
{
    return dcr_view_arr(dcr_view_obj(p->doc, "project"), "accept");
}

/* True when the finding is accepted, by this one or by one like it: where two hold, the
 * report names the last. */
static bool accepted_by(const json_t *f, const json_t *a, const char *id)
{
    const char *by = dcr_view_str(f, "acceptance");
    double subjects, ceiling;
    dcr_view_num(a, "ceiling", &ceiling);
    return strcmp(by, id) == 0 ||
           (by[0] != '\0' && dcr_view_num(f, "subjects", &subjects) &&
            subjects <= ceiling);
}

/* The findings an acceptance speaks of; for *used of them it holds. */
static size_t spoken_of(const dcr_page *p, const json_t *a, size_t *used)
{
    const json_t *all = dcr_view_arr(p->doc, "findings");
    const char *id = dcr_view_str(a, "id"), *path = dcr_view_str(a, "path");
    const char *rule = dcr_view_str(a, "rule");
    size_t n = 0;
    *used = 0;
    id = id[0] != '\0' ? id : rule;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *f = json_array_get(all, i);
        if (strcmp(dcr_view_str(f, "rule"), rule) != 0 ||
            (path[0] != '\0' && strcmp(dcr_view_str(f, "path"), path) != 0))
            continue;
        n++;
        *used += accepted_by(f, a, id);
    }
    return n;
}

/* Days are written YYYY-MM-DD, so their order is that of their texts. */
static bool expired(const dcr_page *p, const json_t *a)
{
    const char *now = dcr_view_str(dcr_view_obj(p->doc, "run"), "time");
    const char *day = dcr_view_str(a, "expires");
    return strlen(now) >= 10 && strlen(day) == 10 && strncmp(day, now, 10) < 0;
}

static state state_of(const dcr_page *p, const json_t *a, size_t *used)
{
    const json_t *c = dcr_view_find(dcr_view_arr(p->verdict, "criteria"), "id",
                                    dcr_view_str(a, "rule"));
    size_t n = spoken_of(p, a, used);
    if (expired(p, a))
        return EXPIRED;
    if (*used > 0 || (dcr_view_str(a, "path")[0] == '\0' &&
                      strcmp(dcr_view_str(c, "result"), "accepted") == 0))
        return IN_USE;
    return n > 0 || (c != NULL && dcr_page_criterion_mark(c) >= DCR_MARK_WARN)
               ? REFUSED
               : UNMATCHED;
}

dcr_mark dcr_page_accepted_mark(const dcr_page *p)
{
    const json_t *all = list_of(p);
    dcr_mark m = DCR_MARK_NOTE;
    for (size_t i = 0; i < json_array_size(all) && i < MAX_ROWS; i++) {
        size_t used;
        dcr_mark one = states[state_of(p, json_array_get(all, i), &used)].mark;
        m = one > m ? one : m;
    }
    return m;
}

/* What the criterion or the rule is called; the rule's id where it found nothing. */
static const char *title_of(const dcr_page *p, const json_t *a)
{
    const char *rule = dcr_view_str(a, "rule");
    const json_t *o = dcr_view_find(dcr_view_arr(p->verdict, "criteria"), "id", rule);
    if (o == NULL)
        o = dcr_view_find(dcr_view_arr(p->doc, "findings"), "rule", rule);
    return o != NULL && !dcr_page_blank(dcr_view_str(o, "title"))
               ? dcr_view_str(o, "title")
               : rule;
}

static void what_cell(dcr_page *p, const json_t *a)
{
    const char *id = dcr_view_str(a, "id"), *path = dcr_view_str(a, "path");
    const char *keyword = dcr_view_str(p->keyword_of, path);
    dcr_html_open(p->h, "th", NULL);
    dcr_html_attr(p->h, "scope", "row");
    dcr_page_say(p, title_of(p, a), 160);
    dcr_html_open(p->h, "small", NULL);
    dcr_page_say(p, id, 80);
    dcr_html_text(p->h, id[0] != '\0' ? "; " : "");
    if (keyword[0] != '\0') {
        dcr_page_say(p, keyword, 80);
        dcr_html_text(p->h, " ");
    }
    dcr_page_say(p, path[0] != '\0' ? path : "the whole dataset", 160);
    dcr_html_close(p->h, "small");
    dcr_html_close(p->h, "th");
}

static void state_cell(dcr_page *p, const json_t *a)
{
    char s[DCR_NUM_MAX], said[120];
    size_t used;
    state is = state_of(p, a, &used);
    dcr_view_count(s, (double)used);
    snprintf(said, sizeof said, "%s%s%s", states[is].means,
             is == IN_USE && used > 0 ? " for findings: " : "",
             is == IN_USE && used > 0 ? s : "");
    dcr_html_open(p->h, "td", "st");
    dcr_page_tag(p, states[is].mark, states[is].word);
    dcr_html_leaf(p->h, "small", NULL, said);
    dcr_html_close(p->h, "td");
}

/* Why it is accepted: the reason, and what stands beside it in the file. */
static void reason_cell(dcr_page *p, const json_t *a)
{
    static const char *const more[][2] = {{"purpose", "Purpose: "},
                                          {"justification", "Justification: "},
                                          {"legal_basis", "Legal basis: "},
                                          {"note", "Note: "}};
    dcr_html_open(p->h, "td", NULL);
    dcr_page_say(p, dcr_view_str(a, "reason"), 600);
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        const char *s = dcr_view_str(a, more[i][0]);
        if (s[0] == '\0')
            continue;
        dcr_html_open(p->h, "small", NULL);
        dcr_html_text(p->h, more[i][1]);
        dcr_page_say(p, s, 300);
        dcr_html_close(p->h, "small");
    }
    dcr_html_close(p->h, "td");
}

static void row(dcr_page *p, const json_t *a)
{
    char ceiling[200];
    dcr_view_scalar(ceiling, sizeof ceiling, json_object_get(a, "ceiling"), "", "0");
    dcr_page_row(p);
    what_cell(p, a);
    state_cell(p, a);
    dcr_page_cell(p, NULL, "Accepted by", dcr_view_str(a, "who"));
    dcr_page_cell(p, "day", "Until", dcr_view_str(a, "expires"));
    dcr_page_cell(p, "r", "Up to patients", ceiling);
    reason_cell(p, a);
    dcr_page_row_end(p);
}

void dcr_page_accepted(dcr_page *p)
{
    static const dcr_col col[] = {{"Risk", ""},  {"State", ""},    {"By whom", ""},
                                  {"Until", ""}, {"Ceiling", "r"}, {"Why", ""}};
    const json_t *all = list_of(p);
    size_t n = json_array_size(all);
    dcr_page_section(
        p, "accepted", "Accepted risks",
        "What somebody took on, by name and for a time. It stays in sight in "
        "every report, and counts only up to its ceiling and until its day.");
    if (n == 0) {
        dcr_html_leaf(p->h, "p", NULL,
                      "Nothing is accepted: every finding counts as it stands.");
        dcr_page_section_end(p);
        return;
    }
    dcr_page_table(
        p, "plain accepted",
        "Acceptances of the project file. Ceiling: the most patients a finding "
        "may speak of.",
        col, sizeof col / sizeof col[0], true);
    size_t shown = 0;
    for (; shown < n && shown < MAX_ROWS && dcr_html_size(p->h) < DCR_PAGE_TABLES;
         shown++)
        row(p, json_array_get(all, shown));
    dcr_page_table_end(p, true);
    dcr_page_left_out(p, shown, n, "acceptances");
    dcr_page_section_end(p);
}
