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
        NULL, "{\"schema\": \"dcmrisk-project/1\"}",
        "{\"schema\": \"dcmrisk-project/1\", \"controls\": {\"statement\": \"x\", "
        "\"signed_by\": \"y\"}}",
        "{\"schema\": \"dcmrisk-project/1\", \"controls\": {\"statement\": \"x\", "
        "\"date\": \"2026-01-01\"}}",
        "{\"schema\": \"dcmrisk-project/1\", \"controls\": {\"signed_by\": \"x\", "
        "\"date\": \"2026-01-01\"}}"};
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
        {"", "the file is empty", 1},
        {"{\n\"schema\": \"dcmrisk-policy/1\",\n\"id\": }", "not valid JSON at column",
         3},
        {"{\"id\": \"a\",\n \"id\": \"b\"}", "a key stands twice", 2},
        {"[]", "an object, {...}, is wanted", 1},
        {"{\"schema\": \"dcmrisk-policy/2\"}", "\"schema\" must be \"dcmrisk-policy/1\"",
         1},
        {POLICY("\n\"kk\": 3, " ONE(BELOW "\"at_most\": 0")),
         "unknown key \"kk\"; it may be schema, id, ", 2},
        {POLICY("\n\n\"needs_controls\": \"yes\", " ONE(BELOW "\"at_most\": 0")),
         "\"needs_controls\" must be true or false, without quotes; it is text", 3},
        {POLICY("\"levels\": [], " ONE(BELOW "\"at_most\": 0")),
         "\"levels\" must be an object of concept to level", 1},
        {POLICY(
             "\"levels\": {\n\"exam_date\": \"mounth\"}, " ONE(BELOW "\"at_most\": 0")),
         "did you mean \"month\"?", 2},
        {POLICY("\"levels\": {\n\"exam_date\": \"fortnight\"}, " ONE(BELOW
                                                                     "\"at_most\": 0")),
         "\"exam_date\" must be day, ", 2},
        {POLICY("\"levels\": {\n\n\"exam_date\": 1}, " ONE(BELOW "\"at_most\": 0")),
         "\"exam_date\" must be text in double quotes; it is a number", 3},
        {POLICY("\"levels\": {\n\"exam_dat\": \"day\"}, " ONE(BELOW "\"at_most\": 0")),
         "did you mean \"exam_date\"?", 2},
        {POLICY("\"levels\": {\"staff\": \"person\"}, " ONE(BELOW "\"at_most\": 0")),
         "\"staff\" must be sex, ", 1},
        {POLICY("\"levels\": {}"), "\"criteria\" is missing", 1},
        {POLICY("\n\"criteria\": []"), "a list of at least one criterion", 2},
        {POLICY("\n\"criteria\": {}"), "a list of at least one criterion", 2},
        {POLICY("\"criteria\": [\n1]"),
         "a list of objects, [{...}]; this one is a number", 2},
        {POLICY(ONE(BELOW "\n\"atmost\": 0")), "did you mean \"at_most\"?", 2},
        {POLICY(ONE("\n\"kind\": \"lower\"")),
         "\"kind\" must be below, average, unique-to-site", 2},
        {POLICY(ONE("\n\"kind\": \"belo\"")), "did you mean \"below\"?", 2},
        {POLICY("\n\"criteria\": [{\"kind\": \"below\", \"k\": 5}]"), "\"id\" is missing",
         2},
        {POLICY(ONE("\"kind\": \"below\", \n\"k\": 1")),
         "\"k\" must be a whole number from 2 to 1000000", 2},
        {POLICY(ONE("\"kind\": \"below\", \"k\": -5")), "\"k\" must be a whole", 1},
        {POLICY(ONE("\"kind\": \"below\", \"k\": 5.5")), "\"k\" must be a whole", 1},
        {POLICY(ONE("\"kind\": \"below\", \"k\": \"5\"")),
         "\"k\" must be a whole number from 2 to 1000000; it is text", 1},
        {POLICY(ONE("\"kind\": \"below\", \"k\": 1000001")), "\"k\" must be a whole", 1},
        {POLICY(ONE("\"kind\": \"below\"")), "\"k\" is missing", 1},
        {POLICY(ONE(BELOW "\n\"at_most\": -1")), "\"at_most\" must be a whole number", 2},
        {POLICY(ONE(BELOW "\"at_most\": 0.5")), "\"at_most\" must be", 1},
        {POLICY(ONE(BELOW "\"at_most\": \"0\"")), "\"at_most\" must be", 1},
        {POLICY(ONE(BELOW "\"at_most\": null")), "it is null", 1},
        {POLICY(ONE(BELOW "\"at_most\": 1, \n\"at_most_share\": [1, 2]")), "not both", 2},
        {POLICY(ONE(BELOW "\n\"at_most_share\": [1]")), "[5, 100] for 5 in 100", 2},
        {POLICY(ONE(BELOW "\"at_most_share\": [1, 0]")), "at_most_share", 1},
        {POLICY(ONE(BELOW "\"at_most_share\": [2, 1]")), "at_most_share", 1},
        {POLICY(ONE(BELOW "\"at_most_share\": [-1, 5]")), "at_most_share", 1},
        {POLICY(ONE(BELOW "\"at_most_share\": [1, 5, 7]")), "at_most_share", 1},
        {POLICY(ONE(BELOW "\"at_most_share\": [0.05, 1]")), "at_most_share", 1},
        {POLICY(ONE(BELOW "\"at_most_share\": [\"1\", 20]")), "at_most_share", 1},
        {POLICY(ONE(BELOW "\"at_most_share\": 0.05")), "at_most_share", 1},
        {POLICY(ONE(BELOW "\"at_most_share\": [1, 9223372036854775807]")),
         "at_most_share", 1},
        {POLICY(ONE(BELOW "\"at_most\": 0, \n\"then\": \"ignore\"")),
         "\"then\" must be fail, review or inconclusive", 2},
        {POLICY(ONE(BELOW "\"at_most\": 0, \"then\": 1")), "it is a number", 1},
        {POLICY(ONE(BELOW "\"at_most\": 0, \"acceptable\": \"no\"")), "acceptable", 1},
        {"{\"schema\": \"dcmrisk-policy/1\", \"id\": \"x\", \"k\": 5, "
         "\n\"adversary\": \"nobody\", " ONE(BELOW "\"at_most\": 0") "}",
         "\"adversary\" must be public, acquaintance", 2},
        {"{\"schema\": \"dcmrisk-policy/1\", \"id\": \"x\", \"k\": 1, "
         "\"adversary\": \"public\", " ONE(BELOW "\"at_most\": 0") "}",
         "\"k\" must be", 1}};
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
    assert_int_equal(strlen(dcr_policy_digest(s.policy)), 64);
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
        DCR_EARG);
    assert_string_equal(err.where, "absent/policy.json");
    assert_null(p);
    dcr_project_free(project);
}

static void test_wrong_projects(void **state)
{
#define ACCEPT_BAD(more) "{\"schema\": \"dcmrisk-project/1\", \"accept\": [{" more "}]}"
#define WHAT             "\"reason\": \"x\", \"who\": \"y\", "
#define WHO              "\"rule\": \"r\", " WHAT
    static const wrong e[] = {
        {"", "the file is empty", 1},
        {"{\n\"schema\": \"dcmrisk-project/1\",\n\n oops", "not valid JSON at column", 4},
        {"{\"schema\": \"dcmrisk-project/1\",\n}", "no comma stands before", 2},
        {"{\"schema\": \"dcmrisk-project/1\"\n\"title\": \"x\"}", "write a comma", 2},
        {"{'schema': 1}", "double quotes", 1},
        {"{\"schema\": \"dcmrisk-project/1\", // no\n \"title\": \"x\"}",
         "JSON has no comments", 1},
        {"{\"schema\": \"dcmrisk-project/1\", \"title\" \"x\"}", "write a :", 1},
        {"{\"schema\": \"dcmrisk-project/1\", \"title\": x}",
         "text in double quotes, a number", 1},
        {"{\"schema\": \"dcmrisk-project/1\",\n \"accept\": [{", "ends too early", 2},
        {"\xEF\xBB\xBF{\"schema\": \"dcmrisk-project/1\"}", "byte order mark", 1},
        {"{\"schema\": \"dcmrisk-project/1\", \"title\": \"\xE9\"}", "not UTF-8", 1},
        {"{\"schema\": \"dcmrisk-project/1\", \"title\": \"C:\\data\"}", "write \\\\", 1},
        {"{\"schema\": \"dcmrisk-project/1\"} {}", "text behind the end", 1},
        {"[]", "an object, {...}, is wanted", 1},
        {"{}", "\"schema\" is missing: it must be \"dcmrisk-project/1\"", 1},
        {"{\n\"schema\": \"dcmrisk-project/2\"}",
         "\"schema\" must be \"dcmrisk-project/1\"", 2},
        {"{\"schema\": \"dcmrisk-project/1\", \n\"acccept\": []}",
         "unknown key \"acccept\"; did you mean \"accept\"?", 2},
        {"{\"schema\": \"dcmrisk-project/1\", \n\"zzzzzz\": []}",
         "unknown key \"zzzzzz\"; it may be schema, title", 2},
        {"{\"schema\": \"dcmrisk-project/1\", \n\"accept\": {}}",
         "\"accept\" must be a list of objects, [{...}, {...}]; it is an object", 2},
        {"{\"schema\": \"dcmrisk-project/1\", \"accept\": [\n\"all\"]}",
         "must be a list of objects, [{...}]; this one is text", 2},
        {"{\"schema\": \"dcmrisk-project/1\", \n\"controls\": \"all fine\"}",
         "\"controls\" must be an object, {...}; it is text", 2},
        {"{\"schema\": \"dcmrisk-project/1\", \"controls\": {\"statement\": \"x\", "
         "\"signed_by\": \"y\",\n\"date\": \"2026-02-29\"}}",
         "\"date\" must be a day that exists", 2},
        {"{\"schema\": \"dcmrisk-project/1\", \"controls\": {\n\"signd_by\": \"y\"}}",
         "did you mean \"signed_by\"?", 2},
        {"{\"schema\": \"dcmrisk-project/1\", \n\"claim\": \"anonymus\"}",
         "did you mean \"anonymous\"?", 2},
        {"{\"schema\": \"dcmrisk-project/1\", \"purpose\": {\"0008,0020\": "
         "\"x\",\n\"0008,0021\": 5}}",
         "\"0008,0021\" must be text in double quotes; it is a number", 2},
        {"{\"schema\": \"dcmrisk-project/1\", \"reviews\": {\"pixels\": {\n\"when\": "
         "\"today\"}}}",
         "\"when\" must be a day that exists, as \"YYYY-MM-DD\"", 2},
        {"{\"schema\": \"dcmrisk-project/1\", \"reviews\": {\"pixels\": {\"when\": "
         "\"2026-09-31\"}}}",
         "\"when\" must be a day that exists", 1},
        {"{\"schema\": \"dcmrisk-project/1\", \"reviews\": {\"pixels\": {\"who\": "
         "\"\"}}}",
         "it is empty text", 1},
        {"{\"schema\": \"dcmrisk-project/1\", \"title\": \"\"}", "it is empty text", 1},
        {"{\"schema\": \"dcmrisk-project/1\", \"population\": {\"design\": "
         "\"censos\"}}",
         "did you mean \"census\"?", 1},
        {ACCEPT_BAD("\"rule\": \"r\", \"who\": \"y\", \"expires\": \"2027-01-01\""),
         "\"reason\" is missing: it must be text", 1},
        {ACCEPT_BAD("\"rule\": \"r\", \"reason\": \"y\", \"expires\": \"2027-01-01\""),
         "\"who\" is missing: it must be text", 1},
        {ACCEPT_BAD("\"who\": \"r\", \"reason\": \"y\", \"expires\": \"2027-01-01\""),
         "\"rule\" is missing: it must be the id of a rule", 1},
        {ACCEPT_BAD("\"rule\": \"\", " WHAT "\"expires\": \"2027-01-01\""),
         "it is empty text", 1},
        {ACCEPT_BAD(WHO "\n\"pathh\": \"x\", \"expires\": \"2027-01-01\""),
         "did you mean \"path\"?", 2},
        {ACCEPT_BAD(WHO "\"path\": \"x\""),
         "\"expires\" is missing: it must be a date as \"YYYY-MM-DD\"", 1},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-01-01\"}, {\n\n" WHO
                        "\n\"expires\": \"2027-13-01\""),
         "\"expires\" must be a day that exists", 4},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-1-1\""), "as \"YYYY-MM-DD\"", 1},
        {ACCEPT_BAD(WHO "\"expires\": \"20270101\""), "as \"YYYY-MM-DD\"", 1},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-13-01\""), "as \"YYYY-MM-DD\"", 1},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-00-01\""), "as \"YYYY-MM-DD\"", 1},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-02-29\""), "as \"YYYY-MM-DD\"", 1},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-04-31\""), "as \"YYYY-MM-DD\"", 1},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-04-00\""), "as \"YYYY-MM-DD\"", 1},
        {ACCEPT_BAD(WHO "\"expires\": \"never-----\""), "as \"YYYY-MM-DD\"", 1},
        {ACCEPT_BAD(WHO "\"expires\": 20270101"),
         "a date as \"YYYY-MM-DD\"; it is a number", 1},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-01-01\", \n\"ceiling\": \"5\""),
         "\"ceiling\" must be a number of patients from 0, without quotes; it is text",
         2},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-01-01\", \"ceiling\": -1"),
         "\"ceiling\" must be a number", 1},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-01-01\", \"ceiling\": 1.5"),
         "\"ceiling\" must be a number", 1},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-01-01\", \"ceiling\": null"), "it is null",
         1},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-01-01\", \"path\": [\"0010,0010\"]"),
         "it is a list", 1},
        {ACCEPT_BAD(WHO "\"expires\": \"2027-01-01\", \"id\": 5"), "it is a number", 1}};
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
    assert_int_equal(dcr_project_load(&p, "absent.json", &err), DCR_EARG);
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
