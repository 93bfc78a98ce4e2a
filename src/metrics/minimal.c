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
    dcr_free(m->chunk);
    memset(m, 0, sizeof *m);
}

/* An empty chunk before the others of a list; false: no memory. */
static bool add_chunk(dcr_minimal *m, uint32_t *head)
{
    uint32_t at = m->spare;
    if (at != 0)
        m->spare = m->chunk[at - 1].next;
    else {
        if (m->n_chunks >= UINT32_MAX - 1 ||
            !dcr_grow(&m->chunk, &m->cap, m->n_chunks + 1, sizeof *m->chunk))
            return false;
        at = (uint32_t)++m->n_chunks;
    }
    m->chunk[at - 1].n = 0;
    m->chunk[at - 1].next = *head;
    *head = at;
    return true;
}

/* Takes a set out of a list: the last set of its first chunk goes there. */
static void take_out(dcr_minimal *m, uint32_t *head, uint64_t *set)
{
    dcr_minimal_chunk *first = &m->chunk[*head - 1];
    uint32_t next = first->next;
    *set = first->set[--first->n];
    m->n_sets--;
    if (first->n == 0) {
        first->next = m->spare;
        m->spare = *head;
        *head = next;
    }
}

dcr_status dcr_minimal_add(dcr_minimal *m, uint32_t who, uint64_t set, dcr_err *err)
{
    uint32_t *head = &m->head[who];
    for (uint32_t at = *head; at != 0; at = m->chunk[at - 1].next)
        for (uint32_t i = 0; i < m->chunk[at - 1].n; i++)
            if ((m->chunk[at - 1].set[i] & ~set) == 0)
                return DCR_OK;
    /* What contains it goes.  Whatever take_out() moves to a freed place was looked at:
     * the first chunk was the first to be, and from its end. */
    for (uint32_t at = *head; at != 0;) {
        dcr_minimal_chunk *c = &m->chunk[at - 1];
        uint32_t next = c->next;
        for (uint32_t i = c->n; i-- > 0;)
            if ((set & ~c->set[i]) == 0)
                take_out(m, head, &c->set[i]);
        at = next;
    }
    if ((*head == 0 || m->chunk[*head - 1].n == DCR_MINIMAL_CHUNK) && !add_chunk(m, head))
        return dcr_nomem(err);
    m->chunk[*head - 1].set[m->chunk[*head - 1].n++] = set;
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
        for (uint32_t at = m->head[who]; at != 0 && ok; at = m->chunk[at - 1].next)
            for (uint32_t i = 0; i < m->chunk[at - 1].n && ok; i++) {
                dcr_set_count *s = slot_of(&t, m->chunk[at - 1].set[i]);
                t.n += s->set == 0;
                s->set = m->chunk[at - 1].set[i];
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
