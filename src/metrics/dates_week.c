/* Weekdays and hours of the exams: which kind of calendar makes them likeliest.
 *
 * A release has a share e of unplanned work, that comes on any day and at any hour; the
 * rest is planned, on working days and in working hours.  Sites differ: what a site does
 * is drawn around that mixture (Dirichlet), e is one of a list, and the week is one of
 * several.  A calendar moved by one constant is such a week turned round; where every
 * patient is moved apart, weekdays are even over the release and only the exams of one
 * patient keep a week.  A week of any other form speaks for none of these.
 *
 * Every kind is a likelihood of the same sequence of days (and hours), integrated over
 * what is not known, so that they can be compared; priors stand in rules/date-lab.json.
 */
#include <float.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "dates_impl.h"

enum { DAYS = 7, HOURS = 24, WEEK = DAYS * HOURS, MAX_SHARES = 32, MAX_CHAIN = 64 };

/* Turns of the clock up to NEAR hours are what sites differ by, not a shift. */
enum { NEAR = 2 };
static const double near_prior[2 * NEAR + 1] = {0.05, 0.15, 0.6, 0.15, 0.05};
/* A site whose hours are like nobody's; patients whose times were moved too. */
static const double odd_hours = 0.05, times_moved = 0.3, week_of_patient = 0.5;
/* A department where nothing is planned, and one day is as busy as another: by its days
 * it cannot be told from patients that are moved apart. */
static const double even_calendar = 0.05;
/* Even days speak for patients moved apart only where hours show planned work.  With
 * hours of any other kind, or turned, an emergency department gives them as well. */
static const double even_other = 0.3;

typedef struct week_count {
    uint32_t day[DAYS], week[WEEK]; /* week: those with a time, by hour of the week */
    uint32_t n, timed, subjects;
    bool hours; /* times of day say something */
    dcr_season_count season;
    /* ln of the likelihood of the exams of patients with several, by share: each with a
     * week of its own, less that of even days */
    double own_week[MAX_SHARES];
} week_count;

/* ---- sums of logarithms ---- */

static double add_log(double a, double b)
{
    double hi = a > b ? a : b, lo = a > b ? b : a;
    return lo < -DBL_MAX ? hi : hi + log1p(exp(lo - hi));
}

/* ---- likelihoods ---- */

/* A sequence with these counts, its distribution drawn from a Dirichlet. */
static double drawn(const double *a, const uint32_t *n, size_t size)
{
    double sum = 0, total = 0, out = 0;
    for (size_t i = 0; i < size; i++) {
        sum += a[i];
        total += n[i];
        if (n[i] > 0)
            out += gsl_sf_lngamma(a[i] + n[i]) - gsl_sf_lngamma(a[i]);
    }
    return out + gsl_sf_lngamma(sum) - gsl_sf_lngamma(sum + total);
}

static double any_form(const uint32_t *n, size_t size)
{
    double one[HOURS];
    for (size_t i = 0; i < size; i++)
        one[i] = 1;
    return drawn(one, n, size);
}

/* Weekdays of a true week that was turned by c days, with a share e of unplanned work. */
static double turned_week(const dcr_date_lab *lab, const uint32_t *day, unsigned c,
                          double e)
{
    double out = -INFINITY, a[DAYS];
    uint32_t n[DAYS];
    for (unsigned d = 0; d < DAYS; d++)
        n[d] = day[(d + c) % DAYS];
    for (size_t w = 0; w < lab->n_weeks; w++) {
        for (unsigned d = 0; d < DAYS; d++)
            a[d] = lab->day_spread *
                   ((1 - e) * lab->weeks[w].day[d] + e * lab->unplanned_day[d]);
        out = add_log(out, log(lab->weeks[w].prior) + drawn(a, n, DAYS));
    }
    return out;
}

static double turned_hours(const dcr_date_lab *lab, const uint32_t *hour, unsigned s,
                           double e)
{
    double a[HOURS];
    uint32_t n[HOURS];
    for (unsigned h = 0; h < HOURS; h++) {
        n[h] = hour[(h + s) % HOURS];
        a[h] = lab->hour_spread *
               ((1 - e) * lab->planned_hour[h] + e * lab->unplanned_hour[h]);
    }
    return drawn(a, n, HOURS);
}

/* ---- the kinds of calendar ---- */

typedef enum kind {
    CALENDAR,
    ONE_SHIFT,
    ONE_SHIFT_HOURS,
    PER_SUBJECT,
    OTHER,
    KINDS
} kind;

static void by_hour(const week_count *w, unsigned turn, uint32_t hour[HOURS],
                    uint32_t day[DAYS])
{
    memset(hour, 0, HOURS * sizeof *hour);
    memset(day, 0, DAYS * sizeof *day);
    for (unsigned x = 0; x < WEEK; x++) {
        hour[x % HOURS] += w->week[x];
        day[(x + WEEK - turn) % WEEK / HOURS] += w->week[x];
    }
}

/* Days that are even, too, where nothing is planned: see even_calendar. */
static double or_even(const dcr_date_lab *lab, const uint32_t *day, double e, double days)
{
    double n = 0;
    if (e < 1)
        return days;
    for (unsigned d = 0; d < DAYS; d++)
        n += day[d];
    return add_log(days + log(1 - even_calendar),
                   log(even_calendar * (double)lab->n_shares) - n * log(DAYS));
}

/* All turns by some days: the mean over them. */
static double any_turn(const dcr_date_lab *lab, const uint32_t *day, unsigned from,
                       double e)
{
    double out = -INFINITY;
    for (unsigned c = from; c < DAYS; c++)
        out = add_log(out, turned_week(lab, day, c, e));
    return or_even(lab, day, e, out - log(DAYS - from));
}

/* Days and hours both turned, further than sites differ by. */
static double far_turns(const dcr_date_lab *lab, const week_count *w, double e)
{
    double out = -INFINITY;
    for (unsigned s = NEAR + 1; s < HOURS - NEAR; s++) {
        uint32_t hour[HOURS], day[DAYS];
        by_hour(w, s, hour, day);
        out = add_log(out, turned_hours(lab, hour, s, e) + any_turn(lab, day, 0, e));
    }
    return out - log(HOURS - 2 * NEAR - 1);
}

/* Hours that show no planned work: unplanned ones, turned or not, any form, even. */
static double unplanned_hours(const dcr_date_lab *lab, const uint32_t *hour, double n)
{
    double turned = -INFINITY;
    for (unsigned s = 0; s < HOURS; s++)
        turned = add_log(turned, turned_hours(lab, hour, s, 1));
    return add_log(turned - log(HOURS), add_log(any_form(hour, HOURS), -n * log(HOURS))) -
           log(3);
}

static void add_share(const dcr_date_lab *lab, const week_count *w, size_t i,
                      double out[KINDS])
{
    double e = lab->share[i], kept = 0, moved = 0, even = -(double)w->n * log(DAYS), own;
    uint32_t hour[HOURS], day[DAYS];
    if (w->hours) {
        kept = -INFINITY;
        by_hour(w, 0, hour, day);
        for (unsigned s = 0; s < 2 * NEAR + 1; s++)
            kept =
                add_log(kept, log(near_prior[s]) +
                                  turned_hours(lab, hour, (s + HOURS - NEAR) % HOURS, e));
        kept = add_log(log(1 - odd_hours) + kept, log(odd_hours) + any_form(hour, HOURS));
        moved = -(double)w->timed * log(HOURS);
        out[ONE_SHIFT_HOURS] = add_log(out[ONE_SHIFT_HOURS], far_turns(lab, w, e));
    }
    own = or_even(lab, w->day, e, turned_week(lab, w->day, 0, e));
    out[CALENDAR] = add_log(out[CALENDAR], kept + own);
    out[ONE_SHIFT] = add_log(out[ONE_SHIFT], kept + any_turn(lab, w->day, 1, e));
    own = add_log(log(1 - week_of_patient), log(week_of_patient) + w->own_week[i]);
    out[PER_SUBJECT] = add_log(
        out[PER_SUBJECT],
        even + own + add_log(log(1 - times_moved) + kept, log(times_moved) + moved));
    out[OTHER] =
        add_log(out[OTHER], add_log(kept, moved) - log(2) + any_form(w->day, DAYS));
}

static void add_even_other(const dcr_date_lab *lab, const week_count *w,
                           double out[KINDS])
{
    uint32_t hour[HOURS], day[DAYS];
    if (!w->hours)
        return;
    by_hour(w, 0, hour, day);
    out[OTHER] =
        add_log(out[OTHER] + log(1 - even_other),
                log(even_other * (double)lab->n_shares) - (double)w->n * log(DAYS) +
                    unplanned_hours(lab, hour, w->timed));
}

static void judge(date_lab_run *r, const week_count *w)
{
    static const char *const name[KINDS] = {"calendar", "one-shift", "one-shift-hours",
                                            "per-subject", "cannot-tell"};
    const dcr_date_lab *lab = r->lab;
    dcr_dates *d = r->out;
    double l[KINDS], sum = -INFINITY, next = -INFINITY;
    kind best = CALENDAR;
    for (int k = 0; k < KINDS; k++)
        l[k] = -INFINITY;
    for (size_t i = 0; i < lab->n_shares; i++)
        add_share(lab, w, i, l);
    add_even_other(lab, w, l);
    for (int k = 0; k < KINDS; k++) {
        best = l[k] > l[best] ? (kind)k : best;
    }
    for (int k = 0; k < KINDS; k++)
        next = k != (int)best && l[k] > next ? l[k] : next;
    d->llr = l[best] - next;
    /* One constant moves days, or days and hours: half each where there are hours. */
    l[CALENDAR] += log(lab->prior_calendar);
    l[ONE_SHIFT] += log(lab->prior_one_shift / (w->hours ? 2 : 1));
    l[ONE_SHIFT_HOURS] += log(lab->prior_one_shift / 2);
    l[PER_SUBJECT] += log(lab->prior_per_subject);
    l[OTHER] += log(lab->prior_other);
    for (int k = 0; k < KINDS; k++) {
        sum = add_log(sum, l[k]);
        best = l[k] > l[best] ? (kind)k : best;
    }
    d->posterior = exp(l[best] - sum);
    if (isfinite(d->posterior) && isfinite(d->llr) && d->posterior >= lab->posterior)
        d->verdict = name[best];
}

/* ---- counting ---- */

typedef struct exam {
    int32_t day, minute;
} exam;

static int by_day(const void *pa, const void *pb)
{
    const exam *a = pa, *b = pb;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return (a->minute > b->minute) - (a->minute < b->minute);
}

/* The patient's days as a week of their own, turned by anything, against even days. */
static void add_own_week(const dcr_date_lab *lab, const uint8_t *weekday, size_t n,
                         week_count *w)
{
    if (n < 2)
        return;
    for (size_t i = 0; i < lab->n_shares; i++) {
        double e = lab->share[i], p[DAYS], sum = 0;
        for (unsigned d = 0; d < DAYS; d++)
            p[d] = DAYS * ((1 - e) * lab->weeks[0].day[d] + e * lab->unplanned_day[d]);
        for (unsigned c = 0; c < DAYS; c++) {
            double one = 1;
            for (size_t k = 0; k < n; k++)
                one *= p[(weekday[k] + DAYS - c) % DAYS];
            sum += one;
        }
        w->own_week[i] += log(sum / DAYS);
    }
}

/* Exams of one patient that are far enough apart to be planned apart. */
static void add_subject(const dcr_date_lab *lab, exam *e, size_t n, week_count *w)
{
    uint8_t weekday[MAX_CHAIN];
    size_t kept = 0;
    int32_t last = NO_DAY;
    if (n > 0)
        qsort(e, n, sizeof *e, by_day);
    for (size_t i = 0; i < n; i++) {
        unsigned d = dcr_day_weekday(e[i].day);
        if (last != NO_DAY && e[i].day - last < (int32_t)lab->apart_days)
            continue;
        last = e[i].day;
        w->day[d]++;
        w->n++;
        dcr_season_see(&w->season, lab, e[i].day);
        if (e[i].minute != NO_MINUTE) {
            w->week[d * HOURS + (unsigned)e[i].minute / 60]++;
            w->timed++;
        }
        if (kept < MAX_CHAIN)
            weekday[kept++] = (uint8_t)d;
    }
    w->subjects += n > 0;
    add_own_week(lab, weekday, kept, w);
}

/* Times say something when nearly all exams have one and they are not all alike. */
static bool times_speak(const date_lab_run *r, const week_count *w)
{
    uint32_t at[DAY_MINUTES] = {0}, most = 0, all = 0;
    for (uint32_t s = 0; s < r->m->n_studies; s++)
        if (r->day[s] != NO_DAY && r->minute[s] != NO_MINUTE) {
            uint32_t n = ++at[r->minute[s]];
            most = n > most ? n : most;
            all++;
        }
    return w->timed >= w->n - w->n / 10 && most <= all / 4;
}

/* Distinct days among the exams, up to 2. */
static int distinct_days(const date_lab_run *r)
{
    int32_t first = NO_DAY;
    for (uint32_t s = 0; s < r->m->n_studies; s++) {
        if (r->day[s] == NO_DAY)
            continue;
        if (first != NO_DAY && r->day[s] != first)
            return 2;
        first = r->day[s];
    }
    return first != NO_DAY;
}

static dcr_status count(date_lab_run *r, week_count *w, dcr_err *err)
{
    const dcr_model *m = r->m;
    uint32_t most = 0;
    exam *e;
    for (uint32_t s = 0; s < m->n_subjects; s++)
        most = m->subjects[s].n_studies > most ? m->subjects[s].n_studies : most;
    e = dcr_alloc(most, sizeof *e);
    if (e == NULL)
        return dcr_nomem(err);
    for (uint32_t s = 0; s < m->n_subjects; s++) {
        size_t n = 0;
        for (uint32_t i = 0; i < m->subjects[s].n_studies; i++) {
            uint32_t study = m->subjects[s].first_study + i;
            if (r->day[study] != NO_DAY)
                e[n++] = (exam){r->day[study], r->minute[study]};
        }
        add_subject(r->lab, e, n, w);
    }
    dcr_free(e);
    return DCR_OK;
}

dcr_status dcr_dates_week(date_lab_run *r, dcr_err *err)
{
    week_count *w = dcr_alloc(1, sizeof *w);
    int days = distinct_days(r);
    dcr_status rc = w == NULL ? dcr_nomem(err) : count(r, w, err);
    r->out->verdict = days == 0 ? "none" : "cannot-tell";
    if (rc == DCR_OK) {
        w->hours = times_speak(r, w);
        r->out->studies = w->n;
        r->out->subjects = w->subjects;
        r->out->times = w->hours;
        dcr_season_judge(&w->season, r->lab, &r->out->season);
        if (days == 1 && w->n >= r->lab->min_studies)
            r->out->verdict = "constant";
        else if (days > 1 && w->n >= r->lab->min_studies)
            judge(r, w);
    }
    dcr_free(w);
    return rc;
}
