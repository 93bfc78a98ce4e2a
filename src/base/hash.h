/* Hashes (xxHash, XXH3): one place that chooses them. */
#ifndef DCR_HASH_H
#define DCR_HASH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_hash128 {
    uint64_t lo, hi;
} dcr_hash128;

uint64_t dcr_hash64(const void *p, size_t n); /* same on every machine and in every run */
/* Of this process only, by a random key: nobody can make strings that collide. */
uint64_t dcr_hash64_keyed(const void *p, size_t n);
dcr_hash128 dcr_hash128_keyed(const void *p, size_t n);
dcr_hash128 dcr_hash128_of(const void *p, size_t n);
/* The same, faster for more than so many bytes and slower for fewer. */
enum { DCR_HASH_SHORT = 256 };
dcr_hash128 dcr_hash128_long(const void *p, size_t n, uint64_t seed); /* 0: none */
/* Keyed form: equal bytes cannot be told or forged without the seed. */
dcr_hash128 dcr_hash128_seeded(const void *p, size_t n, uint64_t seed);
void dcr_hash128_hex(dcr_hash128 h, char out[33]); /* 32 hex digits and a NUL */

/* Streaming form; free with dcr_hasher_free. */
typedef struct dcr_hasher dcr_hasher;
dcr_hasher *dcr_hasher_new(void); /* NULL when no memory */
void dcr_hasher_add(dcr_hasher *h, const void *p, size_t n);
dcr_hash128 dcr_hasher_end(const dcr_hasher *h);
void dcr_hasher_free(dcr_hasher *h);

#ifdef __cplusplus
}
#endif
#endif
