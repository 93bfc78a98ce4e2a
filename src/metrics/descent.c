/* Walks over sets of columns, depth first: partitions of cells refined on the way down,
 * cells merged between.
 *
 * A set is reached by adding places in falling order, so below a set whose last place is
 * p only the places under p are still added.  A node holds the cells, grouped by the set,
 * as far as they still matter below it:
 * - who is unique under the set is so under every larger one: the cell is told of once
 *   and goes;
 * - cells that agree in the set and in all places under p are one item, and if they have
 *   different owners none of them can be unique any more: the item is of MANY;
 * - a class without a cell that has an owner goes.
 * Within a class items stay sorted by their codes in the places under p, so that those to
 * be merged are neighbours. */
#include <string.h>

#include "alloc.h"
#include "lattice.h"

enum {
    MANY = 1u << 31,  /* flag of an item: of several subjects */
    FIRST = 1u << 30, /* flag of an item: first of its class */
    CELL = FIRST - 1,
    UNIQUE = UINT32_MAX, /* places of a bucket that gets none */
    DROPPED = UINT32_MAX - 1
};

typedef struct node {
    uint32_t *item; /* cells with flags, class by class */
    uint32_t n;
    size_t cap;
} node;

typedef struct bucket { /* the items of one code in a class */
    uint32_t n, owner, at;
    uint32_t owned; /* some item has an owner; then the flag of the next item to come */
} bucket;

struct dcr_descent {
    const dcr_lattice *l;
    node node[DCR_FRAME_MAX_COLUMNS + 1];
    bucket *bucket;         /* by code; n is 0 between splits */
    uint32_t *used;         /* codes met in the class in hand */
    uint32_t *code, *owner; /* of the items of the node in hand */
    bool skip_missing;
    dcr_minimal *minimal; /* NULL: not wanted */
    bool by_cell;
    bool *marked;     /* subjects unique under the set in hand; NULL: need not be known */
    uint32_t *marks;  /* them, in the order of their marking */
    uint32_t n_marks; /* of them; without marks the cells */
    uint32_t *count;  /* unique subjects per set of places; NULL: not wanted */
    unsigned max_size;
    uint64_t work, max_work, max_looked;
    bool lists_lost;
    /* The last order learned: node[i] is of its first i places, known[i] are the subjects
     * unique with those. */
    uint8_t order[DCR_FRAME_MAX_COLUMNS];
    uint32_t known[DCR_FRAME_MAX_COLUMNS + 1];
    size_t n_ordered;
    bool only_new; /* cells of marked subjects are as those of MANY */
    dcr_status rc;
    dcr_err *err;
};

static bool lists_full(const dcr_descent *w)
{
    return w->minimal != NULL && (w->minimal->looked > w->max_looked ||
                                  w->minimal->n_chunks > w->l->max_chunks);
}

/* Minimal sets may be too many where the numbers per set are not: those go on alone. */
static bool ended(dcr_descent *w)
{
    if (w->count != NULL && lists_full(w)) {
        w->minimal = NULL;
        w->lists_lost = true;
    }
    return w->rc != DCR_OK || w->work > w->max_work || lists_full(w);
}

static uint32_t owner_of(const dcr_descent *w, uint32_t item)
{
    return item & MANY ? DCR_LATTICE_MANY : w->l->owner[item & CELL];
}

static void tell_unique(dcr_descent *w, uint32_t cell, uint64_t set)
{
    uint32_t owner = w->l->owner[cell];
    bool is_new = w->marked == NULL || !w->marked[owner];
    if (is_new && w->marked != NULL) {
        w->marked[owner] = true;
        w->marks[w->n_marks] = owner;
    }
    w->n_marks += is_new;
    if (w->minimal != NULL && w->rc == DCR_OK && (w->by_cell || is_new))
        w->rc = dcr_minimal_add(w->minimal, w->by_cell ? cell : owner, set, w->err);
}

static void forget(dcr_descent *w, uint32_t n_marks)
{
    if (w->marked != NULL)
        for (uint32_t i = n_marks; i < w->n_marks; i++)
            w->marked[w->marks[i]] = false;
    w->n_marks = n_marks;
}

/* ---- down: a class is split by one more place ---- */

/* Fills the buckets; returns how many codes there are. */
static uint32_t sort_into_buckets(dcr_descent *w, const uint32_t *code,
                                  const uint32_t *owner, uint32_t n)
{
    uint32_t n_used = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t c = code[i];
        bucket *b = &w->bucket[c];
        if (c == 0 && w->skip_missing)
            continue;
        if (b->n++ == 0) {
            w->used[n_used++] = c;
            b->owner = owner[i];
            b->owned = 0;
        } else if (b->owner != owner[i])
            b->owner = DCR_LATTICE_MANY;
        b->owned |= owner[i] != DCR_LATTICE_MANY;
    }
    return n_used;
}

/* A class of two items, the commonest, needs no buckets. */
static void split_pair(dcr_descent *w, const uint32_t item[2], const uint32_t c[2],
                       uint64_t set, node *out)
{
    const bool skip = w->skip_missing;
    w->work += 2;
    if (c[0] == c[1]) {
        if (out == NULL || (skip && c[0] == 0))
            return;
        out->item[out->n++] = item[0];
        out->item[out->n++] = item[1];
        return;
    }
    for (int i = 0; i < 2; i++)
        if (!(item[i] & MANY) && !(skip && c[i] == 0))
            tell_unique(w, item[i] & CELL, set);
}

/* Splits the class of the items from `at` on; what is left of it goes behind the items of
 * `out`, unless that is NULL. */
static void split(dcr_descent *w, const node *from, uint32_t at, uint32_t n, uint64_t set,
                  node *out)
{
    const uint32_t *item = from->item + at, *code = w->code + at;
    uint32_t n_used = sort_into_buckets(w, code, w->owner + at, n);
    bool any = false;
    for (uint32_t u = 0; u < n_used; u++) {
        bucket *b = &w->bucket[w->used[u]];
        if (b->owner != DCR_LATTICE_MANY)
            b->at = UNIQUE;
        else if (b->owned == 0 || out == NULL)
            b->at = DROPPED;
        else {
            b->at = out->n;
            out->n += b->n;
            b->owned = FIRST;
        }
        any = any || b->at != DROPPED;
        b->n = 0;
    }
    for (uint32_t i = 0; i < n && any; i++) {
        uint32_t c = code[i];
        bucket *b = &w->bucket[c];
        if ((c == 0 && w->skip_missing) || b->at == DROPPED)
            continue;
        if (b->at == UNIQUE)
            tell_unique(w, item[i] & CELL, set);
        else {
            out->item[b->at++] = (item[i] & ~(uint32_t)FIRST) | b->owned;
            b->owned = 0;
        }
    }
    w->work += n;
}

static bool room_for(dcr_descent *w, node *out, uint32_t n)
{
    if (!dcr_grow(&out->item, &out->cap, n, sizeof *out->item))
        w->rc = dcr_nomem(w->err);
    return w->rc == DCR_OK;
}

/* Codes and owners lie far apart in memory: in a loop of their own the fetches overlap.
 */
static void fetch(dcr_descent *w, const node *from, unsigned place)
{
    const uint32_t *code = w->l->code[place];
    for (uint32_t i = 0; i < from->n; i++) {
        w->code[i] = code[from->item[i] & CELL];
        w->owner[i] = owner_of(w, from->item[i]);
    }
    for (uint32_t i = 0; w->only_new && i < from->n; i++)
        if (w->owner[i] != DCR_LATTICE_MANY && w->marked[w->owner[i]])
            w->owner[i] = DCR_LATTICE_MANY;
}

/* All classes of a node by one more place; `out` NULL: only told of who is unique. */
static void refine(dcr_descent *w, const node *from, unsigned place, uint64_t set,
                   node *out)
{
    if (out != NULL) {
        out->n = 0;
        if (!room_for(w, out, from->n))
            return;
    }
    fetch(w, from, place);
    for (uint32_t a = 0, b; a < from->n; a = b) {
        for (b = a + 1; b < from->n && !(from->item[b] & FIRST);)
            b++;
        if (b - a == 2 && w->owner[a] != w->owner[a + 1])
            split_pair(w, from->item + a, w->code + a, set, out);
        else
            split(w, from, a, b - a, set, out);
    }
}

/* ---- between: a place is left out for good ---- */

static bool of_one(const dcr_descent *w, const uint32_t *item, uint32_t n)
{
    uint32_t owner = owner_of(w, item[0]);
    for (uint32_t i = 1; i < n && owner != DCR_LATTICE_MANY; i++)
        if (owner_of(w, item[i]) != owner)
            return false;
    return owner != DCR_LATTICE_MANY;
}

/* Merges what differs only in the places from `place` on. */
static void merge(dcr_descent *w, node *n, unsigned place)
{
    const uint32_t *prefix = w->l->prefix[place - 1];
    uint32_t out = 0, a = 0, b;
    w->work += n->n;
    while (a < n->n) {
        uint32_t start = out, flag = FIRST;
        bool owned = false;
        do {
            uint32_t key = prefix[n->item[a] & CELL];
            for (b = a + 1;
                 b < n->n && !(n->item[b] & FIRST) && prefix[n->item[b] & CELL] == key;)
                b++;
            if (b - a == 1 || of_one(w, n->item + a, b - a)) {
                owned = owned || !(n->item[a] & MANY);
                for (; a < b; a++, flag = 0)
                    n->item[out++] = (n->item[a] & ~(uint32_t)FIRST) | flag;
            } else
                n->item[out++] = (n->item[a] & CELL) | MANY | flag;
            flag = 0;
            a = b;
        } while (a < n->n && !(n->item[a] & FIRST));
        if (!owned)
            out = start;
    }
    n->n = out;
}

/* ---- the walk ---- */

static void fill(const dcr_descent *w, uint64_t places, uint64_t n, uint32_t value)
{
    if (w->count != NULL)
        for (uint64_t i = 0; i < n; i++)
            w->count[places + i] = value;
}

/* Every set that adds places under `low` to `places`, the set of node `depth`. */
static void descend(dcr_descent *w, unsigned depth, uint64_t places, unsigned low)
{
    node *here = &w->node[depth];
    const uint32_t n_marks = w->n_marks;
    for (unsigned p = low; p-- > 0 && !ended(w);) {
        const uint64_t bit = (uint64_t)1 << p;
        node *below = p > 0 && depth + 1 < w->max_size ? here + 1 : NULL;
        if (here->n == 0) { /* nothing changes any more */
            fill(w, places + 1, 2 * bit - 1, n_marks);
            return;
        }
        refine(w, here, p, places | bit, below);
        fill(w, places | bit, below != NULL && below->n > 0 ? 1 : bit, w->n_marks);
        if (below != NULL && below->n > 0)
            descend(w, depth + 1, places | bit, p);
        forget(w, n_marks);
        if (p > 0 && w->max_size > 1) /* else it costs what it saves */
            merge(w, here, p);
    }
}

/* All cells in one class, or nothing when none can ever be unique. */
static void start(dcr_descent *w)
{
    node *root = &w->node[0];
    bool owned = false;
    root->n = 0;
    if (!room_for(w, root, w->l->n_cells))
        return;
    for (uint32_t i = 0; i < w->l->n_cells; i++) {
        bool many = w->l->owner[i] == DCR_LATTICE_MANY;
        root->item[i] = i | (many ? (uint32_t)MANY : 0) | (i == 0 ? (uint32_t)FIRST : 0);
        owned = owned || !many;
    }
    root->n = owned ? w->l->n_cells : 0;
}

dcr_status dcr_descent_open(dcr_descent **out, const dcr_lattice *l, bool only_new,
                            dcr_err *err)
{
    dcr_descent *w = dcr_alloc(1, sizeof *w);
    uint32_t n_codes = 0;
    *out = NULL;
    if (w == NULL)
        return dcr_nomem(err);
    for (size_t p = 0; p < l->n_columns; p++)
        if (l->n_codes[p] > n_codes)
            n_codes = l->n_codes[p];
    w->l = l;
    w->err = err;
    w->max_work = UINT64_MAX;
    w->max_looked = UINT64_MAX;
    w->bucket = dcr_alloc(n_codes, sizeof *w->bucket);
    w->used = dcr_alloc(n_codes, sizeof *w->used);
    w->code = dcr_alloc(l->n_cells, sizeof *w->code);
    w->owner = dcr_alloc(l->n_cells, sizeof *w->owner);
    if (!l->rows_alone) {
        w->marked = dcr_alloc(l->n_subjects, sizeof *w->marked);
        w->marks = dcr_alloc(l->n_subjects, sizeof *w->marks);
        w->only_new = only_new;
    }
    if (w->bucket == NULL || w->used == NULL || w->code == NULL || w->owner == NULL ||
        (!l->rows_alone && (w->marked == NULL || w->marks == NULL)))
        w->rc = dcr_nomem(err);
    else
        start(w);
    if (w->rc != DCR_OK) {
        dcr_status rc = w->rc;
        dcr_descent_free(w);
        return rc;
    }
    *out = w;
    return DCR_OK;
}

void dcr_descent_free(dcr_descent *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i <= DCR_FRAME_MAX_COLUMNS; i++)
        dcr_free(w->node[i].item);
    dcr_free(w->bucket);
    dcr_free(w->used);
    dcr_free(w->code);
    dcr_free(w->owner);
    dcr_free(w->marked);
    dcr_free(w->marks);
    dcr_free(w);
}

dcr_status dcr_descent_order(dcr_descent *w, const uint8_t *order, uint32_t *gain,
                             uint64_t *work, dcr_err *err)
{
    const size_t n = w->l->n_columns;
    size_t i = 0;
    w->err = err;
    while (i < w->n_ordered && w->order[i] == order[i])
        i++;
    forget(w, w->known[i]);
    for (; i < n && w->rc == DCR_OK; i++) {
        w->node[i + 1].n = 0;
        if (w->node[i].n > 0)
            refine(w, &w->node[i], order[i], 1, &w->node[i + 1]);
        w->order[i] = order[i];
        w->known[i + 1] = w->n_marks;
    }
    w->n_ordered = n;
    for (i = 0; i < n; i++) {
        gain[order[i]] = w->known[i + 1] - w->known[i];
        *work += w->node[i].n;
    }
    return w->rc;
}

dcr_status dcr_descent_ends(const dcr_lattice *l, bool msu, uint64_t max_work, bool *ends,
                            dcr_err *err)
{
    dcr_descent *w = NULL;
    dcr_status rc = dcr_descent_open(&w, l, false, err);
    *ends = false;
    if (rc != DCR_OK)
        return rc;
    dcr_free(w->marked); /* nobody asks who is unique */
    w->marked = NULL;
    w->skip_missing = msu;
    w->max_size = (unsigned)l->n_columns;
    w->max_work = max_work;
    descend(w, 0, 0, w->max_size);
    rc = w->rc;
    *ends = !ended(w);
    dcr_descent_free(w);
    return rc;
}

dcr_status dcr_descent_sets(const dcr_lattice *l, dcr_uniques *u, bool msu,
                            unsigned max_size, uint64_t max_work, uint64_t max_looked,
                            bool *all, dcr_err *err)
{
    dcr_descent *w = NULL;
    const bool count = !msu && max_size == l->n_columns && max_size <= DCR_LATTICE_EXACT;
    dcr_status rc = dcr_descent_open(&w, l, false, err);
    dcr_minimal_clear(&u->minimal);
    *all = false;
    if (rc == DCR_OK)
        rc = dcr_minimal_init(&u->minimal, msu ? l->n_cells : l->n_subjects,
                              (unsigned)l->n_columns, l->max_words, err);
    if (rc == DCR_OK && count) {
        u->count = dcr_alloc((size_t)1 << max_size, sizeof *u->count);
        rc = u->count == NULL ? dcr_nomem(err) : DCR_OK;
    }
    if (rc == DCR_OK) {
        w->minimal = &u->minimal;
        w->by_cell = msu;
        w->skip_missing = msu;
        w->count = count ? u->count : NULL;
        w->max_size = max_size;
        w->max_work = max_work;
        w->max_looked = max_looked;
        if (max_size > 0)
            descend(w, 0, 0, (unsigned)l->n_columns);
        rc = w->rc;
        *all = !ended(w) && !w->lists_lost;
        if (*all)
            dcr_minimal_settle(&u->minimal);
    }
    if (count && (rc != DCR_OK || ended(w))) {
        dcr_free(u->count);
        u->count = NULL;
    }
    dcr_descent_free(w);
    return rc;
}
