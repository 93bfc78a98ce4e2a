#include "hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdbool.h>
#include <sys/random.h>

uint64_t dcr_hash64(const void *p, size_t n)
{
    return XXH3_64bits(n == 0 ? "" : p, n);
}

static uint64_t key_of_process(void)
{
    static uint64_t key;
    uint64_t none = 0, k = __atomic_load_n(&key, __ATOMIC_RELAXED);
    if (k != 0)
        return k;
    if (getrandom(&k, sizeof k, GRND_NONBLOCK) != sizeof k)
        k = (uint64_t)(uintptr_t)&none; /* at least where the stack lies */
    k |= 1;
    return __atomic_compare_exchange_n(&key, &none, k, false, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED)
               ? k
               : none;
}

uint64_t dcr_hash64_keyed(const void *p, size_t n)
{
    return XXH3_64bits_withSeed(n == 0 ? "" : p, n, key_of_process());
}

static dcr_hash128 plain(XXH128_hash_t x)
{
    dcr_hash128 h = {x.low64, x.high64};
    return h;
}

dcr_hash128 dcr_hash128_of(const void *p, size_t n)
{
    if (n > DCR_HASH_SHORT)
        return dcr_hash128_long(p, n, 0);
    return plain(XXH3_128bits(n == 0 ? "" : p, n));
}

dcr_hash128 dcr_hash128_seeded(const void *p, size_t n, uint64_t seed)
{
    if (n > DCR_HASH_SHORT)
        return dcr_hash128_long(p, n, seed);
    return plain(XXH3_128bits_withSeed(n == 0 ? "" : p, n, seed));
}

dcr_hash128 dcr_hash128_keyed(const void *p, size_t n)
{
    return dcr_hash128_seeded(p, n, key_of_process());
}

void dcr_hash128_hex(dcr_hash128 h, char out[33])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 16; i++) {
        out[i] = digits[h.hi >> (60 - 4 * i) & 15];
        out[16 + i] = digits[h.lo >> (60 - 4 * i) & 15];
    }
    out[32] = 0;
}
