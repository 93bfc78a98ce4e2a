/* Maximum likelihood of a mixture of Poisson rates without a formula for the rates, by
 * its dual (Koenker and Mizera 2014), tilted for the profile of the uniques. */
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

#include "population.h"

/* Of the barrier: the likelihood is known to LAST times RATES. */
#define LAST 1e-5

enum { SIZES = DCR_RATES_SIZES, RATES = DCR_RATES };

typedef struct mixture {
    const dcr_rates *r;
    int n;                      /* sizes seen */
    double c[SIZES];            /* classes of them */
    double a[RATES][SIZES];     /* P(size seen) by rate */
    double nu[SIZES], h[RATES]; /* dual and primal */
    double log_likelihood, uniques;
    double off; /* share of the classes by which the dual and the primal differ */
} mixture;

static void fill(mixture *m, const dcr_rates *r)
{
    memset(m, 0, sizeof *m);
    m->r = r;
    for (int i = 0; i < SIZES; i++) {
        if (r->classes[i] < 1e-6) /* an expectation of nothing */
            continue;
        for (int k = 0; k < RATES; k++)
            m->a[k][m->n] = r->seen[k][i];
        m->c[m->n++] = r->classes[i];
    }
}

static double room(const mixture *m, int k, double tilt, const double *nu)
{
    double r = m->r->some[k] - tilt * m->r->one[k];
    for (int i = 0; i < m->n; i++)
        r -= m->a[k][i] * nu[i];
    return r;
}

static double objective(const mixture *m, double tilt, double barrier, const double *nu)
{
    double v = 0;
    for (int i = 0; i < m->n; i++) {
        if (!(nu[i] > 0))
            return -INFINITY;
        v += m->c[i] * log(nu[i]);
    }
    for (int k = 0; k < RATES; k++) {
        double r = room(m, k, tilt, nu);
        if (!(r > 0))
            return -INFINITY;
        v += barrier * log(r);
    }
    return v;
}

/* One damped Newton step in the logarithms of the dual, in which tiny and large counts
 * are alike; the decrement, or less than 0 when it failed. */
static double step(mixture *m, double tilt, double barrier)
{
    double g[SIZES], hess[SIZES * SIZES] = {0}, x[SIZES], gain = 0, t = 1, v, w;
    bool near;
    int n = m->n;
    gsl_matrix_view hv = gsl_matrix_view_array(hess, (size_t)n, (size_t)n);
    gsl_vector_view gv = gsl_vector_view_array(g, (size_t)n);
    gsl_vector_view xv = gsl_vector_view_array(x, (size_t)n);
    memcpy(g, m->c, sizeof g);
    for (int k = 0; k < RATES; k++) {
        double r = room(m, k, tilt, m->nu), weight = barrier / r;
        for (int i = 0; i < n; i++) {
            double ai = m->a[k][i] * m->nu[i];
            g[i] -= weight * ai;
            hess[i * n + i] += weight * ai;
            for (int j = 0; j <= i; j++)
                hess[i * n + j] += weight / r * ai * m->a[k][j] * m->nu[j];
        }
    }
    if (gsl_linalg_cholesky_decomp1(&hv.matrix) != 0 ||
        gsl_linalg_cholesky_solve(&hv.matrix, &gv.vector, &xv.vector) != 0)
        return -1;
    for (int i = 0; i < n; i++)
        gain += g[i] * x[i];
    v = objective(m, tilt, barrier, m->nu);
    near = gain < 0.1 * barrier; /* where a whole step is safe, and v only noise */
    for (; t > 1e-9; t /= 2) {
        double nu[SIZES];
        for (int i = 0; i < n; i++)
            nu[i] = m->nu[i] * exp(t * x[i]);
        w = objective(m, tilt, barrier, nu);
        if (w >= v + 1e-4 * t * gain || (near && isfinite(w))) {
            memcpy(m->nu, nu, sizeof nu);
            return gain;
        }
    }
    return -1;
}

static double least_tilted(const mixture *m, double tilt)
{
    double least = INFINITY;
    for (int k = 0; k < RATES; k++) {
        double sum = 0;
        for (int i = 0; i < m->n; i++)
            sum += m->a[k][i];
        least = fmin(least, (m->r->some[k] - tilt * m->r->one[k]) / sum);
    }
    return least;
}

/* Weights of the rates from the dual's slack, and what they say. */
static void read_primal(mixture *m, double tilt, double barrier)
{
    double mu[SIZES] = {0};
    m->uniques = m->log_likelihood = m->off = 0;
    for (int k = 0; k < RATES; k++) {
        m->h[k] = barrier / room(m, k, tilt, m->nu);
        m->uniques += m->h[k] * m->r->one[k];
        m->log_likelihood -= m->h[k] * m->r->some[k];
        for (int i = 0; i < m->n; i++)
            mu[i] += m->h[k] * m->a[k][i];
    }
    for (int i = 0; i < m->n; i++) {
        m->log_likelihood += m->c[i] * log(mu[i]);
        m->off += fabs(m->c[i] - mu[i] * m->nu[i]);
    }
}

/* The mixture that is most likely when `tilt` is paid for each unique of the population.
 */
static bool solve(mixture *m, double tilt)
{
    double start = least_tilted(m, tilt) / 2, total = 0, barrier;
    if (!(start > 0))
        return false;
    for (int i = 0; i < m->n; i++) {
        m->nu[i] = start;
        total += m->c[i];
    }
    for (barrier = total / RATES;; barrier = fmax(barrier / 10, LAST)) {
        for (int i = 0; i < 200; i++)
            if (step(m, tilt, barrier) < barrier * 1e-6)
                break;
        if (barrier <= LAST)
            break;
    }
    read_primal(m, tilt, barrier);
    m->off /= total;
    return m->off < 0.02 && isfinite(m->log_likelihood) && isfinite(m->uniques);
}

/* The uniques at which the profile has fallen by half of `drop`, on the side of `sign`.
 * Tilts too steep to be solved are beyond it; NaN when they hide it. */
static double edge(mixture *m, double drop, double top, int sign)
{
    double lo = 1e-8, hi = 24, at = m->uniques, most = m->log_likelihood, fallen = 0;
    for (int i = 0; i < 22; i++) {
        double z = sqrt(lo * hi); /* a flat profile falls at a tilt near 0 */
        bool ok = solve(m, sign > 0 ? -top * expm1(-z) : -top * expm1(z));
        double d = 2 * (most - m->log_likelihood);
        if (ok && d < drop) {
            lo = z;
            at = m->uniques;
            fallen = d;
        } else {
            hi = z;
        }
    }
    return fallen > 0.95 * drop || (sign < 0 && at < 1) ? at : NAN;
}

/* The chance of the population, given the rates: of the sample's uniques that the rest
 * of the population spares, and of cells that only the rest holds. */
static double chance(const mixture *m, double uniques)
{
    double c1 = m->r->classes[0], f = m->r->fraction;
    double p = c1 > 0 ? fmin(1, f * uniques / c1) : 0;
    return (1 - f) * uniques + c1 * p * (1 - p);
}

/* Where the end of the profile and the chance add up as variances. */
static double widened(const mixture *m, double best, double end, int sign)
{
    const double z = 1.959963984540054;
    const double grid = 5e-4 * best; /* rates are not a continuum */
    double w = hypot(end - best, z * sqrt(chance(m, end) + grid * grid));
    return fmax(0, best + sign * w);
}

static void goodness(dcr_mixture *out, const mixture *m)
{
    double mu[SIZES] = {0};
    for (int k = 0; k < RATES; k++)
        for (int i = 0; i < SIZES; i++)
            mu[i] += m->h[k] * m->r->seen[k][i];
    out->deviance = dcr_rates_deviance(m->r, mu);
    out->df = 0;
    for (int i = 0; i < SIZES; i++)
        out->df += mu[i] > 1;
}

/* Chi-square, 95 %, for 1 and 2 degrees of freedom.  The upper end has one, as profiles
 * do.  At the lower end rates are as even as they can be: nothing else is left free, and
 * the rarer classes have their say as well (with 1 it covers 89 % of even populations at
 * a fraction of 0.05). */
static const double drop_1 = 3.841458820694124, drop_2 = 5.991464547107979;

bool dcr_mixture_fit(dcr_mixture *out, const dcr_rates *r)
{
    mixture m, best;
    double top = INFINITY, lo, hi;
    fill(&m, r);
    for (int k = 0; k < RATES; k++)
        top = fmin(top, r->some[k] / r->one[k]);
    if (m.n == 0) { /* none seen where 1.92 are not excluded */
        *out = (dcr_mixture){.hi = drop_1 / 2 / top};
        return true;
    }
    if (!solve(&m, 0))
        return false;
    best = m;
    out->best = m.uniques;
    goodness(out, &m);
    hi = edge(&m, drop_1, top, 1);
    m = best;
    lo = edge(&m, drop_2, top, -1);
    out->hi = widened(&m, out->best, fmax(hi, out->best), 1);
    out->lo = widened(&m, out->best, fmin(lo, out->best), -1);
    return isfinite(hi) && isfinite(lo);
}
