/* One test of the pixel rules on one value. */
#include <string.h>
#include <strings.h>

#include "detect.h"
#include "num.h"
#include "pixel_plan.h"
#include "regex.h"

static bool same(const uint8_t *p, size_t n, const char *word)
{
    return strlen(word) == n && strncasecmp((const char *)p, word, n) == 0;
}

static bool holds(const uint8_t *p, size_t n, const char *word)
{
    size_t len = strlen(word);
    uint8_t first = dcr_lower((uint8_t)*word);
    for (size_t i = 0; i + len <= n; i++)
        if (len == 0 || (dcr_lower(p[i]) == first &&
                         strncasecmp((const char *)p + i, word, len) == 0))
            return true;
    return false;
}

/* The part of a value of several, by number from 0; false when there are fewer. */
static bool part(const uint8_t *p, size_t n, size_t number, const uint8_t **at,
                 size_t *len)
{
    for (size_t from = 0;;) {
        const uint8_t *end = from < n ? memchr(p + from, '\\', n - from) : NULL;
        size_t to = end == NULL ? n : (size_t)(end - p);
        if (number-- == 0) {
            while (from < to && p[from] == ' ')
                from++;
            while (to > from && p[to - 1] == ' ')
                to--;
            *at = p + from;
            *len = to - from;
            return true;
        }
        if (end == NULL)
            return false;
        from = to + 1;
    }
}

static bool part_is(const dcr_strings *w, const uint8_t *p, size_t n, size_t number)
{
    const uint8_t *at;
    size_t len;
    if (!part(p, n, number, &at, &len))
        return false;
    for (size_t i = 0; i < w->n; i++)
        if (same(at, len, w->s[i]))
            return true;
    return false;
}

static bool has(const uint8_t *p, size_t n, const char *word)
{
    dcr_strings one = {&word, 1};
    const uint8_t *at;
    size_t len;
    for (size_t i = 0; part(p, n, i, &at, &len); i++)
        if (part_is(&one, p, n, i))
            return true;
    return false;
}

static bool under(const uint8_t *p, size_t n, const char *root)
{
    size_t len = strlen(root);
    return n >= len && memcmp(p, root, len) == 0 && (n == len || p[len] == '.');
}

static bool any_word(const dcr_pixel_test *t, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < t->words.n; i++) {
        const char *w = t->words.s[i];
        bool yes = t->op == DCR_PX_IS         ? same(p, n, w)
                   : t->op == DCR_PX_CONTAINS ? holds(p, n, w)
                   : t->op == DCR_PX_UNDER    ? under(p, n, w)
                                              : has(p, n, w);
        if (yes)
            return true;
    }
    return false;
}

static bool number(const dcr_pixel_test *t, const uint8_t *p, size_t n)
{
    const uint8_t *at;
    size_t len;
    int64_t micro;
    double v;
    if (!part(p, n, 0, &at, &len) || !dcr_num_micro(at, len, &micro))
        return false;
    v = (double)micro * 1e-6;
    return t->op == DCR_PX_AT_MOST    ? v <= (double)t->number
           : t->op == DCR_PX_AT_LEAST ? v >= (double)t->number
                                      : v > (double)t->number;
}

bool dcr_pixel_test_value(const dcr_pixel_test *t, const uint8_t *p, size_t n)
{
    switch (t->op) {
    case DCR_PX_PRESENT:
        return true;
    case DCR_PX_FIRST:
        return part_is(&t->words, p, n, 0);
    case DCR_PX_SECOND:
        return part_is(&t->words, p, n, 1);
    case DCR_PX_MATCHES:
        return dcr_regex_match(t->pattern, p, n);
    case DCR_PX_AT_MOST:
    case DCR_PX_AT_LEAST:
    case DCR_PX_ABOVE:
        return number(t, p, n);
    default:
        return any_word(t, p, n);
    }
}

static bool ends_with(const char *path, const char *tail)
{
    size_t n = strlen(path), k = strlen(tail);
    return n >= k && strcmp(path + n - k, tail) == 0;
}

/* Names of regions of interest: ROIName, and SegmentLabel. */
static bool is_roi(const char *path)
{
    return ends_with(path, "3006,0026") || ends_with(path, "0062,0005");
}

bool dcr_pixel_test_path(const dcr_pixel_test *t, const char *path)
{
    const char *a = t->attr;
    if (strcmp(a, DCR_PX_ROI) == 0)
        return is_roi(path);
    if (strcmp(a, DCR_PX_CREATOR) == 0)
        return strchr(path, '{') == NULL && path[0] != '\0' && strlen(path) == 9 &&
               strchr("13579BDF", path[3]) != NULL && path[5] == '0' && path[6] == '0';
    for (; *a != '\0' && *path != '\0'; a++, path++)
        if (*a != *path && *a != 'x')
            return false;
    return *a == '\0' && *path == '\0';
}
