/* Names inside each other, as one name for a path: "study.series.Modality". */
#ifndef DCR_TRAIL_H
#define DCR_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "open.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_TRAIL_DEPTH = 64, DCR_TRAIL_PART = 48 };

typedef struct dcr_trail { /* zeroed is empty */
    char text[DCR_TRAIL_DEPTH * (DCR_TRAIL_PART + 1) + 1];
    size_t n;
    size_t at[DCR_TRAIL_DEPTH]; /* where each name begins */
    size_t depth;               /* may be more than are kept */
} dcr_trail;

/* One name deeper: made safe, cut at DCR_TRAIL_PART; "_" when nothing is left of it. */
void dcr_trail_push(dcr_trail *t, const uint8_t *p, size_t n);
void dcr_trail_pop(dcr_trail *t);
/* The last names that fit together into DCR_OPEN_MAX_NAME; never empty.  `last` (NULL:
 * none) comes behind them. */
const char *dcr_trail_name(const dcr_trail *t, const char *last,
                           char out[DCR_OPEN_MAX_NAME + 1]);

#ifdef __cplusplus
}
#endif
#endif
