/* The gate: limits in whole numbers, on both sides of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate_scene.h"

/* ---- limits ---- */

static void test_all_pass(void **state)
{
    (void)state;
    begin(11, 11);
    assert_false(load(NULL, "public-release"));
    run();
    assert_string_equal(s.gate.result, "pass");
    assert_int_equal(json_array_size(s.gate.criteria), 11);
    assert_int_equal(json_array_size(s.gate.remarks), 0);
    assert_int_equal(dcr_policy_k(s.policy), 11);
    expect_numbers("subjects-below-k", 0, 0);
    assert_string_equal(text_of("average-risk", "why"), "reported, not gated");
    assert_true(json_is_null(json_object_get(criterion("average-risk"), "limit")));
    k[3] = k_low[3] = 10; /* one below 11 */
    run();
    expect("subjects-below-k", "fail", "fail");
    expect_numbers("subjects-below-k", 1, 0);
    expect("unique-subjects", "pass", "fail");
    k[3] = k_low[3] = 1;
    run();
    expect("unique-subjects", "fail", "fail");
    expect_numbers("unique-subjects", 1, 0);
    end();
}

/* Shares are rounded down: 5 % of 39 is one patient. */
static void test_shares(void **state)
{
    static const struct {
        uint32_t n, below;
        const char *result;
        json_int_t limit;
    } e[] = {{19, 0, "pass", 0},       {19, 1, "fail", 0},       {20, 1, "pass", 1},
             {20, 2, "fail", 1},       {39, 1, "pass", 1},       {39, 2, "fail", 1},
             {40, 2, "pass", 2},       {40, 3, "fail", 2},       {100, 5, "pass", 5},
             {100, 6, "fail", 5},      {2001, 100, "pass", 100}, {2001, 101, "fail", 100},
             {3999, 199, "pass", 199}, {3999, 200, "fail", 199}};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        begin(e[i].n, 20);
        assert_false(load(PROJECT(""), "controlled-access"));
        for (uint32_t b = 0; b < e[i].below; b++)
            k[b] = k_low[b] = 4;
        run();
        expect("subjects-below-k", e[i].result, e[i].result);
        expect_numbers("subjects-below-k", e[i].below, e[i].limit);
        end();
    }
}

/* 1/5 exactly passes; the least more does not. */
static void test_average(void **state)
{
    static const uint32_t exact[][4] = {
        {5, 5, 5, 5}, {3, 6, 10, 5}, {4, 8, 8, 10}, {20, 20, 20, 2}};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        double sum = 0;
        for (int j = 0; j < 4; j++)
            sum += 1.0 / exact[i][j];
        begin(4000, 5);
        assert_false(load(PROJECT(""), "controlled-access"));
        for (uint32_t j = 0; j < 4000; j++)
            k[j] = k_low[j] = exact[i][j % 4];
        run();
        assert_string_equal(text_of("average-risk", "result"),
                            sum < 0.8 + 1e-12 ? "pass" : "fail");
        assert_float_equal(
            json_real_value(json_object_get(criterion("average-risk"), "found")), sum / 4,
            1e-12);
        assert_float_equal(
            json_real_value(json_object_get(criterion("average-risk"), "limit")), 0.2,
            1e-15);
        k[0] = k_low[0] = exact[i][0] - 1;
        run();
        if (sum > 0.8 - 1e-12)
            assert_string_equal(text_of("average-risk", "result"), "fail");
        end();
    }
}

/* All of 3,999 at 5 and one at 4: above 1/5 by 0.0000125. */
static void test_average_just_above(void **state)
{
    (void)state;
    begin(4000, 5);
    assert_false(load(PROJECT(""), "controlled-access"));
    run();
    expect("average-risk", "pass", "pass");
    k[17] = k_low[17] = 4;
    run();
    expect("average-risk", "fail", "fail");
    end();
}

static void test_unattainable(void **state)
{
    (void)state;
    begin(10, 10); /* all ten are alike, and yet */
    assert_false(load(NULL, "public-release"));
    run();
    expect("subjects-below-k", "fail", "fail");
    assert_non_null(
        strstr(text_of("subjects-below-k", "why"), "unattainable at this size"));
    expect("unique-subjects", "pass", "fail");
    end();
    begin(11, 10);
    assert_false(load(NULL, "public-release"));
    run();
    assert_null(strstr(text_of("subjects-below-k", "why"), "unattainable"));
    end();
}

static void test_nobody(void **state)
{
    (void)state;
    begin(0, 0);
    assert_false(load(PROJECT(""), "internal-research"));
    run();
    expect("subjects-below-k", "inconclusive", "inconclusive");
    expect("unique-subjects", "inconclusive", "inconclusive");
    expect("average-risk", "inconclusive", "inconclusive");
    end();
}

static void test_sites_and_pairs(void **state)
{
    (void)state;
    begin(40, 20);
    assert_false(load(NULL, "public-release"));
    k_site[0] = k_site[1] = k_two[0] = k_two[1] = 1; /* 5 % */
    run();
    expect("collaborating-site", "pass", "pass");
    expect_numbers("collaborating-site", 2, 2);
    k_site[2] = 1;
    run();
    expect("collaborating-site", "review", "fail");
    expect("two-exams", "pass", "fail");
    k_site[2] = 20;
    k_two[2] = 1;
    run();
    expect("two-exams", "review", "fail");
    k_two[2] = 20;
    s.two_exams.refused = true;
    s.two_exams.note = "too many";
    run();
    expect("two-exams", "inconclusive", "inconclusive");
    assert_string_equal(text_of("two-exams", "why"), "not computed: too many");
    s.two_exams.refused = false;
    s.in.collaborating = NULL;
    run();
    expect("collaborating-site", "inconclusive", "inconclusive");
    end();
}

/* Who is unique by intervals counts beside who is by two exams, each patient once, and
 * only where the adversary would know the days. */
static void test_intervals(void **state)
{
    static uint32_t vector[40], pair[40];
    dcr_interval_pairs pairs = {.applies = true, .note = "too many", .k = pair};
    (void)state;
    begin(40, 20);
    for (size_t i = 0; i < 40; i++)
        vector[i] = pair[i] = 2;
    load(NULL, "public-release");
    s.in.intervals = vector;
    s.in.interval_pairs = &pairs;
    vector[0] = pair[0] = pair[1] = k_two[1] = 1; /* 2 of 40, which is 5 % */
    run();
    expect("two-exams", "pass", "pass");
    expect_numbers("two-exams", 2, 2);
    assert_non_null(strstr(text_of("two-exams", "why"), "; 1 of them only by the days"));
    vector[39] = 1;
    run();
    expect("two-exams", "review", "fail");
    expect_numbers("two-exams", 3, 2);
    vector[39] = 0; /* one exam */
    pair[38] = 1;
    run();
    expect_numbers("two-exams", 3, 2);
    pairs.refused = true;
    run();
    expect("two-exams", "inconclusive", "inconclusive");
    assert_string_equal(text_of("two-exams", "why"), "not computed: too many");
    end();
    load(PROJECT(""), "internal-research"); /* knows the month */
    s.in.intervals = vector;
    run();
    expect_numbers("two-exams", 1, 0);
    end();
}

/* Inferred subjects may be one person: where that decides, nothing is decided. */
static void test_bounds(void **state)
{
    (void)state;
    begin(40, 20);
    assert_false(load(PROJECT(""), "controlled-access"));
    s.model.data.inferred_subjects = 7;
    k_low[0] = k_low[1] = 4; /* 5 % may be below 5: passes either way */
    run();
    expect("bounds", "pass", "pass");
    k_low[2] = 4;
    run();
    expect("bounds", "inconclusive", "inconclusive");
    expect("subjects-below-k", "pass", "inconclusive");
    expect_numbers("bounds", 1, 0);
    assert_non_null(strstr(text_of("bounds", "why"), "7 patients"));
    for (int i = 0; i < 3; i++)
        k[i] = 4; /* fails either way */
    run();
    expect("bounds", "pass", "fail");
    end();
}

/* Likewise of the average alone: 1/5 for keys, above it when counted low. */
static void test_bounds_average(void **state)
{
    (void)state;
    begin(20, 5);
    assert_false(load(PROJECT(""), "controlled-access"));
    k_low[0] = 4; /* one of 20 below 5 is allowed, the mean is 0.2025 */
    run();
    expect("bounds", "inconclusive", "inconclusive");
    expect("average-risk", "pass", "inconclusive");
    expect_numbers("bounds", 1, 0);
    end();
}

/* And of pairs and sites. */
static void test_bounds_unique(void **state)
{
    static uint32_t low[MOST];
    (void)state;
    for (uint32_t i = 0; i < MOST; i++)
        low[i] = i < 3 ? 1 : 20;
    begin(40, 20);
    assert_false(load(NULL, "public-release"));
    s.two_exams.k_low = low;
    run();
    expect("bounds", "inconclusive", "inconclusive");
    s.two_exams.k_low = k_two;
    s.collaborating.k_low = low;
    run();
    expect("bounds", "inconclusive", "inconclusive");
    s.collaborating.k_low = k_site;
    run();
    expect("bounds", "pass", "pass");
    end();
}

/* ---- coverage, pixels ---- */

static void test_coverage(void **state)
{
    (void)state;
    begin(40, 20);
    assert_false(load(NULL, "public-release"));
    s.model.data.unreadable_files = 1;
    run();
    expect("unread-content", "inconclusive", "inconclusive");
    expect_numbers("unread-content", 1, 0);
    s.model.data.unreadable_files = 0;
    s.model.data.other_files = 3; /* all read: no reason to wait */
    run();
    expect("unread-content", "pass", "pass");
    s.model.data.unread_other = 2;
    run();
    expect("unread-content", "inconclusive", "inconclusive");
    expect_numbers("unread-content", 2, 0);
    s.model.data.other_files = s.model.data.unread_other = 0;
    s.model.data.undecodable_files = 3;
    run();
    expect("unread-content", "inconclusive", "inconclusive");
    expect_numbers("unread-content", 3, 0);
    s.model.data.undecodable_files = 0;
    s.model.data.complete = false;
    run();
    expect("unread-content", "inconclusive", "inconclusive");
    assert_string_equal(text_of("unread-content", "why"),
                        "the scan did not come to its end");
    s.model.data.complete = true;
    s.model.data.files = 0;
    run();
    expect("unread-content", "inconclusive", "inconclusive");
    s.model.data.files = 1;
    run();
    expect("unread-content", "pass", "pass");
    end();
}

#define CT                "1.2.840.10008.5.1.4.1.1.2"
#define SECONDARY_CAPTURE "1.2.840.10008.5.1.4.1.1.7"

#define PIXELS(more) PROJECT(", \"reviews\": {\"pixels\": {" more "}}")
#define REVIEWED(who, when, result)                                                      \
    PIXELS("\"who\": \"" who "\", \"when\": \"" when "\", \"result\": \"" result "\"")

#define SEEN(seen, found, more)                                                          \
    PROJECT(", \"reviews\": {\"pictures\": [{\"who\": \"A\", \"when\": \"2026-09-01\", " \
            "\"seen\": " seen ", \"found\": " found more "}]}")

static void test_pixels(void **state)
{
    static dcr_pixel_group g[2] = {
        {.sop_class = CT, .modality = "CT", .series = 5, .subjects = 5, .images = 50},
        {.sop_class = SECONDARY_CAPTURE,
         .modality = "OT",
         .needs_look = true,
         .series = 3}};
    dcr_pixels pixels = {.groups = g, .n = 2};
    static const struct {
        const char *project, *policy, *result, *overall;
    } e[] = {{NULL, "public-release", "inconclusive", "inconclusive"},
             {PROJECT(""), "internal-research", "review", "fail"},
             {REVIEWED("A", "2026-09-01", "clear"), "public-release", "accepted", "pass"},
             {REVIEWED("A", "2026-09-01", "names seen"), "public-release", "inconclusive",
              "inconclusive"},
             {SEEN("30", "0", ""), "public-release", "accepted", "pass"},
             {SEEN("30", "1", ""), "public-release", "inconclusive", "inconclusive"},
             {SEEN("30", "0", ", \"modality\": \"US\""), "public-release", "inconclusive",
              "inconclusive"},
             {SEEN("30", "0", ", \"sop_class\": \"" SECONDARY_CAPTURE "\""),
              "public-release", "accepted", "pass"},
             {PIXELS("\"when\": \"2026-09-01\", \"result\": \"clear\""), "public-release",
              "inconclusive", "inconclusive"},
             {PIXELS("\"who\": \"A\", \"result\": \"clear\""), "public-release",
              "inconclusive", "inconclusive"},
             {PIXELS("\"who\": \"A\", \"when\": \"2026-09-01\""), "public-release",
              "inconclusive", "inconclusive"}};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        begin(40, 20);
        pixels.n = 2;
        s.in.pixels = &pixels;
        assert_false(load(e[i].project, e[i].policy));
        run();
        expect("pixels", e[i].result, e[i].overall);
        expect_numbers("pixels", 3, 0);
        pixels.n = 1;
        run();
        expect("pixels", "pass", "pass");
        end();
    }
}

/* ---- findings and acceptances ---- */

static dcr_attr name_attr = {.path = "0010,0010"}, date_attr = {.path = "0008,0020"};

static dcr_finding finding(const char *rule, const char *gate, const dcr_attr *a,
                           uint32_t subjects)
{
    dcr_finding f = {.rule = rule, .gate = gate, .attr = a, .subjects = subjects};
    return f;
}

#define ACCEPT(more)                                                                     \
    PROJECT(", \"accept\": [{\"id\": \"A1\", \"reason\": \"needed\", \"who\": "          \
            "\"DPO\", " more "}]")

static void test_findings(void **state)
{
    dcr_finding f[] = {
        finding("direct-identifier-left", "direct-identifiers", &name_attr, 3),
        finding("exact-date-kept", "", &date_attr, 3)};
    (void)state;
    begin(40, 20);
    s.findings.list = f;
    s.findings.n = 2;
    assert_false(load(NULL, "public-release"));
    run();
    expect("direct-identifiers", "fail", "fail");
    expect_numbers("direct-identifiers", 1, 0);
    expect("link-keys", "pass", "fail");
    f[0].gate = "private-elements";
    run();
    expect("private-elements", "fail", "fail");
    end();
    assert_false(load(PROJECT(""), "internal-research"));
    run();
    expect("private-elements", "review", "fail");
    end();
}

/* One finding of one attribute in three subjects, under acceptances that hold or do not.
 */
static void test_acceptances(void **state)
{
    static const struct {
        const char *project, *policy, *result;
    } e[] = {
        {ACCEPT("\"rule\": \"r\", \"expires\": \"2026-10-01\""), "controlled-access",
         "accepted"},
        {ACCEPT("\"rule\": \"r\", \"expires\": \"2026-09-30\""), "controlled-access",
         "fail"},
        {ACCEPT("\"rule\": \"r\", \"path\": \"0010,0010\", \"expires\": \"2027-01-01\""),
         "controlled-access", "accepted"},
        {ACCEPT("\"rule\": \"r\", \"path\": \"0010,0020\", \"expires\": \"2027-01-01\""),
         "controlled-access", "fail"},
        {ACCEPT("\"rule\": \"other\", \"expires\": \"2027-01-01\""), "controlled-access",
         "fail"},
        {ACCEPT("\"rule\": \"r\", \"ceiling\": 3, \"expires\": \"2027-01-01\""),
         "controlled-access", "accepted"},
        {ACCEPT("\"rule\": \"r\", \"ceiling\": 2, \"expires\": \"2027-01-01\""),
         "controlled-access", "fail"},
        {ACCEPT("\"rule\": \"r\", \"ceiling\": 0, \"expires\": \"2027-01-01\""),
         "controlled-access", "fail"},
        /* for at most 12 months, from the day it was created, or from today */
        {ACCEPT("\"rule\": \"r\", \"expires\": \"2027-10-01\""), "controlled-access",
         "accepted"},
        {ACCEPT("\"rule\": \"r\", \"expires\": \"2027-10-02\""), "controlled-access",
         "fail"},
        {ACCEPT("\"rule\": \"r\", \"created\": \"2026-02-01\", \"expires\": "
                "\"2027-02-01\""),
         "controlled-access", "accepted"},
        {ACCEPT("\"rule\": \"r\", \"created\": \"2026-01-31\", \"expires\": "
                "\"2027-02-01\""),
         "controlled-access", "fail"},
        {ACCEPT("\"rule\": \"r\", \"created\": \"2027-06-01\", \"expires\": "
                "\"2028-01-01\""),
         "controlled-access", "fail"}, /* as if made today */
        /* nobody accepts direct identifiers for everybody */
        {ACCEPT("\"rule\": \"r\", \"expires\": \"2027-01-01\""), "public-release",
         "fail"}};
    dcr_finding f[] = {finding("r", "direct-identifiers", &name_attr, 3)};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        bool accepted = strcmp(e[i].result, "accepted") == 0;
        begin(40, 20);
        s.findings.list = f;
        s.findings.n = 1;
        assert_false(load(e[i].project, e[i].policy));
        run();
        expect("direct-identifiers", e[i].result, accepted ? "pass" : "fail");
        assert_int_equal(s.gate.n_accepted, 1);
        assert_int_equal(s.gate.accepted[0] != NULL, accepted);
        if (accepted)
            assert_string_equal(s.gate.accepted[0], "A1");
        assert_int_equal(json_array_size(s.gate.remarks), 0);
        end();
    }
}

/* One of two findings accepted leaves the other. */
static void test_accepted_in_part(void **state)
{
    dcr_finding f[] = {finding("r", "link-keys", &name_attr, 3),
                       finding("r", "link-keys", &date_attr, 3)};
    (void)state;
    begin(40, 20);
    s.findings.list = f;
    s.findings.n = 2;
    assert_false(load(ACCEPT("\"rule\": \"r\", \"path\": \"0008,0020\", "
                             "\"expires\": \"2027-01-01\""),
                      "public-release"));
    run();
    expect("link-keys", "fail", "fail");
    expect_numbers("link-keys", 1, 0);
    assert_null(s.gate.accepted[0]);
    assert_string_equal(s.gate.accepted[1], "A1");
    assert_string_equal(text_of("link-keys", "why"),
                        "1 of 2 accepted in the project file");
    end();
}

/* A criterion to be reviewed is accepted by its own id. */
static void test_accepted_criterion(void **state)
{
    static const struct {
        const char *project, *result, *overall;
        size_t remarks;
    } e[] = {
        {ACCEPT("\"rule\": \"two-exams\", \"expires\": \"2026-10-01\""), "accepted",
         "pass", 0},
        {ACCEPT("\"rule\": \"two-exams\", \"expires\": \"2027-10-02\""), "review", "fail",
         1},
        {ACCEPT("\"rule\": \"two-exams\", \"expires\": \"2026-09-30\""), "review", "fail",
         0},
        {ACCEPT("\"rule\": \"two-exams\", \"expires\": \"2027-01-01\""), "accepted",
         "pass", 0},
        {ACCEPT("\"rule\": \"two-exams\", \"ceiling\": 3, \"expires\": \"2027-01-01\""),
         "accepted", "pass", 0},
        {ACCEPT("\"rule\": \"two-exams\", \"ceiling\": 2, \"expires\": \"2027-01-01\""),
         "review", "fail", 1},
        {ACCEPT("\"rule\": \"two-exams\", \"expires\": \"2026-01-01\""), "review", "fail",
         0},
        {ACCEPT("\"rule\": \"collaborating-site\", \"expires\": \"2027-01-01\""),
         "review", "fail", 1},
        {ACCEPT("\"rule\": \"unique-subjects\", \"expires\": \"2027-01-01\""), "review",
         "fail", 1}};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        begin(40, 20);
        k_two[0] = k_two[1] = k_two[2] = 1;
        assert_false(load(e[i].project, "public-release"));
        run();
        expect("two-exams", e[i].result, e[i].overall);
        assert_int_equal(json_array_size(s.gate.remarks), e[i].remarks);
        end();
    }
    begin(40, 20); /* what fails outright is not to be accepted */
    k[0] = k_low[0] = 1;
    assert_false(
        load(ACCEPT("\"rule\": \"unique-subjects\", \"expires\": \"2027-01-01\""),
             "public-release"));
    run();
    expect("unique-subjects", "fail", "fail");
    assert_int_equal(json_array_size(s.gate.remarks), 1);
    end();
}

static void test_precedence(void **state)
{
    (void)state;
    begin(40, 20);
    assert_false(load(NULL, "public-release"));
    k[0] = k_low[0] = 1;
    run();
    expect("unique-subjects", "fail", "fail");
    s.model.data.unreadable_files = 1;
    run();
    expect("unique-subjects", "fail", "inconclusive");
    end();
}

/* ---- no memory ---- */

static dcr_status everything(dcr_err *err)
{
    bool fell_back;
    dcr_status rc = dcr_project_load(&s.project, file, err);
    if (rc == DCR_OK)
        rc = dcr_policy_load(&s.policy, rules, "internal-research", s.project, &fell_back,
                             err);
    s.in.project = s.project;
    if (rc == DCR_OK)
        rc = dcr_gate_run(&s.gate, s.policy, &s.in, err);
    return rc;
}

static void test_no_memory(void **state)
{
    dcr_finding f[] = {finding("r", "link-keys", &name_attr, 3)};
    dcr_status rc = DCR_ENOMEM;
    (void)state;
    write_file(ACCEPT("\"rule\": \"r\", \"expires\": \"2027-01-01\""));
    for (long n = 0; rc != DCR_OK; n++) {
        dcr_err err = {0};
        assert_true(n < 1000);
        begin(40, 20);
        s.findings.list = f;
        s.findings.n = 1;
        dcr_alloc_fail_after(n);
        rc = everything(&err);
        dcr_alloc_fail_after(-1);
        assert_true(rc == DCR_OK || err.code != DCR_OK);
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_pass),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_average),
        cmocka_unit_test(test_average_just_above),
        cmocka_unit_test(test_unattainable),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_sites_and_pairs),
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_bounds_average),
        cmocka_unit_test(test_bounds_unique),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_pixels),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_acceptances),
        cmocka_unit_test(test_accepted_in_part),
        cmocka_unit_test(test_accepted_criterion),
        cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
