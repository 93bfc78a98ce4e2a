/* The parts the sections of the HTML report share: what the report is about, marks,
 * tables. */
#ifndef DCR_HTML_PAGE_H
#define DCR_HTML_PAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "dcmrisk/report.h"
#include "html.h"
#include "json_view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A page of more than 5 MB is slow to open: findings and attributes end where the page
 * has so many bytes, and what follows keeps below the last. */
enum {
    DCR_PAGE_FINDINGS = 1800000,
    DCR_PAGE_ATTRIBUTES = 4300000,
    DCR_PAGE_TABLES = 4450000,
    DCR_PAGE_MOST = 4750000 /* what must not be missing: assumptions and limits */
};

/* How something stands; each has its own shape, colour and word. */
typedef enum dcr_mark {
    DCR_MARK_PASS,
    DCR_MARK_NOTE,
    DCR_MARK_WARN,
    DCR_MARK_OPEN, /* inconclusive */
    DCR_MARK_FAIL
} dcr_mark;

/* What every section looks at; all JSON is borrowed, NULL when it is not there. */
typedef struct dcr_page {
    dcr_html *h;
    const json_t *doc, *policy, *verdict, *dataset;
    const json_t *gated; /* the adversary the policy judges by */
    const json_t *view;  /* its any_exam view */
    double k;            /* the policy's k, 0 when not stated */
    double subjects;     /* of the dataset, 0 when not stated */
    json_t *finding_at;  /* owned: finding id -> its place in findings[] */
    json_t *keyword_of;  /* owned: path of an attribute -> its keyword */
    bool *finding_shown; /* owned, by place: it is in the page and may be linked to */
    bool edited;         /* the public edition: what is missing may be left out */
    size_t maps;         /* heat maps written so far */
} dcr_page;

/* Reads the above from the document.  Release with dcr_page_clear. */
DCR_MUST_USE dcr_status dcr_page_init(dcr_page *p, dcr_html *h, const json_t *doc,
                                      dcr_err *err);
void dcr_page_clear(dcr_page *p);

/* The any_exam view of an adversary, or its first; NULL when it has none. */
const json_t *dcr_page_view(const json_t *adversary);
/* The criterion of the verdict whose id holds any of the words (NULL-terminated);
 * NULL when there is none. */
const json_t *dcr_page_criterion(const dcr_page *p, const char *const *words);
dcr_mark dcr_page_result(const char *result); /* "pass", "fail", "review", ... */
/* Of a criterion of the gate: one without a limit is a note. */
dcr_mark dcr_page_criterion_mark(const json_t *criterion);
dcr_mark dcr_page_severity(const char *severity);
dcr_mark dcr_page_verdict_mark(const dcr_page *p);
/* Members of the view's below{} at the policy's k: subjects with k(s) < k. */
bool dcr_page_below(const dcr_page *p, const json_t *view, double *out);

/* ---- marks ---- */

void dcr_page_icon(dcr_page *p, dcr_mark m,
                   const char *label); /* label NULL: decoration */
void dcr_page_tag(dcr_page *p, dcr_mark m, const char *text);
const char *dcr_page_mark_class(dcr_mark m); /* "t-fail", ... */

/* ---- text ---- */

/* What stands for rows that are not in the report: `none`, but in the public edition that
 * they are not told.  For a number, that is DCR_NOT_TOLD. */
const char *dcr_page_missing(const dcr_page *p, const char *none);
/* True when there is nothing to read in it. */
bool dcr_page_blank(const char *s);

/* Text of the report, cut after `max` bytes with an ellipsis. */
void dcr_page_say(dcr_page *p, const char *s, size_t max);
/* The same with a small first letter, to go on within a sentence. */
void dcr_page_say_lower(dcr_page *p, const char *s, size_t max);
/* "12 300 patients", in bold with a word behind; nothing when the member is not a number.
 */
void dcr_page_counted(dcr_page *p, const json_t *o, const char *key, const char *word);

/* Title of a concept of an adversary, else its id as words. */
void dcr_page_concept(char *out, size_t size, const json_t *concept);

/* The id of a concept as words: "exam date", "smoker (table)"; NULL is "?". */
void dcr_page_fact_name(char *out, size_t size, const char *id);

/* ---- sections and tables ---- */

void dcr_page_section(dcr_page *p, const char *id, const char *title, const char *lead);
void dcr_page_section_end(dcr_page *p);

typedef struct dcr_col {
    const char *title;
    const char *cls; /* "" or "r" (right-aligned number) and classes of its own */
} dcr_col;

/* Opens a table up to its body.  `scroll`: it may be wider than the page and scrolls in
 * its own box.  The caption is always written; class "vh" hides it from view only. */
void dcr_page_table(dcr_page *p, const char *cls, const char *caption, const dcr_col *col,
                    size_t n, bool scroll);
void dcr_page_table_end(dcr_page *p, bool scroll);
/* "200 of 310 groups are listed; all of them are in report.json."; nothing when all are
 * shown. */
void dcr_page_left_out(dcr_page *p, size_t shown, size_t n, const char *what);
/* Opens a folded block whose summary is `title`; `printed`: open on paper, where others
 * are left out. */
void dcr_page_fold(dcr_page *p, const char *title, bool printed);
void dcr_page_fold_end(dcr_page *p);

void dcr_page_row(dcr_page *p); /* <tr> */
void dcr_page_row_end(dcr_page *p);
void dcr_page_head(dcr_page *p, const char *text); /* row header */
/* A cell; `label` names it where the table is shown as cards, NULL for none. */
void dcr_page_cell(dcr_page *p, const char *cls, const char *label, const char *text);
/* A right-aligned count; what is not a number is a dash. */
void dcr_page_cell_count(dcr_page *p, const json_t *o, const char *key,
                         const char *label);
void dcr_page_cell_risk(dcr_page *p, const json_t *o, const char *key, const char *label);
void dcr_page_fact(dcr_page *p, const char *term,
                   const char *text); /* dt and dd in a div */

/* Opens the head of a page, up to its title: character set, policy, what browsers need.
 */
void dcr_page_head_start(dcr_html *h, const char *csp);

/* Writes a file of reports/ as it is; of them, dcr_format.asset of pages. */
DCR_MUST_USE dcr_status dcr_page_write_asset(const char *name, FILE *out, dcr_err *err);
DCR_MUST_USE dcr_status dcr_page_write_css(const json_t *report, const dcr_render *how,
                                           FILE *out, dcr_err *err);
DCR_MUST_USE dcr_status dcr_page_write_js(const json_t *report, const dcr_render *how,
                                          FILE *out, dcr_err *err);

/* ---- the sections ---- */

void dcr_page_header(dcr_page *p);
void dcr_page_verdict(dcr_page *p);
void dcr_page_gate(dcr_page *p);
void dcr_page_whatif(dcr_page *p); /* behind it: nothing when nothing was tried */
void dcr_page_adversaries(dcr_page *p);
void dcr_page_classes(dcr_page *p);
bool dcr_page_has_rowcounts(const dcr_page *p);
void dcr_page_rowcounts(dcr_page *p);
bool dcr_page_has_tables(const dcr_page *p);
void dcr_page_tables(dcr_page *p);
void dcr_page_where(dcr_page *p);
void dcr_page_dates(dcr_page *p);
bool dcr_page_has_longitudinal(const dcr_page *p);
void dcr_page_longitudinal(dcr_page *p);
void dcr_page_findings(dcr_page *p);
void dcr_page_attributes(dcr_page *p);
bool dcr_page_has_deid(const dcr_page *p);
void dcr_page_deid(dcr_page *p);
void dcr_page_private(dcr_page *p);
void dcr_page_hidden(dcr_page *p); /* inside of it: carriers found from data */
bool dcr_page_has_links(const dcr_page *p);
void dcr_page_links(dcr_page *p);
void dcr_page_pixels(dcr_page *p);
void dcr_page_accepted(dcr_page *p);
void dcr_page_coverage(dcr_page *p);
void dcr_page_method(dcr_page *p);
void dcr_page_annex(dcr_page *p);

dcr_mark dcr_page_adversaries_mark(const dcr_page *p);
dcr_mark dcr_page_dates_mark(const dcr_page *p);
dcr_mark dcr_page_longitudinal_mark(const dcr_page *p);
dcr_mark dcr_page_findings_mark(const dcr_page *p);
dcr_mark dcr_page_attributes_mark(const dcr_page *p);
dcr_mark dcr_page_deid_mark(const dcr_page *p);
dcr_mark dcr_page_private_mark(const dcr_page *p);
dcr_mark dcr_page_links_mark(const dcr_page *p);
dcr_mark dcr_page_pixels_mark(const dcr_page *p);
dcr_mark dcr_page_accepted_mark(const dcr_page *p);
dcr_mark dcr_page_coverage_mark(const dcr_page *p);
dcr_mark dcr_page_note_mark(const dcr_page *p);

#ifdef __cplusplus
}
#endif
#endif
