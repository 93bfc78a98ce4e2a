/* Levels of hierarchies.  ISO weeks are datetime.date.isocalendar() of Python 3.11; ages
 * and sums are by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "levels.h"

typedef struct expected {
    const char *level, *in, *out; /* out NULL: as it came in */
} expected;

static void check(const char *hierarchy, const expected *e)
{
    for (; e->level != NULL; e++) {
        const char *want = e->out == NULL ? e->in : e->out;
        dcr_buf out = {0};
        dcr_level_apply(hierarchy, e->level, (const uint8_t *)e->in, strlen(e->in), &out);
        if (strcmp(out.p == NULL ? "" : out.p, want) != 0)
            fail_msg("%s at %s: '%s' became '%s', not '%s'", hierarchy, e->level, e->in,
                     out.p == NULL ? "" : out.p, want);
        dcr_buf_clear(&out);
    }
}

static void test_iso_week(void **state)
{
    static const expected e[] = {{"iso_week", "20201231", "2020W53"},
                                 {"iso_week", "20210101", "2020W53"},
                                 {"iso_week", "20210102", "2020W53"},
                                 {"iso_week", "20210103", "2020W53"},
                                 {"iso_week", "20210104", "2021W01"},
                                 {"iso_week", "20241229", "2024W52"},
                                 {"iso_week", "20241230", "2025W01"},
                                 {"iso_week", "19990103", "1998W53"},
                                 {"iso_week", "20160103", "2015W53"},
                                 {"iso_week", "20160104", "2016W01"},
                                 {"iso_week", "20261231", "2026W53"},
                                 {"iso_week", "20270101", "2026W53"},
                                 {"iso_week", "20000229", "2000W09"},
                                 {"iso_week", "19000101", "1900W01"},
                                 {"iso_week", "00041230", "0004W53"},
                                 {"iso_week", "99991231", "9999W52"},
                                 {"iso_week", "20151231", "2015W53"},
                                 {"iso_week", "19700101", "1970W01"},
                                 {"iso_week", "20081228", "2008W52"},
                                 {"iso_week", "20081229", "2009W01"},
                                 {"iso_week", "20100103", "2009W53"},
                                 {"iso_week", "2020.12.31", "2020W53"},
                                 {NULL, NULL, NULL}};
    (void)state;
    check("date", e);
}

static void test_date(void **state)
{
    static const expected e[] = {{"day", "20240229", "20240229"},
                                 {"day", "2024.02.29", "20240229"},
                                 {"month", "20240229", "202402"},
                                 {"month", "1998.07.01", "199807"},
                                 {"quarter", "20240101", "2024Q1"},
                                 {"quarter", "20240331", "2024Q1"},
                                 {"quarter", "20240401", "2024Q2"},
                                 {"quarter", "20240930", "2024Q3"},
                                 {"quarter", "20241231", "2024Q4"},
                                 {"year", "20240229", "2024"},
                                 {"5y", "20240229", "2020"},
                                 {"5y", "20250101", "2025"},
                                 {"decade", "20291231", "2020"},
                                 {"decade", "00091231", "0000"},
                                 {"day", "20240001", NULL},
                                 {"day", "20241301", NULL},
                                 {"day", "20240100", NULL},
                                 {"day", "20240132", NULL},
                                 {"month", "2024", NULL},
                                 {"month", "202401", NULL},
                                 {"month", "2024-01-01", NULL},
                                 {"month", "2024.0101", NULL},
                                 {"month", "2024.01.1", NULL},
                                 {"month", "20240101 ", NULL},
                                 {"year", "20240101-20240131", NULL},
                                 {"month", "2024010a", NULL},
                                 {"month", "+2240101", NULL},
                                 {"day", "20240101\\20240202", NULL},
                                 {"*", "20240101", ""},
                                 {NULL, NULL, NULL}};
    static const expected birth[] = {{"day", "19700131", "19700131"},
                                     {"month", "19700131", "197001"},
                                     {"quarter", "19700131", "1970Q1"},
                                     {"year", "19700131", "1970"},
                                     {"5y", "19790131", "1975"},
                                     {"10y", "19790131", "1970"},
                                     {"20y", "19790131", "1960"},
                                     {"day", "unborn", NULL},
                                     {"*", "19700131", ""},
                                     {NULL, NULL, NULL}};
    (void)state;
    check("date", e);
    check("birth_date", birth);
}

static void test_age(void **state)
{
    static const expected e[] = {{"1y", "045Y", "45"},
                                 {"1y", "45", "45"},
                                 {"1y", "000Y", "0"},
                                 {"1y", "007Y", "7"},
                                 {"1y", "011M", "0"},
                                 {"1y", "012M", "1"},
                                 {"1y", "023M", "1"},
                                 {"1y", "024M", "2"},
                                 {"1y", "999M", "83"},
                                 {"1y", "052W", "0"}, /* 364 days */
                                 {"1y", "053W", "1"}, /* 371 days */
                                 {"1y", "104W", "1"}, /* 728 < 730.5 */
                                 {"1y", "105W", "2"}, /* 735 days */
                                 {"1y", "365D", "0"},
                                 {"1y", "366D", "1"},
                                 {"1y", "730D", "1"},
                                 {"1y", "731D", "2"},
                                 {"1y", "104Y", "104"},
                                 {"5y", "004Y", "0"},
                                 {"5y", "005Y", "5"},
                                 {"5y", "089Y", "85"},
                                 {"5y", "090Y", "90+"},
                                 {"10y", "089Y", "80"},
                                 {"10y", "091Y", "90+"},
                                 {"20y", "039Y", "20"},
                                 {"20y", "089Y", "80"},
                                 {"20y", "120Y", "90+"},
                                 {"1y", "090Y", "90"},
                                 {"minor_adult_senior", "017Y", "0-17"},
                                 {"minor_adult_senior", "215M", "0-17"},
                                 {"minor_adult_senior", "216M", "18-64"},
                                 {"minor_adult_senior", "064Y", "18-64"},
                                 {"minor_adult_senior", "065Y", "65+"},
                                 {"as_recorded", "045Y", NULL},
                                 {"as_recorded", "0540M", NULL},
                                 {"1y", "45y", NULL},
                                 {"1y", "Y", NULL},
                                 {"1y", "4 Y", NULL},
                                 {"1y", "-45Y", NULL},
                                 {"1y", "45.5", NULL},
                                 {"1y", "45Y ", NULL},
                                 {"1y", "99999Y", NULL},
                                 {"1y", "045Y\\046Y", NULL},
                                 {"1y", "4Y5", NULL},
                                 {"*", "045Y", ""},
                                 {NULL, NULL, NULL}};
    (void)state;
    check("age", e);
}

static void test_sizes(void **state)
{
    static const expected height[] = {{"10cm", "1.70", "170"},
                                      {"10cm", "1.7", "170"},
                                      {"10cm", "1.69999", "160"},
                                      {"1cm", "1.69999", "169"},
                                      {"1cm", "170e-2", "170"},
                                      {"10cm", "170e-2", "170"},
                                      {"10cm", "0.17e1", "170"},
                                      {"10cm", "17E-1", "170"},
                                      {"5cm", "1.74", "170"},
                                      {"5cm", "1.75", "175"},
                                      {"1cm", "1.15", "115"}, /* 114.99... in binary */
                                      {"1cm", "0.29", "29"},  /* 28.99... in binary */
                                      {"1cm", "4.35", "435"}, /* 434.99... in binary */
                                      {"1cm", "+1.80", "180"},
                                      {"1cm", ".5", "50"},
                                      {"1cm", "2.", "200"},
                                      {"1cm", "0", "0"},
                                      {"10cm", "170", "17000"},
                                      {"1cm", "1.75\\1.80", NULL},
                                      {"1cm", "-1.70", NULL},
                                      {"1cm", "1,70", NULL},
                                      {"1cm", "1.7.0", NULL},
                                      {"1cm", "1.70m", NULL},
                                      {"1cm", "e2", NULL},
                                      {"1cm", "1e", NULL},
                                      {"1cm", "1e+", NULL},
                                      {"1cm", "1e999", NULL},
                                      {"1cm", "1e-999", "0"},
                                      {"1cm", "0e999", "0"},
                                      {"1cm", "nan", NULL},
                                      {"1cm", "inf", NULL},
                                      {"1cm", "0x1", NULL},
                                      {"1cm", "1 70", NULL},
                                      {"as_recorded", "1.70", NULL},
                                      {"as_recorded", "1.7", NULL},
                                      {"*", "1.70", ""},
                                      {NULL, NULL, NULL}};
    static const expected weight[] = {{"1kg", "70", "70"},
                                      {"1kg", "69.999999", "69"},
                                      {"1kg", "0.7e2", "70"},
                                      {"5kg", "74.9", "70"},
                                      {"5kg", "75.0", "75"},
                                      {"10kg", "79.99", "70"},
                                      {"10kg", "80", "80"},
                                      {"20kg", "79", "60"},
                                      {"20kg", "80", "80"},
                                      {"10kg", "9.5", "0"},
                                      {"10kg", "70\\71", NULL},
                                      {"10kg", "70kg", NULL},
                                      {"as_recorded", "70.0", NULL},
                                      {"*", "70", ""},
                                      {NULL, NULL, NULL}};
    (void)state;
    check("height", height);
    check("weight", weight);
}

static void test_time(void **state)
{
    static const expected e[] = {{"minute", "235959", "2359"},
                                 {"minute", "0930", "0930"},
                                 {"minute", "09:30", "0930"},
                                 {"minute", "09:30:59", "0930"},
                                 {"minute", "093059.123456", "0930"},
                                 {"15min", "0914", "0900"},
                                 {"15min", "0915", "0915"},
                                 {"15min", "095959", "0945"},
                                 {"hour", "095959", "09"},
                                 {"hour", "09:59", "09"},
                                 {"half_day", "115959", "am"},
                                 {"half_day", "1200", "pm"},
                                 {"6h_shift", "0559", "00-06"},
                                 {"6h_shift", "0600", "06-12"},
                                 {"6h_shift", "2359", "18-24"},
                                 {"minute", "2400", NULL},
                                 {"minute", "1260", NULL},
                                 {"minute", "12", NULL},
                                 {"minute", "123", NULL},
                                 {"minute", "12:3", NULL},
                                 {"minute", "ab30", NULL},
                                 {"minute", "-130", NULL},
                                 {"minute", "093000\\101500", NULL},
                                 {"minute", "0930-1000", NULL},
                                 {"minute", "09300", NULL},
                                 {"minute", "0930.5", NULL},
                                 {"minute", "093059.x", NULL},
                                 {"minute", "09:30:5x", NULL},
                                 {"minute", "09300x", NULL},
                                 {"minute", "09.30", NULL},
                                 {"minute", "09:30.5", NULL},
                                 {"minute", "0930Z", NULL},
                                 {"*", "0930", ""},
                                 {NULL, NULL, NULL}};
    (void)state;
    check("time", e);
}

static void test_verbatim(void **state)
{
    static const expected e[] = {
        {"value", "St. Mary's", NULL}, {"value", "  M ", NULL},
        {"mapped_group", "x", NULL},   {"fortnight", "20240101", NULL},
        {"*", "anything", ""},         {NULL, NULL, NULL}};
    static const expected dated[] = {{"fortnight", "20240101", NULL}, {NULL, NULL, NULL}};
    (void)state;
    check("category", e);
    check("institution", e);
    check("no such hierarchy", e);
    check("date", dated);
}

/* What is appended stands behind what was there. */
static void test_appends(void **state)
{
    dcr_buf out = {0};
    (void)state;
    dcr_buf_str(&out, "x");
    dcr_level_apply("date", "year", (const uint8_t *)"20240101", 8, &out);
    dcr_level_apply("sex", "value", (const uint8_t *)"M", 1, &out);
    assert_string_equal(out.p, "x2024M");
    dcr_buf_clear(&out);
}

static const char *const every[][2] = {
    {"date", "day"},     {"date", "iso_week"},      {"date", "month"},
    {"date", "quarter"}, {"date", "year"},          {"date", "5y"},
    {"date", "decade"},  {"birth_date", "20y"},     {"age", "1y"},
    {"age", "5y"},       {"age", "as_recorded"},    {"age", "minor_adult_senior"},
    {"height", "1cm"},   {"height", "10cm"},        {"weight", "1kg"},
    {"weight", "20kg"},  {"time", "minute"},        {"time", "15min"},
    {"time", "hour"},    {"time", "6h_shift"},      {"time", "half_day"},
    {"sex", "value"},    {"height", "as_recorded"}, {"date", "*"}};
enum { N_EVERY = sizeof every / sizeof *every };

/* Bytes in memory of their own: reading past the end is seen by ASan. */
static void hostile(const void *p, size_t n)
{
    uint8_t *own = dcr_alloc(n, 1);
    assert_non_null(own);
    if (n > 0)
        memcpy(own, p, n);
    for (size_t i = 0; i < N_EVERY; i++) {
        dcr_buf out = {0};
        bool gone = strcmp(every[i][1], "*") == 0;
        dcr_level_apply(every[i][0], every[i][1], own, n, &out);
        assert_false(out.failed);
        assert_int_equal(out.n, gone ? 0 : n);
        if (n > 0 && !gone)
            assert_memory_equal(out.p, own, n);
        dcr_buf_clear(&out);
    }
    dcr_free(own);
}

static void test_hostile(void **state)
{
    enum { HUGE = 64 * 1024 };
    uint8_t *huge = dcr_alloc(HUGE, 1);
    (void)state;
    assert_non_null(huge);
    hostile("", 0);
    hostile("\0", 1);
    hostile("2024\0"
            "0101",
            9);
    hostile("2024010\0", 8);
    hostile("\xff\xfe\xfd\xfc", 4);
    hostile("2024.01.", 8);
    hostile("....\0.....", 10);
    hostile("Y", 1);
    hostile("-", 1);
    hostile("12:", 3);
    hostile("::::::", 6);
    memset(huge, '9', HUGE);
    huge[0] = huge[1] = 'a';
    hostile(huge, HUGE);
    memset(huge, 0, HUGE);
    hostile(huge, HUGE);
    memset(huge, '.', HUGE);
    hostile(huge, HUGE);
    dcr_free(huge);
}

/* A long run of digits is no age, date or size that anybody could have. */
static void test_long_digits(void **state)
{
    static const char *const plain[][2] = {{"date", "day"},
                                           {"age", "1y"},
                                           {"height", "1cm"},
                                           {"weight", "1kg"},
                                           {"date", "iso_week"}};
    char digits[1000];
    (void)state;
    memset(digits, '9', sizeof digits);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        dcr_buf out = {0};
        dcr_level_apply(plain[i][0], plain[i][1], (const uint8_t *)digits, sizeof digits,
                        &out);
        assert_int_equal(out.n, sizeof digits);
        dcr_buf_clear(&out);
    }
}

/* ---- dates and ages ---- */

static void test_date_parse(void **state)
{
    static const struct {
        const char *in;
        int year, month, day; /* year -1: none */
    } e[] = {{"20240229", 2024, 2, 29},
             {"2024.02.29", 2024, 2, 29},
             {"00010101", 1, 1, 1},
             {"99991231", 9999, 12, 31},
             {"20240231", 2024, 2, 31},
             {"20240230", 2024, 2, 30},
             {"20241301", -1, 0, 0},
             {"20240132", -1, 0, 0},
             {"2024-02-29", -1, 0, 0},
             {"2024.02-29", -1, 0, 0},
             {"2024022", -1, 0, 0},
             {"202402290", -1, 0, 0},
             {"", -1, 0, 0},
             {"yyyymmdd", -1, 0, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        dcr_date d = {0, 0, 0};
        bool ok = dcr_date_parse((const uint8_t *)e[i].in, strlen(e[i].in), &d);
        assert_int_equal(ok, e[i].year >= 0);
        if (!ok)
            continue;
        assert_int_equal(d.year, e[i].year);
        assert_int_equal(d.month, e[i].month);
        assert_int_equal(d.day, e[i].day);
    }
}

static void test_age_years(void **state)
{
    static const struct {
        dcr_date birth, exam;
        int years;
    } e[] = {{{1970, 6, 15}, {2024, 6, 14}, 53}, {{1970, 6, 15}, {2024, 6, 15}, 54},
             {{1970, 6, 15}, {2024, 6, 16}, 54}, {{1970, 6, 15}, {2024, 5, 30}, 53},
             {{1970, 6, 15}, {2024, 7, 1}, 54},  {{1970, 12, 31}, {1971, 1, 1}, 0},
             {{2000, 2, 29}, {2001, 2, 28}, 0},  {{2000, 2, 29}, {2001, 3, 1}, 1},
             {{2000, 2, 29}, {2004, 2, 28}, 3},  {{2000, 2, 29}, {2004, 2, 29}, 4},
             {{1999, 2, 28}, {2000, 2, 29}, 1},  {{2024, 1, 1}, {2024, 1, 1}, 0},
             {{2024, 1, 2}, {2024, 1, 1}, -1},   {{2025, 1, 1}, {2024, 1, 1}, -1},
             {{2024, 2, 1}, {2024, 1, 31}, -1}};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++)
        assert_int_equal(dcr_age_years(&e[i].birth, &e[i].exam), e[i].years);
}

static void test_no_memory(void **state)
{
    dcr_buf out = {0};
    (void)state;
    dcr_alloc_fail_after(0);
    dcr_level_apply("date", "month", (const uint8_t *)"20240101", 8, &out);
    dcr_alloc_fail_after(-1);
    assert_true(out.failed);
    dcr_buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iso_week),    cmocka_unit_test(test_date),
        cmocka_unit_test(test_age),         cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_time),        cmocka_unit_test(test_verbatim),
        cmocka_unit_test(test_appends),     cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_long_digits), cmocka_unit_test(test_date_parse),
        cmocka_unit_test(test_age_years),   cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
