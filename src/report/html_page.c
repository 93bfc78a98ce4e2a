#include "html_page.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "embed.h"
#include "plural.h"
#include "svg.h"

/* ---- what the report is about ---- */

static const json_t *gated_of(const json_t *doc, const json_t *policy)
{
    const json_t *all = dcr_view_arr(doc, "adversaries");
    const json_t *one = dcr_view_find(all, "id", dcr_view_str(policy, "adversary"));
    if (one == NULL)
        one = dcr_view_find(all, "id", "acquaintance");
    return one != NULL ? one : json_array_get(all, 0);
}

enum { SHOWN_PER_SEVERITY = 400 };

/* Numbers the findings and chooses those that are shown: the first of each severity. */
static dcr_status index_findings(dcr_page *p, dcr_err *err)
{
    const json_t *findings = dcr_view_arr(p->doc, "findings");
    size_t n = json_array_size(findings), seen[5] = {0};
    p->finding_at = json_object();
    p->finding_shown = dcr_alloc(n, sizeof *p->finding_shown);
    if (p->finding_at == NULL || p->finding_shown == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n; i++) {
        const json_t *f = json_array_get(findings, i);
        const char *id = dcr_view_str(f, "id");
        int rank = dcr_view_severity(dcr_view_str(f, "severity"));
        p->finding_shown[i] = seen[rank]++ < SHOWN_PER_SEVERITY;
        if (id[0] != '\0' &&
            json_object_set_new(p->finding_at, id, json_integer((json_int_t)i)) != 0)
            return dcr_nomem(err);
    }
    return DCR_OK;
}

dcr_status dcr_page_init(dcr_page *p, dcr_html *h, const json_t *doc, dcr_err *err)
{
    memset(p, 0, sizeof *p);
    p->h = h;
    p->doc = doc;
    p->policy = dcr_view_obj(doc, "policy");
    p->verdict = dcr_view_obj(doc, "verdict");
    p->dataset = dcr_view_obj(doc, "dataset");
    p->gated = gated_of(doc, p->policy);
    p->view = dcr_page_view(p->gated);
    p->edited = dcr_view_public(doc);
    if (!dcr_view_num(p->policy, "k", &p->k) || p->k < 1 || p->k > 1e9)
        p->k = 0;
    if (!dcr_view_num(p->dataset, "subjects", &p->subjects) || p->subjects < 0)
        p->subjects = 0;
    dcr_status rc = index_findings(p, err);
    if (rc == DCR_OK)
        rc = (p->keyword_of = dcr_view_keywords(doc)) == NULL ? dcr_nomem(err) : DCR_OK;
    if (rc != DCR_OK)
        dcr_page_clear(p);
    return rc;
}

void dcr_page_clear(dcr_page *p)
{
    json_decref(p->finding_at);
    json_decref(p->keyword_of);
    dcr_free(p->finding_shown);
    p->finding_at = NULL;
    p->keyword_of = NULL;
    p->finding_shown = NULL;
}

const char *dcr_page_missing(const dcr_page *p, const char *none)
{
    return p->edited ? "Not told in the public edition." : none;
}

const json_t *dcr_page_view(const json_t *adversary)
{
    const json_t *views = dcr_view_arr(adversary, "views");
    const json_t *v = dcr_view_find(views, "view", "any_exam");
    return v != NULL ? v : json_array_get(views, 0);
}

const json_t *dcr_page_criterion(const dcr_page *p, const char *const *words)
{
    const json_t *all = dcr_view_arr(p->verdict, "criteria");
    for (; *words != NULL; words++)
        for (size_t i = 0; i < json_array_size(all); i++) {
            const json_t *c = json_array_get(all, i);
            if (strstr(dcr_view_str(c, "id"), *words) != NULL)
                return c;
        }
    return NULL;
}

dcr_mark dcr_page_result(const char *result)
{
    static const struct {
        const char *name;
        dcr_mark mark;
    } is[] = {{"pass", DCR_MARK_PASS},
              {"fail", DCR_MARK_FAIL},
              {"review", DCR_MARK_WARN},
              {"accepted", DCR_MARK_NOTE},
              {"reported", DCR_MARK_NOTE}};
    for (size_t i = 0; i < sizeof is / sizeof is[0]; i++)
        if (strcmp(result, is[i].name) == 0)
            return is[i].mark;
    return DCR_MARK_OPEN;
}

dcr_mark dcr_page_criterion_mark(const json_t *criterion)
{
    return dcr_page_result(dcr_view_result(criterion));
}

dcr_mark dcr_page_severity(const char *severity)
{
    int rank = dcr_view_severity(severity);
    return rank >= 3 ? DCR_MARK_FAIL : rank >= 1 ? DCR_MARK_WARN : DCR_MARK_NOTE;
}

dcr_mark dcr_page_verdict_mark(const dcr_page *p)
{
    return dcr_page_result(dcr_view_str(p->verdict, "result"));
}

bool dcr_page_below(const dcr_page *p, const json_t *view, double *out)
{
    char key[DCR_NUM_MAX];
    double subjects, from, to;
    const json_t *bins = dcr_view_arr(view, "histogram");
    *out = 0;
    if (p->k <= 0)
        return false;
    dcr_view_fixed(key, p->k, 0);
    if (dcr_view_num(dcr_view_obj(view, "below"), key, out))
        return true;
    /* Not among the printed ones: the bins say it when k is an edge of theirs. */
    for (size_t i = 0; i < json_array_size(bins); i++) {
        const json_t *b = json_array_get(bins, i);
        if (!dcr_view_num(b, "from", &from))
            return false;
        if (from >= p->k)
            return from == p->k;
        if (!dcr_view_num(b, "subjects", &subjects))
            return false;
        *out += subjects;
        if (dcr_view_num(b, "to", &to) && to + 1 == p->k)
            return true;
    }
    return false;
}

/* ---- marks ---- */

static const struct {
    const char *symbol, *cls, *tag;
} marks[] = {
    [DCR_MARK_PASS] = {"pass", "t-pass", "tag pass"},
    [DCR_MARK_NOTE] = {"note", "t-note", "tag note"},
    [DCR_MARK_WARN] = {"warn", "t-warn", "tag warn"},
    [DCR_MARK_OPEN] = {"open", "t-open", "tag open"},
    [DCR_MARK_FAIL] = {"fail", "t-fail", "tag fail"},
};

const char *dcr_page_mark_class(dcr_mark m)
{
    return marks[m].cls;
}

void dcr_page_icon(dcr_page *p, dcr_mark m, const char *label)
{
    char cls[32];
    snprintf(cls, sizeof cls, "ico %s", marks[m].cls);
    dcr_svg_mark(p->h, marks[m].symbol, cls, label);
}

void dcr_page_tag(dcr_page *p, dcr_mark m, const char *text)
{
    dcr_html_open(p->h, "span", marks[m].tag);
    dcr_svg_mark(p->h, marks[m].symbol, "ico", NULL);
    dcr_html_text(p->h, text);
    dcr_html_close(p->h, "span");
}

/* ---- text ---- */

bool dcr_page_blank(const char *s)
{
    return s[strspn(s, " \t\r\n")] == '\0';
}

void dcr_page_say(dcr_page *p, const char *s, size_t max)
{
    size_t n = strlen(s);
    if (n <= max) {
        dcr_html_textn(p->h, s, n);
        return;
    }
    while (max > 0 && ((unsigned char)s[max] & 0xC0) == 0x80)
        max--;
    dcr_html_textn(p->h, s, max);
    dcr_html_text(p->h, "\u2026");
}

void dcr_page_say_lower(dcr_page *p, const char *s, size_t max)
{
    char start[3];
    dcr_view_lower(start, sizeof start, s);
    dcr_html_textn(p->h, start, start[0] != s[0]);
    dcr_page_say(p, start[0] != s[0] ? s + 1 : s, max);
}

void dcr_page_counted(dcr_page *p, const json_t *o, const char *key, const char *word)
{
    char s[DCR_NUM_MAX];
    double v;
    if (!dcr_view_num(o, key, &v))
        return;
    dcr_view_count(s, v);
    dcr_html_open(p->h, "li", NULL);
    dcr_html_leaf(p->h, "b", NULL, s);
    dcr_html_fmt(p->h, " %s", dcr_plural(v, word));
    dcr_html_close(p->h, "li");
}

void dcr_page_fact_name(char *out, size_t size, const char *id)
{
    char words[120];
    bool table = id != NULL && strncmp(id, "table/", 6) == 0;
    dcr_view_words(words, sizeof words, id == NULL ? "?" : table ? id + 6 : id);
    snprintf(out, size, "%s%s", words, table ? " (table)" : "");
}

void dcr_page_concept(char *out, size_t size, const json_t *concept)
{
    const char *title = dcr_view_str(concept, "title");
    if (title[0] != '\0')
        snprintf(out, size, "%s", title);
    else
        dcr_view_words(out, size, dcr_view_str(concept, "concept"));
}

/* ---- sections and tables ---- */

void dcr_page_section(dcr_page *p, const char *id, const char *title, const char *lead)
{
    char head[48];
    snprintf(head, sizeof head, "h-%s", id);
    dcr_html_open(p->h, "section", NULL);
    dcr_html_attr(p->h, "id", id);
    dcr_html_attr(p->h, "aria-labelledby", head);
    dcr_html_open(p->h, "h2", NULL);
    dcr_html_attr(p->h, "id", head);
    dcr_html_text(p->h, title);
    dcr_html_close(p->h, "h2");
    if (lead == NULL || dcr_page_blank(lead))
        return;
    dcr_html_open(p->h, "p", "lead");
    dcr_page_say(p, lead, 1000);
    dcr_html_close(p->h, "p");
}

void dcr_page_section_end(dcr_page *p)
{
    dcr_html_close(p->h, "section");
}

void dcr_page_table(dcr_page *p, const char *cls, const char *caption, const dcr_col *col,
                    size_t n, bool scroll)
{
    dcr_html *h = p->h;
    if (scroll) {
        dcr_html_open(h, "div", "scroll");
        dcr_html_attr(h, "role", "region");
        dcr_html_attr(h, "tabindex", "0");
        dcr_html_attr(h, "aria-label", caption);
    }
    dcr_html_open(h, "table", cls);
    dcr_html_open(h, "caption", NULL);
    dcr_page_say(p, caption, 400);
    dcr_html_close(h, "caption");
    dcr_html_open(h, "thead", NULL);
    dcr_html_open(h, "tr", NULL);
    for (size_t i = 0; i < n; i++) {
        dcr_html_open(h, "th", col[i].cls);
        dcr_html_attr(h, "scope", "col");
        dcr_page_say(p, col[i].title, 60);
        dcr_html_close(h, "th");
    }
    dcr_html_close(h, "tr");
    dcr_html_close(h, "thead");
    dcr_html_open(h, "tbody", NULL);
}

void dcr_page_table_end(dcr_page *p, bool scroll)
{
    dcr_html_close(p->h, "tbody");
    dcr_html_close(p->h, "table");
    if (scroll)
        dcr_html_close(p->h, "div");
}

void dcr_page_left_out(dcr_page *p, size_t shown, size_t n, const char *what)
{
    if (shown >= n)
        return;
    dcr_html_open(p->h, "p", "cap");
    dcr_html_fmt(p->h, "%zu of %zu %s are listed; all of them are in report.json.", shown,
                 n, what);
    dcr_html_close(p->h, "p");
}

void dcr_page_fold(dcr_page *p, const char *title, bool printed)
{
    dcr_html_open(p->h, "details", printed ? "data kept" : "data");
    dcr_html_leaf(p->h, "summary", NULL, title);
}

void dcr_page_fold_end(dcr_page *p)
{
    dcr_html_close(p->h, "details");
}

void dcr_page_row(dcr_page *p)
{
    dcr_html_open(p->h, "tr", NULL);
}

void dcr_page_row_end(dcr_page *p)
{
    dcr_html_close(p->h, "tr");
}

void dcr_page_head(dcr_page *p, const char *text)
{
    dcr_html_open(p->h, "th", NULL);
    dcr_html_attr(p->h, "scope", "row");
    dcr_page_say(p, text, 300);
    dcr_html_close(p->h, "th");
}

void dcr_page_cell(dcr_page *p, const char *cls, const char *label, const char *text)
{
    dcr_html_open(p->h, "td", cls);
    if (label != NULL)
        dcr_html_attr(p->h, "data-l", label);
    dcr_page_say(p, text, 300);
    dcr_html_close(p->h, "td");
}

void dcr_page_cell_count(dcr_page *p, const json_t *o, const char *key, const char *label)
{
    char s[DCR_NUM_MAX];
    double v;
    if (dcr_view_num(o, key, &v))
        dcr_view_count(s, v);
    else
        snprintf(s, sizeof s, "\u2013");
    dcr_page_cell(p, "r", label, s);
}

void dcr_page_cell_risk(dcr_page *p, const json_t *o, const char *key, const char *label)
{
    char s[DCR_NUM_MAX];
    double v;
    if (dcr_view_num(o, key, &v))
        dcr_view_risk(s, v);
    else
        snprintf(s, sizeof s, "\u2013");
    dcr_page_cell(p, "r", label, s);
}

void dcr_page_fact(dcr_page *p, const char *term, const char *text)
{
    if (text[0] == '\0')
        return;
    dcr_html_open(p->h, "div", NULL);
    dcr_html_leaf(p->h, "dt", NULL, term);
    dcr_html_open(p->h, "dd", NULL);
    dcr_page_say(p, text, 600);
    dcr_html_close(p->h, "dd");
    dcr_html_close(p->h, "div");
}

dcr_mark dcr_page_note_mark(const dcr_page *p)
{
    (void)p;
    return DCR_MARK_NOTE;
}

/* ---- head ---- */

static void meta(dcr_html *h, const char *kind, const char *name, const char *content)
{
    dcr_html_open(h, "meta", NULL);
    dcr_html_attr(h, kind, name);
    if (content != NULL)
        dcr_html_attr(h, "content", content);
    dcr_html_close(h, "meta");
}

void dcr_page_head_start(dcr_html *h, const char *csp)
{
    dcr_html_open(h, "head", NULL);
    meta(h, "charset", "utf-8", NULL);
    meta(h, "http-equiv", "Content-Security-Policy", csp);
    meta(h, "name", "viewport", "width=device-width, initial-scale=1");
    meta(h, "name", "referrer", "no-referrer");
    meta(h, "name", "robots", "noindex");
    meta(h, "name", "color-scheme", "light dark");
    meta(h, "name", "generator", "dcmrisk");
}

/* ---- style and script as files of their own ---- */

dcr_status dcr_page_write_asset(const char *name, FILE *out, dcr_err *err)
{
    const dcr_embed *file = dcr_embed_find(name);
    size_t n = (size_t)(file->end - file->begin);
    if (fwrite(file->begin, 1, n, out) != n)
        return dcr_fail(err, DCR_EIO, name, "cannot write");
    return DCR_OK;
}

dcr_status dcr_page_write_css(const json_t *report, const dcr_render *how, FILE *out,
                              dcr_err *err)
{
    (void)report;
    (void)how;
    return dcr_page_write_asset("reports/report.css", out, err);
}

dcr_status dcr_page_write_js(const json_t *report, const dcr_render *how, FILE *out,
                             dcr_err *err)
{
    (void)report;
    (void)how;
    return dcr_page_write_asset("reports/report.js", out, err);
}
