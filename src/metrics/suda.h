/* Scores of the minimal sample uniques of a table (SUDA2). */
#ifndef DCR_SUDA_H
#define DCR_SUDA_H

#include "lattice.h"

/* A record is a distinct (subject, key) pair; all that have minimal sample uniques (MSU)
 * are cells with an owner.  The score of a record is the sum of (M - k)! over its MSUs of
 * k of M columns (Elliot, Manning and Ford 2002; sdcMicro's original scores). */
typedef struct dcr_suda {
    unsigned max_size; /* MSUs of more columns were not looked for */
    uint64_t n_msu;
    uint64_t by_size[DCR_FRAME_MAX_COLUMNS + 1];
    double score_sum, score_max;
    double share[DCR_FRAME_MAX_COLUMNS]; /* per column the share of score_sum in MSUs that
                                            hold it; NaN without any */
    double *score;                       /* per cell */
} dcr_suda;

/* Clear with dcr_suda_clear. */
DCR_MUST_USE dcr_status dcr_suda_score(dcr_suda *out, dcr_lattice *l, dcr_err *err);
void dcr_suda_clear(dcr_suda *s);

/* DIS-SUDA (Skinner and Elliot 2002, calibrated as in sdcMicro): dis[i] for the n scores
 * of cells; 0 where the score is.  `pairs` are the classes of two subjects, `d` the
 * sampling fraction.  *sum and *max do not depend on the order of cells. */
DCR_MUST_USE dcr_status dcr_suda_dis(double *dis, const double *score, size_t n,
                                     size_t n_columns, uint64_t pairs, double d,
                                     double *sum, double *max, dcr_err *err);

#endif
