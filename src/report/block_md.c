/* Blocks as Markdown. */
#include "block.h"
#include "md.h"

typedef struct writer {
    const dcr_blocks *b;
    const char *blank;
    dcr_md *m;
} writer;

static const dcr_cell *cell(const writer *w, const dcr_block *b, size_t i)
{
    return &w->b->cells[b->cell + i];
}

/* A blank is a line of its own on paper: it must be seen, and must not look filled in. */
static void blank(const writer *w, const char *what)
{
    dcr_md_text(w->m, "________ (");
    dcr_md_em(w->m, what[0] != '\0' ? what : w->blank);
    dcr_md_text(w->m, ")");
}

static void content(const writer *w, const dcr_cell *c)
{
    switch (c->kind) {
    case DCR_CELL_MARK:
        dcr_md_strong(w->m, c->text);
        break;
    case DCR_CELL_BLANK:
        blank(w, c->text);
        break;
    case DCR_CELL_CODE:
        dcr_md_code(w->m, c->text);
        break;
    default:
        dcr_md_text(w->m, c->text);
    }
}

static void facts(const writer *w, const dcr_block *b)
{
    dcr_md_list(w->m, DCR_MD_BULLET);
    for (size_t i = 0; i + 1 < b->n_cells; i += 2) {
        dcr_md_item(w->m);
        content(w, cell(w, b, i));
        dcr_md_text(w->m, ": ");
        content(w, cell(w, b, i + 1));
    }
    dcr_md_list_end(w->m);
}

static void table(const writer *w, const dcr_block *b)
{
    dcr_md_col col[DCR_MD_COLS_MAX] = {{0}};
    size_t n = b->n_columns < DCR_MD_COLS_MAX ? b->n_columns : DCR_MD_COLS_MAX;
    if (n == 0)
        return;
    if (b->text[0] != '\0') {
        dcr_md_para(w->m);
        dcr_md_em(w->m, b->text);
    }
    for (size_t i = 0; i < n; i++) {
        bool number = dcr_block_is_number_column(w->b, b, i);
        col[i] = (dcr_md_col){.title = cell(w, b, i)->text,
                              .align = number ? 'r' : 'l',
                              .width = number   ? 6
                                       : i == 0 ? 14
                                                : 10};
    }
    dcr_md_table(w->m, col, n);
    for (size_t i = b->n_columns; i + b->n_columns <= b->n_cells; i += b->n_columns) {
        dcr_md_row(w->m);
        for (size_t k = 0; k < n; k++) {
            dcr_md_cell(w->m);
            content(w, cell(w, b, i + k));
        }
    }
    dcr_md_table_end(w->m);
}

static void list(const writer *w, const dcr_block *b)
{
    if (b->text[0] != '\0') {
        dcr_md_para(w->m);
        dcr_md_text(w->m, b->text);
    }
    dcr_md_list(w->m, DCR_MD_BULLET);
    for (size_t i = 0; i < b->n_cells; i++) {
        if (b->kind == DCR_BLOCK_CHECKLIST)
            dcr_md_check(w->m, false);
        else
            dcr_md_item(w->m);
        content(w, cell(w, b, i));
    }
    dcr_md_list_end(w->m);
}

static void answer(const writer *w, const dcr_block *b)
{
    dcr_md_para(w->m);
    dcr_md_strong(w->m, b->text);
    for (size_t i = 0; i < b->n_cells; i++) {
        dcr_md_para(w->m);
        content(w, cell(w, b, i));
    }
    if (b->n_cells > 0)
        return;
    dcr_md_para(w->m);
    blank(w, "");
}

static void signature(const writer *w, const dcr_block *b)
{
    dcr_md_para(w->m);
    dcr_md_strong(w->m, b->text);
    for (size_t i = 0; i + 1 < b->n_cells; i += 2) {
        const dcr_cell *c = cell(w, b, i + 1);
        dcr_md_para(w->m);
        dcr_md_fmt(w->m, "%s: ", cell(w, b, i)->text);
        dcr_md_text(w->m, c->kind == DCR_CELL_BLANK
                              ? "________________________________________"
                              : c->text);
    }
}

static void paragraph(const writer *w, const dcr_block *b)
{
    dcr_md_para(w->m);
    if (b->kind == DCR_BLOCK_NOTE)
        dcr_md_em(w->m, b->text);
    else
        dcr_md_text(w->m, b->text);
}

static void block(const writer *w, const dcr_block *b)
{
    switch (b->kind) {
    case DCR_BLOCK_HEADING:
        dcr_md_heading(w->m, b->level);
        dcr_md_text(w->m, b->text);
        break;
    case DCR_BLOCK_TEXT:
    case DCR_BLOCK_NOTE:
        paragraph(w, b);
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

void dcr_blocks_md(const dcr_blocks *b, const char *missing, dcr_md *m)
{
    const writer w = {b, missing, m};
    for (size_t i = 0; i < b->n; i++)
        block(&w, &b->list[i]);
}
