/* Figures of an adversary that belong to no view: concepts, row counts. */
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "classes.h"

typedef struct alone {     /* classes of one column, numbered by first row */
    uint32_t *of_code;     /* class + 1, 0 none yet */
    uint32_t *size, *last; /* per class: subjects, and 1 + the one seen last */
    uint32_t n_classes;
    double n; /* distinct (subject, code) pairs */
} alone;

/* Rows come sorted by subject; without a column all are alike. */
static void count_alone(alone *x, const dcr_risk *r, const dcr_column *c)
{
    const dcr_table *t = &r->model->table;
    for (size_t i = 0; i < t->n_rows; i++) {
        uint32_t who = t->subject[i], *of = &x->of_code[c == NULL ? 0 : c->code[i]];
        if (r->number != NULL && r->number[who] == 0)
            continue;
        if (*of == 0)
            *of = ++x->n_classes;
        if (x->last[*of - 1] == who + 1)
            continue;
        x->last[*of - 1] = who + 1;
        x->size[*of - 1]++;
        x->n++;
    }
}

static void conclude(const alone *x, dcr_concept_figures *f)
{
    double sum = 0;
    f->alone = 0;
    for (uint32_t k = 0; k < x->n_classes; k++) {
        if (f->alone == 0 || x->size[k] < f->alone)
            f->alone = x->size[k];
        sum += x->size[k] * log2(x->size[k]);
    }
    f->bits = x->n > 0 ? fmax(0, log2(x->n) - sum / x->n) : 0;
}

static dcr_status figures(const dcr_risk *r, const dcr_column *c, dcr_concept_figures *f,
                          dcr_err *err)
{
    const uint32_t n_codes = c == NULL ? 1 : c->n_codes;
    alone x = {.of_code = dcr_alloc(n_codes, sizeof *x.of_code),
               .size = dcr_alloc(n_codes, sizeof *x.size),
               .last = dcr_alloc(n_codes, sizeof *x.last)};
    dcr_status rc =
        x.of_code == NULL || x.size == NULL || x.last == NULL ? dcr_nomem(err) : DCR_OK;
    if (rc == DCR_OK) {
        count_alone(&x, r, c);
        conclude(&x, f);
    }
    dcr_free(x.of_code);
    dcr_free(x.size);
    dcr_free(x.last);
    return rc;
}

dcr_status dcr_concept_figures_get(const dcr_risk *any_exam, dcr_concept_figures *list,
                                   size_t *n, dcr_err *err)
{
    const dcr_adversary *a = any_exam->adversary;
    const dcr_model *m = any_exam->model;
    dcr_status rc = DCR_OK;
    *n = 0;
    for (size_t i = 0; i < a->n_knows && rc == DCR_OK; i++) {
        const dcr_column *c = dcr_model_column(m, a->knows[i].concept, a->knows[i].level);
        if (!m->carried[a->knows[i].concept])
            continue;
        list[*n].concept = a->knows[i].concept;
        rc = figures(any_exam, c, &list[*n], err);
        (*n)++;
    }
    return rc;
}

dcr_status dcr_naive_get(const dcr_risk *any_exam, dcr_naive *out, dcr_err *err)
{
    const dcr_model *m = any_exam->model;
    const dcr_adversary *a = any_exam->adversary;
    size_t n = m->table.n_rows;
    const dcr_column **col = dcr_alloc(a->n_knows, sizeof *col);
    uint32_t *row_class = dcr_alloc(n, sizeof *row_class);
    uint64_t *files = dcr_alloc(n, sizeof *files),
             *studies = dcr_alloc(n, sizeof *studies);
    uint32_t *last = dcr_alloc(n, sizeof *last), *seen = dcr_alloc(n, sizeof *seen);
    dcr_classes c = {0};
    dcr_status rc = DCR_OK;
    memset(out, 0, sizeof *out);
    if (col == NULL || row_class == NULL || files == NULL || studies == NULL ||
        last == NULL || seen == NULL)
        rc = dcr_nomem(err);
    if (rc == DCR_OK)
        rc = dcr_classes_build(&c, m, col, dcr_key_columns(m, a, SIZE_MAX, col),
                               any_exam->number, row_class, err);
    for (size_t r = 0; r < n && rc == DCR_OK; r++) {
        uint32_t k = row_class[r];
        if (k == UINT32_MAX)
            continue;
        /* A row that a table was joined to is there several times. */
        if (m->table.exam == NULL || seen[k] != m->table.exam[r] + 1)
            files[k] += m->table.files[r];
        seen[k] = m->table.exam == NULL ? 0 : m->table.exam[r] + 1;
        studies[k] += last[k] != m->table.study[r] + 1;
        last[k] = m->table.study[r] + 1;
    }
    for (uint32_t k = 0; k < c.n_classes && rc == DCR_OK; k++) {
        if (k == 0 || files[k] < out->k_min_files)
            out->k_min_files = files[k];
        if (k == 0 || studies[k] < out->k_min_studies)
            out->k_min_studies = studies[k];
    }
    dcr_classes_clear(&c);
    dcr_free(col);
    dcr_free(row_class);
    dcr_free(files);
    dcr_free(studies);
    dcr_free(last);
    dcr_free(seen);
    return rc;
}
