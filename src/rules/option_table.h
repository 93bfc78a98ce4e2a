/* PS3.15 Table E.1-1: what the Basic Profile does to an attribute, and which options,
 * when declared, let it stay. */
#ifndef DCR_OPTION_TABLE_H
#define DCR_OPTION_TABLE_H

#include "ruleset.h"

enum { DCR_OPTION_COLUMNS = 16 }; /* columns at most */

typedef struct dcr_option_row { /* sorted by tag; x of a repeating group reads as 0 */
    uint32_t tag;
    const char *basic; /* "X", "Z/D", "U", ... */
    uint32_t options;  /* bit i: column i keeps or cleans it */
} dcr_option_row;

typedef struct dcr_option_table {
    dcr_option_row *rows;
    size_t n_rows;
    const char *column[DCR_OPTION_COLUMNS]; /* "retain_uids" */
    const char *code[DCR_OPTION_COLUMNS];   /* "113110", of CID 7050 */
    size_t n_columns;
} dcr_option_table;

/* Reads the columns of confidentiality-profile.json. */
DCR_MUST_USE dcr_status dcr_load_option_table(dcr_rules *r, const dcr_rule_file *file,
                                              const json_t *root, dcr_err *err);

/* The row of the attribute at a path, by its last tag; NULL when the table has none, or
 * when it is private. */
const dcr_option_row *dcr_option_row_of(const dcr_rules *r, const char *path);

#endif
