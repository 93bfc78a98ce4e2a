/* Sets of items, size by size: a set can be shared only when the set without its last
 * item is (Agrawal and Srikant 1994), so that sets are named by that one and the item. */
#include "itemsets.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

/* ---- sets of one size ---- */

typedef struct table { /* open addressing */
    uint64_t *key;     /* place of the set without its last item, that item */
    uint32_t *count;   /* holders; 0: free */
    uint32_t *inferred;
    size_t mask, n;
} table;

static void table_clear(table *t)
{
    dcr_free(t->key);
    dcr_free(t->count);
    dcr_free(t->inferred);
    memset(t, 0, sizeof *t);
}

static bool table_init(table *t, size_t n_slots)
{
    t->key = dcr_alloc(n_slots, sizeof *t->key);
    t->count = dcr_alloc(n_slots, sizeof *t->count);
    t->inferred = dcr_alloc(n_slots, sizeof *t->inferred);
    t->mask = n_slots - 1;
    t->n = 0;
    return t->key != NULL && t->count != NULL && t->inferred != NULL;
}

static size_t place_of(const table *t, uint64_t key)
{
    uint64_t h = key * 0x9E3779B97F4A7C15ull;
    size_t i;
    h = (h ^ h >> 32) * 0xff51afd7ed558ccdull;
    for (i = (h ^ h >> 29) & t->mask; t->count[i] != 0 && t->key[i] != key;)
        i = (i + 1) & t->mask;
    return i;
}

/* A table of the sets of `from` with at least `least` holders; frees `from`. */
static bool rebuild(table *from, uint32_t least)
{
    table to = {0};
    size_t kept = 0, n_slots = 64;
    bool ok;
    for (size_t i = 0; i <= from->mask; i++)
        kept += from->count[i] >= least;
    while (n_slots < kept * 3)
        n_slots *= 2;
    ok = table_init(&to, n_slots);
    for (size_t i = 0; ok && i <= from->mask; i++) {
        size_t at;
        if (from->count[i] < least)
            continue;
        at = place_of(&to, from->key[i]);
        to.key[at] = from->key[i];
        to.count[at] = from->count[i];
        to.inferred[at] = from->inferred[i];
    }
    to.n = kept;
    table_clear(ok ? from : &to);
    if (ok)
        *from = to;
    return ok;
}

/* ---- walking the sets of a holder ---- */

typedef struct counter {
    const dcr_items *l;
    uint32_t *count, *inferred; /* by item: holders */
    uint32_t *item; /* of each holder, those with more holders only; the rarest first */
    size_t *first;  /* n_holders + 1, into item */
    table set[DCR_ITEMSETS_MAX + 1]; /* by size from 2 on; when done, shared ones only */
    /* of the holder and size in hand: */
    size_t last;
    uint32_t m;
    bool is_inferred, judging, failed;
    uint64_t shared; /* sets with more holders */
    uint32_t k, k_low;
} counter;

static void judge(counter *c, uint32_t count, uint32_t inferred)
{
    uint32_t low = count - inferred + (inferred > 0);
    c->shared++;
    c->k = c->k == 0 || count < c->k ? count : c->k;
    c->k_low = c->k_low == 0 || low < c->k_low ? low : c->k_low;
}

static void leaf(counter *c, uint64_t key)
{
    table *t = &c->set[c->m];
    size_t at;
    if (!c->judging && t->n * 2 > t->mask && !rebuild(t, 1))
        c->failed = true;
    if (c->failed)
        return;
    at = place_of(t, key);
    if (c->judging) {
        if (t->count[at] > 0)
            judge(c, t->count[at], t->inferred[at]);
        return;
    }
    t->n += t->count[at] == 0;
    t->key[at] = key;
    t->count[at]++;
    t->inferred[at] += c->is_inferred;
}

/* All sets of m items that begin with the shared set at `prefix` of `size` items; goes
 * DCR_ITEMSETS_MAX deep at most. */
static void extend(counter *c, uint32_t size, uint64_t prefix, size_t from)
{
    for (size_t i = from; i < c->last && !c->failed; i++) {
        uint64_t key = prefix << 32 | c->item[i];
        if (size + 1 == c->m) {
            leaf(c, key);
        } else if (size == 0) {
            extend(c, 1, c->item[i], i + 1);
        } else {
            size_t at = place_of(&c->set[size + 1], key);
            if (c->set[size + 1].count[at] > 0)
                extend(c, size + 1, at, i + 1);
        }
    }
}

static void walk(counter *c, uint32_t holder, uint32_t m, bool judging)
{
    c->m = m;
    c->judging = judging;
    c->last = c->first[holder + 1];
    c->is_inferred = c->l->inferred != NULL && c->l->inferred[holder];
    c->shared = 0;
    c->k = c->k_low = 0;
    if (m > 1)
        extend(c, 0, 0, c->first[holder]);
    else
        for (size_t i = c->first[holder]; i < c->last; i++)
            judge(c, c->count[c->item[i]], c->inferred[c->item[i]]);
}

/* ---- the rarest items first ---- */

typedef struct ranked {
    uint32_t item, count;
} ranked;

static int by_rank(const void *pa, const void *pb)
{
    const ranked *a = pa, *b = pb;
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    return (a->item > b->item) - (a->item < b->item);
}

static size_t longest(const dcr_items *l)
{
    size_t n = 0;
    for (uint32_t h = 0; h < l->n_holders; h++)
        n = l->first[h + 1] - l->first[h] > n ? l->first[h + 1] - l->first[h] : n;
    return n;
}

static bool counter_init(counter *c, const dcr_items *l)
{
    size_t n = 0;
    ranked *r = dcr_alloc(longest(l), sizeof *r);
    c->l = l;
    c->count = dcr_alloc(l->n_items, sizeof *c->count);
    c->inferred = dcr_alloc(l->n_items, sizeof *c->inferred);
    c->item = dcr_alloc(l->first[l->n_holders], sizeof *c->item);
    c->first = dcr_alloc((size_t)l->n_holders + 1, sizeof *c->first);
    if (r == NULL || c->count == NULL || c->inferred == NULL || c->item == NULL ||
        c->first == NULL) {
        dcr_free(r);
        return false;
    }
    for (uint32_t h = 0; h < l->n_holders; h++)
        for (size_t i = l->first[h]; i < l->first[h + 1]; i++) {
            c->count[l->item[i]]++;
            c->inferred[l->item[i]] += l->inferred != NULL && l->inferred[h];
        }
    for (uint32_t h = 0; h < l->n_holders; h++) {
        size_t here = 0;
        for (size_t i = l->first[h]; i < l->first[h + 1]; i++)
            if (c->count[l->item[i]] > 1)
                r[here++] = (ranked){l->item[i], c->count[l->item[i]]};
        qsort(r, here, sizeof *r, by_rank);
        for (size_t i = 0; i < here; i++)
            c->item[n++] = r[i].item;
        c->first[h + 1] = n;
    }
    dcr_free(r);
    return true;
}

static void counter_clear(counter *c)
{
    dcr_free(c->count);
    dcr_free(c->inferred);
    dcr_free(c->item);
    dcr_free(c->first);
    for (uint32_t m = 0; m <= DCR_ITEMSETS_MAX; m++)
        table_clear(&c->set[m]);
}

/* ---- one size ---- */

uint64_t dcr_choose(uint64_t n, uint32_t m)
{
    uint64_t c = 1;
    for (uint32_t i = 0; i < m; i++) { /* C(n, i + 1) = C(n, i) * (n - i) / (i + 1) */
        if (i >= n)
            return 0;
        if (c > UINT64_MAX / (n - i))
            return UINT64_MAX;
        c = c * (n - i) / (i + 1);
    }
    return c;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The work of listing sets; the same however items are named or ordered. */
static bool too_many(const counter *c, uint32_t m, uint64_t most)
{
    uint64_t n = 0;
    for (uint32_t h = 0; h < c->l->n_holders && n <= most; h++)
        n = add(n, dcr_choose(c->first[h + 1] - c->first[h], m));
    return m > 1 && n > most;
}

static void count_shared(dcr_itemsets *o, uint32_t support)
{
    o->n = add(o->n, 1);
    for (size_t b = 0; b < DCR_BELOW_N; b++)
        o->n_below[b] = add(o->n_below[b], support < dcr_below[b]);
}

/* From what was listed to the figures; sets that were not listed have one holder. */
static void judge_size(counter *c, dcr_itemsets *o)
{
    const dcr_items *l = c->l;
    uint64_t alone = 0;
    for (uint32_t h = 0; h < l->n_holders; h++) {
        uint64_t all = dcr_choose(l->first[h + 1] - l->first[h], o->m);
        if (all == 0)
            continue;
        walk(c, h, o->m, true);
        o->k[h] = c->shared < all ? 1 : c->k;
        o->k_low[h] = c->shared < all ? 1 : c->k_low;
        o->unique[h] = (double)(all - c->shared) / (double)all;
        alone = add(alone, all - c->shared);
    }
    o->n = alone;
    for (size_t b = 0; b < DCR_BELOW_N; b++)
        o->n_below[b] = alone;
    if (o->m == 1)
        for (uint32_t i = 0; i < l->n_items; i++) {
            if (c->count[i] > 1)
                count_shared(o, c->count[i]);
        }
    else
        for (size_t i = 0; i <= c->set[o->m].mask; i++) {
            if (c->set[o->m].count[i] > 1)
                count_shared(o, c->set[o->m].count[i]);
        }
}

static dcr_status count_size(counter *c, dcr_itemsets *o, dcr_err *err)
{
    table *t = &c->set[o->m];
    uint32_t n = c->l->n_holders;
    o->k = dcr_alloc(n, sizeof *o->k);
    o->k_low = dcr_alloc(n, sizeof *o->k_low);
    o->unique = dcr_alloc(n, sizeof *o->unique);
    if (o->k == NULL || o->k_low == NULL || o->unique == NULL)
        return dcr_nomem(err);
    if (o->m > 1) {
        if (!table_init(t, 64))
            return dcr_nomem(err);
        for (uint32_t h = 0; h < n && !c->failed; h++)
            walk(c, h, o->m, false);
        if (c->failed || !rebuild(t, 2))
            return dcr_nomem(err);
    }
    judge_size(c, o);
    return DCR_OK;
}

dcr_status dcr_itemsets_count(dcr_itemsets *out, uint32_t max_m, const dcr_items *l,
                              uint64_t most, dcr_err *err)
{
    counter c = {0};
    bool refused = false;
    dcr_status rc = DCR_OK;
    memset(out, 0, max_m * sizeof *out);
    if (!counter_init(&c, l))
        rc = dcr_nomem(err);
    for (uint32_t m = 1; m <= max_m && rc == DCR_OK; m++) {
        out[m - 1].m = m;
        refused = refused || too_many(&c, m, most);
        out[m - 1].refused = refused;
        if (!refused)
            rc = count_size(&c, &out[m - 1], err);
    }
    counter_clear(&c);
    return rc;
}

void dcr_itemsets_clear(dcr_itemsets *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        dcr_free(list[i].k);
        dcr_free(list[i].k_low);
        dcr_free(list[i].unique);
    }
    memset(list, 0, n * sizeof *list);
}

void dcr_items_clear(dcr_items *l)
{
    dcr_free(l->first);
    dcr_free(l->item);
    dcr_free(l->inferred);
    memset(l, 0, sizeof *l);
}
