/* Blocks as HTML. */
#include <string.h>

#include "block.h"

typedef struct writer {
    const dcr_blocks *b;
    const char *blank;
    dcr_page *p;
    dcr_html *h;
} writer;

static void blank(const writer *w, const char *what)
{
    dcr_html_open(w->h, "span", "blank");
    dcr_html_text(w->h, what[0] != '\0' ? what : w->blank);
    dcr_html_close(w->h, "span");
}

static void content(const writer *w, const dcr_cell *c)
{
    switch (c->kind) {
    case DCR_CELL_MARK:
        dcr_page_tag(w->p, c->mark, c->text);
        break;
    case DCR_CELL_BLANK:
        blank(w, c->text);
        break;
    case DCR_CELL_CODE:
        dcr_html_leaf(w->h, "code", NULL, c->text);
        break;
    default:
        dcr_html_text(w->h, c->text);
    }
}

static const dcr_cell *cell(const writer *w, const dcr_block *b, size_t i)
{
    return &w->b->cells[b->cell + i];
}

static void heading(const writer *w, const dcr_block *b)
{
    static const char *const name[] = {"h1", "h2", "h3", "h4"};
    const char *tag = name[b->level < 1 ? 0 : b->level > 4 ? 3 : b->level - 1];
    dcr_html_open(w->h, tag, NULL);
    if (b->id != NULL)
        dcr_html_attr(w->h, "id", b->id);
    dcr_html_text(w->h, b->text);
    dcr_html_close(w->h, tag);
}

static void facts(const writer *w, const dcr_block *b)
{
    dcr_html_open(w->h, "dl", "kv");
    for (size_t i = 0; i + 1 < b->n_cells; i += 2) {
        dcr_html_open(w->h, "dt", NULL);
        content(w, cell(w, b, i));
        dcr_html_close(w->h, "dt");
        dcr_html_open(w->h, "dd", NULL);
        content(w, cell(w, b, i + 1));
        dcr_html_close(w->h, "dd");
    }
    dcr_html_close(w->h, "dl");
}

static void row(const writer *w, const dcr_block *b, size_t at)
{
    dcr_page_row(w->p);
    for (size_t i = 0; i < b->n_columns; i++) {
        const dcr_cell *c = cell(w, b, at + i);
        bool number = dcr_block_is_number_column(w->b, b, i);
        dcr_html_open(w->h, i == 0 ? "th" : "td", number ? "r" : NULL);
        if (i == 0)
            dcr_html_attr(w->h, "scope", "row");
        else
            dcr_html_attr(w->h, "data-l", cell(w, b, i)->text);
        content(w, c);
        dcr_html_close(w->h, i == 0 ? "th" : "td");
    }
    dcr_page_row_end(w->p);
}

enum { COLUMNS_MAX = 12 };

static void table(const writer *w, const dcr_block *b)
{
    dcr_col col[COLUMNS_MAX];
    size_t n = b->n_columns < COLUMNS_MAX ? b->n_columns : COLUMNS_MAX;
    if (b->n_columns == 0)
        return;
    for (size_t i = 0; i < n; i++)
        col[i] = (dcr_col){cell(w, b, i)->text,
                           dcr_block_is_number_column(w->b, b, i) ? "r" : NULL};
    dcr_page_table(w->p, "plain cards", b->text, col, n, true);
    for (size_t i = b->n_columns; i + b->n_columns <= b->n_cells; i += b->n_columns)
        row(w, b, i);
    dcr_page_table_end(w->p, true);
}

static void list(const writer *w, const dcr_block *b)
{
    bool boxes = b->kind == DCR_BLOCK_CHECKLIST;
    if (b->text[0] != '\0')
        dcr_html_leaf(w->h, "p", NULL, b->text);
    dcr_html_open(w->h, "ul", boxes ? "boxes" : "plainlist");
    for (size_t i = 0; i < b->n_cells; i++) {
        dcr_html_open(w->h, "li", NULL);
        content(w, cell(w, b, i));
        dcr_html_close(w->h, "li");
    }
    dcr_html_close(w->h, "ul");
}

static void answer(const writer *w, const dcr_block *b)
{
    bool missing = b->n_cells == 0 || cell(w, b, 0)->kind == DCR_CELL_BLANK;
    dcr_html_open(w->h, "div", missing ? "qa open" : "qa");
    dcr_html_leaf(w->h, "p", "q", b->text);
    if (missing) {
        dcr_html_open(w->h, "p", "a");
        blank(w, b->n_cells > 0 ? cell(w, b, 0)->text : "");
        dcr_html_close(w->h, "p");
    }
    for (size_t i = 0; !missing && i < b->n_cells; i++)
        dcr_html_leaf(w->h, "p", "a", cell(w, b, i)->text);
    dcr_html_close(w->h, "div");
}

static void signature(const writer *w, const dcr_block *b)
{
    dcr_html_open(w->h, "div", "sign");
    dcr_html_leaf(w->h, "p", "q", b->text);
    dcr_html_open(w->h, "dl", NULL);
    for (size_t i = 0; i + 1 < b->n_cells; i += 2) {
        const dcr_cell *c = cell(w, b, i + 1);
        dcr_html_open(w->h, "div", NULL);
        dcr_html_leaf(w->h, "dt", NULL, cell(w, b, i)->text);
        dcr_html_open(w->h, "dd", c->kind == DCR_CELL_BLANK ? "line" : NULL);
        dcr_html_text(w->h, c->kind == DCR_CELL_BLANK ? "\u00a0" : c->text);
        dcr_html_close(w->h, "dd");
        dcr_html_close(w->h, "div");
    }
    dcr_html_close(w->h, "dl");
    dcr_html_close(w->h, "div");
}

static void block(const writer *w, const dcr_block *b)
{
    switch (b->kind) {
    case DCR_BLOCK_HEADING:
        heading(w, b);
        break;
    case DCR_BLOCK_TEXT:
        dcr_html_leaf(w->h, "p", NULL, b->text);
        break;
    case DCR_BLOCK_NOTE:
        dcr_html_leaf(w->h, "p", "cap", b->text);
        break;
    case DCR_BLOCK_FACTS:
        facts(w, b);
        break;
    case DCR_BLOCK_TABLE:
        table(w, b);
        break;
    case DCR_BLOCK_LIST:
    case DCR_BLOCK_CHECKLIST:
        list(w, b);
        break;
    case DCR_BLOCK_ANSWER:
        answer(w, b);
        break;
    case DCR_BLOCK_SIGNATURE:
        signature(w, b);
        break;
    }
}

void dcr_blocks_html(const dcr_blocks *b, size_t from, size_t to, const char *missing,
                     dcr_page *p)
{
    const writer w = {b, missing, p, p->h};
    for (size_t i = from; i < to && i < b->n; i++)
        block(&w, &b->list[i]);
}
