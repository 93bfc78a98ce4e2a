/* Where and when: site by time, pixels to look at, what several exams tell. */
#include <stdio.h>
#include <string.h>

#include "parts.h"

static json_t *count(uint64_t n)
{
    return json_integer((json_int_t)n);
}

/* Labels of rows: sites are numbered by size, their names are values of files. */
static json_t *row_label(const dcr_heat *h, size_t row)
{
    size_t named = h->n_sites < DCR_HEAT_MAX - 2 ? h->n_sites : DCR_HEAT_MAX - 2;
    if (h->row_site[row] == 0)
        return json_string("no site");
    if (h->row_site[row] == UINT32_MAX)
        return json_sprintf("%zu other sites", h->n_sites - named);
    return json_sprintf("Site %02zu", row + 1);
}

typedef struct hidden {
    bool cell[DCR_HEAT_MAX][DCR_HEAT_MAX];
    bool below[DCR_HEAT_MAX][DCR_HEAT_MAX]; /* how many of its people are below k */
} hidden;

/* Cells of 1 to k-1 people are hidden, and as many more, smallest first, as it takes that
 * the hidden ones together are at least two cells and k people: the number of patients is
 * printed elsewhere, so what is hidden could be worked out by subtraction otherwise. */
static void hide_cells(const dcr_heat *h, uint32_t k, hidden *out)
{
    uint64_t people = 0;
    size_t cells = 0;
    memset(out, 0, sizeof *out);
    for (size_t y = 0; y < h->n_rows; y++)
        for (size_t x = 0; x < h->n_columns; x++)
            if (h->subjects[y][x] > 0 && h->subjects[y][x] < k) {
                out->cell[y][x] = true;
                people += h->subjects[y][x];
                cells++;
            }
    while (cells > 0 && (cells < 2 || people < k)) {
        size_t by = 0, bx = 0;
        uint32_t least = UINT32_MAX;
        for (size_t y = 0; y < h->n_rows; y++)
            for (size_t x = 0; x < h->n_columns; x++)
                if (!out->cell[y][x] && h->subjects[y][x] > 0 &&
                    h->subjects[y][x] < least) {
                    least = h->subjects[y][x];
                    by = y;
                    bx = x;
                }
        if (least == UINT32_MAX)
            break; /* all are hidden */
        out->cell[by][bx] = true;
        people += least;
        cells++;
    }
}

/* People of cells whose share is hidden, on either side of k. */
typedef struct sides {
    uint64_t below, above;
    size_t cells;
} sides;

static void hide_share(const dcr_heat *h, hidden *hide, size_t y, size_t x, sides *s)
{
    hide->below[y][x] = true;
    s->below += h->below[y][x];
    s->above += h->subjects[y][x] - h->below[y][x];
    s->cells++;
}

/* A share that tells of 1 to k-1 people is hidden, and the smallest other ones until what
 * is hidden is two shares at least and none, or k people, on either side: the number of
 * all below k is printed elsewhere. */
static void hide_shares(const dcr_heat *h, uint32_t k, hidden *hide)
{
    sides s = {0};
    for (size_t y = 0; y < h->n_rows; y++)
        for (size_t x = 0; x < h->n_columns; x++) {
            uint32_t below = h->below[y][x], above = h->subjects[y][x] - below;
            if (hide->cell[y][x] || (below > 0 && below < k) || (above > 0 && above < k))
                hide_share(h, hide, y, x, &s);
        }
    while (s.cells > 0 && (s.cells < 2 || (s.below > 0 && s.below < k) ||
                           (s.above > 0 && s.above < k))) {
        size_t by = 0, bx = 0;
        uint32_t least = UINT32_MAX;
        for (size_t y = 0; y < h->n_rows; y++)
            for (size_t x = 0; x < h->n_columns; x++)
                if (!hide->below[y][x] && h->subjects[y][x] > 0 &&
                    h->subjects[y][x] < least) {
                    least = h->subjects[y][x];
                    by = y;
                    bx = x;
                }
        if (least == UINT32_MAX)
            return; /* all are hidden */
        hide_share(h, hide, by, bx, &s);
    }
}

static json_t *cell(const dcr_heat *h, const hidden *hide, size_t y, size_t x)
{
    uint32_t n = h->subjects[y][x], below = h->below[y][x];
    bool no_cell = hide->cell[y][x], no_below = hide->below[y][x];
    return json_pack("{s:o, s:o}", "subjects", no_cell ? json_null() : count(n), "below",
                     no_below && n > 0 ? json_null() : count(below));
}

/* A month that fewer than k people stand in would tell of them by its name: such columns
 * become one. People of several of them are counted once for each, which only hides more.
 */
static void join_rare_columns(dcr_heat *h, uint32_t k)
{
    size_t n = 0, rare = SIZE_MAX;
    for (size_t x = 0; x < h->n_columns; x++) {
        uint64_t people = 0;
        bool join = false; /* into a column that holds rare dates already */
        size_t to;
        for (size_t y = 0; y < h->n_rows; y++)
            people += h->subjects[y][x];
        if (people >= k || strcmp(h->column[x], "no date") == 0)
            to = n++;
        else {
            join = rare != SIZE_MAX;
            to = join ? rare : (rare = n++);
        }
        for (size_t y = 0; y < h->n_rows; y++) {
            uint32_t subjects = h->subjects[y][x], below = h->below[y][x];
            h->subjects[y][to] = (join ? h->subjects[y][to] : 0) + subjects;
            h->below[y][to] = (join ? h->below[y][to] : 0) + below;
        }
        if (to == rare)
            snprintf(h->column[to], sizeof h->column[to], "rare dates");
        else if (to != x)
            memcpy(h->column[to], h->column[x], sizeof h->column[to]);
    }
    h->n_columns = n;
}

static dcr_status put_heat(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    dcr_heat h;
    hidden hide;
    uint32_t k = dcr_policy_k(in->policy);
    json_t *rows = json_array(), *columns = json_array(), *cells = json_array();
    dcr_status rc = dcr_heat_get(&h, in->gated, k, err);
    join_rare_columns(&h, k);
    hide_cells(&h, k, &hide);
    hide_shares(&h, k, &hide);
    for (size_t x = 0; x < h.n_columns && h.n_rows > 0 && rc == DCR_OK; x++)
        json_array_append_new(columns, json_string(h.column[x]));
    for (size_t y = 0; y < h.n_rows && rc == DCR_OK; y++) {
        json_t *line = json_array();
        json_array_append_new(rows, row_label(&h, y));
        for (size_t x = 0; x < h.n_columns; x++)
            json_array_append_new(line, cell(&h, &hide, y, x));
        if (json_array_append_new(cells, line) != 0)
            rc = dcr_nomem(err);
    }
    if (rc != DCR_OK) {
        json_decref(rows);
        json_decref(columns);
        json_decref(cells);
        return rc;
    }
    return dcr_put(
        doc, "heatmap",
        json_pack("{s:o, s:o, s:o, s:s, s:I, s:o}", "rows", rows, "columns", columns,
                  "cells", cells, "unit", h.unit, "k", (json_int_t)k, "note",
                  h.n_rows == 0 ? json_string("No site and no exam date is known.")
                                : json_sprintf("Cells of 1 to %u patients are not "
                                               "printed, nor what would give them away.",
                                               k - 1)),
        err);
}

dcr_status dcr_report_where(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    dcr_status rc = put_heat(doc, in, err);
    if (rc == DCR_OK)
        rc = dcr_report_pixels(doc, in, err);
    return rc == DCR_OK ? dcr_report_longitudinal(doc, in, err) : rc;
}
