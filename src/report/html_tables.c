/* The tables beside the images: risk against the population, and what a clinical table
 * adds. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"

enum { MAX_ADVERSARIES = 30, MAX_COLUMNS = 60 };

static const json_t *population(const dcr_page *p)
{
    return dcr_view_obj(p->doc, "population_table");
}

static const json_t *clinical(const dcr_page *p)
{
    return dcr_view_obj(p->doc, "clinical_table");
}

bool dcr_page_has_tables(const dcr_page *p)
{
    return json_is_object(population(p)) || json_is_object(clinical(p));
}

/* ---- the population ---- */

static bool not_found(const json_t *concept)
{
    return !dcr_view_flag(concept, "found", true);
}

/* Concepts of which the table has none of the release's values. */
static void say_unlike(dcr_page *p, const json_t *all)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(all) && i < MAX_COLUMNS; i++) {
        const json_t *c = json_array_get(all, i);
        char name[80];
        if (!not_found(c))
            continue;
        if (n++ == 0) {
            dcr_html_open(p->h, "p", NULL);
            dcr_page_tag(p, DCR_MARK_WARN, "Look at the table");
            dcr_html_text(p->h, " No value of the release is in its columns for ");
        } else {
            dcr_html_text(p->h, ", ");
        }
        dcr_view_words(name, sizeof name, dcr_view_str(c, "concept"));
        dcr_html_textn(p->h, name, strlen(name));
    }
    if (n > 0) {
        dcr_html_text(p->h, ": is it written differently there, or shifted here?");
        dcr_html_close(p->h, "p");
    }
}

static void population_lead(dcr_page *p)
{
    const json_t *t = population(p);
    const char *note = dcr_view_str(t, "note");
    char people[DCR_NUM_MAX] = "?", rows[DCR_NUM_MAX] = "?", more[DCR_NUM_MAX];
    double v;
    if (dcr_view_num(t, "subjects", &v))
        dcr_view_count(people, v);
    if (dcr_view_num(t, "rows", &v))
        dcr_view_count(rows, v);
    dcr_html_leaf(p->h, "h3", NULL, "If it is not known who is in the release");
    dcr_html_open(p->h, "p", NULL);
    dcr_html_fmt(
        p->h,
        "The population table has %s rows about %s people. Somebody who does not "
        "know that a patient is in the release has to tell them from all of these, "
        "not only from those released.",
        rows, people);
    if (dcr_view_num(t, "rows_without_subject", &v) && v > 0) {
        dcr_view_count(more, v);
        dcr_html_fmt(p->h, " %s rows say nobody's name and count as one person.", more);
    }
    dcr_html_close(p->h, "p");
    if (note[0] != '\0') {
        dcr_html_open(p->h, "p", NULL);
        dcr_page_tag(p, DCR_MARK_WARN, "Look at the table");
        dcr_html_text(p->h, " ");
        dcr_page_say(p, note, 300);
        dcr_html_close(p->h, "p");
    }
    say_unlike(p, dcr_view_arr(t, "concepts"));
}

/* A figure, or that it is at least so much. */
static void risk_cell(dcr_page *p, const json_t *j, const char *key, const char *label)
{
    char s[DCR_NUM_MAX + 16] = "\u2013", risk[DCR_NUM_MAX];
    double v;
    if (dcr_view_flag(j, "applies", false) && dcr_view_num(j, key, &v)) {
        dcr_view_risk(risk, v);
        snprintf(s, sizeof s, "%s", risk);
    } else if (dcr_view_num(dcr_view_obj(j, "at_least"), key, &v)) {
        dcr_view_risk(risk, v);
        snprintf(s, sizeof s, "at least %s", risk);
    }
    dcr_page_cell(p, "r", label, s);
}

/* Why there is no figure, or what it rests on. */
static void note_of(dcr_page *p, const json_t *j)
{
    const json_t *missing = dcr_view_arr(j, "concepts_missing");
    char s[DCR_NUM_MAX];
    double v;
    dcr_html_open(p->h, "td", NULL);
    dcr_page_say(p, dcr_view_str(j, "note"), 300);
    for (size_t i = 0; i < json_array_size(missing) && i < MAX_COLUMNS; i++) {
        const char *id = json_string_value(json_array_get(missing, i));
        char name[80];
        dcr_view_words(name, sizeof name, id == NULL ? "?" : id);
        dcr_html_text(p->h, i == 0 ? " Missing: " : ", ");
        dcr_html_textn(p->h, name, strlen(name));
    }
    if (dcr_view_num(dcr_view_obj(j, "absent"), "subjects", &v) && v > 0) {
        dcr_view_count(s, v);
        dcr_html_fmt(p->h, " Patients like nobody in the table: %s.", s);
    }
    if (dcr_view_num(dcr_view_obj(j, "short"), "subjects", &v) && v > 0) {
        dcr_view_count(s, v);
        dcr_html_fmt(p->h, " Patients with too few like them there: %s.", s);
    }
    dcr_html_close(p->h, "td");
}

static void population_row(dcr_page *p, const json_t *a)
{
    const json_t *v = dcr_page_view(a), *j = dcr_view_obj(v, "journalist");
    const json_t *pr = dcr_view_obj(v, "prosecutor");
    const char *title = dcr_view_str(a, "title");
    if (j == NULL)
        return;
    dcr_page_row(p);
    dcr_page_head(p, title[0] != '\0' ? title : dcr_view_str(a, "id"));
    dcr_page_cell_risk(p, pr, "max", "Highest, in the release");
    risk_cell(p, j, "max", "Highest, in the population");
    dcr_page_cell_risk(p, pr, "average", "Average, in the release");
    risk_cell(p, j, "average", "Average, in the population");
    dcr_page_cell_count(p, j, "k_map", "Smallest crowd");
    dcr_page_cell_count(p, dcr_view_obj(v, "marketer"), "links", "Right links");
    note_of(p, j);
    dcr_page_row_end(p);
}

static void against_population(dcr_page *p)
{
    static const dcr_col cols[] = {{"Adversary", ""},
                                   {"Highest risk, in the release", "r"},
                                   {"in the population", "r"},
                                   {"Average risk, in the release", "r"},
                                   {"in the population", "r"},
                                   {"Smallest crowd there", "r"},
                                   {"Right links if all are tried", "r"},
                                   {"Note", ""}};
    const json_t *all = dcr_view_arr(p->doc, "adversaries");
    population_lead(p);
    dcr_page_table(
        p, "plain",
        "Risk to somebody known to be in the release, and to somebody known to "
        "be in the population; the gate looks at the first",
        cols, sizeof cols / sizeof *cols, true);
    for (size_t i = 0; i < json_array_size(all) && i < MAX_ADVERSARIES; i++)
        population_row(p, json_array_get(all, i));
    dcr_page_table_end(p, true);
}

/* ---- the clinical table ---- */

static void clinical_lead(dcr_page *p)
{
    const json_t *t = clinical(p);
    static const struct {
        const char *key, *before, *after;
    } say[] = {{"rows", "It has ", " rows"},
               {"subjects", " for ", " patients of the release"},
               {"subjects_with_several", "; ",
                " of them have rows that differ, each of which "
                "is put beside each of their exams"},
               {"subjects_without_row", "; ", " patients have none"},
               {"rows_unmatched", "; ", " rows are of nobody released"},
               {"rows_without_patient", "; ", " rows name nobody"}};
    dcr_html_leaf(p->h, "h3", NULL, "The table beside the images");
    dcr_html_open(p->h, "p", NULL);
    for (size_t i = 0; i < sizeof say / sizeof *say; i++) {
        char s[DCR_NUM_MAX];
        double v;
        if (!dcr_view_num(t, say[i].key, &v) || (i > 1 && v == 0))
            continue;
        dcr_view_count(s, v);
        dcr_html_text(p->h, say[i].before);
        dcr_html_textn(p->h, s, strlen(s));
        dcr_html_text(p->h, say[i].after);
    }
    dcr_html_text(p->h, ".");
    dcr_html_close(p->h, "p");
}

static void column_row(dcr_page *p, const json_t *c)
{
    char name[120], as[80], known[160];
    dcr_view_words(name, sizeof name, dcr_view_str(c, "concept"));
    dcr_view_words(as, sizeof as, dcr_view_str(c, "as"));
    if (dcr_view_flag(c, "known_to_all", false))
        snprintf(known, sizeof known, "every adversary, by --table-qi");
    else if (as[0] != '\0')
        snprintf(known, sizeof known, "whoever knows the %s, and the union", as);
    else
        snprintf(known, sizeof known, "the union of all alone");
    dcr_page_row(p);
    dcr_page_head(p, name);
    dcr_page_cell(p, "", "Known to", known);
    dcr_page_cell(p, "", "Has values", dcr_view_flag(c, "present", false) ? "yes" : "no");
    dcr_page_row_end(p);
}

static void beside_images(dcr_page *p)
{
    static const dcr_col cols[] = {{"Column", ""}, {"Known to", ""}, {"Has values", ""}};
    const json_t *all = dcr_view_arr(clinical(p), "columns");
    clinical_lead(p);
    dcr_page_table(p, "plain", "Columns that count as facts", cols, 3, true);
    for (size_t i = 0; i < json_array_size(all) && i < MAX_COLUMNS; i++)
        column_row(p, json_array_get(all, i));
    dcr_page_table_end(p, true);
    if (json_array_size(all) > MAX_COLUMNS)
        dcr_html_leaf(p->h, "p", "cap", "Further columns are in the JSON.");
}

void dcr_page_tables(dcr_page *p)
{
    dcr_page_section(
        p, "tables", "Tables beside the images",
        "What was compared with the exams from tables given to this run. None "
        "of their values is shown.");
    if (json_is_object(population(p)))
        against_population(p);
    if (json_is_object(clinical(p)))
        beside_images(p);
    dcr_page_section_end(p);
}
