/* Policies and project files: which holds, and what is said of one that is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate_scene.h"

/* ---- controls ---- */

static void test_controls(void **state)
{
    static const char *const without[] = {
        NULL,
        "{\"schema\": \"dcmrisk-project/1\"}",
        "{\"schema\": \"dcmrisk-project/1\", \"controls\": {\"statement\": \"x\", "
        "\"signed_by\": \"y\"}}",
        "{\"schema\": \"dcmrisk-project/1\", \"controls\": {\"statement\": \"x\", "
        "\"date\": \"2026-01-01\"}}",
        "{\"schema\": \"dcmrisk-project/1\", \"controls\": {\"signed_by\": \"x\", "
        "\"date\": \"2026-01-01\"}}",
        "{\"schema\": \"dcmrisk-project/1\", \"controls\": {\"statement\": \"x\", "
        "\"signed_by\": \"y\", \"date\": \"2026-02-29\"}}",
        "{\"schema\": \"dcmrisk-project/1\", \"controls\": \"all fine\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        begin(1, 1);
        assert_true(load(without[i], "controlled-access"));
        assert_string_equal(dcr_policy_name(s.policy), "public-release");
        end();
        assert_true(load(without[i], "internal-research"));
        assert_int_equal(dcr_policy_k(s.policy), 11);
        end();
    }
    begin(1, 1);
    assert_false(load(PROJECT(""), "controlled-access"));
    assert_string_equal(dcr_policy_name(s.policy), "controlled-access");
    assert_int_equal(dcr_policy_k(s.policy), 5);
    assert_true(dcr_project_has_controls(s.project));
    assert_false(dcr_policy_own_levels(s.policy));
    end();
}

static void test_own_levels(void **state)
{
    const dcr_adversary *a;
    size_t n, found = 0;
    const dcr_concept *c = dcr_rules_concepts(rules, &n);
    (void)state;
    begin(1, 1);
    assert_false(load(PROJECT(""), "internal-research"));
    assert_true(dcr_policy_own_levels(s.policy));
    a = dcr_policy_adversary(s.policy);
    assert_string_equal(a->id, "acquaintance,exam_date@month");
    for (size_t i = 0; i < a->n_knows; i++)
        if (strcmp(c[a->knows[i].concept].id, "exam_date") == 0) {
            assert_string_equal(a->knows[i].level, "month");
            found++;
        }
    assert_int_equal(found, 1);
    end();
}

/* ---- files that are wrong ---- */

typedef struct wrong {
    const char *text, *says;
    long line;
} wrong;

#define ONE(more) "\"criteria\": [{\"id\": \"a\", \"title\": \"A\", " more "}]"
#define POLICY(more)                                                                     \
    "{\"schema\": \"dcmrisk-policy/1\", \"id\": \"own\", \"k\": 5, "                     \
    "\"adversary\": \"acquaintance\", " more "}"
#define BELOW "\"kind\": \"below\", \"k\": 5, "

static void test_wrong_policies(void **state)
{
    static const wrong e[] = {
        {"", "not valid JSON at line 1", 1},
        {"{\n\"schema\": \"dcmrisk-policy/1\",\n\"id\": }", "not valid JSON at line 3",
         3},
        {"{\"id\": \"a\",\n \"id\": \"b\"}", "not valid JSON", 2},
        {"[]", "an object is wanted", 0},
        {"{\"schema\": \"dcmrisk-policy/2\"}", "schema must be", 0},
        {POLICY("\"kk\": 3, " ONE(BELOW "\"at_most\": 0")), "no key 'kk'", 0},
        {POLICY("\"needs_controls\": \"yes\", " ONE(BELOW "\"at_most\": 0")),
         "needs_controls", 0},
        {POLICY("\"levels\": [], " ONE(BELOW "\"at_most\": 0")), "levels", 0},
        {POLICY(
             "\"levels\": {\"exam_date\": \"fortnight\"}, " ONE(BELOW "\"at_most\": 0")),
         "'exam_date' has no level 'fortnight'", 0},
        {POLICY("\"levels\": {\"exam_date\": 1}, " ONE(BELOW "\"at_most\": 0")),
         "has no level", 0},
        {POLICY("\"levels\": {\"staff\": \"value\"}, " ONE(BELOW "\"at_most\": 0")),
         "knows no 'staff'", 0},
        {POLICY("\"levels\": {}"), "criteria is a list", 0},
        {POLICY("\"criteria\": []"), "criteria is a list", 0},
        {POLICY("\"criteria\": {}"), "criteria is a list", 0},
        {POLICY("\"criteria\": [1]"), "an object is wanted", 0},
        {POLICY(ONE(BELOW "\"atmost\": 0")), "no key 'atmost'", 0},
        {POLICY(ONE("\"kind\": \"lower\"")), "no criterion of kind 'lower'", 0},
        {POLICY("\"criteria\": [{\"kind\": \"below\", \"k\": 5}]"), "needs id and title",
         0},
        {POLICY(ONE("\"kind\": \"below\", \"k\": 1")), "k must be", 0},
        {POLICY(ONE("\"kind\": \"below\", \"k\": -5")), "k must be", 0},
        {POLICY(ONE("\"kind\": \"below\", \"k\": 5.5")), "k must be", 0},
        {POLICY(ONE("\"kind\": \"below\", \"k\": \"5\"")), "k must be", 0},
        {POLICY(ONE("\"kind\": \"below\", \"k\": 1000001")), "k must be", 0},
        {POLICY(ONE("\"kind\": \"below\"")), "k must be", 0},
        {POLICY(ONE(BELOW "\"at_most\": -1")), "at_most must be", 0},
        {POLICY(ONE(BELOW "\"at_most\": 0.5")), "at_most must be", 0},
        {POLICY(ONE(BELOW "\"at_most\": \"0\"")), "at_most must be", 0},
        {POLICY(ONE(BELOW "\"at_most\": null")), "at_most must be", 0},
        {POLICY(ONE(BELOW "\"at_most\": 1, \"at_most_share\": [1, 2]")), "not both", 0},
        {POLICY(ONE(BELOW "\"at_most_share\": [1]")), "at_most_share", 0},
        {POLICY(ONE(BELOW "\"at_most_share\": [1, 0]")), "at_most_share", 0},
        {POLICY(ONE(BELOW "\"at_most_share\": [2, 1]")), "at_most_share", 0},
        {POLICY(ONE(BELOW "\"at_most_share\": [-1, 5]")), "at_most_share", 0},
        {POLICY(ONE(BELOW "\"at_most_share\": [1, 5, 7]")), "at_most_share", 0},
        {POLICY(ONE(BELOW "\"at_most_share\": [0.05, 1]")), "at_most_share", 0},
        {POLICY(ONE(BELOW "\"at_most_share\": [\"1\", 20]")), "at_most_share", 0},
        {POLICY(ONE(BELOW "\"at_most_share\": 0.05")), "at_most_share", 0},
        {POLICY(ONE(BELOW "\"at_most_share\": [1, 9223372036854775807]")),
         "at_most_share", 0},
        {POLICY(ONE(BELOW "\"at_most\": 0, \"then\": \"ignore\"")), "then is fail", 0},
        {POLICY(ONE(BELOW "\"at_most\": 0, \"then\": 1")), "then is fail", 0},
        {POLICY(ONE(BELOW "\"at_most\": 0, \"acceptable\": \"no\"")), "acceptable", 0},
        {"{\"schema\": \"dcmrisk-policy/1\", \"k\": 5, \"adversary\": \"nobody\", " ONE(
             BELOW "\"at_most\": 0") "}",
         "no adversary 'nobody'", 0},
        {"{\"schema\": \"dcmrisk-policy/1\", \"k\": 1, \"adversary\": \"public\", " ONE(
             BELOW "\"at_most\": 0") "}",
         "k must be", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        dcr_err err = {0};
        dcr_policy *p = NULL;
        dcr_project *project = NULL;
        bool fell_back;
        write_file(e[i].text);
        assert_int_equal(dcr_project_load(&project, NULL, &err), DCR_OK);
        if (dcr_policy_load(&p, rules, file, project, &fell_back, &err) == DCR_OK)
            fail_msg("taken as a policy: %s", e[i].text);
        assert_int_equal(err.code, DCR_ERULES);
        assert_null(p);
        assert_string_equal(err.where, file);
        if (strstr(err.text, e[i].says) == NULL)
            fail_msg("'%s' of %s", err.text, e[i].text);
        assert_int_equal(err.line, e[i].line);
        dcr_project_free(project);
    }
}

static void test_right_policy(void **state)
{
    (void)state;
    begin(40, 20);
    assert_false(
        load(NULL, POLICY("\"levels\": {\"age\": \"5y\"}, " ONE(
                       BELOW "\"at_most_share\": [1, 1], \"then\": \"review\""))));
    assert_string_equal(dcr_policy_name(s.policy), "own");
    assert_string_equal(dcr_policy_adversary(s.policy)->id, "acquaintance,age@5y");
    assert_int_equal(strlen(dcr_policy_digest(s.policy)), 32);
    for (int i = 0; i < 40; i++)
        k[i] = k_low[i] = 1;
    run();
    expect("a", "pass", "pass"); /* all of them may be */
    end();
}

static void test_no_policy(void **state)
{
    dcr_err err = {0};
    dcr_policy *p = NULL;
    dcr_project *project = NULL;
    bool fell_back;
    (void)state;
    assert_int_equal(dcr_project_load(&project, NULL, &err), DCR_OK);
    assert_int_equal(dcr_policy_load(&p, rules, "publik", project, &fell_back, &err),
                     DCR_ERULES);
    assert_non_null(strstr(err.text, "no policy 'publik'"));
    memset(&err, 0, sizeof err);
    assert_int_equal(
        dcr_policy_load(&p, rules, "absent/policy.json", project, &fell_back, &err),
        DCR_ERULES);
    assert_string_equal(err.where, "absent/policy.json");
    assert_null(p);
    dcr_project_free(project);
}

static void test_wrong_projects(void **state)
{
#define ACCEPT_BAD(more) "{\"schema\": \"dcmrisk-project/1\", \"accept\": [{" more "}]}"
#define WHO              "\"rule\": \"r\", \"reason\": \"x\", \"who\": \"y\", "
    static const wrong e[] = {
        {"", "not valid JSON at line 1", 1},
        {"{\n\"schema\": \"dcmrisk-project/1\",\n\n oops", "not valid JSON at line 4", 4},
        {"[]", "an object is wanted", 0},
        {"{}", "schema must be", 0},
        {"{\"schema\": \"dcmrisk-project/1\", \"acccept\": []}", "no key 'acccept'", 0},
        {"{\"schema\": \"dcmrisk-project/1\", \"accept\": {}}", "accept is a list", 0},
        {"{\"schema\": \"dcmrisk-project/1\", \"accept\": [\"all\"]}",
         "an object is wanted", 0},
        {ACCEPT_BAD("\"rule\": \"r\", \"who\": \"y\", \"expires\": \"2027-01-01\""),
         "needs rule, reason, who", 0},
        {ACCEPT_BAD("\"rule\": \"r\", \"reason\": \"y\", \"expires\": \"2027-01-01\""),
         "needs rule, reason, who", 0},
        {ACCEPT_BAD("\"who\": \"r\", \"reason\": \"y\", \"expires\": \"2027-01-01\""),
         "needs rule, reason, who", 0},
        {ACCEPT_BAD(WHO "\"pathh\": \"x\", \"expires\": \"2027-01-01\""),
         "no key 'pathh'", 0},
        {ACCEPT_BAD(WHO "\"path\": \"x\""), "expires as YYYY-MM-DD", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-1-1\""), "expires as YYYY-MM-DD", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"20270101\""), "expires as YYYY-MM-DD", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-13-01\""), "expires as YYYY-MM-DD", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-00-01\""), "expires as YYYY-MM-DD", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-02-29\""), "expires as YYYY-MM-DD", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-04-31\""), "expires as YYYY-MM-DD", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-04-00\""), "expires as YYYY-MM-DD", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"never-----\""), "expires as YYYY-MM-DD", 0},
        {ACCEPT_BAD(WHO "\"expires\": 20270101"), "expires as YYYY-MM-DD", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-01-01\", \"ceiling\": \"5\""),
         "ceiling is a number", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-01-01\", \"ceiling\": -1"),
         "ceiling is a number", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-01-01\", \"ceiling\": 1.5"),
         "ceiling is a number", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-01-01\", \"ceiling\": null"),
         "ceiling is a number", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-01-01\", \"path\": [\"0010,0010\"]"),
         "are text", 0},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-01-01\", \"id\": 5"), "are text", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        dcr_err err = {0};
        dcr_project *p = NULL;
        write_file(e[i].text);
        if (dcr_project_load(&p, file, &err) == DCR_OK)
            fail_msg("taken as a project: %s", e[i].text);
        assert_int_equal(err.code, DCR_ERULES);
        assert_null(p);
        assert_string_equal(err.where, file);
        if (strstr(err.text, e[i].says) == NULL)
            fail_msg("'%s' of %s", err.text, e[i].text);
        assert_int_equal(err.line, e[i].line);
    }
}

static void test_right_project(void **state)
{
    dcr_err err = {0};
    dcr_project *p = NULL;
    (void)state;
    write_file(
        PROJECT(", \"purpose\": {\"0008,0020\": \"growth rate\"}, \"accept\": [{" WHO
                "\"expires\": \"2028-02-29\"}]"));
    assert_int_equal(dcr_project_load(&p, file, &err), DCR_OK);
    assert_string_equal(dcr_project_purpose(p, "0008,0020"), "growth rate");
    assert_null(dcr_project_purpose(p, "0008,0021"));
    assert_true(json_is_object(dcr_project_json(p)));
    dcr_project_free(p);
    assert_int_equal(dcr_project_load(&p, NULL, &err), DCR_OK);
    assert_int_equal(json_object_size(dcr_project_json(p)), 0);
    assert_false(dcr_project_has_controls(p));
    dcr_project_free(p);
    assert_int_equal(dcr_project_load(&p, "absent.json", &err), DCR_ERULES);
    assert_string_equal(err.where, "absent.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_controls),       cmocka_unit_test(test_own_levels),
        cmocka_unit_test(test_wrong_policies), cmocka_unit_test(test_right_policy),
        cmocka_unit_test(test_no_policy),      cmocka_unit_test(test_wrong_projects),
        cmocka_unit_test(test_right_project),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
