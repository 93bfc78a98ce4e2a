#include "shapley.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

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

/* An order and its reverse: places that stand early in one stand late in the other. */
static dcr_status add_pair(sums *s, dcr_descent *w, uint8_t *order, size_t n,
                           uint64_t *work, dcr_err *err)
{
    uint32_t forth[DCR_FRAME_MAX_COLUMNS], back[DCR_FRAME_MAX_COLUMNS];
    uint8_t reverse[DCR_FRAME_MAX_COLUMNS];
    dcr_status rc;
    for (size_t i = 0; i < n; i++)
        reverse[i] = order[n - 1 - i];
    rc = dcr_descent_order(w, order, forth, work, err);
    if (rc == DCR_OK)
        rc = dcr_descent_order(w, reverse, back, work, err);
    for (size_t p = 0; p < n && rc == DCR_OK; p++) {
        double both = ((double)forth[p] + back[p]) / 2;
        s->of[p] += both;
        s->of_squares[p] += both * both;
    }
    s->n++;
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

static dcr_status sampled(dcr_shapley *out, const dcr_lattice *l, uint64_t max_work,
                          dcr_err *err)
{
    sums s = {{0}, {0}, 0};
    uint8_t order[DCR_FRAME_MAX_COLUMNS];
    uint64_t work = 0;
    dcr_descent *w = NULL;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    dcr_status rc = rng == NULL ? dcr_nomem(err) : dcr_descent_open(&w, l, err);
    if (rng != NULL)
        gsl_rng_set(rng, SEED);
    for (size_t i = 0; i < l->n_columns; i++)
        order[i] = (uint8_t)i;
    while (rc == DCR_OK && s.n < MAX_PAIRS && (s.n < MIN_PAIRS || work < max_work)) {
        shuffle(order, l->n_columns, rng);
        rc = add_pair(&s, w, order, l->n_columns, &work, err);
    }
    if (rc == DCR_OK)
        conclude(out, l, &s);
    dcr_descent_free(w);
    gsl_rng_free(rng);
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

dcr_status dcr_drop_one_get(uint32_t *drop, dcr_lattice *l, dcr_err *err)
{
    const size_t n = l->n_columns;
    uint32_t gain[DCR_FRAME_MAX_COLUMNS];
    uint8_t order[DCR_FRAME_MAX_COLUMNS];
    uint64_t work = 0;
    dcr_descent *w = NULL;
    dcr_status rc = dcr_descent_open(&w, l, err);
    for (size_t last = 0; last < n && rc == DCR_OK; last++) {
        for (size_t i = 0; i < n; i++)
            order[i] = (uint8_t)((last + 1 + i) % n);
        rc = dcr_descent_order(w, order, gain, &work, err);
        drop[l->column[last]] = gain[last];
    }
    /* Without any column the only subject there is is as unique as with one. */
    if (rc == DCR_OK && n == 1 && one_subject(l))
        drop[0] = 0;
    dcr_descent_free(w);
    return rc;
}
