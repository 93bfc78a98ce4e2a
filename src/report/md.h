/* Writes Markdown in which no text can become markup.
 *
 * Reads the same in GitHub and GitLab flavour and in pandoc's.  Texts may come from
 * anywhere: they are made valid UTF-8 without anything that hides or reorders (see
 * dcr_html_clean), blanks and line ends become one blank, and nothing in them is a tag, a
 * link, a mention, a reference, a quick action, an emoji, a formula or a citation.  Where
 * a program looks for "@name", "#123" or "http://" behind Markdown's back, U+200B is put
 * inside (as "&#8203;").
 *
 * A block lasts until the next one begins; text outside of any begins a paragraph.  A
 * failure sticks: every call after it does nothing, dcr_md_end() tells. */
#ifndef DCR_MD_H
#define DCR_MD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_md dcr_md;

/* A writer to `out`, which stays the caller's.  NULL when there is no memory.  Free with
 * dcr_md_free. */
dcr_md *dcr_md_new(FILE *out);
void dcr_md_free(dcr_md *m);

/* Ends the document: lists, tables and folds must be closed.  The first failure, if any,
 * is told here. */
DCR_MUST_USE dcr_status dcr_md_end(dcr_md *m, dcr_err *err);

/* Records that the caller found no memory. */
void dcr_md_nomem(dcr_md *m);

/* Bytes of the blocks ended so far. */
size_t dcr_md_size(const dcr_md *m);

/* ---- blocks ---- */

void dcr_md_heading(dcr_md *m, int level); /* 1-6 */
void dcr_md_para(dcr_md *m);
void dcr_md_rule(dcr_md *m); /* a line across */

typedef enum dcr_md_list_kind {
    DCR_MD_BULLET,
    DCR_MD_NUMBER, /* from 1 */
} dcr_md_list_kind;

/* A list; inside of an item it is a list of that item, up to 4 deep. */
void dcr_md_list(dcr_md *m, dcr_md_list_kind kind);
void dcr_md_item(dcr_md *m);
void dcr_md_check(dcr_md *m, bool done); /* an item with a box */
void dcr_md_list_end(dcr_md *m);

typedef struct dcr_md_col {
    const char *title;
    char align;     /* 'l', 'r', 'c'; 0: left to the reader */
    unsigned width; /* share of the width, where paper needs one; 0: 10 */
} dcr_md_col;

enum { DCR_MD_COLS_MAX = 16 };

/* A table of `n` columns.  Cells that a row lacks are empty. */
void dcr_md_table(dcr_md *m, const dcr_md_col *cols, size_t n);
void dcr_md_row(dcr_md *m);
void dcr_md_cell(dcr_md *m);
void dcr_md_table_end(dcr_md *m);

/* Blocks under a line that unfolds them (<details>); on paper they simply follow. */
void dcr_md_details(dcr_md *m, const char *summary);
void dcr_md_details_end(dcr_md *m);

/* ---- text ---- */

/* NULL is nothing. */
void dcr_md_text(dcr_md *m, const char *s);
/* At most `max` characters, then an ellipsis. */
void dcr_md_cut(dcr_md *m, const char *s, size_t max);
void dcr_md_fmt(dcr_md *m, const char *fmt, ...) DCR_PRINTF(2, 3);
/* Bold, emphasis and code; set off by a blank from letters and digits beside them.  Code
 * that cannot be said as such ('`' or '|' in it), or looks like HTML, is plain text. */
void dcr_md_strong(dcr_md *m, const char *s);
void dcr_md_em(dcr_md *m, const char *s);
void dcr_md_code(dcr_md *m, const char *s);

#ifdef __cplusplus
}
#endif
#endif
