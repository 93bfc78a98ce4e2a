/* DICOM UIDs: at least six arcs of digits, at most 64 characters; and what they give
 * away. */
#include <string.h>

#include "detect.h"

enum { UID_MAX = 64, ARCS_MIN = 6 };

static size_t match(const uint8_t *p, size_t n, size_t at)
{
    size_t i = at, arcs = 0;
    while (i < n && i - at <= UID_MAX) {
        size_t len = dcr_digit_run(p, n, i, UID_MAX);
        if (len == 0 || (len > 1 && p[i] == '0'))
            return 0;
        i += len;
        arcs++;
        if (i + 1 >= n || p[i] != '.' || !dcr_is_digit(p[i + 1]))
            break;
        i++;
    }
    if (arcs < ARCS_MIN || i - at > UID_MAX || (i < n && dcr_is_alnum(p[i])))
        return 0;
    return i - at;
}

bool dcr_detect_uid(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    size_t n = t->n;
    if ((t->has & DCR_HAS_DOT) == 0 || t->digits < ARCS_MIN)
        return false;
    for (size_t i = from; i < n; i++) {
        size_t len;
        if (p[i] < '0' || p[i] > '2' ||
            (i > 0 && (dcr_is_alnum(p[i - 1]) || p[i - 1] == '.')))
            continue;
        len = match(p, n, i);
        if (len > 0) {
            *out = (dcr_span){i, len};
            return true;
        }
    }
    return false;
}

/* Nine digits at a time into four limbs, the most significant first. */
bool dcr_uid_uuid(const uint8_t *p, size_t n, uint8_t out[16])
{
    uint32_t limb[4] = {0};
    if (n < 6 || n > 5 + 39 || memcmp(p, "2.25.", 5) != 0 ||
        dcr_digit_run(p, n, 5, n) != n - 5)
        return false;
    for (size_t i = 5; i < n;) {
        size_t len = n - i < 9 ? n - i : 9;
        uint64_t carry = dcr_digits(p + i, len), scale = 1;
        for (size_t d = 0; d < len; d++)
            scale *= 10;
        for (size_t l = 4; l-- > 0;) {
            carry += limb[l] * scale;
            limb[l] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry != 0)
            return false;
        i += len;
    }
    for (size_t b = 0; b < 16; b++)
        out[b] = (uint8_t)(limb[b / 4] >> (24 - 8 * (b % 4)));
    return true;
}

static bool arc_is_date(const uint8_t *p, size_t len)
{
    unsigned year;
    if (len != 8 && (len < 14 || len > 26))
        return false;
    year = dcr_digits(p, 4);
    if (year < 1980 || year > 2035 ||
        !dcr_date_valid(year, dcr_digits(p + 4, 2), dcr_digits(p + 6, 2)))
        return false;
    return len == 8 || (dcr_digits(p + 8, 2) < 24 && dcr_digits(p + 10, 2) < 60 &&
                        dcr_digits(p + 12, 2) < 60);
}

bool dcr_uid_has_date(const uint8_t *p, size_t n)
{
    size_t i = 0;
    while (i < n) {
        size_t len = dcr_digit_run(p, n, i, n - i);
        if (arc_is_date(p + i, len))
            return true;
        i += len + 1;
    }
    return false;
}
