#include "diversity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

const uint32_t dcr_diversity_c[DCR_DIVERSITY_CS] = {1, 2, 3, 4, 5, 10};

/* One class of the cells, and what is needed beside it. */
typedef struct spread {
    const dcr_cells *c;
    const uint32_t *place, *count; /* n cells */
    uint32_t *falling;             /* the counts, largest first */
    size_t n;
    uint64_t sum; /* of the counts */
    uint32_t size;
} spread;

static int by_size_down(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x < y) - (x > y);
}

static void open_class(spread *s, uint32_t k)
{
    size_t at = s->c->start[k];
    s->n = s->c->start[k + 1] - at;
    s->place = s->c->place + at;
    s->count = s->c->count + at;
    s->size = s->c->size[k];
    s->sum = 0;
    memcpy(s->falling, s->count, s->n * sizeof *s->falling);
    qsort(s->falling, s->n, sizeof *s->falling, by_size_down);
    for (size_t i = 0; i < s->n; i++)
        s->sum += s->falling[i];
}

/* ---- l ---- */

/* Summed from the largest share down, so that names of values change nothing. */
static double entropy_l(const spread *s)
{
    double h = 0;
    for (size_t i = 0; i < s->n; i++) {
        double q = (double)s->falling[i] / (double)s->sum;
        h -= q * log(q);
    }
    return exp(h);
}

/* The tails only fall, so the first l that fails ends the search. */
static uint32_t recursive_l(const spread *s, uint32_t c)
{
    uint64_t tail = s->sum;
    uint32_t l = 0;
    while (l < s->n && s->falling[0] < c * tail)
        tail -= s->falling[l++];
    return l;
}

static double infimum_c(const spread *s, uint32_t l)
{
    uint64_t tail = 0;
    for (size_t i = l - 1; i < s->n; i++)
        tail += s->falling[i];
    return (double)s->falling[0] / (double)tail;
}

/* ---- distances between q and P ---- */

/* sum of q - P over q > P, which is half of sum |q - P|; in whole numbers, so that the
 * order of values changes nothing.  Both factors are numbers of rows at most, below 2^32.
 */
static double t_equal(const spread *s)
{
    uint64_t over = 0;
    for (size_t i = 0; i < s->n; i++) {
        uint64_t q = s->count[i] * s->c->sum, p = s->c->total[s->place[i]] * s->sum;
        over += q > p ? q - p : 0;
    }
    return (double)over / ((double)s->sum * (double)s->c->sum);
}

/* Steps of the ordered scale: how much of the table is at or below each, and the sums of
 * that. */
typedef struct scale {
    uint64_t *below; /* n: subjects of the table at steps 0 .. i */
    uint64_t *area;  /* n + 1: below[0] + ... + below[i - 1] */
    uint32_t n;
} scale;

/* sum over steps from <= i < to of |q - below[i]/sum|, q held so far. */
static double gap(const scale *o, double sum, uint32_t from, uint32_t to, double q)
{
    uint32_t lo = from, hi = to;
    while (lo < hi) { /* the first step where P has passed q */
        uint32_t mid = lo + (hi - lo) / 2;
        if ((double)o->below[mid] > q * sum)
            hi = mid;
        else
            lo = mid + 1;
    }
    return (q * (lo - from) - (double)(o->area[lo] - o->area[from]) / sum) +
           ((double)(o->area[to] - o->area[lo]) / sum - q * (to - lo));
}

static double t_ordered(const spread *s, const scale *o)
{
    double d = 0, sum = (double)s->c->sum;
    uint64_t held = 0;
    uint32_t from = 0;
    if (o->n < 2)
        return 0;
    for (size_t i = 0; i < s->n; i++) {
        uint32_t step = s->c->step[s->place[i]];
        d += gap(o, sum, from, step, (double)held / (double)s->sum);
        from = step;
        held += s->count[i];
    }
    d += gap(o, sum, from, o->n, 1);
    return d / (o->n - 1);
}

static dcr_status scale_make(scale *o, const dcr_cells *c, dcr_err *err)
{
    o->n = c->n_steps;
    o->below = dcr_alloc(o->n, sizeof *o->below);
    o->area = dcr_alloc((size_t)o->n + 1, sizeof *o->area);
    if (o->below == NULL || o->area == NULL)
        return dcr_nomem(err);
    for (uint32_t p = 1; p < c->n_values; p++)
        if (c->total[p] > 0)
            o->below[c->step[p]] += c->total[p];
    for (uint32_t i = 0; i < o->n; i++) {
        o->below[i] += i > 0 ? o->below[i - 1] : 0;
        o->area[i + 1] = o->area[i] + o->below[i];
    }
    return DCR_OK;
}

static void scale_end(scale *o)
{
    dcr_free(o->below);
    dcr_free(o->area);
}

/* ---- the worst class ---- */

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* beta and delta: cell by cell, against the table's share of the value. */
static void add_ratios(dcr_diversity *d, const spread *s)
{
    for (size_t i = 0; i < s->n; i++) {
        uint64_t q = s->count[i] * s->c->sum, p = s->c->total[s->place[i]] * s->sum;
        double ln_p = log((double)s->c->total[s->place[i]] / (double)s->c->sum);
        double gain = q > p ? (double)(q - p) / (double)p : 0;
        d->beta = larger(d->beta, gain);
        d->beta_violations += gain > -ln_p;
        d->delta = larger(d->delta, q == p ? 0 : fabs(log((double)q / (double)p)));
    }
    d->delta_everywhere = d->delta_everywhere && s->n == d->n_values;
}

static bool add_class(dcr_diversity *d, const spread *s)
{
    bool known = false;
    for (size_t i = 0; i < s->n; i++)
        known = known || (s->place[i] != 0 && s->count[i] == s->size);
    if (d->distinct_l == 0 || s->n < d->distinct_l)
        d->distinct_l = (uint32_t)s->n;
    d->entropy_l = fmin(d->entropy_l, entropy_l(s));
    for (int i = 0; i < DCR_DIVERSITY_CS; i++) {
        uint32_t l = recursive_l(s, dcr_diversity_c[i]);
        d->recursive_l[i] = l < d->recursive_l[i] ? l : d->recursive_l[i];
    }
    d->alpha = larger(d->alpha, (double)s->falling[0] / s->size);
    d->t_equal = larger(d->t_equal, t_equal(s));
    add_ratios(d, s);
    d->homogeneous_classes += known;
    return known;
}

static double beta_capped(const dcr_cells *c, double beta)
{
    double most = 0;
    for (uint32_t p = 0; p < c->n_values; p++)
        if (c->total[p] > 0)
            most = larger(most, -log((double)c->total[p] / (double)c->sum));
    return fmin(beta, most);
}

static dcr_status count_known(dcr_diversity *d, const dcr_frame *f, const dcr_groups *g,
                              const bool *known, dcr_err *err)
{
    bool *seen = dcr_alloc(f->subject != NULL ? f->n_subjects : 0, sizeof *seen);
    if (seen == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < f->n_rows; i++) {
        if (!known[g->group_of[i]])
            continue;
        if (f->subject == NULL) {
            d->homogeneous_subjects++;
        } else if (!seen[f->subject[i]]) {
            seen[f->subject[i]] = true;
            d->homogeneous_subjects++;
        }
    }
    dcr_free(seen);
    return DCR_OK;
}

static void start_figures(dcr_diversity *d, const dcr_cells *c)
{
    d->n_classes = c->n_classes;
    d->n_values = c->n_held;
    d->several = c->several;
    d->entropy_l = c->n_classes > 0 ? INFINITY : NAN;
    d->t_ordered = NAN;
    for (int i = 0; i < DCR_DIVERSITY_CS; i++)
        d->recursive_l[i] = c->n_classes > 0 ? UINT32_MAX : 0;
    d->delta_everywhere = true;
}

/* Numbers have an order; a missing one has no place in it. */
static bool is_ordered(const dcr_cells *c)
{
    return c->step != NULL && c->n_classes > 0 && c->total[0] == 0;
}

static void walk(dcr_diversity *d, spread *s, const scale *o, bool *known)
{
    const dcr_cells *c = s->c;
    for (uint32_t k = 0; k < c->n_classes; k++) {
        open_class(s, k);
        known[k] = add_class(d, s);
        if (is_ordered(c))
            d->t_ordered =
                k == 0 ? t_ordered(s, o) : larger(d->t_ordered, t_ordered(s, o));
    }
    for (uint32_t k = 0; k < c->n_classes; k++) {
        open_class(s, k);
        d->infimum_c = larger(d->infimum_c, infimum_c(s, d->distinct_l));
    }
    d->beta_capped = beta_capped(c, d->beta);
}

dcr_status dcr_diversity_get(dcr_diversity *out, const dcr_frame *f, size_t column,
                             const dcr_groups *g, dcr_err *err)
{
    dcr_cells c;
    scale o = {0};
    spread s = {.c = &c};
    bool *known = NULL;
    dcr_status rc = dcr_cells_build(&c, f, column, g, err);
    memset(out, 0, sizeof *out);
    if (rc != DCR_OK)
        return rc;
    start_figures(out, &c);
    s.falling = dcr_alloc(c.n_values, sizeof *s.falling);
    known = dcr_alloc(c.n_classes, sizeof *known);
    if (s.falling == NULL || known == NULL)
        rc = dcr_nomem(err);
    if (rc == DCR_OK && is_ordered(&c))
        rc = scale_make(&o, &c, err);
    if (rc == DCR_OK) {
        walk(out, &s, &o, known);
        rc = count_known(out, f, g, known, err);
    }
    scale_end(&o);
    dcr_free(known);
    dcr_free(s.falling);
    dcr_cells_clear(&c);
    return rc;
}
