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
    const uint32_t *const *fact; /* per column: of the register; NULL as above */
    void *owner;
} dcr_register_codes;

DCR_MUST_USE dcr_status dcr_register_bind(dcr_register_codes **out,
                                          const dcr_register *reg, const dcr_model *m,
                                          dcr_err *err);
void dcr_register_codes_free(dcr_register_codes *c);

/* ---- clinical data of the patients ---- */

/* A column of a joined table: a concept behind those of the rules. */
typedef struct dcr_joined_column {
    size_t concept; /* of the model */
    size_t base;    /* concept of the rules that its name tells; SIZE_MAX: none */
    bool known;     /* to every prosecutor, by the user's word */
} dcr_joined_column;

typedef struct dcr_joined {
    dcr_joined_column *column;
    size_t n_columns;
    uint64_t rows;             /* of the table */
    uint64_t rows_without_key; /* of them: with no PatientID */
    uint64_t rows_unmatched;   /* of them: of nobody in the release */
    uint32_t subjects;         /* of the release, with a row */
    uint32_t subjects_without; /* of the release, without one */
    uint32_t subjects_several; /* of the release, with rows that differ */
} dcr_joined;

typedef struct dcr_join {
    const dcr_text_table *table;
    size_t key;        /* column of the PatientIDs */
    const bool *known; /* per column: named by the user as known to every prosecutor */
} dcr_join;

/* The level at which an adversary knows a joined column, NULL: it does not.  A column
 * that tells a concept of the rules is known as that concept is.  Others are known, value
 * by value, to the adversary `union`, and to every prosecutor when the user says so:
 * whoever gets the table can read it, but k asks what an outsider knows already. */
const char *dcr_joined_level(const dcr_joined_column *c, const dcr_adversary *a);

/* Joins a table to the subjects of a model by PatientID, before anything reads the model:
 * each of its columns but those that say whose a row is becomes a concept, at the levels
 * that the adversaries of the rules and `also` (may be NULL) know.  A subject with
 * several rows that differ has each of its records with each of them; without a row it
 * has no value.  Two subjects of one PatientID (by issuer) both get its rows. DCR_ERULES:
 * more than 50 million records would come of it. */
DCR_MUST_USE dcr_status dcr_model_join(dcr_model *m, const dcr_join *j,
                                       const dcr_adversary *also, dcr_err *err);

#ifdef __cplusplus
}
#endif
#endif
