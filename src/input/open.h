/* Openers look inside opaque values (vendor headers in private elements).
 *
 * An opener is one file, open_<name>.c, with one `const dcr_opener dcr_open_<name>`; the
 * build finds it by its name.  Bytes are hostile; an opener takes what makes sense and
 * stops at the first thing that does not. */
#ifndef DCR_OPEN_H
#define DCR_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    DCR_OPEN_MAX_BYTES = 16 * 1024 * 1024, /* longer values are not opened */
    DCR_OPEN_MAX_NAME = 64                 /* of what is emitted, longer ones are cut */
};

/* Takes one value found inside.  `name` is 1 to DCR_OPEN_MAX_NAME of [A-Za-z0-9_.-]; the
 * path becomes "<path>:<opener>/<name>".  `vr` is a VR of text or of bytes; p may be NULL
 * when n is 0.  Only DCR_ENOMEM fails, and ends the opening. */
typedef dcr_status (*dcr_open_emit)(void *ctx, const char *name, const char vr[2],
                                    const uint8_t *p, size_t n);

typedef struct dcr_opener {
    const char *name;    /* as in open_<name>.c */
    const char *version; /* a change makes old scan files rescan */
    /* True when a value of this private element (block number taken off: 0x0010 for
     * "xx10") may be ours.  Asked once per path. */
    bool (*wants)(uint32_t group, uint32_t element, const char *creator);
    /* `path` and `vr` say where the value stands; bytes are p[0 .. n), n at most
     * DCR_OPEN_MAX_BYTES. */
    dcr_status (*open)(const char *path, const char *creator, const char vr[2],
                       const uint8_t *p, size_t n, dcr_open_emit emit, void *ctx);
} dcr_opener;

/* The opener for a private element, NULL when there is none. */
const dcr_opener *dcr_open_find(uint32_t group, uint32_t element, const char *creator);
/* All openers, ending with NULL. */
const dcr_opener *const *dcr_openers(void);
/* Copies a found name into `out`, made safe for a path; false when nothing is left. */
bool dcr_open_name(char out[DCR_OPEN_MAX_NAME + 1], const uint8_t *p, size_t n);

#ifdef __cplusplus
}
#endif
#endif
