/* Words behind numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plural.h"

static void test_plural(void **state)
{
    (void)state;
    assert_string_equal(dcr_plural(1, "patients"), "patient");
    assert_string_equal(dcr_plural(1, "series"), "series");
    assert_string_equal(dcr_plural(1, "criteria"), "criterion");
    assert_string_equal(dcr_plural(1, "are"), "is");
    assert_string_equal(dcr_plural(1, "of no list"), "of no list");
    assert_string_equal(dcr_plural(1, ""), "");
    assert_string_equal(dcr_plural(0, "patients"), "patients");
    assert_string_equal(dcr_plural(2, "studies"), "studies");
    assert_string_equal(dcr_plural(0.5, "patients"), "patients");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_plural)};
    return cmocka_run_group_tests_name("plural", tests, NULL, NULL);
}
