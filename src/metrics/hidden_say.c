/* What a value says, whatever way it is written: to compare private and standard. */
#include <stdio.h>

#include "hidden_impl.h"
#include "num.h"

dcr_say dcr_say_of(const dcr_concept *c)
{
    static const struct {
        const char *hierarchy;
        dcr_say say;
    } table[] = {{"date", DCR_SAY_DATE},     {"birth_date", DCR_SAY_DATE},
                 {"time", DCR_SAY_TIME},     {"age", DCR_SAY_AGE},
                 {"height", DCR_SAY_HEIGHT}, {"weight", DCR_SAY_WEIGHT}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].hierarchy, c->hierarchy) == 0)
            return table[i].say;
    return DCR_SAY_TEXT;
}

/* ---- dates ---- */

static bool digits(const uint8_t *p, size_t n, int *out)
{
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        v = v * 10 + (p[i] - '0');
    }
    *out = v;
    return true;
}

static bool is_day(int y, int m, int d)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return y >= 1850 && y <= 2100 && m >= 1 && m <= 12 && d >= 1 &&
           d <= days[m - 1] + (m == 2 && leap);
}

/* "20240105...", "2024-01-05", "2024.01.05", "2024/01/05", "05.01.2024"; behind it the
 * text ends, or a time may follow. */
static bool read_date(const uint8_t *p, size_t n, int *y, int *m, int *d)
{
    if (n >= 8 && digits(p, 8, y) && (n == 8 || n >= 12 || p[8] == ' ' || p[8] == 'T')) {
        *m = *y / 100 % 100;
        *d = *y % 100;
        *y /= 10000;
        return is_day(*y, *m, *d);
    }
    if (n < 10 || (n > 10 && p[10] != ' ' && p[10] != 'T'))
        return false;
    if ((p[4] == '-' || p[4] == '.' || p[4] == '/') && p[7] == p[4])
        return digits(p, 4, y) && digits(p + 5, 2, m) && digits(p + 8, 2, d) &&
               is_day(*y, *m, *d);
    /* With slashes nobody knows whether the day or the month comes first. */
    return p[2] == '.' && p[5] == '.' && digits(p, 2, d) && digits(p + 3, 2, m) &&
           digits(p + 6, 4, y) && is_day(*y, *m, *d);
}

/* Days since 1970 (Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
static int32_t civil(int y, int m, int d)
{
    int era, yoe, doy;
    y -= m <= 2;
    era = y / 400; /* y is positive */
    yoe = y - era * 400;
    doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

uint32_t dcr_day_month(int32_t day)
{
    int z = day + 719468, era = z / 146097, doe = z - era * 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int mp = (5 * (doe - (365 * yoe + yoe / 4 - yoe / 100)) + 2) / 153;
    int month = mp < 10 ? mp + 3 : mp - 9;
    return (uint32_t)((yoe + era * 400 + (month <= 2)) * 12 + month - 1);
}

bool dcr_said_day(const uint8_t *p, size_t n, int32_t *day, int *year)
{
    int m, d;
    while (n > 0 && *p == ' ') {
        p++;
        n--;
    }
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == 0))
        n--;
    if (!read_date(p, n, year, &m, &d))
        return false;
    *day = civil(*year, m, d);
    return true;
}

/* ---- one form for all ---- */

static bool say_date(const uint8_t *p, size_t n, char out[DCR_SAID_MAX])
{
    int y, m, d;
    if (!read_date(p, n, &y, &m, &d))
        return false;
    snprintf(out, DCR_SAID_MAX, "%04d%02d%02d", y, m, d);
    return true;
}

/* Seconds are compared, fractions are not: who writes a time twice often drops them. */
static bool say_time(const uint8_t *p, size_t n, char out[DCR_SAID_MAX])
{
    int h, m, s = 0, y, mo, d;
    size_t gap;
    if (n >= 12 && read_date(p, n, &y, &mo, &d)) { /* date and time */
        size_t skip = p[4] >= '0' && p[4] <= '9' ? 8 : 10;
        skip += p[skip] == ' ' || p[skip] == 'T';
        p += skip;
        n -= skip;
    }
    gap = n > 2 && p[2] == ':';
    if (n < 4 + gap || !digits(p, 2, &h) || !digits(p + 2 + gap, 2, &m))
        return false;
    if (n >= 6 + 2 * gap && !digits(p + 4 + 2 * gap, 2, &s))
        return false;
    if (h > 23 || m > 59 || s > 60)
        return false;
    snprintf(out, DCR_SAID_MAX, "%02d%02d%02d", h, m, s);
    return true;
}

static bool say_age(const uint8_t *p, size_t n, char out[DCR_SAID_MAX])
{
    int v;
    if (n > 1 && (p[n - 1] == 'Y' || p[n - 1] == 'y'))
        n--;
    if (n < 1 || n > 3 || !digits(p, n, &v) || v > 130)
        return false;
    snprintf(out, DCR_SAID_MAX, "%03dY", v);
    return true;
}

/* To three decimals: a millimetre, a gram. */
static bool say_number(const uint8_t *p, size_t n, double scale, char out[DCR_SAID_MAX])
{
    int64_t micro;
    double v;
    if (!dcr_num_micro(p, n, &micro) || micro <= 0)
        return false;
    v = (double)micro / 1e6 / scale;
    if (!(v < 1e6))
        return false;
    snprintf(out, DCR_SAID_MAX, "%.3f", v);
    n = strlen(out);
    while (out[n - 1] == '0')
        out[--n] = '\0';
    if (out[n - 1] == '.')
        out[--n] = '\0';
    return true;
}

static bool say_text(const uint8_t *p, size_t n, char out[DCR_SAID_MAX])
{
    if (n == 0 || n >= DCR_SAID_MAX)
        return false;
    for (size_t i = 0; i < n; i++)
        out[i] = p[i] >= 'a' && p[i] <= 'z' ? (char)(p[i] - 'a' + 'A') : (char)p[i];
    out[n] = '\0';
    return memchr(out, '\0', n) == NULL;
}

bool dcr_said(dcr_say say, double scale, const uint8_t *p, size_t n,
              char out[DCR_SAID_MAX])
{
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == 0))
        n--;
    while (n > 0 && *p == ' ') {
        p++;
        n--;
    }
    switch (say) {
    case DCR_SAY_DATE:
        return say_date(p, n, out);
    case DCR_SAY_TIME:
        return say_time(p, n, out);
    case DCR_SAY_AGE:
        return say_age(p, n, out);
    case DCR_SAY_HEIGHT:
    case DCR_SAY_WEIGHT:
        return say_number(p, n, scale, out);
    case DCR_SAY_TEXT:
        break;
    }
    return say_text(p, n, out);
}
