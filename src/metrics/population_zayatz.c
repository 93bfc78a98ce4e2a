#include <math.h>

#include "population.h"

/* P(one of `i` is drawn) when n of N are: i f prod over j <= i - 2 of (N-n-j)/(N-1-j). */
static double one_drawn(double i, double n, double size)
{
    double p = i * n / size;
    for (double j = 0; j <= i - 2 && p > 0; j++)
        p *= (size - n - j) / (size - 1 - j);
    return p > 0 ? p : 0;
}

double dcr_zayatz(dcr_sizes s, double size)
{
    double n = dcr_sizes_records(s), c1 = dcr_sizes_of(s, 1), sum = 0;
    for (size_t i = 0; i < s.n; i++)
        sum += s.list[i].classes * one_drawn((double)s.list[i].size, n, size);
    /* c1/f times (c1/u) f over the sum of (c_i/u) p_i */
    return c1 == 0 ? 0 : c1 * c1 / sum;
}
