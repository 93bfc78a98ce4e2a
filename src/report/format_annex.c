/* The DPIA annex: to print, and as Markdown for a word processor. */
#include <stdio.h>
#include <string.h>

#include "annex.h"
#include "csp.h"
#include "dcmrisk/report.h"
#include "embed.h"
#include "md.h"
#include "svg.h"

/* ---- HTML ---- */

static void head(dcr_annex *a, dcr_html *h, const dcr_render *how)
{
    static const char inside[] =
        "default-src 'none'; style-src '" DCR_CSP_STYLE "' '" DCR_CSP_ANNEX
        "'; base-uri 'none'; form-action 'none'";
    static const char beside[] =
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'";
    const char *csp = how->html_assets != NULL ? beside : inside;
    const char *title = dcr_view_str(a->project, "title");
    dcr_page_head_start(h, csp);
    dcr_html_open(h, "title", NULL);
    if (title[0] != '\0') {
        dcr_page_say(&a->page, title, 120);
        dcr_html_text(h, ": ");
    }
    dcr_html_text(h, dcr_annex_text(a, "document.brand"));
    dcr_html_close(h, "title");
    if (how->html_assets != NULL) {
        dcr_html_asset(h, "style", how->html_assets, "report.css");
        dcr_html_asset(h, "style", how->html_assets, "annex.css");
    } else {
        dcr_html_embed(h, "style", dcr_embed_find("reports/report.css"));
        dcr_html_embed(h, "style", dcr_embed_find("reports/annex.css"));
    }
    dcr_html_close(h, "head");
}

static void link_to(dcr_html *h, const char *id, const char *title)
{
    char ref[40];
    snprintf(ref, sizeof ref, "#%s", id);
    dcr_html_open(h, "li", NULL);
    dcr_html_open(h, "a", NULL);
    dcr_html_attr(h, "href", ref);
    dcr_html_text(h, title);
    dcr_html_close(h, "a");
    dcr_html_close(h, "li");
}

static void contents(dcr_annex *a, dcr_html *h)
{
    dcr_html_open(h, "ol", "plain");
    link_to(h, "summary", dcr_annex_text(a, "summary.title"));
    for (size_t i = 0; i < a->n_sections; i++)
        link_to(h, a->section[i].id, a->section[i].title);
    link_to(h, "mistakes", dcr_annex_text(a, "mistakes.title"));
    link_to(h, "evidence", dcr_annex_text(a, "evidence.title"));
    dcr_html_close(h, "ol");
}

static void side(dcr_annex *a, dcr_html *h)
{
    dcr_html_open(h, "nav", "side");
    dcr_html_attr(h, "aria-label", dcr_annex_text(a, "document.sections"));
    dcr_html_open(h, "p", "brand");
    dcr_html_open(h, "span", NULL);
    dcr_html_text(h, "dcmrisk");
    dcr_html_leaf(h, "small", NULL, dcr_annex_text(a, "document.brand"));
    dcr_html_close(h, "span");
    dcr_html_close(h, "p");
    contents(a, h);
    dcr_html_close(h, "nav");
}

/* Each heading of level 2 begins a section of the page. */
static void sections(dcr_annex *a, const dcr_blocks *b, dcr_html *h)
{
    size_t from = 0;
    while (from < b->n) {
        size_t to = from + 1;
        bool section = b->list[from].kind == DCR_BLOCK_HEADING && b->list[from].level > 1;
        while (to < b->n &&
               (b->list[to].kind != DCR_BLOCK_HEADING || b->list[to].level != 2))
            to++;
        dcr_html_open(h, section ? "section" : "header", NULL);
        dcr_blocks_html(b, from, to, dcr_annex_text(a, "words.blank"), &a->page);
        dcr_html_close(h, section ? "section" : "header");
        from = to;
    }
}

static void body(dcr_annex *a, dcr_html *h)
{
    const json_t *run = dcr_view_obj(a->page.doc, "run");
    bool values = dcr_view_flag(dcr_view_obj(run, "options"), "show_values", false);
    dcr_html_open(h, "body", "annex");
    dcr_svg_defs(h);
    dcr_html_open(h, "a", "skip");
    dcr_html_attr(h, "href", "#main");
    dcr_html_text(h, dcr_annex_text(a, "document.skip"));
    dcr_html_close(h, "a");
    dcr_html_open(h, "div", "page");
    side(a, h);
    dcr_html_open(h, "main", NULL);
    dcr_html_attr(h, "id", "main");
    sections(a, &a->front, h);
    dcr_html_open(h, "details", "mnav");
    dcr_html_leaf(h, "summary", NULL, dcr_annex_text(a, "document.contents"));
    contents(a, h);
    dcr_html_close(h, "details");
    sections(a, &a->body, h);
    dcr_html_open(h, "footer", NULL);
    dcr_html_leaf(h, "p", NULL,
                  dcr_annex_text(a, values ? "document.foot_values" : "document.foot"));
    dcr_html_close(h, "footer");
    dcr_html_close(h, "main");
    dcr_html_close(h, "div");
    dcr_html_close(h, "body");
}

static dcr_status write_html(const json_t *report, const dcr_render *how, FILE *out,
                             dcr_err *err)
{
    dcr_annex a;
    dcr_html *h = NULL;
    dcr_status rc = dcr_annex_build(&a, report, "en", err);
    if (rc == DCR_OK && (h = dcr_html_new(out)) == NULL)
        rc = dcr_nomem(err);
    if (rc == DCR_OK) {
        a.page.h = h;
        dcr_html_open(h, "html", "nojs"); /* it has no script */
        dcr_html_attr(h, "lang", dcr_view_str(a.texts, "language"));
        head(&a, h, how);
        body(&a, h);
        dcr_html_close(h, "html");
        rc = dcr_html_end(h, err);
    }
    dcr_html_free(h);
    dcr_annex_clear(&a);
    return rc;
}

/* ---- Markdown ---- */

static dcr_status write_md(const json_t *report, const dcr_render *how, FILE *out,
                           dcr_err *err)
{
    (void)how;
    dcr_annex a;
    dcr_md *m = NULL;
    dcr_status rc = dcr_annex_build(&a, report, "en", err);
    if (rc == DCR_OK && (m = dcr_md_new(out)) == NULL)
        rc = dcr_nomem(err);
    if (rc == DCR_OK) {
        const char *blank = dcr_annex_text(&a, "words.blank");
        dcr_blocks_md(&a.front, blank, m);
        dcr_blocks_md(&a.body, blank, m);
        rc = dcr_md_end(m, err);
    }
    dcr_md_free(m);
    dcr_annex_clear(&a);
    return rc;
}

static dcr_status write_css(const json_t *report, const dcr_render *how, FILE *out,
                            dcr_err *err)
{
    (void)report;
    (void)how;
    return dcr_page_write_asset("reports/annex.css", out, err);
}

const dcr_format dcr_format_annex = {
    .id = "annex",
    .title = "a DPIA annex, as HTML to print and as Markdown",
    .file = {{"annex.html", write_html}, {"annex.md", write_md}},
    .asset = {{"report.css", dcr_page_write_css}, {"annex.css", write_css}},
};
