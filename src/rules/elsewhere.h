/* Where identifiers stand besides their own attributes: found once, read by several
 * rules. */
#ifndef DCR_ELSEWHERE_H
#define DCR_ELSEWHERE_H

#include "check.h"
#include "tokens.h"

typedef struct dcr_elsewhere_hit {
    uint32_t class_no; /* of identifiers.json */
    size_t attr;       /* of the model */
    const dcr_value *value;
} dcr_elsewhere_hit;

typedef struct dcr_elsewhere { /* by attribute, then class, then value */
    dcr_elsewhere_hit *list;
    size_t n;
} dcr_elsewhere;

/* The tokens of the model at hand, made when they are first asked for; lent. */
DCR_MUST_USE dcr_status dcr_check_tokens(const dcr_check_run *c, dcr_tokens **out,
                                         dcr_err *err);

#endif
