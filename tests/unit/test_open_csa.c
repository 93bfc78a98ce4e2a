/* Headers are built as nibabel describes them (siemens_csa.html). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "open_bytes.h"

static void put32(dcr_buf *b, uint32_t v)
{
    char t[4] = {(char)v, (char)(v >> 8), (char)(v >> 16), (char)(v >> 24)};
    dcr_buf_add(b, t, 4);
}

static void begin(dcr_buf *b, bool old, uint32_t tags)
{
    if (!old)
        dcr_buf_add(b, "SV10\4\3\2\1", 8);
    put32(b, tags);
    put32(b, 77);
}

static void tag(dcr_buf *b, const char *name, uint32_t vm, const char *vr, uint32_t items)
{
    char field[64] = {0};
    memcpy(field, name, strlen(name));
    memcpy(field + strlen(name) + 1, "junk", 4); /* real ones have some behind the NUL */
    dcr_buf_add(b, field, 64);
    put32(b, vm);
    dcr_buf_add(b, vr, 2);
    dcr_buf_add(b, "\0\0", 2);
    put32(b, 3);
    put32(b, items);
    put32(b, 77);
}

/* `add` is what the old form adds to the length. */
static void item(dcr_buf *b, const char *s, uint32_t add)
{
    uint32_t n = (uint32_t)strlen(s);
    put32(b, n + add);
    put32(b, n);
    put32(b, 77);
    put32(b, n);
    dcr_buf_str(b, s);
    while (n++ % 4 != 0)
        dcr_buf_char(b, 0);
}

static const dcr_opener *find(uint32_t group, uint32_t element, const char *creator)
{
    dcr_open_place at = {group, element, creator, NULL};
    return dcr_open_find(&at);
}

static void opened(told *out, const void *p, size_t n)
{
    assert_int_equal(told_open(out, opener_named("csa"), p, n), DCR_OK);
}

static void sample(dcr_buf *b, bool old)
{
    uint32_t add = old ? 2 : 0;
    begin(b, old, 4);
    tag(b, "UsedPatientWeight", 1, "IS", 2);
    item(b, "75000", add);
    item(b, "", add);
    tag(b, "ImaCoilString", 1, "LO", 0);
    tag(b, "Slice Position/1", 3, "FD", 3);
    item(b, "-1.5", add);
    item(b, "2.25  ", add);
    item(b, "0", add);
    tag(b, "PatientName", 1, "??", 1);
    item(b, "Doe^Jane", add);
}

static const char sample_text[] = "UsedPatientWeight IS 75000\n"
                                  "ImaCoilString LO \n"
                                  "Slice_Position_1 DS -1.5\\2.25\\0\n"
                                  "PatientName UN Doe^Jane\n";

static void test_forms(void **state)
{
    (void)state;
    for (int old = 0; old < 2; old++) {
        dcr_buf b = {0};
        told out = {0};
        sample(&b, old == 1);
        opened(&out, b.p, b.n);
        assert_string_equal(out.lines.p, sample_text);
        dcr_buf_clear(&b);
        dcr_buf_clear(&out.lines);
    }
}

/* Cut anywhere, what was complete before is told, and nothing is read behind the end. */
static void test_cuts(void **state)
{
    dcr_buf b = {0};
    told out = {0};
    (void)state;
    sample(&b, false);
    for (size_t n = 0; n < b.n; n++) {
        opened(&out, b.p, n);
        assert_true(out.lines.n < sizeof sample_text);
        assert_memory_equal(out.lines.p, sample_text, out.lines.n);
    }
    dcr_buf_clear(&b);
    dcr_buf_clear(&out.lines);
}

static void test_hostile(void **state)
{
    dcr_buf b = {0};
    told out = {0};
    (void)state;
    sample(&b, false);
    assert_true(told_survives(&out, opener_named("csa"), b.p, b.n, 20000));
    b.n = 0;
    begin(&b, false, UINT32_MAX);
    tag(&b, "A", 1, "LO", UINT32_MAX);
    opened(&out, b.p, b.n);
    assert_int_equal(out.values, 0);
    dcr_buf_clear(&b);
    dcr_buf_clear(&out.lines);
}

/* A protocol longer than what is collected comes out whole. */
static void test_long(void **state)
{
    dcr_buf b = {0}, text = {0};
    told out = {0};
    (void)state;
    for (int i = 0; i < 2000; i++)
        dcr_buf_str(&text, "### ASCCONV\n");
    begin(&b, false, 1);
    tag(&b, "MrPhoenixProtocol", 1, "UN", 1);
    item(&b, text.p, 0);
    opened(&out, b.p, b.n);
    assert_int_equal(out.values, 1);
    assert_memory_equal(out.lines.p, "MrPhoenixProtocol UN ### ASCCONV%0A", 35);
    assert_int_equal(out.bytes, text.n);
    dcr_buf_clear(&b);
    dcr_buf_clear(&out.lines);
    dcr_buf_clear(&text);
}

static void test_wants(void **state)
{
    char name[DCR_OPEN_MAX_NAME + 1];
    (void)state;

    assert_string_equal(find(0x0029, 0x1010, "SIEMENS CSA HEADER")->name, "csa");
    assert_non_null(find(0x0029, 0x1120, "SIEMENS CSA HEADER"));
    assert_null(find(0x0029, 0x1008, "SIEMENS CSA HEADER"));
    assert_null(find(0x0029, 0x1010, "SIEMENS MEDCOM HEADER"));
    assert_null(find(0x0019, 0x1010, "SIEMENS CSA HEADER"));
    assert_true(dcr_open_name(name, (const uint8_t *)"a/b{c}:\x01\xFF", 9));
    assert_string_equal(name, "a_b_c____");
    assert_false(dcr_open_name(name, (const uint8_t *)"\0x", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),   cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_hostile), cmocka_unit_test(test_long),
        cmocka_unit_test(test_wants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
