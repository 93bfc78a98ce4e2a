#include "minimal.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

enum { MOST_BITS = 24 }; /* elements of which there may be bits */

dcr_status dcr_minimal_init(dcr_minimal *m, uint32_t n, unsigned n_elements,
                            size_t max_words, dcr_err *err)
{
    size_t words = n_elements <= 6 ? 1 : (size_t)1 << (n_elements - 6);
    memset(m, 0, sizeof *m);
    m->n = n;
    m->n_elements = n_elements;
    if (n_elements <= MOST_BITS && n <= max_words / words) {
        m->n_words = words;
        m->bit = dcr_alloc(n * words, sizeof *m->bit);
    } else
        m->head = dcr_alloc(n, sizeof *m->head);
    return m->bit == NULL && m->head == NULL ? dcr_nomem(err) : DCR_OK;
}

void dcr_minimal_clear(dcr_minimal *m)
{
    dcr_free(m->bit);
    dcr_free(m->head);
    dcr_free(m->chunk);
    memset(m, 0, sizeof *m);
}

/* ---- bits ---- */

/* Positions in a word whose bit b is 0: sets without element b, for b below 6. */
static const uint64_t without[6] = {0x5555555555555555u, 0x3333333333333333u,
                                    0x0F0F0F0F0F0F0F0Fu, 0x00FF00FF00FF00FFu,
                                    0x0000FFFF0000FFFFu, 0x00000000FFFFFFFFu};

/* Adds all sets that contain one that is there. */
static void close_upwards(uint64_t *word, size_t n_words, unsigned n_elements)
{
    unsigned low = n_elements < 6 ? n_elements : 6;
    for (size_t i = 0; i < n_words; i++)
        for (unsigned b = 0; b < low; b++)
            word[i] |= (word[i] & without[b]) << (1u << b);
    for (size_t stride = 1; stride < n_words; stride *= 2)
        for (size_t i = 0; i < n_words; i += 2 * stride)
            for (size_t k = i; k < i + stride; k++)
                word[k + stride] |= word[k];
}

/* Of sets closed upwards leaves those that do not without any one element; from the end,
 * so that smaller sets are still there to be asked. */
static size_t keep_minimal(uint64_t *word, size_t n_words, unsigned n_elements)
{
    unsigned low = n_elements < 6 ? n_elements : 6;
    size_t n = 0;
    for (size_t i = n_words; i-- > 0;) {
        uint64_t more = 0;
        for (unsigned b = 0; b < low; b++)
            more |= (word[i] & without[b]) << (1u << b);
        for (size_t bits = i; bits != 0; bits &= bits - 1)
            more |= word[i ^ (bits & -bits)];
        word[i] &= ~more;
        n += (size_t)__builtin_popcountll(word[i]);
    }
    return n;
}

static bool none(const uint64_t *word, size_t n_words)
{
    for (size_t i = 0; i < n_words; i++)
        if (word[i] != 0)
            return false;
    return true;
}

void dcr_minimal_settle(dcr_minimal *m)
{
    for (uint32_t who = 0; who < m->n && m->bit != NULL; who++) {
        uint64_t *word = m->bit + who * m->n_words;
        if (none(word, m->n_words))
            continue;
        close_upwards(word, m->n_words, m->n_elements);
        m->n_sets += keep_minimal(word, m->n_words, m->n_elements);
    }
}

/* ---- lists ---- */

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

static bool contains_one(dcr_minimal *m, uint32_t head, uint64_t set)
{
    for (uint32_t at = head; at != 0; at = m->chunk[at - 1].next) {
        m->looked += m->chunk[at - 1].n;
        for (uint32_t i = 0; i < m->chunk[at - 1].n; i++)
            if ((m->chunk[at - 1].set[i] & ~set) == 0)
                return true;
    }
    return false;
}

/* What contains the set goes.  Whatever take_out() moves to a freed place was looked at:
 * the first chunk was the first to be, and from its end. */
static void take_out_larger(dcr_minimal *m, uint32_t *head, uint64_t set)
{
    for (uint32_t at = *head; at != 0;) {
        dcr_minimal_chunk *c = &m->chunk[at - 1];
        uint32_t next = c->next;
        m->looked += c->n;
        for (uint32_t i = c->n; i-- > 0;)
            if ((set & ~c->set[i]) == 0)
                take_out(m, head, &c->set[i]);
        at = next;
    }
}

dcr_status dcr_minimal_add(dcr_minimal *m, uint32_t who, uint64_t set, dcr_err *err)
{
    uint32_t *head;
    dcr_minimal_chunk *first;
    if (m->bit != NULL) {
        m->bit[who * m->n_words + (set >> 6)] |= (uint64_t)1 << (set & 63);
        return DCR_OK;
    }
    head = &m->head[who];
    if (contains_one(m, *head, set))
        return DCR_OK;
    take_out_larger(m, head, set);
    if ((*head == 0 || m->chunk[*head - 1].n == DCR_MINIMAL_CHUNK) && !add_chunk(m, head))
        return dcr_nomem(err);
    first = &m->chunk[*head - 1];
    first->set[first->n++] = set;
    m->n_sets++;
    return DCR_OK;
}

/* ---- asked ---- */

static uint64_t next_bit(dcr_minimal_walk *walk)
{
    const dcr_minimal *m = walk->m;
    const uint64_t *word = m->bit + walk->who * m->n_words;
    uint64_t found;
    if (!walk->started)
        walk->left = word[0];
    walk->started = true;
    while (walk->left == 0) {
        if (walk->word + 1 >= m->n_words)
            return 0;
        walk->left = word[++walk->word];
    }
    found = walk->word << 6 | (uint64_t)__builtin_ctzll(walk->left);
    walk->left &= walk->left - 1;
    return found;
}

uint64_t dcr_minimal_next(dcr_minimal_walk *walk)
{
    const dcr_minimal *m = walk->m;
    if (m->bit != NULL)
        return next_bit(walk);
    if (!walk->started)
        walk->chunk = m->head[walk->who];
    walk->started = true;
    if (walk->chunk != 0 && walk->at >= m->chunk[walk->chunk - 1].n) {
        walk->chunk = m->chunk[walk->chunk - 1].next;
        walk->at = 0;
    }
    return walk->chunk == 0 ? 0 : m->chunk[walk->chunk - 1].set[walk->at++];
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

static uint64_t rename_elements(uint64_t set, const uint8_t *name)
{
    uint64_t named = 0;
    for (; set != 0; set &= set - 1)
        named |= (uint64_t)1 << name[__builtin_ctzll(set)];
    return named;
}

dcr_status dcr_minimal_tally(const dcr_minimal *m, const uint8_t *name,
                             dcr_set_count **out, size_t *n, dcr_err *err)
{
    tally t = {0};
    bool ok = enlarge(&t, 256);
    size_t kept = 0;
    *out = NULL;
    *n = 0;
    for (uint32_t who = 0; who < m->n && ok; who++) {
        dcr_minimal_walk walk = {.m = m, .who = who};
        for (uint64_t set; ok && (set = dcr_minimal_next(&walk)) != 0;) {
            dcr_set_count *s = slot_of(&t, set);
            t.n += s->set == 0;
            s->set = set;
            s->n++;
            ok = t.n * 2 <= t.mask || enlarge(&t, 2 * (t.mask + 1));
        }
    }
    if (!ok) {
        dcr_free(t.slot);
        return dcr_nomem(err);
    }
    for (size_t i = 0; i <= t.mask; i++)
        if (t.slot[i].set != 0) {
            t.slot[kept].set = rename_elements(t.slot[i].set, name);
            t.slot[kept++].n = t.slot[i].n;
        }
    qsort(t.slot, kept, sizeof *t.slot, by_count);
    *out = t.slot;
    *n = kept;
    return DCR_OK;
}
