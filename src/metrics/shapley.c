#include "shapley.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

enum { MIN_PAIRS = 32, MAX_PAIRS = 1000, SEED = 20081 };

/* ---- from the numbers of all sets ---- */

/* The sum over the sets without a place of what it adds, by the size of the set. */
static void gains(uint64_t *by_size, const uint32_t *count, unsigned m, unsigned place)
{
    const uint64_t bit = (uint64_t)1 << place;
    for (uint64_t set = 0; set < (uint64_t)1 << m; set++)
        if (!(set & bit))
            by_size[__builtin_popcountll(set)] += count[set | bit] - count[set];
}

static void exact(dcr_shapley *out, const dcr_lattice *l, const uint32_t *count)
{
    const unsigned m = (unsigned)l->n_columns;
    for (unsigned p = 0; p < m; p++) {
        uint64_t by_size[DCR_LATTICE_EXACT] = {0};
        double sum = 0, choose = 1;
        gains(by_size, count, m, p);
        for (unsigned k = 0; k < m; k++) {
            sum += (double)by_size[k] / choose;
            choose = choose * (m - 1 - k) / (k + 1);
        }
        out->value[l->column[p]] = out->lo[l->column[p]] = out->hi[l->column[p]] =
            sum / m;
    }
    out->unique = count[((uint64_t)1 << m) - 1];
}

/* ---- from random orders ---- */

typedef struct sums { /* over pairs of orders, per place */
    double of[DCR_FRAME_MAX_COLUMNS], of_squares[DCR_FRAME_MAX_COLUMNS];
    uint32_t n;
    uint64_t work; /* items looked at */
} sums;

static void shuffle(uint8_t *order, size_t n, const gsl_rng *rng)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = gsl_rng_uniform_int(rng, i);
        uint8_t keep = order[i - 1];
        order[i - 1] = order[j];
        order[j] = keep;
    }
}

typedef struct draw { /* an order and what it tells */
    uint8_t order[DCR_FRAME_MAX_COLUMNS];
    uint32_t gain[DCR_FRAME_MAX_COLUMNS];
    uint64_t work;
} draw;

/* An order and its reverse: places that stand early in one stand late in the other. */
static void draw_pairs(draw *d, size_t n_pairs, uint8_t *order, size_t n,
                       const gsl_rng *rng)
{
    for (; n_pairs > 0; n_pairs--, d += 2) {
        shuffle(order, n, rng);
        for (size_t i = 0; i < n; i++)
            d[0].order[i] = d[1].order[n - 1 - i] = order[i];
    }
}

static int by_order(const void *a, const void *b)
{
    const draw *x = *(draw *const *)a, *y = *(draw *const *)b;
    return memcmp(x->order, y->order, sizeof x->order);
}

/* One after the other as they begin alike. */
static dcr_status learn(draw *d, size_t n_draws, dcr_descent *w, dcr_err *err)
{
    draw *next[2 * MIN_PAIRS] = {NULL};
    dcr_status rc = DCR_OK;
    for (size_t i = 0; i < n_draws; i++)
        next[i] = &d[i];
    qsort(next, n_draws, sizeof *next, by_order);
    for (size_t i = 0; i < n_draws && rc == DCR_OK; i++) {
        next[i]->work = 0;
        rc = dcr_descent_order(w, next[i]->order, next[i]->gain, &next[i]->work, err);
    }
    return rc;
}

static void add_pair(sums *s, const draw *d, size_t n)
{
    for (size_t p = 0; p < n; p++) {
        double both = ((double)d[0].gain[p] + d[1].gain[p]) / 2;
        s->of[p] += both;
        s->of_squares[p] += both * both;
    }
    s->work += d[0].work + d[1].work;
    s->n++;
}

/* How many pairs to draw at once: about those that are still wanted. */
static size_t pairs_wanted(const sums *s, uint64_t max_work)
{
    uint64_t n = MAX_PAIRS - s->n;
    if (s->n < MIN_PAIRS)
        n = MIN_PAIRS - s->n;
    else if (s->work >= max_work)
        return 0;
    else if (s->work > 0 && (max_work - s->work) * s->n / s->work < n)
        n = (max_work - s->work) * s->n / s->work + 1;
    return n < MIN_PAIRS ? (size_t)n : MIN_PAIRS;
}

static dcr_status add_pairs(sums *s, dcr_descent *w, size_t n_columns, uint64_t max_work,
                            dcr_err *err)
{
    uint8_t order[DCR_FRAME_MAX_COLUMNS];
    draw *d = dcr_alloc(2 * MIN_PAIRS, sizeof *d);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    dcr_status rc = d == NULL || rng == NULL ? dcr_nomem(err) : DCR_OK;
    size_t n;
    if (rng != NULL)
        gsl_rng_set(rng, SEED);
    for (size_t i = 0; i < n_columns; i++)
        order[i] = (uint8_t)i;
    while (rc == DCR_OK && (n = pairs_wanted(s, max_work)) > 0) {
        draw_pairs(d, n, order, n_columns, rng);
        rc = learn(d, 2 * n, w, err);
        for (size_t i = 0; i < n && rc == DCR_OK && pairs_wanted(s, max_work) > 0; i++)
            add_pair(s, &d[2 * i], n_columns);
    }
    gsl_rng_free(rng);
    dcr_free(d);
    return rc;
}

/* Means and their intervals; a column never lowers a number. */
static void conclude(dcr_shapley *out, const dcr_lattice *l, const sums *s)
{
    const double n = s->n, t = gsl_cdf_tdist_Pinv(0.975, n - 1);
    double all = 0;
    for (size_t p = 0; p < l->n_columns; p++)
        all += s->of[p];
    out->unique = (uint32_t)lround(all / n);
    for (size_t p = 0; p < l->n_columns; p++) {
        const size_t c = l->column[p];
        double mean = s->of[p] / n;
        double variance = fmax(0, (s->of_squares[p] - n * mean * mean) / (n - 1));
        double half = t * sqrt(variance / n);
        out->value[c] = mean;
        out->lo[c] = fmax(0, mean - half);
        out->hi[c] = fmin(out->unique, mean + half);
    }
    out->n_orders = 2 * s->n;
}

/* Where the least number of orders is work enough it need not be counted any closer. */
static dcr_status sampled(dcr_shapley *out, const dcr_lattice *l, uint64_t max_work,
                          dcr_err *err)
{
    sums s = {{0}, {0}, 0, 0};
    dcr_descent *w = NULL;
    bool only_new = (uint64_t)l->n_cells * 2 * MIN_PAIRS >= max_work;
    dcr_status rc = dcr_descent_open(&w, l, only_new, err);
    if (rc == DCR_OK)
        rc = add_pairs(&s, w, l->n_columns, max_work, err);
    if (rc == DCR_OK)
        conclude(out, l, &s);
    dcr_descent_free(w);
    return rc;
}

dcr_status dcr_shapley_get(dcr_shapley *out, dcr_lattice *l, uint64_t max_work,
                           dcr_err *err)
{
    const dcr_uniques *u;
    dcr_status rc = dcr_lattice_keys(l, &u, err);
    memset(out, 0, sizeof *out);
    if (rc != DCR_OK || l->n_columns == 0)
        return rc;
    if (u->count == NULL)
        return sampled(out, l, max_work, err);
    exact(out, l, u->count);
    return DCR_OK;
}

/* ---- without one ---- */

static bool one_subject(const dcr_lattice *l)
{
    for (uint32_t i = 0; i < l->n_cells; i++)
        if (l->owner[i] == DCR_LATTICE_MANY || l->owner[i] != l->owner[0])
            return false;
    return l->n_cells > 0;
}

/* The places of most values come first, as tell most apart; and orders begin alike. */
dcr_status dcr_drop_one_get(uint32_t *drop, dcr_lattice *l, dcr_err *err)
{
    const size_t n = l->n_columns;
    uint32_t gain[DCR_FRAME_MAX_COLUMNS];
    uint8_t order[DCR_FRAME_MAX_COLUMNS];
    uint64_t work = 0;
    dcr_descent *w = NULL;
    dcr_status rc = dcr_descent_open(&w, l, true, err);
    for (size_t last = 0; last < n && rc == DCR_OK; last++) {
        order[n - 1] = (uint8_t)last;
        for (size_t p = n, at = 0; p-- > 0;)
            if (p != last)
                order[at++] = (uint8_t)p;
        rc = dcr_descent_order(w, order, gain, &work, err);
        drop[l->column[last]] = gain[last];
    }
    /* Without any column the only subject there is is as unique as with one. */
    if (rc == DCR_OK && n == 1 && one_subject(l))
        drop[0] = 0;
    dcr_descent_free(w);
    return rc;
}
