/* Japanese text of DICOM (ISO 2022 with JIS X 0201, 0208, 0212), which DCMTK cannot
 * decode where it is built on the C library's iconv. */
#ifndef DCR_JAPANESE_H
#define DCR_JAPANESE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Adds p[0 .. n) as EUC-JP, which holds the same characters without escape sequences;
 * false on an escape sequence or byte that is not of these sets. */
bool dcr_japanese_euc(const uint8_t *p, size_t n, dcr_buf *out);

#ifdef __cplusplus
}
#endif
#endif
