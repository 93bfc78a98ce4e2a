/* The reader of tables: RFC 4180 to the letter, codes in order of bytes, faults with
 * their line.  What is expected is written beside what is read; random tables stand in
 * oracle/csv.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "alloc.h"
#include "csv.h"
#include "dcmrisk/dcmrisk.h"

static char path[256];

static void put_bytes(const char *text, size_t n)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
}

static void put(const char *text)
{
    put_bytes(text, strlen(text));
}

static const dcr_csv_options plain = {.delimiter = ',', .jobs = 1};

static dcr_csv *read_ab(const dcr_csv_options *o)
{
    static const char *const name[] = {"a", "b"};
    dcr_csv *t;
    dcr_err err = {0};
    dcr_status rc = dcr_csv_read(&t, path, name, 2, o, &err);
    if (rc != DCR_OK)
        fail_msg("%s:%ld: %s", err.where, err.line, err.text);
    return t;
}

/* Value of a cell, "-" when it is missing. */
static const char *cell(const dcr_csv *t, size_t row, size_t column)
{
    const dcr_csv_column *c = &t->column[column];
    assert_in_range(c->code[row], 0, c->n_codes - 1);
    return c->code[row] == 0 ? "-" : c->value[c->code[row]];
}

typedef struct good {
    const char *text;
    size_t n_rows;
    const char *cell[8]; /* a, b of each row */
} good;

static void test_forms(void **unused)
{
    static const good list[] = {
        {"a,b\n1,2\n", 1, {"1", "2"}},
        {"a,b\n1,2", 1, {"1", "2"}},
        {"a,b\r\n1,2\r\n3,4", 2, {"1", "2", "3", "4"}},
        {"\xEF\xBB\xBF"
         "a,b\n1,2\n",
         1,
         {"1", "2"}},
        {"b,x,a\n1,2,3\n", 1, {"3", "1"}},
        {"\"a\",\"b\"\n\"1\",\"2\"\n", 1, {"1", "2"}},
        {"a,b\n\"1,1\",\"2\n2\"\n", 1, {"1,1", "2\n2"}},
        {"a,b\n\"1\r\n1\",\"\"\"2\"\"\"\n", 1, {"1\r\n1", "\"2\""}},
        {"a,b\n\"\"\"\",\"x\"\"\"\"y\"\n", 1, {"\"", "x\"\"y"}},
        {"a,b\n,\n", 1, {"-", "-"}},
        {"a,b\n\"\",x\n", 1, {"-", "x"}},
        {"a,b\n 1 ,NA\n", 1, {" 1 ", "NA"}},
        {"a,b\n\n1,2\n\n\r\n3,4\n\n", 2, {"1", "2", "3", "4"}},
        {"a,b\n1234567,12345678\n1234567,123456789\n",
         2,
         {"1234567", "12345678", "1234567", "123456789"}},
        {"a,b\n1234567890123456,x\n\"1234567890123456\",x\n",
         2,
         {"1234567890123456", "x", "1234567890123456", "x"}},
        {"a,b\n\xC3\xA4,\xE2\x82\xAC uro and more\n",
         1,
         {"\xC3\xA4", "\xE2\x82\xAC uro and more"}},
        {"a,b\n", 0, {NULL}},
        {"a,b", 0, {NULL}},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        dcr_csv *t;
        put(list[i].text);
        t = read_ab(&plain);
        assert_int_equal(t->n_rows, list[i].n_rows);
        for (size_t k = 0; k < 2 * t->n_rows; k++)
            assert_string_equal(cell(t, k / 2, k % 2), list[i].cell[k]);
        dcr_csv_free(t);
    }
}

static void test_order(void **unused)
{
    /* By bytes: digits before capitals before letters before UTF-8, prefixes first. */
    static const char *const want[] = {"-1", "10",       "9",         "Zoe", "a",
                                       "aa", "aaaaaaaa", "aaaaaaaaa", "b",   "\xC3\xA4"};
    dcr_csv *t;
    (void)unused;
    put("a,b\nb,\n\xC3\xA4,\naaaaaaaaa,\n9,\n10,\naaaaaaaa,\nZoe,\naa,\na,\n-1,\n9,\n");
    t = read_ab(&plain);
    assert_int_equal(t->column[0].n_codes, 11);
    assert_null(t->column[0].value[0]);
    for (size_t i = 0; i < 10; i++)
        assert_string_equal(t->column[0].value[i + 1], want[i]);
    assert_int_equal(t->column[1].n_codes, 1);
    dcr_csv_free(t);
}

static void test_options(void **unused)
{
    static const char *const na[] = {"NA", "not available"};
    dcr_csv_options o = {.delimiter = ';', .trim = true, .na = na, .n_na = 2, .jobs = 1};
    dcr_csv *t;
    (void)unused;
    put(" a ;b\t\n 1 ;\t1\n NA;\"not available \"\n  ;N A\n1,5;longer than eight  \n");
    t = read_ab(&o);
    assert_int_equal(t->n_rows, 4);
    assert_string_equal(cell(t, 0, 0), "1");
    assert_string_equal(cell(t, 0, 1), "1");
    assert_string_equal(cell(t, 1, 0), "-");
    assert_string_equal(cell(t, 1, 1), "-");
    assert_string_equal(cell(t, 2, 0), "-");
    assert_string_equal(cell(t, 2, 1), "N A");
    assert_string_equal(cell(t, 3, 0), "1,5");
    assert_string_equal(cell(t, 3, 1), "longer than eight");
    dcr_csv_free(t);
}

/* An empty line is a missing value where there is one column. */
static void test_one_column(void **unused)
{
    static const char *const name[] = {"a"};
    dcr_csv *t;
    dcr_err err = {0};
    (void)unused;
    put("a\n1\n\n2\r\n\r\n");
    assert_int_equal(dcr_csv_read(&t, path, name, 1, &plain, &err), DCR_OK);
    assert_int_equal(t->n_rows, 4);
    assert_string_equal(cell(t, 0, 0), "1");
    assert_string_equal(cell(t, 1, 0), "-");
    assert_string_equal(cell(t, 2, 0), "2");
    assert_string_equal(cell(t, 3, 0), "-");
    dcr_csv_free(t);
}

static void test_lines(void **unused)
{
    static const uint64_t line[] = {2, 3, 5, 8, 10};
    dcr_csv *t;
    (void)unused;
    put("a,b\n1,2\n\"x\ny\",2\n\"1\",2\n\n\n3,\"\n\"\n5,6\n");
    t = read_ab(&plain);
    assert_int_equal(t->n_rows, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(dcr_csv_line(t, i), line[i]);
    dcr_csv_free(t);
    put("\"a\",\"b\nb\",b\n1,2,3\n");
    t = read_ab(&plain);
    assert_int_equal(dcr_csv_line(t, 0), 3);
    dcr_csv_free(t);
}

typedef struct bad {
    const char *text;
    size_t n; /* 0: as long as it is */
    dcr_status code;
    long line;
    const char *says;
} bad;

static void test_faults(void **unused)
{
    static const char *const name[] = {"a", "b"};
    static const bad list[] = {
        {"a,b\n1,2\n1\n", 0, DCR_EFORMAT, 3, "1 cell, the header has 2"},
        {"a,b\n1,2\n1,2,3\n", 0, DCR_EFORMAT, 3, "3 cells, the header has 2"},
        {"a,b\n\"1\n\",2\n\n1,2,\n", 0, DCR_EFORMAT, 5, "3 cells, the header has 2"},
        {"a,b\n1,\"2\n", 0, DCR_EFORMAT, 2, "nothing closes the quote that opens here"},
        {"a,b\n1,2\n1,\"2\"\"\n3,4\n", 0, DCR_EFORMAT, 3,
         "nothing closes the quote that opens here"},
        {"a,b\n1,\"2\"x\n", 0, DCR_EFORMAT, 2,
         "text behind the quote that closes a cell"},
        {"a,b\n1,2\"\n", 0, DCR_EFORMAT, 2, "a quote within a cell that is not quoted"},
        {"a,b\n1,2\r3,4\r", 0, DCR_EFORMAT, 2, "a carriage return without its line feed"},
        {"a,b\n1,2\n\0,3\n", 12, DCR_EFORMAT, 3, "a NUL byte"},
        {"a,b\n1,2\n3,\xE4\n", 0, DCR_EFORMAT, 3, "not UTF-8"},
        {"a\0,b\n1,2\n", 9, DCR_EFORMAT, 1, "a NUL byte"},
        {"\xFF\xFE"
         "a\0,\0b\0\n\0",
         10, DCR_EFORMAT, 1, "a NUL byte"},
        {"", 0, DCR_EFORMAT, 0, "empty: there is no header"},
        {"\xEF\xBB\xBF", 0, DCR_EFORMAT, 0, "empty: there is no header"},
        {"a,c\n1,2\n", 0, DCR_EARG, 0, "no column 'b'"},
        {"a,b,b\n1,2,3\n", 0, DCR_EARG, 0, "2 columns are called 'b'"},
        {"a;b\n1;2\n", 0, DCR_EARG, 0, "--delimiter"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        dcr_csv *t;
        dcr_err err = {0};
        put_bytes(list[i].text, list[i].n > 0 ? list[i].n : strlen(list[i].text));
        assert_int_equal(dcr_csv_read(&t, path, name, 2, &plain, &err), list[i].code);
        assert_null(t);
        if (strstr(err.text, list[i].says) == NULL || err.line != list[i].line)
            fail_msg("case %zu: line %ld: %s", i, err.line, err.text);
        assert_string_equal(err.where, path);
    }
}

static void test_columns_asked_for(void **unused)
{
    static const char *const near[] = {"agee"}, *const optional[] = {"age", "other"};
    dcr_csv_options o = {.delimiter = ',', .jobs = 1, .n_optional = 1};
    dcr_csv *t;
    dcr_err err = {0};
    (void)unused;
    put("id,age\n1,2\n");
    assert_int_equal(dcr_csv_read(&t, path, near, 1, &plain, &err), DCR_EARG);
    assert_string_equal(err.text, "no column 'agee'; did you mean 'age'?");
    memset(&err, 0, sizeof err);
    assert_int_equal(dcr_csv_read(&t, path, optional, 2, &o, &err), DCR_OK);
    assert_true(t->column[0].found);
    assert_false(t->column[1].found);
    assert_int_equal(t->column[1].code[0], 0);
    dcr_csv_free(t);
    assert_int_equal(dcr_csv_read(&t, "/no/such/file", near, 1, &plain, &err), DCR_EIO);
    memset(&err, 0, sizeof err);
    assert_int_equal(dcr_csv_read(&t, "/", near, 1, &plain, &err), DCR_EIO);
}

/* Records over several blocks, some of them across the edge, by one and by four threads;
 * the fault of the last block is told with its line. */
static void test_blocks(void **unused)
{
    enum { ROWS = 400000 };
    dcr_csv_options four = {.delimiter = ',', .jobs = 4};
    static const char *const name[] = {"a", "b"};
    dcr_csv *one, *more, *none;
    dcr_err err = {0};
    FILE *f = fopen(path, "w");
    (void)unused;
    fputs("a,b,note\n", f);
    for (unsigned i = 0; i < ROWS; i++)
        fprintf(f, "%u,\"v%u\",\"two\nlines, %u of them\"\n", i % 1000,
                i * 2654435761u % 50000, i);
    fclose(f);
    one = read_ab(&plain);
    more = read_ab(&four);
    assert_int_equal(one->n_rows, ROWS);
    assert_int_equal(more->n_rows, ROWS);
    for (size_t c = 0; c < 2; c++) {
        assert_int_equal(one->column[c].n_codes, more->column[c].n_codes);
        assert_memory_equal(one->column[c].code, more->column[c].code,
                            ROWS * sizeof(uint32_t));
        for (uint32_t v = 1; v < one->column[c].n_codes; v++)
            assert_string_equal(one->column[c].value[v], more->column[c].value[v]);
    }
    for (unsigned i = 0; i < ROWS; i += 997) {
        char want[24];
        snprintf(want, sizeof want, "v%u", i * 2654435761u % 50000);
        assert_string_equal(cell(more, i, 1), want);
        assert_int_equal(dcr_csv_line(more, i), 2 + 2 * i);
    }
    dcr_csv_free(one);
    dcr_csv_free(more);
    f = fopen(path, "a");
    fputs("1,2\n1\n", f);
    fclose(f);
    assert_int_equal(dcr_csv_read(&none, path, name, 2, &four, &err), DCR_EFORMAT);
    assert_int_equal(err.line, 2 + 2 * ROWS);
}

static void test_no_memory(void **unused)
{
    static const char *const na[] = {"-"};
    dcr_csv_options o = {.delimiter = ',', .jobs = 1, .trim = true, .na = na, .n_na = 1};
    static const char *const name[] = {"a", "b"};
    dcr_status rc = DCR_ENOMEM;
    (void)unused;
    put("a,b\n\n\"x\"\"y\", 1 \n-,a long value \n\"\n\",3\n");
    for (long n = 0; rc != DCR_OK; n++) {
        dcr_csv *t;
        dcr_err err = {0};
        assert_in_range(n, 0, 1000);
        dcr_alloc_fail_after(n);
        rc = dcr_csv_read(&t, path, name, 2, &o, &err);
        dcr_alloc_fail_after(-1);
        assert_true(rc == DCR_OK || rc == DCR_ENOMEM);
        dcr_csv_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_one_column),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_columns_asked_for),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_no_memory),
    };
    const char *tmp = getenv("TMP") != NULL ? getenv("TMP") : "/tmp";
    int failed;
    dcr_init();
    snprintf(path, sizeof path, "%s/test_csv.%ld.csv", tmp, (long)getpid());
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
