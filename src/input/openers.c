#include <string.h>

#include "open.h"

#define DCR_PLUGIN(n) extern const dcr_opener dcr_open_##n;
#include "open.def"
#undef DCR_PLUGIN

static const dcr_opener *const all[] = {
#define DCR_PLUGIN(n) &dcr_open_##n,
#include "open.def"
#undef DCR_PLUGIN
    NULL};

const dcr_opener *const *dcr_openers(void)
{
    return all;
}

const dcr_opener *dcr_open_find(uint32_t group, uint32_t element, const char *creator)
{
    for (size_t i = 0; all[i] != NULL; i++)
        if (all[i]->wants(group, element & 0xFF, creator))
            return all[i];
    return NULL;
}

static bool safe(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '.' || c == '-';
}

bool dcr_open_name(char out[DCR_OPEN_MAX_NAME + 1], const uint8_t *p, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n && p[i] != 0 && k < DCR_OPEN_MAX_NAME; i++)
        out[k++] = safe(p[i]) ? (char)p[i] : '_';
    out[k] = 0;
    return k > 0;
}
