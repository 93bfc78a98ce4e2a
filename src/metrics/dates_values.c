/* Values to days and minutes: dates of DA and DT, dates within text, clocks in UIDs. */
#include "dates_impl.h"

#include <string.h>

/* ---- the calendar ---- */

static bool leap(unsigned y)
{
    return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static const uint16_t before_month[13] = {0,   0,   31,  59,  90,  120, 151,
                                          181, 212, 243, 273, 304, 334};

bool dcr_day_number(unsigned year, unsigned month, unsigned day, int32_t *out)
{
    static const uint8_t length[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned y = year - 1;
    if (year < 1900 || year > 2299 || month < 1 || month > 12 || day < 1 ||
        day > length[month] + (unsigned)(month == 2 && leap(year)))
        return false;
    /* Days of whole years before this one, then of this one; 719162 of them lie before
     * 1970. */
    *out = (int32_t)(y * 365 + y / 4 - y / 100 + y / 400 + before_month[month] +
                     (month > 2 && leap(year)) + day - 1) -
           719162;
    return true;
}

int dcr_day_year(int32_t day)
{
    int year = 1970 + day / 366; /* never too late for days from 1970 on */
    int32_t first;
    if (day < 0)
        year = 1970 + day / 365 - 1;
    while (year < 2299 && dcr_day_number((unsigned)year + 1, 1, 1, &first) &&
           first <= day)
        year++;
    return year;
}

unsigned dcr_day_weekday(int32_t day)
{
    return (unsigned)(((day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

/* ---- digits ---- */

static bool digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(const uint8_t *p, size_t n)
{
    size_t i = 0;
    while (i < n && digit(p[i]))
        i++;
    return i;
}

static unsigned number(const uint8_t *p, size_t n)
{
    unsigned v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (unsigned)(p[i] - '0');
    return v;
}

bool dcr_date_value(const dcr_value *v)
{
    return v->len > 0 &&
           (v->flags & (DCR_VALUE_DUMMY | DCR_VALUE_EMPTY | DCR_VALUE_BINARY |
                        DCR_VALUE_DIGEST | DCR_VALUE_UNDECODED)) == 0;
}

static bool plain_date(const uint8_t *p, int32_t *day) /* YYYYMMDD */
{
    return dcr_day_number(number(p, 4), number(p + 4, 2), number(p + 6, 2), day);
}

/* YYYY-MM-DD with any of - . / between, or DD.MM.YYYY. */
static size_t parted_date(const uint8_t *p, size_t n, int32_t *day)
{
    if (n < 10)
        return 0;
    if (digits(p, n) == 4 && (p[4] == '-' || p[4] == '.' || p[4] == '/') &&
        digits(p + 5, n - 5) == 2 && p[7] == p[4] && digits(p + 8, n - 8) >= 2 &&
        dcr_day_number(number(p, 4), number(p + 5, 2), number(p + 8, 2), day))
        return 10;
    if (digits(p, n) == 2 && p[2] == '.' && digits(p + 3, n - 3) == 2 && p[5] == '.' &&
        digits(p + 6, n - 6) == 4 &&
        dcr_day_number(number(p + 6, 4), number(p + 3, 2), number(p, 2), day))
        return 10;
    return 0;
}

/* Years in which a run of digits may be a date or a clock rather than a number. */
static bool likely(int32_t day)
{
    int year = dcr_day_year(day);
    return year >= 1980 && year <= 2039;
}

/* Unix seconds (9 or 10 digits) or milliseconds (12 or 13). */
static bool epoch(const uint8_t *p, size_t n, int32_t *day)
{
    uint64_t v = 0;
    if (n != 9 && n != 10 && n != 12 && n != 13)
        return false;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (uint64_t)(p[i] - '0');
    v /= n >= 12 ? 1000 : 1;
    *day = (int32_t)(v / 86400);
    return v < UINT32_MAX && likely(*day);
}

/* A run of n digits: a date alone, or with the time behind it, or a clock. */
static bool run_of_digits(const uint8_t *p, size_t n, bool clocks, int32_t *day)
{
    if ((n == 8 || n == 12 || n == 14 || (clocks && n > 14)) && p[0] != '0' &&
        plain_date(p, day) && likely(*day))
        return n == 8 || number(p + 8, 2) < 24;
    return clocks && epoch(p, n, day);
}

/* ---- values ---- */

/* DA and DT: a date at the start of each of several values. */
static size_t of_dates(const dcr_value *v, int32_t day[DATES_IN_VALUE])
{
    size_t n = 0;
    for (size_t i = 0; i < v->len && n < DATES_IN_VALUE; i++) {
        const uint8_t *p = v->bytes + i;
        size_t left = v->len - i;
        if (digits(p, left) >= 8 ? plain_date(p, &day[n])
                                 : parted_date(p, left, &day[n]) > 0)
            n++;
        while (i < v->len && v->bytes[i] != '\\')
            i++;
    }
    return n;
}

static size_t of_arcs(const dcr_value *v, int32_t day[DATES_IN_VALUE])
{
    size_t n = 0;
    for (size_t i = 0; i < v->len && n < DATES_IN_VALUE; i++) {
        size_t from = i;
        while (i < v->len && v->bytes[i] >= '0' && v->bytes[i] <= '9')
            i++;
        if (i - from >= 8) /* no date or clock is shorter */
            n += run_of_digits(v->bytes + from, i - from, true, &day[n]);
    }
    return n;
}

static size_t of_text(const dcr_value *v, bool clocks, int32_t day[DATES_IN_VALUE])
{
    size_t n = 0;
    for (size_t i = 0; i < v->len && n < DATES_IN_VALUE;) {
        const uint8_t *p = v->bytes + i;
        size_t run = digits(p, v->len - i), parted = 0;
        if (run == 0) {
            i++;
            continue;
        }
        if (run == 4 || run == 2)
            parted = parted_date(p, v->len - i, &day[n]);
        n += parted > 0 || run_of_digits(p, run, clocks, &day[n]);
        i += parted > 0 ? parted : run;
    }
    return n;
}

/* One of a list of VRs with a blank between. */
static bool vr_is(const char *vr, const char *list)
{
    for (; vr[0] != '\0' && list[0] != '\0'; list += list[2] == '\0' ? 2 : 3)
        if (vr[0] == list[0] && vr[1] == list[1])
            return true;
    return false;
}

size_t dcr_days_in(const char *vr, const dcr_value *v, int32_t day[DATES_IN_VALUE])
{
    if (!dcr_date_value(v) || v->len < 8)
        return 0;
    if (vr_is(vr, "DA DT"))
        return of_dates(v, day);
    if (vr_is(vr, "UI"))
        return of_arcs(v, day);
    if (vr_is(vr, "TM AS AT FD FL OB OW OD OF OL OV SQ SS SL SV US UL UV"))
        return 0;
    return of_text(v, vr_is(vr, "IS DS UL"), day);
}

/* HH, HHMM or HH:MM and more behind it. */
static int32_t minute_at(const uint8_t *p, size_t n)
{
    size_t run = digits(p, n), colon = run == 2 && n > 4 && p[2] == ':';
    unsigned h, m;
    if (run < 2 || (run < 4 && !colon))
        return NO_MINUTE; /* an hour alone is a rounded time */
    h = number(p, 2);
    if (digits(p + 2 + colon, n - 2 - colon) < 2)
        return NO_MINUTE;
    m = number(p + 2 + colon, 2);
    return h < 24 && m < 60 ? (int32_t)(h * 60 + m) : NO_MINUTE;
}

int32_t dcr_minute_in(const char *vr, const dcr_value *v)
{
    if (!dcr_date_value(v))
        return NO_MINUTE;
    if (vr_is(vr, "TM"))
        return minute_at(v->bytes, v->len);
    if (vr_is(vr, "DT") && v->len >= 12 && digits(v->bytes, v->len) >= 12)
        return minute_at(v->bytes + 8, v->len - 8);
    return NO_MINUTE;
}
