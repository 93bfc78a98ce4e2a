#include "crowds.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "rowsort.h"

/* Keys of the release are looked up among those of the population.  Which columns are
 * compared depends on which values are missing: with wildcards those that neither key
 * lacks.  So keys are sorted into patterns, the sets of columns they have, and each pair
 * of patterns is a look-up of its own.  Where a missing value is a category there is one
 * pattern: all columns. */

enum { NOWHERE = UINT32_MAX };
static const uint64_t most_work = 4000000000; /* half a minute or so */

typedef struct side {
    const dcr_frame *f;
    const dcr_groups *g;
    uint32_t *first;    /* per class: its first row */
    uint64_t *has;      /* per class: columns that are not missing */
    uint32_t *pattern;  /* per class */
    uint64_t *patterns; /* the distinct ones, n_patterns */
    uint32_t n_patterns;
} side;

typedef struct search {
    side rel, pop;
    dcr_crowds *out;
    uint32_t *head, *next; /* classes of the population by hash of the compared columns,
                              one list a bucket */
    size_t mask;
    size_t *start;    /* rows of each class of the population: rows[start .. start + 1) */
    dcr_rowsort rows; /* only where a subject may match by several keys */
    uint32_t *stamp;  /* per subject of the population: 1 + the last class it matched */
    uint64_t work;
} search;

/* ---- the two sides ---- */

static int by_mask(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void number_patterns(side *s)
{
    uint32_t n = s->g->n_groups, m = 0;
    memcpy(s->patterns, s->has, n * sizeof *s->has);
    qsort(s->patterns, n, sizeof *s->patterns, by_mask);
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || s->patterns[i] != s->patterns[m - 1])
            s->patterns[m++] = s->patterns[i];
    s->n_patterns = m;
    for (uint32_t k = 0; k < n; k++)
        s->pattern[k] =
            (uint32_t)((const uint64_t *)bsearch(&s->has[k], s->patterns, m,
                                                 sizeof *s->patterns, by_mask) -
                       s->patterns);
}

static bool side_make(side *s, const dcr_frame *f, const dcr_groups *g, bool wildcard)
{
    s->f = f;
    s->g = g;
    s->first = dcr_alloc(g->n_groups, sizeof *s->first);
    s->has = dcr_alloc(g->n_groups, sizeof *s->has);
    s->pattern = dcr_alloc(g->n_groups, sizeof *s->pattern);
    s->patterns = dcr_alloc(g->n_groups, sizeof *s->patterns);
    if (s->first == NULL || s->has == NULL || s->pattern == NULL || s->patterns == NULL)
        return false;
    for (size_t i = f->n_rows; i-- > 0;)
        s->first[g->group_of[i]] = (uint32_t)i;
    for (uint32_t k = 0; k < g->n_groups; k++) {
        s->has[k] = dcr_frame_all(f);
        for (size_t c = 0; c < f->n_columns && wildcard; c++)
            if (f->code[c][s->first[k]] == 0)
                s->has[k] &= ~((uint64_t)1 << c);
    }
    number_patterns(s);
    return true;
}

static void side_end(side *s)
{
    dcr_free(s->first);
    dcr_free(s->has);
    dcr_free(s->pattern);
    dcr_free(s->patterns);
}

/* ---- look-up ---- */

static uint64_t hash_of(const side *s, uint32_t k, uint64_t columns)
{
    uint64_t h = columns;
    for (size_t c = 0; c < s->f->n_columns; c++)
        if (columns >> c & 1) {
            h = (h ^ s->f->code[c][s->first[k]]) * 0x9E3779B97F4A7C15u;
            h ^= h >> 29;
        }
    return h;
}

static bool same(const search *q, uint32_t rel, uint32_t pop, uint64_t columns)
{
    for (size_t c = 0; c < q->rel.f->n_columns; c++)
        if (columns >> c & 1 &&
            q->rel.f->code[c][q->rel.first[rel]] != q->pop.f->code[c][q->pop.first[pop]])
            return false;
    return true;
}

/* The lists of the population's keys as a key of pattern `has` sees them. */
static void fill_lists(search *q, uint64_t has)
{
    memset(q->head, 0xff, (q->mask + 1) * sizeof *q->head);
    for (uint32_t k = q->pop.g->n_groups; k-- > 0;) {
        size_t at = hash_of(&q->pop, k, q->pop.has[k] & has) & q->mask;
        q->next[k] = q->head[at];
        q->head[at] = k;
    }
    q->work += q->mask + q->pop.g->n_groups;
}

static void count_subjects(search *q, uint32_t rel, uint32_t pop)
{
    const uint32_t *subject = q->pop.f->subject;
    for (size_t i = q->start[pop]; i < q->start[pop + 1]; i++) {
        uint32_t *stamp = &q->stamp[subject[q->rows.rows[i]]];
        q->out->F[rel] += *stamp != rel + 1;
        *stamp = rel + 1;
    }
    q->work += q->start[pop + 1] - q->start[pop];
}

static void add_match(search *q, uint32_t rel, uint32_t pop)
{
    if (q->stamp != NULL)
        count_subjects(q, rel, pop);
    else
        q->out->F[rel] += q->pop.g->subjects[pop];
    if (q->out->released != NULL)
        q->out->released[pop] = q->out->f[rel];
}

static void look_up(search *q, uint32_t rel)
{
    uint64_t has = q->rel.has[rel];
    for (uint32_t b = 0; b < q->pop.n_patterns; b++) {
        uint64_t columns = has & q->pop.patterns[b];
        uint32_t k = q->head[hash_of(&q->rel, rel, columns) & q->mask];
        for (; k != NOWHERE; k = q->next[k], q->work++)
            if (q->pop.pattern[k] == b && same(q, rel, k, columns))
                add_match(q, rel, k);
        q->work++;
    }
}

static void look_all_up(search *q)
{
    for (uint32_t a = 0; a < q->rel.n_patterns && !q->out->refused; a++) {
        fill_lists(q, q->rel.patterns[a]);
        for (uint32_t k = 0; k < q->rel.g->n_groups && !q->out->refused; k++) {
            if (q->rel.pattern[k] == a)
                look_up(q, k);
            q->out->refused = q->work > most_work;
        }
        q->work += q->rel.g->n_groups;
    }
}

/* ---- the whole ---- */

static dcr_status make_lists(search *q, dcr_err *err)
{
    size_t n = q->pop.g->n_groups;
    q->mask = 15;
    while (q->mask < 2 * n)
        q->mask = 2 * q->mask + 1;
    q->head = dcr_alloc(q->mask + 1, sizeof *q->head);
    q->next = dcr_alloc(n, sizeof *q->next);
    return q->head == NULL || q->next == NULL ? dcr_nomem(err) : DCR_OK;
}

/* A subject of the population may match one key by several of its own. */
static dcr_status make_stamps(search *q, dcr_err *err)
{
    const dcr_groups *g = q->pop.g;
    q->stamp = dcr_alloc(q->pop.f->n_subjects, sizeof *q->stamp);
    q->start = dcr_alloc((size_t)g->n_groups + 1, sizeof *q->start);
    if (q->stamp == NULL || q->start == NULL ||
        !dcr_rowsort_init(&q->rows, g->n_rows, g->n_groups))
        return dcr_nomem(err);
    dcr_rowsort_by(&q->rows, g->group_of, NULL, g->n_groups);
    for (uint32_t k = 0; k < g->n_groups; k++)
        q->start[k + 1] = q->start[k] + g->rows[k];
    return DCR_OK;
}

static dcr_status make_room(dcr_crowds *out, const dcr_tab *t, const dcr_groups *pop,
                            dcr_err *err)
{
    out->n = t->groups.n_groups;
    out->n_elsewhere = pop->n_groups;
    out->F = dcr_alloc(out->n, sizeof *out->F);
    out->f = dcr_alloc(out->n, sizeof *out->f);
    out->elsewhere = dcr_alloc(out->n_elsewhere, sizeof *out->elsewhere);
    if (t->missing == DCR_MISSING_CATEGORY)
        out->released = dcr_alloc(out->n_elsewhere, sizeof *out->released);
    if (out->F == NULL || out->f == NULL || out->elsewhere == NULL ||
        (out->released == NULL && t->missing == DCR_MISSING_CATEGORY))
        return dcr_nomem(err);
    memcpy(out->elsewhere, pop->subjects, pop->n_groups * sizeof *pop->subjects);
    memcpy(out->f, t->groups.subjects, out->n * sizeof *out->f);
    for (size_t i = 0; i < t->frame->n_rows && t->fk != NULL; i++)
        out->f[t->groups.group_of[i]] = t->fk[i];
    return DCR_OK;
}

dcr_status dcr_crowds_build(dcr_crowds *out, const dcr_tab *t, dcr_err *err)
{
    search q = {.out = out};
    bool wildcard = t->missing == DCR_MISSING_WILDCARD;
    dcr_groups pop;
    dcr_status rc;
    memset(out, 0, sizeof *out);
    rc = dcr_groups_build(&pop, t->population, dcr_frame_all(t->population), err);
    if (rc != DCR_OK)
        return rc;
    rc = make_room(out, t, &pop, err);
    if (rc == DCR_OK && (!side_make(&q.rel, t->frame, &t->groups, wildcard) ||
                         !side_make(&q.pop, t->population, &pop, wildcard)))
        rc = dcr_nomem(err);
    if (rc == DCR_OK)
        rc = make_lists(&q, err);
    if (rc == DCR_OK && wildcard && t->population->subject != NULL)
        rc = make_stamps(&q, err);
    if (rc == DCR_OK)
        look_all_up(&q);
    dcr_free(q.head);
    dcr_free(q.next);
    dcr_free(q.stamp);
    dcr_free(q.start);
    dcr_rowsort_clear(&q.rows);
    side_end(&q.rel);
    side_end(&q.pop);
    dcr_groups_clear(&pop);
    if (rc != DCR_OK)
        dcr_crowds_clear(out);
    return rc;
}

void dcr_crowds_clear(dcr_crowds *c)
{
    dcr_free(c->F);
    dcr_free(c->f);
    dcr_free(c->elsewhere);
    dcr_free(c->released);
    memset(c, 0, sizeof *c);
}
