/* What the dates of the release tell of themselves, and the two readings of a shift. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"
#include "plural.h"

enum { MAX_TESTS = 100 };

/* Words for the closed lists of the report; what is not listed is shown as it stands. */
static const char *words(const char *id, const char *const (*list)[2], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i][0], id) == 0)
            return list[i][1];
    return id;
}

static const char *const verdicts[][2] = {
    {"calendar",
     "That of a true calendar, or of one moved by whole weeks for everybody."},
    {"one-shift", "That of a calendar moved by one number of days for everybody."},
    {"one-shift-hours", "That of a calendar moved by one number of hours for everybody."},
    {"per-subject", "Moved for each patient apart, or at random."},
    {"constant", "All dates are the same."},
    {"cannot-tell", "Cannot tell: too few exams, or a calendar of no usual kind."},
    {"none", "There are no exam dates."},
};

static const char *const declarations[][2] = {
    {"true", "true dates"},       {"shifted", "shifted dates"},
    {"removed", "dates removed"}, {"mixed", "not the same everywhere"},
    {"none", "nothing"},
};

static const char *const tests[][2] = {
    {"twin-one-shift", "A constant difference to the exam date, the same for all"},
    {"twin-per-subject", "A constant difference to the exam date for each patient"},
    {"twin-time", "A constant difference to the time of the exam"},
    {"future", "After the day of the assessment"},
    {"before-class", "Before DICOM had such objects"},
    {"before-device", "Before this date of the device"},
    {"before-birth", "Before the birth date"},
    {"age", "Age does not fit birth and exam dates"},
    {"zone", "Offset to world time"},
    {"fraction", "Fractions of a second"},
    {"one-shift", "Calendar moved by one constant"},
    {"looks-true", "Declared as shifted, looks true"},
    {"declared-true", "Declared as true, looks moved"},
    {"times-kept", "Time of day kept beside moved dates"},
    {"tool-identifier", "Tool named: shift worked out from the PatientID"},
    {"tool-one-shift", "Tool named: one shift for all"},
};

#define WORDS(list, id) words(id, list, sizeof(list) / sizeof *(list))

dcr_mark dcr_page_dates_mark(const dcr_page *p)
{
    const json_t *d = dcr_view_obj(p->doc, "dates"), *all = dcr_view_arr(d, "tests");
    dcr_mark m = DCR_MARK_NOTE;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *id = dcr_view_str(json_array_get(all, i), "test");
        if (strncmp(id, "twin-", 5) == 0 || strcmp(id, "one-shift") == 0 ||
            strcmp(id, "looks-true") == 0)
            m = DCR_MARK_WARN;
    }
    return m;
}

/* The words say enough; which days are holidays stands in date-lab.json. */
static void season(dcr_page *p, const json_t *s)
{
    static const char *const seasons[][2] = {
        {"kept", "Fewer exams on holidays than beside them, as in true calendars"},
        {"even",
         "As many exams on holidays as beside them: dates moved, if only by whole "
         "weeks, or a site that works on these days"},
        {"cannot-tell", "Too few exams around holidays to tell"}};
    if (s != NULL)
        dcr_page_fact(p, "Season", WORDS(seasons, dcr_view_str(s, "says")));
}

static void facts(dcr_page *p, const json_t *d)
{
    char s[160], n[DCR_NUM_MAX], m[DCR_NUM_MAX];
    double v;
    dcr_html_open(p->h, "dl", "facts");
    dcr_page_fact(p, "State", dcr_view_str(d, "state"));
    dcr_page_fact(p, "The files declare",
                  WORDS(declarations, dcr_view_str(d, "declared")));
    dcr_page_fact(p, "The calendar looks like",
                  WORDS(verdicts, dcr_view_str(d, "verdict")));
    if (dcr_view_num(d, "studies", &v)) {
        double exams = v, patients;
        dcr_view_count(n, v);
        snprintf(m, sizeof m, "some");
        if (dcr_view_num(d, "subjects", &patients))
            dcr_view_count(m, patients);
        snprintf(s, sizeof s, "%s %s of %s %s%s", n, dcr_plural(exams, "exams"), m,
                 dcr_plural(patients, "patients"),
                 dcr_view_flag(d, "times_used", false) ? ", days and times"
                                                       : ", days only");
        dcr_page_fact(p, "Rests on", s);
    }
    if (dcr_view_num(d, "posterior", &v)) {
        dcr_view_fixed(n, v, 3);
        dcr_view_num(d, "log_likelihood_ratio", &v);
        dcr_view_fixed(m, v, 1);
        snprintf(s, sizeof s, "posterior %s, log likelihood ratio to the next kind %s", n,
                 m);
        dcr_page_fact(p, "Weight", s);
    }
    season(p, json_object_get(d, "season"));
    dcr_html_close(p->h, "dl");
    dcr_html_open(p->h, "p", NULL);
    dcr_page_say(p, dcr_view_str(d, "basis"), 400);
    dcr_html_close(p->h, "p");
}

static void readings(dcr_page *p, const json_t *list)
{
    static const dcr_col col[] = {{"Reading", ""},          {"Smallest class", "r"},
                                  {"Unique patients", "r"}, {"Patients below k", "r"},
                                  {"Patients", "r"},        {"Used by the gate", ""}};
    if (json_array_size(list) == 0)
        return;
    dcr_page_table(p, "plain", "Both readings of the shift, for the policy's adversary",
                   col, 6, true);
    for (size_t i = 0; i < json_array_size(list) && i < 2; i++) {
        const json_t *r = json_array_get(list, i);
        dcr_page_row(p);
        dcr_page_head(p, strcmp(dcr_view_str(r, "reading"), "holds") == 0
                             ? "If the shift holds"
                             : "If it is broken");
        dcr_page_cell_count(p, r, "k_min", NULL);
        dcr_page_cell_count(p, r, "unique_subjects", NULL);
        dcr_page_cell_count(p, r, "below_k", NULL);
        dcr_page_cell_count(p, r, "subjects", NULL);
        dcr_page_cell(p, "", NULL, dcr_view_flag(r, "gated", false) ? "yes" : "no");
        dcr_page_row_end(p);
    }
    dcr_page_table_end(p, true);
}

static void found(dcr_page *p, const json_t *list)
{
    static const dcr_col col[] = {{"Test", ""},   {"Attribute", ""}, {"Patients", "r"},
                                  {"Exams", "r"}, {"Series", "r"},   {"Figures", ""}};
    size_t n = json_array_size(list);
    if (n == 0) {
        dcr_html_leaf(p->h, "p", NULL, "No test of the date laboratory found anything.");
        return;
    }
    dcr_page_table(p, "plain", "What the tests found", col, 6, true);
    for (size_t i = 0; i < n && i < MAX_TESTS; i++) {
        const json_t *t = json_array_get(list, i);
        char path[200];
        snprintf(path, sizeof path, "%.190s", dcr_view_str(t, "path"));
        dcr_page_row(p);
        dcr_page_head(p, WORDS(tests, dcr_view_str(t, "test")));
        dcr_page_cell(p, "", NULL, path[0] == '\0' ? "the whole dataset" : path);
        dcr_page_cell_count(p, t, "subjects", NULL);
        dcr_page_cell_count(p, t, "studies", NULL);
        dcr_page_cell_count(p, t, "series", NULL);
        dcr_page_cell(p, "", NULL, dcr_view_str(t, "detail"));
        dcr_page_row_end(p);
    }
    dcr_page_table_end(p, true);
    dcr_page_left_out(p, n < MAX_TESTS ? n : MAX_TESTS, n, "results");
}

void dcr_page_dates(dcr_page *p)
{
    const json_t *d = dcr_view_obj(p->doc, "dates");
    char s[240], n[DCR_NUM_MAX], m[DCR_NUM_MAX];
    double rate, least;
    dcr_page_section(p, "dates", "Dates: what they tell",
                     "Whether dates look true or shifted, whether a shift can be undone, "
                     "and what follows for the risk.");
    if (d == NULL) {
        dcr_html_leaf(p->h, "p", NULL, "The dates were not examined.");
        dcr_page_section_end(p);
        return;
    }
    facts(p, d);
    readings(p, dcr_view_arr(d, "readings"));
    found(p, dcr_view_arr(d, "tests"));
    if (dcr_view_num(d, "error_rate", &rate) &&
        dcr_view_num(d, "least_studies", &least)) {
        dcr_view_percent(n, rate);
        dcr_view_count(m, least);
        snprintf(
            s, sizeof s,
            "A kind of calendar is named only where at most %s of such statements "
            "are wrong, and never from fewer than %s exams. Offsets are not printed.",
            n, m);
        dcr_html_leaf(p->h, "p", "cap", s);
    }
    dcr_page_section_end(p);
}
