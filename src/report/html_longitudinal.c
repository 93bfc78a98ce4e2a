/* Several exams of one patient: known dates, days between exams, sets of exams. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"
#include "svg.h"

enum { MAX_ROWS = 40 };

static const json_t *of(const dcr_page *p)
{
    return dcr_view_obj(p->doc, "longitudinal");
}

bool dcr_page_has_longitudinal(const dcr_page *p)
{
    return json_array_size(dcr_view_arr(of(p), "unicity")) > 0 ||
           json_array_size(dcr_view_arr(of(p), "km")) > 0;
}

dcr_mark dcr_page_longitudinal_mark(const dcr_page *p)
{
    static const char *const words[] = {"two-exams", "intervals", NULL};
    const json_t *c = dcr_page_criterion(p, words);
    return c == NULL ? DCR_MARK_NOTE : dcr_page_criterion_mark(c);
}

/* Which reading of shifted dates a figure belongs to, as a sentence; "" when there is no
 * shift. */
static const char *reading(const dcr_page *p, const char *figure)
{
    const char *r = dcr_view_str(dcr_view_obj(of(p), "readings"), figure);
    if (strcmp(r, "holds") == 0)
        return " The dates are shifted: this is so if the shift holds, and the dates of "
               "exams are not known.";
    if (strcmp(r, "broken") == 0)
        return " The dates are shifted: this is so if the shift is broken.";
    if (strcmp(r, "both") == 0)
        return " The dates are shifted: this is so whether the shift holds or is broken.";
    return "";
}

/* ---- known dates ---- */

static const json_t *unicity_at(const json_t *all, const char *granularity, double points)
{
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *row = json_array_get(all, i);
        double p;
        if (strcmp(dcr_view_str(row, "granularity"), granularity) == 0 &&
            dcr_view_num(row, "points", &p) && p == points)
            return row;
    }
    return NULL;
}

/* Share, a bar of it, and of how many patients. */
static void unicity_cell(dcr_page *p, const json_t *row)
{
    char s[DCR_NUM_MAX] = "\u2013", lo[DCR_NUM_MAX], hi[DCR_NUM_MAX];
    double share, low, high, n;
    bool there = dcr_view_num(row, "share", &share);
    if (there)
        dcr_view_percent(s, share);
    dcr_html_open(p->h, "td", "r");
    dcr_html_text(p->h, s);
    dcr_svg_line(p->h, share, true);
    if (there && !dcr_view_flag(row, "exact", true) && dcr_view_num(row, "lo", &low) &&
        dcr_view_num(row, "hi", &high)) {
        dcr_view_percent(lo, low);
        dcr_view_percent(hi, high);
        dcr_html_open(p->h, "small", NULL);
        dcr_html_fmt(p->h, "%s to %s ", lo, hi);
        dcr_html_close(p->h, "small");
    }
    if (dcr_view_num(row, "subjects", &n)) {
        dcr_view_count(s, n);
        dcr_html_open(p->h, "small", NULL);
        dcr_html_fmt(p->h, "of %s", s);
        dcr_html_close(p->h, "small");
    }
    dcr_html_close(p->h, "td");
}

static void unicity_row(dcr_page *p, const json_t *all, const char *granularity)
{
    static const char *const words[][2] = {
        {"day", "Days"},
        {"week", "Weeks"},
        {"month", "Months"},
        {"month+modality+body_region", "Months, with modality and body region"}};
    const char *what = granularity;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], granularity) == 0)
            what = words[i][1];
    dcr_page_row(p);
    dcr_page_head(p, what);
    for (int points = 1; points <= 4; points++)
        unicity_cell(p, unicity_at(all, granularity, points));
    dcr_page_row_end(p);
}

/* The figure most people understand: two days. */
static void two_days(dcr_page *p, const json_t *all)
{
    const json_t *row = unicity_at(all, "day", 2);
    char s[DCR_NUM_MAX], n[DCR_NUM_MAX];
    double share, subjects;
    if (!dcr_view_num(row, "share", &share) || !dcr_view_num(row, "subjects", &subjects))
        return;
    dcr_view_percent(s, share);
    dcr_view_count(n, subjects);
    dcr_html_open(p->h, "p", NULL);
    dcr_html_fmt(p->h,
                 "Whoever knows two days on which a patient was examined, and nothing "
                 "else, tells that patient from all others in %s of the cases (%s "
                 "patients with exams on two days or more).%s",
                 s, n, reading(p, "unicity"));
    dcr_html_close(p->h, "p");
}

static void unicity(dcr_page *p)
{
    static const dcr_col col[] = {
        {"Known", ""}, {"One", "r"}, {"Two", "r"}, {"Three", "r"}, {"Four", "r"}};
    const json_t *all = dcr_view_arr(of(p), "unicity");
    size_t n = json_array_size(all);
    dcr_html_leaf(p->h, "h3", NULL, "Known dates");
    if (n == 0) {
        dcr_html_leaf(p->h, "p", NULL,
                      dcr_page_missing(p, "No exam has a date of the calendar."));
        return;
    }
    two_days(p, all);
    dcr_page_table(p, "plain uni", "How often some known dates are one patient's alone",
                   col, 5, true);
    for (size_t i = 0; i < n && i < MAX_ROWS; i++) {
        const char *g = dcr_view_str(json_array_get(all, i), "granularity");
        if (i == 0 ||
            strcmp(g, dcr_view_str(json_array_get(all, i - 1), "granularity")) != 0)
            unicity_row(p, all, g);
    }
    dcr_page_table_end(p, true);
    dcr_html_leaf(p->h, "p", "cap",
                  "Mean over the patients of the share of their sets of so many dates "
                  "that no other patient has, and the number of patients; those with "
                  "fewer dates are left out. A figure with a range is an estimate from "
                  "a sample (95 %).");
}

/* ---- days between exams ---- */

static void interval_row(dcr_page *p, const json_t *row, const char *what)
{
    char k[24], s[DCR_NUM_MAX] = "\u2013";
    double v;
    snprintf(k, sizeof k, "%.0f", p->k);
    dcr_page_row(p);
    dcr_page_head(p, what);
    dcr_page_cell_count(p, row, "subjects", NULL);
    dcr_page_cell_count(p, row, "unique_subjects", NULL);
    if (p->k > 0) {
        if (dcr_view_num(dcr_view_obj(row, "below"), k, &v))
            dcr_view_count(s, v);
        dcr_page_cell(p, "r", NULL, s);
    }
    dcr_page_cell_count(p, row, "k_min", NULL);
    dcr_page_row_end(p);
}

static void intervals(dcr_page *p)
{
    char title[40];
    dcr_col col[] = {{"Known of a patient", ""},
                     {"Patients", "r"},
                     {"Unique", "r"},
                     {title, "r"},
                     {"Smallest k", "r"}};
    const json_t *v = dcr_view_obj(of(p), "intervals");
    const json_t *all = dcr_view_arr(v, "at_least"), *two = dcr_view_obj(v, "two_exams");
    snprintf(title, sizeof title, "Below %.0f", p->k);
    if (p->k <= 0)
        col[3] = col[4];
    if (json_array_size(all) == 0)
        return;
    dcr_html_leaf(p->h, "h3", NULL, "Days between exams");
    dcr_html_open(p->h, "p", NULL);
    dcr_html_fmt(p->h,
                 "When all dates of a patient are moved by the same number of days, the "
                 "days between the exams stay.%s",
                 reading(p, "intervals"));
    dcr_html_close(p->h, "p");
    dcr_page_table(p, "plain", "Patients told by the days between their exams", col,
                   p->k > 0 ? 5 : 4, true);
    for (size_t i = 0; i < json_array_size(all) && i < MAX_ROWS; i++) {
        const json_t *row = json_array_get(all, i);
        char what[80], n[DCR_NUM_MAX];
        double exams;
        dcr_view_num(row, "exams", &exams);
        dcr_view_count(n, exams);
        snprintf(what, sizeof what, "All intervals of %s or more exams", n);
        interval_row(p, row, what);
    }
    if (dcr_view_flag(two, "applies", false))
        interval_row(p, two,
                     "Any two exams, all known of them but the date, and the "
                     "days between");
    dcr_page_table_end(p, true);
}

/* ---- sets of exams ---- */

static void km_row(dcr_page *p, const json_t *row)
{
    static const char *const limits[] = {"2", "3", "5", "11", "20"};
    char what[60], n[DCR_NUM_MAX];
    double m;
    dcr_view_num(row, "m", &m);
    dcr_view_count(n, m);
    snprintf(what, sizeof what, m == 1 ? "One exam" : "Up to %s exams", n);
    dcr_page_row(p);
    dcr_page_head(p, what);
    if (!dcr_view_flag(row, "applies", true)) {
        dcr_html_open(p->h, "td", NULL);
        dcr_html_attr(p->h, "colspan", "7");
        dcr_page_say(p, dcr_view_str(row, "note"), 200);
        dcr_html_close(p->h, "td");
        dcr_page_row_end(p);
        return;
    }
    dcr_page_cell_count(p, row, "k_min", NULL);
    for (size_t i = 0; i < 5; i++)
        dcr_page_cell_count(p, dcr_view_obj(row, "subjects_below"), limits[i], NULL);
    dcr_page_cell_count(p, row, "itemsets", NULL);
    dcr_page_row_end(p);
}

static void km_table(dcr_page *p, const json_t *list, const char *caption)
{
    static const dcr_col col[] = {
        {"Known of a patient", ""}, {"Smallest k", "r"},     {"Unique", "r"},
        {"Below 3", "r"},           {"Below 5", "r"},        {"Below 11", "r"},
        {"Below 20", "r"},          {"Sets of so many", "r"}};
    dcr_page_table(p, "plain", caption, col, 8, true);
    for (size_t i = 0; i < json_array_size(list) && i < MAX_ROWS; i++)
        km_row(p, json_array_get(list, i));
    dcr_page_table_end(p, true);
}

static void km(dcr_page *p)
{
    const json_t *list = dcr_view_arr(of(p), "km");
    const json_t *other = dcr_view_obj(of(p), "otherwise");
    if (json_array_size(list) == 0)
        return;
    dcr_html_leaf(p->h, "h3", NULL, "Several exams known in full");
    dcr_html_open(p->h, "p", NULL);
    dcr_html_fmt(p->h,
                 "Patients by how many share all of the exams that the policy's "
                 "adversary knows of them (k^m-anonymity).%s",
                 reading(p, "km"));
    dcr_html_close(p->h, "p");
    km_table(p, list, "Patients by how many share some exams of theirs");
    if (json_array_size(dcr_view_arr(other, "km")) > 0)
        km_table(p, dcr_view_arr(other, "km"),
                 strcmp(dcr_view_str(other, "reading"), "holds") == 0
                     ? "The same if the shift of the dates holds"
                     : "The same if the shift of the dates is broken");
}

void dcr_page_longitudinal(dcr_page *p)
{
    dcr_page_section(
        p, "longitudinal", "Several exams of one patient",
        "What is given away by exams together: their dates, the days between "
        "them, and what is known of each.");
    unicity(p);
    intervals(p);
    km(p);
    dcr_page_section_end(p);
}
