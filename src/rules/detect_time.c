/* Times of day in text: 09:30, 09:30:15, 9:30 pm.  A length of time says so: "TA 5:23".
 */
#include <string.h>

#include "detect.h"
#include "lexicon.h"

/* Behind the minutes at p + end: seconds, "am" or "pm". */
static size_t more(const uint8_t *p, size_t n, size_t end)
{
    size_t i = end;
    if (i < n && p[i] == ':' && dcr_digit_run(p, n, i + 1, 3) == 2 &&
        dcr_digits(p + i + 1, 2) < 60)
        i += 3;
    if (i + 2 < n && p[i] == ' ' &&
        (dcr_lower(p[i + 1]) == 'a' || dcr_lower(p[i + 1]) == 'p') &&
        dcr_lower(p[i + 2]) == 'm' && (i + 3 == n || !dcr_is_alnum(p[i + 3])))
        i += 3;
    return i - end;
}

static size_t match(const uint8_t *p, size_t n, size_t at)
{
    size_t h = dcr_digit_run(p, n, at, 3), end = at + h + 3, len;
    if (at + 5 <= n && memcmp(p + at, "00:00", 5) == 0)
        return 0; /* seconds */
    if (h > 2 || dcr_digits(p + at, h) > 23 || end > n || p[at + h] != ':' ||
        dcr_digit_run(p, n, at + h + 1, 3) != 2 || dcr_digits(p + at + h + 1, 2) > 59)
        return 0;
    len = more(p, n, end);
    if (h == 1 && len == 0)
        return 0; /* 1:20 is a ratio as well */
    end += len;
    return end < n && (dcr_is_alnum(p[end]) || p[end] == ':') ? 0 : end - at;
}

bool dcr_detect_time(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    size_t n = t->n;
    if ((t->has & DCR_HAS_COLON) == 0 || t->digits < 3)
        return false;
    for (size_t i = from; i < n; i++) {
        size_t len;
        if (!dcr_is_digit(p[i]) ||
            (i > 0 && (dcr_is_alnum(p[i - 1]) || p[i - 1] == ':' || p[i - 1] == '.')))
            continue;
        len = match(p, n, i);
        if (len > 0 && (dcr_word_before(t, i) & DCR_W_DURATION) == 0) {
            *out = (dcr_span){i, len};
            return true;
        }
    }
    return false;
}
