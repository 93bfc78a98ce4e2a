/* Check digits.  Which number has which is data; here are the few ways to compute one. */
#include "national_id.h"

#include <string.h>

#include "detect.h"

static unsigned value_of(uint8_t c)
{
    return (unsigned)(dcr_is_digit(c) ? c - '0' : c - 'A' + 10);
}

/* ---- sums: what the check has to be, or whether the whole is right ---- */

static bool luhn(const uint8_t *s, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned v = value_of(s[n - 1 - i]) << (i & 1);
        sum += v > 9 ? v - 9 : v;
    }
    return n > 0 && sum % 10 == 0;
}

static bool verhoeff(const uint8_t *s, size_t n)
{
    /* Products in D5: rotations 0 to 4, reflections 5 to 9. */
    static const uint8_t permute[8][10] = {
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4},
        {5, 8, 0, 3, 7, 9, 6, 1, 4, 2}, {8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
        {9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
        {2, 7, 9, 3, 8, 0, 6, 4, 1, 5}, {7, 0, 4, 6, 9, 1, 3, 2, 5, 8}};
    unsigned c = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = permute[i % 8][value_of(s[n - 1 - i]) % 10];
        unsigned turn = d < 5 ? d : d - 5;
        if (c < 5)
            c = (c + turn) % 5 + (d < 5 ? 0 : 5);
        else
            c = (c + 5 - turn) % 5 + (d < 5 ? 5 : 0);
    }
    return n > 0 && c == 0;
}

static bool mod_11_10(const uint8_t *s, size_t n)
{
    unsigned check = 5;
    for (size_t i = 0; i < n; i++)
        check = ((check == 0 ? 10 : check) * 2 % 11 + value_of(s[i])) % 10;
    return n > 0 && check == 1;
}

static unsigned weighted(const dcr_id_check *c, const uint8_t *s, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n && i < c->n_weights; i++)
        sum += c->weight[i] * value_of(s[i]);
    return sum % c->mod;
}

static unsigned number(const dcr_id_check *c, const uint8_t *s, size_t n, unsigned before)
{
    uint64_t v = before;
    for (size_t i = 0; i < n; i++)
        v = (v * 10 + value_of(s[i])) % c->mod;
    return (unsigned)v;
}

static unsigned cross_sum(const uint8_t *s, size_t n)
{
    unsigned sum = 0, k = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned v = value_of(s[i]), two[2], len = 0;
        if (dcr_is_digit(s[i])) {
            two[len++] = v;
        } else {
            two[len++] = (v - 9) / 10;
            two[len++] = (v - 9) % 10;
        }
        for (unsigned d = 0; d < len; d++) {
            unsigned w = two[d] << (k++ & 1);
            sum += w / 10 + w % 10;
        }
    }
    return sum % 10;
}

static unsigned odd_even(const char *odd, const uint8_t *s, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned v = dcr_is_digit(s[i]) ? s[i] - '0' : s[i] - 'A';
        sum += i % 2 == 0 ? (unsigned)(odd[v] - 'A') : v;
    }
    return sum % 26;
}

/* ---- one check ---- */

/* The remainder as it is written at `at`; two digits when mod needs them. */
static bool stands(const dcr_id_check *c, const dcr_pattern_hit *h, unsigned r)
{
    const uint8_t *s = h->sig + c->at;
    if (c->at >= h->n_sig)
        return false;
    if (!c->direct)
        r = (c->mod - r) % c->mod;
    r = (r + c->rest) % c->mod;
    if (c->symbols[0] != '\0')
        return r < strlen(c->symbols) && s[0] == (uint8_t)c->symbols[r];
    if (c->mod > 11) {
        /* Complements of 97 run from 1 to 97. */
        unsigned want = !c->direct && r == 0 ? c->mod : r;
        return h->n_sig - c->at >= 2 && want < 100 && value_of(s[0]) == want / 10 &&
               value_of(s[1]) == want % 10;
    }
    if (r == 10)
        return c->ten[0] != '\0' && s[0] == (uint8_t)c->ten[0];
    return s[0] == '0' + r;
}

static bool check_holds(const dcr_national_id *id, const dcr_id_check *c,
                        const dcr_pattern_hit *h)
{
    size_t to = c->to > 0 ? c->to : c->at > 0 ? c->at : h->n_sig;
    const uint8_t *s = h->sig + c->from;
    size_t n;
    if (to > h->n_sig || c->from >= to)
        return false;
    n = to - c->from;
    switch (c->sum) {
    case DCR_ID_LUHN:
        return luhn(s, n);
    case DCR_ID_VERHOEFF:
        return verhoeff(s, n);
    case DCR_ID_MOD_11_10:
        return mod_11_10(s, n);
    case DCR_ID_CROSS_SUM:
        return stands(c, h, cross_sum(s, n));
    case DCR_ID_ODD_EVEN:
        return stands(c, h, odd_even(id->odd, s, n));
    case DCR_ID_NUMBER:
        return stands(c, h, number(c, s, n, 0)) ||
               (c->prefix[0] != '\0' &&
                stands(c, h, number(c, s, n, (unsigned)(c->prefix[0] - '0'))));
    default:
        return stands(c, h, weighted(c, s, n));
    }
}

/* ---- dates within ---- */

/* Number at the places that the date's form marks with `mark`; false when none is. */
static bool part_of(const dcr_national_id *id, const dcr_pattern_hit *h, char mark,
                    unsigned *out)
{
    bool any = false;
    *out = 0;
    for (size_t i = 0; i < h->n_sig && id->date[i] != '\0'; i++) {
        if (id->date[i] != mark)
            continue;
        if (!dcr_is_digit(h->sig[i]))
            return false;
        *out = *out * 10 + (unsigned)(h->sig[i] - '0');
        any = true;
    }
    return any;
}

static bool in_range(unsigned v, unsigned max, const uint8_t *add, size_t n_add)
{
    for (size_t i = 0; i < n_add; i++)
        if (v > add[i] && v - add[i] <= max)
            return true;
    return v >= 1 && v <= max;
}

static bool date_holds(const dcr_national_id *id, const dcr_pattern_hit *h)
{
    unsigned day = 1, month = 1;
    if (id->date[0] == '\0')
        return true;
    if (strchr(id->date, 'D') != NULL && !part_of(id, h, 'D', &day))
        return false;
    return part_of(id, h, 'M', &month) &&
           in_range(month, 12, id->month_add, id->n_month_add) &&
           in_range(day, 31, id->day_add, id->n_day_add);
}

/* ---- the whole ---- */

/* Puts in what some characters before the check count as ("2A" is 19 in a French number).
 */
static void replace(const dcr_national_id *id, dcr_pattern_hit *h)
{
    size_t end = id->check[0].at < h->n_sig ? id->check[0].at : h->n_sig;
    for (size_t r = 0; r + 1 < id->replace.n; r += 2) {
        const char *old = id->replace.s[r], *new = id->replace.s[r + 1];
        size_t len = strlen(old);
        for (size_t i = 0; strlen(new) == len && i + len <= end; i++)
            if (memcmp(h->sig + i, old, len) == 0)
                memcpy(h->sig + i, new, len);
    }
}

bool dcr_national_id_valid(const dcr_national_id *id, const dcr_pattern_hit *hit)
{
    dcr_pattern_hit h = *hit, part;
    if (!date_holds(id, &h))
        return false;
    for (size_t i = 0; i < id->n_rejects; i++)
        if (dcr_pattern_match(&id->reject[i], h.sig, h.n_sig, &part))
            return false;
    replace(id, &h);
    for (size_t i = 0; i < id->n_checks; i++)
        if (!check_holds(id, &id->check[i], &h))
            return false;
    return true;
}

bool dcr_national_id_is(const dcr_national_id *id, const uint8_t *p, size_t n)
{
    dcr_pattern_hit h;
    return n <= 2 * DCR_PATTERN_MAX && dcr_pattern_match(&id->pattern, p, n, &h) &&
           h.len == n && dcr_national_id_valid(id, &h);
}

const dcr_national_id *dcr_national_id_find(const dcr_national_ids *l, const char *id)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->list[i].id, id) == 0)
            return &l->list[i];
    return NULL;
}
