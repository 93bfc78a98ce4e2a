/* Tests: writes DICOM bytes by hand, as PS3.5 section 7 says, and reads them back. */
#ifndef DCR_TEST_DICOM_BYTES_H
#define DCR_TEST_DICOM_BYTES_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buf.h"
#include "dcmrisk/scan.h"
#include "reader.h"

typedef struct bytes {
    dcr_buf b;
    int big, implicit;
    size_t edge[256]; /* where top-level elements begin, and the end */
    size_t n_edges;
} bytes;

static inline void put16(bytes *d, unsigned v)
{
    dcr_buf_char(&d->b, (char)(d->big ? v >> 8 : v));
    dcr_buf_char(&d->b, (char)(d->big ? v : v >> 8));
}

static inline void put32(bytes *d, uint32_t v)
{
    put16(d, d->big ? v >> 16 : v & 0xFFFF);
    put16(d, d->big ? v & 0xFFFF : v >> 16);
}

static inline void head(bytes *d, unsigned g, unsigned e, const char *vr, uint32_t n)
{
    put16(d, g);
    put16(d, e);
    if (d->implicit || g == 0xFFFE) {
        put32(d, n);
        return;
    }
    dcr_buf_add(&d->b, vr, 2);
    if (strstr("OB OD OF OL OV OW SQ SV UC UN UR UT UV", vr) != NULL) {
        put16(d, 0);
        put32(d, n);
    } else {
        put16(d, n);
    }
}

static inline void item(bytes *d, uint32_t n)
{
    head(d, 0xFFFE, 0xE000, "", n);
}

/* An element with these bytes; one is added when their number is odd. */
static inline void el(bytes *d, unsigned g, unsigned e, const char *vr, const void *p,
                      size_t n)
{
    head(d, g, e, vr, (uint32_t)(n + n % 2));
    dcr_buf_add(&d->b, p, n);
    if (n % 2 == 1)
        dcr_buf_char(&d->b, strcmp(vr, "UI") == 0 || vr[0] == 'O' ? 0 : ' ');
}

static inline void text(bytes *d, unsigned g, unsigned e, const char *vr, const char *s)
{
    el(d, g, e, vr, s, strlen(s));
}

static inline void edge(bytes *d)
{
    d->edge[d->n_edges++] = d->b.n;
}

static inline int is_edge(const bytes *d, size_t at)
{
    for (size_t i = 0; i < d->n_edges; i++)
        if (d->edge[i] == at)
            return 1;
    return 0;
}

/* Preamble, magic word and group 0002 with its length. */
static inline void meta(bytes *d, const char *syntax)
{
    bytes m = {0};
    static const char zero[128];
    text(&m, 2, 2, "UI", "1.2.840.10008.5.1.4.1.1.2");
    text(&m, 2, 0x10, "UI", syntax);
    dcr_buf_add(&d->b, zero, sizeof zero);
    dcr_buf_str(&d->b, "DICM");
    bytes g = {0};
    head(&g, 2, 0, "UL", 4);
    put32(&g, (uint32_t)m.b.n);
    dcr_buf_add(&d->b, g.b.p, g.b.n);
    dcr_buf_add(&d->b, m.b.p, m.b.n);
    dcr_buf_clear(&m.b);
    dcr_buf_clear(&g.b);
}

static inline int memory_file(const void *p, size_t n)
{
    int fd = memfd_create("dicom", 0);
    size_t at = 0;
    while (fd >= 0 && at < n) {
        ssize_t k = write(fd, (const char *)p + at, n - at);
        if (k <= 0)
            break;
        at += (size_t)k;
    }
    return fd;
}

/* ---- reading back, as lines "path VR flags value" ---- */

enum { READ_PATHS = 8192 };

typedef struct reading {
    dcr_pathtab paths;
    dcr_reading r;
    dcr_buf lines;
    dcr_buf last[READ_PATHS]; /* what `again` stands for, by path */
    dcr_status status;
} reading;

static inline dcr_status line_value(void *ctx, uint32_t path, const char vr[2],
                                    const uint8_t *p, uint32_t n, uint32_t flags)
{
    reading *x = ctx;
    dcr_buf line = {0};
    dcr_buf_fmt(&line, "%s %.2s %u ", x->paths.path[path].text, vr, flags);
    dcr_buf_add(&line, p, n);
    dcr_buf_char(&line, '\n');
    dcr_buf_add(&x->lines, line.p, line.n);
    if (path < READ_PATHS) {
        dcr_buf_clear(&x->last[path]);
        x->last[path] = line;
        line = (dcr_buf){0};
    }
    dcr_buf_clear(&line);
    return DCR_OK;
}

static inline dcr_status line_again(void *ctx, uint32_t path)
{
    reading *x = ctx;
    if (path < READ_PATHS)
        dcr_buf_add(&x->lines, x->last[path].p, x->last[path].n);
    return DCR_OK;
}

static inline void reading_clear(reading *x)
{
    dcr_pathtab_clear(&x->paths);
    dcr_reading_clear(&x->r);
    dcr_buf_clear(&x->lines);
    for (size_t i = 0; i < READ_PATHS; i++)
        dcr_buf_clear(&x->last[i]);
}

static dcr_reader_kind reader_kind;

/* Reads n bytes; x is zeroed, or was used and then keeps its paths. */
static inline void read_bytes(reading *x, const dcr_budget *budget, const void *p,
                              size_t n)
{
    dcr_source src;
    dcr_sink sink = {x, line_value, line_again};
    dcr_reader *r = dcr_reader_new(budget, reader_kind);
    int fd = memory_file(p, n);
    x->status = DCR_ENOMEM;
    x->lines.n = 0;
    if (r != NULL && dcr_source_init(&src)) {
        if (x->paths.n > 0 || dcr_pathtab_init(&x->paths)) {
            dcr_source_start(&src, fd, n);
            x->status = dcr_reader_file(r, &src, &x->paths, &sink, &x->r);
            if (x->r.unaccounted != 0) /* no byte is lost, whatever is read */
                x->status = DCR_EIO;
        }
        dcr_source_clear(&src);
    }
    dcr_reader_free(r);
    close(fd);
    dcr_buf_char(&x->lines, 0);
    x->lines.n--;
}

/* Reads the bytes once, wants these lines, and is ready for the next. */
static inline void one(bytes *d, reading *x, const char *want)
{
    read_bytes(x, NULL, d->b.p, d->b.n);
    assert_int_equal(x->r.status, DCR_READ_OK);
    assert_string_equal(x->lines.p, want);
    reading_clear(x);
    memset(x, 0, sizeof *x);
    dcr_buf_clear(&d->b);
}

#endif
