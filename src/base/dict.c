#include "dict.h"

#include <string.h>

#include "alloc.h"
#include "hash.h"

static uint32_t key_hash(const void *p, size_t n, uint32_t tag)
{
    uint64_t h = dcr_hash64_keyed(p, n) ^ (tag * 0x9E3779B97F4A7C15ull);
    return (uint32_t)(h ^ h >> 32);
}

static size_t probe(const dcr_dict *d, const void *p, size_t n, uint32_t tag, uint32_t h)
{
    size_t mask = d->n_slots - 1, i = h & mask;
    for (; d->slot[i].number != 0; i = (i + 1) & mask) {
        const dcr_dict_entry *e;
        if (d->slot[i].hash != h)
            continue;
        e = &d->entry[d->slot[i].number - 1];
        if (e->n == n && e->tag == tag && memcmp(e->p, p, n) == 0)
            break;
    }
    return i;
}

static int rehash(dcr_dict *d)
{
    size_t n = d->n_slots == 0 ? 64 : d->n_slots * 2, mask = n - 1;
    dcr_dict_slot *slot = dcr_alloc(n, sizeof *slot);
    if (slot == NULL)
        return 0;
    for (size_t k = 0; k < d->n_slots; k++) {
        size_t i = d->slot[k].hash & mask;
        if (d->slot[k].number == 0)
            continue;
        while (slot[i].number != 0)
            i = (i + 1) & mask;
        slot[i] = d->slot[k];
    }
    dcr_free(d->slot);
    d->slot = slot;
    d->n_slots = n;
    return 1;
}

uint32_t dcr_dict_find(const dcr_dict *d, const void *p, size_t n, uint32_t tag)
{
    if (d->n_slots == 0)
        return DCR_DICT_NONE;
    p = n == 0 ? "" : p;
    size_t i = probe(d, p, n, tag, key_hash(p, n, tag));
    return d->slot[i].number == 0 ? DCR_DICT_NONE : d->slot[i].number - 1;
}

uint32_t dcr_dict_add(dcr_dict *d, const void *p, size_t n, uint32_t tag)
{
    uint32_t h;
    size_t i;
    dcr_dict_entry *e;
    p = n == 0 ? "" : p;
    h = key_hash(p, n, tag);
    if ((size_t)(d->n + 1) * 4 > d->n_slots * 3 && !rehash(d))
        return DCR_DICT_NONE;
    i = probe(d, p, n, tag, h);
    if (d->slot[i].number != 0)
        return d->slot[i].number - 1;
    if (n > UINT32_MAX || d->n == DCR_DICT_NONE - 1 ||
        !dcr_grow(&d->entry, &d->cap, d->n + 1, sizeof *d->entry))
        return DCR_DICT_NONE;
    e = &d->entry[d->n];
    e->p = dcr_arena_bytes(&d->arena, p, n);
    if (e->p == NULL)
        return DCR_DICT_NONE;
    e->n = (uint32_t)n;
    e->tag = tag;
    d->slot[i] = (dcr_dict_slot){++d->n, h};
    return d->n - 1;
}

void dcr_dict_clear(dcr_dict *d)
{
    dcr_arena_clear(&d->arena);
    dcr_free(d->entry);
    dcr_free(d->slot);
    memset(d, 0, sizeof *d);
}
