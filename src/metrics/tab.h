/* What keys are shared by: subjects and their weights, by group and by row. */
#ifndef DCR_TAB_H
#define DCR_TAB_H

#include "dcmrisk/metric.h"

/* Weights are summed exactly, so that no order of rows shows: a weight from 1 to 1e12 is
 * a whole number of 2^-52, and 2^32 of them fit in 128 bits. */
typedef unsigned __int128 dcr_weight_sum;

static inline dcr_weight_sum dcr_weight_exact(double weight)
{
    uint64_t whole = (uint64_t)weight;
    return ((dcr_weight_sum)whole << 52) +
           (uint64_t)((weight - (double)whole) * 4503599627370496.0);
}

static inline double dcr_weight_real(dcr_weight_sum sum)
{
    return (double)sum / 4503599627370496.0;
}

/* Sums of figures from 0 to 1 that know no order either, in units of 2^-94. */
typedef unsigned __int128 dcr_unit_sum;

static inline dcr_unit_sum dcr_unit_exact(double figure)
{
    return (dcr_unit_sum)(figure * 0x1p94);
}

static inline double dcr_unit_real(dcr_unit_sum sum)
{
    return (double)sum * 0x1p-94;
}

/* The distinct (group, subject) pairs, numbered by first row. */
DCR_MUST_USE dcr_status dcr_pairs_build(dcr_groups *out, const dcr_frame *f,
                                        const dcr_groups *g, dcr_err *err);

/* How often each k occurs.  Sums over it know no order of rows. */
typedef struct dcr_tally {
    uint32_t k_min, k_max;       /* 0: there is no row */
    uint64_t class_sum;          /* of k over the classes */
    uint32_t *classes, *records; /* by k, k_max + 1: classes shared by k subjects, and
                                    their rows */
    uint32_t *subjects;          /* by k(s), the smallest k over the rows of a subject */
} dcr_tally;
/* Of a tab that is prepared; free with dcr_tally_clear. */
DCR_MUST_USE dcr_status dcr_tally_build(dcr_tally *out, const dcr_tab *t, dcr_err *err);
void dcr_tally_clear(dcr_tally *y);

/* Under WILDCARD: per group, the distinct subjects whose key matches, and the sum of
 * their weights (`sum` is NULL without weights).  Refuses (DCR_EARG) with a subject
 * column when more than 4e9 pairs of keys and rows would have to be looked at. */
DCR_MUST_USE dcr_status dcr_match_wildcard(const dcr_frame *f, const dcr_groups *g,
                                           uint32_t *fk, dcr_weight_sum *sum,
                                           dcr_err *err);

#endif
