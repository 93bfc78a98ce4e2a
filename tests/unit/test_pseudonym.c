/* What pseudonyms tell.  Source of the rank correlation: the worked example of Spearman's
 * coefficient in Wikipedia (IQ against hours of television, rho = -29/165); its p by
 * permutation is near that of the t distribution, 0.63. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pseudonym.h"

static dcr_value value(const char *s)
{
    return (dcr_value){.bytes = (const uint8_t *)s, .len = (uint32_t)strlen(s)};
}

static void test_spearman(void **state)
{
    dcr_pair p[] = {{106, 7},  {100, 27}, {86, 2},   {101, 50}, {99, 28},
                    {103, 29}, {97, 20},  {113, 12}, {112, 6},  {110, 17}};
    double rho, chance;
    (void)state;
    assert_true(dcr_rank_correlation(p, 10, &rho, &chance));
    assert_true(fabs(rho + 29.0 / 165) < 1e-12);
    assert_true(chance > 0.58 && chance < 0.68);
}

static void test_order(void **state)
{
    dcr_pair p[400];
    double rho, chance;
    (void)state;
    for (int i = 0; i < 12; i++)
        p[i] = (dcr_pair){i * 7919 % 12, -(i * 7919 % 12)};
    assert_true(dcr_rank_correlation(p, 12, &rho, &chance));
    assert_true(fabs(rho + 1) < 1e-12);
    assert_true(chance < 0.001);
    for (int i = 0; i < 400;
         i++) /* every y four times, at every quarter of x: rho is 0 */
        p[i] = (dcr_pair){i, i % 2 == 0 ? i : 399 - i};
    assert_true(dcr_rank_correlation(p, 400, &rho, &chance));
    assert_true(fabs(rho) < 0.01);
    assert_true(chance > 0.8);
    for (int i = 0; i < 400; i++)
        p[i] = (dcr_pair){1, i}; /* nothing varies */
    assert_true(dcr_rank_correlation(p, 400, &rho, &chance));
    assert_true(rho == 0 && chance == 1);
}

static void test_numbers(void **state)
{
    double v;
    (void)state;
    assert_true(dcr_pseudonym_number((const uint8_t *)"A12-0034x", 9, &v));
    assert_true(v == 34);
    assert_false(dcr_pseudonym_number((const uint8_t *)"abc", 3, &v));
    assert_false(dcr_pseudonym_number((const uint8_t *)"1234567890123456", 16, &v));
    assert_false(dcr_pseudonym_number((const uint8_t *)"", 0, &v));
}

static void test_initials(void **state)
{
    static const struct {
        const char *id, *name;
        int tells;
    } cases[] = {{"DJ-1", "Doe^Jane", 1},  {"1jd2", "DOE^JANE^Q", 1},
                 {"DJX-1", "Doe^Jane", 0}, {"DK-1", "Doe^Jane", 0},
                 {"DJ-1", "Doe", 0},       {"DJ-1", "Doe^", 0},
                 {"D1-1", "D1^J2", 0},     {"", "Doe^Jane", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcr_value id = value(cases[i].id), name = value(cases[i].name);
        assert_int_equal(dcr_pseudonym_initials(&id, &name), cases[i].tells);
    }
}

static void test_birth(void **state)
{
    static const struct {
        const char *id, *date;
        int tells;
    } cases[] = {{"X1960-7", "19600402", 1},  {"600402", "19600402", 1},
                 {"020460-1", "19600402", 1}, {"X1961-7", "19600402", 0},
                 {"60", "19600402", 0},       {"1960", "1960", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dcr_value id = value(cases[i].id), date = value(cases[i].date);
        assert_int_equal(dcr_pseudonym_birth(&id, &date), cases[i].tells);
    }
}

static void test_sites(void **state)
{
    static const char *const ids[] = {"N1", "N2", "S1", "S2", "S3"};
    static const char *const one_each[] = {"A1", "B2", "C1", "D2", "E3"};
    static const char *const site[] = {"north", "north", "south", "south", "south"};
    static const char *const five[] = {"v", "w", "x", "y", "z"};
    dcr_value v[4][5];
    const dcr_value *p[4][5];
    size_t n, sites;
    (void)state;
    for (int i = 0; i < 5; i++) {
        v[0][i] = value(ids[i]), v[1][i] = value(one_each[i]);
        v[2][i] = value(site[i]), v[3][i] = value(five[i]);
        for (int k = 0; k < 4; k++)
            p[k][i] = &v[k][i];
    }
    assert_true(dcr_pseudonym_sites(p[0], p[2], 5, &n, &sites));
    assert_int_equal(n, 5);
    assert_int_equal(sites, 2);
    assert_true(dcr_pseudonym_sites(p[1], p[2], 5, &n, &sites));
    assert_int_equal(sites, 0);
    assert_true(dcr_pseudonym_sites(p[1], p[3], 5, &n, &sites)); /* one patient each */
    assert_int_equal(sites, 0);
    p[2][4] = NULL; /* without a site: not compared */
    assert_true(dcr_pseudonym_sites(p[0], p[2], 5, &n, &sites));
    assert_int_equal(n, 4);
    assert_int_equal(sites, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spearman), cmocka_unit_test(test_order),
        cmocka_unit_test(test_numbers),  cmocka_unit_test(test_initials),
        cmocka_unit_test(test_birth),    cmocka_unit_test(test_sites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
