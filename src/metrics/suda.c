#include "suda.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

typedef struct counts { /* MSUs, by their size */
    uint64_t all[DCR_FRAME_MAX_COLUMNS + 1];
    uint64_t with[DCR_FRAME_MAX_COLUMNS][DCR_FRAME_MAX_COLUMNS + 1]; /* a place */
} counts;

/* worth[k] = (m - k)! */
static void worths(double worth[DCR_FRAME_MAX_COLUMNS + 1], size_t m)
{
    worth[m] = 1;
    for (size_t k = m; k-- > 0;)
        worth[k] = worth[k + 1] * (double)(m - k);
}

/* By size and then summed, so that no order of sets shows in the last digits. */
static double worth_of(const double *worth, const uint64_t *by_size, size_t m)
{
    double sum = 0;
    for (size_t k = 1; k <= m; k++)
        if (by_size[k] != 0)
            sum += worth[k] * (double)by_size[k];
    return sum;
}

/* Adds the MSUs of a cell to the counts; returns its score. */
static double score_cell(const dcr_minimal *m, uint32_t cell, size_t n_columns,
                         const double *worth, counts *c)
{
    uint64_t by_size[DCR_FRAME_MAX_COLUMNS + 1] = {0};
    dcr_minimal_walk walk = {.m = m, .who = cell};
    for (uint64_t set; (set = dcr_minimal_next(&walk)) != 0;) {
        int size = __builtin_popcountll(set);
        by_size[size]++;
        for (; set != 0; set &= set - 1)
            c->with[__builtin_ctzll(set)][size]++;
    }
    for (size_t k = 1; k <= n_columns; k++)
        c->all[k] += by_size[k];
    return worth_of(worth, by_size, n_columns);
}

dcr_status dcr_suda_score(dcr_suda *out, dcr_lattice *l, dcr_err *err)
{
    const dcr_uniques *u;
    const size_t m = l->n_columns;
    double worth[DCR_FRAME_MAX_COLUMNS + 1];
    counts *c = dcr_alloc(1, sizeof *c);
    dcr_status rc = c == NULL ? dcr_nomem(err) : dcr_lattice_msu(l, &u, err);
    memset(out, 0, sizeof *out);
    out->score = dcr_alloc(l->n_cells, sizeof *out->score);
    if (rc == DCR_OK && out->score == NULL)
        rc = dcr_nomem(err);
    if (rc == DCR_OK) {
        worths(worth, m);
        for (uint32_t i = 0; i < l->n_cells; i++) {
            if (l->owner[i] == DCR_LATTICE_MANY)
                continue;
            out->score[i] = score_cell(&u->minimal, i, m, worth, c);
            if (out->score[i] > out->score_max)
                out->score_max = out->score[i];
        }
        memcpy(out->by_size, c->all, sizeof out->by_size);
        out->max_size = u->max_size;
        out->n_msu = u->minimal.n_sets;
        out->score_sum = worth_of(worth, c->all, m);
        for (size_t i = 0; i < m; i++)
            out->share[l->column[i]] =
                out->n_msu == 0 ? NAN : worth_of(worth, c->with[i], m) / out->score_sum;
    }
    dcr_free(c);
    if (rc != DCR_OK)
        dcr_suda_clear(out);
    return rc;
}

void dcr_suda_clear(dcr_suda *s)
{
    dcr_free(s->score);
    memset(s, 0, sizeof *s);
}

/* ---- DIS ---- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* theta = U d / (U d + P (1 - d)) with P the records in pairs, and a record's figure is
 * 1 / (1 + (U / theta - U) / (s^Q A)): U cancels, so that no count of uniques is needed.
 */
dcr_status dcr_suda_dis(double *dis, const double *score, size_t n, size_t n_columns,
                        uint64_t pairs, double d, double *sum, double *max, dcr_err *err)
{
    const double q = 1 + (8 - (double)n_columns) / 20;
    const double odds = 2 * (double)pairs * (1 - d) / d;
    double *sorted = dcr_alloc(n, sizeof *sorted), a = 0;
    size_t n_scored = 0, end;
    *sum = *max = 0;
    if (sorted == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n; i++)
        if (score[i] > 0)
            sorted[n_scored++] = score[i];
    qsort(sorted, n_scored, sizeof *sorted, by_value);
    for (size_t i = 0; i < n_scored; i = end) {
        for (end = i + 1; end < n_scored && sorted[end] == sorted[i];)
            end++;
        a += (double)(end - i) * pow(sorted[i], -q);
    }
    for (size_t i = 0; i < n_scored; i = end) {
        double one = 1 / (1 + odds / (pow(sorted[i], q) * a));
        for (end = i + 1; end < n_scored && sorted[end] == sorted[i];)
            end++;
        *sum += (double)(end - i) * one;
        *max = one > *max ? one : *max;
    }
    for (size_t i = 0; i < n; i++)
        dis[i] = score[i] > 0 ? 1 / (1 + odds / (pow(score[i], q) * a)) : 0;
    dcr_free(sorted);
    return DCR_OK;
}
