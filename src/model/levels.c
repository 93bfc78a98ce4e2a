#include "levels.h"

#include <stdio.h>
#include <string.h>

#include "dcmrisk/model.h"
#include "num.h"

static bool digits(const uint8_t *p, size_t n, int *out)
{
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        v = v * 10 + (p[i] - '0');
    }
    *out = v;
    return n > 0;
}

bool dcr_date_parse(const uint8_t *p, size_t n, dcr_date *d)
{
    bool dots = n == 10 && p[4] == '.' && p[7] == '.'; /* ACR-NEMA 2.0 */
    size_t month = dots ? 5 : 4, day = dots ? 8 : 6;
    if (n != 8 && !dots)
        return false;
    return digits(p, 4, &d->year) && digits(p + month, 2, &d->month) &&
           digits(p + day, 2, &d->day) && d->month >= 1 && d->month <= 12 &&
           d->day >= 1 && d->day <= 31;
}

int dcr_age_years(const dcr_date *birth, const dcr_date *exam)
{
    bool before = exam->month < birth->month ||
                  (exam->month == birth->month && exam->day < birth->day);
    int years = exam->year - birth->year - before;
    return years < 0 ? -1 : years;
}

bool dcr_age_text(const dcr_date *birth, const dcr_date *exam, char text[DCR_AGE_TEXT])
{
    int years = dcr_age_years(birth, exam);
    snprintf(text, DCR_AGE_TEXT, "%03dY", years);
    return years >= 0;
}

/* Days since 1970-01-01 of a day of the proleptic Gregorian calendar (Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms"). */
static long days_from_civil(long y, int m, int d)
{
    long era, yoe, doy, doe;
    y -= m <= 2;
    era = (y >= 0 ? y : y - 399) / 400;
    yoe = y - era * 400;
    doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

/* The inverse, from the same source. */
static dcr_date civil_from_days(long day)
{
    long z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    long doe = z - era * 146097;
    long yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    long doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    long month = mp < 10 ? mp + 3 : mp - 9;
    return (dcr_date){(int)(yoe + era * 400 + (month <= 2)), (int)month,
                      (int)(doy - (153 * mp + 2) / 5 + 1)};
}

dcr_date dcr_iso_monday(int year, int week)
{
    long fourth = days_from_civil(year, 1, 4); /* of January: always in week 1 */
    long monday = fourth - ((fourth + 3) % 7 + 7) % 7;
    return civil_from_days(monday + 7L * (week - 1));
}

/* ISO 8601: the week of a day is that of its Thursday. */
static void iso_week(const dcr_date *d, dcr_buf *out)
{
    long day = days_from_civil(d->year, d->month, d->day);
    long weekday = ((day + 3) % 7 + 7) % 7; /* Monday 0 */
    long thursday = day - weekday + 3;
    long year = d->year;
    if (thursday < days_from_civil(year, 1, 1))
        year--;
    else if (thursday >= days_from_civil(year + 1, 1, 1))
        year++;
    dcr_buf_fmt(out, "%04ldW%02ld", year,
                (thursday - days_from_civil(year, 1, 1)) / 7 + 1);
}

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool date_level(const char *level, const uint8_t *p, size_t n, dcr_buf *out)
{
    dcr_date d;
    if (!dcr_date_parse(p, n, &d))
        return false;
    if (is(level, "day"))
        dcr_buf_fmt(out, "%04d%02d%02d", d.year, d.month, d.day);
    else if (is(level, "iso_week"))
        iso_week(&d, out);
    else if (is(level, "month"))
        dcr_buf_fmt(out, "%04d%02d", d.year, d.month);
    else if (is(level, "quarter"))
        dcr_buf_fmt(out, "%04dQ%d", d.year, (d.month - 1) / 3 + 1);
    else if (is(level, "year"))
        dcr_buf_fmt(out, "%04d", d.year);
    else if (is(level, "5y"))
        dcr_buf_fmt(out, "%04d", d.year / 5 * 5);
    else if (is(level, "decade") || is(level, "10y"))
        dcr_buf_fmt(out, "%04d", d.year / 10 * 10);
    else if (is(level, "20y"))
        dcr_buf_fmt(out, "%04d", d.year / 20 * 20);
    else
        return false;
    return true;
}

/* An age string in whole years: nnnY or bare digits, nnnM, nnnW, nnnD. */
static bool age_years(const uint8_t *p, size_t n, int *years)
{
    int v;
    char unit = 'Y';
    if (n > 1 && n <= 5 && strchr("YMWD", p[n - 1]) != NULL && p[n - 1] != '\0')
        unit = (char)p[--n];
    if (n > 4 || !digits(p, n, &v))
        return false;
    /* 365.25 days a year, in hundredths of a day. */
    *years = unit == 'Y'   ? v
             : unit == 'M' ? v / 12
                           : (unit == 'W' ? 7 * v : v) * 100 / 36525;
    return true;
}

static bool age_level(const char *level, const uint8_t *p, size_t n, dcr_buf *out)
{
    int y, step = is(level, "1y") ? 1 : is(level, "5y") ? 5 : is(level, "10y") ? 10 : 20;
    if (is(level, "as_recorded") || !age_years(p, n, &y))
        return false;
    if (is(level, "minor_adult_senior"))
        dcr_buf_str(out, y < 18 ? "0-17" : y < 65 ? "18-64" : "65+");
    else if (step > 1 && y >= 90)
        dcr_buf_str(out, "90+");
    else
        dcr_buf_fmt(out, "%d", y / step * step);
    return true;
}

/* "5cm", "10kg": a whole number and a unit; 0 when it is not one. */
static int64_t step_of(const char *level, const char *unit)
{
    int64_t v = 0;
    while (*level >= '0' && *level <= '9' && v < 1000000)
        v = v * 10 + (*level++ - '0');
    return is(level, unit) ? v : 0;
}

static bool size_level(const char *level, const char *unit, int64_t micro_per_unit,
                       const uint8_t *p, size_t n, dcr_buf *out)
{
    int64_t v, step = step_of(level, unit);
    if (step == 0 || !dcr_num_micro(p, n, &v) || v < 0)
        return false;
    dcr_buf_u64(out, (uint64_t)(v / micro_per_unit / step * step));
    return true;
}

/* HHMMSS, HHMMSS.f, HHMM, HH:MM or HH:MM:SS, to its end: a list of times is none. */
static bool time_parse(const uint8_t *p, size_t n, int *h, int *m)
{
    const uint8_t *point = n == 0 ? NULL : memchr(p, '.', n);
    size_t whole = point == NULL ? n : (size_t)(point - p);
    bool colon = whole == 5 || whole == 8;
    int s;
    for (size_t i = whole + 1; i < n; i++)
        if (p[i] < '0' || p[i] > '9')
            return false;
    if (whole != 6 && whole != 8 && (point != NULL || (whole != 4 && whole != 5)))
        return false;
    if (colon && (p[2] != ':' || (whole == 8 && (p[5] != ':' || !digits(p + 6, 2, &s)))))
        return false;
    if (whole == 6 && !digits(p + 4, 2, &s))
        return false;
    return digits(p, 2, h) && digits(p + (colon ? 3 : 2), 2, m) && *h < 24 && *m < 60;
}

static bool time_level(const char *level, const uint8_t *p, size_t n, dcr_buf *out)
{
    int h, m;
    if (!time_parse(p, n, &h, &m))
        return false;
    if (is(level, "minute"))
        dcr_buf_fmt(out, "%02d%02d", h, m);
    else if (is(level, "15min"))
        dcr_buf_fmt(out, "%02d%02d", h, m / 15 * 15);
    else if (is(level, "hour"))
        dcr_buf_fmt(out, "%02d", h);
    else if (is(level, "6h_shift"))
        dcr_buf_fmt(out, "%02d-%02d", h / 6 * 6, h / 6 * 6 + 6);
    else if (is(level, "half_day"))
        dcr_buf_str(out, h < 12 ? "am" : "pm");
    else
        return false;
    return true;
}

/* Appends what an operator makes of the value; false when none can read it. */
static bool operate(const char *hierarchy, const char *level, const uint8_t *p, size_t n,
                    dcr_buf *out)
{
    bool done = false;
    if (is(hierarchy, "date") || is(hierarchy, "birth_date"))
        done = date_level(level, p, n, out);
    else if (is(hierarchy, "age"))
        done = age_level(level, p, n, out);
    else if (is(hierarchy, "height"))
        done = size_level(level, "cm", 10000, p, n, out);
    else if (is(hierarchy, "weight"))
        done = size_level(level, "kg", 1000000, p, n, out);
    else if (is(hierarchy, "time"))
        done = time_level(level, p, n, out);
    return done;
}

void dcr_level_apply(const char *hierarchy, const char *level, const uint8_t *p, size_t n,
                     dcr_buf *out)
{
    if (!is(level, "*") && !operate(hierarchy, level, p, n, out))
        dcr_buf_add(out, p, n);
}

bool dcr_hierarchy_reads(const char *hierarchy, const uint8_t *p, size_t n)
{
    dcr_date d;
    int64_t micro;
    int a, b;
    if (is(hierarchy, "date") || is(hierarchy, "birth_date"))
        return dcr_date_parse(p, n, &d);
    if (is(hierarchy, "age"))
        return age_years(p, n, &a);
    if (is(hierarchy, "height"))
        return dcr_num_micro(p, n, &micro) && micro >= 0 && micro <= 3000000;
    if (is(hierarchy, "weight"))
        return dcr_num_micro(p, n, &micro) && micro >= 0;
    return !is(hierarchy, "time") || time_parse(p, n, &a, &b);
}

bool dcr_level_reads(const char *hierarchy, const char *level, const uint8_t *p, size_t n)
{
    dcr_buf out = {0};
    bool done = operate(hierarchy, level, p, n, &out);
    dcr_buf_clear(&out);
    return done;
}

size_t dcr_level_text(const char *hierarchy, const char *level, const uint8_t *p,
                      size_t n, char *out, size_t n_out)
{
    dcr_buf text = {0};
    size_t len;
    dcr_level_apply(hierarchy, level, p, n, &text);
    len = text.failed || n_out == 0 ? 0 : text.n < n_out ? text.n : n_out - 1;
    if (len > 0)
        memcpy(out, text.p, len);
    if (n_out > 0)
        out[len] = '\0';
    dcr_buf_clear(&text);
    return len;
}
