/* The one door through which anything about a value leaves: its shape. */
#ifndef DCR_MASK_H
#define DCR_MASK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_SHAPE_MAX = 64 };

/* Shape of a value: upper-case letters become A, others a (any script), digits 9, blanks
 * and the marks ^ - _ . , : / \ = + ( ) @ # stay, everything else is '?'.  At most
 * DCR_SHAPE_MAX - 1 bytes; longer values end in "...".  Always plain ASCII. */
void dcr_shape(const uint8_t *p, size_t n, char out[DCR_SHAPE_MAX]);

/* Length class of a value, for shapes that are too rare to be printed: "1-4 characters",
 * "5-8 characters", "9-16 characters", ... */
void dcr_length_class(size_t n, char out[DCR_SHAPE_MAX]);

/* Length of the longest prefix of p that is ASCII. */
size_t dcr_ascii(const uint8_t *p, size_t n);
/* Length of the longest prefix of p that is valid UTF-8 (n when all of it is). */
size_t dcr_utf8_valid(const uint8_t *p, size_t n);

#ifdef __cplusplus
}
#endif
#endif
