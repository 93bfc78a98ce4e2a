#include "digest.h"

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <string.h>

bool dcr_digest_of(const char *name, dcr_digest_kind *out)
{
    static const char *const names[] = {"none", "md5", "sha1", "sha256", "sha512"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (dcr_digest_kind)i;
            return true;
        }
    return false;
}

static size_t plain(const uint8_t *before, size_t n_before, const uint8_t *text, size_t n,
                    uint8_t *out)
{
    size_t a = n_before < DCR_DIGEST_BYTES ? n_before : DCR_DIGEST_BYTES;
    size_t b = n < DCR_DIGEST_BYTES - a ? n : DCR_DIGEST_BYTES - a;
    if (a > 0)
        memcpy(out, before, a);
    if (b > 0)
        memcpy(out + a, text, b);
    return a + b;
}

#define DIGEST(name, size)                                                               \
    do {                                                                                 \
        struct name##_ctx c;                                                             \
        name##_init(&c);                                                                 \
        name##_update(&c, n_before, before);                                             \
        name##_update(&c, n, text);                                                      \
        name##_digest(&c, size, out);                                                    \
        return size;                                                                     \
    } while (0)

size_t dcr_digest(dcr_digest_kind kind, const uint8_t *before, size_t n_before,
                  const uint8_t *text, size_t n, uint8_t out[DCR_DIGEST_BYTES])
{
    switch (kind) {
    case DCR_DIGEST_MD5:
        DIGEST(md5, MD5_DIGEST_SIZE);
    case DCR_DIGEST_SHA1:
        DIGEST(sha1, SHA1_DIGEST_SIZE);
    case DCR_DIGEST_SHA256:
        DIGEST(sha256, SHA256_DIGEST_SIZE);
    case DCR_DIGEST_SHA512:
        DIGEST(sha512, SHA512_DIGEST_SIZE);
    case DCR_DIGEST_NONE:
        break;
    }
    return plain(before, n_before, text, n, out);
}

/* Long division by 10^9, limb by limb. */
size_t dcr_decimal(const uint8_t *p, size_t n, char out[DCR_DECIMAL_MAX])
{
    enum { LIMBS = 16, GROUP = 1000000000 };
    uint32_t limb[LIMBS] = {0}, group[18] = {0};
    size_t top = 0, groups = 0, at = 0;
    n = n < sizeof limb ? n : sizeof limb;
    for (size_t i = 0; i < n; i++) { /* limb[0] is the most significant one */
        size_t bit = 8 * (n - 1 - i);
        limb[LIMBS - 1 - bit / 32] |= (uint32_t)p[i] << bit % 32;
    }
    while (top < LIMBS && limb[top] == 0)
        top++;
    while (top < LIMBS) {
        uint64_t rest = 0;
        for (size_t i = top; i < LIMBS; i++) {
            rest = rest << 32 | limb[i];
            limb[i] = (uint32_t)(rest / GROUP);
            rest %= GROUP;
        }
        group[groups++] = (uint32_t)rest;
        while (top < LIMBS && limb[top] == 0)
            top++;
    }
    for (size_t i = groups; i-- > 0;) {
        uint32_t v = group[i];
        char digits[9];
        size_t from = 0;
        for (size_t d = 9; d-- > 0; v /= 10)
            digits[d] = (char)('0' + v % 10);
        while (at == 0 && from < 9 && digits[from] == '0')
            from++;
        memcpy(out + at, digits + from, 9 - from);
        at += 9 - from;
    }
    if (at == 0)
        out[at++] = '0';
    out[at] = '\0';
    return at;
}
