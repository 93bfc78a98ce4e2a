/* Minimal sets: of everybody the sets that contain none of the other sets told of. */
#ifndef DCR_MINIMAL_H
#define DCR_MINIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/err.h"

enum { DCR_MINIMAL_CHUNK = 7 };
typedef struct dcr_minimal_chunk {   /* a line of the cache */
    uint64_t set[DCR_MINIMAL_CHUNK]; /* bit masks, never 0 */
    uint32_t n;
    uint32_t next; /* 1 + the next chunk, 0 none; all but the first are full */
} dcr_minimal_chunk;

typedef struct dcr_minimal {
    uint32_t *head; /* per one of n: 1 + its first chunk, 0 none */
    uint32_t n;
    dcr_minimal_chunk *chunk;
    size_t n_chunks, cap;
    uint32_t spare; /* list of chunks no longer needed */
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
