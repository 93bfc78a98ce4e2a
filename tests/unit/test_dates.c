/* The date laboratory: values to days, constants that give a shift away, contradictions,
 * state, and the two readings of an assessment.  How often the laboratory is right about
 * calendars is asked by oracle/date_lab; what each rule hits stands in its own file. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "dates_impl.h"
#include "example.h"
#include "model_maker.h"

/* ---- values ---- */

static void test_days(void **state)
{
    /* Days since 1970-01-01 and weekdays (0 Monday): `date -u -d ... +%s`, `+%u`. */
    static const struct {
        unsigned y, m, d;
        int32_t day;
        unsigned weekday;
    } e[] = {{1970, 1, 1, 0, 3},     {1969, 12, 31, -1, 2},   {2000, 2, 29, 11016, 1},
             {2000, 3, 1, 11017, 2}, {2024, 7, 4, 19908, 3},  {1900, 1, 1, -25567, 0},
             {2100, 3, 1, 47541, 0}, {2023, 12, 31, 19722, 6}};
    int32_t day;
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        assert_true(dcr_day_number(e[i].y, e[i].m, e[i].d, &day));
        assert_int_equal(day, e[i].day);
        assert_int_equal(dcr_day_weekday(day), e[i].weekday);
        assert_int_equal(dcr_day_year(day), e[i].y);
    }
    assert_false(dcr_day_number(2023, 2, 29, &day));
    assert_false(dcr_day_number(1900, 2, 29, &day)); /* not a leap year */
    assert_false(dcr_day_number(2023, 13, 1, &day));
    assert_false(dcr_day_number(2023, 4, 31, &day));
    assert_false(dcr_day_number(2023, 4, 0, &day));
    assert_false(dcr_day_number(1899, 12, 31, &day));
}

static size_t days_in(const char *vr, const char *text, int32_t day[DATES_IN_VALUE])
{
    dcr_value v = {.bytes = (const uint8_t *)text, .len = (uint32_t)strlen(text)};
    return dcr_days_in(vr, &v, day);
}

static void test_days_in_values(void **state)
{
    static const struct {
        const char *vr, *text;
        size_t n;
        int32_t first;
    } e[] = {
        {"DA", "20240704", 1, 19908},
        {"DA", "2024.07.04", 1, 19908}, /* ACR-NEMA */
        {"DA", "20240704\\20000229", 2, 19908},
        {"DA", "20240230", 0, 0},
        {"DT", "20240704093015.123456+0200", 1, 19908},
        {"DT", "2024", 0, 0},
        {"LO", "20240704", 1, 19908},
        {"LO", "scan of 2024-07-04, again 04.07.2024", 2, 19908},
        {"LT", "no. 12024070412", 0, 0},
        {"LT", "20240704093015", 1, 19908},
        {"LT", "20242704093015", 0, 0},
        {"LO", "19050704", 0, 0}, /* a number rather than a date */
        {"IS", "20240704", 1, 19908},
        {"IS", "1720085415", 1, 19908}, /* 2024-07-04 09:30:15 UTC */
        {"LO", "1720085415", 0, 0},
        {"UI", "1.3.12.2.1107.5.2.36.40414.20240704093015123456", 1, 19908},
        /* FIELD: 2001-01-08 12:31:03 UTC */
        {"UI", "1.2.840.113619.2.1.1.322.978957063.78", 1, 11330},
        {"UI", "1.2.3.1720085415123", 1, 19908},
        {"UI", "2.25.31141392170954899543531967851129861474", 0, 0},
        {"TM", "20240704", 0, 0},
        {"LO", "", 0, 0},
    };
    int32_t day[DATES_IN_VALUE];
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        size_t n = days_in(e[i].vr, e[i].text, day);
        if (n != e[i].n || (n > 0 && day[0] != e[i].first))
            fail_msg("%s %s: %zu", e[i].vr, e[i].text, n);
    }
}

static void test_minutes(void **state)
{
    static const struct {
        const char *vr, *text;
        int32_t minute;
    } e[] = {{"TM", "093015.12", 570},      {"TM", "0930", 570},
             {"TM", "09:30:15", 570},       {"TM", "09", NO_MINUTE},
             {"TM", "2460", NO_MINUTE},     {"TM", "2400", NO_MINUTE},
             {"TM", "2359", 1439},          {"DT", "202407040930", 570},
             {"DT", "20240704", NO_MINUTE}, {"LO", "0930", NO_MINUTE}};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        dcr_value v = {.bytes = (const uint8_t *)e[i].text,
                       .len = (uint32_t)strlen(e[i].text)};
        if (dcr_minute_in(e[i].vr, &v) != e[i].minute)
            fail_msg("%s %s", e[i].vr, e[i].text);
    }
}

/* Whatever the bytes, a bounded answer and no read outside of them. */
static void test_noise(void **state)
{
    static const char alphabet[] = "0123456789.-/:\\+ 20240704A";
    static const char *const vrs[] = {"DA", "DT", "LO", "UI", "IS", "TM"};
    (void)state;
    seed = 20261127;
    for (size_t i = 0; i < 20000; i++) {
        uint32_t n = draw(40);
        uint8_t *text = dcr_alloc(n, 1); /* its own size, so that a sanitizer sees */
        int32_t day[DATES_IN_VALUE];
        dcr_value v = {.bytes = text, .len = n};
        for (uint32_t k = 0; k < n; k++)
            text[k] = (uint8_t)alphabet[draw(sizeof alphabet - 1)];
        for (size_t k = 0; k < 6; k++) {
            assert_true(dcr_days_in(vrs[k], &v, day) <= DATES_IN_VALUE);
            assert_true(dcr_minute_in(vrs[k], &v) < DAY_MINUTES);
        }
        dcr_free(text);
    }
}

/* ---- tests of the laboratory ---- */

static const dcr_rule_file here = {"test", "", 0};

static dcr_dates *examine(dcr_example *e, const char *text)
{
    dcr_err err = {0};
    json_error_t je;
    dcr_dates *d;
    json_t *j = json_loads(text, 0, &je);
    if (j == NULL)
        fail_msg("%s", je.text);
    if (dcr_example_build(e, rules, &here, j, &err) != DCR_OK ||
        dcr_dates_examine(&d, &e->model, dcr_rules_date_lab(rules), e->today, &err) !=
            DCR_OK)
        fail_msg("%s", err.text);
    json_decref(j);
    return d;
}

static const dcr_date_test *find(const dcr_dates *d, const char *id)
{
    for (size_t i = 0; i < d->n_tests; i++)
        if (strcmp(d->tests[i].id, id) == 0)
            return &d->tests[i];
    return NULL;
}

/* Four of six private dates lie 3210 days behind the exam's, on four distinct days. */
static void test_twin_is_counted(void **state)
{
    dcr_example e;
    dcr_dates *d = examine(
        &e, "{\"attrs\": [{\"path\": \"0008,0020\", \"vr\": \"DA\", \"values\": "
            "[\"20080530\", \"20080718\", \"20080926\", \"20081212\", \"20090205\", "
            "\"20090327\"]}, {\"path\": \"0009,xx10{ACME}\", \"vr\": \"DA\", \"values\": "
            "[\"20170314\", \"20170502\", \"20170711\", \"20170926\", \"20111120\", "
            "\"20130109\"]}]}");
    const dcr_date_test *t = find(d, "twin-one-shift");
    (void)state;
    assert_non_null(t);
    assert_string_equal(t->attr->path, "0009,xx10{ACME}");
    assert_int_equal(t->subjects, 4);
    assert_int_equal(t->studies, 4);
    assert_null(strstr(t->detail, "3210"));
    assert_non_null(strstr(t->detail, "4 distinct"));
    dcr_dates_free(d);
    dcr_example_clear(&e);
}

/* One and the same date in all files, and exams on two days only: no constant. */
static void test_standing_date_is_no_twin(void **state)
{
    dcr_example e;
    dcr_dates *d = examine(
        &e, "{\"attrs\": [{\"path\": \"0008,0020\", \"vr\": \"DA\", \"values\": "
            "[{\"value\": \"20080530\", \"subjects\": 20}, {\"value\": \"20080718\", "
            "\"subjects\": 20}]}, {\"path\": \"0009,xx10{ACME}\", \"vr\": \"DA\", "
            "\"values\": [{\"value\": \"20040102\", \"subjects\": 40}]}]}");
    (void)state;
    assert_int_equal(d->n_tests, 0);
    assert_string_equal(d->verdict, "cannot-tell");
    dcr_dates_free(d);
    dcr_example_clear(&e);
}

/* A patient's dates that differ by a constant: subjects 0 to 2 have two exams each. */
static void test_twin_per_subject(void **state)
{
    dcr_example e;
    dcr_dates *d = examine(
        &e,
        "{\"attrs\": [{\"path\": \"0008,0020\", \"vr\": \"DA\", \"values\": ["
        "{\"value\": \"20100101\", \"studies\": [0]}, {\"value\": \"20100301\", "
        "\"studies\": [1]}, {\"value\": \"20110101\", \"studies\": [2]}, {\"value\": "
        "\"20110302\", \"studies\": [3]}, {\"value\": \"20120101\", \"studies\": [4]}, "
        "{\"value\": \"20120302\", \"studies\": [5]}]}, {\"path\": \"0008,002A\", "
        "\"vr\": \"DT\", \"values\": [{\"value\": \"20100111080000\", \"studies\": "
        "[0]}, {\"value\": \"20100311080000\", \"studies\": [1]}, {\"value\": "
        "\"20101212080000\", \"studies\": [2]}, {\"value\": \"20110210080000\", "
        "\"studies\": [3]}, {\"value\": \"20120201080000\", \"studies\": [4]}, "
        "{\"value\": \"20120402080000\", \"studies\": [5]}]}], \"data\": "
        "{\"studies\": [2, 2, 2]}}");
    /* +10 and +10 days; -20 and -20; +31 and +31 */
    const dcr_date_test *t = find(d, "twin-per-subject");
    (void)state;
    assert_non_null(t);
    assert_int_equal(t->subjects, 3);
    assert_int_equal(t->studies, 6);
    assert_null(find(d, "twin-one-shift"));
    dcr_dates_free(d);
    dcr_example_clear(&e);
}

static void test_declared(void **state)
{
    static const struct {
        const char *attrs, *declared, *state;
    } e[] = {{"", "none", "unknown"},
             {"{\"path\": \"0028,0303\", \"vr\": \"CS\", \"values\": [\"MODIFIED\", "
              "\"MODIFIED\"]}",
              "shifted", "shifted"},
             {"{\"path\": \"0028,0303\", \"vr\": \"CS\", \"values\": [\"MODIFIED\"]}",
              "mixed", "unknown"},
             {"{\"path\": \"0028,0303\", \"vr\": \"CS\", \"values\": [\"MODIFIED\", "
              "\"UNMODIFIED\"]}",
              "mixed", "unknown"},
             {"{\"path\": \"0028,0303\", \"vr\": \"CS\", \"values\": [\"REMOVED\", "
              "\"REMOVED\"]}",
              "removed", "unknown"},
             {"{\"path\": \"0012,0064/0008,0100\", \"vr\": \"SH\", \"values\": "
              "[{\"value\": \"113100\", \"subjects\": 2}, {\"value\": \"113106\", "
              "\"first_subject\": 0, \"subjects\": 2}]}",
              "true", "true"},
             {"{\"path\": \"0012,0064/0008,0100\", \"vr\": \"SH\", \"values\": "
              "[{\"value\": \"113107\", \"subjects\": 2}, {\"value\": \"113106\", "
              "\"first_subject\": 0, \"subjects\": 1}]}",
              "mixed", "unknown"}};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        char text[600];
        dcr_example x;
        dcr_dates *d;
        snprintf(text, sizeof text,
                 "{\"attrs\": [{\"path\": \"0008,0020\", \"vr\": \"DA\", \"values\": "
                 "[\"20100412\", \"20110311\"]}%s%s]}",
                 e[i].attrs[0] != '\0' ? ", " : "", e[i].attrs);
        d = examine(&x, text);
        if (strcmp(d->declared, e[i].declared) != 0 || strcmp(d->state, e[i].state) != 0)
            fail_msg("%zu: %s, %s", i, d->declared, d->state);
        assert_false(d->holds);
        dcr_dates_free(d);
        dcr_example_clear(&x);
    }
}

/* ---- whole assessments ---- */

enum { PATIENTS = 300 };

/* A weekday between 2015 and 2019 and a time in working hours. */
static int32_t workday(uint32_t *minute)
{
    int32_t day;
    do
        day = 16436 + (int32_t)draw(1825);
    while (dcr_day_weekday(day) > 4);
    *minute = 7 * 60 + 30 + draw(9 * 60);
    return day;
}

static void date_text(int32_t day, char out[9])
{
    for (unsigned y = (unsigned)dcr_day_year(day), mo = 1; mo <= 12; mo++)
        for (unsigned d = 1; d <= 31; d++) {
            int32_t n;
            if (dcr_day_number(y, mo, d, &n) && n == day)
                snprintf(out, 9, "%04u%02u%02u", y % 10000, mo, d);
        }
}

static int32_t moved(const char *how)
{
    if (strcmp(how, "none") == 0)
        return 0;
    return strcmp(how, "constant") == 0 ? -3210 : (int32_t)draw(3652);
}

/* One exam a patient, on a day of its own, all else alike; dates moved and declared so.
 */
static json_t *assess(const char *how)
{
    static uint8_t used[40000];
    dcr_assess_options o = {.policy = "public-release",
                            .n_inputs = 1,
                            .time = "2026-11-27T00:00:00Z",
                            .today = 20261127};
    dcr_err err = {0};
    json_t *doc = NULL;
    memset(used, 0, sizeof used);
    seed = 4711;
    for (uint32_t i = 0; i < PATIENTS; i++) {
        char id[16], date[9], time[9];
        uint32_t minute = 0;
        int32_t day = workday(&minute) + moved(how);
        if (used[day]++ > 0) { /* each day once, so that a date singles out */
            i--;
            continue;
        }
        date_text(day, date);
        snprintf(id, sizeof id, "P%04u", i);
        snprintf(time, sizeof time, "%02u%02u00", minute / 60 % 24, minute % 60);
        add(id, id, "1", STUDY_DATE, date, STUDY_TIME, time, SEX, "F", MODALITY, "CT",
            "0028,0303", "CS", "MODIFIED", NULL);
    }
    open_store();
    bm_append_range(&b, store, 0, b.n);
    if (dcr_assess(&doc, store, rules, &o, &err) != DCR_OK)
        fail_msg("%s", err.text);
    return doc;
}

static const json_t *dates_of(const json_t *doc)
{
    return json_object_get(doc, "dates");
}

static void expect_text(const json_t *o, const char *key, const char *text)
{
    assert_string_equal(json_string_value(json_object_get(o, key)), text);
}

/* The reading: all are alike but for their dates, so they are 300 or 1. */
static void expect_reading(const json_t *doc, size_t i, const char *id, bool gated,
                           json_int_t k_min)
{
    const json_t *r = json_array_get(json_object_get(dates_of(doc), "readings"), i);
    expect_text(r, "reading", id);
    assert_int_equal(json_is_true(json_object_get(r, "gated")), gated);
    assert_int_equal(json_integer_value(json_object_get(r, "k_min")), k_min);
    assert_int_equal(json_integer_value(json_object_get(r, "unique_subjects")),
                     k_min == 1 ? PATIENTS : 0);
    assert_int_equal(json_integer_value(json_object_get(r, "below_k")),
                     k_min == 1 ? PATIENTS : 0);
}

/* The figure the gate counted. */
static json_int_t unique_in_gate(const json_t *doc)
{
    const json_t *c, *all = json_object_get(json_object_get(doc, "verdict"), "criteria");
    size_t i;
    json_array_foreach(all, i, c)
    {
        const char *id = json_string_value(json_object_get(c, "id"));
        if (strcmp(id, "unique-subjects") == 0)
            return json_integer_value(json_object_get(c, "found"));
    }
    fail_msg("no criterion");
    return -1;
}

static bool has_finding(const json_t *doc, const char *rule)
{
    const json_t *f;
    size_t i;
    json_array_foreach(json_object_get(doc, "findings"), i, f)
    {
        if (strcmp(json_string_value(json_object_get(f, "rule")), rule) == 0)
            return true;
    }
    return false;
}

static void test_shift_that_holds(void **state)
{
    json_t *doc = assess("each");
    (void)state;
    expect_text(dates_of(doc), "state", "shifted");
    expect_text(dates_of(doc), "verdict", "per-subject");
    assert_true(json_is_true(json_object_get(dates_of(doc), "holds")));
    expect_reading(doc, 0, "holds", true, PATIENTS);
    expect_reading(doc, 1, "broken", false, 1);
    assert_int_equal(unique_in_gate(doc), 0);
    assert_true(has_finding(doc, "time-kept-with-shifted-dates"));
    assert_true(has_finding(doc, "shifted-date-kept"));
    assert_false(has_finding(doc, "exact-date-kept"));
    assert_false(has_finding(doc, "one-shift-for-all"));
    json_decref(doc);
}

static void test_one_shift_is_no_shift(void **state)
{
    json_t *doc = assess("constant");
    (void)state;
    expect_text(dates_of(doc), "state", "shifted");
    expect_text(dates_of(doc), "verdict", "one-shift");
    assert_non_null(strstr(json_string_value(json_object_get(dates_of(doc), "basis")),
                           "one constant"));
    expect_reading(doc, 0, "holds", false, PATIENTS);
    expect_reading(doc, 1, "broken", true, 1);
    assert_int_equal(unique_in_gate(doc), PATIENTS);
    assert_true(has_finding(doc, "one-shift-for-all"));
    json_decref(doc);
}

static void test_shift_that_is_none(void **state)
{
    json_t *doc = assess("none");
    (void)state;
    expect_text(dates_of(doc), "state", "unknown");
    expect_text(dates_of(doc), "verdict", "calendar");
    assert_int_equal(json_array_size(json_object_get(dates_of(doc), "readings")), 0);
    assert_int_equal(unique_in_gate(doc), PATIENTS);
    assert_true(has_finding(doc, "shifted-dates-look-true"));
    assert_true(has_finding(doc, "exact-date-kept"));
    json_decref(doc);
}

/* ---- season ---- */

/* Four years from 2020-01-01: the holidays are 8 days.  Beside them stand 11 and 18
 * December, 8 and 15 January: 16 days.  The rest of the year is not counted. */
static dcr_date_season season_of(unsigned each_holiday, unsigned each_beside)
{
    static const unsigned day[][3] = {{1, 1, 1},   {12, 25, 1}, {12, 11, 0},
                                      {12, 18, 0}, {1, 8, 0},   {1, 15, 0},
                                      {12, 24, 2}, {12, 31, 2}, {6, 3, 2}};
    dcr_season_count count = {0};
    dcr_date_season out;
    for (unsigned y = 2020; y < 2024; y++)
        for (size_t i = 0; i < sizeof day / sizeof *day; i++) {
            unsigned n = day[i][2] == 1 ? each_holiday : day[i][2] == 0 ? each_beside : 5;
            int32_t at;
            assert_true(dcr_day_number(y, day[i][0], day[i][1], &at));
            while (n-- > 0)
                dcr_season_see(&count, dcr_rules_date_lab(rules), at);
        }
    dcr_season_judge(&count, dcr_rules_date_lab(rules), &out);
    return out;
}

/* Chances: exact fractions in Python, P(X <= 24) of 72 at 1/3, P(X >= 24) of 72 at 1/5.
 */
static void test_season(void **state)
{
    dcr_date_season s = season_of(3, 3);
    (void)state;
    assert_int_equal(s.days_on, 8);
    assert_int_equal(s.days_beside, 16);
    assert_int_equal(s.on, 24);
    assert_int_equal(s.beside, 48);
    assert_float_equal(s.p_fewer, 0.5551168560489114, 1e-12);
    assert_float_equal(s.p_more, 0.005497116146385458, 1e-12);
    assert_string_equal(s.says, "even");
    s = season_of(0, 3); /* the first exam is on 8 January: 7 holidays are left */
    assert_int_equal(s.days_on, 7);
    assert_float_equal(s.p_fewer, pow(16.0 / 23, 48), 1e-15);
    assert_float_equal(s.p_more, 1, 0);
    assert_string_equal(s.says, "kept");
    s = season_of(1, 1);
    assert_string_equal(s.says, "cannot-tell");
    s = season_of(0, 0);
    assert_true(isnan(s.p_fewer) && isnan(s.p_more));
    assert_string_equal(s.says, "cannot-tell");
}

/* ---- no memory ---- */

static void test_no_memory(void **state)
{
    char id[16];
    dcr_status rc = DCR_ENOMEM;
    (void)state;
    for (uint32_t i = 0; i < 12; i++) {
        snprintf(id, sizeof id, "P%u", i);
        add(id, id, "1", STUDY_DATE, i % 2 ? "20150105" : "20160607", STUDY_TIME,
            "081500", "0009,xx10{ACME}", "DA", i % 2 ? "20350105" : "20360607", BIRTH,
            "20200101", NULL);
    }
    load();
    for (long n = 0; rc != DCR_OK; n++) {
        dcr_err err = {0};
        dcr_dates *d = NULL;
        assert_true(n < 1000);
        dcr_alloc_fail_after(n);
        rc = dcr_dates_examine(&d, m, dcr_rules_date_lab(rules), 20261127, &err);
        dcr_alloc_fail_after(-1);
        if (rc != DCR_OK) {
            assert_int_equal(rc, DCR_ENOMEM);
            assert_null(d);
        }
        dcr_dates_free(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_days_in_values),
        cmocka_unit_test(test_minutes),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_twin_is_counted),
        cmocka_unit_test(test_standing_date_is_no_twin),
        cmocka_unit_test(test_twin_per_subject),
        cmocka_unit_test(test_declared),
        T(test_shift_that_holds),
        T(test_one_shift_is_no_shift),
        T(test_shift_that_is_none),
        cmocka_unit_test(test_season),
        T(test_no_memory),
    };
    dcr_init();
    return cmocka_run_group_tests(tests, load_rules, free_rules);
}
