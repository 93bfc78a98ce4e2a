#include "dcmrisk/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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

dcr_status dcr_look_at(const char *path, dcr_err *err)
{
    struct stat s;
    if (stat(path, &s) == 0)
        return DCR_OK;
    if (errno == ENOENT || errno == ENOTDIR)
        return dcr_fail(err, DCR_EARG, path, "no such file");
    return dcr_fail(err, DCR_EIO, path, "cannot read: %s", strerror(errno));
}
