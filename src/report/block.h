/* A document as a list of blocks, before anybody knows whether it becomes HTML or
 * Markdown.
 *
 * Texts are copied.  A failure to get memory sticks and is asked for once, at the end. */
#ifndef DCR_BLOCK_H
#define DCR_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "html_page.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum dcr_block_kind {
    DCR_BLOCK_HEADING,   /* text; level 1 to 3 */
    DCR_BLOCK_TEXT,      /* a paragraph */
    DCR_BLOCK_NOTE,      /* a paragraph that stands back: legal basis, what is left out */
    DCR_BLOCK_FACTS,     /* pairs of cells: a term and what is said of it */
    DCR_BLOCK_TABLE,     /* n_columns cells of titles, then the rows */
    DCR_BLOCK_LIST,      /* cells, each with its mark */
    DCR_BLOCK_CHECKLIST, /* cells, each with a box to tick */
    DCR_BLOCK_ANSWER, /* text: a question; cells: paragraphs of the answer, or a blank */
    DCR_BLOCK_SIGNATURE /* text: whose; cells: pairs of a term and what is known of it */
} dcr_block_kind;

typedef enum dcr_cell_kind {
    DCR_CELL_TEXT,
    DCR_CELL_NUMBER,
    DCR_CELL_CODE,
    DCR_CELL_MARK, /* how something stands: a mark and a word */
    DCR_CELL_BLANK /* something that the controller has to fill in */
} dcr_cell_kind;

typedef struct dcr_cell {
    dcr_cell_kind kind;
    dcr_mark mark;
    const char *text;
} dcr_cell;

typedef struct dcr_block {
    dcr_block_kind kind;
    int level;
    const char *text;
    const char *id;                  /* heading, table: where links lead; NULL: nothing */
    size_t n_columns, cell, n_cells; /* cells[cell] .. */
} dcr_block;

typedef struct dcr_blocks { /* zeroed is empty and valid */
    dcr_arena arena;
    dcr_block *list;
    size_t n, cap;
    dcr_cell *cells;
    size_t n_cells, cap_cells;
    bool failed;
} dcr_blocks;

void dcr_blocks_clear(dcr_blocks *b);

/* A copy in the arena; "" when there is no memory. */
const char *dcr_blocks_keep(dcr_blocks *b, const char *s);

/* Appends a block; cells that follow are its own. */
void dcr_blocks_add(dcr_blocks *b, dcr_block_kind kind, const char *text);
void dcr_blocks_heading(dcr_blocks *b, int level, const char *id, const char *text);
/* A table of columns with these titles, n at least 1; `caption` may be "". */
void dcr_blocks_table(dcr_blocks *b, const char *caption, const char *const *titles,
                      size_t n);
void dcr_blocks_cell(dcr_blocks *b, dcr_cell_kind kind, const char *text);
void dcr_blocks_mark(dcr_blocks *b, dcr_mark mark, const char *text);

/* The columns in which every cell of the rows is a number or empty. */
bool dcr_block_is_number_column(const dcr_blocks *b, const dcr_block *t, size_t column);

/* Writes list[from] .. list[to - 1] into the page.  `blank` stands in place of an answer
 * that is not given. */
void dcr_blocks_html(const dcr_blocks *b, size_t from, size_t to, const char *blank,
                     dcr_page *p);

struct dcr_md;
void dcr_blocks_md(const dcr_blocks *b, const char *blank, struct dcr_md *m);

#ifdef __cplusplus
}
#endif
#endif
