/* Private elements, by creator. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "html_page.h"

enum { MAX_CREATORS = 200 };

typedef struct creator {
    const char *name; /* "" for elements without one */
    size_t elements, unknown, findings;
    double files, subjects; /* of its most common element; -1 when not printed */
} creator;

static int by_name(const void *a, const void *b)
{
    const creator *l = a, *r = b;
    return strcmp(l->name, r->name);
}

static int by_elements(const void *a, const void *b)
{
    const creator *l = a, *r = b;
    if (l->elements != r->elements)
        return l->elements > r->elements ? -1 : 1;
    return strcmp(l->name, r->name);
}

static bool is_private(const json_t *a)
{
    return json_is_string(json_object_get(a, "creator"));
}

dcr_mark dcr_page_private_mark(const dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->doc, "attributes");
    dcr_mark m = DCR_MARK_PASS;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *a = json_array_get(all, i);
        if (is_private(a) && strcmp(dcr_view_str(a, "role"), "unknown") == 0)
            return DCR_MARK_WARN;
        if (is_private(a))
            m = DCR_MARK_NOTE;
    }
    return m;
}

static creator one(const json_t *a)
{
    creator c = {.name = dcr_view_str(a, "creator"), .elements = 1};
    c.unknown = strcmp(dcr_view_str(a, "role"), "unknown") == 0;
    c.findings = json_array_size(dcr_view_arr(a, "findings"));
    if (!dcr_view_num(a, "files", &c.files))
        c.files = -1;
    if (!dcr_view_num(a, "subjects", &c.subjects))
        c.subjects = -1;
    return c;
}

/* Adds up neighbours of the same name; the list is sorted by it.  Returns how many
 * remain. */
static size_t fold(creator *c, size_t n)
{
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        if (out == 0 || strcmp(c[out - 1].name, c[i].name) != 0) {
            c[out++] = c[i];
            continue;
        }
        creator *to = &c[out - 1];
        to->elements += c[i].elements;
        to->unknown += c[i].unknown;
        to->findings += c[i].findings;
        to->files = to->files > c[i].files ? to->files : c[i].files;
        to->subjects = to->subjects > c[i].subjects ? to->subjects : c[i].subjects;
    }
    return out;
}

static void count_cell(dcr_page *p, double v)
{
    char s[DCR_NUM_MAX] = "\u2013";
    if (v >= 0)
        dcr_view_count(s, v);
    dcr_page_cell(p, "r", NULL, s);
}

static void table(dcr_page *p, const creator *c, size_t n)
{
    static const dcr_col col[] = {{"Creator", ""},       {"Elements", "r"},
                                  {"Role unknown", "r"}, {"Findings", "r"},
                                  {"Files, up to", "r"}, {"Patients, up to", "r"}};
    dcr_page_table(p, "plain", "Private elements by creator", col, 6, true);
    size_t i = 0;
    for (; i < n && i < MAX_CREATORS && dcr_html_size(p->h) < DCR_PAGE_TABLES; i++) {
        dcr_page_row(p);
        dcr_page_head(p, c[i].name[0] != '\0' ? c[i].name : "no creator declared");
        count_cell(p, (double)c[i].elements);
        count_cell(p, (double)c[i].unknown);
        count_cell(p, (double)c[i].findings);
        count_cell(p, c[i].files);
        count_cell(p, c[i].subjects);
        dcr_page_row_end(p);
    }
    dcr_page_table_end(p, true);
    dcr_page_left_out(p, i, n, "creators");
}

void dcr_page_private(dcr_page *p)
{
    const json_t *all = dcr_view_arr(p->doc, "attributes");
    size_t n = 0, size = json_array_size(all);
    creator *c = dcr_alloc(size, sizeof *c);
    dcr_page_section(
        p, "private", "Private elements",
        "Elements that vendors define for themselves. What nobody has described "
        "can hold anything: names, numbers, whole copies of the standard "
        "attributes.");
    for (size_t i = 0; c != NULL && i < size; i++)
        if (is_private(json_array_get(all, i)))
            c[n++] = one(json_array_get(all, i));
    if (n > 0) {
        qsort(c, n, sizeof *c, by_name);
        n = fold(c, n);
        qsort(c, n, sizeof *c, by_elements);
        table(p, c, n);
    } else if (c == NULL) {
        dcr_html_nomem(p->h);
    } else {
        dcr_html_leaf(p->h, "p", NULL, "There are no private elements in the files.");
    }
    dcr_free(c);
    dcr_page_hidden(p);
    dcr_page_section_end(p);
}
