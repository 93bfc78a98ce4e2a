/* Which concepts of an adversary single subjects out. */
#include <string.h>

#include "alloc.h"
#include "classes.h"
#include "shapley.h"

/* Items looked at for one adversary: about a thirtieth of a second. */
static const uint64_t most_work = 10000000;

typedef struct records { /* the records of the subjects judged as a frame */
    dcr_frame frame;
    const uint32_t *code[DCR_FRAME_MAX_COLUMNS];
    uint32_t n_codes[DCR_FRAME_MAX_COLUMNS];
    uint32_t *own[DCR_FRAME_MAX_COLUMNS]; /* columns without the rows left out */
    uint32_t *subject;
} records;

static void records_clear(records *x)
{
    for (size_t c = 0; c < DCR_FRAME_MAX_COLUMNS; c++)
        dcr_free(x->own[c]);
    dcr_free(x->subject);
}

/* The rows of the subjects judged; returns how many. */
static size_t keep_rows(uint32_t *to, const uint32_t *from, const dcr_risk *r,
                        bool as_subject)
{
    const uint32_t *subject = r->model->table.subject;
    size_t n = 0;
    for (size_t i = 0; i < r->model->table.n_rows; i++)
        if (r->number[subject[i]] != 0)
            to[n++] = as_subject ? r->number[subject[i]] - 1 : from[i];
    return n;
}

static dcr_status leave_out(records *x, const dcr_risk *r, dcr_err *err)
{
    const size_t n = r->model->table.n_rows;
    x->subject = dcr_alloc(n, sizeof *x->subject);
    if (x->subject == NULL)
        return dcr_nomem(err);
    x->frame.n_rows = keep_rows(x->subject, NULL, r, true);
    x->frame.subject = x->subject;
    for (size_t c = 0; c < x->frame.n_columns; c++) {
        x->own[c] = dcr_alloc(n, sizeof *x->own[c]);
        if (x->own[c] == NULL)
            return dcr_nomem(err);
        keep_rows(x->own[c], x->code[c], r, false);
        x->code[c] = x->own[c];
    }
    return DCR_OK;
}

static dcr_status records_of(records *x, const dcr_risk *r, const dcr_column *const *col,
                             size_t n, dcr_err *err)
{
    memset(x, 0, sizeof *x);
    for (size_t c = 0; c < n; c++) {
        x->code[c] = col[c]->code;
        x->n_codes[c] = col[c]->n_codes;
    }
    x->frame.n_rows = r->model->table.n_rows;
    x->frame.n_columns = n;
    x->frame.code = x->code;
    x->frame.n_codes = x->n_codes;
    x->frame.subject = r->model->table.subject;
    x->frame.n_subjects = r->n_subjects;
    return r->number == NULL ? DCR_OK : leave_out(x, r, err);
}

static dcr_status take_keys(dcr_singling *out, dcr_lattice *l, dcr_err *err)
{
    const dcr_uniques *u;
    dcr_set_count *all = NULL;
    size_t n = 0;
    dcr_status rc = dcr_lattice_keys(l, &u, err);
    if (rc == DCR_OK)
        rc = dcr_minimal_tally(&u->minimal, l->column, &all, &n, err);
    if (rc != DCR_OK)
        return rc;
    out->max_concepts = u->max_size;
    out->n_keys = n < DCR_UNIQUE_KEYS_MAX ? n : DCR_UNIQUE_KEYS_MAX;
    out->n_left_out = n - out->n_keys;
    out->key = dcr_alloc(out->n_keys, sizeof *out->key);
    for (size_t i = 0; i < out->n_keys && out->key != NULL; i++) {
        out->key[i].concepts = all[i].set;
        out->key[i].subjects = (uint32_t)all[i].n;
    }
    dcr_free(all);
    return out->key == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status fill(dcr_singling *out, const dcr_column *const *col, size_t n,
                       dcr_lattice *l, dcr_err *err)
{
    dcr_shapley s;
    uint32_t drop[DCR_FRAME_MAX_COLUMNS];
    dcr_status rc = dcr_shapley_get(&s, l, most_work, err);
    if (rc == DCR_OK)
        rc = dcr_drop_one_get(drop, l, err);
    out->shapley = dcr_alloc(n, sizeof *out->shapley);
    if (rc == DCR_OK && out->shapley == NULL)
        rc = dcr_nomem(err);
    if (rc != DCR_OK)
        return rc;
    out->n_concepts = n;
    out->n_orders = s.n_orders;
    out->unique = s.unique;
    for (size_t c = 0; c < n; c++) {
        out->shapley[c].concept = col[c]->concept;
        out->shapley[c].value = s.value[c];
        out->shapley[c].lo = s.lo[c];
        out->shapley[c].hi = s.hi[c];
        out->shapley[c].drop_one = drop[c];
    }
    return take_keys(out, l, err);
}

dcr_status dcr_singling_get(dcr_singling *out, const dcr_risk *any_exam, dcr_err *err)
{
    const dcr_column **col = dcr_alloc(any_exam->adversary->n_knows, sizeof *col);
    records x = {0};
    dcr_groups g = {0};
    dcr_lattice *l = NULL;
    dcr_status rc = col == NULL ? dcr_nomem(err) : DCR_OK;
    size_t n = col == NULL
                   ? 0
                   : dcr_key_columns(any_exam->model, any_exam->adversary, SIZE_MAX, col);
    memset(out, 0, sizeof *out);
    if (rc == DCR_OK && n > DCR_FRAME_MAX_COLUMNS)
        rc = dcr_fail(err, DCR_EARG, any_exam->adversary->id, "too many concepts");
    if (rc == DCR_OK)
        rc = records_of(&x, any_exam, col, n, err);
    if (rc == DCR_OK)
        rc = dcr_groups_build(&g, &x.frame, dcr_frame_all(&x.frame), err);
    if (rc == DCR_OK)
        rc = dcr_lattice_build(&l, &x.frame, &g, err);
    if (rc == DCR_OK) {
        l->max_work = most_work;
        rc = fill(out, col, n, l, err);
    }
    dcr_lattice_free(l);
    dcr_groups_clear(&g);
    records_clear(&x);
    dcr_free(col);
    if (rc != DCR_OK)
        dcr_singling_clear(out);
    return rc;
}

void dcr_singling_clear(dcr_singling *s)
{
    dcr_free(s->shapley);
    dcr_free(s->key);
    memset(s, 0, sizeof *s);
}
