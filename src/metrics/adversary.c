/* Figures of an adversary that belong to no view: concepts, row counts. */
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "classes.h"

/* Subjects with a record that nobody else has. */
static uint32_t unique_subjects(const dcr_classes *c)
{
    uint32_t n = 0, last = UINT32_MAX;
    for (size_t i = 0; i < c->n_records; i++)
        if (c->size[c->record_class[i]] == 1 && c->record_subject[i] != last) {
            last = c->record_subject[i];
            n++;
        }
    return n;
}

static void alone(const dcr_classes *c, dcr_concept_figures *f)
{
    double sum = 0, n = (double)c->n_records;
    f->alone = 0;
    for (uint32_t k = 0; k < c->n_classes; k++) {
        if (f->alone == 0 || c->size[k] < f->alone)
            f->alone = c->size[k];
        sum += c->size[k] * log2(c->size[k]);
    }
    /* Classes of one column hold each subject once, so that K(q) counts the records. */
    f->bits = n > 0 ? fmax(0, log2(n) - sum / n) : 0;
}

static dcr_status figures(const dcr_risk *r, const dcr_column **col, uint32_t unique,
                          dcr_concept_figures *f, dcr_err *err)
{
    const dcr_model *m = r->model;
    const dcr_adversary *a = r->adversary;
    dcr_adversary one = *a;
    dcr_known known = {0, ""};
    dcr_classes c;
    dcr_status rc;
    for (size_t i = 0; i < a->n_knows; i++)
        if (a->knows[i].concept == f->concept)
            known = a->knows[i];
    one.knows = &known;
    one.n_knows = 1;
    rc = dcr_classes_build(&c, m, col, dcr_key_columns(m, &one, SIZE_MAX, col), r->number,
                           NULL, err);
    if (rc != DCR_OK)
        return rc;
    alone(&c, f);
    dcr_classes_clear(&c);
    rc = dcr_classes_build(&c, m, col, dcr_key_columns(m, a, f->concept, col), r->number,
                           NULL, err);
    if (rc != DCR_OK)
        return rc;
    f->drop_one = unique - unique_subjects(&c);
    dcr_classes_clear(&c);
    return DCR_OK;
}

dcr_status dcr_concept_figures_get(const dcr_risk *any_exam, dcr_concept_figures *list,
                                   size_t *n, dcr_err *err)
{
    const dcr_adversary *a = any_exam->adversary;
    const dcr_column **col = dcr_alloc(a->n_knows, sizeof *col);
    uint32_t unique = unique_subjects(&any_exam->classes);
    dcr_status rc = DCR_OK;
    *n = 0;
    if (col == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < a->n_knows && rc == DCR_OK; i++) {
        if (!any_exam->model->carried[a->knows[i].concept])
            continue;
        list[*n].concept = a->knows[i].concept;
        rc = figures(any_exam, col, unique, &list[*n], err);
        (*n)++;
    }
    dcr_free(col);
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
