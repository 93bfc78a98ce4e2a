/* Plain text: encapsulated documents, and values so long that only a digest of them is
 * kept otherwise. */
#include <string.h>

#include "open.h"
#include "value.h"

enum { MOST = 256 * 1024 };

static bool wants(const dcr_open_place *at)
{
    return at->found == NULL && at->group == 0x0042 && at->element == 0x0011;
}

/* Bytes that no text has.  Escapes change its character set. */
static bool is_control(uint8_t c)
{
    return (c < ' ' && !dcr_open_is_blank(c) && c != 0x1B) || c == 0x7F;
}

static bool readable(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_control(p[i]) || p[i] == 0x1B)
            return false;
    return true;
}

static bool is_padding(uint8_t c)
{
    return c == 0 || dcr_open_is_blank(c);
}

static size_t padding(const uint8_t *p, size_t n)
{
    size_t at = 0;
    while (at < n && is_padding(p[at]))
        at++;
    return at;
}

/* What begins with nothing but padding may be anything. */
static bool sniffs(const uint8_t *p, size_t n, uint64_t total)
{
    size_t at = padding(p, n);
    return total > DCR_VALUE_MAX && readable(p + at, n - at);
}

static dcr_status tell(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    size_t at = padding(p, n);
    p += at;
    n -= at;
    if (n > MOST) {
        to->cut(to->ctx);
        n = MOST;
    }
    return dcr_open_text(to, "content", p, n);
}

static dcr_status open_plain(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    size_t at = padding(p, n);
    while (n > at && is_padding(p[n - 1]))
        n--;
    return readable(p + at, n - at) ? tell(p, n, to) : DCR_OK;
}

const dcr_opener dcr_open_plain = {.name = "plain",
                                   .version = "2",
                                   .wants = wants,
                                   .sniffs = sniffs,
                                   .least = DCR_OPEN_HEAD,
                                   .last = true,
                                   .open = open_plain};

/* ---- long values of which the VR says that they are text ---- */

/* All of it, whatever stands between. */
static dcr_status open_text(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    dcr_status s = DCR_OK;
    for (size_t at = 0, end; at < n && s == DCR_OK; at = end + 1) {
        end = at;
        while (end < n && !is_control(p[end]))
            end++;
        s = tell(p + at, end - at, to);
    }
    return s;
}

/* How many of the first bytes may stand in numbers, dates and UIDs. */
static size_t digits_of(const uint8_t *p, size_t n)
{
    static const bool may[256] = {
        ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1,  ['6'] = 1,
        ['7'] = 1, ['8'] = 1, ['9'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1,  [':'] = 1,
        ['/'] = 1, ['E'] = 1, ['e'] = 1, [' '] = 1, [0] = 1,   ['\\'] = 1,
    };
    size_t at = 0;
    while (at < n && may[p[at]])
        at++;
    return at;
}

/* Those of its values that are no numbers; one with very many digits before is told
 * without them. */
static dcr_status open_numbers(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    dcr_status s = DCR_OK;
    for (size_t at = 0, k; at < n && s == DCR_OK; at += k + 1) {
        const uint8_t *end = memchr(p + at, '\\', n - at);
        k = end == NULL ? n - at : (size_t)(end - p) - at;
        size_t digits = digits_of(p + at, k),
               skip = digits > DCR_VALUE_MAX / 2 ? digits : 0;
        if (digits < k)
            s = open_text(p + at + skip, k - skip, to);
    }
    return s;
}

const dcr_opener *dcr_open_long(bool numbers, const uint8_t *p, size_t n, uint64_t total)
{
    static const dcr_opener text = {.name = "plain", .open = open_text},
                            other = {.name = "plain", .open = open_numbers};
    if (!numbers)
        return &text;
    return n == total && digits_of(p, n) == n ? NULL : &other;
}
