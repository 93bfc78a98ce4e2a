/* Expected values are those of PS3.5 (encodings, Annex H), IEEE 754, and the bytes
 * written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>

#include "alloc.h"
#include "dicom_bytes.h"

#define ELE "1.2.840.10008.1.2.1"
#define ILE "1.2.840.10008.1.2"
#define EBE "1.2.840.10008.1.2.2"
#define DEF "1.2.840.10008.1.2.1.99"

static const char meta_lines[] = "0002,0000 UL 0 %u\n"
                                 "0002,0002 UI 0 1.2.840.10008.5.1.4.1.1.2\n"
                                 "0002,0010 UI 0 %s\n";

/* A bit of everything, its sequences once with lengths and once with delimiters. */
static void sample(bytes *d)
{
    edge(d);
    text(d, 8, 0x5, "CS", "ISO_IR 100");
    edge(d);
    text(d, 8, 0x18, "UI", "1.2.3");
    edge(d);
    head(d, 8, 0x1110, "SQ", UINT32_MAX);
    item(d, UINT32_MAX);
    text(d, 8, 0x1155, "UI", "1.2.4");
    head(d, 0xFFFE, 0xE00D, "", 0);
    item(d, UINT32_MAX);
    text(d, 8, 0x1155, "UI", "1.2.5");
    head(d, 0xFFFE, 0xE00D, "", 0);
    head(d, 0xFFFE, 0xE0DD, "", 0);
    edge(d);
    text(d, 0x10, 0x10, "PN", "M\xFCller^Hans");
    edge(d);
    text(d, 0x10, 0x20, "LO", " P1 ");
    edge(d);
    text(d, 0x20, 0xD, "UI", "1.2.6");
    edge(d);
    head(d, 0x28, 0x10, "US", 2);
    put16(d, 513);
    edge(d);
    head(d, 0x40, 0x275, "SQ", d->implicit ? 20 : 20);
    item(d, 12);
    text(d, 0x40, 7, "LO", "Head");
    edge(d);
    text(d, 0x7FE0, 0x10, "OW", "pixels");
    edge(d);
}

static const char sample_lines[] = "0008,0005 CS 0 ISO_IR 100\n"
                                   "0008,0018 UI 0 1.2.3\n"
                                   "0008,1110 SQ 2 items\n"
                                   "0008,1110/0008,1155 UI 0 1.2.4\n"
                                   "0008,1110/0008,1155 UI 0 1.2.5\n"
                                   "0010,0010 PN 0 M\xC3\xBCller^Hans\n"
                                   "0010,0020 LO 0  P1\n"
                                   "0020,000D UI 0 1.2.6\n"
                                   "0028,0010 US 0 513\n"
                                   "0040,0275 SQ 2 items\n"
                                   "0040,0275/0040,0007 LO 0 Head\n"
                                   "7FE0,0010 OW 2 pixel\n";

static void expect_sample(const reading *x)
{
    const char *data = strstr(x->lines.p, "0008,0005");
    assert_int_equal(x->status, DCR_OK);
    assert_int_equal(x->r.status, DCR_READ_OK);
    assert_non_null(data);
    assert_string_equal(data, sample_lines);
    assert_int_equal(x->r.undecodable, 0);
    assert_memory_equal(x->r.id[DCR_ID_PATIENT].p, "P1", 2);
    assert_int_equal(x->r.id[DCR_ID_PATIENT].n, 2);
    assert_int_equal(x->r.id[DCR_ID_STUDY].n, 5);
    assert_int_equal(x->r.id[DCR_ID_SERIES].n, 0);
    assert_memory_equal(x->r.id[DCR_ID_SOP].p, "1.2.3", 5);
}

static void plain_syntax(const char *uid, int big, int implicit, int with_meta)
{
    bytes d = {.big = big, .implicit = implicit};
    reading x = {0};
    if (with_meta)
        meta(&d, uid);
    sample(&d);
    read_bytes(&x, NULL, d.b.p, d.b.n);
    expect_sample(&x);
    assert_int_equal(x.r.elements, 12 + (with_meta ? 3 : 0));
    /* a second time over the same paths, now from what they remember */
    read_bytes(&x, NULL, d.b.p, d.b.n);
    expect_sample(&x);
    reading_clear(&x);
    dcr_buf_clear(&d.b);
}

static void test_syntaxes(void **state)
{
    (void)state;
    plain_syntax(ELE, 0, 0, 1);
    plain_syntax(ILE, 0, 1, 1);
    plain_syntax(EBE, 1, 0, 1);
    plain_syntax("", 0, 0, 0);
    plain_syntax("", 0, 1, 0);
    plain_syntax("", 1, 0, 0);
    plain_syntax(ILE, 0, 0, 1); /* says implicit, is explicit */
    plain_syntax(ELE, 0, 1, 1); /* and the other way round */
}

static void test_meta(void **state)
{
    bytes d = {0};
    reading x = {0};
    char want[256];
    (void)state;
    meta(&d, ELE);
    sample(&d);
    d.b.p[5] = 'x';
    read_bytes(&x, NULL, d.b.p, d.b.n);
    assert_memory_equal(x.lines.p, "preamble OB 1 \0\0\0\0\0x", 20);
    snprintf(want, sizeof want, meta_lines, 8 + 26 + 8 + 20, ELE);
    assert_non_null(memmem(x.lines.p, x.lines.n, want, strlen(want)));
    reading_clear(&x);
    dcr_buf_clear(&d.b);
}

static size_t deflated(const bytes *d, uint8_t *out, size_t cap)
{
    z_stream z = {0};
    z.next_in = (uint8_t *)d->b.p;
    z.avail_in = (unsigned)d->b.n;
    z.next_out = out;
    z.avail_out = (unsigned)cap;
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    cap -= z.avail_out;
    deflateEnd(&z);
    return cap;
}

static void test_deflated(void **state)
{
    bytes d = {0}, file = {0};
    uint8_t z[4096];
    reading x = {0};
    size_t n, begin;
    (void)state;
    sample(&d);
    n = deflated(&d, z, sizeof z);
    meta(&file, DEF);
    begin = file.b.n;
    dcr_buf_add(&file.b, z, n);
    read_bytes(&x, NULL, file.b.p, file.b.n);
    expect_sample(&x);
    for (size_t cut = begin + 1; cut < file.b.n; cut++) {
        read_bytes(&x, NULL, file.b.p, cut);
        assert_int_not_equal(x.r.status, DCR_READ_OK);
    }
    dcr_buf_add(&file.b, "\0", 1); /* one zero is padding */
    read_bytes(&x, NULL, file.b.p, file.b.n);
    expect_sample(&x);
    dcr_buf_str(&file.b, "Doe");
    read_bytes(&x, NULL, file.b.p, file.b.n);
    assert_int_equal(x.r.status, DCR_READ_OK);
    assert_non_null(memmem(x.lines.p, x.lines.n, "trailing OB", 11));
    reading_clear(&x);
    dcr_buf_clear(&d.b);
    dcr_buf_clear(&file.b);
}

/* What stands behind the last element is of any kind, but its deflated form must end. */
static void test_deflated_words(void **state)
{
    bytes d = {0}, file = {0};
    uint8_t z[4096];
    reading x = {0};
    size_t n, begin;
    (void)state;
    sample(&d);
    for (int i = 0; i < 300; i++)
        dcr_buf_fmt(&d.b, "%d words ", i * i);
    n = deflated(&d, z, sizeof z);
    meta(&file, DEF);
    begin = file.b.n;
    dcr_buf_add(&file.b, z, n);
    read_bytes(&x, NULL, file.b.p, file.b.n);
    assert_int_equal(x.r.status, DCR_READ_OK);
    for (size_t cut = begin + 1; cut < file.b.n; cut++) {
        read_bytes(&x, NULL, file.b.p, cut);
        assert_int_equal(x.status, DCR_OK);
        assert_int_not_equal(x.r.status, DCR_READ_OK);
    }
    reading_clear(&x);
    dcr_buf_clear(&d.b);
    dcr_buf_clear(&file.b);
}

/* A cut file is whole only where it is cut between two elements of the data set, and what
 * stands before the cut is there. */
static void cut_everywhere(int big, int implicit)
{
    bytes d = {.big = big, .implicit = implicit};
    reading x = {0};
    size_t begin, before = 0;
    meta(&d, big ? EBE : implicit ? ILE : ELE);
    begin = d.b.n;
    sample(&d);
    for (size_t cut = 132; cut <= d.b.n; cut++) {
        read_bytes(&x, NULL, d.b.p, cut);
        assert_int_equal(x.status, DCR_OK);
        if (cut < begin)
            assert_int_equal(x.r.status, DCR_READ_TRUNCATED);
        else
            assert_int_equal(x.r.status == DCR_READ_OK, is_edge(&d, cut));
        assert_true(x.lines.n >= before);
        before = x.lines.n;
    }
    expect_sample(&x);
    reading_clear(&x);
    dcr_buf_clear(&d.b);
}

static void test_cuts(void **state)
{
    (void)state;
    cut_everywhere(0, 0);
    cut_everywhere(0, 1);
    cut_everywhere(1, 0);
}

static void test_private(void **state)
{
    bytes d = {0};
    reading x = {0};
    (void)state;
    text(&d, 0x9, 0x10, "LO", " ACME {1}% ");
    text(&d, 0x9, 0x11, "LO", "OTHER");
    text(&d, 0x9, 0x1001, "LO", "a");
    text(&d, 0x9, 0x1101, "LO", "b");
    text(&d, 0x9, 0x1201, "LO", "c");
    head(&d, 0x40, 0x275, "SQ", UINT32_MAX);
    item(&d, UINT32_MAX);
    text(&d, 0x9, 0x10, "LO", "OTHER"); /* another block than outside */
    text(&d, 0x9, 0x1001, "LO", "d");
    text(&d, 0x9, 0x1101, "LO", "e");
    head(&d, 0xFFFE, 0xE00D, "", 0);
    item(&d, UINT32_MAX);
    text(&d, 0x9, 0x1001, "LO", "f"); /* nobody's here */
    head(&d, 0xFFFE, 0xE00D, "", 0);
    head(&d, 0xFFFE, 0xE0DD, "", 0);
    text(&d, 0x4001, 0x10, "LO", "LATE");
    text(&d, 0x4001, 0x10FF, "LO", "g");
    read_bytes(&x, NULL, d.b.p, d.b.n);
    assert_string_equal(x.lines.p, "0009,00xx LO 0  ACME {1}%\n"
                                   "0009,00xx LO 0 OTHER\n"
                                   "0009,xx01{ACME %7B1%7D%25} LO 0 a\n"
                                   "0009,xx01{OTHER} LO 0 b\n"
                                   "0009,1201{} LO 0 c\n"
                                   "0040,0275 SQ 2 items\n"
                                   "0040,0275/0009,00xx LO 0 OTHER\n"
                                   "0040,0275/0009,xx01{OTHER} LO 0 d\n"
                                   "0040,0275/0009,1101{} LO 0 e\n"
                                   "0040,0275/0009,1001{} LO 0 f\n"
                                   "4001,00xx LO 0 LATE\n"
                                   "4001,xxFF{LATE} LO 0 g\n");
    assert_int_equal(x.r.elements, 12);
    assert_int_equal(x.r.private_elements, 7);
    reading_clear(&x);
    dcr_buf_clear(&d.b);
}

/* What stands behind Pixel Data counts; what is no element is "trailing". */
static void test_behind_pixels(void **state)
{
    bytes d = {0};
    reading x = {0};
    size_t whole;
    (void)state;
    text(&d, 8, 0x60, "CS", "OT");
    head(&d, 0x7FE0, 0x10, "OB", UINT32_MAX);
    item(&d, 0);
    item(&d, 6);
    dcr_buf_str(&d.b, "abcdef");
    head(&d, 0xFFFE, 0xE0DD, "", 0);
    text(&d, 0xFFFC, 0xFFFC, "OB", "Doe^Jane");
    whole = d.b.n;
    one(&d, &x, "0008,0060 CS 0 OT\n7FE0,0010 OB 2 pixel\nFFFC,FFFC OB 0 Doe^Jane\n");
    text(&d, 8, 0x60, "CS", "OT");
    text(&d, 0x7FE0, 0x10, "OW", "pixels");
    dcr_buf_str(&d.b, "Name: Jane Doe");
    one(&d, &x,
        "0008,0060 CS 0 OT\n7FE0,0010 OW 2 pixel\ntrailing OB 0 Name: Jane Doe\n");
    text(&d, 8, 0x60, "CS",
         "OT"); /* junk where elements should be: not read to the end */
    dcr_buf_add(&d.b, "\xFF\xEE\xDD\xCC\xBB\xAA\x99\x88\x77\x66", 10);
    read_bytes(&x, NULL, d.b.p, d.b.n);
    assert_int_equal(x.r.status, DCR_READ_CORRUPT);
    assert_non_null(strstr(x.lines.p, "0008,0060 CS 0 OT\n"));
    assert_true(whole > 0);
    reading_clear(&x);
    dcr_buf_clear(&d.b);
}

static void test_lengths(void **state)
{
    bytes d = {0};
    reading x = {0};
    (void)state;
    text(&d, 8, 0x60, "CS", "OT"); /* pixels cut short */
    head(&d, 0x7FE0, 0x10, "OW", 2000000000);
    dcr_buf_str(&d.b, "abcd");
    read_bytes(&x, NULL, d.b.p, d.b.n);
    assert_int_equal(x.r.status, DCR_READ_TRUNCATED);
    assert_string_equal(x.lines.p, "0008,0060 CS 0 OT\n");
    d.b.n = 0;
    head(&d, 8, 0x1110, "SQ", 18); /* an item longer than its sequence: read, and told */
    item(&d, 100);
    text(&d, 8, 0x60, "CS", "OT");
    text(&d, 0x10, 0x20, "LO", "P1");
    read_bytes(&x, NULL, d.b.p, d.b.n);
    assert_int_equal(x.r.status, DCR_READ_LENGTH);
    assert_string_equal(x.lines.p, "0008,1110 SQ 2 items\n"
                                   "0008,1110/0008,0060 CS 0 OT\n"
                                   "0010,0020 LO 0 P1\n");
    d.b.n = 0;
    head(&d, 8, 0x1110, "SQ", 18); /* an element longer than its item */
    item(&d, 10);
    head(&d, 8, 0x60, "CS", 40);
    dcr_buf_str(&d.b, "OT");
    text(&d, 0x10, 0x20, "LO", "01234567890123456789012345678901234567890123456789");
    read_bytes(&x, NULL, d.b.p, d.b.n);
    assert_int_equal(x.r.status, DCR_READ_LENGTH);
    reading_clear(&x);
    dcr_buf_clear(&d.b);
}

/* Sequences that nobody calls sequences: implicit private ones and UN. */
static void test_hidden_sequences(void **state)
{
    bytes d = {0}, in = {.implicit = 1};
    reading x = {0};
    (void)state;
    text(&in, 0x10, 0x10, "PN", "Doe^Jane");
    text(&d, 0x29, 0x10, "LO", "ACME");
    head(&d, 0x29, 0x1001, "UN", (uint32_t)in.b.n + 8);
    item(&d, (uint32_t)in.b.n);
    dcr_buf_add(&d.b, in.b.p, in.b.n);
    head(&d, 0x29, 0x1002, "UN", UINT32_MAX);
    item(&d, UINT32_MAX);
    dcr_buf_add(&d.b, in.b.p, in.b.n);
    head(&d, 0xFFFE, 0xE00D, "", 0);
    head(&d, 0xFFFE, 0xE0DD, "", 0);
    one(&d, &x,
        "0029,00xx LO 0 ACME\n"
        "0029,xx01{ACME} SQ 2 items\n"
        "0029,xx01{ACME}/0010,0010 PN 0 Doe^Jane\n"
        "0029,xx02{ACME} SQ 2 items\n"
        "0029,xx02{ACME}/0010,0010 PN 0 Doe^Jane\n");
    dcr_buf_clear(&in.b);
}

/* Begins like a sequence and is none: told as bytes too, and the file goes on. */
static void test_no_sequence(void **state)
{
    bytes d = {0}, in = {.implicit = 1};
    reading x = {0};
    dcr_buf want = {0};
    (void)state;
    text(&in, 0x10, 0x10, "PN", "Doe^Jane");
    text(&d, 0x29, 0x10, "LO", "ACME");
    head(&d, 0x29, 0x1003, "UN", (uint32_t)in.b.n + 16);
    item(&d, (uint32_t)in.b.n);
    dcr_buf_add(&d.b, in.b.p, in.b.n);
    dcr_buf_str(&d.b, "notaitem");
    dcr_buf_str(&want, "0029,xx03{ACME} UN 1 ");
    dcr_buf_add(&want, d.b.p + d.b.n - in.b.n - 16, in.b.n + 16);
    dcr_buf_str(&want, "\n");
    text(&d, 0x40, 7, "LO", "end");
    read_bytes(&x, NULL, d.b.p, d.b.n);
    assert_int_equal(x.r.status, DCR_READ_OK);
    assert_non_null(memmem(x.lines.p, x.lines.n, "ACME}/0010,0010 PN 0 Doe^Jane\n", 30));
    assert_non_null(memmem(x.lines.p, x.lines.n, "structure:gap AT 0 0029,1003\n", 29));
    assert_non_null(memmem(x.lines.p, x.lines.n, want.p, want.n));
    assert_non_null(memmem(x.lines.p, x.lines.n, "0040,0007 LO 0 end\n", 19));
    reading_clear(&x);
    dcr_buf_clear(&want);
    dcr_buf_clear(&d.b);
    dcr_buf_clear(&in.b);
}

static void test_budgets(void **state)
{
    bytes d = {0};
    reading x = {0};
    dcr_budget depth = {2, 1000, 1000, 99}, elements = {2, 1, 1000, 99},
               size = {2, 1000, 3, 99};
    (void)state;
    text(&d, 8, 0x60, "CS", "OT");
    for (int i = 0; i < 10000; i++) { /* deep enough to end a parser that recurses */
        head(&d, 0x40, 0xA730, "SQ", UINT32_MAX);
        item(&d, UINT32_MAX);
    }
    read_bytes(&x, &depth, d.b.p, d.b.n);
    assert_int_equal(x.r.status, DCR_READ_DEPTH);
    assert_string_equal(x.lines.p, "0008,0060 CS 0 OT\n"
                                   "0040,A730 SQ 2 items\n"
                                   "0040,A730/0040,A730 SQ 2 items\n");
    read_bytes(&x, NULL, d.b.p, d.b.n);
    assert_int_equal(x.r.status, DCR_READ_DEPTH);
    d.b.n = 0;
    text(&d, 8, 0x60, "CS", "OT");
    text(&d, 8, 0x70, "LO", "AC");
    read_bytes(&x, &elements, d.b.p, d.b.n);
    assert_int_equal(x.r.status, DCR_READ_ELEMENTS);
    assert_string_equal(x.lines.p, "0008,0060 CS 0 OT\n");
    read_bytes(&x, &size, d.b.p, d.b.n);
    assert_int_equal(x.r.status, DCR_READ_BYTES);
    assert_string_equal(x.lines.p, "0008,0060 CS 0 OT\n");
    reading_clear(&x);
    dcr_buf_clear(&d.b);
}

static void test_no_memory(void **state)
{
    bytes d = {0};
    long n = 0;
    dcr_status s = DCR_ENOMEM;
    (void)state;
    meta(&d, ELE);
    text(&d, 8, 5, "CS", "ISO_IR 100");
    text(&d, 8, 0x80, "LO", "H\xF4pital");
    text(&d, 9, 0x10, "LO", "ACME");
    text(&d, 9, 0x1001, "LO", "x");
    for (; s != DCR_OK && n < 500; n++) {
        reading x = {0};
        dcr_buf_str(&x.lines, "room");
        dcr_alloc_fail_after(n);
        read_bytes(&x, NULL, d.b.p, d.b.n);
        dcr_alloc_fail_after(-1);
        s = x.status;
        assert_true(s == DCR_OK || s == DCR_ENOMEM);
        reading_clear(&x);
        if (x.r.elements > 100)
            break;
    }
    assert_int_equal(s, DCR_OK);
    assert_true(n > 5);
    dcr_buf_clear(&d.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_syntaxes),    cmocka_unit_test(test_meta),
        cmocka_unit_test(test_deflated),    cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_private),     cmocka_unit_test(test_behind_pixels),
        cmocka_unit_test(test_lengths),     cmocka_unit_test(test_hidden_sequences),
        cmocka_unit_test(test_no_sequence), cmocka_unit_test(test_deflated_words),
        cmocka_unit_test(test_budgets),     cmocka_unit_test(test_no_memory),
    };
    /* DCMTK takes what stands behind a too long item for its own (test_lengths), and
     * recurses until the stack ends (test_budgets; a worker's is guarded). */
    const struct CMUnitTest also[] = {
        cmocka_unit_test(test_syntaxes),         cmocka_unit_test(test_meta),
        cmocka_unit_test(test_deflated),         cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_private),          cmocka_unit_test(test_behind_pixels),
        cmocka_unit_test(test_hidden_sequences), cmocka_unit_test(test_no_sequence),
        cmocka_unit_test(test_no_memory),
    };
    int failed;
    dcr_reader_init();
    failed = cmocka_run_group_tests_name("stream", tests, NULL, NULL);
    reader_kind = DCR_READER_DCMTK;
    return failed + cmocka_run_group_tests_name("dcmtk", also, NULL, NULL);
}
