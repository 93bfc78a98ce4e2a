/* What if: every change against plain loops over a table with the change made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "table_maker.h"

static const dcr_target targets[] = {
    {"small", 3, 0, 1, true}, {"unique", 2, 10, 100, false}, {"mean", 0, 1, 2, false}};
static const dcr_whatif_ask ask = {3, targets, 3, true, NULL};

static dcr_whatif *build(const dcr_risk *r, const dcr_whatif_ask *a)
{
    dcr_whatif *wi = NULL;
    dcr_err err = {0};
    assert_int_equal(dcr_whatif_build(&wi, r, a, &err), DCR_OK);
    assert_non_null(wi);
    return wi;
}

/* ---- the change, made on the table ---- */

/* Months are "YYYYMM": what they are at a coarser level, as a number of its own. */
static uint32_t coarser(size_t concept, const char *level, const char *label)
{
    unsigned year, month;
    if (*label == '\0' || strcmp(level, "*") == 0)
        return 0;
    assert_int_equal(concept, DATE);
    assert_int_equal(sscanf(label, "%4u%2u", &year, &month), 2);
    if (strcmp(level, "quarter") == 0)
        return year * 10 + (month + 2) / 3;
    if (strcmp(level, "year") == 0)
        return year;
    assert_true(strcmp(level, "5y") == 0 || strcmp(level, "decade") == 0);
    return strcmp(level, "5y") == 0 ? year - year % 5 : year - year % 10;
}

static void make_change(world *to, const world *from, const dcr_whatif_change *c)
{
    *to = *from;
    wire(to, from->column[0].n_codes);
    memcpy(to->carried, from->carried, sizeof to->carried);
    for (size_t p = 0; p < c->n_parts; p++) {
        size_t k = c->part[p].concept;
        for (size_t r = 0; r < from->m.table.n_rows; r++)
            to->code[k][r] =
                coarser(k, c->part[p].level, from->label[k][from->code[k][r]]);
    }
}

static void same_figures(const truth *t, const world *x, const dcr_whatif_figures *f)
{
    uint32_t k_min = 0, low_min = 0, unique = 0, unique_low = 0, below = 0, below_low = 0;
    double sum = 0, sum_low = 0;
    for (uint32_t s = 0; s < x->m.n_subjects; s++) {
        if (!t->in[s])
            continue;
        k_min = k_min == 0 || t->k[s] < k_min ? t->k[s] : k_min;
        low_min = low_min == 0 || t->low[s] < low_min ? t->low[s] : low_min;
        unique += t->k[s] == 1;
        unique_low += t->low[s] == 1;
        below += t->k[s] < 3;
        below_low += t->low[s] < 3;
        sum += 1.0 / t->k[s];
        sum_low += 1.0 / t->low[s];
    }
    assert_int_equal(f->k_min, k_min);
    assert_int_equal(f->k_low_min, low_min);
    assert_int_equal(f->unique, unique);
    assert_int_equal(f->unique_low, unique_low);
    assert_int_equal(f->below, below);
    assert_int_equal(f->below_low, below_low);
    assert_float_equal(f->average, sum / t->n, 1e-12);
    assert_float_equal(f->average_low, sum_low / t->n, 1e-12);
    assert_int_equal(f->unmet, (below > 0) + (unique * 100 > t->n * 10) +
                                   (sum * 2 > t->n * (1 + 1e-9)));
    assert_int_equal(f->unmet_low, (below_low > 0) + (unique_low * 100 > t->n * 10) +
                                       (sum_low * 2 > t->n * (1 + 1e-9)));
    assert_float_equal(f->target[0], below, 0);
    assert_float_equal(f->target_low[1], unique_low, 0);
    assert_float_equal(f->target[2], sum / t->n, 1e-12);
}

/* -sum p(f, m) log2 p(f | m), pair by pair. */
static double loss(const world *x, size_t concept, const char *level)
{
    double sum = 0, n = 0;
    const dcr_code *code = x->code[concept];
    const char *const *label = x->label[concept];
    for (size_t i = 0; i < x->m.table.n_rows; i++) {
        double fine = 0, coarse = 0;
        bool first = true;
        for (size_t j = 0; j < i; j++)
            first = first && !(x->subject[j] == x->subject[i] && code[j] == code[i]);
        if (!first)
            continue;
        n++;
        for (size_t j = 0; j < x->m.table.n_rows; j++) {
            bool new_pair = true;
            for (size_t k = 0; k < j; k++)
                new_pair =
                    new_pair && !(x->subject[k] == x->subject[j] && code[k] == code[j]);
            fine += new_pair && code[j] == code[i];
            coarse += new_pair && coarser(concept, level, label[code[j]]) ==
                                      coarser(concept, level, label[code[i]]);
        }
        sum += log2(coarse / fine);
    }
    return sum / n;
}

static double in_patients(const dcr_whatif_figures *f, bool low, size_t t, uint32_t n)
{
    double v = low ? f->target_low[t] : f->target[t];
    return targets[t].k == 0 ? v * n : v;
}

/* Fall over the targets that were not met. */
static double effect(const dcr_whatif *wi, const dcr_whatif_change *c)
{
    const double limit[] = {0, 0.1 * wi->n_subjects, 0.5 * wi->n_subjects + 1e-9};
    bool low = wi->before.unmet == 0;
    double sum = 0;
    for (size_t t = 0; t < 3; t++) {
        double from = in_patients(&wi->before, low, t, wi->n_subjects);
        if (from > limit[t])
            sum += from - in_patients(&c->after, low, t, wi->n_subjects);
    }
    return sum;
}

static void check_change(const world *x, const dcr_whatif *wi, const dcr_whatif_change *c)
{
    static world changed;
    truth t;
    double bits = 0;
    make_change(&changed, x, c);
    everybody(&t);
    any_exam(&changed, &t, SIZE_MAX);
    same_figures(&t, &changed, &c->after);
    for (size_t p = 0; p < c->n_parts; p++)
        bits += loss(x, c->part[p].concept, c->part[p].level);
    assert_true(c->bits_lost > 0);
    assert_float_equal(c->bits_lost, bits, 1e-12);
    assert_float_equal(c->effect, effect(wi, c), 1e-9);
    assert_true(c->effect >= 0);
}

/* Every level that changes anything is there, once. */
static void check_levels(const world *x, const dcr_whatif *wi)
{
    static const struct {
        size_t concept;
        const char *level;
    } all[] = {{SEX, "*"},  {DATE, "quarter"}, {DATE, "year"}, {DATE, "5y"},
               {DATE, "*"}, {DATE, "decade"},  {SITE, "*"},    {DEVICE, "*"}};
    size_t n = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        size_t found = 0;
        if (!x->carried[all[i].concept])
            continue;
        for (size_t k = 0; k < wi->n_single; k++)
        found += wi->single[k].part[0].concept == all[i].concept &&
                 strcmp(wi->single[k].part[0].level, all[i].level) == 0;
        assert_int_equal(found, loss(x, all[i].concept, all[i].level) > 1e-12);
        n += found;
    }
    assert_int_equal(wi->n_single, n);
}

static void test_against_definition(void **state)
{
    uint32_t singles = 0, pairs = 0;
    (void)state;
    seed = 20261127;
    for (int round = 0; round < 400; round++) {
        truth t;
        make(&w);
        dcr_risk *r = risk_of(&w);
        dcr_whatif *wi = build(r, &ask);
        assert_int_equal(wi->n_subjects, w.m.n_subjects);
        if (w.m.n_subjects > 0) {
            everybody(&t);
            any_exam(&w, &t, SIZE_MAX);
            same_figures(&t, &w, &wi->before);
            if (r->applies)
                check_levels(&w, wi);
        }
        for (size_t i = 0; i < wi->n_single; i++) {
            check_change(&w, wi, &wi->single[i]);
            if (i > 0) /* by effect per bit */
                assert_true(wi->single[i - 1].effect / wi->single[i - 1].bits_lost >=
                            wi->single[i].effect / wi->single[i].bits_lost - 1e-8);
        }
        for (size_t i = 0; i < wi->n_pairs; i++) {
            assert_int_equal(wi->pair[i].n_parts, 2);
            assert_true(wi->pair[i].part[0].concept != wi->pair[i].part[1].concept);
            check_change(&w, wi, &wi->pair[i]);
        }
        singles += (uint32_t)wi->n_single;
        pairs += (uint32_t)wi->n_pairs;
        dcr_whatif_free(wi);
        dcr_risk_free(r);
    }
    assert_true(singles > 1000 && pairs > 1000);
}

/* ---- by hand ---- */

/* Four people of two sites and four months of one year: all are unique; without the month
 * two and two are alike, at the year too. */
static void four(void)
{
    static const uint32_t month[] = {1, 2, 3, 7}; /* 200001, 02, 03, 07 */
    start(&w);
    for (uint32_t s = 0; s < 4; s++)
        add_row(&w, s, s, (const uint32_t[N_CONCEPTS]){0, month[s], 1 + s % 2, 0});
    wire(&w, 13);
}

static void test_by_hand(void **state)
{
    static const dcr_target two = {"unique", 2, 0, 1, true};
    const dcr_whatif_ask a = {2, &two, 1, false, NULL};
    (void)state;
    four();
    dcr_risk *r = risk_of(&w);
    dcr_whatif *wi = build(r, &a);
    assert_int_equal(wi->before.unique, 4);
    /* by hand: quarter (3 of 4 months together: 3/4 log2 3 bits) helps 1 and 3; year and
     * coarser (2 bits) help all four; sites tell nobody apart who has a month */
    assert_int_equal(wi->n_single, 6);
    assert_string_equal(wi->single[0].part[0].level, "year");
    assert_string_equal(wi->single[0].part[0].from, "month");
    assert_float_equal(wi->single[0].bits_lost, 2, 1e-12);
    assert_float_equal(wi->single[0].effect, 4, 0);
    assert_int_equal(wi->single[0].after.unmet, 0);
    assert_int_equal(wi->single[0].after.k_min, 2);
    assert_string_equal(wi->single[3].part[0].level, "*");
    assert_string_equal(wi->single[4].part[0].level, "quarter");
    assert_int_equal(wi->single[4].after.unique, 2);
    assert_float_equal(wi->single[4].bits_lost, 0.75 * log2(3), 1e-12);
    assert_int_equal(wi->single[5].part[0].concept, SITE);
    assert_float_equal(wi->single[5].effect, 0, 0);
    /* month and site: at the quarter three are alike and one is alone */
    assert_true(wi->n_pairs > 0);
    assert_int_equal(wi->pair[0].after.unique, 0);
    dcr_whatif_free(wi);
    dcr_risk_free(r);
}

/* A concept that no file can do without stands last and in no pair. */
static void test_fixed(void **state)
{
    const bool fixed[N_CONCEPTS] = {[DATE] = true};
    dcr_whatif_ask a = ask;
    (void)state;
    a.fixed = fixed;
    four();
    dcr_risk *r = risk_of(&w);
    dcr_whatif *wi = build(r, &a);
    assert_int_equal(wi->n_single, 6);
    assert_int_equal(wi->single[0].part[0].concept, SITE);
    assert_false(wi->single[0].fixed);
    for (size_t i = 1; i < 6; i++)
        assert_true(wi->single[i].fixed);
    assert_int_equal(wi->n_pairs, 0);
    dcr_whatif_free(wi);
    dcr_risk_free(r);
}

/* What could not be read is a value of its own at every level. */
static void test_unreadable(void **state)
{
    (void)state;
    four();
    snprintf(w.text[7], sizeof w.text[7], "2000"); /* no month: what a year would be */
    dcr_risk *r = risk_of(&w);
    dcr_whatif *wi = build(r, &ask);
    for (size_t i = 0; i < wi->n_single; i++)
        if (strcmp(wi->single[i].part[0].level, "year") == 0) {
            assert_int_equal(wi->single[i].after.unique, 2); /* it, and site 2's other */
            assert_int_equal(wi->single[i].after.k_min, 1);
        }
    dcr_whatif_free(wi);
    dcr_risk_free(r);
}

/* One subject's values fall together: the entropies of the columns would say that
 * information is won. */
static void test_loss_is_not_negative(void **state)
{
    enum { MANY = 30 };
    (void)state;
    start(&w);
    for (uint32_t s = 0; s < MANY; s++) {
        for (uint32_t code = 1; code <= 2; code++) /* two months of one quarter */
            add_row(&w, s, 2 * s + code, (const uint32_t[N_CONCEPTS]){0, code, 0, 0});
        add_row(&w, s, 2 * MANY + s, (const uint32_t[N_CONCEPTS]){0, 10 + s * 3, 0, 0});
    }
    wire(&w, 110);
    dcr_risk *r = risk_of(&w);
    dcr_whatif *wi = build(r, &ask);
    dcr_concept_figures f[N_CONCEPTS];
    dcr_err err = {0};
    size_t n;
    assert_int_equal(dcr_concept_figures_get(r, f, &n, &err), DCR_OK);
    assert_int_equal(n, 1);
    for (size_t i = 0; i < wi->n_single; i++) {
        assert_true(wi->single[i].bits_lost > 0);
        if (strcmp(wi->single[i].part[0].level, "quarter") == 0)
            assert_float_equal(wi->single[i].bits_lost, 2.0 / 3, 1e-12); /* by hand */
        if (strcmp(wi->single[i].part[0].level, "*") == 0)
            assert_float_equal(wi->single[i].bits_lost, f[0].bits, 1e-12);
    }
    dcr_whatif_free(wi);
    dcr_risk_free(r);
}

/* Whoever subtracts a site is judged by the worst site of each change, as if the files
 * had been changed. */
static void test_worst_site(void **state)
{
    static world changed;
    (void)state;
    seed = 7;
    for (int round = 0; round < 150; round++) {
        make(&w);
        w.a.subtract_site = true;
        dcr_risk *r = risk_of(&w);
        dcr_whatif *wi = build(r, &ask);
        for (size_t i = 0; i < wi->n_single; i++) {
            dcr_risk *other;
            uint32_t unique = 0;
            make_change(&changed, &w, &wi->single[i]);
            for (size_t c = 0; c < N_CONCEPTS; c++)
                changed.column[c].n_codes = 4000;
            other = risk_of(&changed);
            for (uint32_t s = 0; s < other->n_subjects; s++)
                unique += other->k[s] == 1;
            assert_int_equal(wi->single[i].after.unique, unique);
            dcr_risk_free(other);
        }
        dcr_whatif_free(wi);
        dcr_risk_free(r);
    }
}

static void test_nobody(void **state)
{
    (void)state;
    start(&w);
    wire(&w, 2);
    dcr_risk *r = risk_of(&w);
    dcr_whatif *wi = build(r, &ask);
    assert_int_equal(wi->n_single + wi->n_pairs, 0);
    assert_int_equal(wi->before.k_min, 0);
    dcr_whatif_free(wi);
    dcr_risk_free(r);
    dcr_whatif_free(NULL);
}

static void test_no_memory(void **state)
{
    dcr_whatif *wi = NULL;
    dcr_err err = {0};
    dcr_status rc = DCR_ENOMEM;
    long n = 0;
    (void)state;
    four();
    dcr_risk *r = risk_of(&w);
    for (; rc != DCR_OK; n++) {
        dcr_alloc_fail_after(n);
        rc = dcr_whatif_build(&wi, r, &ask, &err);
        dcr_alloc_fail_after(-1);
        assert_true(rc == DCR_OK || rc == DCR_ENOMEM);
        assert_true((rc == DCR_OK) == (wi != NULL));
    }
    assert_true(n > 50);
    dcr_whatif_free(wi);
    dcr_risk_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_definition),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_loss_is_not_negative),
        cmocka_unit_test(test_worst_site),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_no_memory),
    };
    dcr_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
