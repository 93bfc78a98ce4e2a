/* Inside of the annex: what its parts share. */
#ifndef DCR_ANNEX_IMPL_H
#define DCR_ANNEX_IMPL_H

#include "annex.h"
#include "json_view.h"

/* Parts by their names in reports/annex/outline.json. */
#define DCR_ANNEX_PARTS(X)                                                               \
    X(cover)                                                                             \
    X(screening)                                                                         \
    X(inventory)                                                                         \
    X(roles_of_attributes)                                                               \
    X(declared)                                                                          \
    X(private_summary)                                                                   \
    X(local)                                                                             \
    X(recipients_said)                                                                   \
    X(recipients_measured)                                                               \
    X(retained)                                                                          \
    X(consent)                                                                           \
    X(minimisation)                                                                      \
    X(proposals)                                                                         \
    X(date_span)                                                                         \
    X(findable)                                                                          \
    X(claim)                                                                             \
    X(criteria)                                                                          \
    X(keys)                                                                              \
    X(keys_in_files)                                                                     \
    X(adversaries)                                                                       \
    X(histogram)                                                                         \
    X(population)                                                                        \
    X(contributions)                                                                     \
    X(subgroups)                                                                         \
    X(links)                                                                             \
    X(dates)                                                                             \
    X(linkable)                                                                          \
    X(inferable)                                                                         \
    X(membership)                                                                        \
    X(pixels)                                                                            \
    X(pixel_reviews)                                                                     \
    X(private)                                                                           \
    X(register)                                                                          \
    X(residual)                                                                          \
    X(acceptances)                                                                       \
    X(sop)                                                                               \
    X(signatures)                                                                        \
    X(review)

#define DCR_ANNEX_DECLARE(name) void dcr_annex_##name(dcr_annex *a);
DCR_ANNEX_PARTS(DCR_ANNEX_DECLARE)
#undef DCR_ANNEX_DECLARE

/* The summary in front of all sections. */
void dcr_annex_front(dcr_annex *a);

/* Shorter words for what every part does. */
#define T(key)              dcr_annex_text(a, key)
#define END                 ((const char *)NULL)
#define FILL(key, ...)      dcr_annex_fill(a, key, __VA_ARGS__, END)
#define TABLE(caption, ...) dcr_annex_table(a, caption, __VA_ARGS__, END)

void dcr_annex_say(dcr_annex *a, const char *text);  /* a paragraph */
void dcr_annex_note(dcr_annex *a, const char *text); /* one that stands back */
void dcr_annex_head(dcr_annex *a, const char *text); /* a heading inside of a section */
void dcr_annex_fact(dcr_annex *a, const char *term, const char *text);

/* Begins a table; columns by their names in columns.*, ended by NULL.  FILLed columns may
 * be given as texts: those that start with '=' are taken as they are. */
void dcr_annex_table(dcr_annex *a, const char *caption, ...);
void dcr_annex_cell(dcr_annex *a, const char *text);
void dcr_annex_code(dcr_annex *a, const char *text);
/* A count of the JSON; what is not a number is "not shown". */
void dcr_annex_count(dcr_annex *a, const json_t *o, const char *key);
void dcr_annex_number(dcr_annex *a, double v);
void dcr_annex_risk(dcr_annex *a, const json_t *o, const char *key);
void dcr_annex_mark(dcr_annex *a, dcr_mark m, const char *text);
void dcr_annex_blank(dcr_annex *a); /* or, in public, that it is left out */
/* A cell with the verdict of a row of verdict.recipients. */
void dcr_annex_verdict(dcr_annex *a, const json_t *row);
/* "12 of 2 000 are listed ...", when some are not. */
void dcr_annex_more(dcr_annex *a, size_t shown, size_t all);

/* Numbers as kept texts. */
const char *dcr_annex_num(dcr_annex *a, double v);
const char *dcr_annex_num_of(dcr_annex *a, const json_t *o, const char *key);
/* The text of a key that says that something is not in the project file: in the public
 * edition, that it is left out. */
const char *dcr_annex_or_left_out(dcr_annex *a, const char *key);
#define ABSENT(key) dcr_annex_or_left_out(a, key)
/* The day of the assessment. */
const char *dcr_annex_day(dcr_annex *a);

/* Records that an answer was asked for in the section at hand. */
void dcr_annex_asked(dcr_annex *a, const char *key, bool given);
/* The member of the project at a dotted path, NULL when there is none or it is empty. */
const json_t *dcr_annex_project(const dcr_annex *a, const char *path);
/* Cells of what a value of the project says: a paragraph each. */
void dcr_annex_answer_cells(dcr_annex *a, const json_t *value);
/* The same as one line; "" for NULL. */
const char *dcr_annex_answer_line(dcr_annex *a, const json_t *value);

/* ---- findings ---- */

typedef struct dcr_annex_rule { /* findings of one rule; they stand together */
    const json_t *first;
    const char *rule;
    size_t places, accepted;
    double subjects; /* most of one place; -1: not shown */
} dcr_annex_rule;

/* Findings by rule, in the order of the report; *n of them, kept by the annex.  Of one
 * criterion, or of those rules of a list that is in the outline; both may be NULL. */
const dcr_annex_rule *dcr_annex_rules(dcr_annex *a, const char *criterion,
                                      const json_t *rules, size_t *n);
/* Findings of rules of the list that are not accepted; *accepted may be NULL. */
size_t dcr_annex_open_findings(const dcr_annex *a, const json_t *rules, size_t *accepted);
/* A table of rules: finding, level, places, patients. */
void dcr_annex_rule_table(dcr_annex *a, const char *caption, const dcr_annex_rule *r,
                          size_t n);
/* A cell with the word of a severity. */
void dcr_annex_level(dcr_annex *a, const char *severity);
/* An adversary by id; NULL when there is none. */
const json_t *dcr_annex_adversary(const dcr_annex *a, const char *id);
/* Keyword of an attribute, with its path when that is nested, else its path. */
const char *dcr_annex_name_of(dcr_annex *a, const json_t *attribute);

#endif
