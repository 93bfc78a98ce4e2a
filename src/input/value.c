#include "value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dcmrisk/scan.h"
#include "decimal.h"
#include "hash.h"
#include "mask.h"
#include "syntax.h"

size_t dcr_trim_end(const uint8_t *p, size_t n)
{
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == 0))
        n--;
    return n;
}

void dcr_trim(const uint8_t **p, size_t *n)
{
    *n = dcr_trim_end(*p, *n);
    while (*n > 0 && (**p == ' ' || **p == 0)) {
        ++*p;
        --*n;
    }
}

/* Has a byte that is not plain ASCII text in every character set. */
static bool needs_charset(const uint8_t *p, size_t n)
{
    const uint64_t ones = 0x0101010101010101ull, high = ones << 7;
    uint64_t x, found = 0;
    for (; n >= sizeof x; p += sizeof x, n -= sizeof x) {
        memcpy(&x, p, sizeof x);
        found |=
            x | (((x ^ ones * 0x1B) - ones) & ~x); /* a byte that is 0 then borrows */
    }
    for (; n > 0; p++, n--)
        found |= *p >= 0x80 || *p == 0x1B ? high : 0;
    return (found & high) != 0;
}

static const char *delimiters(const char vr[2])
{
    if (memcmp(vr, "PN", 2) == 0)
        return "\\^=";
    if (memcmp(vr, "LT", 2) == 0 || memcmp(vr, "ST", 2) == 0 || memcmp(vr, "UT", 2) == 0)
        return "";
    return "\\";
}

static bool make_text(dcr_reading_value *out, const char vr[2], dcr_charset *cs,
                      const uint8_t *p, size_t n, dcr_buf *buf)
{
    out->p = p;
    out->n = (uint32_t)dcr_trim_end(p, n);
    out->flags = 0;
    if (!needs_charset(p, out->n))
        return true;
    if (!dcr_charset_utf8(cs, delimiters(vr), p, out->n, buf) ||
        dcr_utf8_valid((const uint8_t *)buf->p, buf->n) != buf->n) {
        out->flags = DCR_VALUE_UNDECODED;
        return !buf->failed;
    }
    out->p = (const uint8_t *)buf->p;
    out->n = (uint32_t)buf->n;
    return !buf->failed;
}

static bool is_control(uint8_t c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == 0x7F;
}

/* Bytes of an opaque value that read as text: no controls, and more plain ASCII than not.
 */
static bool looks_like_text(const uint8_t *p, size_t n, bool *plain)
{
    size_t high = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_control(p[i]))
            return false;
        high += p[i] >= 0x80;
    }
    *plain = high == 0;
    return *plain || (n >= 4 && high * 2 <= n);
}

static bool make_bytes(dcr_reading_value *out, dcr_charset *cs, const uint8_t *p,
                       size_t n, dcr_buf *buf)
{
    size_t text = dcr_trim_end(p, n);
    bool plain = true, only_zeros = text == 0 && memchr(p, 0, n) != NULL; /* a number 0 */
    if (!only_zeros && looks_like_text(p, text, &plain)) {
        if (!make_text(out, "UN", cs, p, n, buf))
            return false;
        if (plain || out->flags == 0)
            return true;
    }
    out->p = p;
    out->n = (uint32_t)n;
    out->flags = DCR_VALUE_BINARY;
    return true;
}

static uint64_t get64(const uint8_t *p, bool big)
{
    uint64_t a = dcr_get32(p, big), b = dcr_get32(p + 4, big);
    return big ? a << 32 | b : b << 32 | a;
}

static uint64_t get_uint(const uint8_t *p, unsigned width, bool big)
{
    return width == 2   ? dcr_get16(p, big)
           : width == 4 ? dcr_get32(p, big)
                        : get64(p, big);
}

static void put_signed(dcr_buf *b, uint64_t v, unsigned width)
{
    uint64_t sign = 1ull << (width * 8 - 1);
    uint64_t mask = sign | (sign - 1);
    if ((v & sign) != 0) {
        dcr_buf_char(b, '-');
        v = (~v + 1) & mask;
    }
    dcr_buf_u64(b, v);
}

static void put_double(dcr_buf *b, double v, bool single)
{
    char t[DCR_DECIMAL_TEXT];
    if (isnan(v) || isinf(v))
        dcr_buf_str(b, isnan(v) ? "nan" : v < 0 ? "-inf" : "inf");
    else if (fabs(v) < 1e9 && v == (double)(int64_t)v && (v != 0 || !signbit(v)))
        put_signed(b, (uint64_t)(int64_t)v, 8); /* the same text, faster */
    else
        dcr_buf_add(b, t, dcr_decimal_text(v, single, t));
}

static void put_float(dcr_buf *b, const uint8_t *p, unsigned width, bool big)
{
    if (width == 4) {
        uint32_t u = dcr_get32(p, big);
        float f;
        memcpy(&f, &u, sizeof f);
        put_double(b, (double)f, true);
    } else {
        uint64_t u = get64(p, big);
        double d;
        memcpy(&d, &u, sizeof d);
        put_double(b, d, false);
    }
}

static void put_tag(dcr_buf *b, const uint8_t *p, bool big)
{
    dcr_buf_hex(b, dcr_get16(p, big), 4);
    dcr_buf_char(b, ',');
    dcr_buf_hex(b, dcr_get16(p + 2, big), 4);
}

static void make_numbers(dcr_reading_value *out, const dcr_vr *vr, bool big,
                         const uint8_t *p, size_t n, dcr_buf *buf)
{
    for (size_t i = 0; i < n; i += vr->width) {
        if (i > 0)
            dcr_buf_char(buf, '\\');
        if (vr->kind == DCR_VR_UINT)
            dcr_buf_u64(buf, get_uint(p + i, vr->width, big));
        else if (vr->kind == DCR_VR_SINT)
            put_signed(buf, get_uint(p + i, vr->width, big), vr->width);
        else if (vr->kind == DCR_VR_FLOAT)
            put_float(buf, p + i, vr->width, big);
        else
            put_tag(buf, p + i, big);
    }
    out->p = (const uint8_t *)buf->p;
    out->n = (uint32_t)buf->n;
    out->flags = 0;
}

dcr_reading_value dcr_value_digest(uint64_t n, const char hex[33], char out[60])
{
    dcr_reading_value v = {(const uint8_t *)out, 0, DCR_VALUE_DIGEST};
    v.n = (uint32_t)snprintf(out, 60, "%llu:%s", (unsigned long long)n, hex);
    return v;
}

/* What grew over the limit on its way (numbers as text, UTF-8) becomes a digest. */
static void limit(dcr_reading_value *v, dcr_buf *buf)
{
    char hex[33], text[60];
    if (v->n <= DCR_VALUE_MAX)
        return;
    dcr_hash128_hex(dcr_hash128_of(v->p, v->n), hex);
    *v = dcr_value_digest(v->n, hex, text);
    buf->n = 0;
    dcr_buf_add(buf, text, v->n);
    v->p = (const uint8_t *)buf->p;
}

bool dcr_value_make(dcr_reading_value *out, const char vr[2], bool big, dcr_charset *cs,
                    const uint8_t *p, size_t n, dcr_buf *buf)
{
    const dcr_vr *info = dcr_vr_get(vr);
    bool ok = true;
    buf->n = 0;
    if (n == 0)
        *out = (dcr_reading_value){(const uint8_t *)"", 0, 0};
    else if (info->kind == DCR_VR_TEXT || info->kind == DCR_VR_ASCII)
        ok = make_text(out, vr, cs, p, n, buf);
    else if (info->width > 0 && n % info->width == 0)
        make_numbers(out, info, big, p, n, buf);
    else
        ok = make_bytes(out, cs, p, n, buf);
    if (ok && !buf->failed)
        limit(out, buf);
    return ok && !buf->failed;
}
