#include "detect.h"

#include <string.h>

#include "lexicon.h"

static const dcr_detector detectors[] = {
#define DCR_PLUGIN(name) {#name, dcr_detect_##name},
#include "detect.def"
#undef DCR_PLUGIN
    {NULL, NULL}};

const dcr_detector *dcr_detectors(void)
{
    return detectors;
}

const dcr_detector *dcr_detector_find(const char *id)
{
    for (const dcr_detector *d = detectors; d->id != NULL; d++)
        if (strcmp(d->id, id) == 0)
            return d;
    return NULL;
}

static uint32_t kind_of(uint8_t c)
{
    if (dcr_is_digit(c))
        return DCR_HAS_DIGIT;
    if (dcr_is_upper(c) || c >= 0x80)
        return DCR_HAS_UPPER;
    if (c >= 'a' && c <= 'z')
        return DCR_HAS_LOWER;
    switch (c) {
    case '@':
        return DCR_HAS_AT;
    case '^':
        return DCR_HAS_CARET;
    case '.':
        return DCR_HAS_DOT;
    case ':':
        return DCR_HAS_COLON;
    case '/':
        return DCR_HAS_SLASH;
    case '\\':
        return DCR_HAS_BACKSLASH;
    case '-':
        return DCR_HAS_DASH;
    case '=':
        return DCR_HAS_EQUALS;
    default:
        return 0;
    }
}

void dcr_text_init(dcr_text *t, const struct dcr_lexicon *lex, const uint8_t *p, size_t n)
{
    size_t digits = 0;
    uint32_t has = 0;
    for (size_t i = 0; i < n; i++) {
        has |= lex->kind[p[i]];
        digits += dcr_is_digit(p[i]);
    }
    *t = (dcr_text){p, n, digits, has, lex};
}

void dcr_text_kinds(uint16_t kind[256])
{
    for (unsigned c = 0; c < 256; c++)
        kind[c] = (uint16_t)kind_of((uint8_t)c);
}

size_t dcr_letter_run(const uint8_t *p, size_t n, size_t at, size_t max)
{
    size_t i = at;
    while (i < n && i - at < max && dcr_is_letter(p[i]))
        i++;
    return i - at;
}

uint32_t dcr_word_before(const dcr_text *t, size_t at)
{
    size_t end = at, start;
    while (end > 0 && at - end < 4 && !dcr_is_alnum(t->p[end - 1]))
        end--;
    start = end;
    while (start > 0 && end - start < DCR_WORD_MAX && dcr_is_letter(t->p[start - 1]))
        start--;
    return dcr_lexicon_word(t->lex, t->p + start, end - start);
}

size_t dcr_digit_run(const uint8_t *p, size_t n, size_t at, size_t max)
{
    size_t i = at;
    while (i < n && i - at < max && dcr_is_digit(p[i]))
        i++;
    return i - at;
}

unsigned dcr_digits(const uint8_t *p, size_t len)
{
    unsigned v = 0;
    for (size_t i = 0; i < len; i++)
        v = v * 10 + (unsigned)(p[i] - '0');
    return v;
}

bool dcr_word_at(const uint8_t *p, size_t n, size_t at, const char *word)
{
    size_t len = strlen(word);
    if (at > n || n - at < len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (dcr_lower(p[at + i]) != (uint8_t)word[i])
            return false;
    return true;
}

bool dcr_date_valid(unsigned year, unsigned month, unsigned day)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year == 0 || month < 1 || month > 12 || day < 1)
        return false;
    return day <= days[month - 1] + (month == 2 && leap ? 1u : 0u);
}
