/* What coarser facts would change: one sentence, and every change that was tried. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"

enum { MOST_ROWS = 200 };

static void from_to(dcr_page *p, const json_t *o, const char *what, const char *label)
{
    char key[40], before[DCR_NUM_MAX], after[DCR_NUM_MAX], text[2 * DCR_NUM_MAX + 8];
    double v, w;
    snprintf(key, sizeof key, "%s_before", what);
    bool known = dcr_view_num(o, key, &v);
    snprintf(key, sizeof key, "%s_after", what);
    known = dcr_view_num(o, key, &w) && known;
    dcr_view_count(before, v);
    dcr_view_count(after, w);
    if (!known)
        snprintf(text, sizeof text, "\u2013");
    else if (v > w || v < w)
        snprintf(text, sizeof text, "%s \u2192 %s", before, after);
    else
        snprintf(text, sizeof text, "%s", after);
    dcr_page_cell(p, "r", label, text);
}

static void row(dcr_page *p, const json_t *o)
{
    char bits[DCR_NUM_MAX] = "\u2013";
    const char *note = dcr_view_str(o, "note");
    double v;
    dcr_page_row(p);
    dcr_html_open(p->h, "th", NULL);
    dcr_html_attr(p->h, "scope", "row");
    dcr_page_say(p, dcr_view_str(o, "what"), 300);
    dcr_html_open(p->h, "small", NULL);
    dcr_page_say(p, note[0] != '\0' ? note : dcr_view_str(o, "how"), 1000);
    dcr_html_close(p->h, "small");
    dcr_html_close(p->h, "th");
    from_to(p, o, "k_min", "Smallest class");
    from_to(p, o, "unique", "Unique patients");
    from_to(p, o, "below", "Patients below k");
    if (dcr_view_num(o, "bits_lost", &v))
        dcr_view_fixed(bits, v, 2);
    dcr_page_cell(p, "r", "Bits lost", bits);
    dcr_page_cell(p, NULL, "Target",
                  dcr_view_flag(o, "reaches_target", false) ? "reached" : "not reached");
    dcr_page_row_end(p);
}

static void table(dcr_page *p, const json_t *all, const char *caption)
{
    char below[60] = "Below k";
    const dcr_col col[] = {{"Change", ""},     {"Smallest class", "r"},
                           {"Unique", "r"},    {below, "r"},
                           {"Bits lost", "r"}, {"Policy's target", ""}};
    if (json_array_size(all) == 0)
        return;
    if (p->k > 0) {
        char k[DCR_NUM_MAX];
        dcr_view_count(k, p->k);
        snprintf(below, sizeof below, "Below %s", k);
    }
    dcr_page_table(p, "plain whatif", caption, col, sizeof col / sizeof col[0], true);
    for (size_t i = 0; i < json_array_size(all) && i < MOST_ROWS; i++)
        row(p, json_array_get(all, i));
    dcr_page_table_end(p, true);
}

void dcr_page_whatif(dcr_page *p)
{
    const json_t *single = dcr_view_arr(p->doc, "whatif");
    const json_t *pairs = dcr_view_arr(p->doc, "whatif_pairs");
    const char *note = dcr_view_str(p->doc, "whatif_note");
    char title[80];
    if (json_array_size(single) == 0)
        return;
    dcr_page_section(p, "whatif", "What coarser facts would change", note);
    snprintf(title, sizeof title, "All %zu changes of one fact, and the best pairs",
             json_array_size(single));
    dcr_page_fold(p, title, true);
    table(p, single,
          "One fact coarser in all attributes that carry it, by patients helped per bit "
          "of information lost. Nothing was changed in the files; each row is counted "
          "anew.");
    table(p, pairs,
          "Two facts coarser at once: the best of the pairs tried. Bits lost add up.");
    dcr_html_leaf(p->h, "p", "cap",
                  "A date is taken to become the first day of its period, an age the "
                  "youngest of its band, a size the lower end of its step; what is left "
                  "out is empty in every file. Bits lost is the entropy of the fact that "
                  "the coarser value no longer tells, over patients and their distinct "
                  "values (Gionis and Tassa 2009).");
    dcr_page_fold_end(p);
    dcr_page_section_end(p);
}
