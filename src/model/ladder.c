/* Hierarchies as ladders: which levels are coarser than one, and what a file would hold
 * whose values were brought to a level. */
#include <stdio.h>
#include <string.h>

#include "dcmrisk/model.h"
#include "levels.h"
#include "num.h"

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* ---- the rungs ---- */

typedef struct ladder {
    const char *hierarchy;
    const char *rung[DCR_LADDER_MAX]; /* in the order of hierarchies.json */
    const char *branch;               /* a rung from which only "*" is left; NULL none */
    const char *from;                 /* the last rung that it is coarser than */
} ladder;

/* Weeks cross months and years; 18 and 65 cross the bands of ages. */
static const ladder ladders[] = {
    {"date",
     {"day", "iso_week", "month", "quarter", "year", "5y", "decade", "*"},
     "iso_week",
     "day"},
    {"birth_date",
     {"day", "month", "quarter", "year", "5y", "10y", "20y", "*"},
     NULL,
     NULL},
    {"age",
     {"as_recorded", "1y", "5y", "10y", "20y", "minor_adult_senior", "*"},
     "minor_adult_senior",
     "1y"},
    {"height", {"as_recorded", "1cm", "5cm", "10cm", "*"}, NULL, NULL},
    {"weight", {"as_recorded", "1kg", "5kg", "10kg", "20kg", "*"}, NULL, NULL},
    {"time",
     {"fraction", "second", "minute", "15min", "hour", "6h_shift", "half_day", "*"},
     NULL,
     NULL},
};

static size_t rung_of(const ladder *l, const char *level)
{
    size_t i = 0;
    while (i < DCR_LADDER_MAX && l->rung[i] != NULL && !is(l->rung[i], level))
        i++;
    return i;
}

/* "second" of a time is one, but no operator cuts a value there. */
static bool has_operator(const ladder *l, const char *level)
{
    return !is(l->hierarchy, "time") || !is(level, "second");
}

size_t dcr_level_coarser(const char *hierarchy, const char *level,
                         const char *coarser[DCR_LADDER_MAX])
{
    const ladder *l = NULL;
    size_t n = 0, at, from;
    if (is(level, "*"))
        return 0;
    for (size_t i = 0; i < sizeof ladders / sizeof ladders[0]; i++)
        if (is(ladders[i].hierarchy, hierarchy))
            l = &ladders[i];
    at = l == NULL ? DCR_LADDER_MAX : rung_of(l, level);
    if (at == DCR_LADDER_MAX || l->rung[at] == NULL ||
        (l->branch != NULL && is(l->branch, level))) {
        coarser[0] = "*";
        return 1;
    }
    from = l->from == NULL ? 0 : rung_of(l, l->from);
    for (size_t i = at + 1; i < DCR_LADDER_MAX && l->rung[i] != NULL; i++) {
        bool branch = l->branch != NULL && is(l->rung[i], l->branch);
        if ((!branch || at <= from) && has_operator(l, l->rung[i]))
            coarser[n++] = l->rung[i];
    }
    return n;
}

/* ---- back to values ---- */

static bool all_digits(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    return true;
}

static int number_of(const char *s, size_t n)
{
    int v = 0;
    while (n-- > 0)
        v = v * 10 + (*s++ - '0');
    return v;
}

/* The first day of the period; false when the label is not of its level. */
static bool first_day(const char *level, const char *s, dcr_date *d)
{
    size_t n = strlen(s);
    *d = (dcr_date){0, 1, 1};
    if (is(level, "day"))
        return dcr_date_parse((const uint8_t *)s, n, d);
    if (n < 4 || !all_digits(s, 4))
        return false;
    d->year = number_of(s, 4);
    if (is(level, "iso_week")) {
        if (n != 7 || s[4] != 'W' || !all_digits(s + 5, 2))
            return false;
        *d = dcr_iso_monday(d->year, number_of(s + 5, 2));
        return d->year >= 0 && d->year <= 9999;
    }
    if (is(level, "month")) {
        d->month = n == 6 && all_digits(s + 4, 2) ? number_of(s + 4, 2) : 0;
        return d->month >= 1 && d->month <= 12;
    }
    if (is(level, "quarter")) {
        bool ok = n == 6 && s[4] == 'Q' && s[5] >= '1' && s[5] <= '4';
        d->month = ok ? (s[5] - '1') * 3 + 1 : 0;
        return ok;
    }
    return n == 4;
}

static int date_value(const char *level, const char *s, char *out, size_t n_out)
{
    dcr_date d;
    return first_day(level, s, &d)
               ? snprintf(out, n_out, "%04d%02d%02d", d.year, d.month, d.day)
               : 0;
}

/* The youngest age of the band, as an AS value. */
static int age_value(const char *level, const char *s, char *out, size_t n_out)
{
    size_t n = strlen(s);
    int y;
    if (is(level, "minor_adult_senior"))
        y = is(s, "0-17") ? 0 : is(s, "18-64") ? 18 : is(s, "65+") ? 65 : -1;
    else if (is(s, "90+") && !is(level, "1y"))
        y = 90;
    else
        y = n >= 1 && n <= 4 && all_digits(s, n) ? number_of(s, n) : -1;
    return y < 0 ? 0 : snprintf(out, n_out, "%03dY", y);
}

/* Centimetres become metres, as PatientSize has them. */
static int size_value(const char *s, bool cm, char *out, size_t n_out)
{
    uint64_t v;
    if (!dcr_num_u64(s, 0, 1000000000, &v))
        return 0;
    return cm ? snprintf(out, n_out, "%llu.%02u", (unsigned long long)(v / 100),
                         (unsigned)(v % 100))
              : snprintf(out, n_out, "%llu", (unsigned long long)v);
}

/* The first second of the period but of midnight, which would read as a dummy: there the
 * second one. */
static int time_value(const char *level, const char *s, char *out, size_t n_out)
{
    size_t n = strlen(s);
    int h = -1, m = 0;
    if (is(level, "half_day")) {
        h = is(s, "am") ? 0 : is(s, "pm") ? 12 : -1;
    } else if (is(level, "6h_shift")) {
        h = n == 5 && all_digits(s, 2) && s[2] == '-' ? number_of(s, 2) : -1;
    } else if (is(level, "hour")) {
        h = n == 2 && all_digits(s, 2) ? number_of(s, 2) : -1;
    } else if (n == 4 && all_digits(s, 4)) {
        h = number_of(s, 2);
        m = number_of(s + 2, 2);
    }
    return h < 0 || h > 23 || m > 59
               ? 0
               : snprintf(out, n_out, "%02d%02d%02d", h, m, h == 0 && m == 0);
}

/* A value as it stands, when it can be read: some coarser level then changes it. */
static int recorded(const char *hierarchy, const char *s, char *out, size_t n_out)
{
    const char *probe = is(hierarchy, "age")      ? "1y"
                        : is(hierarchy, "height") ? "1cm"
                        : is(hierarchy, "weight") ? "1kg"
                                                  : "minute";
    return dcr_level_reads(hierarchy, probe, (const uint8_t *)s, strlen(s))
               ? snprintf(out, n_out, "%s", s)
               : 0;
}

static int value_of(const char *hierarchy, const char *level, const char *s, char *out,
                    size_t n_out)
{
    if (is(hierarchy, "date") || is(hierarchy, "birth_date"))
        return date_value(level, s, out, n_out);
    if (is(level, "as_recorded") || is(level, "fraction") || is(level, "second"))
        return recorded(hierarchy, s, out, n_out);
    if (is(hierarchy, "age"))
        return age_value(level, s, out, n_out);
    if (is(hierarchy, "height") || is(hierarchy, "weight"))
        return size_value(s, is(hierarchy, "height"), out, n_out);
    return is(hierarchy, "time") ? time_value(level, s, out, n_out) : 0;
}

size_t dcr_level_value(const char *hierarchy, const char *level, const char *label,
                       char *out, size_t n_out)
{
    int n = is(level, "*") ? 0 : value_of(hierarchy, level, label, out, n_out);
    if (n <= 0 || (size_t)n >= n_out) {
        if (n_out > 0)
            out[0] = '\0';
        return 0;
    }
    return (size_t)n;
}

int dcr_age_between(const char *birth, const char *exam)
{
    dcr_date from, to;
    return dcr_date_parse((const uint8_t *)birth, strlen(birth), &from) &&
                   dcr_date_parse((const uint8_t *)exam, strlen(exam), &to)
               ? dcr_age_years(&from, &to)
               : -1;
}
