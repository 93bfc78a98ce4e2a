#include "dcmrisk/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ---- files that the user named ---- */

static dcr_status is_a_folder(const char *path, dcr_err *err)
{
    return dcr_fail(err, DCR_EARG, path, "this is a folder; name a file");
}

static dcr_status cannot_read(const char *path, int why, dcr_err *err)
{
    bool wrong_word = why == EACCES || why == ELOOP || why == ENAMETOOLONG;
    if (why == ENOENT || why == ENOTDIR)
        return dcr_fail(err, DCR_EARG, path, "no such file");
    return dcr_fail(err, wrong_word ? DCR_EARG : DCR_EIO, path, "cannot read: %s",
                    strerror(why));
}

dcr_status dcr_look_at(const char *path, dcr_err *err)
{
    struct stat s;
    if (access(path, R_OK) != 0 || stat(path, &s) != 0)
        return cannot_read(path, errno, err);
    return S_ISDIR(s.st_mode) ? is_a_folder(path, err) : DCR_OK;
}

dcr_status dcr_open_named(FILE **out, const char *path, dcr_err *err)
{
    struct stat s;
    FILE *f = fopen(path, "re");
    *out = NULL;
    if (f == NULL)
        return cannot_read(path, errno, err);
    if (fstat(fileno(f), &s) == 0 && S_ISDIR(s.st_mode)) {
        fclose(f);
        return is_a_folder(path, err);
    }
    *out = f;
    return DCR_OK;
}

dcr_status dcr_look_at_target(const char *path, bool regular, dcr_err *err)
{
    struct stat s;
    if (stat(path, &s) != 0)
        return DCR_OK; /* who makes it says what is wrong with its folder */
    if (S_ISDIR(s.st_mode))
        return is_a_folder(path, err);
    return regular && !S_ISREG(s.st_mode)
               ? dcr_fail(err, DCR_EARG, path, "this is no regular file; name another")
               : DCR_OK;
}
