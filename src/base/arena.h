/* Memory that is given back all at once. */
#ifndef DCR_ARENA_H
#define DCR_ARENA_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_arena {
    struct dcr_arena_block *head;
    size_t bytes; /* handed out so far */
} dcr_arena;      /* zeroed is empty and valid */

void *dcr_arena_alloc(dcr_arena *a, size_t n,
                      size_t size); /* zeroed, aligned to 16; NULL when no memory */
char *dcr_arena_bytes(dcr_arena *a, const void *p,
                      size_t n); /* a copy with a NUL behind it */
char *dcr_arena_str(dcr_arena *a, const char *s);
void dcr_arena_clear(dcr_arena *a);

#ifdef __cplusplus
}
#endif
#endif
