/* The table of attributes, with a line of facts to unfold below each. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "html_page.h"

enum { MAX_ROWS = 2000, MAX_PRINTED = 200, MAX_LINKS = 12 };

static const struct {
    const char *role, *title;
} roles[] = {
    {"direct_identifier", "direct identifier"},
    {"quasi_identifier", "quasi-identifier"},
    {"sensitive", "sensitive"},
    {"unknown", "role unknown"},
    {"technical", "technical"},
    {"container", "container"},
};
enum { N_ROLES = sizeof roles / sizeof roles[0] };

typedef struct entry {
    const json_t *attr;
    int severity; /* 4 critical to 0 note; -1 no finding */
    int role;     /* index into roles */
    double unique;
    long worst; /* place of its worst finding, -1 none */
    size_t place;
} entry;

static int role_of(const json_t *a)
{
    const char *role = dcr_view_str(a, "role");
    for (int i = 0; i < N_ROLES; i++)
        if (strcmp(role, roles[i].role) == 0)
            return i;
    return 3;
}

/* Place of a finding in findings[], -1 when the id names none. */
static long finding_place(const dcr_page *p, const json_t *id)
{
    const char *s = json_string_value(id);
    const json_t *at = s == NULL ? NULL : json_object_get(p->finding_at, s);
    return at == NULL ? -1 : (long)json_integer_value(at);
}

/* Severity of the worst finding of an attribute, -1 when none; *where is its place, else
 * -1. */
static int worst_of(const dcr_page *p, const json_t *a, long *where)
{
    const json_t *ids = dcr_view_arr(a, "findings");
    const json_t *all = dcr_view_arr(p->doc, "findings");
    int worst = -1;
    *where = -1;
    for (size_t i = 0; i < json_array_size(ids); i++) {
        long at = finding_place(p, json_array_get(ids, i));
        const json_t *f = at < 0 ? NULL : json_array_get(all, (size_t)at);
        int rank = dcr_view_severity(dcr_view_str(f, "severity"));
        if (f == NULL || rank <= worst)
            continue;
        worst = rank;
        *where = at;
    }
    return worst;
}

static int by_need(const void *a, const void *b)
{
    const entry *l = a, *r = b;
    if (l->severity != r->severity)
        return l->severity > r->severity ? -1 : 1;
    if (l->role != r->role)
        return l->role < r->role ? -1 : 1;
    if (l->unique != r->unique)
        return l->unique > r->unique ? -1 : 1;
    return l->place < r->place ? -1 : l->place > r->place;
}

dcr_mark dcr_page_attributes_mark(const dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->doc, "attributes");
    int worst = -1;
    long at;
    for (size_t i = 0; i < json_array_size(all); i++) {
        int w = worst_of(p, json_array_get(all, i), &at);
        worst = w > worst ? w : worst;
    }
    return worst >= 3 ? DCR_MARK_FAIL : worst >= 1 ? DCR_MARK_WARN : DCR_MARK_NOTE;
}

/* ---- cells ---- */

static const struct {
    const char *key, *title;
    dcr_mark mark;
} states[] = {{"none", "None", DCR_MARK_PASS}, {"note", "Note", DCR_MARK_NOTE},
              {"low", "Low", DCR_MARK_WARN},   {"medium", "Medium", DCR_MARK_WARN},
              {"high", "High", DCR_MARK_FAIL}, {"critical", "Critical", DCR_MARK_FAIL}};

static void state_cell(dcr_page *p, int severity)
{
    dcr_html_open(p->h, "td", "c1");
    dcr_html_attr_num(p->h, "data-v", -severity, 0, "");
    if (severity < 0)
        dcr_html_leaf(p->h, "span", "t-muted", "no finding");
    else
        dcr_page_tag(p, states[severity + 1].mark, states[severity + 1].title);
    dcr_html_close(p->h, "td");
}

static void name_cell(dcr_page *p, const json_t *a)
{
    const char *keyword = dcr_view_str(a, "keyword"), *path = dcr_view_str(a, "path");
    bool private = json_is_string(json_object_get(a, "creator"));
    dcr_html_open(p->h, "th", "c2");
    dcr_html_attr(p->h, "scope", "row");
    dcr_html_open(p->h, "span", "kw");
    dcr_page_say(p,
                 keyword[0] != '\0' ? keyword
                 : private          ? "private element"
                                    : "not in the "
                                      "dictionary",
                 120);
    dcr_html_close(p->h, "span");
    dcr_html_text(p->h, " ");
    dcr_html_open(p->h, "span", "mono");
    dcr_page_say(p, path, 160);
    dcr_html_close(p->h, "span");
    dcr_html_close(p->h, "th");
}

static void number_cell(dcr_page *p, const json_t *a, const char *key, const char *cls,
                        const char *label)
{
    char s[DCR_NUM_MAX] = "\u2013";
    double v;
    bool known = dcr_view_num(a, key, &v);
    if (known && strcmp(key, "bits") == 0)
        dcr_view_fixed(s, v, 1);
    else if (known)
        dcr_view_count(s, v);
    bool least =
        strcmp(key, "distinct") == 0 && !dcr_view_flag(a, "distinct_exact", true);
    dcr_html_open(p->h, "td", cls);
    dcr_html_attr_num(p->h, "data-v", known ? v : -1, 3, "");
    dcr_html_attr(p->h, "data-l", label);
    dcr_html_text(p->h, known && least ? "\u2265 " : "");
    dcr_html_text(p->h, s);
    dcr_html_close(p->h, "td");
}

/* The role, and what the attribute is kept for where somebody said so. */
static void role_cell(dcr_page *p, const json_t *a, const char *role)
{
    const char *purpose = dcr_view_str(a, "purpose");
    dcr_html_open(p->h, "td", "c6");
    dcr_html_text(p->h, role);
    if (!dcr_page_blank(purpose)) {
        dcr_html_open(p->h, "small", NULL);
        dcr_page_say(p, purpose, 60);
        dcr_html_close(p->h, "small");
    }
    dcr_html_close(p->h, "td");
}

static void share_cell(dcr_page *p, const json_t *a)
{
    char s[DCR_NUM_MAX] = "\u2013";
    double files, all, share = -1;
    if (dcr_view_num(a, "files", &files) &&
        dcr_view_num(p->dataset, "dicom_files", &all) && all > 0) {
        share = fmin(files / all, 1);
        dcr_view_percent(s, share);
    }
    dcr_html_open(p->h, "td", "c7 r");
    dcr_html_attr_num(p->h, "data-v", share, 6, "");
    dcr_html_attr(p->h, "data-l", "In files");
    dcr_html_text(p->h, s);
    dcr_html_close(p->h, "td");
}

/* ---- the unfolded facts ---- */

static void count_fact(dcr_page *p, const json_t *a, const char *key, const char *term)
{
    char s[DCR_NUM_MAX];
    double v;
    if (!dcr_view_num(a, key, &v))
        return;
    dcr_view_count(s, v);
    dcr_page_fact(p, term, s);
}

static void word_fact(dcr_page *p, const json_t *a, const char *key, const char *term)
{
    char words[120];
    dcr_view_words(words, sizeof words, dcr_view_str(a, key));
    dcr_page_fact(p, term, words);
}

static void facts(dcr_page *p, const json_t *a)
{
    const char *creator = dcr_view_str(a, "creator");
    dcr_html_open(p->h, "dl", "facts");
    if (json_is_string(json_object_get(a, "creator")))
        dcr_page_fact(p, "Private creator",
                      creator[0] != '\0' ? creator : "none declared");
    dcr_page_fact(p, "VR", dcr_view_str(a, "vr"));
    word_fact(p, a, "family", "Family");
    word_fact(p, a, "concept", "Tells an adversary");
    dcr_page_fact(p, "Shape of the values", dcr_view_str(a, "shape"));
    count_fact(p, a, "files", "Files");
    count_fact(p, a, "empty", "of them empty");
    count_fact(p, a, "dummy", "of them with a dummy value");
    count_fact(p, a, "series", "Series");
    count_fact(p, a, "studies", "Studies");
    count_fact(p, a, "subjects", "Patients");
    if (dcr_view_flag(a, "constant", false))
        dcr_page_fact(p, "Constant", "the same in all files: describes everybody");
    dcr_page_fact(p, "Purpose", dcr_view_str(a, "purpose"));
    dcr_html_close(p->h, "dl");
}

/* Only when somebody asked for values to be shown. */
static void values(dcr_page *p, const json_t *a)
{
    const json_t *all = dcr_view_arr(a, "values");
    if (json_array_size(all) == 0)
        return;
    dcr_html_leaf(p->h, "p", "cap", "Values, as asked for:");
    dcr_html_open(p->h, "ul", "links");
    for (size_t i = 0; i < json_array_size(all) && i < 20; i++) {
        const char *s = json_string_value(json_array_get(all, i));
        dcr_html_open(p->h, "li", NULL);
        dcr_page_say(p, s == NULL ? "?" : s, 200);
        dcr_html_close(p->h, "li");
    }
    dcr_html_close(p->h, "ul");
}

static void links(dcr_page *p, const json_t *a)
{
    const json_t *ids = dcr_view_arr(a, "findings");
    const json_t *all = dcr_view_arr(p->doc, "findings");
    size_t n = json_array_size(ids);
    if (n == 0)
        return;
    dcr_html_open(p->h, "ul", "links");
    for (size_t i = 0; i < n && i < MAX_LINKS; i++) {
        long at = finding_place(p, json_array_get(ids, i));
        char ref[32];
        if (at < 0 || !p->finding_shown[at])
            continue;
        snprintf(ref, sizeof ref, "#f%ld", at);
        dcr_html_open(p->h, "li", NULL);
        dcr_html_open(p->h, "a", NULL);
        dcr_html_attr(p->h, "href", ref);
        dcr_page_say(p, dcr_view_str(json_array_get(all, (size_t)at), "title"), 160);
        dcr_html_close(p->h, "a");
        dcr_html_close(p->h, "li");
    }
    dcr_html_close(p->h, "ul");
}

static void detail_row(dcr_page *p, const entry *e)
{
    const json_t *ids = dcr_view_arr(e->attr, "findings");
    const json_t *all = dcr_view_arr(p->doc, "findings");
    long at = e->worst;
    size_t n = json_array_size(ids);
    dcr_html_open(p->h, "tr", at >= 0 ? "d" : "d plainfacts");
    dcr_html_leaf(p->h, "td", NULL, "");
    dcr_html_open(p->h, "td", NULL);
    dcr_html_attr(p->h, "colspan", "7");
    dcr_html_open(p->h, "details", NULL);
    dcr_html_open(p->h, "summary", NULL);
    if (at >= 0) {
        const char *title = dcr_view_str(json_array_get(all, (size_t)at), "title");
        dcr_page_say(p, dcr_page_blank(title) ? "Finding without a title" : title, 160);
        if (n > 1)
            dcr_html_fmt(p->h, ", and %zu more", n - 1);
    } else {
        dcr_html_text(p->h, "Facts");
    }
    dcr_html_close(p->h, "summary");
    facts(p, e->attr);
    values(p, e->attr);
    links(p, e->attr);
    dcr_html_close(p->h, "details");
    dcr_html_close(p->h, "td");
    dcr_html_close(p->h, "tr");
}

/* What the filter looks in: lower case, for the script alone. */
static void search_text(dcr_page *p, const json_t *a, const char *role)
{
    char s[560];
    size_t i = 0;
    snprintf(s, sizeof s, "%.120s %.160s %.60s %.30s %.30s %.60s",
             dcr_view_str(a, "keyword"), dcr_view_str(a, "path"),
             dcr_view_str(a, "creator"), role, dcr_view_str(a, "concept"),
             dcr_view_str(a, "purpose"));
    for (; s[i] != '\0'; i++)
        if (s[i] >= 'A' && s[i] <= 'Z')
            s[i] = (char)(s[i] - 'A' + 'a');
    dcr_html_attr(p->h, "data-t", s);
}

static void attribute(dcr_page *p, const entry *e, bool printed)
{
    const json_t *a = e->attr;
    dcr_html_open(p->h, "tbody", printed ? "f" : "f np");
    dcr_html_attr(p->h, "data-s", states[e->severity + 1].key);
    dcr_html_attr(p->h, "data-k", roles[e->role].role);
    search_text(p, a, roles[e->role].title);
    dcr_page_row(p);
    state_cell(p, e->severity);
    name_cell(p, a);
    role_cell(p, a, roles[e->role].title);
    share_cell(p, a);
    number_cell(p, a, "distinct", "c7 r", "Distinct");
    number_cell(p, a, "k_min", "c8 r", "Smallest class");
    number_cell(p, a, "unique_subjects", "c8 r", "Unique");
    number_cell(p, a, "bits", "c8 r", "Bits");
    dcr_page_row_end(p);
    detail_row(p, e);
    dcr_html_close(p->h, "tbody");
}

/* ---- the table ---- */

static void option(dcr_page *p, const char *value, const char *title)
{
    dcr_html_open(p->h, "option", NULL);
    dcr_html_attr(p->h, "value", value);
    dcr_html_text(p->h, title);
    dcr_html_close(p->h, "option");
}

static void select_start(dcr_page *p, const char *id, const char *label, const char *all)
{
    dcr_html_open(p->h, "div", NULL);
    dcr_html_open(p->h, "label", NULL);
    dcr_html_attr(p->h, "for", id);
    dcr_html_text(p->h, label);
    dcr_html_close(p->h, "label");
    dcr_html_open(p->h, "select", NULL);
    dcr_html_attr(p->h, "id", id);
    option(p, "", all);
}

static void select_end(dcr_page *p)
{
    dcr_html_close(p->h, "select");
    dcr_html_close(p->h, "div");
}

static void filter(dcr_page *p)
{
    dcr_html *h = p->h;
    dcr_html_open(h, "div", "flt");
    dcr_html_attr(h, "role", "search");
    dcr_html_attr(h, "aria-label", "Filter the attributes");
    dcr_html_open(h, "div", NULL);
    dcr_html_open(h, "label", NULL);
    dcr_html_attr(h, "for", "q");
    dcr_html_text(h, "Name, tag, creator, fact or purpose");
    dcr_html_close(h, "label");
    dcr_html_open(h, "input", NULL);
    dcr_html_attr(h, "type", "search");
    dcr_html_attr(h, "id", "q");
    dcr_html_attr(h, "autocomplete", "off");
    dcr_html_attr(h, "spellcheck", "false");
    dcr_html_close(h, "input");
    dcr_html_close(h, "div");
    select_start(p, "fs", "Finding", "Any or none");
    for (size_t i = 6; i > 0; i--)
        option(p, states[i - 1].key, states[i - 1].title);
    select_end(p);
    select_start(p, "fk", "Role", "All roles");
    for (size_t i = 0; i < N_ROLES; i++)
        option(p, roles[i].role, roles[i].title);
    select_end(p);
    dcr_html_open(h, "output", "out");
    dcr_html_attr(h, "id", "fo");
    dcr_html_attr(h, "for", "q fs fk");
    dcr_html_attr(h, "aria-live", "polite");
    dcr_html_close(h, "output");
    dcr_html_close(h, "div");
}

static void columns(dcr_page *p)
{
    static const dcr_col col[] = {{"Finding", "c1"},          {"Attribute", "c2"},
                                  {"Role and purpose", "c6"}, {"In files", "c7 r"},
                                  {"Distinct", "c7 r"},       {"Smallest class", "c8 r"},
                                  {"Unique", "c8 r"},         {"Bits", "c8 r"}};
    dcr_html_open(p->h, "thead", NULL);
    dcr_html_open(p->h, "tr", NULL);
    for (size_t i = 0; i < sizeof col / sizeof col[0]; i++) {
        dcr_html_open(p->h, "th", col[i].cls);
        dcr_html_attr(p->h, "scope", "col");
        dcr_html_attr(p->h, "data-h", col[i].title);
        dcr_html_text(p->h, col[i].title);
        dcr_html_close(p->h, "th");
    }
    dcr_html_close(p->h, "tr");
    dcr_html_close(p->h, "thead");
}

static void table(dcr_page *p, const entry *e, size_t n)
{
    size_t shown = 0;
    filter(p);
    dcr_html_open(p->h, "div", "scroll");
    dcr_html_attr(p->h, "role", "region");
    dcr_html_attr(p->h, "tabindex", "0");
    dcr_html_attr(p->h, "aria-label", "Attributes");
    dcr_html_open(p->h, "table", NULL);
    dcr_html_attr(p->h, "id", "ft");
    dcr_html_attr(p->h, "data-sort", "");
    dcr_html_leaf(
        p->h, "caption", NULL,
        "Worst first. Open a line for its facts. Smallest class, unique and bits are "
        "those of this attribute alone; a dash: not computed, or too few patients to "
        "be printed.");
    columns(p);
    for (; shown < n && shown < MAX_ROWS && dcr_html_size(p->h) < DCR_PAGE_ATTRIBUTES;
         shown++)
        attribute(p, &e[shown], shown < MAX_PRINTED);
    dcr_html_close(p->h, "table");
    dcr_html_close(p->h, "div");
    if (shown < n) {
        dcr_html_open(p->h, "p", "cap");
        dcr_html_fmt(p->h,
                     "%zu of %zu attributes are listed, worst first; all of them are in "
                     "report.json.",
                     shown, n);
        dcr_html_close(p->h, "p");
    }
    if (shown > MAX_PRINTED) {
        dcr_html_open(p->h, "p", "cap ponly");
        dcr_html_fmt(p->h, "Printed: the first %d of %zu attributes.", MAX_PRINTED, n);
        dcr_html_close(p->h, "p");
    }
}

void dcr_page_attributes(dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->doc, "attributes");
    size_t n = json_array_size(all);
    entry *e = NULL;
    dcr_page_section(
        p, "attributes", "Attributes",
        "Every attribute path in the files, what it is to an adversary, and how far "
        "it tells patients apart.");
    if (n == 0) {
        dcr_html_leaf(p->h, "p", NULL, "No attribute was read.");
        dcr_page_section_end(p);
        return;
    }
    e = dcr_alloc(n, sizeof *e);
    if (e == NULL) {
        dcr_html_nomem(p->h);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        e[i] = (entry){.attr = json_array_get(all, i), .place = i};
        e[i].severity = worst_of(p, e[i].attr, &e[i].worst);
        e[i].role = role_of(e[i].attr);
        dcr_view_num(e[i].attr, "unique_subjects", &e[i].unique);
    }
    qsort(e, n, sizeof *e, by_need);
    table(p, e, n);
    dcr_free(e);
    dcr_page_section_end(p);
}
