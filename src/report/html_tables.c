/* The tables beside the images: risk against the population, and what a clinical table
 * adds. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "html_page.h"
#include "plural.h"

enum { MAX_ADVERSARIES = 30, MAX_COLUMNS = 60 };

static const json_t *population(const dcr_page *p)
{
    return dcr_view_obj(p->doc, "population_table");
}

static const json_t *clinical(const dcr_page *p)
{
    return dcr_view_obj(p->doc, "clinical_table");
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
    double v, n_people, n_rows;
    if (dcr_view_num(t, "subjects", &n_people))
        dcr_view_count(people, n_people);
    if (dcr_view_num(t, "rows", &n_rows))
        dcr_view_count(rows, n_rows);
    dcr_html_leaf(p->h, "h3", NULL, "If it is not known who is in the release");
    dcr_html_open(p->h, "p", NULL);
    dcr_html_fmt(
        p->h,
        "The population table has %s %s about %s %s. Somebody who does not "
        "know that a patient is in the release has to tell them from all of these, "
        "not only from those released.",
        rows, dcr_plural(n_rows, "rows"), people, dcr_plural(n_people, "people"));
    if (dcr_view_num(t, "rows_without_subject", &v) && v > 0) {
        dcr_view_count(more, v);
        dcr_html_fmt(p->h, " %s %s nobody's name and %s as one person.", more,
                     dcr_plural(v, "rows say"), v == 1 ? "counts" : "count");
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
    const char *note = dcr_view_str(j, "note");
    char s[DCR_NUM_MAX];
    double v;
    dcr_html_open(p->h, "small", NULL);
    if (note[0] != '\0') {
        const char first = (char)toupper((unsigned char)note[0]);
        dcr_html_textn(p->h, &first, 1);
        dcr_page_say(p, note + 1, 300);
        dcr_html_text(p->h, ".");
    }
    for (size_t i = 0; i < json_array_size(missing) && i < MAX_COLUMNS; i++) {
        const char *id = json_string_value(json_array_get(missing, i));
        char name[80];
        dcr_page_fact_name(name, sizeof name, id);
        dcr_html_text(p->h, i == 0 ? " Missing: " : ", ");
        dcr_html_textn(p->h, name, strlen(name));
    }
    dcr_html_text(p->h, json_array_size(missing) > 0 ? "." : "");
    if (dcr_view_num(dcr_view_obj(j, "absent"), "subjects", &v) && v > 0) {
        dcr_view_count(s, v);
        dcr_html_fmt(p->h, " Patients like nobody in the table: %s.", s);
    }
    if (dcr_view_num(dcr_view_obj(j, "short"), "subjects", &v) && v > 0) {
        dcr_view_count(s, v);
        dcr_html_fmt(p->h, " Patients with too few like them there: %s.", s);
    }
    dcr_html_close(p->h, "small");
}

static void population_row(dcr_page *p, const json_t *a)
{
    const json_t *v = dcr_page_view(a), *j = dcr_view_obj(v, "journalist");
    const json_t *pr = dcr_view_obj(v, "prosecutor");
    const char *title = dcr_view_str(a, "title");
    if (j == NULL)
        return;
    dcr_page_row(p);
    dcr_html_open(p->h, "th", NULL);
    dcr_html_attr(p->h, "scope", "row");
    dcr_page_say(p, title[0] != '\0' ? title : dcr_view_str(a, "id"), 160);
    note_of(p, j);
    dcr_html_close(p->h, "th");
    dcr_page_cell_risk(p, pr, "max", "Highest, in the release");
    risk_cell(p, j, "max", "Highest, in the population");
    dcr_page_cell_risk(p, pr, "average", "Average, in the release");
    risk_cell(p, j, "average", "Average, in the population");
    dcr_page_cell_count(p, j, "k_map", "Smallest crowd");
    dcr_page_cell_count(p, dcr_view_obj(v, "marketer"), "links", "Right links");
    dcr_page_row_end(p);
}

static void against_population(dcr_page *p)
{
    static const dcr_col cols[] = {{"Adversary", ""},
                                   {"Highest, release", "r"},
                                   {"Highest, population", "r"},
                                   {"Average, release", "r"},
                                   {"Average, population", "r"},
                                   {"Smallest crowd", "r"},
                                   {"Right links", "r"}};
    const json_t *all = dcr_view_arr(p->doc, "adversaries");
    population_lead(p);
    dcr_page_table(p, "plain people", "Risk in the release and in the population", cols,
                   sizeof cols / sizeof *cols, true);
    for (size_t i = 0; i < json_array_size(all) && i < MAX_ADVERSARIES; i++)
        population_row(p, json_array_get(all, i));
    dcr_page_table_end(p, true);
    dcr_html_leaf(
        p->h, "p", "cap",
        "Release: of somebody known to be in it, which is what the gate judges. "
        "Population: of somebody known to be among the people of the table. "
        "Smallest crowd: people of the population alike in all that is known "
        "(k-map). Right links: expected when every released patient is looked "
        "up (marketer).");
}

/* ---- models of the population ---- */

static const json_t *chosen_of(const json_t *view)
{
    const json_t *all = dcr_view_arr(view, "population");
    for (size_t i = 0; i < json_array_size(all); i++)
        if (dcr_view_flag(json_array_get(all, i), "chosen", false) &&
            dcr_view_flag(json_array_get(all, i), "applies", false))
            return json_array_get(all, i);
    return NULL;
}

/* The first view of an adversary that a model speaks of. */
static const json_t *estimated(const json_t *adversary)
{
    const json_t *views = dcr_view_arr(adversary, "views");
    for (size_t i = 0; i < json_array_size(views); i++)
        if (chosen_of(json_array_get(views, i)) != NULL)
            return json_array_get(views, i);
    return NULL;
}

static bool has_models(const dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->doc, "adversaries");
    for (size_t i = 0; i < json_array_size(all) && i < MAX_ADVERSARIES; i++)
        if (estimated(json_array_get(all, i)) != NULL)
            return true;
    return false;
}

static void percent_cell(dcr_page *p, const json_t *o, const char *key, const char *label)
{
    char s[DCR_NUM_MAX] = "\u2013";
    double v;
    if (dcr_view_num(o, key, &v))
        dcr_view_percent(s, v);
    dcr_page_cell(p, "r", label, s);
}

static void model_row(dcr_page *p, const json_t *a)
{
    const json_t *v = estimated(a), *m = chosen_of(v);
    char name[160], view[40];
    if (m == NULL)
        return;
    dcr_view_words(view, sizeof view, dcr_view_str(v, "view"));
    snprintf(name, sizeof name, "%.80s, %s", dcr_view_str(a, "id"), view);
    dcr_page_row(p);
    dcr_page_head(p, name);
    percent_cell(p, m, "value", "Unique in the population");
    percent_cell(p, m, "lo", "From");
    percent_cell(p, m, "hi", "To");
    dcr_page_cell(p, "", "Model", dcr_view_str(m, "model"));
    dcr_page_row_end(p);
}

static void models(dcr_page *p)
{
    static const dcr_col cols[] = {{"Adversary, view", ""},
                                   {"Unique in the population", "r"},
                                   {"From", "r"},
                                   {"To", "r"},
                                   {"Model", ""}};
    const json_t *all = dcr_view_arr(p->doc, "adversaries");
    dcr_html_leaf(p->h, "h3", NULL, "Estimated from the sample");
    dcr_html_leaf(
        p->h, "p", NULL,
        "The project file says that the release is a simple random sample. If so, "
        "this share of the population has a key that nobody else has.");
    dcr_page_table(p, "plain", "Share of the population that is unique", cols, 5, true);
    for (size_t i = 0; i < json_array_size(all) && i < MAX_ADVERSARIES; i++)
        model_row(p, json_array_get(all, i));
    dcr_page_table_end(p, true);
}

/* ---- the clinical table ---- */

static void clinical_lead(dcr_page *p)
{
    const json_t *t = clinical(p);
    static const struct {
        const char *key, *before;
    } say[] = {{"rows", "Rows: "},
               {"subjects", "; patients of the release with a row: "},
               {"subjects_with_several",
                "; of them with rows that differ, each put beside each of their exams: "},
               {"subjects_without_row", "; patients without one: "},
               {"rows_unmatched", "; rows of nobody released: "},
               {"rows_without_patient", "; rows without a PatientID: "}};
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
    }
    dcr_html_text(p->h, ".");
    dcr_html_close(p->h, "p");
}

static void column_row(dcr_page *p, const json_t *c)
{
    char name[120], as[80], known[160];
    dcr_page_fact_name(name, sizeof name, dcr_view_str(c, "concept"));
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

bool dcr_page_has_tables(const dcr_page *p)
{
    return json_is_object(population(p)) || json_is_object(clinical(p)) || has_models(p);
}

void dcr_page_tables(dcr_page *p)
{
    dcr_page_section(
        p, "tables", "Population and tables",
        "What was compared with the exams from tables given to this run. None "
        "of their values is shown.");
    if (json_is_object(population(p)))
        against_population(p);
    if (has_models(p))
        models(p);
    if (json_is_object(clinical(p)))
        beside_images(p);
    dcr_page_section_end(p);
}
