/* The batch builder: values of files, counted per series. */
#ifndef DCR_AGGREGATE_H
#define DCR_AGGREGATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "dcmrisk/scan.h"
#include "dict.h"
#include "pathtab.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_aggregate dcr_aggregate;

/* `keep` are paths whose values are never rolled up (borrowed while the aggregate lives).
 * NULL when no memory. */
dcr_aggregate *dcr_aggregate_new(const char *const *keep, size_t n_keep);
void dcr_aggregate_free(dcr_aggregate *a);

/* Paths of this batch; the reader adds to them.  Emptied by dcr_aggregate_take. */
dcr_pathtab *dcr_aggregate_paths(dcr_aggregate *a);

/* Between begin and end stand the values of one file; their order does not matter. */
void dcr_aggregate_begin(dcr_aggregate *a);
dcr_status dcr_aggregate_value(void *aggregate, uint32_t path, const char vr[2],
                               const uint8_t *p, uint32_t n, uint32_t flags);
/* The value that `path` had last, with its VR. */
dcr_status dcr_aggregate_again(void *aggregate, uint32_t path);

typedef struct dcr_unit_key { /* bytes of dcr_batch_unit, borrowed; p may be NULL when n
                                 is 0 */
    dcr_bytes patient_id, issuer, study_uid, series_uid, stand_in;
    uint32_t kind;
} dcr_unit_key;

/* Ends a file.  With a unit its values count there, and file->unit is set; without one
 * (NULL) they are forgotten.  The file's record is copied. */
dcr_status dcr_aggregate_end(dcr_aggregate *a, dcr_batch_file *file,
                             const dcr_unit_key *unit);

size_t dcr_aggregate_memory(const dcr_aggregate *a);

/* Writes the batch to `out` in the wire format and starts an empty one. */
dcr_status dcr_aggregate_take(dcr_aggregate *a, dcr_buf *out);

#ifdef __cplusplus
}
#endif
#endif
