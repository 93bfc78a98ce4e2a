#include "classes.h"

#include <string.h>

#include "alloc.h"

size_t dcr_key_columns(const dcr_model *m, const dcr_adversary *a, size_t skip,
                       const dcr_column **col)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n_knows; i++) {
        const dcr_column *c;
        if (a->knows[i].concept == skip || !m->carried[a->knows[i].concept])
            continue;
        c = dcr_model_column(m, a->knows[i].concept, a->knows[i].level);
        if (c != NULL)
            col[n++] = c;
    }
    return n;
}

enum { BLOCK = 32 };

/* Hashes of the rows from .. from + n, column by column. */
static void hash_rows(const dcr_column *const *col, size_t n_col, size_t from, size_t n,
                      uint64_t hash[BLOCK])
{
    for (size_t j = 0; j < n; j++)
        hash[j] = 0x9E3779B97F4A7C15ull;
    for (size_t i = 0; i < n_col; i++) {
        const dcr_code *code = col[i]->code + from;
        for (size_t j = 0; j < n; j++) {
            hash[j] = (hash[j] ^ code[j]) * 0xff51afd7ed558ccdull;
            hash[j] ^= hash[j] >> 32;
        }
    }
}

static bool row_equal(const dcr_column *const *col, size_t n, size_t a, size_t b)
{
    for (size_t i = 0; i < n; i++)
        if (col[i]->code[a] != col[i]->code[b])
            return false;
    return true;
}

typedef struct grouping { /* classes of rows, numbered by first row */
    const dcr_model *m;
    const dcr_column *const *col;
    size_t n_col;
    const uint32_t *number;
    uint32_t *row_class, *first; /* first[c] is the first row of class c */
    uint32_t n_classes;
    uint64_t *slot; /* upper half of the hash, class + 1; 0 free */
    size_t mask;
} grouping;

static bool left_out(const grouping *g, size_t row)
{
    return g->number != NULL && g->number[g->m->table.subject[row]] == 0;
}

static uint32_t class_of(grouping *g, size_t row, uint64_t hash)
{
    const uint64_t upper = hash & 0xFFFFFFFF00000000ull;
    size_t i = hash & g->mask;
    for (; g->slot[i] != 0; i = (i + 1) & g->mask) {
        uint32_t k = (uint32_t)g->slot[i] - 1;
        if ((g->slot[i] & 0xFFFFFFFF00000000ull) == upper &&
            row_equal(g->col, g->n_col, g->first[k], row))
            return k;
    }
    g->first[g->n_classes] = (uint32_t)row;
    g->slot[i] = upper | ++g->n_classes;
    return g->n_classes - 1;
}

/* Block by block, so that the memory behind the slots is under way when it is asked for.
 */
static dcr_status group_rows(grouping *g, dcr_err *err)
{
    size_t n = g->m->table.n_rows, n_slots = 64;
    while (n_slots < n * 2)
        n_slots *= 2;
    g->mask = n_slots - 1;
    g->slot = dcr_alloc(n_slots, sizeof *g->slot);
    if (g->slot == NULL)
        return dcr_nomem(err);
    for (size_t from = 0; from < n; from += BLOCK) {
        size_t here = n - from < BLOCK ? n - from : BLOCK;
        uint64_t hash[BLOCK];
        hash_rows(g->col, g->n_col, from, here, hash);
        for (size_t j = 0; j < here; j++)
            __builtin_prefetch(&g->slot[hash[j] & g->mask], 1);
        for (size_t j = 0; j < here; j++)
            g->row_class[from + j] =
                left_out(g, from + j) ? UINT32_MAX : class_of(g, from + j, hash[j]);
    }
    dcr_free(g->slot);
    return DCR_OK;
}

/* One column needs no hashes: its codes are few and dense. */
static dcr_status group_codes(grouping *g, dcr_err *err)
{
    const dcr_code *code = g->col[0]->code;
    uint32_t *of_code = dcr_alloc(g->col[0]->n_codes, sizeof *of_code);
    if (of_code == NULL)
        return dcr_nomem(err);
    for (size_t r = 0; r < g->m->table.n_rows; r++) {
        g->row_class[r] = UINT32_MAX;
        if (left_out(g, r))
            continue;
        if (of_code[code[r]] == 0) {
            g->first[g->n_classes] = (uint32_t)r;
            of_code[code[r]] = ++g->n_classes;
        }
        g->row_class[r] = of_code[code[r]] - 1;
    }
    dcr_free(of_code);
    return DCR_OK;
}

/* Records are distinct (subject, class) pairs; rows come sorted by subject. */
static void count_subjects(dcr_classes *c, const dcr_model *m, const uint32_t *number,
                           const uint32_t *row_class, uint32_t *last, bool *has_inferred)
{
    for (size_t r = 0; r < m->table.n_rows; r++) {
        uint32_t s = m->table.subject[r], k = row_class[r];
        if (k == UINT32_MAX || last[k] == s + 1)
            continue;
        last[k] = s + 1;
        c->record_subject[c->n_records] = number == NULL ? s : number[s] - 1;
        c->record_class[c->n_records++] = k;
        c->size[k]++;
        if (!m->subjects[s].inferred)
            c->size_low[k]++;
        else if (!has_inferred[k]) {
            has_inferred[k] = true;
            c->size_low[k]++;
        }
    }
}

dcr_status dcr_classes_build(dcr_classes *out, const dcr_model *m,
                             const dcr_column *const *col, size_t n_col,
                             const uint32_t *number, uint32_t *row_class, dcr_err *err)
{
    size_t n = m->table.n_rows;
    uint32_t *own = row_class == NULL ? dcr_alloc(n, sizeof *own) : NULL;
    uint32_t *of_row = row_class == NULL ? own : row_class;
    uint32_t *last = dcr_alloc(n, sizeof *last);
    bool *inferred = dcr_alloc(n, sizeof *inferred);
    dcr_status rc = DCR_OK;
    memset(out, 0, sizeof *out);
    out->record_subject = dcr_alloc(n, sizeof *out->record_subject);
    out->record_class = dcr_alloc(n, sizeof *out->record_class);
    out->size = dcr_alloc(n, sizeof *out->size);
    out->size_low = dcr_alloc(n, sizeof *out->size_low);
    if (of_row == NULL || last == NULL || inferred == NULL ||
        out->record_subject == NULL || out->record_class == NULL || out->size == NULL ||
        out->size_low == NULL)
        rc = dcr_nomem(err);
    if (rc == DCR_OK) { /* `last` first holds the first row of each class */
        grouping g = {.m = m,
                      .col = col,
                      .n_col = n_col,
                      .number = number,
                      .row_class = of_row,
                      .first = last};
        rc = n_col == 1 ? group_codes(&g, err) : group_rows(&g, err);
        out->n_classes = g.n_classes;
    }
    if (rc == DCR_OK) {
        out->first_row = dcr_alloc(out->n_classes, sizeof *out->first_row);
        if (out->first_row == NULL)
            rc = dcr_nomem(err);
    }
    if (rc == DCR_OK) {
        memcpy(out->first_row, last, out->n_classes * sizeof *last);
        memset(last, 0, n * sizeof *last);
        count_subjects(out, m, number, of_row, last, inferred);
    }
    dcr_free(own);
    dcr_free(last);
    dcr_free(inferred);
    if (rc != DCR_OK)
        dcr_classes_clear(out);
    return rc;
}

dcr_status dcr_classes_copy(dcr_classes *out, const dcr_classes *from, dcr_err *err)
{
    size_t n = from->n_records, k = from->n_classes;
    *out = *from;
    out->first_row = NULL;
    out->record_subject = dcr_alloc(n, sizeof *out->record_subject);
    out->record_class = dcr_alloc(n, sizeof *out->record_class);
    out->size = dcr_alloc(k, sizeof *out->size);
    out->size_low = dcr_alloc(k, sizeof *out->size_low);
    if (out->record_subject == NULL || out->record_class == NULL || out->size == NULL ||
        out->size_low == NULL) {
        dcr_classes_clear(out);
        return dcr_nomem(err);
    }
    memcpy(out->record_subject, from->record_subject, n * sizeof *out->record_subject);
    memcpy(out->record_class, from->record_class, n * sizeof *out->record_class);
    memcpy(out->size, from->size, k * sizeof *out->size);
    memcpy(out->size_low, from->size_low, k * sizeof *out->size_low);
    return DCR_OK;
}

void dcr_classes_forget_records(dcr_classes *c)
{
    dcr_free(c->record_subject);
    dcr_free(c->record_class);
    c->record_subject = c->record_class = NULL;
}

void dcr_classes_clear(dcr_classes *c)
{
    dcr_free(c->record_subject);
    dcr_free(c->record_class);
    dcr_free(c->size);
    dcr_free(c->size_low);
    dcr_free(c->first_row);
    memset(c, 0, sizeof *c);
}
