/* Statements of files and what speaks against them, series by series: for the checks that
 * audit claims. */
#ifndef DCR_CLAIMS_H
#define DCR_CLAIMS_H

#include "check.h"

/* ---- sets of series ---- */

typedef struct dcr_set {
    uint64_t *w; /* owned; bit s: series s is in it */
    uint32_t n;  /* series of the model */
} dcr_set;

DCR_MUST_USE dcr_status dcr_set_init(dcr_set *s, const dcr_model *m, dcr_err *err);
void dcr_set_clear(dcr_set *s);
static inline bool dcr_set_has(const dcr_set *s, uint32_t series)
{
    return (s->w[series / 64] >> series % 64 & 1) != 0;
}
static inline void dcr_set_add(dcr_set *s, uint32_t series)
{
    s->w[series / 64] |= (uint64_t)1 << series % 64;
}
void dcr_set_fill(dcr_set *s);
void dcr_set_value(dcr_set *s, const dcr_value *v); /* adds those that have it */
void dcr_set_minus(dcr_set *s, const dcr_set *other);
/* Subjects of which some series is in the set. */
uint32_t dcr_set_subjects(const dcr_set *s, const dcr_model *m);

/* ---- conditions ---- */

/* Something that files say.  One of:
 *   {"path": P, "values": [..]}   one of the values (of several in one, each counts);
 *                                 without "values" any that is not empty
 *   {"codes": ["113107", ..]}     a de-identification code of CID 7050, coded or, as
 *                                 CTP writes it, in the text of the method
 *   {"pixels": "look"}            pictures that somebody must look at, by the pixel
 * ledger; "face": that show a face */
typedef struct dcr_condition {
    const char *path;
    dcr_strings values, codes;
    const char *pixels;
} dcr_condition;

typedef struct dcr_conditions { /* any of them */
    dcr_condition *c;
    size_t n;
} dcr_conditions;

/* Reads a list (NULL: none) into memory of the arena. */
DCR_MUST_USE dcr_status dcr_conditions_read(const dcr_param_src *src, const json_t *list,
                                            dcr_conditions *out, dcr_err *err);
/* Adds the series in which one of the conditions holds. */
void dcr_conditions_add(const dcr_check_run *c, const dcr_conditions *l, dcr_set *s);
/* The first attribute of the dataset that one of the conditions is about, NULL. */
const dcr_attr *dcr_conditions_attr(const dcr_check_run *c, const dcr_conditions *l);

/* ---- what speaks against ---- */

/* One of the ways in which a statement does not hold; keys that are given must all fit:
 *   "rules"    findings of these rules, of attributes that fit "select" and "columns"
 *   "select"   (without "rules") attributes that hold real values
 *   "columns"  options of PS3.15 Table E.1-1 ("clean_descriptors", ..; "none": removed by
 *              the Basic Profile with no option that keeps it): attributes of these
 *              columns, in files that declare none of the options that keep them
 *   "declared" with "columns": in files whatever they declare
 *   "private"  private elements that no de-identifier wrote
 *   "says"     conditions: a second statement that does not go with the first
 *   "lacks"    conditions, none of which holds */
typedef struct dcr_against {
    dcr_strings rules, columns_named;
    dcr_select select;
    uint32_t columns; /* bit i of profile.h; bit DCR_PROFILE_COLUMNS: "none" */
    bool has_select, declared, foreign_private;
    dcr_conditions says, lacks;
} dcr_against;

typedef struct dcr_againsts {
    dcr_against *a;
    size_t n;
} dcr_againsts;

DCR_MUST_USE dcr_status dcr_againsts_read(const dcr_rules *r, const dcr_param_src *src,
                                          const json_t *list, dcr_againsts *out,
                                          dcr_err *err);

typedef struct dcr_guilty { /* an attribute that speaks against, and for how many */
    const dcr_attr *attr;
    uint32_t subjects;
} dcr_guilty;

typedef struct dcr_audit { /* at work on one rule */
    const dcr_check_run *run;
    const dcr_set *within; /* series that make the statement */
    dcr_set found;         /* of those, the ones with something against it */
    dcr_guilty *guilty;    /* by attribute; an attribute may stand there twice */
    size_t n_guilty, cap_guilty;
    uint32_t *seen; /* subjects, by number of the attribute that saw them last + 1 */
    uint32_t stamp;
    dcr_set *option; /* by column: series that declare the option; NULL until needed */
    /* May rule an attribute out (a purpose is on file); NULL: none.  Takes the rule that
     * found it, "" when none did. */
    bool (*skip)(const struct dcr_audit *u, const char *rule, const dcr_attr *a);
    const void *skip_ctx;
    bool failed;
} dcr_audit;

DCR_MUST_USE dcr_status dcr_audit_run(dcr_audit *u, const dcr_check_run *c,
                                      const dcr_set *within, const dcr_againsts *l,
                                      dcr_err *err);
void dcr_audit_clear(dcr_audit *u);
/* "12 of 61 patients; StationName (12), ProtocolName (3) and 2 more attributes" */
void dcr_audit_say(dcr_audit *u, const char *of_whom, char *out, size_t n);

#endif
