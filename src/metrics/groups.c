#include <string.h>

#include "alloc.h"
#include "dcmrisk/frame.h"
#include "keys.h"

/* Numbers of the keys so far and as many further columns as fit in one key. */
static dcr_status refine(dcr_groups *g, const dcr_frame *f, uint64_t columns, size_t *c,
                         dcr_err *err)
{
    dcr_key k = {.n_rows = g->n_rows};
    if (g->n_groups > 1 && !dcr_key_add(&k, g->group_of, g->n_groups))
        return dcr_fail(err, DCR_EARG, NULL, "a key does not fit");
    for (; *c < f->n_columns; ++*c)
        if ((columns >> *c & 1) != 0 && !dcr_key_add(&k, f->code[*c], f->n_codes[*c]))
            break;
    return k.n_parts == 0 ? DCR_OK
                          : dcr_keys_number(&k, f->jobs, g->group_of, &g->n_groups, err);
}

/* Distinct subjects of each group: the first rows of (group, subject). */
static dcr_status count_subjects(dcr_groups *g, const dcr_frame *f, dcr_err *err)
{
    dcr_key k = {.n_rows = g->n_rows};
    uint32_t *pair = dcr_alloc(g->n_rows, sizeof *pair), n, next = 0;
    dcr_status rc = pair == NULL ? dcr_nomem(err) : DCR_OK;
    if (rc == DCR_OK && (!dcr_key_add(&k, g->group_of, g->n_groups) ||
                         !dcr_key_add(&k, f->subject, f->n_subjects)))
        rc = dcr_fail(err, DCR_EARG, NULL, "a key does not fit");
    if (rc == DCR_OK)
        rc = dcr_keys_number(&k, f->jobs, pair, &n, err);
    for (size_t i = 0; rc == DCR_OK && i < g->n_rows; i++)
        if (pair[i] == next) {
            next++;
            g->subjects[g->group_of[i]]++;
        }
    dcr_free(pair);
    return rc;
}

static dcr_status count(dcr_groups *g, const dcr_frame *f, dcr_err *err)
{
    g->rows = dcr_alloc(g->n_groups, sizeof *g->rows);
    g->subjects = dcr_alloc(g->n_groups, sizeof *g->subjects);
    if (g->rows == NULL || g->subjects == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < g->n_rows; i++)
        g->rows[g->group_of[i]]++;
    if (f->subject != NULL)
        return count_subjects(g, f, err);
    memcpy(g->subjects, g->rows, g->n_groups * sizeof *g->rows);
    return DCR_OK;
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
    for (size_t c = 0; f->n_rows > 0 && c < f->n_columns && rc == DCR_OK;)
        rc = refine(out, f, columns, &c, err);
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
