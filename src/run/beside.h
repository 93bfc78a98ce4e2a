/* Tables that the user gives beside the images, read before an hour of scanning. */
#ifndef DCR_BESIDE_H
#define DCR_BESIDE_H

#include "dcmrisk/dcmrisk.h"

/* Joins the clinical table to a model, if there is one; `t` may be NULL. */
DCR_MUST_USE dcr_status dcr_beside_join(const dcr_beside *t, dcr_model *m,
                                        const dcr_adversary *also, dcr_err *err);

/* The register in the codes of a model; *out is NULL without one.  `t` may be NULL. */
DCR_MUST_USE dcr_status dcr_beside_bind(dcr_register_codes **out, const dcr_beside *t,
                                        const dcr_model *m, dcr_err *err);

#endif
