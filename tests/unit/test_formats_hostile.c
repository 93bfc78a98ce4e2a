/* Formats of documents that are odd, hostile, or far too long; what machines demand of
 * theirs. */
#include "format_scene.h"
#include "format_spoil.h"

/* ---- machines' formats ---- */

static void is_harmless(const char *s)
{
    for (const unsigned char *p = (const unsigned char *)s; *p != 0; p++)
        assert_true(*p >= ' ' || *p == '\n');
    assert_null(strstr(s, "\xE2\x80\xAE"));
}

/* What is not passed gives something to see; GitHub's rules of a result hold. */
static void sarif_holds(const json_t *report)
{
    size_t n, i;
    char *p = render("sarif", report, &n);
    json_t *j = json_loads(p, JSON_REJECT_DUPLICATES, NULL), *run, *r;
    const char *result =
        json_string_value(json_object_get(json_object_get(report, "verdict"), "result"));
    assert_non_null(j);
    run = json_array_get(json_object_get(j, "runs"), 0);
    const json_t *results = json_object_get(run, "results"),
                 *rules = json_object_get(
                     json_object_get(json_object_get(run, "tool"), "driver"), "rules");
    assert_true(json_is_array(results) && json_array_size(results) <= 5001);
    if (result == NULL || strcmp(result, "pass") != 0)
        assert_true(json_array_size(results) > 0);
    json_array_foreach((json_t *)(uintptr_t)results, i, r)
    {
        json_int_t at = 0, line = 0;
        const char *rule, *text, *uri, *hash, *id;
        assert_int_equal(
            json_unpack(r, "{s:s, s:I, s:{s:s}, s:[{s:{s:{s:s}, s:{s:I}}}], s:{s:s}}",
                        "ruleId", &rule, "ruleIndex", &at, "message", "text", &text,
                        "locations", "physicalLocation", "artifactLocation", "uri", &uri,
                        "region", "startLine", &line, "partialFingerprints",
                        "primaryLocationLineHash", &hash),
            0);
        assert_int_equal(line, 1);
        assert_string_equal(uri, "report.json");
        assert_int_equal(strlen(hash), 16);
        is_harmless(text);
        assert_null(strstr(text, "]("));
        id = json_string_value(json_object_get(json_array_get(rules, (size_t)at), "id"));
        assert_non_null(id);
        assert_string_equal(id, rule);
    }
    json_decref(j);
    free(p);
}

static void junit_holds(const json_t *report)
{
    size_t n;
    char *p = render("junit", report, &n);
    const int quiet = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    xmlDocPtr d = xmlReadMemory(p, (int)n, "j", "UTF-8", quiet);
    const char *result =
        json_string_value(json_object_get(json_object_get(report, "verdict"), "result"));
    assert_non_null(d);
    is_harmless(p);
    HOLDS(d, "count(/testsuites/testsuite) = 1 and not(/testsuites/@*)");
    HOLDS(d, "//testsuite/@tests = count(//testcase)");
    HOLDS(d, "//testsuite/@failures = count(//failure)");
    HOLDS(d, "//testsuite/@errors = count(//error)");
    HOLDS(d, "//testsuite/@skipped = count(//skipped)");
    HOLDS(d, "not(//testcase[not(@name) or @name = '' or not(@classname)])");
    if (result == NULL || strcmp(result, "pass") != 0)
        HOLDS(d, "//failure or //error");
    xmlFreeDoc(d);
    free(p);
}

static void markdown_holds(const json_t *report)
{
    size_t n;
    char *p = render("markdown", report, &n);
    assert_true(n < 1024 * 1000);
    is_harmless(p);
    assert_null(strstr(p, "<img"));
    assert_null(strstr(p, "<script"));
    assert_memory_equal(p, "## ", 3);
    free(p);
}

static void machines_hold(const json_t *report)
{
    sarif_holds(report);
    junit_holds(report);
    markdown_holds(report);
}

/* ---- odd and hostile documents ---- */

/* Documents that are nothing like a report still render. */
static void test_wrong_shapes(void **state)
{
    static const char *const docs[] = {
        "{}",
        "[]",
        "[1]",
        "{\"verdict\":[],\"adversaries\":{},\"dataset\":7}",
        "{\"adversaries\":[null,1,{}],\"findings\":[null],\"attributes\":[[],{}]}",
        "{\"heatmap\":{\"rows\":[1,2],\"columns\":[null],\"cells\":[]}}",
        "{\"adversaries\":[{\"views\":[{\"view\":\"any_exam\",\"histogram\":[{},null,{"
        "\"from\":5}]}]}],"
        "\"policy\":{\"k\":-3}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof docs / sizeof docs[0]; i++) {
        json_t *j = json_loads(docs[i], 0, NULL);
        assert_non_null(j);
        xmlDocPtr d = html(j);
        HOLDS(d, "starts-with(//title, 'INCONCLUSIVE')");
        xmlFreeDoc(d);
        size_t n;
        char *text = render("text", j, &n);
        assert_memory_equal(text, "INCONCLUSIVE", 12);
        free(text);
        machines_hold(j);
        json_decref(j);
    }
}

static void test_spoiled(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        json_t *j = sample();
        size_t n;
        for (uint32_t i = 0, times = 1 + any(6); i < times; i++)
            spoil(j);
        xmlDocPtr d = html(j);
        HOLDS(d, "count(//script) = 1 and not(//img) and not(//@*[starts-with(name(), "
                 "'on')])");
        HOLDS(d, "not(//a[not(substring(@href, 2) = //@id)])");
        xmlFreeDoc(d);
        free(render("text", j, &n));
        machines_hold(j);
        json_decref(j);
    }
}

static void test_poisoned(void **state)
{
    json_t *j = sample();
    size_t n;
    (void)state;
    poison(j);
    xmlDocPtr d = html(j);
    HOLDS(d,
          "count(//script) = 1 and not(//img) and not(//@*[starts-with(name(), 'on')])");
    HOLDS(d, "contains(//h1, '<script>alert(1)</script>')");
    xmlFreeDoc(d);
    char *p = render("html", j, &n);
    assert_null(strstr(p, "\x1B"));
    assert_null(strstr(p, "\xE2\x80\xAE"));
    free(p);
    p = render("text", j, &n);
    assert_null(strchr(p, '\x1B'));
    assert_null(strstr(p, "\xE2\x80\xAE"));
    free(p);
    machines_hold(j);
    json_decref(j);
}

/* A long list of long hostile strings stays within what GitHub takes. */
static void test_room(void **state)
{
    json_t *j = sample(), *f = json_array_get(json_object_get(j, "findings"), 0),
           *all = json_array();
    char attack[4000];
    (void)state;
    for (size_t i = 0; i + 1 < sizeof attack; i++)
        attack[i] = "@a"[i % 2];
    attack[sizeof attack - 1] = '\0';
    assert_int_equal(json_object_set_new(f, "title", json_string(attack)), 0);
    assert_int_equal(json_object_set_new(f, "path", json_string(attack)), 0);
    for (int i = 0; i < 6000; i++)
        assert_int_equal(json_array_append(all, f), 0);
    put(j, "findings", NULL, all);
    machines_hold(j);
    size_t n;
    char *p = render("markdown", j, &n);
    assert_non_null(strstr(p, "more findings in report.json"));
    free(p);
    p = render("sarif", j, &n);
    assert_non_null(strstr(p, "more findings are in report.json"));
    assert_true(n < 40u * 1000 * 1000);
    free(p);
    json_decref(j);
}

static json_t *results_of(json_t *j, bool with_accepted)
{
    char *p = NULL;
    size_t n;
    dcr_err err = {0};
    const dcr_render how = {.sarif_accepted = with_accepted};
    FILE *out = open_memstream(&p, &n);
    assert_int_equal(dcr_format_write(dcr_format_find("sarif"), j, &how, out, &err),
                     DCR_OK);
    fclose(out);
    json_t *doc = json_loads(p, 0, NULL), *results;
    results = json_incref(
        json_object_get(json_array_get(json_object_get(doc, "runs"), 0), "results"));
    json_decref(doc);
    free(p);
    return results;
}

/* Accepted findings open no alert, unless they are asked for, as suppressed ones. */
static void test_accepted(void **state)
{
    json_t *j = sample(), *r, *one;
    size_t i, suppressed = 0, n, open;
    (void)state;
    json_object_set_new(json_array_get(json_object_get(j, "findings"), 0), "acceptance",
                        json_string("AR-1"));
    r = results_of(j, false);
    open = json_array_size(r);
    json_array_foreach(r, i, one) assert_null(json_object_get(one, "suppressions"));
    json_decref(r);
    r = results_of(j, true);
    n = json_array_size(r);
    json_array_foreach(r, i, one)
    {
        const json_t *s = json_array_get(json_object_get(one, "suppressions"), 0);
        suppressed += s != NULL;
        if (s != NULL)
            assert_string_equal(json_string_value(json_object_get(s, "status")),
                                "accepted");
    }
    json_decref(r);
    assert_true(suppressed >= 1);
    assert_int_equal(n, open + suppressed);
    json_decref(j);
}

/* Numbers and shapes may differ between runs: what is found stays the same alert. */
static void test_fingerprints(void **state)
{
    json_t *j = sample(), *before = results_of(j, false), *after, *f;
    size_t i;
    (void)state;
    json_array_foreach(json_object_get(j, "findings"), i, f)
    {
        json_object_set_new(f, "subjects", json_integer(1));
        json_object_set_new(f, "shape", json_string("aa"));
        json_object_set_new(f, "title", json_string("other words"));
    }
    after = results_of(j, false);
    assert_int_equal(json_array_size(before), json_array_size(after));
    json_array_foreach(before, i, f) assert_true(
        json_equal(json_object_get(f, "partialFingerprints"),
                   json_object_get(json_array_get(after, i), "partialFingerprints")));
    json_decref(before);
    json_decref(after);
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_shapes), cmocka_unit_test(test_spoiled),
        cmocka_unit_test(test_poisoned),     cmocka_unit_test(test_room),
        cmocka_unit_test(test_accepted),     cmocka_unit_test(test_fingerprints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
