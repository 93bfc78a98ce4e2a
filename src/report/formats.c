#include <stddef.h>
#include <string.h>

#include "dcmrisk/report.h"

#define DCR_PLUGIN(name) extern const dcr_format dcr_format_##name;
#include "format.def"
#undef DCR_PLUGIN

static const dcr_format *const formats[] = {
#define DCR_PLUGIN(name) &dcr_format_##name,
#include "format.def"
#undef DCR_PLUGIN
    NULL,
};

const dcr_format *const *dcr_formats(void)
{
    return formats;
}

const dcr_format *dcr_format_find(const char *id)
{
    for (size_t i = 0; formats[i] != NULL; i++)
        if (strcmp(formats[i]->id, id) == 0)
            return formats[i];
    return NULL;
}
