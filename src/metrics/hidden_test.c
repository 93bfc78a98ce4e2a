/* The permutation test, its bound, and false-discovery rates. */
#include <math.h>
#include <stdlib.h>

#include "hidden_impl.h"

enum { BLOCK_MAX = 128, ENOUGH = 20 };
static const uint64_t REST = UINT64_MAX;
static const double SURE = 1e-4, MOST_DEALT = 2e7;

/* ---- blocks ---- */

static int by_stratum(const void *pa, const void *pb)
{
    const dcr_deal *a = pa, *b = pb;
    if (a->stratum != b->stratum)
        return a->stratum < b->stratum ? -1 : 1;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

/* Strata too small to say anything: what stays on one device is explained by the device,
 * what moved between devices may change places with others that did. */
static void empty_small(const dcr_hidden_params *p, dcr_deal *d, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t j = i;
        while (j < n && d[j].stratum == d[i].stratum)
            j++;
        for (size_t k = i; j - i < p->min_pool && k < j; k++) {
            if (!d[k].cross)
                d[k].a = 0;
            d[k].stratum = REST;
        }
        i = j;
    }
}

size_t dcr_deal_blocks(const dcr_hidden_params *p, dcr_deal *d, size_t n, size_t *start)
{
    size_t n_blocks = 0, block = p->block > BLOCK_MAX / 2 ? BLOCK_MAX / 2 : p->block;
    if (n > 0)
        qsort(d, n, sizeof *d, by_stratum);
    empty_small(p, d, n);
    if (n > 0)
        qsort(d, n, sizeof *d, by_stratum);
    for (size_t i = 0; i < n;) {
        size_t j = i, cuts;
        while (j < n && d[j].stratum == d[i].stratum)
            j++;
        cuts = (j - i) / (block == 0 ? 1 : block);
        cuts = cuts == 0 ? 1 : cuts;
        for (size_t k = 0; k < cuts; k++)
            start[n_blocks++] = i + (j - i) * k / cuts;
        i = j;
    }
    start[n_blocks] = n;
    return n_blocks;
}

/* ---- the bound ---- */

typedef struct poly { /* sum of coef[k] x^k */
    double coef[BLOCK_MAX + 1];
    size_t degree;
} poly;

/* Times the rook polynomial of a full a x b board: C(a,j) C(b,j) j! ways to place j. */
static void times_board(poly *p, size_t a, size_t b)
{
    double rook[BLOCK_MAX + 1] = {1}, out[BLOCK_MAX + 1] = {0};
    size_t most = a < b ? a : b;
    for (size_t j = 1; j <= most; j++)
        rook[j] = rook[j - 1] * (double)(a - j + 1) * (double)(b - j + 1) / (double)j;
    for (size_t i = 0; i <= p->degree; i++)
        for (size_t j = 0; j <= most && i + j <= BLOCK_MAX; j++)
            out[i + j] += p->coef[i] * rook[j];
    p->degree += most;
    memcpy(p->coef, out, sizeof out);
}

static bool seen_before(const dcr_deal *d, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (d[k].a == d[i].a)
            return true;
    return false;
}

/* E[C(T,k)] of a block of n: the ways to place k agreeing pairs, times the chance
 * (n-k)!/n! of each.  E[(1+x)^T] = sum of E[C(T,k)] x^k. */
static void block_moments(const dcr_deal *d, size_t n, poly *p)
{
    double chance = 1;
    memset(p, 0, sizeof *p);
    p->coef[0] = 1;
    for (size_t i = 0; i < n; i++) {
        size_t a = 0, b = 0;
        if (d[i].a == 0 || seen_before(d, i))
            continue;
        for (size_t k = 0; k < n; k++) {
            a += d[k].a == d[i].a;
            b += d[k].b == d[i].a;
        }
        if (b > 0)
            times_board(p, a, b);
    }
    for (size_t k = 1; k <= p->degree; k++) {
        chance /= (double)(n - k + 1);
        p->coef[k] *= chance;
    }
}

/* log of sum coef[k] x^k, from the end that does not overflow. */
static double log_value(const double *coef, size_t degree, double x)
{
    double sum = 0;
    if (x <= 1) {
        for (size_t k = degree + 1; k-- > 0;)
            sum = sum * x + coef[k];
        return sum > 0 ? log(sum) : -INFINITY;
    }
    for (size_t k = 0; k <= degree; k++)
        sum = sum / x + coef[k];
    return log(sum) + (double)degree * log(x);
}

/* work: for each block its degree, then its coefficients. */
static double exponent(const double *work, size_t n_blocks, size_t t, double theta)
{
    double sum = -(double)t * theta, x = expm1(theta);
    for (size_t i = 0; i < n_blocks; i++) {
        size_t degree = (size_t)work[0];
        if (degree > 0)
            sum += log_value(work + 1, degree, x);
        work += degree + 2;
    }
    return sum;
}

double dcr_deal_bound(const dcr_deal *d, const size_t *start, size_t n_blocks, size_t t,
                      double *work)
{
    double lo = 0, hi = 40, *at = work, best; /* x up to 2e17: as good as no limit */
    if (t == 0)
        return 1;
    for (size_t i = 0; i < n_blocks; i++) {
        poly p;
        block_moments(d + start[i], start[i + 1] - start[i], &p);
        *at++ = (double)p.degree;
        memcpy(at, p.coef, (p.degree + 1) * sizeof *at);
        at += p.degree + 1;
    }
    for (double theta = 2; theta < 30; theta *= 2) { /* far beyond doubt is enough */
        double e = exponent(work, n_blocks, t, theta);
        if (e < -100)
            return exp(e);
    }
    for (int i = 0; i < 80; i++) { /* the exponent is convex in theta */
        double a = lo + (hi - lo) / 3, b = hi - (hi - lo) / 3;
        if (exponent(work, n_blocks, t, a) <= exponent(work, n_blocks, t, b))
            hi = b;
        else
            lo = a;
    }
    best = exp(exponent(work, n_blocks, t, (lo + hi) / 2));
    return best < 1 ? best : 1; /* NaN too is no evidence */
}

/* ---- dealing ---- */

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed * 0x2545F4914F6CDD1Dull;
}

/* Deals the values of a block out anew; returns how many places agree. */
static size_t deal(dcr_deal *d, size_t n, uint64_t *seed)
{
    size_t agree = 0;
    for (size_t i = n; i-- > 1;) {
        size_t j = (size_t)((next(seed) >> 32) * (i + 1) >> 32);
        uint32_t b = d[i].b;
        d[i].b = d[j].b;
        d[j].b = b;
    }
    for (size_t i = 0; i < n; i++)
        agree += d[i].a != 0 && d[i].a == d[i].b;
    return agree;
}

double dcr_deal_permute(dcr_deal *d, const size_t *start, size_t n_blocks, size_t t,
                        uint32_t permutations, uint64_t seed)
{
    uint32_t reached = 0, dealt = 0;
    seed = dcr_hidden_mix(seed) | 1;
    while (dealt < permutations && reached < ENOUGH) {
        size_t agree = 0;
        for (size_t i = 0; i < n_blocks; i++)
            agree += deal(d + start[i], start[i + 1] - start[i], &seed);
        reached += agree >= t;
        dealt++;
    }
    if (reached == ENOUGH)
        return (double)reached / dealt;
    return (1.0 + reached) / (1.0 + dealt);
}

double dcr_deal_test(const dcr_hidden_params *p, dcr_deal *d, size_t n, uint64_t seed,
                     uint32_t *agree, uint32_t *pairs)
{
    size_t *start = dcr_alloc(n + 1, sizeof *start), n_blocks;
    double *work = NULL, bound;
    *agree = *pairs = 0;
    if (start == NULL)
        return -1;
    n_blocks = dcr_deal_blocks(p, d, n, start);
    for (size_t i = 0; i < n; i++) {
        *pairs += d[i].a != 0;
        *agree += d[i].a != 0 && d[i].a == d[i].b;
    }
    work = dcr_alloc(n + 2 * n_blocks, sizeof *work);
    bound = work == NULL ? -1 : dcr_deal_bound(d, start, n_blocks, *agree, work);
    if (bound > SURE && (double)n * p->permutations <= MOST_DEALT)
        bound = dcr_deal_permute(d, start, n_blocks, *agree, p->permutations, seed);
    dcr_free(work);
    dcr_free(start);
    return bound;
}

/* ---- false discoveries ---- */

typedef struct ranked {
    double p;
    size_t at;
} ranked;

static int by_p(const void *pa, const void *pb)
{
    const ranked *a = pa, *b = pb;
    return (a->p > b->p) - (a->p < b->p);
}

dcr_status dcr_hidden_fdr(const double *p, double *q, size_t n, dcr_err *err)
{
    ranked *r = dcr_alloc(n, sizeof *r);
    double least = 1;
    if (r == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n; i++)
        r[i] = (ranked){p[i], i};
    if (n > 0)
        qsort(r, n, sizeof *r, by_p);
    for (size_t i = n; i-- > 0;) {
        double here = r[i].p * (double)n / (double)(i + 1);
        least = here < least ? here : least;
        q[r[i].at] = least;
    }
    dcr_free(r);
    return DCR_OK;
}

/* ---- sharing ---- */

void dcr_sharing_get(const uint32_t *value, size_t n, uint32_t *count, dcr_sharing *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < n; i++) {
        if (value[i] == 0)
            continue;
        out->n++;
        out->shared += count[value[i]];
        out->distinct += count[value[i]]++ == 0;
    }
    for (size_t i = 0; i < n; i++)
        out->unique += value[i] != 0 && count[value[i]] == 1;
    for (size_t i = 0; i < n; i++)
        count[value[i]] = 0;
}
