/* What was read and what was not: pixel data and coverage. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"

enum { MAX_ROWS = 200 };

/* ---- pixel data ---- */

dcr_mark dcr_page_pixels_mark(const dcr_page *p)
{
    const json_t *px = dcr_view_obj(p->doc, "pixels");
    if (json_array_size(dcr_view_arr(px, "queue")) > 0)
        return DCR_MARK_WARN;
    return DCR_MARK_NOTE;
}

static void word_cell(dcr_page *p, const json_t *o, const char *key)
{
    char s[160];
    dcr_view_words(s, sizeof s, dcr_view_str(o, key));
    dcr_page_cell(p, NULL, NULL, s[0] != '\0' ? s : "\u2013");
}

/* "none" is fine, "low" and "sample" are worth a look, the rest needs one. */
static void risk_cell(dcr_page *p, const json_t *o, const char *key)
{
    char s[80];
    const char *v = dcr_view_str(o, key);
    bool none = strcmp(v, "none") == 0 || strcmp(v, "no") == 0 || v[0] == '\0';
    bool high = strcmp(v, "high") == 0 || strcmp(v, "mandatory") == 0 ||
                strcmp(v, "yes") == 0 || strcmp(v, "very_high") == 0;
    dcr_view_words(s, sizeof s, v);
    dcr_html_open(p->h, "td", NULL);
    if (high) {
        dcr_page_icon(p, DCR_MARK_WARN, NULL);
        dcr_html_text(p->h, " ");
    }
    dcr_html_open(p->h, "span", none ? "t-muted" : NULL);
    dcr_page_say(p, s[0] != '\0' ? s : "\u2013", 60);
    dcr_html_close(p->h, "span");
    dcr_html_close(p->h, "td");
}

static void pixel_classes(dcr_page *p, const json_t *all)
{
    static const dcr_col col[] = {{"Kind of picture", ""}, {"Modality", ""},
                                  {"Text burned in", ""},  {"Face", ""},
                                  {"Review", ""},          {"Series", "r"},
                                  {"Patients", "r"},       {"Files", "r"}};
    dcr_page_table(p, "plain", "Pictures by risk class", col, 8, true);
    for (size_t i = 0; i < json_array_size(all) && i < MAX_ROWS; i++) {
        const json_t *c = json_array_get(all, i);
        char s[120];
        dcr_view_words(s, sizeof s, dcr_view_str(c, "content_class"));
        dcr_page_row(p);
        dcr_page_head(p, s);
        word_cell(p, c, "modality");
        risk_cell(p, c, "burned_in");
        risk_cell(p, c, "face");
        risk_cell(p, c, "review");
        dcr_page_cell_count(p, c, "series", NULL);
        dcr_page_cell_count(p, c, "subjects", NULL);
        dcr_page_cell_count(p, c, "files", NULL);
        dcr_page_row_end(p);
    }
    dcr_page_table_end(p, true);
}

static void device_cell(dcr_page *p, const json_t *q)
{
    char s[80];
    long long rows = json_integer_value(json_object_get(q, "rows"));
    long long columns = json_integer_value(json_object_get(q, "columns"));
    long long device = json_integer_value(json_object_get(q, "device"));
    int n = device > 0 ? snprintf(s, sizeof s, "device %lld", device)
                       : snprintf(s, sizeof s, "not named");
    if (rows > 0 && columns > 0 && n > 0 && (size_t)n < sizeof s)
        snprintf(s + n, sizeof s - (size_t)n, ", %lld \u00d7 %lld", columns, rows);
    dcr_page_cell(p, NULL, NULL, s);
}

/* The conditions that hold: "PX004, PX020". */
static void conditions_cell(dcr_page *p, const json_t *q)
{
    const json_t *list = dcr_view_arr(q, "rules");
    char s[200] = "";
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list) && n + 12 < sizeof s; i++)
        n += (size_t)snprintf(s + n, sizeof s - n, "%s%.8s", i == 0 ? "" : ", ",
                              json_string_value(json_array_get(list, i)));
    dcr_page_cell(p, NULL, NULL, s[0] != '\0' ? s : "kind of object");
}

static void pixel_queue(dcr_page *p, const json_t *all)
{
    static const dcr_col col[] = {{"Kind of picture", ""}, {"Modality", ""},
                                  {"Device and size", ""}, {"Because", ""},
                                  {"Series", "r"},         {"Patients", "r"},
                                  {"Images", "r"},         {"See for 1 %", "r"}};
    size_t n = json_array_size(all);
    dcr_html_leaf(p->h, "h3", NULL, "To be looked at");
    if (n == 0) {
        dcr_html_leaf(p->h, "p", NULL, dcr_page_missing(p, "No series waits for eyes."));
        return;
    }
    dcr_page_table(p, "plain", "Series that somebody has to look at before a release",
                   col, 8, true);
    size_t i = 0;
    for (; i < n && i < MAX_ROWS && dcr_html_size(p->h) < DCR_PAGE_TABLES; i++) {
        const json_t *q = json_array_get(all, i);
        char s[120];
        dcr_view_words(s, sizeof s, dcr_view_str(q, "content_class"));
        dcr_page_row(p);
        dcr_page_head(p, s);
        word_cell(p, q, "modality");
        device_cell(p, q);
        conditions_cell(p, q);
        dcr_page_cell_count(p, q, "series", NULL);
        dcr_page_cell_count(p, q, "subjects", NULL);
        dcr_page_cell_count(p, q, "images", NULL);
        dcr_page_cell_count(p, dcr_view_obj(q, "to_see"), "0.01", NULL);
        dcr_page_row_end(p);
    }
    dcr_page_table_end(p, true);
    dcr_page_left_out(p, i, n, "rows");
    dcr_html_leaf(
        p->h, "p", "cap",
        "A row is what one device and picture size has in common: one look may "
        "settle it. \u201cSee for 1 %\u201d is how many images, drawn at random, must be "
        "seen, none showing anything, to say with 95 % confidence that at most 1 % "
        "of the row do (hypergeometric).");
}

/* What people saw, as the project file records it, and what that says of the rest. */
static void pixel_reviews(dcr_page *p, const json_t *all)
{
    if (json_array_size(all) == 0)
        return;
    dcr_html_leaf(p->h, "h3", NULL, "What was looked at");
    dcr_html_open(p->h, "ul", NULL);
    for (size_t i = 0; i < json_array_size(all) && i < MAX_ROWS; i++) {
        const json_t *r = json_array_get(all, i);
        char s[200];
        if (!json_is_number(json_object_get(r, "found")) ||
            !json_is_number(json_object_get(r, "upper"))) {
            dcr_html_leaf(p->h, "li", NULL,
                          "A look at pictures whose numbers are not shown.");
            continue;
        }
        snprintf(
            s, sizeof s,
            "%lld of %lld images seen showed something: with 95 %% confidence at most "
            "%.3g %% of the %lld images do (Clopper\u2013Pearson).",
            (long long)json_integer_value(json_object_get(r, "found")),
            (long long)json_integer_value(json_object_get(r, "seen")),
            100 * json_number_value(json_object_get(r, "upper")),
            (long long)json_integer_value(json_object_get(r, "images")));
        dcr_html_leaf(p->h, "li", NULL, s);
    }
    dcr_html_close(p->h, "ul");
}

void dcr_page_pixels(dcr_page *p)
{
    const json_t *px = dcr_view_obj(p->doc, "pixels");
    const json_t *classes = dcr_view_arr(px, "classes");
    dcr_page_section(
        p, "pixels", "Pixel data",
        "Text burned into a picture, and a face that can be rebuilt from a head "
        "scan, survive every change of attributes. The pictures themselves were "
        "not opened: this is what their kind calls for.");
    if (json_array_size(classes) == 0)
        dcr_html_leaf(p->h, "p", NULL,
                      dcr_page_missing(p, "No file with pictures was found."));
    else
        pixel_classes(p, classes);
    pixel_queue(p, dcr_view_arr(px, "queue"));
    pixel_reviews(p, dcr_view_arr(px, "reviews"));
    dcr_page_section_end(p);
}

/* ---- coverage ---- */

dcr_mark dcr_page_coverage_mark(const dcr_page *p)
{
    const json_t *c = dcr_view_obj(p->doc, "coverage");
    double unread, text;
    bool told = dcr_view_num(p->dataset, "unreadable_files", &unread) &&
                dcr_view_num(c, "undecodable_text", &text);
    return told && unread == 0 && text == 0 ? DCR_MARK_PASS : DCR_MARK_OPEN;
}

static void figure(dcr_page *p, const json_t *o, const char *key, const char *term)
{
    char s[DCR_NUM_MAX];
    double v;
    if (!dcr_view_num(o, key, &v))
        return;
    dcr_view_count(s, v);
    dcr_page_fact(p, term, s);
}

static void totals(dcr_page *p)
{
    const json_t *d = p->dataset;
    dcr_html_open(p->h, "dl", "facts");
    figure(p, d, "files", "Files in the tree");
    figure(p, d, "dicom_files", "DICOM files");
    figure(p, d, "other_files", "Other files");
    figure(p, d, "unreadable_files", "Not read to the end");
    figure(p, d, "bytes", "Bytes");
    figure(p, d, "instances", "Instances");
    figure(p, d, "elements", "Elements");
    figure(p, d, "private_elements", "Private elements");
    figure(p, d, "inferred_subjects", "Patients without an own ID");
    figure(p, dcr_view_obj(p->doc, "coverage"), "undecodable_text", "Texts not decoded");
    dcr_html_close(p->h, "dl");
}

/* Numbers of files, or their names where somebody asked for them. */
static void examples_cell(dcr_page *p, const json_t *reason)
{
    const json_t *list = dcr_view_arr(reason, "names");
    if (list == NULL)
        list = dcr_view_arr(reason, "examples");
    size_t n = json_array_size(list);
    dcr_html_open(p->h, "td", "mono");
    for (size_t i = 0; i < n && i < 10; i++) {
        char s[200];
        dcr_view_scalar(s, sizeof s, json_array_get(list, i), "", "?");
        if (i > 0)
            dcr_html_text(p->h, ", ");
        dcr_page_say(p, s, 160);
    }
    if (n > 10)
        dcr_html_text(p->h, ", \u2026");
    dcr_html_close(p->h, "td");
}

static void reasons(dcr_page *p, const json_t *all, const char *caption, bool examples)
{
    static const dcr_col col[] = {{"Reason", ""}, {"Files", "r"}, {"File numbers", ""}};
    static const dcr_col kinds[] = {{"Kind", ""}, {"Files", "r"}};
    size_t n = json_array_size(all);
    if (n == 0)
        return;
    dcr_page_table(p, "plain narrow", caption, examples ? col : kinds, examples ? 3 : 2,
                   true);
    for (size_t i = 0; i < n && i < MAX_ROWS; i++) {
        const json_t *r = json_array_get(all, i);
        char s[120];
        const char *name = dcr_view_str(r, "reason");
        dcr_view_words(s, sizeof s, name[0] != '\0' ? name : dcr_view_str(r, "kind"));
        dcr_page_row(p);
        dcr_page_head(p, s);
        dcr_page_cell_count(p, r, "files", NULL);
        if (examples)
            examples_cell(p, r);
        dcr_page_row_end(p);
    }
    dcr_page_table_end(p, true);
}

static void modalities(dcr_page *p)
{
    static const dcr_col col[] = {
        {"Modality", ""}, {"Patients", "r"}, {"Studies", "r"}, {"Series", "r"}};
    const json_t *all = dcr_view_arr(p->dataset, "modalities");
    if (json_array_size(all) == 0)
        return;
    dcr_page_table(p, "plain narrow", "Modalities", col, 4, true);
    for (size_t i = 0; i < json_array_size(all) && i < MAX_ROWS; i++) {
        const json_t *m = json_array_get(all, i);
        dcr_page_row(p);
        dcr_page_head(p, dcr_view_str(m, "modality"));
        dcr_page_cell_count(p, m, "subjects", NULL);
        dcr_page_cell_count(p, m, "studies", NULL);
        dcr_page_cell_count(p, m, "series", NULL);
        dcr_page_row_end(p);
    }
    dcr_page_table_end(p, true);
}

void dcr_page_coverage(dcr_page *p)
{
    const json_t *c = dcr_view_obj(p->doc, "coverage");
    double unread;
    bool told = dcr_view_num(p->dataset, "unreadable_files", &unread);
    dcr_page_section(
        p, "coverage", "What was read",
        "Every file of the tree is accounted for. What could not be read may hold "
        "anything, so a run that missed part of the tree cannot pass.");
    totals(p);
    if (json_array_size(dcr_view_arr(c, "reasons")) > 0)
        reasons(p, dcr_view_arr(c, "reasons"),
                "Files not read to their end; numbers are those of the scan file", true);
    else if (unread > 0)
        dcr_html_leaf(p->h, "p", NULL,
                      "The report gives no reasons for the unread files.");
    else
        dcr_html_leaf(p->h, "p", NULL,
                      told ? "Every file was read to its end."
                           : dcr_page_missing(p, "It is not told whether every file was"
                                                 " read to its end."));
    reasons(p, dcr_view_arr(c, "other"), "Files that are not DICOM: listed, not read",
            false);
    modalities(p);
    dcr_page_section_end(p);
}
