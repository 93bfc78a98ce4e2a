/* Values by a keyed 128-bit hash: memory per distinct value stays small, and nobody who
 * does not know the seed can make two values collide. */
#ifndef DCR_VALUE_MAP_H
#define DCR_VALUE_MAP_H

#include "dcmrisk/scan.h"
#include "hash.h"

typedef struct dcr_value_map {
    dcr_hash128 *key;
    uint32_t *number; /* value + 1, 0 free */
    size_t n_slots;
    uint32_t n;
} dcr_value_map; /* zeroed is empty */

dcr_hash128 dcr_value_key(uint64_t seed, dcr_bytes b, uint32_t flags);
uint32_t dcr_value_map_get(const dcr_value_map *m,
                           dcr_hash128 key); /* UINT32_MAX: none */
/* Puts a value in the place of the one that has the key; false when no memory. */
bool dcr_value_map_put(dcr_value_map *m, dcr_hash128 key, uint32_t number);
/* The key will be asked for soon. */
void dcr_value_map_fetch(const dcr_value_map *m, dcr_hash128 key);
void dcr_value_map_clear(dcr_value_map *m);

#endif
