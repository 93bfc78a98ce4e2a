/* Recomputes a release's UIDs and IDs from a list of originals. */
#ifndef DCR_LINK_PROVE_H
#define DCR_LINK_PROVE_H

#include "link_rules.h"
#include "originals.h"

/* Marks values of the keys (attr, uid, value_state, value_scheme are set and may be
 * written) that are originals, or what a scheme makes of one.  Linear in originals times
 * the schemes that could have made any of the values. */
typedef struct dcr_provable {
    const dcr_attr *attr, *seen; /* as in dcr_link_key */
    bool uid;
    uint8_t *state;  /* per value seen */
    int16_t *scheme; /* likewise */
} dcr_provable;
DCR_MUST_USE dcr_status dcr_link_prove(const dcr_rules *r, const dcr_model *m,
                                       const dcr_originals *o, dcr_provable *keys,
                                       size_t n, dcr_err *err);

#endif
