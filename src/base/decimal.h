/* Binary fractions as decimal text. */
#ifndef DCR_DECIMAL_H
#define DCR_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_DECIMAL_TEXT = 32 };

/* Writes a number that is neither infinite nor NaN as printf does in the C locale, and
 * returns the length, without a NUL: a single one by "%.9g", others by the first of
 * "%.15g", "%.16g" and "%.17g" that reads back as the same number. */
size_t dcr_decimal_text(double v, bool single, char out[DCR_DECIMAL_TEXT]);

#ifdef __cplusplus
}
#endif
#endif
