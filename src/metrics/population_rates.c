#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

#include "population.h"

static double poisson(double i, double rate)
{
    return exp(i * log(rate) - rate - lgamma(i + 1));
}

void dcr_rates_init(dcr_rates *r, dcr_sizes s, double fraction)
{
    /* rarer cells than the first look like it; the last shows in no class counted */
    const double lo = log(0.005), hi = log((DCR_RATES_SIZES + 40) / fraction);
    memset(r, 0, sizeof *r);
    r->fraction = fraction;
    for (int i = 0; i < DCR_RATES_SIZES; i++)
        r->classes[i] = dcr_sizes_of(s, (uint64_t)i + 1);
    for (int k = 0; k < DCR_RATES; k++) {
        double rate = exp(lo + (hi - lo) * k / (DCR_RATES - 1));
        r->rate[k] = rate;
        r->one[k] = rate * exp(-rate);
        for (int i = 0; i < DCR_RATES_SIZES; i++)
            r->some[k] += r->seen[k][i] = poisson(i + 1, fraction * rate);
    }
}

double dcr_rates_deviance(const dcr_rates *r, const double mu[DCR_RATES_SIZES])
{
    double d = 0;
    for (int i = 0; i < DCR_RATES_SIZES; i++) {
        double c = r->classes[i];
        d += 2 * ((c > 0 ? c * log(c / mu[i]) : 0) - c + mu[i]);
    }
    return d;
}

/* ---- log-normal ---- */

enum { TERMS = 3 }; /* of the logarithm of the density: 1, z, z^2 */

typedef struct bell {
    const dcr_rates *r;
    double b[TERMS];
    double h[DCR_RATES], mu[DCR_RATES_SIZES];
    double likelihood;
} bell;

static double place(int k)
{
    return 2.0 * k / (DCR_RATES - 1) - 1;
}

static void weigh(bell *w)
{
    memset(w->mu, 0, sizeof w->mu);
    w->likelihood = 0;
    for (int k = 0; k < DCR_RATES; k++) {
        double z = place(k);
        w->h[k] = exp(w->b[0] + w->b[1] * z + w->b[2] * z * z);
        for (int i = 0; i < DCR_RATES_SIZES; i++)
            w->mu[i] += w->h[k] * w->r->seen[k][i];
    }
    for (int i = 0; i < DCR_RATES_SIZES; i++) {
        double c = w->r->classes[i];
        w->likelihood += (c > 0 ? c * log(w->mu[i]) : 0) - w->mu[i];
    }
}

/* Gradient and Fisher information. */
static void slope(const bell *w, double g[TERMS], double info[TERMS][TERMS])
{
    memset(g, 0, TERMS * sizeof *g);
    memset(info, 0, sizeof(double[TERMS][TERMS]));
    for (int i = 0; i < DCR_RATES_SIZES; i++) {
        double j[TERMS] = {0}, mu = fmax(w->mu[i], 1e-300);
        for (int k = 0; k < DCR_RATES; k++) {
            double v = w->h[k] * w->r->seen[k][i], z = place(k);
            j[0] += v;
            j[1] += v * z;
            j[2] += v * z * z;
        }
        for (int d = 0; d < TERMS; d++) {
            g[d] += (w->r->classes[i] / mu - 1) * j[d];
            for (int e = 0; e < TERMS; e++)
                info[d][e] += j[d] * j[e] / mu;
        }
    }
}

/* Levenberg and Marquardt: the gain of one step, 0 when there is none. */
static double climb(bell *w, double *damp)
{
    double g[TERMS], info[TERMS][TERMS], m[TERMS * TERMS], x[TERMS];
    gsl_matrix_view mv = gsl_matrix_view_array(m, TERMS, TERMS);
    gsl_vector_view gv = gsl_vector_view_array(g, TERMS);
    gsl_vector_view xv = gsl_vector_view_array(x, TERMS);
    slope(w, g, info);
    for (int tries = 0; tries < 14; tries++, *damp *= 6) {
        bell next = {.r = w->r};
        for (int d = 0; d < TERMS; d++)
            for (int e = 0; e < TERMS; e++)
                m[d * TERMS + e] = info[d][e] * (d == e ? 1 + *damp : 1);
        if (gsl_linalg_cholesky_decomp1(&mv.matrix) != 0 ||
            gsl_linalg_cholesky_solve(&mv.matrix, &gv.vector, &xv.vector) != 0)
            continue;
        for (int d = 0; d < TERMS; d++)
            next.b[d] = w->b[d] + x[d];
        weigh(&next);
        if (next.likelihood > w->likelihood) {
            double gain = next.likelihood - w->likelihood;
            *w = next;
            *damp = fmax(*damp / 5, 1e-12);
            return gain;
        }
    }
    return 0;
}

/* From a bell around the rate exp(centre), scaled to the number of classes. */
static void from(bell *w, double centre)
{
    const double *rate = w->r->rate;
    double lo = log(rate[0]), span = log(rate[DCR_RATES - 1]) - lo, seen = 0, due = 0;
    double z = 2 * (centre - lo) / span - 1, sd = 2.4 / span;
    w->b[2] = -1 / (2 * sd * sd);
    w->b[1] = -2 * w->b[2] * z;
    w->b[0] = w->b[2] * z * z;
    weigh(w);
    for (int i = 0; i < DCR_RATES_SIZES; i++) {
        seen += w->r->classes[i];
        due += w->mu[i];
    }
    w->b[0] += log(seen / due);
    weigh(w);
}

bool dcr_lognormal_fit(dcr_rates_fit *out, const dcr_rates *r)
{
    static const double centre[] = {0, 1, -1.2};
    double most = -INFINITY;
    for (size_t i = 0; i < sizeof centre / sizeof *centre; i++) {
        bell w = {.r = r};
        double damp = 1e-3;
        from(&w, centre[i]);
        for (int steps = 0; steps < 300 && climb(&w, &damp) > 1e-7;)
            steps++;
        if (!(w.likelihood > most))
            continue;
        most = w.likelihood;
        out->deviance = dcr_rates_deviance(r, w.mu);
        out->uniques = 0;
        for (int k = 0; k < DCR_RATES; k++)
            out->uniques += w.h[k] * r->one[k];
    }
    return most > -INFINITY && isfinite(out->uniques) && isfinite(out->deviance);
}
