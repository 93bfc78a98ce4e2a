/* Inside of rules: what the gate asks of a project file. */
#ifndef DCR_PROJECT_H
#define DCR_PROJECT_H

#include "dcmrisk/rules.h"
#include "rulefile.h"

typedef struct dcr_acceptance {
    const char *id, *rule, *path; /* path "": any */
    uint64_t ceiling;             /* most subjects it holds for; UINT64_MAX: no ceiling */
    uint32_t expires;             /* YYYYMMDD, the last day it holds */
    uint32_t created;             /* YYYYMMDD; 0: not said */
} dcr_acceptance;

/* NULL when there are none. */
/* A project file that stands in another file (an example): `name` says which. */
DCR_MUST_USE dcr_status dcr_project_of_json(dcr_project **out, const char *name,
                                            const json_t *json, dcr_err *err);
/* The file as read; its name and text are NULL when there is none. */
const dcr_rule_file *dcr_project_file(const dcr_project *p);

dcr_acceptance *dcr_project_acceptances(const dcr_project *p, size_t *n);
/* True when somebody has looked at pictures of the group and found nothing in any: a row
 * of reviews.pictures that covers it, or reviews.pixels.result "clear" for all. */
bool dcr_project_pixels_reviewed(const dcr_project *p, const dcr_pixel_group *g);

#endif
