/* Originals that the user gave: UIDs and IDs as they were before de-identification. */
#ifndef DCR_ORIGINALS_H
#define DCR_ORIGINALS_H

#include "arena.h"
#include "dcmrisk/rules.h"

typedef struct dcr_original {
    const uint8_t *p;
    uint32_t n;
    bool uid; /* digits and dots */
} dcr_original;

struct dcr_originals {
    dcr_arena arena;
    dcr_original *list; /* by bytes, each once */
    size_t n, cap;
};

/* Adds one, for tests and examples; dcr_originals_end sorts. */
DCR_MUST_USE dcr_status dcr_originals_add(dcr_originals *o, const void *p, size_t n,
                                          dcr_err *err);
void dcr_originals_end(dcr_originals *o);
dcr_originals *dcr_originals_new(void); /* NULL when no memory */

#endif
