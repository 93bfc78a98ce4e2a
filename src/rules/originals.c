/* The list is as private as the data: nothing of it goes into an error or a report. */
#include "originals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "mask.h"

enum {
    VALUE_MAX = 64, /* no UID and no ID is longer */
    LINE_MAX_BYTES = 65536,
    FILE_MAX_BYTES = 1 << 30
};

dcr_originals *dcr_originals_new(void)
{
    return dcr_alloc(1, sizeof(dcr_originals));
}

void dcr_originals_free(dcr_originals *o)
{
    if (o == NULL)
        return;
    dcr_arena_clear(&o->arena);
    dcr_free(o->list);
    dcr_free(o);
}

size_t dcr_originals_count(const dcr_originals *o)
{
    return o == NULL ? 0 : o->n;
}

static bool looks_like_uid(const uint8_t *p, size_t n)
{
    size_t dots = 0;
    for (size_t i = 0; i < n; i++) {
        if ((p[i] < '0' || p[i] > '9') && p[i] != '.')
            return false;
        dots += p[i] == '.';
    }
    return dots > 0;
}

dcr_status dcr_originals_add(dcr_originals *o, const void *p, size_t n, dcr_err *err)
{
    const char *copy = dcr_arena_bytes(&o->arena, p, n);
    if (copy == NULL || !dcr_grow(&o->list, &o->cap, o->n + 1, sizeof *o->list))
        return dcr_nomem(err);
    o->list[o->n++] = (dcr_original){(const uint8_t *)copy, (uint32_t)n,
                                     looks_like_uid((const uint8_t *)copy, n)};
    return DCR_OK;
}

static int by_bytes(const void *a, const void *b)
{
    const dcr_original *x = a, *y = b;
    int c = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
    return c != 0 ? c : (x->n > y->n) - (x->n < y->n);
}

void dcr_originals_end(dcr_originals *o)
{
    size_t n = 0;
    if (o->n > 0)
        qsort(o->list, o->n, sizeof *o->list, by_bytes);
    for (size_t i = 0; i < o->n; i++)
        if (n == 0 || by_bytes(&o->list[n - 1], &o->list[i]) != 0)
            o->list[n++] = o->list[i];
    o->n = n;
}

/* ---- the file: one original a line, or the first column of a CSV file ---- */

typedef struct lines {
    dcr_originals *o;
    const char *name;
    long number;
} lines;

static dcr_status fail(const lines *l, dcr_err *err, const char *what)
{
    dcr_status st = dcr_fail(err, DCR_ERULES, l->name, "%s", what);
    if (err != NULL && err->line == 0)
        err->line = l->number;
    return st;
}

/* The first column: up to a comma, semicolon or tab, or what stands in quotes; *end is
 * where it ends. */
static bool first_column(const char *p, size_t n, char *out, size_t *len)
{
    bool quoted = n > 0 && p[0] == '"';
    size_t i = quoted;
    *len = 0;
    for (; i < n; i++) {
        if (quoted && p[i] == '"' && (i + 1 == n || p[i + 1] != '"'))
            break;
        if (!quoted && (p[i] == ',' || p[i] == ';' || p[i] == '\t'))
            break;
        i += quoted && p[i] == '"'; /* "" is a quote */
        if (*len == VALUE_MAX)
            return false;
        out[(*len)++] = p[i];
    }
    return !quoted || i < n;
}

static dcr_status read_line(lines *l, const char *p, size_t n, dcr_err *err)
{
    char value[VALUE_MAX];
    size_t len, from = 0;
    l->number++;
    if (l->number == 1 && n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p += 3, n -= 3;
    while (n > 0 && (p[n - 1] == '\r' || p[n - 1] == ' '))
        n--;
    if (memchr(p, 0, n) != NULL || dcr_utf8_valid((const uint8_t *)p, n) != n)
        return fail(l, err, "text in UTF-8 is wanted");
    while (n > 0 && *p == ' ')
        p++, n--;
    if (!first_column(p, n, value, &len))
        return fail(l, err, "a UID or an ID of at most 64 characters is wanted");
    while (len > 0 && value[len - 1] == ' ')
        len--;
    while (from < len && value[from] == ' ')
        from++;
    return from == len ? DCR_OK : dcr_originals_add(l->o, value + from, len - from, err);
}

static dcr_status read_lines(lines *l, FILE *f, dcr_err *err)
{
    dcr_buf line = {0};
    char part[65536];
    size_t n, total = 0;
    dcr_status st = DCR_OK;
    while (st == DCR_OK && (n = fread(part, 1, sizeof part, f)) > 0) {
        size_t from = 0;
        total += n;
        if (total > FILE_MAX_BYTES)
            st = fail(l, err, "the list is larger than 1 GiB");
        for (size_t i = 0; st == DCR_OK && i < n; i++) {
            if (part[i] != '\n')
                continue;
            dcr_buf_add(&line, part + from, i - from);
            st = line.failed ? dcr_nomem(err)
                             : read_line(l, line.p == NULL ? "" : line.p, line.n, err);
            line.n = 0;
            from = i + 1;
        }
        dcr_buf_add(&line, part + from, n - from);
        if (st == DCR_OK && line.n > LINE_MAX_BYTES)
            st = fail(l, err, "a line is longer than 64 KiB");
    }
    if (st == DCR_OK && ferror(f))
        st = dcr_fail(err, DCR_EIO, l->name, "cannot be read");
    if (st == DCR_OK && line.n > 0)
        st = line.failed ? dcr_nomem(err) : read_line(l, line.p, line.n, err);
    dcr_buf_clear(&line);
    return st;
}

dcr_status dcr_originals_load(dcr_originals **out, const char *path, dcr_err *err)
{
    lines l = {dcr_originals_new(), path, 0};
    FILE *f;
    dcr_status st;
    *out = NULL;
    if (l.o == NULL)
        return dcr_nomem(err);
    st = dcr_open_named(&f, path, err);
    if (st == DCR_OK)
        st = read_lines(&l, f, err);
    if (f != NULL)
        fclose(f);
    if (st == DCR_OK && l.o->n == 0)
        st = dcr_fail(err, DCR_ERULES, path, "there is no UID and no ID in it");
    if (st != DCR_OK) {
        dcr_originals_free(l.o);
        return st;
    }
    dcr_originals_end(l.o);
    *out = l.o;
    return DCR_OK;
}
