/* Reports: one JSON document, and formats that are functions of that document alone. */
#ifndef DCMRISK_REPORT_H
#define DCMRISK_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Plug-in: src/report/format_<name>.c defines `const dcr_format dcr_format_<name>`. */
typedef struct dcr_format {
    const char *id;       /* "html", as in --format */
    const char *file;     /* name of the file written below --out: "report.html" */
    const char *title;    /* one line for --help */
    /* Writes the format of `report` (a dcmrisk-report/1 document) to `out`.  Reads nothing
     * else: no clock, no environment, no dataset. */
    dcr_status (*write)(const json_t *report, FILE *out, dcr_err *err);
} dcr_format;

/* All formats in the order of their names; NULL-terminated. */
const dcr_format *const *dcr_formats(void);

/* The format with an id, NULL when there is none. */
const dcr_format *dcr_format_find(const char *id);

#ifdef __cplusplus
}
#endif
#endif
