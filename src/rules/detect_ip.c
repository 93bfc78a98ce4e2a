/* IPv4 addresses.  Four small numbers are more often a version: those need more digits.
 */
#include "detect.h"

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

bool dcr_detect_ip(const uint8_t *p, size_t n, size_t from, dcr_span *out)
{
    for (size_t i = from; i < n; i++) {
        unsigned o[4];
        size_t digits, len;
        if (!dcr_is_digit(p[i]) || (i > 0 && (dcr_is_alnum(p[i - 1]) || p[i - 1] == '.')))
            continue;
        len = match(p, n, i, o, &digits);
        if (len > 0 && ((o[0] == 192 && o[1] == 168) ||
                        (o[0] == 172 && o[1] > 15 && o[1] < 32) || digits >= 9)) {
            *out = (dcr_span){i, len};
            return true;
        }
    }
    return false;
}
