/* Files beside the images.  What they hold is written by hand as RFC 4180, RFC 8259 and
 * nifti1.h say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "alloc.h"
#include "sidecar.h"

typedef struct seen { /* "path=value\n" in the order they came */
    dcr_pathtab paths;
    dcr_buf text;
    dcr_sidecar_reading r;
} seen;

static dcr_status take(void *ctx, uint32_t path, const char vr[2], const uint8_t *p,
                       uint32_t n, uint32_t flags)
{
    seen *s = ctx;
    assert_int_equal(flags, 0);
    assert_true(n <= 4096); /* larger values would only be kept as a digest */
    dcr_buf_str(&s->text, s->paths.path[path].text);
    dcr_buf_str(&s->text, memcmp(vr, "DS", 2) == 0 ? "~" : "=");
    dcr_buf_add(&s->text, p, n);
    dcr_buf_char(&s->text, '\n');
    return s->text.failed ? DCR_ENOMEM : DCR_OK;
}

static dcr_status read_bytes(seen *s, dcr_file_kind kind, const void *p, size_t n)
{
    dcr_sidecar side = {0};
    dcr_source src;
    dcr_sink sink = {s, take, NULL};
    dcr_status rc;
    int fd = memfd_create("sidecar", 0);
    memset(s, 0, sizeof *s);
    assert_true(fd >= 0 && write(fd, p, n) == (ssize_t)n);
    if (!dcr_pathtab_init(&s->paths) || !dcr_source_init(&src)) {
        dcr_pathtab_clear(&s->paths);
        close(fd);
        return DCR_ENOMEM;
    }
    dcr_source_start(&src, fd, n);
    rc = dcr_sidecar_file(&side, &src, kind, &s->paths, &sink, &s->r);
    dcr_source_clear(&src);
    dcr_sidecar_clear(&side);
    close(fd);
    return rc;
}

static void drop(seen *s)
{
    dcr_pathtab_clear(&s->paths);
    dcr_buf_clear(&s->text);
}

static void expect_n(dcr_file_kind kind, const void *p, size_t n, bool whole,
                     const char *want)
{
    seen s;
    assert_int_equal(read_bytes(&s, kind, p, n), DCR_OK);
    assert_string_equal(s.text.p == NULL ? "" : s.text.p, want);
    assert_int_equal(s.r.whole, whole);
    drop(&s);
}

static void expect(dcr_file_kind kind, const char *text, const char *want)
{
    expect_n(kind, text, strlen(text), true, want);
}

#define C "sidecar:csv/"
#define L "sidecar:csv-layout="
#define J "sidecar:json/"
#define K "sidecar:json-keys="

static void test_csv(void **state)
{
    (void)state;
    expect(DCR_FILE_CSV, "id,age\r\nP1,34\r\nP2,7\r\n",
           L "id\tage\n" C "id=P1\n" C "age=34\n" C "id=P2\n" C "age=7\n");
    /* RFC 4180: quotes, quotes in quotes, line breaks in quotes, no break at the end */
    expect(DCR_FILE_CSV, "a,b\n\"x, \"\"y\"\"\n z\",\"\"",
           L "a\tb\n" C "a=x, \"y\"\n z\n" C "b=\n");
    /* other delimiters; a decimal comma is no delimiter when another one is commoner */
    expect(DCR_FILE_CSV, "a;b;c\n1,5;x;2\n",
           L "a\tb\tc\n" C "a=1,5\n" C "b=x\n" C "c=2\n");
    expect(DCR_FILE_CSV, "a\tb\n1.5\t-2e-3\n", L "a\tb\n" C "a~1.5\n" C "b~-2e-3\n");
    /* a first row of data is data: a date, a number with four digits, a name with ^ */
    expect(DCR_FILE_CSV, "Doe^Jane,12\n", C "column1=Doe^Jane\n" C "column2=12\n");
    expect(DCR_FILE_CSV, "\n\na,b\n", C "column1=a\n" C "column2=b\n");
    /* names that would not do in a path */
    expect(DCR_FILE_CSV, "Patient ID,dose/mGy\nP1,1.0\n",
           L "Patient ID\tdose/mGy\n" C "Patient_ID=P1\n" C "dose_mGy~1.0\n");
    /* a quote that nothing closes does not swallow the rest */
    expect(DCR_FILE_CSV, "a,b\n\"x,1\ny,2\n",
           L "a\tb\n" C "a=\"x\n" C "b=1\n" C "a=y\n" C "b=2\n");
    /* an empty cell is a value that is empty; more cells than the header has names */
    expect(DCR_FILE_CSV, "a,b\n,1,9\n", L "a\tb\n" C "a=\n" C "b=1\n" C "column3=9\n");
    expect(DCR_FILE_CSV, "", "");
}

static void test_many_columns(void **state)
{
    dcr_buf b = {0};
    seen s;
    size_t paths = 0;
    (void)state;
    for (int i = 0; i < 1000; i++)
        dcr_buf_fmt(&b, "%sc%d", i == 0 ? "" : ",", i);
    dcr_buf_char(&b, '\n');
    for (int i = 0; i < 1000; i++)
        dcr_buf_fmt(&b, "%sv%d", i == 0 ? "" : ",", i);
    assert_int_equal(read_bytes(&s, DCR_FILE_CSV, b.p, b.n), DCR_OK);
    assert_non_null(strstr(s.text.p, C "c255=v255\n"));
    assert_non_null(strstr(s.text.p, C "more=v999\n"));
    for (uint32_t i = 0; i < s.paths.n; i++)
        paths += strncmp(s.paths.path[i].text, C, strlen(C)) == 0;
    assert_int_equal(paths, DCR_SIDECAR_NAMES + 1);
    drop(&s);
    dcr_buf_clear(&b);
}

static void test_json(void **state)
{
    (void)state;
    expect(DCR_FILE_JSON, "{\"a\": {\"b\": [1, 2.5, {\"c\": \"x\"}]}, \"d\": null}",
           K "a\n" K "b\n" J "a.b=1\n" J "a.b~2.5\n" K "c\n" J "a.b.c=x\n" K "d\n" J
             "d=\n");
    /* RFC 8259 section 7: escapes, a surrogate pair (U+1D11E is F0 9D 84 9E) */
    expect(DCR_FILE_JSON, "[\"M\\u00fcller\\n\\\"\\/\\uD834\\uDD1E\"]",
           J "value=M\xC3\xBCller\n\"/\xF0\x9D\x84\x9E\n");
    expect(DCR_FILE_JSON, "{}\n[]\n\"x\"\n", J "value=x\n");
    /* keys that are data: of a dictionary, or with digits in a row */
    expect(DCR_FILE_JSON, "{\"Doe\": \"P001\", \"Roe\": \"P002\"}",
           "sidecar:json-map-keys=Doe\nsidecar:json-map-values=P001\n"
           "sidecar:json-map-keys=Roe\nsidecar:json-map-values=P002\n");
    expect(DCR_FILE_JSON, "{\"P001\": {\"sex\": \"F\"}}",
           K "P001\n" K "sex\n" J "any.sex=F\n");
    /* what is no JSON is text: nothing of it is lost, nothing is told twice */
    expect(DCR_FILE_JSON, "{\"a\": 1,\n \"b\": }",
           "sidecar:text/line={\"a\": 1,\nsidecar:text/line=\"b\": }\n");
    expect(DCR_FILE_JSON, "[1,]", "sidecar:text/line=[1,]\n");
    expect(DCR_FILE_JSON, "\"\\ud8\"", "sidecar:text/line=\"\\ud8\"\n");
}

static void test_deep_json(void **state)
{
    dcr_buf b = {0};
    seen s;
    (void)state;
    for (int i = 0; i < 100000; i++)
        dcr_buf_char(&b, '[');
    assert_int_equal(read_bytes(&s, DCR_FILE_JSON, b.p, b.n), DCR_OK);
    assert_true(s.r.whole && s.text.n >= b.n); /* as text, in pieces */
    drop(&s);
    dcr_buf_clear(&b);
}

static void test_text(void **state)
{
    seen s;
    char *big = dcr_alloc(20001, 1);
    (void)state;
    expect(DCR_FILE_TEXT, "one\r\n\r\n  two \n",
           "sidecar:text/line=one\n"
           "sidecar:text/line=two\n");
    expect(DCR_FILE_XML, "<a>\n<b/></a>",
           "sidecar:xml/line=<a>\n"
           "sidecar:xml/line=<b/></a>\n");
    /* a long line comes in pieces, all of it, and no character is cut */
    assert_non_null(big);
    for (int i = 0; i < 10000; i++)
        memcpy(big + 2 * i, "\xC3\xBC", 2);
    assert_int_equal(read_bytes(&s, DCR_FILE_TEXT, big, 20000), DCR_OK);
    assert_int_equal(s.r.values, 6);
    for (size_t i = 0; i + 1 < s.text.n; i++)
        assert_true((uint8_t)s.text.p[i] != 0xC3 || (uint8_t)s.text.p[i + 1] == 0xBC);
    drop(&s);
    dcr_free(big);
}

static void test_characters(void **state)
{
    seen s;
    (void)state;
    expect(DCR_FILE_TEXT, "\xEF\xBB\xBFM\xC3\xBCller",
           "sidecar:text/line=M\xC3\xBCller\n");
    expect_n(DCR_FILE_CSV,
             "\xFF\xFE"
             "a\0,\0b\0\n\0\xFC\0,\0x\0",
             16, true, L "a\tb\n" C "a=\xC3\xBC\n" C "b=x\n");
    expect_n(DCR_FILE_TEXT, "\xFE\xFF\0M\0\xFC", 6, true,
             "sidecar:text/line=M\xC3\xBC\n");
    /* neither: read as Latin-1, and said to be a guess */
    assert_int_equal(read_bytes(&s, DCR_FILE_TEXT, "M\xFCller", 6), DCR_OK);
    assert_string_equal(s.text.p, "sidecar:text/line=M\xC3\xBCller\n");
    assert_int_equal(s.r.undecodable, 1);
    drop(&s);
    /* no text at all, whatever its name */
    expect_n(DCR_FILE_CSV, "a,\1b", 4, false, "");
    expect_n(DCR_FILE_TEXT, "a\0b", 3, false, "");
}

/* Bytes written as text are not read: the file does not count as read. */
static void test_opaque(void **state)
{
    dcr_buf b = {0};
    seen s;
    (void)state;
    dcr_buf_str(&b, "{\"image/png\": \"");
    for (int i = 0; i < 30; i++)
        dcr_buf_str(&b,
                    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk\\n");
    dcr_buf_str(&b, "\"}");
    assert_int_equal(read_bytes(&s, DCR_FILE_JSON, b.p, b.n), DCR_OK);
    assert_false(s.r.whole);
    drop(&s);
    b.n = 0;
    for (int i = 0; i < 1000; i++)
        dcr_buf_fmt(&b, "P%05d\n", i); /* a list is no encoded picture */
    assert_int_equal(read_bytes(&s, DCR_FILE_TEXT, b.p, b.n), DCR_OK);
    assert_true(s.r.whole);
    drop(&s);
    dcr_buf_clear(&b);
}

static size_t nifti(uint8_t *h)
{
    memset(h, 0, 400);
    h[0] = 348 & 0xFF;
    h[1] = 348 >> 8;
    memcpy(h + 14, "Doe^Jane", 8);
    memcpy(h + 148, "TE=2.3;Time=101112.5", 20);
    memcpy(h + 344, "n+1", 4);
    h[348] = 1;  /* extensions follow */
    h[352] = 32; /* of 32 bytes, code 6: comment */
    h[356] = 6;
    memcpy(h + 360, "seen by Dr. Roe", 15);
    return 400;
}

static void test_nifti(void **state)
{
    static const char want[] = "sidecar:nifti/db_name=Doe^Jane\n"
                               "sidecar:nifti/descrip=TE=2.3;Time=101112.5\n"
                               "sidecar:nifti-extension/line=seen by Dr. Roe\n";
    uint8_t h[800], z[1024];
    z_stream c;
    size_t n = nifti(h);
    (void)state;
    expect_n(DCR_FILE_NIFTI, h, n, false, want);
    memset(&c, 0, sizeof c);
    assert_int_equal(deflateInit2(&c, 6, Z_DEFLATED, MAX_WBITS + 16, 8, 0), Z_OK);
    c.next_in = h;
    c.avail_in = (unsigned)n;
    c.next_out = z;
    c.avail_out = sizeof z;
    assert_int_equal(deflate(&c, Z_FINISH), Z_STREAM_END);
    expect_n(DCR_FILE_NIFTI, z, sizeof z - c.avail_out, false, want);
    deflateEnd(&c);
    /* nifti2.h: 540 bytes, descrip at 240, big-endian here */
    memset(h, 0, sizeof h);
    h[2] = 540 >> 8;
    h[3] = 540 & 0xFF;
    memcpy(h + 4, "n+2", 4);
    memcpy(h + 240, "scan 7", 6);
    expect_n(DCR_FILE_NIFTI, h, 560, false, "sidecar:nifti/descrip=scan 7\n");
    expect_n(DCR_FILE_NIFTI, h, 100, false, "");
}

/* Any byte changed, any length: nothing falls over (and sanitizers watch). */
static void test_hostile(void **state)
{
    static const char json[] = "{\"a\\u0041\":[1,\"b\\\"\",{\"c\":null}],\"d\":\"e\"}";
    static const char csv[] = "a,\"b\"\"c\"\r\n\"d\",e\n\"f";
    uint8_t h[400], copy[400];
    size_t n = nifti(h);
    seen s;
    (void)state;
    for (size_t i = 0; i < sizeof json - 1; i++)
        for (unsigned c = 0; c < 256; c++) {
            memcpy(copy, json, sizeof json);
            copy[i] = (uint8_t)c;
            assert_int_equal(read_bytes(&s, DCR_FILE_JSON, copy, sizeof json - 1),
                             DCR_OK);
            drop(&s);
        }
    for (size_t i = 0; i < sizeof csv - 1; i++)
        for (unsigned c = 0; c < 256; c++) {
            memcpy(copy, csv, sizeof csv);
            copy[i] = (uint8_t)c;
            assert_int_equal(read_bytes(&s, DCR_FILE_CSV, copy, sizeof csv - 1), DCR_OK);
            drop(&s);
        }
    for (size_t i = 0; i < n; i++) {
        memcpy(copy, h, n);
        copy[i] ^= 0xFF;
        assert_int_equal(read_bytes(&s, DCR_FILE_NIFTI, copy, n), DCR_OK);
        drop(&s);
        assert_int_equal(read_bytes(&s, DCR_FILE_NIFTI, h, i), DCR_OK);
        drop(&s);
    }
}

static void test_no_memory(void **state)
{
    static const struct {
        dcr_file_kind kind;
        const char *text;
    } files[] = {{DCR_FILE_JSON, "{\"a\": [\"x\\n\", 1], \"4711\": {\"b\": 2}}"},
                 {DCR_FILE_CSV, "a,b\n\"x\"\"\",M\xFC\n"},
                 {DCR_FILE_TEXT, "one\ntwo\n"}};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        dcr_status rc = DCR_ENOMEM;
        for (long n = 0; rc != DCR_OK; n++) {
            seen s;
            assert_true(n < 1000);
            dcr_alloc_fail_after(n);
            rc = read_bytes(&s, files[i].kind, files[i].text, strlen(files[i].text));
            dcr_alloc_fail_after(-1);
            assert_true(rc == DCR_OK || rc == DCR_ENOMEM);
            drop(&s);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv),     cmocka_unit_test(test_many_columns),
        cmocka_unit_test(test_json),    cmocka_unit_test(test_deep_json),
        cmocka_unit_test(test_text),    cmocka_unit_test(test_characters),
        cmocka_unit_test(test_opaque),  cmocka_unit_test(test_nifti),
        cmocka_unit_test(test_hostile), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
