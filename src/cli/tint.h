/* Colours on text that is there already: the words stay, for whoever sees no colour. */
#ifndef DCR_TINT_H
#define DCR_TINT_H

#include "dcmrisk/report.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Prints a format to standard output with the results that begin a line ("fail", "PASS:")
 * in bold or colour. */
DCR_MUST_USE dcr_status dcr_print_tinted(const dcr_format *f, const json_t *report,
                                         dcr_err *err);

/* Prints one line, n bytes without its end, in the same way; for tests. */
void dcr_print_tinted_line(FILE *out, const char *line, size_t n);

#ifdef __cplusplus
}
#endif
#endif
