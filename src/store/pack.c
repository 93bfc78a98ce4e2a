#include "pack.h"

#include <string.h>

#include "alloc.h"

static char *put(char *p, uint32_t v)
{
    char *end = p + 1;
    for (uint32_t rest = v / 10; rest > 0; rest /= 10)
        end++;
    for (p = end; v >= 10; v /= 10)
        *--p = (char)('0' + v % 10);
    *--p = (char)('0' + v);
    return end;
}

/* Behind what is in `text`, which has the room. */
static void put_lists(dcr_buf *text, const uint32_t *list, size_t lists, unsigned n)
{
    char *p = text->p + text->n;
    for (size_t i = 0; i < lists; i++) {
        *p++ = '[';
        for (unsigned k = 0; k < n; k++) {
            p = put(p, *list++);
            *p++ = ',';
        }
        p[-1] = ']';
        *p++ = ',';
    }
    text->n = (size_t)(p - text->p);
}

void dcr_pack(dcr_buf *text, const uint32_t *list, size_t lists, unsigned n)
{
    enum { PIECE = 64, LIST = 3 * 11 + 2 }; /* at most: digits and what is between */
    text->n = 0;
    dcr_buf_char(text, '[');
    for (size_t i = 0, some; i < lists && !text->failed; i += some) {
        some = lists - i < PIECE ? lists - i : PIECE;
        text->failed =
            !dcr_grow(&text->p, &text->cap, text->n + some * LIST + 1, sizeof *text->p);
        if (!text->failed)
            put_lists(text, list + i * n, some, n);
    }
    text->n -= lists > 0 && !text->failed; /* the last comma */
    dcr_buf_char(text, ']');
}

/* A number and the character behind it; false when there is none or it is too large. */
static bool number(dcr_unpack *u, uint32_t *out, char behind)
{
    uint64_t v = 0;
    const uint8_t *start = u->p;
    while (u->p < u->end && *u->p >= '0' && *u->p <= '9' && u->p - start < 10)
        v = v * 10 + (uint64_t)(*u->p++ - '0');
    if (u->p == start || v > UINT32_MAX || u->p == u->end || *u->p++ != behind)
        return false;
    *out = (uint32_t)v;
    return true;
}

int dcr_unpack_next(dcr_unpack *u, uint32_t *list, unsigned n)
{
    if (u->p == u->end)
        return u->begun ? 0 : -1;
    if (!u->begun && u->end - u->p == 2 && u->p[0] == '[' && u->p[1] == ']')
        u->p++;
    else if (*u->p == (u->begun ? ',' : '[') && u->end - u->p > 1 && u->p[1] == '[') {
        u->begun = true;
        u->p += 2;
        for (unsigned i = 0; i < n; i++)
            if (!number(u, &list[i], i + 1 == n ? ']' : ','))
                return -1;
        return 1;
    }
    u->begun = true;
    return *u->p++ == ']' && u->p == u->end ? 0 : -1;
}
