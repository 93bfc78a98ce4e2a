/* Minimal sets: of everybody the sets that contain none of the other sets told of. */
#ifndef DCR_MINIMAL_H
#define DCR_MINIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/err.h"

typedef struct dcr_minimal {
    uint32_t *head; /* per one of n: 1 + its first set, 0 none */
    uint32_t n;
    uint64_t *mask; /* sets as bit masks, in lists */
    uint32_t *next; /* of each: 1 + the next in the list */
    size_t n_used, cap_mask, cap_next;
    uint32_t spare; /* list of sets no longer needed */
    size_t n_sets;
} dcr_minimal;

DCR_MUST_USE dcr_status dcr_minimal_init(dcr_minimal *m, uint32_t n, dcr_err *err);
void dcr_minimal_clear(dcr_minimal *m);
/* Tells of a set of one of them: kept unless it contains a set kept before; sets that
 * contain it go. */
DCR_MUST_USE dcr_status dcr_minimal_add(dcr_minimal *m, uint32_t who, uint64_t set,
                                        dcr_err *err);

/* How many have each set. */
typedef struct dcr_set_count {
    uint64_t set;
    uint64_t n;
} dcr_set_count;
/* All sets, those that most have first, then the smaller, then by mask; free with
 * dcr_free. */
DCR_MUST_USE dcr_status dcr_minimal_tally(const dcr_minimal *m, dcr_set_count **out,
                                          size_t *n, dcr_err *err);

#endif
