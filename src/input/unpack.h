/* Compressed bytes inside a value, unpacked within limits. */
#ifndef DCR_UNPACK_H
#define DCR_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "open.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum dcr_packed { DCR_PACKED_GZIP, DCR_PACKED_ZLIB } dcr_packed;

enum { DCR_UNPACK_MAX = DCR_OPEN_MAX_BYTES }; /* of what comes out of one value */

/* Adds what p[0 .. n) unpacks to, as far as it can be unpacked, to `out`; each piece is
 * paid for.  What is longer than DCR_UNPACK_MAX is cut, and the sink told.  Fails with
 * DCR_ENOMEM, or DCR_EINTERRUPTED when the budget is spent. */
dcr_status dcr_unpack(dcr_buf *out, const uint8_t *p, size_t n, dcr_packed how,
                      const dcr_open_sink *to);

#ifdef __cplusplus
}
#endif
#endif
