/* Patterns of rules: PCRE2 on bytes, upper and lower case alike, with limits on matching.
 */
#ifndef DCR_REGEX_H
#define DCR_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/err.h"

typedef struct dcr_regex dcr_regex;

/* Compiles a pattern.  On a wrong one *why says what is wrong with it (text of `why_size`
 * bytes, nothing of the pattern), *out is NULL and the status DCR_OK: the caller knows
 * the file and the line. */
DCR_MUST_USE dcr_status dcr_regex_new(dcr_regex **out, const char *pattern, char *why,
                                      size_t why_size, dcr_err *err);
void dcr_regex_free(dcr_regex *r);

/* True when the pattern occurs in the bytes.  A text that takes the pattern beyond its
 * limits does not match.  One thread at a time. */
bool dcr_regex_match(const dcr_regex *r, const uint8_t *p, size_t n);

#endif
