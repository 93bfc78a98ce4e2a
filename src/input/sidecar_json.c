/* JSON: keys become paths, arrays collapse.  Two passes: the first one checks the syntax
 * and tells objects that are dictionaries (their keys are data) from records. */
#include <string.h>

#include "alloc.h"
#include "dict.h"
#include "sidecar_impl.h"

enum { DEPTH = 64, NAME_BYTES = 200 };

typedef struct frame {
    bool array;
    size_t object;  /* number of the object, in the order they open */
    size_t name_n;  /* length of the name outside of it */
    size_t members; /* so far */
    bool codes;     /* all of its values look like codes or numbers of somebody */
} frame;

typedef struct json {
    dcr_sidecar_run *r;
    const uint8_t *p;
    size_t n, at;
    frame frame[DEPTH];
    size_t depth;
    bool emit; /* second pass */
    uint8_t *is_map;
    size_t n_objects, cap_maps;
    char name[NAME_BYTES];
    size_t name_n;
    dcr_dict names; /* full names of this file, with their paths */
    uint32_t *path;
    size_t cap_paths;
    uint32_t keys, map_keys, map_values;
    dcr_buf key;
} json;

static void skip_blanks(json *j)
{
    while (j->at < j->n && (j->p[j->at] == ' ' || j->p[j->at] == '\t' ||
                            j->p[j->at] == '\n' || j->p[j->at] == '\r'))
        j->at++;
}

static bool no_memory(json *j)
{
    j->r->failed = DCR_ENOMEM;
    return false;
}

/* ---- strings ---- */

static int hex4(const uint8_t *p)
{
    int v = 0;
    for (int i = 0; i < 4; i++) {
        int d = p[i] >= '0' && p[i] <= '9'   ? p[i] - '0'
                : p[i] >= 'A' && p[i] <= 'F' ? p[i] - 'A' + 10
                : p[i] >= 'a' && p[i] <= 'f' ? p[i] - 'a' + 10
                                             : -1;
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

/* What stands behind "\u" at p[i]; i is moved to its last digit. */
static bool unicode(const uint8_t *p, size_t n, size_t *i, dcr_buf *b)
{
    int c, d;
    if (n - *i < 5 || (c = hex4(p + *i + 1)) < 0)
        return false;
    *i += 4;
    if (c >= 0xD800 && c < 0xDC00 && n - *i >= 7 && p[*i + 1] == '\\' &&
        p[*i + 2] == 'u' && (d = hex4(p + *i + 3)) >= 0xDC00 && d < 0xE000) {
        c = 0x10000 + ((c - 0xD800) * 1024 + (d - 0xDC00));
        *i += 6;
    }
    dcr_sidecar_utf8(b, c >= 0xD800 && c < 0xE000 ? 0xFFFD : (uint32_t)c);
    return true;
}

static bool unescape(const uint8_t *p, size_t n, dcr_buf *b)
{
    static const char from[] = "bfnrt", to[] = " \f\n\r\t";
    b->n = 0;
    for (size_t i = 0; i < n; i++) {
        const char *known;
        if (p[i] != '\\') {
            size_t run = i;
            while (run < n && p[run] != '\\')
                run++;
            dcr_buf_add(b, p + i, run - i);
            i = run - 1;
            continue;
        }
        if (++i >= n)
            return false;
        known = strchr(from, p[i]);
        if (p[i] == 'u') {
            if (!unicode(p, n, &i, b))
                return false;
        } else {
            dcr_buf_char(b, p[i] != 0 && known != NULL ? to[known - from] : (char)p[i]);
        }
    }
    return true;
}

/* The string at '"'; the text is lent from the file or from `b`. */
static bool string(json *j, dcr_buf *b, const uint8_t **out, size_t *n)
{
    size_t from = ++j->at;
    bool escaped = false;
    while (j->at < j->n && j->p[j->at] != '"') {
        escaped = escaped || j->p[j->at] == '\\';
        j->at += 1 + (j->p[j->at] == '\\');
    }
    if (j->at >= j->n)
        return false;
    *out = j->p + from;
    *n = j->at++ - from;
    if (!escaped)
        return true;
    if (!unescape(*out, *n, b))
        return false;
    if (b->failed)
        return no_memory(j);
    *out = (const uint8_t *)(b->p == NULL ? "" : b->p);
    *n = b->n;
    return true;
}

/* ---- names ---- */

static frame *top(json *j)
{
    return j->depth == 0 ? NULL : &j->frame[j->depth - 1];
}

static void append(json *j, const void *p, size_t n)
{
    if (j->name_n > 0 && j->name_n < NAME_BYTES)
        j->name[j->name_n++] = '.';
    n = n > NAME_BYTES - j->name_n ? NAME_BYTES - j->name_n : n;
    memcpy(j->name + j->name_n, p, n);
    j->name_n += n;
}

/* The path of the name at hand; a key is told the first time it is met. */
static uint32_t path_here(json *j)
{
    const char *name = j->name_n == 0 ? "value" : j->name;
    size_t n = j->name_n == 0 ? 5 : j->name_n;
    uint32_t before = j->names.n, at;
    if (before >= DCR_SIDECAR_NAMES &&
        dcr_dict_find(&j->names, name, n, 0) == DCR_DICT_NONE) {
        name = "more";
        n = 4;
    }
    at = dcr_dict_add(&j->names, name, n, 0);
    if (at == DCR_DICT_NONE ||
        !dcr_grow(&j->path, &j->cap_paths, (size_t)at + 1, sizeof *j->path)) {
        no_memory(j);
        return DCR_PATH_NONE;
    }
    if (at == before) {
        j->r->names = 0;
        j->path[at] = dcr_sidecar_path(j->r, "json", name, n);
    }
    return j->path[at];
}

/* Keys with digits in a row are somebody's, not a name. */
static bool is_key_name(const uint8_t *p, size_t n)
{
    size_t digits = 0;
    for (size_t i = 0; i < n; i++) {
        digits = p[i] >= '0' && p[i] <= '9' ? digits + 1 : 0;
        if (digits >= 3)
            return false;
    }
    return dcr_sidecar_is_name(p, n);
}

static bool key(json *j)
{
    frame *f = top(j);
    const uint8_t *p;
    size_t n;
    bool map = j->emit && j->is_map[f->object];
    skip_blanks(j);
    if (j->at >= j->n || j->p[j->at] != '"' || !string(j, &j->key, &p, &n))
        return false;
    j->name_n = f->name_n;
    f->members++;
    if (j->emit) {
        dcr_sidecar_value(j->r, map ? j->map_keys : j->keys, p, n);
        if (map || !is_key_name(p, n))
            append(j, "any", 3);
        else
            append(j, p, n);
    }
    skip_blanks(j);
    return j->at < j->n && j->p[j->at++] == ':';
}

/* ---- values ---- */

/* Two digits or more and no blank: what a dictionary of pseudonyms holds. */
static bool is_code(const uint8_t *p, size_t n)
{
    size_t digits = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] <= ' ')
            return false;
        digits += p[i] >= '0' && p[i] <= '9';
    }
    return digits >= 2 && n <= 64;
}

static void scalar(json *j, const uint8_t *p, size_t n)
{
    frame *f = top(j);
    if (f != NULL)
        f->codes = f->codes && !f->array && is_code(p, n);
    if (!j->emit)
        return;
    if (f != NULL && !f->array && j->is_map[f->object])
        dcr_sidecar_value(j->r, j->map_values, p, n);
    else
        dcr_sidecar_value(j->r, path_here(j), p, n);
}

static bool literal(json *j)
{
    size_t from = j->at;
    while (j->at < j->n &&
           ((j->p[j->at] >= 'a' && j->p[j->at] <= 'z') ||
            (j->p[j->at] >= 'A' && j->p[j->at] <= 'Z') ||
            (j->p[j->at] >= '0' && j->p[j->at] <= '9') || j->p[j->at] == '-' ||
            j->p[j->at] == '+' || j->p[j->at] == '.'))
        j->at++;
    if (j->at == from)
        return false;
    if (j->at - from == 4 && memcmp(j->p + from, "null", 4) == 0)
        from = j->at;
    scalar(j, j->p + from, j->at - from);
    return true;
}

static bool push(json *j, bool array)
{
    frame *f;
    if (j->depth == DEPTH)
        return false;
    if (j->depth > 0)
        top(j)->codes = false;
    f = &j->frame[j->depth++];
    *f = (frame){array, 0, j->name_n, 0, true};
    j->at++;
    if (array)
        return true;
    f->object = j->n_objects++;
    if (!j->emit) {
        if (!dcr_grow(&j->is_map, &j->cap_maps, j->n_objects, 1))
            return no_memory(j);
        j->is_map[f->object] = 0;
    }
    return true;
}

static void pop(json *j)
{
    frame *f = top(j);
    if (!j->emit && !f->array)
        j->is_map[f->object] = f->codes && f->members >= 2;
    j->name_n = f->name_n;
    j->depth--;
}

/* Behind a value: closes what ends here, and goes to the next value.  *more is false when
 * the text is complete. */
static bool go_on(json *j, bool *more)
{
    *more = false;
    while (j->depth > 0) {
        skip_blanks(j);
        if (j->at >= j->n)
            return false;
        if (j->p[j->at] == ',') {
            j->at++;
            *more = true;
            return top(j)->array || key(j);
        }
        if (j->p[j->at] != (top(j)->array ? ']' : '}'))
            return false;
        j->at++;
        pop(j);
    }
    return true;
}

static bool one_text(json *j)
{
    bool more = true;
    while (more && j->r->failed == DCR_OK) {
        const uint8_t *p;
        size_t n;
        uint8_t c;
        skip_blanks(j);
        if (j->at >= j->n)
            return false;
        c = j->p[j->at];
        if (c == '{' || c == '[') {
            if (!push(j, c == '['))
                return false;
            skip_blanks(j);
            if (j->at < j->n && j->p[j->at] == (c == '[' ? ']' : '}')) {
                j->at++;
                pop(j);
            } else if (c == '[' || key(j)) {
                continue;
            } else {
                return false;
            }
        } else if (c == '"') {
            if (!string(j, &j->r->s->cell, &p, &n))
                return false;
            scalar(j, p, n);
        } else if (!literal(j)) {
            return false;
        }
        if (!go_on(j, &more))
            return false;
    }
    return true;
}

static bool pass(json *j, bool emit)
{
    j->emit = emit;
    j->at = j->depth = j->name_n = j->n_objects = 0;
    skip_blanks(j);
    while (j->at < j->n && j->r->failed == DCR_OK) {
        if (!one_text(j))
            return false;
        skip_blanks(j);
    }
    return true;
}

bool dcr_sidecar_json(dcr_sidecar_run *r)
{
    json *j = dcr_alloc(1, sizeof *j);
    bool good;
    if (j == NULL) {
        r->failed = DCR_ENOMEM;
        return true;
    }
    j->r = r;
    j->p = r->p;
    j->n = r->n;
    good = pass(j, false);
    if (good) {
        j->keys = dcr_sidecar_path(r, "json-keys", NULL, 0);
        j->map_keys = dcr_sidecar_path(r, "json-map-keys", NULL, 0);
        j->map_values = dcr_sidecar_path(r, "json-map-values", NULL, 0);
        good = pass(j, true);
    }
    dcr_dict_clear(&j->names);
    dcr_free(j->path);
    dcr_free(j->is_map);
    dcr_buf_clear(&j->key);
    dcr_free(j);
    return good || r->failed != DCR_OK;
}
