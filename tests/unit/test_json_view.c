/* Numbers and scalars as the formats print them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "json_view.h"

#define SP "\xE2\x80\xAF"
#define NB "\xC2\xA0"

static void test_numbers(void **state)
{
    char s[DCR_NUM_MAX];
    static const struct {
        void (*f)(char *, double);
        double v;
        const char *text;
    } cases[] = {
        {dcr_view_count, 0, "0"},
        {dcr_view_count, 999, "999"},
        {dcr_view_count, 1000, "1" SP "000"},
        {dcr_view_count, 6204118, "6" SP "204" SP "118"},
        {dcr_view_count, -1234, "-1" SP "234"},
        {dcr_view_count, 14.5, "14.500"},
        {dcr_view_short, 99999, "99" SP "999"},
        {dcr_view_short, 312904, "313k"},
        {dcr_view_short, 4120000, "4.1M"},
        {dcr_view_percent, 0, "0" NB "%"},
        {dcr_view_percent, 1, "100" NB "%"},
        {dcr_view_percent, 0.16004, "16.0" NB "%"},
        {dcr_view_percent, 0.00001, "under 0.1" NB "%"},
        {dcr_view_percent, 0.99999, "over 99.9" NB "%"},
        {dcr_view_risk, 1, "1.00"},
        {dcr_view_risk, 0.0909090909, "0.091"},
        {dcr_view_risk, 0.1, "0.10"},
        {dcr_view_risk, 0.00123, "0.0012"},
        {dcr_view_risk, 0.00001, "under 0.0001"},
        {dcr_view_risk, 0, "0.00"},
        {dcr_view_count, 1e300, "over 9e15"},
        {dcr_view_count, -1e300, "under -9e15"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cases[i].f(s, cases[i].v);
        assert_string_equal(s, cases[i].text);
    }
    dcr_view_fixed(s, -0.004, 2);
    assert_string_equal(s, "0.00");
    dcr_view_fixed(s, 2.5, 0);
    assert_string_equal(s, "3");
}

static void test_scalars(void **state)
{
    json_t *j = json_pack("{s:s,s:i,s:f,s:n,s:b,s:[]}", "s", "all", "i", 2, "f", 0.25,
                          "n", "b", 1, "a");
    char s[80];
    (void)state;
    dcr_view_scalar(s, sizeof s, json_object_get(j, "s"), "x", "-");
    assert_string_equal(s, "all");
    dcr_view_scalar(s, sizeof s, json_object_get(j, "i"), "files", "-");
    assert_string_equal(s, "2" NB "files");
    dcr_view_scalar(s, sizeof s, json_object_get(j, "f"), "share", "-");
    assert_string_equal(s, "25.0" NB "%");
    dcr_view_scalar(s, sizeof s, json_object_get(j, "f"), "risk", "-");
    assert_string_equal(s, "0.25");
    dcr_view_scalar(s, sizeof s, json_object_get(j, "n"), "x", "-");
    assert_string_equal(s, "-");
    dcr_view_scalar(s, sizeof s, json_object_get(j, "b"), "x", "-");
    assert_string_equal(s, "yes");
    dcr_view_scalar(s, sizeof s, json_object_get(j, "a"), "x", "-");
    assert_string_equal(s, "-");
    dcr_view_scalar(s, 4, json_object_get(j, "s"), "x", "-");
    assert_string_equal(s, "all");
    json_decref(j);
}

/* A figure without a limit passes nothing; what is red stays so, whatever its limit. */
static void test_results(void **state)
{
    static const struct {
        const char *json, *said;
    } cases[] = {
        {"{\"result\": \"pass\", \"limit\": null}", "reported"},
        {"{\"result\": \"pass\", \"limit\": 0}", "pass"},
        {"{\"result\": \"pass\", \"limit\": \"5 %\"}", "pass"},
        {"{\"result\": \"pass\"}", "pass"},
        {"{\"result\": \"fail\", \"limit\": null}", "fail"},
        {"{\"result\": \"inconclusive\", \"limit\": null}", "inconclusive"},
        {"{\"limit\": null}", ""},
        {"[]", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *c = json_loads(cases[i].json, 0, NULL);
        assert_non_null(c);
        assert_string_equal(dcr_view_result(c), cases[i].said);
        json_decref(c);
    }
}

static void test_lower(void **state)
{
    static const char *const cases[][2] = {
        {"A neighbour", "a neighbour"},
        {"Staff of a site", "staff of a site"},
        {"MRI scanners", "MRI scanners"},
        {"1 of them", "1 of them"},
        {"X", "X"},
        {"", ""},
    };
    char s[40], small[3];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dcr_view_lower(s, sizeof s, cases[i][0]);
        assert_string_equal(s, cases[i][1]);
    }
    dcr_view_lower(small, sizeof small, "Someone");
    assert_string_equal(small, "so");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_lower),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
