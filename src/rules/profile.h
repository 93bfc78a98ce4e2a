/* PS3.15 Table E.1-1 by attribute: what the Basic Profile does with it, and the options
 * that would have kept it. */
#ifndef DCR_PROFILE_H
#define DCR_PROFILE_H

#include "ruleset.h"

enum { DCR_PROFILE_COLUMNS = 10 };

struct dcr_profile_row {
    uint32_t tag;     /* repeating groups stand as 50xx, 60xx, with zeros for x */
    uint32_t columns; /* bit i: option column i keeps or cleans it */
    bool removed;     /* the Basic Profile removes it (X), whatever the object */
};

/* The number of a column of options ("clean_descriptors"); false when there is none. */
bool dcr_profile_column(const char *name, size_t *out);
/* The code of CID 7050 that declares the option of a column. */
const char *dcr_profile_code(size_t column);

/* The rows of the table for the tags of an attribute path, outermost first; how many. */
size_t dcr_profile_rows(const dcr_rules *r, const char *path,
                        const dcr_profile_row *rows[], size_t most);

#endif
