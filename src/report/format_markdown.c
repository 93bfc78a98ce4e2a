/* A summary for people, in Markdown: a pull request's comment, the summary of a CI step.
 *
 * GitHub takes at most 1,024 kB of a step and drops all of it beyond: lists end before.
 */
#include <stdio.h>
#include <string.h>

#include "dcmrisk/report.h"
#include "json_view.h"
#include "md.h"
#include "plural.h"

enum {
    ROOM = 900000,   /* bytes, behind which no row begins: a row is under 10 kB */
    SHOWN = 20,      /* findings before the fold */
    ROWS_MAX = 1000, /* rows of any other list */
    MAX_TITLE = 200, /* characters */
    MAX_WHY = 300
};

typedef struct summary {
    dcr_md *m;
    const json_t *report;
    json_t *keywords;
} summary;

static bool room(const summary *s)
{
    return dcr_md_size(s->m) < ROOM;
}

static void more(summary *s, size_t n, const char *what)
{
    if (n == 0)
        return;
    dcr_md_para(s->m);
    dcr_md_fmt(s->m, "%zu more %s in report.json.", n, dcr_plural((double)n, what));
}

static void count(const json_t *o, const char *key, const char *unit, dcr_md *m,
                  const char **before)
{
    char n[DCR_NUM_MAX];
    double v;
    if (!dcr_view_num(o, key, &v))
        return;
    dcr_view_count(n, v);
    dcr_md_fmt(m, "%s%s %s", *before, n, dcr_plural(v, unit));
    *before = ", ";
}

/* ---- verdict and gate ---- */

static void heading(summary *s)
{
    const json_t *v = dcr_view_obj(s->report, "verdict"),
                 *d = dcr_view_obj(s->report, "dataset"),
                 *p = dcr_view_obj(s->report, "policy");
    const char *result = dcr_view_str(v, "result"), *before = "",
               *title = dcr_view_str(dcr_view_obj(s->report, "project"), "title");
    dcr_md_heading(s->m, 2);
    dcr_md_text(s->m, strcmp(result, "pass") == 0   ? "PASS"
                      : strcmp(result, "fail") == 0 ? "FAIL"
                                                    : "INCONCLUSIVE");
    dcr_md_text(s->m, ": ");
    dcr_md_cut(s->m, title[0] == '\0' ? "re-identification risk" : title, MAX_TITLE);
    dcr_md_para(s->m);
    dcr_md_cut(s->m, dcr_view_str(v, "sentence"), 2000);
    dcr_md_para(s->m);
    count(d, "subjects", "patients", s->m, &before);
    count(d, "studies", "studies", s->m, &before);
    count(d, "files", "files", s->m, &before);
    count(d, "unreadable_files", "not read to the end", s->m, &before);
    dcr_md_text(s->m, before[0] == '\0' ? "" : "; ");
    dcr_md_text(s->m, "policy ");
    dcr_md_strong(s->m, dcr_view_str(p, "name"));
    dcr_md_fmt(s->m, " %.40s, adversary %.80s.", dcr_view_str(p, "version"),
               dcr_view_str(p, "adversary"));
}

static void baseline(summary *s)
{
    const json_t *b = dcr_view_obj(s->report, "baseline");
    if (b == NULL)
        return;
    dcr_md_para(s->m);
    dcr_md_strong(s->m, "Held against a baseline:");
    dcr_md_text(s->m, " ");
    dcr_md_cut(s->m, dcr_view_str(b, "sentence"), 1000);
}

static void scalar(summary *s, const json_t *c, const char *key, const char *none)
{
    const char *unit = dcr_view_str(c, "unit");
    bool percent = strcmp(unit, "share") == 0 || strcmp(unit, "%") == 0;
    char text[160];
    dcr_view_scalar(text, sizeof text, json_object_get(c, key), percent ? unit : "",
                    none);
    dcr_md_cell(s->m);
    dcr_md_text(s->m, text);
}

static void criterion(summary *s, const json_t *c)
{
    const char *result = dcr_view_result(c);
    dcr_md_row(s->m);
    dcr_md_cell(s->m);
    if (dcr_view_red(c))
        dcr_md_strong(s->m, result[0] == '\0' ? "inconclusive" : result);
    else
        dcr_md_text(s->m, result);
    dcr_md_cell(s->m);
    dcr_md_cut(s->m, dcr_view_str(c, "title"), MAX_TITLE);
    scalar(s, c, "found", DCR_NOT_TOLD);
    scalar(s, c, "limit", "none");
    dcr_md_cell(s->m);
    dcr_md_cut(s->m, dcr_view_str(c, "why"), MAX_WHY);
}

static void gate(summary *s)
{
    static const dcr_md_col cols[] = {{"Result", 'l', 10},
                                      {"Criterion", 'l', 30},
                                      {"Found", 'r', 8},
                                      {"Limit", 'r', 8},
                                      {"Why", 'l', 30}};
    const json_t *all = dcr_view_arr(dcr_view_obj(s->report, "verdict"), "criteria");
    size_t i = 0, n = json_array_size(all);
    dcr_md_heading(s->m, 3);
    dcr_md_text(s->m, "Gate");
    dcr_md_table(s->m, cols, 5);
    for (; i < n && i < ROWS_MAX && room(s); i++)
        criterion(s, json_array_get(all, i));
    dcr_md_table_end(s->m);
    more(s, n - i, "criteria");
}

static void steps(summary *s)
{
    const json_t *all = dcr_view_arr(s->report, "steps"),
                 *criteria = dcr_view_arr(dcr_view_obj(s->report, "verdict"), "criteria");
    size_t i = 0, n = json_array_size(all);
    char before[160], after[160];
    if (n == 0)
        return;
    dcr_md_heading(s->m, 3);
    dcr_md_text(s->m, "Next steps");
    dcr_md_list(s->m, DCR_MD_NUMBER);
    for (; i < n && i < ROWS_MAX && room(s); i++) {
        const json_t *step = json_array_get(all, i);
        const char *id = dcr_view_str(step, "criterion"),
                   *title = dcr_view_str(dcr_view_find(criteria, "id", id), "title");
        dcr_view_scalar(before, sizeof before, json_object_get(step, "before"), "", "-");
        dcr_view_scalar(after, sizeof after, json_object_get(step, "after"), "", "-");
        dcr_md_item(s->m);
        dcr_md_cut(s->m, dcr_view_str(step, "change"), 600);
        dcr_md_fmt(s->m, " (%.200s: %.60s \xE2\x86\x92 %.60s)",
                   title[0] == '\0' ? id : title, before, after);
    }
    dcr_md_list_end(s->m);
    more(s, n - i, "steps");
}

/* ---- findings ---- */

static bool accepted(const json_t *finding)
{
    return dcr_view_str(finding, "acceptance")[0] != '\0';
}

static void finding(summary *s, const json_t *f)
{
    const char *path = dcr_view_str(f, "path"), *state = dcr_view_str(f, "baseline"),
               *keyword = dcr_view_str(s->keywords, path);
    char n[160];
    dcr_md_row(s->m);
    dcr_md_cell(s->m);
    dcr_md_cut(s->m, dcr_view_str(f, "severity"), 20);
    dcr_md_cell(s->m);
    dcr_md_cut(s->m, dcr_view_str(f, "title"), MAX_TITLE);
    if (state[0] != '\0')
        dcr_md_fmt(s->m, " (%.20s)", state);
    dcr_md_cell(s->m);
    if (path[0] == '\0')
        dcr_md_text(s->m, "the dataset");
    else if (strlen(path) <= MAX_TITLE)
        dcr_md_code(s->m, path);
    else
        dcr_md_cut(s->m, path, MAX_TITLE);
    if (keyword[0] != '\0')
        dcr_md_fmt(s->m, " %.100s", keyword);
    dcr_view_scalar(n, sizeof n, json_object_get(f, "subjects"), "", "-");
    dcr_md_cell(s->m);
    dcr_md_text(s->m, n);
    dcr_md_cell(s->m);
    dcr_md_cut(s->m, dcr_view_str(f, accepted(f) ? "acceptance" : "gate"), MAX_TITLE);
}

/* A table of at most `most` findings from *at on, that are accepted or not. */
static void finding_table(summary *s, size_t *at, size_t most, bool which)
{
    const dcr_md_col cols[] = {{"Severity", 'l', 10},
                               {"What", 'l', 30},
                               {"Where", 'l', 30},
                               {"Patients", 'r', 8},
                               {which ? "Accepted by" : "Counts against", 'l', 20}};
    const json_t *all = dcr_view_arr(s->report, "findings");
    dcr_md_table(s->m, cols, 5);
    for (size_t n = 0; *at < json_array_size(all) && n < most && room(s); (*at)++) {
        const json_t *f = json_array_get(all, *at);
        if (accepted(f) != which)
            continue;
        finding(s, f);
        n++;
    }
    dcr_md_table_end(s->m);
}

static size_t count_findings(const json_t *all, size_t from, bool which)
{
    size_t n = 0;
    for (size_t i = from; i < json_array_size(all); i++)
        n += accepted(json_array_get(all, i)) == which;
    return n;
}

static void folded(summary *s, size_t at, bool which, const char *what)
{
    const json_t *all = dcr_view_arr(s->report, "findings");
    size_t n = count_findings(all, at, which);
    char title[80];
    if (n == 0)
        return;
    snprintf(title, sizeof title, "%zu %s", n, what);
    dcr_md_details(s->m, title);
    finding_table(s, &at, ROWS_MAX, which);
    more(s, count_findings(all, at, which), "findings");
    dcr_md_details_end(s->m);
}

static void findings(summary *s)
{
    const json_t *all = dcr_view_arr(s->report, "findings");
    size_t at = 0;
    dcr_md_heading(s->m, 3);
    dcr_md_text(s->m, "Findings");
    if (count_findings(all, 0, false) == 0) {
        dcr_md_para(s->m);
        dcr_md_text(s->m, "None is open.");
    } else
        finding_table(s, &at, SHOWN, false);
    folded(s, at, false, "more findings");
    folded(s, 0, true, "accepted findings");
}

/* ---- coverage, and where more is ---- */

static void coverage(summary *s)
{
    static const dcr_md_col cols[] = {{"Not read, because", 'l', 60}, {"Files", 'r', 10}};
    const json_t *d = dcr_view_obj(s->report, "dataset"),
                 *all = dcr_view_arr(dcr_view_obj(s->report, "coverage"), "reasons");
    size_t i = 0, n = json_array_size(all);
    const char *before = "";
    dcr_md_heading(s->m, 3);
    dcr_md_text(s->m, "Coverage");
    dcr_md_para(s->m);
    count(d, "dicom_files", "DICOM files", s->m, &before);
    count(d, "other_files", "other files", s->m, &before);
    count(d, "unreadable_files", "files not read to the end", s->m, &before);
    dcr_md_text(s->m, before[0] == '\0' ? "Not said." : ".");
    if (n == 0)
        return;
    dcr_md_table(s->m, cols, 2);
    for (; i < n && i < ROWS_MAX && room(s); i++) {
        const json_t *r = json_array_get(all, i);
        char files[160];
        dcr_view_scalar(files, sizeof files, json_object_get(r, "files"), "", "-");
        dcr_md_row(s->m);
        dcr_md_cell(s->m);
        dcr_md_cut(s->m, dcr_view_str(r, "reason"), MAX_TITLE);
        dcr_md_cell(s->m);
        dcr_md_text(s->m, files);
    }
    dcr_md_table_end(s->m);
    more(s, n - i, "reasons");
}

static void ending(summary *s)
{
    const json_t *tool = dcr_view_obj(s->report, "tool"),
                 *policy = dcr_view_obj(s->report, "policy"),
                 *run = dcr_view_obj(s->report, "run");
    dcr_md_rule(s->m);
    dcr_md_para(s->m);
    dcr_md_text(s->m, "Who stands out and why, each attribute and each limit: ");
    dcr_md_code(s->m, "dcmrisk report report.json --format html");
    dcr_md_text(s->m, ". Whether the data are anonymous in law is for the controller to "
                      "conclude.");
    dcr_md_para(s->m);
    dcr_md_fmt(s->m, "Made by dcmrisk %.40s at %.40s with rules %.80s, policy digest ",
               dcr_view_str(tool, "version"), dcr_view_str(run, "time"),
               dcr_view_str(dcr_view_obj(tool, "rules"), "edition"));
    dcr_md_code(s->m, strlen(dcr_view_str(policy, "digest")) <= MAX_TITLE
                          ? dcr_view_str(policy, "digest")
                          : "");
    dcr_md_text(s->m, ".");
}

static dcr_status write_markdown(const json_t *report, const dcr_render *how, FILE *out,
                                 dcr_err *err)
{
    summary s = {.m = dcr_md_new(out), .report = report};
    dcr_status st;
    (void)how;
    s.keywords = dcr_view_keywords(report);
    if (s.m == NULL || s.keywords == NULL) {
        st = dcr_nomem(err);
    } else {
        heading(&s);
        baseline(&s);
        gate(&s);
        steps(&s);
        findings(&s);
        coverage(&s);
        ending(&s);
        st = dcr_md_end(s.m, err);
    }
    json_decref(s.keywords);
    dcr_md_free(s.m);
    return st;
}

const dcr_format dcr_format_markdown = {
    .id = "markdown",
    .title = "a summary for a pull request or a CI step",
    .file = {{"report.md", write_markdown}},
};
