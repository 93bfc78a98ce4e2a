#include "block.h"

#include <string.h>

#include "alloc.h"

void dcr_blocks_clear(dcr_blocks *b)
{
    dcr_arena_clear(&b->arena);
    dcr_free(b->list);
    dcr_free(b->cells);
    memset(b, 0, sizeof *b);
}

const char *dcr_blocks_keep(dcr_blocks *b, const char *s)
{
    const char *kept = dcr_arena_str(&b->arena, s);
    if (kept == NULL) {
        b->failed = true;
        return "";
    }
    return kept;
}

void dcr_blocks_add(dcr_blocks *b, dcr_block_kind kind, const char *text)
{
    if (b->failed || !dcr_grow(&b->list, &b->cap, b->n + 1, sizeof *b->list)) {
        b->failed = true;
        return;
    }
    b->list[b->n++] =
        (dcr_block){.kind = kind, .text = dcr_blocks_keep(b, text), .cell = b->n_cells};
}

void dcr_blocks_heading(dcr_blocks *b, int level, const char *id, const char *text)
{
    dcr_blocks_add(b, DCR_BLOCK_HEADING, text);
    if (b->failed)
        return;
    b->list[b->n - 1].level = level;
    b->list[b->n - 1].id = id == NULL ? NULL : dcr_blocks_keep(b, id);
}

void dcr_blocks_table(dcr_blocks *b, const char *caption, const char *const *titles,
                      size_t n)
{
    dcr_blocks_add(b, DCR_BLOCK_TABLE, caption);
    if (b->failed)
        return;
    b->list[b->n - 1].n_columns = n;
    for (size_t i = 0; i < n; i++)
        dcr_blocks_cell(b, DCR_CELL_TEXT, titles[i]);
}

static dcr_cell *next_cell(dcr_blocks *b, const char *text)
{
    dcr_cell *c;
    if (b->failed || b->n == 0 ||
        !dcr_grow(&b->cells, &b->cap_cells, b->n_cells + 1, sizeof *b->cells)) {
        b->failed = true;
        return NULL;
    }
    c = &b->cells[b->n_cells++];
    *c = (dcr_cell){.text = dcr_blocks_keep(b, text)};
    b->list[b->n - 1].n_cells++;
    return c;
}

void dcr_blocks_cell(dcr_blocks *b, dcr_cell_kind kind, const char *text)
{
    dcr_cell *c = next_cell(b, text);
    if (c != NULL)
        c->kind = kind;
}

void dcr_blocks_mark(dcr_blocks *b, dcr_mark mark, const char *text)
{
    dcr_cell *c = next_cell(b, text);
    if (c == NULL)
        return;
    c->kind = DCR_CELL_MARK;
    c->mark = mark;
}

bool dcr_block_is_number_column(const dcr_blocks *b, const dcr_block *t, size_t column)
{
    bool any = false;
    for (size_t i = t->n_columns + column; i < t->n_cells; i += t->n_columns) {
        const dcr_cell *c = &b->cells[t->cell + i];
        if (c->kind == DCR_CELL_BLANK ||
            (c->kind != DCR_CELL_NUMBER && c->text[0] != '\0'))
            return false;
        any |= c->kind == DCR_CELL_NUMBER;
    }
    return any;
}
