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

dcr_status dcr_format_write(const dcr_format *f, const json_t *report,
                            const dcr_render *how, FILE *out, dcr_err *err)
{
    return f->file[0].write(report, how, out, err);
}
