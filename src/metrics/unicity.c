/* How often some points of a trace are nobody else's. */
#include "unicity.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#include "alloc.h"

static size_t length(const dcr_items *l, uint32_t h)
{
    return l->first[h + 1] - l->first[h];
}

/* ---- exact ---- */

static void exact(dcr_unicity *u, const dcr_items *trace, const dcr_itemsets *sets)
{
    uint32_t p = u->points;
    double sum = 0, all = 0;
    for (uint32_t h = 0; h < trace->n_holders; h++) {
        size_t n = length(trace, h);
        if (n == 0)
            continue;
        u->all_subjects++;
        /* Who has fewer points is known by all of them: one set, shared or not. */
        all += sets[n < p ? n - 1 : p - 1].unique[h];
        if (n < p)
            continue;
        u->subjects++;
        sum += sets[p - 1].unique[h];
    }
    u->share = u->lo = u->hi = u->subjects == 0 ? NAN : sum / u->subjects;
    u->all_share = u->all_subjects == 0 ? NAN : all / u->all_subjects;
}

/* ---- from a sample ---- */

enum { DRAWS = 20000, LEAST_DRAWS = 2000 };
static const uint64_t most_looks = 400 * 1000 * 1000; /* at traces, in one sample */

typedef struct sampler {
    const dcr_items *trace;
    size_t *first;    /* n_items + 1: holders of an item */
    uint32_t *holder; /* ascending */
    uint32_t *long_enough, n;
    uint64_t state;
} sampler;

static uint64_t next(sampler *s) /* splitmix64 */
{
    uint64_t z = s->state += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

static dcr_status sampler_init(sampler *s, const dcr_items *l, uint32_t p, dcr_err *err)
{
    s->trace = l;
    s->state = p;
    s->first = dcr_alloc((size_t)l->n_items + 2, sizeof *s->first);
    s->holder = dcr_alloc(l->first[l->n_holders], sizeof *s->holder);
    s->long_enough = dcr_alloc(l->n_holders, sizeof *s->long_enough);
    if (s->first == NULL || s->holder == NULL || s->long_enough == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < l->first[l->n_holders]; i++)
        s->first[l->item[i] + 2]++;
    for (size_t k = 2; k < (size_t)l->n_items + 2; k++)
        s->first[k] += s->first[k - 1];
    for (uint32_t h = 0; h < l->n_holders; h++) {
        for (size_t i = l->first[h]; i < l->first[h + 1]; i++)
            s->holder[s->first[l->item[i] + 1]++] = h;
        if (length(l, h) >= p)
            s->long_enough[s->n++] = h;
    }
    return DCR_OK;
}

static void sampler_clear(sampler *s)
{
    dcr_free(s->first);
    dcr_free(s->holder);
    dcr_free(s->long_enough);
}

static bool holds(const dcr_items *l, uint32_t h, uint32_t item)
{
    size_t lo = l->first[h], hi = l->first[h + 1];
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (l->item[mid] < item)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < l->first[h + 1] && l->item[lo] == item;
}

/* Is there nobody else with all of these points? */
static bool alone(const sampler *s, uint32_t who, const uint32_t *point, uint32_t p)
{
    uint32_t rarest = point[0];
    for (uint32_t i = 1; i < p; i++)
        if (s->first[point[i] + 1] - s->first[point[i]] <
            s->first[rarest + 1] - s->first[rarest])
            rarest = point[i];
    for (size_t i = s->first[rarest]; i < s->first[rarest + 1]; i++) {
        uint32_t other = s->holder[i], has = 0;
        while (other != who && has < p && holds(s->trace, other, point[has]))
            has++;
        if (has == p)
            return false;
    }
    return true;
}

/* One of the subjects, and p of its points, each as likely as any other. */
static bool draw_one(sampler *s, uint32_t p)
{
    uint32_t who = s->long_enough[next(s) % s->n], point[DCR_POINTS_N] = {0}, n = 0;
    while (n < p) {
        size_t at = s->trace->first[who] + next(s) % length(s->trace, who);
        bool again = false;
        point[n] = s->trace->item[at];
        for (uint32_t i = 0; i < n; i++)
            again = again || point[i] == point[n];
        n += !again;
    }
    return alone(s, who, point, p);
}

static uint32_t draws(const sampler *s)
{
    uint64_t most = 1;
    for (uint32_t i = 0; i < s->trace->n_items; i++)
        if (s->first[i + 1] - s->first[i] > most)
            most = s->first[i + 1] - s->first[i];
    most = most_looks / most;
    return most > DRAWS ? DRAWS : most < LEAST_DRAWS ? LEAST_DRAWS : (uint32_t)most;
}

/* The share at which `found` or fewer of n would come up with chance 0.025: quantile
 * 0.975 of a beta distribution, by bisection (gsl_cdf_beta_Pinv does not always
 * converge). */
static double upper(uint32_t n, uint32_t found)
{
    double lo = (double)found / n, hi = 1;
    for (int i = 0; i < 60 && found < n; i++) {
        double mid = lo + (hi - lo) / 2;
        if (gsl_cdf_beta_P(mid, found + 1.0, (double)n - found) < 0.975)
            lo = mid;
        else
            hi = mid;
    }
    return hi;
}

/* A set drawn so is nobody else's with the chance that is the mean share: the interval is
 * that of a binomial (Clopper and Pearson 1934). */
static dcr_status estimate(dcr_unicity *u, const dcr_items *trace, dcr_err *err)
{
    sampler s = {0};
    uint32_t found = 0;
    dcr_status rc = sampler_init(&s, trace, u->points, err);
    u->share = u->lo = u->hi = u->all_share = NAN;
    u->subjects = s.n;
    if (rc == DCR_OK && s.n > 0) {
        u->drawn = draws(&s);
        for (uint32_t i = 0; i < u->drawn; i++)
            found += draw_one(&s, u->points);
        u->share = (double)found / u->drawn;
        u->lo = 1 - upper(u->drawn, u->drawn - found);
        u->hi = upper(u->drawn, found);
    }
    sampler_clear(&s);
    return rc;
}

dcr_status dcr_unicity_get(dcr_unicity *out, const dcr_items *trace, uint64_t most,
                           dcr_err *err)
{
    dcr_itemsets sets[DCR_POINTS_N];
    dcr_status rc = dcr_itemsets_count(sets, DCR_POINTS_N, trace, most, err);
    for (uint32_t p = 1; p <= DCR_POINTS_N && rc == DCR_OK; p++) {
        dcr_unicity *u = &out[p - 1];
        memset(u, 0, sizeof *u);
        u->points = p;
        if (!sets[p - 1].refused) {
            exact(u, trace, sets);
            continue;
        }
        u->all_subjects = out[0].all_subjects; /* one point is never too many */
        rc = estimate(u, trace, err);
    }
    dcr_itemsets_clear(sets, DCR_POINTS_N);
    return rc;
}
