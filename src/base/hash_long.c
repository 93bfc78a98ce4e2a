/* Long strings: xxHash's library takes the widest registers that this machine has, four
 * times as fast as what a compiler may count on.  The hash is the same. */
#include "hash.h"

#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

dcr_hash128 dcr_hash128_long(const void *p, size_t n)
{
    XXH128_hash_t x = XXH3_128bits(p, n);
    dcr_hash128 h = {x.low64, x.high64};
    return h;
}
