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

/* Sets of few elements are kept as a bit for every set there could be, where that is not
 * too much, otherwise in lists. */
typedef struct dcr_minimal {
    uint32_t n;
    unsigned n_elements;
    size_t n_sets;
    uint64_t *bit; /* of each one n_words words; NULL: lists */
    size_t n_words;
    uint32_t *head; /* of each one 1 + its first chunk, 0 none */
    dcr_minimal_chunk *chunk;
    size_t n_chunks, cap;
    uint32_t spare;  /* list of chunks no longer needed */
    uint64_t looked; /* sets compared so far */
} dcr_minimal;

/* For `n`, with sets of the elements 0 .. n_elements - 1; bits may take `max_words`
 * words.
 */
DCR_MUST_USE dcr_status dcr_minimal_init(dcr_minimal *m, uint32_t n, unsigned n_elements,
                                         size_t max_words, dcr_err *err);
void dcr_minimal_clear(dcr_minimal *m);
/* Tells of a set of one of them. */
DCR_MUST_USE dcr_status dcr_minimal_add(dcr_minimal *m, uint32_t who, uint64_t set,
                                        dcr_err *err);
/* When all is told: n_sets counts, and the sets can be asked for. */
void dcr_minimal_settle(dcr_minimal *m);

/* The sets of one, in no order: start with {m, who}; 0 at the end. */
typedef struct dcr_minimal_walk {
    const dcr_minimal *m;
    uint32_t who;
    bool started;
    uint32_t chunk, at; /* lists */
    size_t word;        /* bits: the word in hand and what is left of it */
    uint64_t left;
} dcr_minimal_walk;
uint64_t dcr_minimal_next(dcr_minimal_walk *walk);

/* How many have each set. */
typedef struct dcr_set_count {
    uint64_t set;
    uint64_t n;
} dcr_set_count;
/* All sets, element e renamed to name[e]; those that most have first, then the smaller,
 * then by mask; free with dcr_free. */
DCR_MUST_USE dcr_status dcr_minimal_tally(const dcr_minimal *m, const uint8_t *name,
                                          dcr_set_count **out, size_t *n, dcr_err *err);

#endif
