#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"

void dcr_buf_clear(dcr_buf *b)
{
    dcr_free(b->p);
    memset(b, 0, sizeof *b);
}

static bool room(dcr_buf *b, size_t n)
{
    if (b->failed || n > SIZE_MAX - b->n - 1 ||
        !dcr_grow(&b->p, &b->cap, b->n + n + 1, 1)) {
        b->failed = true;
        return false;
    }
    return true;
}

void dcr_buf_add(dcr_buf *b, const void *p, size_t n)
{
    if (!room(b, n))
        return;
    if (n > 0)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void dcr_buf_str(dcr_buf *b, const char *s)
{
    dcr_buf_add(b, s, strlen(s));
}

void dcr_buf_fmt(dcr_buf *b, const char *fmt, ...)
{
    va_list ap, again;
    int n;
    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        b->failed = true;
    else if (room(b, (size_t)n)) {
        vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void dcr_buf_u64(dcr_buf *b, uint64_t v)
{
    char t[20];
    size_t i = sizeof t;
    do {
        t[--i] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    dcr_buf_add(b, t + i, sizeof t - i);
}

void dcr_buf_hex(dcr_buf *b, uint32_t v, unsigned digits)
{
    char t[8];
    for (unsigned i = digits; i-- > 0; v >>= 4)
        t[i] = "0123456789ABCDEF"[v & 15];
    dcr_buf_add(b, t, digits);
}

size_t dcr_hex_text(char *out, const uint8_t *p, size_t n)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digit[p[i] >> 4];
        out[2 * i + 1] = digit[p[i] & 15];
    }
    return 2 * n;
}

void dcr_buf_varint(dcr_buf *b, uint64_t v)
{
    char *p;
    if (!room(b, 10))
        return;
    p = b->p + b->n;
    for (; v >= 0x80; v >>= 7)
        *p++ = (char)(v | 0x80);
    *p++ = (char)v;
    *p = '\0';
    b->n = (size_t)(p - b->p);
}

bool dcr_varint_get(const uint8_t **p, const uint8_t *end, uint64_t *v)
{
    uint64_t x = 0;
    *v = 0;
    for (unsigned shift = 0; shift < 64 && *p < end; shift += 7) {
        uint8_t c = *(*p)++;
        x |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80) {
            *v = x;
            return true;
        }
    }
    return false;
}
