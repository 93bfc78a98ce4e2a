/* What is of a VR's characters (PS3.5, 6.2) and what is text in its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check.h"
#include "dcmrisk/scan.h"

static bool fits(const char *vr, const char *p, size_t n, uint32_t flags)
{
    dcr_value v = {.bytes = (const uint8_t *)p, .len = (uint32_t)n, .flags = flags};
    return dcr_value_fits(vr, &v);
}

#define FITS(vr, text) fits(vr, text, sizeof(text) - 1, 0)

static void test_right(void **state)
{
    (void)state;
    assert_true(FITS("UI", "1.2.840.10008.1.2\\1.2.3"));
    assert_true(FITS("DS", " 72.5 \\-1.0E+05 \\ 3"));
    assert_true(FITS("IS", "-12 \\+3"));
    assert_true(FITS("DA", "20180718") && FITS("DA", "1997.04.24"));
    assert_true(FITS("TM", "093015.123456") && FITS("TM", "09:30:15"));
    assert_true(FITS("DT", "20180718093015.1+0100"));
    assert_true(FITS("AS", "035Y"));
    assert_true(FITS("FD", "-1e-05\\nan\\-inf") && FITS("AT", "0008,0060\\FFFE,E000"));
    assert_true(FITS("OV", "") && FITS("DS", ""));
}

static void test_wrong(void **state)
{
    static const char *const vrs[] = {"UI", "DS", "IS", "DA", "TM", "DT", "AS",
                                      "AT", "FL", "US", "OV", "OW", "OF"};
    (void)state;
    for (size_t i = 0; i < sizeof vrs / sizeof *vrs; i++)
        assert_false(FITS(vrs[i], "MUELLER^ERIKA"));
    assert_false(FITS("UI", "1.2.3\0MUELLER^ERIKA"));
    assert_false(FITS("DS", "1.0\\0x\\2"));
    assert_false(FITS("DS", "12 34")); /* blanks are at the ends */
    assert_true(FITS("DS", "12 \\34"));
    assert_false(FITS("TM", "M\xC3\xBCller"));
}

/* A text is what its VR says, and bytes that are no text are left to others. */
static void test_others(void **state)
{
    static const char *const vrs[] = {"LO", "SH", "PN", "UN", "OB", "CS", "AE", "UT"};
    (void)state;
    for (size_t i = 0; i < sizeof vrs / sizeof *vrs; i++)
        assert_true(FITS(vrs[i], "MUELLER^ERIKA"));
    assert_true(fits("OW", "MUELLER\1", 8, DCR_VALUE_BINARY));
    assert_true(fits("DS", "5000:00ff", 9, DCR_VALUE_DIGEST));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
