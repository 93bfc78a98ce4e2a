#include "table_load.h"

#include <string.h>

#include "alloc.h"
#include "num.h"
#include "pool.h"
#include "rank.h"

enum { JOBS_MAX = 8, SHOWN = 40 };
static const double weight_max = 1e12;

/* ---- what is asked for ---- */

/* All columns: quasi-identifiers, sensitive ones, weight, subject. */
typedef struct wish {
    const char **name;
    size_t n, subject, weight; /* places; SIZE_MAX: none */
} wish;

static dcr_status once(const wish *w, dcr_err *err)
{
    for (size_t i = 0; i < w->n; i++)
        for (size_t j = i + 1; j < w->n; j++)
            if (strcmp(w->name[i], w->name[j]) == 0)
                return dcr_fail(err, DCR_EARG, NULL,
                                "column '%.*s' is asked for twice: as what?", SHOWN,
                                w->name[i]);
    return DCR_OK;
}

static dcr_status make_wish(wish *w, const dcr_table_options *o, dcr_err *err)
{
    *w = (wish){.subject = SIZE_MAX, .weight = SIZE_MAX};
    if (o->n_qi == 0 || o->n_qi > DCR_FRAME_MAX_COLUMNS)
        return dcr_fail(err, DCR_EARG, NULL, "--qi takes 1 to %d columns",
                        DCR_FRAME_MAX_COLUMNS);
    if (o->n_sensitive > DCR_FRAME_MAX_COLUMNS)
        return dcr_fail(err, DCR_EARG, NULL, "--sensitive takes at most %d columns",
                        DCR_FRAME_MAX_COLUMNS);
    w->name = dcr_alloc(o->n_qi + o->n_sensitive + 2, sizeof *w->name);
    if (w->name == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < o->n_qi; i++)
        w->name[w->n++] = o->qi[i];
    for (size_t i = 0; i < o->n_sensitive; i++)
        w->name[w->n++] = o->sensitive[i];
    if (o->weight != NULL) {
        w->weight = w->n;
        w->name[w->n++] = o->weight;
    }
    if (o->subject != NULL) {
        w->subject = w->n;
        w->name[w->n++] = o->subject;
    }
    return once(w, err);
}

static dcr_csv_options reading(const dcr_table_options *o)
{
    dcr_csv_options c = {.delimiter = o->delimiter,
                         .trim = o->trim,
                         .na = o->na,
                         .n_na = o->n_na,
                         .jobs = o->jobs};
    if (c.jobs == 0)
        c.jobs = dcr_pool_cpus(JOBS_MAX);
    return c;
}

/* ---- columns ---- */

static dcr_status at_line(const dcr_csv *csv, const char *path, size_t row, dcr_err *err,
                          const char *fmt, const char *column)
{
    dcr_status rc = dcr_fail(err, DCR_EFORMAT, path, fmt, SHOWN, column);
    if (err != NULL && err->line == 0)
        err->line = (long)dcr_csv_line(csv, row);
    return rc;
}

/* Subjects by number: the values of the column, then the rows that have none, each its
 * own. */
static dcr_status take_subjects(dcr_frame *f, uint32_t **own, const dcr_csv *csv,
                                size_t place, dcr_err *err)
{
    dcr_csv_column *c = &csv->column[place];
    uint32_t known = c->n_codes - 1, inferred = 0;
    *own = dcr_alloc(csv->n_rows, sizeof **own);
    if (*own == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < csv->n_rows; i++)
        (*own)[i] = c->code[i] == 0 ? known + inferred++ : c->code[i] - 1;
    dcr_free(c->code);
    c->code = NULL;
    f->subject = *own;
    f->n_subjects = known + inferred;
    f->n_inferred = inferred;
    return DCR_OK;
}

/* Every subject has one weight, whichever of its rows says it. */
static dcr_status one_weight_each(const dcr_frame *f, const dcr_csv *csv,
                                  const dcr_table_options *o, dcr_err *err)
{
    double *of = dcr_alloc(f->n_subjects, sizeof *of);
    dcr_status rc = of == NULL ? dcr_nomem(err) : DCR_OK;
    for (size_t i = 0; i < f->n_rows && rc == DCR_OK; i++) {
        double *w = &of[f->subject[i]];
        if (*w == 0)
            *w = f->weight[i];
        else if (*w != f->weight[i])
            rc = at_line(csv, o->file, i, err,
                         "in column '%.*s' a subject has two different weights",
                         o->weight);
    }
    dcr_free(of);
    return rc;
}

static dcr_status take_weights(dcr_frame *f, double **own, const dcr_csv *csv,
                               size_t place, const dcr_table_options *o, dcr_err *err)
{
    dcr_csv_column *c = &csv->column[place];
    double *of_code = dcr_alloc(c->n_codes, sizeof *of_code);
    dcr_status rc = DCR_OK;
    *own = dcr_alloc(csv->n_rows, sizeof **own);
    if (of_code == NULL || *own == NULL)
        rc = dcr_nomem(err);
    for (uint32_t v = 1; v < c->n_codes && rc == DCR_OK; v++)
        if (!dcr_num_double(c->value[v], 1, weight_max, &of_code[v]))
            of_code[v] = 0; /* said with its line below */
    for (size_t i = 0; i < csv->n_rows && rc == DCR_OK; i++) {
        (*own)[i] = of_code[c->code[i]];
        if ((*own)[i] == 0)
            rc = at_line(csv, o->file, i, err,
                         "column '%.*s' must hold weights: numbers from 1 to 1e12",
                         o->weight);
    }
    dcr_free(of_code);
    f->weight = *own;
    return rc;
}

/* A frame of n columns from `first` on. */
static dcr_status make_frame(dcr_loaded_frame *l, const dcr_csv *csv, size_t first,
                             size_t n, dcr_err *err)
{
    l->name = dcr_alloc(n, sizeof *l->name);
    l->code = dcr_alloc(n, sizeof *l->code);
    l->n_codes = dcr_alloc(n, sizeof *l->n_codes);
    if (l->name == NULL || l->code == NULL || l->n_codes == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n; i++) {
        l->name[i] = csv->column[first + i].name;
        l->code[i] = csv->column[first + i].code;
        l->n_codes[i] = csv->column[first + i].n_codes;
    }
    l->frame = (dcr_frame){.n_rows = csv->n_rows,
                           .n_columns = n,
                           .name = l->name,
                           .code = l->code,
                           .n_codes = l->n_codes,
                           .n_subjects = (uint32_t)csv->n_rows};
    return DCR_OK;
}

/* The order of columns of numbers. */
static dcr_status rank_columns(dcr_loaded_frame *l, const dcr_csv *csv, size_t first,
                               dcr_err *err)
{
    dcr_status rc = DCR_OK;
    l->n_ranks = l->frame.n_columns;
    l->rank = dcr_alloc(l->n_ranks, sizeof *l->rank);
    if (l->rank == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < l->n_ranks && rc == DCR_OK; i++)
        rc = dcr_rank_numbers(&l->rank[i], csv->column[first + i].value, l->n_codes[i],
                              err);
    l->frame.rank = (const uint32_t *const *)l->rank;
    return rc;
}

/* ---- the population table ---- */

/* Codes of the population's column in those of the table: values that the table does not
 * have get codes behind its own.  Both lists of values are sorted by bytes. */
static dcr_status recode(dcr_csv_column *p, const dcr_csv_column *t, size_t n_rows,
                         uint32_t *n_codes, dcr_err *err)
{
    uint32_t *map = dcr_alloc(p->n_codes, sizeof *map), at = 1;
    *n_codes = t->n_codes;
    if (map == NULL)
        return dcr_nomem(err);
    for (uint32_t v = 1; v < p->n_codes; v++) {
        while (at < t->n_codes && strcmp(t->value[at], p->value[v]) < 0)
            at++;
        map[v] =
            at < t->n_codes && strcmp(t->value[at], p->value[v]) == 0 ? at : (*n_codes)++;
    }
    for (size_t i = 0; i < n_rows; i++)
        p->code[i] = map[p->code[i]];
    dcr_free(map);
    return DCR_OK;
}

static dcr_status load_population(dcr_loaded *l, const dcr_table_options *o, dcr_err *err)
{
    const char *name[DCR_FRAME_MAX_COLUMNS + 1];
    dcr_csv_options reads = reading(o);
    dcr_status rc;
    for (size_t i = 0; i < o->n_qi; i++)
        name[i] = o->qi[i];
    name[o->n_qi] = o->subject;
    reads.n_optional = o->subject != NULL;
    rc = dcr_csv_read(&l->population_csv, o->population_table, name,
                      o->n_qi + reads.n_optional, &reads, err);
    if (rc == DCR_OK)
        rc = make_frame(&l->population, l->population_csv, 0, o->n_qi, err);
    for (size_t i = 0; i < o->n_qi && rc == DCR_OK; i++)
        rc = recode(&l->population_csv->column[i], &l->csv->column[i],
                    l->population_csv->n_rows, &l->population.n_codes[i], err);
    if (rc == DCR_OK && o->subject != NULL && l->population_csv->column[o->n_qi].found)
        rc = take_subjects(&l->population.frame, &l->population_subject,
                           l->population_csv, o->n_qi, err);
    return rc;
}

/* ---- all of it ---- */

/* A file that is not there is told before a large one is read. */
static dcr_status look_at(const char *path, dcr_err *err)
{
    return path == NULL || strcmp(path, "-") == 0 ? DCR_OK : dcr_look_at(path, err);
}

dcr_status dcr_load_table(dcr_loaded *out, const dcr_table_options *o, dcr_err *err)
{
    dcr_csv_options reads = reading(o);
    wish w;
    dcr_status rc;
    memset(out, 0, sizeof *out);
    rc = make_wish(&w, o, err);
    if (rc == DCR_OK)
        rc = look_at(o->file, err);
    if (rc == DCR_OK)
        rc = look_at(o->population_table, err);
    if (rc == DCR_OK)
        rc = dcr_csv_read(&out->csv, o->file, w.name, w.n, &reads, err);
    if (rc == DCR_OK)
        rc = make_frame(&out->qi, out->csv, 0, o->n_qi, err);
    if (rc == DCR_OK && o->subject != NULL)
        rc = take_subjects(&out->qi.frame, &out->subject, out->csv, w.subject, err);
    if (rc == DCR_OK && o->weight != NULL)
        rc = take_weights(&out->qi.frame, &out->weight, out->csv, w.weight, o, err);
    if (rc == DCR_OK && o->weight != NULL && o->subject != NULL)
        rc = one_weight_each(&out->qi.frame, out->csv, o, err);
    if (rc == DCR_OK && o->n_sensitive > 0)
        rc = make_frame(&out->sensitive, out->csv, o->n_qi, o->n_sensitive, err);
    if (rc == DCR_OK && o->n_sensitive > 0)
        rc = rank_columns(&out->sensitive, out->csv, o->n_qi, err);
    if (rc == DCR_OK && o->population_table != NULL)
        rc = load_population(out, o, err);
    if (rc == DCR_OK) { /* the same people in all frames of these rows */
        out->qi.frame.jobs = out->sensitive.frame.jobs = reads.jobs;
        out->population.frame.jobs = reads.jobs;
        out->sensitive.frame.subject = out->qi.frame.subject;
        out->sensitive.frame.n_subjects = out->qi.frame.n_subjects;
        out->sensitive.frame.n_inferred = out->qi.frame.n_inferred;
        out->sensitive.frame.weight = out->qi.frame.weight;
    }
    dcr_free(w.name);
    return rc;
}

static void frame_clear(dcr_loaded_frame *l)
{
    dcr_free(l->name);
    dcr_free(l->code);
    dcr_free(l->n_codes);
    for (size_t i = 0; i < l->n_ranks && l->rank != NULL; i++)
        dcr_free(l->rank[i]);
    dcr_free(l->rank);
}

void dcr_loaded_clear(dcr_loaded *l)
{
    frame_clear(&l->qi);
    frame_clear(&l->sensitive);
    frame_clear(&l->population);
    dcr_free(l->subject);
    dcr_free(l->population_subject);
    dcr_free(l->weight);
    dcr_csv_free(l->csv);
    dcr_csv_free(l->population_csv);
    memset(l, 0, sizeof *l);
}
