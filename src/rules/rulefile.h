/* The files of a rule set: built in or of a folder, their digest, and strict JSON
 * reading. */
#ifndef DCR_RULEFILE_H
#define DCR_RULEFILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "dcmrisk/err.h"

typedef struct dcr_rule_file { /* name is the path below rules/ */
    const char *name, *text;   /* a NUL stands behind the text */
    size_t n;
} dcr_rule_file;

typedef struct dcr_rule_files { /* sorted by name; memory is the arena's or static */
    dcr_rule_file *list;
    size_t n, cap;
} dcr_rule_files;

/* Lists the built-in files and, when dir is not NULL, those of a folder, which replace
 * built-in ones of the same name.  Free `list` with dcr_free; texts live in the arena. */
DCR_MUST_USE dcr_status dcr_rule_files_load(dcr_rule_files *out, dcr_arena *arena,
                                            const char *dir, dcr_err *err);
const dcr_rule_file *dcr_rule_files_find(const dcr_rule_files *f, const char *name);

/* Parses a file; duplicate keys are errors.  The caller json_decref()s. */
DCR_MUST_USE dcr_status dcr_rule_json(const dcr_rule_file *f, json_t **out, dcr_err *err);

/* An error in a file: DCR_ERULES at the line where `word` first stands in quotes, if it
 * does. */
dcr_status dcr_rule_fail(const dcr_rule_file *f, const char *word, dcr_err *err,
                         const char *fmt, ...) DCR_PRINTF(4, 5);

/* ---- objects to structs ---- */

typedef struct dcr_strings {
    const char *const *s;
    size_t n;
} dcr_strings;

bool dcr_strings_have(const dcr_strings *l, const char *s);

typedef enum dcr_param_kind {
    DCR_P_STRING,  /* const char *; "" when absent */
    DCR_P_STRINGS, /* dcr_strings */
    DCR_P_PAIRS,   /* dcr_strings of 2n: an object of strings as key, value, key, value */
    DCR_P_UINT,    /* size_t, up to 1e9 */
    DCR_P_BOOL,    /* bool */
    DCR_P_JSON     /* const json_t *, lent by the object; NULL when absent */
} dcr_param_kind;

typedef struct dcr_param {
    const char *name;
    dcr_param_kind kind;
    size_t offset;
    bool required;
} dcr_param;

/* Where an object comes from and where its strings go. */
typedef struct dcr_param_src {
    const dcr_rule_file *file;
    dcr_arena *arena;
} dcr_param_src;

/* Reads an object into a zeroed struct by a table (ended by a NULL name); an unknown key,
 * a missing required one or a wrong type is DCR_ERULES. */
DCR_MUST_USE dcr_status dcr_params_read(const dcr_param_src *src, const json_t *obj,
                                        const dcr_param *spec, void *out, dcr_err *err);

#endif
