/* Files of rules/ and reports/ that are built into the program. */
#ifndef DCR_EMBED_H
#define DCR_EMBED_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_embed {
    const char *name;        /* path in the project: "rules/concepts.json" */
    const char *begin, *end; /* contents; a NUL stands at end */
} dcr_embed;

extern const dcr_embed dcr_embedded[]; /* sorted by name; ends with a NULL name */

/* The file of that name, NULL when there is none. */
const dcr_embed *dcr_embed_find(const char *name);

#ifdef __cplusplus
}
#endif
#endif
