/* The report as one HTML file: readable without a script, no request to anywhere. */
#include <stdio.h>
#include <string.h>

#include "csp.h"
#include "dcmrisk/report.h"
#include "embed.h"
#include "html.h"
#include "html_page.h"
#include "svg.h"

static const struct section {
    const char *id, *title;
    dcr_mark (*mark)(const dcr_page *p);
    void (*write)(dcr_page *p);
} sections[] = {
    {"verdict", "Verdict", dcr_page_verdict_mark, dcr_page_verdict},
    {"gate", "Gate and next steps", dcr_page_verdict_mark, dcr_page_gate},
    {"adversaries", "Risk by adversary", dcr_page_adversaries_mark, dcr_page_adversaries},
    {"classes", "Who stands out", dcr_page_adversaries_mark, dcr_page_classes},
    {"rowcounts", "Counting rows instead", dcr_page_note_mark, dcr_page_rowcounts},
    {"tables", "Population and tables", dcr_page_note_mark, dcr_page_tables},
    {"where", "Where and when", dcr_page_note_mark, dcr_page_where},
    {"dates", "Dates", dcr_page_dates_mark, dcr_page_dates},
    {"longitudinal", "Several exams", dcr_page_longitudinal_mark, dcr_page_longitudinal},
    {"findings", "Findings", dcr_page_findings_mark, dcr_page_findings},
    {"attributes", "Attributes", dcr_page_attributes_mark, dcr_page_attributes},
    {"deid", "How it was de-identified", dcr_page_deid_mark, dcr_page_deid},
    {"links", "Link keys", dcr_page_links_mark, dcr_page_links},
    {"private", "Private elements", dcr_page_private_mark, dcr_page_private},
    {"pixels", "Pixel data", dcr_page_pixels_mark, dcr_page_pixels},
    {"accepted", "Accepted risks", dcr_page_accepted_mark, dcr_page_accepted},
    {"coverage", "What was read", dcr_page_coverage_mark, dcr_page_coverage},
    {"method", "Method and limits", dcr_page_note_mark, dcr_page_method},
    {"annex", "DPIA annex", dcr_page_note_mark, dcr_page_annex},
};
enum { N_SECTIONS = sizeof sections / sizeof sections[0] };

/* A section that has nothing to say at all is not in the contents either. */
static bool written(const dcr_page *p, size_t i)
{
    if (sections[i].write == dcr_page_deid)
        return dcr_page_has_deid(p);
    if (sections[i].write == dcr_page_longitudinal)
        return dcr_page_has_longitudinal(p);
    if (sections[i].write == dcr_page_links)
        return dcr_page_has_links(p);
    if (sections[i].write == dcr_page_tables)
        return dcr_page_has_tables(p);
    return sections[i].write != dcr_page_rowcounts || dcr_page_has_rowcounts(p);
}

/* ---- head ---- */

static const char *verdict_word(const dcr_page *p)
{
    switch (dcr_page_verdict_mark(p)) {
    case DCR_MARK_PASS:
        return "PASS";
    case DCR_MARK_FAIL:
        return "FAIL";
    default:
        return "INCONCLUSIVE";
    }
}

static void head(dcr_page *p, const dcr_render *how)
{
    static const char rest[] = "'; base-uri 'none'; form-action 'none'";
    static const char none[] = "default-src 'none'; style-src '";
    char csp[256];
    const char *title = dcr_view_str(dcr_view_obj(p->doc, "project"), "title");
    dcr_html *h = p->h;
    snprintf(csp, sizeof csp, "%s%s'; script-src '%s%s", none,
             how->html_assets != NULL ? "self" : DCR_CSP_STYLE,
             how->html_assets != NULL ? "self" : DCR_CSP_SCRIPT, rest);
    dcr_page_head_start(h, csp);
    dcr_html_open(h, "title", NULL);
    dcr_html_fmt(h, "%s: ", verdict_word(p));
    if (title[0] != '\0') {
        dcr_page_say(p, title, 120);
        dcr_html_text(h, ", ");
    }
    dcr_html_text(h, "re-identification risk report");
    dcr_html_close(h, "title");
    if (how->html_assets != NULL)
        dcr_html_asset(h, "style", how->html_assets, "report.css");
    else
        dcr_html_embed(h, "style", dcr_embed_find("reports/report.css"));
    dcr_html_close(h, "head");
}

/* ---- contents ---- */

static void logo(dcr_html *h)
{
    dcr_html_open(h, "svg", "logo");
    dcr_html_attr(h, "viewBox", "0 0 24 24");
    dcr_html_attr(h, "width", "25");
    dcr_html_attr(h, "height", "25");
    dcr_html_attr(h, "aria-hidden", "true");
    dcr_html_open(h, "rect", NULL);
    dcr_html_attr(h, "x", "1");
    dcr_html_attr(h, "y", "1");
    dcr_html_attr(h, "width", "22");
    dcr_html_attr(h, "height", "22");
    dcr_html_attr(h, "rx", "5");
    dcr_html_attr(h, "fill", "#0a5aa8");
    dcr_html_close(h, "rect");
    dcr_html_open(h, "path", NULL);
    dcr_html_attr(h, "d", "M5 15.5 9 11l3 2.6L19 6.5");
    dcr_html_attr(h, "fill", "none");
    dcr_html_attr(h, "stroke", "#ffffff");
    dcr_html_attr(h, "stroke-width", "2.2");
    dcr_html_close(h, "path");
    dcr_html_open(h, "path", NULL);
    dcr_html_attr(h, "d", "M5 19h14");
    dcr_html_attr(h, "stroke", "#9cc7f2");
    dcr_html_attr(h, "stroke-width", "1.6");
    dcr_html_attr(h, "stroke-dasharray", "2 2");
    dcr_html_close(h, "path");
    dcr_html_close(h, "svg");
}

static const char *said(dcr_mark m)
{
    static const char *const words[] = {[DCR_MARK_PASS] = "passes",
                                        [DCR_MARK_NOTE] = "information",
                                        [DCR_MARK_WARN] = "needs review",
                                        [DCR_MARK_OPEN] = "inconclusive",
                                        [DCR_MARK_FAIL] = "fails"};
    return words[m];
}

static void contents(dcr_page *p, bool marks)
{
    dcr_html *h = p->h;
    dcr_html_open(h, "ol", NULL);
    for (size_t i = 0; i < N_SECTIONS; i++) {
        char ref[40];
        if (!written(p, i))
            continue;
        snprintf(ref, sizeof ref, "#%s", sections[i].id);
        dcr_html_open(h, "li", NULL);
        dcr_html_open(h, "a", NULL);
        dcr_html_attr(h, "href", ref);
        if (marks) {
            dcr_mark m = sections[i].mark(p);
            dcr_page_icon(p, m, said(m));
        }
        dcr_html_leaf(h, "span", NULL, sections[i].title);
        dcr_html_close(h, "a");
        dcr_html_close(h, "li");
    }
    dcr_html_close(h, "ol");
}

static void side(dcr_page *p)
{
    static const dcr_mark order[] = {DCR_MARK_FAIL, DCR_MARK_WARN, DCR_MARK_OPEN,
                                     DCR_MARK_NOTE, DCR_MARK_PASS};
    dcr_html *h = p->h;
    dcr_html_open(h, "nav", "side");
    dcr_html_attr(h, "aria-label", "Sections");
    dcr_html_open(h, "p", "brand");
    logo(h);
    dcr_html_open(h, "span", NULL);
    dcr_html_text(h, "dcmrisk");
    dcr_html_leaf(h, "small", NULL, "Re-identification risk report");
    dcr_html_close(h, "span");
    dcr_html_close(h, "p");
    contents(p, true);
    dcr_html_open(h, "hr", NULL);
    dcr_html_close(h, "hr");
    dcr_html_open(h, "p", NULL);
    dcr_html_text(h, "Marks: ");
    for (size_t i = 0; i < 5; i++) {
        dcr_html_text(h, i == 0 ? "" : ", ");
        dcr_page_icon(p, order[i], NULL);
        dcr_html_fmt(h, " %s", said(order[i]));
    }
    dcr_html_text(h, ".");
    dcr_html_close(h, "p");
    dcr_html_close(h, "nav");
}

static bool shows_values(const dcr_page *p)
{
    const json_t *options = dcr_view_obj(dcr_view_obj(p->doc, "run"), "options");
    return dcr_view_flag(options, "show_values",
                         dcr_view_flag(options, "show-values", false));
}

static void foot(dcr_page *p)
{
    dcr_html *h = p->h;
    dcr_html_open(h, "footer", NULL);
    dcr_html_open(h, "p", NULL);
    dcr_html_text(h, "Made by dcmrisk ");
    dcr_page_say(p, dcr_view_str(dcr_view_obj(p->doc, "tool"), "version"), 40);
    dcr_html_text(
        h, shows_values(p)
               ? ". This report was made with values shown: keep it like the data "
                 "itself."
               : ". No value of a patient is printed in this report, and it makes no "
                 "request to anywhere. It still holds statistics about people.");
    dcr_html_close(h, "p");
    dcr_html_close(h, "footer");
}

/* ---- the document ---- */

static void body(dcr_page *p, const dcr_render *how)
{
    dcr_html *h = p->h;
    dcr_html_open(h, "body", NULL);
    dcr_svg_defs(h);
    dcr_html_open(h, "a", "skip");
    dcr_html_attr(h, "href", "#main");
    dcr_html_text(h, "Skip to the report");
    dcr_html_close(h, "a");
    dcr_html_open(h, "div", "page");
    side(p);
    dcr_html_open(h, "main", NULL);
    dcr_html_attr(h, "id", "main");
    dcr_page_header(p);
    dcr_html_open(h, "details", "mnav");
    dcr_html_leaf(h, "summary", NULL, "Contents");
    contents(p, false);
    dcr_html_close(h, "details");
    for (size_t i = 0; i < N_SECTIONS; i++)
        if (written(p, i))
            sections[i].write(p);
    foot(p);
    dcr_html_close(h, "main");
    dcr_html_close(h, "div");
    if (how->html_assets != NULL)
        dcr_html_asset(h, "script", how->html_assets, "report.js");
    else
        dcr_html_embed(h, "script", dcr_embed_find("reports/report.js"));
    dcr_html_close(h, "body");
}

static dcr_status write_html(const json_t *report, const dcr_render *how, FILE *out,
                             dcr_err *err)
{
    dcr_page p;
    dcr_status st = DCR_OK;
    dcr_html *h = dcr_html_new(out);
    if (h == NULL)
        return dcr_nomem(err);
    st = dcr_page_init(&p, h, report, err);
    if (st == DCR_OK) {
        dcr_html_open(h, "html", "nojs");
        dcr_html_attr(h, "lang", "en");
        head(&p, how);
        body(&p, how);
        dcr_html_close(h, "html");
        st = dcr_html_end(h, err);
        dcr_page_clear(&p);
    }
    dcr_html_free(h);
    return st;
}

const dcr_format dcr_format_html = {
    .id = "html",
    .title = "one HTML file, readable without a script",
    .file = {{"report.html", write_html}},
    .asset = {{"report.css", dcr_page_write_css}, {"report.js", dcr_page_write_js}},
};
