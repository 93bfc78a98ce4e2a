/* Telephone numbers: +49 ..., 555-123-4567, (555) 123-4567, and digits behind "tel",
 * "fax". */
#include <string.h>

#include "detect.h"

enum { GROUPS_MAX = 8, WORD_BACK = 12 };

typedef struct groups {
    size_t len[GROUPS_MAX], end[GROUPS_MAX]; /* end: offset behind the group */
    size_t n, digits;
} groups;

/* Groups of digits with one separator, or a bracket, between them. */
static void read_groups(const uint8_t *p, size_t n, size_t at, groups *g)
{
    size_t i = at;
    memset(g, 0, sizeof *g);
    while (i < n && g->n < GROUPS_MAX) {
        size_t marks = 0, len;
        while (i < n && marks < 3 && strchr(" -./()", p[i]) != NULL && p[i] != '\0') {
            i++;
            marks++;
        }
        len = dcr_digit_run(p, n, i, 16);
        if (len == 0)
            return;
        i += len;
        g->len[g->n] = len;
        g->end[g->n++] = i;
        g->digits += len;
        if (marks > 2 || (i < n && dcr_is_alnum(p[i])))
            return;
    }
}

/* Nothing that would make the number a part of something longer. */
static bool ends(const uint8_t *p, size_t n, size_t at)
{
    if (at >= n)
        return true;
    if (dcr_is_alnum(p[at]))
        return false;
    return !((p[at] == '.' || p[at] == '-') && at + 1 < n && dcr_is_digit(p[at + 1]));
}

/* 555-123-4567, with a 1 before it or not. */
static size_t american(const uint8_t *p, size_t n, size_t at, const groups *g)
{
    size_t k = g->n > 0 && g->len[0] == 1 && (p[at] == '1' || p[at] == '(') ? 1 : 0;
    if (g->n < k + 3 || g->len[k] != 3 || g->len[k + 1] != 3 || g->len[k + 2] != 4)
        return 0;
    return ends(p, n, g->end[k + 2]) ? g->end[k + 2] - at : 0;
}

static bool behind_word(const uint8_t *p, size_t n, size_t at)
{
    static const char *const words[] = {"tel", "phone", "fax", "mobile", "pager"};
    size_t back = at < WORD_BACK ? 0 : at - WORD_BACK;
    for (size_t i = back; i < at; i++)
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (dcr_word_at(p, n, i, words[w]) && i + strlen(words[w]) <= at)
                return true;
    return false;
}

static size_t match(const uint8_t *p, size_t n, size_t at)
{
    size_t start = at + (p[at] == '+' || p[at] == '(');
    groups g;
    size_t len;
    read_groups(p, n, start, &g);
    if (g.n == 0)
        return 0;
    if (p[at] == '+' && g.digits >= 8 && g.digits <= 15 && ends(p, n, g.end[g.n - 1]))
        return g.end[g.n - 1] - at;
    len = american(p, n, start, &g);
    if (len > 0)
        return len + (start - at);
    if (g.digits >= 6 && g.digits <= 15 && behind_word(p, n, at))
        return g.end[g.n - 1] - at;
    return 0;
}

bool dcr_detect_phone(const uint8_t *p, size_t n, size_t from, dcr_span *out)
{
    for (size_t i = from; i < n; i++) {
        size_t len;
        if (!dcr_is_digit(p[i]) && p[i] != '+' && p[i] != '(')
            continue;
        if (i > 0 && (dcr_is_alnum(p[i - 1]) || p[i - 1] == '.' || p[i - 1] == '-'))
            continue;
        len = match(p, n, i);
        if (len > 0) {
            *out = (dcr_span){i, len};
            return true;
        }
    }
    return false;
}
