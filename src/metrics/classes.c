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

static uint64_t row_hash(const dcr_column *const *col, size_t n, size_t row)
{
    uint64_t h = 0x9E3779B97F4A7C15ull;
    for (size_t i = 0; i < n; i++) {
        h ^= col[i]->code[row];
        h *= 0xff51afd7ed558ccdull;
        h ^= h >> 32;
    }
    return h;
}

static bool row_equal(const dcr_column *const *col, size_t n, size_t a, size_t b)
{
    for (size_t i = 0; i < n; i++)
        if (col[i]->code[a] != col[i]->code[b])
            return false;
    return true;
}

/* Class of every row, numbered by first row; first[c] is that row. */
static dcr_status group(const dcr_model *m, const dcr_column *const *col, size_t n_col,
                        const uint32_t *number, uint32_t *row_class, uint32_t *first, uint32_t *n_classes, dcr_err *err)
{
    size_t n = m->table.n_rows, n_slots = 64, mask;
    uint32_t *slot;
    while (n_slots < n * 2)
        n_slots *= 2;
    mask = n_slots - 1;
    slot = dcr_alloc(n_slots, sizeof *slot);
    if (slot == NULL)
        return dcr_nomem(err);
    *n_classes = 0;
    for (size_t r = 0; r < n; r++) {
        size_t i = row_hash(col, n_col, r) & mask;
        row_class[r] = UINT32_MAX;
        if (number != NULL && number[m->table.subject[r]] == 0)
            continue;
        while (slot[i] != 0 && !row_equal(col, n_col, first[slot[i] - 1], r))
            i = (i + 1) & mask;
        if (slot[i] == 0) {
            first[*n_classes] = (uint32_t)r;
            slot[i] = ++*n_classes;
        }
        row_class[r] = slot[i] - 1;
    }
    dcr_free(slot);
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

dcr_status dcr_classes_build(dcr_classes *out, const dcr_model *m, const dcr_column *const *col,
                             size_t n_col, const uint32_t *number, uint32_t *row_class,
                             dcr_err *err)
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
    if (of_row == NULL || last == NULL || inferred == NULL || out->record_subject == NULL ||
        out->record_class == NULL || out->size == NULL || out->size_low == NULL)
        rc = dcr_nomem(err);
    if (rc == DCR_OK) /* `last` first holds the first row of each class */
        rc = group(m, col, n_col, number, of_row, last, &out->n_classes, err);
    if (rc == DCR_OK) {
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

void dcr_classes_clear(dcr_classes *c)
{
    dcr_free(c->record_subject);
    dcr_free(c->record_class);
    dcr_free(c->size);
    dcr_free(c->size_low);
    memset(c, 0, sizeof *c);
}
