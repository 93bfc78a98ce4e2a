/* Diversity and journalist metrics on tables made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "dcmrisk/dcmrisk.h"

#define N(a) (sizeof(a) / sizeof *(a))

extern const dcr_metric dcr_metric_diversity, dcr_metric_journalist;

/* ---- a sink that remembers ---- */

enum { MAX_FIGURES = 400 };
typedef struct figure {
    char path[96], text[256];
    double value; /* NaN: null */
} figure;
typedef struct figures {
    figure f[MAX_FIGURES];
    size_t n;
} figures;
static figures got;

static figure *next(const char *path)
{
    assert_true(got.n < MAX_FIGURES);
    for (size_t i = 0; i < got.n; i++)
        assert_string_not_equal(got.f[i].path, path); /* nothing is said twice */
    snprintf(got.f[got.n].path, sizeof got.f[got.n].path, "%s", path);
    return &got.f[got.n++];
}

static dcr_status emit(void *ctx, const char *path, const dcr_measure *m, dcr_err *err)
{
    (void)ctx;
    (void)err;
    if (m->applies)
        assert_true(isfinite(m->value));
    next(path)->value = m->applies ? m->value : NAN;
    return DCR_OK;
}

static dcr_status text(void *ctx, const char *path, const char *words, dcr_err *err)
{
    figure *f = next(path);
    (void)ctx;
    (void)err;
    snprintf(f->text, sizeof f->text, "%s", words != NULL ? words : "");
    f->value = NAN;
    return DCR_OK;
}

static dcr_status truth(void *ctx, const char *path, bool is, dcr_err *err)
{
    (void)ctx;
    (void)err;
    next(path)->value = is;
    return DCR_OK;
}

static dcr_status empty(void *ctx, const char *path, dcr_err *err)
{
    (void)ctx;
    (void)err;
    snprintf(next(path)->text, sizeof got.f[0].text, "[]");
    return DCR_OK;
}

static const dcr_metric_sink sink = {NULL, emit, text, truth, empty};

static const figure *find(const char *path)
{
    for (size_t i = 0; i < got.n; i++)
        if (strcmp(got.f[i].path, path) == 0)
            return &got.f[i];
    fail_msg("nothing was said of %s", path);
    return NULL;
}

static double value(const char *path)
{
    return find(path)->value;
}

/* ---- tables ---- */

typedef struct scene {
    dcr_frame frame, sensitive, population;
    const char *name[4], *secret_name[4];
    const uint32_t *code[4], *secret[4], *elsewhere[4], *rank[4];
    uint32_t n_codes[4];
    dcr_tab tab;
} scene;

static void scene_start(scene *s, size_t n)
{
    memset(s, 0, sizeof *s);
    for (int i = 0; i < 4; i++) {
        s->name[i] = "q";
        s->secret_name[i] = "s";
        s->n_codes[i] = 16;
    }
    s->frame = (dcr_frame){.n_rows = n,
                           .n_columns = 1,
                           .name = s->name,
                           .code = s->code,
                           .n_codes = s->n_codes,
                           .n_subjects = (uint32_t)n};
    s->sensitive = s->population = s->frame;
    s->sensitive.code = s->secret;
    s->sensitive.name = s->secret_name;
    s->population.code = s->elsewhere;
    s->tab.frame = &s->frame;
}

static void judge(scene *s, const dcr_metric *m)
{
    dcr_err err = {0};
    got.n = 0;
    assert_int_equal(
        dcr_groups_build(&s->tab.groups, &s->frame, dcr_frame_all(&s->frame), &err),
        DCR_OK);
    assert_int_equal(m->table(&s->tab, &sink, &err), DCR_OK);
    dcr_groups_clear(&s->tab.groups);
}

/* ---- diversity ---- */

/* METRICS 2.6: the largest l for c = 1, 2, 3, 4 of a class with these counts. */
static void test_recursive(void **state)
{
    static const struct {
        uint32_t counts[4], l[4];
    } cases[] = {{{3, 1, 1, 0}, {1, 2, 2, 3}},
                 {{6, 1, 1, 1}, {1, 1, 2, 3}},
                 {{1, 1, 1, 1}, {3, 4, 4, 4}}};
    (void)state;
    for (size_t i = 0; i < N(cases); i++) {
        uint32_t zero[16] = {0}, code[16], n = 0;
        scene s;
        for (uint32_t v = 0; v < 4; v++)
            for (uint32_t k = 0; k < cases[i].counts[v]; k++)
                code[n++] = 1 + v;
        scene_start(&s, n);
        s.code[0] = zero;
        s.secret[0] = code;
        s.tab.sensitive = &s.sensitive;
        judge(&s, &dcr_metric_diversity);
        for (uint32_t c = 1; c <= 4; c++) {
            char path[64];
            snprintf(path, sizeof path, "diversity/0/recursive_cl/c/%u", c);
            assert_float_equal(value(path), cases[i].l[c - 1], 0);
        }
        assert_float_equal(value("diversity/0/t"), 0, 0); /* one class is the table */
        assert_true(strstr(find("diversity/0/note")->text, "one class") != NULL);
    }
}

/* The salaries of Li et al. 2007, section 4: {3k,4k,5k} and {6k,8k,11k} of nine values
 * are 0.375 and 0.167 from the table by the ordered distance. */
static void test_ordered(void **state)
{
    static const uint32_t class[] = {1, 1, 1, 2, 2, 2, 3, 3, 3};
    static const uint32_t salary[] = {1, 2, 3, 4, 6, 9, 5, 7, 8};
    static const uint32_t two_classes[] = {1, 1, 1, 2, 2, 2, 1, 1, 1};
    static const uint32_t rank[16] = {0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
    scene s;
    (void)state;
    scene_start(&s, 9);
    s.code[0] = class;
    s.secret[0] = salary;
    s.rank[0] = rank;
    s.sensitive.rank = s.rank;
    s.tab.sensitive = &s.sensitive;
    judge(&s, &dcr_metric_diversity);
    assert_float_equal(value("diversity/0/t_ordered"), 0.375, 1e-15);
    assert_string_equal(find("diversity/0/t_variant")->text, "equal");
    assert_float_equal(value("diversity/0/t_equal"), 2.0 / 3, 1e-15);
    s.sensitive.rank = NULL; /* not numbers */
    judge(&s, &dcr_metric_diversity);
    assert_true(isnan(value("diversity/0/t_ordered")));
    assert_float_equal(value("diversity/0/t"), 2.0 / 3, 1e-15);
    /* the class {6k,8k,11k} against the other six, which are half as far away */
    s.code[0] = two_classes;
    s.sensitive.rank = s.rank;
    judge(&s, &dcr_metric_diversity);
    assert_float_equal(value("diversity/0/t_ordered"), 1.0 / 6, 1e-15);
}

static void test_equal_numbers(void **state)
{
    static const uint32_t class[] = {1, 1, 2, 2}, code[] = {1, 3, 2, 3};
    static const uint32_t rank[16] = {0, 0, 0, 1}; /* "1", "1.0", "2" */
    scene s;
    (void)state;
    scene_start(&s, 4);
    s.code[0] = class;
    s.secret[0] = code;
    s.rank[0] = rank;
    s.sensitive.rank = s.rank;
    s.tab.sensitive = &s.sensitive;
    judge(&s, &dcr_metric_diversity);
    assert_float_equal(value("diversity/0/t_ordered"), 0, 1e-15);
    assert_float_equal(value("diversity/0/t_equal"), 0.25, 1e-15);
}

/* Two classes: subjects 0 and 1, of whom 0 has two values; subject 2 alone, twice. */
static void test_subjects(void **state)
{
    static const uint32_t class[] = {1, 1, 1, 1, 2, 2}, code[] = {1, 2, 2, 2, 1, 1};
    static const uint32_t subject[] = {0, 0, 1, 1, 2, 2};
    scene s;
    (void)state;
    scene_start(&s, 6);
    s.code[0] = class;
    s.secret[0] = code;
    s.frame.subject = subject;
    s.frame.n_subjects = 3;
    s.tab.sensitive = &s.sensitive;
    judge(&s, &dcr_metric_diversity);
    assert_float_equal(value("diversity/0/distinct_l"), 1, 0);
    assert_float_equal(value("diversity/0/alpha"), 1,
                       0); /* both of class 1 hold value 2 */
    assert_float_equal(value("diversity/0/homogeneous/classes"), 2, 0);
    assert_float_equal(value("diversity/0/homogeneous/subjects"), 3, 0);
    /* P = (2, 2)/4; q = (1, 2)/3 and (1, 0) */
    assert_float_equal(value("diversity/0/t_equal"), 0.5, 1e-15);
    assert_float_equal(value("diversity/0/beta"), 1, 1e-15);
    assert_float_equal(value("diversity/0/delta"), log(2), 1e-15);
    assert_true(isnan(value("diversity/0/delta_definition")));
    assert_true(strstr(find("diversity/0/note")->text, "several values") != NULL);
}

static void test_nothing_to_say(void **state)
{
    static const uint32_t class[] = {1, 2, 3}, one[] = {1, 1, 1};
    scene s;
    (void)state;
    scene_start(&s, 3);
    s.code[0] = class;
    judge(&s, &dcr_metric_diversity); /* no sensitive column */
    assert_int_equal(got.n, 1);
    assert_string_equal(find("diversity")->text, "[]");
    s.secret[0] = one;
    s.tab.sensitive = &s.sensitive;
    judge(&s, &dcr_metric_diversity);
    assert_float_equal(value("diversity/0/applies"), 0, 0);
    assert_true(strstr(find("diversity/0/note")->text, "one value") != NULL);
    assert_float_equal(value("diversity/0/t"), 0, 0);
    assert_float_equal(value("diversity/0/alpha"), 1, 0);
    scene_start(&s, 0);
    s.code[0] = class;
    s.secret[0] = one;
    s.tab.sensitive = &s.sensitive;
    judge(&s, &dcr_metric_diversity);
    assert_float_equal(value("diversity/0/applies"), 0, 0);
    assert_true(isnan(value("diversity/0/distinct_l")));
    assert_true(isnan(value("diversity/0/t")));
}

/* ---- journalist ---- */

static void test_no_population(void **state)
{
    static const uint32_t class[] = {1, 2, 2};
    scene s;
    (void)state;
    scene_start(&s, 3);
    s.code[0] = class;
    s.tab.fraction = 0.1; /* nothing is made of it */
    judge(&s, &dcr_metric_journalist);
    assert_float_equal(value("journalist/applies"), 0, 0);
    assert_true(isnan(value("journalist/max")));
    assert_true(isnan(value("marketer/value")));
    assert_true(isnan(value("delta_presence/max")));
}

/* Key 1: f 1 of F 4; key 2: f 2 of F 2; key 3: f 1, in nobody of the table; key 4: f 2 of
 * F 1; key 5: F 3, not released. */
static void test_incomplete_population(void **state)
{
    static const uint32_t class[] = {1, 2, 2, 3, 4, 4};
    static const uint32_t elsewhere[] = {1, 1, 1, 1, 2, 2, 4, 5, 5, 5};
    scene s;
    (void)state;
    scene_start(&s, 6);
    s.code[0] = class;
    s.elsewhere[0] = elsewhere;
    s.population.n_rows = 10;
    s.tab.population = &s.population;
    judge(&s, &dcr_metric_journalist);
    assert_float_equal(value("journalist/contained"), 0, 0);
    assert_float_equal(value("journalist/k_map"), 1, 0);
    assert_float_equal(value("journalist/max"), 1, 0);
    assert_float_equal(value("journalist/lowest"), 0.25, 0);
    assert_float_equal(value("journalist/average"), (0.25 + 1 + 1 + 1) / 6, 1e-15);
    assert_float_equal(value("journalist/absent/classes"), 1, 0);
    assert_float_equal(value("journalist/absent/subjects"), 1, 0);
    assert_float_equal(value("journalist/short/classes"), 1, 0);
    assert_float_equal(value("journalist/short/subjects"), 2, 0);
    assert_float_equal(value("journalist/below/2"), 1, 0);
    assert_float_equal(value("journalist/below/3"), 5, 0);
    assert_float_equal(value("marketer/links"), 3.25, 1e-15);
    assert_float_equal(value("delta_presence/min"), 0, 0);
    assert_float_equal(value("delta_presence/max"), 1, 0);
    assert_float_equal(value("delta_presence/classes"), 4, 0);
    assert_float_equal(value("delta_presence/not_released"), 1, 0);
    assert_float_equal(value("delta_presence/at_one"), 2, 0);
}

/* Wildcards on either side; a subject of the population that matches by two of its keys
 * is one. */
static void test_wildcards(void **state)
{
    static const uint32_t a[] = {1, 0, 2}, b[] = {1, 1, 2};
    static const uint32_t pa[] = {1, 2, 0, 3, 2}, pb[] = {1, 1, 1, 2, 0};
    static const uint32_t who[] = {0, 1, 1, 2, 3};
    scene s;
    (void)state;
    scene_start(&s, 3);
    s.code[0] = a;
    s.code[1] = b;
    s.elsewhere[0] = pa;
    s.elsewhere[1] = pb;
    s.frame.n_columns = s.population.n_columns = 2;
    s.population.n_rows = 5;
    s.population.subject = who;
    s.population.n_subjects = 4;
    s.tab.population = &s.population;
    s.tab.missing = DCR_MISSING_WILDCARD;
    judge(&s, &dcr_metric_journalist);
    /* F: (1,1) has 0 and 1; (*,1) 0, 1 and 3; (2,2) 3 */
    assert_float_equal(value("journalist/k_map"), 1, 0);
    assert_float_equal(value("journalist/average"), (1.0 / 2 + 1.0 / 3 + 1) / 3, 1e-15);
    assert_float_equal(value("delta_presence/applies"), 0, 0);
}

/* ---- no memory ---- */

static void test_no_memory(void **state)
{
    static const dcr_metric *const metrics[] = {&dcr_metric_diversity,
                                                &dcr_metric_journalist};
    static const uint32_t class[] = {1, 1, 2, 0}, code[] = {1, 2, 2, 0};
    static const uint32_t subject[] = {0, 0, 1, 2}, rank[16] = {0, 1, 0};
    dcr_err err;
    (void)state;
    for (size_t m = 0; m < N(metrics); m++)
        for (long n = 0;; n++) {
            dcr_status rc;
            scene s;
            scene_start(&s, 4);
            s.code[0] = s.elsewhere[0] = class;
            s.secret[0] = s.secret[1] = code;
            s.rank[0] = rank;
            s.sensitive.rank = s.rank;
            s.sensitive.n_columns = 2;
            s.frame.subject = s.population.subject = subject;
            s.frame.n_subjects = s.population.n_subjects = 3;
            s.tab.sensitive = &s.sensitive;
            s.tab.population = &s.population;
            s.tab.missing = DCR_MISSING_WILDCARD;
            memset(&err, 0, sizeof err);
            assert_int_equal(dcr_groups_build(&s.tab.groups, &s.frame, 1, &err), DCR_OK);
            got.n = 0;
            dcr_alloc_fail_after(n);
            rc = metrics[m]->table(&s.tab, &sink, &err);
            dcr_alloc_fail_after(-1);
            dcr_groups_clear(&s.tab.groups);
            if (rc == DCR_OK) {
                assert_true(n > 5);
                break;
            }
            assert_int_equal(rc, DCR_ENOMEM);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recursive),
        cmocka_unit_test(test_ordered),
        cmocka_unit_test(test_equal_numbers),
        cmocka_unit_test(test_subjects),
        cmocka_unit_test(test_nothing_to_say),
        cmocka_unit_test(test_no_population),
        cmocka_unit_test(test_incomplete_population),
        cmocka_unit_test(test_wildcards),
        cmocka_unit_test(test_no_memory),
    };
    dcr_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
