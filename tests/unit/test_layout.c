/* How a file is laid out: what of it hides something, and what each of its bytes is.
 * Expected values are those of PS3.5, 7.1 to 7.5, and PS3.10, 7.1, counted by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dicom_bytes.h"

/* The explicit little-endian data set d, read; `want` must be told and nothing else of
 * its layout. */
static void laid_out(bytes *d, const char *want)
{
    reading x = {0};
    dcr_buf found = {0};
    read_bytes(&x, NULL, d->b.p, d->b.n);
    assert_int_equal(x.status, DCR_OK);
    assert_int_equal(x.r.status, DCR_READ_OK);
    for (char *line = x.lines.p, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        if (strncmp(line, "structure:", 10) == 0)
            dcr_buf_add(&found, line + 10, (size_t)(end + 1 - (line + 10)));
    dcr_buf_char(&found, 0);
    assert_string_equal(found.p, want);
    dcr_buf_clear(&found);
    reading_clear(&x);
    dcr_buf_clear(&d->b);
}

static void test_layout(void **state)
{
    bytes d = {0};
    (void)state;
    text(&d, 8, 0x60, "CS", "OT"); /* nothing to say */
    text(&d, 0x10, 0x10, "PN", "A^B");
    laid_out(&d, "");
    text(&d, 8, 0x60, "CS", "OT"); /* not one behind the other */
    text(&d, 0x10, 0x10, "PN", "A^B");
    text(&d, 8, 0x60, "CS", "CT");
    text(&d, 8, 0x61, "CS", "CT");
    text(&d, 0x10, 0x10, "PN", "C^D");
    text(&d, 0x10, 0x20, "LO", "1");
    laid_out(&d, "duplicate AT 0 0008,0060\norder AT 0 0008,0061\n"
                 "duplicate AT 0 0010,0010\n");
    head(&d, 0x10, 0x4000, "LT", 3); /* odd, of a value, an item, a fragment */
    dcr_buf_str(&d.b, "abc");
    head(&d, 0x40, 0x275, "SQ", UINT32_MAX);
    item(&d, 9);
    head(&d, 0x40, 7, "LO", 1);
    dcr_buf_str(&d.b, "x");
    head(&d, 0xFFFE, 0xE0DD, "", 0);
    head(&d, 0x7FE0, 0x10, "OB", UINT32_MAX);
    item(&d, 1);
    dcr_buf_str(&d.b, "f");
    head(&d, 0xFFFE, 0xE0DD, "", 0);
    laid_out(&d, "odd-length AT 0 0010,4000\nodd-length AT 0 FFFE,E000\n"
                 "odd-length AT 0 0040,0007\nodd-length AT 0 FFFE,E000\n");
    text(&d, 8, 0x60, "CS", "OT");
    text(&d, 0x42, 0x11, "OB", "pdf!");
    d.b.p[d.b.n - 10] = 'J'; /* behind "OB" */
    laid_out(&d, "reserved AT 0 0042,0011\n");
}

static void test_layout_of_items(void **state)
{
    bytes d = {0};
    (void)state;
    for (int k = 0; k < 2; k++) { /* one element in two items is not twice */
        if (k == 0)
            head(&d, 0x40, 0x275, "SQ", UINT32_MAX);
        item(&d, UINT32_MAX);
        text(&d, 0x40, 7, "LO", "x");
        if (k == 1)
            text(&d, 0x40, 7, "LO", "y");
        head(&d, 0xFFFE, 0xE00D, "", 0);
    }
    head(&d, 0xFFFE, 0xE0DD, "", 0);
    head(&d, 0xFFFE, 0xE0DD, "", 0);
    text(&d, 0x40, 0x280, "ST", "z");
    laid_out(&d, "duplicate AT 0 0040,0007\ndelimiter AT 0 FFFE,E0DD\n");
    head(&d, 8, 0, "UL", 4); /* says 20, and there are 10 */
    put32(&d, 20);
    text(&d, 8, 0x60, "CS", "OT");
    head(&d, 0x10, 0, "UL", 4); /* fits */
    put32(&d, 10);
    text(&d, 0x10, 0x40, "CS", "M");
    head(&d, 0x20, 0, "UL", 4); /* at the end of the file */
    put32(&d, 11);
    text(&d, 0x20, 0x13, "IS", "1");
    laid_out(&d, "group-length AT 0 0008,0000\ngroup-length AT 0 0020,0000\n");
}

/* Each share of a small file, counted by hand (PS3.10, 7.1; PS3.5, 7.1.2). */
static void test_shares(void **state)
{
    static const char want[] = "is behind";
    bytes d = {0};
    reading x = {0};
    (void)state;
    meta(&d, "1.2.840.10008.1.2.1");           /* 132; 8 + 4, 8 + 26, 8 + 20 */
    text(&d, 8, 0x60, "CS", "OT");             /* 8 + 2 */
    head(&d, 0x40, 0x275, "SQ", UINT32_MAX);   /* 12 */
    item(&d, UINT32_MAX);                      /* 8 */
    text(&d, 0x40, 7, "LO", "xy");             /* 8 + 2 */
    head(&d, 0xFFFE, 0xE00D, "", 0);           /* 8 */
    head(&d, 0xFFFE, 0xE0DD, "", 0);           /* 8 */
    el(&d, 0x7FE0, 0x10, "OW", "12345678", 8); /* 12 + 8 */
    dcr_buf_add(&d.b, want, sizeof want - 1);
    read_bytes(&x, NULL, d.b.p, d.b.n);
    assert_int_equal(x.r.status, DCR_READ_OK);
    assert_int_equal(x.r.share[DCR_SHARE_HEADER], 3 * 8 + 8 + 12 + 8 + 8 + 8 + 8 + 12);
    assert_int_equal(x.r.share[DCR_SHARE_VALUE], 4 + 26 + 20 + 2 + 2);
    assert_int_equal(x.r.share[DCR_SHARE_PASSED], 8);
    assert_int_equal(x.r.share[DCR_SHARE_AROUND], 132 + 9);
    reading_clear(&x);
    dcr_buf_clear(&d.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_layout_of_items),
        cmocka_unit_test(test_shares),
    };
    dcr_reader_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
