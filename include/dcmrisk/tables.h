/* Tables that the user gives beside the images, in the terms of the model: a register of
 * the population (a RIS export), and clinical data of the patients.
 *
 * A column is understood by its name: the id of a concept ("exam_date"), or the keyword
 * or tag of an attribute that carries one ("StudyDate", "0008,0020"), upper and lower
 * case alike.  Its values are read as those of the attribute, and dates also as
 * YYYY-MM-DD. */
#ifndef DCMRISK_TABLES_H
#define DCMRISK_TABLES_H

#include "dcmrisk/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A table of text by column, lent by whoever read it. */
typedef struct dcr_text_column {
    const char *name;
    const uint32_t *code;     /* n_rows: 0 no value, else the value */
    uint32_t n_codes;         /* codes are 0 .. n_codes - 1 */
    const char *const *value; /* n_codes; value[0] is not read */
} dcr_text_column;

typedef struct dcr_text_table {
    const char *file; /* name of the file, for errors */
    size_t n_rows, n_columns;
    const dcr_text_column *column;
    uint64_t (*line)(const void *ctx, size_t row); /* line of a row; NULL: row + 2 */
    const void *ctx;
} dcr_text_table;

/* The concept that a column of this name tells, by its place among those of the rules;
 * SIZE_MAX: none.  *rank (may be NULL) is 0 for the concept's own id, and 1 + the place
 * of the carrier for a keyword or tag. */
size_t dcr_table_concept(const dcr_rules *rules, const char *name, size_t *rank);

/* True when a column of this name says whose a row is: "subject", "patient",
 * "patient_id", "PatientID"; *rank is smaller for the better one. */
bool dcr_table_is_subject(const char *name, size_t *rank);

/* ---- the register of a population ---- */

/* What a register says: one row per record of a person. */
typedef struct dcr_register {
    size_t n_rows;           /* sorted by subject */
    uint32_t n_subjects;     /* distinct; each row its own without a column for them */
    const uint32_t *subject; /* n_rows, ascending */
    bool has_subject;        /* the table has a column for subjects */
    size_t n_unnamed;        /* rows with no subject in it: counted as one person */
    size_t n_concepts;       /* of the rules */
    const uint32_t *const
        *fact; /* per concept: n_rows codes, 0 no value; NULL: no column tells it */
    const uint32_t *n_facts;         /* per concept: codes are 0 .. n_facts - 1 */
    const char *const *const *value; /* per concept: text of each code, as a carrier's */
    size_t n_columns, n_used; /* columns of the table, those that were understood */
    void *owner;
} dcr_register;

/* Reads a table; `n_columns` is how many its file has.  *out is NULL on failure; free
 * with dcr_register_free.  DCR_ERULES: no column tells a concept, two tell the same, or a
 * value is not what its column says; err->where is the file, err->line the line. */
DCR_MUST_USE dcr_status dcr_register_read(dcr_register **out, const dcr_rules *rules,
                                          const dcr_text_table *t, size_t n_columns,
                                          dcr_err *err);
void dcr_register_free(dcr_register *r);

/* The register's facts in the codes of a model's columns. */
typedef struct dcr_register_codes {
    const dcr_register *reg; /* borrowed */
    size_t n_columns;        /* of the model's table */
    /* Per column of the model's table: the code of each fact of its concept; n_codes of
     * the column for what nobody in the release has.  NULL: the register does not tell
     * the concept. */
    const uint32_t *const *to;
    void *owner;
} dcr_register_codes;

DCR_MUST_USE dcr_status dcr_register_bind(dcr_register_codes **out,
                                          const dcr_register *reg, const dcr_model *m,
                                          dcr_err *err);
void dcr_register_codes_free(dcr_register_codes *c);

#ifdef __cplusplus
}
#endif
#endif
