/* Dates that contradict other facts, and more precision than anybody needs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "dates_impl.h"
#include "plural.h"

/* ---- dates against the day of the assessment ---- */

static dcr_status future(date_lab_run *r, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    for (size_t k = 0; rc == DCR_OK && r->today != NO_DAY && k < r->lab->exam_dates.n;
         k++) {
        const dcr_attr *a = dcr_model_attr(r->m, r->lab->exam_dates.path[k]);
        char text[120];
        for (size_t i = 0; a != NULL && i < a->n_values; i++) {
            int32_t day[DATES_IN_VALUE];
            const dcr_value *v = &a->values[i];
            /* A day ahead may be a time zone. */
            if (dcr_days_in(a->vr, v, day) == 0 || day[0] <= r->today + 1)
                continue;
            for (uint32_t s = 0; v->in_series != NULL && s < v->series; s++)
                dcr_date_mark(r, v->in_series[s]);
        }
        snprintf(text, sizeof text,
                 "%u of %u series %s a date after the day of this assessment.",
                 r->n_marked, a == NULL ? 0 : a->series, dcr_plural(r->n_marked, "have"));
        rc = dcr_date_test_add(r, "future", a, text, err);
    }
    return rc;
}

/* ---- dates against the history of DICOM ---- */

static const dcr_class_year *class_year(const dcr_date_lab *lab, const dcr_value *v)
{
    for (size_t i = 0; i < lab->n_class_years; i++)
        if (strlen(lab->class_years[i].uid) == v->len &&
            memcmp(lab->class_years[i].uid, v->bytes, v->len) == 0)
            return &lab->class_years[i];
    return NULL;
}

static dcr_status before_class(date_lab_run *r, dcr_err *err)
{
    const dcr_attr *a = dcr_model_attr(r->m, "0008,0016");
    char text[120];
    for (size_t i = 0; a != NULL && i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        const dcr_class_year *c = class_year(r->lab, v);
        for (uint32_t s = 0; c != NULL && v->in_series != NULL && s < v->series; s++) {
            int32_t day = r->day[dcr_series_study(r->m, v->in_series[s])];
            if (day != NO_DAY && dcr_day_year(day) < c->year)
                dcr_date_mark(r, v->in_series[s]);
        }
    }
    snprintf(text, sizeof text,
             "%u series %s an exam date in a year before DICOM had such objects.",
             r->n_marked, dcr_plural(r->n_marked, "have"));
    return dcr_date_test_add(r, "before-class", a, text, err);
}

/* ---- dates against those of the device ---- */

static dcr_status before_device(date_lab_run *r, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    for (size_t k = 0; rc == DCR_OK && k < r->lab->device_dates.n; k++) {
        const dcr_attr *a = dcr_model_attr(r->m, r->lab->device_dates.path[k]);
        char text[160];
        for (size_t i = 0; a != NULL && i < a->n_values; i++) {
            int32_t made[DATES_IN_VALUE];
            const dcr_value *v = &a->values[i];
            size_t n = dcr_days_in(a->vr, v, made);
            for (uint32_t s = 0; n > 0 && v->in_series != NULL && s < v->series; s++) {
                int32_t day = r->day[dcr_series_study(r->m, v->in_series[s])];
                if (day != NO_DAY && day + 1 < made[0])
                    dcr_date_mark(r, v->in_series[s]);
            }
        }
        snprintf(text, sizeof text,
                 "%u series %s an exam date before this date of their device.",
                 r->n_marked, dcr_plural(r->n_marked, "have"));
        rc = dcr_date_test_add(r, "before-device", a, text, err);
    }
    return rc;
}

/* ---- birth and age ---- */

typedef struct age { /* in days: lo .. hi */
    int32_t lo, hi;
    bool known;
} age;

/* "045Y", "012M", "006W", "090D"; a bare number is years.  What is summed up as 89, 90 or
 * more says nothing exact. */
static age age_of(const dcr_value *v)
{
    age a = {0, 0, false};
    unsigned n = 0, i = 0;
    char unit;
    for (; i < v->len && i < 3 && v->bytes[i] >= '0' && v->bytes[i] <= '9'; i++)
        n = n * 10 + (unsigned)(v->bytes[i] - '0');
    unit = i == v->len ? 'Y' : (char)v->bytes[i];
    if (i == 0 || i + 1 < v->len || !dcr_date_value(v) || (unit == 'Y' && n >= 89))
        return a;
    a.known = true;
    switch (unit) {
    case 'Y':
        a.lo = (int32_t)(n * 36525 / 100) - 1;
        a.hi = (int32_t)((n + 1) * 36525 / 100) + 1;
        break;
    case 'M':
        a.lo = (int32_t)(n * 304 / 10) - 3;
        a.hi = (int32_t)((n + 1) * 305 / 10) + 3;
        break;
    case 'W':
        a.lo = (int32_t)(n * 7) - 1;
        a.hi = (int32_t)(n * 7) + 7;
        break;
    case 'D':
        a.lo = (int32_t)n - 1;
        a.hi = (int32_t)n + 1;
        break;
    default:
        a.known = false;
    }
    return a;
}

/* Per subject: day of birth, NO_DAY when there is none or there are two. */
static void births(const date_lab_run *r, int32_t *birth)
{
    const dcr_attr *a = dcr_model_attr(r->m, "0010,0030");
    for (uint32_t s = 0; s < r->m->n_subjects; s++)
        birth[s] = NO_DAY;
    for (size_t i = 0; a != NULL && i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        int32_t day[DATES_IN_VALUE];
        size_t n = dcr_days_in("DA", v, day);
        for (uint32_t k = 0; n > 0 && v->in_series != NULL && k < v->series; k++) {
            int32_t *b = &birth[dcr_series_subject(r->m, v->in_series[k])];
            *b = *b == NO_DAY || *b == day[0] ? day[0] : INT32_MAX;
        }
    }
    for (uint32_t s = 0; s < r->m->n_subjects; s++)
        birth[s] = birth[s] == INT32_MAX ? NO_DAY : birth[s];
}

static dcr_status before_birth(date_lab_run *r, const int32_t *birth, dcr_err *err)
{
    const dcr_attr *a = dcr_model_attr(r->m, "0010,0030");
    char text[120];
    for (uint32_t s = 0; s < r->m->n_series; s++) {
        int32_t day = r->day[dcr_series_study(r->m, s)],
                born = birth[dcr_series_subject(r->m, s)];
        if (day != NO_DAY && born != NO_DAY && day < born)
            dcr_date_mark(r, s);
    }
    snprintf(text, sizeof text, "%u series %s an exam date before the birth date.",
             r->n_marked, dcr_plural(r->n_marked, "have"));
    return dcr_date_test_add(r, "before-birth", a, text, err);
}

/* The age may be off by a year: it is rounded, or taken on another day. */
static dcr_status ages(date_lab_run *r, const int32_t *birth, dcr_err *err)
{
    const dcr_attr *a = dcr_model_attr(r->m, "0010,1010");
    uint32_t n = 0;
    char text[160];
    for (size_t i = 0; a != NULL && i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        age x = age_of(v);
        for (uint32_t k = 0; x.known && v->in_series != NULL && k < v->series; k++) {
            int32_t day = r->day[dcr_series_study(r->m, v->in_series[k])],
                    born = birth[dcr_series_subject(r->m, v->in_series[k])];
            int32_t slack = x.hi - x.lo > 300 ? 366 : 31;
            if (day == NO_DAY || born == NO_DAY)
                continue;
            n++;
            if (day - born < x.lo - slack || day - born > x.hi + slack)
                dcr_date_mark(r, v->in_series[k]);
        }
    }
    snprintf(text, sizeof text,
             "In %u of %u series with a birth date, the age is not the one that birth "
             "date and exam date give.",
             r->n_marked, n);
    return dcr_date_test_add(r, "age", a, text, err);
}

/* ---- precision ---- */

/* Where the digits of a DT or TM end: after them stand a fraction and an offset. */
static size_t time_digits(const dcr_value *v)
{
    size_t i = 0;
    while (i < v->len &&
           (v->bytes[i] == ':' || (v->bytes[i] >= '0' && v->bytes[i] <= '9')))
        i++;
    return i;
}

static bool has_fraction(const char *vr, const dcr_value *v)
{
    size_t i = time_digits(v), first = strcmp(vr, "TM") == 0 ? 6 : 14;
    if (i < first || i >= v->len || v->bytes[i] != '.')
        return false;
    for (i++; i < v->len && v->bytes[i] >= '0' && v->bytes[i] <= '9'; i++)
        if (v->bytes[i] != '0')
            return true;
    return false;
}

static bool has_zone(const char *vr, const dcr_value *v)
{
    size_t i = time_digits(v);
    (void)vr;
    if (i < 8)
        return false;
    while (i < v->len && v->bytes[i] != '+' && v->bytes[i] != '-' && v->bytes[i] != '\\')
        i++;
    return i + 4 < v->len && (v->bytes[i] == '+' || v->bytes[i] == '-');
}

static dcr_status precision(date_lab_run *r, const dcr_attr *a, const char *id,
                            bool (*is)(const char *, const dcr_value *), const char *word,
                            dcr_err *err)
{
    uint32_t n = 0;
    char text[120];
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        if (!dcr_date_value(v) || !is(a->vr, v))
            continue;
        n++;
        for (uint32_t k = 0; v->in_series != NULL && k < v->series; k++)
            dcr_date_mark(r, v->in_series[k]);
    }
    snprintf(text, sizeof text, "%u %s with %s.", n, dcr_plural(n, "distinct values"),
             word);
    return dcr_date_test_add(r, id, a, text, err);
}

dcr_status dcr_dates_sense(date_lab_run *r, dcr_err *err)
{
    int32_t *birth = dcr_alloc(r->m->n_subjects, sizeof *birth);
    dcr_status rc = birth == NULL ? dcr_nomem(err) : future(r, err);
    if (rc == DCR_OK)
        rc = before_class(r, err);
    if (rc == DCR_OK)
        rc = before_device(r, err);
    if (rc == DCR_OK) {
        births(r, birth);
        rc = before_birth(r, birth, err);
    }
    if (rc == DCR_OK)
        rc = ages(r, birth, err);
    dcr_free(birth);
    for (size_t i = 0; rc == DCR_OK && i < r->m->n_attrs; i++) {
        const dcr_attr *a = &r->m->attrs[i];
        if (strcmp(a->vr, "TM") != 0 && strcmp(a->vr, "DT") != 0)
            continue;
        rc = precision(r, a, "fraction", has_fraction, "fractions of a second", err);
        if (rc == DCR_OK && strcmp(a->vr, "DT") == 0)
            rc = precision(r, a, "zone", has_zone, "an offset to world time", err);
    }
    return rc;
}
