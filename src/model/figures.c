/* Figures of every attribute: its values by bytes, and how far they tell people apart. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "build.h"

/* ---- values by bytes ---- */

typedef struct keyed { /* a pair, and eight bytes of its value that mostly decide */
    uint64_t key;
    uint32_t pair;
} keyed;

static const build *sorting; /* qsort has no context; the model is built by one thread */

static dcr_bytes value_of(const build *b, uint32_t at)
{
    return b->value[b->pairs[at].value];
}

static int by_key(const void *pa, const void *pb)
{
    const keyed *a = pa, *b = pb;
    return (a->key > b->key) - (a->key < b->key);
}

/* The same bytes may stand there twice, as text and as what nobody could decode: then the
 * flags decide, and not the number that a scan happened to give. */
static int by_value(const void *pa, const void *pb)
{
    const keyed *a = pa, *b = pb;
    uint32_t fa = sorting->pairs[a->pair].flags, fb = sorting->pairs[b->pair].flags;
    int c = by_key(pa, pb);
    if (c == 0)
        c = dcr_bytes_compare(value_of(sorting, a->pair), value_of(sorting, b->pair));
    return c != 0 ? c : (fa > fb) - (fa < fb);
}

/* Bytes that all of the values begin with, which are `known` or more: those of one
 * attribute are often much alike. */
static uint32_t common_prefix(const build *b, const keyed *k, size_t n, uint32_t known)
{
    dcr_bytes first = value_of(b, k[0].pair);
    uint32_t common = first.n;
    for (size_t i = 1; i < n && common > known; i++) {
        dcr_bytes v = value_of(b, k[i].pair);
        uint32_t c = known;
        common = v.n < common ? v.n : common;
        while (c < common && v.p[c] == first.p[c])
            c++;
        common = c;
    }
    return common;
}

static uint64_t key_at(dcr_bytes v, uint32_t from)
{
    uint64_t key = 0;
    for (uint32_t i = from; i < from + 8; i++)
        key = key << 8 | (i < v.n ? v.p[i] : 0);
    return key;
}

/* Keys from the first bytes in which the values differ; returns where those are. */
static uint32_t set_keys(const build *b, keyed *k, size_t n, uint32_t known)
{
    uint32_t common = common_prefix(b, k, n, known);
    for (size_t i = 0; i < n; i++)
        k[i].key = key_at(value_of(b, k[i].pair), common);
    return common;
}

/* Sorts the pairs of one attribute by their values.  What agrees in its key gets another
 * one: values lie far apart in memory and are looked at as seldom as can be. */
static void sort_pairs(const build *b, uint32_t *which, size_t n, keyed *work)
{
    uint32_t common;
    for (size_t i = 0; i < n; i++)
        work[i].pair = which[i];
    common = set_keys(b, work, n, 0);
    qsort(work, n, sizeof *work, by_key);
    sorting = b;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && work[end].key == work[i].key;)
            end++;
        if (end - i < 2)
            continue;
        set_keys(b, work + i, end - i, common);
        qsort(work + i, end - i, sizeof *work, by_value);
    }
    for (size_t i = 0; i < n; i++)
        which[i] = work[i].pair;
}

/* Pairs by attribute: those of attribute a are which[first[a] .. first[a + 1]). */
static void group_pairs(const build *b, size_t *first, uint32_t *which)
{
    size_t n_attrs = b->m->n_attrs;
    for (size_t i = 0; i < b->n_pairs; i++)
        first[b->pairs[i].attr + 2]++;
    for (size_t a = 2; a < n_attrs + 2; a++)
        first[a] += first[a - 1];
    for (size_t i = 0; i < b->n_pairs; i++)
        which[first[b->pairs[i].attr + 1]++] = (uint32_t)i;
}

/* For each pair the series that have it, ascending: `seen` turned round.  lists[i] is
 * lent by the arena. */
static dcr_status turn_round(build *b, uint32_t **lists, dcr_err *err)
{
    uint32_t *all = dcr_arena_alloc(b->arena, b->n_seen, sizeof *all);
    size_t at = 0;
    if (all == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < b->n_pairs; i++) {
        lists[i] = all + at;
        at += b->pairs[i].series;
    }
    at = 0;
    for (uint32_t s = 0; s < b->m->n_series; s++)
        for (; at < b->seen_end[s]; at++)
            *lists[b->seen[at]]++ = s;
    for (size_t i = 0; i < b->n_pairs; i++)
        lists[i] -= b->pairs[i].series;
    return DCR_OK;
}

static void fill_value(const build *b, const pair *p, const uint32_t *list, dcr_value *v)
{
    v->bytes = b->value[p->value].p;
    v->len = b->value[p->value].n;
    v->flags = p->flags;
    v->subjects = p->subjects;
    v->studies = p->studies;
    v->series = p->series;
    v->files = p->files;
    v->first_subject = p->first_subject;
    v->in_series = p->series == 0 ? NULL : list;
}

static dcr_status fill_values(build *b, dcr_err *err)
{
    dcr_model *m = b->m;
    size_t n = b->n_pairs, most = 0;
    dcr_value *v = dcr_arena_alloc(b->arena, n, sizeof *v);
    size_t *first = dcr_alloc(m->n_attrs + 2, sizeof *first);
    uint32_t *which = dcr_alloc(n, sizeof *which);
    uint32_t **lists = dcr_alloc(n, sizeof *lists);
    keyed *work = NULL;
    if (first != NULL && which != NULL && lists != NULL &&
        turn_round(b, lists, err) == DCR_OK) {
        group_pairs(b, first, which);
        for (size_t a = 0; a < m->n_attrs; a++)
            most = first[a + 1] - first[a] > most ? first[a + 1] - first[a] : most;
        work = dcr_alloc(most, sizeof *work);
    }
    for (size_t a = 0; v != NULL && work != NULL && a < m->n_attrs; a++) {
        m->attrs[a].n_values = first[a + 1] - first[a];
        if (m->attrs[a].n_values == 0)
            continue;
        sort_pairs(b, which + first[a], m->attrs[a].n_values, work);
        m->attrs[a].values = v + first[a];
        for (size_t i = first[a]; i < first[a + 1]; i++)
            fill_value(b, &b->pairs[which[i]], lists[which[i]], &v[i]);
    }
    dcr_free(lists);
    dcr_free(work);
    dcr_free(which);
    dcr_free(first);
    return v == NULL || work == NULL ? dcr_nomem(err) : DCR_OK;
}

/* ---- figures ---- */

static bool is_real(const dcr_value *v)
{
    return (v->flags & (DCR_VALUE_EMPTY | DCR_VALUE_DUMMY)) == 0;
}

static void figures(build *b, uint32_t attr, uint32_t *mark)
{
    dcr_attr *a = &b->m->attrs[attr];
    double pairs = 0, sum = 0;
    const dcr_value *only = NULL;
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        if (!is_real(v))
            continue;
        a->distinct++;
        only = v;
        if (v->subjects == 0)
            continue;
        if (a->k_min == 0 || v->subjects < a->k_min)
            a->k_min = v->subjects;
        if (v->subjects == 1 && mark[v->first_subject] != attr + 1) {
            mark[v->first_subject] = attr + 1;
            a->unique_subjects++;
        }
        pairs += v->subjects;
        sum += v->subjects * log2(v->subjects);
    }
    /* H = -sum (n/N) log2 (n/N) = log2 N - (sum n log2 n) / N */
    a->bits = pairs > 0 ? log2(pairs) - sum / pairs : 0;
    if (a->bits < 0)
        a->bits = 0; /* rounding */
    a->constant = a->exact && a->distinct == 1 && only->subjects == b->m->n_subjects &&
                  b->m->n_subjects > 0;
    if (!a->exact) {
        if (a->distinct < b->count[attr].sketch_values)
            a->distinct = b->count[attr].sketch_values;
        a->unique_subjects = a->k_min = 0;
        a->bits = 0;
    }
}

dcr_status dcr_build_attr_figures(build *b, dcr_err *err)
{
    uint32_t *mark = dcr_alloc(b->m->n_subjects, sizeof *mark);
    dcr_status rc = mark == NULL ? dcr_nomem(err) : fill_values(b, err);
    for (uint32_t i = 0; i < b->m->n_attrs && rc == DCR_OK; i++)
        figures(b, i, mark);
    for (uint32_t i = 0; i < b->shape_of.n && rc == DCR_OK; i++) {
        const shape_count *c = &b->shape_counts[i];
        const dcr_dict_entry *e = &b->shapes.entry[c->shape];
        dcr_attr *a = &b->m->attrs[c->attr];
        if (c->subjects > a->shape_subjects ||
            (c->subjects == a->shape_subjects && strcmp(e->p, a->shape) < 0)) {
            a->shape_subjects = c->subjects;
            a->shape = dcr_arena_bytes(b->arena, e->p, e->n);
            if (a->shape == NULL)
                rc = dcr_nomem(err);
        }
    }
    dcr_free(mark);
    return rc;
}
