/* Where and when: small classes by site and month. */
#include <stdio.h>
#include <string.h>

#include "html_page.h"
#include "svg.h"

enum { ROWS = 24, BAND = 24, BANDS = 4, COLS = BAND * BANDS };

typedef struct map {
    const json_t *cells;
    const char *row[ROWS], *col[COLS];
    size_t rows, cols;
} map;

static size_t labels(const json_t *list, const char **out, size_t max)
{
    size_t n = 0;
    for (; n < json_array_size(list) && n < max; n++) {
        const char *s = json_string_value(json_array_get(list, n));
        out[n] = s == NULL ? "?" : s;
    }
    return n;
}

static const json_t *cell_at(const map *m, size_t r, size_t c)
{
    return json_array_get(json_array_get(m->cells, r), c);
}

/* Share of the cell's patients in small classes (subjects and below are counts), or
 * DCR_HEAT_*. */
static double share_of(const json_t *cell)
{
    double subjects = 0, below = 0;
    bool known = dcr_view_num(cell, "subjects", &subjects);
    if (!json_is_object(cell) || (known && subjects <= 0))
        return DCR_HEAT_NONE;
    if (!known || !dcr_view_num(cell, "below", &below))
        return DCR_HEAT_HIDDEN;
    return below < 0 ? 0 : below > subjects ? 1 : below / subjects;
}

static void band(dcr_page *p, const map *m, size_t from, size_t n)
{
    double share[ROWS * BAND];
    char title[120];
    dcr_svg_heat heat = {m->rows,
                         n,
                         m->row,
                         m->col + from,
                         share,
                         title,
                         "The same numbers are in the table below.",
                         p->maps++};
    for (size_t r = 0; r < m->rows; r++)
        for (size_t c = 0; c < n; c++)
            share[r * n + c] = share_of(cell_at(m, r, from + c));
    snprintf(title, sizeof title, "Share of patients in small classes, %.20s to %.20s",
             m->col[from], m->col[from + n - 1]);
    dcr_html_open(p->h, "div", "scroll");
    dcr_html_attr(p->h, "role", "region");
    dcr_html_attr(p->h, "tabindex", "0");
    dcr_html_attr(p->h, "aria-label", title);
    dcr_svg_heatmap(p->h, &heat);
    dcr_html_close(p->h, "div");
}

static void legend(dcr_page *p)
{
    dcr_html_open(p->h, "ul", "legend");
    for (int i = 0; i <= 5; i++) {
        dcr_html_open(p->h, "li", NULL);
        dcr_svg_heat_swatch(p->h, i);
        dcr_html_text(p->h, dcr_svg_heat_words(i));
        dcr_html_close(p->h, "li");
    }
    dcr_html_open(p->h, "li", NULL);
    dcr_svg_heat_swatch(p->h, DCR_HEAT_HIDDEN);
    dcr_html_text(p->h, "so few patients that it is not printed");
    dcr_html_close(p->h, "li");
    dcr_html_open(p->h, "li", NULL);
    dcr_html_text(p->h, "no cell: nobody");
    dcr_html_close(p->h, "li");
    dcr_html_close(p->h, "ul");
}

static void as_table(dcr_page *p, const map *m)
{
    dcr_col col[BAND + 1] = {{"Site", ""}};
    dcr_page_fold(p, "Show the numbers as a table", false);
    for (size_t from = 0; from < m->cols; from += BAND) {
        size_t n = m->cols - from < BAND ? m->cols - from : BAND;
        for (size_t c = 0; c < n; c++)
            col[c + 1] = (dcr_col){m->col[from + c], "r"};
        dcr_page_table(
            p, "plain small",
            "Patients, and the share of them in small classes where it may be printed",
            col, n + 1, true);
        for (size_t r = 0; r < m->rows; r++) {
            dcr_page_row(p);
            dcr_page_head(p, m->row[r]);
            for (size_t c = 0; c < n; c++) {
                const json_t *cell = cell_at(m, r, from + c);
                double share = share_of(cell), subjects;
                char s[2 * DCR_NUM_MAX + 8] = "", count[DCR_NUM_MAX] = "",
                                         pct[DCR_NUM_MAX];
                bool known = dcr_view_num(cell, "subjects", &subjects);
                if (known)
                    dcr_view_count(count, subjects);
                if (share <= DCR_HEAT_HIDDEN) {
                    snprintf(s, sizeof s, "%s", known ? count : "few");
                } else if (share >= 0) {
                    dcr_view_percent(pct, share);
                    snprintf(s, sizeof s, "%s (%s)", count, pct);
                }
                dcr_page_cell(p, "r", NULL, s);
            }
            dcr_page_row_end(p);
        }
        dcr_page_table_end(p, true);
    }
    dcr_page_fold_end(p);
}

static void left_out(dcr_page *p, const map *m, size_t rows, size_t cols)
{
    if (rows <= m->rows && cols <= m->cols)
        return;
    dcr_html_open(p->h, "p", "cap");
    dcr_html_fmt(p->h,
                 "Shown: %zu of %zu sites and %zu of %zu columns; the rest is in "
                 "report.json.",
                 m->rows, rows, m->cols, cols);
    dcr_html_close(p->h, "p");
}

void dcr_page_where(dcr_page *p)
{
    const json_t *h = dcr_view_obj(p->doc, "heatmap");
    const json_t *rows = dcr_view_arr(h, "rows"), *cols = dcr_view_arr(h, "columns");
    const char *note = dcr_view_str(h, "note");
    char lead[240] = "Share of patients in small classes by site and time of the exam.",
         k[48];
    map m = {.cells = dcr_view_arr(h, "cells")};
    m.rows = labels(rows, m.row, ROWS);
    m.cols = labels(cols, m.col, COLS);
    if (p->k > 0) {
        dcr_view_count(k, p->k);
        snprintf(lead, sizeof lead,
                 "Share of patients in classes smaller than %s, by site and month of the "
                 "exam. A "
                 "rare site and a quiet time together give people away.",
                 k);
    }
    dcr_page_section(p, "where", "Where and when", lead);
    if (m.rows == 0 || m.cols == 0) {
        dcr_html_leaf(p->h, "p", NULL,
                      note[0] != '\0'
                          ? note
                          : "Sites or dates are not in the dataset, so there is no "
                            "map of them.");
        dcr_page_section_end(p);
        return;
    }
    dcr_html_open(p->h, "figure", NULL);
    for (size_t from = 0; from < m.cols; from += BAND)
        band(p, &m, from, m.cols - from < BAND ? m.cols - from : BAND);
    legend(p);
    dcr_html_open(p->h, "figcaption", NULL);
    dcr_html_text(p->h, "Sites are numbered; their names are never printed. ");
    dcr_page_say(p, note, 600);
    dcr_html_close(p->h, "figcaption");
    dcr_html_close(p->h, "figure");
    left_out(p, &m, json_array_size(rows), json_array_size(cols));
    as_table(p, &m);
    dcr_page_section_end(p);
}
