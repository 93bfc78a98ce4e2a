#include "json_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"

enum { MAX_BYTES = 64 * 1024 * 1024 };

json_t *dcr_json_read_text(const char *text, size_t n, const char *name, dcr_err *err)
{
    json_error_t e;
    json_t *j = json_loadb(text, n, JSON_REJECT_DUPLICATES, &e);
    if (j == NULL &&
        dcr_fail(err, DCR_ERULES, name, "not valid JSON at line %d, column %d", e.line,
                 e.column) == DCR_ERULES &&
        err != NULL)
        err->line = e.line;
    return j;
}

json_t *dcr_json_read_file(const char *path, dcr_err *err)
{
    dcr_buf b = {0};
    char part[8192];
    size_t n;
    json_t *j = NULL;
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        dcr_fail(err, DCR_ERULES, path, "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    while (b.n < MAX_BYTES && (n = fread(part, 1, sizeof part, f)) > 0)
        dcr_buf_add(&b, part, n);
    if (ferror(f) || b.failed || b.n >= MAX_BYTES)
        dcr_fail(err, DCR_ERULES, path, "cannot be read");
    else
        j = dcr_json_read_text(b.p == NULL ? "" : b.p, b.n, path, err);
    fclose(f);
    dcr_buf_clear(&b);
    return j;
}

dcr_status dcr_json_only(const json_t *object, const char *const *keys, const char *name,
                         dcr_err *err)
{
    const char *key;
    json_t *v;
    if (!json_is_object(object))
        return dcr_fail(err, DCR_ERULES, name, "an object is wanted");
    json_object_foreach((json_t *)(uintptr_t)object, key, v)
    {
        size_t i = 0;
        while (keys[i] != NULL && strcmp(keys[i], key) != 0)
            i++;
        if (keys[i] == NULL)
            return dcr_fail(err, DCR_ERULES, name, "no key '%.60s' here", key);
    }
    return DCR_OK;
}

const char *dcr_json_text(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s == NULL ? "" : s;
}
