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

/* *all when all lines are of that form, perhaps with "set" before it: one pass to see,
 * and one to tell. */
static dcr_status lines(const uint8_t *p, size_t n, const dcr_open_sink *to, bool *all)
{
    char name[DCR_OPEN_MAX_NAME + 1];
    dcr_status s = DCR_OK;
    for (int pass = 0; pass < 2; pass++) {
        size_t found = 0;
        for (size_t at = 0; at < n && s == DCR_OK;) {
            const uint8_t *end = memchr(p + at, '\n', n - at), *value;
            size_t k = end == NULL ? n - at : (size_t)(end - (p + at)), m, length;
            const uint8_t *line = p + at;
            at += k + 1;
            if (k > 4 && memcmp(line, "set ", 4) == 0) {
                line += 4;
                k -= 4;
            }
            if (split(line, k, &m, &value, &length)) {
                found++;
                if (pass == 1 && dcr_open_name(name, line, m))
                    s = length == 0 ? to->emit(to->ctx, name, "UT", NULL, 0)
                                    : dcr_open_text(to, name, value, length);
            } else if (!is_blank(line, k)) {
                return DCR_OK;
            }
        }
        if (found == 0)
            return s;
    }
    *all = true;
    return s;
}

static dcr_status tell(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    bool all = false;
    dcr_status s = DCR_OK;
    size_t head = n < DCR_OPEN_HEAD ? n : DCR_OPEN_HEAD;
    if (n == 0)
        return DCR_OK;
    if (is_text(p, n) && dcr_open_sniff(p, head, n) == NULL) {
        s = lines(p, n, to, &all);
        return all || s != DCR_OK ? s : dcr_open_text(to, "content", p, n);
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
