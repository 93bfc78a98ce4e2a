#include "alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LARGE = 8 << 20, HUGE_PAGE = 2 << 20 };

static long fail_after = -1;

void dcr_alloc_fail_after(long n)
{
    fail_after = n;
}

static int must_fail(void)
{
    if (fail_after < 0)
        return 0;
    if (fail_after == 0)
        return 1;
    fail_after--;
    return 0;
}

/* Faults of 4 KiB pages cost more than the work on large arrays of codes: asks for pages
 * of 2 MiB.  Nothing depends on getting them. */
static void *with_huge_pages(void *p, size_t bytes)
{
    uintptr_t from = ((uintptr_t)p + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    uintptr_t end = ((uintptr_t)p + bytes) & ~(uintptr_t)(HUGE_PAGE - 1);
    if (p != NULL && bytes >= LARGE)
        (void)madvise((void *)from, end - from, MADV_HUGEPAGE);
    return p;
}

void *dcr_alloc(size_t n, size_t size)
{
    if (must_fail() || (size != 0 && n > SIZE_MAX / size))
        return NULL;
    if (n == 0 || size == 0)
        return calloc(1, 1);                           /* lint: ok, this is the door */
    return with_huge_pages(calloc(n, size), n * size); /* lint: ok, this is the door */
}

void *dcr_resize(void *p, size_t n, size_t size)
{
    if (must_fail() || (size != 0 && n > SIZE_MAX / size))
        return NULL;
    return realloc(p, n * size == 0 ? 1 : n * size); /* lint: ok, this is the door */
}

void dcr_free(void *p)
{
    free(p); /* lint: ok, this is the door */
}

char *dcr_strndup(const char *s, size_t n)
{
    char *d = dcr_alloc(n + 1, 1);
    if (d != NULL && n > 0)
        memcpy(d, s, n);
    return d;
}

char *dcr_strdup(const char *s)
{
    return dcr_strndup(s, strlen(s));
}

int dcr_grow_more(void *pp, size_t *cap, size_t need, size_t size)
{
    void *p;
    size_t want = *cap < 16 ? 16 : *cap;
    while (want < need) {
        if (want > SIZE_MAX / 2)
            return 0;
        want *= 2;
    }
    memcpy(&p, pp, sizeof p);
    p = dcr_resize(p, want, size);
    if (p == NULL)
        return 0;
    memcpy(pp, &p, sizeof p);
    *cap = want;
    return 1;
}
