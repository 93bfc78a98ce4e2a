/* Released keys in a register of the population. */
#ifndef DCR_REGISTER_MATCH_H
#define DCR_REGISTER_MATCH_H

#include "classes.h"

typedef struct dcr_register_match {
    uint32_t
        *f; /* per class: F(q), people of the register with the key as far as it tells
               the concepts; at least K(q), whose people are in the population too */
    const dcr_column **missing; /* concepts of the key that the register does not tell */
    size_t n_missing;
    uint32_t absent, scarce; /* subjects with a key that nobody in the register has; with
                                one that fewer people there have than in the release */
    uint32_t k_map;          /* smallest F(q); 0 without classes */
    double delta_min, delta_max; /* K(q)/F(q) over the keys of the register */
} dcr_register_match;

/* Looks up the classes of an any_exam view whose register is set.  Clear with
 * dcr_register_match_clear, also on failure. */
DCR_MUST_USE dcr_status dcr_register_match_get(dcr_register_match *out, const dcr_risk *r,
                                               dcr_err *err);
void dcr_register_match_clear(dcr_register_match *x);

#endif
