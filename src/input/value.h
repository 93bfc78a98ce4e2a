/* The bytes of one value, as they stand in a file, become what a batch holds. */
#ifndef DCR_VALUE_H
#define DCR_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "reader.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_VALUE_MAX = 4096 }; /* bytes of a value that is kept as it is */

typedef struct dcr_reading_value { /* borrowed: from the input, or from the buffers given
                                    */
    const uint8_t *p;
    uint32_t n, flags; /* DCR_VALUE_* of scan.h */
} dcr_reading_value;

/* Without trailing (or leading and trailing) blanks and NULs. */
size_t dcr_trim_end(const uint8_t *p, size_t n);
void dcr_trim(const uint8_t **p, size_t *n);

/* Turns p[0 .. n) of a VR into a value.  `cs` is the character set, NULL for the default.
 * `buf` is emptied and may hold the result.  False when no memory. */
bool dcr_value_make(dcr_reading_value *out, const char vr[2], bool big, dcr_charset *cs,
                    const uint8_t *p, size_t n, dcr_buf *buf);

/* "LENGTH:HEX128" into out (at least 60 bytes); returns the value. */
dcr_reading_value dcr_value_digest(uint64_t n, const char hex[33], char out[60]);

#ifdef __cplusplus
}
#endif
#endif
