/* Inside of rules: which findings an acceptance is about, and whether it holds. */
#ifndef DCR_ACCEPTANCE_H
#define DCR_ACCEPTANCE_H

#include "policy.h"
#include "project.h"

enum { DCR_ACCEPTANCE_MONTHS = 12 };

/* The criterion of a policy by its id, NULL when it has none. */
const json_t *dcr_policy_criterion(const dcr_policy *p, const char *id);

/* True when the acceptance names the finding's rule, and its path or none. */
bool dcr_acceptance_covers(const dcr_acceptance *a, const dcr_finding *f);

/* True when it has not expired on that day (YYYYMMDD; 0: not known, nothing expires). */
bool dcr_acceptance_valid(const dcr_acceptance *a, uint32_t today);

/* True when it was not made for longer than the policy's longest term
 * ("acceptance_months", 12 when it says none or is NULL), from the day it was created, or
 * from `today` when that is not said. */
bool dcr_acceptance_short(const dcr_acceptance *a, const dcr_policy *policy,
                          uint32_t today);

/* True when a valid one that covers the finding holds: short enough, up to its ceiling,
 * where the policy allows acceptances (policy NULL: everywhere). */
bool dcr_acceptance_holds(const dcr_acceptance *a, const dcr_finding *f,
                          const dcr_policy *policy, uint32_t today);

#endif
