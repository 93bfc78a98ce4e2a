/* Places in a file system: C:\Users\jdoe\..., /home/jdoe/...; shares are a URL's matter.
 */
#include <string.h>

#include "detect.h"
#include "lexicon.h"

enum { PATH_MAX_LEN = 260 };

static bool in_path(uint8_t c)
{
    return c > ' ' && strchr("\"<>|*?;,'", c) == NULL && c != 0x7F;
}

static size_t path_end(const uint8_t *p, size_t n, size_t at)
{
    size_t i = at;
    while (i < n && i - at < PATH_MAX_LEN && in_path(p[i]))
        i++;
    return i;
}

/* A drive, and two letters of a name behind its '\' or '/'. */
static size_t windows(const uint8_t *p, size_t n, size_t at)
{
    if (n - at < 5 || !dcr_is_letter(p[at]) || p[at + 1] != ':' ||
        (p[at + 2] != '\\' && p[at + 2] != '/') || !dcr_is_alnum(p[at + 3]) ||
        !dcr_is_alnum(p[at + 4]))
        return 0;
    return path_end(p, n, at) - at;
}

/* A root folder that systems have, and a name below it. */
static size_t posix(const dcr_text *t, size_t at)
{
    const uint8_t *p = t->p;
    size_t len = dcr_letter_run(p, t->n, at + 1, DCR_WORD_MAX), i = at + 1 + len;
    if (len < 3 || i + 2 >= t->n || p[i] != '/' || !dcr_is_alnum(p[i + 1]) ||
        (dcr_lexicon_word(t->lex, p + at + 1, len) & DCR_W_PATH_ROOT) == 0)
        return 0;
    return path_end(p, t->n, at) - at;
}

bool dcr_detect_path(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    if ((t->has & (DCR_HAS_SLASH | DCR_HAS_BACKSLASH)) == 0)
        return false;
    for (size_t i = from; i < t->n; i++) {
        size_t len = 0;
        if (i > 0 && (dcr_is_alnum(p[i - 1]) ||
                      (p[i - 1] != '\0' && strchr("./_-~", p[i - 1]) != NULL)))
            continue;
        if (p[i] == '/')
            len = posix(t, i);
        else if (dcr_is_letter(p[i]))
            len = windows(p, t->n, i);
        if (len > 0) {
            *out = (dcr_span){i, len};
            return true;
        }
    }
    return false;
}
