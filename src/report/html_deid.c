/* How the files were de-identified, by what they state and whose marks they bear. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"

enum { ROWS = 20 };

static const json_t *clusters(const dcr_page *p)
{
    return dcr_view_arr(p->doc, "deid_clusters");
}

bool dcr_page_has_deid(const dcr_page *p)
{
    return json_array_size(clusters(p)) > 0;
}

static bool doubtful(const json_t *all)
{
    for (size_t i = 0; i < json_array_size(all); i++)
        if (dcr_view_str(json_array_get(all, i), "doubt")[0] != '\0')
            return true;
    return false;
}

dcr_mark dcr_page_deid_mark(const dcr_page *p)
{
    const json_t *all = clusters(p);
    return json_array_size(all) > 1 || doubtful(all) ? DCR_MARK_WARN : DCR_MARK_NOTE;
}

static void statement(const json_t *declared, char *out, size_t n)
{
    const json_t *codes = dcr_view_arr(declared, "codes");
    size_t at;
    int k = snprintf(out, n, "identity removed: %.8s; dates: %.12s",
                     dcr_view_str(declared, "identity_removed"),
                     dcr_view_str(declared, "temporal"));
    at = k < 0 ? 0 : (size_t)k;
    for (size_t i = 0; i < json_array_size(codes) && at + 24 < n; i++) {
        const char *code = json_string_value(json_array_get(codes, i));
        k = snprintf(out + at, n - at, "%s%.20s", i == 0 ? "; codes: " : ", ",
                     code == NULL ? "?" : code);
        at += k < 0 ? 0 : (size_t)k;
    }
}

static const char *method(const json_t *declared)
{
    const char *names = dcr_view_str(declared, "names");
    const char *is = dcr_view_str(declared, "method");
    if (names[0] != '\0')
        return names;
    return strcmp(is, "absent") == 0 ? "no text" : "a text of its own";
}

static void one(dcr_page *p, const json_t *c)
{
    const json_t *declared = dcr_view_obj(c, "declared");
    const char *tool = dcr_view_str(c, "tool"), *doubt = dcr_view_str(c, "doubt");
    char text[400], number[DCR_NUM_MAX] = "";
    double v;
    dcr_page_row(p);
    dcr_page_head(p, tool[0] != '\0' ? tool : "none recognised");
    dcr_page_cell(p, "", NULL, method(declared));
    statement(declared, text, sizeof text);
    dcr_page_cell(p, "", NULL, text);
    dcr_page_cell(p, "", NULL, dcr_view_str(c, "uids"));
    if (dcr_view_num(c, "series", &v))
        dcr_view_count(number, v);
    dcr_page_cell(p, "r", NULL, number);
    number[0] = '\0';
    if (dcr_view_num(c, "subjects", &v))
        dcr_view_count(number, v);
    dcr_page_cell(p, "r", NULL, number);
    number[0] = '\0';
    if (dcr_view_num(c, "share", &v))
        dcr_view_percent(number, v);
    dcr_page_cell(p, "r", NULL, number);
    dcr_page_cell(p, "", NULL, doubt[0] != '\0' ? doubt : "");
    dcr_page_row_end(p);
}

void dcr_page_deid(dcr_page *p)
{
    static const dcr_col col[] = {
        {"Marks of", ""}, {"The text names", ""}, {"Stated", ""}, {"Study UIDs", ""},
        {"Series", "r"},  {"Patients", "r"},      {"Share", "r"}, {"Doubt", ""}};
    const json_t *all = clusters(p);
    size_t n = json_array_size(all);
    dcr_page_section(p, "deid", "How it was de-identified",
                     "Series that state the same and bear the same marks, most first. "
                     "More than one row means that parts of the release went different "
                     "ways.");
    dcr_page_table(p, "plain", "Groups of series that were de-identified alike", col, 8,
                   true);
    for (size_t i = 0; i < n && i < ROWS; i++)
        one(p, json_array_get(all, i));
    dcr_page_table_end(p, true);
    dcr_page_left_out(p, n < ROWS ? n : ROWS, n, "groups");
    dcr_page_section_end(p);
}
