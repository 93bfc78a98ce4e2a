/* What de-identification tools write: rules/deid-tools.json. */
#ifndef DCR_DEID_TOOLS_H
#define DCR_DEID_TOOLS_H

#include "regex.h"
#include "ruleset.h"
#include "strict.h"

/* Texts are "" and lists empty where the file says nothing.  `keyed` is one of unkeyed
 * (whoever has the original computes the copy), keyed, random, kept, unknown or "". */

typedef struct dcr_uid_way { /* how UIDs are replaced */
    const char *scheme, *keyed, *note;
    dcr_strings roots;
    const char *pattern_text;
    dcr_regex *pattern;    /* NULL: its UIDs have no shape of their own */
    uint64_t uuid_version; /* 0: no UUID */
} dcr_uid_way;

typedef struct dcr_date_way { /* what becomes of dates */
    const char *method; /* constant-shift, shift-per-subject, dummy, removed, kept */
    const char *keyed, *unit, *note;
    int64_t least, most, typical; /* in units, 0 when not known */
} dcr_date_way;

typedef struct dcr_pseudonym_way {
    const char *tag, *scheme, *keyed, *pattern_text;
    dcr_regex *pattern;
} dcr_pseudonym_way;

typedef struct dcr_deid_value { /* a value that the tool writes */
    const char *tag, *value;
} dcr_deid_value;

typedef struct dcr_deid_tool {
    const char *id, *name;
    dcr_strings method_text; /* patterns of a value of De-identification Method */
    dcr_regex **method;      /* the same, compiled */
    const char *identity_removed, *temporal;
    dcr_strings codes; /* "DCM:113100" */
    dcr_strings private_creators;
    dcr_list values;     /* of dcr_deid_value */
    dcr_list uid;        /* of dcr_uid_way */
    dcr_list pseudonyms; /* of dcr_pseudonym_way */
    dcr_list dates;      /* of dcr_date_way */
    dcr_strings dummy_dates, dummy_times, leaves, references;
    const char *times, *private_data, *nested, *pixels, *evidence;
} dcr_deid_tool;

/* All tools by id, lent. */
const dcr_deid_tool *dcr_deid_tools(const dcr_rules *r, size_t *n);

/* True when the tool would write this value of De-identification Method (0012,0063). */
bool dcr_deid_method(const dcr_deid_tool *t, const uint8_t *p, size_t n);

#endif
