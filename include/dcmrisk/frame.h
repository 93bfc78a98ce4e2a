/* Tables of codes: what the metrics of `dcmrisk table` read.  `table` makes one from a
 * CSV, `assess` from the records of an adversary.
 *
 * A record is a row, a key its codes.  Whoever is counted is a subject: the rows of one
 * subject are one person, and without a subject column every row is its own. */
#ifndef DCMRISK_FRAME_H
#define DCMRISK_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_FRAME_MAX_COLUMNS = 64 }; /* a set of columns is a bit mask of 64 bits */

typedef struct dcr_frame { /* everything is lent by whoever made it */
    size_t n_rows, n_columns;
    const char *const *name;     /* n_columns */
    const uint32_t *const *code; /* n_columns columns of n_rows codes; 0: missing */
    const uint32_t *n_codes;     /* n_columns: codes are 0 .. n_codes - 1; keys are
                                    packed by it */
    const uint32_t *const *rank; /* n_columns, or NULL: nothing is a number; rank[c] is
                                    NULL unless every value of column c is a number, and
                                    else n_codes places in ascending order, below n_codes,
                                    equal numbers ("1", "1.0") in one; rank[c][0] says
                                    nothing */
    const uint32_t *subject;     /* n_rows, below n_subjects; NULL: each row is its own */
    uint32_t n_subjects;         /* n_rows without a subject column */
    uint32_t n_inferred;  /* the last so many subjects are rows whose subject is not
                             known: each is counted as its own, and all of them may
                             be one person */
    const double *weight; /* n_rows, from 1 to 1e12, one for all rows of a
                             subject; NULL: none */
    unsigned jobs;        /* threads that may work on it; 0: one */
} dcr_frame;

/* A partition of the rows by equal codes; a missing value is a category. */
typedef struct dcr_groups {
    size_t n_rows;
    uint32_t n_groups;
    uint32_t *group_of; /* n_rows; groups are numbered by first row */
    uint32_t *rows;     /* n_groups: rows of each */
    uint32_t *subjects; /* n_groups: distinct subjects of each, K(q); without a subject
                           column the same as rows */
} dcr_groups;

/* Groups by the columns whose bit is set in `columns` (bit i: column i); none: one group.
 * Free with dcr_groups_clear. */
DCR_MUST_USE dcr_status dcr_groups_build(dcr_groups *out, const dcr_frame *f,
                                         uint64_t columns, dcr_err *err);
void dcr_groups_clear(dcr_groups *g);

/* All columns of a frame as a mask. */
static inline uint64_t dcr_frame_all(const dcr_frame *f)
{
    return f->n_columns >= 64 ? UINT64_MAX : ((uint64_t)1 << f->n_columns) - 1;
}

#ifdef __cplusplus
}
#endif
#endif
