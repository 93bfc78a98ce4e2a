/* A gate held against an older report: what is let pass, and all that is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "dcmrisk/report.h"

static const char text[] =
    "{'tool': {'rules': {'digest': 'r1'}}, 'run': {'time': '2026-01-02T03:04:05Z',"
    " 'options': {}}, 'policy': {'name': 'p', 'digest': 'd1', 'adversary': 'a'},"
    " 'project': {}, 'dataset': {'unreadable_files': 0}, 'assumptions': [],"
    " 'verdict': {'result': 'fail', 'sentence': 'The gate fails on 4 of 5 criteria. And"
    " more.', 'criteria': ["
    "{'id': 'below', 'found': 50, 'limit': 0, 'unit': 'patients', 'result': 'fail',"
    " 'why': ''},"
    "{'id': 'share', 'found': 10, 'limit': 5, 'unit': 'patients', 'result': 'review',"
    " 'why': ''},"
    "{'id': 'direct-identifiers', 'found': 1, 'limit': 0, 'unit': 'findings',"
    " 'result': 'fail', 'why': ''},"
    "{'id': 'link-keys', 'found': 1, 'limit': 0, 'unit': 'findings', 'result': 'fail',"
    " 'why': ''},"
    "{'id': 'read', 'found': 0, 'limit': 0, 'unit': 'files', 'result': 'pass',"
    " 'why': ''}]},"
    " 'findings': ["
    "{'rule': 'direct', 'path': '0010,0010', 'severity': 'critical', 'subjects': 3,"
    " 'studies': 3, 'series': 3, 'files': 3, 'acceptance': null,"
    " 'gate': 'direct-identifiers'},"
    "{'rule': 'link', 'path': '0020,000D', 'severity': 'high', 'subjects': 9,"
    " 'studies': 9, 'series': 9, 'files': 9, 'acceptance': null, 'gate': 'link-keys'},"
    "{'rule': 'other', 'path': null, 'severity': 'low', 'subjects': 1, 'studies': 1,"
    " 'series': 1, 'files': 1, 'acceptance': null, 'gate': null}]}";

static json_t *doc(void)
{
    char s[sizeof text];
    json_t *j;
    for (size_t i = 0; i < sizeof text; i++)
        s[i] = (char)(text[i] == '\'' ? '"' : text[i]);
    j = json_loads(s, 0, NULL);
    assert_non_null(j);
    return j;
}

typedef struct pair {
    json_t *now, *then;
} pair;

static pair two(void)
{
    return (pair){doc(), doc()};
}

static json_t *criterion(json_t *j, size_t i)
{
    return json_array_get(json_object_get(json_object_get(j, "verdict"), "criteria"), i);
}

static json_t *finding(json_t *j, size_t i)
{
    return json_array_get(json_object_get(j, "findings"), i);
}

static void set(json_t *o, const char *key, json_t *v)
{
    assert_int_equal(json_object_set_new(o, key, v), 0);
}

static void held(pair p)
{
    dcr_err err = {0};
    if (dcr_report_baseline(p.now, p.then, "0123456789abcdef0123456789abcdef", &err) !=
        DCR_OK)
        fail_msg("%s", err.text);
}

static void drop(pair p)
{
    json_decref(p.now);
    json_decref(p.then);
}

static const char *word(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s == NULL ? "(none)" : s;
}

/* Results of the five criteria: f r a p i by their first letters. */
static void results_are(pair p, const char *want)
{
    held(p);
    for (size_t i = 0; i < 5; i++)
        if (word(criterion(p.now, i), "result")[0] != want[i])
            fail_msg("%s is %s, not %c", word(criterion(p.now, i), "id"),
                     word(criterion(p.now, i), "result"), want[i]);
}

/* ---- what is let pass ---- */

static void test_same(void **state)
{
    pair p = two();
    const json_t *b;
    (void)state;
    results_are(p, "aafap"); /* direct identifiers never are */
    assert_string_equal(word(json_object_get(p.now, "verdict"), "result"), "fail");
    assert_string_equal(word(json_object_get(p.now, "verdict"), "sentence"),
                        "The gate fails on 1 of 5 criteria. 3 of 5 criteria are not met "
                        "and let pass, being no worse than in the baseline. And more.");
    assert_non_null(strstr(word(criterion(p.now, 0), "why"), "2026-01-02T03:04:05Z"));
    assert_non_null(
        strstr(word(criterion(p.now, 0), "why"), "0123456789abcdef0123456789abcdef"));
    b = json_object_get(p.now, "baseline");
    assert_int_equal(json_array_size(json_object_get(b, "masked")), 3);
    assert_int_equal(json_array_size(json_object_get(b, "not_masked")), 1);
    assert_int_equal(json_array_size(json_object_get(p.now, "assumptions")), 1);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(word(finding(p.now, i), "baseline"), "known");
    drop(p);
}

static void test_all_masked(void **state)
{
    pair p = two();
    (void)state;
    set(criterion(p.now, 2), "result", json_string("pass"));
    held(p);
    assert_string_equal(word(json_object_get(p.now, "verdict"), "result"), "pass");
    drop(p);
}

static void test_better_and_worse(void **state)
{
    pair p = two();
    (void)state;
    set(criterion(p.now, 0), "found", json_integer(49));
    results_are(p, "aafap");
    drop(p);
    p = two();
    set(criterion(p.now, 0), "found", json_integer(51));
    results_are(p, "fafap");
    assert_string_equal(word(criterion(p.now, 0), "baseline"), "worse");
    drop(p);
    p = two();
    set(criterion(p.now, 0), "found", json_real(50.5));
    results_are(p, "fafap");
    drop(p);
}

/* A share whose limit moved with the size of the release: 10 of 5 allowed, then 9 of 3.
 */
static void test_share(void **state)
{
    pair p = two();
    (void)state;
    set(criterion(p.now, 1), "found", json_integer(9));
    set(criterion(p.now, 1), "limit", json_integer(3));
    results_are(p, "arfap");
    drop(p);
    p = two();
    set(criterion(p.now, 1), "found", json_integer(8));
    set(criterion(p.now, 1), "limit", json_integer(4));
    results_are(p, "aafap");
    drop(p);
}

/* ---- what is not ---- */

static void test_inconclusive(void **state)
{
    pair p = two();
    (void)state;
    set(criterion(p.now, 0), "result", json_string("inconclusive"));
    results_are(p, "iafap");
    assert_string_equal(word(json_object_get(p.now, "verdict"), "result"),
                        "inconclusive");
    drop(p);
    p = two(); /* nothing is known of what was not decided then */
    set(criterion(p.then, 0), "result", json_string("inconclusive"));
    results_are(p, "fafap");
    drop(p);
}

static void test_met_then(void **state)
{
    pair p = two();
    (void)state;
    set(criterion(p.then, 0), "result", json_string("pass"));
    results_are(p, "fafap");
    assert_string_equal(word(criterion(p.now, 0), "baseline"), "new");
    drop(p);
    p = two();
    json_array_remove(json_object_get(json_object_get(p.then, "verdict"), "criteria"), 0);
    results_are(p, "fafap");
    drop(p);
}

/* An acceptance that has expired is not prolonged by a baseline; a baseline is. */
static void test_accepted_then(void **state)
{
    pair p = two();
    (void)state;
    set(criterion(p.then, 0), "result", json_string("accepted"));
    results_are(p, "fafap");
    drop(p);
    p = two();
    set(criterion(p.then, 0), "result", json_string("accepted"));
    set(criterion(p.then, 0), "baseline", json_string("known"));
    results_are(p, "aafap");
    drop(p);
    p = two();
    set(finding(p.then, 1), "acceptance", json_string("AR-1"));
    results_are(p, "aaffp");
    assert_string_equal(word(finding(p.now, 1), "baseline"), "worse");
    drop(p);
}

static void test_findings(void **state)
{
    static const char *const counts[] = {"subjects", "studies", "series", "files"};
    pair p;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        p = two();
        set(finding(p.now, 1), counts[i], json_integer(10));
        results_are(p, "aaffp");
        drop(p);
        p = two();
        set(finding(p.then, 1), counts[i],
            json_null()); /* left out: not to be compared */
        results_are(p, "aaffp");
        drop(p);
    }
    p = two();
    set(finding(p.then, 1), "severity", json_string("low"));
    results_are(p, "aaffp");
    drop(p);
    p = two(); /* the same number of findings, but another one */
    set(finding(p.now, 1), "path", json_string("0008,0018"));
    results_are(p, "aaffp");
    assert_string_equal(word(finding(p.now, 1), "baseline"), "new");
    assert_int_equal(
        json_integer_value(json_object_get(
            json_object_get(json_object_get(p.now, "baseline"), "findings"), "gone")),
        1);
    drop(p);
    p = two(); /* twice there: which is which? */
    json_array_append(json_object_get(p.then, "findings"), finding(p.then, 1));
    results_are(p, "aaffp");
    drop(p);
}

static void test_nothing_measured(void **state)
{
    pair p = two();
    (void)state;
    set(criterion(p.now, 0), "found", json_null());
    results_are(p, "fafap");
    drop(p);
    p = two();
    set(criterion(p.then, 0), "found", json_null());
    results_are(p, "fafap");
    drop(p);
}

/* Numbers of a chain of baselines only fall. */
static void test_chain(void **state)
{
    pair p = two(), q;
    (void)state;
    set(criterion(p.now, 0), "found", json_integer(40));
    held(p);
    q = (pair){doc(), json_incref(p.now)};
    set(criterion(q.now, 0), "found", json_integer(45));
    results_are(q, "fafap");
    drop(q);
    drop(p);
}

/* ---- what is no baseline ---- */

static void refused(pair p, const char *why)
{
    dcr_err err = {0};
    json_t *before = json_deep_copy(p.now);
    assert_int_equal(dcr_report_baseline(p.now, p.then, "", &err), DCR_EARG);
    if (strstr(err.text, why) == NULL)
        fail_msg("not for %s: %s", why, err.text);
    assert_true(json_equal(before, p.now));
    json_decref(before);
    drop(p);
}

static void test_refused(void **state)
{
    pair p = two();
    (void)state;
    set(json_object_get(p.then, "policy"), "digest", json_string("d2"));
    refused(p, "another policy");
    p = two();
    json_object_del(json_object_get(p.then, "policy"), "digest");
    json_object_del(json_object_get(p.now, "policy"), "digest");
    refused(p, "another policy");
    p = two();
    set(json_object_get(p.then, "policy"), "adversary", json_string("b"));
    refused(p, "adversary");
    p = two();
    set(json_object_get(json_object_get(p.then, "tool"), "rules"), "digest",
        json_string("r2"));
    refused(p, "other rules");
    p = two();
    set(json_object_get(json_object_get(p.then, "run"), "options"), "audience",
        json_string("public"));
    refused(p, "public edition");
    p = two();
    set(json_object_get(p.then, "dataset"), "unreadable_files", json_integer(1));
    refused(p, "not all files");
    p = two();
    set(criterion(p.then, 4), "result", json_string("inconclusive"));
    refused(p, "not all files");
    p = two();
    set(json_object_get(p.then, "project"), "title", json_string("x"));
    set(json_object_get(p.now, "project"), "title", json_string("y"));
    refused(p, "another release");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_all_masked),
        cmocka_unit_test(test_better_and_worse),
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_inconclusive),
        cmocka_unit_test(test_met_then),
        cmocka_unit_test(test_accepted_then),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_nothing_measured),
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
