/* The only door to the heap; tests make it fail on purpose. */
#ifndef DCR_ALLOC_H
#define DCR_ALLOC_H

#include <stddef.h>

#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

void *dcr_alloc(size_t n, size_t size); /* n * size zeroed bytes; NULL when none, or on
                                           overflow; never NULL for n == 0 */
void *dcr_resize(void *p, size_t n, size_t size); /* as realloc; p stays valid on NULL */
void dcr_free(void *p);
char *dcr_strdup(const char *s); /* NULL when no memory */
char *dcr_strndup(const char *s, size_t n);

/* The part of dcr_grow that is seldom needed. */
int dcr_grow_more(void *pp, size_t *cap, size_t need, size_t size);
/* Grows *p (of elements of `size`) to hold at least `need`, doubling; false when no
 * memory. */
static inline int dcr_grow(void *pp, size_t *cap, size_t need, size_t size)
{
    return need <= *cap || dcr_grow_more(pp, cap, need, size);
}

/* Tests: let `n` allocations succeed and the next one fail; negative: never fail. */
void dcr_alloc_fail_after(long n);

#ifdef __cplusplus
}
#endif
#endif
