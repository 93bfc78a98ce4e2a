#include "lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

void dcr_lattice_free(dcr_lattice *l)
{
    if (l == NULL)
        return;
    for (size_t p = 0; p < l->n_columns; p++) {
        if (l->code != NULL)
            dcr_free(l->code[p]);
        if (l->prefix != NULL)
            dcr_free(l->prefix[p]);
    }
    dcr_free(l->code);
    dcr_free(l->prefix);
    dcr_free(l->n_codes);
    dcr_free(l->column);
    dcr_free(l->cell_of);
    dcr_free(l->owner);
    dcr_minimal_clear(&l->msu.minimal);
    dcr_minimal_clear(&l->keys.minimal);
    dcr_free(l->msu.count);
    dcr_free(l->keys.count);
    dcr_free(l);
}

/* ---- places ---- */

typedef struct spread { /* a column and how many different codes the cells have in it */
    uint32_t n;
    uint8_t column;
} spread;

static int by_spread(const void *a, const void *b)
{
    const spread *x = a, *y = b;
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

static dcr_status count_codes(spread *s, const uint32_t *code, const uint32_t *row,
                              uint32_t n_cells, uint32_t n_codes, dcr_err *err)
{
    bool *seen = dcr_alloc(n_codes, sizeof *seen);
    if (seen == NULL)
        return dcr_nomem(err);
    for (uint32_t i = 0; i < n_cells; i++) {
        s->n += !seen[code[row[i]]];
        seen[code[row[i]]] = true;
    }
    dcr_free(seen);
    return DCR_OK;
}

/* Columns of many values go last: leaving them out merges most cells. */
static dcr_status choose_places(dcr_lattice *l, const dcr_frame *f, const uint32_t *row,
                                dcr_err *err)
{
    spread s[DCR_FRAME_MAX_COLUMNS] = {{0}};
    dcr_status rc = DCR_OK;
    for (size_t c = 0; c < l->n_columns && rc == DCR_OK; c++) {
        s[c].column = (uint8_t)c;
        rc = count_codes(&s[c], f->code[c], row, l->n_cells, f->n_codes[c], err);
    }
    qsort(s, l->n_columns, sizeof *s, by_spread);
    for (size_t p = 0; p < l->n_columns; p++) {
        l->column[p] = s[p].column;
        l->n_codes[p] = f->n_codes[s[p].column];
    }
    return rc;
}

/* ---- cells in order ---- */

/* One pass of a radix sort: `order` of cells, stable, by the codes of their rows. */
static dcr_status sort_pass(uint32_t *order, uint32_t *other, const uint32_t *row,
                            const uint32_t *code, uint32_t n, uint32_t n_codes,
                            dcr_err *err)
{
    uint32_t *place = dcr_alloc((size_t)n_codes + 1, sizeof *place);
    if (place == NULL)
        return dcr_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        place[code[row[i]] + 1]++;
    for (uint32_t c = 0; c < n_codes; c++)
        place[c + 1] += place[c];
    for (uint32_t i = 0; i < n; i++)
        other[place[code[row[order[i]]]]++] = order[i];
    memcpy(order, other, n * sizeof *order);
    dcr_free(place);
    return DCR_OK;
}

/* Codes and prefix numbers of the cells in their order. */
static dcr_status fill_places(dcr_lattice *l, const dcr_frame *f, const uint32_t *row,
                              const uint32_t *order, dcr_err *err)
{
    for (size_t p = 0; p < l->n_columns; p++) {
        const uint32_t *from = f->code[l->column[p]];
        const uint32_t *before = p == 0 ? NULL : l->prefix[p - 1];
        uint32_t *code = dcr_alloc(l->n_cells, sizeof *code);
        uint32_t *prefix = dcr_alloc(l->n_cells, sizeof *prefix);
        l->code[p] = code;
        l->prefix[p] = prefix;
        if (code == NULL || prefix == NULL)
            return dcr_nomem(err);
        for (uint32_t i = 0; i < l->n_cells; i++) {
            code[i] = from[row[order[i]]];
            l->missing = l->missing || code[i] == 0;
            if (i > 0)
                prefix[i] =
                    prefix[i - 1] + (code[i] != code[i - 1] ||
                                     (before != NULL && before[i] != before[i - 1]));
        }
    }
    return DCR_OK;
}

/* `row` and `order` have room for a cell each. */
static dcr_status sort_cells(dcr_lattice *l, const dcr_frame *f, const dcr_groups *g,
                             uint32_t *row, uint32_t *order, uint32_t *other,
                             dcr_err *err)
{
    dcr_status rc;
    for (size_t i = l->n_rows; i-- > 0;)
        row[g->group_of[i]] = (uint32_t)i;
    for (uint32_t i = 0; i < l->n_cells; i++)
        order[i] = i;
    rc = choose_places(l, f, row, err);
    for (size_t p = l->n_columns; p-- > 0 && rc == DCR_OK;)
        rc = sort_pass(order, other, row, f->code[l->column[p]], l->n_cells,
                       l->n_codes[p], err);
    if (rc == DCR_OK)
        rc = fill_places(l, f, row, order, err);
    for (uint32_t i = 0; i < l->n_cells && rc == DCR_OK; i++) {
        bool one = (f->subject == NULL ? g->rows : g->subjects)[order[i]] == 1;
        l->owner[i] = !one                 ? DCR_LATTICE_MANY
                      : f->subject == NULL ? i
                                           : f->subject[row[order[i]]];
        other[order[i]] = i;
    }
    for (size_t i = 0; i < l->n_rows && rc == DCR_OK; i++)
        l->cell_of[i] = other[g->group_of[i]];
    return rc;
}

static dcr_status reserve(dcr_lattice *l, dcr_err *err)
{
    l->cell_of = dcr_alloc(l->n_rows, sizeof *l->cell_of);
    l->owner = dcr_alloc(l->n_cells, sizeof *l->owner);
    l->column = dcr_alloc(l->n_columns, sizeof *l->column);
    l->n_codes = dcr_alloc(l->n_columns, sizeof *l->n_codes);
    l->code = dcr_alloc(l->n_columns, sizeof *l->code);
    l->prefix = dcr_alloc(l->n_columns, sizeof *l->prefix);
    return l->cell_of == NULL || l->owner == NULL || l->column == NULL ||
                   l->n_codes == NULL || l->code == NULL || l->prefix == NULL
               ? dcr_nomem(err)
               : DCR_OK;
}

dcr_status dcr_lattice_build(dcr_lattice **out, const dcr_frame *f,
                             const dcr_groups *by_all, dcr_err *err)
{
    dcr_lattice *l = dcr_alloc(1, sizeof *l);
    uint32_t *room = dcr_alloc(3 * (size_t)by_all->n_groups, sizeof *room);
    dcr_status rc = l == NULL || room == NULL ? dcr_nomem(err) : DCR_OK;
    *out = NULL;
    if (rc == DCR_OK && (f->n_columns > DCR_FRAME_MAX_COLUMNS ||
                         by_all->n_groups > DCR_LATTICE_MAX_CELLS))
        rc = dcr_fail(err, DCR_EARG, NULL, "too many columns or different records");
    if (rc == DCR_OK) {
        l->n_rows = f->n_rows;
        l->n_columns = f->n_columns;
        l->n_cells = by_all->n_groups;
        l->rows_alone = f->subject == NULL;
        l->n_subjects = l->rows_alone ? l->n_cells : f->n_subjects;
        l->max_chunks = DCR_LATTICE_MAX_CHUNKS;
        l->max_words = DCR_LATTICE_MAX_WORDS;
        rc = reserve(l, err);
    }
    if (rc == DCR_OK)
        rc =
            sort_cells(l, f, by_all, room, room + l->n_cells, room + 2 * l->n_cells, err);
    dcr_free(room);
    if (rc == DCR_OK)
        *out = l;
    else
        dcr_lattice_free(l);
    return rc;
}

dcr_status dcr_lattice_of(dcr_tab *t, dcr_err *err)
{
    if (t->lattice != NULL)
        return DCR_OK;
    return dcr_lattice_build(&t->lattice, t->frame, &t->groups, err);
}

/* ---- minimal sets ---- */

/* The sets of up to `size` of n, saturating. */
static double n_sets(size_t n, unsigned size)
{
    double sum = 0, choose = 1;
    for (unsigned k = 1; k <= size; k++) {
        choose = choose * (double)(n - k + 1) / k;
        sum += choose;
    }
    return sum;
}

/* Looks at all sets if that ends in time and space.  A small budget is tried without
 * keeping sets, which costs more than finding them, unless it surely suffices. */
static dcr_status find_all(dcr_lattice *l, dcr_uniques *u, bool msu, uint64_t bound,
                           bool *all, dcr_err *err)
{
    const bool no_end = l->max_work == 0 && l->n_columns <= DCR_LATTICE_EXACT;
    const bool try_first =
        l->max_work != 0 && ldexp(l->n_cells, (int)l->n_columns + 1) > (double)bound;
    dcr_status rc = DCR_OK;
    *all = true;
    if (try_first)
        rc = dcr_descent_ends(l, msu, bound, all, err);
    if (rc != DCR_OK || !*all)
        return rc;
    return dcr_descent_sets(l, u, msu, (unsigned)l->n_columns,
                            no_end ? UINT64_MAX : bound, bound / 4, all, err);
}

/* All sets if that ends in time and space, otherwise those of three columns, two or one.
 * Comparing sets of lists costs some four times what looking at an item does. */
static dcr_status find(dcr_lattice *l, dcr_uniques *u, bool msu, dcr_err *err)
{
    const uint64_t bound = l->max_work != 0 ? l->max_work : DCR_LATTICE_MAX_WORK;
    unsigned size = (unsigned)l->n_columns;
    bool all = false;
    dcr_status rc = find_all(l, u, msu, bound, &all, err);
    while (rc == DCR_OK && !all && size > 0) {
        do
            size = size > 4 ? 3 : size - 1;
        while (size > 1 && n_sets(l->n_columns, size) * l->n_cells > (double)bound);
        rc = dcr_descent_sets(l, u, msu, size, UINT64_MAX,
                              size > 1 ? bound / 4 : UINT64_MAX, &all, err);
    }
    u->max_size = size;
    u->done = rc == DCR_OK;
    return rc;
}

dcr_status dcr_lattice_keys(dcr_lattice *l, const dcr_uniques **out, dcr_err *err)
{
    *out = &l->keys;
    return l->keys.done ? DCR_OK : find(l, &l->keys, false, err);
}

dcr_status dcr_lattice_msu(dcr_lattice *l, const dcr_uniques **out, dcr_err *err)
{
    if (l->rows_alone && !l->missing)
        return dcr_lattice_keys(l, out, err);
    *out = &l->msu;
    return l->msu.done ? DCR_OK : find(l, &l->msu, true, err);
}
