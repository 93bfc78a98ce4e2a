/* Risk figures of small random tables against plain loops over the definitions: every row is
 * compared with every other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "dcmrisk/dcmrisk.h"

enum { N_CONCEPTS = 4, MAX_ROWS = 1600, MAX_SUBJECTS = 1600, MAX_CODES = 128, ROUNDS = 1500 };
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

static world w, other;
static uint64_t seed;

static uint32_t draw(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % n);
}

static void wire(world *x, uint32_t n_codes)
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
        snprintf(x->text[i], sizeof x->text[i], "%04u%02u", 2000 + (i - 1) / 12, (i - 1) % 12 + 1);
        for (size_t c = 0; c < N_CONCEPTS; c++)
            x->label[c][i] = x->text[i];
    }
}

static void start(world *x)
{
    memset(x, 0, sizeof *x);
}

static void add_row(world *x, uint32_t subject, uint32_t study, const uint32_t *code)
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

/* Up to 14 subjects (so that sums of 1/k are whole in units of 1/360360), some inferred. */
static void make(world *x)
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

static bool same(const world *x, size_t i, size_t j, size_t skip)
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
static uint32_t count_k(const world *x, const bool *in, size_t i, size_t skip, uint32_t *low)
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

static void any_exam(const world *x, truth *t, size_t skip)
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

static void everybody(truth *t)
{
    memset(t, 0, sizeof *t);
    for (uint32_t s = 0; s < MAX_SUBJECTS; s++)
        t->in[s] = true;
}

/* Compares with what was computed; subjects are numbered anew among those who are in. */
static void compare(const world *x, const truth *t, const dcr_risk *r)
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

static dcr_risk *risk_of(const world *x)
{
    dcr_risk *r = NULL;
    dcr_err err = {0};
    assert_int_equal(dcr_risk_any_exam(&r, &x->m, &x->a, &err), DCR_OK);
    assert_non_null(r);
    return r;
}

static void test_any_exam(void **state)
{
    static truth t;
    (void)state;
    seed = 1;
    for (int i = 0; i < ROUNDS; i++) {
        bool present = false;
        dcr_risk *r;
        make(&w);
        r = risk_of(&w);
        everybody(&t);
        any_exam(&w, &t, SIZE_MAX);
        compare(&w, &t, r);
        assert_string_equal(r->view, "any_exam");
        for (size_t c = 0; c < N_CONCEPTS; c++)
            present = present || w.carried[c];
        assert_int_equal(r->applies, present && w.m.n_subjects > 0);
        assert_int_equal(r->note[0] == '\0', r->applies);
        assert_false(r->refused);
        dcr_risk_free(r);
    }
}

/* Figures worked out by hand: A has a class with B, and one alone; C is inferred, as is D. */
static void test_by_hand(void **state)
{
    static const uint32_t row[][N_CONCEPTS] = {{1, 1, 0, 0}, {2, 2, 0, 0}, {1, 1, 0, 0},
                                               {1, 1, 0, 0}, {1, 1, 0, 0}, {1, 1, 0, 0}};
    dcr_risk *r;
    (void)state;
    start(&w);
    add_row(&w, 0, 0, row[0]);
    add_row(&w, 0, 1, row[1]);
    add_row(&w, 1, 2, row[2]);
    add_row(&w, 1, 3, row[3]); /* the same again: no further record */
    add_row(&w, 2, 4, row[4]);
    add_row(&w, 3, 5, row[5]);
    w.subjects[2].inferred = w.subjects[3].inferred = true;
    wire(&w, 3);
    r = risk_of(&w);
    assert_int_equal(r->classes.n_records, 5);
    assert_int_equal(r->classes.n_classes, 2);
    assert_int_equal(r->k[0], 1);
    assert_int_equal(r->k[1], 4);
    assert_int_equal(r->k_low[1], 3); /* A, B, and C or D */
    assert_int_equal(r->k_low[2], 3);
    assert_float_equal(r->exam[0], (1.0 / 4 + 1) / 2, 1e-15);
    dcr_risk_free(r);
}

/* ---- further views ---- */

/* The key of row i, as the first row that has it. */
static size_t key_of(const world *x, size_t i)
{
    size_t j = 0;
    while (!same(x, i, j, SIZE_MAX))
        j++;
    return j;
}

static int by_size(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* The sorted keys of a subject: of every study each once; or each once over all. */
static size_t keys_of(const world *x, uint32_t s, bool over_all, size_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < x->m.table.n_rows; i++) {
        bool first = x->subject[i] == s;
        for (size_t j = 0; j < i; j++)
            first = first && !(x->subject[j] == s && same(x, i, j, SIZE_MAX) &&
                               (over_all || x->study[j] == x->study[i]));
        if (first)
            out[n++] = key_of(x, i);
    }
    qsort(out, n, sizeof *out, by_size);
    return n;
}

static void check_history(const world *x, const dcr_risk *r)
{
    static size_t key[MAX_SUBJECTS][16];
    size_t n[MAX_SUBJECTS];
    for (uint32_t s = 0; s < x->m.n_subjects; s++)
        n[s] = keys_of(x, s, false, key[s]);
    assert_int_equal(r->n_subjects, x->m.n_subjects);
    assert_int_equal(r->classes.n_records, x->m.n_subjects);
    for (uint32_t s = 0; s < x->m.n_subjects; s++) {
        uint32_t k = 0, low = 0;
        bool inferred = false;
        for (uint32_t o = 0; o < x->m.n_subjects; o++)
            if (n[o] == n[s] && memcmp(key[o], key[s], n[s] * sizeof **key) == 0) {
                k++;
                low += !x->subjects[o].inferred;
                inferred = inferred || x->subjects[o].inferred;
            }
        assert_int_equal(r->k[s], k);
        assert_int_equal(r->k_low[s], low + inferred);
        assert_float_equal(r->exam[s], 1.0 / k, 1e-12);
    }
}

static bool has(const size_t *key, size_t n, size_t what)
{
    for (size_t i = 0; i < n; i++)
        if (key[i] == what)
            return true;
    return false;
}

/* Subjects that have both records; a subject of one record is judged by that. */
static void check_pairs(const world *x, const dcr_risk *r)
{
    static size_t key[MAX_SUBJECTS][16];
    size_t n[MAX_SUBJECTS];
    for (uint32_t s = 0; s < x->m.n_subjects; s++)
        n[s] = keys_of(x, s, true, key[s]);
    for (uint32_t s = 0; s < x->m.n_subjects; s++) {
        uint32_t best = UINT32_MAX, best_low = UINT32_MAX, pairs = 0;
        double sum = 0;
        for (size_t i = 0; i < n[s]; i++)
            for (size_t j = n[s] == 1 ? i : i + 1; j < n[s]; j++) {
                uint32_t k = 0, low = 0;
                bool inferred = false;
                for (uint32_t o = 0; o < x->m.n_subjects; o++)
                    if (has(key[o], n[o], key[s][i]) && has(key[o], n[o], key[s][j])) {
                        k++;
                        low += !x->subjects[o].inferred;
                        inferred = inferred || x->subjects[o].inferred;
                    }
                low += inferred;
                best = k < best ? k : best;
                best_low = low < best_low ? low : best_low;
                sum += 1.0 / k;
                pairs++;
            }
        assert_int_equal(r->k[s], best);
        assert_int_equal(r->k_low[s], best_low);
        assert_float_equal(r->exam[s], sum / pairs, 1e-12);
    }
}

static void test_views(void **state)
{
    dcr_err err = {0};
    (void)state;
    seed = 2;
    for (int i = 0; i < ROUNDS; i++) {
        dcr_risk *r, *v = NULL;
        make(&w);
        r = risk_of(&w);
        assert_int_equal(dcr_risk_history(&v, r, &err), DCR_OK);
        assert_string_equal(v->view, "history");
        check_history(&w, v);
        dcr_risk_free(v);
        assert_int_equal(dcr_risk_two_exams(&v, r, &err), DCR_OK);
        assert_string_equal(v->view, "two_exams");
        assert_false(v->refused);
        check_pairs(&w, v);
        for (uint32_t s = 0; s < r->n_subjects; s++)
            assert_true(v->k[s] <= r->k[s] || r->k[s] == 0);
        dcr_risk_free(v);
        dcr_risk_free(r);
    }
}

/* ---- a site that knows its own patients ---- */

/* 1/k in units of 1/360360, the least common multiple of 1 to 14. */
static uint64_t unit_share(uint32_t k)
{
    return 360360 / k;
}

static uint32_t worst_site(const world *x, truth *worst)
{
    static truth t;
    uint64_t unique = 0, sum = 0;
    uint32_t v, found = 0;
    for (v = 1; v < x->column[SITE].n_codes; v++) {
        uint64_t u = 0, total = 0;
        bool named = false;
        everybody(&t);
        for (size_t i = 0; i < x->m.table.n_rows; i++)
            if (x->code[SITE][i] == v) {
                t.in[x->subject[i]] = false;
                named = true;
            }
        any_exam(x, &t, SIZE_MAX);
        if (!named || t.n == 0)
            continue;
        for (uint32_t s = 0; s < x->m.n_subjects; s++)
            if (t.in[s]) {
                u += t.k[s] == 1;
                total += unit_share(t.k[s]);
            }
        if (found == 0 || u * worst->n > unique * t.n ||
            (u * worst->n == unique * t.n && total * worst->n > sum * t.n)) {
            found = v;
            unique = u;
            sum = total;
            *worst = t;
        }
    }
    return found;
}

static void test_collaborating(void **state)
{
    static truth t;
    dcr_err err = {0};
    int with_site = 0, without = 0;
    (void)state;
    seed = 3;
    for (int i = 0; i < ROUNDS; i++) {
        dcr_risk *r, *v = NULL;
        make(&w);
        w.a.subtract_site = true;
        r = risk_of(&w);
        if (worst_site(&w, &t) == 0) {
            everybody(&t);
            any_exam(&w, &t, SIZE_MAX);
            assert_null(r->number);
            without++;
        } else {
            assert_non_null(r->number);
            with_site++;
        }
        compare(&w, &t, r);
        assert_string_not_equal(r->note, "");
        assert_int_equal(dcr_risk_history(&v, r, &err), DCR_OK);
        assert_int_equal(v->n_subjects, t.n);
        dcr_risk_free(v);
        assert_int_equal(dcr_risk_two_exams(&v, r, &err), DCR_OK);
        assert_int_equal(v->n_subjects, t.n);
        for (uint32_t s = 0; s < t.n; s++)
            assert_true(v->k[s] >= 1 && v->k[s] <= r->k[s]);
        dcr_risk_free(v);
        dcr_risk_free(r);
    }
    assert_true(with_site > 100 && without > 100);
}

/* ---- concepts, row counts ---- */

static double entropy_of(const world *x, const truth *t, size_t c)
{
    uint32_t n[MAX_CODES] = {0}, total = 0;
    double h = 0;
    for (uint32_t code = 0; code < x->column[c].n_codes; code++)
        for (uint32_t s = 0; s < x->m.n_subjects; s++) {
            bool held = false;
            for (size_t i = 0; i < x->m.table.n_rows; i++)
                held = held || (x->subject[i] == s && x->code[c][i] == code);
            n[code] += held && t->in[s];
            total += held && t->in[s];
        }
    for (uint32_t code = 0; code < x->column[c].n_codes; code++)
        if (n[code] > 0)
            h -= (double)n[code] / total * log2((double)n[code] / total);
    return h;
}

static uint32_t fewest_of(const world *x, const truth *t, size_t c)
{
    uint32_t best = 0;
    for (uint32_t code = 0; code < x->column[c].n_codes; code++) {
        uint32_t k = 0;
        for (uint32_t s = 0; s < x->m.n_subjects; s++) {
            bool held = false;
            for (size_t i = 0; i < x->m.table.n_rows; i++)
                held = held || (x->subject[i] == s && x->code[c][i] == code);
            k += held && t->in[s];
        }
        if (k > 0 && (best == 0 || k < best))
            best = k;
    }
    return best;
}

static uint32_t unique_without(const world *x, truth *t, size_t skip)
{
    uint32_t n = 0;
    any_exam(x, t, skip);
    for (uint32_t s = 0; s < x->m.n_subjects; s++)
        n += t->in[s] && t->k[s] == 1;
    return n;
}

static void test_concepts(void **state)
{
    static truth t;
    dcr_err err = {0};
    (void)state;
    seed = 4;
    for (int i = 0; i < ROUNDS / 3; i++) {
        dcr_concept_figures f[N_CONCEPTS];
        dcr_risk *r;
        size_t n = 99, at = 0;
        uint32_t unique;
        make(&w);
        r = risk_of(&w);
        assert_int_equal(dcr_concept_figures_get(r, f, &n, &err), DCR_OK);
        everybody(&t);
        unique = unique_without(&w, &t, SIZE_MAX);
        for (size_t c = 0; c < N_CONCEPTS; c++) {
            if (!w.carried[c])
                continue;
            assert_true(at < n);
            assert_int_equal(f[at].concept, c);
            assert_float_equal(f[at].bits, entropy_of(&w, &t, c), 1e-9);
            assert_int_equal(f[at].alone, fewest_of(&w, &t, c));
            assert_int_equal(f[at].drop_one, unique - unique_without(&w, &t, c));
            at++;
        }
        assert_int_equal(at, n);
        dcr_risk_free(r);
    }
}

static void test_naive(void **state)
{
    dcr_err err = {0};
    (void)state;
    seed = 5;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t min_files = 0, min_studies = 0;
        dcr_naive got = {99, 99};
        dcr_risk *r;
        make(&w);
        for (size_t i = 0; i < w.m.table.n_rows; i++) {
            bool seen[MAX_ROWS] = {false};
            uint64_t files = 0, studies = 0;
            for (size_t j = 0; j < w.m.table.n_rows; j++) {
                if (!same(&w, i, j, SIZE_MAX))
                    continue;
                files += w.files[j];
                studies += !seen[w.study[j]];
                seen[w.study[j]] = true;
            }
            min_files = i == 0 || files < min_files ? files : min_files;
            min_studies = i == 0 || studies < min_studies ? studies : min_studies;
        }
        r = risk_of(&w);
        assert_int_equal(dcr_naive_get(r, &got, &err), DCR_OK);
        assert_int_equal(got.k_min_files, min_files);
        assert_int_equal(got.k_min_studies, min_studies);
        dcr_risk_free(r);
    }
}

/* ---- the heat map ---- */

/* The period of a month label in the unit of the map; "no date" for none. */
static void period_of(const char *label, const char *unit, char out[24])
{
    static const struct {
        const char *name;
        unsigned years;
    } long_unit[] = {{"5 years", 5}, {"decade", 10}, {"century", 100}};
    unsigned year = 0, month = 0;
    if (label[0] == '\0') {
        snprintf(out, 24, "no date");
        return;
    }
    if (sscanf(label, "%4u%2u", &year, &month) != 2 || strlen(label) != 6) {
        snprintf(out, 24, "other dates");
        return;
    }
    if (strcmp(unit, "month") == 0)
        snprintf(out, 24, "%04u-%02u", year, month);
    else if (strcmp(unit, "quarter") == 0)
        snprintf(out, 24, "%04u-Q%u", year, (month + 2) / 3);
    else if (strcmp(unit, "year") == 0)
        snprintf(out, 24, "%04u", year);
    for (size_t u = 0; u < 3; u++)
        if (strcmp(unit, long_unit[u].name) == 0) {
            unsigned from = year / long_unit[u].years * long_unit[u].years;
            snprintf(out, 24, "%04u-%04u", from, from + long_unit[u].years - 1);
        }
}

/* True when a site has a row of its own in the map. */
static bool has_row(const dcr_heat *h, uint32_t site)
{
    for (size_t y = 0; y < h->n_rows; y++)
        if (h->row_site[y] == site)
            return true;
    return false;
}

static void check_cells(const world *x, const dcr_heat *h, const dcr_risk *r, uint32_t k)
{
    for (size_t y = 0; y < h->n_rows; y++)
        for (size_t c = 0; c < h->n_columns; c++) {
            uint32_t subjects = 0, below = 0;
            for (uint32_t s = 0; s < x->m.n_subjects; s++) {
                bool held = false;
                for (size_t i = 0; i < x->m.table.n_rows; i++) {
                    uint32_t site = x->code[SITE][i];
                    char period[24];
                    if (x->subject[i] != s || held)
                        continue;
                    period_of(x->label[DATE][x->code[DATE][i]], h->unit, period);
                    held = strcmp(period, h->column[c]) == 0 &&
                           (h->row_site[y] == UINT32_MAX ? !has_row(h, site)
                                                         : h->row_site[y] == site);
                }
                subjects += held;
                below += held && r->k[s] < k;
            }
            assert_int_equal(h->subjects[y][c], subjects);
            assert_int_equal(h->below[y][c], below);
        }
}

static uint64_t cells_sum(const dcr_heat *h)
{
    uint64_t n = 0;
    for (size_t y = 0; y < h->n_rows; y++)
        for (size_t x = 0; x < h->n_columns; x++)
            n += h->subjects[y][x];
    return n;
}

static void test_heat(void **state)
{
    static dcr_heat h;
    dcr_err err = {0};
    (void)state;
    seed = 6;
    for (int i = 0; i < ROUNDS / 3; i++) {
        dcr_risk *r;
        make(&w);
        r = risk_of(&w);
        assert_int_equal(dcr_heat_get(&h, r, 3, &err), DCR_OK);
        if (w.column[SITE].n_codes < 2 || w.m.n_subjects == 0) {
            assert_int_equal(cells_sum(&h), 0);
        } else {
            assert_string_equal(h.unit, "month");
            assert_true(cells_sum(&h) >= w.m.n_subjects);
            check_cells(&w, &h, r, 3);
        }
        dcr_risk_free(r);
    }
}

/* One subject for each (site, month) of a grid; site 1 has the most rows. */
static void grid(uint32_t sites, uint32_t months)
{
    uint32_t s = 0;
    start(&w);
    for (uint32_t site = 1; site <= sites; site++)
        for (uint32_t m = 1; m <= months; m += 1 + (site > 1 && months > 5)) {
            uint32_t code[N_CONCEPTS] = {1, m, site, 0};
            add_row(&w, s, s, code);
            s++;
        }
    wire(&w, (sites > months ? sites : months) + 1);
    w.column[SITE].n_codes = sites + 1;
    w.column[DATE].n_codes = months + 1;
}

static void test_heat_limits(void **state)
{
    static const struct {
        uint32_t sites, months;
        const char *unit;
        size_t rows, columns;
    } e[] = {{3, 22, "month", 3, 22},   {3, 23, "quarter", 3, 8},  {3, 66, "quarter", 3, 22},
             {3, 67, "year", 3, 6},     {22, 5, "month", 22, 5},   {23, 5, "month", 23, 5},
             {24, 5, "month", 23, 5},   {60, 12, "month", 23, 12}, {1, 1, "month", 1, 1}};
    static dcr_heat h;
    dcr_err err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        dcr_risk *r;
        grid(e[i].sites, e[i].months);
        r = risk_of(&w);
        assert_int_equal(dcr_heat_get(&h, r, 5, &err), DCR_OK);
        assert_string_equal(h.unit, e[i].unit);
        assert_int_equal(h.n_columns, e[i].columns);
        assert_int_equal(h.n_rows, e[i].rows);
        assert_int_equal(h.n_sites, e[i].sites);
        assert_int_equal(h.row_site[0], 1); /* the largest comes first */
        assert_int_equal(cells_sum(&h), w.m.n_subjects);
        if (e[i].sites > 22)
            assert_int_equal(h.row_site[22], UINT32_MAX);
        check_cells(&w, &h, r, 5);
        dcr_risk_free(r);
    }
}

/* Of a view that leaves subjects out, these are nobody's cells. */
static void test_heat_of_some(void **state)
{
    static const uint32_t row[][N_CONCEPTS] = {
        {1, 1, 1, 0}, {1, 1, 1, 0}, {2, 1, 2, 0}, {1, 2, 2, 0}, {1, 2, 2, 0}};
    static dcr_heat h;
    dcr_err err = {0};
    uint32_t below = 0;
    dcr_risk *r;
    (void)state;
    start(&w);
    for (uint32_t s = 0; s < 5; s++)
        add_row(&w, s, s, row[s]);
    wire(&w, 3);
    w.a.subtract_site = true;
    r = risk_of(&w);
    assert_int_equal(r->n_subjects, 3); /* without site 1: one of three is alone */
    assert_int_equal(dcr_heat_get(&h, r, 2, &err), DCR_OK);
    assert_int_equal(cells_sum(&h), 3);
    for (size_t y = 0; y < h.n_rows; y++)
        for (size_t x = 0; x < h.n_columns; x++)
            below += h.below[y][x];
    assert_int_equal(below, 1);
    dcr_risk_free(r);
}

/* ---- what the metrics emit ---- */

typedef struct emitted {
    char path[64];
    dcr_measure m;
} emitted;
static emitted list[128];
static size_t n_list;

static dcr_status take(void *ctx, const char *path, const dcr_measure *m, dcr_err *err)
{
    (void)ctx;
    (void)err;
    for (size_t i = 0; i < n_list; i++)
        assert_string_not_equal(list[i].path, path);
    assert_true(n_list < sizeof list / sizeof *list && strlen(path) < sizeof list->path);
    snprintf(list[n_list].path, sizeof list->path, "%s", path);
    list[n_list++].m = *m;
    return DCR_OK;
}

static void run_metrics(const dcr_risk *r)
{
    const dcr_metric_sink sink = {NULL, take};
    dcr_err err = {0};
    n_list = 0;
    for (const dcr_metric *const *m = dcr_metrics(); *m != NULL; m++)
        assert_int_equal((*m)->run(r, &sink, &err), DCR_OK);
}

static const dcr_measure *figure(const char *path)
{
    for (size_t i = 0; i < n_list; i++)
        if (strcmp(list[i].path, path) == 0)
            return &list[i].m;
    return NULL;
}

static void expect(const char *path, double value, bool integer)
{
    const dcr_measure *m = figure(path);
    if (m == NULL || fabs(m->value - value) > 1e-9 || !m->applies || m->integer != integer)
        fail_msg("%s is %g, not %g", path, m == NULL ? NAN : m->value, value);
    assert_float_equal(m->lo, m->value, 0);
    assert_float_equal(m->hi, m->value, 0);
}

/* Absent or null: there is nothing to say. */
static void expect_nothing(const char *path)
{
    const dcr_measure *m = figure(path);
    assert_true(m == NULL || !m->applies);
}

static double median_of(const uint32_t *k, uint32_t n)
{
    size_t sorted[MAX_SUBJECTS];
    for (uint32_t i = 0; i < n; i++)
        sorted[i] = k[i];
    qsort(sorted, n, sizeof *sorted, by_size);
    return n % 2 == 1 ? (double)sorted[n / 2]
                      : ((double)sorted[n / 2 - 1] + (double)sorted[n / 2]) / 2;
}

static void expect_below(const truth *t)
{
    static const uint32_t k[] = {2, 3, 5, 11, 20};
    for (size_t i = 0; i < 5; i++) {
        char path[32];
        uint32_t n = 0;
        snprintf(path, sizeof path, "below/%u", k[i]);
        for (uint32_t s = 0; s < t->n; s++)
            n += t->k[s] < k[i];
        expect(path, n, true);
        if (k[i] == 2)
            expect("unique_subjects", n, true);
    }
}

static void expect_shares(const truth *t)
{
    /* r = 1/k > 0.05 means k < 20, and so on: no number is rounded */
    static const struct {
        const char *path;
        uint32_t most_k;
    } e[] = {{"prosecutor/share_above/0.05", 19}, {"prosecutor/share_above/0.09", 11},
             {"prosecutor/share_above/0.2", 4},   {"prosecutor/share_above/0.33", 3}};
    for (size_t i = 0; i < 4; i++) {
        uint32_t n = 0;
        for (uint32_t s = 0; s < t->n; s++)
            n += t->k[s] <= e[i].most_k;
        expect(e[i].path, (double)n / t->n, false);
    }
}

static void test_figures(void **state)
{
    static truth t;
    (void)state;
    seed = 7;
    for (int i = 0; i < ROUNDS / 3; i++) {
        uint32_t k_min = UINT32_MAX, low_min = UINT32_MAX;
        double sum = 0, exam = 0;
        dcr_risk *r;
        make(&w);
        r = risk_of(&w);
        everybody(&t);
        any_exam(&w, &t, SIZE_MAX);
        run_metrics(r);
        expect("subjects", t.n, true);
        expect("records", t.records, true);
        expect("classes", t.classes, true);
        dcr_risk_free(r);
        if (t.n == 0) {
            expect_nothing("k_min");
            expect_nothing("k_median");
            expect_nothing("prosecutor/max");
            expect_nothing("prosecutor/average");
            continue;
        }
        for (uint32_t s = 0; s < t.n; s++) {
            k_min = t.k[s] < k_min ? t.k[s] : k_min;
            low_min = t.low[s] < low_min ? t.low[s] : low_min;
            sum += 1.0 / t.k[s];
            exam += t.exam[s];
        }
        expect("k_min", k_min, true);
        expect("k_low_min", low_min, true);
        expect("k_median", median_of(t.k, t.n), false);
        expect("prosecutor/max", 1.0 / k_min, false);
        expect("prosecutor/average", sum / t.n, false);
        expect("prosecutor/random_exam", exam / t.n, false);
        expect_below(&t);
        expect_shares(&t);
    }
}

/* Classes of these sizes; bins as the design has them: 1, 2, 3-4, 5-10, 11-19, 20-49, 50-99,
 * 100 and more. */
static void test_histogram(void **state)
{
    static const uint32_t size[] = {1, 2, 2, 3, 4, 5, 10, 11, 19, 20, 49, 50, 99, 100, 101, 300};
    static const uint32_t from[] = {1, 2, 3, 5, 11, 20, 50, 100};
    static const uint32_t to[] = {1, 2, 4, 10, 19, 49, 99};
    static const uint32_t classes[] = {1, 2, 2, 2, 2, 2, 2, 3};
    static const uint32_t subjects[] = {1, 4, 7, 15, 30, 69, 149, 501};
    uint32_t s = 0;
    dcr_risk *r;
    (void)state;
    start(&w);
    for (uint32_t c = 0; c < 16; c++)
        for (uint32_t i = 0; i < size[c]; i++, s++) {
            uint32_t code[N_CONCEPTS] = {c + 1, 0, 0, 0};
            add_row(&w, s, s, code);
        }
    wire(&w, 17);
    r = risk_of(&w);
    run_metrics(r);
    for (int b = 0; b < 8; b++) {
        char path[48];
        snprintf(path, sizeof path, "histogram/%d/from", b);
        expect(path, from[b], true);
        snprintf(path, sizeof path, "histogram/%d/classes", b);
        expect(path, classes[b], true);
        snprintf(path, sizeof path, "histogram/%d/subjects", b);
        expect(path, subjects[b], true);
        snprintf(path, sizeof path, "histogram/%d/to", b);
        if (b < 7)
            expect(path, to[b], true);
        else
            assert_false(figure(path)->applies);
    }
    dcr_risk_free(r);
}

/* ---- laws ---- */

static int by_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The same people in another order, under other codes, with rows of a study turned round. */
static void shuffle(const world *from, world *to)
{
    uint32_t order[MAX_SUBJECTS], study = 0, n = from->m.n_subjects;
    uint32_t code_of[N_CONCEPTS][MAX_CODES];
    start(to);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = draw(i), x = order[i - 1];
        order[i - 1] = order[j];
        order[j] = x;
    }
    for (size_t c = 0; c < N_CONCEPTS; c++)
        for (uint32_t i = 0; i < MAX_CODES; i++) /* 0 stays: no value */
            code_of[c][i] = i == 0 ? 0 : from->column[c].n_codes - i;
    for (uint32_t s = 0; s < n; s++) {
        to->subjects[s] = from->subjects[order[s]];
        for (size_t i = from->m.table.n_rows; i-- > 0;) {
            uint32_t code[N_CONCEPTS];
            if (from->subject[i] != order[s])
                continue;
            for (size_t c = 0; c < N_CONCEPTS; c++)
                code[c] = code_of[c][from->code[c][i]];
            add_row(to, s, study, code);
            if (i == 0 || from->study[i - 1] != from->study[i] || from->subject[i - 1] != order[s])
                study++;
        }
    }
    wire(to, from->column[0].n_codes);
}

static void same_figures(const dcr_risk *a, const dcr_risk *b)
{
    static uint32_t ka[MAX_SUBJECTS], kb[MAX_SUBJECTS];
    assert_int_equal(a->n_subjects, b->n_subjects);
    assert_int_equal(a->classes.n_records, b->classes.n_records);
    assert_int_equal(a->classes.n_classes, b->classes.n_classes);
    for (int low = 0; low < 2; low++) {
        memcpy(ka, low ? a->k_low : a->k, a->n_subjects * sizeof *ka);
        memcpy(kb, low ? b->k_low : b->k, b->n_subjects * sizeof *kb);
        qsort(ka, a->n_subjects, sizeof *ka, by_u32);
        qsort(kb, b->n_subjects, sizeof *kb, by_u32);
        assert_memory_equal(ka, kb, a->n_subjects * sizeof *ka);
    }
}

static void test_shuffling(void **state)
{
    dcr_err err = {0};
    (void)state;
    seed = 8;
    for (int i = 0; i < ROUNDS; i++) {
        dcr_risk *a, *b, *va = NULL, *vb = NULL;
        make(&w);
        shuffle(&w, &other);
        w.a.subtract_site = other.a.subtract_site = false;
        a = risk_of(&w);
        b = risk_of(&other);
        same_figures(a, b);
        assert_int_equal(dcr_risk_history(&va, a, &err), DCR_OK);
        assert_int_equal(dcr_risk_history(&vb, b, &err), DCR_OK);
        same_figures(va, vb);
        dcr_risk_free(va);
        dcr_risk_free(vb);
        assert_int_equal(dcr_risk_two_exams(&va, a, &err), DCR_OK);
        assert_int_equal(dcr_risk_two_exams(&vb, b, &err), DCR_OK);
        same_figures(va, vb);
        dcr_risk_free(va);
        dcr_risk_free(vb);
        dcr_risk_free(a);
        dcr_risk_free(b);
    }
}

/* Who knows more finds nobody in a larger crowd, and the lower bound is one. */
static void test_knowing_more(void **state)
{
    (void)state;
    seed = 9;
    for (int i = 0; i < ROUNDS; i++) {
        dcr_risk *before = NULL;
        make(&w);
        for (size_t n = 0; n <= N_CONCEPTS; n++) {
            dcr_risk *r;
            w.a.n_knows = n;
            r = risk_of(&w);
            for (uint32_t s = 0; s < r->n_subjects; s++) {
                assert_true(r->k[s] >= 1 && r->k_low[s] >= 1 && r->k_low[s] <= r->k[s]);
                assert_true(r->k[s] <= w.m.n_subjects);
                assert_true(before == NULL || r->k[s] <= before->k[s]);
                assert_true(r->exam[s] <= 1.0 / r->k[s] + 1e-12);
            }
            dcr_risk_free(before);
            before = r;
        }
        dcr_risk_free(before);
    }
}

/* ---- no memory ---- */

static dcr_status all_of(dcr_err *err)
{
    dcr_concept_figures f[N_CONCEPTS];
    static dcr_heat h;
    dcr_naive naive;
    dcr_risk *r = NULL, *v = NULL;
    size_t n;
    const dcr_metric_sink sink = {NULL, take};
    dcr_status rc = dcr_risk_any_exam(&r, &w.m, &w.a, err);
    if (rc == DCR_OK)
        rc = dcr_risk_history(&v, r, err);
    dcr_risk_free(v);
    v = NULL;
    if (rc == DCR_OK)
        rc = dcr_risk_two_exams(&v, r, err);
    dcr_risk_free(v);
    if (rc == DCR_OK)
        rc = dcr_concept_figures_get(r, f, &n, err);
    if (rc == DCR_OK)
        rc = dcr_naive_get(r, &naive, err);
    if (rc == DCR_OK)
        rc = dcr_heat_get(&h, r, 5, err);
    n_list = 0;
    for (const dcr_metric *const *m = dcr_metrics(); *m != NULL && rc == DCR_OK; m++)
        rc = (*m)->run(r, &sink, err);
    dcr_risk_free(r);
    return rc;
}

static void test_no_memory(void **state)
{
    (void)state;
    seed = 10;
    do {
        make(&w);
    } while (w.m.n_subjects < 5 || !w.carried[SITE] || !w.carried[SEX]);
    for (int subtract = 0; subtract < 2; subtract++) {
        dcr_status rc = DCR_ENOMEM;
        w.a.subtract_site = subtract == 1;
        for (long n = 0; rc != DCR_OK; n++) {
            dcr_err err = {0};
            assert_true(n < 10000);
            dcr_alloc_fail_after(n);
            rc = all_of(&err);
            dcr_alloc_fail_after(-1);
            assert_true(rc == DCR_OK || (rc == DCR_ENOMEM && err.code == DCR_ENOMEM));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_exam),      cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_views),         cmocka_unit_test(test_collaborating),
        cmocka_unit_test(test_concepts),      cmocka_unit_test(test_naive),
        cmocka_unit_test(test_heat),          cmocka_unit_test(test_heat_limits),
        cmocka_unit_test(test_heat_of_some),  cmocka_unit_test(test_figures),
        cmocka_unit_test(test_histogram),     cmocka_unit_test(test_shuffling),
        cmocka_unit_test(test_knowing_more),  cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
