/* Link keys: numbers and UIDs by which files are found again elsewhere. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"
#include "plural.h"

enum { MAX_KEYS = 200 };

static const json_t *keys_of(const dcr_page *p)
{
    return dcr_view_arr(p->doc, "link_keys");
}

static dcr_mark mark_of(const json_t *key)
{
    const char *state = dcr_view_str(key, "state");
    if (strcmp(state, "recomputed") == 0 || strcmp(state, "proven-original") == 0 ||
        strcmp(state, "source-like") == 0)
        return DCR_MARK_FAIL;
    if (strcmp(state, "unknown") == 0 || dcr_view_str(key, "scheme")[0] != '\0')
        return DCR_MARK_WARN;
    return DCR_MARK_PASS;
}

bool dcr_page_has_links(const dcr_page *p)
{
    return json_array_size(keys_of(p)) > 0;
}

dcr_mark dcr_page_links_mark(const dcr_page *p)
{
    const json_t *all = keys_of(p);
    dcr_mark m = DCR_MARK_PASS;
    for (size_t i = 0; i < json_array_size(all); i++) {
        dcr_mark one = mark_of(json_array_get(all, i));
        if (one == DCR_MARK_FAIL)
            return one;
        m = one == DCR_MARK_WARN ? one : m;
    }
    return m;
}

static void row(dcr_page *p, const json_t *key)
{
    const char *keyword = dcr_view_str(key, "keyword");
    const char *scheme = dcr_view_str(key, "scheme_title");
    const char *detail = dcr_view_str(key, "detail");
    char state[64], why[640];
    dcr_view_words(state, sizeof state, dcr_view_str(key, "state"));
    snprintf(why, sizeof why, "%s%s%s", scheme,
             scheme[0] != '\0' && detail[0] != '\0' ? "; " : "", detail);
    dcr_page_row(p);
    dcr_page_head(p, keyword[0] != '\0' ? keyword : dcr_view_str(key, "path"));
    dcr_page_cell(p, "mono", "Path", dcr_view_str(key, "path"));
    dcr_html_open(p->h, "td", NULL);
    dcr_html_attr(p->h, "data-l", "State");
    dcr_page_tag(p, mark_of(key), state);
    dcr_html_close(p->h, "td");
    dcr_page_cell_count(p, key, "values", "Values");
    dcr_page_cell_count(p, key, "subjects", "Patients");
    dcr_page_cell(p, "", "What was seen", why);
    dcr_page_row_end(p);
}

void dcr_page_links(dcr_page *p)
{
    static const dcr_col cols[] = {{"Attribute", ""}, {"Path", ""},
                                   {"State", ""},     {"Values", "r"},
                                   {"Patients", "r"}, {"What was seen", ""}};
    const json_t *all = keys_of(p);
    char lead[400], n[DCR_NUM_MAX];
    double originals;
    if (dcr_view_num(dcr_view_obj(dcr_view_obj(p->doc, "run"), "options"), "originals",
                     &originals)) {
        dcr_view_count(n, originals);
        snprintf(lead, sizeof lead,
                 "Whoever holds the source finds a patient by these numbers and UIDs."
                 " They were compared with %s %s.",
                 n, dcr_plural(originals, "originals"));
    } else {
        snprintf(lead, sizeof lead,
                 "Whoever holds the source finds a patient by these numbers and UIDs."
                 " No list of originals was given: methods are told by their form only.");
    }
    dcr_page_section(p, "links", "Link keys", lead);
    dcr_page_table(p, "plain", "State of each link key", cols, 6, true);
    size_t shown = 0, count = json_array_size(all);
    for (; shown < count && shown < MAX_KEYS && dcr_html_size(p->h) < DCR_PAGE_TABLES;
         shown++)
        row(p, json_array_get(all, shown));
    dcr_page_table_end(p, true);
    dcr_page_left_out(p, shown, count, "link keys");
    dcr_page_section_end(p);
}
