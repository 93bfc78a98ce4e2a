/* Numbers under which hospitals file somebody: as the whole text, or behind "MRN". */
#include <string.h>

#include "detect.h"
#include "lexicon.h"

enum { DIGITS_MIN = 6, DIGITS_MAX = 12, NAMED_MIN = 4 };

static bool one_digit_only(const uint8_t *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (p[i] != p[0])
            return false;
    return true;
}

/* 1234567, A1234567, MRN-1234567, 123-45-6789, 19600402-1234 */
bool dcr_is_record_number(const uint8_t *p, size_t n)
{
    size_t i = 0, digits = 0, groups = 0;
    if (n > 32)
        return false;
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

static size_t marks(const dcr_text *t, size_t at)
{
    size_t i = at;
    while (i < t->n && i - at < 3 && t->p[i] != '\0' && strchr(" :#=-.", t->p[i]) != NULL)
        i++;
    return i;
}

/* The number at `at`, letters before it or not: "884412", "MRN-884211". */
static size_t number_end(const dcr_text *t, size_t at)
{
    size_t letters = dcr_letter_run(t->p, t->n, at, 5), i = at, len;
    if (letters > 0 && letters <= 4)
        i = marks(t, at + letters);
    len = dcr_digit_run(t->p, t->n, i, DIGITS_MAX);
    return len >= NAMED_MIN ? i + len : 0;
}

/* "MRN 884412", "patient id: 884412", "Fall-Nr. 12345" */
static size_t named(const dcr_text *t, size_t at)
{
    size_t len = dcr_letter_run(t->p, t->n, at, DCR_WORD_MAX), i = marks(t, at + len);
    size_t end;
    uint32_t flags;
    if (i == at + len || len < 3 || i >= t->n)
        return 0;
    if (!dcr_lexicon_is(t->lex, t->p + at, len, DCR_W_RECORD | DCR_W_RECORD_HEAD))
        return 0;
    flags = dcr_lexicon_word(t->lex, t->p + at, len);
    if ((flags & DCR_W_RECORD) == 0) {
        len = dcr_letter_run(t->p, t->n, i, DCR_WORD_MAX);
        flags = dcr_lexicon_word(t->lex, t->p + i, len);
        if ((flags & DCR_W_RECORD_TAIL) == 0)
            return 0;
        i = marks(t, i + len);
    }
    end = number_end(t, i);
    return end > 0 ? end - at : 0;
}

bool dcr_detect_record_number(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    if (t->digits < NAMED_MIN)
        return false;
    if (from == 0 && dcr_is_record_number(p, t->n)) {
        *out = (dcr_span){0, t->n};
        return true;
    }
    for (size_t i = from; i < t->n; i++) {
        size_t len;
        if (!dcr_is_letter(p[i]) || (i > 0 && dcr_is_alnum(p[i - 1])))
            continue;
        len = named(t, i);
        if (len > 0) {
            *out = (dcr_span){i, len};
            return true;
        }
    }
    return false;
}
