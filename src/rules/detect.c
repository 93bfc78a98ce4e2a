#include "detect.h"

#include <string.h>

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
