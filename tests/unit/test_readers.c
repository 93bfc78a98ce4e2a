/* Two readers, one stream: what both say of bytes made here.
 *
 * "test_readers --dump stream|dcmtk < LIST" writes what a reader says of each file of a
 * list, for tests/oracle/readers.py to compare; --account, what its bytes are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "alloc.h"
#include "dicom_bytes.h"
#include "reader_dump.h"

/* ---- bytes made here ---- */

typedef struct both {
    reading x[2];
} both;

static int by_text(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

/* Lines in the order of their text: DCMTK sorts the elements of an item by tag, and does
 * not tell how they were laid out. */
static char *sorted(const dcr_buf *lines)
{
    char *copy = dcr_strndup(lines->p == NULL ? "" : lines->p, lines->n);
    const char **line = dcr_alloc(lines->n + 1, sizeof *line);
    dcr_buf out = {0};
    size_t n = 0;
    char *rest = copy;
    for (char *p = strtok_r(copy, "\n", &rest); p != NULL;
         p = strtok_r(NULL, "\n", &rest))
        if (strncmp(p, "structure:", 10) != 0)
            line[n++] = p;
    qsort(line, n, sizeof *line, by_text);
    for (size_t i = 0; i < n; i++) {
        dcr_buf_str(&out, line[i]);
        dcr_buf_char(&out, '\n');
    }
    dcr_buf_char(&out, 0);
    dcr_free(copy);
    dcr_free(line);
    return out.p;
}

static void read_both(both *t, const dcr_budget *budget, const bytes *d, size_t n)
{
    memset(t, 0, sizeof *t);
    for (int k = 0; k < 2; k++) {
        reader_kind = k == 0 ? DCR_READER_STREAM : DCR_READER_DCMTK;
        read_bytes(&t->x[k], budget, d->b.p, n);
        assert_int_equal(t->x[k].status, DCR_OK);
    }
}

static void clear_both(both *t)
{
    reading_clear(&t->x[0]);
    reading_clear(&t->x[1]);
}

/* Both readers, n bytes: the same status, counts, identifiers and values. */
static void same_cut(const dcr_budget *budget, const bytes *d, size_t n)
{
    both t;
    char *a, *b;
    read_both(&t, budget, d, n);
    a = sorted(&t.x[0].lines);
    b = sorted(&t.x[1].lines);
    assert_string_equal(a, b);
    assert_string_equal(dcr_read_name((dcr_read)t.x[0].r.status),
                        dcr_read_name((dcr_read)t.x[1].r.status));
    assert_int_equal(t.x[0].r.elements, t.x[1].r.elements);
    assert_int_equal(t.x[0].r.private_elements, t.x[1].r.private_elements);
    assert_int_equal(t.x[0].r.undecodable, t.x[1].r.undecodable);
    for (int i = 0; i < DCR_ID_N; i++) {
        assert_int_equal(t.x[0].r.id[i].n, t.x[1].r.id[i].n);
        assert_memory_equal(t.x[0].r.id[i].p, t.x[1].r.id[i].p, t.x[0].r.id[i].n);
    }
    dcr_free(a);
    dcr_free(b);
    clear_both(&t);
}

static void same(const bytes *d)
{
    same_cut(NULL, d, d->b.n);
}

static void item_begin(bytes *d, uint32_t n)
{
    head(d, 0xFFFE, 0xE000, "  ", n);
}

static void item_end(bytes *d)
{
    head(d, 0xFFFE, 0xE00D, "  ", 0);
}

static void seq_end(bytes *d)
{
    head(d, 0xFFFE, 0xE0DD, "  ", 0);
}

/* All kinds of values, a private block in an item, fragments, nested pixels. */
static void fill(bytes *d)
{
    static const char big[10000] = "a long one";
    static const double one = 1.5;
    text(d, 8, 5, "CS", "ISO_IR 100");
    text(d, 8, 0x18, "UI", "1.2.3.4");
    text(d, 8, 0x20, "DA", "20200102");
    head(d, 8, 0x50, "SH", 0);
    text(d, 8, 0x60, "CS", "CT");
    head(d, 8, 0x1032, "SQ", 0xFFFFFFFF);
    item_begin(d, 0xFFFFFFFF);
    text(d, 8, 0x100, "SH", "B\xE9z");
    text(d, 9, 0x11, "LO", "ACME 1.1");
    text(d, 9, 0x1101, "LO", "inside");
    el(d, 0x20, 0x10, "SH", big, 6000);
    item_end(d);
    seq_end(d);
    head(d, 8, 0x1140, "SQ", 0);
    text(d, 9, 0x10, "LO", "ACME 1.1");
    text(d, 9, 0x1001, "LO", "outside");
    text(d, 9, 0x1102, "UN", "text in UN");
    text(d, 0x10, 0x10, "PN", "M\xFCller^Jos\xE9");
    text(d, 0x10, 0x20, "LO", " P-1 ");
    if (!d->big)
        el(d, 0x18, 0x9087, "FD", &one, 8);
    text(d, 0x20, 0x0D, "UI", "1.2.3");
    text(d, 0x20, 0x0E, "UI", "1.2.3.9");
    head(d, 0x28, 0x103, "US", 2);
    put16(d, 1);
    head(d, 0x28, 0x106, d->implicit ? "xs" : "SS", 2);
    put16(d, 0xFFFF);
    el(d, 0x40, 0x9999, "OB", big, sizeof big);
    head(d, 0x88, 0x200, "SQ", 0xFFFFFFFF);
    item_begin(d, 0xFFFFFFFF);
    el(d, 0x7FE0, 0x10, "OW", big, 9000);
    item_end(d);
    seq_end(d);
    el(d, 0x7FE0, 0x10, "OW", big, 5000);
    text(d, 0xFFFC, 0xFFFC, "OB", "after");
}

static const char *const syntaxes[] = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1",
                                       "1.2.840.10008.1.2.2"};

static void make(bytes *d, size_t syntax, int headerless)
{
    memset(d, 0, sizeof *d);
    if (!headerless)
        meta(d, syntaxes[syntax]);
    d->implicit = syntax == 0;
    d->big = syntax == 2;
    fill(d);
}

static void test_syntaxes(void **state)
{
    bytes d;
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (int headerless = 0; headerless < 2; headerless++) {
            make(&d, i, headerless);
            same(&d);
            dcr_buf_clear(&d.b);
        }
}

/* Cut anywhere, within and between elements. */
static void test_cuts(void **state)
{
    bytes d;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        make(&d, i, 0);
        for (size_t n = 132; n < d.b.n; n += n < 1100 || n > d.b.n - 100 ? 1 : 97)
            same_cut(NULL, &d, n);
        dcr_buf_clear(&d.b);
    }
}

static void test_trailing(void **state)
{
    static const char *const tail[] = {"\n", "some words behind it", "12345678"};
    static const char zeros[64];
    bytes d;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        make(&d, 1, 0);
        if (i < 3)
            dcr_buf_str(&d.b, tail[i]);
        else
            dcr_buf_add(&d.b, zeros, sizeof zeros);
        same(&d);
        dcr_buf_clear(&d.b);
    }
}

static void test_unknown_vr_sequence(void **state)
{
    bytes d = {0}, in = {0};
    (void)state;
    meta(&d, syntaxes[1]);
    in.implicit = 1;
    item_begin(&in, 0xFFFFFFFF);
    text(&in, 8, 0x100, "SH", "T-1");
    item_end(&in);
    seq_end(&in);
    text(&d, 8, 0x18, "UI", "1.2");
    el(&d, 8, 0x1032, "UN", in.b.p, in.b.n); /* known to the dictionary */
    text(&d, 9, 0x10, "LO", "NOBODY KNOWS");
    el(&d, 9, 0x1003, "UN", in.b.p, in.b.n); /* found by its looks */
    head(&d, 9, 0x1004, "UN", 0xFFFFFFFF);   /* so by PS3.5 */
    dcr_buf_add(&d.b, in.b.p, in.b.n);
    same(&d);
    dcr_buf_clear(&d.b);
    dcr_buf_clear(&in.b);
}

static void test_limits(void **state)
{
    dcr_budget small[3] = {
        {2, 1000, 1 << 20, 100}, {100, 7, 1 << 20, 100}, {100, 1000, 40, 100}};
    static const unsigned status[3] = {DCR_READ_DEPTH, DCR_READ_ELEMENTS, DCR_READ_BYTES};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        bytes d = {0};
        both t;
        meta(&d, syntaxes[1]);
        for (int k = 0; k < 4; k++) {
            head(&d, 0x40, 0xA730, "SQ", 0xFFFFFFFF);
            item_begin(&d, 0xFFFFFFFF);
            text(&d, 0x40, 0xA160, "UT", "0123456789");
        }
        for (int k = 0; k < 4; k++) {
            item_end(&d);
            seq_end(&d);
        }
        read_both(&t, &small[i], &d, d.b.n);
        assert_int_equal(t.x[0].r.status, status[i]);
        assert_int_equal(t.x[1].r.status, status[i]);
        clear_both(&t);
        dcr_buf_clear(&d.b);
    }
}

/* What is known to differ, and how. */
static void test_twice_in_an_item(void **state)
{
    bytes d = {0};
    both t;
    (void)state;
    meta(&d, syntaxes[1]);
    head(&d, 8, 0x1032, "SQ", 0xFFFFFFFF);
    item_begin(&d, 0xFFFFFFFF);
    text(&d, 8, 0x100, "SH", "first");
    text(&d, 8, 0x100, "SH", "second");
    item_end(&d);
    seq_end(&d);
    read_both(&t, NULL, &d, d.b.n);
    assert_non_null(strstr(t.x[0].lines.p, "second"));
    assert_non_null(strstr(t.x[1].lines.p, "first"));
    assert_null(strstr(t.x[1].lines.p, "second")); /* DCMTK keeps the first */
    clear_both(&t);
    dcr_buf_clear(&d.b);
}

static bool holds(const reading *x, const char *line) /* values have NULs */
{
    return memmem(x->lines.p, x->lines.n, line, strlen(line)) != NULL;
}

/* What only looks like a sequence, in another such: both tell its bytes, each as far as
 * it had come. */
static void test_gap_in_a_gap(void **state)
{
    bytes d = {0}, in = {.implicit = 1};
    both t;
    (void)state;
    meta(&d, syntaxes[1]);
    text(&d, 9, 0x10, "LO", "NOBODY KNOWS");
    head(&in, 0x40, 0xA043, "SQ", 30);
    item_begin(&in, 22);
    text(&in, 8, 0x100, "SH", "121073");
    head(&in, 8, 0x104, "LO", 0x7FFFFFFE); /* longer than all */
    head(&d, 9, 0x1003, "UN", (uint32_t)in.b.n + 8);
    item_begin(&d, (uint32_t)in.b.n);
    dcr_buf_add(&d.b, in.b.p, in.b.n);
    text(&d, 0x10, 0x20, "LO", "behind");
    read_both(&t, NULL, &d, d.b.n);
    assert_true(holds(&t.x[0], "structure:gap AT 0 0040,A043\n"));
    assert_true(holds(&t.x[1], "structure:gap AT 0 0009,1003\n"));
    for (int k = 0; k < 2; k++) {
        assert_int_equal(t.x[k].r.status, DCR_READ_OK);
        assert_true(holds(&t.x[k], "/0040,A043/0008,0100 SH 0 121073\n"));
        assert_true(holds(&t.x[k], "\n0010,0020 LO 0 behind\n"));
    }
    clear_both(&t);
    dcr_buf_clear(&d.b);
    dcr_buf_clear(&in.b);
}

/* A sequence in it that breaks off at its first item is not empty: DCMTK does not say so.
 */
static void test_broken_is_not_empty(void **state)
{
    bytes d = {.implicit = 1}, in = {.implicit = 1};
    both t;
    (void)state;
    meta(&d, syntaxes[0]);
    text(&d, 9, 0x10, "LO", "NOBODY KNOWS");
    text(&in, 8, 0x100, "SH", "121073");
    head(&in, 9, 0x11, "LO", UINT32_MAX);
    dcr_buf_str(&in.b, "no item is here.");
    head(&d, 9, 0x1003, "UN", (uint32_t)in.b.n + 8);
    item_begin(&d, (uint32_t)in.b.n);
    dcr_buf_add(&d.b, in.b.p, in.b.n);
    text(&d, 0x10, 0x20, "LO", "behind");
    read_both(&t, NULL, &d, d.b.n);
    for (int k = 0; k < 2; k++) {
        assert_int_equal(t.x[k].r.status, DCR_READ_OK);
        assert_true(holds(&t.x[k], "structure:gap AT 0 0009,1003\n"));
        assert_true(holds(&t.x[k], "/0008,0100 SH 0 121073\n"));
        assert_false(holds(&t.x[k], "/0009,00xx SQ 0 \n"));
        assert_true(holds(&t.x[k], "\n0010,0020 LO 0 behind\n"));
    }
    clear_both(&t);
    dcr_buf_clear(&d.b);
    dcr_buf_clear(&in.b);
}

/* A header without a VR where there should be one: DCMTK takes it for little endian. */
static void test_no_vr_in_big_endian(void **state)
{
    bytes d = {0};
    both t;
    (void)state;
    meta(&d, syntaxes[2]);
    d.big = 1;
    text(&d, 8, 0x60, "CS", "CT");
    put16(&d, 0x10);
    put16(&d, 0);
    put32(&d, 0);
    text(&d, 0x10, 0x20, "LO", "behind");
    read_both(&t, NULL, &d, d.b.n);
    assert_non_null(strstr(t.x[0].lines.p, "\n0010,0000 UL 0 \n"));
    assert_non_null(strstr(t.x[1].lines.p, "\n1000,0000 UL 0 \n"));
    for (int k = 0; k < 2; k++)
        assert_non_null(strstr(t.x[k].lines.p, "\n0010,0020 LO 0 behind\n"));
    clear_both(&t);
    dcr_buf_clear(&d.b);
}

/* In the data set itself both stand, as elements are read one by one there. */
static void test_twice_in_the_data_set(void **state)
{
    bytes d = {0};
    (void)state;
    meta(&d, syntaxes[1]);
    text(&d, 8, 0x60, "CS", "CT");
    text(&d, 8, 0x60, "CS", "MR");
    text(&d, 8, 0x50, "SH", "late");
    same(&d);
    dcr_buf_clear(&d.b);
}

/* DCMTK takes it for an element, and our paths have that tag for themselves. */
static void test_tag_of_no_element(void **state)
{
    bytes d = {0};
    both t;
    (void)state;
    meta(&d, syntaxes[1]);
    head(&d, 8, 0x1032, "SQ", 0xFFFFFFFF);
    item_begin(&d, 0xFFFFFFFF);
    text(&d, 8, 0x100, "SH", "first");
    head(&d, 0xFFFE, 0xFFFE, "", 0);
    item_end(&d);
    seq_end(&d);
    read_both(&t, NULL, &d, d.b.n);
    assert_int_equal(t.x[0].r.status, DCR_READ_CORRUPT);
    assert_int_equal(t.x[1].r.status, DCR_READ_CORRUPT);
    clear_both(&t);
    dcr_buf_clear(&d.b);
}

/* An element 0000,0000, or zeros, in an item: neither is the end of it.  `in` is an
 * item's content and stands in a sequence, or in a value that only looks like one. */
static void zeros_inside(const bytes *in, int implicit, const char *vr)
{
    bytes d = {.implicit = implicit};
    both t;
    meta(&d, syntaxes[implicit ? 0 : 1]);
    text(&d, 9, 0x10, "LO", "NOBODY KNOWS");
    head(&d, 9, 0x1003, vr, (uint32_t)in->b.n + 8);
    item_begin(&d, (uint32_t)in->b.n);
    dcr_buf_add(&d.b, in->b.p, in->b.n);
    text(&d, 0x10, 0x20, "LO", "behind");
    same(&d);
    read_both(&t, NULL, &d, d.b.n);
    assert_int_equal(t.x[0].r.status, DCR_READ_OK);
    assert_non_null(strstr(t.x[0].lines.p, "/0008,0100 SH 0 first\n"));
    assert_non_null(strstr(t.x[0].lines.p, "/0000,0000 "));
    assert_non_null(strstr(t.x[0].lines.p, "/0010,0010 PN 0 Doe^Jane\n"));
    assert_non_null(strstr(t.x[0].lines.p, "\n0010,0020 LO 0 behind\n"));
    assert_non_null(strstr(t.x[0].lines.p, "structure:order AT 0 0000,0000\n"));
    assert_null(strstr(t.x[0].lines.p, "structure:gap"));
    clear_both(&t);
    dcr_buf_clear(&d.b);
}

static void test_zeros_in_an_item(void **state)
{
    static const char zeros[8], one[4] = {1};
    (void)state;
    for (int implicit = 0; implicit < 2; implicit++) {
        for (int is_element = 0; is_element < 2; is_element++) {
            bytes in = {.implicit = implicit};
            text(&in, 8, 0x100, "SH", "first");
            if (is_element)
                el(&in, 0, 0, "UL", one, sizeof one);
            else
                dcr_buf_add(&in.b, zeros, sizeof zeros);
            text(&in, 0x10, 0x10, "PN", "Doe^Jane");
            zeros_inside(&in, implicit, "UN");
            zeros_inside(&in, implicit, "SQ");
            dcr_buf_clear(&in.b);
        }
    }
}

/* Of the data set itself, both tell how it is laid out. */
static void test_layout(void **state)
{
    bytes d = {0};
    both t;
    (void)state;
    meta(&d, syntaxes[1]);
    text(&d, 8, 0x60, "CS", "CT");
    text(&d, 8, 0x60, "CS", "MR");
    text(&d, 8, 0x50, "SH", "late");
    head(&d, 0x10, 0x4000, "LT", 3);
    dcr_buf_str(&d.b, "odd");
    read_both(&t, NULL, &d, d.b.n);
    assert_string_equal(t.x[0].lines.p, t.x[1].lines.p);
    assert_non_null(strstr(t.x[0].lines.p, "structure:duplicate AT 0 0008,0060"));
    assert_non_null(strstr(t.x[0].lines.p, "structure:order AT 0 0008,0050"));
    assert_non_null(strstr(t.x[0].lines.p, "structure:odd-length AT 0 0010,4000"));
    clear_both(&t);
    dcr_buf_clear(&d.b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_syntaxes),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_trailing),
        cmocka_unit_test(test_unknown_vr_sequence),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_twice_in_an_item),
        cmocka_unit_test(test_gap_in_a_gap),
        cmocka_unit_test(test_broken_is_not_empty),
        cmocka_unit_test(test_no_vr_in_big_endian),
        cmocka_unit_test(test_twice_in_the_data_set),
        cmocka_unit_test(test_zeros_in_an_item),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_tag_of_no_element),
    };
    dcr_reader_init();
    if (argc == 3) {
        for (int k = 0; k < DCR_READER_N; k++)
            if (strcmp(argv[2], dcr_reader_name((dcr_reader_kind)k)) == 0)
                reader_kind = (dcr_reader_kind)k;
        return dump(strcmp(argv[1], "--account") == 0 ? account_file : dump_file);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
