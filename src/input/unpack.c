#include "unpack.h"

#define ZLIB_CONST
#include <zlib.h>

#include "alloc.h"

enum { PIECE = 16384 };

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

/* One piece more; *more is false at the end, and where the bytes make no sense. */
static dcr_status next_piece(z_stream *z, dcr_buf *out, size_t from,
                             const dcr_open_sink *to, bool *more)
{
    uint8_t piece[PIECE];
    size_t got;
    int rc;
    z->next_out = piece;
    z->avail_out = PIECE;
    rc = inflate(z, Z_NO_FLUSH);
    got = PIECE - z->avail_out;
    *more = rc == Z_OK && (got > 0 || z->avail_in > 0);
    if (rc == Z_STREAM_END && z->avail_in > 2 && z->next_in[0] == 0x1F &&
        z->next_in[1] == 0x8B)
        *more = inflateReset(z) == Z_OK; /* the next member of a gzip file */
    if (rc == Z_MEM_ERROR)
        return DCR_ENOMEM;
    if (got > DCR_UNPACK_MAX - (out->n - from)) {
        to->cut(to->ctx);
        *more = false;
        return DCR_OK;
    }
    if (!to->pay(to->ctx, got))
        return DCR_EINTERRUPTED;
    dcr_buf_add(out, piece, got);
    return out->failed ? DCR_ENOMEM : DCR_OK;
}

dcr_status dcr_unpack(dcr_buf *out, const uint8_t *p, size_t n, dcr_packed how,
                      const dcr_open_sink *to)
{
    z_stream z = {0};
    size_t from = out->n;
    dcr_status s = DCR_OK;
    bool more = true;
    z.zalloc = z_alloc;
    z.zfree = z_free;
    if (inflateInit2(&z, MAX_WBITS + (how == DCR_PACKED_GZIP ? 16 : 0)) != Z_OK)
        return DCR_ENOMEM;
    z.next_in = p;
    z.avail_in = (unsigned)n;
    while (more && s == DCR_OK)
        s = next_piece(&z, out, from, to, &more);
    inflateEnd(&z);
    return s;
}
