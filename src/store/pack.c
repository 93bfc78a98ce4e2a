#include "pack.h"

static char *put(char *p, uint32_t v)
{
    char digit[10];
    unsigned n = 0;
    do
        digit[n++] = (char)('0' + v % 10);
    while ((v /= 10) > 0);
    while (n > 0)
        *p++ = digit[--n];
    return p;
}

void dcr_pack_add(dcr_buf *text, const uint32_t *list, unsigned n)
{
    char piece[64], *p = piece; /* n is 2 or 3: at most 36 bytes */
    *p++ = text->n == 0 ? '[' : ',';
    for (unsigned i = 0; i < n; i++) {
        *p++ = i == 0 ? '[' : ',';
        p = put(p, list[i]);
    }
    *p++ = ']';
    dcr_buf_add(text, piece, (size_t)(p - piece));
}

void dcr_pack_end(dcr_buf *text)
{
    dcr_buf_str(text, text->n == 0 ? "[]" : "]");
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
