#include "embed.h"

#include <string.h>

const dcr_embed *dcr_embed_find(const char *name)
{
    for (const dcr_embed *e = dcr_embedded; e->name != NULL; e++)
        if (strcmp(e->name, name) == 0)
            return e;
    return NULL;
}
