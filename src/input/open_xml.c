/* XML text, among it CDA documents and XMP: text and attributes by the names of the
 * elements they stand in; namespaces and places among brothers do not count.  No
 * declaration is acted upon, so that nothing is fetched or expanded.  What is not XML
 * ends it. */
#include <string.h>

#include "buf.h"
#include "open.h"
#include "trail.h"

typedef struct xml {
    const uint8_t *p;
    size_t n, at;
    dcr_trail names;
    dcr_buf text; /* of the element in hand, up to the next tag */
    const dcr_open_sink *to;
} xml;

static bool is_name(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;
}

static bool name_goes_on(uint8_t c)
{
    return is_name(c) || (c >= '0' && c <= '9') || c == ':' || c == '-' || c == '.';
}

/* UTF-16 with or without a mark: 1 little, 2 big, 0 neither. */
static int wide(const uint8_t *p, size_t n)
{
    if (n < 4)
        return 0;
    if (memcmp(p, "\xFF\xFE<\0", 4) == 0 || memcmp(p, "<\0?\0", 4) == 0)
        return 1;
    return memcmp(p, "\xFE\xFF\0<", 4) == 0 ? 2 : 0;
}

/* "<?xml", a comment or declaration, or an element with a '>' in sight. */
static bool sniffs(const uint8_t *p, size_t n, uint64_t total)
{
    size_t at = dcr_open_blanks(p, n);
    (void)total;
    if (wide(p, n) != 0)
        return true;
    if (n - at < 4 || p[at] != '<' || memchr(p + at, '>', n - at) == NULL)
        return false;
    return memcmp(p + at, "<?xm", 4) == 0 || memcmp(p + at, "<!--", 4) == 0 ||
           memcmp(p + at, "<!DO", 4) == 0 || memcmp(p + at, "<?xp", 4) == 0 ||
           is_name(p[at + 1]);
}

/* Length of the local part of a name, which begins at *p afterwards. */
static size_t local(const uint8_t **p, size_t n)
{
    const uint8_t *colon = memchr(*p, ':', n);
    if (colon == NULL || colon + 1 == *p + n)
        return n;
    n -= (size_t)(colon + 1 - *p);
    *p = colon + 1;
    return n;
}

static size_t name_length(const xml *x)
{
    size_t k = 0;
    while (x->at + k < x->n && name_goes_on(x->p[x->at + k]))
        k++;
    return k;
}

/* ---- text ---- */

static uint32_t number(const uint8_t *p, size_t n)
{
    uint32_t v = 0, base = n > 1 && (p[0] | 0x20) == 'x' ? 16 : 10;
    for (size_t i = base == 16; i < n && v < 0x110000; i++) {
        uint8_t c = p[i];
        if (c >= '0' && c <= '9')
            v = v * base + (c - '0');
        else if (base == 16 && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            v = v * base + ((c | 0x20) - 'a') + 10u;
        else
            return 0xFFFD;
    }
    return v;
}

/* An entity at p, which begins with '&'; how long it is, 0 when it is none. */
static size_t entity(dcr_buf *out, const uint8_t *p, size_t n)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    const uint8_t *end = memchr(p, ';', n < 12 ? n : 12);
    size_t k = end == NULL ? 0 : (size_t)(end - p - 1);
    if (k == 0)
        return 0;
    if (p[1] == '#') {
        dcr_open_utf8(out, number(p + 2, k - 1));
        return k + 2;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i].name) == k && memcmp(known[i].name, p + 1, k) == 0) {
            dcr_buf_char(out, known[i].c);
            return k + 2;
        }
    }
    return 0;
}

static void add_text(dcr_buf *out, const uint8_t *p, size_t n)
{
    while (n > 0) {
        const uint8_t *amp = memchr(p, '&', n);
        size_t k = amp == NULL ? n : (size_t)(amp - p);
        dcr_buf_add(out, p, k);
        p += k;
        n -= k;
        if (n > 0) {
            k = entity(out, p, n);
            if (k == 0) {
                dcr_buf_char(out, '&');
                k = 1;
            }
            p += k;
            n -= k;
        }
    }
}

/* Tells the text in hand, without blanks around it. */
static dcr_status tell(xml *x, const char *last)
{
    char name[DCR_OPEN_MAX_NAME + 1];
    size_t from = 0;
    dcr_status s = DCR_OK;
    while (from < x->text.n && dcr_open_is_blank((uint8_t)x->text.p[from]))
        from++;
    if (x->text.failed)
        return DCR_ENOMEM;
    if (from < x->text.n)
        s = dcr_open_text(x->to, dcr_trail_name(&x->names, last, name),
                          (const uint8_t *)x->text.p + from, x->text.n - from);
    x->text.n = 0;
    return s;
}

/* ---- tags ---- */

/* The value of an attribute into x->text; false when there is none. */
static bool attribute_value(xml *x)
{
    const uint8_t *end;
    uint8_t quote;
    while (x->at < x->n && dcr_open_is_blank(x->p[x->at]))
        x->at++;
    if (x->at >= x->n || x->p[x->at] != '=')
        return false;
    for (x->at++; x->at < x->n && dcr_open_is_blank(x->p[x->at]);)
        x->at++;
    if (x->at >= x->n || (x->p[x->at] != '"' && x->p[x->at] != '\''))
        return false;
    quote = x->p[x->at++];
    end = memchr(x->p + x->at, quote, x->n - x->at);
    if (end == NULL)
        return false;
    add_text(&x->text, x->p + x->at, (size_t)(end - (x->p + x->at)));
    x->at = (size_t)(end - x->p) + 1;
    return true;
}

/* Elements that say by an attribute what they are about: the native DICOM model of PS3.19
 * and what tools (dcm2xml, dcm4che, image formats of slide scanners) write. */
static bool names_element(const uint8_t *element, size_t n, const char *attribute)
{
    static const char *const pairs[][2] = {
        {"DicomAttribute", "keyword"}, {"DicomAttribute", "tag"}, {"element", "name"},
        {"attr", "keyword"},           {"attr", "tag"},           {"Attribute", "Name"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (strlen(pairs[i][0]) == n && memcmp(pairs[i][0], element, n) == 0 &&
            strcmp(pairs[i][1], attribute) == 0)
            return true;
    return false;
}

static bool is_one(const char *name, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(name, *list) == 0)
            return true;
    return false;
}

/* An attribute at x->at; false when it is none. */
static bool attribute(xml *x, const uint8_t *element, size_t m, dcr_status *s)
{
    static const char *const say_nothing[] = {"xmlns", "schemaLocation", "type",
                                              "noNamespaceSchemaLocation", NULL};
    char name[DCR_OPEN_MAX_NAME + 1];
    const uint8_t *p = x->p + x->at;
    size_t k = name_length(x), n;
    bool space = k > 6 && memcmp(p, "xmlns:", 6) == 0;
    if (k == 0)
        return false;
    x->at += k;
    n = local(&p, k);
    if (!dcr_open_name(name, p, n > DCR_TRAIL_PART ? DCR_TRAIL_PART : n))
        return false;
    x->text.n = 0;
    if (!attribute_value(x))
        return false;
    if (names_element(element, m, name)) {
        dcr_trail_pop(&x->names);
        dcr_trail_push(&x->names, (const uint8_t *)x->text.p, x->text.n);
    } else if (!space && !is_one(name, say_nothing))
        *s = tell(x, name);
    x->text.n = 0;
    return true;
}

/* "<name ...>": false when it is none. */
static bool start_tag(xml *x, dcr_status *s)
{
    const uint8_t *p = x->p + ++x->at;
    size_t k = name_length(x), n;
    bool empty = false;
    if (k == 0 || !is_name(p[0]))
        return false;
    x->at += k;
    n = local(&p, k);
    dcr_trail_push(&x->names, p, n);
    while (*s == DCR_OK) {
        while (x->at < x->n && dcr_open_is_blank(x->p[x->at]))
            x->at++;
        if (x->at >= x->n)
            return false;
        if (x->p[x->at] == '>')
            break;
        if (x->p[x->at] == '/') {
            empty = true;
            x->at++;
        } else if (!attribute(x, p, n, s)) {
            return false;
        }
    }
    x->at++;
    if (empty)
        dcr_trail_pop(&x->names);
    return true;
}

/* Past the next `mark`; false when there is none. */
static bool past(xml *x, const char *mark)
{
    size_t k = strlen(mark);
    const uint8_t *q = memmem(x->p + x->at, x->n - x->at, mark, k);
    if (q == NULL)
        return false;
    x->at = (size_t)(q - x->p) + k;
    return true;
}

static bool starts(const xml *x, const char *mark)
{
    size_t k = strlen(mark);
    return x->n - x->at >= k && memcmp(x->p + x->at, mark, k) == 0;
}

/* A tag, comment or section at x->at, where '<' is; false at what makes no sense. */
static bool markup(xml *x, dcr_status *s)
{
    size_t from;
    if (starts(x, "<![CDATA[")) {
        from = x->at += 9;
        if (!past(x, "]]>"))
            return false;
        dcr_buf_add(&x->text, x->p + from, x->at - 3 - from);
        return true;
    }
    if (starts(x, "<!--")) {
        from = x->at += 4;
        if (!past(x, "-->"))
            return false;
        *s = tell(x, NULL);
        if (*s == DCR_OK) {
            dcr_buf_add(&x->text, x->p + from, x->at - 3 - from);
            *s = tell(x, "comment");
        }
        return true;
    }
    if (starts(x, "<?"))
        return past(x, "?>");
    if (starts(x, "<!"))
        return past(x, ">");
    *s = tell(x, NULL);
    if (*s != DCR_OK)
        return false;
    if (starts(x, "</")) {
        dcr_trail_pop(&x->names);
        return past(x, ">");
    }
    return start_tag(x, s);
}

static dcr_status parse(xml *x)
{
    dcr_status s = DCR_OK;
    x->at = dcr_open_blanks(x->p, x->n);
    while (x->at < x->n && s == DCR_OK) {
        const uint8_t *lt = memchr(x->p + x->at, '<', x->n - x->at);
        size_t k = lt == NULL ? x->n - x->at : (size_t)(lt - (x->p + x->at));
        if (x->names.depth > 0)
            add_text(&x->text, x->p + x->at, k);
        x->at += k;
        if (x->at < x->n && !markup(x, &s))
            break;
    }
    if (s == DCR_OK && x->names.depth > 0)
        s = tell(x, NULL);
    return x->text.failed ? DCR_ENOMEM : s;
}

static dcr_status open_xml(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    xml x = {.p = p, .n = n, .to = to};
    dcr_buf narrow = {0};
    dcr_status s;
    int w = wide(p, n);
    if (w != 0) {
        size_t mark = p[0] != '<' ? 2 : 0;
        dcr_open_utf16(&narrow, p + mark, n - mark, w == 2);
        x.p = (const uint8_t *)narrow.p;
        x.n = narrow.n;
    }
    s = narrow.failed ? DCR_ENOMEM : parse(&x);
    dcr_buf_clear(&narrow);
    dcr_buf_clear(&x.text);
    return s;
}

const dcr_opener dcr_open_xml = {.name = "xml",
                                 .version = "2",
                                 .sniffs = sniffs,
                                 .first = "<\xEF\xFE\xFF \t\n\v\f\r",
                                 .n_first = 10,
                                 .least = 8,
                                 .open = open_xml};
