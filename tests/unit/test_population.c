/* Population models and individual risk against published and computed figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "dcmrisk/dcmrisk.h"
#include "individual.h"
#include "json_sink.h"
#include "population.h"

#define N(a) (sizeof(a) / sizeof *(a))

extern const dcr_metric dcr_metric_population, dcr_metric_individual;

static void assert_near(double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("%.17g is not %.17g", got, want);
}

/* UCI census table (CC BY 4.0), all 9 columns: class sizes as ARX 3.9.2 counts them. */
static const dcr_size_count adult[] = {
    {1, 15512}, {2, 2098}, {3, 754}, {4, 375}, {5, 189}, {6, 155}, {7, 97},
    {8, 73},    {9, 39},   {10, 37}, {11, 29}, {12, 18}, {13, 23}, {14, 14},
    {15, 15},   {16, 9},   {17, 11}, {18, 10}, {19, 10}, {20, 5},  {21, 3},
    {22, 4},    {23, 3},   {24, 2},  {25, 1},  {26, 3},  {27, 5},  {29, 1},
    {30, 2},    {32, 1},   {34, 1},  {35, 1},  {36, 1},  {45, 1}};
static const dcr_sizes of_adult = {adult, N(adult)};
/* Samples of 1,508 of it (f = 0.05): these 9 columns, and 5 of them. */
static const dcr_size_count sample9[] = {{1, 1344}, {2, 56}, {3, 8}, {4, 7}};
static const dcr_size_count sample5[] = {{1, 700}, {2, 117}, {3, 45}, {4, 26}, {5, 20},
                                         {6, 13},  {7, 7},   {8, 4},  {9, 6},  {11, 2}};

/* ---- Pitman ---- */

static void test_harmonic(void **state)
{
    static const double a[] = {1e-6, 0.3, 1, 7.5, 23.99, 24, 1e3, 1e9};
    (void)state;
    for (size_t i = 0; i < N(a); i++)
        for (int m = 0; m < 4000; m += 37) {
            long double sum = 0;
            for (int k = 0; k < m; k++)
                sum += 1 / (a[i] + (long double)k);
            assert_near(dcr_harmonic(a[i], m), (double)sum, 3e-15);
        }
}

/* Gradient of the likelihood in the form METRICS gives it, relative to its terms. */
static void gradient(dcr_pitman p, dcr_sizes s, double out[2])
{
    long double up[2] = {0}, down[2] = {0};
    for (double i = 1; i < dcr_sizes_classes(s); i++) {
        up[0] += 1 / ((long double)p.theta + i * (long double)p.alpha);
        up[1] += i / ((long double)p.theta + i * (long double)p.alpha);
    }
    for (double i = 1; i < dcr_sizes_records(s); i++)
        down[0] += 1 / ((long double)p.theta + i);
    for (size_t k = 0; k < s.n; k++)
        for (double j = 1; j < (double)s.list[k].size; j++)
            down[1] += s.list[k].classes / (j - (long double)p.alpha);
    for (int d = 0; d < 2; d++)
        out[d] = (double)((up[d] - down[d]) / down[d]);
}

static void test_pitman(void **state)
{
    dcr_pitman p;
    (void)state;
    /* ARX's constants (METRICS 4); theta and alpha as printed there */
    assert_true(dcr_pitman_fit(&p, of_adult));
    assert_near(p.theta, 3176.2335179, 1e-10);
    assert_near(p.alpha, 0.7179489482, 1e-9);
    assert_near(dcr_pitman_uniques_limit(p, 301620) / 301620, 0.27684993883653597, 1e-8);
    assert_near(dcr_pitman_uniques_limit(p, 3016200) / 3016200, 0.1446083531167384, 1e-8);
    /* reference/arx/truth: theta, alpha, and the exact expectation */
    assert_true(dcr_pitman_fit(&p, (dcr_sizes){sample9, N(sample9)}));
    assert_near(p.theta, 1505.4007827041544, 1e-8);
    assert_near(p.alpha, 0.8339428432143001, 1e-8);
    assert_near(dcr_pitman_uniques(p, 30162), 18188.39656012341, 1e-8);
    assert_true(dcr_pitman_fit(&p, (dcr_sizes){sample5, N(sample5)}));
    assert_near(p.theta, 310.9941488620846, 1e-8);
    assert_near(p.alpha, 0.5619100670336792, 1e-8);
    assert_near(dcr_pitman_uniques(p, 30162), 4048.8162790041238, 1e-8);
}

static void test_pitman_roots(void **state)
{
    /* many, few, negative alpha, one large class, as good as even */
    static const dcr_size_count a[] = {{1, 299}, {2, 60}, {3, 34}, {7, 9}, {293, 1}},
                                b[] = {{1, 3}, {3, 1}},
                                c[] = {{1, 40}, {2, 50}, {3, 45}, {4, 30}, {5, 12}},
                                d[] = {{1, 39}, {2, 40}, {2000, 1}};
    static const dcr_sizes all[] = {{a, N(a)}, {b, N(b)}, {c, N(c)}, {d, N(d)}};
    (void)state;
    for (size_t i = 0; i < N(all); i++) {
        dcr_pitman p;
        double g[2];
        assert_true(dcr_pitman_fit(&p, all[i]));
        assert_true(p.alpha < 1 && p.theta > -p.alpha);
        gradient(p, all[i], g);
        /* at the end of the range there is no root in alpha */
        assert_true(fabs(g[0]) < 1e-9);
        assert_true(fabs(g[1]) < 1e-9 || p.alpha < -1e6);
    }
}

/* Uniform over m cells: what Pitman's formula becomes for alpha of minus infinity. */
static void test_pitman_even(void **state)
{
    enum { CELLS = 20000, RECORDS = 8000, PEOPLE = 40000 };
    dcr_size_count list[12];
    dcr_pitman p;
    (void)state;
    for (unsigned i = 1; i <= N(list); i++)
        list[i - 1] =
            (dcr_size_count){i, CELLS * gsl_ran_binomial_pdf(i, 1.0 / CELLS, RECORDS)};
    assert_true(dcr_pitman_fit(&p, (dcr_sizes){list, N(list)}));
    assert_true(p.alpha < -1000);
    assert_near(dcr_pitman_uniques(p, PEOPLE), PEOPLE * pow(1 - 1.0 / CELLS, PEOPLE - 1),
                1e-3);
}

static void test_pitman_has_no_maximum(void **state)
{
    static const dcr_size_count unique[] = {{1, 100}}, one[] = {{100, 1}};
    dcr_pitman p;
    (void)state;
    assert_false(dcr_pitman_fit(&p, (dcr_sizes){unique, 1}));
    assert_false(dcr_pitman_fit(&p, (dcr_sizes){one, 1}));
    assert_false(dcr_pitman_fit(&p, (dcr_sizes){NULL, 0}));
}

/* ---- Zayatz, SNB ---- */

static void test_zayatz(void **state)
{
    static const dcr_size_count few[] = {{1, 3}, {2, 2}, {5, 1}};
    dcr_sizes s = {few, N(few)};
    double sum = 0;
    (void)state;
    /* ARX's unit tests (METRICS 4) */
    assert_near(dcr_zayatz(of_adult, 301620) / 301620, 0.3207402393466189, 1e-12);
    assert_near(dcr_zayatz(of_adult, 150810) / 150810, 0.3577099234829125, 1e-12);
    /* by the definition: 12 of 30 drawn */
    for (size_t i = 0; i < N(few); i++) {
        unsigned size = (unsigned)few[i].size;
        sum += few[i].classes / 6 * gsl_ran_hypergeometric_pdf(1, size, 30 - size, 12);
    }
    assert_near(dcr_zayatz(s, 30), 3 * (3 / 6.0 * 0.4 / sum) / 0.4, 1e-12);
    assert_true(dcr_zayatz((dcr_sizes){NULL, 0}, 10) == 0);
}

static void test_snb(void **state)
{
    static const dcr_size_count no_pairs[] = {{1, 50}, {3, 10}},
                                odd[] = {{1, 5}, {9e9, 2}};
    (void)state;
    /* the published equations' roots, found independently (reference/arx/truth) */
    assert_near(dcr_snb((dcr_sizes){sample9, N(sample9)}, 1508 / 30162.0),
                23340.666499060928, 1e-7);
    assert_near(dcr_snb((dcr_sizes){sample5, N(sample5)}, 1508 / 30162.0),
                4731.7422429463495, 1e-7);
    assert_true(dcr_snb(of_adult, 1) == 15512);
    assert_true(isnan(dcr_snb((dcr_sizes){no_pairs, N(no_pairs)}, 0.5)));
    assert_true(isnan(dcr_snb((dcr_sizes){odd, N(odd)}, 0.5)));
    assert_true(isnan(dcr_snb((dcr_sizes){NULL, 0}, 0.5)));
}

/* ---- the mixture ---- */

static dcr_rates rates;

/* Cells of two rates, or of a log-normal rate, met exactly: the uniques are known. */
static void test_mixture_of_exact_figures(void **state)
{
    enum { CELLS = 200000 };
    static const double fraction[] = {0.1, 0.5};
    (void)state;
    for (size_t k = 0; k < N(fraction); k++) {
        dcr_size_count list[60];
        dcr_mixture m;
        double f = fraction[k], uniques = CELLS / 2.0 * (0.7 * exp(-0.7) + 4 * exp(-4));
        for (unsigned i = 1; i <= N(list); i++)
            list[i - 1] = (dcr_size_count){
                i, CELLS / 2.0 *
                       (gsl_ran_poisson_pdf(i, 0.7 * f) + gsl_ran_poisson_pdf(i, 4 * f))};
        dcr_rates_init(&rates, (dcr_sizes){list, N(list)}, f);
        assert_true(dcr_mixture_fit(&m, &rates));
        assert_true(m.lo < uniques && uniques < m.hi);
        assert_true(m.deviance < 2); /* of 5 and of 10: the grid of rates shows */
        assert_near(m.best, uniques, f < 0.5 ? 0.1 : 0.005);
    }
}

static void test_lognormal_of_exact_figures(void **state)
{
    enum { STEPS = 4000 };
    const double mean = 0.2, sd = 1.3, f = 0.1;
    dcr_size_count list[80] = {{0, 0}};
    dcr_rates_fit fit;
    double uniques = 0;
    (void)state;
    for (int s = 0; s < STEPS; s++) {
        double z = -8 + 16.0 * s / STEPS, rate = exp(mean + sd * z);
        double cells = 1e5 * gsl_ran_ugaussian_pdf(z) * 16 / STEPS;
        uniques += cells * rate * exp(-rate);
        for (unsigned i = 1; i <= N(list); i++) {
            list[i - 1].size = i;
            list[i - 1].classes += cells * gsl_ran_poisson_pdf(i, f * rate);
        }
    }
    dcr_rates_init(&rates, (dcr_sizes){list, N(list)}, f);
    assert_true(dcr_lognormal_fit(&fit, &rates));
    assert_near(fit.uniques, uniques, 0.002);
    assert_true(fit.deviance < 1e-3);
}

/* ---- all of it ---- */

static void refuses(const dcr_population *p)
{
    assert_int_equal(p->chosen, -1);
    for (int k = 0; k < DCR_POPULATION_MODELS; k++) {
        assert_false(p->model[k].applies);
        assert_non_null(p->model[k].note);
    }
}

static void test_estimate(void **state)
{
    dcr_population p;
    (void)state;
    assert_int_equal(dcr_population_estimate(&p, of_adult, 0.1, true, 0.2, NULL), DCR_OK);
    assert_near(p.size, 301620, 1e-15);
    assert_near(p.model[DCR_POPULATION_ZAYATZ].value, 0.3207402393466189, 1e-12);
    assert_true(p.model[DCR_POPULATION_TAU].value == 0.2);
    assert_int_equal(p.chosen, DCR_POPULATION_MIXTURE);
    for (int k = 0; k < DCR_POPULATION_MODELS; k++) {
        const dcr_measure *m = &p.model[k];
        assert_true(0 <= m->lo && m->lo <= m->hi && m->hi <= 1);
        assert_true(m->applies == (m->lo <= m->value && m->value <= m->hi));
    }
}

static void test_estimate_refuses(void **state)
{
    static const dcr_size_count pairs[] = {{2, 3000}}, two[] = {{1, 2}},
                                big[] = {{1e9, 3}};
    static const double bad[] = {0, -0.1, 1.5, NAN, INFINITY};
    dcr_population p;
    dcr_err err = {0};
    (void)state;
    for (size_t i = 0; i < N(bad); i++)
        assert_int_equal(dcr_population_estimate(&p, of_adult, bad[i], true, NAN, &err),
                         DCR_EARG);
    assert_int_equal(dcr_population_estimate(&p, of_adult, 0.5, false, NAN, NULL), 0);
    refuses(&p);
    assert_int_equal(dcr_population_estimate(&p, of_adult, 0.0199, true, NAN, NULL), 0);
    refuses(&p);
    assert_int_equal(dcr_population_estimate(&p, of_adult, 1, true, NAN, NULL), 0);
    refuses(&p);
    assert_true(p.model[DCR_POPULATION_PITMAN].value == 15512.0 / 30162);
    /* half of a random population is never all pairs */
    assert_int_equal(
        dcr_population_estimate(&p, (dcr_sizes){pairs, 1}, 0.5, true, NAN, NULL), 0);
    refuses(&p);
    assert_int_equal(
        dcr_population_estimate(&p, (dcr_sizes){two, 1}, 0.5, true, NAN, NULL), 0);
    refuses(&p);
    assert_int_equal(
        dcr_population_estimate(&p, (dcr_sizes){NULL, 0}, 0.5, true, NAN, NULL), 0);
    refuses(&p);
    /* no small class: next to none is unique, and 1.92/f of them are not excluded */
    assert_int_equal(
        dcr_population_estimate(&p, (dcr_sizes){big, 1}, 0.5, true, NAN, NULL), 0);
    assert_true(p.model[DCR_POPULATION_MIXTURE].value == 0);
    assert_near(p.model[DCR_POPULATION_MIXTURE].hi * p.size, 1.92 / 0.5, 0.02);
}

static void test_sizes(void **state)
{
    static const uint32_t size[] = {5, 1, 0, 5, 1, 1, 4000000000u};
    static const dcr_size_count want[] = {{1, 3}, {5, 2}, {4000000000u, 1}};
    dcr_size_count *list;
    size_t n;
    (void)state;
    assert_int_equal(dcr_sizes_build(&list, &n, size, N(size), NULL), DCR_OK);
    assert_int_equal(n, N(want));
    assert_memory_equal(list, want, sizeof want);
    dcr_free(list);
    assert_int_equal(dcr_sizes_build(&list, &n, size, 0, NULL), DCR_OK);
    assert_int_equal(n, 0);
    dcr_free(list);
}

/* ---- individual risk ---- */

static double integrand(double s, void *ctx)
{
    const double *v = ctx; /* f, p */
    return v[1] * pow(s, v[0] - 1) / (v[1] + (1 - v[1]) * s);
}

/* p times the integral of s^(f-1)/(p + (1-p)s) (METRICS 1.3). */
static void test_individual_risk(void **state)
{
    static const double ps[] = {1e-6, 1e-3, 0.01, 0.1, 0.3, 0.5, 0.500001, 0.7, 0.999};
    gsl_integration_workspace *w = gsl_integration_workspace_alloc(2000);
    (void)state;
    assert_non_null(w);
    for (size_t i = 0; i < N(ps); i++)
        for (int f = 1; f < 3000; f += f < 40 ? 1 : f) {
            double v[2] = {f, ps[i]}, want, off;
            gsl_function g = {integrand, v};
            gsl_integration_qag(&g, 0, 1, 0, 1e-12, 2000, 6, w, &want, &off);
            assert_near(dcr_individual_risk(f, ps[i]), want, 1e-11);
        }
    gsl_integration_workspace_free(w);
    assert_near(dcr_individual_risk(1, 0.25), log(4) / 3, 1e-15);
    assert_true(dcr_individual_risk(7, 1) == 1.0 / 7);
    assert_true(dcr_individual_risk(1, 1) == 1);
    /* the sdcMicro manual's example, as METRICS 2.1: record 1 of francdat, f 2, Fk 110 */
    assert_near(dcr_individual_risk(2, 2 / 110.0), 0.0171442615962852, 1e-12);
    assert_near(dcr_individual_risk(2, 2 / 84.5), 0.0220423261832562, 1e-12);
}

/* ---- metrics of a table ---- */

static const uint32_t sex[] = {1, 1, 2, 2, 1, 2, 1, 1}, age[] = {1, 2, 1, 1, 1, 3, 2, 0};
static const uint32_t *const code[] = {sex, age};
static const uint32_t n_codes[] = {3, 4};
static const double weight[] = {2, 2, 2, 2, 2, 2, 2, 2};

static json_t *ask(const dcr_metric *m, const dcr_frame *f, dcr_tab *t, dcr_status *rc)
{
    json_t *doc = json_object();
    dcr_metric_sink sink = dcr_json_sink(doc);
    dcr_err err = {0};
    t->frame = f;
    *rc = dcr_tab_prepare(t, &err);
    if (*rc == DCR_OK)
        *rc = m->table(t, &sink, &err);
    dcr_tab_clear(t);
    return doc;
}

static double real(const json_t *doc, const char *object, const char *key)
{
    return json_real_value(json_object_get(json_object_get(doc, object), key));
}

/* Keys {1,5} {2,7} {3,4} {6} {8}: class sizes 2 2 2 1 1, p = 1/2. */
static void test_individual_metric(void **state)
{
    dcr_frame f = {.n_rows = 8,
                   .n_columns = 2,
                   .code = code,
                   .n_codes = n_codes,
                   .n_subjects = 8,
                   .weight = weight};
    const double r1 = log(2), r2 = 1 - log(2); /* by hand from the recurrence */
    double risk[8];
    dcr_tab_records records = {.risk = risk};
    dcr_tab t = {.srs = true, .records = &records};
    dcr_status rc;
    json_t *doc = ask(&dcr_metric_individual, &f, &t, &rc);
    (void)state;
    assert_int_equal(rc, DCR_OK);
    assert_near(real(doc, "individual_risk", "sum"), 2 * r1 + 6 * r2, 1e-15);
    assert_near(real(doc, "individual_risk", "max"), r1, 1e-15);
    assert_near(real(doc, "individual_risk", "mean"), (2 * r1 + 6 * r2) / 8, 1e-15);
    assert_near(risk[0], r2, 1e-15);
    assert_near(risk[7], r1, 1e-15);
    json_decref(doc);
    /* the same by the fraction */
    f.weight = NULL;
    t = (dcr_tab){.srs = true, .fraction = 0.5};
    doc = ask(&dcr_metric_individual, &f, &t, &rc);
    assert_int_equal(rc, DCR_OK);
    assert_near(real(doc, "individual_risk", "sum"), 2 * r1 + 6 * r2, 1e-15);
    json_decref(doc);
    /* neither */
    t = (dcr_tab){.srs = true};
    doc = ask(&dcr_metric_individual, &f, &t, &rc);
    assert_int_equal(rc, DCR_OK);
    assert_true(json_is_null(json_object_get(doc, "individual_risk")));
    json_decref(doc);
}

/* Rows 6 and 8 and one of each pair are the same four persons: a person's is the worst.
 */
static void test_individual_of_subjects(void **state)
{
    static const uint32_t subject[] = {0, 1, 2, 3, 3, 0, 4, 1};
    dcr_frame f = {.n_rows = 8,
                   .n_columns = 2,
                   .code = code,
                   .n_codes = n_codes,
                   .n_subjects = 5,
                   .subject = subject,
                   .weight = weight};
    const double r1 = log(2), r2 = 1 - log(2);
    dcr_tab t = {.srs = true};
    dcr_status rc;
    json_t *doc = ask(&dcr_metric_individual, &f, &t, &rc);
    (void)state;
    assert_int_equal(rc, DCR_OK);
    assert_near(real(doc, "individual_risk", "sum"), 2 * r1 + 3 * r2, 1e-15);
    assert_near(real(doc, "individual_risk", "mean"), (2 * r1 + 3 * r2) / 5, 1e-15);
    json_decref(doc);
}

/* tau by its definition: mu = 8 times the shares, v = mu (1 - pi)/pi, over rows 6 and 8.
 */
static void test_population_metric(void **state)
{
    dcr_frame f = {
        .n_rows = 8, .n_columns = 2, .code = code, .n_codes = n_codes, .n_subjects = 8};
    const double pi = 0.25, v6 = 8 * (3 / 8.0) * (1 / 8.0) * 3,
                 v8 = 8 * (5 / 8.0) * (1 / 8.0) * 3;
    dcr_tab t = {.srs = true, .fraction = pi};
    dcr_status rc;
    json_t *doc = ask(&dcr_metric_population, &f, &t, &rc), *list, *tau;
    (void)state;
    assert_int_equal(rc, DCR_OK);
    list = json_object_get(doc, "population");
    assert_int_equal(json_array_size(list), DCR_POPULATION_MODELS);
    tau = json_array_get(list, DCR_POPULATION_TAU);
    assert_string_equal(json_string_value(json_object_get(tau, "model")), "tau");
    assert_near(json_real_value(json_object_get(tau, "tau1")), exp(-v6) + exp(-v8),
                1e-14);
    assert_near(json_real_value(json_object_get(tau, "tau2")),
                (1 - exp(-v6)) / v6 + (1 - exp(-v8)) / v8, 1e-14);
    assert_near(json_real_value(json_object_get(tau, "value")), (exp(-v6) + exp(-v8)) / 8,
                1e-14);
    json_decref(doc);
    t = (dcr_tab){.srs = true};
    doc = ask(&dcr_metric_population, &f, &t, &rc);
    assert_int_equal(rc, DCR_OK);
    assert_int_equal(json_array_size(json_object_get(doc, "population")), 0);
    assert_true(json_is_array(json_object_get(doc, "population")));
    json_decref(doc);
}

/* Under wildcards row 8 matches others: no classes, so no model. */
static void test_population_of_wildcards(void **state)
{
    dcr_frame f = {
        .n_rows = 8, .n_columns = 2, .code = code, .n_codes = n_codes, .n_subjects = 8};
    dcr_tab t = {.srs = true, .fraction = 0.5, .missing = DCR_MISSING_WILDCARD};
    dcr_status rc;
    json_t *doc = ask(&dcr_metric_population, &f, &t, &rc), *model;
    size_t i;
    (void)state;
    assert_int_equal(rc, DCR_OK);
    json_array_foreach(json_object_get(doc, "population"), i, model)
    {
        assert_true(json_is_false(json_object_get(model, "applies")));
        assert_true(json_is_false(json_object_get(model, "chosen")));
    }
    assert_int_equal(i, DCR_POPULATION_MODELS);
    json_decref(doc);
}

/* No rows, one row, all equal, all unique; with subjects and without. */
static void test_edges(void **state)
{
    enum { ROWS = 50 };
    static uint32_t same[ROWS], each[ROWS], one[ROWS];
    static const uint32_t *const columns[] = {same, each};
    static const uint32_t codes[] = {1, ROWS + 1};
    (void)state;
    for (uint32_t i = 0; i < ROWS; i++)
        each[i] = i + 1;
    for (size_t rows = 0; rows <= ROWS; rows += rows == 0 ? 1 : ROWS - 1)
        for (int column = 0; column < 2; column++)
            for (int with = 0; with < 2; with++) {
                dcr_frame f = {.n_rows = rows,
                               .n_columns = 1,
                               .code = &columns[column],
                               .n_codes = &codes[column],
                               .n_subjects = with ? rows > 0 : (uint32_t)rows,
                               .subject = with ? one : NULL};
                const dcr_metric *const m[] = {&dcr_metric_population,
                                               &dcr_metric_individual};
                for (size_t k = 0; k < N(m); k++) {
                    dcr_tab t = {.srs = true, .fraction = 0.3};
                    dcr_status rc;
                    json_decref(ask(m[k], &f, &t, &rc));
                    assert_int_equal(rc, DCR_OK);
                }
            }
}

/* Every allocation fails once. */
static void test_no_memory(void **state)
{
    static const uint32_t subject[] = {0, 1, 2, 3, 3, 0, 4, 1};
    const dcr_metric *const m[] = {&dcr_metric_population, &dcr_metric_individual};
    dcr_frame f = {.n_rows = 8,
                   .n_columns = 2,
                   .code = code,
                   .n_codes = n_codes,
                   .n_subjects = 5,
                   .subject = subject,
                   .weight = weight};
    (void)state;
    for (size_t k = 0; k < N(m); k++) {
        dcr_status rc = DCR_ENOMEM;
        for (long after = 0; rc != DCR_OK; after++) {
            dcr_tab t = {.srs = true};
            json_t *doc;
            assert_true(after < 200);
            dcr_alloc_fail_after(after);
            doc = ask(m[k], &f, &t, &rc);
            dcr_alloc_fail_after(-1);
            assert_true(rc == DCR_OK || rc == DCR_ENOMEM);
            json_decref(doc);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_harmonic),
        cmocka_unit_test(test_pitman),
        cmocka_unit_test(test_pitman_roots),
        cmocka_unit_test(test_pitman_even),
        cmocka_unit_test(test_pitman_has_no_maximum),
        cmocka_unit_test(test_zayatz),
        cmocka_unit_test(test_snb),
        cmocka_unit_test(test_mixture_of_exact_figures),
        cmocka_unit_test(test_lognormal_of_exact_figures),
        cmocka_unit_test(test_estimate),
        cmocka_unit_test(test_estimate_refuses),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_individual_risk),
        cmocka_unit_test(test_individual_metric),
        cmocka_unit_test(test_individual_of_subjects),
        cmocka_unit_test(test_population_metric),
        cmocka_unit_test(test_population_of_wildcards),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_no_memory),
    };
    dcr_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
