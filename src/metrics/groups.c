#include <string.h>

#include "alloc.h"
#include "dcmrisk/frame.h"

/* ---- a hash table of pairs of codes ---- */

typedef struct pairs {
    uint64_t *key; /* 1 + the pair; 0: free */
    uint32_t *number;
    size_t mask;
} pairs;

static bool pairs_start(pairs *p, size_t n)
{
    size_t size = 16;
    while (size < 2 * n)
        size *= 2;
    p->key = dcr_alloc(size, sizeof *p->key);
    p->number = dcr_alloc(size, sizeof *p->number);
    p->mask = size - 1;
    return p->key != NULL && p->number != NULL;
}

static void pairs_end(pairs *p)
{
    dcr_free(p->key);
    dcr_free(p->number);
}

/* The place of a pair; *is_new when it was not there. */
static uint32_t *pairs_at(pairs *p, uint32_t a, uint32_t b, bool *is_new)
{
    uint64_t key = ((uint64_t)a << 32 | b) + 1, h = key * 0x9E3779B97F4A7C15u;
    size_t i = (size_t)(h >> 20) & p->mask;
    while (p->key[i] != 0 && p->key[i] != key)
        i = (i + 1) & p->mask;
    *is_new = p->key[i] == 0;
    p->key[i] = key;
    return &p->number[i];
}

/* ---- refinement, a column at a time ---- */

static dcr_status refine(dcr_groups *g, const uint32_t *code, dcr_err *err)
{
    pairs p;
    uint32_t n = 0;
    dcr_status rc = pairs_start(&p, g->n_rows) ? DCR_OK : dcr_nomem(err);
    for (size_t i = 0; i < g->n_rows && rc == DCR_OK; i++) {
        bool is_new;
        uint32_t *number = pairs_at(&p, g->group_of[i], code[i], &is_new);
        if (is_new)
            *number = n++;
        g->group_of[i] = *number;
    }
    if (rc == DCR_OK)
        g->n_groups = n;
    pairs_end(&p);
    return rc;
}

static dcr_status count(dcr_groups *g, const dcr_frame *f, dcr_err *err)
{
    pairs p = {0};
    dcr_status rc = DCR_OK;
    g->rows = dcr_alloc(g->n_groups, sizeof *g->rows);
    g->subjects = dcr_alloc(g->n_groups, sizeof *g->subjects);
    if (g->rows == NULL || g->subjects == NULL)
        return dcr_nomem(err);
    if (f->subject != NULL && !pairs_start(&p, g->n_rows))
        rc = dcr_nomem(err);
    for (size_t i = 0; i < g->n_rows && rc == DCR_OK; i++) {
        bool is_new = true;
        g->rows[g->group_of[i]]++;
        if (f->subject != NULL)
            pairs_at(&p, g->group_of[i], f->subject[i], &is_new);
        g->subjects[g->group_of[i]] += is_new;
    }
    pairs_end(&p);
    return rc;
}

dcr_status dcr_groups_build(dcr_groups *out, const dcr_frame *f, uint64_t columns,
                            dcr_err *err)
{
    dcr_status rc = DCR_OK;
    memset(out, 0, sizeof *out);
    out->n_rows = f->n_rows;
    out->n_groups = f->n_rows > 0;
    out->group_of = dcr_alloc(f->n_rows, sizeof *out->group_of);
    if (out->group_of == NULL)
        return dcr_nomem(err);
    for (size_t c = 0; c < f->n_columns && rc == DCR_OK; c++)
        if (columns >> c & 1)
            rc = refine(out, f->code[c], err);
    if (rc == DCR_OK)
        rc = count(out, f, err);
    if (rc != DCR_OK)
        dcr_groups_clear(out);
    return rc;
}

void dcr_groups_clear(dcr_groups *g)
{
    dcr_free(g->group_of);
    dcr_free(g->rows);
    dcr_free(g->subjects);
    memset(g, 0, sizeof *g);
}
