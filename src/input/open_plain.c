/* Plain text: encapsulated documents, and values so long that only a digest of them is
 * kept otherwise. */
#include "open.h"
#include "value.h"

enum { MOST = 256 * 1024 };

static bool wants(const dcr_open_place *at)
{
    return at->found == NULL && at->group == 0x0042 && at->element == 0x0011;
}

static bool readable(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((p[i] < ' ' && !dcr_open_is_blank(p[i])) || p[i] == 0x7F)
            return false;
    return true;
}

/* Text that others read begins with a bracket or an index of them. */
static bool sniffs(const uint8_t *p, size_t n, uint64_t total)
{
    size_t at = dcr_open_blanks(p, n);
    return total > DCR_VALUE_MAX && at < n && p[at] != '<' && readable(p, n);
}

static dcr_status open_plain(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    while (n > 0 && (p[n - 1] == 0 || dcr_open_is_blank(p[n - 1])))
        n--;
    if (!readable(p, n))
        return DCR_OK;
    if (n > MOST) {
        to->cut(to->ctx);
        n = MOST;
    }
    return dcr_open_text(to, "content", p, n);
}

const dcr_opener dcr_open_plain = {.name = "plain",
                                   .version = "1",
                                   .wants = wants,
                                   .sniffs = sniffs,
                                   .least = DCR_OPEN_HEAD,
                                   .open = open_plain};
