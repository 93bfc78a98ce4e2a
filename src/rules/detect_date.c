/* Calendar dates in text, from 1800 to 2050, in the forms people and machines write. */
#include <string.h>

#include "detect.h"
#include "lexicon.h"

enum { DIGITS_MIN = 3, WORD_MAX = 12, SOFTWARE_BACK = 40 };

static bool plausible(unsigned y, unsigned m, unsigned d)
{
    return y >= 1800 && y <= 2050 && dcr_date_valid(y, m, d);
}

/* Nothing that would make it a part of a longer number. */
static bool ends(const uint8_t *p, size_t n, size_t at)
{
    if (at >= n)
        return true;
    return !dcr_is_digit(p[at]) &&
           !(p[at] == '.' && at + 1 < n && dcr_is_digit(p[at + 1]));
}

static bool is_sep(const uint8_t *p, size_t n, size_t at)
{
    return at < n && (p[at] == '-' || p[at] == '.' || p[at] == '/');
}

/* 20180718, or 20180718093000, or the latter with a fraction as in VR DT */
static size_t solid(const uint8_t *p, size_t n, size_t at)
{
    size_t len = dcr_digit_run(p, n, at, 15);
    if (len != 8 && len != 14)
        return 0;
    if (!plausible(dcr_digits(p + at, 4), dcr_digits(p + at + 4, 2),
                   dcr_digits(p + at + 6, 2)))
        return 0;
    if (len == 14 && at + len < n && p[at + len] == '.')
        len += 1 + dcr_digit_run(p, n, at + len + 1, 7);
    return ends(p, n, at + len) ? len : 0;
}

/* 2018-07-18, 2018.07.18, 2018/7/18 */
static size_t year_first(const uint8_t *p, size_t n, size_t at)
{
    size_t i = at + 4, m, d;
    uint8_t sep;
    unsigned month;
    if (dcr_digit_run(p, n, at, 5) != 4 || !is_sep(p, n, i))
        return 0;
    sep = p[i++];
    m = dcr_digit_run(p, n, i, 3);
    if (m < 1 || m > 2 || i + m >= n || p[i + m] != sep)
        return 0;
    month = dcr_digits(p + i, m);
    i += m + 1;
    d = dcr_digit_run(p, n, i, 3);
    if (d < 1 || d > 2 || !ends(p, n, i + d))
        return 0;
    return plausible(dcr_digits(p + at, 4), month, dcr_digits(p + i, d)) ? i + d - at : 0;
}

/* The year of a day and month at p + at, of `len` digits.  Two digits convince only where
 * versions and lists are not written like that: behind slashes, or behind a zero. */
static bool short_year(const uint8_t *p, size_t at, size_t a, size_t b, uint8_t sep,
                       bool letter)
{
    if (letter || a + b < 3)
        return false;
    if (sep == '/')
        return true;
    return a == 2 && b == 2 &&
           (p[at] == '0' || p[at + 3] == '0' ||
            (sep == '.' && dcr_digits(p + at, 2) > 12));
}

/* 18.07.2018, 7/18/2018, 18-07-2018; 18.07.62, 07/18/62 */
static size_t year_last(const uint8_t *p, size_t n, size_t at)
{
    size_t a = dcr_digit_run(p, n, at, 3), i = at + a, b, c;
    unsigned x, y, year;
    uint8_t sep;
    if (a < 1 || a > 2 || !is_sep(p, n, i))
        return 0;
    x = dcr_digits(p + at, a);
    sep = p[i++];
    b = dcr_digit_run(p, n, i, 3);
    if (b < 1 || b > 2 || i + b >= n || p[i + b] != sep)
        return 0;
    y = dcr_digits(p + i, b);
    i += b + 1;
    c = dcr_digit_run(p, n, i, 5);
    if (!ends(p, n, i + c) || (c != 4 && c != 2) || (i + c < n && p[i + c] == sep))
        return 0;
    if (c == 2 && !short_year(p, at, a, b, sep, at > 0 && dcr_is_letter(p[at - 1])))
        return 0;
    year = dcr_digits(p + i, c) + (c == 2 ? 2000 : 0);
    if (c == 2 && !plausible(year, y, x) && !plausible(year, x, y))
        year -= 100; /* 29 February of 1900 and no other */
    return plausible(year, y, x) || plausible(year, x, y) ? i + c - at : 0;
}

/* Digits at p + at before the bytes of U+5E74, U+6708 and U+65E5: year, month, day. */
static size_t east_asian(const uint8_t *p, size_t n, size_t at)
{
    static const char *const marks[] = {"\xE5\xB9\xB4", "\xE6\x9C\x88", "\xE6\x97\xA5"};
    unsigned v[3];
    size_t i = at;
    for (size_t k = 0; k < 3; k++) {
        size_t len = dcr_digit_run(p, n, i, 5);
        if (len == 0 || len > (k == 0 ? 4u : 2u) || n - i - len < 3 ||
            memcmp(p + i + len, marks[k], 3) != 0)
            return 0;
        v[k] = dcr_digits(p + i, len);
        i += len + 3;
    }
    return plausible(v[0], v[1], v[2]) ? i - at : 0;
}

static size_t gap(const uint8_t *p, size_t n, size_t at)
{
    size_t i = at;
    while (i < n && i - at < 2 && p[i] != '\0' && strchr(" -.,/", p[i]) != NULL)
        i++;
    return i - at;
}

/* A year of four digits, or of two behind a dash, at p + at: its length. */
static size_t some_year(const uint8_t *p, size_t n, size_t at, unsigned *year)
{
    size_t len = dcr_digit_run(p, n, at, 5);
    if (!ends(p, n, at + len) || (len != 4 && (len != 2 || p[at - 1] != '-')))
        return 0;
    *year = dcr_digits(p + at, len);
    if (len == 2)
        *year += *year < 40 ? 2000 : 1900;
    return len;
}

/* Skips a gap and up to two words like "of", "de", "th"; `flags` is of the word behind
 * them, which ends at *end. */
static size_t skip_links(const dcr_text *t, size_t at, size_t *end, uint32_t *flags)
{
    size_t i = at;
    for (int k = 0; k < 3; k++) {
        size_t len;
        i += gap(t->p, t->n, i);
        len = dcr_letter_run(t->p, t->n, i, WORD_MAX + 1);
        *flags = dcr_lexicon_word(t->lex, t->p + i, len);
        *end = i + len;
        if (DCR_W_MONTH(*flags) > 0 || (*flags & DCR_W_LINK) == 0)
            break;
        i += len;
    }
    return i;
}

/* 18 Jul 2018, 18-JUL-18, 18th of July 2018, 18 de julio de 2018 */
static size_t day_month(const dcr_text *t, size_t at)
{
    size_t d = dcr_digit_run(t->p, t->n, at, 3), end, y;
    uint32_t flags;
    unsigned month, year;
    if (d < 1 || d > 2)
        return 0;
    skip_links(t, at + d, &end, &flags);
    month = DCR_W_MONTH(flags);
    if (month == 0)
        return 0;
    y = skip_links(t, end, &end, &flags);
    end = some_year(t->p, t->n, y, &year);
    return end > 0 && plausible(year, month, dcr_digits(t->p + at, d)) ? y + end - at : 0;
}

/* July 18, 2018 */
static size_t month_day(const dcr_text *t, size_t at)
{
    const uint8_t *p = t->p;
    size_t n = t->n, len = dcr_letter_run(p, n, at, WORD_MAX + 1), i = at + len, d, y, g;
    unsigned month, year, day;
    g = gap(p, n, i);
    i += g;
    d = dcr_digit_run(p, n, i, 3);
    if (g == 0 || d < 1 || d > 2 || len < 3)
        return 0;
    if (!dcr_lexicon_is(t->lex, p + at, len, DCR_W_MONTHS))
        return 0;
    month = DCR_W_MONTH(dcr_lexicon_word(t->lex, p + at, len));
    day = dcr_digits(p + i, d);
    i += d;
    i += i + 1 < n && (memcmp(p + i, "st", 2) == 0 || memcmp(p + i, "nd", 2) == 0 ||
                       memcmp(p + i, "rd", 2) == 0 || memcmp(p + i, "th", 2) == 0)
             ? 2
             : 0;
    g = gap(p, n, i);
    i += g;
    y = g == 0 ? 0 : some_year(p, n, i, &year);
    return y == 4 && plausible(year, month, day) ? i + y - at : 0;
}

static size_t numeric(const dcr_text *t, size_t i)
{
    const uint8_t *p = t->p;
    size_t n = t->n, len;
    if (i > 0 &&
        (dcr_is_digit(p[i - 1]) || (p[i - 1] == '.' && i > 1 && dcr_is_digit(p[i - 2]))))
        return 0;
    len = solid(p, n, i);
    len = len > 0 ? len : year_first(p, n, i);
    len = len > 0 ? len : year_last(p, n, i);
    len = len > 0 || (t->has & DCR_HAS_UPPER) == 0 ? len : east_asian(p, n, i);
    return len > 0 ? len : day_month(t, i);
}

/* Shortly before it stands "build", "version": it is the date of a program. */
static bool of_software(const dcr_text *t, size_t at)
{
    size_t i = at < SOFTWARE_BACK ? 0 : at - SOFTWARE_BACK;
    while (i < at) {
        size_t len = dcr_letter_run(t->p, at, i, DCR_WORD_MAX);
        if (len > 0 && (i == 0 || !dcr_is_letter(t->p[i - 1])) &&
            dcr_lexicon_is(t->lex, t->p + i, len, DCR_W_SOFTWARE))
            return true;
        i += len > 0 ? len : 1;
    }
    return false;
}

bool dcr_detect_date(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    if (t->digits < DIGITS_MIN)
        return false;
    for (size_t i = from; i < t->n; i++) {
        size_t len = 0;
        if (dcr_is_digit(p[i]))
            len = numeric(t, i);
        else if (dcr_is_letter(p[i]) && (i == 0 || !dcr_is_letter(p[i - 1])))
            len = month_day(t, i);
        if (len > 0 && !of_software(t, i)) {
            *out = (dcr_span){i, len};
            return true;
        }
    }
    return false;
}
