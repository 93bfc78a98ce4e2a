/* E-mail addresses: local@host.tld. */
#include <string.h>

#include "detect.h"

enum { LOCAL_MAX = 64, HOST_MAX = 253 };

static bool in_local(uint8_t c)
{
    return dcr_is_alnum(c) || (c != '\0' && strchr("._%+-", c) != NULL);
}

/* Length of host.tld at p + at, 0 when there is none. */
static size_t host(const uint8_t *p, size_t n, size_t at)
{
    size_t i = at, label = at, good = 0, labels = 0;
    while (i < n && i - at < HOST_MAX) {
        while (i < n && i - at < HOST_MAX && (dcr_is_alnum(p[i]) || p[i] == '-'))
            i++;
        if (i == label)
            break;
        labels++;
        if (labels > 1 && i - label >= 2 && dcr_is_letter(p[label]))
            good = i - at;
        if (i >= n || p[i] != '.')
            break;
        label = ++i;
    }
    return good;
}

bool dcr_detect_email(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    size_t n = t->n;
    if ((t->has & DCR_HAS_AT) == 0)
        return false;
    for (size_t i = from; i < n; i++) {
        size_t left = i, right;
        if (p[i] != '@')
            continue;
        while (left > from && i - left < LOCAL_MAX && in_local(p[left - 1]))
            left--;
        right = left < i ? host(p, n, i + 1) : 0;
        /* git@host:path is where a program is kept */
        if (right > 0 && !(i + 2 + right < n && p[i + 1 + right] == ':' &&
                           dcr_is_letter(p[i + 2 + right]))) {
            *out = (dcr_span){left, i + 1 + right - left};
            return true;
        }
    }
    return false;
}
