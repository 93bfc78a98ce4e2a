/* Inside of the readers of sidecar files. */
#ifndef DCR_SIDECAR_IMPL_H
#define DCR_SIDECAR_IMPL_H

#include "sidecar.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_sidecar_run { /* one file at work */
    dcr_sidecar *s;
    dcr_source *src;
    dcr_pathtab *paths;
    const dcr_sink *sink;
    dcr_sidecar_reading *out;
    const uint8_t *p; /* its text in UTF-8 */
    size_t n;
    size_t names;      /* paths made for this file so far */
    dcr_status failed; /* DCR_ENOMEM, sticks */
} dcr_sidecar_run;

/* True for what people call columns and keys: a letter first, at most 40 letters, digits
 * and marks, no four digits in a row.  Everything else is data. */
bool dcr_sidecar_is_name(const uint8_t *p, size_t n);

/* The path "sidecar:KIND/NAME", the name made safe and cut; NAME is "more" once a file
 * has too many.  name NULL: "sidecar:KIND".  DCR_PATH_NONE when no memory. */
uint32_t dcr_sidecar_path(dcr_sidecar_run *r, const char *kind, const void *name,
                          size_t n);

/* Hands over one value, trimmed; long ones in pieces, so that all of it can be searched.
 */
void dcr_sidecar_value(dcr_sidecar_run *r, uint32_t path, const uint8_t *p, size_t n);

/* Adds a character. */
void dcr_sidecar_utf8(dcr_buf *b, uint32_t c);

/* The text line by line. */
void dcr_sidecar_lines(dcr_sidecar_run *r, const char *kind, const uint8_t *p, size_t n);

/* RFC 4180 and its relatives. */
void dcr_sidecar_csv(dcr_sidecar_run *r);
/* One or more JSON texts; false when it is none (what came before the fault was read). */
bool dcr_sidecar_json(dcr_sidecar_run *r);
/* The header of a NIfTI-1 or NIfTI-2 file, also gzipped. */
void dcr_sidecar_nifti(dcr_sidecar_run *r);

#ifdef __cplusplus
}
#endif
#endif
