/* Openers in the readers: one inside the other, within budgets, and the same from both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alloc.h"
#include "dicom_bytes.h"
#include "open_bytes.h"
#include "value.h"

/* gzip of {"patient_name": "Doe^Jane"} by Python: gzip.compress(..., 9, mtime=0) */
static const uint8_t packed[] = {
    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xAB, 0x56,
    0x2A, 0x48, 0x2C, 0xC9, 0x4C, 0xCD, 0x2B, 0x89, 0xCF, 0x4B, 0xCC, 0x4D,
    0x55, 0xB2, 0x52, 0x50, 0x72, 0xC9, 0x4F, 0x8D, 0xF3, 0x4A, 0xCC, 0x4B,
    0x55, 0xAA, 0x05, 0x00, 0x5F, 0x46, 0x9E, 0xE3, 0x1C, 0x00, 0x00, 0x00};

/* A CSA header of one tag. */
static void csa(dcr_buf *b, const char *name, const char *value)
{
    char tag[84] = {0};
    uint32_t n = (uint32_t)strlen(value), item[4] = {n, n, 77, n};
    memcpy(tag, name, strlen(name));
    tag[64] = 1;
    memcpy(tag + 68, "LO", 2);
    tag[76] = 1;
    dcr_buf_add(b, "SV10\4\3\2\1\1\0\0\0M\0\0\0", 16);
    dcr_buf_add(b, tag, sizeof tag);
    dcr_buf_add(b, item, sizeof item); /* little-endian machines only, as the tests are */
    dcr_buf_add(b, value, n);
    for (; n % 4 != 0; n++)
        dcr_buf_char(b, 0);
}

static void sample(bytes *d, const char *weight)
{
    dcr_buf b = {0}, protocol = {0};
    meta(d, "1.2.840.10008.1.2.1");
    text(d, 8, 5, "CS", "ISO_IR 100");
    text(d, 8, 0x60, "CS", "MR");
    text(d, 9, 0x10, "LO", "ACME 1.0");
    el(d, 9, 0x1001, "OB", packed, sizeof packed);
    text(d, 9, 0x1002, "UT", "<Exam><Name>J\xC3\xA4ne Doe</Name></Exam>");
    text(d, 9, 0x1003, "LO", "{SUVbw}g/ml");
    dcr_buf_fmt(&protocol, "### ASCCONV BEGIN ###\nflUsedPatientWeight = %s\n", weight);
    while (protocol.n < 6000)
        dcr_buf_str(&protocol, "tName = \"head\"\n");
    dcr_buf_str(&protocol, "### ASCCONV END ###");
    csa(&b, "MrPhoenixProtocol", protocol.p);
    text(d, 0x29, 0x10, "LO", "SIEMENS CSA HEADER");
    el(d, 0x29, 0x1020, "OB", b.p, b.n);
    dcr_buf_clear(&b);
    dcr_buf_clear(&protocol);
}

static int has(const reading *x, const char *line)
{
    return memmem(x->lines.p, x->lines.n, line, strlen(line)) != NULL;
}

static void test_chain(void **state)
{
    bytes d = {0};
    (void)state;
    sample(&d, "71.5");
    for (int k = 0; k < 2; k++) {
        reading x = {0};
        reader_kind = k == 0 ? DCR_READER_STREAM : DCR_READER_DCMTK;
        read_bytes(&x, NULL, d.b.p, d.b.n);
        assert_int_equal(x.r.status, DCR_READ_OK);
        assert_true(has(&x, "0009,xx01{ACME 1.0}:gzip/content:json/patient_name UT 0 "
                            "Doe^Jane\n"));
        /* UTF-8 inside, whatever the data set is written in */
        assert_true(has(&x, "0009,xx02{ACME 1.0}:xml/Exam.Name UT 0 J\xC3\xA4ne Doe\n"));
        assert_true(has(&x, "0029,xx20{SIEMENS CSA HEADER}:csa/MrPhoenixProtocol:ascconv/"
                            "flUsedPatientWeight UT 0 71.5\n"));
        assert_false(has(&x, "xx03{ACME 1.0}:"));
        assert_int_equal(x.r.undecodable, 0);
        reading_clear(&x);
    }
    dcr_buf_clear(&d.b);
}

/* An equal value is told again without being opened, a changed one is opened anew. */
static void test_again(void **state)
{
    bytes a = {0}, b = {0};
    (void)state;
    sample(&a, "71.5");
    sample(&b, "64.0");
    for (int k = 0; k < 2; k++) {
        const bytes *order[] = {&a, &a, &b, &a, &b, &b};
        reading x = {0};
        reader_kind = k == 0 ? DCR_READER_STREAM : DCR_READER_DCMTK;
        for (size_t i = 0; i < 6; i++) {
            reading alone = {0};
            read_bytes(&alone, NULL, order[i]->b.p, order[i]->b.n);
            read_bytes(&x, NULL, order[i]->b.p, order[i]->b.n);
            assert_string_equal(x.lines.p, alone.lines.p);
            reading_clear(&alone);
        }
        reading_clear(&x);
    }
    dcr_buf_clear(&a.b);
    dcr_buf_clear(&b.b);
}

static void times(dcr_buf *b, int n, const char *text)
{
    for (int i = 0; i < n; i++)
        dcr_buf_str(b, text);
}

static void long_values(bytes *d)
{
    static const uint8_t zeros[5000] = {0};
    dcr_buf b = {0};
    meta(d, "1.2.840.10008.1.2.1");
    text(d, 8, 5, "CS", "ISO_IR 100");
    times(&b, 600, "ORIGINAL\\");
    dcr_buf_str(&b, "Doe^A");
    text(d, 8, 8, "CS", b.p); /* 5,405 bytes */
    b.n = 0;
    times(&b, 1500, "1.5\\");
    text(d, 0x18, 0x1041, "DS", b.p);
    dcr_buf_str(&b, "Doe^B");
    text(d, 0x18, 0x1042, "DS", b.p);
    b.n = 0;
    times(&b, 5000, " ");
    dcr_buf_str(&b, "Doe^C");
    text(d, 0x18, 0x1030, "LO", b.p);
    b.n = 0;
    times(&b, 816, "gr\xFCn ");
    dcr_buf_str(&b, "\nDoe^D"); /* 4,086 bytes, of which 816 become two */
    text(d, 0x18, 0x4000, "LT", b.p);
    b.n = 0;
    times(&b, 1000, "word ");
    dcr_buf_str(&b, "\1Doe^E");
    text(d, 0x20, 0x4000, "LT", b.p);
    b.n = 0;
    dcr_buf_add(&b, zeros, sizeof zeros);
    dcr_buf_str(&b, "Doe^F ");
    text(d, 0x29, 0x10, "LO", "ACME");
    el(d, 0x29, 0x1001, "OB", b.p, b.n);
    dcr_buf_clear(&b);
}

/* Of what is too long to be kept, text is told, whatever its VR and what is around it. */
static void test_long(void **state)
{
    static const char *const wanted[] = {
        "0008,0008:plain/content UT 0 ",      "Doe^A\n",
        "0018,1042:plain/content UT 0 Doe^B", "0018,1030:plain/content UT 0 Doe^C\n",
        "0018,4000:plain/content UT 0 gr",    "Doe^D\n",
        "0020,4000:plain/content UT 0 word",  "0020,4000:plain/content UT 0 Doe^E\n",
        "xx01{ACME}:plain/content UT 0 Doe^F"};
    bytes d = {0};
    (void)state;
    long_values(&d);
    for (int k = 0; k < 2; k++) {
        reading x = {0};
        reader_kind = k == 0 ? DCR_READER_STREAM : DCR_READER_DCMTK;
        for (int again = 0; again < 2; again++) {
            read_bytes(&x, NULL, d.b.p, d.b.n);
            assert_int_equal(x.r.status, DCR_READ_OK);
            for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
                assert_true(has(&x, wanted[i]));
            assert_false(has(&x, "0018,1041:"));
            assert_false(has(&x, ":plain/content UT 2 ")); /* no digests */
        }
        reading_clear(&x);
    }
    dcr_buf_clear(&d.b);
}

static size_t count(const reading *x, const char *what)
{
    size_t n = 0;
    for (const char *p = x->lines.p; (p = strstr(p, what)) != NULL; p++)
        n++;
    return n;
}

/* A value full of names: as many as may be are wanted, and the file is not called read.
 */
static void test_many_names(void **state)
{
    bytes d = {0};
    dcr_buf b = {0};
    (void)state;
    dcr_buf_str(&b, "{\"x\":0");
    for (int i = 0; i < 5000; i++)
        dcr_buf_fmt(&b, ",\"n%d\":%d", i, i);
    dcr_buf_str(&b, "}");
    text(&d, 8, 0x60, "CS", "MR");
    text(&d, 0x40, 0xA160, "UT", b.p);
    text(&d, 0x40, 0xA161, "UT", "behind");
    for (int k = 0; k < 2; k++) {
        reading x = {0};
        reader_kind = k == 0 ? DCR_READER_STREAM : DCR_READER_DCMTK;
        read_bytes(&x, NULL, d.b.p, d.b.n);
        assert_int_equal(x.r.status, DCR_READ_ELEMENTS);
        assert_int_equal(count(&x, ":json/"), 512);
        assert_true(has(&x, " behind\n")); /* and the rest is read */
        reading_clear(&x);
    }
    dcr_buf_clear(&d.b);
    dcr_buf_clear(&b);
}

/* Distinct paths of a file are counted, elements with one path are not. */
static void test_path_budget(void **state)
{
    dcr_budget few = {100, 1000000, 1 << 24, 50};
    (void)state;
    for (int k = 0; k < 2; k++) {
        bytes d = {0};
        reading x = {0};
        reader_kind = k == 0 ? DCR_READER_STREAM : DCR_READER_DCMTK;
        head(&d, 8, 0x1140, "SQ", 0xFFFFFFFF);
        for (int i = 0; i < 200; i++) {
            head(&d, 0xFFFE, 0xE000, "", 10);
            text(&d, 8, 0x60, "CS", "MR");
        }
        head(&d, 0xFFFE, 0xE0DD, "", 0);
        for (unsigned i = 0; i < 48; i++)
            text(&d, 0x10, 0x4100 + i, "LO", "x");
        read_bytes(&x, &few, d.b.p, d.b.n);
        assert_int_equal(x.r.status, DCR_READ_OK);
        assert_int_equal(x.paths.n, 51);    /* and the root */
        read_bytes(&x, &few, d.b.p, d.b.n); /* the next file begins anew */
        assert_int_equal(x.r.status, DCR_READ_OK);
        text(&d, 0x20, 0x4000, "LT", "one too many");
        read_bytes(&x, &few, d.b.p, d.b.n);
        assert_int_equal(x.r.status, DCR_READ_ELEMENTS);
        assert_false(has(&x, "one too many"));
        reading_clear(&x);
        dcr_buf_clear(&d.b);
    }
}

/* A hostile file that is all paths: bounded, in both readers. */
static void test_all_paths(void **state)
{
    bytes d = {0};
    (void)state;
    for (unsigned g = 0x0011; g < 0x0011 + 2 * 40; g += 2)
        for (unsigned e = 0x1000; e < 0x1000 + 1000; e++)
            text(&d, g, e, "LO", "");
    for (int k = 0; k < 2; k++) {
        reading x = {0};
        reader_kind = k == 0 ? DCR_READER_STREAM : DCR_READER_DCMTK;
        read_bytes(&x, NULL, d.b.p, d.b.n);
        assert_int_equal(x.r.status, DCR_READ_ELEMENTS);
        assert_true(x.paths.n <= dcr_budget_default().paths + 2);
        reading_clear(&x);
    }
    dcr_buf_clear(&d.b);
}

/* Gzip in gzip in gzip ends after a few. */
static void test_nested(void **state)
{
    bytes d = {0};
    (void)state;
    text(&d, 8, 0x60, "CS", "MR");
    text(&d, 0x40, 0xA160, "UT",
         "<a>{\"b\": \"&lt;c&gt;{\\\"d\\\": "
         "\\\"&amp;lt;e&amp;gt;f&amp;lt;/e&amp;gt;\\\"}&lt;/c&gt;\"}</a>");
    for (int k = 0; k < 2; k++) {
        reading x = {0};
        reader_kind = k == 0 ? DCR_READER_STREAM : DCR_READER_DCMTK;
        read_bytes(&x, NULL, d.b.p, d.b.n);
        assert_int_equal(x.r.status, DCR_READ_OK);
        assert_true(has(&x, ":xml/a:json/b:xml/c:json/d UT 0 <e>f</e>\n"));
        assert_false(has(&x, "json/d:"));
        reading_clear(&x);
    }
    dcr_buf_clear(&d.b);
}

/* Wherever memory ends, it is said and nothing leaks. */
static void test_no_memory(void **state)
{
    bytes d = {0};
    dcr_status s = DCR_ENOMEM;
    long n = 0;
    (void)state;
    reader_kind = DCR_READER_STREAM;
    sample(&d, "71.5");
    for (; s == DCR_ENOMEM && n < 3000; n++) {
        reading x = {0};
        assert_true(dcr_pathtab_init(&x.paths));
        dcr_alloc_fail_after(n);
        read_bytes(&x, NULL, d.b.p, d.b.n);
        dcr_alloc_fail_after(-1);
        s = x.status;
        reading_clear(&x);
    }
    assert_int_equal(s, DCR_OK);
    assert_true(n > 50);
    dcr_buf_clear(&d.b);
}

static int begin(void **state)
{
    (void)state;
    dcr_reader_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chain),      cmocka_unit_test(test_again),
        cmocka_unit_test(test_many_names), cmocka_unit_test(test_path_budget),
        cmocka_unit_test(test_all_paths),  cmocka_unit_test(test_nested),
        cmocka_unit_test(test_no_memory),  cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
