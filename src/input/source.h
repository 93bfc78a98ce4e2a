/* Bytes of one file, in order, through a window; skipping does not read. */
#ifndef DCR_SOURCE_H
#define DCR_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_SOURCE_WINDOW = 65536 };

typedef struct dcr_source {
    int fd;
    int failed;           /* errno of a read that failed, 0 */
    uint64_t size;        /* bytes of the file */
    uint64_t pos;         /* of the next byte, in the file or in what it inflates to */
    uint64_t file_at;     /* where the next read begins */
    uint8_t *buf;         /* owned, DCR_SOURCE_WINDOW bytes */
    size_t at, end;       /* what of buf is not eaten yet */
    size_t chunk;         /* bytes of the next read: small after a jump, then doubling */
    uint64_t wanted;      /* bytes in front of the first jump, 0 before it */
    struct z_stream_s *z; /* not NULL: the file is inflated from some point on */
    uint8_t *zbuf;
    bool z_end, z_bad;
    bool sparing; /* the kernel was told not to read ahead */
} dcr_source;

/* False when no memory.  The memory serves any number of files. */
bool dcr_source_init(dcr_source *s);
void dcr_source_clear(dcr_source *s);
/* Begins with a file that is open (and stays the caller's). */
void dcr_source_start(dcr_source *s, int fd, uint64_t size);
/* From here on the file is raw deflate.  False when no memory. */
bool dcr_source_inflate(dcr_source *s);

/* Back to plain bytes, at the first one behind the deflated part; false when there was
 * none or it has not been read to its end. */
bool dcr_source_inflate_end(dcr_source *s);

/* The parts of need and peek that read the file. */
const uint8_t *dcr_source_need_more(dcr_source *s, size_t n);
const uint8_t *dcr_source_peek_more(dcr_source *s, size_t n, size_t *got);
/* n <= DCR_SOURCE_WINDOW bytes that come next, not eaten; NULL when there are fewer. */
static inline const uint8_t *dcr_source_need(dcr_source *s, size_t n)
{
    return s->end - s->at >= n ? s->buf + s->at : dcr_source_need_more(s, n);
}
/* Up to n bytes that come next; *got is how many, which is less only at the end. */
static inline const uint8_t *dcr_source_peek(dcr_source *s, size_t n, size_t *got)
{
    if (s->end - s->at < n)
        return dcr_source_peek_more(s, n, got);
    *got = n;
    return s->buf + s->at;
}
/* Eats n bytes that need or peek showed. */
static inline void dcr_source_eat(dcr_source *s, size_t n)
{
    s->at += n;
    s->pos += n;
}
/* Undoes the eating of n bytes; false when they are inflated and gone. */
bool dcr_source_back(dcr_source *s, uint64_t n);
/* Eats n bytes without reading them where it can; false when there are fewer. */
bool dcr_source_skip(dcr_source *s, uint64_t n);
/* Bytes left, UINT64_MAX when nobody can know (inflating). */
uint64_t dcr_source_left(const dcr_source *s);

#ifdef __cplusplus
}
#endif
#endif
