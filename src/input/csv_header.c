#include "csv_header.h"

#include <errno.h>
#include <stdio.h>

#include "alloc.h"
#include "csv_impl.h"

enum { HEADER_MAX = 1 << 20 };

static dcr_status fail(const char *path, const char *why, dcr_err *err)
{
    bool first = err != NULL && err->code == DCR_OK;
    dcr_status rc = dcr_fail(err, DCR_EFORMAT, path, "%s", why);
    if (first)
        err->line = 1;
    return rc;
}

/* The delimiter that stands most often in the first record, quoted text left out. */
static char sniff(const uint8_t *p, size_t n)
{
    static const char choice[] = ",;\t|";
    size_t count[4] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < n && (quoted || (p[i] != '\n' && p[i] != '\r')); i++) {
        const char *c = p[i] == 0 ? NULL : strchr(choice, p[i]);
        if (p[i] == '"')
            quoted = !quoted;
        else if (!quoted && c != NULL)
            count[c - choice]++;
    }
    for (size_t i = 1; i < 4; i++)
        best = count[i] > count[best] ? i : best;
    return choice[best];
}

static bool blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static dcr_status add_name(dcr_csv_header *h, size_t *cap, const uint8_t *p, size_t n,
                           dcr_err *err)
{
    while (n > 0 && blank(p[n - 1]))
        n--;
    while (n > 0 && blank(*p)) {
        p++;
        n--;
    }
    if (!dcr_grow(&h->name, cap, h->n + 1, sizeof *h->name))
        return dcr_nomem(err);
    h->name[h->n] = dcr_arena_bytes(&h->arena, p, n);
    return h->name[h->n++] == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status read_names(dcr_csv_header *h, const char *path, const uint8_t *p,
                             size_t n, dcr_err *err)
{
    csv_scratch scratch = {0};
    const uint8_t *at = p, *end = p + n + 1; /* with its LF, to which a CR may belong */
    size_t cap = 0;
    dcr_status rc;
    do {
        const char *why = NULL;
        const uint8_t *cell;
        size_t size = 0;
        at += h->n > 0;
        cell = dcr_csv_cell(&at, end, (uint8_t)h->delimiter, &scratch, &size, &why);
        rc = cell != NULL  ? add_name(h, &cap, cell, size, err)
             : why != NULL ? fail(path, why, err)
                           : dcr_nomem(err);
    } while (rc == DCR_OK && *at == (uint8_t)h->delimiter);
    dcr_free(scratch.p);
    return rc;
}

/* The first record, or all that there is of it: p[0 .. n) with room behind it. */
static dcr_status first_record(FILE *f, const char *path, uint8_t *p, size_t *n,
                               dcr_err *err)
{
    size_t i = 0;
    bool quoted = false;
    *n = fread(p, 1, HEADER_MAX, f);
    if (ferror(f))
        return dcr_fail(err, DCR_EIO, path, "cannot read: %s", strerror(errno));
    for (; i < *n && (quoted || p[i] != '\n'); i++)
        quoted = quoted != (p[i] == '"');
    if (i == HEADER_MAX)
        return fail(path, "a header of more than 1 MiB: a quote that nothing closes?",
                    err);
    *n = i;
    return DCR_OK;
}

/* p has room for HEADER_MAX + CSV_PAD bytes. */
static dcr_status read_header(dcr_csv_header *out, const char *path, FILE *f, uint8_t *p,
                              dcr_err *err)
{
    size_t n = 0, bom, at = 0;
    const char *why;
    dcr_status rc = first_record(f, path, p, &n, err);
    if (rc == DCR_OK && (why = dcr_csv_text_fault(p, n, &at)) != NULL)
        rc = fail(path, why, err);
    if (rc != DCR_OK)
        return rc;
    memset(p + n, 0, CSV_PAD);
    p[n] = p[n + 1] = '\n';
    bom = n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    out->delimiter = sniff(p + bom, n - bom);
    return n == bom ? fail(path, "empty: there is no header", err)
                    : read_names(out, path, p + bom, n - bom, err);
}

dcr_status dcr_csv_header_read(dcr_csv_header *out, const char *path, dcr_err *err)
{
    FILE *f;
    uint8_t *p = dcr_alloc(HEADER_MAX + CSV_PAD, 1);
    dcr_status rc = dcr_open_named(&f, path, err);
    memset(out, 0, sizeof *out);
    if (rc == DCR_OK)
        rc = p == NULL ? dcr_nomem(err) : read_header(out, path, f, p, err);
    if (f != NULL)
        fclose(f);
    dcr_free(p);
    return rc;
}

void dcr_csv_header_clear(dcr_csv_header *h)
{
    dcr_arena_clear(&h->arena);
    dcr_free(h->name);
    memset(h, 0, sizeof *h);
}
