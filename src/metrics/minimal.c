#include "minimal.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

dcr_status dcr_minimal_init(dcr_minimal *m, uint32_t n, dcr_err *err)
{
    memset(m, 0, sizeof *m);
    m->n = n;
    m->head = dcr_alloc(n, sizeof *m->head);
    return m->head == NULL ? dcr_nomem(err) : DCR_OK;
}

void dcr_minimal_clear(dcr_minimal *m)
{
    dcr_free(m->head);
    dcr_free(m->mask);
    dcr_free(m->next);
    memset(m, 0, sizeof *m);
}

/* A free place, 1 + its number; 0 when no memory. */
static uint32_t place_for(dcr_minimal *m)
{
    uint32_t at = m->spare;
    if (at != 0) {
        m->spare = m->next[at - 1];
        return at;
    }
    if (m->n_used >= UINT32_MAX - 1 ||
        !dcr_grow(&m->mask, &m->cap_mask, m->n_used + 1, sizeof *m->mask) ||
        !dcr_grow(&m->next, &m->cap_next, m->n_used + 1, sizeof *m->next))
        return 0;
    return (uint32_t)++m->n_used;
}

dcr_status dcr_minimal_add(dcr_minimal *m, uint32_t who, uint64_t set, dcr_err *err)
{
    uint32_t *link = &m->head[who], at;
    while ((at = *link) != 0) {
        uint64_t here = m->mask[at - 1];
        if ((here & ~set) == 0)
            return DCR_OK;
        if ((set & ~here) == 0) {
            *link = m->next[at - 1];
            m->next[at - 1] = m->spare;
            m->spare = at;
            m->n_sets--;
        } else
            link = &m->next[at - 1];
    }
    at = place_for(m);
    if (at == 0)
        return dcr_nomem(err);
    m->mask[at - 1] = set;
    m->next[at - 1] = m->head[who];
    m->head[who] = at;
    m->n_sets++;
    return DCR_OK;
}

/* ---- how many have each ---- */

typedef struct tally { /* a hash table by set; a set is never 0 */
    dcr_set_count *slot;
    size_t n, mask;
} tally;

static dcr_set_count *slot_of(const tally *t, uint64_t set)
{
    size_t i = (size_t)((set * 0x9E3779B97F4A7C15u) >> 20) & t->mask;
    while (t->slot[i].set != 0 && t->slot[i].set != set)
        i = (i + 1) & t->mask;
    return &t->slot[i];
}

static bool enlarge(tally *t, size_t n_slots)
{
    tally big = {.slot = dcr_alloc(n_slots, sizeof *big.slot), .mask = n_slots - 1};
    if (big.slot == NULL)
        return false;
    for (size_t i = 0; t->slot != NULL && i <= t->mask; i++)
        if (t->slot[i].set != 0)
            *slot_of(&big, t->slot[i].set) = t->slot[i];
    big.n = t->n;
    dcr_free(t->slot);
    *t = big;
    return true;
}

static int by_count(const void *a, const void *b)
{
    const dcr_set_count *x = a, *y = b;
    int size_x = __builtin_popcountll(x->set), size_y = __builtin_popcountll(y->set);
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    if (size_x != size_y)
        return size_x < size_y ? -1 : 1;
    return (x->set > y->set) - (x->set < y->set);
}

dcr_status dcr_minimal_tally(const dcr_minimal *m, dcr_set_count **out, size_t *n,
                             dcr_err *err)
{
    tally t = {0};
    bool ok = enlarge(&t, 256);
    size_t kept = 0;
    *out = NULL;
    *n = 0;
    for (uint32_t who = 0; who < m->n && ok; who++)
        for (uint32_t at = m->head[who]; at != 0 && ok; at = m->next[at - 1]) {
            dcr_set_count *s = slot_of(&t, m->mask[at - 1]);
            t.n += s->set == 0;
            s->set = m->mask[at - 1];
            s->n++;
            ok = t.n * 2 <= t.mask || enlarge(&t, 2 * (t.mask + 1));
        }
    if (!ok) {
        dcr_free(t.slot);
        return dcr_nomem(err);
    }
    for (size_t i = 0; i <= t.mask; i++)
        if (t.slot[i].set != 0)
            t.slot[kept++] = t.slot[i];
    qsort(t.slot, kept, sizeof *t.slot, by_count);
    *out = t.slot;
    *n = kept;
    return DCR_OK;
}
