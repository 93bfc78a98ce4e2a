/* What is this file?  By its first bytes, then by its name. */
#ifndef DCR_FILEKIND_H
#define DCR_FILEKIND_H

#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/scan.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_FILEKIND_HEAD = 4096 }; /* bytes that are enough to tell */

/* The kind of a file of `size` bytes that begins with head[0 .. n), n the smaller of size
 * and DCR_FILEKIND_HEAD.  `path` may be NULL.  DCR_FILE_DICOM covers media directories
 * too, and files that only their name makes DICOM. */
dcr_file_kind dcr_filekind(const uint8_t *head, size_t n, uint64_t size,
                           const char *path);

/* The kind that the name alone says, DCR_FILE_UNKNOWN when it says nothing. */
dcr_file_kind dcr_filekind_by_name(const char *path);

#ifdef __cplusplus
}
#endif
#endif
