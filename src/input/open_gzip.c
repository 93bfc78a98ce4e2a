/* Compressed blocks: GE's protocol data block (0025,xx1B){GEMS_SERS_01}, which is four
 * bytes of length and then gzip (as in GDCM's gdcmPDBHeader.cxx), and gzip anywhere else.
 * Inside GE's are lines of NAME "VALUE", or XML, which another opener reads. */
#include <string.h>

#include "open.h"
#include "unpack.h"

static bool magic(const uint8_t *p, size_t n)
{
    return n >= 18 && p[0] == 0x1F && p[1] == 0x8B && p[2] == 8 && (p[3] & 0xE0) == 0;
}

static bool sniffs(const uint8_t *p, size_t n, uint64_t total)
{
    (void)total;
    return magic(p, n);
}

static bool wants(const dcr_open_place *at)
{
    return at->found == NULL && at->group == 0x0025 && at->element == 0x1B &&
           at->creator != NULL && strcmp(at->creator, "GEMS_SERS_01") == 0;
}

static bool is_name(uint8_t c, bool first)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           (!first && ((c >= '0' && c <= '9') || c == '.' || c == '-'));
}

/* NAME "VALUE"; false when it is not. */
static bool split(const uint8_t *p, size_t n, size_t *name, const uint8_t **value,
                  size_t *length)
{
    size_t k = 0;
    while (n > 0 && dcr_open_is_blank(p[n - 1]))
        n--;
    while (k < n && is_name(p[k], k == 0))
        k++;
    if (k == 0 || k > DCR_OPEN_MAX_NAME || k >= n || !dcr_open_is_blank(p[k]))
        return false;
    *name = k;
    while (k < n && dcr_open_is_blank(p[k]))
        k++;
    if (n - k < 2 || p[k] != '"' || p[n - 1] != '"')
        return false;
    *value = p + k + 1;
    *length = n - k - 2;
    return true;
}

static bool is_text(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < ' ' && !dcr_open_is_blank(p[i]))
            return false;
    return true;
}

static bool is_blank(const uint8_t *p, size_t n)
{
    return dcr_open_blanks(p, n) == n;
}

/* Takes the next line off the front of p[0 .. n), without a "set" before it. */
static size_t next_line(const uint8_t **p, size_t *n, const uint8_t **line)
{
    const uint8_t *end = memchr(*p, '\n', *n);
    size_t k = end == NULL ? *n : (size_t)(end - *p), eaten = k + (end != NULL);
    *line = *p;
    *p += eaten;
    *n -= eaten;
    if (k > 4 && memcmp(*line, "set ", 4) == 0) {
        *line += 4;
        k -= 4;
    }
    return k;
}

/* True when there is at least one such line, and none of another form. */
static bool is_list(const uint8_t *p, size_t n)
{
    const uint8_t *line, *value;
    size_t found = 0, m, length;
    while (n > 0) {
        size_t k = next_line(&p, &n, &line);
        if (split(line, k, &m, &value, &length))
            found++;
        else if (!is_blank(line, k))
            return false;
    }
    return found > 0;
}

/* Numbers without FEW digits in a row: settings of the scan, of which there are many. */
static bool is_setting(const uint8_t *p, size_t n)
{
    enum { FEW = 5 };
    size_t run = 0;
    for (size_t i = 0; i < n; i++) {
        bool digit = p[i] >= '0' && p[i] <= '9';
        run = digit ? run + 1 : 0;
        if (run >= FEW || (!digit && strchr("+-.;, ", p[i]) == NULL) || p[i] == 0)
            return false;
    }
    return n > 0;
}

/* Settings come together, as one value; so that paths and time are for what may tell of
 * somebody. */
static dcr_status tell_list(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    char name[DCR_OPEN_MAX_NAME + 1];
    const uint8_t *line, *value;
    size_t m, length;
    dcr_buf settings = {0};
    dcr_status s = DCR_OK;
    while (n > 0 && s == DCR_OK) {
        size_t k = next_line(&p, &n, &line);
        if (!split(line, k, &m, &value, &length) || length == 0)
            continue;
        if (is_setting(value, length)) {
            if (settings.n > 0)
                dcr_buf_char(&settings, '\\');
            dcr_buf_add(&settings, value, length);
        } else if (dcr_open_name(name, line, m)) {
            s = dcr_open_text(to, name, value, length);
        }
    }
    if (settings.failed)
        s = DCR_ENOMEM;
    if (s == DCR_OK && settings.n > 0)
        s = to->emit(to->ctx, "settings", "UT", (const uint8_t *)settings.p, settings.n);
    dcr_buf_clear(&settings);
    return s;
}

static dcr_status tell(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    size_t head = n < DCR_OPEN_HEAD ? n : DCR_OPEN_HEAD;
    if (n == 0)
        return DCR_OK;
    if (is_text(p, n) && dcr_open_sniff(p, head, n) == NULL) {
        return is_list(p, n) ? tell_list(p, n, to) : dcr_open_text(to, "content", p, n);
    }
    return to->emit(to->ctx, "content", "UN", p, n);
}

static dcr_status open_gzip(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    dcr_buf out = {0};
    dcr_status s = DCR_OK;
    if (!magic(p, n) && n > 4) { /* GE's length */
        p += 4;
        n -= 4;
    }
    if (magic(p, n))
        s = dcr_unpack(&out, p, n, DCR_PACKED_GZIP, to);
    if (s == DCR_OK)
        s = tell((const uint8_t *)out.p, out.n, to);
    dcr_buf_clear(&out);
    return s;
}

const dcr_opener dcr_open_gzip = {.name = "gzip",
                                  .version = "1",
                                  .wants = wants,
                                  .sniffs = sniffs,
                                  .first = "\x1F",
                                  .n_first = 1,
                                  .least = 18,
                                  .open = open_gzip};
