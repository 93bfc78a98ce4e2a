/* Workspace over all sets of columns of a frame: who is unique under which set.
 *
 * Rows of equal key are one cell.  A cell of one subject has an owner; a cell of several
 * is of MANY, and so are its parts: only cells with an owner can be unique under a set of
 * columns, namely when no other subject has a row that agrees with them there. */
#ifndef DCR_LATTICE_H
#define DCR_LATTICE_H

#include "dcmrisk/metric.h"
#include "minimal.h"

enum {
    DCR_LATTICE_EXACT = 14, /* columns up to which numbers per set are kept */
    DCR_LATTICE_MAX_CELLS = (1 << 30) - 1,
    DCR_LATTICE_MAX_CHUNKS = 1 << 25, /* 2 GB of minimal sets */
    DCR_LATTICE_MAX_WORDS = 1 << 27   /* or 1 GB of them as bits */
};

#define DCR_LATTICE_MANY     UINT32_MAX /* several subjects */
#define DCR_LATTICE_MAX_WORK ((uint64_t)1 << 30)

/* Who is unique under which sets of columns. */
typedef struct dcr_uniques {
    dcr_minimal minimal; /* minimal unique sets by cell or by subject, of places */
    unsigned max_size;   /* all minimal sets of up to so many columns are there */
    uint32_t *count;     /* unique subjects per set of places (2^n_columns); NULL: not
                            counted */
    bool done;
} dcr_uniques;

struct dcr_lattice {
    size_t n_rows, n_columns;
    uint32_t n_cells, n_subjects;
    uint32_t *cell_of; /* n_rows */
    uint32_t *owner;   /* n_cells: subject, DCR_LATTICE_MANY; without subjects the cell */
    bool rows_alone;   /* no subject column */
    bool missing;      /* some code is 0 */
    /* Columns are put into places by rising number of values, cells are sorted by the
     * codes in places 0, 1, ... */
    uint8_t *column;   /* n_columns: of each place */
    uint32_t **code;   /* n_columns places of n_cells codes */
    uint32_t **prefix; /* of each place the number of the codes in places up to it */
    uint32_t *n_codes; /* n_columns places */
    uint64_t max_work; /* items looked at before a descent through all sets is given up;
                          0: no end up to DCR_LATTICE_EXACT columns, else 2^30 */
    size_t max_words;  /* minimal sets as bits; where these are more, in lists */
    size_t max_chunks; /* of lists, kept before a descent is given up */
    dcr_uniques msu;   /* of cells; a missing value is in no set and matches nothing */
    dcr_uniques keys;  /* of subjects; a missing value is a value */
};

/* `by_all` are the groups of the frame by all its columns.  Nothing of either is kept.
 */
DCR_MUST_USE dcr_status dcr_lattice_build(dcr_lattice **out, const dcr_frame *f,
                                          const dcr_groups *by_all, dcr_err *err);
void dcr_lattice_free(dcr_lattice *l); /* NULL is fine */
/* The lattice of a table, made when it has none yet; dcr_lattice_free it with the table.
 */
DCR_MUST_USE dcr_status dcr_lattice_of(dcr_tab *t, dcr_err *err);

/* Minimal unique sets, found at the first call; lent. */
DCR_MUST_USE dcr_status dcr_lattice_msu(dcr_lattice *l, const dcr_uniques **out,
                                        dcr_err *err);
DCR_MUST_USE dcr_status dcr_lattice_keys(dcr_lattice *l, const dcr_uniques **out,
                                         dcr_err *err);

/* Fills *u with the minimal sets of up to `max_size` columns, of cells where a missing
 * value is in no set (`msu`), else of subjects; *all is false when that ended early,
 * after looking at `max_work` items or comparing `max_looked` sets of lists, or with too
 * many of them. With all columns of few it also counts, which does not end for the sake
 * of lists. */
DCR_MUST_USE dcr_status dcr_descent_sets(const dcr_lattice *l, dcr_uniques *u, bool msu,
                                         unsigned max_size, uint64_t max_work,
                                         uint64_t max_looked, bool *all, dcr_err *err);

/* Would a descent through all sets end after looking at no more than `max_work` items?
 * Finds out without keeping a set. */
DCR_MUST_USE dcr_status dcr_descent_ends(const dcr_lattice *l, bool msu,
                                         uint64_t max_work, bool *ends, dcr_err *err);

/* Learns the places in the given order, one after the other: gain[place] becomes the
 * number of subjects that are unique with it and were not before.  `work` grows by what
 * there is to look at.  For many orders open a descent once: the places that an order
 * begins with as the one before it did are not looked at again.  With `only_new` cells
 * are not followed once all their subjects are known to be unique, which is faster and
 * lets `work` grow by less; the first place always counts with all cells. */
typedef struct dcr_descent dcr_descent;
DCR_MUST_USE dcr_status dcr_descent_open(dcr_descent **out, const dcr_lattice *l,
                                         bool only_new, dcr_err *err);
DCR_MUST_USE dcr_status dcr_descent_order(dcr_descent *w, const uint8_t *order,
                                          uint32_t *gain, uint64_t *work, dcr_err *err);
void dcr_descent_free(dcr_descent *w);

#endif
