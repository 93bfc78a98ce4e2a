#include "html.h"

#include <libxml/xmlwriter.h>
#include <stdarg.h>
#include <string.h>

#include "alloc.h"
#include "json_view.h"

enum { DEPTH_MAX = 64 };

struct dcr_html {
    xmlTextWriterPtr w;
    FILE *out;
    size_t size; /* bytes that went to it */
    const char *open[DEPTH_MAX];
    size_t depth;
    dcr_buf text; /* cleaned text on its way out */
    dcr_err err;
};

/* Sorted lists: what the report is made of, and nothing else. */
static const char *const elements[] = {
    "a",          "b",      "body",    "button", "caption", "code",    "dd",
    "defs",       "desc",   "details", "div",    "dl",      "dt",      "em",
    "figcaption", "figure", "footer",  "h1",     "h2",      "h3",      "h4",
    "head",       "header", "hr",      "html",   "input",   "label",   "li",
    "line",       "main",   "meta",    "nav",    "ol",      "option",  "output",
    "p",          "path",   "pattern", "pre",    "rect",    "section", "select",
    "small",      "span",   "summary", "svg",    "symbol",  "table",   "tbody",
    "td",         "text",   "th",      "thead",  "time",    "title",   "tr",
    "ul",         "use",
};
static const char *const attributes[] = {
    "aria-hidden",
    "aria-label",
    "aria-labelledby",
    "aria-live",
    "autocomplete",
    "charset",
    "class",
    "colspan",
    "content",
    "d",
    "data-h",
    "data-k",
    "data-l",
    "data-s",
    "data-sort",
    "data-t",
    "data-v",
    "datetime",
    "fill",
    "fill-rule",
    "focusable",
    "font-size",
    "for",
    "height",
    "href",
    "http-equiv",
    "id",
    "lang",
    "name",
    "overflow",
    "patternTransform",
    "patternUnits",
    "preserveAspectRatio",
    "role",
    "rx",
    "scope",
    "spellcheck",
    "stroke",
    "stroke-dasharray",
    "stroke-width",
    "tabindex",
    "text-anchor",
    "type",
    "value",
    "viewBox",
    "width",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
};
static const char *const voids[] = {"hr", "input", "meta"};

static bool listed(const char *const *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}
#define LISTED(list, name) listed(list, sizeof(list) / sizeof(list)[0], name)

static bool bad(const dcr_html *h)
{
    return h->err.code != DCR_OK;
}

/* Takes the answer of libxml2: negative is a failure to write or to get memory. */
static void took(dcr_html *h, int rc)
{
    if (rc < 0)
        dcr_fail(&h->err, DCR_EIO, "report", "cannot write");
}

static const xmlChar *x(const char *s)
{
    return (const xmlChar *)s;
}

/* libxml2 prints a message of its own when a writer fails, so it is never told. */
static int write_out(void *ctx, const char *p, int n)
{
    dcr_html *h = ctx;
    if (n > 0 && !bad(h) && fwrite(p, 1, (size_t)n, h->out) != (size_t)n)
        took(h, -1);
    if (n > 0)
        h->size += (size_t)n;
    return n;
}

static int close_out(void *ctx)
{
    (void)ctx;
    return 0;
}

dcr_html *dcr_html_new(FILE *out)
{
    dcr_html *h = dcr_alloc(1, sizeof *h);
    xmlOutputBufferPtr ob = NULL;
    if (h == NULL)
        return NULL;
    h->out = out;
    ob = xmlOutputBufferCreateIO(write_out, close_out, h, NULL);
    if (ob == NULL)
        goto fail;
    h->w = xmlNewTextWriter(ob);
    if (h->w == NULL) {
        xmlOutputBufferClose(ob);
        goto fail;
    }
    took(h, xmlTextWriterWriteDTD(h->w, x("html"), NULL, NULL, NULL));
    took(h, xmlTextWriterWriteRaw(h->w, x("\n")));
    return h;
fail:
    dcr_free(h);
    return NULL;
}

void dcr_html_free(dcr_html *h)
{
    if (h == NULL)
        return;
    xmlFreeTextWriter(h->w);
    dcr_buf_clear(&h->text);
    dcr_free(h);
}

dcr_status dcr_html_end(dcr_html *h, dcr_err *err)
{
    if (!bad(h) && h->depth != 0)
        dcr_fail(&h->err, DCR_EARG, h->open[h->depth - 1], "element left open");
    if (!bad(h)) {
        took(h, xmlTextWriterWriteRaw(h->w, x("\n")));
        took(h, xmlTextWriterFlush(h->w));
        if (fflush(h->out) != 0 || ferror(h->out))
            took(h, -1);
    }
    if (bad(h))
        return dcr_fail(err, h->err.code, h->err.where, "%s", h->err.text);
    return DCR_OK;
}

size_t dcr_html_size(const dcr_html *h)
{
    return h->size;
}

void dcr_html_nomem(dcr_html *h)
{
    dcr_nomem(&h->err);
}

void dcr_html_open(dcr_html *h, const char *name, const char *cls)
{
    if (bad(h))
        return;
    if (!LISTED(elements, name) || h->depth == DEPTH_MAX) {
        dcr_fail(&h->err, DCR_EARG, name, "element is not one of the report's");
        return;
    }
    h->open[h->depth++] = name;
    took(h, xmlTextWriterStartElement(h->w, x(name)));
    if (cls != NULL && cls[0] != '\0')
        dcr_html_attr(h, "class", cls);
}

void dcr_html_close(dcr_html *h, const char *name)
{
    if (bad(h))
        return;
    if (h->depth == 0 || strcmp(h->open[h->depth - 1], name) != 0) {
        dcr_fail(&h->err, DCR_EARG, name, "element is not the open one");
        return;
    }
    h->depth--;
    /* An HTML parser takes <td/> for an open tag, so only void elements end like that. */
    if (LISTED(voids, name))
        took(h, xmlTextWriterEndElement(h->w));
    else
        took(h, xmlTextWriterFullEndElement(h->w));
}

/* ---- text ---- */

/* One code point of p[0 .. n), n > 0; *used is its length.  UINT32_MAX: not UTF-8. */
static uint32_t decode(const unsigned char *p, size_t n, size_t *used)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t c = p[0];
    size_t len = c < 0x80   ? 1
                 : c < 0xC2 ? 0
                 : c < 0xE0 ? 2
                 : c < 0xF0 ? 3
                 : c < 0xF5 ? 4
                            : 0;
    *used = 1;
    if (len == 1)
        return c;
    if (len == 0 || len > n)
        return UINT32_MAX;
    c &= 0xFFu >> (len + 1);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return UINT32_MAX;
        c = c << 6 | (p[i] & 0x3Fu);
    }
    if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return UINT32_MAX;
    *used = len;
    return c;
}

/* What may not stand in a text: controls, noncharacters, and marks that hide or reorder.
 */
static bool forbidden(uint32_t c)
{
    static const uint32_t range[][2] = {
        {0x00, 0x08},       {0x0B, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},
        {0x061C, 0x061C},   {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E},
        {0x2060, 0x206F},   {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
        {0xE0000, 0xE007F},
    };
    for (size_t i = 0; i < sizeof range / sizeof range[0]; i++)
        if (c >= range[i][0] && c <= range[i][1])
            return true;
    return c > 0x10FFFF || (c & 0xFFFE) == 0xFFFE;
}

void dcr_html_clean(dcr_buf *b, const char *p, size_t n)
{
    size_t from = 0;
    for (size_t i = 0, used = 0; i < n; i += used) {
        uint32_t c = decode((const unsigned char *)p + i, n - i, &used);
        if (!forbidden(c))
            continue;
        dcr_buf_add(b, p + from, i - from);
        dcr_buf_str(b, "\xEF\xBF\xBD");
        from = i + used;
    }
    dcr_buf_add(b, p + from, n - from);
}

/* The cleaned text, lent until the next call; NULL when there is no memory. */
static const char *cleaned(dcr_html *h, const char *p, size_t n)
{
    h->text.n = 0;
    dcr_html_clean(&h->text, p, n);
    if (h->text.failed) {
        dcr_nomem(&h->err);
        return NULL;
    }
    return h->text.n == 0 ? "" : h->text.p;
}

void dcr_html_textn(dcr_html *h, const char *p, size_t n)
{
    const char *s;
    if (bad(h) || n == 0)
        return;
    s = cleaned(h, p, n);
    if (s != NULL)
        took(h, xmlTextWriterWriteString(h->w, x(s)));
}

void dcr_html_text(dcr_html *h, const char *s)
{
    if (s != NULL)
        dcr_html_textn(h, s, strlen(s));
}

void dcr_html_fmt(dcr_html *h, const char *fmt, ...)
{
    char s[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(s, sizeof s, fmt, ap);
    va_end(ap);
    if (n > 0)
        dcr_html_text(h, s);
}

void dcr_html_leaf(dcr_html *h, const char *name, const char *cls, const char *text)
{
    dcr_html_open(h, name, cls);
    dcr_html_text(h, text);
    dcr_html_close(h, name);
}

/* ---- attributes ---- */

void dcr_html_attr(dcr_html *h, const char *name, const char *value)
{
    const char *s;
    if (bad(h))
        return;
    if (!LISTED(attributes, name)) {
        dcr_fail(&h->err, DCR_EARG, name, "attribute is not one of the report's");
        return;
    }
    if (value == NULL)
        value = "";
    if (strcmp(name, "href") == 0 && value[0] != '#')
        value = "#";
    s = cleaned(h, value, strlen(value));
    if (s != NULL)
        took(h, xmlTextWriterWriteAttribute(h->w, x(name), x(s)));
}

void dcr_html_attr_num(dcr_html *h, const char *name, double v, int decimals,
                       const char *unit)
{
    char s[DCR_NUM_MAX + 8];
    dcr_view_fixed(s, v, decimals);
    size_t n = strlen(s);
    for (; *unit != '\0' && n + 1 < sizeof s; unit++)
        s[n++] = *unit;
    s[n] = '\0';
    dcr_html_attr(h, name, s);
}

void dcr_html_embed(dcr_html *h, const char *name, const dcr_embed *file)
{
    bool style = strcmp(name, "style") == 0;
    if (bad(h))
        return;
    if ((!style && strcmp(name, "script") != 0) || file == NULL) {
        dcr_fail(&h->err, DCR_EARG, name, "not a file of the program");
        return;
    }
    size_t n = (size_t)(file->end - file->begin);
    if (memchr(file->begin, '<', n) != NULL || memchr(file->begin, '&', n) != NULL) {
        dcr_fail(&h->err, DCR_EARG, file->name, "holds '<' or '&'");
        return;
    }
    took(h, xmlTextWriterStartElement(h->w, x(name)));
    took(h, xmlTextWriterWriteRawLen(h->w, x(file->begin), (int)n));
    took(h, xmlTextWriterFullEndElement(h->w));
}

/* Appends a path with all but plain characters as %XX. */
static void add_path(dcr_buf *b, const char *s)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~/";
    for (; *s != '\0'; s++)
        if (strchr(plain, *s) != NULL)
            dcr_buf_add(b, s, 1);
        else
            dcr_buf_fmt(b, "%%%02X", (unsigned)(unsigned char)*s);
}

void dcr_html_asset(dcr_html *h, const char *name, const char *dir, const char *file)
{
    bool style = strcmp(name, "style") == 0;
    dcr_buf b = {0};
    if (bad(h))
        return;
    if (!style && strcmp(name, "script") != 0) {
        dcr_fail(&h->err, DCR_EARG, name, "not a file of the program");
        return;
    }
    /* "./" first, so that no name of a folder is taken for a scheme. */
    dcr_buf_str(&b, style ? "<link rel=\"stylesheet\" href=\"./" : "<script src=\"./");
    add_path(&b, dir);
    dcr_buf_str(&b, "/");
    add_path(&b, file);
    dcr_buf_str(&b, style ? "\"/>" : "\"></script>");
    if (b.failed)
        dcr_nomem(&h->err);
    else
        took(h, xmlTextWriterWriteRaw(h->w, x(b.p)));
    dcr_buf_clear(&b);
}
