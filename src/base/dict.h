/* Byte strings to small numbers, in the order they came. */
#ifndef DCR_DICT_H
#define DCR_DICT_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_DICT_NONE = UINT32_MAX };

typedef struct dcr_dict_entry {
    const char *p; /* n bytes and a NUL, in the arena */
    uint32_t n;
    uint32_t tag; /* tells apart equal strings of different kinds */
} dcr_dict_entry;

typedef struct dcr_dict_slot { /* other entries are told apart without a look at them */
    uint32_t number;           /* + 1; 0: free */
    uint32_t hash;
} dcr_dict_slot;

typedef struct dcr_dict {
    dcr_arena arena;
    dcr_dict_entry *entry; /* entry[0 .. n) */
    uint32_t n;
    size_t cap;
    dcr_dict_slot *slot; /* open addressing */
    size_t n_slots;
} dcr_dict; /* zeroed is empty and valid */

/* The number of a string (with tag), added when new; DCR_DICT_NONE when no memory. */
uint32_t dcr_dict_add(dcr_dict *d, const void *p, size_t n, uint32_t tag);
/* The number of a string, DCR_DICT_NONE when it is not there. */
uint32_t dcr_dict_find(const dcr_dict *d, const void *p, size_t n, uint32_t tag);
void dcr_dict_clear(dcr_dict *d);

#ifdef __cplusplus
}
#endif
#endif
