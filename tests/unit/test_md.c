/* Markdown: what is written, and that no text becomes markup for the readers there are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libxml/HTMLparser.h>
#include <libxml/xpath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "html.h"
#include "md.h"

#define ZWSP "\xE2\x80\x8B"

typedef struct page {
    char *p;
    size_t n;
    FILE *f;
    dcr_md *m;
} page;

static void start(page *g)
{
    g->f = open_memstream(&g->p, &g->n);
    assert_non_null(g->f);
    g->m = dcr_md_new(g->f);
    assert_non_null(g->m);
}

/* The document; free it. */
static char *done(page *g)
{
    dcr_err err = {0};
    dcr_status st = dcr_md_end(g->m, &err);
    if (st != DCR_OK)
        fail_msg("%s", err.text);
    dcr_md_free(g->m);
    fclose(g->f);
    return g->p;
}

static void reads(page *g, const char *want)
{
    char *got = done(g);
    assert_string_equal(got, want);
    free(got);
}

/* ---- blocks ---- */

static void test_blocks(void **state)
{
    page g;
    start(&g);
    (void)state;
    dcr_md_heading(g.m, 1);
    dcr_md_text(g.m, "Title");
    dcr_md_rule(g.m);
    dcr_md_text(g.m, "Text without a block ");
    dcr_md_strong(g.m, "is bold");
    dcr_md_text(g.m, "and goes on, ");
    dcr_md_em(g.m, " so ");
    dcr_md_code(g.m, "0010,0020");
    dcr_md_text(g.m, ".");
    dcr_md_list(g.m, DCR_MD_BULLET);
    dcr_md_item(g.m);
    dcr_md_text(g.m, "one");
    dcr_md_list(g.m, DCR_MD_NUMBER);
    dcr_md_item(g.m);
    dcr_md_text(g.m, "inner");
    dcr_md_item(g.m);
    dcr_md_text(g.m, "second");
    dcr_md_list_end(g.m);
    dcr_md_check(g.m, true);
    dcr_md_text(g.m, "two");
    dcr_md_check(g.m, false);
    dcr_md_text(g.m, "three");
    dcr_md_list_end(g.m);
    dcr_md_list(g.m, DCR_MD_BULLET);
    dcr_md_item(g.m);
    dcr_md_text(g.m, "other");
    dcr_md_list_end(g.m);
    dcr_md_rule(g.m);
    reads(&g, "# Title\n\n* * *\n\n"
              "Text without a block **is bold** and goes on, *so* `0010,0020`.\n\n"
              "- one\n    1. inner\n    2. second\n- [x] two\n- [ ] three\n\n"
              "<!-- -->\n\n- other\n\n* * *\n");
}

static void test_table(void **state)
{
    static const dcr_md_col cols[] = {
        {"Name|x", 'l', 4}, {"n", 'r', 3}, {"c", 'c', 3}, {"d", 0, 0}};
    page g;
    start(&g);
    (void)state;
    dcr_md_details(g.m, "More <b>|*x*");
    dcr_md_table(g.m, cols, 4);
    dcr_md_row(g.m);
    dcr_md_cell(g.m);
    dcr_md_text(g.m, "a|b\nc");
    dcr_md_cell(g.m);
    dcr_md_cell(g.m);
    dcr_md_code(g.m, "p|q");
    dcr_md_row(g.m);
    dcr_md_cell(g.m);
    dcr_md_strong(g.m, "-");
    dcr_md_table_end(g.m);
    dcr_md_details_end(g.m);
    dcr_md_para(g.m);
    dcr_md_text(g.m, "end");
    reads(&g, "<details>\n<summary>More &#60;b&#62;&#124;&#42;x&#42;</summary>\n\n"
              "| Name\\|x | n | c | d |\n| :---- | ---: | :---: | ---------- |\n"
              "| a\\|b c |  | p\\|q | |\n| **\\-** | | | |\n\n</details>\n\nend\n");
}

static void test_misuse(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        page g;
        start(&g);
        dcr_err err = {0};
        static const dcr_md_col one[] = {{"a", 0, 0}};
        switch (i) {
        case 0:
            dcr_md_item(g.m);
            break;
        case 1:
            dcr_md_row(g.m);
            break;
        case 2:
            dcr_md_table(g.m, one, 1);
            break;
        case 3:
            dcr_md_table(g.m, one, 1);
            dcr_md_row(g.m);
            dcr_md_cell(g.m);
            dcr_md_cell(g.m);
            dcr_md_table_end(g.m);
            break;
        case 4:
            dcr_md_details(g.m, "x");
            break;
        case 5:
            dcr_md_list_end(g.m);
            break;
        case 6:
            for (int k = 0; k < 9; k++)
                dcr_md_list(g.m, DCR_MD_BULLET);
            break;
        default:
            dcr_md_table(g.m, one, 1);
            dcr_md_row(g.m);
            dcr_md_text(g.m, "x");
            break;
        }
        assert_int_equal(dcr_md_end(g.m, &err), DCR_EARG);
        dcr_md_free(g.m);
        fclose(g.f);
        free(g.p);
    }
}

static void test_full(void **state)
{
    FILE *f = fopen("/dev/full", "w");
    dcr_err err = {0};
    (void)state;
    if (f == NULL)
        skip();
    dcr_md *m = dcr_md_new(f);
    dcr_md_text(m, "x");
    assert_int_equal(dcr_md_end(m, &err), DCR_EIO);
    dcr_md_free(m);
    fclose(f);
}

/* ---- text ---- */

static void text_is(const char *s, const char *want)
{
    page g;
    start(&g);
    char *got;
    dcr_md_para(g.m);
    dcr_md_text(g.m, s);
    got = done(&g);
    if (strncmp(got, want, strlen(want)) != 0 || strcmp(got + strlen(want), "\n") != 0)
        fail_msg("%s is\n%s, not\n%s", s, got, want);
    free(got);
}

/* From the rules of CommonMark 0.31, GitHub's documentation of mentions, references and
 * formulas, GitLab's of references and quick actions, and pandoc's manual. */
static void test_escapes(void **state)
{
    (void)state;
    text_is("plain 5 % of 1,000 (x)", "plain 5 % of 1,000 (x)");
    text_is("<b>&amp;", "&lt;b&gt;&amp;amp;");
    text_is("*a* _b_ `c` [d](e) ~f~ ^g^ {h} \\i",
            "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\~f\\~ \\^g\\^ \\{h\\} \\\\i");
    text_is("# h", "\\# h");
    text_is("- i", "\\- i");
    text_is("+ i", "\\+ i");
    text_is("1. i", "1\\. i");
    text_is("iv) i", "iv\\) i");
    text_is("(a) i", "\\(a\\) i");
    text_is(": d", "\\: d");
    text_is("% t", "\\% t");
    text_is("/close", "\\/close");
    text_is("---", "\\-\\-\\-");
    text_is("a --b", "a \\-\\-b");
    text_is("a|b", "a\\|b");
    text_is("ask @someone now @ home", "ask \\@&#8203;someone now @ home");
    text_is("see #12, gh-7 and !3", "see \\#&#8203;12, gh\\-&#8203;7 and \\!&#8203;3");
    text_is("http://a.b", "http\\:&#8203;//a.b");
    text_is("at www.a.b", "at www\\.&#8203;a.b");
    text_is("x :tada: 12:30", "x \\:&#8203;tada: 12:30");
    text_is("$x$", "<span>\\$</span>x<span>\\$</span>");
    text_is("  a \t\r\n b\x1B[2J\x01 \xFF \xE2\x80\xAE"
            "c",
            "a \xEF\xBF\xBD b\xEF\xBF\xBD\\[2J\xEF\xBF\xBD \xEF\xBF\xBD \xEF\xBF\xBD"
            "c");
}

static void test_pieces(void **state)
{
    page g;
    start(&g);
    (void)state;
    dcr_md_text(g.m, "a @"); /* what is dangerous only together */
    dcr_md_text(g.m, "b http");
    dcr_md_text(g.m, ":");
    dcr_md_fmt(g.m, "//%s", "c");
    dcr_md_cut(g.m, "\xC3\xA9\xC3\xA9\xC3\xA9", 2);
    dcr_md_cut(g.m, "12", 2);
    reads(&g, "a \\@&#8203;b http\\:&#8203;//c\xC3\xA9\xC3\xA9\xE2\x80\xA6"
              "12\n");
}

/* ---- other readers ---- */

static uint32_t seed = 11;
static uint32_t any(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static const char *const nasty[] = {
    "<script>alert(1)</script>",
    "<!--",
    "-->",
    "]]>",
    "&amp;",
    "&#60;",
    "\\",
    "`",
    "```",
    "**",
    "__",
    "~~",
    "[x](http://e.example)",
    "![i](x)",
    "[^1]",
    "^[n]",
    "|",
    "||",
    "\n\n",
    "\n# h",
    "\n---\n",
    "\n===\n",
    "\n> q",
    "\n    code",
    "\t",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "a) ",
    "(@e) ",
    "#",
    "#12",
    "@user",
    "gh-1",
    "GH-12",
    "www.e.example",
    "www.",
    "http://",
    "https://e.example/x?y=1&z",
    "ftp://e.example",
    "mailto:a@e.example",
    "a@e.example",
    "<a@e.example>",
    "<http://e.example>",
    ":tada:",
    "$$",
    "$x$",
    "{=html}",
    "{.c #i}",
    "\x1B[31m",
    "\xE2\x80\xAE",
    "\xFF\xFE",
    "\xC0\x80",
    "\xED\xA0\x80",
    "%t",
    ":::",
    "~~~",
    "/close",
    "\\begin{x}",
    "'",
    "\"",
    "...",
    "--",
    "word",
    "k",
    "\xC3\xA9",
    "\xE2\x80\x8B",
    " ",
    "  ",
    "- [ ] ",
    "</details>",
    "</summary>",
    "<br>",
    "=",
    ":",
    "(",
};

static char *make_nasty(void)
{
    dcr_buf b = {0};
    for (uint32_t i = 0, n = 1 + any(9); i < n; i++)
        dcr_buf_str(&b, nasty[any(sizeof nasty / sizeof nasty[0])]);
    assert_false(b.failed);
    return b.p;
}

/* What a reader must show for s: cleaned, blanks as one, none at the ends. */
static char *shown(const char *s)
{
    dcr_buf c = {0}, b = {0};
    size_t i = 0;
    dcr_html_clean(&c, s, strlen(s));
    for (; c.p != NULL && i < c.n; i++) {
        bool blank = strchr(" \t\n", c.p[i]) != NULL;
        if (!blank || (b.n > 0 && b.p[b.n - 1] != ' '))
            dcr_buf_char(&b, blank ? ' ' : c.p[i]);
    }
    while (b.n > 0 && b.p[b.n - 1] == ' ')
        b.p[--b.n] = '\0';
    dcr_buf_clear(&c);
    if (b.p == NULL)
        dcr_buf_str(&b, "");
    return b.p;
}

/* Without U+200B and blanks at the ends, blanks as one. */
static void simplify(char *s)
{
    size_t n = 0;
    for (size_t i = 0; s[i] != '\0';) {
        if (strncmp(s + i, ZWSP, 3) == 0)
            i += 3;
        else if (strchr(" \n", s[i]) != NULL && (n == 0 || s[n - 1] == ' '))
            i++;
        else
            s[n++] = s[i] == '\n' ? ' ' : s[i], i++;
    }
    while (n > 0 && s[n - 1] == ' ')
        n--;
    s[n] = '\0';
}

static void page_of(page *g, const char *s)
{
    static const dcr_md_col cols[] = {{"a", 'l', 0}, {"b", 'r', 0}};
    dcr_md_heading(g->m, 2);
    dcr_md_text(g->m, "h ");
    dcr_md_text(g->m, s);
    dcr_md_para(g->m);
    dcr_md_text(g->m, s);
    dcr_md_text(g->m, "k");
    dcr_md_list(g->m, DCR_MD_BULLET);
    dcr_md_item(g->m);
    dcr_md_text(g->m, s);
    dcr_md_text(g->m, "k");
    dcr_md_list_end(g->m);
    dcr_md_table(g->m, cols, 2);
    dcr_md_row(g->m);
    dcr_md_cell(g->m);
    dcr_md_text(g->m, s);
    dcr_md_cell(g->m);
    dcr_md_code(g->m, s);
    dcr_md_table_end(g->m);
    dcr_md_details(g->m, s);
    dcr_md_para(g->m);
    dcr_md_text(g->m, "x ");
    dcr_md_strong(g->m, s);
    dcr_md_text(g->m, "y");
    dcr_md_details_end(g->m);
}

static void texts_are(xmlDocPtr d, const char *xpath, const char *want, const char *doc)
{
    xmlXPathContextPtr c = xmlXPathNewContext(d);
    xmlXPathObjectPtr o = xmlXPathEvalExpression((const xmlChar *)xpath, c);
    if (o->nodesetval == NULL || o->nodesetval->nodeNr != 1)
        fail_msg("%s: %d of them in\n%s", xpath,
                 o->nodesetval == NULL ? 0 : o->nodesetval->nodeNr, doc);
    char *got = (char *)xmlNodeGetContent(o->nodesetval->nodeTab[0]);
    simplify(got);
    if (strcmp(got, want) != 0)
        fail_msg("%s is\n%s, not\n%s\nin\n%s", xpath, got, want, doc);
    xmlFree(got);
    xmlXPathFreeObject(o);
    xmlXPathFreeContext(c);
}

/* Reads `markdown` with a program; NULL when it is not there.  Free the document. */
static xmlDocPtr read_with(const char *command, const char *markdown)
{
    char line[600];
    dcr_buf b = {0};
    const char *dir = getenv("TMP");
    char path[300];
    snprintf(path, sizeof path, "%s/md-test", dir == NULL ? "/tmp" : dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(markdown, f) >= 0);
    fclose(f);
    snprintf(line, sizeof line, "%s <%s", command, path);
    dcr_buf_str(&b, "<html><head><meta charset=\"utf-8\"></head><body>");
    f = popen(line, "r");
    assert_non_null(f);
    for (size_t n; (n = fread(line, 1, sizeof line, f)) > 0;)
        dcr_buf_add(&b, line, n);
    int rc = pclose(f);
    remove(path);
    assert_int_equal(rc, 0);
    dcr_buf_str(&b, "</body></html>");
    xmlDocPtr d = htmlReadMemory(b.p, (int)b.n, NULL, "UTF-8",
                                 HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
    assert_non_null(d);
    dcr_buf_clear(&b);
    return d;
}

static void check_reader(const char *command, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        char *s = make_nasty(), *want = shown(s), with[2000];
        page g;
        start(&g);
        page_of(&g, s);
        char *doc = done(&g);
        xmlDocPtr d = read_with(command, doc);
        const char *k = s[strlen(s) - 1] == ' ' || s[strlen(s) - 1] == '\n' ||
                                s[strlen(s) - 1] == '\t'
                            ? " k"
                            : "k";
        if (want[0] == '\0')
            k = "k";
        texts_are(d, "//h2[starts-with(., 'h')]",
                  (snprintf(with, sizeof with, "h%s%s", want[0] == '\0' ? "" : " ", want),
                   with),
                  doc);
        snprintf(with, sizeof with, "%s%s", want, k);
        texts_are(d, "//body/p[1]", with, doc);
        texts_are(d, "//ul/li[1]", with, doc);
        texts_are(d, "//tbody/tr/td[1]", want, doc);
        texts_are(d, "//tbody/tr/td[2]", want, doc);
        texts_are(d, "//summary", want, doc);
        snprintf(with, sizeof with, "x %s%sy", want, want[0] == '\0' ? "" : " ");
        texts_are(d, "//details/p", with, doc);
        texts_are(
            d,
            "/html[not(//a | //img | //script | //em | //del | //hr | //h1 | //sup)]"
            "/head",
            "", doc);
        xmlFreeDoc(d);
        free(doc);
        dcr_buf_clear(&(dcr_buf){.p = s});
        dcr_buf_clear(&(dcr_buf){.p = want});
    }
}

static void test_github(void **state)
{
    (void)state;
    if (system("command -v cmark-gfm >/dev/null") != 0)
        skip();
    check_reader("cmark-gfm --unsafe -e table -e autolink -e strikethrough -e tasklist "
                 "-e footnotes",
                 300);
}

static void test_pandoc(void **state)
{
    (void)state;
    if (system("command -v pandoc >/dev/null") != 0)
        skip();
    check_reader("pandoc -f markdown-smart -t html --wrap=none", 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),  cmocka_unit_test(test_table),
        cmocka_unit_test(test_misuse),  cmocka_unit_test(test_full),
        cmocka_unit_test(test_escapes), cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_github),  cmocka_unit_test(test_pandoc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
