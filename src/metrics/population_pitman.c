#include <gsl/gsl_integration.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

#include "population.h"

/* log Gamma and its kin lose their digits in differences; sums of 1/(a + i) do not. */
double dcr_harmonic(double a, double m)
{
    double sum = 0, b;
    for (; m > 0 && a < 24; a += 1, m -= 1)
        sum += 1 / a;
    if (m <= 0)
        return sum;
    b = a + m;
    /* psi(x) = ln x - 1/(2x) - 1/(12 x^2) + 1/(120 x^4) - 1/(252 x^6) + 1/(240 x^8) */
    return sum + log1p(m / a) + m / (2 * a * b) + (1 / (a * a) - 1 / (b * b)) / 12 -
           (pow(a, -4) - pow(b, -4)) / 120 + (pow(a, -6) - pow(b, -6)) / 252 -
           (pow(a, -8) - pow(b, -8)) / 240;
}

/* The likelihood along one alpha.  theta is written as its distance from the lowest it
 * may be: `gap` = theta + alpha, or theta - (u - 1)|alpha| for alpha < 0. */
typedef struct profile {
    dcr_sizes s;
    double n, m; /* records, classes - 1 */
    double alpha;
    double gap; /* that maximises the likelihood for this alpha */
} profile;

static double theta_of(const profile *p, double gap)
{
    return p->alpha >= 0 ? gap - p->alpha : gap - p->alpha * p->m;
}

/* sum for i = 1 .. m of 1/(theta + i alpha); for alpha < 0 the terms run backwards */
static double class_sum(const profile *p, double gap)
{
    double a = fabs(p->alpha);
    return a * p->m < 1e-14 * gap ? p->m / gap : dcr_harmonic(gap / a, p->m) / a;
}

/* sum for i = 1 .. m of i/(theta + i alpha) */
static double class_moment(const profile *p, double gap)
{
    double m = p->m, theta = theta_of(p, gap), x = p->alpha / theta;
    double s1, s2, s3, s4;
    if (fabs(x * m) > 1e-3)
        return (m - theta * class_sum(p, gap)) / p->alpha;
    /* the difference above would be noise: i (1 - ix + (ix)^2 - ...)/theta by power sums
     */
    s1 = m * (m + 1) / 2;
    s2 = s1 * (2 * m + 1) / 3;
    s3 = s1 * s1;
    s4 = s2 * (3 * m * m + 3 * m - 1) / 5;
    return (s1 - x * s2 + x * x * s3 - x * x * x * s4) / theta;
}

static double d_theta(double log_gap, void *ctx)
{
    const profile *p = ctx;
    double gap = exp(log_gap);
    return (class_sum(p, gap) - dcr_harmonic(theta_of(p, gap) + 1, p->n - 1)) * gap;
}

static bool root_of(double (*f)(double, void *), void *ctx, double lo, double hi,
                    double *root)
{
    gsl_root_fsolver *s = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    gsl_function fn = {f, ctx};
    bool ok = s != NULL && gsl_root_fsolver_set(s, &fn, lo, hi) == 0;
    for (int i = 0; ok && i < 200; i++) {
        ok = gsl_root_fsolver_iterate(s) == 0;
        *root = gsl_root_fsolver_root(s);
        if (gsl_root_fsolver_x_upper(s) - gsl_root_fsolver_x_lower(s) <
            4e-16 * (1 + fabs(*root)))
            break;
    }
    if (s != NULL)
        gsl_root_fsolver_free(s);
    return ok && isfinite(*root);
}

/* d/dalpha of the likelihood with the best theta, at alpha = 1 - exp(x); NaN where there
 * is no theta. */
static double d_profile(double x, void *ctx)
{
    profile *p = ctx;
    double d, log_gap, lo = -40, hi = 80;
    p->alpha = 1 - exp(x);
    if (!(d_theta(lo, p) > 0) || !(d_theta(hi, p) < 0) ||
        !root_of(d_theta, p, lo, hi, &log_gap))
        return NAN;
    p->gap = exp(log_gap);
    d = class_moment(p, p->gap);
    for (size_t i = 0; i < p->s.n; i++)
        d -= p->s.list[i].classes *
             dcr_harmonic(1 - p->alpha, (double)p->s.list[i].size - 1);
    return d;
}

/* ln of Gamma(a + m)/Gamma(a) */
static double ln_rising(double a, double m)
{
    return gsl_sf_lngamma(a + m) - gsl_sf_lngamma(a);
}

static double likelihood(const profile *p)
{
    double theta = theta_of(p, p->gap), a = fabs(p->alpha), l;
    l = p->m * log(a) + ln_rising(p->gap / a, p->m) - ln_rising(theta + 1, p->n - 1);
    for (size_t i = 0; i < p->s.n; i++)
        l +=
            p->s.list[i].classes * ln_rising(1 - p->alpha, (double)p->s.list[i].size - 1);
    return l;
}

/* The best of the maxima between alpha = 1 - e^-12 and 1 - e^14, where the classes are as
 * good as even; that end is a maximum too when the likelihood still climbs there. */
bool dcr_pitman_fit(dcr_pitman *out, dcr_sizes s)
{
    const int first = -12, last = 14;
    profile p = {.s = s, .n = dcr_sizes_records(s), .m = dcr_sizes_classes(s) - 1};
    double best = -INFINITY, before = NAN;
    if (!(p.m > 0) || !(p.n > p.m + 1))
        return false;
    for (int i = first; i <= last; i++) {
        double x = i, d = d_profile(x, &p), l;
        bool crossed = before < 0 && d >= 0, climbs = i == last && d < 0;
        before = d;
        if (!climbs && !(crossed && root_of(d_profile, &p, x - 1, x, &x)))
            continue;
        (void)d_profile(x, &p);
        l = likelihood(&p);
        if (l > best) {
            best = l;
            *out = (dcr_pitman){theta_of(&p, p.gap), p.alpha};
        }
    }
    return best > -INFINITY;
}

static double harmonic_at(double log_y, void *ctx)
{
    double y = exp(log_y);
    return y * dcr_harmonic(y, *(double *)ctx);
}

/* n Gamma(theta + 1) Gamma(theta + alpha + n - 1)/(Gamma(theta + alpha) Gamma(theta +
 * n)), the ratios of Gammas as the integral of their logarithmic derivative. */
double dcr_pitman_uniques(dcr_pitman p, double n)
{
    double m = n - 1, lo = log(p.theta + p.alpha), hi = log(p.theta + 1);
    gsl_integration_glfixed_table *t = gsl_integration_glfixed_table_alloc(64);
    gsl_function fn = {harmonic_at, &m};
    double sum = t == NULL ? NAN : gsl_integration_glfixed(&fn, lo, hi, t);
    if (t != NULL)
        gsl_integration_glfixed_table_free(t);
    return n * exp(-sum);
}

double dcr_pitman_uniques_limit(dcr_pitman p, double n)
{
    return exp(gsl_sf_lngamma(p.theta + 1) - gsl_sf_lngamma(p.theta + p.alpha) +
               p.alpha * log(n));
}

double dcr_pitman_next(dcr_pitman p, double n, double i, double of_i)
{
    return of_i * (n - i) / (i + 1) * (i - p.alpha) / (p.theta + p.alpha + n - i - 1);
}
