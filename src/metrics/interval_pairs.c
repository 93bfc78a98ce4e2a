/* What a shift of the dates leaves of two exams: their other facts, and the days between.
 */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "classes.h"
#include "dcmrisk/longitudinal.h"
#include "exam_days.h"

typedef struct fact { /* one of a subject's exams */
    int32_t day;
    uint32_t key; /* class of the other facts */
    uint32_t study;
} fact;

typedef struct pair {
    uint32_t first, second; /* keys: of the earlier exam; of one day, the smaller one */
    int32_t days;
    uint32_t subject;
} pair;

typedef struct pairing {
    const dcr_risk *r;
    const int32_t *day; /* by study */
    dcr_classes classes;
    uint32_t *row_class;
    fact *fact; /* room for the rows of a subject */
    pair *list; /* pairs that others may have too */
    size_t n, cap;
    uint64_t looked_at; /* pairs that others may have, those within an exam too */
    bool *alone;        /* by subject judged: has a pair nobody else has */
    bool *judged;
    bool failed;
} pairing;

static int by_day(const void *pa, const void *pb)
{
    const fact *a = pa, *b = pb;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->study > b->study) - (a->study < b->study);
}

static int by_pair(const void *pa, const void *pb)
{
    const pair *a = pa, *b = pb;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    if (a->second != b->second)
        return a->second < b->second ? -1 : 1;
    if (a->days != b->days)
        return a->days < b->days ? -1 : 1;
    return (a->subject > b->subject) - (a->subject < b->subject);
}

static bool same_pair(const pair *a, const pair *b)
{
    return a->first == b->first && a->second == b->second && a->days == b->days;
}

/* Of the n facts of a subject, sorted, those that somebody else has too, each once;
 * returns how many.  A fact of nobody else makes pairs of nobody else: no need to list
 * them. */
static size_t keep_shared(pairing *p, uint32_t who, size_t n)
{
    fact *f = p->fact;
    uint32_t first = f[0].study;
    size_t kept = 0;
    bool own = false;
    for (size_t i = 0; i < n; i++) {
        p->judged[who] = p->judged[who] || f[i].study != first;
        if (p->classes.size[f[i].key] == 1)
            own = true;
        else if (kept == 0 || by_day(&f[kept - 1], &f[i]) != 0)
            f[kept++] = f[i];
    }
    p->alone[who] = p->judged[who] && own;
    return p->judged[who] ? kept : 0;
}

static void pairs_of(pairing *p, uint32_t who, size_t n)
{
    const fact *f = p->fact;
    p->looked_at += n * (n - (n > 0)) / 2;
    if (p->looked_at > DCR_MOST_SETS)
        return;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) {
            if (f[i].study == f[j].study)
                continue;
            if (!dcr_grow(&p->list, &p->cap, p->n + 1, sizeof *p->list)) {
                p->failed = true;
                return;
            }
            p->list[p->n++] = (pair){f[i].key, f[j].key, f[j].day - f[i].day, who};
        }
}

static void list_pairs(pairing *p)
{
    const dcr_table *t = &p->r->model->table;
    const uint32_t *number = p->r->number;
    for (size_t r = 0; r < t->n_rows && !p->failed && p->looked_at <= DCR_MOST_SETS;) {
        uint32_t s = t->subject[r], who = number == NULL ? s : number[s] - 1;
        size_t n = 0;
        for (; r < t->n_rows && t->subject[r] == s; r++)
            if (p->row_class[r] != UINT32_MAX && p->day[t->study[r]] != NO_DAY)
                p->fact[n++] = (fact){p->day[t->study[r]], p->row_class[r], t->study[r]};
        if (n < 2)
            continue;
        qsort(p->fact, n, sizeof *p->fact, by_day);
        pairs_of(p, who, keep_shared(p, who, n));
    }
}

static void judge(dcr_interval_pairs *out, pairing *p)
{
    if (p->n > 0)
        qsort(p->list, p->n, sizeof *p->list, by_pair);
    for (size_t i = 0, j; i < p->n; i = j) {
        uint32_t k = 0;
        for (j = i; j < p->n && same_pair(&p->list[i], &p->list[j]); j++)
            k += j == i || p->list[j].subject != p->list[j - 1].subject;
        for (size_t x = i; x < j; x++) {
            uint32_t *best = &out->k[p->list[x].subject];
            *best = *best == 0 || k < *best ? k : *best;
        }
    }
    for (uint32_t s = 0; s < p->r->n_subjects; s++) {
        if (!p->judged[s])
            continue;
        out->k[s] = p->alone[s] ? 1 : out->k[s];
        out->subjects++;
        out->k_min = out->k_min == 0 || out->k[s] < out->k_min ? out->k[s] : out->k_min;
        for (size_t b = 0; b < DCR_BELOW_N; b++)
            out->below[b] += out->k[s] < dcr_below[b];
    }
}

/* Keys of the rows without the date of the exam. */
static dcr_status other_facts(pairing *p, const dcr_column *date, dcr_err *err)
{
    const dcr_adversary *a = p->r->adversary;
    const dcr_column **col = dcr_alloc(a->n_knows, sizeof *col);
    size_t n = p->r->model->table.n_rows;
    dcr_status rc;
    p->row_class = dcr_alloc(n, sizeof *p->row_class);
    p->fact = dcr_alloc(n, sizeof *p->fact);
    p->alone = dcr_alloc(p->r->n_subjects, sizeof *p->alone);
    p->judged = dcr_alloc(p->r->n_subjects, sizeof *p->judged);
    rc = col == NULL || p->row_class == NULL || p->fact == NULL || p->alone == NULL ||
                 p->judged == NULL
             ? dcr_nomem(err)
             : dcr_classes_build(&p->classes, p->r->model, col,
                                 dcr_key_columns(p->r->model, a, date->concept, col),
                                 p->r->number, p->row_class, err);
    dcr_free(col);
    return rc;
}

static void pairing_clear(pairing *p)
{
    dcr_classes_clear(&p->classes);
    dcr_free(p->row_class);
    dcr_free(p->fact);
    dcr_free(p->list);
    dcr_free(p->alone);
    dcr_free(p->judged);
}

dcr_status dcr_interval_pairs_get(dcr_interval_pairs *out, const dcr_risk *any_exam,
                                  dcr_err *err)
{
    const dcr_model *m = any_exam->model;
    const dcr_column *date = dcr_exam_column(m, "exam_date", "day");
    int32_t *day = dcr_alloc(m->n_studies, sizeof *day);
    pairing p = {.r = any_exam, .day = day};
    dcr_status rc = day == NULL ? dcr_nomem(err) : DCR_OK;
    memset(out, 0, sizeof *out);
    out->note = "";
    if (rc == DCR_OK)
        out->k = dcr_alloc(any_exam->n_subjects, sizeof *out->k);
    if (rc == DCR_OK && out->k == NULL)
        rc = dcr_nomem(err);
    if (rc == DCR_OK && date != NULL) {
        dcr_exam_days(m, date, day);
        rc = other_facts(&p, date, err);
    }
    if (rc == DCR_OK && date != NULL) {
        list_pairs(&p);
        out->refused = p.looked_at > DCR_MOST_SETS;
        rc = p.failed ? dcr_nomem(err) : DCR_OK;
    }
    if (rc == DCR_OK && date != NULL && !out->refused)
        judge(out, &p);
    if (out->refused) {
        dcr_free(out->k);
        out->k = NULL;
    }
    out->applies = out->subjects > 0;
    if (!out->applies)
        out->note = out->refused ? "too many pairs of exams to be counted"
                                 : "nobody has two dated exams";
    pairing_clear(&p);
    dcr_free(day);
    return rc;
}

void dcr_interval_pairs_clear(dcr_interval_pairs *p)
{
    dcr_free(p->k);
    memset(p, 0, sizeof *p);
}
