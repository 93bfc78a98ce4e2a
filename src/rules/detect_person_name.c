/* Names of persons: Doe^Jane, "Doe, Jane" as the whole text, Dr. Smith.  Words of
 * radiology are the caller's to rule out: only it has the vocabulary. */
#include <string.h>

#include "detect.h"

enum { PART_MAX = 64 };

static bool in_part(uint8_t c)
{
    return dcr_is_letter(c) || c == '\'' || c == '-';
}

/* A capital first and a second letter behind it, as in "Doe" and "O'Neil". */
static bool is_part(const uint8_t *p, size_t len)
{
    size_t mark = len >= 3 && p[1] == '\'';
    return len >= 2 && (dcr_is_upper(p[0]) || p[0] >= 0x80) && dcr_is_letter(p[1 + mark]);
}

static size_t part(const uint8_t *p, size_t n, size_t at)
{
    size_t i = at;
    while (i < n && i - at < PART_MAX && in_part(p[i]))
        i++;
    return i - at;
}

/* Around the '^' at p + at. */
static bool caret(const uint8_t *p, size_t n, size_t from, size_t at, dcr_span *out)
{
    size_t left = at, end = at + 1, right;
    while (left > from && at - left < PART_MAX && in_part(p[left - 1]))
        left--;
    if (!is_part(p + left, at - left) || (left > 0 && dcr_is_digit(p[left - 1])))
        return false;
    right = part(p, n, end);
    if (!is_part(p + end, right) || (end + right < n && dcr_is_digit(p[end + right])))
        return false;
    end += right;
    while (end < n && p[end] == '^' && end - left < 4 * PART_MAX)
        end += 1 + part(p, n, end + 1);
    *out = (dcr_span){left, end - left};
    return true;
}

/* "Doe, Jane" or "Doe, Jane M." and nothing else. */
static bool comma(const uint8_t *p, size_t n, dcr_span *out)
{
    size_t a = part(p, n, 0), b, i = a;
    if (!is_part(p, a) || i >= n || p[i++] != ',')
        return false;
    while (i < n && p[i] == ' ')
        i++;
    b = part(p, n, i);
    if (!is_part(p + i, b))
        return false;
    i += b;
    if (i + 1 < n && p[i] == ' ' && dcr_is_upper(p[i + 1])) {
        i += 2;
        i += i < n && p[i] == '.';
    }
    *out = (dcr_span){0, n};
    return i == n;
}

/* "Dr. Smith", "Mrs Jones": mixed case only, for DR and MR are modalities. */
static bool title(const uint8_t *p, size_t n, size_t at, dcr_span *out)
{
    static const char *const titles[] = {"Dr", "Prof", "Mrs", "Ms", "Mr", "Herr", "Frau"};
    for (size_t t = 0; t < sizeof titles / sizeof *titles; t++) {
        size_t len = strlen(titles[t]), i = at + len, name;
        if (n - at < len || memcmp(p + at, titles[t], len) != 0)
            continue;
        i += i < n && p[i] == '.';
        if (i >= n || p[i] != ' ')
            continue;
        i++;
        name = part(p, n, i);
        if (name >= 3 && is_part(p + i, name) && !dcr_is_upper(p[i + 1])) {
            *out = (dcr_span){at, i + name - at};
            return true;
        }
    }
    return false;
}

bool dcr_detect_person_name(const uint8_t *p, size_t n, size_t from, dcr_span *out)
{
    if (from == 0 && comma(p, n, out))
        return true;
    for (size_t i = from; i < n; i++) {
        if (p[i] == '^' && caret(p, n, from, i, out))
            return true;
        if (dcr_is_upper(p[i]) && (i == 0 || !dcr_is_alnum(p[i - 1])) &&
            title(p, n, i, out))
            return true;
    }
    return false;
}
