#include "json_sink.h"

#include <math.h>
#include <string.h>

#include "parts.h"

static bool is_place(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    return n > 0;
}

/* The container under `key` of `at`, made when missing; `list` says which kind. */
static json_t *child(json_t *at, const char *key, bool list)
{
    json_t *c;
    if (json_is_array(at)) {
        size_t i = 0;
        for (const char *p = key; *p != '\0'; p++)
            i = i * 10 + (size_t)(*p - '0');
        while (json_array_size(at) <= i && json_array_size(at) < 100000)
            if (json_array_append_new(at, json_object()) != 0)
                return NULL;
        return json_array_get(at, i);
    }
    c = json_object_get(at, key);
    if (c == NULL &&
        json_object_set_new(at, key, list ? json_array() : json_object()) == 0)
        c = json_object_get(at, key);
    return c;
}

/* Puts `what` (taken) at the last key of a path; "names[]" is the end of a list. */
static dcr_status put_last(json_t *at, const char *last, json_t *what, dcr_err *err)
{
    size_t n = strlen(last);
    char key[64];
    json_t *list;
    if (n < 2 || strcmp(last + n - 2, "[]") != 0)
        return dcr_put(at, last, what, err);
    if (n - 2 >= sizeof key) {
        json_decref(what);
        return dcr_fail(err, DCR_EARG, NULL, "a metric's path is too long");
    }
    memcpy(key, last, n - 2);
    key[n - 2] = '\0';
    list = child(at, key, true);
    return json_array_append_new(list, what) == 0 ? DCR_OK : dcr_nomem(err);
}

/* Puts `what` (taken, NULL is no memory) at the path. */
static dcr_status put(void *ctx, const char *path, json_t *what, dcr_err *err)
{
    json_t *at = ctx;
    char key[64];
    const char *p = path, *slash;
    while (at != NULL && (slash = strchr(p, '/')) != NULL) {
        const char *next = slash + 1, *end = strchr(next, '/');
        size_t n = (size_t)(slash - p);
        bool list = end != NULL && is_place(next, (size_t)(end - next));
        if (n >= sizeof key) {
            json_decref(what);
            return dcr_fail(err, DCR_EARG, NULL, "a metric's path is too long");
        }
        memcpy(key, p, n);
        key[n] = '\0';
        at = child(at, key, list);
        p = next;
    }
    if (at != NULL)
        return put_last(at, p, what, err);
    json_decref(what);
    return dcr_nomem(err);
}

static json_t *number(const dcr_measure *m)
{
    if (!m->applies || !isfinite(m->value))
        return json_null();
    return m->integer ? json_integer((json_int_t)m->value) : json_real(m->value);
}

static dcr_status emit(void *ctx, const char *path, const dcr_measure *m, dcr_err *err)
{
    return put(ctx, path, number(m), err);
}

static dcr_status text(void *ctx, const char *path, const char *words, dcr_err *err)
{
    return put(ctx, path, words == NULL ? json_null() : json_string(words), err);
}

static dcr_status truth(void *ctx, const char *path, bool is, dcr_err *err)
{
    return put(ctx, path, json_boolean(is), err);
}

static dcr_status empty(void *ctx, const char *path, dcr_err *err)
{
    return put(ctx, path, json_array(), err);
}

dcr_metric_sink dcr_json_sink(json_t *object)
{
    dcr_metric_sink s = {object, emit, text, truth, empty};
    return s;
}
