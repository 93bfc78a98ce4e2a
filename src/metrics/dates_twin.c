/* The shift gives itself away: somewhere in the files a date stands that was not moved
 * with the exam's, or was moved otherwise, and differs from it by a constant.
 *
 * A date that stands still (a birth, a calibration) differs from distinct exam dates by
 * distinct numbers, so a constant is counted in distinct exam dates.  One that follows
 * from the exam (a report two days later) differs by little.  Among unrelated dates a
 * difference may come up more than once by chance: how often is told by the differences
 * around it. */
#include <gsl/gsl_cdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "dates_impl.h"
#include "plural.h"

typedef struct difference {
    int32_t days, exam; /* date less exam's date; the exam's date */
    uint32_t series, subject;
} difference;

typedef struct differences { /* of one attribute */
    difference *list;
    size_t n, cap;
    size_t same; /* (date, series) that differ by a day at most */
} differences;

/* Of a large release, every so-many-th patient is enough to find a constant. */
enum { PATIENTS = 20000 };

static uint32_t step_of(const date_lab_run *r)
{
    return r->m->n_subjects / PATIENTS + 1;
}

static bool passed_over(const dcr_value *v, uint32_t step)
{
    return v->subjects <= 1 && v->first_subject % step != 0;
}

static dcr_status collect(const date_lab_run *r, const dcr_attr *a, differences *out,
                          dcr_err *err)
{
    uint32_t step = step_of(r);
    out->n = out->same = 0;
    /* Where only some values were kept, any of them will do. */
    for (size_t i = 0; i < a->n_values; i += a->exact ? 1 : step) {
        const dcr_value *v = &a->values[i];
        int32_t day[DATES_IN_VALUE];
        size_t n = a->exact && passed_over(v, step) ? 0 : dcr_days_in(a->vr, v, day);
        for (uint32_t k = 0; n > 0 && v->in_series != NULL && k < v->series; k++) {
            uint32_t study = dcr_series_study(r->m, v->in_series[k]);
            uint32_t subject = r->m->studies[study].subject;
            int32_t exam = !a->exact || subject % step == 0 ? r->day[study] : NO_DAY;
            for (size_t d = 0; exam != NO_DAY && d < n; d++) {
                int32_t days = day[d] - exam;
                if (days >= -1 && days <= 1) {
                    out->same++;
                    continue;
                }
                if (!dcr_grow(&out->list, &out->cap, out->n + 1, sizeof *out->list))
                    return dcr_nomem(err);
                out->list[out->n++] = (difference){days, exam, v->in_series[k], subject};
            }
        }
    }
    return DCR_OK;
}

/* Marks all series in which the date is not the exam's, or differs by just so many days.
 */
static void mark_all(date_lab_run *r, const dcr_attr *a, bool any, int32_t constant)
{
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        int32_t day[DATES_IN_VALUE];
        size_t n = dcr_days_in(a->vr, v, day);
        for (uint32_t k = 0; n > 0 && v->in_series != NULL && k < v->series; k++) {
            int32_t exam = r->day[dcr_series_study(r->m, v->in_series[k])];
            for (size_t d = 0; exam != NO_DAY && d < n; d++) {
                int32_t days = day[d] - exam;
                if (any ? days < -1 || days > 1 : days == constant)
                    dcr_date_mark(r, v->in_series[k]);
            }
        }
    }
}

/* ---- one constant for the release ---- */

static int by_days(const void *pa, const void *pb)
{
    const difference *a = pa, *b = pb;
    if (a->days != b->days)
        return a->days < b->days ? -1 : 1;
    if (a->exam != b->exam)
        return a->exam < b->exam ? -1 : 1;
    return (a->series > b->series) - (a->series < b->series);
}

typedef struct peak {
    int32_t days;
    uint32_t dates; /* distinct exam dates that have this difference */
} peak;

/* Distinct exam dates per difference, in order; returns how many. */
static size_t peaks_of(const differences *d, peak *out)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) {
        if (n == 0 || out[n - 1].days != d->list[i].days)
            out[n++] = (peak){d->list[i].days, 0};
        out[n - 1].dates += i == 0 || d->list[i].days != d->list[i - 1].days ||
                            d->list[i].exam != d->list[i - 1].exam;
    }
    return n;
}

/* Chance that unrelated dates as dense as those within a month of the peak reach it. */
static bool beyond_chance(const date_lab_run *r, const peak *p, size_t n, size_t at)
{
    enum { AROUND = 31 };
    double others = 1, total = 0, chance;
    for (size_t i = at; i-- > 0 && p[at].days - p[i].days <= AROUND;)
        others += p[at].days - p[i].days > 1 ? p[i].dates : 0;
    for (size_t i = at + 1; i < n && p[i].days - p[at].days <= AROUND; i++)
        others += p[i].days - p[at].days > 1 ? p[i].dates : 0;
    for (size_t i = 0; i < n; i++)
        total += p[i].dates;
    chance = gsl_cdf_poisson_Q(p[at].dates - 1, others / (2 * (AROUND - 1)));
    return chance * (double)n < r->lab->twin_chance && p[at].dates * 4 >= total;
}

static dcr_status one_constant(date_lab_run *r, const dcr_attr *a, differences *d,
                               bool *found, dcr_err *err)
{
    peak *p = dcr_alloc(d->n, sizeof *p);
    size_t n, best = SIZE_MAX;
    char text[200];
    *found = false;
    if (p == NULL)
        return dcr_nomem(err);
    qsort(d->list, d->n, sizeof *d->list, by_days);
    n = peaks_of(d, p);
    for (size_t i = 0; i < n; i++)
        if ((p[i].days >= (int32_t)r->lab->twin_days ||
             p[i].days <= -(int32_t)r->lab->twin_days) &&
            (best == SIZE_MAX || p[i].dates > p[best].dates))
            best = i;
    if (best != SIZE_MAX && p[best].dates >= r->lab->twin_dates &&
        beyond_chance(r, p, n, best)) {
        *found = true;
        mark_all(r, a, false, p[best].days);
    }
    snprintf(text, sizeof text,
             "This date differs from the exam date by one and the same number of days on "
             "%u distinct exam dates.",
             best == SIZE_MAX ? 0 : p[best].dates);
    dcr_free(p);
    return *found ? dcr_date_test_add(r, "twin-one-shift", a, text, err) : DCR_OK;
}

/* ---- a constant for each patient ---- */

typedef struct patients {
    uint32_t several, constant; /* with two exam dates and more; of them, constant ones */
    uint32_t distinct;          /* constants that differ from the one before */
    int32_t last;
} patients;

static int by_patient(const void *pa, const void *pb)
{
    const difference *a = pa, *b = pb;
    if (a->subject != b->subject)
        return a->subject < b->subject ? -1 : 1;
    return by_days(a, b);
}

/* One patient's differences, sorted: is there one that all of their exam dates have? */
static void judge_patient(const difference *d, size_t n, uint32_t dates, patients *p)
{
    uint32_t run = 0, best = 0;
    int32_t at = 0;
    for (size_t i = 0; i < n; i++) {
        bool same = i > 0 && d[i].days == d[i - 1].days;
        if (!same || d[i].exam != d[i - 1].exam)
            run = same ? run + 1 : 1;
        if (run > best) {
            best = run;
            at = d[i].days;
        }
    }
    if (dates < 2)
        return;
    p->several++;
    if (best < dates)
        return;
    p->constant++;
    p->distinct += p->constant == 1 || at != p->last;
    p->last = at;
}

static int by_number(const void *pa, const void *pb)
{
    int32_t a = *(const int32_t *)pa, b = *(const int32_t *)pb;
    return (a > b) - (a < b);
}

/* Distinct exam dates among a patient's differences. */
static uint32_t exam_dates(const difference *d, size_t n, int32_t *scratch)
{
    uint32_t out = 0;
    for (size_t i = 0; i < n; i++)
        scratch[i] = d[i].exam;
    qsort(scratch, n, sizeof *scratch, by_number);
    for (size_t i = 0; i < n; i++)
        out += i == 0 || scratch[i] != scratch[i - 1];
    return out;
}

static dcr_status constant_each(date_lab_run *r, const dcr_attr *a, differences *d,
                                dcr_err *err)
{
    patients p = {0};
    char text[200];
    int32_t *scratch = dcr_alloc(d->n, sizeof *scratch);
    if (scratch == NULL)
        return dcr_nomem(err);
    qsort(d->list, d->n, sizeof *d->list, by_patient);
    for (size_t i = 0, j; i < d->n; i = j) {
        for (j = i; j < d->n && d->list[j].subject == d->list[i].subject;)
            j++;
        judge_patient(d->list + i, j - i, exam_dates(d->list + i, j - i, scratch), &p);
    }
    dcr_free(scratch);
    if (p.constant < r->lab->twin_dates || p.constant * 5 < p.several * 4 ||
        p.distinct * 2 < p.constant || d->same > d->n)
        return DCR_OK;
    mark_all(r, a, true, 0);
    snprintf(text, sizeof text,
             "In %u of %u %s with several exam dates, this date differs from all "
             "of them by one number of days, another one for each patient.",
             p.constant, p.several, dcr_plural(p.several, "patients"));
    return dcr_date_test_add(r, "twin-per-subject", a, text, err);
}

/* ---- times of day ---- */

enum { EARLY = 180, LATE = 360 }; /* minutes by which a time may differ in one exam */

typedef struct clock_count {
    uint32_t hour[24]; /* of the difference to the exam's time */
    uint32_t n, usual, subjects;
    uint32_t last_subject; /* + 1; a patient met again later counts again */
} clock_count;

static void add_clock(const date_lab_run *r, uint32_t study, int32_t minute,
                      clock_count *c)
{
    int32_t diff = (minute - r->minute[study] + DAY_MINUTES) % DAY_MINUTES;
    c->hour[diff / 60]++;
    c->n++;
    c->usual += diff <= LATE || diff >= DAY_MINUTES - EARLY;
    c->subjects += c->last_subject != r->m->studies[study].subject + 1;
    c->last_subject = r->m->studies[study].subject + 1;
}

/* The earliest time of each study (values stand in order) against the exam's.  `seen`
 * holds per study which attribute was met there last. */
static void count_clock(const date_lab_run *r, const dcr_attr *a, uint32_t *seen,
                        clock_count *c)
{
    uint32_t me = (uint32_t)(a - r->m->attrs) + 1, step = step_of(r);
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        int32_t minute = passed_over(v, step) ? NO_MINUTE : dcr_minute_in(a->vr, v);
        for (uint32_t k = 0; minute != NO_MINUTE && v->in_series != NULL && k < v->series;
             k++) {
            uint32_t study = dcr_series_study(r->m, v->in_series[k]);
            if (seen[study] == me || r->minute[study] == NO_MINUTE)
                continue;
            seen[study] = me;
            add_clock(r, study, minute, c);
        }
    }
}

static dcr_status time_twin(date_lab_run *r, const dcr_attr *a, uint32_t *seen,
                            dcr_err *err)
{
    clock_count c;
    uint32_t best = 0;
    char text[200];
    count_clock(r, a, seen, &c);
    for (unsigned h = 0; h < 24; h++)
        if (c.hour[h] + c.hour[(h + 1) % 24] > best)
            best = c.hour[h] + c.hour[(h + 1) % 24];
    if (c.n < 10 || c.subjects < 5 || best * 5 < c.n * 4 || c.usual * 10 > c.n)
        return DCR_OK;
    for (size_t i = 0; i < a->n_values; i++)
        for (uint32_t k = 0; a->values[i].in_series != NULL && k < a->values[i].series;
             k++)
            if (dcr_minute_in(a->vr, &a->values[i]) != NO_MINUTE)
                dcr_date_mark(r, a->values[i].in_series[k]);
    snprintf(text, sizeof text,
             "In %u of %u %s this time differs from the exam's by about the same "
             "number of hours, more than one exam lasts.",
             best, c.n, dcr_plural(c.n, "exams"));
    return dcr_date_test_add(r, "twin-time", a, text, err);
}

/* ---- all attributes ---- */

static bool is_time(const dcr_attr *a)
{
    return strcmp(a->vr, "TM") == 0;
}

static dcr_status twins_of(date_lab_run *r, const dcr_attr *a, differences *d,
                           uint32_t *seen, dcr_err *err)
{
    bool found = false;
    dcr_status rc;
    if (dcr_date_path_in(&r->lab->not_twins, a->path))
        return DCR_OK;
    if (is_time(a))
        return time_twin(r, a, seen, err);
    rc = collect(r, a, d, err);
    if (rc == DCR_OK && d->n >= r->lab->twin_dates)
        rc = one_constant(r, a, d, &found, err);
    if (rc == DCR_OK && !found && d->n >= 2 * (size_t)r->lab->twin_dates)
        rc = constant_each(r, a, d, err);
    return rc;
}

dcr_status dcr_dates_twins(date_lab_run *r, dcr_err *err)
{
    differences d = {0};
    uint32_t *seen = dcr_alloc(r->m->n_studies, sizeof *seen);
    dcr_status rc = seen == NULL ? dcr_nomem(err) : DCR_OK;
    for (size_t i = 0; rc == DCR_OK && i < r->m->n_attrs; i++)
        rc = twins_of(r, &r->m->attrs[i], &d, seen, err);
    dcr_free(d.list);
    dcr_free(seen);
    return rc;
}
