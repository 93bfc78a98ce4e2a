/* Times of day in text: 09:30, 09:30:15. */
#include "detect.h"

bool dcr_detect_time(const uint8_t *p, size_t n, size_t from, dcr_span *out)
{
    for (size_t i = from; i < n; i++) {
        size_t h, end;
        if (!dcr_is_digit(p[i]) ||
            (i > 0 && (dcr_is_alnum(p[i - 1]) || p[i - 1] == ':' || p[i - 1] == '.')))
            continue;
        h = dcr_digit_run(p, n, i, 3);
        end = i + h + 3;
        if (h > 2 || dcr_digits(p + i, h) > 23 || end > n || p[i + h] != ':' ||
            dcr_digit_run(p, n, i + h + 1, 3) != 2 || dcr_digits(p + i + h + 1, 2) > 59)
            continue;
        if (end < n && p[end] == ':' && dcr_digit_run(p, n, end + 1, 3) == 2 &&
            dcr_digits(p + end + 1, 2) < 60)
            end += 3;
        if (end < n && (dcr_is_alnum(p[end]) || p[end] == ':'))
            continue;
        *out = (dcr_span){i, end - i};
        return true;
    }
    return false;
}
