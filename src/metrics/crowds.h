/* How many people of a population share each key of a release. */
#ifndef DCR_CROWDS_H
#define DCR_CROWDS_H

#include "dcmrisk/metric.h"

/* Counts are of distinct subjects. */
typedef struct dcr_crowds {
    uint32_t n;           /* classes of the release, as in dcr_tab.groups */
    uint32_t *F;          /* n: of the population, matching the key; 0: nobody does */
    uint32_t *f;          /* n: of the release, likewise */
    uint32_t n_elsewhere; /* classes of the population */
    uint32_t *elsewhere;  /* n_elsewhere: subjects of each */
    uint32_t *released;   /* n_elsewhere: released subjects with that key; NULL with
                             wildcards, where keys overlap */
    bool refused;         /* too many keys match each other: nothing else is filled in */
} dcr_crowds;

/* `t` has a population table.  Free with dcr_crowds_clear. */
DCR_MUST_USE dcr_status dcr_crowds_build(dcr_crowds *out, const dcr_tab *t, dcr_err *err);
void dcr_crowds_clear(dcr_crowds *c);

#endif
