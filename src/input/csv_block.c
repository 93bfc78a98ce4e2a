#include <stdio.h>

#include "alloc.h"
#include "csv_impl.h"
#include "mask.h"

static const uint64_t low = 0x0101010101010101u, high = 0x8080808080808080u;

/* The high bit of every byte of w that is `byte`; above the lowest of them more bits may
 * be set, so only that one counts. */
static uint64_t has(uint64_t w, uint64_t bytes)
{
    uint64_t x = w ^ bytes;
    return (x - low) & ~x & high;
}

size_t dcr_csv_lines(const uint8_t *p, size_t n)
{
    size_t lines = 0, i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t x = csv_load(p + i) ^ (low * '\n');
        x = ~(((x & ~high) + ~high) | x) & high; /* exact in every byte */
        lines += (size_t)((x >> 7) * low >> 56);
    }
    for (; i < n; i++)
        lines += p[i] == '\n';
    return lines;
}

const char *dcr_csv_text_fault(const uint8_t *p, size_t n, size_t *at)
{
    const uint8_t *nul = memchr(p, 0, n);
    size_t i = 0;
    if (nul != NULL) {
        *at = (size_t)(nul - p);
        return "a NUL byte";
    }
    while (i + 8 <= n && (csv_load(p + i) & high) == 0)
        i += 8;
    *at = i + dcr_utf8_valid(p + i, n - i);
    return *at == n ? NULL : "not UTF-8";
}

size_t dcr_csv_cut(const uint8_t *p, size_t n)
{
    size_t cut = 0, i = 0;
    bool quoted = false;
    while (i < n) {
        const uint8_t *q = memchr(p + i, '"', n - i), *lf;
        size_t stop = q == NULL ? n : (size_t)(q - p);
        if (!quoted) {
            lf = memrchr(p + i, '\n', stop - i);
            cut = lf == NULL ? cut : (size_t)(lf - p) + 1;
        }
        quoted = !quoted;
        i = stop + 1;
    }
    return cut;
}

/* ---- cells ---- */

static bool hold(csv_scratch *s, size_t used, const uint8_t *p, size_t n)
{
    if (!dcr_grow(&s->p, &s->cap, used + n + CSV_PAD, 1))
        return false;
    memcpy(s->p + used, p, n);
    return true;
}

/* A quoted cell; *at is behind its opening quote. */
static const uint8_t *quoted_cell(const uint8_t **at, const uint8_t *end,
                                  csv_scratch *scratch, size_t *n, const char **why)
{
    const uint8_t *from = *at, *p = from;
    size_t used = 0;
    bool copied = false;
    for (;;) {
        const uint8_t *q = memchr(p, '"', (size_t)(end - p));
        if (q == NULL) {
            *why = "nothing closes the quote that opens here";
            --*at;
            return NULL;
        }
        p = q + 1;
        if (p == end || *p != '"') {
            *at = p;
            *n = used + (size_t)(q - from);
            if (!copied)
                return from;
            return hold(scratch, used, from, (size_t)(q - from)) ? scratch->p : NULL;
        }
        if (!hold(scratch, used, from, (size_t)(p - from))) /* with one of the two */
            return NULL;
        copied = true;
        used += (size_t)(p - from);
        from = ++p;
    }
}

/* The first delimiter, line end or quote at p or behind; there is an LF somewhere. */
static const uint8_t *plain_end(const uint8_t *p, uint64_t delimiters)
{
    for (;; p += 8) {
        uint64_t w = le64toh(csv_load(p));
        uint64_t m = has(w, delimiters) | has(w, low * '\n') | has(w, low * '\r') |
                     has(w, low * '"');
        if (m != 0)
            return p + __builtin_ctzll(m) / 8;
    }
}

const uint8_t *dcr_csv_cell(const uint8_t **at, const uint8_t *end, uint8_t delimiter,
                            csv_scratch *scratch, size_t *n, const char **why)
{
    const uint8_t *from = *at, *e;
    *why = NULL;
    if (*from == '"' && from < end) {
        ++*at;
        from = quoted_cell(at, end, scratch, n, why);
        if (from == NULL)
            return NULL;
    } else {
        *at = plain_end(from, low * delimiter);
        *n = (size_t)(*at - from);
    }
    e = *at;
    if (*e == delimiter || *e == '\n' || (*e == '\r' && e + 1 < end && e[1] == '\n'))
        return from;
    if (*e == '\r')
        *why = "a carriage return without its line feed";
    else if (*e == '"')
        *why = "a quote within a cell that is not quoted";
    else
        *why = "text behind the quote that closes a cell";
    return NULL;
}

/* ---- records ---- */

typedef struct parser {
    csv_block *b;
    const csv_layout *l;
    csv_words *words;
    csv_scratch *scratch;
    const uint8_t *from, *end;
} parser;

static dcr_status fault(parser *s, const uint8_t *at, const char *why)
{
    dcr_status rc = dcr_fail(&s->b->err, DCR_EFORMAT, NULL, "%s", why);
    s->b->err.line = 1 + (long)dcr_csv_lines(s->from, (size_t)(at - s->from));
    return rc;
}

static dcr_status ragged(parser *s, const uint8_t *record, size_t cells)
{
    char why[120];
    snprintf(why, sizeof why, "%zu cell%s, the header has %zu", cells,
             cells == 1 ? "" : "s", s->l->n_columns);
    return fault(s, record, why);
}

/* One record at *at: its wanted cells as numbers at `row`. */
static dcr_status record(parser *s, const uint8_t **at, size_t row)
{
    const csv_layout *l = s->l;
    const uint8_t *p = *at, *begin = p;
    for (size_t c = 0;; c++) {
        const char *why;
        size_t n;
        const uint8_t *cell =
            dcr_csv_cell(&p, s->end, l->delimiter, s->scratch, &n, &why);
        if (cell == NULL)
            return why == NULL ? dcr_nomem(&s->b->err) : fault(s, p, why);
        if (c < l->n_columns && l->want[c] != 0) {
            uint32_t w = l->want[c] - 1, number = csv_number(&s->words[w], cell, n);
            if (number == CSV_BAD)
                return dcr_nomem(&s->b->err);
            s->scratch->number[w * s->scratch->stride + row] = number;
        }
        if (*p == l->delimiter)
            p++;
        else if (c + 1 == l->n_columns)
            break;
        else
            return ragged(s, begin, c + 1);
    }
    *at = p + (*p == '\r') + 1;
    return DCR_OK;
}

/* One record of a block without quotes and CRs: what record() does, in fewer steps. */
static dcr_status plain_record(parser *s, const uint8_t **at, size_t row)
{
    const csv_layout *l = s->l;
    const uint64_t delimiters = low * l->delimiter;
    const uint8_t *p = *at, *begin = p;
    for (size_t c = 0;; c++) {
        const uint8_t *cell = p;
        uint64_t w = le64toh(csv_load(p)), m = has(w, delimiters) | has(w, low * '\n');
        while (m == 0) {
            w = le64toh(csv_load(p += 8));
            m = has(w, delimiters) | has(w, low * '\n');
        }
        p += __builtin_ctzll(m) / 8;
        if (c < l->n_columns && l->want[c] != 0) {
            uint32_t k = l->want[c] - 1,
                     number = csv_number(&s->words[k], cell, (size_t)(p - cell));
            if (number == CSV_BAD)
                return dcr_nomem(&s->b->err);
            s->scratch->number[k * s->scratch->stride + row] = number;
        }
        if (*p++ != l->delimiter) {
            *at = p;
            return c + 1 == l->n_columns ? DCR_OK : ragged(s, begin, c + 1);
        }
    }
}

/* From here on rows and lines differ: each row says its own. */
static bool own_lines(csv_block *b)
{
    if (b->line != NULL)
        return true;
    b->line = dcr_alloc(b->n_lines + 1, sizeof *b->line);
    for (size_t i = 0; b->line != NULL && i < b->n_rows; i++)
        b->line[i] = (uint32_t)i;
    return b->line != NULL;
}

static dcr_status records(parser *s)
{
    csv_block *b = s->b;
    const uint8_t *p = s->from;
    dcr_status rc = DCR_OK;
    bool quotes = memchr(p, '"', (size_t)(s->end - p)) != NULL;
    bool plain = !quotes && memchr(p, '\r', (size_t)(s->end - p)) == NULL;
    size_t line = 0;
    while (p < s->end && rc == DCR_OK) {
        const uint8_t *begin = p;
        bool crlf = *p == '\r' && p + 1 < s->end && p[1] == '\n';
        if (s->l->n_columns > 1 && (*p == '\n' || crlf)) {
            p += 1 + (*p == '\r'); /* an empty line */
            rc = own_lines(b) ? DCR_OK : dcr_nomem(&b->err);
            line++;
            continue;
        }
        if (b->line != NULL)
            b->line[b->n_rows] = (uint32_t)line;
        rc = plain ? plain_record(s, &p, b->n_rows) : record(s, &p, b->n_rows);
        b->n_rows++;
        if (quotes && rc == DCR_OK) {
            size_t n = dcr_csv_lines(begin, (size_t)(p - begin));
            if (n > 1 && !own_lines(b))
                rc = dcr_nomem(&b->err);
            line += n;
        } else {
            line++;
        }
    }
    return rc;
}

/* The numbers of one column where they take the least room. */
static bool narrow(struct csv_numbers *out, const uint32_t *number, size_t n)
{
    uint32_t all = 0;
    for (size_t i = 0; i < n; i++)
        all |= number[i];
    out->width = all <= UINT8_MAX ? 1 : all <= UINT16_MAX ? 2 : 4;
    out->p = dcr_alloc(n, out->width);
    if (out->p == NULL)
        return false;
    if (out->width == 4)
        memcpy(out->p, number, n * sizeof *number);
    for (size_t i = 0; out->width == 2 && i < n; i++)
        ((uint16_t *)out->p)[i] = (uint16_t)number[i];
    for (size_t i = 0; out->width == 1 && i < n; i++)
        ((uint8_t *)out->p)[i] = (uint8_t)number[i];
    return true;
}

dcr_status dcr_csv_parse(csv_block *b, const uint8_t *p, size_t n, const csv_layout *l,
                         csv_words *words, csv_scratch *scratch)
{
    parser s = {b, l, words, scratch, p, p + n};
    size_t at;
    const char *why = dcr_csv_text_fault(p, n, &at);
    dcr_status rc;
    if (why != NULL)
        return fault(&s, p + at, why);
    b->n_lines = dcr_csv_lines(p, n);
    scratch->stride = b->n_lines + 1;
    b->numbers = dcr_alloc(l->n_wanted, sizeof *b->numbers);
    if (b->numbers == NULL ||
        !dcr_grow(&scratch->number, &scratch->cap_numbers, l->n_wanted * scratch->stride,
                  sizeof *scratch->number))
        return dcr_nomem(&b->err);
    memset(scratch->number, 0, l->n_wanted * scratch->stride * sizeof *scratch->number);
    rc = records(&s);
    for (size_t c = 0; c < l->n_wanted && rc == DCR_OK; c++)
        if (!narrow(&b->numbers[c], scratch->number + c * scratch->stride, b->n_rows))
            rc = dcr_nomem(&b->err);
    return rc;
}

void dcr_csv_scratch_clear(csv_scratch *s)
{
    dcr_free(s->p);
    dcr_free(s->number);
    memset(s, 0, sizeof *s);
}

void dcr_csv_block_free(csv_block *b, size_t n_wanted)
{
    if (b == NULL)
        return;
    for (size_t c = 0; b->numbers != NULL && c < n_wanted; c++)
        dcr_free(b->numbers[c].p);
    dcr_free(b->numbers);
    dcr_free(b->line);
    dcr_free(b);
}
