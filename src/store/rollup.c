#include "rollup.h"

#include <string.h>

#include "hash.h"
#include "mask.h"

void dcr_rollup_clear(dcr_rollup *k)
{
    dcr_buf_clear(&k->min);
    dcr_buf_clear(&k->max);
    dcr_buf_clear(&k->shape);
}

bool dcr_rollup_whole(const dcr_rollup *k)
{
    return !k->min.failed && !k->max.failed && !k->shape.failed;
}

static int compare(dcr_bytes a, const dcr_buf *b)
{
    size_t n = a.n < b->n ? a.n : b->n;
    int c = n == 0 ? 0 : memcmp(a.p, b->p, n);
    return c != 0 ? c : (a.n > b->n) - (a.n < b->n);
}

static void set(dcr_buf *to, const void *p, size_t n)
{
    to->n = 0;
    dcr_buf_add(to, p, n);
}

static void add_hash(dcr_rollup *k, uint64_t h)
{
    uint32_t i = k->n_hashes;
    while (i > 0 && k->hash[i - 1] > h)
        i--;
    if ((i > 0 && k->hash[i - 1] == h) || i == DCR_ROLLUP_MAX)
        return;
    if (k->n_hashes < DCR_ROLLUP_MAX)
        k->n_hashes++;
    memmove(k->hash + i + 1, k->hash + i, (k->n_hashes - 1 - i) * sizeof *k->hash);
    k->hash[i] = h;
}

static void add_range(dcr_rollup *k, dcr_bytes lo, dcr_bytes hi, dcr_bytes shape)
{
    if (k->min.p == NULL || compare(lo, &k->min) < 0)
        set(&k->min, lo.p, lo.n);
    if (k->max.p == NULL || compare(hi, &k->max) > 0)
        set(&k->max, hi.p, hi.n);
    if (k->shape.p == NULL)
        set(&k->shape, shape.p, shape.n);
    else if (compare(shape, &k->shape) != 0)
        set(&k->shape, "*", 1);
}

void dcr_rollup_value(dcr_rollup *k, dcr_bytes v, uint64_t files)
{
    char text[DCR_SHAPE_MAX];
    dcr_bytes shape = {(const uint8_t *)text, 0};
    k->files += files;
    add_hash(k,
             dcr_hash64(v.p, v.n)); /* the empty value is one of them, as in the worker */
    if (v.n == 0) {
        k->empty += files;
        return;
    }
    dcr_shape(v.p, v.n, text);
    shape.n = (uint32_t)strlen(text);
    add_range(k, v, v, shape);
}

void dcr_rollup_join(dcr_rollup *k, const dcr_batch_rollup *r, const dcr_bytes *strings)
{
    k->files += r->files;
    k->empty += r->empty;
    add_range(k, strings[r->min], strings[r->max], strings[r->shape]);
    for (uint32_t i = 0; i < r->n_hashes; i++)
        add_hash(k, r->hashes[i]);
}

static dcr_bytes bytes_of(const dcr_buf *b)
{
    dcr_bytes v = {(const uint8_t *)(b->p == NULL ? "" : b->p), (uint32_t)b->n};
    return v;
}

void dcr_rollup_merge(dcr_rollup *k, const dcr_rollup *r)
{
    k->files += r->files;
    k->empty += r->empty;
    if (r->min.p != NULL)
        add_range(k, bytes_of(&r->min), bytes_of(&r->max), bytes_of(&r->shape));
    for (uint32_t i = 0; i < r->n_hashes; i++)
        add_hash(k, r->hash[i]);
}
