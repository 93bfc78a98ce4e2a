#include "pdf_text.h"

#include <string.h>

#include "mask.h"
#include "open.h"

/* ---- strings ---- */

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t hex_string(dcr_buf *out, const uint8_t *p, size_t n)
{
    int high = -1;
    for (size_t i = 1; i < n; i++) {
        int v = hex(p[i]);
        if (p[i] == '>') {
            if (high >= 0)
                dcr_buf_char(out, (char)(high * 16));
            return i + 1;
        }
        if (v < 0 && !dcr_open_is_blank(p[i]))
            return 0;
        if (v < 0)
            continue;
        if (high < 0) {
            high = v;
        } else {
            dcr_buf_char(out, (char)(high * 16 + v));
            high = -1;
        }
    }
    return 0;
}

/* What stands behind a backslash at p; how long it is. */
static size_t escape(dcr_buf *out, const uint8_t *p, size_t n)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    const char *e;
    unsigned v = 0;
    size_t k = 0;
    if (n == 0)
        return 0;
    while (k < 3 && k < n && p[k] >= '0' && p[k] <= '7')
        v = v * 8 + (p[k++] - '0');
    if (k > 0) {
        dcr_buf_char(out, (char)(v & 0xFF));
        return k;
    }
    if (p[0] == '\r')
        return n > 1 && p[1] == '\n' ? 2 : 1;
    if (p[0] == '\n')
        return 1;
    e = p[0] == 0 ? NULL : strchr(from, p[0]);
    dcr_buf_char(out, e != NULL ? to[e - from] : (char)p[0]);
    return 1;
}

static size_t literal_string(dcr_buf *out, const uint8_t *p, size_t n)
{
    size_t depth = 1;
    for (size_t i = 1; i < n; i++) {
        if (p[i] == '\\') {
            i += escape(out, p + i + 1, n - i - 1);
            continue;
        }
        depth += p[i] == '(';
        if (p[i] == ')' && --depth == 0)
            return i + 1;
        dcr_buf_char(out, (char)p[i]);
    }
    return 0;
}

size_t dcr_pdf_string(dcr_buf *out, const uint8_t *p, size_t n)
{
    size_t before = out->n, k = 0;
    if (n >= 2 && p[0] == '(')
        k = literal_string(out, p, n);
    else if (n >= 2 && p[0] == '<' && p[1] != '<')
        k = hex_string(out, p, n);
    if (k == 0)
        out->n = before;
    return k;
}

void dcr_pdf_utf8(dcr_buf *out, const uint8_t *p, size_t n)
{
    if (n >= 2 && p[0] == 0xFE && p[1] == 0xFF)
        dcr_open_utf16(out, p + 2, n - 2, true);
    else if (n >= 2 && p[0] == 0xFF && p[1] == 0xFE)
        dcr_open_utf16(out, p + 2, n - 2, false);
    else if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        dcr_buf_add(out, p + 3, n - 3);
    else if (dcr_utf8_valid(p, n) == n)
        dcr_buf_add(out, p, n);
    else
        for (size_t i = 0; i < n; i++)
            dcr_open_utf8(out, p[i]);
}

/* ---- content streams ---- */

typedef struct shown {
    const uint8_t *p;
    size_t n, at;
    dcr_buf pending; /* strings that no operator has shown yet */
    dcr_buf *out;
    bool *unread;
} shown;

static bool is_delimiter(uint8_t c)
{
    return dcr_open_is_blank(c) || c == 0 || strchr("()<>[]{}/%", c) != NULL;
}

static bool is_text(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((uint8_t)p[i] < ' ' && !dcr_open_is_blank((uint8_t)p[i]))
            return false;
    return true;
}

static void show(shown *c)
{
    if (c->pending.n == 0)
        return;
    if (is_text(c->pending.p, c->pending.n))
        dcr_pdf_utf8(c->out, (const uint8_t *)c->pending.p, c->pending.n);
    else
        *c->unread = true;
}

static void new_line(shown *c)
{
    if (c->out->n > 0 && c->out->p[c->out->n - 1] != '\n')
        dcr_buf_char(c->out, '\n');
}

/* An inline image: its bytes are passed over, to the blank, EI and blank behind them. */
static void pass_image(shown *c)
{
    while (c->at < c->n) {
        const uint8_t *e = memmem(c->p + c->at, c->n - c->at, "EI", 2);
        if (e == NULL) {
            c->at = c->n;
            return;
        }
        c->at = (size_t)(e - c->p) + 2;
        if (dcr_open_is_blank(e[-1]) && (c->at >= c->n || dcr_open_is_blank(c->p[c->at])))
            return;
    }
}

static bool is_op(const uint8_t *p, size_t n, const char *op)
{
    return strlen(op) == n && memcmp(p, op, n) == 0;
}

/* The operator or number p[0 .. n): what it does to the text. */
static void operate(shown *c, const uint8_t *p, size_t n)
{
    bool number =
        (p[0] >= '0' && p[0] <= '9') || p[0] == '-' || p[0] == '+' || p[0] == '.';
    if (number) { /* in an array of TJ: a wide gap is a blank */
        if (n >= 4 && p[0] == '-' && p[1] != '.' && p[2] != '.' && p[3] != '.' &&
            c->pending.n > 0)
            dcr_buf_char(&c->pending, ' ');
        return;
    }
    if (is_op(p, n, "Tj") || is_op(p, n, "TJ")) {
        show(c);
    } else if (is_op(p, n, "'") || is_op(p, n, "\"")) {
        new_line(c);
        show(c);
    } else if (is_op(p, n, "Td") || is_op(p, n, "TD") || is_op(p, n, "T*") ||
               is_op(p, n, "Tm") || is_op(p, n, "ET")) {
        new_line(c);
    } else if (is_op(p, n, "ID")) {
        pass_image(c);
    }
    c->pending.n = 0;
}

static void token(shown *c)
{
    size_t from = c->at, k = 0;
    uint8_t first = c->p[from];
    if (first == '(' || first == '<')
        k = dcr_pdf_string(&c->pending, c->p + from, c->n - from);
    if (k > 0) {
        c->at += k;
        return;
    }
    if (first == '(')
        c->at = c->n; /* does not end: nor does the search for it begin again */
    if (first == '/' || first == '%') /* a name, a comment: no operator */
        c->at++;
    while (c->at < c->n && (first == '%' ? c->p[c->at] != '\n' && c->p[c->at] != '\r'
                                         : !is_delimiter(c->p[c->at])))
        c->at++;
    if (c->at == from)
        c->at++;
    else if (first != '/' && first != '%' && first != '(')
        operate(c, c->p + from, c->at - from);
}

void dcr_pdf_shown(dcr_buf *out, const uint8_t *p, size_t n, bool *unread)
{
    shown c = {.p = p, .n = n, .out = out, .unread = unread};
    while (c.at < n)
        token(&c);
    out->failed = out->failed || c.pending.failed;
    dcr_buf_clear(&c.pending);
}
