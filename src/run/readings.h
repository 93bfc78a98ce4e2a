/* Two readings of shifted dates: what adversaries know if the shift holds, and if it is
 * broken. */
#ifndef DCR_READINGS_H
#define DCR_READINGS_H

#include "dcmrisk/dates.h"
#include "dcmrisk/rules.h"

/* The adversaries of a rule set and, last, the policy's own, with or without the date of
 * the exam. */
typedef struct dcr_world {
    dcr_adversary *list; /* n: in the order of the rules; list[n]: the policy's */
    size_t n;
    dcr_known *knows; /* behind all of them */
} dcr_world;

/* `m`: whose joined table adds to what they know.  `hold`: the shift holds, and nobody
 * knows the date of an exam as it stands in the files.  Intervals between exams are
 * judged apart (longitudinal.h). */
DCR_MUST_USE dcr_status dcr_world_build(dcr_world *out, const dcr_rules *r,
                                        const dcr_policy *p, const dcr_model *m,
                                        bool hold, dcr_err *err);
void dcr_world_clear(dcr_world *w);

#endif
