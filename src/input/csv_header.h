/* The names of a table's columns, and what stands between them. */
#ifndef DCR_CSV_HEADER_H
#define DCR_CSV_HEADER_H

#include "arena.h"
#include "dcmrisk/err.h"

typedef struct dcr_csv_header {
    const char **name; /* n, trimmed of blanks and tabs; of the arena */
    size_t n;
    char delimiter; /* comma, semicolon, tab or bar: the one that stands most often in the
                       header; a comma when none does */
    dcr_arena arena;
} dcr_csv_header;

/* Reads the first record of a file, passing over a BOM.  DCR_EFORMAT: it is no header
 * (not text, a quote that nothing closes, over 1 MiB); DCR_EIO.  err->where is the path.
 * Clear with dcr_csv_header_clear, also on failure. */
DCR_MUST_USE dcr_status dcr_csv_header_read(dcr_csv_header *out, const char *path,
                                            dcr_err *err);
void dcr_csv_header_clear(dcr_csv_header *h);

#endif
