/* The DPIA annex: for any JSON a whole document in which nothing is markup, and no answer
 * is made up. */
#include "annex.h"
#include "format_scene.h"
#include "format_spoil.h"

static const char project_file[] = "tests/data/projects/dpia.json";

/* The sample with a project file in it. */
static json_t *with_project(void)
{
    json_t *j = sample(), *p = json_load_file(project_file, 0, NULL);
    assert_non_null(p);
    put(j, "project", NULL, p);
    return j;
}

static char *page(const json_t *j, int file)
{
    char *p = NULL;
    size_t n;
    dcr_err err = {0};
    FILE *out = open_memstream(&p, &n);
    dcr_status rc =
        dcr_format_find("annex")->file[file].write(j, &(dcr_render){0}, out, &err);
    fclose(out);
    if (rc != DCR_OK)
        fail_msg("annex: %d %s %s", rc, err.where, err.text);
    return p;
}

static xmlDocPtr annex(const json_t *j)
{
    char *p = page(j, 0);
    const int quiet =
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE;
    xmlDocPtr d = xmlReadMemory(p, (int)strlen(p), "a", "UTF-8", quiet);
    assert_non_null(d);
    free(p);
    return d;
}

/* ---- blanks ---- */

/* Without a project nothing is answered; with one, what it says stands under what is
 * asked. */
static void test_answers(void **state)
{
    (void)state;
    json_t *empty = json_object(), *j = with_project();
    xmlDocPtr d = annex(empty);
    HOLDS(d, "count(//div[@class='qa']) = 0");
    HOLDS(d, "count(//div[@class='qa open']) > 50");
    HOLDS(d, "count(//section) = 23"); /* summary, 20, mistakes, evidence */
    HOLDS(d, "count(//div[@class='sign']) = 3");
    HOLDS(d, "not(//script) and not(//*[@style])");
    xmlFreeDoc(d);
    d = annex(j);
    HOLDS(d, "//div[@class='qa'][p[@class='q'] = 'Which standard operating procedure "
             "applies?']/p[@class='a'] = 'SOP-IMG-07'");
    HOLDS(d, "count(//div[@class='qa'][p = 'What are the purposes of the "
             "processing?']/p[@class='a']) = 2");
    HOLDS(d, "//div[@class='qa open']/p[@class='q'] = 'What have the patients been "
             "told?'");
    HOLDS(d, "//section[h2 = '5. Recipients and transfers']//tr[th = 'Model "
             "vendor']/td/span[@class='blank']");
    xmlFreeDoc(d);
    json_decref(empty);
    json_decref(j);
}

/* "roles" may be a text: it names the controller. */
static void test_other_place(void **state)
{
    (void)state;
    json_t *j = with_project();
    put(j, "project", "roles", json_string("The hospital alone"));
    xmlDocPtr d = annex(j);
    HOLDS(d, "//div[@class='qa'][p = 'Who is the controller?']/p = 'The hospital alone'");
    HOLDS(d, "//div[@class='qa open']/p = 'Who is the data protection officer?'");
    xmlFreeDoc(d);
    json_decref(j);
}

/* Answers are counted once, wherever they are asked for. */
static void test_count(void **state)
{
    (void)state;
    json_t *empty = json_object(), *j = json_object();
    dcr_annex a, b;
    size_t asked = 0;
    assert_int_equal(dcr_annex_build(&a, empty, "en", NULL), DCR_OK);
    for (size_t i = 0; i < a.n_sections; i++) {
        /* nothing is kept, so nothing lacks a purpose */
        bool minimisation = strstr(a.section[i].title, "minimisation") != NULL;
        assert_int_equal(a.section[i].missing, a.section[i].asked - minimisation);
        asked += a.section[i].asked;
    }
    assert_int_equal(a.n_missing, a.n_asked - 1);
    assert_int_equal(a.n_sections, 20);
    assert_int_equal(asked, a.n_asked + 1); /* the controller, in 1 and 4 */
    put(j, "project", NULL,
        json_pack("{s:{s:s}, s:s}", "roles", "controller", "H", "retention", "10 years"));
    assert_int_equal(dcr_annex_build(&b, j, "en", NULL), DCR_OK);
    assert_int_equal(b.n_asked, a.n_asked);
    assert_int_equal(b.n_missing, a.n_missing - 2);
    dcr_annex_clear(&a);
    dcr_annex_clear(&b);
    json_decref(empty);
    json_decref(j);
}

static void test_no_language(void **state)
{
    (void)state;
    dcr_annex a;
    dcr_err err = {0};
    json_t *j = json_object();
    assert_int_equal(dcr_annex_build(&a, j, "xx", &err), DCR_EARG);
    assert_string_equal(err.where, "reports/annex/xx.json");
    dcr_annex_clear(&a);
    json_decref(j);
}

/* ---- hostile ---- */

static void assert_inert(xmlDocPtr d)
{
    HOLDS(d, "not(//script) and not(//img) and not(//@onerror) and not(//@style)");
    HOLDS(d, "not(//@href[not(starts-with(., '#'))])");
}

/* No line of Markdown is markup that a text brought with it. */
static void assert_md_inert(const char *md)
{
    assert_null(strstr(md, "<script"));
    assert_null(strstr(md, "<img"));
    assert_null(strstr(md, "\x1B"));
    assert_null(strstr(md, "\xE2\x80\xAE"));
    assert_null(strstr(md, "](http:")); /* no link: the colon is escaped */
}

static void test_poisoned(void **state)
{
    (void)state;
    static const char attack[] =
        "](http://evil) | `x` <script>alert(1)</script>\n# head\n"
        "- [x] done\n\n\xE2\x80\xAE\x1B[2J ![i](http://e) @all";
    json_t *j = with_project(), *p = json_object_get(j, "project");
    const char *key;
    json_t *v;
    poison(j);
    xmlDocPtr d = annex(j);
    assert_inert(d);
    xmlFreeDoc(d);
    json_object_foreach(p, key, v)
    {
        if (json_is_string(v))
            json_string_set(v, attack);
    }
    json_object_foreach(json_object_get(p, "dpia"), key, v)
    {
        if (json_is_string(v))
            json_string_set(v, attack);
    }
    d = annex(j);
    assert_inert(d);
    HOLDS(d, "//div[@class='qa']/p[contains(., '](http://evil)')]");
    xmlFreeDoc(d);
    char *md = page(j, 1);
    assert_md_inert(md);
    assert_null(strstr(md, "\n# head"));
    assert_null(strstr(md, "\n- [x]"));
    free(md);
    json_decref(j);
}

static void test_spoiled(void **state)
{
    (void)state;
    for (int round = 0; round < 150; round++) {
        json_t *j = with_project();
        for (int i = 0; i < 12; i++)
            spoil(j);
        xmlDocPtr d = annex(j);
        assert_inert(d);
        xmlFreeDoc(d);
        char *md = page(j, 1);
        assert_md_inert(md);
        free(md);
        json_decref(j);
    }
}

/* ---- memory ---- */

static void test_no_memory(void **state)
{
    (void)state;
    json_t *j = with_project();
    bool done[2] = {false, false};
    for (int file = 0; file < 2; file++)
        for (long n = 0; !done[file] && n < 20000; n += n < 300 ? 1 : 37) {
            char *p = NULL;
            size_t size;
            FILE *out = open_memstream(&p, &size);
            dcr_alloc_fail_after(n);
            dcr_status rc = dcr_format_find("annex")->file[file].write(
                j, &(dcr_render){0}, out, NULL);
            dcr_alloc_fail_after(-1);
            assert_true(rc == DCR_OK || rc == DCR_ENOMEM);
            done[file] = rc == DCR_OK;
            fclose(out);
            free(p);
        }
    assert_true(done[0] && done[1]);
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),   cmocka_unit_test(test_other_place),
        cmocka_unit_test(test_count),     cmocka_unit_test(test_no_language),
        cmocka_unit_test(test_poisoned),  cmocka_unit_test(test_spoiled),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
