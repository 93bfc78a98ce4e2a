#include "population.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "alloc.h"

double dcr_sizes_records(dcr_sizes s)
{
    double n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += (double)s.list[i].size * s.list[i].classes;
    return n;
}

double dcr_sizes_classes(dcr_sizes s)
{
    double u = 0;
    for (size_t i = 0; i < s.n; i++)
        u += s.list[i].classes;
    return u;
}

double dcr_sizes_of(dcr_sizes s, uint64_t size)
{
    for (size_t i = 0; i < s.n && s.list[i].size <= size; i++)
        if (s.list[i].size == size)
            return s.list[i].classes;
    return 0;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

dcr_status dcr_sizes_build(dcr_size_count **list, size_t *n, const uint32_t *size,
                           size_t n_sizes, dcr_err *err)
{
    uint32_t *sorted = dcr_alloc(n_sizes, sizeof *sorted);
    size_t cap = 0;
    dcr_status rc = DCR_OK;
    *list = NULL;
    *n = 0;
    if (sorted == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n_sizes; i++)
        sorted[i] = size[i];
    qsort(sorted, n_sizes, sizeof *sorted, by_value);
    for (size_t i = 0; i < n_sizes && rc == DCR_OK; i++) {
        if (sorted[i] == 0)
            continue;
        if (*n > 0 && (*list)[*n - 1].size == sorted[i])
            (*list)[*n - 1].classes++;
        else if (!dcr_grow(list, &cap, *n + 1, sizeof **list))
            rc = dcr_nomem(err);
        else
            (*list)[(*n)++] = (dcr_size_count){sorted[i], 1};
    }
    dcr_free(sorted);
    if (rc != DCR_OK) {
        dcr_free(*list);
        *list = NULL;
        *n = 0;
    }
    return rc;
}

const char *dcr_population_name(dcr_population_model model)
{
    static const char *const name[] = {"pitman", "zayatz", "snb", "tau", "mixture"};
    return name[model];
}

/* ---- the rule of choice ---- */

/* How far Pitman's formula is from the classes seen. */
static double pitman_deviance(const dcr_rates *r, dcr_pitman p, double n)
{
    double mu[DCR_RATES_SIZES], of_i = dcr_pitman_uniques(p, n);
    for (int i = 0; i < DCR_RATES_SIZES; i++) {
        mu[i] = fmax(of_i, 1e-300);
        of_i = i + 1 < n ? dcr_pitman_next(p, n, i + 1, of_i) : 0;
    }
    return dcr_rates_deviance(r, mu);
}

/* Both formulas are only near the truth, so their deviances count less than chance alone
 * would have them (DISPERSION, as in quasi-likelihood), and even the one that fits is
 * good for LACK of itself at best. */
#define DISPERSION 4.0
#define LACK       0.05

/* A formula has a say when the class sizes do not refute it; its deviance, or infinity.
 */
static double say(const dcr_mixture *m, double uniques, double deviance)
{
    bool has = uniques > 0 && uniques >= m->lo && uniques <= m->hi && isfinite(deviance);
    return has ? deviance : INFINITY;
}

static double blend(const dcr_rates *r, const dcr_mixture *m, const dcr_pitman *pitman,
                    double pitman_uniques, double n)
{
    dcr_rates_fit bell = {0, 0};
    double dp = INFINITY, db = INFINITY, least, wb, wp, formula, w;
    double se = log(fmax(m->hi, 1) / fmax(m->lo, 1)) / (2 * 1.959963984540054);
    if (dcr_lognormal_fit(&bell, r))
        db = say(m, bell.uniques, bell.deviance);
    if (pitman != NULL)
        dp = say(m, pitman_uniques, pitman_deviance(r, *pitman, n));
    least = fmin(db, dp);
    if (least == INFINITY)
        return m->best;
    wb = exp((least - db) / (2 * DISPERSION));
    wp = exp((least - dp) / (2 * DISPERSION));
    formula =
        (wb > 0 ? wb * log(bell.uniques) : 0) + (wp > 0 ? wp * log(pitman_uniques) : 0);
    formula /= wb + wp;
    w = m->best > 0 ? LACK * LACK / (se * se) : 0;
    return exp((formula + (w > 0 ? w * log(m->best) : 0)) / (1 + w));
}

/* ---- the table of models ---- */

/* An interval of this share of the population says nothing. */
#define TOLD_NOTHING 0.75

static const char *const no_fit = "the model's equations have no solution here";
static const char *const refuted =
    "refuted: the class sizes exclude this figure (outside their 95 % interval)";
static const char *const assumed = "assumes a simple random sample";

static void put(dcr_population *p, dcr_population_model k, double uniques,
                const dcr_mixture *m)
{
    dcr_measure *v = &p->model[k];
    *v = (dcr_measure){uniques / p->size,
                       m->lo / p->size,
                       fmin(1, m->hi / p->size),
                       false,
                       false,
                       no_fit};
    if (!isfinite(uniques) || uniques < 0 || v->value > 1) {
        v->value = NAN;
        return;
    }
    v->applies = v->value >= v->lo && v->value <= v->hi;
    v->note = v->applies ? assumed : refuted;
}

void dcr_population_refuse(dcr_population *p, const char *why)
{
    for (int k = 0; k < DCR_POPULATION_MODELS; k++) {
        p->model[k].applies = false;
        p->model[k].note = why;
    }
    p->chosen = -1;
}

static void census(dcr_population *p, dcr_sizes s)
{
    double v = p->size > 0 ? dcr_sizes_of(s, 1) / p->size : 0;
    for (int k = 0; k < DCR_POPULATION_MODELS; k++)
        p->model[k] = (dcr_measure){.value = v, .lo = v, .hi = v};
    dcr_population_refuse(
        p, "not estimated: the sample is the whole population, and this is its share");
}

static void estimate(dcr_population *p, dcr_rates *r, dcr_sizes s, double tau)
{
    dcr_mixture m = {NAN, NAN, NAN, NAN, 0};
    dcr_pitman pitman;
    double n = dcr_sizes_records(s), of_pitman = NAN;
    bool has_pitman = dcr_pitman_fit(&pitman, s), fits;
    dcr_rates_init(r, s, p->fraction);
    fits = dcr_mixture_fit(&m, r);
    if (has_pitman)
        of_pitman = dcr_pitman_uniques(pitman, p->size);
    put(p, DCR_POPULATION_PITMAN, of_pitman, &m);
    put(p, DCR_POPULATION_ZAYATZ, dcr_zayatz(s, p->size), &m);
    put(p, DCR_POPULATION_SNB, dcr_snb(s, p->fraction), &m);
    put(p, DCR_POPULATION_TAU, tau * p->size, &m);
    put(p, DCR_POPULATION_MIXTURE,
        fits ? blend(r, &m, has_pitman ? &pitman : NULL, of_pitman, n) : NAN, &m);
    p->chosen = p->model[DCR_POPULATION_MIXTURE].applies ? DCR_POPULATION_MIXTURE : -1;
    if (m.hi - m.lo > TOLD_NOTHING * p->size)
        dcr_population_refuse(p, "refused: the table is too small to tell");
    if (fits && m.df > 0 && gsl_cdf_chisq_Q(m.deviance, m.df) < 1e-4)
        dcr_population_refuse(p, "refused: no random sample has such class sizes");
}

dcr_status dcr_population_estimate(dcr_population *out, dcr_sizes sizes, double fraction,
                                   bool srs, double tau, dcr_err *err)
{
    double n = dcr_sizes_records(sizes);
    dcr_rates *r;
    *out = (dcr_population){.fraction = fraction, .chosen = -1};
    if (!(fraction > 0 && fraction <= 1))
        return dcr_fail(err, DCR_EARG, NULL,
                        "the sampling fraction must be above 0 and at most 1");
    out->size = n / fraction;
    if (fraction == 1 || n == 0) {
        census(out, sizes);
        return DCR_OK;
    }
    r = dcr_alloc(1, sizeof *r);
    if (r == NULL)
        return dcr_nomem(err);
    estimate(out, r, sizes, tau);
    dcr_free(r);
    if (fraction < DCR_POPULATION_LEAST)
        dcr_population_refuse(out, "refused: the sample is under 2 % of the population");
    if (!srs)
        dcr_population_refuse(out,
                              "refused: not a simple random sample of the population");
    return DCR_OK;
}
