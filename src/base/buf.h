/* A byte buffer that grows; a failure to grow sticks and is asked for once, at the end.
 */
#ifndef DCR_BUF_H
#define DCR_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_buf {
    char *p; /* NUL-terminated when not NULL; the NUL is not counted in n */
    size_t n, cap;
    bool failed; /* no memory at some point: contents are incomplete */
} dcr_buf;

void dcr_buf_clear(dcr_buf *b); /* frees; b is as if zeroed */
void dcr_buf_add(dcr_buf *b, const void *p, size_t n);
void dcr_buf_str(dcr_buf *b, const char *s);
static inline void dcr_buf_char(dcr_buf *b, char c)
{
    if (b->failed || b->cap - b->n < 2) {
        dcr_buf_add(b, &c, 1);
        return;
    }
    b->p[b->n++] = c;
    b->p[b->n] = '\0';
}
void dcr_buf_fmt(dcr_buf *b, const char *fmt, ...) DCR_PRINTF(2, 3);
void dcr_buf_u64(dcr_buf *b, uint64_t v); /* decimal text, fast */
/* The last `digits` (at most 8) of v, upper case, with zeros in front. */
void dcr_buf_hex(dcr_buf *b, uint32_t v, unsigned digits);
/* Writes n bytes as 2 n hex digits, lower case, without a NUL; returns how many. */
size_t dcr_hex_text(char *out, const uint8_t *p, size_t n);

/* Wire format: little-endian base-128. */
void dcr_buf_varint(dcr_buf *b, uint64_t v);
/* Reads one from *p, moving it; returns false (and leaves *v 0) past `end` or over 10
 * bytes. */
bool dcr_varint_get(const uint8_t **p, const uint8_t *end, uint64_t *v);

#ifdef __cplusplus
}
#endif
#endif
