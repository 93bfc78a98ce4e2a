/* What if, where facts follow from others: small models made from files, all by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model_maker.h"

static dcr_known known[3];
static const dcr_adversary who = {"test", "", "prosecutor", known, 2, false, ""};
static dcr_risk *r;
static dcr_whatif *wi;

/* Judges what an adversary sees that knows two concepts at levels. */
static void ask_about(const char *first, const char *level, const char *second,
                      const char *other_level)
{
    static const dcr_target none = {"unique", 2, 0, 1, true};
    const dcr_whatif_ask ask = {2, &none, 1, false, NULL};
    dcr_err err = {0};
    load();
    known[0] = (dcr_known){concept_index(first), level};
    known[1] = (dcr_known){concept_index(second), other_level};
    assert_int_equal(dcr_risk_any_exam(&r, m, &who, &err), DCR_OK);
    assert_int_equal(dcr_whatif_build(&wi, r, &ask, &err), DCR_OK);
}

static uint32_t unique_after(const char *concept, const char *level)
{
    for (size_t i = 0; i < wi->n_single; i++)
        if (wi->single[i].part[0].concept == concept_index(concept) &&
            strcmp(wi->single[i].part[0].level, level) == 0)
            return wi->single[i].after.unique;
    fail_msg("%s at %s was not tried", concept, level);
    return 0;
}

static void done(void)
{
    dcr_whatif_free(wi);
    dcr_risk_free(r);
    wi = NULL;
    r = NULL;
}

/* Born on 15 May 1960: 60 on 20 May 2020, but 59 on the first of that month. */
static void test_age_follows_from_dates(void **state)
{
    (void)state;
    add("P1", "S1", "E1", BIRTH, "19600515", STUDY_DATE, "20200520", NULL);
    add("P2", "S2", "E2", AGE, "059Y", STUDY_DATE, "20200503", NULL);
    ask_about("age", "1y", "exam_date", "day");
    assert_int_equal(wi->before.unique, 2);
    assert_int_equal(unique_after("exam_date", "month"), 0); /* 59 and 59 */
    assert_int_equal(unique_after("exam_date", "year"), 0);  /* 59 and 59 */
    assert_int_equal(unique_after("exam_date", "*"), 2);     /* no age and 59 */
    assert_int_equal(unique_after("age", "*"), 2);           /* the days tell them */
    assert_int_equal(unique_after("age", "minor_adult_senior"), 2);
    done();
}

/* Without its birth date nobody has an age that no file states; the ages stated stay. */
static void test_age_goes_with_the_birth_date(void **state)
{
    (void)state;
    add("P1", "S1", "E1", BIRTH, "19600515", STUDY_DATE, "20200520", NULL);
    add("P2", "S2", "E2", BIRTH, "19600515", STUDY_DATE, "20200601", AGE, "060Y", NULL);
    add("P3", "S3", "E3", BIRTH, "19700101", STUDY_DATE, "20200601", AGE, "061Y", NULL);
    ask_about("birth_date", "day", "age", "1y");
    assert_int_equal(wi->before.unique, 1);
    assert_int_equal(unique_after("birth_date", "*"), 3); /* no age, 60, 61 */
    /* with the ages the birth dates go, which would tell them again */
    assert_int_equal(unique_after("age", "*"), 0);
    assert_int_equal(unique_after("birth_date", "20y"), 1); /* P1 is 60 from 1960 on */
    done();
}

/* A device names its site only as long as it is named itself. */
static void test_site_follows_from_device(void **state)
{
    (void)state;
    add("P1", "S1", "E1", SITE, "Here", SERIAL, "D1", NULL);
    add("P2", "S2", "E2", SERIAL, "D1", NULL);
    add("P3", "S3", "E3", SITE, "Here", SERIAL, "D2", NULL);
    add("P4", "S4", "E4", SERIAL, "D3", NULL);
    ask_about("site", "value", "device", "serial_or_uid");
    assert_int_equal(wi->before.unique, 2);           /* P1 and P2 are alike */
    assert_int_equal(unique_after("device", "*"), 0); /* two with a site, two without */
    assert_int_equal(unique_after("site", "*"), 2);
    done();
}

static void test_no_memory(void **state)
{
    static const dcr_target none = {"unique", 2, 0, 1, true};
    const dcr_whatif_ask ask = {2, &none, 1, false, NULL};
    dcr_status rc = DCR_ENOMEM;
    dcr_err err = {0};
    (void)state;
    add("P1", "S1", "E1", BIRTH, "19600515", STUDY_DATE, "20200520", NULL);
    add("P2", "S2", "E2", AGE, "059Y", STUDY_DATE, "20200503", NULL);
    ask_about("age", "1y", "exam_date", "day");
    dcr_whatif_free(wi);
    wi = NULL;
    for (long n = 0; rc != DCR_OK; n++) {
        dcr_alloc_fail_after(n);
        rc = dcr_whatif_build(&wi, r, &ask, &err);
        dcr_alloc_fail_after(-1);
        assert_true(rc == DCR_OK || (rc == DCR_ENOMEM && wi == NULL));
    }
    assert_int_equal(unique_after("exam_date", "month"), 0);
    done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_age_follows_from_dates),
        T(test_age_goes_with_the_birth_date),
        T(test_site_follows_from_device),
        T(test_no_memory),
    };
    dcr_init();
    return cmocka_run_group_tests(tests, load_rules, free_rules);
}
