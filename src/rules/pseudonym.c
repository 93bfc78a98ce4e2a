#include "pseudonym.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "detect.h"
#include "dict.h"

enum { PERMUTATIONS = 2000, PERMUTE_MAX = 200, DIGITS_MAX = 15 };

bool dcr_pseudonym_number(const uint8_t *p, size_t n, double *out)
{
    size_t end = n, from;
    while (end > 0 && !dcr_is_digit(p[end - 1]))
        end--;
    from = end;
    while (from > 0 && dcr_is_digit(p[from - 1]))
        from--;
    if (end == from || end - from > DIGITS_MAX)
        return false;
    *out = 0;
    for (size_t i = from; i < end; i++)
        *out = *out * 10 + (p[i] - '0');
    return true;
}

/* ---- initials ---- */

static bool has_digit(const dcr_value *v)
{
    for (uint32_t i = 0; i < v->len; i++)
        if (dcr_is_digit(v->bytes[i]))
            return true;
    return false;
}

bool dcr_pseudonym_initials(const dcr_value *id, const dcr_value *name)
{
    const uint8_t *given = memchr(name->bytes, '^', name->len);
    const uint8_t *end = name->bytes + name->len;
    uint8_t a, b;
    if (given == NULL || given + 1 >= end || has_digit(name))
        return false;
    a = dcr_lower(name->bytes[0]);
    b = dcr_lower(given[1]);
    if (!dcr_is_letter(a) || !dcr_is_letter(b) || a >= 0x80 || b >= 0x80)
        return false;
    for (uint32_t i = 0; i < id->len;) {
        uint32_t from = i;
        while (i < id->len && dcr_is_letter(id->bytes[i]))
            i++;
        if (i - from == 2) {
            uint8_t x = dcr_lower(id->bytes[from]), y = dcr_lower(id->bytes[from + 1]);
            if ((x == a && y == b) || (x == b && y == a))
                return true;
        }
        i += i == from;
    }
    return false;
}

/* ---- birth ---- */

static bool holds(const dcr_value *id, const char *text, size_t n)
{
    for (uint32_t i = 0; i + n <= id->len; i++)
        if (memcmp(id->bytes + i, text, n) == 0)
            return true;
    return false;
}

bool dcr_pseudonym_birth(const dcr_value *id, const dcr_value *date)
{
    char d[8], reversed[6];
    if (date->len != 8 || dcr_digit_run(date->bytes, 8, 0, 8) != 8)
        return false;
    memcpy(d, date->bytes, 8); /* YYYYMMDD: YYYY, YYMMDD, DDMMYY */
    memcpy(reversed, d + 6, 2);
    memcpy(reversed + 2, d + 4, 2);
    memcpy(reversed + 4, d + 2, 2);
    return holds(id, d, 4) || holds(id, d + 2, 6) || holds(id, reversed, 6);
}

/* ---- sites ---- */

/* Letters in front, or what stands before the first - or _; 0 when there is neither. */
static size_t beginning(const dcr_value *id)
{
    uint32_t letters = 0;
    for (uint32_t i = 0; i < id->len; i++)
        if (id->bytes[i] == '-' || id->bytes[i] == '_')
            return i;
    while (letters < id->len && dcr_is_letter(id->bytes[letters]))
        letters++;
    return letters < id->len ? letters : 0;
}

typedef struct partners { /* of beginnings, and of sites: number + 1 of the other */
    uint32_t *with, *subjects;
    size_t cap_with, cap_subjects;
} partners;

static bool meet(partners *p, uint32_t a, uint32_t b, bool fresh, bool *one_to_one)
{
    if (!dcr_grow(&p->with, &p->cap_with, (size_t)a + 1, sizeof *p->with) ||
        !dcr_grow(&p->subjects, &p->cap_subjects, (size_t)a + 1, sizeof *p->subjects))
        return false;
    if (fresh) {
        p->with[a] = b + 1;
        p->subjects[a] = 0;
    }
    p->subjects[a]++;
    *one_to_one = *one_to_one && p->with[a] == b + 1;
    return true;
}

bool dcr_pseudonym_sites(const dcr_value *const *id, const dcr_value *const *site,
                         size_t n_subjects, size_t *n, size_t *sites)
{
    dcr_dict begin = {0}, place = {0};
    partners of_begin = {0}, of_place = {0};
    bool room = true, one_to_one = true;
    *n = *sites = 0;
    for (size_t s = 0; s < n_subjects && room && one_to_one; s++) {
        uint32_t had_begin = begin.n, had_place = place.n, a, b;
        size_t len = id[s] == NULL || site[s] == NULL ? 0 : beginning(id[s]);
        if (len == 0)
            continue;
        a = dcr_dict_add(&begin, id[s]->bytes, len, 0);
        b = dcr_dict_add(&place, site[s]->bytes, site[s]->len, 0);
        room = a != DCR_DICT_NONE && b != DCR_DICT_NONE &&
               meet(&of_begin, a, b, a >= had_begin, &one_to_one) &&
               meet(&of_place, b, a, b >= had_place, &one_to_one);
        ++*n;
    }
    for (uint32_t b = 0; room && one_to_one && b < place.n; b++)
        one_to_one = of_place.subjects[b] > 1;
    *sites = one_to_one ? place.n : 0;
    dcr_dict_clear(&begin);
    dcr_dict_clear(&place);
    dcr_free(of_begin.with);
    dcr_free(of_begin.subjects);
    dcr_free(of_place.with);
    dcr_free(of_place.subjects);
    return room;
}

/* ---- order ---- */

static int by_x(const void *a, const void *b)
{
    const dcr_pair *p = a, *q = b;
    return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->y > q->y) - (p->y < q->y);
}

static int by_y(const void *a, const void *b)
{
    const dcr_pair *p = a, *q = b;
    return p->y != q->y ? (p->y > q->y) - (p->y < q->y) : (p->x > q->x) - (p->x < q->x);
}

/* Puts mean ranks in place of x (which: 0) or y (1). */
static void rank(dcr_pair *pair, size_t n, int which)
{
    qsort(pair, n, sizeof *pair, which == 0 ? by_x : by_y);
    for (size_t i = 0; i < n;) {
        double v = which == 0 ? pair[i].x : pair[i].y;
        size_t end = i;
        while (end < n && (which == 0 ? pair[end].x : pair[end].y) == v)
            end++;
        for (size_t k = i; k < end; k++)
            *(which == 0 ? &pair[k].x : &pair[k].y) = (double)(i + end - 1) / 2;
        i = end;
    }
}

static double correlation(const dcr_pair *pair, const double *y, size_t n)
{
    double mean = (double)(n - 1) / 2, xy = 0, xx = 0, yy = 0;
    for (size_t i = 0; i < n; i++) {
        double dx = pair[i].x - mean, dy = y[i] - mean;
        xy += dx * dy;
        xx += dx * dx;
        yy += dy * dy;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

static uint64_t next_random(uint64_t *s) /* splitmix64 */
{
    uint64_t z = *s += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

static double permuted(const dcr_pair *pair, double *y, size_t n, double rho)
{
    uint64_t seed = 1;
    size_t as_large = 0;
    for (size_t k = 0; k < PERMUTATIONS; k++) {
        for (size_t i = n; i-- > 1;) {
            size_t j = (size_t)(next_random(&seed) % (i + 1));
            double t = y[i];
            y[i] = y[j];
            y[j] = t;
        }
        as_large += fabs(correlation(pair, y, n)) >= fabs(rho) - 1e-9;
    }
    return (double)(as_large + 1) / (PERMUTATIONS + 1);
}

bool dcr_rank_correlation(dcr_pair *pair, size_t n, double *rho, double *chance)
{
    double *y = dcr_alloc(n, sizeof *y);
    *rho = 0;
    *chance = 1;
    if (y == NULL)
        return false;
    rank(pair, n, 1);
    rank(pair, n, 0);
    for (size_t i = 0; i < n; i++)
        y[i] = pair[i].y;
    if (n > 2)
        *rho = correlation(pair, y, n);
    if (n > 2 && n <= PERMUTE_MAX)
        *chance = permuted(pair, y, n, *rho);
    else if (n > PERMUTE_MAX)
        *chance = erfc(fabs(*rho) * sqrt((double)(n - 1)) / sqrt(2.0));
    dcr_free(y);
    return true;
}
