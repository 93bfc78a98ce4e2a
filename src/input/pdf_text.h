/* Strings and text of PDF, as far as they can be read without its fonts. */
#ifndef DCR_PDF_TEXT_H
#define DCR_PDF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The string at p, "(...)" or "<...>", its bytes added to `out`.  How many bytes it takes
 * in the file; 0 when it is none, or does not end. */
size_t dcr_pdf_string(dcr_buf *out, const uint8_t *p, size_t n);
/* Bytes of a text string (ISO 32000-1, 7.9.2) as UTF-8, added to `out`. */
void dcr_pdf_utf8(dcr_buf *out, const uint8_t *p, size_t n);
/* Adds the text that a content stream shows.  *unread: some of it is in glyph numbers,
 * which only the font could tell. */
void dcr_pdf_shown(dcr_buf *out, const uint8_t *p, size_t n, bool *unread);

#ifdef __cplusplus
}
#endif
#endif
