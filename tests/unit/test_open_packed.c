/* Openers of what is packed: gzip (RFC 1952; a block made with Python's gzip), data sets
 * inside values (PS3.5, PS3.10), PDF (ISO 32000-1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>

#include "dicom_bytes.h"
#include "open_bytes.h"
#include "pdf_text.h"
#include "unpack.h"

static told t;

static const char *opened(const char *opener, const dcr_buf *b)
{
    assert_int_equal(told_open(&t, opener_named(opener), b->p, b->n), DCR_OK);
    assert_false(t.bad_name);
    return t.lines.p;
}

static const dcr_opener *who(const dcr_buf *b)
{
    size_t n = b->n < DCR_OPEN_HEAD ? b->n : DCR_OPEN_HEAD;
    return dcr_open_sniff((const uint8_t *)b->p, n, b->n);
}

/* Packs with zlib itself; 31: gzip, 15: zlib. */
static void pack(dcr_buf *out, const void *p, size_t n, int bits)
{
    z_stream z = {0};
    uint8_t *to = malloc(n + 1000); /* lint: ok, a test */
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, bits, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)p;
    z.avail_in = (uInt)n;
    z.next_out = to;
    z.avail_out = (uInt)n + 1000;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    dcr_buf_add(out, to, z.total_out);
    deflateEnd(&z);
    free(to);
}

/* ---- gzip ---- */

/* python3: gzip.compress(b'POSITION "Supine"\nset SEDESC "Doe Jane head"\nTE
 * "30.0"\nEMPTY
 * ""\n', 9, mtime=0) */
static const uint8_t ge[] = {
    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x0B, 0xF0, 0x0F, 0xF6,
    0x0C, 0xF1, 0xF4, 0xF7, 0x53, 0x50, 0x0A, 0x2E, 0x2D, 0xC8, 0xCC, 0x4B, 0x55, 0xE2,
    0x2A, 0x4E, 0x2D, 0x51, 0x08, 0x76, 0x75, 0x71, 0x0D, 0x76, 0x56, 0x50, 0x72, 0xC9,
    0x4F, 0x55, 0xF0, 0x4A, 0xCC, 0x4B, 0x55, 0xC8, 0x48, 0x4D, 0x4C, 0x51, 0xE2, 0x0A,
    0x71, 0x55, 0x50, 0x32, 0x36, 0xD0, 0x33, 0x50, 0xE2, 0x72, 0xF5, 0x0D, 0x08, 0x89,
    0x54, 0x50, 0x52, 0xE2, 0x02, 0x00, 0x59, 0xF4, 0xD0, 0xB9, 0x40, 0x00, 0x00, 0x00};
static const char ge_lines[] = "POSITION UT Supine\nSEDESC UT Doe Jane head\n"
                               "settings UT 30.0\n";

static void test_gzip(void **state)
{
    dcr_open_place place = {0x0025, 0x101B, "GEMS_SERS_01", NULL};
    dcr_buf b = {0};
    (void)state;
    dcr_buf_add(&b, ge, sizeof ge);
    assert_ptr_equal(who(&b), opener_named("gzip"));
    assert_ptr_equal(dcr_open_find(&place), opener_named("gzip"));
    assert_string_equal(opened("gzip", &b), ge_lines);
    dcr_buf_add(&b, ge, sizeof ge); /* two members are one file */
    assert_string_equal(opened("gzip", &b),
                        "POSITION UT Supine\nSEDESC UT Doe Jane head\n"
                        "POSITION UT Supine\nSEDESC UT Doe Jane head\n"
                        "settings UT 30.0\\30.0\n");
    b.n = 0; /* four bytes of length, as GE writes it */
    dcr_buf_add(&b, (char[]){sizeof ge, 0, 0, 0}, 4);
    dcr_buf_add(&b, ge, sizeof ge);
    assert_string_equal(opened("gzip", &b), ge_lines);
    dcr_buf_clear(&b);
}

/* What is no list of names comes as it is, for others to open. */
static void test_gzip_content(void **state)
{
    static const char *const text[][2] = {
        {"<?xml version='1.0'?><a>b</a>", "content UN <?xml version='1.0'?><a>b</a>\n"},
        {"two words here\n and more\n", "content UT two words here%0A and more\n"},
        {"A \"12345\"\nB \"1.5;-2\"\nC \"1234\"\nset D \"1 m\"\n\n",
         "A UT 12345\nD UT 1 m\nsettings UT 1.5;-2\\1234\n"},
        {"NAME \"x\"\n and more\n", "content UT NAME \"x\"%0A and more\n"},
        {"\x01\x02", "content UN %01%02\n"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        dcr_buf b = {0};
        pack(&b, text[i][0], strlen(text[i][0]), 31);
        assert_string_equal(opened("gzip", &b), text[i][1]);
        dcr_buf_clear(&b);
    }
}

/* 100 MiB of zeros in 100 kB: cut, paid for, and said so. */
static void test_bomb(void **state)
{
    size_t n = 100u << 20;
    char *zeros = calloc(n, 1); /* lint: ok, a test */
    dcr_buf b = {0};
    (void)state;
    pack(&b, zeros, n, 31);
    free(zeros);
    assert_true(b.n < 200000);
    (void)opened("gzip", &b);
    assert_true(t.cut);
    assert_true(t.bytes <= DCR_UNPACK_MAX);
    assert_true(t.paid <= DCR_UNPACK_MAX && t.paid > DCR_UNPACK_MAX - 65536);
    t.budget = 1 << 20; /* the file has less than that left */
    assert_int_equal(told_open(&t, opener_named("gzip"), b.p, b.n), DCR_EINTERRUPTED);
    assert_int_equal(t.values, 0);
    t.budget = 0;
    dcr_buf_clear(&b);
}

/* ---- data sets ---- */

static void data_set(bytes *d)
{
    bytes in = {0};
    text(&d[0], 8, 0x60, "CS", "MR");
    text(&d[0], 9, 0x10, "LO", "ACME 1.0");
    text(&d[0], 9, 0x1001, "LO", "hidden");
    text(&d[0], 0x10, 0x10, "PN", "Doe^Jane");
    text(&in, 0x10, 0x20, "LO", "4711");
    head(&d[0], 0x40, 0x275, "SQ", (uint32_t)in.b.n + 8);
    head(&d[0], 0xFFFE, 0xE000, "", (uint32_t)in.b.n);
    dcr_buf_add(&d[0].b, in.b.p, in.b.n);
    el(&d[0], 0x28, 0x10, "US", "\x40\x01", 2);
    dcr_buf_clear(&in.b);
}

static const char data_lines[] = "Modality CS MR\n"
                                 "0009-0010 LO ACME 1.0\n"
                                 "0009-xx01-ACME_1_0 LO hidden\n"
                                 "PatientName PN Doe^Jane\n"
                                 "RequestAttributesSequence.PatientID LO 4711\n";

static void test_dicom_file(void **state)
{
    bytes d = {0};
    (void)state;
    meta(&d, "1.2.840.10008.1.2.1");
    data_set(&d);
    assert_ptr_equal(who(&d.b), opener_named("dicom"));
    (void)opened("dicom", &d.b);
    assert_non_null(strstr(t.lines.p, data_lines));
    assert_non_null(strstr(t.lines.p, "TransferSyntaxUID UI 1.2.840.10008.1.2.1%00\n"));
    d.b.p[20] = 'x'; /* whatever the preamble says */
    assert_ptr_equal(who(&d.b), opener_named("dicom"));
    d.b.n -= 1; /* it must come out at the end */
    assert_string_equal(opened("dicom", &d.b), "");
    dcr_buf_clear(&d.b);
}

/* A data set without anything around, and items whose sequence is called OB. */
static void test_dicom_bare(void **state)
{
    bytes d = {0}, items = {0};
    (void)state;
    text(&d, 8, 0x60, "CS", "MR");
    text(&d, 8, 0x80, "LO", "Anytown Clinic");
    text(&d, 0x10, 0x10, "PN", "Doe^Jane");
    assert_ptr_equal(who(&d.b), opener_named("dicom"));
    assert_string_equal(opened("dicom", &d.b),
                        "Modality CS MR\nInstitutionName LO Anytown Clinic\n"
                        "PatientName PN Doe^Jane\n");
    head(&items, 0xFFFE, 0xE000, "", (uint32_t)d.b.n);
    dcr_buf_add(&items.b, d.b.p, d.b.n);
    head(&items, 0xFFFE, 0xE000, "", 0xFFFFFFFF);
    dcr_buf_add(&items.b, d.b.p, d.b.n);
    head(&items, 0xFFFE, 0xE00D, "", 0);
    assert_ptr_equal(who(&items.b), opener_named("dicom"));
    assert_non_null(strstr(opened("dicom", &items.b), "PatientName PN Doe^Jane\n"));
    assert_int_equal(t.values, 6);
    dcr_buf_char(&items.b, 'x');
    dcr_buf_str(&items.b, "more than padding");
    assert_string_equal(opened("dicom", &items.b), "");
    dcr_buf_clear(&d.b);
    dcr_buf_clear(&items.b);
}

/* Implicit VR, where the dictionary says what an element is. */
static void test_dicom_implicit(void **state)
{
    static const char d[] = "\x08\0\x60\0\x02\0\0\0MR"
                            "\x10\0\x10\0\x08\0\0\0Doe^Jane"
                            "\x10\0\x20\0\x04\0\0\0"
                            "4711"
                            "\x28\0\x10\0\x02\0\0\0\x40\1";
    (void)state;
    assert_int_equal(told_open(&t, opener_named("dicom"), d, sizeof d - 1), DCR_OK);
    assert_string_equal(t.lines.p, "Modality CS MR\nPatientName PN Doe^Jane\n"
                                   "PatientID LO 4711\nRows US @%01\n");
}

static void test_dicom_deep(void **state)
{
    bytes d = {0};
    (void)state;
    text(&d, 8, 0x60, "CS", "MR");
    for (int i = 0; i < 10000; i++) {
        head(&d, 0x40, 0xA730, "SQ", 0xFFFFFFFF);
        head(&d, 0xFFFE, 0xE000, "", 0xFFFFFFFF);
    }
    assert_string_equal(opened("dicom", &d.b), "");
    dcr_buf_clear(&d.b);
}

/* Random bytes are no data set. */
static void test_dicom_random(void **state)
{
    uint32_t seed = 7;
    uint8_t b[512];
    (void)state;
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof b; i++) {
            seed = seed * 1664525 + 1013904223;
            b[i] = (uint8_t)(seed >> 24);
        }
        memcpy(b, round % 2 == 0 ? "\xFE\xFF\0\xE0" : "\x08\0\x60\0", 4);
        assert_int_equal(told_open(&t, opener_named("dicom"), b, sizeof b), DCR_OK);
        assert_int_equal(t.values, 0);
    }
}

/* ---- PDF ---- */

static void stream(dcr_buf *b, const char *dict, const char *data, bool packed)
{
    dcr_buf z = {0};
    if (packed)
        pack(&z, data, strlen(data), 15);
    else
        dcr_buf_str(&z, data);
    dcr_buf_fmt(b, "7 0 obj\n<< %s %s /Length %u >>\nstream\r\n", dict,
                packed ? "/Filter /FlateDecode" : "", (unsigned)z.n);
    dcr_buf_add(b, z.p, z.n);
    dcr_buf_str(b, "\nendstream\nendobj\n");
    dcr_buf_clear(&z);
}

static void test_pdf(void **state)
{
    dcr_buf b = {0};
    (void)state;
    dcr_buf_str(&b,
                "%PDF-1.4\n1 0 obj\n<< /Title (Report \\(final\\) of \\112ane\\\n Doe)"
                " /Author <446F65> /CreationDate (D:20190213081500)\n/Producer ()"
                "/Subject <FEFF00440151D83DDE00> /Type /Info >>\nendobj\n");
    stream(&b, "",
           "BT /F1 12 Tf (Seen) Tj 0 -14 Td [(Do) -20 (e) -300 (Jane)] TJ ET\n"
           "q BI /W 1 ID \x01(no\x02) EI Q BT (end) ' ET (not shown) n",
           true);
    stream(&b, "/Type /Metadata /Subtype /XML", "<?xpacket?><x>y</x>", false);
    stream(&b, "/Type /ObjStm /N 1", "8 0 << /Contents (a note) >>", true);
    stream(&b, "/Subtype /Image", "(not) Tj", true);
    stream(&b, "/Filter /DCTDecode", "(nor) Tj", false);
    dcr_buf_str(&b, "trailer << /Root 1 0 R /Info 1 0 R >>\n%%EOF\n");
    assert_ptr_equal(who(&b), opener_named("pdf"));
    assert_string_equal(opened("pdf", &b), "Title UT Report (final) of Jane Doe\n"
                                           "Author UT Doe\n"
                                           "CreationDate UT D:20190213081500\n"
                                           "Subject UT D%C5%91%F0%9F%98%80\n"
                                           "XMP UT <?xpacket?><x>y</x>\n"
                                           "Contents UT a note\n"
                                           "Text UT Seen%0ADoe Jane%0Aend\n");
    assert_true(told_survives(&t, opener_named("pdf"), b.p, b.n, 5000));
    dcr_buf_str(&b, "trailer << /Encrypt 9 0 R >>");
    assert_string_equal(opened("pdf", &b), "");
    dcr_buf_clear(&b);
}

/* Glyph numbers are not text, and are known not to be. */
static void test_pdf_glyphs(void **state)
{
    dcr_buf out = {0};
    bool unread = false;
    const char *s = "<00410042> Tj (clear) Tj";
    (void)state;
    dcr_pdf_shown(&out, (const uint8_t *)s, strlen(s), &unread);
    assert_string_equal(out.p, "clear");
    assert_true(unread);
    dcr_buf_clear(&out);
}

static void test_pdf_linear(void **state)
{
    static const char *const unit[] = {
        "/V(",     "/V<4", "(", "<4", "[(", "BI ID ", "<<", "stream\n", "obj << stream\n",
        "/Title\\"};
    (void)state;
    for (size_t i = 0; i < sizeof unit / sizeof *unit; i++) {
        for (int packed = 0; packed < 2; packed++) {
            dcr_buf b = {0}, in = {0};
            while (in.n < 1 << 20)
                dcr_buf_str(&in, unit[i]);
            dcr_buf_str(&b, "%PDF-1.4\n");
            if (packed == 1)
                stream(&b, "", in.p, true);
            else
                dcr_buf_add(&b, in.p, in.n);
            assert_int_not_equal(told_open(&t, opener_named("pdf"), b.p, b.n),
                                 DCR_ENOMEM);
            dcr_buf_clear(&b);
            dcr_buf_clear(&in);
        }
    }
}

static void test_hostile(void **state)
{
    bytes d = {0};
    (void)state;
    assert_true(told_survives(&t, opener_named("gzip"), ge, sizeof ge, 20000));
    meta(&d, "1.2.840.10008.1.2.1");
    data_set(&d);
    assert_true(told_survives(&t, opener_named("dicom"), d.b.p, d.b.n, 20000));
    dcr_buf_clear(&d.b);
}

static int begin(void **state)
{
    (void)state;
    dcr_reader_init();
    return 0;
}

static int end(void **state)
{
    (void)state;
    dcr_buf_clear(&t.lines);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gzip),       cmocka_unit_test(test_gzip_content),
        cmocka_unit_test(test_bomb),       cmocka_unit_test(test_dicom_file),
        cmocka_unit_test(test_dicom_bare), cmocka_unit_test(test_dicom_implicit),
        cmocka_unit_test(test_dicom_deep), cmocka_unit_test(test_dicom_random),
        cmocka_unit_test(test_pdf),        cmocka_unit_test(test_pdf_glyphs),
        cmocka_unit_test(test_pdf_linear), cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
