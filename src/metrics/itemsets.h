/* Sets of items that people hold: how many others hold the same (k^m), and how often
 * nobody else does (unicity). */
#ifndef DCR_ITEMSETS_H
#define DCR_ITEMSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/metric.h"

enum { DCR_ITEMSETS_MAX = 4 }; /* items of a set */

/* The items of every holder: those of holder h are item[first[h] .. first[h + 1]),
 * distinct, in any order. */
typedef struct dcr_items {
    uint32_t n_holders, n_items; /* items are 0 .. n_items - 1 */
    size_t *first;               /* n_holders + 1 */
    uint32_t *item;
    bool *inferred; /* n_holders: may all be one holder; NULL: nobody is */
} dcr_items;
void dcr_items_clear(dcr_items *l);

/* All sets of exactly m items that somebody holds.  The support of a set is the number of
 * its holders. */
typedef struct dcr_itemsets {
    uint32_t m;
    bool refused; /* more sets that may be shared than are counted; all else is 0 then */
    uint64_t n;   /* distinct sets; UINT64_MAX: more than that */
    uint64_t n_below[DCR_BELOW_N]; /* of them: with a support below dcr_below[] */
    /* By holder; NULL when refused: */
    uint32_t *k, *k_low; /* smallest support of a set of its own; 0: fewer than m items */
    double *unique;      /* share of its C(n, m) sets that nobody else holds */
} dcr_itemsets;

/* Counts the sets of 1 .. max_m items (at most DCR_ITEMSETS_MAX) into out[0 .. max_m).
 * Only sets whose every item somebody else holds too are listed; of these at most
 * `most` for each size (each holder's own counted), which bounds work and memory: above
 * it the size is refused, and all larger ones.  Clear in any case. */
DCR_MUST_USE dcr_status dcr_itemsets_count(dcr_itemsets *out, uint32_t max_m,
                                           const dcr_items *l, uint64_t most,
                                           dcr_err *err);
void dcr_itemsets_clear(dcr_itemsets *list, uint32_t n);

/* C(n, m); UINT64_MAX when it is too large to be told (from some 2^62 on). */
uint64_t dcr_choose(uint64_t n, uint32_t m);

#endif
