/* Unicity of known points: de Montjoye et al. 2013. */
#ifndef DCR_UNICITY_H
#define DCR_UNICITY_H

#include "dcmrisk/longitudinal.h"
#include "itemsets.h"

/* Fills out[0 .. DCR_POINTS_N) but for their granularity.  The points of each holder must
 * be ascending.  Above `most` sets of a size (see dcr_itemsets_count) that size is
 * estimated from a sample drawn with a fixed seed. */
DCR_MUST_USE dcr_status dcr_unicity_get(dcr_unicity *out, const dcr_items *trace,
                                        uint64_t most, dcr_err *err);

#endif
