/* JSON text: strings, numbers and truth values by the names they stand under; arrays do
 * not count.  What is not JSON ends it. */
#include <string.h>

#include "buf.h"
#include "open.h"
#include "trail.h"

typedef struct json {
    const uint8_t *p;
    size_t n, at;
    dcr_trail names;
    uint8_t open[DCR_TRAIL_DEPTH]; /* '{' or '[', from outside */
    size_t depth;
    dcr_buf text;
    const dcr_open_sink *to;
} json;

static size_t blanks(const uint8_t *p, size_t n, size_t at)
{
    while (at < n && dcr_open_is_blank(p[at]))
        at++;
    return at;
}

/* A brace with a name in it, or a bracket with a brace, bracket or string in it: other
 * text in brackets is not ours ("[LOWER LEG", "{SUVbw}g/ml"). */
static bool sniffs(const uint8_t *p, size_t n, uint64_t total)
{
    size_t at = dcr_open_blanks(p, n), next;
    (void)total;
    if (at >= n)
        return false;
    next = blanks(p, n, at + 1);
    if (next >= n)
        return false;
    if (p[at] == '{')
        return p[next] == '"';
    return p[at] == '[' && (p[next] == '{' || p[next] == '[' || p[next] == '"');
}

static int hex4(const uint8_t *p)
{
    int v = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t c = p[i];
        if (c >= '0' && c <= '9')
            v = v * 16 + (c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            v = v * 16 + ((c | 0x20) - 'a') + 10;
        else
            return -1;
    }
    return v;
}

/* The character behind "\u"; false when it is none. */
static bool unicode(json *j)
{
    uint32_t c;
    int v, low;
    if (j->n - j->at < 4 || (v = hex4(j->p + j->at)) < 0)
        return false;
    j->at += 4;
    c = (uint32_t)v;
    if (c >= 0xD800 && c < 0xDC00 && j->n - j->at >= 6 && j->p[j->at] == '\\' &&
        j->p[j->at + 1] == 'u' && (low = hex4(j->p + j->at + 2)) >= 0xDC00 &&
        low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
        j->at += 6;
    }
    dcr_open_utf8(&j->text, c);
    return true;
}

/* The string whose first quote is at j->at, into j->text; false when it does not end. */
static bool string(json *j)
{
    static const char plain[] = "\"\\/bfnrt", stands_for[] = "\"\\/\b\f\n\r\t";
    j->text.n = 0;
    dcr_buf_str(&j->text, "");
    for (j->at++; j->at < j->n;) {
        size_t from = j->at;
        const char *e;
        while (j->at < j->n && j->p[j->at] != '"' && j->p[j->at] != '\\')
            j->at++;
        dcr_buf_add(&j->text, j->p + from, j->at - from);
        if (j->at < j->n && j->p[j->at] == '"') {
            j->at++;
            return true;
        }
        if (j->n - j->at < 2)
            return false;
        j->at += 2;
        e = strchr(plain, j->p[j->at - 1]);
        if (j->p[j->at - 1] == 'u') {
            if (!unicode(j))
                return false;
        } else if (e == NULL || *e == 0) {
            return false;
        } else {
            dcr_buf_char(&j->text, stands_for[e - plain]);
        }
    }
    return false;
}

static dcr_status tell(json *j, const uint8_t *p, size_t n)
{
    char name[DCR_OPEN_MAX_NAME + 1];
    return n == 0 ? DCR_OK
                  : dcr_open_text(j->to, dcr_trail_name(&j->names, NULL, name), p, n);
}

/* A number, true, false or null; false when it is none. */
static bool word(json *j, dcr_status *s)
{
    size_t from = j->at;
    while (j->at < j->n &&
           ((j->p[j->at] >= '0' && j->p[j->at] <= '9') ||
            (j->p[j->at] >= 'a' && j->p[j->at] <= 'z') || j->p[j->at] == 'E' ||
            j->p[j->at] == '+' || j->p[j->at] == '-' || j->p[j->at] == '.'))
        j->at++;
    if (j->at == from)
        return false;
    if (j->p[from] != 'n')
        *s = tell(j, j->p + from, j->at - from);
    return true;
}

static bool in_object(const json *j)
{
    return j->depth > 0 && j->open[j->depth - 1] == '{';
}

/* A value ended: its name goes. */
static void value_done(json *j)
{
    if (in_object(j))
        dcr_trail_pop(&j->names);
}

/* "name": in an object; false when there is none. */
static bool member(json *j)
{
    if (j->p[j->at] != '"' || !string(j))
        return false;
    dcr_trail_push(&j->names, (const uint8_t *)j->text.p, j->text.n);
    j->at = blanks(j->p, j->n, j->at);
    if (j->at >= j->n || j->p[j->at] != ':')
        return false;
    j->at = blanks(j->p, j->n, j->at + 1);
    return j->at < j->n;
}

/* What stands at j->at; false at the end, and where it makes no sense. */
static bool step(json *j, dcr_status *s)
{
    uint8_t c = j->p[j->at];
    if (c == '}' || c == ']') {
        if (j->depth == 0 || (c == '}') != in_object(j))
            return false;
        j->depth--;
        j->at++;
        value_done(j);
        return j->depth > 0;
    }
    if (c == ',') {
        j->at++;
        return j->depth > 0;
    }
    if (in_object(j)) {
        if (!member(j))
            return false;
        c = j->p[j->at];
    }
    if (c == '{' || c == '[') {
        if (j->depth == DCR_TRAIL_DEPTH) {
            j->to->cut(j->to->ctx);
            return false;
        }
        j->open[j->depth++] = c;
        j->at++;
        return true;
    }
    if (c == '"') {
        if (!string(j))
            return false;
        *s = tell(j, (const uint8_t *)j->text.p, j->text.n);
    } else if (!word(j, s)) {
        return false;
    }
    value_done(j);
    return true;
}

static dcr_status open_json(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    json j = {.p = p, .n = n, .to = to};
    dcr_status s = DCR_OK;
    j.at = dcr_open_blanks(p, n);
    while (j.at < n && s == DCR_OK && step(&j, &s))
        j.at = blanks(p, n, j.at);
    if (j.text.failed)
        s = DCR_ENOMEM;
    dcr_buf_clear(&j.text);
    return s;
}

const dcr_opener dcr_open_json = {.name = "json",
                                  .version = "2",
                                  .sniffs = sniffs,
                                  .first = "{[\xEF \t\n\v\f\r",
                                  .n_first = 9,
                                  .least = 6,
                                  .open = open_json};
