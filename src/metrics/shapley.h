/* Shapley values of columns: what each adds to the number of unique subjects. */
#ifndef DCR_SHAPLEY_H
#define DCR_SHAPLEY_H

#include "lattice.h"

typedef struct dcr_shapley {
    double value[DCR_FRAME_MAX_COLUMNS]; /* per column of the frame, in subjects */
    double lo[DCR_FRAME_MAX_COLUMNS], hi[DCR_FRAME_MAX_COLUMNS];
    uint32_t n_orders; /* random orders, in pairs of an order and its reverse; 0: exact */
    uint32_t unique;   /* subjects unique by all columns; what the values sum to */
} dcr_shapley;

/* Exact when numbers per set are there, otherwise the mean over random orders with its 95
 * percent interval (Castro, Gomez and Tejada 2009), until about `max_work` items have
 * been looked at.  The seed is fixed. */
DCR_MUST_USE dcr_status dcr_shapley_get(dcr_shapley *out, dcr_lattice *l,
                                        uint64_t max_work, dcr_err *err);
/* By how many the unique subjects fall without each column (n_columns). */
DCR_MUST_USE dcr_status dcr_drop_one_get(uint32_t *drop, dcr_lattice *l, dcr_err *err);

#endif
