#include "trail.h"

#include <string.h>

void dcr_trail_push(dcr_trail *t, const uint8_t *p, size_t n)
{
    char name[DCR_OPEN_MAX_NAME + 1];
    size_t k;
    if (t->depth >= DCR_TRAIL_DEPTH) {
        t->depth++;
        return;
    }
    if (!dcr_open_name(name, p, n > DCR_TRAIL_PART ? DCR_TRAIL_PART : n))
        memcpy(name, "_", 2);
    k = strlen(name);
    t->at[t->depth++] = t->n;
    if (t->n > 0)
        t->text[t->n++] = '.';
    memcpy(t->text + t->n, name, k + 1);
    t->n += k;
}

void dcr_trail_pop(dcr_trail *t)
{
    if (t->depth == 0)
        return;
    if (--t->depth < DCR_TRAIL_DEPTH) {
        t->n = t->at[t->depth];
        t->text[t->n] = 0;
    }
}

const char *dcr_trail_name(const dcr_trail *t, const char *last,
                           char out[DCR_OPEN_MAX_NAME + 1])
{
    size_t k = last == NULL ? 0 : strlen(last), room = DCR_OPEN_MAX_NAME, from = 0, n;
    size_t kept = t->depth < DCR_TRAIL_DEPTH ? t->depth : DCR_TRAIL_DEPTH;
    k = k > DCR_TRAIL_PART ? DCR_TRAIL_PART : k;
    room -= k > 0 ? k + 1 : 0;
    for (size_t i = 0; i < kept && t->n - from > room; i++)
        from = i + 1 < kept ? t->at[i + 1] + 1 : t->n;
    n = t->n - from;
    memcpy(out, t->text + from, n);
    if (k > 0) {
        if (n > 0)
            out[n++] = '.';
        memcpy(out + n, last, k);
        n += k;
    }
    if (n == 0)
        out[n++] = '_';
    out[n] = 0;
    return out;
}
