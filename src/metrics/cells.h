/* How a sensitive column is spread over classes: what every diversity metric reads. */
#ifndef DCR_CELLS_H
#define DCR_CELLS_H

#include "dcmrisk/frame.h"

/* Counts are of distinct subjects: one that holds a value twice in a class, or in the
 * table, counts once for it; one that holds two values counts for both.  Without a
 * subject column every row is a subject.  A missing value is one value like others. */
typedef struct dcr_cells {
    uint32_t n_classes, n_values; /* values: codes of the column, also those not held */
    size_t *start; /* n_classes + 1: the cells of class c are start[c] .. start[c+1]-1 */
    uint32_t *place; /* per cell: its value's place, ascending within a class */
    uint32_t *count; /* per cell: subjects of the class that hold the value, at least 1 */
    uint32_t *size;  /* n_classes: subjects of the class, K(q) */
    uint32_t *total; /* n_values, by place: subjects of the table that hold the value */
    uint32_t *step;  /* n_values, by place: the value's step on the ordered scale, from 0;
                        equal numbers share one; NULL when the column has no order.
                        The missing value, place 0, has none */
    uint32_t n_steps;
    uint64_t sum;    /* of total */
    uint32_t n_held; /* values held by anyone */
    bool several;    /* some subject holds several values in one class */
} dcr_cells;

/* `g` partitions the rows of `f`; `column` is one of f's.  Places are the values in the
 * order of their ranks, or of their codes where there are none.  Free with
 * dcr_cells_clear. */
DCR_MUST_USE dcr_status dcr_cells_build(dcr_cells *out, const dcr_frame *f, size_t column,
                                        const dcr_groups *g, dcr_err *err);
void dcr_cells_clear(dcr_cells *c);

#endif
