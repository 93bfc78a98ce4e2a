/* Tables as text, read strictly (RFC 4180), by column, as codes of their values.
 *
 * A record ends in LF or CRLF, a cell may be quoted, a quoted cell may hold delimiters,
 * line ends and doubled quotes; the first record names the columns; a UTF-8 BOM is passed
 * over.  Nothing is guessed: a record of another length than the header, a quote that
 * nothing closes or that stands within a cell, a CR without its LF, a NUL and bytes that
 * are not UTF-8 are errors with their line.  An empty line is no record in a table of
 * several columns, and one missing value in a table of one. */
#ifndef DCR_CSV_H
#define DCR_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_csv_options {
    char delimiter;        /* ASCII, neither quote nor line end */
    bool trim;             /* blanks and tabs around a value are not part of it */
    const char *const *na; /* n_na texts that stand for a missing value; an empty cell,
                              quoted or not, always does */
    size_t n_na;
    size_t n_optional; /* so many of the last names need not be there */
    unsigned jobs;     /* threads; the result is the same */
} dcr_csv_options;

typedef struct dcr_csv_column {
    const char *name;         /* as it was asked for */
    bool found;               /* false: an optional column that is not there; all is
                                 missing */
    uint32_t *code;           /* n_rows; 0 missing, then the values in order of bytes */
    uint32_t n_codes;         /* 1 + distinct values */
    const char *const *value; /* n_codes, UTF-8 without NUL; value[0] is NULL */
} dcr_csv_column;

typedef struct dcr_csv {
    size_t n_rows, n_columns;
    dcr_csv_column *column; /* those asked for, in that order */
    struct dcr_csv_work *work;
} dcr_csv;

/* Reads the columns `name` (distinct) of the file `path` ("-": standard input).  *out is
 * NULL on failure; free with dcr_csv_free.  DCR_EARG: no such column (with a suggestion),
 * or two of that name; DCR_EFORMAT: the text is not what it should be; DCR_EIO.
 * err->where is the path, err->line the line. */
DCR_MUST_USE dcr_status dcr_csv_read(dcr_csv **out, const char *path,
                                     const char *const *name, size_t n_names,
                                     const dcr_csv_options *o, dcr_err *err);
void dcr_csv_free(dcr_csv *t);

/* The line of the file in which row `row` begins, from 1. */
uint64_t dcr_csv_line(const dcr_csv *t, size_t row);

#ifdef __cplusplus
}
#endif
#endif
