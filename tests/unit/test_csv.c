/* The reader of tables.  Expected cells are those RFC 4180 gives, written out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "alloc.h"
#include "csv.h"
#include "csv_header.h"

#define T(f)    cmocka_unit_test(f)
#define TEXT(s) (s), sizeof(s) - 1

static char path[64];

static void put(const char *text, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static const char *const ab[] = {"a", "b"};
static const dcr_csv_options comma = {.delimiter = ',', .jobs = 1};

static dcr_csv *get(const char *const *name, size_t n, const dcr_csv_options *o)
{
    dcr_csv *t = NULL;
    dcr_err err = {0};
    dcr_status rc = dcr_csv_read(&t, path, name, n, o, &err);
    if (rc != DCR_OK)
        fail_msg("line %ld: %s", err.line, err.text);
    assert_int_equal(t->n_columns, n);
    return t;
}

/* The cell of a row; "" where it is missing. */
static const char *cell(const dcr_csv *t, size_t column, size_t row)
{
    const dcr_csv_column *c = &t->column[column];
    assert_true(row < t->n_rows);
    assert_true(c->code[row] < c->n_codes);
    return c->code[row] == 0 ? "" : c->value[c->code[row]];
}

/* Rows of columns a and b, as literals: a, b, a, b, ... */
static void expect(const char *text, size_t n, const dcr_csv_options *o,
                   const char *const *want, size_t n_want)
{
    for (unsigned jobs = 1; jobs <= 4; jobs += 3) {
        dcr_csv_options with = *o;
        dcr_csv *t;
        put(text, n);
        with.jobs = jobs;
        t = get(ab, 2, &with);
        assert_int_equal(t->n_rows, n_want / 2);
        for (size_t i = 0; i < n_want; i++)
            assert_string_equal(cell(t, i % 2, i / 2), want[i]);
        dcr_csv_free(t);
    }
}
#define EXPECT(text, o, ...)                                                             \
    do {                                                                                 \
        const char *const want_[] = {__VA_ARGS__};                                       \
        expect(TEXT(text), o, want_, sizeof want_ / sizeof *want_);                      \
    } while (0)

/* RFC 4180, section 2, rules 1 to 7. */
static void test_rfc4180(void **state)
{
    (void)state;
    EXPECT("a,b\r\naaa,bbb\r\nzzz,yyy\r\n", &comma, "aaa", "bbb", "zzz", "yyy");
    EXPECT("a,b\r\naaa,bbb\r\nzzz,yyy", &comma, "aaa", "bbb", "zzz", "yyy");
    EXPECT("a,b\r\n x , y\r\n", &comma, " x ", " y"); /* blanks are part of a cell */
    EXPECT("a,b\r\n\"aaa\",\"bbb\"\r\nzzz,yyy\r\n", &comma, "aaa", "bbb", "zzz", "yyy");
    EXPECT("a,b\r\n\"x\r\ny\",\"p,q\"\r\n1,2\r\n", &comma, "x\r\ny", "p,q", "1", "2");
    EXPECT("a,b\r\n\"b\"\"bb\",\"\"\"\"\r\n", &comma, "b\"bb", "\"");
    EXPECT("a,b\n\"\"\"x\"\"\",\"\"\n", &comma, "\"x\"", "");
}

static void test_beyond(void **state)
{
    const dcr_csv_options semicolon = {.delimiter = ';'}, tab = {.delimiter = '\t'};
    const char *const na[] = {"NA", "-"};
    const dcr_csv_options trim = {.delimiter = ',', .trim = true, .na = na, .n_na = 2};
    (void)state;
    EXPECT("\xEF\xBB\xBF"
           "a,b\n1,2\n",
           &comma, "1", "2");
    EXPECT("\xEF\xBB\xBF\"a\",\"b\"\n1,2", &comma, "1", "2");
    EXPECT("b,x,a\n1,2,3\n", &comma, "3", "1");
    EXPECT("a,b\n1,2\r\n\n3,4\r\n\r\n,\n\n", &comma, "1", "2", "3", "4", "", "");
    EXPECT("a;b\n1,5;2\n", &semicolon, "1,5", "2");
    EXPECT("a\tb\n1,5\t\"\t\"\n", &tab, "1,5", "\t");
    EXPECT(" a ,\tb\n NA ,\t-\n  ,\" x \"\n x, NA NA \n", &trim, "", "", "", "x", "x",
           "NA NA");
    EXPECT("a,b\n1234567,12345678\n123456789,\xE6\x97\xA5\xE6\x9C\xAC\n", &comma,
           "1234567", "12345678", "123456789", "\xE6\x97\xA5\xE6\x9C\xAC");
}

/* An empty line of a table of one column is one missing value. */
static void test_one_column(void **state)
{
    dcr_csv *t;
    (void)state;
    put(TEXT("a\n\nx\n\n"));
    t = get(ab, 1, &comma);
    assert_int_equal(t->n_rows, 3);
    assert_string_equal(cell(t, 0, 0), "");
    assert_string_equal(cell(t, 0, 1), "x");
    assert_string_equal(cell(t, 0, 2), "");
    dcr_csv_free(t);
}

static void test_no_rows(void **state)
{
    static const char *const text[] = {"a,b", "a,b\n", "a,b\r\n", "a,b\n\n\r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        dcr_csv *t;
        put(text[i], strlen(text[i]));
        t = get(ab, 2, &comma);
        assert_int_equal(t->n_rows, 0);
        assert_int_equal(t->column[0].n_codes, 1);
        dcr_csv_free(t);
    }
}

/* Codes go up in order of bytes, and each value has one. */
static void test_codes(void **state)
{
    static const char *const order[] = {"10",       "9",         "B", "a",
                                        "abcdefgh", "abcdefghi", "b", "\xC3\xA9"};
    enum { N = sizeof order / sizeof *order };
    dcr_csv *t;
    (void)state;
    put(TEXT("a\nb\n\xC3\xA9\nabcdefghi\n9\n\na\nB\nabcdefgh\n10\nb\n\"abcdefgh\"\n"));
    t = get(ab, 1, &comma);
    assert_int_equal(t->column[0].n_codes, 1 + N);
    assert_null(t->column[0].value[0]);
    for (size_t i = 0; i < N; i++)
        assert_string_equal(t->column[0].value[i + 1], order[i]);
    dcr_csv_free(t);
}

static void test_optional(void **state)
{
    const dcr_csv_options o = {.delimiter = ',', .n_optional = 1};
    dcr_csv *t;
    (void)state;
    put(TEXT("a,c\n1,2\n3,4\n"));
    t = get(ab, 2, &o);
    assert_true(t->column[0].found);
    assert_false(t->column[1].found);
    assert_string_equal(cell(t, 0, 1), "3");
    assert_string_equal(cell(t, 1, 1), "");
    dcr_csv_free(t);
}

static void test_lines(void **state)
{
    dcr_csv *t;
    (void)state;
    put(TEXT("\"a\",b,\"c\nd\"\n1,2,\n\n\"3\n\n\",4,\n5,6,\n\r\n7,8,"));
    t = get(ab, 2, &comma);
    assert_int_equal(t->n_rows, 4);
    assert_int_equal(dcr_csv_line(t, 0), 3);
    assert_int_equal(dcr_csv_line(t, 1), 5);
    assert_int_equal(dcr_csv_line(t, 2), 8);
    assert_int_equal(dcr_csv_line(t, 3), 10);
    dcr_csv_free(t);
}

/* What is no table: which line is told, and never a cell of it. */
static void test_malformed(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        dcr_status rc;
        long line;
        const char *says;
    } bad[] = {
        {TEXT(""), DCR_EFORMAT, 0, "empty"},
        {TEXT("\xEF\xBB\xBF"), DCR_EFORMAT, 0, "empty"},
        {TEXT("\n"), DCR_EARG, 0, "no column 'a'"},
        {TEXT("a;b\n1;2\n"), DCR_EARG, 0, "--delimiter"},
        {TEXT("a,B\n"), DCR_EARG, 0, "no column 'b'"},
        {TEXT("a,b,a\n"), DCR_EARG, 0, "2 columns are called 'a'"},
        {TEXT("a,b\n1,2\n3\n"), DCR_EFORMAT, 3, "1 cell, the header has 2"},
        {TEXT("a,b\n1,2,\n"), DCR_EFORMAT, 2, "3 cells, the header has 2"},
        {TEXT("a,b\n\"1\n\n\",2\n\n3"), DCR_EFORMAT, 6, "1 cell"},
        {TEXT("a,b\n1,\"2\n3,4\n"), DCR_EFORMAT, 2, "nothing closes"},
        {TEXT("a,b\n1,2\n3,\""), DCR_EFORMAT, 3, "nothing closes"},
        {TEXT("a,b\n1,2\n3,\"\"\""), DCR_EFORMAT, 3, "nothing closes"},
        {TEXT("a,\"b\n1,2\n"), DCR_EFORMAT, 1, "nothing closes"},
        {TEXT("a,b\n1,Ge\"heim\n"), DCR_EFORMAT, 2, "a quote within"},
        {TEXT("a,b\n1,\"Ge\"heim\n"), DCR_EFORMAT, 2, "text behind"},
        {TEXT("a,b\n1,2\r3,4\n"), DCR_EFORMAT, 2, "carriage return"},
        {TEXT("a,b\n1,2\r"), DCR_EFORMAT, 2, "carriage return"},
        {TEXT("a,b\n1,2\n\r"), DCR_EFORMAT, 3, "carriage return"},
        {TEXT("a,b\r"), DCR_EFORMAT, 1, "carriage return"},
        {TEXT("a,b\r1,2\r"), DCR_EFORMAT, 1, "carriage return"},
        {TEXT("a,b\n1,2\n3,\0\n"), DCR_EFORMAT, 3, "NUL"},
        {TEXT("a,\0b\n1,2\n"), DCR_EFORMAT, 1, "NUL"},
        {TEXT("a,b\n1,2\n3,\xE9\n"), DCR_EFORMAT, 3, "not UTF-8"},
        {TEXT("a,b,\xE9\n1,2,3\n"), DCR_EFORMAT, 1, "not UTF-8"},
        {TEXT("a,b\n1,\xC0\xAF\n"), DCR_EFORMAT, 2, "not UTF-8"},
        {TEXT("a,b\n1,\xF4\x90\x80\x80\n"), DCR_EFORMAT, 2, "not UTF-8"},
        {TEXT("a,b\n1,\xE6\x97"), DCR_EFORMAT, 2, "not UTF-8"},
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof bad / sizeof *bad; i++) {
        const dcr_csv_options o = {.delimiter = ',', .jobs = i % 2 == 0 ? 1 : 4};
        dcr_csv *t = NULL;
        dcr_err err = {0};
        put(bad[i / 2].text, bad[i / 2].n);
        assert_int_equal(dcr_csv_read(&t, path, ab, 2, &o, &err), bad[i / 2].rc);
        assert_null(t);
        assert_string_equal(err.where, path);
        assert_int_equal(err.line, bad[i / 2].line);
        if (strstr(err.text, bad[i / 2].says) == NULL)
            fail_msg("case %zu says: %s", i / 2, err.text);
        assert_null(strstr(err.text, "heim"));
        assert_int_equal(dcr_csv_read(&t, path, ab, 2, &o, NULL), bad[i / 2].rc);
    }
}

static void test_no_file(void **state)
{
    dcr_csv *t = NULL;
    dcr_err err = {0};
    (void)state;
    assert_int_equal(dcr_csv_read(&t, "/", ab, 2, &comma, &err), DCR_EIO);
    assert_null(t);
    err = (dcr_err){0};
    assert_int_equal(dcr_csv_read(&t, "/nowhere/t.csv", ab, 2, &comma, &err), DCR_EIO);
    assert_null(t);
    assert_string_equal(err.where, "/nowhere/t.csv");
}

/* ---- several blocks ---- */

enum { MANY = 700000, VALUES = 5003 };

/* Rows that say which they are; some of two lines.  9 MB: blocks are of 4 MiB. */
static void put_many(long ragged)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs("a,b\n", f);
    for (long i = 0; i < MANY; i++)
        if (i == ragged)
            fputs("alone\n", f);
        else
            fprintf(f, i % 100 == 0 ? "\"%ld\n\",%ld\n" : "%ld,value %ld\n", i,
                    i * 7919 % VALUES);
    assert_int_equal(fclose(f), 0);
}

static void test_threads(void **state)
{
    const dcr_csv_options four = {.delimiter = ',', .jobs = 4};
    dcr_csv *one, *t;
    char want[32];
    (void)state;
    put_many(-1);
    one = get(ab, 2, &comma);
    t = get(ab, 2, &four);
    assert_int_equal(one->n_rows, MANY);
    assert_int_equal(t->n_rows, MANY);
    for (size_t c = 0; c < 2; c++) {
        assert_int_equal(one->column[c].n_codes, t->column[c].n_codes);
        assert_memory_equal(one->column[c].code, t->column[c].code,
                            MANY * sizeof(uint32_t));
        for (uint32_t v = 1; v < t->column[c].n_codes; v++)
            assert_string_equal(one->column[c].value[v], t->column[c].value[v]);
    }
    for (size_t i = 0; i < MANY; i++) {
        snprintf(want, sizeof want, i % 100 == 0 ? "%zu\n" : "%zu", i);
        if (strcmp(cell(t, 0, i), want) != 0)
            fail_msg("row %zu", i);
        if (dcr_csv_line(t, i) != 2 + i + (i + 99) / 100)
            fail_msg("line of row %zu", i);
    }
    dcr_csv_free(one);
    dcr_csv_free(t);
}

/* The first fault of the file is told, whichever thread meets one. */
static void test_fault_far_down(void **state)
{
    const long row = 600001;
    (void)state;
    put_many(row);
    for (unsigned jobs = 1; jobs <= 4; jobs += 3) {
        const dcr_csv_options o = {.delimiter = ',', .jobs = jobs};
        dcr_csv *t = NULL;
        dcr_err err = {0};
        assert_int_equal(dcr_csv_read(&t, path, ab, 2, &o, &err), DCR_EFORMAT);
        assert_null(t);
        assert_int_equal(err.line, 2 + row + (row + 99) / 100);
    }
}

/* ---- no memory ---- */

static void test_no_memory(void **state)
{
    const char *const na[] = {"NA"};
    const dcr_csv_options o = {
        .delimiter = ',', .trim = true, .na = na, .n_na = 1, .jobs = 1};
    dcr_status rc = DCR_ENOMEM;
    long failures = 0;
    (void)state;
    put(TEXT("a,\"b\"\"\",b\n1,NA,\"x\"\"y\"\n\n\"2\n\",long enough, 3 \n"
             "1, also long enough ,z\n"));
    for (long n = 0; rc != DCR_OK; n++) {
        dcr_csv *t = NULL;
        dcr_err err = {0};
        dcr_alloc_fail_after(n);
        rc = dcr_csv_read(&t, path, ab, 2, &o, &err);
        dcr_alloc_fail_after(-1);
        assert_int_equal(rc, err.code);
        assert_true(rc == DCR_OK || (rc == DCR_ENOMEM && t == NULL));
        if (rc == DCR_OK) {
            assert_int_equal(t->n_rows, 3);
            assert_string_equal(cell(t, 1, 0), "x\"y");
            assert_string_equal(cell(t, 1, 1), "3");
            assert_int_equal(dcr_csv_line(t, 2), 6);
        }
        failures += rc != DCR_OK;
        dcr_csv_free(t);
    }
    assert_true(failures > 20);
}

static void test_no_memory_header(void **state)
{
    dcr_status rc = DCR_ENOMEM;
    (void)state;
    put(TEXT("\xEF\xBB\xBF\"a;\"\"\"; b ;c,d\r\n1;2;3\r\n"));
    for (long n = 0; rc != DCR_OK; n++) {
        dcr_csv_header h;
        dcr_err err = {0};
        dcr_alloc_fail_after(n);
        rc = dcr_csv_header_read(&h, path, &err);
        dcr_alloc_fail_after(-1);
        assert_true(rc == DCR_OK || (rc == DCR_ENOMEM && err.code == DCR_ENOMEM));
        if (rc == DCR_OK) {
            assert_int_equal(h.delimiter, ';');
            assert_int_equal(h.n, 3);
            assert_string_equal(h.name[0], "a;\"");
            assert_string_equal(h.name[1], "b");
            assert_string_equal(h.name[2], "c,d");
        }
        dcr_csv_header_clear(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_rfc4180),
        T(test_beyond),
        T(test_one_column),
        T(test_no_rows),
        T(test_codes),
        T(test_optional),
        T(test_lines),
        T(test_malformed),
        T(test_no_file),
        T(test_threads),
        T(test_fault_far_down),
        T(test_no_memory),
        T(test_no_memory_header),
    };
    const char *folder = getenv("TMP");
    int failed;
    snprintf(path, sizeof path, "%s/csv-XXXXXX", folder == NULL ? "/tmp" : folder);
    failed = mkstemp(path);
    if (failed < 0)
        return 1;
    close(failed);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
