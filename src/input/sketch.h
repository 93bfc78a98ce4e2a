/* What is kept of an attribute with too many values: count, range, shape, least hashes.
 * Adding values in any order, or in parts, gives the same sketch. */
#ifndef DCR_SKETCH_H
#define DCR_SKETCH_H

#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/scan.h"
#include "dict.h"
#include "mask.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_sketch { /* zeroed is empty and valid */
    uint64_t files, empty;
    uint32_t min, max; /* values of the dictionary, number + 1; 0 when none */
    uint32_t n_hashes;
    char shape[DCR_SHAPE_MAX];     /* "*" when they differ, "" when none */
    uint64_t hash[DCR_ROLLUP_MAX]; /* ascending */
} dcr_sketch;

/* Adds a value of `values` that `files` files hold. */
void dcr_sketch_add(dcr_sketch *s, const dcr_dict *values, uint32_t value,
                    uint64_t files);

#ifdef __cplusplus
}
#endif
#endif
