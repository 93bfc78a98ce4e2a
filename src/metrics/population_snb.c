#include <gsl/gsl_math.h>
#include <math.h>

#include "population.h"

/* Number of classes of the population: Shlosser's estimator as modified by Haas et al. */
static double classes_of_population(dcr_sizes s, double f)
{
    double c1 = dcr_sizes_of(s, 1), g = log1p(-f), a = 0, b = 0, c = 0, d = 0;
    for (size_t j = 0; j < s.n; j++) {
        double i = (double)s.list[j].size, ci = s.list[j].classes;
        a += ci * i * f * f * exp((i - 1) * log1p(-f * f));
        b += ci * (exp(i * log1p(-f * f)) - exp(i * g)); /* (1-f)^i ((1+f)^i - 1) */
        c += ci * exp(i * g);
        d += ci * i * f * exp((i - 1) * g);
    }
    return dcr_sizes_classes(s) + c1 * (a / b) * (c / d) * (c / d);
}

typedef struct snb {
    double f, ln_k, ln_c1, ln_c2;
} snb;

/* Logarithms of both equations over their right sides, at x = log a, y = logit b. */
static void equations(const snb *s, const double v[2], double r[2])
{
    double a = exp(v[0]), e = exp(-fabs(v[1]));
    double c = (v[1] >= 0 ? e : 1) / (1 + e);
    double d = (1 - s->f) * c, ln_b = v[1] >= 0 ? -log1p(e) : v[1] - log1p(e);
    r[0] =
        s->ln_k + log(s->f) + a * (ln_b - log1p(-d)) + log1p(a * d / (1 - d)) - s->ln_c1;
    r[1] = s->ln_k + v[0] + a * ln_b + 2 * log(s->f) + log(c) + log(2 - (1 - a) * d) -
           M_LN2 - (a + 2) * log1p(-d) - s->ln_c2;
}

static bool newton_step(const snb *s, double v[2], double r[2])
{
    double j[2][2], up[2], down[2], det, step[2], norm = hypot(r[0], r[1]), t = 1;
    for (int k = 0; k < 2; k++) {
        double w[2] = {v[0], v[1]}, h = 1e-5;
        w[k] = v[k] + h;
        equations(s, w, up);
        w[k] = v[k] - h;
        equations(s, w, down);
        j[0][k] = (up[0] - down[0]) / (2 * h);
        j[1][k] = (up[1] - down[1]) / (2 * h);
    }
    det = j[0][0] * j[1][1] - j[0][1] * j[1][0];
    if (!(fabs(det) > 1e-14))
        return false;
    step[0] = (r[0] * j[1][1] - r[1] * j[0][1]) / det;
    step[1] = (r[1] * j[0][0] - r[0] * j[1][0]) / det;
    for (double big = fmax(fabs(step[0]), fabs(step[1])); big * t > 3;)
        t /= 2;
    for (; t > 1e-6; t /= 2) {
        double w[2] = {v[0] - t * step[0], v[1] - t * step[1]}, q[2];
        equations(s, w, q);
        if (!(hypot(q[0], q[1]) < norm))
            continue;
        v[0] = w[0], v[1] = w[1], r[0] = q[0], r[1] = q[1];
        return true;
    }
    return false;
}

static bool solve(const snb *s, double v[2])
{
    double r[2];
    equations(s, v, r);
    for (int i = 0; i < 100 && isfinite(r[0]) && isfinite(r[1]); i++) {
        if (hypot(r[0], r[1]) < 1e-10)
            return true;
        if (!newton_step(s, v, r))
            return hypot(r[0], r[1]) < 1e-8;
    }
    return false;
}

double dcr_snb(dcr_sizes s, double f)
{
    static const double a[] = {0, -2, -4, -6, 2, 4}, b[] = {-3, -6, 0, -9, 3, 6};
    double c1 = dcr_sizes_of(s, 1), c2 = dcr_sizes_of(s, 2);
    double k = classes_of_population(s, f);
    snb q = {f, log(k), log(c1), log(c2)};
    if (f >= 1)
        return c1;
    if (!(c1 > 0) || !(c2 > 0) || !isfinite(q.ln_k))
        return NAN;
    for (size_t i = 0; i < sizeof a / sizeof *a; i++)
        for (size_t j = 0; j < sizeof b / sizeof *b; j++) {
            double v[2] = {a[i], b[j]};
            if (solve(&q, v)) /* K b^a */
                return k * exp(exp(v[0]) * -log1p(exp(-v[1])));
        }
    return NAN;
}
