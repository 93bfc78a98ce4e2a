/* UUIDs as text: 8-4-4-4-12 hex digits. */
#include "detect.h"

enum { UUID_LEN = 36 };

bool dcr_is_uuid(const uint8_t *p)
{
    for (size_t i = 0; i < UUID_LEN; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? p[i] != '-' : dcr_hex(p[i]) < 0)
            return false;
    }
    return true;
}

unsigned dcr_uuid_version(const uint8_t *p)
{
    return (unsigned)dcr_hex(p[14]);
}

bool dcr_detect_uuid(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    size_t n = t->n;
    if ((t->has & DCR_HAS_DASH) == 0)
        return false;
    for (size_t i = from; n >= UUID_LEN && i <= n - UUID_LEN; i++) {
        if (p[i + 8] != '-' || (i > 0 && dcr_is_alnum(p[i - 1])) ||
            (i + UUID_LEN < n && dcr_is_alnum(p[i + UUID_LEN])))
            continue;
        if (dcr_is_uuid(p + i)) {
            *out = (dcr_span){i, UUID_LEN};
            return true;
        }
    }
    return false;
}
