/* Headers of NIfTI-1 and NIfTI-2 volumes: the fields that programs fill with text, and
 * the extensions behind them.  The image itself is not looked at. */
#include <string.h>
#include <zlib.h>

#include "alloc.h"
#include "hash.h"
#include "sidecar_impl.h"
#include "syntax.h"

enum { HEAD = 1 << 20 }; /* bytes from the begin that are looked at: header, extensions */

typedef struct field {
    const char *name;
    unsigned at, n;
} field;

/* nifti1.h and nifti2.h of the NIfTI working group. */
static const field version1[] = {{"data_type", 4, 10},     {"db_name", 14, 18},
                                 {"descrip", 148, 80},     {"aux_file", 228, 24},
                                 {"intent_name", 328, 16}, {NULL, 0, 0}};
static const field version2[] = {
    {"descrip", 240, 80}, {"aux_file", 320, 24}, {"intent_name", 508, 16}, {NULL, 0, 0}};

static void *z_alloc(void *opaque, unsigned n, unsigned size)
{
    (void)opaque;
    return dcr_alloc(n, size);
}

static void z_free(void *opaque, void *p)
{
    (void)opaque;
    dcr_free(p);
}

/* The first bytes of what the file inflates to. */
static bool inflate_head(dcr_sidecar_run *r, dcr_buf *b)
{
    uint8_t out[16384];
    z_stream z;
    size_t got;
    int rc = Z_OK;
    memset(&z, 0, sizeof z);
    z.zalloc = z_alloc;
    z.zfree = z_free;
    if (inflateInit2(&z, MAX_WBITS + 16) != Z_OK) {
        r->failed = DCR_ENOMEM;
        return false;
    }
    while (rc == Z_OK && b->n < HEAD) {
        const uint8_t *p = dcr_source_peek(r->src, 4096, &got);
        if (got == 0)
            break;
        z.next_in = (Bytef *)(uintptr_t)p; /* zlib's input is not const everywhere */
        z.avail_in = (unsigned)got;
        do {
            z.next_out = out;
            z.avail_out = sizeof out;
            rc = inflate(&z, Z_NO_FLUSH);
            dcr_buf_add(b, out, sizeof out - z.avail_out);
        } while (rc == Z_OK && z.avail_out == 0 && b->n < HEAD);
        dcr_source_eat(r->src, got);
    }
    inflateEnd(&z);
    return true;
}

static void plain_head(dcr_sidecar_run *r, dcr_buf *b)
{
    size_t got;
    do {
        const uint8_t *p = dcr_source_peek(r->src, 16384, &got);
        dcr_buf_add(b, p, got);
        dcr_source_eat(r->src, got);
    } while (got > 0 && b->n < HEAD);
}

static bool is_text(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < ' ' && p[i] != '\t' && p[i] != '\r' && p[i] != '\n')
            return false;
    return true;
}

static size_t text_of(const uint8_t *p, size_t n)
{
    const uint8_t *end = memchr(p, 0, n);
    return end == NULL ? n : (size_t)(end - p);
}

static void fields(dcr_sidecar_run *r, const field *f)
{
    for (; f->name != NULL && r->failed == DCR_OK; f++) {
        size_t n = text_of(r->p + f->at, f->n);
        if (n > 0 && is_text(r->p + f->at, n))
            dcr_sidecar_value(r, dcr_sidecar_path(r, "nifti", f->name, strlen(f->name)),
                              r->p + f->at, n);
    }
}

/* Each extension says its size (a multiple of 16, its own 8 bytes counted) and a code. */
static void extensions(dcr_sidecar_run *r, size_t at, bool big)
{
    if (r->n < at + 4 || r->p[at] == 0)
        return;
    at += 4;
    while (at + 8 <= r->n && r->failed == DCR_OK) {
        uint32_t size = dcr_get32(r->p + at, big);
        size_t n;
        if (size < 16 || size % 16 != 0 || size > r->n - at)
            return;
        n = text_of(r->p + at + 8, size - 8);
        if (n > 0 && is_text(r->p + at + 8, n))
            dcr_sidecar_lines(r, "nifti-extension", r->p + at + 8, n);
        at += size;
    }
}

void dcr_sidecar_nifti(dcr_sidecar_run *r)
{
    dcr_buf *b = &r->s->raw;
    size_t got;
    const uint8_t *p = dcr_source_peek(r->src, 2, &got);
    bool zipped = got == 2 && p[0] == 0x1F && p[1] == 0x8B, big;
    b->n = 0;
    if (!zipped)
        plain_head(r, b);
    else if (!inflate_head(r, b))
        return;
    if (b->failed) {
        r->failed = DCR_ENOMEM;
        return;
    }
    r->p = (const uint8_t *)(b->p == NULL ? "" : b->p);
    r->n = b->n;
    dcr_hash128_hex(dcr_hash128_of(r->p, r->n), r->out->digest);
    if (r->n < 348)
        return;
    big = dcr_get32(r->p, true) == 348 || dcr_get32(r->p, true) == 540;
    if (dcr_get32(r->p, big) == 348) {
        fields(r, version1);
        extensions(r, 348, big);
    } else if (dcr_get32(r->p, big) == 540 && r->n >= 540) {
        fields(r, version2);
        extensions(r, 540, big);
    }
}
