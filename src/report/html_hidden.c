/* Elements that say again what another says, and what k would be without them. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"
#include "plural.h"

enum { MAX_ROWS = 200 };

static const char *evidence_words(const char *evidence)
{
    if (strcmp(evidence, "equal") == 0)
        return "the same value";
    if (strcmp(evidence, "one-to-one") == 0)
        return "a code for each value";
    return "a date by its form, and behaves as one";
}

static void without(dcr_page *p)
{
    const json_t *w = dcr_view_obj(p->doc, "without_found_carriers");
    double unique, k_min;
    char text[DCR_NUM_MAX];
    if (w == NULL || !dcr_view_num(w, "unique_subjects", &unique))
        return;
    dcr_view_count(text, unique);
    dcr_html_open(p->h, "p", NULL);
    dcr_html_fmt(p->h,
                 "They are used in all figures of this report. Without them %s %s"
                 " would be unique",
                 text, dcr_plural(unique, "patients"));
    if (dcr_view_num(w, "k_min", &k_min)) {
        dcr_view_count(text, k_min);
        dcr_html_fmt(p->h, ", and the smallest group would have %s", text);
    }
    dcr_html_text(p->h, ".");
    dcr_html_close(p->h, "p");
}

void dcr_page_hidden(dcr_page *p)
{
    static const dcr_col col[] = {
        {"Element", ""}, {"Tells", ""}, {"Shown by", ""}, {"Exams", "r"}};
    const json_t *all = dcr_view_arr(p->doc, "carriers_found");
    size_t n = json_array_size(all);
    if (n == 0)
        return;
    dcr_page_table(p, "plain", "Elements that repeat a fact known otherwise", col, 4,
                   true);
    for (size_t i = 0; i < n && i < MAX_ROWS; i++) {
        const json_t *f = json_array_get(all, i);
        char title[120];
        dcr_page_concept(title, sizeof title, f);
        dcr_page_row(p);
        dcr_page_head(p, dcr_view_str(f, "path"));
        dcr_page_cell(p, "", NULL, title);
        dcr_page_cell(p, "", NULL, evidence_words(dcr_view_str(f, "evidence")));
        dcr_page_cell_count(p, f, "studies", NULL);
        dcr_page_row_end(p);
    }
    dcr_page_table_end(p, true);
    dcr_page_left_out(p, n < MAX_ROWS ? n : MAX_ROWS, n, "elements");
    without(p);
}
