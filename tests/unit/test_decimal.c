/* Decimal text of binary fractions, against printf and strtod. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"

/* What is promised, word for word. */
static size_t by_printf(double v, bool single, char t[40])
{
    for (int digits = single ? 9 : 15; digits <= 17; digits++) {
        snprintf(t, 40, "%.*g", digits, v);
        if (single || strtod(t, NULL) == v)
            break;
    }
    return strlen(t);
}

static void same(double v, bool single)
{
    char want[40], got[DCR_DECIMAL_TEXT + 1];
    size_t n;
    if (isnan(v) || isinf(v))
        return;
    n = dcr_decimal_text(v, single, got);
    assert_true(n <= DCR_DECIMAL_TEXT);
    got[n] = 0;
    (void)by_printf(v, single, want);
    assert_string_equal(got, want);
}

static double of_bits(uint64_t u)
{
    double d;
    memcpy(&d, &u, sizeof d);
    return d;
}

static float of_bits32(uint32_t u)
{
    float f;
    memcpy(&f, &u, sizeof f);
    return f;
}

static uint64_t next(uint64_t *seed)
{
    uint64_t z = *seed += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

/* Powers of two and their neighbours, where the gap below is not the one above; among
 * them all denormal ones of a single bit. */
static void test_edges(void **state)
{
    (void)state;
    for (uint64_t e = 0; e < 2047; e++)
        for (uint64_t s = 0; s < 2; s++)
            for (uint64_t k = 0; k < 52; k++) {
                uint64_t base = s << 63 | e << 52;
                same(of_bits(base + (k < 3 ? k : 1ull << k)), false);
                same(of_bits(base + (1ull << 52) - 1 - k % 3), false);
            }
    for (uint32_t e = 0; e < 255; e++)
        for (uint32_t k = 0; k < 23; k++) {
            same((double)of_bits32(e << 23 | 1u << k), true);
            same((double)of_bits32(1u << 31 | e << 23 | ((1u << 23) - 1 - k)), true);
        }
    same(0.0, false);
    same(-0.0, false);
    same(DBL_MAX, false);
    same(-DBL_TRUE_MIN, false);
}

/* Around where the exponent begins to be written, and numbers that people write. */
static void test_decimals(void **state)
{
    char t[40];
    (void)state;
    for (int e = -30; e <= 30; e++)
        for (int m = 1; m < 1000; m += 7) {
            double v;
            snprintf(t, sizeof t, "%d.%de%d", m, m * 7919 % 1000, e);
            v = strtod(t, NULL);
            same(v, false);
            same(-nextafter(v, 0), false);
            same((double)(float)v, true);
            snprintf(t, sizeof t, "9.99999999999999%de%d", m, e);
            same(strtod(t, NULL), false);
        }
}

static void test_random(void **state)
{
    uint64_t seed = 20260731;
    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint64_t u = next(&seed);
        same(of_bits(u), false);
        same((double)of_bits32((uint32_t)u), true);
        same((double)of_bits32((uint32_t)(u >> 32)), false);
        same((double)(int64_t)(u % 4000000000u) / 1e6 - 2000, false);
        same(ldexp((double)(u >> 11), -(int)(u % 80)), false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
