#include "cells.h"

#include <string.h>

#include "alloc.h"
#include "rowsort.h"

/* ---- places: the codes in the order of their numbers ---- */

/* Fills place_of[code] and, by place, the ranks into c->step, which count_steps then
 * turns into steps.  The missing value keeps the first place. */
static dcr_status put_in_order(dcr_cells *c, const uint32_t *rank, uint32_t *place_of,
                               dcr_err *err)
{
    uint32_t *at = dcr_alloc((size_t)c->n_values + 1, sizeof *at);
    c->step = dcr_alloc(c->n_values, sizeof *c->step);
    if (at == NULL || c->step == NULL) {
        dcr_free(at);
        return dcr_nomem(err);
    }
    for (uint32_t v = 1; v < c->n_values; v++)
        at[rank[v] + 1]++;
    at[0] = 1;
    for (uint32_t v = 1; v < c->n_values; v++)
        at[v] += at[v - 1];
    for (uint32_t v = 1; v < c->n_values; v++) {
        place_of[v] = at[rank[v]]++;
        c->step[place_of[v]] = rank[v];
    }
    dcr_free(at);
    return DCR_OK;
}

/* Ranks to steps, counting only values that somebody holds. */
static void count_steps(dcr_cells *c)
{
    uint32_t step = 0, last = 0;
    bool first = true;
    for (uint32_t p = 1; p < c->n_values; p++) {
        uint32_t rank = c->step[p];
        if (c->total[p] > 0) {
            step += !first && rank != last;
            last = rank;
            first = false;
        }
        c->step[p] = step;
    }
    c->n_steps = first ? 0 : step + 1;
}

/* ---- cells ---- */

typedef struct task {
    const dcr_frame *f;
    const uint32_t *code;
    const dcr_groups *g;
    uint32_t *place_of;
    dcr_rowsort sort;
} task;

/* Whether row b is the same subject as row a with the same value. */
static bool again(const task *t, uint32_t a, uint32_t b)
{
    return t->f->subject != NULL && t->code[a] == t->code[b] &&
           t->f->subject[a] == t->f->subject[b];
}

/* Rows are sorted by value, then subject. */
static void count_table(dcr_cells *c, const task *t)
{
    const uint32_t *rows = t->sort.rows;
    for (size_t i = 0; i < t->sort.n; i++) {
        if (i > 0 && again(t, rows[i - 1], rows[i]))
            continue;
        c->n_held += c->total[t->place_of[t->code[rows[i]]]]++ == 0;
        c->sum++;
    }
}

/* Rows are sorted by class, then value, then subject. */
static void count_classes(dcr_cells *c, const task *t)
{
    const uint32_t *rows = t->sort.rows, *class_of = t->g->group_of;
    size_t n = 0;
    for (size_t i = 0; i < t->sort.n; i++) {
        bool first = i == 0 || class_of[rows[i]] != class_of[rows[i - 1]];
        uint32_t place = t->place_of[t->code[rows[i]]];
        if (first)
            c->start[class_of[rows[i]]] = n;
        if (!first && again(t, rows[i - 1], rows[i]))
            continue;
        if (first || c->place[n - 1] != place)
            c->place[n++] = place;
        c->count[n - 1]++;
    }
    c->start[c->n_classes] = n;
    for (uint32_t k = 0; k < c->n_classes; k++) {
        uint64_t held = 0;
        c->size[k] = t->g->subjects[k];
        for (size_t i = c->start[k]; i < c->start[k + 1]; i++)
            held += c->count[i];
        c->several = c->several || held > c->size[k];
    }
}

static dcr_status make_room(dcr_cells *c, task *t, dcr_err *err)
{
    size_t keys = c->n_values > c->n_classes ? c->n_values : c->n_classes;
    if (t->f->subject != NULL && t->f->n_subjects > keys)
        keys = t->f->n_subjects;
    c->start = dcr_alloc((size_t)c->n_classes + 1, sizeof *c->start);
    c->place = dcr_alloc(t->f->n_rows, sizeof *c->place);
    c->count = dcr_alloc(t->f->n_rows, sizeof *c->count);
    c->size = dcr_alloc(c->n_classes, sizeof *c->size);
    c->total = dcr_alloc(c->n_values, sizeof *c->total);
    t->place_of = dcr_alloc(c->n_values, sizeof *t->place_of);
    if (c->start == NULL || c->place == NULL || c->count == NULL || c->size == NULL ||
        c->total == NULL || t->place_of == NULL ||
        !dcr_rowsort_init(&t->sort, t->f->n_rows, keys))
        return dcr_nomem(err);
    for (uint32_t v = 0; v < c->n_values; v++)
        t->place_of[v] = v;
    return DCR_OK;
}

dcr_status dcr_cells_build(dcr_cells *out, const dcr_frame *f, size_t column,
                           const dcr_groups *g, dcr_err *err)
{
    task t = {.f = f, .code = f->code[column], .g = g};
    dcr_status rc;
    memset(out, 0, sizeof *out);
    out->n_classes = g->n_groups;
    out->n_values = f->n_codes[column];
    rc = make_room(out, &t, err);
    if (rc == DCR_OK && f->rank != NULL && f->rank[column] != NULL)
        rc = put_in_order(out, f->rank[column], t.place_of, err);
    if (rc == DCR_OK) {
        if (f->subject != NULL)
            dcr_rowsort_by(&t.sort, f->subject, NULL, f->n_subjects);
        dcr_rowsort_by(&t.sort, t.code, t.place_of, out->n_values);
        count_table(out, &t);
        if (out->step != NULL)
            count_steps(out);
        dcr_rowsort_by(&t.sort, g->group_of, NULL, out->n_classes);
        count_classes(out, &t);
    }
    dcr_rowsort_clear(&t.sort);
    dcr_free(t.place_of);
    if (rc != DCR_OK)
        dcr_cells_clear(out);
    return rc;
}

void dcr_cells_clear(dcr_cells *c)
{
    dcr_free(c->start);
    dcr_free(c->place);
    dcr_free(c->count);
    dcr_free(c->size);
    dcr_free(c->total);
    dcr_free(c->step);
    memset(c, 0, sizeof *c);
}
