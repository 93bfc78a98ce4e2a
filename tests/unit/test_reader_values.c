/* What the reader makes of values.  Expected are those of PS3.5 (encodings, Annex H),
 * IEEE 754, and the bytes written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dicom_bytes.h"

static void test_charsets(void **state)
{
    bytes d = {0};
    reading x = {0};
    (void)state;
    /* PS3.5, H.3.1 */
    text(&d, 8, 5, "CS", "\\ISO 2022 IR 87");
    text(&d, 0x10, 0x10, "PN",
         "Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B="
         "\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B");
    one(&d, &x,
        "0008,0005 CS 0 \\ISO 2022 IR 87\n"
        "0010,0010 PN 0 Yamada^Tarou=\xE5\xB1\xB1\xE7\x94\xB0^\xE5\xA4\xAA\xE9\x83\x8E="
        "\xE3\x82\x84\xE3\x81\xBE\xE3\x81\xA0^\xE3\x81\x9F\xE3\x82\x8D\xE3\x81\x86\n");
    /* an item may have its own; behind it the outer one holds again */
    text(&d, 8, 5, "CS", "ISO_IR 192");
    head(&d, 8, 0x1110, "SQ", UINT32_MAX);
    item(&d, UINT32_MAX);
    text(&d, 8, 5, "CS", "iso_ir_144");
    text(&d, 8, 0x1150, "LO", "\xB4\xD0");
    head(&d, 0xFFFE, 0xE00D, "", 0);
    item(&d, UINT32_MAX);
    text(&d, 8, 0x1150, "LO", "\xC3\xA9");
    head(&d, 0xFFFE, 0xE00D, "", 0);
    head(&d, 0xFFFE, 0xE0DD, "", 0);
    text(&d, 0x10, 0x10, "PN", "\xC3\xA9");
    one(&d, &x,
        "0008,0005 CS 0 ISO_IR 192\n"
        "0008,1110 SQ 2 items\n"
        "0008,1110/0008,0005 CS 0 iso_ir_144\n"
        "0008,1110/0008,1150 LO 0 \xD0\x94\xD0\xB0\n"
        "0008,1110/0008,1150 LO 0 \xC3\xA9\n"
        "0010,0010 PN 0 \xC3\xA9\n");
}

static void test_undecodable(void **state)
{
    bytes d = {0};
    reading x = {0};
    (void)state;
    text(&d, 8, 0x80, "LO", "H\xF4pital"); /* no character set at all */
    read_bytes(&x, NULL, d.b.p, d.b.n);
    assert_string_equal(x.lines.p, "0008,0080 LO 4 H\xF4pital\n");
    assert_int_equal(x.r.undecodable, 1);
    read_bytes(&x, NULL, d.b.p, d.b.n); /* remembered, and counted all the same */
    assert_int_equal(x.r.undecodable, 1);
    reading_clear(&x);
    memset(&x, 0, sizeof x);
    dcr_buf_clear(&d.b);
    text(&d, 8, 5, "CS", "ISO_IR 192");
    text(&d, 8, 0x80, "LO", "H\xF4pital"); /* not UTF-8 */
    text(&d, 8, 0x81, "ST", "plain");
    read_bytes(&x, NULL, d.b.p, d.b.n);
    assert_int_equal(x.r.undecodable, 1);
    assert_non_null(
        strstr(x.lines.p, "0008,0080 LO 4 H\xF4pital\n0008,0081 ST 0 plain\n"));
    reading_clear(&x);
    dcr_buf_clear(&d.b);
}

static void test_numbers(void **state)
{
    bytes d = {0};
    reading x = {0};
    float f = 0.1f;
    double g[2] = {0.1, -1.0 / 3};
    (void)state;
    head(&d, 0x18, 0x6016, "UL", 4);
    put32(&d, 4294967295u);
    head(&d, 0x18, 0x6020, "SL", 4);
    put32(&d, 0x80000000u);
    el(&d, 0x18, 0x602C, "FD", g, 16);
    head(&d, 0x28, 9, "AT", 8);
    put16(&d, 0x18);
    put16(&d, 0x1063);
    put16(&d, 0x7FE0);
    put16(&d, 0xABCD);
    head(&d, 0x28, 0x106, "SS", 4);
    put16(&d, 0xFFFF);
    put16(&d, 0x8000);
    el(&d, 0x28, 0x3002, "US", "abc", 4); /* 2 numbers */
    el(&d, 0x40, 0x9210, "FL", &f, 4);
    el(&d, 0x40, 0x9211, "US", "\1\2\3", 3); /* padded: not what US holds, still 2 */
    el(&d, 0x72, 0x82, "SV", "\0\0\0\0\0\0\0\x80", 8);
    el(&d, 0x72, 0x83, "UV", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
    el(&d, 0x72, 0x84, "UL", "\1\2\3\4\5\6", 6); /* no whole number of numbers */
    one(&d, &x,
        "0018,6016 UL 0 4294967295\n"
        "0018,6020 SL 0 -2147483648\n"
        "0018,602C FD 0 0.1\\-0.3333333333333333\n"
        "0028,0009 AT 0 0018,1063\\7FE0,ABCD\n"
        "0028,0106 SS 0 -1\\-32768\n"
        "0028,3002 US 0 25185\\99\n"
        "0040,9210 FL 0 0.100000001\n"
        "0040,9211 US 0 513\\8195\n"
        "0072,0082 SV 0 -9223372036854775808\n"
        "0072,0083 UV 0 18446744073709551615\n"
        "0072,0084 UL 1 \1\2\3\4\5\6\n");
}

static void test_bytes(void **state)
{
    bytes d = {0};
    reading x = {0};
    char big[5000];
    (void)state;
    memset(big, 'x', sizeof big);
    text(&d, 8, 5, "CS", "ISO_IR 100");
    text(&d, 8, 8, "CS", ""); /* present and empty */
    el(&d, 8, 0x41, "OB", "text \0", 6);
    el(&d, 8, 0x42, "OB", "\1\2", 2);
    text(&d, 0x10, 0x10, "UN", "Doe^Jane"); /* UN, but the dictionary knows */
    el(&d, 0x20, 0x4000, "LT", big, sizeof big);
    text(&d, 0x29, 0x10, "LO", "ACME");
    text(&d, 0x29, 0x1001, "UN", "M\xFCller, Hans");
    read_bytes(&x, NULL, d.b.p, d.b.n);
    assert_non_null(strstr(x.lines.p, "0008,0008 CS 0 \n"
                                      "0008,0041 OB 0 text\n"
                                      "0008,0042 OB 1 \1\2\n"
                                      "0010,0010 PN 0 Doe^Jane\n"
                                      "0020,4000 LT 2 5000:"));
    assert_non_null(strstr(x.lines.p, "0029,xx01{ACME} UN 0 M\xC3\xBCller, Hans\n"));
    reading_clear(&x);
    dcr_buf_clear(&d.b);
}
static void test_dictionary(void **state)
{
    char vr[2];
    (void)state;
    assert_string_equal(dcr_reader_keyword(0x10, 0x10), "PatientName");
    assert_string_equal(dcr_reader_keyword(0x7FE0, 0x10), "PixelData");
    assert_null(dcr_reader_keyword(0x29, 0x1010));
    assert_null(dcr_reader_keyword(0x10, 0xFFF0));
    assert_true(dcr_reader_vr(0x10, 0x30, NULL, vr));
    assert_memory_equal(vr, "DA", 2);
    assert_true(dcr_reader_vr(0x28, 0x106, NULL, vr));
    assert_memory_equal(vr, "xs", 2);
    assert_false(dcr_reader_vr(0x29, 0x1010, NULL, vr));
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_charsets),
        cmocka_unit_test(test_undecodable),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_bytes),
    };
    const struct CMUnitTest also[] = {cmocka_unit_test(test_dictionary)};
    int failed;
    dcr_reader_init();
    failed = cmocka_run_group_tests_name("dictionary", also, NULL, NULL);
    failed += cmocka_run_group_tests_name("stream", tests, NULL, NULL);
    reader_kind = DCR_READER_DCMTK;
    return failed + cmocka_run_group_tests_name("dcmtk", tests, NULL, NULL);
}
