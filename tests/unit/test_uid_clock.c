/* Clocks in UIDs.  Sources: days by `date -u -d`, the UUID of RFC 9562, appendix A. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "link_judge.h"

static dcr_rules *rules;

static int setup(void **state)
{
    dcr_err err = {0};
    (void)state;
    return dcr_rules_load(&rules, NULL, &err) == DCR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    dcr_rules_free(rules);
    return 0;
}

static const uint8_t *bytes(const char *s)
{
    return (const uint8_t *)s;
}

/* ---- clocks ---- */

static void test_day_numbers(void **state)
{
    (void)state;
    assert_int_equal(dcr_clock_day(1970, 1, 1), 0);
    assert_int_equal(dcr_clock_day(2001, 1, 8), 978957063 / 86400); /* a GE sample */
    assert_int_equal(dcr_clock_day(2000, 2, 29), 11016);            /* date -d, / 86400 */
    assert_int_equal(dcr_clock_day(1582, 10, 15), -141427);
}

static void test_uuid_clock(void **state)
{
    /* RFC 9562 A.1: C232AB00-9414-11EC-B3C8-9F6BDECED846 is 2022-02-22 19:22:22 UTC, with
       a random node; the same with the multicast bit of the node cleared */
    uint8_t u[16] = {0xC2, 0x32, 0xAB, 0x00, 0x94, 0x14, 0x11, 0xEC,
                     0xB3, 0xC8, 0x9F, 0x6B, 0xDE, 0xCE, 0xD8, 0x46};
    const dcr_clock_rules *c = &rules->links->clock;
    int32_t day;
    bool address;
    (void)state;
    assert_true(dcr_uuid_clock(c, u, &day, &address));
    assert_int_equal(day, dcr_clock_day(2022, 2, 22));
    assert_false(address);
    u[10] = 0x9E;
    assert_true(dcr_uuid_clock(c, u, &day, &address));
    assert_true(address);
    u[6] = 0x41;
    assert_false(dcr_uuid_clock(c, u, &day, &address));
    u[6] = 0x11;
    u[8] = 0x33;
    assert_false(dcr_uuid_clock(c, u, &day, &address)); /* not RFC 9562's variant */
    u[8] = 0xB3;
    u[6] = 0x1F; /* the year 5236 less: out of the window */
    assert_false(dcr_uuid_clock(c, u, &day, &address));
}

/* One series per UID; study dates are `date` of each, NULL none. */
typedef struct calendar {
    dcr_model model;
    dcr_attr attrs[2];
    dcr_value *date, *uid;
    dcr_subject *subjects;
    dcr_study *studies;
    dcr_series *series;
    uint32_t *number;
} calendar;

static void calendar_make(calendar *c, const char *const *uids, const char *const *dates,
                          size_t n, size_t studies_each)
{
    memset(c, 0, sizeof *c);
    c->date = calloc(n, sizeof *c->date);
    c->uid = calloc(n, sizeof *c->uid);
    c->subjects = calloc(n, sizeof *c->subjects);
    c->studies = calloc(n, sizeof *c->studies);
    c->series = calloc(n, sizeof *c->series);
    c->number = calloc(n, sizeof *c->number);
    for (uint32_t i = 0; i < n; i++) {
        c->number[i] = i;
        c->studies[i] = (dcr_study){i / (uint32_t)studies_each, i, 1, true};
        c->series[i] = (dcr_series){i, 1, true, true};
        c->uid[i] = (dcr_value){.bytes = bytes(uids[i]),
                                .len = (uint32_t)strlen(uids[i]),
                                .series = 1,
                                .in_series = &c->number[i]};
        if (dates != NULL)
            c->date[i] = (dcr_value){.bytes = bytes(dates[i]),
                                     .len = 8,
                                     .series = 1,
                                     .in_series = &c->number[i]};
    }
    c->attrs[0] = (dcr_attr){.path = "0008,0020",
                             .vr = "DA",
                             .family = "date",
                             .values = c->date,
                             .n_values = dates == NULL ? 0 : n};
    c->attrs[1] = (dcr_attr){.path = "0020,000D",
                             .vr = "UI",
                             .family = "uid",
                             .role = DCR_ROLE_QUASI_IDENTIFIER,
                             .values = c->uid,
                             .n_values = n,
                             .exact = true};
    c->model =
        (dcr_model){.attrs = c->attrs,
                    .n_attrs = 2,
                    .subjects = c->subjects,
                    .studies = c->studies,
                    .series = c->series,
                    .n_subjects = (uint32_t)((n + studies_each - 1) / studies_each),
                    .n_studies = (uint32_t)n,
                    .n_series = (uint32_t)n};
}

static void calendar_clear(calendar *c)
{
    free(c->date);
    free(c->uid);
    free(c->subjects);
    free(c->studies);
    free(c->series);
    free(c->number);
}

enum { MANY = 40 };
static char uid_text[MANY][64], date_text[MANY][16];
static const char *uid_list[MANY], *date_list[MANY];

/* UIDs "ROOT.<arc>.<i>" of MANY days from 2010-01-05 on, `step` days apart; the study
 * dates stand `shift` days before. */
static void days_make(const char *root, const char *kind, int step, int shift)
{
    for (int i = 0; i < MANY; i++) {
        time_t t = 1262649600 + (time_t)i * step * 86400 + 45296, s; /* 12:34:56 */
        char arc[32];
        struct tm tm;
        s = t - (time_t)shift * 86400;
        if (strcmp(kind, "ms") == 0)
            snprintf(arc, sizeof arc, "%lld%03d", (long long)t, i);
        else if (strcmp(kind, "s") == 0)
            snprintf(arc, sizeof arc, "%lld", (long long)t);
        else
            strftime(arc, sizeof arc, kind, gmtime_r(&t, &tm));
        snprintf(uid_text[i], sizeof uid_text[i], "%s.%s.%d", root, arc, i);
        strftime(date_text[i], sizeof date_text[i], "%Y%m%d", gmtime_r(&s, &tm));
        uid_list[i] = uid_text[i];
        date_list[i] = date_text[i];
    }
}

static dcr_uid_clock clocks_of(bool dates, size_t n, size_t studies_each)
{
    calendar c;
    dcr_link_keys *k;
    dcr_uid_clock out;
    dcr_err err = {0};
    calendar_make(&c, uid_list, dates ? date_list : NULL, n, studies_each);
    assert_int_equal(dcr_link_keys_build(&k, rules, &c.model, NULL, &err), DCR_OK);
    out = dcr_link_judged_of(k, 0)->clock;
    dcr_link_keys_free(k);
    calendar_clear(&c);
    return out;
}

static void test_clocks_agree(void **state)
{
    static const char *const kinds[] = {"ms", "s", "%Y%m%d", "%Y%m%d%H%M%S",
                                        "%Y%m%d%H%M%S123456"};
    dcr_uid_clock c;
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        days_make("1.2.826.0.1.9999", kinds[i], 30, 0);
        c = clocks_of(true, MANY, 1);
        assert_int_equal(c.values, MANY);
        assert_int_equal(c.same_day, MANY);
        assert_int_equal(c.shifted_subjects, 0);
        assert_false(c.processing);
        assert_int_equal(clocks_of(false, MANY, 1).values, MANY);
        days_make("1.2.826.0.1.9999", kinds[i], 30, 777); /* all dates shifted alike */
        c = clocks_of(true, MANY, 4);
        assert_int_equal(c.values, MANY);
        assert_int_equal(c.same_day, 0);
        assert_int_equal(c.shifted_subjects, MANY / 4);
        assert_false(c.processing);
    }
}

/* Five numbers, or a dozen of which one is no time, are no clock by themselves. */
static void test_few_or_mixed_epochs(void **state)
{
    (void)state;
    days_make("1.2.826.0.1.9999", "s", 30, 0);
    assert_int_equal(clocks_of(false, 5, 1).values, 0);
    assert_int_equal(clocks_of(true, 5, 1).values, 5);
    assert_int_equal(clocks_of(false, 12, 1).values, 12);
    snprintf(uid_text[3], sizeof uid_text[3], "1.2.826.0.1.9999.4123456789.3");
    assert_int_equal(clocks_of(false, 12, 1).values, 0);
    assert_int_equal(clocks_of(false, 20, 1).values, 19); /* 95 % */
    assert_int_equal(clocks_of(false, MANY, 1).values, MANY - 1);
    snprintf(uid_text[30], sizeof uid_text[30], "1.2.826.0.1.9999.4123456789.30");
    snprintf(uid_text[31], sizeof uid_text[31], "1.2.826.0.1.9999.4123456789.31");
    assert_int_equal(clocks_of(false, MANY, 1).values, 0); /* 92.5 % */
}

/* CTP's newUID: milliseconds of the run, and a counter. */
static void test_processing_clock(void **state)
{
    dcr_uid_clock c;
    (void)state;
    days_make("1.2.826.0.1.9999", "ms", 30, 0);
    for (int i = 0; i < MANY; i++)
        snprintf(uid_text[i], sizeof uid_text[i], "1.2.826.0.1.9999.%lld.%d",
                 1720000000000ll + 7919ll * i, i % 3);
    c = clocks_of(true, MANY, 1);
    assert_int_equal(c.values, MANY);
    assert_true(c.processing);
}

/* A date that stands in all UIDs alike is a version's, not an exam's. */
static void test_constant_date(void **state)
{
    (void)state;
    days_make("1.2.826.0.1.9999.20120229", "%j", 30, 0);
    assert_int_equal(clocks_of(true, MANY, 1).values, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_day_numbers),
        cmocka_unit_test(test_uuid_clock),
        cmocka_unit_test(test_clocks_agree),
        cmocka_unit_test(test_few_or_mixed_epochs),
        cmocka_unit_test(test_processing_clock),
        cmocka_unit_test(test_constant_date),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
