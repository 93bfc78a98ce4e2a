/* k when a missing value may be any value: printed beside, never gated. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "classes.h"
#include "emit.h"

/* Two keys match when every fact is equal or missing in one of them.  This is no
 * partition, so it is done by pairs of patterns (which facts are missing): classes whose
 * patterns together miss U match when they agree on all facts outside U. */

enum { MAX_FACTS = 64, MAX_PATTERNS = 256 };

/* Comparisons of one adversary: what takes longer is not a figure to be printed beside.
 */
static const uint64_t most_steps = 200 * 1000 * 1000;

typedef struct item { /* a class among those that miss nothing outside U */
    uint32_t group;   /* classes that agree on all facts outside U */
    uint32_t pattern, of_class;
} item;

typedef struct search {
    const dcr_classes *c;
    const dcr_column **col;
    size_t n_col;
    uint64_t pattern[MAX_PATTERNS]; /* bit i: fact i is missing */
    uint32_t n_patterns;
    uint32_t *pattern_of;   /* per class */
    uint32_t *first_record; /* per subject and one more */
    uint32_t *of_class;     /* records ordered by class, as numbers of records */
    uint32_t *class_first;  /* per class and one more: its place in of_class */
    uint32_t *single;       /* per class: subjects with no other record */
    uint32_t *k;            /* per class: K with missing values as wildcards */
    item *items, *sorted;   /* n_classes */
    uint32_t *slot;         /* class + 1 that stands for its group, 0 free */
    size_t mask;
    uint32_t *group_of; /* per class that stands for a group: its number */
    uint32_t *start;    /* per group and two more */
    uint64_t steps;
} search;

static void search_clear(search *s)
{
    dcr_free(s->col);
    dcr_free(s->pattern_of);
    dcr_free(s->first_record);
    dcr_free(s->of_class);
    dcr_free(s->class_first);
    dcr_free(s->single);
    dcr_free(s->k);
    dcr_free(s->items);
    dcr_free(s->sorted);
    dcr_free(s->slot);
    dcr_free(s->group_of);
    dcr_free(s->start);
}

static dcr_code code_of(const search *s, uint32_t class, size_t fact)
{
    return s->col[fact]->code[s->c->first_row[class]];
}

static uint64_t missing(const search *s, uint32_t class)
{
    uint64_t m = 0;
    for (size_t i = 0; i < s->n_col; i++)
        m |= (uint64_t)(code_of(s, class, i) == 0) << i;
    return m;
}

/* False when there are more patterns than can be paired. */
static bool find_patterns(search *s)
{
    for (uint32_t q = 0; q < s->c->n_classes; q++) {
        uint64_t m = missing(s, q);
        uint32_t p = 0;
        while (p < s->n_patterns && s->pattern[p] != m)
            p++;
        if (p == s->n_patterns) {
            if (p == MAX_PATTERNS)
                return false;
            s->pattern[s->n_patterns++] = m;
        }
        s->pattern_of[q] = p;
        s->steps += p;
    }
    return true;
}

/* Records by class, and which subjects have but one. */
static void index_records(search *s, uint32_t n_subjects)
{
    const dcr_classes *c = s->c;
    for (size_t i = c->n_records; i-- > 0;)
        s->first_record[c->record_subject[i]] = (uint32_t)i;
    s->first_record[n_subjects] = (uint32_t)c->n_records;
    for (size_t i = 0; i < c->n_records; i++)
        s->class_first[c->record_class[i] + 2]++;
    for (uint32_t q = 2; q < c->n_classes + 2; q++)
        s->class_first[q] += s->class_first[q - 1];
    for (size_t i = 0; i < c->n_records; i++) {
        uint32_t who = c->record_subject[i], q = c->record_class[i];
        s->of_class[s->class_first[q + 1]++] = (uint32_t)i;
        s->single[q] += s->first_record[who + 1] - s->first_record[who] == 1;
    }
}

static bool match(const search *s, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < s->n_col; i++) {
        dcr_code x = code_of(s, a, i), y = code_of(s, b, i);
        if (x != y && x != 0 && y != 0)
            return false;
    }
    return true;
}

/* Whether the record is the first one of its subject that matches class q; a subject
 * with one record is counted with its class. */
static bool first_match(search *s, uint32_t q, uint32_t record)
{
    uint32_t who = s->c->record_subject[record];
    s->steps++;
    for (uint32_t i = s->first_record[who]; i < record; i++) {
        s->steps++;
        if (match(s, q, s->c->record_class[i]))
            return false;
    }
    return true;
}

static bool same_outside(const search *s, uint32_t a, uint32_t b, uint64_t u)
{
    for (size_t i = 0; i < s->n_col; i++)
        if (!(u >> i & 1) && code_of(s, a, i) != code_of(s, b, i))
            return false;
    return true;
}

static uint64_t hash_outside(const search *s, uint32_t q, uint64_t u)
{
    uint64_t h = 0x9E3779B97F4A7C15u;
    for (size_t i = 0; i < s->n_col; i++)
        if (!(u >> i & 1)) {
            h = (h ^ code_of(s, q, i)) * 0xff51afd7ed558ccdu;
            h ^= h >> 32;
        }
    return h;
}

/* The group of class q among those met so far; a new one has the number *n_groups. */
static uint32_t group_of(search *s, uint32_t q, uint64_t u, uint32_t *n_groups)
{
    size_t at = hash_outside(s, q, u) & s->mask;
    while (s->slot[at] != 0 && !same_outside(s, s->slot[at] - 1, q, u))
        at = (at + 1) & s->mask;
    if (s->slot[at] == 0) {
        s->slot[at] = q + 1;
        s->group_of[q] = (*n_groups)++;
    }
    return s->group_of[s->slot[at] - 1];
}

static int by_pattern(const void *pa, const void *pb)
{
    const item *a = pa, *b = pb;
    if (a->pattern != b->pattern)
        return a->pattern < b->pattern ? -1 : 1;
    return (a->of_class > b->of_class) - (a->of_class < b->of_class);
}

/* Classes that miss nothing outside U into s->sorted, those that agree on the rest
 * together, patterns of one group together.  Returns how many. */
static size_t gather(search *s, uint64_t u)
{
    uint32_t n_groups = 0, *start = s->start;
    size_t n = 0;
    memset(s->slot, 0, (s->mask + 1) * sizeof *s->slot);
    for (uint32_t q = 0; q < s->c->n_classes; q++)
        if ((s->pattern[s->pattern_of[q]] & ~u) == 0) {
            uint32_t group = group_of(s, q, u, &n_groups);
            s->items[n++] = (item){group, s->pattern_of[q], q};
        }
    memset(start, 0, ((size_t)n_groups + 2) * sizeof *start);
    for (size_t i = 0; i < n; i++)
        start[s->items[i].group + 2]++;
    for (uint32_t g = 2; g < n_groups + 2; g++)
        start[g] += start[g - 1];
    for (size_t i = 0; i < n; i++)
        s->sorted[start[s->items[i].group + 1]++] = s->items[i];
    for (uint32_t g = 0; g < n_groups; g++)
        if (start[g + 1] - start[g] > 1)
            qsort(s->sorted + start[g], start[g + 1] - start[g], sizeof *s->sorted,
                  by_pattern);
    s->steps += 8 * (uint64_t)s->c->n_classes;
    return n;
}

/* Adds to the K of classes a[0 .. na) the subjects of classes b[0 .. nb), all of which
 * match; those counted for an earlier record are not counted again. */
static bool join(search *s, const item *a, size_t na, const item *b, size_t nb)
{
    uint32_t single = 0;
    uint64_t others = 0;
    for (size_t j = 0; j < nb; j++) {
        uint32_t q = b[j].of_class;
        single += s->single[q];
        others += s->class_first[q + 1] - s->class_first[q] - s->single[q];
    }
    if (others > 0 && (s->steps > most_steps || na > (most_steps - s->steps) / others))
        return false;
    for (size_t i = 0; i < na; i++) {
        uint32_t q = a[i].of_class;
        s->k[q] += single;
        for (size_t j = 0; others > 0 && j < nb; j++)
            for (uint32_t r = s->class_first[b[j].of_class];
                 r < s->class_first[b[j].of_class + 1]; r++) {
                uint32_t record = s->of_class[r], who = s->c->record_subject[record];
                if (s->first_record[who + 1] - s->first_record[who] > 1)
                    s->k[q] += first_match(s, q, record);
            }
    }
    return s->steps < most_steps;
}

static size_t run_end(const item *items, size_t from, size_t n, bool patterns)
{
    size_t to = from + 1;
    while (to < n && items[to].group == items[from].group &&
           (!patterns || items[to].pattern == items[from].pattern))
        to++;
    return to;
}

/* All pairs of classes whose patterns together miss exactly U. */
static bool count_union(search *s, uint64_t u)
{
    size_t n = gather(s, u);
    for (size_t from = 0; from < n;) {
        size_t to = run_end(s->sorted, from, n, false);
        for (size_t a = from; a < to;) {
            size_t a_end = run_end(s->sorted, a, to, true);
            for (size_t b = from; b < to;) {
                size_t b_end = run_end(s->sorted, b, to, true);
                if ((s->pattern[s->sorted[a].pattern] |
                     s->pattern[s->sorted[b].pattern]) == u &&
                    !join(s, s->sorted + a, a_end - a, s->sorted + b, b_end - b))
                    return false;
                b = b_end;
            }
            a = a_end;
        }
        from = to;
    }
    return s->steps < most_steps;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Every set that two patterns (or one twice) miss together, once. */
static dcr_status count_all(search *s, bool *done, dcr_err *err)
{
    size_t n = 0, p = s->n_patterns;
    uint64_t *u = dcr_alloc(p * (p + 1) / 2, sizeof *u);
    if (u == NULL)
        return dcr_nomem(err);
    for (size_t a = 0; a < p; a++)
        for (size_t b = a; b < p; b++)
            u[n++] = s->pattern[a] | s->pattern[b];
    qsort(u, n, sizeof *u, by_value);
    *done = n < most_steps / (s->c->n_classes + (uint64_t)1);
    for (size_t i = 0; i < n && *done; i++)
        if (i == 0 || u[i] != u[i - 1])
            *done = count_union(s, u[i]);
    dcr_free(u);
    return DCR_OK;
}

static dcr_status search_init(search *s, const dcr_risk *r, dcr_err *err)
{
    const dcr_classes *c = &r->classes;
    s->c = c;
    s->col = dcr_alloc(r->adversary->n_knows, sizeof *s->col);
    s->pattern_of = dcr_alloc(c->n_classes, sizeof *s->pattern_of);
    s->first_record = dcr_alloc((size_t)r->n_subjects + 1, sizeof *s->first_record);
    s->of_class = dcr_alloc(c->n_records, sizeof *s->of_class);
    s->class_first = dcr_alloc((size_t)c->n_classes + 2, sizeof *s->class_first);
    s->single = dcr_alloc(c->n_classes, sizeof *s->single);
    s->k = dcr_alloc(c->n_classes, sizeof *s->k);
    s->items = dcr_alloc(c->n_classes, sizeof *s->items);
    s->sorted = dcr_alloc(c->n_classes, sizeof *s->sorted);
    for (s->mask = 63; s->mask < 2 * (size_t)c->n_classes;)
        s->mask = 2 * s->mask + 1;
    s->slot = dcr_alloc(s->mask + 1, sizeof *s->slot);
    s->group_of = dcr_alloc(c->n_classes, sizeof *s->group_of);
    s->start = dcr_alloc((size_t)c->n_classes + 2, sizeof *s->start);
    if (s->col == NULL || s->pattern_of == NULL || s->first_record == NULL ||
        s->of_class == NULL || s->class_first == NULL || s->single == NULL ||
        s->k == NULL || s->items == NULL || s->sorted == NULL || s->slot == NULL ||
        s->group_of == NULL || s->start == NULL)
        return dcr_nomem(err);
    s->n_col = dcr_key_columns(r->model, r->adversary, SIZE_MAX, s->col);
    return DCR_OK;
}

/* K of every class; *done is false when it would take too long. */
static dcr_status count_k(search *s, const dcr_risk *r, bool *done, dcr_err *err)
{
    *done = s->n_col <= MAX_FACTS && find_patterns(s);
    if (!*done)
        return DCR_OK;
    if (s->n_patterns <= 1) { /* equal where nothing is missing in but one of two keys */
        memcpy(s->k, r->classes.size, r->classes.n_classes * sizeof *s->k);
        return DCR_OK;
    }
    index_records(s, r->n_subjects);
    return count_all(s, done, err);
}

/* ---- figures ---- */

static const uint32_t below[] = {2, 3, 5, 11, 20};
enum { N_BELOW = sizeof below / sizeof *below };

static dcr_status refuse(const dcr_metric_sink *sink, dcr_err *err)
{
    dcr_status rc = dcr_emit_truth(sink, err, false, "wildcard/applies");
    if (rc == DCR_OK)
        rc = dcr_emit_none(sink, err, "wildcard/k_min");
    if (rc == DCR_OK)
        rc = dcr_emit_none(sink, err, "wildcard/unique_subjects");
    for (size_t b = 0; b < N_BELOW && rc == DCR_OK; b++)
        rc = dcr_emit_none(sink, err, "wildcard/below/%u", below[b]);
    return rc == DCR_OK
               ? dcr_emit_text(sink, err,
                               "not computed: too many keys with different facts "
                               "missing would have to be compared",
                               "wildcard/note")
               : rc;
}

static dcr_status figures(const search *s, const dcr_metric_sink *sink, dcr_err *err)
{
    uint64_t n_below[N_BELOW] = {0};
    uint32_t k_min = 0;
    dcr_status rc;
    for (size_t i = 0; i < s->c->n_records;) {
        uint32_t who = s->c->record_subject[i], k = UINT32_MAX;
        for (; i < s->c->n_records && s->c->record_subject[i] == who; i++)
            if (s->k[s->c->record_class[i]] < k)
                k = s->k[s->c->record_class[i]];
        k_min = k_min == 0 || k < k_min ? k : k_min;
        for (size_t b = 0; b < N_BELOW; b++)
            n_below[b] += k < below[b];
    }
    rc = dcr_emit_truth(sink, err, true, "wildcard/applies");
    if (rc == DCR_OK)
        rc = k_min == 0 ? dcr_emit_none(sink, err, "wildcard/k_min")
                        : dcr_emit_count(sink, err, k_min, "wildcard/k_min");
    if (rc == DCR_OK)
        rc = dcr_emit_count(sink, err, n_below[0], "wildcard/unique_subjects");
    for (size_t b = 0; b < N_BELOW && rc == DCR_OK; b++)
        rc = dcr_emit_count(sink, err, n_below[b], "wildcard/below/%u", below[b]);
    return rc == DCR_OK ? dcr_emit_text(sink, err, NULL, "wildcard/note") : rc;
}

static dcr_status run(const dcr_risk *r, const dcr_metric_sink *sink, dcr_err *err)
{
    search s = {0};
    bool done = false;
    dcr_status rc;
    if (r->classes.first_row == NULL) /* a further view: its keys are not of rows */
        return DCR_OK;
    rc = search_init(&s, r, err);
    if (rc == DCR_OK)
        rc = count_k(&s, r, &done, err);
    if (rc == DCR_OK)
        rc = done ? figures(&s, sink, err) : refuse(sink, err);
    search_clear(&s);
    return rc;
}

const dcr_metric dcr_metric_wildcard = {
    .id = "wildcard",
    .title = "k-anonymity in subjects, missing values as wildcards",
    .source = "as k, where two keys match when every fact is equal or missing in either "
              "(sdcMicro's alpha = 1, in subjects)",
    .family = "k",
    .run = run,
};
