/* The HTML writer: whatever comes in, well-formed XML comes out and no text is markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "csp.h"
#include "html.h"
#include "svg.h"

/* ---- helpers ---- */

typedef struct page {
    char *p;
    size_t n;
    FILE *f;
    dcr_html *h;
} page;

static void start(page *g)
{
    memset(g, 0, sizeof *g);
    g->f = open_memstream(&g->p, &g->n);
    assert_non_null(g->f);
    g->h = dcr_html_new(g->f);
    assert_non_null(g->h);
}

static dcr_status finish(page *g, dcr_err *err)
{
    dcr_status rc = dcr_html_end(g->h, err);
    dcr_html_free(g->h);
    fclose(g->f);
    return rc;
}

static xmlDocPtr parsed(const page *g)
{
    const int quiet =
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE;
    return xmlReadMemory(g->p, (int)g->n, "r", "UTF-8", quiet);
}

static void assert_cleaned(const char *in, size_t n, const char *out)
{
    dcr_buf b = {0};
    dcr_html_clean(&b, in, n);
    assert_false(b.failed);
    assert_string_equal(b.p == NULL ? "" : b.p, out);
    dcr_buf_clear(&b);
}
#define CLEANED(in, out) assert_cleaned(in, sizeof(in) - 1, out)
#define R                "\xEF\xBF\xBD" /* U+FFFD */

/* ---- text ---- */

/* Well-formed UTF-8 is table 3-7 of the Unicode standard. */
static void test_clean_keeps_text(void **state)
{
    (void)state;
    CLEANED("", "");
    CLEANED("plain <b>&\"'", "plain <b>&\"'");
    CLEANED("a\tb\nc", "a\tb\nc");
    CLEANED("\xC2\xA0\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBD",
            "\xC2\xA0\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBD");
    CLEANED("\xE5\xB1\xB1\xE7\x94\xB0 \xF0\x9F\x98\x80",
            "\xE5\xB1\xB1\xE7\x94\xB0 \xF0\x9F\x98\x80");
    CLEANED("\xF4\x8F\xBF\xBD", "\xF4\x8F\xBF\xBD"); /* U+10FFFD */
}

static void test_clean_replaces(void **state)
{
    (void)state;
    CLEANED("a\0b", "a" R "b");
    CLEANED("\x1B[31m", R "[31m");
    CLEANED("\x0D\x7F", R R);
    CLEANED("\xC2\x85\xC2\x9B", R R);     /* C1 controls */
    CLEANED("\xC0\xAF", R R);             /* overlong */
    CLEANED("\xE0\x9F\xBF", R R R);       /* overlong */
    CLEANED("\xED\xA0\x80", R R R);       /* surrogate */
    CLEANED("\xF4\x90\x80\x80", R R R R); /* past U+10FFFF */
    CLEANED("\xF5\x80\xFF\xFE", R R R R);
    CLEANED("x\xE2\x82", "x" R R); /* cut */
    CLEANED("\xE2\x80\xAE"
            "exe",
            R "exe");                                   /* right-to-left override */
    CLEANED("\xE2\x81\xA6\xE2\x81\xA9", R R);           /* isolates */
    CLEANED("\xD8\x9C\xE2\x80\x8F", R R);               /* Arabic letter mark, RLM */
    CLEANED("\xE2\x80\x8B\xEF\xBB\xBF\xC2\xAD", R R R); /* zero width, BOM, soft hyphen */
    CLEANED("\xE2\x80\xA8", R);                         /* line separator */
    CLEANED("\xEF\xB7\x90\xEF\xBF\xBE\xF0\x9F\xBF\xBF", R R R); /* noncharacters */
    CLEANED("\xF3\xA0\x81\x81", R);                             /* tag character */
}

static uint32_t seed = 20261123;
static uint32_t any(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static const char *const attacks[] = {
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "]]>",
    "<!--",
    "-->",
    "<?xml?>",
    "&lt;b&gt;&#0;",
    "javascript:alert(1)",
    "data:text/html,<script>",
    "{{7*7}}",
    "\xE2\x80\xAE",
    "<![CDATA[",
};

static size_t noise(char *out, size_t size)
{
    size_t n = 0, want = any((uint32_t)size - 64);
    while (n < want) {
        const char *s = attacks[any(sizeof attacks / sizeof attacks[0])];
        if (any(3) == 0 && strlen(s) < size - n) {
            memcpy(out + n, s, strlen(s));
            n += strlen(s);
        } else {
            out[n++] = (char)any(256);
        }
    }
    return n;
}

static size_t count_nodes(const xmlNode *node)
{
    size_t n = 0;
    for (; node != NULL; node = node->next)
        if (node->type == XML_ELEMENT_NODE)
            n += 1 + count_nodes(node->children);
    return n;
}

/* Random bytes and attacks, as text and as attribute: the tree is the one that was
 * written, and what is read back is the cleaned text. */
static void test_random(void **state)
{
    (void)state;
    for (int round = 0; round < 400; round++) {
        char text[300], value[300];
        page g;
        dcr_buf want = {0};
        size_t n = noise(text, sizeof text), m = noise(value, sizeof value - 1);
        value[m] = '\0';
        start(&g);
        dcr_html_open(g.h, "html", NULL);
        dcr_html_open(g.h, "p", value);
        dcr_html_textn(g.h, text, n);
        dcr_html_close(g.h, "p");
        dcr_html_open(g.h, "a", NULL);
        dcr_html_attr(g.h, "href", value);
        dcr_html_attr(g.h, "data-t", value);
        dcr_html_close(g.h, "a");
        dcr_html_close(g.h, "html");
        assert_int_equal(finish(&g, NULL), DCR_OK);
        xmlDocPtr d = parsed(&g);
        assert_non_null(d);
        xmlNode *root = xmlDocGetRootElement(d);
        assert_int_equal(count_nodes(root), 3);
        xmlChar *got = xmlNodeGetContent(root->children);
        dcr_html_clean(&want, text, n);
        assert_string_equal((const char *)got, want.p == NULL ? "" : want.p);
        xmlFree(got);
        xmlNode *a = root->children->next;
        got = xmlGetProp(a, (const xmlChar *)"href");
        assert_int_equal(got[0], '#');
        xmlFree(got);
        assert_null(xmlHasProp(a, (const xmlChar *)"onmouseover"));
        xmlFreeDoc(d);
        dcr_buf_clear(&want);
        free(g.p);
    }
}

/* ---- markup ---- */

static void test_document(void **state)
{
    page g;
    (void)state;
    start(&g);
    dcr_html_open(g.h, "html", NULL);
    dcr_html_open(g.h, "td", "r");
    dcr_html_close(g.h, "td");
    dcr_html_open(g.h, "hr", NULL);
    dcr_html_close(g.h, "hr");
    dcr_html_open(g.h, "a", NULL);
    dcr_html_attr(g.h, "href", "javascript:alert(1)");
    dcr_html_fmt(g.h, "%s %d", "<x>", 3);
    dcr_html_close(g.h, "a");
    dcr_html_open(g.h, "svg", NULL);
    dcr_html_attr_num(g.h, "width", 12.345, 2, "%");
    dcr_html_close(g.h, "svg");
    dcr_html_close(g.h, "html");
    assert_int_equal(finish(&g, NULL), DCR_OK);
    assert_string_equal(
        g.p, "<!DOCTYPE html>\n<html><td class=\"r\"></td><hr/>"
             "<a href=\"#\">&lt;x&gt; 3</a><svg width=\"12.35%\"></svg></html>\n");
    free(g.p);
}

static void refused(const char *element, const char *attribute)
{
    dcr_err err = {0};
    page g;
    start(&g);
    dcr_html_open(g.h, element, NULL);
    if (attribute != NULL)
        dcr_html_attr(g.h, attribute, "x");
    dcr_html_text(g.h, "never written");
    dcr_html_close(g.h, element);
    assert_int_equal(finish(&g, &err), DCR_EARG);
    assert_int_equal(err.code, DCR_EARG);
    assert_null(g.p == NULL ? NULL : strstr(g.p, "never written"));
    free(g.p);
}

static void test_white_list(void **state)
{
    static const char *const bad[] = {"onclick", "onload", "style",      "src",
                                      "srcdoc",  "action", "formaction", "xlink:href",
                                      "HREF",    "",       "a b"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused("p", bad[i]);
    refused("script", NULL);
    refused("style", NULL);
    refused("iframe", NULL);
    refused("img", NULL);
    refused("form", NULL);
}

static void test_nesting(void **state)
{
    dcr_err err = {0};
    page g;
    (void)state;
    start(&g);
    dcr_html_open(g.h, "p", NULL);
    dcr_html_close(g.h, "td");
    assert_int_equal(finish(&g, &err), DCR_EARG);
    free(g.p);
    start(&g);
    dcr_html_open(g.h, "p", NULL);
    assert_int_equal(finish(&g, NULL), DCR_EARG); /* left open */
    free(g.p);
    start(&g);
    dcr_html_close(g.h, "p");
    assert_int_equal(finish(&g, NULL), DCR_EARG);
    free(g.p);
    start(&g);
    for (int i = 0; i < 100; i++)
        dcr_html_open(g.h, "div", NULL);
    assert_int_equal(finish(&g, NULL), DCR_EARG); /* deeper than any report */
    free(g.p);
}

static void test_full_disk(void **state)
{
    FILE *f = fopen("/dev/full", "w");
    (void)state;
    if (f == NULL)
        skip();
    dcr_html *h = dcr_html_new(f);
    dcr_html_open(h, "p", NULL);
    for (int i = 0; i < 3000; i++)
        dcr_html_text(h, "more than any buffer holds ");
    dcr_html_close(h, "p");
    assert_int_equal(dcr_html_end(h, NULL), DCR_EIO);
    dcr_html_free(h);
    fclose(f);
}

static void test_no_memory(void **state)
{
    (void)state;
    for (long n = 0; n < 4; n++) {
        page g = {0};
        g.f = open_memstream(&g.p, &g.n);
        dcr_alloc_fail_after(n);
        g.h = dcr_html_new(g.f);
        if (g.h != NULL) {
            dcr_html_open(g.h, "p", "x");
            dcr_html_text(g.h, "y");
            dcr_html_close(g.h, "p");
            dcr_status rc = dcr_html_end(g.h, NULL);
            assert_true(rc == DCR_ENOMEM || rc == DCR_OK);
            assert_true(n > 1 || rc == DCR_ENOMEM);
        }
        dcr_alloc_fail_after(-1);
        dcr_html_free(g.h);
        fclose(g.f);
        free(g.p);
    }
}

/* ---- style and script ---- */

static void test_embed(void **state)
{
    static const char text[] = "a < b";
    const dcr_embed bad = {"bad", text, text + sizeof text - 1};
    dcr_err err = {0};
    page g;
    (void)state;
    start(&g);
    dcr_html_embed(g.h, "script", &bad);
    assert_int_equal(finish(&g, &err), DCR_EARG);
    free(g.p);
    start(&g);
    dcr_html_embed(g.h, "style", NULL);
    assert_int_equal(finish(&g, NULL), DCR_EARG);
    free(g.p);
    start(&g);
    dcr_html_embed(g.h, "style", dcr_embed_find("reports/report.css"));
    assert_int_equal(finish(&g, NULL), DCR_OK);
    const dcr_embed *css = dcr_embed_find("reports/report.css");
    size_t n = (size_t)(css->end - css->begin);
    char *at = strstr(g.p, "<style>");
    assert_non_null(at);
    assert_memory_equal(at + 7, css->begin, n);
    assert_memory_equal(at + 7 + n, "</style>", 8);
    free(g.p);
}

/* The digest of a built-in file, worked out by Python's hashlib. */
static void assert_digest(const char *name, const char *source)
{
    static const char code[] =
        "python3 -c 'import base64,hashlib,sys;"
        "sys.stdout.write(\"sha256-\"+base64.b64encode(hashlib.sha256("
        "open(sys.argv[1],\"rb\").read()).digest()).decode())' ";
    char command[400], got[100] = "", file[] = "/tmp/dcmrisk-csp.XXXXXX";
    const dcr_embed *e = dcr_embed_find(name);
    assert_non_null(e);
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "wb");
    assert_int_equal(fwrite(e->begin, 1, (size_t)(e->end - e->begin), f),
                     e->end - e->begin);
    fclose(f);
    snprintf(command, sizeof command, "%s%s", code, file);
    f = popen(command, "r");
    assert_non_null(f);
    assert_non_null(fgets(got, sizeof got, f));
    pclose(f);
    remove(file);
    assert_string_equal(got, source);
}

static void test_digests(void **state)
{
    (void)state;
    assert_digest("reports/report.css", DCR_CSP_STYLE);
    assert_digest("reports/report.js", DCR_CSP_SCRIPT);
    assert_digest("reports/annex.css", DCR_CSP_ANNEX);
}

/* ---- charts ---- */

static void test_charts_any_number(void **state)
{
    static const double odd[] = {0, -1, 1e308, -1e308, 1e-300, 0.5, 1};
    (void)state;
    page g;
    start(&g);
    dcr_html_open(g.h, "div", NULL);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        const dcr_svg_scale s = {3, odd[i]};
        dcr_svg_bar bar[2] = {{"1", "x", odd[i], odd[i]}, {"2", "y", 1, 0}};
        dcr_svg_scale_head(g.h, &s);
        dcr_svg_scale_row(g.h, &s, odd[i], odd[i], true);
        dcr_svg_bars(g.h, bar, 2, "k", "t", "d", "axis");
        dcr_svg_line(g.h, odd[i], i % 2 == 0);
    }
    dcr_svg_bars(g.h, NULL, 0, NULL, "t", "d", "axis");
    dcr_html_close(g.h, "div");
    assert_int_equal(finish(&g, NULL), DCR_OK);
    assert_null(strstr(g.p, "nan"));
    assert_null(strstr(g.p, "inf"));
    assert_null(strstr(g.p, "\"-"));
    assert_null(strstr(g.p, "over"
                            " 9e15"));
    xmlDocPtr d = parsed(&g);
    assert_non_null(d);
    xmlFreeDoc(d);
    free(g.p);
}

/* Edges of the legend: none; up to 5, 15, 30, 50; over 50 percent. */
static void test_heat_steps(void **state)
{
    (void)state;
    assert_int_equal(dcr_svg_heat_step(0), 0);
    assert_int_equal(dcr_svg_heat_step(0.0001), 1);
    assert_int_equal(dcr_svg_heat_step(0.05), 1);
    assert_int_equal(dcr_svg_heat_step(0.051), 2);
    assert_int_equal(dcr_svg_heat_step(0.30), 3);
    assert_int_equal(dcr_svg_heat_step(0.5), 4);
    assert_int_equal(dcr_svg_heat_step(0.51), 5);
    assert_int_equal(dcr_svg_heat_step(7), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean_keeps_text),
        cmocka_unit_test(test_clean_replaces),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_document),
        cmocka_unit_test(test_white_list),
        cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_embed),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_charts_any_number),
        cmocka_unit_test(test_heat_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
