#include "sidecar.h"

#include <string.h>

#include "hash.h"
#include "mask.h"
#include "open.h"
#include "sidecar_impl.h"
#include "value.h"

enum {
    PIECE = 3800,   /* bytes of a value that is handed over at once */
    NAME_MAX_ = 40, /* of a column or key */
    OPAQUE = 1024,  /* characters without a blank that can only be encoded bytes */
    LONG_LINE = 60  /* encoded bytes are broken into lines of this and more */
};

void dcr_sidecar_clear(dcr_sidecar *s)
{
    dcr_buf_clear(&s->raw);
    dcr_buf_clear(&s->text);
    dcr_buf_clear(&s->cell);
    dcr_buf_clear(&s->name);
}

bool dcr_sidecar_reads(dcr_file_kind kind, uint64_t size)
{
    bool text = kind == DCR_FILE_CSV || kind == DCR_FILE_JSON || kind == DCR_FILE_TEXT ||
                kind == DCR_FILE_XML;
    return kind == DCR_FILE_NIFTI || (text && size <= DCR_SIDECAR_BYTES);
}

/* ---- names and values ---- */

static bool is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

bool dcr_sidecar_is_name(const uint8_t *p, size_t n)
{
    size_t digits = 0;
    if (n == 0 || n > NAME_MAX_ || !(is_letter(p[0]) || p[0] == '_'))
        return false;
    for (size_t i = 0; i < n; i++) {
        digits = is_digit(p[i]) ? digits + 1 : 0;
        if (digits > 3)
            return false;
        if (!is_letter(p[i]) && !is_digit(p[i]) &&
            (p[i] == 0 || strchr("_-. ()/#%:", p[i]) == NULL))
            return false;
    }
    return true;
}

uint32_t dcr_sidecar_path(dcr_sidecar_run *r, const char *kind, const void *name,
                          size_t n)
{
    char safe[DCR_OPEN_MAX_NAME + 1];
    dcr_buf *b = &r->s->name;
    uint32_t path;
    b->n = 0;
    dcr_buf_str(b, "sidecar:");
    dcr_buf_str(b, kind);
    if (name != NULL) {
        bool more = r->names >= DCR_SIDECAR_NAMES;
        dcr_buf_char(b, '/');
        if (more || !dcr_open_name(safe, name, n))
            dcr_buf_str(b, "more");
        else
            dcr_buf_str(b, safe);
        r->names++;
    }
    path = b->failed ? DCR_PATH_NONE : dcr_pathtab_sub(r->paths, DCR_PATH_ROOT, b->p);
    if (path == DCR_PATH_NONE)
        r->failed = DCR_ENOMEM;
    return path;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == 0;
}

/* A measurement: digits with a point or an exponent.  Whole numbers may be anybody's. */
static bool is_measure(const uint8_t *p, size_t n)
{
    size_t i = n > 0 && (p[0] == '-' || p[0] == '+'), digits = 0, points = 0;
    for (; i < n && (is_digit(p[i]) || p[i] == '.'); i++) {
        points += p[i] == '.';
        digits += p[i] != '.';
    }
    if (digits == 0 || points > 1)
        return false;
    if (i < n && (p[i] == 'e' || p[i] == 'E')) {
        size_t from = i + 1 + (i + 1 < n && (p[i + 1] == '-' || p[i + 1] == '+'));
        for (i = from; i < n && is_digit(p[i]); i++)
            ;
        return i == n && i > from;
    }
    return i == n && points == 1;
}

static void put(dcr_sidecar_run *r, uint32_t path, const char *vr, const uint8_t *p,
                size_t n)
{
    if (r->failed != DCR_OK)
        return;
    r->out->values++;
    r->failed = r->sink->value(r->sink->ctx, path, vr, p, (uint32_t)n, 0);
}

/* Where to cut a long value: behind a blank when there is one in the last tenth, never
 * inside of a character. */
static size_t piece_of(const uint8_t *p, size_t n)
{
    size_t at = PIECE;
    if (n <= PIECE)
        return n;
    for (size_t i = PIECE; i > PIECE - PIECE / 10; i--)
        if (is_space(p[i - 1]))
            return i;
    while (at > PIECE - 4 && (p[at] & 0xC0) == 0x80)
        at--;
    return at;
}

void dcr_sidecar_value(dcr_sidecar_run *r, uint32_t path, const uint8_t *p, size_t n)
{
    while (n > 0 && is_space(p[n - 1]))
        n--;
    while (n > 0 && is_space(*p)) {
        p++;
        n--;
    }
    if (path == DCR_PATH_NONE || r->failed != DCR_OK)
        return;
    if (n <= PIECE) {
        put(r, path, is_measure(p, n) ? "DS" : "LO", p, n);
        return;
    }
    while (n > 0) {
        size_t k = piece_of(p, n);
        put(r, path, "LO", p, k);
        p += k;
        n -= k;
    }
}

void dcr_sidecar_lines(dcr_sidecar_run *r, const char *kind, const uint8_t *p, size_t n)
{
    uint32_t path = dcr_sidecar_path(r, kind, "line", 4);
    size_t from = 0;
    for (size_t i = 0; i <= n && r->failed == DCR_OK; i++) {
        if (i < n && p[i] != '\n' && p[i] != '\r')
            continue;
        while (from < i && is_space(p[from]))
            from++;
        if (i > from)
            dcr_sidecar_value(r, path, p + from, i - from);
        from = i + 1;
    }
}

/* ---- the text of a file ---- */

void dcr_sidecar_utf8(dcr_buf *b, uint32_t c)
{
    char t[4];
    size_t n = 0;
    if (c < 0x80) {
        t[n++] = (char)c;
    } else if (c < 0x800) {
        t[n++] = (char)(0xC0 | c >> 6);
    } else if (c < 0x10000) {
        t[n++] = (char)(0xE0 | c >> 12);
        t[n++] = (char)(0x80 | (c >> 6 & 0x3F));
    } else {
        t[n++] = (char)(0xF0 | c >> 18);
        t[n++] = (char)(0x80 | (c >> 12 & 0x3F));
        t[n++] = (char)(0x80 | (c >> 6 & 0x3F));
    }
    if (c >= 0x80)
        t[n++] = (char)(0x80 | (c & 0x3F));
    dcr_buf_add(b, t, n);
}

/* Lone surrogates become U+FFFD. */
static void from_utf16(dcr_buf *b, const uint8_t *p, size_t n, bool big)
{
    for (size_t i = 0; i + 1 < n; i += 2) {
        uint32_t c =
            big ? (uint32_t)p[i] << 8 | p[i + 1] : (uint32_t)p[i + 1] << 8 | p[i];
        if (c >= 0xD800 && c < 0xDC00 && i + 3 < n) {
            uint32_t d = big ? (uint32_t)p[i + 2] << 8 | p[i + 3]
                             : (uint32_t)p[i + 3] << 8 | p[i + 2];
            if (d >= 0xDC00 && d < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10 | (d - 0xDC00));
                i += 2;
            }
        }
        dcr_sidecar_utf8(b, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
    }
}

/* What is not UTF-8 is read as Latin-1 and counted as a guess. */
static void decode(dcr_sidecar_run *r)
{
    dcr_buf *b = &r->s->text;
    b->n = 0;
    if (r->n >= 2 &&
        ((r->p[0] == 0xFF && r->p[1] == 0xFE) || (r->p[0] == 0xFE && r->p[1] == 0xFF))) {
        from_utf16(b, r->p + 2, r->n - 2, r->p[0] == 0xFE);
    } else if (r->n >= 3 && memcmp(r->p, "\xEF\xBB\xBF", 3) == 0) {
        r->p += 3;
        r->n -= 3;
    }
    if (b->n == 0 && dcr_utf8_valid(r->p, r->n) == r->n)
        return;
    if (b->n == 0) {
        r->out->undecodable = 1;
        for (size_t i = 0; i < r->n; i++)
            dcr_sidecar_utf8(b, r->p[i]);
    }
    if (b->failed)
        r->failed = DCR_ENOMEM;
    r->p = (const uint8_t *)b->p;
    r->n = b->n;
}

/* Bytes that no text has: what is named as a table may be anything. */
static bool is_text(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((p[i] < 0x20 && !is_space(p[i]) && p[i] != 0x1B) || p[i] == 0)
            return false;
    return true;
}

static bool is_base64(uint8_t c)
{
    return is_letter(c) || is_digit(c) || (c != 0 && strchr("+/=_-", c) != NULL);
}

/* Pictures and documents are written into text as base64: what they show is not read. */
static bool holds_opaque(const uint8_t *p, size_t n)
{
    size_t run = 0, line = 0;
    for (size_t i = 0; i < n; i++) {
        bool escaped = p[i] == '\\' && i + 1 < n && (p[i + 1] == 'n' || p[i + 1] == 'r');
        if (p[i] == '\n' || p[i] == '\r' || escaped) {
            run = line >= LONG_LINE || (line == 0 && run > 0) ? run : 0;
            line = 0;
            i += escaped;
        } else if (is_base64(p[i])) {
            line++;
            if (++run >= OPAQUE)
                return true;
        } else {
            run = line = 0;
        }
    }
    return false;
}

/* All of the file into memory; false when the system failed or it grew. */
static bool load(dcr_sidecar_run *r)
{
    dcr_buf *b = &r->s->raw;
    size_t got;
    b->n = 0;
    do {
        const uint8_t *p = dcr_source_peek(r->src, DCR_SOURCE_WINDOW, &got);
        dcr_buf_add(b, p, got);
        dcr_source_eat(r->src, got);
    } while (got > 0 && b->n <= DCR_SIDECAR_BYTES && !b->failed);
    if (b->failed)
        r->failed = DCR_ENOMEM;
    r->p = (const uint8_t *)(b->p == NULL ? "" : b->p);
    r->n = b->n;
    dcr_hash128_hex(dcr_hash128_of(r->p, r->n), r->out->digest);
    return !b->failed && b->n <= DCR_SIDECAR_BYTES && !r->src->failed;
}

static void read_text(dcr_sidecar_run *r, dcr_file_kind kind)
{
    if (!load(r))
        return;
    decode(r);
    if (r->failed != DCR_OK || !is_text(r->p, r->n))
        return;
    r->out->whole = !holds_opaque(r->p, r->n);
    if (kind == DCR_FILE_CSV)
        dcr_sidecar_csv(r);
    else if (kind == DCR_FILE_XML)
        dcr_sidecar_lines(r, "xml", r->p, r->n);
    else if (kind != DCR_FILE_JSON || !dcr_sidecar_json(r))
        dcr_sidecar_lines(r, "text", r->p, r->n);
}

/* Large memory is not kept for the small files that mostly come. */
static void shrink(dcr_buf *b)
{
    if (b->cap > (size_t)1 << 20)
        dcr_buf_clear(b);
}

dcr_status dcr_sidecar_file(dcr_sidecar *s, dcr_source *src, dcr_file_kind kind,
                            dcr_pathtab *paths, const dcr_sink *sink,
                            dcr_sidecar_reading *out)
{
    dcr_sidecar_run r = {.s = s, .src = src, .paths = paths, .sink = sink, .out = out};
    memset(out, 0, sizeof *out);
    if (kind == DCR_FILE_NIFTI)
        dcr_sidecar_nifti(&r);
    else
        read_text(&r, kind);
    shrink(&s->raw);
    shrink(&s->text);
    shrink(&s->cell);
    return r.failed;
}
