/* The date laboratory: days and times of the exams, and the order of the tests.
 *
 * Tests by id: twin-one-shift, twin-per-subject, twin-time (dates_twin.c); future,
 * before-class, before-device, before-birth, age, zone, fraction (dates_sense.c);
 * one-shift, looks-true, declared-true, times-kept, tool (dates_state.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "dates_impl.h"

typedef struct owner {
    dcr_arena arena;
} owner;

bool dcr_date_path_in(const dcr_date_paths *l, const char *path)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->path[i], path) == 0)
            return true;
    return false;
}

static int by_number(const void *pa, const void *pb)
{
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    return (a > b) - (a < b);
}

void dcr_date_mark(date_lab_run *r, uint32_t series)
{
    if (r->mark[series] == 0)
        r->marked[r->n_marked++] = series; /* has room for all */
    r->mark[series] = 1;
}

/* Many are put in order by looking at all series, few by sorting. */
static void sort_marked(date_lab_run *r)
{
    uint32_t n = 0;
    if (r->n_marked < r->m->n_series / 16) {
        qsort(r->marked, r->n_marked, sizeof *r->marked, by_number);
        return;
    }
    for (uint32_t s = 0; s < r->m->n_series; s++)
        if (r->mark[s] != 0)
            r->marked[n++] = s;
}

dcr_status dcr_date_test_add(date_lab_run *r, const char *id, const dcr_attr *attr,
                             const char *detail, dcr_err *err)
{
    uint32_t study = UINT32_MAX, subject = UINT32_MAX;
    dcr_date_test *t;
    if (r->n_marked == 0)
        return DCR_OK;
    if (!dcr_grow(&r->out->tests, &r->cap_tests, r->out->n_tests + 1,
                  sizeof *r->out->tests))
        return dcr_nomem(err);
    t = &r->out->tests[r->out->n_tests];
    memset(t, 0, sizeof *t);
    t->series = dcr_arena_alloc(r->arena, r->n_marked, sizeof *t->series);
    if (t->series == NULL)
        return dcr_nomem(err);
    r->out->n_tests++;
    t->id = id;
    t->attr = attr;
    t->n_series = r->n_marked;
    snprintf(t->detail, sizeof t->detail, "%s", detail);
    sort_marked(r);
    /* Series stand by study and studies by subject, so that a change of number is a new
     * one. */
    for (uint32_t i = 0; i < r->n_marked; i++) {
        uint32_t s = r->marked[i];
        r->mark[s] = 0;
        t->series[i] = s;
        t->studies += dcr_series_study(r->m, s) != study;
        study = dcr_series_study(r->m, s);
        t->subjects += dcr_series_subject(r->m, s) != subject;
        subject = dcr_series_subject(r->m, s);
    }
    r->n_marked = 0;
    return DCR_OK;
}

/* ---- the exam's day and time: the first carrier that has one, its first value ---- */

/* Returns for how many studies it was the first. */
static uint32_t take_value(const date_lab_run *r, const dcr_value *v, int32_t *of,
                           int32_t none, int32_t found)
{
    uint32_t n = 0;
    for (uint32_t i = 0; v->in_series != NULL && i < v->series; i++) {
        uint32_t study = dcr_series_study(r->m, v->in_series[i]);
        n += of[study] == none;
        of[study] = of[study] == none ? found : of[study];
    }
    return n;
}

static void exam_days(date_lab_run *r)
{
    uint32_t left = r->m->n_studies;
    for (size_t k = 0; k < r->lab->exam_dates.n && left > 0; k++) {
        const dcr_attr *a = dcr_model_attr(r->m, r->lab->exam_dates.path[k]);
        for (size_t i = 0; a != NULL && i < a->n_values; i++) {
            int32_t day[DATES_IN_VALUE];
            if (dcr_days_in(a->vr, &a->values[i], day) > 0)
                left -= take_value(r, &a->values[i], r->day, NO_DAY, day[0]);
        }
    }
    left = r->m->n_studies;
    for (size_t k = 0; k < r->lab->exam_times.n && left > 0; k++) {
        const dcr_attr *a = dcr_model_attr(r->m, r->lab->exam_times.path[k]);
        for (size_t i = 0; a != NULL && i < a->n_values; i++) {
            int32_t minute = dcr_minute_in(a->vr, &a->values[i]);
            if (minute != NO_MINUTE)
                left -= take_value(r, &a->values[i], r->minute, NO_MINUTE, minute);
        }
    }
}

static int by_id(const void *pa, const void *pb)
{
    const dcr_date_test *a = pa, *b = pb;
    int c = strcmp(a->id, b->id);
    return c != 0 ? c
                  : strcmp(a->attr == NULL ? "" : a->attr->path,
                           b->attr == NULL ? "" : b->attr->path);
}

static dcr_status examine(date_lab_run *r, uint32_t today, dcr_err *err)
{
    dcr_status rc;
    r->today = NO_DAY;
    if (today > 0 &&
        !dcr_day_number(today / 10000, today / 100 % 100, today % 100, &r->today))
        r->today = NO_DAY;
    r->day = dcr_alloc(r->m->n_studies, sizeof *r->day);
    r->minute = dcr_alloc(r->m->n_studies, sizeof *r->minute);
    r->mark = dcr_alloc(r->m->n_series, 1);
    r->marked = dcr_alloc(r->m->n_series, sizeof *r->marked);
    if (r->day == NULL || r->minute == NULL || r->mark == NULL || r->marked == NULL)
        return dcr_nomem(err);
    for (uint32_t s = 0; s < r->m->n_studies; s++) {
        r->day[s] = NO_DAY;
        r->minute[s] = NO_MINUTE;
    }
    exam_days(r);
    rc = dcr_dates_twins(r, err);
    if (rc == DCR_OK)
        rc = dcr_dates_sense(r, err);
    if (rc == DCR_OK)
        rc = dcr_dates_week(r, err);
    if (rc == DCR_OK)
        rc = dcr_dates_state(r, err);
    if (rc == DCR_OK && r->out->n_tests > 0)
        qsort(r->out->tests, r->out->n_tests, sizeof *r->out->tests, by_id);
    return rc;
}

dcr_status dcr_dates_examine(dcr_dates **out, const dcr_model *m, const dcr_date_lab *lab,
                             uint32_t today, dcr_err *err)
{
    dcr_dates *d = dcr_alloc(1, sizeof *d);
    owner *o = dcr_alloc(1, sizeof *o);
    date_lab_run r = {.m = m, .lab = lab, .out = d};
    dcr_status rc = d == NULL || o == NULL ? dcr_nomem(err) : DCR_OK;
    *out = NULL;
    if (rc == DCR_OK) {
        d->owner = o;
        d->lab = lab;
        r.arena = &o->arena;
        rc = examine(&r, today, err);
    } else {
        dcr_free(o);
    }
    dcr_free(r.day);
    dcr_free(r.minute);
    dcr_free(r.mark);
    dcr_free(r.marked);
    if (rc == DCR_OK)
        *out = d;
    else
        dcr_dates_free(d);
    return rc;
}

void dcr_dates_free(dcr_dates *d)
{
    if (d == NULL)
        return;
    if (d->owner != NULL) {
        dcr_arena_clear(&((owner *)d->owner)->arena);
        dcr_free(d->owner);
    }
    dcr_free(d->tests);
    dcr_free(d);
}
