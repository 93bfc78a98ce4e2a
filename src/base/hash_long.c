/* Long strings and streams: xxHash's library takes the widest registers that this machine
 * has, four times as fast as what a compiler may count on.  The hash is the same. */
#include "alloc.h"
#include "hash.h"

#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

struct dcr_hasher {
    XXH3_state_t *state; /* owned; xxHash wants its own alignment */
};

static dcr_hash128 plain(XXH128_hash_t x)
{
    dcr_hash128 h = {x.low64, x.high64};
    return h;
}

dcr_hash128 dcr_hash128_long(const void *p, size_t n, uint64_t seed)
{
    return plain(XXH3_128bits_withSeed(p, n, seed));
}

dcr_hasher *dcr_hasher_new(void)
{
    dcr_hasher *h = dcr_alloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->state = XXH3_createState();
    if (h->state == NULL) {
        dcr_free(h);
        return NULL;
    }
    XXH3_128bits_reset(h->state);
    return h;
}

void dcr_hasher_add(dcr_hasher *h, const void *p, size_t n)
{
    if (n > 0)
        XXH3_128bits_update(h->state, p, n);
}

dcr_hash128 dcr_hasher_end(const dcr_hasher *h)
{
    return plain(XXH3_128bits_digest(h->state));
}

void dcr_hasher_free(dcr_hasher *h)
{
    if (h == NULL)
        return;
    XXH3_freeState(h->state);
    dcr_free(h);
}
