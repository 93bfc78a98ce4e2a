/* The base: known answers come from the specifications named beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "arena.h"
#include "buf.h"
#include "dict.h"
#include "embed.h"
#include "hash.h"
#include "mask.h"
#include "num.h"
#include "rank.h"

#define U8(s) ((const uint8_t *)(s))

static int back_to_plenty(void **state)
{
    (void)state;
    dcr_alloc_fail_after(-1);
    return 0;
}

/* ---- alloc ----------------------------------------------------------------------------
 */

static void alloc_gives_zeroed_memory(void **state)
{
    unsigned char *p = dcr_alloc(37, 3);
    (void)state;
    assert_non_null(p);
    for (size_t i = 0; i < 111; i++)
        assert_int_equal(p[i], 0);
    dcr_free(p);
    p = dcr_alloc(0, 8);
    assert_non_null(p);
    dcr_free(p);
    dcr_free(NULL);
}

static void alloc_refuses_products_that_overflow(void **state)
{
    size_t cap = 0;
    void *p = NULL;
    char *q = dcr_alloc(4, 1);
    (void)state;
    assert_null(dcr_alloc(SIZE_MAX / 2, 3));
    memcpy(q, "abc", 4);
    assert_null(dcr_resize(q, SIZE_MAX / 2, 3));
    assert_string_equal(q, "abc");
    dcr_free(q);
    assert_false(dcr_grow(&p, &cap, SIZE_MAX - 1, 16));
    assert_null(p);
    assert_int_equal(cap, 0);
}

static void alloc_fails_when_told(void **state)
{
    char *p, *q;
    (void)state;
    dcr_alloc_fail_after(1);
    p = dcr_strdup("one");
    q = dcr_strdup("two");
    assert_non_null(p);
    assert_null(q);
    assert_null(dcr_resize(p, 10, 1));
    dcr_alloc_fail_after(-1);
    q = dcr_strndup("three", 2);
    assert_string_equal(p, "one");
    assert_string_equal(q, "th");
    dcr_free(p);
    dcr_free(q);
}

static void grow_keeps_contents(void **state)
{
    uint32_t *p = NULL;
    size_t cap = 0;
    (void)state;
    for (uint32_t i = 0; i < 5000; i++) {
        assert_true(dcr_grow(&p, &cap, i + 1, sizeof *p));
        assert_true(cap > i);
        p[i] = i * 7;
    }
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(p[i], i * 7);
    dcr_free(p);
}

/* ---- buf ------------------------------------------------------------------------------
 */

static void buf_holds_what_was_added(void **state)
{
    dcr_buf b = {0};
    (void)state;
    dcr_buf_add(&b, "a\0b", 3);
    dcr_buf_str(&b, "cd");
    dcr_buf_char(&b, 'e');
    dcr_buf_fmt(&b, "%d-%s", 17, "f");
    dcr_buf_u64(&b, 0);
    dcr_buf_u64(&b, UINT64_MAX);
    assert_false(b.failed);
    assert_int_equal(b.n, 31);
    assert_memory_equal(b.p, "a\0bcde17-f018446744073709551615", 32);
    dcr_buf_clear(&b);
    assert_null(b.p);
}

static void buf_failure_sticks(void **state)
{
    dcr_buf b = {0};
    (void)state;
    dcr_buf_str(&b, "kept");
    dcr_alloc_fail_after(0);
    for (int i = 0; i < 100; i++)
        dcr_buf_str(&b, "more");
    dcr_alloc_fail_after(-1);
    assert_true(b.failed);
    dcr_buf_char(&b, 'x');
    assert_true(b.failed);
    assert_memory_equal(b.p, "kept", 4);
    dcr_buf_clear(&b);
}

/* Unsigned LEB128: 624485 from the DWARF 4 standard's family of examples, 150 and 300
 * from the Protocol Buffers encoding guide. */
static void varint_known_answers(void **state)
{
    static const struct {
        uint64_t v;
        const char *bytes;
        size_t n;
    } known[] = {
        {0, "\x00", 1},
        {127, "\x7f", 1},
        {128, "\x80\x01", 2},
        {150, "\x96\x01", 2},
        {300, "\xac\x02", 2},
        {12857, "\xb9\x64", 2},
        {UINT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10},
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        dcr_buf b = {0};
        const uint8_t *p;
        uint64_t v = 1;
        dcr_buf_varint(&b, known[i].v);
        assert_int_equal(b.n, known[i].n);
        assert_memory_equal(b.p, known[i].bytes, b.n);
        p = U8(b.p);
        assert_true(dcr_varint_get(&p, U8(b.p) + b.n, &v));
        assert_true(v == known[i].v);
        assert_ptr_equal(p, b.p + b.n);
        p = U8(b.p);
        assert_false(dcr_varint_get(&p, U8(b.p) + b.n - 1, &v));
        assert_true(v == 0);
        dcr_buf_clear(&b);
    }
}

static void varint_without_end_is_refused(void **state)
{
    uint8_t long_one[16];
    const uint8_t *p = long_one;
    uint64_t v;
    (void)state;
    memset(long_one, 0x80, sizeof long_one);
    assert_false(dcr_varint_get(&p, long_one + sizeof long_one, &v));
    assert_true(v == 0);
}

/* ---- arena ----------------------------------------------------------------------------
 */

static void arena_pieces_are_aligned_zeroed_and_apart(void **state)
{
    dcr_arena a = {0};
    unsigned char *piece[200];
    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        size_t n = i % 50 == 49 ? 100000 : 13 * i + 1;
        piece[i] = dcr_arena_alloc(&a, n, 1);
        assert_non_null(piece[i]);
        assert_int_equal((uintptr_t)piece[i] % 16, 0);
        for (size_t j = 0; j < n; j++)
            assert_int_equal(piece[i][j], 0);
        memset(piece[i], (int)i, n);
    }
    for (unsigned i = 0; i < 200; i++) {
        size_t n = i % 50 == 49 ? 100000 : 13 * i + 1;
        for (size_t j = 0; j < n; j++)
            assert_int_equal(piece[i][j], i);
    }
    dcr_arena_clear(&a);
    assert_null(a.head);
}

static void arena_copies_and_refuses(void **state)
{
    dcr_arena a = {0};
    char *s = dcr_arena_bytes(&a, "x\0y", 3);
    (void)state;
    assert_memory_equal(s, "x\0y", 4);
    assert_string_equal(dcr_arena_str(&a, ""), "");
    assert_non_null(dcr_arena_alloc(&a, 0, 4));
    assert_null(dcr_arena_alloc(&a, SIZE_MAX / 2, 4));
    dcr_alloc_fail_after(0);
    assert_null(dcr_arena_alloc(&a, 200000, 1));
    dcr_alloc_fail_after(-1);
    assert_memory_equal(s, "x\0y", 4);
    dcr_arena_clear(&a);
}

/* ---- dict -----------------------------------------------------------------------------
 */

static void dict_numbers_in_order(void **state)
{
    dcr_dict d = {0};
    char word[24];
    (void)state;
    assert_int_equal(dcr_dict_find(&d, "a", 1, 0), DCR_DICT_NONE);
    for (uint32_t i = 0; i < 3000; i++) {
        int n = snprintf(word, sizeof word, "w%u", i / 3);
        assert_int_equal(dcr_dict_add(&d, word, (size_t)n, i % 3), i);
    }
    for (uint32_t i = 0; i < 3000; i++) {
        int n = snprintf(word, sizeof word, "w%u", i / 3);
        assert_int_equal(dcr_dict_add(&d, word, (size_t)n, i % 3), i);
        assert_int_equal(dcr_dict_find(&d, word, (size_t)n, i % 3), i);
        assert_memory_equal(d.entry[i].p, word, n + 1);
    }
    assert_int_equal(d.n, 3000);
    assert_int_equal(dcr_dict_find(&d, "w0", 2, 3), DCR_DICT_NONE);
    assert_int_equal(dcr_dict_add(&d, NULL, 0, 0), 3000);
    assert_int_equal(dcr_dict_add(&d, "\0", 1, 0), 3001);
    assert_int_equal(dcr_dict_find(&d, "", 0, 0), 3000);
    dcr_dict_clear(&d);
    assert_int_equal(d.n, 0);
}

/* Every allocation fails once; what was added stays, and the next try goes on. */
static void dict_survives_every_failure(void **state)
{
    char word[24];
    (void)state;
    for (long fail = 0;; fail++) {
        dcr_dict d = {0};
        uint32_t failures = 0;
        dcr_alloc_fail_after(fail);
        for (uint32_t i = 0; i < 200; i++) {
            int n = snprintf(word, sizeof word, "value %u", i);
            uint32_t at = dcr_dict_add(&d, word, (size_t)n, 0);
            if (at == DCR_DICT_NONE) {
                failures++;
                dcr_alloc_fail_after(-1);
                at = dcr_dict_add(&d, word, (size_t)n, 0);
            }
            assert_int_equal(at, i);
        }
        dcr_alloc_fail_after(-1);
        dcr_dict_clear(&d);
        if (failures == 0) {
            assert_true(fail >= 4);
            break;
        }
        assert_int_equal(failures, 1);
    }
}

/* ---- hash -----------------------------------------------------------------------------
 */

/* XXH3 with seed 0: xxHash's own sanity vectors (empty input) and the values that
 * independent implementations (zeebo/xxh3 in Go, python-xxhash) publish for "a" and
 * "abc". */
static void hash_known_answers(void **state)
{
    char hex[33];
    dcr_hasher *h = dcr_hasher_new();
    (void)state;
    assert_true(dcr_hash64("", 0) == 0x2D06800538D394C2u);
    assert_true(dcr_hash64(NULL, 0) == 0x2D06800538D394C2u);
    assert_true(dcr_hash64("a", 1) == 0xE6C632B61E964E1Fu);
    assert_true(dcr_hash64("abc", 3) == 0x78AF5F94892F3950u);
    dcr_hash128_hex(dcr_hash128_of("", 0), hex);
    assert_string_equal(hex, "99aa06d3014798d86001c324468d497f");
    dcr_hash128_hex(dcr_hash128_of("abc", 3), hex);
    assert_string_equal(hex, "06b05ab6733a618578af5f94892f3950");
    dcr_hasher_add(h, "a", 1);
    dcr_hasher_add(h, NULL, 0);
    dcr_hasher_add(h, "bc", 2);
    dcr_hash128_hex(dcr_hasher_end(h), hex);
    assert_string_equal(hex, "06b05ab6733a618578af5f94892f3950");
    dcr_hasher_free(h);
    dcr_hasher_free(NULL);
    dcr_alloc_fail_after(0);
    assert_null(dcr_hasher_new());
}

/* ---- num ------------------------------------------------------------------------------
 */

static void whole_numbers(void **state)
{
    static const char *const bad[] = {"",
                                      " 1",
                                      "1 ",
                                      "+1",
                                      "-1",
                                      "1.0",
                                      "0x1",
                                      "1e1",
                                      "one",
                                      "１",
                                      "18446744073709551616"};
    uint64_t v = 99;
    (void)state;
    assert_true(dcr_num_u64("0", 0, 0, &v) && v == 0);
    assert_true(dcr_num_u64("0007", 1, 256, &v) && v == 7);
    assert_true(dcr_num_u64("18446744073709551615", 0, UINT64_MAX, &v) &&
                v == UINT64_MAX);
    v = 99;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(dcr_num_u64(bad[i], 0, UINT64_MAX, &v));
    assert_false(dcr_num_u64("257", 1, 256, &v));
    assert_false(dcr_num_u64("0", 1, 256, &v));
    assert_true(v == 99);
}

static void real_numbers(void **state)
{
    static const char *const bad[] = {"",    " 1",   "1 ",    "nan",   "inf",
                                      "1,5", "0.5x", "1e999", "0x1p-1"};
    double v = 99;
    (void)state;
    assert_true(dcr_num_double("0.25", 0, 1, &v) && v == 0.25);
    assert_true(dcr_num_double("-1e3", -1000, 1, &v) && v == -1000);
    v = 99;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(dcr_num_double(bad[i], -1e300, 1e300, &v));
    assert_false(dcr_num_double("1.0000001", 0, 1, &v));
    assert_true(v == 99);
}

static void micro_numbers(void **state)
{
    static const struct {
        const char *text;
        int64_t v;
    } good[] = {{"1.75", 1750000},
                {"-2", -2000000},
                {"1.7e1", 17000000},
                {"0.1", 100000},
                {"+.5", 500000},
                {"1.", 1000000},
                {"1e-7", 0},
                {"1.2999999999", 1299999},
                {"-1.2999999", -1299999},
                {"17E-1", 1700000},
                {"0e99", 0},
                {"9000000000000", 9000000000000000000}};
    static const char *const bad[] = {
        "",   ".",  "-",    "1e",   "1e+", "1..2",   "1,75",
        " 1", "1 ", "1e99", "0x10", "nan", "1e1000", "10000000000000000000"};
    int64_t v;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(dcr_num_micro(U8(good[i].text), strlen(good[i].text), &v));
        assert_true(v == good[i].v);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(dcr_num_micro(U8(bad[i]), strlen(bad[i]), &v));
}

/* ---- mask -----------------------------------------------------------------------------
 */

/* Well-formed and ill-formed sequences of The Unicode Standard, tables 3-7 and 3-8. */
static void numbers_in_order(void **state)
{
    static const char *const value[] = {NULL,  "-1.5", "1",   "1.0", "10",
                                        "1e1", "2",    "-20", "+3"};
    static const uint32_t place[] = {0, 1, 2, 2, 5, 5, 3, 0, 4};
    static const char *const words[] = {"0x10",  "1,5", " 1", "inf", "nan",
                                        "1e999", "",    "-",  "3a"};
    uint32_t *rank;
    dcr_err err = {0};
    (void)state;
    assert_int_equal(dcr_rank_numbers(&rank, value, 9, &err), DCR_OK);
    assert_memory_equal(rank, place, sizeof place);
    dcr_free(rank);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *const mixed[] = {NULL, "1", words[i]};
        assert_int_equal(dcr_rank_numbers(&rank, mixed, 3, &err), DCR_OK);
        assert_null(rank);
    }
    assert_int_equal(dcr_rank_numbers(&rank, value, 1, &err), DCR_OK);
    assert_null(rank);
    for (long n = 0; n < 2; n++) {
        dcr_alloc_fail_after(n);
        assert_int_equal(dcr_rank_numbers(&rank, value, 9, &err), DCR_ENOMEM);
        assert_null(rank);
    }
}

static void utf8_by_the_table(void **state)
{
    static const char *const good[] = {"",
                                       "A",
                                       "\xC2\x80",
                                       "\xDF\xBF",
                                       "\xE0\xA0\x80",
                                       "\xED\x9F\xBF",
                                       "\xEE\x80\x80",
                                       "\xE2\x82\xAC",
                                       "\xF0\x90\x80\x80",
                                       "\xF4\x8F\xBF\xBF"};
    static const char *const bad[] = {"\x80",
                                      "\xC0\xAF",
                                      "\xC1\xBF",
                                      "\xC2",
                                      "\xC2\x41",
                                      "\xE0\x80\xBF",
                                      "\xED\xA0\x80",
                                      "\xE1\x80",
                                      "\xF0\x80\xBF\xBF",
                                      "\xF4\x91\x92\x93",
                                      "\xF5\x80\x80\x80",
                                      "\xFF"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(dcr_utf8_valid(U8(good[i]), strlen(good[i])), strlen(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[16];
        int n = snprintf(text, sizeof text, "ok%s", bad[i]);
        assert_int_equal(dcr_utf8_valid(U8(text), (size_t)n), 2);
    }
}

static void shapes(void **state)
{
    static const struct {
        const char *value, *shape;
    } known[] = {
        {"Muster^Max", "Aaaaaa^Aaa"},   {"1962-03-07", "9999-99-99"}, {"", ""},
        {"a\x1B[31m", "a??99a"},        {"\xC3\x84rzte", "aaaaa"},    {"\xFFz", "?a"},
        {"1.2.840/x_y", "9.9.999/a_a"},
    };
    char out[DCR_SHAPE_MAX], big[200];
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        dcr_shape(U8(known[i].value), strlen(known[i].value), out);
        assert_string_equal(out, known[i].shape);
    }
    memset(big, 'Q', sizeof big);
    dcr_shape(U8(big), sizeof big, out);
    assert_true(strlen(out) < DCR_SHAPE_MAX);
    assert_string_equal(out + strlen(out) - 4, "A...");
}

static void length_classes(void **state)
{
    static const struct {
        size_t n;
        const char *name;
    } known[] = {{0, "empty"},
                 {1, "1-4 characters"},
                 {4, "1-4 characters"},
                 {5, "5-8 characters"},
                 {9, "9-16 characters"},
                 {16, "9-16 characters"},
                 {17, "17-32 characters"},
                 {4096, "2049-4096 characters"},
                 {4097, "over 4096 characters"}};
    char out[DCR_SHAPE_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        dcr_length_class(known[i].n, out);
        assert_string_equal(out, known[i].name);
    }
}

/* ---- embed, err -----------------------------------------------------------------------
 */

static void embedded_files_are_sorted_and_ended(void **state)
{
    (void)state;
    assert_null(dcr_embed_find("rules/no-such-file.json"));
    assert_non_null(dcr_embed_find("rules/concepts.json"));
    for (const dcr_embed *e = dcr_embedded; e->name != NULL; e++) {
        assert_true(e->end >= e->begin);
        assert_int_equal(*e->end, '\0');
        assert_ptr_equal(dcr_embed_find(e->name), e);
    }
}

static void first_error_wins(void **state)
{
    dcr_err err = {0};
    (void)state;
    assert_int_equal(dcr_fail(&err, DCR_EIO, "file", "cannot %s", "read"), DCR_EIO);
    assert_int_equal(dcr_nomem(&err), DCR_ENOMEM);
    assert_int_equal(err.code, DCR_EIO);
    assert_string_equal(err.where, "file");
    assert_string_equal(err.text, "cannot read");
    assert_int_equal(dcr_fail(NULL, DCR_EARG, NULL, "x"), DCR_EARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(alloc_gives_zeroed_memory, back_to_plenty),
        cmocka_unit_test_teardown(alloc_refuses_products_that_overflow, back_to_plenty),
        cmocka_unit_test_teardown(alloc_fails_when_told, back_to_plenty),
        cmocka_unit_test_teardown(grow_keeps_contents, back_to_plenty),
        cmocka_unit_test_teardown(buf_holds_what_was_added, back_to_plenty),
        cmocka_unit_test_teardown(buf_failure_sticks, back_to_plenty),
        cmocka_unit_test_teardown(varint_known_answers, back_to_plenty),
        cmocka_unit_test_teardown(varint_without_end_is_refused, back_to_plenty),
        cmocka_unit_test_teardown(arena_pieces_are_aligned_zeroed_and_apart,
                                  back_to_plenty),
        cmocka_unit_test_teardown(arena_copies_and_refuses, back_to_plenty),
        cmocka_unit_test_teardown(dict_numbers_in_order, back_to_plenty),
        cmocka_unit_test_teardown(dict_survives_every_failure, back_to_plenty),
        cmocka_unit_test_teardown(hash_known_answers, back_to_plenty),
        cmocka_unit_test_teardown(whole_numbers, back_to_plenty),
        cmocka_unit_test_teardown(real_numbers, back_to_plenty),
        cmocka_unit_test_teardown(micro_numbers, back_to_plenty),
        cmocka_unit_test_teardown(numbers_in_order, back_to_plenty),
        cmocka_unit_test_teardown(utf8_by_the_table, back_to_plenty),
        cmocka_unit_test_teardown(shapes, back_to_plenty),
        cmocka_unit_test_teardown(length_classes, back_to_plenty),
        cmocka_unit_test_teardown(embedded_files_are_sorted_and_ended, back_to_plenty),
        cmocka_unit_test_teardown(first_error_wins, back_to_plenty),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
