/* UUIDs that tell when and where they were made: version 1, 2 and 6 hold a clock and the
 * address of a network card (RFC 9562, 5.1, 5.6). */
#include "detect.h"

bool dcr_detect_uuid_clock(const dcr_text *t, size_t from, dcr_span *out)
{
    dcr_span at;
    while (dcr_detect_uuid(t, from, &at)) {
        unsigned version = dcr_uuid_version(t->p + at.at);
        unsigned variant = (unsigned)dcr_hex(t->p[at.at + 19]);
        if ((version == 1 || version == 2 || version == 6) && variant >= 8 &&
            variant < 12) {
            *out = at;
            return true;
        }
        from = at.at + at.n;
    }
    return false;
}
