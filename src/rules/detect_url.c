/* Addresses in a network: URLs, \\server\share, host.domain.org. */
#include <string.h>

#include "detect.h"

enum { HOST_MAX = 253 };

static bool in_url(uint8_t c)
{
    return c > ' ' && c < 0x7F && strchr("\"<>{}|^`", c) == NULL;
}

static size_t scheme(const uint8_t *p, size_t n, size_t at)
{
    static const char *const starts[] = {"http://", "https://", "ftp://", "file://",
                                         "www."};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t k = at + strlen(starts[i]), begin = k;
        if (!dcr_word_at(p, n, at, starts[i]))
            continue;
        while (k < n && in_url(p[k]))
            k++;
        return k > begin + 1 ? k - at : 0;
    }
    return 0;
}

/* \\server\share: one '\' alone separates the values of an attribute. */
static size_t share(const uint8_t *p, size_t n, size_t at)
{
    size_t i = at + 2, host = i;
    if (n - at < 5 || p[at] != '\\' || p[at + 1] != '\\')
        return 0;
    while (i < n && i - host < HOST_MAX &&
           (dcr_is_alnum(p[i]) || p[i] == '-' || p[i] == '.'))
        i++;
    if (i - host < 2 || i + 1 >= n || p[i] != '\\' || !dcr_is_alnum(p[i + 1]))
        return 0;
    return i + 2 - at;
}

static bool is_domain(const uint8_t *p, size_t n)
{
    static const char *const ends[] = {"com", "org",   "net", "edu",
                                       "gov", "local", "lan", "internal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (strlen(ends[i]) == n && dcr_word_at(p, n, 0, ends[i]))
            return true;
    return false;
}

/* A name of at least two labels that ends in a domain; *len is its length either way. */
static bool host_name(const uint8_t *p, size_t n, size_t at, size_t *len)
{
    size_t i = at, label = at, labels = 0;
    bool good = false;
    while (i < n && i - at < HOST_MAX) {
        while (i < n && i - at < HOST_MAX && (dcr_is_alnum(p[i]) || p[i] == '-'))
            i++;
        labels++;
        good = labels > 1 && is_domain(p + label, i - label);
        if (i + 1 >= n || p[i] != '.' || !dcr_is_alnum(p[i + 1]))
            break;
        label = ++i;
    }
    *len = i - at;
    return good;
}

bool dcr_detect_url(const uint8_t *p, size_t n, size_t from, dcr_span *out)
{
    size_t i = from;
    while (i < n) {
        size_t len = 0;
        bool start = i == 0 || !dcr_is_alnum(p[i - 1]);
        if (start && dcr_is_letter(p[i]))
            len = scheme(p, n, i);
        else if (p[i] == '\\')
            len = share(p, n, i);
        if (len > 0 || (start && dcr_is_alnum(p[i]) && host_name(p, n, i, &len))) {
            *out = (dcr_span){i, len};
            return true;
        }
        /* A host name that failed has been looked at to its end. */
        i += len > 0 ? len : 1;
    }
    return false;
}
