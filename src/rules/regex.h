/* Patterns (PCRE2) with limits, so that no text makes a search run away. */
#ifndef DCR_REGEX_H
#define DCR_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rulefile.h"

typedef struct dcr_regex dcr_regex;

/* Compiles a pattern of a rule file, upper and lower case alike; a wrong one is
 * DCR_ERULES at its line.  Free with dcr_regex_free. */
DCR_MUST_USE dcr_status dcr_regex_new(dcr_regex **out, const dcr_rule_file *file,
                                      const char *text, dcr_err *err);
void dcr_regex_free(dcr_regex *p);
/* True when it matches somewhere in the bytes; a search that outruns its limits is a
 * match: what could not be ruled out is not safe. */
bool dcr_regex_in(const dcr_regex *p, const uint8_t *text, size_t n);

#endif
