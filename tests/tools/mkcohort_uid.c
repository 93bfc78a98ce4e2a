/* UIDs in the manner of vendors: with serials, dates and epochs in them, or random. */
#include "mkcohort.h"

#include <string.h>

/* 2.25. and the decimal form of a random (version 4) UUID. */
static const char *uuid_uid(const mk_ctx *x, dcr_arena *a, int what, uint64_t self,
                            uint64_t n)
{
    uint64_t hi = mk_bits(x->seed, "uuid-hi", (uint64_t)what, self, n);
    uint64_t lo = mk_bits(x->seed, "uuid-lo", (uint64_t)what, self, n);
    uint32_t limb[4];
    char digits[48];
    size_t i = sizeof digits - 1;
    hi = (hi & ~0xf000u) | 0x4000u;
    lo = (lo & ~0xc000000000000000u) | 0x8000000000000000u;
    limb[0] = (uint32_t)(hi >> 32);
    limb[1] = (uint32_t)hi;
    limb[2] = (uint32_t)(lo >> 32);
    limb[3] = (uint32_t)lo;
    digits[i] = '\0';
    do { /* long division by ten */
        uint64_t rest = 0;
        for (int l = 0; l < 4; l++) {
            rest = rest << 32 | limb[l];
            limb[l] = (uint32_t)(rest / 10);
            rest %= 10;
        }
        digits[--i] = (char)('0' + rest);
    } while ((limb[0] | limb[1] | limb[2] | limb[3]) != 0);
    return mk_text(a, "2.25.%s", digits + i);
}

const char *mk_uid(const mk_ctx *x, dcr_arena *a, const mk_scanner *sc, int what,
                   uint64_t self, uint64_t n, long day, long second)
{
    const char *style = mk_word(x->spec, "uids", "vendor");
    uint32_t r = mk_below(90000, x->seed, "uid", (uint64_t)what, self, n) + 10000;
    int y, m, d;
    long h = second / 3600, mi = second / 60 % 60, s = second % 60;
    mk_civil(day, &y, &m, &d);
    if (strcmp(style, "uuid") == 0 || sc->uids == 'u')
        return uuid_uid(x, a, what, self, n);
    unsigned long long un = n, us = self;
    if (sc->uids == 's')
        return mk_text(
            a, "1.3.12.2.1107.5.1.4.%s.%d0000%02d%02d%02d%02d%02d%02d%05u%05llu%04llu",
            sc->serial, what == 1 ? 3 : 4, y % 100, m, d, (int)h, (int)mi, (int)s, r,
            us % 100000, un);
    if (sc->uids == 'g')
        return mk_text(a, "1.2.840.113619.2.404.%d.%u.%llu.%ld.%llu", what, r, us,
                       day * 86400 + second, un);
    if (sc->uids == 'p')
        return mk_text(
            a, "1.3.46.670589.11.%s.5.%d.%llu.%04d%02d%02d%02ld%02ld%02ld%llu%05u",
            sc->serial, what, us, y, m, d, h, mi, s, un, r);
    return mk_text(a, "1.2.392.200036.9116.2.5.1.48.%u.%ld.%llu%d.%llu", r,
                   day * 86400 + second, us, what, un);
}
