/* Headers are built as nibabel describes them (siemens_csa.html). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "open.h"

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

static dcr_status emit(void *ctx, const char *name, const char vr[2], const uint8_t *p,
                       size_t n)
{
    dcr_buf *out = ctx;
    dcr_buf_fmt(out, "%s %.2s ", name, vr);
    dcr_buf_add(out, p, n);
    dcr_buf_char(out, '\n');
    return DCR_OK;
}

static const dcr_opener *csa(void)
{
    return dcr_open_find(0x0029, 0x1010, "SIEMENS CSA HEADER");
}

static void opened(dcr_buf *out, const void *p, size_t n)
{
    uint8_t *copy =
        malloc(n == 0 ? 1 : n); /* exact, for the sanitiser; lint: ok, a test */
    memcpy(copy, p, n);
    out->n = 0;
    dcr_buf_str(out, "");
    assert_int_equal(csa()->open("0029,xx10{SIEMENS CSA HEADER}", "SIEMENS CSA HEADER",
                                 "OB", copy, n, emit, out),
                     DCR_OK);
    free(copy);
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
        dcr_buf b = {0}, out = {0};
        sample(&b, old == 1);
        opened(&out, b.p, b.n);
        assert_string_equal(out.p, sample_text);
        dcr_buf_clear(&b);
        dcr_buf_clear(&out);
    }
}

/* Cut anywhere, what was complete before is told, and nothing is read behind the end. */
static void test_cuts(void **state)
{
    dcr_buf b = {0}, out = {0};
    (void)state;
    sample(&b, false);
    for (size_t n = 0; n < b.n; n++) {
        opened(&out, b.p, n);
        assert_true(out.n < sizeof sample_text);
        assert_memory_equal(out.p == NULL ? "" : out.p, sample_text, out.n);
    }
    dcr_buf_clear(&b);
    dcr_buf_clear(&out);
}

static void test_hostile(void **state)
{
    dcr_buf b = {0}, out = {0};
    uint32_t seed = 1;
    (void)state;
    sample(&b, false);
    for (int round = 0; round < 20000; round++) {
        size_t at = 0;
        char was = 0;
        for (int k = 0; k < 1; k++) {
            seed = seed * 1664525 + 1013904223;
            at = (seed >> 8) % b.n;
            was = b.p[at];
            b.p[at] = (char)(seed >> 24 ^ (uint32_t)round);
        }
        opened(&out, b.p, b.n);
        b.p[at] = was;
    }
    b.n = 0;
    begin(&b, false, UINT32_MAX);
    tag(&b, "A", 1, "LO", UINT32_MAX);
    opened(&out, b.p, b.n);
    assert_int_equal(out.n, 0);
    dcr_buf_clear(&b);
    dcr_buf_clear(&out);
}

/* A protocol longer than what is collected comes out whole. */
static void test_long(void **state)
{
    dcr_buf b = {0}, out = {0}, text = {0};
    (void)state;
    for (int i = 0; i < 2000; i++)
        dcr_buf_str(&text, "### ASCCONV\n");
    begin(&b, false, 1);
    tag(&b, "MrPhoenixProtocol", 1, "UN", 1);
    item(&b, text.p, 0);
    opened(&out, b.p, b.n);
    assert_int_equal(out.n, strlen("MrPhoenixProtocol UN ") + text.n + 1);
    dcr_buf_clear(&b);
    dcr_buf_clear(&out);
    dcr_buf_clear(&text);
}

static void test_wants(void **state)
{
    char name[DCR_OPEN_MAX_NAME + 1];
    (void)state;
    assert_non_null(csa());
    assert_string_equal(csa()->name, "csa");
    assert_non_null(dcr_open_find(0x0029, 0x1120, "SIEMENS CSA HEADER"));
    assert_null(dcr_open_find(0x0029, 0x1008, "SIEMENS CSA HEADER"));
    assert_null(dcr_open_find(0x0029, 0x1010, "SIEMENS MEDCOM HEADER"));
    assert_null(dcr_open_find(0x0019, 0x1010, "SIEMENS CSA HEADER"));
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
