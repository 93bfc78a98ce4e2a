/* Purposes: why a field is kept, and how exact it has to be. */
#ifndef DCR_PURPOSES_H
#define DCR_PURPOSES_H

#include "ruleset.h"

typedef struct dcr_kept { /* a field that a usual kind of project keeps */
    const char *path, *purpose;
    const char *precision; /* level of the field's hierarchy; NULL: as recorded */
} dcr_kept;

typedef struct dcr_purpose_template {
    const char *id, *title;
    dcr_list keeps; /* of dcr_kept */
} dcr_purpose_template;

/* The level that a field needs, by the project file or its template; NULL: as recorded.
 */
const char *dcr_rules_precision(const dcr_rules *r, const dcr_project *p,
                                const char *path);

#endif
