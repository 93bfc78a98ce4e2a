/* Data sets in memory. */
#include "mkcohort.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The place of a tag: first element not below it. */
static size_t place(const mk_ds *ds, uint32_t tag)
{
    size_t i = ds->n;
    while (i > 0 && ds->e[i - 1].tag >= tag)
        i--;
    return i;
}

static mk_elem *slot(mk_ds *ds, uint32_t tag, const char *vr)
{
    size_t i = place(ds, tag);
    if (i == ds->n || ds->e[i].tag != tag) {
        if (ds->n == ds->cap) {
            size_t cap = ds->cap == 0 ? 16 : ds->cap * 2;
            mk_elem *e = mk_alloc(ds->arena, cap, sizeof *e);
            if (ds->n > 0)
                memcpy(e, ds->e, ds->n * sizeof *e);
            ds->e = e;
            ds->cap = cap;
        }
        memmove(ds->e + i + 1, ds->e + i, (ds->n - i) * sizeof *ds->e);
        ds->n++;
    }
    memset(&ds->e[i], 0, sizeof ds->e[i]);
    ds->e[i].tag = tag;
    memcpy(ds->e[i].vr, vr, 2);
    return &ds->e[i];
}

void mk_put(mk_ds *ds, uint32_t tag, const char *vr, const void *p, size_t n)
{
    mk_elem *e = slot(ds, tag, vr);
    uint8_t *copy = mk_alloc(ds->arena, n + 1, 1);
    if (n > 0)
        memcpy(copy, p, n);
    e->p = copy;
    e->n = (uint32_t)n;
}

void mk_raw(mk_ds *ds, uint32_t tag, const char *vr, const void *p, size_t n)
{
    mk_put(ds, tag, vr, p, n);
    mk_find(ds, tag)->raw = true;
}

void mk_str(mk_ds *ds, uint32_t tag, const char *vr, const char *s)
{
    if (s != NULL)
        mk_put(ds, tag, vr, s, strlen(s));
}

void mk_fmt(mk_ds *ds, uint32_t tag, const char *vr, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof text)
        mk_die("a value is too long");
    mk_put(ds, tag, vr, text, (size_t)n);
}

void mk_us(mk_ds *ds, uint32_t tag, unsigned v)
{
    uint8_t b[2] = {(uint8_t)v, (uint8_t)(v >> 8)};
    mk_put(ds, tag, "US", b, 2);
}

void mk_fd(mk_ds *ds, uint32_t tag, double v)
{
    uint64_t u;
    uint8_t b[8];
    memcpy(&u, &v, 8);
    for (int i = 0; i < 8; i++)
        b[i] = (uint8_t)(u >> (8 * i));
    mk_put(ds, tag, "FD", b, 8);
}

mk_ds *mk_seq(mk_ds *ds, uint32_t tag, uint32_t n)
{
    mk_ds *item = mk_alloc(ds->arena, n, sizeof *item);
    for (uint32_t i = 0; i < n; i++)
        item[i].arena = ds->arena;
    mk_elem *e = slot(ds, tag, "SQ");
    e->item = item;
    e->n_items = n;
    return item;
}

void mk_code(mk_ds *ds, uint32_t tag, const char *value, const char *scheme,
             const char *meaning)
{
    mk_ds *item = mk_seq(ds, tag, 1);
    mk_str(item, 0x00080100, "SH", value);
    mk_str(item, 0x00080102, "SH", scheme);
    mk_str(item, 0x00080104, "LO", meaning);
}

mk_elem *mk_find(const mk_ds *ds, uint32_t tag)
{
    size_t i = place(ds, tag);
    return i < ds->n && ds->e[i].tag == tag ? &ds->e[i] : NULL;
}

void mk_del(mk_ds *ds, uint32_t tag)
{
    size_t i = place(ds, tag);
    if (i == ds->n || ds->e[i].tag != tag)
        return;
    ds->n--;
    memmove(ds->e + i, ds->e + i + 1, (ds->n - i) * sizeof *ds->e);
}

static uint32_t hex_tag(const char *s)
{
    uint32_t v = 0;
    for (int i = 0; i < 9; i++) {
        char c = s[i];
        unsigned d;
        if (i == 4) {
            if (c != ',')
                mk_die("a path must look like gggg,eeee or gggg,eeee/gggg,eeee");
            continue;
        }
        if (c >= '0' && c <= '9')
            d = (unsigned)(c - '0');
        else if (c >= 'A' && c <= 'F')
            d = (unsigned)(c - 'A') + 10;
        else
            mk_die("a path must be upper-case hexadecimal");
        v = v * 16 + d;
    }
    return v;
}

void mk_path_tags(const char *path, uint32_t *tag, uint32_t *inner)
{
    size_t n = strlen(path);
    if (n != 9 && !(n == 19 && path[9] == '/'))
        mk_die("a path must look like gggg,eeee or gggg,eeee/gggg,eeee");
    *tag = hex_tag(path);
    *inner = n == 19 ? hex_tag(path + 10) : 0;
}

uint32_t mk_block(mk_ds *ds, uint32_t group, const char *creator, unsigned wanted)
{
    for (unsigned b = wanted; b <= 0xff; b++) {
        uint32_t tag = group << 16 | b;
        mk_elem *e = mk_find(ds, tag);
        if (e != NULL && (e->n != strlen(creator) || memcmp(e->p, creator, e->n) != 0))
            continue;
        mk_str(ds, tag, "LO", creator);
        return group << 16 | b << 8;
    }
    mk_die("no private block left");
}
