/* UUIDs as text: 8-4-4-4-12 hex digits. */
#include "detect.h"

enum { UUID_LEN = 36 };

static int hex(uint8_t c)
{
    c = dcr_lower(c);
    if (dcr_is_digit(c))
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool match(const uint8_t *p)
{
    for (size_t i = 0; i < UUID_LEN; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? p[i] != '-' : hex(p[i]) < 0)
            return false;
    }
    return true;
}

unsigned dcr_uuid_version(const uint8_t *p)
{
    return (unsigned)hex(p[14]);
}

bool dcr_detect_uuid(const uint8_t *p, size_t n, size_t from, dcr_span *out)
{
    for (size_t i = from; n >= UUID_LEN && i <= n - UUID_LEN; i++) {
        if ((i > 0 && dcr_is_alnum(p[i - 1])) ||
            (i + UUID_LEN < n && dcr_is_alnum(p[i + UUID_LEN])))
            continue;
        if (match(p + i)) {
            *out = (dcr_span){i, UUID_LEN};
            return true;
        }
    }
    return false;
}
