/* Dummies, derived modalities, and values at a level, written down from the definitions.
 */
#include "mkcohort_truth.h"

#include <string.h>
#include <strings.h>

static const char *const words[] = {"ANONYMIZED",    "ANONYMISED",   "ANONYMOUS",
                                    "ANONYM",        "ANON",         "REMOVED",
                                    "DELETED",       "REDACTED",     "DEIDENTIFIED",
                                    "DE-IDENTIFIED", "UNKNOWN",      "NONE",
                                    "N/A",           "NA",           "NULL",
                                    "NIL",           "UNDEFINED",    "UNSPECIFIED",
                                    "NOT AVAILABLE", "DUMMY",        "CLEARED",
                                    "BLANK",         "EMPTY",        "MASKED",
                                    "HIDDEN",        "CONFIDENTIAL", "NONAME",
                                    "NO NAME"};
static const char *const dates[] = {"00010101", "00000000", "19000101", "18000101",
                                    "99991231", "11111111", "19991111"};
static const char *const not_images[] = {
    "SR",     "PR",     "KO",         "SEG",      "REG",   "RTSTRUCT",
    "RTPLAN", "RTDOSE", "RTRECORD",   "RTINTENT", "RTRAD", "RTSEGANN",
    "DOC",    "PLAN",   "FID",        "AU",       "RWV",   "M3D",
    "ANN",    "SMR",    "TEXTUREMAP", "STAIN",    "ASMT"};

static bool in_list(const char *const *list, size_t n, const char *v)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(list[i], v) == 0)
            return true;
    return false;
}

static bool date_dummy(const char *v)
{
    return in_list(dates, sizeof dates / sizeof dates[0], v);
}

bool mk_is_dummy(const char *vr, const char *v)
{
    bool numeric =
        strcmp(vr, "DS") == 0 || strcmp(vr, "IS") == 0 || strcmp(vr, "US") == 0;
    char first[9] = "";
    if (in_list(words, sizeof words / sizeof words[0], v))
        return true;
    if (strspn(v, "Xx*?-._^") == strlen(v))
        return true;
    if (!numeric && strspn(v, "Xx*?-._^0") == strlen(v))
        return true;
    if (strcmp(vr, "DA") == 0)
        return date_dummy(v);
    if (strcmp(vr, "DT") == 0) {
        strncpy(first, v, 8);
        return date_dummy(first);
    }
    if (strcmp(vr, "TM") == 0)
        return strcmp(v, "111111") == 0 ||
               (strncmp(v, "000000.", 7) == 0 && strspn(v + 7, "0") == strlen(v + 7));
    return false;
}

bool mk_is_derived(const char *modality)
{
    for (size_t i = 0; i < sizeof not_images / sizeof not_images[0]; i++)
        if (strcmp(not_images[i], modality) == 0)
            return true;
    return false;
}

size_t mk_concept_no(const char *id)
{
    for (size_t i = 0; i < MK_CONCEPTS; i++)
        if (strcmp(mk_concepts[i].id, id) == 0)
            return i;
    mk_die("no concept '%s'", id);
}

static bool digits(const char *v, size_t n)
{
    return strspn(v, "0123456789") >= n;
}

static int whole(const char *v, size_t n)
{
    int r = 0;
    for (size_t i = 0; i < n; i++)
        r = r * 10 + (v[i] - '0');
    return r;
}

/* YYYYMMDD or YYYY.MM.DD with a month and a day that exist in some month. */
static bool read_date(const char *v, int *y, int *m, int *d)
{
    size_t n = strlen(v);
    if (n == 8 && digits(v, 8)) {
        *y = whole(v, 4);
        *m = whole(v + 4, 2);
        *d = whole(v + 6, 2);
    } else if (n == 10 && v[4] == '.' && v[7] == '.' && digits(v, 4) &&
               digits(v + 5, 2) && digits(v + 8, 2)) {
        *y = whole(v, 4);
        *m = whole(v + 5, 2);
        *d = whole(v + 8, 2);
    } else {
        return false;
    }
    return *m >= 1 && *m <= 12 && *d >= 1 && *d <= 31;
}

static const char *at_date(dcr_arena *a, bool month, const char *v)
{
    int y, m, d;
    if (!read_date(v, &y, &m, &d))
        return v;
    return month ? mk_text(a, "%04d%02d", y, m) : mk_text(a, "%04d%02d%02d", y, m, d);
}

static const char *at_age(dcr_arena *a, const char *v)
{
    size_t n = strspn(v, "0123456789"), len = strlen(v);
    if (n == 0 || n > 6 || (len != n && len != n + 1))
        return v;
    long x = whole(v, n);
    char unit = v[n];
    if (unit == '\0' || unit == 'Y')
        return mk_text(a, "%ld", x);
    if (unit == 'M')
        return mk_text(a, "%ld", x / 12);
    if (unit == 'W')
        return mk_text(a, "%ld", x * 28 / 1461); /* 7 / 365.25 */
    if (unit == 'D')
        return mk_text(a, "%ld", x * 4 / 1461);
    return v;
}

/* A decimal string times 1000, cut; false when it is not one. */
static bool thousandths(const char *v, long *out)
{
    long r = 0, exp = 0, places = 0;
    size_t n = 0;
    bool point = false;
    for (; *v != '\0' && strchr("0123456789.", *v) != NULL; v++) {
        if (*v == '.') {
            if (point)
                return false;
            point = true;
            continue;
        }
        r = r * 10 + (*v - '0');
        places += point;
        if (++n > 15)
            return false;
    }
    if (n == 0)
        return false;
    if (*v == 'e' || *v == 'E') {
        bool minus = v[1] == '-';
        v += minus || v[1] == '+' ? 2 : 1;
        if (!digits(v, 1) || strlen(v) > 1)
            return false;
        exp = (minus ? -1 : 1) * (*v++ - '0');
    }
    if (*v != '\0')
        return false;
    for (exp += 3 - places; exp > 0; exp--)
        r *= 10;
    for (; exp < 0; exp++)
        r /= 10;
    *out = r;
    return true;
}

static const char *at_time(dcr_arena *a, const char *v)
{
    int h, m;
    size_t n = strcspn(v, ".");
    if ((n == 6 || (n == 4 && v[n] == '\0')) && digits(v, n)) {
        h = whole(v, 2);
        m = whole(v + 2, 2);
    } else if ((n == 5 || (n == 8 && v[5] == ':' && digits(v + 6, 2))) && v[2] == ':' &&
               digits(v, 2) && digits(v + 3, 2)) {
        h = whole(v, 2);
        m = whole(v + 3, 2);
    } else {
        return v;
    }
    return h < 24 && m < 60 ? mk_text(a, "%02d%02d", h, m) : v;
}

const char *mk_at_level(dcr_arena *a, char kind, bool month, const char *v)
{
    long x;
    switch (kind) {
    case 'd':
        return at_date(a, month, v);
    case 't':
        return at_time(a, v);
    case 'a':
        return at_age(a, v);
    case 'h': /* metres to the multiple of 10 cm below */
        return thousandths(v, &x) ? mk_text(a, "%ld", x / 100 * 10) : v;
    case 'w': /* kilograms to the multiple of 10 kg below */
        return thousandths(v, &x) ? mk_text(a, "%ld", x / 10000 * 10) : v;
    default:
        return v;
    }
}

const char *mk_years(dcr_arena *a, const char *birth, const char *exam)
{
    int by, bm, bd, y, m, d;
    if (birth == NULL || exam == NULL || strlen(birth) != 8 || strlen(exam) != 8 ||
        !read_date(birth, &by, &bm, &bd) || !read_date(exam, &y, &m, &d) ||
        strcmp(birth, exam) > 0)
        return NULL;
    return mk_text(a, "%d", y - by - (m < bm || (m == bm && d < bd)));
}
