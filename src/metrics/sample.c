/* How many pictures must be seen, and what those that were seen show. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

#include "dcmrisk/pixels.h"

/* Of logarithms of factorials up to 10^8!. */
#define ROUNDING 1e-6

double dcr_sample_upper(uint64_t seen, uint64_t found, double confidence)
{
    double upper;
    if (seen == 0 || found >= seen || !(confidence > 0 && confidence < 1))
        return 1;
    upper = gsl_cdf_beta_Pinv(confidence, (double)found + 1, (double)(seen - found));
    return isfinite(upper) ? upper : 1;
}

/* Log of the chance that a sample of `seen` out of n misses all of `bad`:
 * C(n - bad, seen) / C(n, seen). */
static double log_miss(uint64_t n, uint64_t bad, uint64_t seen)
{
    double left = (double)(n - bad), s = (double)seen, all = (double)n;
    if (seen > n - bad)
        return -INFINITY;
    return gsl_sf_lngamma(left + 1) - gsl_sf_lngamma(left - s + 1) -
           gsl_sf_lngamma(all + 1) + gsl_sf_lngamma(all - s + 1);
}

uint64_t dcr_sample_needed(uint64_t n, double share, double confidence)
{
    uint64_t bad, lo = 0, hi = n;
    if (n == 0 || !(share >= 0 && share < 1) || !(confidence > 0 && confidence < 1))
        return n;
    bad = (uint64_t)floor(share * (double)n) + 1; /* the fewest that are too many */
    if (bad > n)
        return n;
    while (lo < hi) {
        uint64_t mid = lo + (hi - lo) / 2;
        if (log_miss(n, bad, mid) <= log1p(-confidence) + ROUNDING)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}
