/* Calendar dates in text, from 1900 to 2050, in the forms people and machines write. */
#include <string.h>

#include "detect.h"

static bool plausible(unsigned y, unsigned m, unsigned d)
{
    return y >= 1900 && y <= 2050 && dcr_date_valid(y, m, d);
}

/* Nothing that would make it a part of a longer number. */
static bool ends(const uint8_t *p, size_t n, size_t at)
{
    if (at >= n)
        return true;
    return !dcr_is_digit(p[at]) &&
           !(p[at] == '.' && at + 1 < n && dcr_is_digit(p[at + 1]));
}

/* 20180718, or 20180718093000 */
static size_t solid(const uint8_t *p, size_t n, size_t at)
{
    size_t len = dcr_digit_run(p, n, at, 15);
    if (len != 8 && len != 14)
        return 0;
    if (!plausible(dcr_digits(p + at, 4), dcr_digits(p + at + 4, 2),
                   dcr_digits(p + at + 6, 2)))
        return 0;
    return ends(p, n, at + len) ? len : 0;
}

/* 2018-07-18, 2018.07.18, 2018/7/18 */
static size_t year_first(const uint8_t *p, size_t n, size_t at)
{
    size_t i = at + 4, m, d;
    uint8_t sep;
    unsigned month;
    if (dcr_digit_run(p, n, at, 5) != 4 || i >= n || p[i] == '\0' ||
        strchr("-./", p[i]) == NULL)
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

/* 18.07.2018, 7/18/2018, 18-07-2018 */
static size_t year_last(const uint8_t *p, size_t n, size_t at)
{
    size_t a = dcr_digit_run(p, n, at, 3), i = at + a, b;
    unsigned x, y, year;
    uint8_t sep;
    if (a < 1 || a > 2 || i >= n || p[i] == '\0' || strchr("-./", p[i]) == NULL)
        return 0;
    x = dcr_digits(p + at, a);
    sep = p[i++];
    b = dcr_digit_run(p, n, i, 3);
    if (b < 1 || b > 2 || i + b >= n || p[i + b] != sep)
        return 0;
    y = dcr_digits(p + i, b);
    i += b + 1;
    if (dcr_digit_run(p, n, i, 5) != 4 || !ends(p, n, i + 4))
        return 0;
    year = dcr_digits(p + i, 4);
    return plausible(year, y, x) || plausible(year, x, y) ? i + 4 - at : 0;
}

/* Month whose name stands at p + at, 0 when none does; *len is the length of the word. */
static unsigned month_name(const uint8_t *p, size_t n, size_t at, size_t *len)
{
    static const char *const names[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};
    size_t k = 0;
    while (at + k < n && k < 10 && dcr_is_letter(p[at + k]))
        k++;
    *len = k;
    for (unsigned m = 0; k >= 3 && m < 12; m++) {
        size_t i = 0;
        while (i < k && names[m][i] != '\0' &&
               dcr_lower(p[at + i]) == (uint8_t)names[m][i])
            i++;
        if (i == k && (k == 3 || names[m][k] == '\0'))
            return m + 1;
    }
    return 0;
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

/* 18 Jul 2018, 18-JUL-18 */
static size_t day_month(const uint8_t *p, size_t n, size_t at)
{
    size_t d = dcr_digit_run(p, n, at, 3), i = at + d, len, y;
    unsigned month, year;
    if (d < 1 || d > 2)
        return 0;
    i += gap(p, n, i);
    month = month_name(p, n, i, &len);
    if (month == 0)
        return 0;
    i += len;
    i += gap(p, n, i);
    y = some_year(p, n, i, &year);
    return y > 0 && plausible(year, month, dcr_digits(p + at, d)) ? i + y - at : 0;
}

/* July 18, 2018 */
static size_t month_day(const uint8_t *p, size_t n, size_t at)
{
    size_t len, i, d, y, g;
    unsigned month = month_name(p, n, at, &len), year, day;
    if (month == 0)
        return 0;
    i = at + len;
    g = gap(p, n, i);
    i += g;
    d = dcr_digit_run(p, n, i, 3);
    if (g == 0 || d < 1 || d > 2)
        return 0;
    day = dcr_digits(p + i, d);
    i += d;
    g = gap(p, n, i);
    i += g;
    y = g == 0 ? 0 : some_year(p, n, i, &year);
    return y == 4 && plausible(year, month, day) ? i + y - at : 0;
}

bool dcr_detect_date(const uint8_t *p, size_t n, size_t from, dcr_span *out)
{
    for (size_t i = from; i < n; i++) {
        size_t len = 0;
        if (!dcr_is_alnum(p[i]))
            continue;
        if (dcr_is_digit(p[i])) {
            if (i > 0 && (dcr_is_digit(p[i - 1]) ||
                          (p[i - 1] == '.' && i > 1 && dcr_is_digit(p[i - 2]))))
                continue;
            len = solid(p, n, i);
            len = len > 0 ? len : year_first(p, n, i);
            len = len > 0 ? len : year_last(p, n, i);
            len = len > 0 ? len : day_month(p, n, i);
        } else if (i == 0 || !dcr_is_letter(p[i - 1])) {
            len = month_day(p, n, i);
        }
        if (len > 0) {
            *out = (dcr_span){i, len};
            return true;
        }
    }
    return false;
}
