/* Inside a worker: files become one batch. */
#ifndef DCR_INTAKE_H
#define DCR_INTAKE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "dcmrisk/err.h"
#include "reader.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_intake dcr_intake;

/* `budget` may be NULL (the default); `keep` are attribute paths that are never rolled
 * up, borrowed while the intake lives. */
dcr_status dcr_intake_new(dcr_intake **out, dcr_reader_kind reader,
                          const dcr_budget *budget, const char *const *keep,
                          size_t n_keep, dcr_err *err);
void dcr_intake_free(dcr_intake *in);

/* Reads one file and adds it to the batch as number `index` of the request.  Only
 * DCR_ENOMEM fails, and leaves the intake fit only to be freed; all that is wrong with
 * the file is in its status, and what was read of it counts. */
dcr_status dcr_intake_file(dcr_intake *in, uint32_t index, const char *path,
                           dcr_err *err);

/* Bytes of memory held by the batch so far. */
size_t dcr_intake_bytes(const dcr_intake *in);

/* Adds the batch to `out` in the wire format (wire.h) and starts an empty one. */
dcr_status dcr_intake_take(dcr_intake *in, dcr_buf *out, dcr_err *err);

/* Name and version of the reader, then versions of dictionary and openers, "stream/1
 * dcmtk/3.6.7 csa/1": a change makes old scan files rescan.  Static. */
const char *dcr_intake_version(dcr_reader_kind reader);

#ifdef __cplusplus
}
#endif
#endif
