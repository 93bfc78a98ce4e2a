#include "value_map.h"

#include <string.h>

#include "alloc.h"

dcr_hash128 dcr_value_key(uint64_t seed, dcr_bytes b, uint32_t flags)
{
    return dcr_hash128_seeded(b.p, b.n, seed + flags);
}

static size_t slot(const dcr_value_map *m, dcr_hash128 h)
{
    size_t mask = m->n_slots - 1, i = h.lo & mask;
    while (m->number[i] != 0 && (m->key[i].lo != h.lo || m->key[i].hi != h.hi))
        i = (i + 1) & mask;
    return i;
}

void dcr_value_map_fetch(const dcr_value_map *m, dcr_hash128 key)
{
    if (m->n_slots == 0)
        return;
    __builtin_prefetch(&m->number[key.lo & (m->n_slots - 1)]);
    __builtin_prefetch(&m->key[key.lo & (m->n_slots - 1)]);
}

uint32_t dcr_value_map_get(const dcr_value_map *m, dcr_hash128 key)
{
    size_t i;
    if (m->n_slots == 0)
        return UINT32_MAX;
    i = slot(m, key);
    return m->number[i] == 0 ? UINT32_MAX : m->number[i] - 1;
}

static bool make_room(dcr_value_map *m)
{
    dcr_value_map bigger = {.n = m->n};
    if (((size_t)m->n + 1) * 4 <= m->n_slots * 3)
        return true;
    bigger.n_slots = m->n_slots == 0 ? 1024 : m->n_slots * 2;
    bigger.key = dcr_alloc(bigger.n_slots, sizeof *bigger.key);
    bigger.number = dcr_alloc(bigger.n_slots, sizeof *bigger.number);
    if (bigger.key == NULL || bigger.number == NULL) {
        dcr_value_map_clear(&bigger);
        return false;
    }
    for (size_t i = 0; i < m->n_slots; i++)
        if (m->number[i] != 0) {
            size_t to = slot(&bigger, m->key[i]);
            bigger.key[to] = m->key[i];
            bigger.number[to] = m->number[i];
        }
    dcr_value_map_clear(m);
    *m = bigger;
    return true;
}

bool dcr_value_map_put(dcr_value_map *m, dcr_hash128 key, uint32_t number)
{
    size_t i;
    if (!make_room(m))
        return false;
    i = slot(m, key);
    if (m->number[i] == 0)
        m->n++;
    m->key[i] = key;
    m->number[i] = number + 1;
    return true;
}

void dcr_value_map_clear(dcr_value_map *m)
{
    dcr_free(m->key);
    dcr_free(m->number);
    memset(m, 0, sizeof *m);
}
