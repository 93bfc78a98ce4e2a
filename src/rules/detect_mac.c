/* Addresses of network cards: 00:1B:63:84:45:E6, 00-1B-63-84-45-E6 (IEEE 802). */
#include "detect.h"

enum { MAC_LEN = 17, PAIRS = 6 };

static bool match(const uint8_t *p)
{
    bool letter = false, differ = false;
    uint8_t sep = p[2];
    if (sep != ':' && sep != '-')
        return false;
    for (size_t k = 0; k < PAIRS; k++) {
        const uint8_t *q = p + 3 * k;
        if (dcr_hex(q[0]) < 0 || dcr_hex(q[1]) < 0 || (k + 1 < PAIRS && q[2] != sep))
            return false;
        letter |= !dcr_is_digit(q[0]) || !dcr_is_digit(q[1]);
        differ |= q[0] != p[0] || q[1] != p[1];
    }
    /* Digits alone between dashes are more often something else. */
    return differ && (letter || sep == ':');
}

bool dcr_detect_mac(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    size_t n = t->n;
    if ((t->has & (DCR_HAS_COLON | DCR_HAS_DASH)) == 0)
        return false;
    for (size_t i = from; n >= MAC_LEN && i <= n - MAC_LEN; i++) {
        uint8_t before = i > 0 ? p[i - 1] : ' ';
        uint8_t after = i + MAC_LEN < n ? p[i + MAC_LEN] : ' ';
        if (p[i + 2] != ':' && p[i + 2] != '-')
            continue;
        if (dcr_hex(p[i]) < 0 || dcr_is_alnum(before) || before == ':' || before == '-' ||
            dcr_is_alnum(after) || after == ':' || after == '-' || !match(p + i))
            continue;
        *out = (dcr_span){i, MAC_LEN};
        return true;
    }
    return false;
}
