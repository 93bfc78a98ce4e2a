#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "alloc.h"

enum { BLOCK = 64 * 1024, ALIGN = 16 };

struct dcr_arena_block {
    struct dcr_arena_block *next;
    size_t used, cap;
    alignas(ALIGN) unsigned char data[];
};

static struct dcr_arena_block *add_block(dcr_arena *a, size_t need)
{
    size_t cap = need > BLOCK ? need : BLOCK;
    struct dcr_arena_block *b;
    if (cap > SIZE_MAX - sizeof *b)
        return NULL;
    b = dcr_resize(NULL, 1, sizeof *b + cap);
    if (b == NULL)
        return NULL;
    b->used = 0;
    b->cap = cap;
    /* A large piece gets a block of its own behind the head, which keeps its free room.
     */
    if (need > BLOCK && a->head != NULL) {
        b->next = a->head->next;
        a->head->next = b;
    } else {
        b->next = a->head;
        a->head = b;
    }
    return b;
}

static void *take(dcr_arena *a, size_t n, size_t align)
{
    struct dcr_arena_block *b = a->head;
    size_t at = b == NULL ? 0 : (b->used + align - 1) & ~(align - 1);
    if (b == NULL || at > b->cap || n > b->cap - at) {
        b = add_block(a, n);
        at = 0;
    }
    if (b == NULL)
        return NULL;
    b->used = at + n;
    a->bytes += n;
    return b->data + at;
}

void *dcr_arena_alloc(dcr_arena *a, size_t n, size_t size)
{
    if (size != 0 && n > (SIZE_MAX - BLOCK) / size)
        return NULL;
    n = n * size == 0 ? 1 : n * size;
    void *p = take(a, n, ALIGN);
    /* Here and not a block at once: many an arena holds little and does not live long. */
    return p == NULL ? NULL : memset(p, 0, n);
}

char *dcr_arena_bytes(dcr_arena *a, const void *p, size_t n)
{
    char *d = n > SIZE_MAX - BLOCK ? NULL : take(a, n + 1, 1);
    if (d == NULL)
        return NULL;
    if (n > 0)
        memcpy(d, p, n);
    d[n] = '\0';
    return d;
}

char *dcr_arena_str(dcr_arena *a, const char *s)
{
    return dcr_arena_bytes(a, s, strlen(s));
}

void dcr_arena_clear(dcr_arena *a)
{
    struct dcr_arena_block *b = a->head;
    while (b != NULL) {
        struct dcr_arena_block *next = b->next;
        dcr_free(b);
        b = next;
    }
    memset(a, 0, sizeof *a);
}
