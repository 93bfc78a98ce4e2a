/* PDF documents: what they say of themselves (Info dictionary, XMP), text of notes and
 * forms, and the text that pages show where it is written in letters.  Objects are not
 * followed: the file is gone through from begin to end.  What is encrypted stays closed,
 * and a PDF in which text was found is still a document that somebody has to look at. */
#include <string.h>

#include "open.h"
#include "pdf_text.h"
#include "unpack.h"

enum { MOST = 256 * 1024, DICTIONARY = 2048, KEPT = 65536 };

typedef struct pdf {
    const uint8_t *p;
    size_t n;
    dcr_buf text, bytes, unpacked;
    const dcr_open_sink *to;
} pdf;

static bool sniffs(const uint8_t *p, size_t n, uint64_t total)
{
    (void)total;
    return n >= 8 && memcmp(p, "%PDF-", 5) == 0;
}

static bool has(const uint8_t *p, size_t n, const char *word)
{
    return memmem(p, n, word, strlen(word)) != NULL;
}

/* ---- strings of dictionaries ---- */

static const char *key_at(const uint8_t *p, size_t n, size_t *k)
{
    static const char *const keys[] = {"Title",    "Author",   "Subject",      "Keywords",
                                       "Creator",  "Producer", "CreationDate", "ModDate",
                                       "Contents", "V",        "TU",           "Company",
                                       NULL};
    for (size_t i = 0; keys[i] != NULL; i++) {
        *k = strlen(keys[i]);
        if (n > *k && memcmp(p, keys[i], *k) == 0 &&
            (dcr_open_is_blank(p[*k]) || p[*k] == '(' || p[*k] == '<'))
            return keys[i];
    }
    return NULL;
}

/* *used: how much was looked at, so that nothing is looked at twice. */
static dcr_status tell_string(pdf *d, const char *key, const uint8_t *p, size_t n,
                              size_t *used)
{
    size_t at = 0, from = d->text.n, k;
    dcr_status s = DCR_OK;
    while (at < n && dcr_open_is_blank(p[at]))
        at++;
    n = n - at > KEPT ? KEPT : n - at;
    d->bytes.n = 0;
    k = dcr_pdf_string(&d->bytes, p + at, n);
    *used = at + k;
    if (k == 0 && at < n && p[at] == '(')
        *used += n;
    if (k == 0 || d->bytes.n == 0)
        return d->bytes.failed ? DCR_ENOMEM : DCR_OK;
    dcr_pdf_utf8(&d->text, (const uint8_t *)d->bytes.p, d->bytes.n);
    if (d->text.failed)
        return DCR_ENOMEM;
    s = dcr_open_text(d->to, key, (const uint8_t *)d->text.p + from, d->text.n - from);
    d->text.n = from;
    return s;
}

static dcr_status strings(pdf *d, const uint8_t *p, size_t n)
{
    dcr_status s = DCR_OK;
    for (size_t at = 0; at < n && s == DCR_OK;) {
        const uint8_t *slash = memchr(p + at, '/', n - at);
        const char *key;
        size_t k, used = 0;
        if (slash == NULL)
            break;
        at = (size_t)(slash - p) + 1;
        key = key_at(p + at, n - at, &k);
        if (key != NULL)
            s = tell_string(d, key, p + at + k, n - at - k, &used);
        at += used;
    }
    return s;
}

/* ---- streams ---- */

static dcr_status shown(pdf *d, const uint8_t *p, size_t n)
{
    bool unread = false;
    size_t from = d->text.n;
    dcr_pdf_shown(&d->text, p, n, &unread);
    if (d->text.n > from && d->text.p[d->text.n - 1] != '\n')
        dcr_buf_char(&d->text, '\n');
    if (d->text.failed)
        return DCR_ENOMEM;
    if (d->text.n <= MOST)
        return DCR_OK;
    d->text.n = MOST;
    d->to->cut(d->to->ctx);
    return DCR_EINTERRUPTED;
}

/* A stream p[0 .. n) with the dictionary before it; the line end behind it is not of it.
 */
static dcr_status stream(pdf *d, const uint8_t *dict, size_t m, const uint8_t *p,
                         size_t n)
{
    bool packed = has(dict, m, "/FlateDecode"), xmp = has(dict, m, "/Metadata");
    dcr_status s = DCR_OK;
    if (has(dict, m, "/Image") || has(dict, m, "/Length1") || has(dict, m, "/FontFile") ||
        (has(dict, m, "/Filter") && !packed) || has(dict, m, "/XRef"))
        return DCR_OK;
    n -= n > 0 && p[n - 1] == '\n';
    n -= n > 0 && p[n - 1] == '\r';
    if (packed) {
        d->unpacked.n = 0;
        s = dcr_unpack(&d->unpacked, p, n, DCR_PACKED_ZLIB, d->to);
        p = (const uint8_t *)d->unpacked.p;
        n = d->unpacked.n;
    }
    if (s != DCR_OK || n == 0)
        return s;
    if (xmp)
        return d->to->emit(d->to->ctx, "XMP", "UT", p, n);
    if (has(dict, m, "/ObjStm"))
        return strings(d, p, n);
    return shown(d, p, n);
}

/* The dictionary that ends at p + at: from the last "obj" on. */
static size_t dictionary(const uint8_t *p, size_t from, size_t at)
{
    size_t low = at - from > DICTIONARY ? at - DICTIONARY : from;
    for (size_t i = at; i > low + 3; i--)
        if (memcmp(p + i - 3, "obj", 3) == 0)
            return i;
    return low;
}

static dcr_status parse(pdf *d)
{
    dcr_status s = DCR_OK;
    size_t at = 0;
    while (at < d->n && s == DCR_OK) {
        const uint8_t *q = memmem(d->p + at, d->n - at, "stream", 6), *end;
        size_t stop = q == NULL ? d->n : (size_t)(q - d->p), dict, from;
        s = strings(d, d->p + at, stop - at);
        if (q == NULL || s != DCR_OK)
            break;
        dict = dictionary(d->p, at, stop);
        from = stop + 6;
        from += from < d->n && d->p[from] == '\r';
        from += from < d->n && d->p[from] == '\n';
        end = memmem(d->p + from, d->n - from, "endstream", 9);
        at = end == NULL ? d->n : (size_t)(end - d->p) + 9;
        s = stream(d, d->p + dict, stop - dict, d->p + from,
                   (end == NULL ? d->n : (size_t)(end - d->p)) - from);
    }
    if (s == DCR_ENOMEM)
        return s;
    return dcr_open_text(d->to, "Text", (const uint8_t *)d->text.p, d->text.n);
}

static dcr_status open_pdf(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    pdf d = {.p = p, .n = n, .to = to};
    dcr_status s = has(p, n, "/Encrypt") ? DCR_OK : parse(&d);
    dcr_buf_clear(&d.text);
    dcr_buf_clear(&d.bytes);
    dcr_buf_clear(&d.unpacked);
    return s;
}

const dcr_opener dcr_open_pdf = {.name = "pdf",
                                 .version = "1",
                                 .sniffs = sniffs,
                                 .first = "%",
                                 .n_first = 1,
                                 .least = 8,
                                 .open = open_pdf};
