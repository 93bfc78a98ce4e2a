/* Telephone numbers: +49 ..., 555-123-4567, (555) 123-4567, forms of national plans, and
 * digits behind "tel", "fax". */
#include <string.h>

#include "detect.h"
#include "lexicon.h"

enum { GROUPS_MAX = 8, DIGITS_MIN = 6 };

typedef struct groups {
    size_t len[GROUPS_MAX], end[GROUPS_MAX]; /* end: offset behind the group */
    size_t n, digits;
    bool marked; /* something but a space stands between two of them */
} groups;

/* Groups of digits with one separator, or a bracket, between them. */
static void read_groups(const uint8_t *p, size_t n, size_t at, groups *g)
{
    size_t i = at;
    g->n = g->digits = 0;
    g->marked = false;
    while (i < n && g->n < GROUPS_MAX) {
        size_t marks = 0, len;
        while (i < n && marks < 3 && strchr(" -./()", p[i]) != NULL && p[i] != '\0') {
            g->marked |= p[i] != ' ';
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
    return !((p[at] == '.' || p[at] == '-' || p[at] == '\\') && at + 1 < n &&
             dcr_is_digit(p[at + 1]));
}

/* 555-123-4567, with a 1 before it or not; three numbers with spaces are any numbers. */
static size_t american(const uint8_t *p, size_t n, size_t at, const groups *g)
{
    size_t k = g->n > 0 && g->len[0] == 1 && (p[at] == '1' || p[at] == '(') ? 1 : 0;
    if (g->n < k + 3 || g->len[k] != 3 || g->len[k + 1] != 3 || g->len[k + 2] != 4 ||
        !g->marked)
        return 0;
    return ends(p, n, g->end[k + 2]) ? g->end[k + 2] - at : 0;
}

static size_t national(const dcr_text *t, size_t at)
{
    const dcr_pattern_set *s = &t->lex->phones;
    dcr_pattern_hit hit;
    uint64_t may = dcr_pattern_candidates(&s->index, t->p, t->n, at);
    for (size_t k = 0; may >> k != 0 && k < s->n; k++)
        if ((may >> k & 1) != 0 &&
            dcr_pattern_match(&s->list[k], t->p + at, t->n - at, &hit) &&
            ends(t->p, t->n, at + hit.len) &&
            (s->context[k][0] == '\0' || (dcr_word_before(t, at) & DCR_W_PHONE) != 0))
            return hit.len;
    return 0;
}

static size_t match(const dcr_text *t, size_t at)
{
    const uint8_t *p = t->p;
    size_t n = t->n, start = at + (p[at] == '+' || p[at] == '('), len;
    groups g;
    read_groups(p, n, start, &g);
    if (g.n == 0)
        return 0;
    if (p[at] == '+' && g.digits >= 8 && g.digits <= 15 && ends(p, n, g.end[g.n - 1]))
        return g.end[g.n - 1] - at;
    g.marked |= start > at;
    len = american(p, n, start, &g);
    if (len > 0)
        return len + (start - at);
    len = start == at ? national(t, at) : 0;
    if (len > 0)
        return len;
    if (g.digits >= DIGITS_MIN && g.digits <= 15 &&
        (dcr_word_before(t, at) & DCR_W_PHONE) != 0)
        return g.end[g.n - 1] - at;
    return 0;
}

bool dcr_detect_phone(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    if (t->digits < DIGITS_MIN)
        return false;
    for (size_t i = from; i < t->n; i++) {
        size_t len;
        if (!dcr_is_digit(p[i]) && p[i] != '+' && p[i] != '(')
            continue;
        if (i > 0 && (dcr_is_alnum(p[i - 1]) || p[i - 1] == '.' || p[i - 1] == '-'))
            continue;
        len = match(t, i);
        if (len > 0) {
            *out = (dcr_span){i, len};
            return true;
        }
    }
    return false;
}
