/* Findings: counts, order, shapes, limits.  What each rule hits and misses stands in its
 * own file and is run by test_rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "dcmrisk/rules.h"
#include "example.h"

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

static const dcr_rule_file here = {"test", "", 0};

static void build(dcr_example *e, const char *text)
{
    dcr_err err = {0};
    json_error_t je;
    json_t *j = json_loads(text, 0, &je);
    if (j == NULL)
        fail_msg("%s", je.text);
    if (dcr_example_build(e, rules, &here, j, &err) != DCR_OK)
        fail_msg("%s", err.text);
    json_decref(j);
}

static void check(dcr_findings *f, dcr_example *e, const char *text)
{
    dcr_err err = {0};
    build(e, text);
    if (dcr_rules_check(f, rules, &(dcr_evidence){.model = &e->model}, &err) != DCR_OK)
        fail_msg("%s", err.text);
}

static const dcr_finding *find(const dcr_findings *f, const char *rule, const char *path)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->list[i].rule, rule) == 0 &&
            strcmp(f->list[i].attr == NULL ? "" : f->list[i].attr->path, path) == 0)
            return &f->list[i];
    return NULL;
}

/* Two of three values hit; the counts are theirs, not the attribute's. */
static void test_counts(void **state)
{
    dcr_findings f;
    dcr_example e;
    const dcr_finding *x;
    (void)state;
    check(&f, &e,
          "{\"path\": \"0008,0080\", \"vr\": \"LO\", \"values\": [{\"value\": \"A "
          "Clinic\", "
          "\"subjects\": 4}, {\"value\": \"B Clinic\", \"subjects\": 3}, {\"value\": "
          "\"REMOVED\", "
          "\"subjects\": 20}]}");
    x = find(&f, "institution-name-kept", "0008,0080");
    assert_non_null(x);
    assert_int_equal(x->subjects, 7);
    assert_int_equal(x->files, 7);
    assert_int_equal(x->severity, DCR_HIGH);
    assert_string_equal(x->gate, "");
    assert_string_equal(x->criterion, "singling-out");
    dcr_findings_clear(&f);
    dcr_example_clear(&e);
}

/* A subject with two values counts once: the sum is cut at the attribute's subjects. */
static void test_counts_overlap(void **state)
{
    dcr_findings f;
    dcr_example e;
    const dcr_finding *x;
    (void)state;
    check(&f, &e,
          "{\"path\": \"0008,0080\", \"vr\": \"LO\", \"subjects\": 5, \"values\": "
          "[{\"value\": "
          "\"A Clinic\", \"subjects\": 4}, {\"value\": \"B Clinic\", \"subjects\": 3}]}");
    x = find(&f, "institution-name-kept", "0008,0080");
    assert_non_null(x);
    assert_int_equal(x->subjects, 5);
    dcr_findings_clear(&f);
    dcr_example_clear(&e);
}

/* Two of three values hit, with a study in common: everybody is counted once. */
static void test_counts_union(void **state)
{
    dcr_findings f;
    dcr_example e;
    const dcr_finding *x;
    (void)state;
    check(&f, &e,
          "{\"attrs\": [{\"path\": \"0008,1030\", \"vr\": \"LO\", \"values\": ["
          "{\"value\": \"see a@b.example\", \"studies\": [0, 2, 3]},"
          "{\"value\": \"see c@d.example\", \"studies\": [2, 4]},"
          "{\"value\": \"CT chest\", \"studies\": [0, 1, 5]}]}],"
          "\"data\": {\"studies\": [2, 1, 2, 1]}}");
    x = find(&f, "email-in-value", "0008,1030");
    assert_non_null(x);
    assert_int_equal(x->studies, 4);  /* 0, 2, 3, 4 */
    assert_int_equal(x->subjects, 3); /* of the first, second and third */
    assert_int_equal(x->series, 4);
    dcr_findings_clear(&f);
    dcr_example_clear(&e);
}

/* A shape is told only when at least 11 subjects have it; otherwise a class of length. */
static void test_shape(void **state)
{
    static const char *const with[] = {"10", "11"}, *const shape[] = {"5-8 characters",
                                                                      "Aaa^Aaaa"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char text[400];
        dcr_findings f;
        dcr_example e;
        const dcr_finding *x;
        snprintf(text, sizeof text,
                 "{\"path\": \"0010,0010\", \"vr\": \"PN\", \"shape\": \"Aaa^Aaaa\", "
                 "\"shape_subjects\": %s, \"values\": [{\"value\": \"Doe^Jane\", "
                 "\"subjects\": 12}]}",
                 with[i]);
        check(&f, &e, text);
        x = find(&f, "direct-identifier-left", "0010,0010");
        assert_non_null(x);
        assert_string_equal(x->shape, shape[i]);
        assert_string_equal(x->gate, "direct-identifiers");
        for (size_t k = 0; k < f.n; k++)
            assert_null(strstr(f.list[k].shape, "Doe"));
        dcr_findings_clear(&f);
        dcr_example_clear(&e);
    }
}

static void test_order(void **state)
{
    dcr_findings f;
    dcr_example e;
    (void)state;
    check(&f, &e,
          "{\"attrs\": [{\"path\": \"0010,1001\", \"vr\": \"PN\", \"values\": "
          "[\"Roe^Jane\"]},"
          "{\"path\": \"0008,0030\", \"vr\": \"TM\", \"values\": [\"093015\"]},"
          "{\"path\": \"0010,0010\", \"vr\": \"PN\", \"values\": [\"Doe^Jane\"]},"
          "{\"path\": \"0008,0080\", \"vr\": \"LO\", \"values\": [\"A Clinic\"]},"
          "{\"path\": \"0018,1000\", \"vr\": \"LO\", \"values\": [\"40414\"]}],"
          "\"data\": {\"other_files\": 2}}");
    assert_true(f.n >= 6);
    for (size_t i = 1; i < f.n; i++) {
        const dcr_finding *a = &f.list[i - 1], *b = &f.list[i];
        int c = strcmp(a->rule, b->rule);
        assert_true(a->severity >= b->severity);
        if (a->severity == b->severity)
            assert_true(c < 0 || (c == 0 && strcmp(a->attr->path, b->attr->path) < 0));
    }
    assert_string_equal(f.list[0].rule, "direct-identifier-left");
    assert_string_equal(f.list[0].attr->path, "0010,0010");
    assert_string_equal(f.list[1].attr->path, "0010,1001");
    dcr_findings_clear(&f);
    dcr_example_clear(&e);
}

/* A rolled-up attribute shows few of its values: one that hits stands for all. */
static void test_rolled_up(void **state)
{
    dcr_findings f;
    dcr_example e;
    const dcr_finding *x;
    (void)state;
    check(
        &f, &e,
        "{\"path\": \"0008,0018\", \"vr\": \"UI\", \"rolled_up\": true, \"subjects\": 9, "
        "\"values\": [{\"value\": \"1.2.840.113619.2.5.1\", \"subjects\": 9}, "
        "{\"value\": "
        "\"1.2.840.113619.2.5.9\", \"subjects\": 9}]}");
    x = find(&f, "link-key-source-like", "0008,0018");
    assert_non_null(x);
    assert_int_equal(x->subjects, 9);
    assert_string_equal(x->gate, "link-keys");
    dcr_findings_clear(&f);
    dcr_example_clear(&e);
}

static void test_conflict(void **state)
{
    dcr_findings f;
    dcr_example e;
    const dcr_finding *x;
    (void)state;
    /* 12 (subject, value) pairs of 10 subjects: two subjects have both */
    check(&f, &e,
          "{\"path\": \"0010,0040\", \"vr\": \"CS\", \"subjects\": 10, \"values\": "
          "[{\"value\": "
          "\"F\", \"subjects\": 7}, {\"value\": \"M\", \"subjects\": 5}]}");
    x = find(&f, "patient-id-conflict", "0010,0040");
    assert_non_null(x);
    assert_int_equal(x->subjects, 2);
    dcr_findings_clear(&f);
    dcr_example_clear(&e);
}

/* A clean release has no findings at all.  It says what was done
 * (03c_declared_state_checks DS01: a release that does not is no clean one). */
static void test_clean(void **state)
{
    dcr_findings f;
    dcr_example e;
    (void)state;
    check(&f, &e,
          "{\"attrs\": [{\"path\": \"0010,0010\", \"vr\": \"PN\", \"values\": [\"P-a\", "
          "\"P-b\"]},"
          "{\"path\": \"0010,0020\", \"vr\": \"LO\", \"values\": [\"P-a\", \"P-b\"]},"
          "{\"path\": \"0010,0030\", \"vr\": \"DA\", \"values\": [\"\", \"\"]},"
          "{\"path\": \"0010,0040\", \"vr\": \"CS\", \"values\": [\"F\", \"M\"]},"
          "{\"path\": \"0010,1010\", \"vr\": \"AS\", \"values\": [\"045Y\", \"061Y\"]},"
          "{\"path\": \"0012,0062\", \"vr\": \"CS\", \"values\": [{\"value\": "
          "\"YES\", \"subjects\": 2}]},"
          "{\"path\": \"0012,0063\", \"vr\": \"LO\", \"values\": [{\"value\": "
          "\"DCM:113100/113105/113107/113108\", \"subjects\": 2}]},"
          "{\"path\": \"0028,0303\", \"vr\": \"CS\", \"values\": [{\"value\": "
          "\"MODIFIED\", \"subjects\": 2}]},"
          "{\"path\": \"0008,0020\", \"vr\": \"DA\", \"values\": [\"20180101\", "
          "\"20190101\"]},"
          "{\"path\": \"0008,0060\", \"vr\": \"CS\", \"values\": [\"CT\", \"MR\"]},"
          "{\"path\": \"0008,0008\", \"vr\": \"CS\", \"values\": "
          "[\"ORIGINAL\\\\PRIMARY\\\\AXIAL\"]},"
          "{\"path\": \"0008,0070\", \"vr\": \"LO\", \"values\": [\"SIEMENS\", \"GE "
          "MEDICAL SYSTEMS\"]},"
          "{\"path\": \"0018,1020\", \"vr\": \"LO\", \"values\": [\"syngo CT 2012B\", "
          "\"25.0\"]},"
          "{\"path\": \"0018,1030\", \"vr\": \"LO\", \"values\": [\"Thorax^1_LowDose\", "
          "\"t1_tse_sag\"]},"
          "{\"path\": \"0020,000D\", \"vr\": \"UI\", \"values\": "
          "[\"2.25.324969006592305634633390616021200786553\"]},"
          "{\"path\": \"0028,0030\", \"vr\": \"DS\", \"values\": "
          "[\"0.9765625\\\\0.9765625\"]}]}");
    for (size_t i = 0; i < f.n; i++) {
        if (f.list[i].severity > DCR_NOTE)
            print_message("%s %s\n", f.list[i].rule,
                          f.list[i].attr == NULL ? "" : f.list[i].attr->path);
        assert_int_equal(f.list[i].severity, DCR_NOTE);
    }
    dcr_findings_clear(&f);
    dcr_example_clear(&e);
}

static void test_empty_model(void **state)
{
    dcr_findings f;
    dcr_example e;
    (void)state;
    check(&f, &e, "{\"attrs\": []}");
    assert_int_equal(f.n, 0);
    dcr_findings_clear(&f);
    dcr_example_clear(&e);
}

/* Values may hold any bytes, none of them terminated. */
static void test_hostile(void **state)
{
    uint8_t bytes[256];
    dcr_value v = {.bytes = bytes,
                   .len = sizeof bytes,
                   .subjects = 1,
                   .studies = 1,
                   .series = 1,
                   .files = 1};
    static const char *const vrs[] = {"PN", "DA", "DT", "TM", "LO",
                                      "UI", "AS", "UN", "SQ", "OB"};
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof vrs / sizeof *vrs; i++) {
        for (uint32_t len = 1; len <= sizeof bytes; len += 5) {
            dcr_attr a = {.path = "0010,0030",
                          .family = "date",
                          .exact = true,
                          .files = 1,
                          .role = DCR_ROLE_QUASI_IDENTIFIER,
                          .subjects = 1,
                          .value_subjects = 1,
                          .values = &v,
                          .n_values = 1,
                          .shape = ""};
            dcr_model m = {.rules = rules, .attrs = &a, .n_attrs = 1, .n_subjects = 1};
            dcr_findings f;
            dcr_err err = {0};
            v.len = len;
            v.bytes = bytes + sizeof bytes - len;
            memcpy(a.vr, vrs[i], 3);
            assert_int_equal(
                dcr_rules_check(&f, rules, &(dcr_evidence){.model = &m}, &err), DCR_OK);
            dcr_findings_clear(&f);
        }
    }
}

static void test_no_memory(void **state)
{
    dcr_status st = DCR_ENOMEM;
    dcr_example e;
    (void)state;
    build(&e, "{\"attrs\": [{\"path\": \"0010,0010\", \"vr\": \"PN\", \"values\": "
              "[\"Doe^Jane\"]},"
              "{\"path\": \"0008,0050\", \"vr\": \"SH\", \"values\": [\"771201\"]}]}");
    for (long n = 0; st == DCR_ENOMEM; n++) {
        dcr_findings f;
        dcr_err err = {0};
        dcr_alloc_fail_after(n);
        st = dcr_rules_check(&f, rules, &(dcr_evidence){.model = &e.model}, &err);
        dcr_alloc_fail_after(-1);
        dcr_findings_clear(&f);
    }
    assert_int_equal(st, DCR_OK);
    dcr_example_clear(&e);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(dcr_severity_name(DCR_NOTE), "note");
    assert_string_equal(dcr_severity_name(DCR_CRITICAL), "critical");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),         cmocka_unit_test(test_counts_union),
        cmocka_unit_test(test_counts_overlap), cmocka_unit_test(test_shape),
        cmocka_unit_test(test_order),          cmocka_unit_test(test_rolled_up),
        cmocka_unit_test(test_conflict),       cmocka_unit_test(test_clean),
        cmocka_unit_test(test_empty_model),    cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_no_memory),      cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
