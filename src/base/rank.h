/* The order of texts that are numbers. */
#ifndef DCR_RANK_H
#define DCR_RANK_H

#include <stdint.h>

#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* value[1 .. n) are texts (value[0] is not read).  When every one is a decimal number
 * ("-2", "1.50", "3e2") *out gets n places in ascending order, from 0, equal numbers in
 * one and (*out)[0] = 0; free with dcr_free.  Otherwise, and when there is none, *out is
 * NULL. */
DCR_MUST_USE dcr_status dcr_rank_numbers(uint32_t **out, const char *const *value,
                                         uint32_t n, dcr_err *err);

#ifdef __cplusplus
}
#endif
#endif
