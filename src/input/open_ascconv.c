/* Siemens MR protocols: text between "### ASCCONV BEGIN ... ###" and "### ASCCONV END
 * ###", with lines "name.part[3].leaf = value", and around it XProtocol, of which
 * parameters with a value are told (nipy.org/nibabel describes where it lies).
 *
 * A protocol has hundreds of numbers.  So that paths stay few and the same, indexes fall
 * away and values of one name come as one, behind each other; numbers inside a structure
 * come together under the structure's name.  Text, numbers that stand alone, and what has
 * a patient in its name keep their own. */
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "dict.h"
#include "open.h"

enum { NAME = 256, MAX_LINES = 100000, MAX_BLOCKS = 8, NONE = UINT32_MAX };

typedef struct line { /* a value of a name, and the next one of the same */
    const uint8_t *p;
    size_t n;
    uint32_t next;
} line;

typedef struct group { /* a name with its values */
    uint32_t first, last;
} group;

typedef struct protocol {
    dcr_dict names;
    group *group;
    line *line;
    size_t cap_groups, n_lines, cap_lines;
    uint32_t last; /* name of the line before: most have the same */
    bool full;
} protocol;

static const char begin_mark[] = "### ASCCONV BEGIN", end_mark[] = "### ASCCONV END",
                  x_mark[] = "<XProtocol>";

static bool wants(const dcr_open_place *at)
{
    if (at->found != NULL)
        return strcmp(at->found, "csa/MrPhoenixProtocol") == 0 ||
               strcmp(at->found, "csa/MrProtocol") == 0;
    return at->creator != NULL && at->group == 0x0021 &&
           ((strcmp(at->creator, "SIEMENS MR SDS 01") == 0 && at->element == 0x19) ||
            (strcmp(at->creator, "SIEMENS MR SDI PHOENIXZIP") == 0 &&
             at->element == 0x01));
}

static bool sniffs(const uint8_t *p, size_t n, uint64_t total)
{
    size_t at = dcr_open_blanks(p, n);
    (void)total;
    return (n - at >= sizeof begin_mark &&
            memcmp(p + at, begin_mark, sizeof begin_mark - 1) == 0) ||
           (n - at >= sizeof x_mark && memcmp(p + at, x_mark, sizeof x_mark - 1) == 0);
}

/* ---- names and values ---- */

static uint32_t name_id(protocol *a, const char *name, size_t m)
{
    const dcr_dict_entry *e = &a->names.entry[a->last];
    if (a->last >= a->names.n || e->n != m || memcmp(e->p, name, m) != 0)
        a->last = dcr_dict_add(&a->names, name, m, 0);
    return a->last;
}

static bool add(protocol *a, const char *name, size_t m, const uint8_t *p, size_t n)
{
    uint32_t before = a->names.n, id;
    if (a->n_lines >= MAX_LINES) {
        a->full = true;
        return true;
    }
    id = name_id(a, name, m);
    if (id == DCR_DICT_NONE ||
        !dcr_grow(&a->group, &a->cap_groups, (size_t)id + 1, sizeof *a->group) ||
        !dcr_grow(&a->line, &a->cap_lines, a->n_lines + 1, sizeof *a->line))
        return false;
    a->line[a->n_lines] = (line){p, n, NONE};
    if (id >= before)
        a->group[id] = (group){NONE, NONE};
    if (a->group[id].first == NONE)
        a->group[id].first = (uint32_t)a->n_lines;
    else
        a->line[a->group[id].last].next = (uint32_t)a->n_lines;
    a->group[id].last = (uint32_t)a->n_lines++;
    return true;
}

static void trim(const uint8_t **p, size_t *n)
{
    while (*n > 0 && dcr_open_is_blank((*p)[*n - 1]))
        --*n;
    while (*n > 0 && dcr_open_is_blank(**p)) {
        ++*p;
        --*n;
    }
}

/* Takes quotes off, which are doubled where the protocol stands in a string; true when
 * there were any. */
static bool unquote(const uint8_t **p, size_t *n)
{
    bool quoted = *n > 0 && **p == '"';
    while (*n > 0 && **p == '"') {
        ++*p;
        --*n;
    }
    while (quoted && *n > 0 && (*p)[*n - 1] == '"')
        --*n;
    return quoted;
}

static bool has(const char *p, size_t n, const char word[7])
{
    const char *q;
    while (n >= 7 && (q = memchr(p, word[0], n - 6)) != NULL) {
        if (memcmp(q, word, 7) == 0)
            return true;
        n -= (size_t)(q + 1 - p);
        p = q + 1;
    }
    return false;
}

/* No blank, control or byte above plain ASCII; eight at a time, as keys are most of a
 * protocol. */
static bool is_key(const uint8_t *p, size_t n)
{
    uint64_t x, bad = 0;
    for (; n >= sizeof x; p += sizeof x, n -= sizeof x) {
        memcpy(&x, p, sizeof x);
        bad |= (x - 0x2121212121212121ull) | (x + 0x0101010101010101ull) | x;
    }
    for (; n > 0; p++, n--)
        bad |= *p <= ' ' || *p >= 0x7F ? 0x80u : 0u;
    return (bad & 0x8080808080808080ull) == 0;
}

/* The name of a key without its indexes; 0 when it is none. */
static size_t collapse(const uint8_t *p, size_t n, bool text, char out[NAME])
{
    size_t k = 0;
    const char *dot;
    while (n > 0 && k < NAME - 1) {
        const uint8_t *index = memchr(p, '[', n), *end;
        size_t piece = index == NULL ? n : (size_t)(index - p);
        piece = piece > NAME - 1 - k ? NAME - 1 - k : piece;
        if (!is_key(p, piece))
            return 0;
        memcpy(out + k, p, piece);
        k += piece;
        p += piece;
        n -= piece;
        if (n == 0 || k == NAME - 1)
            break;
        end = memchr(p, ']', n);
        piece = end == NULL ? n : (size_t)(end + 1 - p);
        if (!is_key(p, piece))
            return 0;
        p += piece;
        n -= piece;
    }
    dot = text || k < 2 ? NULL : memchr(out + 1, '.', k - 1);
    return dot == NULL || has(out, k, "Patient") || has(out, k, "patient")
               ? k
               : (size_t)(dot - out);
}

static bool assignment(protocol *a, const uint8_t *p, size_t n)
{
    char name[NAME];
    const uint8_t *eq = memchr(p, '=', n), *value;
    size_t m, length;
    bool text;
    if (eq == NULL)
        return true;
    value = eq + 1;
    length = n - (size_t)(value - p);
    m = (size_t)(eq - p);
    trim(&p, &m);
    trim(&value, &length);
    text = unquote(&value, &length);
    m = collapse(p, m, text, name);
    return m == 0 || add(a, name, m, value, length);
}

static bool block(protocol *a, const uint8_t *p, size_t n)
{
    while (n > 0) {
        const uint8_t *end = memchr(p, '\n', n);
        size_t k = end == NULL ? n : (size_t)(end - p);
        if (!assignment(a, p, k))
            return false;
        k += end != NULL;
        p += k;
        n -= k;
    }
    return true;
}

/* ---- XProtocol ---- */

/* Behind the string in quotes at p; two quotes are an empty one, or one whose quotes are
 * doubled. */
static size_t string_end(const uint8_t *p, size_t n)
{
    size_t i = 0, quotes;
    const uint8_t *end;
    while (i < n && p[i] == '"')
        i++;
    quotes = i;
    if (quotes % 2 == 0 && (i >= n || p[i] <= ' ' || p[i] == '}'))
        return i;
    end = memchr(p + i, '"', n - i);
    if (end == NULL)
        return n;
    i = (size_t)(end - p);
    while (i < n && p[i] == '"' && i - (size_t)(end - p) < quotes)
        i++;
    return i;
}

/* Behind the tag, string or word at p; each of them stops at the next tag, so that
 * nothing is looked at again and again. */
static size_t token_end(const uint8_t *p, size_t n)
{
    size_t i = 1;
    if (p[0] == '"')
        return string_end(p, n);
    if (p[0] == '<') {
        while (i < n && p[i] != '>' && p[i] != '<')
            i++;
        return i < n && p[i] == '>' ? i + 1 : i;
    }
    while (i < n && !dcr_open_is_blank(p[i]) && p[i] != '}' && p[i] != '<')
        i++;
    return i;
}

static bool is_number(uint8_t c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
}

/* The last value between the braces at p, where tags such as <Visible> have one each. */
static bool param_value(const uint8_t *p, size_t n, const uint8_t **value, size_t *length)
{
    bool found = false, of_tag = false;
    for (size_t i = 0, k; i < n && p[i] != '}' && p[i] != '{'; i += k) {
        k = 1;
        if (dcr_open_is_blank(p[i]))
            continue;
        k = token_end(p + i, n - i);
        if (p[i] == '<' && k > 6 && memcmp(p + i, "<Param", 6) == 0)
            break;
        if (p[i] != '<' && !of_tag) {
            *value = p + i;
            *length = k;
            found = unquote(value, length) || is_number(p[i]);
            if (!found || (*length > 0 && **value == '<'))
                return false; /* a protocol in a string: it is looked at by itself */
        }
        of_tag = p[i] == '<';
    }
    return found;
}

/* Past the name in <ParamString."Name"> and the brace behind it; 0 when it is none. */
static size_t param_name(const uint8_t *p, size_t n, const char **name, size_t *m)
{
    size_t i = 6, from;
    while (i < n && p[i] >= 'A' && p[i] <= 'z' && p[i] != '<')
        i++;
    if (i >= n || p[i++] != '.')
        return 0;
    while (i < n && p[i] == '"')
        i++;
    for (from = i; i < n && i - from < NAME && p[i] != '"' && p[i] != '<' && p[i] > ' ';)
        i++;
    if (i >= n || p[i] != '"' || i == from)
        return 0;
    *name = (const char *)p + from;
    *m = i - from;
    while (i < n && (p[i] == '"' || p[i] == '>' || dcr_open_is_blank(p[i])))
        i++;
    return i < n && p[i] == '{' ? i + 1 : 0;
}

static bool param(protocol *a, const uint8_t *p, size_t n)
{
    enum { LOOK = 4096 };
    const char *name;
    const uint8_t *value;
    size_t m, length, i;
    n = n > LOOK ? LOOK : n;
    i = param_name(p, n, &name, &m);
    if (i == 0 || !param_value(p + i, n - i, &value, &length) || length == 0)
        return true;
    return add(a, name, m, value, length);
}

static bool params(protocol *a, const uint8_t *p, size_t n)
{
    size_t at = 0;
    while (at < n) {
        const uint8_t *q = memchr(p + at, '<', n - at);
        if (q == NULL)
            break;
        at = (size_t)(q - p);
        if (n - at >= 8 && memcmp(q, "<Param", 6) == 0 && !param(a, q, n - at))
            return false;
        at++;
    }
    return true;
}

/* ---- out ---- */

/* What falls away at the begin of a name that is too long: whole parts of it. */
static size_t cut_name(const char *name, size_t n)
{
    size_t over = n > DCR_OPEN_MAX_NAME ? n - DCR_OPEN_MAX_NAME : 0;
    const char *dot = over == 0 ? NULL : memchr(name + over - 1, '.', n - over);
    return dot == NULL ? over : (size_t)(dot + 1 - name);
}

static dcr_status tell(const protocol *a, const dcr_open_sink *to)
{
    dcr_buf b = {0};
    dcr_status s = DCR_OK;
    for (uint32_t i = 0; i < a->names.n && s == DCR_OK; i++) {
        char name[DCR_OPEN_MAX_NAME + 1];
        const dcr_dict_entry *e = &a->names.entry[i];
        size_t over = cut_name(e->p, e->n);
        const line *before = NULL;
        b.n = 0;
        for (uint32_t k = a->group[i].first; k != NONE; k = a->line[k].next) {
            const line *l = &a->line[k];
            if (before != NULL && before->n == l->n && memcmp(before->p, l->p, l->n) == 0)
                continue;
            if (before != NULL)
                dcr_buf_char(&b, '\\');
            dcr_buf_add(&b, l->p, l->n);
            before = l;
        }
        if (b.failed)
            s = DCR_ENOMEM;
        else if (dcr_open_name(name, (const uint8_t *)e->p + over, e->n - over))
            s = to->emit(to->ctx, name, "UT", (const uint8_t *)b.p, b.n);
    }
    dcr_buf_clear(&b);
    return s;
}

static bool collect(protocol *a, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < MAX_BLOCKS && n > 0; i++) {
        const uint8_t *from = memmem(p, n, begin_mark, sizeof begin_mark - 1), *end;
        size_t before = from == NULL ? n : (size_t)(from - p);
        if (!params(a, p, before))
            return false;
        p += before;
        n -= before;
        end = n == 0 ? NULL : memchr(p, '\n', n);
        if (end == NULL)
            return true;
        n -= (size_t)(end - p);
        p = end;
        end = memmem(p, n, end_mark, sizeof end_mark - 1);
        before = end == NULL ? n : (size_t)(end - p);
        if (!block(a, p, before))
            return false;
        p += before;
        n -= before;
    }
    return true;
}

static dcr_status open_ascconv(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    protocol a = {0};
    dcr_status s = collect(&a, p, n) ? tell(&a, to) : DCR_ENOMEM;
    if (a.full)
        to->cut(to->ctx);
    dcr_dict_clear(&a.names);
    dcr_free(a.group);
    dcr_free(a.line);
    return s;
}

const dcr_opener dcr_open_ascconv = {.name = "ascconv",
                                     .version = "2",
                                     .wants = wants,
                                     .sniffs = sniffs,
                                     .first = "#<\xEF \t\n\v\f\r",
                                     .n_first = 9,
                                     .least = 16,
                                     .open = open_ascconv};
