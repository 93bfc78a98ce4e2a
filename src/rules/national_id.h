/* Numbers that a state or an insurer gives a person: rules/national-ids.json. */
#ifndef DCR_NATIONAL_ID_H
#define DCR_NATIONAL_ID_H

#include <jansson.h>

#include "dcmrisk/err.h"
#include "pattern.h"
#include "rulefile.h"

enum { DCR_ID_CHECKS = 3, DCR_ID_REJECTS = 8, DCR_ID_WEIGHTS = 20 };

/* Characters of the number count as 0 to 9, letters as 10 to 35. */
typedef enum dcr_id_sum {
    DCR_ID_WEIGHTED,  /* sum of weight times character, modulo mod, is the check */
    DCR_ID_NUMBER,    /* the number itself, modulo mod */
    DCR_ID_LUHN,      /* ISO/IEC 7812-1 Annex B */
    DCR_ID_VERHOEFF,  /* dihedral group D5 */
    DCR_ID_MOD_11_10, /* ISO 7064, hybrid */
    DCR_ID_CROSS_SUM, /* German insurers: a letter as two digits, weights 1 2, digits of
                         the products added up */
    DCR_ID_ODD_EVEN   /* Italy: characters at odd places by a table */
} dcr_id_sum;

typedef struct dcr_id_check {
    dcr_id_sum sum;
    uint8_t weight[DCR_ID_WEIGHTS], n_weights;
    uint32_t mod, rest;  /* rest: what the whole leaves over */
    uint8_t from, to;    /* characters that are summed; to 0: up to `at` */
    uint8_t at;          /* where the check stands */
    bool direct;         /* the check is the remainder, not what is missing to mod */
    const char *symbols; /* the check as a character, by value; "": as a digit; what has
                            no symbol is not valid */
    const char *ten;    /* the digit that stands for 10; "": such numbers are not given */
    const char *prefix; /* also valid when this is put before what is summed */
} dcr_id_check;

typedef enum dcr_id_evidence {
    DCR_ID_STRONG,    /* nothing else looks like it */
    DCR_ID_SEPARATED, /* convinces with all its separators */
    DCR_ID_CONTEXT    /* convinces behind its name only */
} dcr_id_evidence;

typedef struct dcr_national_id {
    const char *id, *name, *country, *date;
    dcr_strings words;
    dcr_id_evidence evidence;
    dcr_pattern pattern, reject[DCR_ID_REJECTS];
    dcr_id_check check[DCR_ID_CHECKS];
    uint8_t n_rejects, n_checks;
    uint8_t day_add[4], month_add[6], n_day_add, n_month_add;
    dcr_strings replace; /* pairs: text, what it counts as */
    const char *odd;     /* DCR_ID_ODD_EVEN: values as letters, A for 0 */
} dcr_national_id;

typedef struct dcr_national_ids {
    dcr_national_id *list;
    size_t n;
    dcr_pattern_index index;
} dcr_national_ids;

/* Reads the file's "ids"; strings and lists go to the arena of src. */
DCR_MUST_USE dcr_status dcr_national_ids_read(const dcr_param_src *src,
                                              const json_t *list, dcr_national_ids *out,
                                              dcr_err *err);

/* True when the characters (as the pattern gives them) hold every check of the number. */
bool dcr_national_id_valid(const dcr_national_id *id, const dcr_pattern_hit *hit);

/* True when the whole text is such a number, written with separators or without. */
bool dcr_national_id_is(const dcr_national_id *id, const uint8_t *p, size_t n);

const dcr_national_id *dcr_national_id_find(const dcr_national_ids *l, const char *id);

#endif
