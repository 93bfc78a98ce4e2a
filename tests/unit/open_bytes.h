/* What an opener says of bytes, as lines "name VR value" (bytes that are not printable as
 * %XX), for unit tests. */
#ifndef OPEN_BYTES_H
#define OPEN_BYTES_H

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "open.h"

typedef struct told {
    dcr_buf lines;
    size_t values, bytes, longest_name;
    uint64_t paid, budget; /* budget 0: no end */
    bool cut, bad_name;
} told;

static inline dcr_status told_emit(void *ctx, const char *name, const char vr[2],
                                   const uint8_t *p, size_t n)
{
    told *t = ctx;
    size_t k = strlen(name);
    t->values++;
    t->bytes += n;
    t->longest_name = k > t->longest_name ? k : t->longest_name;
    t->bad_name =
        t->bad_name || k == 0 || k > DCR_OPEN_MAX_NAME ||
        strspn(name,
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") != k;
    dcr_buf_fmt(&t->lines, "%s %.2s ", name, vr);
    for (size_t i = 0; i < n && i < 200; i++) {
        if (p[i] >= 0x20 && p[i] < 0x7F)
            dcr_buf_char(&t->lines, (char)p[i]);
        else
            dcr_buf_fmt(&t->lines, "%%%02X", p[i]);
    }
    dcr_buf_char(&t->lines, '\n');
    return DCR_OK;
}

static inline bool told_pay(void *ctx, uint64_t n)
{
    told *t = ctx;
    t->paid += n;
    return t->budget == 0 || t->paid <= t->budget;
}

static inline void told_cut(void *ctx)
{
    told *t = ctx;
    t->cut = true;
}

/* `o` opens a copy of exactly n bytes, so that the sanitiser sees one byte too far. */
static inline dcr_status told_open(told *t, const dcr_opener *o, const void *p, size_t n)
{
    const dcr_open_sink to = {t, told_emit, told_pay, told_cut};
    uint8_t *copy = malloc(n == 0 ? 1 : n); /* lint: ok, a test */
    dcr_status s;
    memcpy(copy, p, n);
    t->lines.n = 0;
    dcr_buf_str(&t->lines, "");
    t->values = t->bytes = t->longest_name = 0;
    t->paid = 0;
    t->cut = t->bad_name = false;
    (void)(o->sniffs != NULL && n >= o->least && o->sniffs(copy, n, n));
    s = o->open(copy, n, &to);
    free(copy);
    return s;
}

/* Cut anywhere and with bytes changed at random, nothing is read behind the end, and
 * names stay names. */
static inline bool told_survives(told *t, const dcr_opener *o, const void *p, size_t n,
                                 unsigned rounds)
{
    uint32_t seed = 1;
    bool good = true;
    char *b = malloc(n + 1); /* lint: ok, a test */
    memcpy(b, p, n);
    for (size_t k = 0; k < n; k++)
        good = told_open(t, o, b, k) != DCR_ENOMEM && !t->bad_name && good;
    for (unsigned i = 0; i < rounds; i++) {
        size_t at[2];
        char was[2];
        for (size_t k = 0; k < 2; k++) {
            seed = seed * 1664525 + 1013904223;
            at[k] = (seed >> 8) % n;
            was[k] = b[at[k]];
            b[at[k]] = (char)(seed >> 24 ^ i);
        }
        good = told_open(t, o, b, n) != DCR_ENOMEM && !t->bad_name && good;
        for (size_t k = 2; k-- > 0;)
            b[at[k]] = was[k];
    }
    free(b);
    return good;
}

static inline const dcr_opener *opener_named(const char *name)
{
    for (const dcr_opener *const *o = dcr_openers(); *o != NULL; o++)
        if (strcmp((*o)->name, name) == 0)
            return *o;
    return NULL;
}

#endif
