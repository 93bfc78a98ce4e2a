/* Sketches of attributes with too many values, as the scan file keeps them.  Adding
 * values in any order, or in parts, gives the same sketch. */
#ifndef DCR_ROLLUP_H
#define DCR_ROLLUP_H

#include "buf.h"
#include "dcmrisk/scan.h"

typedef struct dcr_rollup { /* zeroed is empty; clear with dcr_rollup_clear */
    uint32_t attr;          /* the scan file's number */
    uint32_t n_hashes;
    uint64_t files, empty;
    dcr_buf min, max, shape;
    uint64_t hash[DCR_ROLLUP_MAX]; /* ascending */
} dcr_rollup;

void dcr_rollup_clear(dcr_rollup *k);
/* Adds a value that `files` files hold. */
void dcr_rollup_value(dcr_rollup *k, dcr_bytes v, uint64_t files);
/* Adds what another sketch has seen; min, max and shape of `r` are indexes into strings.
 */
void dcr_rollup_join(dcr_rollup *k, const dcr_batch_rollup *r, const dcr_bytes *strings);
/* Likewise, from one of ours. */
void dcr_rollup_merge(dcr_rollup *k, const dcr_rollup *r);
/* False when there was no memory at some point. */
bool dcr_rollup_whole(const dcr_rollup *k);

#endif
