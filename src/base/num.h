/* Whole strings to numbers, in range; nothing else reads numbers from text. */
#ifndef DCR_NUM_H
#define DCR_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* True when all of s is decimal digits and lo <= value <= hi; *out is then set. */
bool dcr_num_u64(const char *s, uint64_t lo, uint64_t hi, uint64_t *out);
/* True when all of s is a finite number in the C locale with lo <= value <= hi. */
bool dcr_num_double(const char *s, double lo, double hi, double *out);
/* A decimal string ("1.75", "-2", "1.7e1") as whole units of 10^-6, cut toward zero,
 * without going through binary fractions; false when it is not one or too large. */
bool dcr_num_micro(const uint8_t *p, size_t n, int64_t *out);

#ifdef __cplusplus
}
#endif
#endif
