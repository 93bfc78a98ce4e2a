#include "mask.h"

#include <stdio.h>
#include <string.h>

/* Length of the UTF-8 character at p, 0 when it is not one (overlong, surrogate, >
 * 10FFFF). */
static size_t utf8_len(const uint8_t *p, size_t n)
{
    uint32_t c;
    size_t len;
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xC2 && p[0] <= 0xDF)
        len = 2;
    else if ((p[0] & 0xF0) == 0xE0)
        len = 3;
    else if (p[0] >= 0xF0 && p[0] <= 0xF4)
        len = 4;
    else
        return 0;
    if (n < len)
        return 0;
    c = p[0] & (0x7F >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3F);
    }
    if ((len == 3 && c < 0x800) || (len == 4 && c < 0x10000) || c > 0x10FFFF ||
        (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    return len;
}

size_t dcr_ascii(const uint8_t *p, size_t n)
{
    size_t i = 0;
    uint64_t eight;
    for (; n - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, p + i, sizeof eight);
        if ((eight & 0x8080808080808080ull) != 0)
            break;
    }
    while (i < n && p[i] < 0x80)
        i++;
    return i;
}

size_t dcr_utf8_valid(const uint8_t *p, size_t n)
{
    size_t i = dcr_ascii(p, n);
    while (i < n) {
        size_t len = utf8_len(p + i, n - i);
        if (len == 0)
            break;
        i += len;
        i += dcr_ascii(p + i, n - i);
    }
    return i;
}

static char shape_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return 'A';
    if (c >= 'a' && c <= 'z')
        return 'a';
    if (c >= '0' && c <= '9')
        return '9';
    if (c != '\0' && strchr(" ^-_.,:/\\=+()@#", c) != NULL)
        return (char)c;
    return '?';
}

void dcr_shape(const uint8_t *p, size_t n, char out[DCR_SHAPE_MAX])
{
    size_t o = 0, i = 0;
    while (i < n) {
        size_t len = utf8_len(p + i, n - i);
        if (o >= DCR_SHAPE_MAX - 4) {
            memcpy(out + o, "...", 3);
            o += 3;
            break;
        }
        out[o++] = len > 1 ? 'a' : shape_of(p[i]);
        i += len == 0 ? 1 : len;
    }
    out[o] = '\0';
}

void dcr_length_class(size_t n, char out[DCR_SHAPE_MAX])
{
    size_t lo = 1, hi = 4;
    if (n == 0) {
        snprintf(out, DCR_SHAPE_MAX, "empty");
        return;
    }
    while (n > hi && hi < 4096) {
        lo = hi + 1;
        hi *= 2;
    }
    if (n > hi)
        snprintf(out, DCR_SHAPE_MAX, "over %zu characters", hi);
    else
        snprintf(out, DCR_SHAPE_MAX, "%zu-%zu characters", lo, hi);
}
