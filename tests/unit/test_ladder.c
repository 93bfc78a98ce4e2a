/* Ladders of levels: which are coarser, and back from a label to a value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "dcmrisk/dcmrisk.h"

enum { TEXT = 64 };

static uint64_t seed = 4242;
static uint32_t draw(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % n);
}

static const char *at(const char *hierarchy, const char *level, const char *v, char *out)
{
    dcr_level_text(hierarchy, level, (const uint8_t *)v, strlen(v), out, TEXT);
    return out;
}

/* Every ladder is a selection of its hierarchy's levels, in the same order. */
static void test_as_in_the_rules(void **state)
{
    dcr_rules *rules = NULL;
    dcr_err err = {0};
    size_t n, n_levels = 0;
    const char *text;
    json_t *doc, *levels, *list;
    const char *hierarchy;
    (void)state;
    assert_int_equal(dcr_rules_load(&rules, NULL, &err), DCR_OK);
    text = dcr_rules_file(rules, "hierarchies.json", &n);
    doc = json_loadb(text, n, 0, NULL);
    levels = json_object_get(doc, "levels");
    json_object_foreach(levels, hierarchy, list)
    {
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *from = json_string_value(json_array_get(list, i));
            const char *coarser[DCR_LADDER_MAX];
            size_t found = dcr_level_coarser(hierarchy, from, coarser), at_level = i + 1;
            assert_true(found > 0 || strcmp(from, "*") == 0);
            if (found > 0)
                assert_string_equal(coarser[found - 1], "*");
            for (size_t k = 0; k < found && strcmp(hierarchy, "none") != 0; k++) {
                while (at_level < json_array_size(list) &&
                       strcmp(json_string_value(json_array_get(list, at_level)),
                              coarser[k]) != 0)
                    at_level++;
                assert_true(at_level < json_array_size(list));
            }
            n_levels += found;
        }
    }
    assert_true(n_levels > 100);
    json_decref(doc);
    dcr_rules_free(rules);
}

static void check_coarser(const char *hierarchy, const char *level, const char *want)
{
    const char *coarser[DCR_LADDER_MAX];
    char got[200] = "";
    size_t n = dcr_level_coarser(hierarchy, level, coarser);
    for (size_t i = 0; i < n; i++) {
        strncat(got, i == 0 ? "" : " ", sizeof got - strlen(got) - 1);
        strncat(got, coarser[i], sizeof got - strlen(got) - 1);
    }
    assert_string_equal(got, want);
}

/* DESIGN.md 4: day > month > quarter > year > 5y > decade > *, and day > week. */
static void test_coarser(void **state)
{
    (void)state;
    check_coarser("date", "day", "iso_week month quarter year 5y decade *");
    check_coarser("date", "month", "quarter year 5y decade *");
    check_coarser("date", "iso_week", "*");
    check_coarser("date", "decade", "*");
    check_coarser("date", "*", "");
    check_coarser("birth_date", "year", "5y 10y 20y *");
    check_coarser("age", "1y", "5y 10y 20y minor_adult_senior *");
    check_coarser("age", "5y", "10y 20y *");
    check_coarser("age", "minor_adult_senior", "*");
    check_coarser("height", "10cm", "*");
    check_coarser("weight", "10kg", "20kg *");
    check_coarser("time", "fraction", "minute 15min hour 6h_shift half_day *");
    check_coarser("sex", "value", "*");
    check_coarser("institution", "value", "*"); /* cities need outside knowledge */
    check_coarser("date", "no such level", "*");
}

typedef struct back {
    const char *hierarchy, *level, *label, *value;
} back;

static void test_values(void **state)
{
    static const back cases[] = {
        {"date", "day", "20240229", "20240229"},
        {"date", "day", "2024-02-29", ""},
        {"date", "month", "202402", "20240201"},
        {"date", "month", "202413", ""},
        {"date", "month", "2024", ""},
        {"date", "quarter", "2024Q4", "20241001"},
        {"date", "quarter", "2024Q5", ""},
        {"date", "year", "2024", "20240101"},
        {"date", "year", "unknown", ""},
        {"date", "5y", "2020", "20200101"},
        {"date", "decade", "2020", "20200101"},
        {"date", "*", "2020", ""},
        /* Mondays: datetime.date.fromisocalendar() of Python 3.11 */
        {"date", "iso_week", "2020W53", "20201228"},
        {"date", "iso_week", "2021W01", "20210104"},
        {"date", "iso_week", "2025W01", "20241230"},
        {"date", "iso_week", "2024W09", "20240226"},
        {"date", "iso_week", "2000W52", "20001225"},
        {"date", "iso_week", "1900W01", "19000101"},
        {"date", "iso_week", "2024-09", ""},
        {"birth_date", "20y", "1940", "19400101"},
        {"age", "1y", "7", "007Y"},
        {"age", "1y", "104", "104Y"},
        {"age", "10y", "90+", "090Y"},
        {"age", "1y", "90+", ""},
        {"age", "minor_adult_senior", "18-64", "018Y"},
        {"age", "minor_adult_senior", "65+", "065Y"},
        {"age", "minor_adult_senior", "64", ""},
        {"age", "as_recorded", "018M", "018M"},
        {"age", "as_recorded", "adult", ""},
        {"age", "5y", "12345", ""},
        {"height", "10cm", "170", "1.70"},
        {"height", "1cm", "5", "0.05"},
        {"height", "10cm", "1.7m", ""},
        {"weight", "20kg", "60", "60"},
        {"time", "minute", "0907", "090700"},
        {"time", "minute", "2460", ""},
        {"time", "hour", "00", "000001"}, /* 000000 is a dummy */
        {"time", "6h_shift", "18-24", "180000"},
        {"time", "half_day", "am", "000001"},
        {"time", "half_day", "pm", "120000"},
        {"sex", "value", "F", ""},
        {"institution", "value", "Here", ""}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[TEXT] = "x";
        size_t n = dcr_level_value(cases[i].hierarchy, cases[i].level, cases[i].label,
                                   out, sizeof out);
        assert_int_equal(n, strlen(cases[i].value));
        assert_string_equal(out, cases[i].value);
    }
    char small[4] = "abc";
    assert_int_equal(dcr_level_value("date", "year", "2024", small, sizeof small), 0);
    assert_string_equal(small, "");
}

static void random_value(const char *hierarchy, char *out)
{
    if (strcmp(hierarchy, "date") == 0 || strcmp(hierarchy, "birth_date") == 0)
        snprintf(out, TEXT, "%04u%02u%02u", 1890 + draw(150), 1 + draw(12), 1 + draw(28));
    else if (strcmp(hierarchy, "age") == 0)
        snprintf(out, TEXT, "%03u%c", draw(120), "YYYYMWD"[draw(7)]);
    else if (strcmp(hierarchy, "height") == 0)
        snprintf(out, TEXT, "%u.%03u", draw(3), draw(1000));
    else if (strcmp(hierarchy, "weight") == 0)
        snprintf(out, TEXT, "%u.%u", draw(200), draw(100));
    else
        snprintf(out, TEXT, "%02u%02u%02u", draw(24), draw(60), draw(60));
}

/* A value by way of a finer level is at a coarser one what it is there straight; and what
 * a file would hold is at its own level what it stands for. */
static void test_by_way_of_a_finer_level(void **state)
{
    static const char *const hierarchies[] = {"date",   "birth_date", "age",
                                              "height", "weight",     "time"};
    static const char *const finest[] = {"day",         "day",         "as_recorded",
                                         "as_recorded", "as_recorded", "fraction"};
    uint32_t n_checked = 0;
    (void)state;
    for (size_t h = 0; h < 6; h++)
        for (int round = 0; round < 3000; round++) {
            const char *from[DCR_LADDER_MAX + 1], *to[DCR_LADDER_MAX];
            size_t n = 1 + dcr_level_coarser(hierarchies[h], finest[h], from + 1);
            char v[TEXT];
            from[0] = finest[h];
            random_value(hierarchies[h], v);
            for (size_t i = 0; i + 1 < n; i++) {
                char label[TEXT], value[TEXT], straight[TEXT], via[TEXT];
                size_t m = dcr_level_coarser(hierarchies[h], from[i], to);
                at(hierarchies[h], from[i], v, label);
                assert_true(dcr_level_value(hierarchies[h], from[i], label, value,
                                            sizeof value) > 0);
                assert_string_equal(at(hierarchies[h], from[i], value, via), label);
                for (size_t k = 0; k < m; k++) {
                    at(hierarchies[h], to[k], v, straight);
                    assert_string_equal(at(hierarchies[h], to[k], value, via), straight);
                    n_checked++;
                }
            }
        }
    assert_true(n_checked > 200000);
}

static void test_age_between(void **state)
{
    (void)state;
    assert_int_equal(dcr_age_between("19600515", "20200514"), 59);
    assert_int_equal(dcr_age_between("19600515", "20200515"), 60);
    assert_int_equal(dcr_age_between("20200515", "20200514"), -1);
    assert_int_equal(dcr_age_between("", "20200514"), -1);
    assert_int_equal(dcr_age_between("19600515", "2020"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_in_the_rules),
        cmocka_unit_test(test_coarser),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_by_way_of_a_finer_level),
        cmocka_unit_test(test_age_between),
    };
    dcr_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
