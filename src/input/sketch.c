#include "sketch.h"

#include <string.h>

#include "hash.h"

static int compare(const dcr_dict_entry *a, const dcr_dict_entry *b)
{
    uint32_t n = a->n < b->n ? a->n : b->n;
    int c = memcmp(a->p, b->p, n);
    if (c != 0)
        return c;
    return a->n < b->n ? -1 : a->n > b->n;
}

static void add_hash(dcr_sketch *s, uint64_t h)
{
    uint32_t i = s->n_hashes;
    if (i == DCR_ROLLUP_MAX && h >= s->hash[i - 1])
        return;
    while (i > 0 && s->hash[i - 1] > h)
        i--;
    if (i > 0 && s->hash[i - 1] == h)
        return;
    if (s->n_hashes < DCR_ROLLUP_MAX)
        s->n_hashes++;
    memmove(&s->hash[i + 1], &s->hash[i], (s->n_hashes - 1 - i) * sizeof s->hash[0]);
    s->hash[i] = h;
}

static void add_shape(dcr_sketch *s, const dcr_dict_entry *e)
{
    char shape[DCR_SHAPE_MAX];
    if (s->shape[0] == '*' && s->shape[1] == 0)
        return;
    dcr_shape((const uint8_t *)e->p, e->n, shape);
    if (s->shape[0] == 0)
        memcpy(s->shape, shape, sizeof shape);
    else if (strcmp(s->shape, shape) != 0)
        memcpy(s->shape, "*", 2);
}

void dcr_sketch_add(dcr_sketch *s, const dcr_dict *values, uint32_t value, uint64_t files)
{
    const dcr_dict_entry *e = &values->entry[value];
    s->files += files;
    add_hash(s, dcr_hash64(e->p, e->n));
    if (e->n == 0) {
        s->empty += files;
        return;
    }
    add_shape(s, e);
    if (s->min == 0 || compare(e, &values->entry[s->min - 1]) < 0)
        s->min = value + 1;
    if (s->max == 0 || compare(e, &values->entry[s->max - 1]) > 0)
        s->max = value + 1;
}
