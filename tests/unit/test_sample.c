/* How many pictures must be seen: against published values and brute force. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "dcmrisk/dcmrisk.h"

static void near(double a, double b, double relative)
{
    if (fabs(a - b) > relative * fabs(b))
        fail_msg("%.12g is not %.12g", a, b);
}

/* Clopper and Pearson 1934, one-sided: 0 of n is 1 - 0.05^(1/n) in closed form; the rest
 * by bisection on the exact binomial sum, in Python. */
static void test_upper(void **state)
{
    (void)state;
    near(dcr_sample_upper(10, 0, 0.95), 1 - pow(0.05, 1.0 / 10), 1e-9);
    near(dcr_sample_upper(300, 0, 0.95), 1 - pow(0.05, 1.0 / 300), 1e-9);
    near(dcr_sample_upper(1000000, 0, 0.95), 3e-6, 0.01); /* the rule of three */
    near(dcr_sample_upper(10, 1, 0.95), 0.3941633, 1e-6);
    near(dcr_sample_upper(20, 3, 0.95), 0.3436638, 1e-6);
    assert_true(dcr_sample_upper(0, 0, 0.95) == 1);
    assert_true(dcr_sample_upper(5, 5, 0.95) == 1);
    assert_true(dcr_sample_upper(5, 0, 1) == 1);
}

/* The limit is where the binomial chance of so few is one minus the confidence. */
static void test_upper_definition(void **state)
{
    (void)state;
    for (unsigned n = 1; n < 40; n++)
        for (unsigned x = 0; x < n; x++) {
            double p = dcr_sample_upper(n, x, 0.95), sum = 0, term = pow(1 - p, n);
            for (unsigned i = 0; i <= x; i++) {
                sum += term;
                term *= (double)(n - i) / (i + 1) * p / (1 - p);
            }
            near(sum, 0.05, 1e-6);
        }
}

/* Chance that `seen` of n draws without return miss all of `bad`, one draw after another.
 */
static double miss(unsigned n, unsigned bad, unsigned seen)
{
    double p = 1;
    for (unsigned i = 0; i < seen; i++)
        p *= n - bad > i ? (double)(n - bad - i) / (n - i) : 0;
    return p;
}

static void test_needed(void **state)
{
    static const double share[] = {0, 0.001, 0.01, 0.05, 0.3, 0.99};
    (void)state;
    for (unsigned n = 1; n < 150; n++)
        for (size_t s = 0; s < sizeof share / sizeof *share; s++) {
            unsigned bad = (unsigned)floor(share[s] * n) + 1, k = 0;
            while (k < n && bad <= n && miss(n, bad, k) > 0.05 * (1 + 1e-9))
                k++;
            assert_int_equal(dcr_sample_needed(n, share[s], 0.95), bad > n ? n : k);
        }
    /* Large piles need what an endless one does: ln 0.05 / ln 0.99 = 298.07 */
    assert_int_equal(dcr_sample_needed(100000000, 0.01, 0.95), 299);
    assert_int_equal(dcr_sample_needed(0, 0.01, 0.95), 0);
    assert_int_equal(dcr_sample_needed(7, 1, 0.95), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upper),
        cmocka_unit_test(test_upper_definition),
        cmocka_unit_test(test_needed),
    };
    dcr_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
