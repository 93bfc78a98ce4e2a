/* Views that know more than one exam: histories and pairs of records. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "classes.h"

/* ---- history: the multiset of a subject's keys over its studies ---- */

typedef struct history {
    const uint32_t *key; /* sorted classes */
    uint32_t n, subject;
} history;

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int by_history(const void *pa, const void *pb)
{
    const history *a = pa, *b = pb;
    uint32_t n = a->n < b->n ? a->n : b->n;
    for (uint32_t i = 0; i < n; i++)
        if (a->key[i] != b->key[i])
            return a->key[i] < b->key[i] ? -1 : 1;
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    return (a->subject > b->subject) - (a->subject < b->subject);
}

static bool same_history(const history *a, const history *b)
{
    return a->n == b->n &&
           (a->n == 0 || memcmp(a->key, b->key, a->n * sizeof *a->key) == 0);
}

/* The keys of every subject in `key` (n_rows), each once per study, sorted. */
static void collect(const dcr_risk *any_exam, const uint32_t *row_class, uint32_t *key,
                    history *h)
{
    const dcr_table *t = &any_exam->model->table;
    size_t n = 0;
    for (size_t r = 0; r < t->n_rows;) {
        uint32_t who = t->subject[r];
        size_t first = n;
        if (row_class[r] == UINT32_MAX) { /* not judged */
            r++;
            continue;
        }
        while (r < t->n_rows && t->subject[r] == who) {
            uint32_t study = t->study[r];
            size_t from = n, kept;
            while (r < t->n_rows && t->study[r] == study)
                key[n++] = row_class[r++];
            qsort(key + from, n - from, sizeof *key, by_number);
            kept = from;
            for (size_t i = from; i < n; i++)
                if (i == from || key[i] != key[kept - 1])
                    key[kept++] = key[i];
            n = kept;
        }
        qsort(key + first, n - first, sizeof *key, by_number);
        if (any_exam->number != NULL)
            who = any_exam->number[who] - 1;
        h[who].key = key + first;
        h[who].n = (uint32_t)(n - first);
    }
}

/* Classes of equal histories, numbered by first subject; one record a subject. */
static void group_histories(dcr_classes *c, const bool *inferred, uint32_t n, history *h,
                            uint32_t *class_of)
{
    memset(c->size, 0, (size_t)n * sizeof *c->size);
    memset(c->size_low, 0, (size_t)n * sizeof *c->size_low);
    qsort(h, n, sizeof *h, by_history);
    for (uint32_t i = 0; i < n;) {
        uint32_t j = i;
        for (; j < n && same_history(&h[i], &h[j]); j++)
            class_of[h[j].subject] =
                h[i].subject; /* the smallest subject stands for all */
        i = j;
    }
    c->n_classes = 0;
    for (uint32_t s = 0; s < n; s++) {
        if (class_of[s] == s)
            class_of[s] = c->n_classes++;
        else
            class_of[s] = class_of[class_of[s]];
        c->record_subject[s] = s;
        c->record_class[s] = class_of[s];
        c->size[class_of[s]]++;
        c->size_low[class_of[s]] += !inferred[s];
    }
    c->n_records = n;
    /* Inferred subjects are at most one more; marks in size_low's place would hide the
     * count. */
    for (uint32_t s = 0; s < n; s++)
        h[s].n = 0;
    for (uint32_t s = 0; s < n; s++)
        if (inferred[s] && h[class_of[s]].n++ == 0)
            c->size_low[class_of[s]]++;
}

static void mark_inferred(const dcr_risk *r, bool *inferred)
{
    for (uint32_t s = 0; s < r->model->n_subjects; s++) {
        if (r->number == NULL)
            inferred[s] = r->model->subjects[s].inferred;
        else if (r->number[s] > 0)
            inferred[r->number[s] - 1] = r->model->subjects[s].inferred;
    }
}

dcr_status dcr_risk_history(dcr_risk **out, const dcr_risk *any_exam, dcr_err *err)
{
    size_t n_rows = any_exam->model->table.n_rows;
    uint32_t n = any_exam->n_subjects;
    uint32_t *row_class = dcr_alloc(n_rows, sizeof *row_class);
    uint32_t *key = dcr_alloc(n_rows, sizeof *key);
    history *h = dcr_alloc(n, sizeof *h);
    uint32_t *class_of = dcr_alloc(n, sizeof *class_of);
    bool *inferred = dcr_alloc(n, sizeof *inferred);
    dcr_status rc = DCR_OK;
    *out = NULL;
    if (row_class == NULL || key == NULL || h == NULL || class_of == NULL ||
        inferred == NULL)
        rc = dcr_nomem(err);
    if (rc == DCR_OK)
        rc = dcr_risk_start(out, any_exam, "history", row_class, err);
    if (rc == DCR_OK) {
        for (uint32_t s = 0; s < n; s++)
            h[s].subject = s;
        collect(any_exam, row_class, key, h);
        mark_inferred(any_exam, inferred);
        group_histories(&(*out)->classes, inferred, n, h, class_of);
        rc = dcr_risk_judge(*out, n, err);
    }
    if (rc != DCR_OK) {
        dcr_risk_free(*out);
        *out = NULL;
    }
    dcr_free(row_class);
    dcr_free(key);
    dcr_free(h);
    dcr_free(class_of);
    dcr_free(inferred);
    return rc;
}

/* ---- two exams: pairs of records ---- */

enum { MAX_PAIRS = 50 * 1000 * 1000 };

typedef struct pair_record {
    uint64_t key; /* two classes of one subject, the smaller one first */
    uint32_t subject, place;
} pair_record;

/* first[s] .. first[s + 1]: records of a subject.  Stops counting pairs above MAX_PAIRS.
 */
static size_t count_pairs(const dcr_classes *c, uint32_t *first, uint32_t n_subjects)
{
    size_t n = 0;
    for (size_t i = c->n_records; i-- > 0;)
        first[c->record_subject[i]] = (uint32_t)i;
    first[n_subjects] = (uint32_t)c->n_records;
    for (uint32_t s = 0; s < n_subjects && n <= MAX_PAIRS; s++) {
        size_t r = first[s + 1] - first[s];
        n += r == 1 ? 1 : r * (r - 1) / 2;
    }
    return n;
}

/* Pairs of one subject alone need no sorting: one of their records is nobody else's. */
static bool alone(const dcr_classes *c, uint32_t a, uint32_t b)
{
    return c->size[a] == 1 || c->size[b] == 1;
}

/* How many pairs somebody else may have too. */
static size_t count_shared(const dcr_classes *c, const uint32_t *first,
                           uint32_t n_subjects)
{
    size_t n = 0;
    for (uint32_t s = 0; s < n_subjects; s++) {
        size_t r = 0;
        for (uint32_t i = first[s]; i < first[s + 1]; i++)
            r += c->size[c->record_class[i]] > 1;
        n += first[s + 1] - first[s] == 1 ? r : r == 0 ? 0 : r * (r - 1) / 2;
    }
    return n;
}

/* Lists the pairs that somebody else may have; those of one subject alone are classes at
 * once. */
static void list_pairs(const dcr_classes *c, const uint32_t *first, uint32_t n_subjects,
                       pair_record *p, dcr_classes *to)
{
    uint32_t place = 0;
    size_t n = 0;
    for (uint32_t s = 0; s < n_subjects; s++)
        for (uint32_t i = first[s]; i < first[s + 1]; i++) {
            /* A subject of one record has the pair of it with itself. */
            uint32_t j = first[s + 1] - first[s] == 1 ? i : i + 1;
            for (; j < first[s + 1]; j++, place++) {
                uint32_t a = c->record_class[i], b = c->record_class[j];
                to->record_subject[place] = s;
                if (alone(c, a, b)) {
                    to->size[to->n_classes] = to->size_low[to->n_classes] = 1;
                    to->record_class[place] = to->n_classes++;
                    continue;
                }
                p[n].key = a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
                p[n].subject = s;
                p[n++].place = place;
            }
        }
}

static int by_key(const void *pa, const void *pb)
{
    const pair_record *a = pa, *b = pb;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* Sizes of the pairs' classes; of a record paired with itself it is K of that record. */
static void count_pair_subjects(dcr_classes *to, const dcr_classes *from,
                                const bool *inferred, const pair_record *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t k = to->n_classes++, n_inferred = 0;
        size_t j = i;
        for (; j < n && p[j].key == p[i].key; j++) {
            to->record_class[p[j].place] = k;
            to->size[k]++;
            n_inferred += inferred[p[j].subject];
        }
        to->size_low[k] = to->size[k] - n_inferred + (n_inferred > 0);
        if (p[i].key >> 32 == (p[i].key & UINT32_MAX)) {
            to->size[k] = from->size[p[i].key >> 32];
            to->size_low[k] = from->size_low[p[i].key >> 32];
        }
        i = j;
    }
}

static dcr_status pair_classes(dcr_risk *r, uint32_t n_subjects, const uint32_t *first,
                               size_t n, dcr_err *err)
{
    size_t shared = count_shared(&r->classes, first, n_subjects);
    pair_record *p = dcr_alloc(shared, sizeof *p);
    bool *inferred = dcr_alloc(n_subjects, sizeof *inferred);
    dcr_classes c = {0};
    c.record_subject = dcr_alloc(n, sizeof *c.record_subject);
    c.record_class = dcr_alloc(n, sizeof *c.record_class);
    c.size = dcr_alloc(n, sizeof *c.size);
    c.size_low = dcr_alloc(n, sizeof *c.size_low);
    if (p == NULL || inferred == NULL || c.record_subject == NULL ||
        c.record_class == NULL || c.size == NULL || c.size_low == NULL) {
        dcr_free(p);
        dcr_free(inferred);
        dcr_classes_clear(&c);
        return dcr_nomem(err);
    }
    mark_inferred(r, inferred);
    c.n_records = n;
    list_pairs(&r->classes, first, n_subjects, p, &c);
    if (shared > 0)
        qsort(p, shared, sizeof *p, by_key);
    count_pair_subjects(&c, &r->classes, inferred, p, shared);
    dcr_free(p);
    dcr_free(inferred);
    dcr_classes_clear(&r->classes);
    r->classes = c;
    return DCR_OK;
}

dcr_status dcr_risk_two_exams(dcr_risk **out, const dcr_risk *any_exam, dcr_err *err)
{
    uint32_t n_subjects = any_exam->n_subjects;
    uint32_t *first = dcr_alloc((size_t)n_subjects + 1, sizeof *first);
    dcr_status rc = first == NULL ? dcr_nomem(err) : DCR_OK;
    *out = NULL;
    if (rc == DCR_OK)
        rc = dcr_risk_start(out, any_exam, "two_exams", NULL, err);
    if (rc == DCR_OK) {
        size_t n = count_pairs(&(*out)->classes, first, n_subjects);
        if (n <= MAX_PAIRS) {
            rc = pair_classes(*out, n_subjects, first, n, err);
        } else {
            (*out)->applies = false;
            (*out)->refused = true;
            (*out)->note = "too many pairs of exams to be counted";
        }
    }
    if (rc == DCR_OK)
        rc = dcr_risk_judge(*out, n_subjects, err);
    if (rc == DCR_OK) /* there may be millions, and nobody asks for them any more */
        dcr_classes_forget_records(&(*out)->classes);
    if (rc != DCR_OK) {
        dcr_risk_free(*out);
        *out = NULL;
    }
    dcr_free(first);
    return rc;
}
