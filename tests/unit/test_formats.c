/* Formats: functions of the JSON alone, for any JSON. */
#include "format_scene.h"

/* ---- the list ---- */

static void test_list(void **state)
{
    const dcr_format *const *all = dcr_formats();
    size_t n = 0;
    (void)state;
    for (; all[n] != NULL; n++) {
        assert_ptr_equal(dcr_format_find(all[n]->id), all[n]);
        assert_non_null(all[n]->file[0].write);
        assert_true(strlen(all[n]->title) > 0 && strlen(all[n]->title) < 60);
        assert_null(strchr(all[n]->file[0].name, '/'));
        if (n > 0)
            assert_true(strcmp(all[n - 1]->id, all[n]->id) < 0);
    }
    assert_true(n >= 3);
    assert_non_null(dcr_format_find("json"));
    assert_non_null(dcr_format_find("html"));
    assert_non_null(dcr_format_find("text"));
    assert_non_null(dcr_format_find("sarif"));
    assert_non_null(dcr_format_find("junit"));
    assert_non_null(dcr_format_find("markdown"));
    assert_null(dcr_format_find("pdf"));
    assert_null(dcr_format_find(""));
}

/* ---- json ---- */

static void test_json(void **state)
{
    size_t n, m;
    json_t *j = sample();
    (void)state;
    put(j, "verdict", "sentence",
        json_string("\xE2\x80\xAE\xC2\x9B"
                    "31m \xC3\xA9"));
    put(j, "run", "third", json_real(1.0 / 3));
    char *one = render("json", j, &n);
    assert_int_equal(one[n - 1], '\n');
    assert_int_equal(one[n - 2], '}');
    assert_non_null(strstr(one, "\n  \"schema\": \"dcmrisk-report/1\","));
    assert_non_null(strstr(one, "0.333333333333333"));
    for (size_t i = 0; i < n; i++)
        assert_true(one[i] == '\n' || (one[i] >= ' ' && one[i] <= '~'));
    json_t *back = json_loads(one, 0, NULL);
    assert_non_null(back);
    char *two = render("json", back, &m);
    assert_string_equal(one, two); /* the same to the byte after a round */
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(back, "verdict"), "sentence")),
        "\xE2\x80\xAE\xC2\x9B"
        "31m \xC3\xA9");
    json_decref(back);
    json_decref(j);
    free(one);
    free(two);
}

static void test_full_disk(void **state)
{
    json_t *j = sample();
    (void)state;
    for (size_t i = 0; dcr_formats()[i] != NULL; i++) {
        dcr_err err = {0};
        FILE *f = fopen("/dev/full", "w");
        if (f == NULL)
            skip();
        assert_int_equal(dcr_format_write(dcr_formats()[i], j, &(dcr_render){0}, f, &err),
                         DCR_EIO);
        assert_int_equal(err.code, DCR_EIO);
        fclose(f);
    }
    json_decref(j);
}

/* ---- html ---- */

static void test_sample(void **state)
{
    json_t *j = sample();
    xmlDocPtr d = html(j);
    (void)state;
    HOLDS(d, "starts-with(//title, 'FAIL: chest-ct-2026')");
    HOLDS(d, "//section[@id='verdict']//h2[.='Do not release yet']");
    HOLDS(d, "count(//dl[@class='kpis']/div) = 4");
    HOLDS(d, "//dl[@class='kpis']/div[1]/dd[starts-with(., '1 in 1')]");
    HOLDS(d, "//dl[@class='kpis']/div[2]/dd[starts-with(., '512')]");
    HOLDS(d, "contains(//dl[@class='kpis']/div[1]/dd/small, 'limit 1 in 11')");
    HOLDS(d, "count(//table[contains(@class, 'gate')]/tbody/tr) = 7");
    HOLDS(d, "//table[@class='adv']/tbody/tr[@class='gated'][contains(th, 'neighbour')]");
    HOLDS(d, "count(//tbody[contains(@class, 'f')]) = 4");
    HOLDS(d, "//ol[@class='steps']/li[1]/small[contains(., '2')]");
    /* every chart has a table, every reference has an aim, every id is its own */
    HOLDS(d, "not(//svg[contains(@class, 'bars')]) or "
             "//section[@id='classes']//details//table");
    HOLDS(d, "//section[@id='where']//details//table");
    HOLDS(d, "not(//a[not(substring(@href, 2) = //@id)])");
    HOLDS(d, "not(//use[not(substring(@href, 2) = //@id)])");
    HOLDS(d, "not(//label[not(@for = //@id)])");
    HOLDS(d, "not(//*[@id = following::*/@id or @id = descendant::*/@id])");
    HOLDS(d, "not(//*[@aria-labelledby][not(substring-before(concat(@aria-labelledby, ' "
             "'), ' ') = //@id)])");
    /* nothing from anywhere else, and nothing that the policy of the page would stop */
    HOLDS(d, "not(//@style | //@src | //@*[starts-with(name(), 'on')])");
    HOLDS(d, "count(//script) = 1 and count(//style) = 1 and not(//link)");
    HOLDS(d, "not(//@*[contains(., '://')])");
    HOLDS(d, "starts-with(//meta[@http-equiv='Content-Security-Policy']/@content, "
             "\"default-src 'none'; style-src 'sha256-\")");
    HOLDS(d, "/html/@lang = 'en' and //main and //nav and count(//h1) = 1");
    HOLDS(d, "not(//th[not(@scope)]) and not(//table[not(caption)])");
    xmlFreeDoc(d);
    json_decref(j);
}

static void title_is(const char *result, const char *xpath)
{
    json_t *j = sample();
    put(j, "verdict", "result", json_string(result));
    xmlDocPtr d = html(j);
    HOLDS(d, xpath);
    xmlFreeDoc(d);
    json_decref(j);
}

static void test_titles(void **state)
{
    (void)state;
    title_is("pass", "starts-with(//title, 'PASS: ')");
    title_is("fail", "starts-with(//title, 'FAIL: ')");
    title_is("inconclusive", "starts-with(//title, 'INCONCLUSIVE: ')");
    title_is("whatever", "starts-with(//title, 'INCONCLUSIVE: ')");
}

/* ---- empty states, caps ---- */

static void test_empty(void **state)
{
    static const char *const lists[] = {"findings",   "steps",       "adversaries",
                                        "attributes", "assumptions", "limits"};
    json_t *j = sample();
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        put(j, lists[i], NULL, json_array());
    put(j, "heatmap", "rows", json_array());
    put(j, "heatmap", "note", json_string(""));
    put(j, "pixels", "classes", json_array());
    put(j, "pixels", "queue", json_array());
    xmlDocPtr d = html(j);
    HOLDS(d, "contains(//section[@id='findings'], 'No rule found anything')");
    HOLDS(d, "contains(//section[@id='adversaries'], 'No adversary was judged')");
    HOLDS(d, "contains(//section[@id='where'], 'there is no map')");
    HOLDS(d, "contains(//section[@id='attributes'], 'No attribute was read')");
    HOLDS(d, "contains(//section[@id='pixels'], 'No series waits')");
    HOLDS(d, "not(//ol[@class='steps'])");
    xmlFreeDoc(d);
    json_decref(j);
}

static void test_nobody_applies(void **state)
{
    json_t *j = sample(), *a, *v;
    size_t i, k;
    (void)state;
    json_array_foreach(json_object_get(j, "adversaries"), i, a)
        json_array_foreach(json_object_get(a, "views"), k, v)
            json_object_set_new(v, "applies", json_false());
    xmlDocPtr d = html(j);
    HOLDS(d, "count(//table[@class='adv']//path) = 0");
    HOLDS(d, "contains(//section[@id='classes'], 'nobody stands out')");
    HOLDS(d, "not(//section[@id='rowcounts']) and not(//a[@href='#rowcounts'])");
    xmlFreeDoc(d);
    json_decref(j);
}

static void test_caps(void **state)
{
    json_t *j = sample(), *all = json_array();
    json_t *one = json_array_get(json_object_get(j, "attributes"), 3);
    (void)state;
    for (int i = 0; i < 2345; i++) {
        json_t *a = json_deep_copy(one);
        json_object_set_new(a, "path",
                            json_sprintf("0029,xx%02x{C%d}", i % 256, i / 256));
        json_array_append_new(all, a);
    }
    put(j, "attributes", NULL, all);
    xmlDocPtr d = html(j);
    assert_int_equal(number(d, "count(//table[@id='ft']/tbody)"), 2000);
    assert_int_equal(number(d, "count(//table[@id='ft']/tbody[@class='f'])"),
                     200); /* printed */
    HOLDS(d,
          "contains(//section[@id='attributes'], '2000 of 2345 attributes are listed')");
    xmlFreeDoc(d);
    json_decref(j);
}

/* A hidden cell is hidden: neither its number nor a zero stands in its place. */
static void test_hidden_cell(void **state)
{
    json_t *j = sample();
    json_t *row =
        json_array_get(json_object_get(json_object_get(j, "heatmap"), "cells"), 0);
    (void)state;
    json_array_set_new(row, 0, json_pack("{s:n,s:n}", "subjects", "below"));
    json_array_set_new(row, 1, json_null());
    xmlDocPtr d = html(j);
    HOLDS(d, "//section[@id='where']//tbody/tr[1]/td[1] = 'few'");
    HOLDS(d, "//section[@id='where']//tbody/tr[1]/td[2] = ''");
    HOLDS(d,
          "//section[@id='where']//svg[contains(@class, 'hm')]//rect[@fill='url(#hs)']");
    xmlFreeDoc(d);
    json_decref(j);
}

/* Sets a key of every object below to null. */
static void set_null(json_t *j, const char *key)
{
    const char *k;
    json_t *v;
    size_t i;
    if (json_is_object(j) && json_object_get(j, key) != NULL)
        json_object_set_new(j, key, json_null());
    if (json_is_object(j)) {
        json_object_foreach(j, k, v) set_null(v, key);
    }
    if (json_is_array(j)) {
        json_array_foreach(j, i, v) set_null(v, key);
    }
}

/* A number that is kept back is never told as none, as nobody, or as all well. */
static void test_kept_back(void **state)
{
    static const char *const keys[] = {"found",    "k_min",   "k_low_min",
                                       "subjects", "studies", "unique_subjects",
                                       "files",    "shapley", "unreadable_files"};
    json_t *j = sample();
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        set_null(j, keys[i]);
    put(j, "coverage", "reasons", json_array());
    xmlDocPtr d = html(j);
    HOLDS(d, "//dl[@class='kpis']/div[1]/dd[starts-with(., '\u2013')][contains(., 'not "
             "told')]");
    HOLDS(d, "//dl[@class='kpis']/div[4]/dd[starts-with(., '\u2013')][contains(., 'not "
             "told')]");
    HOLDS(d, "not(contains(//section[@id='adversaries'], 'all patients look alike'))");
    HOLDS(d, "not(contains(//section[@id='classes'], 'There are no patients'))");
    HOLDS(d, "not(contains(//section[@id='coverage'], 'Every file was read'))");
    HOLDS(d, "not(contains(//section[@id='dates'], '0 exams'))");
    HOLDS(d, "not(//table[contains(@class, 'gate')]//td[. = '0 patients'])");
    xmlFreeDoc(d);
    json_decref(j);
}

static void no_memory(const dcr_format *f, const json_t *j)
{
    dcr_status rc = DCR_ENOMEM;
    for (long n = 0; rc != DCR_OK; n += n < 60 ? 1 : 37) {
        char *p = NULL;
        size_t size;
        FILE *out = open_memstream(&p, &size);
        dcr_alloc_fail_after(n);
        rc = dcr_format_write(f, j, &(dcr_render){0}, out, NULL);
        dcr_alloc_fail_after(-1);
        assert_true(rc == DCR_OK || rc == DCR_ENOMEM);
        assert_true(n < 20000);
        fclose(out);
        free(p);
    }
}

static void test_no_memory(void **state)
{
    json_t *j = sample();
    (void)state;
    for (size_t i = 0; dcr_formats()[i] != NULL; i++)
        no_memory(dcr_formats()[i], j);
    json_decref(j);
}

/* ---- text ---- */

static size_t width(const char *line, size_t n)
{
    size_t c = 0;
    for (size_t i = 0; i < n; i++)
        c += ((unsigned char)line[i] & 0xC0) != 0x80;
    return c;
}

static void test_text(void **state)
{
    json_t *j = sample();
    size_t n;
    (void)state;
    put(j, "verdict", "sentence",
        json_string(
            "One sentence that is long enough to be broken into several lines, with a\n"
            "newline in it and one unbreakable word: "
            "0123456789012345678901234567890123456789012345678901234567890123456789"
            "0123456789012345678901234567890123456789."));
    char *p = render("text", j, &n);
    assert_memory_equal(p, "FAIL: One sentence", 18);
    for (const char *s = p; *s != '\0';) {
        size_t len = strcspn(s, "\n");
        assert_true(width(s, len) <= 80);
        s += len + (s[len] == '\n');
    }
    assert_non_null(strstr(p, "Next steps\n 1. "));
    assert_int_equal(p[n - 1], '\n');
    free(p);
    json_decref(j);
}

/* ---- schema ---- */

static int python(const char *code)
{
    char command[800];
    snprintf(command, sizeof command,
             "/usr/bin/env python3 -c 'import json, jsonschema, sys\n"
             "s = json.load(open(\"reports/report.schema.json\"))\n"
             "d = json.load(open(\"" SAMPLE "\"))\n"
             "V = jsonschema.Draft202012Validator\n%s'",
             code);
    return system(command);
}

static void test_schema(void **state)
{
    (void)state;
    assert_int_equal(python("V.check_schema(s)\nV(s).validate(d)"), 0);
    assert_int_equal(python("d[\"findings\"][0][\"value\"] = \"x\"\n"
                            "sys.exit(0 if not V(s).is_valid(d) else 1)"),
                     0);
    assert_int_equal(python("del d[\"verdict\"][\"result\"]\n"
                            "sys.exit(0 if not V(s).is_valid(d) else 1)"),
                     0);
    assert_int_equal(python("d[\"verdict\"][\"result\"] = \"anonymous\"\n"
                            "sys.exit(0 if not V(s).is_valid(d) else 1)"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),           cmocka_unit_test(test_json),
        cmocka_unit_test(test_full_disk),      cmocka_unit_test(test_sample),
        cmocka_unit_test(test_titles),         cmocka_unit_test(test_empty),
        cmocka_unit_test(test_nobody_applies), cmocka_unit_test(test_caps),
        cmocka_unit_test(test_hidden_cell),    cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_kept_back),      cmocka_unit_test(test_text),
        cmocka_unit_test(test_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
