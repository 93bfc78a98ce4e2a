#include "tab.h"

#include "alloc.h"
#include "lattice.h"

dcr_status dcr_pairs_build(dcr_groups *out, const dcr_frame *f, const dcr_groups *g,
                           dcr_err *err)
{
    const uint32_t *const column[] = {g->group_of, f->subject};
    const uint32_t n_codes[] = {g->n_groups, f->n_subjects};
    dcr_frame two = {.n_rows = f->n_rows,
                     .n_columns = 2,
                     .code = column,
                     .n_codes = n_codes,
                     .n_subjects = (uint32_t)f->n_rows};
    return dcr_groups_build(out, &two, 3, err);
}

/* Weights of the distinct subjects of each group. */
static dcr_status sum_weights(const dcr_frame *f, const dcr_groups *g,
                              dcr_weight_sum *sum, dcr_err *err)
{
    dcr_groups pairs = {0};
    dcr_status rc = DCR_OK;
    if (f->subject != NULL)
        rc = dcr_pairs_build(&pairs, f, g, err);
    for (size_t i = 0, next = 0; i < f->n_rows && rc == DCR_OK; i++) {
        if (f->subject != NULL && pairs.group_of[i] != next)
            continue;
        next++;
        sum[g->group_of[i]] += dcr_weight_exact(f->weight[i]);
    }
    dcr_groups_clear(&pairs);
    return rc;
}

/* From groups to rows. */
static dcr_status spread(dcr_tab *t, const uint32_t *fk, const dcr_weight_sum *sum,
                         dcr_err *err)
{
    size_t n = t->frame->n_rows;
    const uint32_t *group_of = t->groups.group_of;
    if (fk != NULL) {
        uint32_t *out = dcr_alloc(n, sizeof *out);
        t->fk = out;
        for (size_t i = 0; out != NULL && i < n; i++)
            out[i] = fk[group_of[i]];
    }
    if (sum != NULL) {
        double *out = dcr_alloc(n, sizeof *out);
        t->Fk = out;
        for (size_t i = 0; out != NULL && i < n; i++)
            out[i] = dcr_weight_real(sum[group_of[i]]);
    }
    if ((fk != NULL && t->fk == NULL) || (sum != NULL && t->Fk == NULL))
        return dcr_nomem(err);
    return DCR_OK;
}

dcr_status dcr_tab_prepare(dcr_tab *t, dcr_err *err)
{
    const dcr_frame *f = t->frame;
    bool wild = t->missing == DCR_MISSING_WILDCARD;
    uint32_t *fk = NULL;
    dcr_weight_sum *sum = NULL;
    dcr_status rc = dcr_groups_build(&t->groups, f, dcr_frame_all(f), err);
    if (rc != DCR_OK || (!wild && f->weight == NULL))
        return rc;
    if (wild)
        fk = dcr_alloc(t->groups.n_groups, sizeof *fk);
    if (f->weight != NULL)
        sum = dcr_alloc(t->groups.n_groups, sizeof *sum);
    if ((wild && fk == NULL) || (f->weight != NULL && sum == NULL))
        rc = dcr_nomem(err);
    else if (wild)
        rc = dcr_match_wildcard(f, &t->groups, fk, sum, err);
    else
        rc = sum_weights(f, &t->groups, sum, err);
    if (rc == DCR_OK)
        rc = spread(t, fk, sum, err);
    dcr_free(fk);
    dcr_free(sum);
    if (rc != DCR_OK)
        dcr_tab_clear(t);
    return rc;
}

void dcr_tab_clear(dcr_tab *t)
{
    dcr_lattice_free(t->lattice);
    t->lattice = NULL;
    dcr_groups_clear(&t->groups);
    dcr_free((void *)(uintptr_t)t->fk);
    dcr_free((void *)(uintptr_t)t->Fk);
    t->fk = NULL;
    t->Fk = NULL;
}

/* ---- how often each k occurs ---- */

/* k of every class: the subjects its key is shared by.  NULL: no memory. */
static uint32_t *class_k(const dcr_tab *t)
{
    const dcr_groups *g = &t->groups;
    uint32_t *k = dcr_alloc(g->n_groups, sizeof *k);
    if (k == NULL)
        return NULL;
    for (uint32_t c = 0; t->fk == NULL && c < g->n_groups; c++)
        k[c] = g->subjects[c];
    for (size_t i = 0; t->fk != NULL && i < g->n_rows; i++)
        k[g->group_of[i]] = t->fk[i];
    return k;
}

static dcr_status tally_subjects(dcr_tally *y, const dcr_tab *t, const uint32_t *k,
                                 dcr_err *err)
{
    const dcr_frame *f = t->frame;
    uint32_t *of = dcr_alloc(f->n_subjects, sizeof *of);
    if (of == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < f->n_rows; i++) {
        uint32_t *s = &of[f->subject[i]], here = k[t->groups.group_of[i]];
        if (*s == 0 || here < *s)
            *s = here;
    }
    for (uint32_t s = 0; s < f->n_subjects; s++)
        y->subjects[of[s]]++;
    dcr_free(of);
    return DCR_OK;
}

static dcr_status tally(dcr_tally *y, const dcr_tab *t, const uint32_t *k, dcr_err *err)
{
    const dcr_groups *g = &t->groups;
    for (uint32_t c = 0; c < g->n_groups; c++) {
        y->k_max = k[c] > y->k_max ? k[c] : y->k_max;
        y->k_min = c == 0 || k[c] < y->k_min ? k[c] : y->k_min;
        y->class_sum += k[c];
    }
    y->classes = dcr_alloc((size_t)y->k_max + 1, sizeof *y->classes);
    y->records = dcr_alloc((size_t)y->k_max + 1, sizeof *y->records);
    y->subjects = dcr_alloc((size_t)y->k_max + 1, sizeof *y->subjects);
    if (y->classes == NULL || y->records == NULL || y->subjects == NULL)
        return dcr_nomem(err);
    for (uint32_t c = 0; c < g->n_groups; c++) {
        y->classes[k[c]]++;
        y->records[k[c]] += g->rows[c];
    }
    if (t->frame->subject != NULL)
        return tally_subjects(y, t, k, err);
    for (uint32_t size = 0; size <= y->k_max; size++)
        y->subjects[size] = y->records[size];
    return DCR_OK;
}

dcr_status dcr_tally_build(dcr_tally *out, const dcr_tab *t, dcr_err *err)
{
    uint32_t *k = class_k(t);
    dcr_status rc;
    *out = (dcr_tally){0};
    rc = k == NULL ? dcr_nomem(err) : tally(out, t, k, err);
    dcr_free(k);
    if (rc != DCR_OK)
        dcr_tally_clear(out);
    return rc;
}

void dcr_tally_clear(dcr_tally *y)
{
    dcr_free(y->classes);
    dcr_free(y->records);
    dcr_free(y->subjects);
    *y = (dcr_tally){0};
}
