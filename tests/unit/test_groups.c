/* Groups: the partition by equal codes, numbered by first row, against sorted rows;
 * whatever the width of keys, the number of rows and of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc.h"
#include "dcmrisk/dcmrisk.h"
#include "keys.h"

enum { WIDE = 12, MANY = 1200000 };

static uint64_t state = 20251127;

static uint32_t draw(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 16) % n);
}

typedef struct sheet {
    dcr_frame f;
    uint32_t *code[WIDE], *subject, n_codes[WIDE];
} sheet;

static void sheet_make(sheet *s, size_t n, size_t columns, uint32_t n_codes,
                       uint32_t n_subjects)
{
    *s = (sheet){0};
    for (size_t c = 0; c < columns; c++) {
        s->code[c] = dcr_alloc(n, sizeof **s->code);
        s->n_codes[c] = n_codes;
        for (size_t i = 0; i < n; i++)
            s->code[c][i] = draw(n_codes);
    }
    s->subject = n_subjects == 0 ? NULL : dcr_alloc(n, sizeof *s->subject);
    for (size_t i = 0; n_subjects > 0 && i < n; i++)
        s->subject[i] = draw(n_subjects);
    s->f = (dcr_frame){.n_rows = n,
                       .n_columns = columns,
                       .code = (const uint32_t *const *)s->code,
                       .n_codes = s->n_codes,
                       .subject = s->subject,
                       .n_subjects = n_subjects == 0 ? (uint32_t)n : n_subjects};
}

static void sheet_free(sheet *s)
{
    for (size_t c = 0; c < WIDE; c++)
        dcr_free(s->code[c]);
    dcr_free(s->subject);
}

/* ---- the definition, by sorting ---- */

static const sheet *sorted;
static uint64_t sorted_columns;

static int by_key(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    for (size_t c = 0; c < sorted->f.n_columns; c++)
        if ((sorted_columns >> c & 1) != 0 && sorted->code[c][x] != sorted->code[c][y])
            return sorted->code[c][x] < sorted->code[c][y] ? -1 : 1;
    return 0;
}

static int by_key_and_subject(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int d = by_key(a, b);
    if (d == 0 && sorted->subject != NULL)
        d = (sorted->subject[x] > sorted->subject[y]) -
            (sorted->subject[x] < sorted->subject[y]);
    return d != 0 ? d : (x > y) - (x < y);
}

static void check(const sheet *s, uint64_t columns, unsigned jobs)
{
    size_t n = s->f.n_rows;
    uint32_t *row = dcr_alloc(n, sizeof *row), *first = dcr_alloc(n, sizeof *first);
    uint32_t classes = 0, next = 0;
    dcr_frame f = s->f;
    dcr_groups g;
    dcr_err err = {0};
    f.jobs = jobs;
    assert_int_equal(dcr_groups_build(&g, &f, columns, &err), DCR_OK);
    for (uint32_t i = 0; i < n; i++)
        row[i] = i;
    sorted = s;
    sorted_columns = columns;
    qsort(row, n, sizeof *row, by_key_and_subject);
    for (size_t i = 0, end; i < n; i = end) {
        uint32_t who = 1, least = row[i];
        for (end = i + 1; end < n && by_key(&row[i], &row[end]) == 0; end++) {
            assert_int_equal(g.group_of[row[end]], g.group_of[row[i]]);
            who += s->subject == NULL || s->subject[row[end]] != s->subject[row[end - 1]];
            least = row[end] < least ? row[end] : least;
        }
        assert_int_equal(g.rows[g.group_of[row[i]]], end - i);
        assert_int_equal(g.subjects[g.group_of[row[i]]], who);
        first[least] = 1;
        classes++;
    }
    assert_int_equal(g.n_groups, classes);
    for (size_t i = 0; i < n; i++)
        if (first[i])
            assert_int_equal(g.group_of[i], next++);
    dcr_groups_clear(&g);
    dcr_free(row);
    dcr_free(first);
}

static void test_small(void **unused)
{
    (void)unused;
    for (unsigned round = 0; round < 400; round++) {
        sheet s;
        sheet_make(&s, draw(60), 1 + draw(6), 1 + draw(5),
                   draw(3) == 0 ? 0 : 1 + draw(20));
        for (uint64_t columns = 0; columns <= dcr_frame_all(&s.f); columns++)
            check(&s, columns, 1 + draw(3));
        sheet_free(&s);
    }
}

/* Keys of 12 x 30 bits go through several rounds. */
static void test_wide(void **unused)
{
    sheet s;
    (void)unused;
    sheet_make(&s, 30000, WIDE, 1u << 30, 400);
    for (size_t c = 0; c < WIDE; c++)
        for (size_t i = 0; i < s.f.n_rows; i++)
            s.code[c][i] &= c == 11 ? 3u << 28 : i % 2;
    check(&s, dcr_frame_all(&s.f), 2);
    check(&s, 0x800, 2);
    sheet_free(&s);
}

/* Every row its own, and all equal, beyond what one part holds. */
static void test_extremes(void **unused)
{
    sheet s;
    (void)unused;
    sheet_make(&s, 100000, 2, UINT32_MAX, 0);
    for (size_t i = 0; i < s.f.n_rows; i++) {
        s.code[0][i] = UINT32_MAX - 1 - (uint32_t)i;
        s.code[1][i] = UINT32_MAX - 1;
    }
    check(&s, 3, 1);
    check(&s, 2, 1);
    sheet_free(&s);
}

static void test_many(void **unused)
{
    sheet s;
    (void)unused;
    sheet_make(&s, MANY, 3, 1000, 500000);
    check(&s, 7, 1);
    check(&s, 7, 2);
    check(&s, 3, 4);
    check(&s, 1, 4);
    sheet_free(&s);
}

static void test_no_memory(void **unused)
{
    const uint32_t n_codes[] = {2, 1u << 30};
    (void)unused;
    for (int kind = 0; kind < 2; kind++) {
        sheet s;
        dcr_status rc = DCR_ENOMEM;
        sheet_make(&s, 20000, 3, n_codes[kind], 9);
        for (long n = 0; rc != DCR_OK; n++) {
            dcr_groups g;
            dcr_err err = {0};
            assert_in_range(n, 0, 1000);
            dcr_alloc_fail_after(n);
            rc = dcr_groups_build(&g, &s.f, 7, &err);
            dcr_alloc_fail_after(-1);
            assert_true(rc == DCR_OK || rc == DCR_ENOMEM);
            if (rc == DCR_OK)
                dcr_groups_clear(&g);
            else
                assert_null(g.group_of);
        }
        sheet_free(&s);
    }
}

static void test_bits(void **unused)
{
    (void)unused;
    assert_int_equal(dcr_key_bits(0), 0);
    assert_int_equal(dcr_key_bits(1), 0);
    assert_int_equal(dcr_key_bits(2), 1);
    assert_int_equal(dcr_key_bits(3), 2);
    assert_int_equal(dcr_key_bits(256), 8);
    assert_int_equal(dcr_key_bits(257), 9);
    assert_int_equal(dcr_key_bits(UINT32_MAX), 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),     cmocka_unit_test(test_wide),
        cmocka_unit_test(test_extremes),  cmocka_unit_test(test_many),
        cmocka_unit_test(test_no_memory), cmocka_unit_test(test_bits),
    };
    dcr_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
