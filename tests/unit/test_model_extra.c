/* Carriers found from data: they fill what the carriers of the rules leave empty, in the
 * concept's own terms, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model_maker.h"

#define BOX      "0029,xx10{ACME}", "LO"
#define SEX_CODE "0029,xx11{ACME}", "US"

static const dcr_recode dates[] = {{"2020-01-05", 10, "20200105"}, {"never", 5, ""}};
static const dcr_recode sexes[] = {{"1", 1, "M"}, {"2", 1, "F"}};

static dcr_status load_extra(long fail_after, dcr_err *err)
{
    dcr_extra_carrier extra[] = {{"0029,xx10{ACME}", 0, dates, 2},
                                 {"0029,xx11{ACME}", 0, sexes, 2}};
    size_t n = 0;
    const dcr_concept *c = dcr_rules_concepts(rules, &n);
    dcr_status rc;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(c[i].id, "exam_date") == 0)
        extra[0].concept = i;
        if (strcmp(c[i].id, "sex") == 0)
        extra[1].concept = i;
    }
    dcr_alloc_fail_after(fail_after);
    rc = dcr_model_load_with(&m, store, rules, NULL, extra, 2, err);
    dcr_alloc_fail_after(-1);
    return rc;
}

static void people(void)
{
    add("A", "1", "1", STUDY_DATE, "20200105", SEX, "M", BOX, "2020-01-05", SEX_CODE, "1",
        NULL);
    add("B", "2", "1", BOX, "2020-01-05", SEX_CODE, "1", NULL);
    add("C", "3", "1", STUDY_DATE, "20200203", BOX, "2020-01-05", SEX_CODE, "2", NULL);
    add("D", "4", "1", BOX, "never", SEX_CODE, "2", NULL);
    add("E", "5", "1", BOX, "20200707", SEX_CODE, "9", NULL);
    open_store();
    bm_append_range(&b, store, 0, b.n);
}

static void test_fills(void **state)
{
    dcr_err err = {0};
    size_t sex, date;
    (void)state;
    people();
    assert_int_equal(load_extra(-1, &err), DCR_OK);
    assert_int_equal(m->table.n_rows, 5);
    assert_string_equal(at(0, "exam_date", "day"), "20200105");
    assert_string_equal(at(1, "exam_date", "day"), "20200105"); /* the private one */
    assert_string_equal(at(2, "exam_date", "day"),
                        "20200203");                    /* the rules' come first */
    assert_string_equal(at(3, "exam_date", "day"), ""); /* says nothing */
    assert_string_equal(at(4, "exam_date", "day"), "20200707"); /* not mapped: itself */
    assert_string_equal(at(0, "sex", "value"), "M");
    assert_string_equal(at(1, "sex", "value"), "M");
    assert_string_equal(at(2, "sex", "value"), "F");
    assert_string_equal(at(3, "sex", "value"), "F");
    assert_string_equal(at(4, "sex", "value"), "9");
    sex = concept_index("sex");
    date = concept_index("exam_date");
    assert_int_equal(m->concepts[sex].n_carriers, 2);
    assert_string_equal(m->concepts[sex].carriers[1], "0029,xx11{ACME}");
    assert_true(m->carrier_present[sex][1]);
    assert_true(m->carrier_present[date][m->concepts[date].n_carriers - 1]);
    assert_int_equal(dcr_model_attr(m, "0029,xx10{ACME}")->concept, date);
}

/* The rules' own concepts are as before: the next model knows nothing of it. */
static void test_rules_untouched(void **state)
{
    dcr_err err = {0};
    (void)state;
    people();
    assert_int_equal(load_extra(-1, &err), DCR_OK);
    dcr_model_free(m);
    m = NULL;
    assert_int_equal(dcr_model_load(&m, store, rules, NULL, &err), DCR_OK);
    assert_string_equal(at(1, "exam_date", "day"), "");
    assert_int_equal(m->concepts[concept_index("sex")].n_carriers, 1);
    assert_int_equal(dcr_model_attr(m, "0029,xx10{ACME}")->concept, -1);
}

static void test_not_there(void **state)
{
    static const dcr_extra_carrier ghost = {"0029,xx77{ACME}", 0, NULL, 0};
    dcr_err err = {0};
    (void)state;
    people();
    assert_int_equal(dcr_model_load_with(&m, store, rules, NULL, &ghost, 1, &err),
                     DCR_EARG);
    assert_null(m);
}

static void test_no_memory(void **state)
{
    dcr_status rc = DCR_ENOMEM;
    dcr_err err;
    (void)state;
    people();
    for (long n = 0; rc != DCR_OK && n < 5000; n++) {
        memset(&err, 0, sizeof err);
        rc = load_extra(n, &err);
        if (rc != DCR_OK) {
            assert_int_equal(rc, DCR_ENOMEM);
            assert_null(m);
        }
    }
    assert_int_equal(rc, DCR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_fills),
        T(test_rules_untouched),
        T(test_not_there),
        T(test_no_memory),
    };
    return cmocka_run_group_tests(tests, load_rules, free_rules);
}
