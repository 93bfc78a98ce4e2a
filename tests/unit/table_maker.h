/* Small random tables, and the definitions of K and k(s) as plain loops: every row is
 * compared with every other. */
#ifndef DCR_TEST_TABLE_MAKER_H
#define DCR_TEST_TABLE_MAKER_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "dcmrisk/dcmrisk.h"

enum {
    N_CONCEPTS = 4,
    MAX_ROWS = 1600,
    MAX_SUBJECTS = 1600,
    MAX_CODES = 128,
    ROUNDS = 1500
};
enum { SEX, DATE, SITE, DEVICE };

static const dcr_concept concepts[N_CONCEPTS] = {
    {"sex", "", DCR_LEVEL_PATIENT, "sex", NULL, 0, ""},
    {"exam_date", "", DCR_LEVEL_STUDY, "date", NULL, 0, ""},
    {"site", "", DCR_LEVEL_SERIES, "institution", NULL, 0, ""},
    {"device", "", DCR_LEVEL_SERIES, "device", NULL, 0, ""}};
static const dcr_known known[N_CONCEPTS] = {
    {SEX, "value"}, {DATE, "month"}, {SITE, "value"}, {DEVICE, "serial"}};

/* A model of a table alone. */
typedef struct world {
    dcr_model m;
    dcr_adversary a;
    bool carried[N_CONCEPTS];
    dcr_column column[N_CONCEPTS];
    dcr_code code[N_CONCEPTS][MAX_ROWS];
    char text[MAX_CODES][16];
    const char *label[N_CONCEPTS][MAX_CODES];
    uint32_t subject[MAX_ROWS], study[MAX_ROWS];
    uint64_t files[MAX_ROWS];
    dcr_subject subjects[MAX_SUBJECTS];
} world;

static world w;
static uint64_t seed;

static inline uint32_t draw(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % n);
}

static inline void wire(world *x, uint32_t n_codes)
{
    x->m.concepts = concepts;
    x->m.n_concepts = N_CONCEPTS;
    x->m.carried = x->carried;
    x->m.subjects = x->subjects;
    x->m.table.n_columns = N_CONCEPTS;
    x->m.table.column = x->column;
    x->m.table.subject = x->subject;
    x->m.table.study = x->study;
    x->m.table.files = x->files;
    x->a.id = x->a.title = x->a.note = "";
    x->a.target = "prosecutor";
    x->a.knows = known;
    x->a.n_knows = N_CONCEPTS;
    for (size_t c = 0; c < N_CONCEPTS; c++) {
        x->column[c].concept = c;
        x->column[c].level = known[c].level;
        x->column[c].code = x->code[c];
        x->column[c].n_codes = n_codes;
        x->column[c].label = x->label[c];
        x->label[c][0] = "";
        x->carried[c] = false;
        for (size_t r = 0; r < x->m.table.n_rows; r++)
            x->carried[c] = x->carried[c] || x->code[c][r] != 0;
    }
    for (uint32_t i = 1; i < n_codes; i++) {
        snprintf(x->text[i], sizeof x->text[i], "%04u%02u", 2000 + (i - 1) / 12,
                 (i - 1) % 12 + 1);
        for (size_t c = 0; c < N_CONCEPTS; c++)
            x->label[c][i] = x->text[i];
    }
}

static inline void start(world *x)
{
    memset(x, 0, sizeof *x);
}

static inline void add_row(world *x, uint32_t subject, uint32_t study,
                           const uint32_t *code)
{
    size_t r = x->m.table.n_rows++;
    assert_true(r < MAX_ROWS);
    x->subject[r] = subject;
    x->study[r] = study;
    x->files[r] = 1;
    for (size_t c = 0; c < N_CONCEPTS; c++)
        x->code[c][r] = code[c];
    if (subject >= x->m.n_subjects)
        x->m.n_subjects = subject + 1;
    if (study >= x->m.n_studies)
        x->m.n_studies = study + 1;
}

/* Up to 14 subjects (so that sums of 1/k are whole in units of 1/360360), some inferred.
 */
static inline void make(world *x)
{
    uint32_t n = draw(15), keyed = draw(n + 1), codes = 1 + draw(4), study = 0;
    uint32_t skip = draw(8); /* a concept nobody has, now and then */
    start(x);
    for (uint32_t s = 0; s < n; s++) {
        x->subjects[s].inferred = s >= keyed;
        for (uint32_t t = 1 + draw(3); t > 0; t--, study++)
            for (uint32_t r = 1 + draw(3); r > 0; r--) {
                uint32_t code[N_CONCEPTS];
                for (uint32_t c = 0; c < N_CONCEPTS; c++)
                    code[c] = c == skip ? 0 : draw(codes + 1);
                add_row(x, s, study, code);
                x->files[x->m.table.n_rows - 1] = 1 + draw(5);
            }
    }
    wire(x, codes + 1);
}

/* ---- the definitions ---- */

static inline bool same(const world *x, size_t i, size_t j, size_t skip)
{
    for (size_t c = 0; c < N_CONCEPTS; c++)
        if (c != skip && x->carried[c] && x->code[c][i] != x->code[c][j])
            return false;
    return true;
}

typedef struct truth {
    bool in[MAX_SUBJECTS];
    uint32_t k[MAX_SUBJECTS], low[MAX_SUBJECTS];
    double exam[MAX_SUBJECTS];
    uint32_t n, records, classes;
} truth;

/* Distinct subjects that are in and have the key of row i. */
static inline uint32_t count_k(const world *x, const bool *in, size_t i, size_t skip,
                               uint32_t *low)
{
    bool has[MAX_SUBJECTS] = {false}, inferred = false;
    uint32_t k = 0;
    *low = 0;
    for (size_t j = 0; j < x->m.table.n_rows; j++) {
        uint32_t s = x->subject[j];
        if (!in[s] || has[s] || !same(x, i, j, skip))
            continue;
        has[s] = true;
        k++;
        *low += !x->subjects[s].inferred;
        inferred = inferred || x->subjects[s].inferred;
    }
    *low += inferred;
    return k;
}

static inline void any_exam(const world *x, truth *t, size_t skip)
{
    size_t n = x->m.table.n_rows;
    t->n = t->records = t->classes = 0;
    for (uint32_t s = 0; s < x->m.n_subjects; s++) {
        uint32_t records = 0;
        t->k[s] = t->low[s] = 0;
        t->exam[s] = 0;
        t->n += t->in[s];
        for (size_t i = 0; i < n; i++) {
            uint32_t low, k;
            bool first = true;
            if (x->subject[i] != s || !t->in[s])
                continue;
            for (size_t j = 0; j < i; j++)
                first = first && !(x->subject[j] == s && same(x, i, j, skip));
            if (!first)
                continue;
            k = count_k(x, t->in, i, skip, &low);
            t->k[s] = records == 0 || k < t->k[s] ? k : t->k[s];
            t->low[s] = records == 0 || low < t->low[s] ? low : t->low[s];
            t->exam[s] += 1.0 / k;
            records++;
        }
        if (records > 0)
            t->exam[s] /= records;
        t->records += records;
    }
    for (size_t i = 0; i < n; i++) {
        bool first = t->in[x->subject[i]];
        for (size_t j = 0; j < i; j++)
            first = first && !(t->in[x->subject[j]] && same(x, i, j, skip));
        t->classes += first;
    }
}

static inline void everybody(truth *t)
{
    memset(t, 0, sizeof *t);
    for (uint32_t s = 0; s < MAX_SUBJECTS; s++)
        t->in[s] = true;
}

/* Compares with what was computed; subjects are numbered anew among those who are in. */
static inline void compare(const world *x, const truth *t, const dcr_risk *r)
{
    uint32_t at = 0;
    assert_int_equal(r->n_subjects, t->n);
    assert_int_equal(r->classes.n_records, t->records);
    assert_int_equal(r->classes.n_classes, t->classes);
    for (uint32_t s = 0; s < x->m.n_subjects; s++) {
        if (r->number != NULL)
            assert_int_equal(r->number[s], t->in[s] ? at + 1 : 0);
        if (!t->in[s])
            continue;
        assert_int_equal(r->k[at], t->k[s]);
        assert_int_equal(r->k_low[at], t->low[s]);
        assert_float_equal(r->exam[at], t->exam[s], 1e-12);
        at++;
    }
}

static inline dcr_risk *risk_of(const world *x)
{
    dcr_risk *r = NULL;
    dcr_err err = {0};
    assert_int_equal(dcr_risk_any_exam(&r, &x->m, &x->a, &err), DCR_OK);
    assert_non_null(r);
    return r;
}

static inline int by_size(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

#endif
