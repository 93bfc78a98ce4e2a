/* Openers look inside opaque values: vendor headers, compressed blocks, documents, text
 * that is XML or JSON.
 *
 * An opener is one file, open_<name>.c, with one `const dcr_opener dcr_open_<name>`; the
 * build finds it by its name.  Bytes are hostile; an opener takes what makes sense and
 * stops at the first thing that does not.  What it found may be opened once more, a few
 * times over, so that an opener need not know the others. */
#ifndef DCR_OPEN_H
#define DCR_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    DCR_OPEN_MAX_BYTES = 16 * 1024 * 1024, /* longer values are not opened */
    DCR_OPEN_MAX_NAME = 64,                /* of what is emitted, longer ones are cut */
    DCR_OPEN_HEAD = 4096 /* bytes of a value that are shown to dcr_open_sniff */
};

/* Where a value stands. */
typedef struct dcr_open_place {
    uint32_t group, element; /* block number taken off: 0x0010 for "xx10" */
    const char *creator;     /* NULL: a standard element */
    const char *found; /* "csa/MrPhoenixProtocol" when an opener found it, else NULL */
} dcr_open_place;

/* What an opener may ask of its caller. */
typedef struct dcr_open_sink {
    void *ctx;
    /* Takes one value found inside.  `name` is 1 to DCR_OPEN_MAX_NAME of [A-Za-z0-9_.-];
     * the path becomes "<path>:<opener>/<name>".  `vr` is any VR but SQ, numbers are
     * little-endian; p may be NULL when n is 0.  A status other than DCR_OK ends the
     * opening. */
    dcr_status (*emit)(void *ctx, const char *name, const char vr[2], const uint8_t *p,
                       size_t n);
    /* Takes n bytes that were unpacked from the budget; false ends the opening. */
    bool (*pay)(void *ctx, uint64_t n);
    /* There was more inside than the opener may take: the file was not read to its end.
     */
    void (*cut)(void *ctx);
} dcr_open_sink;

typedef struct dcr_opener {
    const char *name;    /* as in open_<name>.c, at most 16 bytes */
    const char *version; /* a change makes old scan files rescan */
    /* True when what stands there may be ours, whatever its bytes.  Asked once per path.
     * NULL: never. */
    bool (*wants)(const dcr_open_place *at);
    /* True when a value of `total` bytes that begins with p[0 .. n) is ours, wherever it
     * stands.  Asked only when there are `least` bytes and the first one is one of
     * `first` (NULL: any).  NULL: never. */
    bool (*sniffs)(const uint8_t *p, size_t n, uint64_t total);
    const char *first;
    size_t n_first, least;
    bool last; /* takes what has no form: asked when nobody else wants it */
    /* n is at most DCR_OPEN_MAX_BYTES.  Fails with DCR_ENOMEM, or as the sink does. */
    dcr_status (*open)(const uint8_t *p, size_t n, const dcr_open_sink *to);
} dcr_opener;

/* The opener for a place, NULL when there is none. */
const dcr_opener *dcr_open_find(const dcr_open_place *at);
/* The opener for a value by its begin, NULL when there is none; for almost all values
 * that takes one look at the first byte. */
const dcr_opener *dcr_open_sniff(const uint8_t *p, size_t n, uint64_t total);
/* For a value of `total` bytes, too long to be kept as it is, of a VR that is text
 * (`numbers`: of one that is numbers, dates or UIDs, written in characters) that nobody
 * else wants, by its first bytes p[0 .. n); NULL when all of it is such numbers. */
const dcr_opener *dcr_open_long(bool numbers, const uint8_t *p, size_t n, uint64_t total);
/* All openers, ending with NULL. */
const dcr_opener *const *dcr_openers(void);

/* ---- helpers of openers ---- */

/* Copies a found name into `out`, made safe for a path; false when nothing is left. */
bool dcr_open_name(char out[DCR_OPEN_MAX_NAME + 1], const uint8_t *p, size_t n);
/* Emits text; what is too long to be kept as it is comes in pieces, cut at blanks. */
dcr_status dcr_open_text(const dcr_open_sink *to, const char *name, const uint8_t *p,
                         size_t n);
/* How many of the first bytes are a byte order mark or blanks. */
size_t dcr_open_blanks(const uint8_t *p, size_t n);
/* Adds a character to text; what is none becomes U+FFFD. */
void dcr_open_utf8(dcr_buf *out, uint32_t c);
/* UTF-16, of which the first byte of each pair is the high one when `big`, as UTF-8. */
void dcr_open_utf16(dcr_buf *out, const uint8_t *p, size_t n, bool big);
/* True for a blank, tab or line end. */
static inline bool dcr_open_is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

#ifdef __cplusplus
}
#endif
#endif
