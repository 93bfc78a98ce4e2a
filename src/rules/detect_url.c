/* Addresses in a network: URLs, \\server\share, host.domain.org. */
#include <string.h>

#include "detect.h"
#include "lexicon.h"

enum { HOST_MAX = 253 };

static bool in_url(uint8_t c)
{
    return c > ' ' && c < 0x7F && strchr("\"<>{}|^`", c) == NULL;
}

static size_t scheme(const uint8_t *p, size_t n, size_t at)
{
    static const char *const starts[] = {"http://", "https://", "ftp://", "file://",
                                         "www."};
    if (strchr("hHfFwW", p[at]) == NULL)
        return 0;
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

/* \\server\share: one '\' alone separates the values of an attribute, and an empty value
 * between two of them looks alike. */
static size_t share(const uint8_t *p, size_t n, size_t at)
{
    size_t i = at + 2, host = i;
    bool lower = false;
    if (n - at < 5 || p[at] != '\\' || p[at + 1] != '\\' ||
        (at > 0 && (dcr_is_alnum(p[at - 1]) || p[at - 1] == '\\')))
        return 0;
    while (i < n && i - host < HOST_MAX &&
           (dcr_is_alnum(p[i]) || p[i] == '-' || p[i] == '.')) {
        lower |= dcr_lower(p[i]) == p[i] && !dcr_is_digit(p[i]);
        i++;
    }
    if (i - host < 2 || !lower || i + 1 >= n || p[i] != '\\' || !dcr_is_alnum(p[i + 1]))
        return 0;
    return i + 2 - at;
}

/* How a host name ends: with a word that nothing else ends with; or with a country, when
 * it has three labels and is written small. */
static bool is_domain(const dcr_text *t, size_t at, size_t n, size_t labels, bool small)
{
    uint32_t f = dcr_lexicon_word(t->lex, t->p + at, n);
    return (f & DCR_W_DOMAIN) != 0 ||
           ((f & DCR_W_COUNTRY_DOMAIN) != 0 && labels >= 3 && small);
}

/* A name of at least two labels that ends in a domain; *len is its length either way. */
static bool host_name(const dcr_text *t, size_t at, size_t *len)
{
    const uint8_t *p = t->p;
    size_t n = t->n, i = at, label = at, labels = 0;
    bool small = true;
    while (i < n && i - at < HOST_MAX) {
        while (i < n && i - at < HOST_MAX && (dcr_is_alnum(p[i]) || p[i] == '-'))
            small &= !dcr_is_upper(p[i++]);
        labels++;
        if (i + 1 >= n || p[i] != '.' || !dcr_is_alnum(p[i + 1]))
            break;
        label = ++i;
    }
    *len = i - at;
    return labels > 1 && is_domain(t, label, i - label, labels, small);
}

/* Hosts of software and standards say nothing of a site: "github.com", and what lies
 * below them. */
static bool is_public(const dcr_text *t, dcr_span at)
{
    const uint8_t *p = t->p + at.at;
    size_t i = 0, end;
    for (size_t k = 0; k + 2 < at.n && k < 8; k++)
        if (memcmp(p + k, "://", 3) == 0)
            i = k + 3;
    end = i;
    while (end < at.n && (dcr_is_alnum(p[end]) || p[end] == '-' || p[end] == '.'))
        end++;
    for (size_t labels = 0; labels < 4 && i < end; labels++) {
        if (dcr_lexicon_is(t->lex, p + i, end - i, DCR_W_PUBLIC_HOST))
            return true;
        while (i < end && p[i] != '.')
            i++;
        i++;
    }
    return false;
}

bool dcr_detect_url(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    size_t n = t->n, i = from;
    if ((t->has & (DCR_HAS_DOT | DCR_HAS_BACKSLASH | DCR_HAS_SLASH)) == 0)
        return false;
    while (i < n) {
        size_t len = 0;
        bool start = i == 0 || !dcr_is_alnum(p[i - 1]);
        size_t word = start ? dcr_letter_run(p, n, i, HOST_MAX) : 0;
        if (word > 0 && i + word < n && p[i + word] == ' ') {
            i += word; /* most words of a text */
            continue;
        }
        if (start && dcr_is_letter(p[i]))
            len = scheme(p, n, i);
        else if (p[i] == '\\')
            len = share(p, n, i);
        if (len > 0 || (start && dcr_is_alnum(p[i]) && host_name(t, i, &len))) {
            *out = (dcr_span){i, len};
            if (!is_public(t, *out))
                return true;
        }
        /* A host name that failed has been looked at to its end. */
        i += len > 0 ? len : 1;
    }
    return false;
}
