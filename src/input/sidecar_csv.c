/* Tables as text: RFC 4180, with the delimiters people use in its place. */
#include <string.h>

#include "alloc.h"
#include "sidecar_impl.h"

enum { COLUMNS = DCR_SIDECAR_NAMES, SNIFF = 65536 };

typedef struct table {
    dcr_sidecar_run *r;
    uint8_t delimiter;
    bool no_quotes; /* a quote that nothing closes: from then on quotes are letters */
    size_t at;
    uint32_t path[COLUMNS + 1]; /* by column; the last one is for all further columns */
    size_t n_paths;
} table;

/* The delimiter that stands most often in the first line, quoted text left out. */
static uint8_t sniff(const uint8_t *p, size_t n)
{
    static const char choice[] = ",\t;|";
    size_t count[4] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < n && i < SNIFF; i++) {
        const char *c = p[i] == 0 ? NULL : strchr(choice, p[i]);
        if (p[i] == '"')
            quoted = !quoted;
        if (!quoted && (p[i] == '\n' || p[i] == '\r') && i > 0)
            break;
        if (!quoted && c != NULL)
            count[c - choice]++;
    }
    for (size_t i = 1; i < 4; i++)
        best = count[i] > count[best] ? i : best;
    return (uint8_t)choice[best];
}

/* A quoted cell into the buffer; false when nothing closes it. */
static bool quoted_cell(table *t, dcr_buf *b)
{
    const uint8_t *p = t->r->p;
    size_t n = t->r->n, i = t->at + 1;
    b->n = 0;
    while (i < n) {
        const uint8_t *q = memchr(p + i, '"', n - i);
        if (q == NULL)
            return false;
        dcr_buf_add(b, p + i, (size_t)(q - p) - i);
        i = (size_t)(q - p) + 1;
        if (i >= n || p[i] != '"') {
            t->at = i;
            return true;
        }
        dcr_buf_char(b, '"');
        i++;
    }
    return false;
}

/* The next cell, lent; *last when it ends its record.  False at the end of the text. */
static bool next_cell(table *t, const uint8_t **cell, size_t *n, bool *last)
{
    const uint8_t *p = t->r->p;
    size_t end = t->r->n, from = t->at;
    dcr_buf *b = &t->r->s->cell;
    bool quoted = false;
    if (t->at < end && p[t->at] == '"' && !t->no_quotes) {
        quoted = quoted_cell(t, b);
        t->no_quotes = !quoted;
        from = quoted ? t->at : from;
    }
    while (t->at < end && p[t->at] != t->delimiter && p[t->at] != '\n' &&
           p[t->at] != '\r')
        t->at++;
    if (quoted) {
        dcr_buf_add(b, p + from, t->at - from); /* what stands behind the quote */
        t->r->failed = b->failed ? DCR_ENOMEM : t->r->failed;
        *cell = (const uint8_t *)(b->p == NULL ? "" : b->p);
        *n = b->n;
    } else {
        *cell = p + from;
        *n = t->at - from;
    }
    *last = t->at >= end || p[t->at] != t->delimiter;
    if (t->at + 1 < end && p[t->at] == '\r' && p[t->at + 1] == '\n')
        t->at++;
    t->at += t->at < end;
    return t->r->failed == DCR_OK;
}

static void trim(const uint8_t **p, size_t *n)
{
    while (*n > 0 && ((*p)[*n - 1] == ' ' || (*p)[*n - 1] == '\t'))
        --*n;
    while (*n > 0 && (**p == ' ' || **p == '\t')) {
        ++*p;
        --*n;
    }
}

/* Is the first record a header?  All its cells are names; an empty one may be among
 * them, for the numbers of rows. */
static bool has_header(table *t)
{
    const uint8_t *cell;
    size_t n, names = 0, empty = 0;
    bool last = false, good = true, quotes = t->no_quotes;
    while (!last && good && next_cell(t, &cell, &n, &last)) {
        trim(&cell, &n);
        empty += n == 0;
        names += n > 0;
        good = n == 0 || dcr_sidecar_is_name(cell, n);
    }
    t->at = 0;
    t->no_quotes = quotes;
    return good && names > 0 && empty <= 1;
}

static uint32_t numbered(table *t, size_t column)
{
    dcr_buf own = {0};
    uint32_t path;
    dcr_buf_str(&own, "column");
    dcr_buf_u64(&own, column + 1);
    path = own.failed ? DCR_PATH_NONE : dcr_sidecar_path(t->r, "csv", own.p, own.n);
    if (own.failed)
        t->r->failed = DCR_ENOMEM;
    dcr_buf_clear(&own);
    return path;
}

static uint32_t path_of(table *t, size_t column)
{
    if (column >= COLUMNS)
        column = COLUMNS;
    while (t->n_paths <= column && t->r->failed == DCR_OK) {
        t->path[t->n_paths] = numbered(t, t->n_paths);
        t->n_paths++;
    }
    return t->r->failed == DCR_OK ? t->path[column] : DCR_PATH_NONE;
}

/* Names the columns, and keeps the record as it stands: which columns stand together
 * tells a key table from others. */
static void read_header(table *t)
{
    const uint8_t *cell;
    dcr_buf layout = {0};
    size_t n, column = 0;
    bool last = false;
    uint32_t path;
    while (!last && next_cell(t, &cell, &n, &last)) {
        trim(&cell, &n);
        if (column > 0)
            dcr_buf_char(&layout, '\t');
        dcr_buf_add(&layout, cell, n);
        if (column < COLUMNS && n > 0) {
            t->path[column] = dcr_sidecar_path(t->r, "csv", cell, n);
            t->n_paths = column + 1;
        } else if (column < COLUMNS) {
            (void)path_of(t, column);
        }
        column++;
    }
    path = dcr_sidecar_path(t->r, "csv-layout", NULL, 0);
    if (layout.failed)
        t->r->failed = DCR_ENOMEM;
    else
        dcr_sidecar_value(t->r, path, (const uint8_t *)layout.p, layout.n);
    dcr_buf_clear(&layout);
}

void dcr_sidecar_csv(dcr_sidecar_run *r)
{
    table *t = dcr_alloc(1, sizeof *t);
    const uint8_t *cell;
    size_t n, column = 0;
    bool last = false;
    if (t == NULL) {
        r->failed = DCR_ENOMEM;
        return;
    }
    t->r = r;
    t->delimiter = sniff(r->p, r->n);
    if (has_header(t))
        read_header(t);
    while (t->at < r->n && next_cell(t, &cell, &n, &last)) {
        trim(&cell, &n);
        if (n > 0 || !last || column > 0) /* an empty line is no record */
            dcr_sidecar_value(r, path_of(t, column), cell, n);
        column = last ? 0 : column + 1;
    }
    dcr_free(t);
}
