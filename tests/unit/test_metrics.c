/* Risk figures of small random tables against plain loops over the definitions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "table_maker.h"

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

/* Figures worked out by hand: A has a class with B, and one alone; C is inferred, as is
 * D. */
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
        dcr_singling g;
        dcr_risk *r;
        size_t n = 99, at = 0;
        uint32_t unique;
        make(&w);
        r = risk_of(&w);
        assert_int_equal(dcr_concept_figures_get(r, f, &n, &err), DCR_OK);
        assert_int_equal(dcr_singling_get(&g, r, &err), DCR_OK);
        assert_int_equal(g.n_concepts, n);
        everybody(&t);
        unique = unique_without(&w, &t, SIZE_MAX);
        for (size_t c = 0; c < N_CONCEPTS; c++) {
            if (!w.carried[c])
                continue;
            assert_true(at < n);
            assert_int_equal(f[at].concept, c);
            assert_float_equal(f[at].bits, entropy_of(&w, &t, c), 1e-9);
            assert_int_equal(f[at].alone, fewest_of(&w, &t, c));
            assert_int_equal(g.shapley[at].drop_one, unique - unique_without(&w, &t, c));
            at++;
        }
        assert_int_equal(at, n);
        dcr_singling_clear(&g);
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

/* ---- what the metrics emit ---- */

typedef struct emitted {
    char path[64];
    dcr_measure m;
} emitted;
static emitted list[128];

static dcr_status pass_text(void *ctx, const char *path, const char *text, dcr_err *err)
{
    (void)ctx;
    (void)path;
    (void)text;
    (void)err;
    return DCR_OK;
}

static dcr_status pass_truth(void *ctx, const char *path, bool yes, dcr_err *err)
{
    (void)ctx;
    (void)path;
    (void)yes;
    (void)err;
    return DCR_OK;
}

static dcr_status pass_empty(void *ctx, const char *path, dcr_err *err)
{
    (void)ctx;
    (void)path;
    (void)err;
    return DCR_OK;
}

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
    const dcr_metric_sink sink = {
        .emit = take, .text = pass_text, .truth = pass_truth, .empty = pass_empty};
    dcr_err err = {0};
    n_list = 0;
    for (const dcr_metric *const *m = dcr_metrics(); *m != NULL; m++)
        if ((*m)->run != NULL)
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
    if (m == NULL || fabs(m->value - value) > 1e-9 || !m->applies ||
        m->integer != integer)
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
    } e[] = {{"prosecutor/share_above/0.05", 19},
             {"prosecutor/share_above/0.09", 11},
             {"prosecutor/share_above/0.2", 4},
             {"prosecutor/share_above/0.33", 3}};
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

/* Classes of these sizes; bins as the design has them: 1, 2, 3-4, 5-10, 11-19, 20-49,
 * 50-99, 100 and more. */
static void test_histogram(void **state)
{
    static const uint32_t size[] = {1,  2,  2,  3,  4,  5,   10,  11,
                                    19, 20, 49, 50, 99, 100, 101, 300};
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

static world other;

static int by_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The same people in another order, under other codes, with rows of a study turned round.
 */
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
            if (i == 0 || from->study[i - 1] != from->study[i] ||
                from->subject[i - 1] != order[s])
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
    const dcr_metric_sink sink = {
        .emit = take, .text = pass_text, .truth = pass_truth, .empty = pass_empty};
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
        rc = (*m)->run == NULL ? DCR_OK : (*m)->run(r, &sink, err);
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
        cmocka_unit_test(test_any_exam),  cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_concepts),  cmocka_unit_test(test_naive),
        cmocka_unit_test(test_figures),   cmocka_unit_test(test_histogram),
        cmocka_unit_test(test_shuffling), cmocka_unit_test(test_knowing_more),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
