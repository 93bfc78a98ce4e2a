/* Subjects by site and time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "dcmrisk/metric.h"
#include "num.h"

static const dcr_column *column_of(const dcr_model *m, const char *id, const char *level)
{
    for (size_t i = 0; i < m->table.n_columns; i++) {
        const dcr_column *c = &m->table.column[i];
        if (strcmp(m->concepts[c->concept].id, id) == 0 &&
            (level == NULL || strcmp(c->level, level) == 0))
            return c;
    }
    return NULL;
}

/* ---- time: the finest unit that fits ---- */

typedef struct unit {
    const char *name;
    uint32_t months;
} unit;
static const unit units[] = {{"month", 1},    {"quarter", 3},  {"year", 12},
                             {"5 years", 60}, {"decade", 120}, {"century", 1200}};
enum { N_UNITS = sizeof units / sizeof *units };

static bool month_of(const char *label, uint32_t *month)
{
    uint64_t v;
    if (strlen(label) != 6 || !dcr_num_u64(label, 101, 999912, &v) || v % 100 < 1 ||
        v % 100 > 12)
        return false;
    *month = (uint32_t)(v / 100 * 12 + v % 100 - 1);
    return true;
}

static void name_period(uint32_t period, const unit *u, char out[24])
{
    uint32_t first = period * u->months, year = first / 12;
    if (u->months == 1)
        snprintf(out, 24, "%04u-%02u", year, first % 12 + 1);
    else if (u->months == 3)
        snprintf(out, 24, "%04u-Q%u", year, first % 12 / 3 + 1);
    else if (u->months == 12)
        snprintf(out, 24, "%04u", year);
    else
        snprintf(out, 24, "%04u-%04u", year, year + u->months / 12 - 1);
}

/* Columns for a unit of time; to[code] is the column.  Labels come sorted, so periods do.
 */
static bool columns_for(dcr_heat *h, const dcr_column *date, const unit *u, uint32_t *to)
{
    uint32_t last = UINT32_MAX;
    size_t n = 0;
    bool other = false;
    for (uint32_t c = 1; c < date->n_codes; c++) {
        uint32_t month;
        if (!month_of(date->label[c], &month)) {
            other = true;
            to[c] = UINT32_MAX;
            continue;
        }
        if (month / u->months != last) {
            if (n >= DCR_HEAT_MAX - 2)
                return false;
            last = month / u->months;
            name_period(last, u, h->column[n++]);
        }
        to[c] = (uint32_t)n - 1;
    }
    for (uint32_t c = 1; c < date->n_codes; c++)
        if (to[c] == UINT32_MAX)
            to[c] = (uint32_t)n;
    if (other)
        snprintf(h->column[n++], sizeof h->column[0], "other dates");
    snprintf(h->column[n], sizeof h->column[0], "no date");
    to[0] = (uint32_t)n;
    h->n_columns = n + 1;
    h->unit = u->name;
    return true;
}

/* ---- sites: the largest, the others, none ---- */

typedef struct site_size {
    uint32_t code, rows;
} site_size;

static int by_size(const void *pa, const void *pb)
{
    const site_size *a = pa, *b = pb;
    if (a->rows != b->rows)
        return a->rows > b->rows ? -1 : 1;
    return (a->code > b->code) - (a->code < b->code);
}

static dcr_status rows_for(dcr_heat *h, const dcr_column *site, size_t n, uint32_t *to,
                           dcr_err *err)
{
    site_size *s = dcr_alloc(site->n_codes, sizeof *s);
    size_t named = 0;
    if (s == NULL)
        return dcr_nomem(err);
    for (uint32_t c = 0; c < site->n_codes; c++)
        s[c].code = c;
    for (size_t r = 0; r < n; r++)
        s[site->code[r]].rows++;
    h->n_sites = site->n_codes - 1;
    qsort(s + 1, h->n_sites, sizeof *s, by_size);
    for (; named < h->n_sites && named < DCR_HEAT_MAX - 2; named++) {
        h->row_site[named] = s[named + 1].code;
        to[s[named + 1].code] = (uint32_t)named;
    }
    h->n_rows = named;
    if (named < h->n_sites)
        h->row_site[h->n_rows++] = UINT32_MAX;
    for (size_t i = named; i < h->n_sites; i++)
        to[s[i + 1].code] = (uint32_t)named;
    to[0] = (uint32_t)h->n_rows;
    h->row_site[h->n_rows++] = 0;
    dcr_free(s);
    return DCR_OK;
}

static dcr_status fill(dcr_heat *h, const dcr_risk *r, const dcr_column *site,
                       const dcr_column *date, const uint32_t *row, const uint32_t *col,
                       uint32_t k, dcr_err *err)
{
    const dcr_table *t = &r->model->table;
    uint32_t *last = dcr_alloc(DCR_HEAT_MAX * DCR_HEAT_MAX, sizeof *last);
    if (last == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < t->n_rows; i++) {
        uint32_t y = row[site->code[i]], x = col[date->code[i]];
        uint32_t who = r->number == NULL ? t->subject[i] : r->number[t->subject[i]] - 1;
        if (who == UINT32_MAX || last[y * DCR_HEAT_MAX + x] == who + 1)
            continue; /* not judged, or counted in this cell */
        last[y * DCR_HEAT_MAX + x] = who + 1;
        h->subjects[y][x]++;
        h->below[y][x] += r->k[who] < k;
    }
    dcr_free(last);
    return DCR_OK;
}

/* Rows and columns of nobody ("no site", "no date") go. */
static void drop_empty(dcr_heat *h)
{
    bool row = false, col = false;
    for (size_t x = 0; x < h->n_columns; x++)
        row = row || h->subjects[h->n_rows - 1][x] > 0;
    h->n_rows -= !row;
    for (size_t y = 0; y < h->n_rows; y++)
        col = col || h->subjects[y][h->n_columns - 1] > 0;
    h->n_columns -= !col;
}

dcr_status dcr_heat_get(dcr_heat *out, const dcr_risk *r, uint32_t k, dcr_err *err)
{
    const dcr_column *site = column_of(r->model, "site", NULL);
    const dcr_column *date = column_of(r->model, "exam_date", "month");
    uint32_t *row, *col;
    dcr_status rc;
    memset(out, 0, sizeof *out);
    out->unit = "month";
    if (site == NULL || date == NULL || (site->n_codes < 2 && date->n_codes < 2))
        return DCR_OK;
    row = dcr_alloc(site->n_codes, sizeof *row);
    col = dcr_alloc(date->n_codes, sizeof *col);
    rc = row == NULL || col == NULL
             ? dcr_nomem(err)
             : rows_for(out, site, r->model->table.n_rows, row, err);
    for (int u = 0; u < N_UNITS && rc == DCR_OK; u++)
        if (columns_for(out, date, &units[u], col))
            break;
    if (rc == DCR_OK && out->n_columns > 0) {
        rc = fill(out, r, site, date, row, col, k, err);
        drop_empty(out);
    } else {
        out->n_rows = 0;
    }
    dcr_free(row);
    dcr_free(col);
    return rc;
}
