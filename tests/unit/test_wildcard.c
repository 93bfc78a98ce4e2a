/* k with missing values as wildcards, against plain loops over the definition: every
 * record is compared with every other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "table_maker.h"

static const uint32_t below[] = {2, 3, 5, 11, 20};
enum { N_BELOW = sizeof below / sizeof *below };

typedef struct said { /* what the metric emits */
    double k_min, unique, below[N_BELOW];
    bool applies, any;
} said;

static dcr_status take(void *ctx, const char *path, const dcr_measure *x, dcr_err *err)
{
    said *s = ctx;
    double v = x->applies ? x->value : -1;
    (void)err;
    s->any = true;
    if (strcmp(path, "wildcard/k_min") == 0)
        s->k_min = v;
    else if (strcmp(path, "wildcard/unique_subjects") == 0)
        s->unique = v;
    for (size_t i = 0; i < N_BELOW; i++) {
        char name[32];
        snprintf(name, sizeof name, "wildcard/below/%u", below[i]);
        if (strcmp(path, name) == 0)
            s->below[i] = v;
    }
    return DCR_OK;
}

static dcr_status take_text(void *ctx, const char *path, const char *text, dcr_err *err)
{
    said *s = ctx;
    (void)err;
    if (strcmp(path, "wildcard/note") == 0)
        assert_int_equal(text == NULL, s->applies); /* a refusal says why */
    return DCR_OK;
}

static dcr_status take_truth(void *ctx, const char *path, bool yes, dcr_err *err)
{
    said *s = ctx;
    (void)err;
    if (strcmp(path, "wildcard/applies") == 0)
        s->applies = yes;
    return DCR_OK;
}

static const dcr_metric *the_metric(void)
{
    for (const dcr_metric *const *m = dcr_metrics(); *m != NULL; m++)
        if (strcmp((*m)->id, "wildcard") == 0)
            return *m;
    fail_msg("no metric wildcard");
    return NULL;
}

static dcr_status ask(const dcr_risk *r, said *out, dcr_err *err)
{
    const dcr_metric_sink sink = {out, take, take_text, take_truth, NULL};
    memset(out, 0, sizeof *out);
    return the_metric()->run(r, &sink, err);
}

/* ---- the definition ---- */

static bool may_be_same(const world *x, size_t i, size_t j)
{
    for (size_t c = 0; c < N_CONCEPTS; c++)
        if (x->code[c][i] != x->code[c][j] && x->code[c][i] != 0 && x->code[c][j] != 0)
            return false;
    return true;
}

static void define(const world *x, said *t)
{
    memset(t, 0, sizeof *t);
    for (uint32_t s = 0; s < x->m.n_subjects; s++) {
        uint32_t k = UINT32_MAX;
        for (size_t i = 0; i < x->m.table.n_rows; i++) {
            bool has[MAX_SUBJECTS] = {false};
            uint32_t n = 0;
            if (x->subject[i] != s)
                continue;
            for (size_t j = 0; j < x->m.table.n_rows; j++)
                if (!has[x->subject[j]] && may_be_same(x, i, j)) {
                    has[x->subject[j]] = true;
                    n++;
                }
            k = n < k ? n : k;
        }
        t->k_min = t->k_min == 0 || k < t->k_min ? k : t->k_min;
        for (size_t b = 0; b < N_BELOW; b++)
            t->below[b] += k < below[b];
    }
    t->k_min = x->m.n_subjects == 0 ? -1 : t->k_min;
    t->unique = t->below[0];
}

static void compare_said(const said *got, const said *t)
{
    assert_true(got->applies);
    assert_float_equal(got->k_min, t->k_min, 0);
    assert_float_equal(got->unique, t->unique, 0);
    for (size_t b = 0; b < N_BELOW; b++)
        assert_float_equal(got->below[b], t->below[b], 0);
}

static void test_definition(void **state)
{
    (void)state;
    seed = 21;
    for (int i = 0; i < ROUNDS; i++) {
        dcr_risk *r;
        dcr_err err = {0};
        said got, t;
        make(&w);
        r = risk_of(&w);
        define(&w, &t);
        assert_int_equal(ask(r, &got, &err), DCR_OK);
        compare_said(&got, &t);
        /* A wildcard never makes a crowd smaller. */
        for (size_t b = 0; b < N_BELOW; b++) {
            double category = 0;
            for (uint32_t s = 0; s < r->n_subjects; s++)
                category += r->k[s] < below[b];
            assert_true(got.below[b] <= category);
        }
        dcr_risk_free(r);
    }
}

/* Many subjects with several records and few values: groups of all sizes. */
static void test_larger(void **state)
{
    (void)state;
    seed = 22;
    for (int i = 0; i < 12; i++) {
        uint32_t codes = 2 + draw(6), share = 1 + draw(9), n = 60 + draw(80), study = 0;
        dcr_risk *r;
        dcr_err err = {0};
        said got, t;
        start(&w);
        for (uint32_t s = 0; s < n; s++)
            for (uint32_t k = 1 + draw(4); k > 0; k--) {
                uint32_t code[N_CONCEPTS];
                for (size_t c = 0; c < N_CONCEPTS; c++)
                    code[c] = draw(10) < share ? 0 : 1 + draw(codes);
                add_row(&w, s, study++, code);
            }
        wire(&w, codes + 1);
        r = risk_of(&w);
        define(&w, &t);
        assert_int_equal(ask(r, &got, &err), DCR_OK);
        compare_said(&got, &t);
        dcr_risk_free(r);
    }
}

/* By hand: A knows sex and month, B's month is missing, C differs from both in sex. */
static void test_by_hand(void **state)
{
    static const uint32_t row[][N_CONCEPTS] = {{1, 1, 0, 0}, {1, 0, 0, 0}, {2, 1, 0, 0}};
    dcr_risk *r;
    dcr_err err = {0};
    said got;
    (void)state;
    start(&w);
    for (uint32_t s = 0; s < 3; s++)
        add_row(&w, s, s, row[s]);
    wire(&w, 3);
    r = risk_of(&w);
    assert_int_equal(r->k[0], 1); /* as a category the missing month is B's own */
    assert_int_equal(ask(r, &got, &err), DCR_OK);
    assert_float_equal(got.k_min, 1, 0);    /* C */
    assert_float_equal(got.below[0], 1, 0); /* A and B may be each other */
    assert_float_equal(got.below[1], 3, 0);
    dcr_risk_free(r);
}

/* Further views have keys of their own and say nothing. */
static void test_other_views(void **state)
{
    dcr_risk *r, *v = NULL;
    dcr_err err = {0};
    said got;
    (void)state;
    seed = 23;
    do {
        make(&w);
    } while (w.m.n_subjects < 5);
    r = risk_of(&w);
    assert_int_equal(dcr_risk_history(&v, r, &err), DCR_OK);
    assert_int_equal(ask(v, &got, &err), DCR_OK);
    assert_false(got.any);
    dcr_risk_free(v);
    assert_int_equal(dcr_risk_two_exams(&v, r, &err), DCR_OK);
    assert_int_equal(ask(v, &got, &err), DCR_OK);
    assert_false(got.any);
    dcr_risk_free(v);
    dcr_risk_free(r);
}

static void test_no_memory(void **state)
{
    dcr_risk *r;
    dcr_status rc = DCR_ENOMEM;
    said got, t;
    (void)state;
    seed = 24;
    do {
        make(&w);
        define(&w, &t);
    } while (w.m.n_subjects < 8 || t.k_min < 2);
    r = risk_of(&w);
    for (long n = 0; rc != DCR_OK; n++) {
        dcr_err err = {0};
        assert_true(n < 100);
        dcr_alloc_fail_after(n);
        rc = ask(r, &got, &err);
        dcr_alloc_fail_after(-1);
        assert_true(rc == DCR_OK || (rc == DCR_ENOMEM && err.code == DCR_ENOMEM));
    }
    compare_said(&got, &t);
    dcr_risk_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition), cmocka_unit_test(test_larger),
        cmocka_unit_test(test_by_hand),    cmocka_unit_test(test_other_views),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
