/* RTF documents: their text.  Tables of fonts, colours and styles, pictures, and what
 * says of itself that it may be left out ("\*") hold none. */
#include <string.h>

#include "open.h"

enum { DEPTH = 128, WORD = 24, MOST = 256 * 1024 };

typedef struct rtf {
    const uint8_t *p;
    size_t n, at;
    bool skip[DEPTH]; /* by group: nothing in it is text */
    size_t depth;
    int after_unicode; /* characters that stand in for one, to be left out */
    dcr_buf text;
} rtf;

static bool sniffs(const uint8_t *p, size_t n, uint64_t total)
{
    (void)total;
    return n >= 6 && memcmp(p, "{\\rtf", 5) == 0;
}

static void add(rtf *r, uint32_t c)
{
    if (r->after_unicode > 0)
        r->after_unicode--;
    else if (r->depth > 0 && !r->skip[r->depth - 1])
        dcr_open_utf8(&r->text, c);
}

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool no_text(const char *word)
{
    static const char *const list[] = {"fonttbl", "colortbl",  "stylesheet", "pict",
                                       "object",  "themedata", "listtable"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strcmp(list[i], word) == 0)
            return true;
    return false;
}

static void act(rtf *r, const char *word, long value)
{
    if (no_text(word) && r->depth > 0)
        r->skip[r->depth - 1] = true;
    else if (strcmp(word, "par") == 0 || strcmp(word, "line") == 0 ||
             strcmp(word, "row") == 0)
        add(r, '\n');
    else if (strcmp(word, "tab") == 0 || strcmp(word, "cell") == 0)
        add(r, '\t');
    else if (strcmp(word, "u") == 0) {
        add(r, (uint32_t)(value < 0 ? value + 65536 : value));
        r->after_unicode = 1;
    }
}

/* A control word or symbol; r->at stands behind the backslash. */
static void control(rtf *r)
{
    char word[WORD];
    size_t k = 0;
    long value = 0;
    bool minus;
    uint8_t c = r->p[r->at];
    if (c == '\'' && r->n - r->at >= 3) {
        int hi = hex(r->p[r->at + 1]), lo = hex(r->p[r->at + 2]);
        r->at += 3;
        if (hi >= 0 && lo >= 0)
            add(r, (uint32_t)(hi * 16 + lo));
        return;
    }
    if ((c | 0x20) < 'a' || (c | 0x20) > 'z') {
        r->at++;
        if (c == '*' && r->depth > 0)
            r->skip[r->depth - 1] = true;
        else if (c == '\\' || c == '{' || c == '}')
            add(r, c);
        else if (c == '~')
            add(r, ' ');
        return;
    }
    for (; r->at < r->n && (r->p[r->at] | 0x20) >= 'a' && (r->p[r->at] | 0x20) <= 'z';
         r->at++)
        if (k < WORD - 1)
            word[k++] = (char)r->p[r->at];
    word[k] = 0;
    minus = r->at < r->n && r->p[r->at] == '-';
    r->at += minus;
    for (; r->at < r->n && r->p[r->at] >= '0' && r->p[r->at] <= '9'; r->at++)
        value = value < 100000 ? value * 10 + (r->p[r->at] - '0') : value;
    r->at += r->at < r->n && r->p[r->at] == ' ';
    act(r, word, minus ? -value : value);
}

/* False where it ends. */
static bool step(rtf *r)
{
    uint8_t c = r->p[r->at++];
    if (c == '{') {
        if (r->depth == DEPTH)
            return false;
        r->skip[r->depth] = r->depth > 0 && r->skip[r->depth - 1];
        r->depth++;
    } else if (c == '}') {
        if (r->depth == 0 || --r->depth == 0)
            return false;
        r->after_unicode = 0;
    } else if (c == '\\' && r->at < r->n) {
        control(r);
    } else if (c != '\r' && c != '\n' && c != 0) {
        add(r, c);
    }
    return true;
}

static dcr_status open_rtf(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    rtf r = {.p = p, .n = n};
    dcr_status s;
    while (r.at < n && r.text.n <= MOST && step(&r))
        ;
    if (r.text.n > MOST)
        to->cut(to->ctx);
    s = r.text.failed ? DCR_ENOMEM
                      : dcr_open_text(to, "content", (const uint8_t *)r.text.p, r.text.n);
    dcr_buf_clear(&r.text);
    return s;
}

const dcr_opener dcr_open_rtf = {.name = "rtf",
                                 .version = "1",
                                 .sniffs = sniffs,
                                 .first = "{",
                                 .n_first = 1,
                                 .least = 6,
                                 .open = open_rtf};
