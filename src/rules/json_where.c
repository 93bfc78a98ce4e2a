#include "json_where.h"

#include <string.h>

enum { END_TOO_EARLY = 0 }; /* in by_message */
enum { DEEPEST = 16 };      /* of the places we name: our tables nest no deeper */

static const char *blank(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

/* Behind the string that starts at p. */
static const char *past_string(const char *p)
{
    for (p++; *p != '\0' && *p != '"'; p++)
        if (*p == '\\' && p[1] != '\0')
            p++;
    return *p == '\0' ? p : p + 1;
}

/* Behind the value that starts at p. */
static const char *past(const char *p)
{
    size_t depth = 0;
    do {
        p = blank(p);
        if (*p == '"') {
            p = past_string(p);
        } else if (*p == '{' || *p == '[') {
            depth++;
            p++;
        } else if (*p == '}' || *p == ']') {
            depth--;
            p++;
        } else if (depth > 0 && (*p == ',' || *p == ':')) {
            p++;
        } else {
            p += strcspn(p, ",:]} \t\r\n");
        }
    } while (depth > 0 && *p != '\0');
    return p;
}

/* The member's value in the object at p, and its key; NULL when it has none. */
static const char *member(const char *p, const char *key, const char **at_key)
{
    size_t n = strlen(key);
    if (*p != '{')
        return NULL;
    for (p = blank(p + 1); *p == '"';) {
        const char *name = p, *value;
        p = past_string(p);
        value = blank(p);
        value = *value == ':' ? blank(value + 1) : value;
        if ((size_t)(p - name) == n + 2 && memcmp(name + 1, key, n) == 0) {
            *at_key = name;
            return value;
        }
        p = blank(past(value));
        p = *p == ',' ? blank(p + 1) : p;
    }
    return NULL;
}

static const char *element(const char *p, size_t index)
{
    if (*p != '[')
        return NULL;
    for (p = blank(p + 1); *p != '\0' && *p != ']'; index--) {
        if (index == 0)
            return p;
        p = blank(past(p));
        p = *p == ',' ? blank(p + 1) : p;
    }
    return NULL;
}

long dcr_json_line(const char *text, const dcr_place *at, const char *key)
{
    const dcr_place *way[DEEPEST];
    const char *p = blank(text), *name = NULL, *stop;
    size_t n = 0;
    long line = 1;
    for (; at != NULL && n < DEEPEST; at = at->up)
        way[n++] = at;
    while (n > 0 && p != NULL) {
        n--;
        name = NULL;
        p = way[n]->key != NULL ? member(p, way[n]->key, &name)
                                : element(p, way[n]->index);
    }
    if (p == NULL)
        return 0;
    stop = name == NULL ? p : name;
    if (key != NULL && member(p, key, &name) != NULL)
        stop = name;
    for (p = text; p < stop; p++)
        line += *p == '\n';
    return line;
}

const char *dcr_json_member_text(const char *text, const char *key, size_t *n)
{
    const char *name, *p = member(blank(text), key, &name);
    if (p == NULL || *p != '"')
        return NULL;
    *n = strcspn(p + 1, "\"\\");
    return p[1 + *n] == '"' ? p + 1 : NULL;
}

/* ---- advice ---------------------------------------------------------------------------
 */

/* The last byte before p that is no blank. */
static char before(const char *text, const char *p)
{
    while (p > text && strchr(" \t\r\n", p[-1]) != NULL)
        p--;
    return p > text ? p[-1] : '\0';
}

/* Starts of jansson's messages, and what to do. */
static const struct {
    const char *expected, *advice;
} by_message[] = {
    {"premature end", "the file ends too early: write the closing } or ]"},
    {"duplicate object key", "a key stands twice in one object: keep one of them"},
    {"unable to decode", "this is not UTF-8: save the file as UTF-8"},
    {"control character", "a line break or tab in a text: write \\n or \\t"},
    {"invalid escape", "a \\ in a text: write \\\\ for the character itself"},
    {"invalid Unicode", "a \\u in a text needs four hexadecimal digits"},
    {"too big", "this number is too large"},
    {"real number overflow", "this number is too large"},
    {"end of file expected", "text behind the end: a file is one object, {...}"},
    {"'[' or '{' expected", "a file is one object: write {...}"},
    {"':' expected", "write a : between key and value"},
    {"string or '}' expected", "write a key in double quotes here"},
};

const char *dcr_json_advice(const char *text, size_t n, const char *expected, size_t at)
{
    const char *p = text + (at < n ? at : n), *token = p > text ? p - 1 : p;
    char last = before(text, token);
    if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        return "the file starts with a byte order mark: save it as UTF-8 without one";
    if (text[strspn(text, " \t\r\n")] == '\0')
        return "the file is empty: write {...}";
    if (*token == '\'')
        return "write double quotes \" in place of single ones";
    if (*token == '/' || *token == '#')
        return "JSON has no comments: write them into the key \"note\"";
    if (last == ',' && (*token == '}' || *token == ']'))
        return "no comma stands before a closing } or ]: remove it";
    if (*blank(p) == '\0' && *token != '}' && *token != ']')
        return by_message[END_TOO_EARLY].advice;
    for (size_t i = 0; i < sizeof by_message / sizeof *by_message; i++)
        if (strncmp(expected, by_message[i].expected, strlen(by_message[i].expected)) ==
            0)
            return by_message[i].advice;
    if (strncmp(expected, "'}' expected", 12) == 0 ||
        strncmp(expected, "']' expected", 12) == 0)
        return "write a comma between this and what stands before it";
    return "write text in double quotes, a number, true, false, null, [...] or {...} "
           "here";
}
