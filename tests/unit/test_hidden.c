/* The search for hidden identifiers: small cases whose numbers are worked out by hand.
 *
 * With HIDDEN_CASES=FILE in the environment it also writes random small cases of the
 * permutation test with their p-values; tests/oracle/hidden_deals.py works those out
 * again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hidden_impl.h"
#include "hidden_maker.h"

enum { N = 120 };
static hm h;
static dcr_hidden *found;

static int leave(void **state)
{
    (void)state;
    dcr_alloc_fail_after(-1);
    dcr_hidden_free(found);
    found = NULL;
    hm_clear(&h);
    return 0;
}

/* ---- the permutation test ---- */

static double bound_of(dcr_deal *d, size_t n, size_t t)
{
    size_t start[] = {0, n};
    double work[64];
    return dcr_deal_bound(d, start, 1, t, work);
}

/* All of n = 4 different values agree: one of 4! = 24 orders. */
static void test_bound_is_exact_at_the_most(void **state)
{
    dcr_deal d[4] = {
        {.a = 1, .b = 1}, {.a = 2, .b = 2}, {.a = 3, .b = 3}, {.a = 4, .b = 4}};
    dcr_deal pair[4] = {{.a = 1, .b = 1}, {.a = 1, .b = 1}, {.b = 2}, {.b = 2}};
    (void)state;
    assert_float_equal(bound_of(d, 4, 4), 1.0 / 24, 1e-6);
    /* Both ones back at their two places: 1 of C(4,2) = 6. */
    assert_float_equal(bound_of(pair, 4, 2), 1.0 / 6, 1e-6);
    assert_float_equal(bound_of(pair, 4, 0), 1, 0);
}

/* Fixed points of 4 objects (rencontres): 9, 8, 6, 0, 1 orders with 0, 1, 2, 3, 4. */
static void test_permutations(void **state)
{
    static const double at_least[] = {1, 15 / 24.0, 7 / 24.0, 1 / 24.0, 1 / 24.0};
    size_t start[] = {0, 4};
    (void)state;
    for (size_t t = 1; t <= 4; t++) {
        dcr_deal d[4] = {
            {.a = 1, .b = 1}, {.a = 2, .b = 2}, {.a = 3, .b = 3}, {.a = 4, .b = 4}};
        double p, bound = bound_of(d, 4, t);
        assert_true(bound >= at_least[t] - 1e-9 && bound <= 1);
        p = dcr_deal_permute(d, start, 1, t, 99999, 5);
        /* stopped at 20: a relative standard error of 1/sqrt(20) */
        assert_float_equal(p, at_least[t], 4 * at_least[t] / 4.47);
    }
}

static void test_blocks(void **state)
{
    dcr_hidden_params p = {.block = 8, .min_pool = 3, .permutations = 99};
    dcr_deal d[24] = {{0}};
    size_t start[25], n;
    (void)state;
    /* 17 of one device, 5 of another, and two alone of which one moved. */
    for (uint32_t i = 0; i < 24; i++)
        d[i] = (dcr_deal){.stratum = i < 17   ? 1
                                     : i < 22 ? 2
                                              : i,
                          .order = i,
                          .a = i + 1,
                          .b = i + 1,
                          .cross = i == 23};
    n = dcr_deal_blocks(&p, d, 24, start);
    assert_int_equal(n, 4); /* 17 / 8 = 2 blocks, then 5, then the rest */
    assert_int_equal(start[0], 0);
    assert_int_equal(start[1], 8);
    assert_int_equal(start[2], 17);
    assert_int_equal(start[3], 22);
    assert_int_equal(start[4], 24);
    assert_int_equal(d[22].a, 0); /* its device explains it */
    assert_int_equal(d[23].a, 24);
}

/* q(i) = min over j >= i of p(j) n / j: 0.005*4/1, 0.01*4/2, 0.03*4/3, 0.04*4/4. */
static void test_false_discovery_rate(void **state)
{
    static const double p[] = {0.01, 0.04, 0.03, 0.005};
    double q[4];
    dcr_err err = {0};
    (void)state;
    assert_int_equal(dcr_hidden_fdr(p, q, 4, &err), DCR_OK);
    assert_float_equal(q[0], 0.02, 1e-12);
    assert_float_equal(q[1], 0.04, 1e-12);
    assert_float_equal(q[2], 0.04, 1e-12);
    assert_float_equal(q[3], 0.02, 1e-12);
}

static void test_sharing(void **state)
{
    static const uint32_t value[] = {1, 2, 1, 0, 3, 1};
    uint32_t count[4] = {0};
    dcr_sharing s;
    (void)state;
    dcr_sharing_get(value, 6, count, &s);
    assert_int_equal(s.n, 5);
    assert_int_equal(s.distinct, 3);
    assert_int_equal(s.unique, 2);
    assert_float_equal(s.shared, 3, 0); /* three with value 1: three pairs */
    for (int i = 0; i < 4; i++)
        assert_int_equal(count[i], 0);
}

/* ---- what values say ---- */

typedef struct said_case {
    dcr_say say;
    double scale;
    const char *text, *want; /* NULL: nothing of the kind */
} said_case;

static void test_said(void **state)
{
    static const said_case cases[] = {
        {DCR_SAY_DATE, 1, "20240229", "20240229"},
        {DCR_SAY_DATE, 1, "20230229", NULL},
        {DCR_SAY_DATE, 1, "2024-02-29", "20240229"},
        {DCR_SAY_DATE, 1, "29.02.2024", "20240229"},
        {DCR_SAY_DATE, 1, "20240229123000.5", "20240229"},
        {DCR_SAY_DATE, 1, "2024-02-29T10:00", "20240229"},
        {DCR_SAY_DATE, 1, "202402291", NULL},
        {DCR_SAY_DATE, 1, "02/29/2024", NULL},
        {DCR_SAY_TIME, 1, "143005.123", "143005"},
        {DCR_SAY_TIME, 1, "14:30", "143000"},
        {DCR_SAY_TIME, 1, "20240229143005", "143005"},
        {DCR_SAY_TIME, 1, "2460", NULL},
        {DCR_SAY_AGE, 1, "045Y", "045Y"},
        {DCR_SAY_AGE, 1, "45", "045Y"},
        {DCR_SAY_AGE, 1, "006M", NULL},
        {DCR_SAY_WEIGHT, 1, "70.000000", "70"},
        {DCR_SAY_WEIGHT, 1000, "70500", "70.5"},
        {DCR_SAY_HEIGHT, 100, "175", "1.75"},
        {DCR_SAY_HEIGHT, 1, "tall", NULL},
        {DCR_SAY_TEXT, 1, " North ", "NORTH"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[DCR_SAID_MAX];
        const said_case *c = &cases[i];
        bool ok =
            dcr_said(c->say, c->scale, (const uint8_t *)c->text, strlen(c->text), out);
        assert_int_equal(ok, c->want != NULL);
        if (ok)
            assert_string_equal(out, c->want);
    }
}

/* 2000-03-01 is day 11017, 1969-12-31 day -1. */
static void test_days(void **state)
{
    int32_t day;
    int year;
    (void)state;
    assert_true(dcr_said_day((const uint8_t *)"20000301", 8, &day, &year));
    assert_int_equal(day, 11017);
    assert_int_equal(year, 2000);
    assert_int_equal(dcr_day_month(day), 2000 * 12 + 2);
    assert_true(dcr_said_day((const uint8_t *)"19691231", 8, &day, &year));
    assert_int_equal(day, -1);
    assert_int_equal(dcr_day_month(day), 1969 * 12 + 11);
}

/* ---- verdicts ---- */

#define PRIVATE "0029,xx10{ACME}"

typedef const char *(*maker)(uint32_t subject, uint32_t study);

static void add(const char *path, const char *vr, maker make)
{
    const char **text = dcr_arena_alloc(&h.arena, h.m.n_studies, sizeof *text);
    for (uint32_t t = 0; t < h.m.n_studies; t++)
        text[t] = make(hm_subject(&h, t), t);
    hm_attr(&h, path, vr, text);
}

static const char *number(uint32_t s, uint32_t t)
{
    (void)t;
    return hm_text(&h, "H%07u", s * 7919 + 12, 0);
}
static const char *exam_number(uint32_t s, uint32_t t)
{
    (void)s;
    return hm_text(&h, "E%07u", t * 7919 + 12, 0);
}
static const char *number_of_most(uint32_t s, uint32_t t)
{
    return s % 10 < 3 ? "0000" : number(s, t);
}
static const char *weight(uint32_t s, uint32_t t)
{
    (void)t;
    return hm_text(&h, "%u", 50 + s % 40, 0);
}
static const char *same_day(uint32_t s, uint32_t t)
{
    (void)t;
    return hm_text(&h, "2020%02u%02u", s % 12 + 1, s % 28 + 1);
}
static const char *own_device(uint32_t s, uint32_t t)
{
    (void)t;
    return hm_text(&h, "D%u", s, 0);
}

static dcr_hidden_verdict verdict(const char *path)
{
    return hm_verdict(&h, found, path)->verdict;
}

static void test_identifier(void **state)
{
    (void)state;
    hm_start(&h, N, NULL, 2);
    add("0010,0020", "LO", number);
    add("0010,1030", "DS", weight);
    add(PRIVATE, "LO", number);
    add("0029,xx11{ACME}", "LO", exam_number);
    add("0029,xx12{ACME}", "LO", number_of_most);
    found = hm_search(&h);
    assert_int_equal(found->sampled, N);
    assert_int_equal(found->repeated, N);
    assert_int_equal(found->tested, 5);
    assert_int_equal(verdict(PRIVATE), DCR_HIDDEN_SUBJECT);
    assert_int_equal(hm_verdict(&h, found, PRIVATE)->agree, N);
    assert_int_equal(hm_verdict(&h, found, PRIVATE)->subjects, N);
    assert_int_equal(hm_verdict(&h, found, PRIVATE)->distinct, N);
    assert_true(hm_verdict(&h, found, PRIVATE)->repeats_key);
    assert_int_equal(verdict("0010,1030"), DCR_HIDDEN_NONE);
    assert_int_equal(verdict("0029,xx11{ACME}"), DCR_HIDDEN_NONE);
    /* 36 of 120 say "0000": the other 84 tell too little (97 are needed) */
    assert_int_equal(verdict("0029,xx12{ACME}"), DCR_HIDDEN_CANNOT_TELL);
    assert_int_equal(hm_verdict(&h, found, "0029,xx12{ACME}")->people, 84);
}

/* P(0 shared pairs | mean n(n-1)/2000) <= 0.01 from n = 97 on: 96*97/2000 = 4.656 and
 * e^-4.656 = 0.0095; 95*96/2000 = 4.56 and e^-4.56 = 0.0105. */
static void test_how_many_people(void **state)
{
    (void)state;
    for (uint32_t n = 96; n <= 97; n++) {
        hm_start(&h, n, NULL, 2);
        add(PRIVATE, "LO", number);
        found = hm_search(&h);
        assert_int_equal(verdict(PRIVATE),
                         n == 97 ? DCR_HIDDEN_SUBJECT : DCR_HIDDEN_CANNOT_TELL);
        leave(NULL);
    }
}

static void test_one_exam_each(void **state)
{
    (void)state;
    hm_start(&h, 300, NULL, 1);
    add("0010,1030", "DS", weight);
    add(PRIVATE, "LO", number);
    found = hm_search(&h);
    assert_int_equal(found->repeated, 0);
    assert_int_equal(verdict(PRIVATE), DCR_HIDDEN_CANNOT_TELL);
    assert_int_equal(verdict("0010,1030"), DCR_HIDDEN_NONE); /* shared by too many */
}

/* Two studies of one day are one visit: what they share proves nothing. */
static void test_one_day(void **state)
{
    (void)state;
    hm_start(&h, N, NULL, 2);
    add("0008,0020", "DA", same_day);
    add(PRIVATE, "LO", number);
    found = hm_search(&h);
    assert_int_equal(hm_verdict(&h, found, PRIVATE)->subjects, 0);
    assert_int_equal(verdict(PRIVATE), DCR_HIDDEN_CANNOT_TELL);
}

/* When everybody has a device of their own, a device number looks like a patient's. */
static void test_own_devices(void **state)
{
    (void)state;
    hm_start(&h, N, NULL, 2);
    add("0018,1000", "LO", own_device);
    add(PRIVATE, "LO", number);
    found = hm_search(&h);
    assert_int_equal(verdict(PRIVATE), DCR_HIDDEN_CANNOT_TELL);
}

static void test_rolled_up(void **state)
{
    (void)state;
    hm_start(&h, N, NULL, 2);
    add(PRIVATE, "DS", number);
    h.attr[0].exact = false;
    found = hm_search(&h);
    assert_int_equal(verdict(PRIVATE), DCR_HIDDEN_CANNOT_TELL);
    assert_int_equal(found->tested, 0);
}

/* ---- places and days ---- */

static const char *site(uint32_t s, uint32_t t)
{
    (void)t;
    return hm_text(&h, "SITE %u", s % 4, 0);
}
static const char *site_code(uint32_t s, uint32_t t)
{
    (void)t;
    return hm_text(&h, "%u", 90 - s % 4 * 7, 0);
}
static const char *device(uint32_t s, uint32_t t)
{
    (void)t;
    return hm_text(&h, "SN%u", s % 12, 0);
}
static const char *device_code(uint32_t s, uint32_t t)
{
    (void)t;
    return hm_text(&h, "%u", s % 12 * 31 % 12, 0);
}
static const char *day(uint32_t s, uint32_t t)
{
    (void)s;
    return hm_text(&h, "2020%02u%02u", t / 28 % 12 + 1, t % 28 + 1);
}
static const char *day_code(uint32_t s, uint32_t t)
{
    (void)s;
    return hm_text(&h, "d%u", (t / 28 % 12 * 28 + t % 28) * 5 % 336,
                   0); /* "0" is a dummy */
}
static const char *month_code(uint32_t s, uint32_t t)
{
    (void)s;
    return hm_text(&h, "m%u", t / 28 % 12 * 5 % 12, 0);
}
static const char *room(uint32_t s, uint32_t t)
{
    (void)s;
    return hm_text(&h, "%u", t * 7 % 5, 0);
}

static void test_places_and_days(void **state)
{
    (void)state;
    hm_start(&h, 672, NULL, 1); /* each of 336 days twice */
    add("0008,0020", "DA", day);
    add("0008,0080", "LO", site);
    add("0018,1000", "LO", device);
    add(PRIVATE, "LO", site_code);
    add("0029,xx11{ACME}", "LO", device_code);
    add("0029,xx12{ACME}", "LO", day_code);
    add("0029,xx13{ACME}", "LO", month_code);
    add("0029,xx14{ACME}", "LO", room);
    found = hm_search(&h);
    assert_int_equal(verdict(PRIVATE), DCR_HIDDEN_SITE);
    assert_int_equal(verdict("0029,xx11{ACME}"), DCR_HIDDEN_DEVICE);
    assert_int_equal(verdict("0029,xx12{ACME}"), DCR_HIDDEN_DATE);
    assert_int_equal(hm_verdict(&h, found, "0029,xx12{ACME}")->subjects, 336);
    assert_string_equal(hm_verdict(&h, found, "0029,xx12{ACME}")->note, "the day");
    assert_int_equal(verdict("0029,xx13{ACME}"), DCR_HIDDEN_DATE);
    assert_string_equal(hm_verdict(&h, found, "0029,xx13{ACME}")->note, "the month");
    assert_int_equal(verdict("0029,xx14{ACME}"), DCR_HIDDEN_NONE);
}

/* ---- carriers ---- */

static const char *exam_day(uint32_t s, uint32_t t)
{
    return hm_text(&h, t % 2 == 0 ? "201801%02u" : "201906%02u", s % 28 + 1, 0);
}
static const char *exam_day_dashes(uint32_t s, uint32_t t)
{
    return hm_text(&h, t % 2 == 0 ? "2018-01-%02u" : "2019-06-%02u", s % 28 + 1, 0);
}
static const char *sex(uint32_t s, uint32_t t)
{
    (void)t;
    return s * 7 % 10 < 4 ? "M" : "F";
}
static const char *sex_code(uint32_t s, uint32_t t)
{
    (void)t;
    return s * 7 % 10 < 4 ? "1" : "2";
}
static const char *sex_mostly(uint32_t s, uint32_t t)
{
    return s == 3 ? "2" : sex_code(s, t);
}
static const char *born(uint32_t s, uint32_t t)
{
    (void)t;
    return hm_text(&h, "%u0315", 1930 + s % 60, 0);
}
static const char *enrolled(uint32_t s, uint32_t t)
{
    (void)t;
    return hm_text(&h, "201701%02u", s % 28 + 1, 0);
}
static const char *kilograms(uint32_t s, uint32_t t)
{
    return hm_text(&h, "%u.5", 50 + (s * 5 + t) % 60, 0);
}
static const char *grams(uint32_t s, uint32_t t)
{
    return hm_text(&h, "%u500.000", 50 + (s * 5 + t) % 60, 0);
}

static const dcr_found_carrier *carrier(const char *path)
{
    for (size_t i = 0; i < found->n_carriers; i++)
        if (strcmp(found->carriers[i].carrier.path, path) == 0)
            return &found->carriers[i];
    return NULL;
}

static void carries(const char *path, const char *concept, const char *evidence)
{
    const dcr_found_carrier *f = carrier(path);
    assert_non_null(f);
    assert_string_equal(h.m.concepts[f->carrier.concept].id, concept);
    assert_string_equal(f->evidence, evidence);
}

static void test_carriers(void **state)
{
    const dcr_found_carrier *f;
    (void)state;
    hm_start(&h, 60, NULL, 2);
    add("0008,0020", "DA", exam_day);
    add("0010,0040", "CS", sex);
    add("0010,1030", "DS", kilograms);
    add("0029,xx10{ACME}", "LO", exam_day_dashes);
    add("0029,xx11{ACME}", "US", sex_code);
    add("0029,xx12{ACME}", "US", sex_mostly);
    add("0029,xx13{ACME}", "DS", grams);
    add("0029,xx14{ACME}", "DA", born);
    add("0029,xx15{ACME}", "DA", enrolled);
    found = hm_search(&h);
    carries("0029,xx10{ACME}", "exam_date", "equal");
    carries("0029,xx11{ACME}", "sex", "one-to-one");
    carries("0029,xx13{ACME}", "weight", "equal");
    carries("0029,xx14{ACME}", "birth_date", "date-form");
    assert_null(carrier("0029,xx12{ACME}")); /* one of 60 is otherwise */
    assert_null(carrier("0029,xx15{ACME}")); /* all in one year: nobody's birth */
    assert_int_equal(found->n_carriers, 4);
    f = carrier("0029,xx11{ACME}");
    assert_int_equal(f->subjects, 60);
    assert_int_equal(f->studies, 120);
    assert_int_equal(f->carrier.n_map, 2);
    assert_string_equal(f->carrier.map[0].to, "M");
    assert_string_equal(f->carrier.map[1].to, "F");
    f = carrier("0029,xx10{ACME}");
    assert_int_equal(f->carrier.n_map, 56);
    assert_memory_equal(f->carrier.map[0].from, "2018-01-01", 10);
    assert_string_equal(f->carrier.map[0].to, "20180101");
    assert_string_equal(carrier("0029,xx13{ACME}")->carrier.map[0].to, "100.5");
}

/* Where no date is stated, one that changes with the exam is the exam's. */
static void test_date_by_its_form(void **state)
{
    (void)state;
    hm_start(&h, 40, NULL, 2);
    add("0029,xx10{ACME}", "LO", exam_day_dashes);
    add("0029,xx11{ACME}", "LO", exam_number);
    found = hm_search(&h);
    carries("0029,xx10{ACME}", "exam_date", "date-form");
    assert_int_equal(found->n_carriers, 1);
}

/* ---- failures ---- */

static void test_no_memory(void **state)
{
    dcr_err err;
    dcr_status rc = DCR_ENOMEM;
    (void)state;
    hm_start(&h, 110, NULL, 2);
    add("0008,0020", "DA", exam_day);
    add("0010,0020", "LO", number);
    add("0010,0040", "CS", sex);
    add("0029,xx10{ACME}", "LO", exam_day_dashes);
    add("0029,xx11{ACME}", "US", sex_code);
    add("0029,xx12{ACME}", "LO", number);
    for (long n = 0; rc != DCR_OK && n < 5000; n++) {
        memset(&err, 0, sizeof err);
        dcr_alloc_fail_after(n);
        rc = dcr_hidden_search(&found, &h.m, dcr_rules_hidden(rules), &err);
        dcr_alloc_fail_after(-1);
        if (rc != DCR_OK) {
            assert_int_equal(rc, DCR_ENOMEM);
            assert_null(found);
        }
    }
    assert_int_equal(rc, DCR_OK);
}

static void test_nobody(void **state)
{
    (void)state;
    hm_start(&h, 0, NULL, 1);
    found = hm_search(&h);
    assert_int_equal(found->n_attrs, 0);
    assert_int_equal(found->sampled, 0);
}

/* ---- cases for the oracle ---- */

static void write_case(FILE *out, uint32_t n)
{
    dcr_hidden_params p = {.block = 8, .min_pool = 4, .permutations = 99999};
    dcr_deal d[64];
    size_t start[65], n_blocks, agree = 0;
    double work[256], bound;
    uint32_t values = 2 + draw(n), strata = 1 + draw(3);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t b = 1 + draw(values);
        d[i] = (dcr_deal){.stratum = draw(strata),
                          .order = i,
                          .day = (int32_t)draw(100),
                          .a = draw(3) == 0 ? b : draw(values + 1),
                          .b = b,
                          .cross = draw(2) == 0};
        fprintf(out, "place %u %d %u %u %u %d\n", (unsigned)d[i].stratum, d[i].day, i,
                d[i].a, d[i].b, d[i].cross);
    }
    n_blocks = dcr_deal_blocks(&p, d, n, start);
    for (uint32_t i = 0; i < n; i++)
        agree += d[i].a != 0 && d[i].a == d[i].b;
    bound = dcr_deal_bound(d, start, n_blocks, agree, work);
    fprintf(out, "case %zu %.9g %.9g\n", agree, bound,
            dcr_deal_permute(d, start, n_blocks, agree, p.permutations, n));
}

static void test_cases(void **state)
{
    const char *name = getenv("HIDDEN_CASES");
    FILE *out = name == NULL ? NULL : fopen(name, "w");
    (void)state;
    if (out == NULL)
        skip();
    for (uint32_t i = 0; i < 60; i++)
        write_case(out, 4 + draw(40));
    assert_int_equal(fclose(out), 0);
}

#define T(name) cmocka_unit_test_teardown(name, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_bound_is_exact_at_the_most),
        T(test_permutations),
        T(test_blocks),
        T(test_false_discovery_rate),
        T(test_sharing),
        T(test_said),
        T(test_days),
        T(test_identifier),
        T(test_how_many_people),
        T(test_one_exam_each),
        T(test_one_day),
        T(test_own_devices),
        T(test_rolled_up),
        T(test_places_and_days),
        T(test_carriers),
        T(test_date_by_its_form),
        T(test_no_memory),
        T(test_nobody),
        T(test_cases),
    };
    return cmocka_run_group_tests(tests, load_rules, free_rules);
}
