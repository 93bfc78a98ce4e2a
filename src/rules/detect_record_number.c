/* Numbers under which a hospital files somebody: as the whole text, or behind "MRN". */
#include <string.h>

#include "detect.h"

enum { DIGITS_MIN = 6, DIGITS_MAX = 12 };

static bool one_digit_only(const uint8_t *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (p[i] != p[0])
            return false;
    return true;
}

/* 1234567, A1234567, MRN-1234567, 123-45-6789, 19600402-1234 */
static bool whole(const uint8_t *p, size_t n)
{
    size_t i = 0, digits = 0, groups = 0;
    while (i < n && i < 4 && dcr_is_letter(p[i]))
        i++;
    if (i > 0 && i < n && (p[i] == '-' || p[i] == ' ' || p[i] == '_'))
        i++;
    while (i < n) {
        size_t len = dcr_digit_run(p, n, i, DIGITS_MAX + 1);
        if (len == 0 || ++groups > 3)
            return false;
        digits += len;
        i += len;
        if (i == n)
            break;
        if (p[i] != '-' || i + 1 == n)
            return false;
        i++;
    }
    return digits >= DIGITS_MIN && digits <= DIGITS_MAX && !one_digit_only(p, n);
}

static size_t behind_word(const uint8_t *p, size_t n, size_t at)
{
    static const char *const words[] = {"mrn", "accession", "patient id",
                                        "pid", "ssn",       "hosp no"};
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        size_t i = at + strlen(words[w]), marks = 0, len;
        if (!dcr_word_at(p, n, at, words[w]))
            continue;
        while (i < n && marks < 3 && p[i] != '\0' && strchr(" :#=-.", p[i]) != NULL) {
            i++;
            marks++;
        }
        len = dcr_digit_run(p, n, i, DIGITS_MAX);
        if (len >= 4)
            return i + len - at;
    }
    return 0;
}

bool dcr_detect_record_number(const uint8_t *p, size_t n, size_t from, dcr_span *out)
{
    if (from == 0 && n <= 32 && whole(p, n)) {
        *out = (dcr_span){0, n};
        return true;
    }
    for (size_t i = from; i < n; i++) {
        size_t len;
        if (!dcr_is_letter(p[i]) || (i > 0 && dcr_is_alnum(p[i - 1])))
            continue;
        len = behind_word(p, n, i);
        if (len > 0) {
            *out = (dcr_span){i, len};
            return true;
        }
    }
    return false;
}
