#include "dcmrisk/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

dcr_status dcr_fail(dcr_err *err, dcr_status code, const char *where, const char *fmt,
                    ...)
{
    va_list ap;
    if (err == NULL || err->code != DCR_OK)
        return code;
    err->code = code;
    err->line = 0;
    snprintf(err->where, sizeof err->where, "%s", where == NULL ? "" : where);
    va_start(ap, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    return code;
}

dcr_status dcr_nomem(dcr_err *err)
{
    return dcr_fail(err, DCR_ENOMEM, NULL, "out of memory");
}
