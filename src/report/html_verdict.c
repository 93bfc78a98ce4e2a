/* The first screen: what is judged, the verdict, four figures. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"
#include "svg.h"

static void fact(dcr_page *p, const char *word, const char *value)
{
    if (value[0] == '\0')
        return;
    dcr_html_open(p->h, "li", NULL);
    dcr_html_fmt(p->h, "%s ", word);
    dcr_html_open(p->h, "b", NULL);
    dcr_page_say(p, value, 80);
    dcr_html_close(p->h, "b");
    dcr_html_close(p->h, "li");
}

/* "2026-11-20T06:12:44Z" as "2026-11-20 06:12 UTC"; anything else as it is. */
static void time_words(char *out, size_t size, const char *iso)
{
    static const char form[] = "9999-99-99T99:99:99Z";
    bool fits = strlen(iso) == sizeof form - 1;
    for (size_t i = 0; fits && form[i] != '\0'; i++)
        fits = form[i] == '9' ? iso[i] >= '0' && iso[i] <= '9' : iso[i] == form[i];
    if (fits)
        snprintf(out, size, "%.10s %.5s UTC", iso, iso + 11);
    else
        snprintf(out, size, "%.60s", iso);
}

void dcr_page_header(dcr_page *p)
{
    const json_t *d = p->dataset;
    const char *title = dcr_view_str(dcr_view_obj(p->doc, "project"), "title");
    char policy[160], when[64];
    const char *version = dcr_view_str(p->policy, "version");
    snprintf(policy, sizeof policy, "%s%s%s", dcr_view_str(p->policy, "name"),
             version[0] != '\0' ? " " : "", version);
    dcr_html_open(p->h, "header", NULL);
    dcr_html_open(p->h, "h1", NULL);
    dcr_page_say(p, title[0] != '\0' ? title : "Re-identification risk of this release",
                 200);
    dcr_html_close(p->h, "h1");
    dcr_html_open(p->h, "ul", "meta");
    dcr_page_counted(p, d, "subjects", "patients");
    dcr_page_counted(p, d, "studies", "studies");
    dcr_page_counted(p, d, "series", "series");
    dcr_page_counted(p, d, "files", "files");
    fact(p, "policy", policy);
    time_words(when, sizeof when, dcr_view_str(dcr_view_obj(p->doc, "run"), "time"));
    fact(p, "assessed", when);
    dcr_html_close(p->h, "ul");
    dcr_html_close(p->h, "header");
}

/* ---- four figures ---- */

static void kpi(dcr_page *p, const char *term, dcr_mark m, const char *value,
                const char *small)
{
    dcr_html_open(p->h, "div", NULL);
    dcr_html_leaf(p->h, "dt", NULL, term);
    dcr_html_open(p->h, "dd", dcr_page_mark_class(m));
    dcr_html_text(p->h, value);
    dcr_html_leaf(p->h, "small", NULL, small);
    dcr_html_close(p->h, "dd");
    dcr_html_close(p->h, "div");
}

/* How a figure stands: by its criterion when the policy has one, else by `bad`. */
static dcr_mark judged(const json_t *criterion, bool bad)
{
    if (dcr_view_str(criterion, "result")[0] != '\0')
        return dcr_page_criterion_mark(criterion);
    return bad ? DCR_MARK_WARN : DCR_MARK_NOTE;
}

static void limit_text(char *out, size_t size, const json_t *criterion)
{
    const json_t *limit = json_object_get(criterion, "limit");
    char s[80];
    out[0] = '\0';
    if (criterion == NULL || limit == NULL || json_is_null(limit))
        return;
    dcr_view_scalar(s, sizeof s, limit,
                    strcmp(dcr_view_str(criterion, "unit"), "share") == 0 ? "share" : "",
                    "");
    snprintf(out, size, "; limit %s", s);
}

static const char *const small_words[] = {"below", "small-class", "k-", NULL};
static const char *const unique_words[] = {"unique-subjects", "unique", NULL};
static const char *const direct_words[] = {"direct", NULL};

/* Exactly 1 / k_min, said as people say it. */
static void kpi_highest(dcr_page *p)
{
    char value[DCR_NUM_MAX + 8] = "\u2013", small[240], size[DCR_NUM_MAX];
    double k_min = 0;
    bool known = dcr_view_num(p->view, "k_min", &k_min) && k_min >= 1;
    dcr_mark m = DCR_MARK_NOTE;
    snprintf(small, sizeof small, "%s", DCR_NOT_TOLD);
    if (known) {
        dcr_view_count(size, k_min);
        snprintf(value, sizeof value, "1 in %s", size);
        snprintf(small, sizeof small, "smallest class: %s%s", size,
                 k_min == 1 ? ", told with certainty" : "");
        m = p->k <= 0       ? DCR_MARK_NOTE
            : k_min >= p->k ? DCR_MARK_PASS
                            : judged(dcr_page_criterion(p, small_words), true);
    }
    if (known && p->k > 0) {
        size_t n = strlen(small);
        dcr_view_count(size, p->k);
        snprintf(small + n, sizeof small - n, "; limit 1 in %s", size);
    }
    kpi(p, "Highest risk for one patient", m, value, small);
}

/* A number of subjects as figure, its share and limit below. */
static void kpi_subjects(dcr_page *p, const char *term, bool known, double v,
                         const json_t *criterion)
{
    char value[DCR_NUM_MAX] = "\u2013", small[200];
    char share[DCR_NUM_MAX], all[DCR_NUM_MAX], limit[100];
    double of = p->subjects;
    dcr_view_num(p->view, "subjects", &of);
    known = known && of > 0;
    limit_text(limit, sizeof limit, criterion);
    snprintf(small, sizeof small, "%s%s", DCR_NOT_TOLD, limit);
    if (known) {
        dcr_view_count(value, v);
        dcr_view_percent(share, v / of);
        dcr_view_count(all, of);
        snprintf(small, sizeof small, "%s of %s%s", share, all, limit);
    }
    kpi(p, term, judged(criterion, known && v > 0), value, small);
}

/* Attributes that are direct identifiers and still hold real values. */
static double direct_identifiers(const dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->doc, "attributes");
    double n = 0, files, empty, dummy;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *a = json_array_get(all, i);
        if (strcmp(dcr_view_str(a, "role"), "direct_identifier") != 0 ||
            json_array_size(dcr_view_arr(a, "findings")) == 0)
            continue;
        dcr_view_num(a, "files", &files);
        dcr_view_num(a, "empty", &empty);
        dcr_view_num(a, "dummy", &dummy);
        n += files > empty + dummy;
    }
    return n;
}

static void kpi_direct(dcr_page *p)
{
    const json_t *c = dcr_page_criterion(p, direct_words);
    char value[DCR_NUM_MAX] = "\u2013", small[140], limit[100];
    double n = 0;
    bool known = dcr_view_num(c, "found", &n);
    limit_text(limit, sizeof limit, c);
    if (c == NULL && !p->edited) {
        n = direct_identifiers(p);
        known = true;
    }
    if (known)
        dcr_view_count(value, n);
    snprintf(small, sizeof small, "%s%s",
             !known  ? DCR_NOT_TOLD
             : n > 0 ? "names, numbers, contacts"
                     : "none found",
             limit);
    kpi(p, "Direct identifiers found", judged(c, n > 0), value, small);
}

static void kpis(dcr_page *p)
{
    char term[96] = "Patients in small classes";
    double v;
    if (p->k > 0) {
        char k[DCR_NUM_MAX];
        dcr_view_count(k, p->k);
        snprintf(term, sizeof term, "Patients in classes below %s", k);
    }
    dcr_html_open(p->h, "dl", "kpis");
    kpi_highest(p);
    bool known = dcr_view_num(p->view, "unique_subjects", &v);
    kpi_subjects(p, "Patients who are unique", known, v,
                 dcr_page_criterion(p, unique_words));
    known = dcr_page_below(p, p->view, &v);
    kpi_subjects(p, term, known, v, dcr_page_criterion(p, small_words));
    kpi_direct(p);
    dcr_html_close(p->h, "dl");
}

static const struct {
    const char *symbol, *head, *cls;
} verdicts[] = {
    [DCR_MARK_PASS] = {"pass", "The policy is met", "verdict v-pass"},
    [DCR_MARK_NOTE] = {"note", "No verdict", "verdict v-open"},
    [DCR_MARK_WARN] = {"warn", "Needs review", "verdict v-open"},
    [DCR_MARK_OPEN] = {"open", "Inconclusive: not ready for release", "verdict v-open"},
    [DCR_MARK_FAIL] = {"fail", "Do not release yet", "verdict v-fail"},
};

/* "7 fail, 2 need review, 1 undecided, 3 met": criteria by how they stand; of the notes,
 * `accepted` were accepted and the rest have no limit. */
static void tally(dcr_page *p, const size_t n[DCR_MARK_FAIL + 1], size_t accepted)
{
    static const struct {
        dcr_mark mark;
        const char *one, *more;
    } words[] = {{DCR_MARK_FAIL, "criterion fails", "criteria fail"},
                 {DCR_MARK_WARN, "needs review", "need review"},
                 {DCR_MARK_OPEN, "undecided", "undecided"},
                 {DCR_MARK_PASS, "met", "met"},
                 {DCR_MARK_NOTE, "accepted", "accepted"},
                 {DCR_MARK_NOTE, "only reported", "only reported"}};
    bool noted = false;
    dcr_html_open(p->h, "ul", "tally");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t count = n[words[i].mark];
        char s[80];
        if (words[i].mark == DCR_MARK_NOTE)
            count = noted ? count - accepted : accepted;
        noted = words[i].mark == DCR_MARK_NOTE;
        if (count == 0)
            continue;
        snprintf(s, sizeof s, "%zu %s", count, count == 1 ? words[i].one : words[i].more);
        dcr_html_open(p->h, "li", NULL);
        dcr_page_tag(p, words[i].mark, s);
        dcr_html_close(p->h, "li");
    }
    dcr_html_close(p->h, "ul");
}

/* Whom the policy judges by, in words. */
static void judged_by(dcr_page *p)
{
    const char *policy = dcr_view_str(p->policy, "title");
    const char *adversary = dcr_view_str(p->gated, "title");
    char k[DCR_NUM_MAX];
    if (adversary[0] == '\0' || p->k <= 0)
        return;
    dcr_view_count(k, p->k);
    dcr_html_open(p->h, "p", "by");
    dcr_html_text(p->h, "Judged by: ");
    dcr_page_say(p, policy[0] != '\0' ? policy : dcr_view_str(p->policy, "name"), 80);
    dcr_html_fmt(p->h, ", every patient hidden among at least %s, from ", k);
    dcr_html_open(p->h, "b", NULL);
    dcr_page_say_lower(p, adversary, 160);
    dcr_html_close(p->h, "b");
    dcr_html_text(p->h, ".");
    dcr_html_close(p->h, "p");
}

void dcr_page_verdict(dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->verdict, "criteria");
    dcr_mark m = dcr_page_verdict_mark(p);
    const char *sentence = dcr_view_str(p->verdict, "sentence");
    const char *title = verdicts[m].head;
    size_t n[DCR_MARK_FAIL + 1] = {0}, accepted = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *c = json_array_get(all, i);
        n[dcr_page_criterion_mark(c)]++;
        accepted += strcmp(dcr_view_str(c, "result"), "accepted") == 0;
    }
    if (m == DCR_MARK_PASS && accepted > 0)
        title = "The policy is met; risks were accepted";
    /* What cannot be decided would not make it pass. */
    if (m == DCR_MARK_OPEN && n[DCR_MARK_FAIL] + n[DCR_MARK_WARN] > 0) {
        title = "Do not release yet; part of it is undecided";
        m = DCR_MARK_FAIL;
    }
    dcr_html_open(p->h, "section", verdicts[m].cls);
    dcr_html_attr(p->h, "id", "verdict");
    dcr_html_attr(p->h, "aria-labelledby", "h-verdict");
    dcr_html_open(p->h, "div", "vtop");
    dcr_svg_mark(p->h, verdicts[m].symbol, "big", NULL);
    dcr_html_open(p->h, "h2", NULL);
    dcr_html_attr(p->h, "id", "h-verdict");
    dcr_html_text(p->h, title);
    dcr_html_close(p->h, "h2");
    dcr_html_open(p->h, "p", NULL);
    dcr_page_say(p, sentence[0] != '\0' ? sentence : "The report states no reason.",
                 2000);
    dcr_html_close(p->h, "p");
    judged_by(p);
    if (json_array_size(all) > 0)
        tally(p, n, accepted);
    dcr_html_close(p->h, "div");
    kpis(p);
    dcr_html_close(p->h, "section");
}
