/* IP addresses.  Four small numbers are more often a version: those need more digits. */
#include "detect.h"

enum { GROUPS = 8 };

static size_t match(const uint8_t *p, size_t n, size_t at, unsigned octet[4],
                    size_t *digits)
{
    size_t i = at;
    *digits = 0;
    for (size_t k = 0; k < 4; k++) {
        size_t len = dcr_digit_run(p, n, i, 4);
        if (len == 0 || len > 3)
            return 0;
        octet[k] = dcr_digits(p + i, len);
        if (octet[k] > 255 || (len > 1 && p[i] == '0'))
            return 0;
        *digits += len;
        i += len;
        if (k < 3 && (i >= n || p[i++] != '.'))
            return 0;
    }
    if (i < n &&
        (dcr_is_alnum(p[i]) || (p[i] == '.' && i + 1 < n && dcr_is_digit(p[i + 1]))))
        return 0;
    return i - at;
}

static size_t version_4(const uint8_t *p, size_t n, size_t at)
{
    unsigned o[4];
    size_t digits, len;
    if (!dcr_is_digit(p[at]))
        return 0;
    len = match(p, n, at, o, &digits);
    if (len == 0)
        return 0;
    return (o[0] == 192 && o[1] == 168) || (o[0] == 172 && o[1] > 15 && o[1] < 32) ||
                   digits >= 9
               ? len
               : 0;
}

/* fe80::1ff:fe23:4567:890a, 2001:db8:0:0:8:800:200c:417a (RFC 4291, 2.2); with "::" at
 * least three groups that hold a digit, for "a::b" is a name in many languages. */
static size_t version_6(const uint8_t *p, size_t n, size_t at)
{
    size_t i = at, groups = 0, gaps = 0;
    bool digit = false;
    while (groups < GROUPS) {
        size_t len = 0;
        while (i + len < n && len < 5 && dcr_hex(p[i + len]) >= 0)
            digit |= dcr_is_digit(p[i + len++]);
        if (len == 0 || len > 4)
            return 0;
        groups++;
        i += len;
        if (i >= n || p[i] != ':' || groups == GROUPS)
            break;
        i++;
        if (i < n && p[i] == ':') {
            gaps++;
            i++;
        }
    }
    if (!digit || gaps > 1 || (i < n && (dcr_is_alnum(p[i]) || p[i] == ':')))
        return 0;
    return (gaps == 0 ? groups == GROUPS : groups >= 3 && groups < GROUPS) ? i - at : 0;
}

bool dcr_detect_ip(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    size_t n = t->n;
    bool four = (t->has & DCR_HAS_DOT) != 0 && t->digits >= 6;
    bool six = (t->has & DCR_HAS_COLON) != 0;
    if (!four && !six)
        return false;
    for (size_t i = from; i < n; i++) {
        size_t len;
        if (dcr_hex(p[i]) < 0 ||
            (i > 0 && (dcr_is_alnum(p[i - 1]) || p[i - 1] == '.' || p[i - 1] == ':')))
            continue;
        len = four ? version_4(p, n, i) : 0;
        len = len == 0 && six ? version_6(p, n, i) : len;
        if (len > 0) {
            *out = (dcr_span){i, len};
            return true;
        }
    }
    return false;
}
