/* Inside of the what-if: records at hand, and changes of their columns. */
#ifndef DCR_WHATIF_IMPL_H
#define DCR_WHATIF_IMPL_H

#include "arena.h"
#include "classes.h"
#include "dcmrisk/whatif.h"

enum { WHATIF_COLUMNS = 5 }; /* that one change can touch: two parts and what follows */

typedef struct whatif_step { /* one concept at a coarser level, ready to be applied */
    dcr_whatif_part part;
    size_t column; /* of the records */
    uint32_t *to;  /* code there to the coarser code; 0 stays 0 */
    uint32_t n_to; /* coarser codes are 0 .. n_to - 1 */
    double bits;   /* lost, by this column */
} whatif_step;

typedef struct whatif_records { /* distinct records, with all that changes need */
    dcr_model m;                /* the model, its table cut down to them */
    dcr_arena arena;
    size_t age, birth, exam, site, device; /* columns of the key; SIZE_MAX: not known */
    /* Ages and sites that no carrier states; NULL: there are none. */
    bool *age_stated, *site_stated;
    bool birth_carried;
    dcr_column birth_day, exam_day; /* of ages that follow; code NULL: there are none */
    dcr_code *room[WHATIF_COLUMNS]; /* for changed columns, n_rows each */
    dcr_column *changed;            /* n_columns, for the change in hand */
    size_t rooms_used;
} whatif_records;

DCR_MUST_USE dcr_status dcr_whatif_records_build(whatif_records *w, const dcr_model *m,
                                                 const dcr_adversary *a, dcr_err *err);
void dcr_whatif_records_clear(whatif_records *w);

/* Works out how a column of the records is brought to a level and what that loses; `r`
 * says who is judged. */
DCR_MUST_USE dcr_status dcr_whatif_step_build(whatif_step *s, whatif_records *w,
                                              const dcr_risk *r, dcr_err *err);

/* Does the age tell the birth date's story again, so that the step empties that too? */
bool dcr_whatif_empties_birth(const whatif_records *w, const whatif_step *s);

/* w->changed becomes the columns after n steps. */
DCR_MUST_USE dcr_status dcr_whatif_apply(whatif_records *w, const whatif_step *const *s,
                                         size_t n, dcr_err *err);

#endif
