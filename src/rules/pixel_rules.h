/* Inside of rules: what headers say of pictures, as tests on attributes of a series.
 *
 * pixel-rules.json and pixel-devices.json become one list of different tests; a rule, and
 * a known device, is a list of alternatives, each a list of tests that must all hold. */
#ifndef DCR_PIXEL_RULES_H
#define DCR_PIXEL_RULES_H

#include "dcmrisk/pixels.h"
#include "rulefile.h"

typedef enum dcr_pixel_op {
    DCR_PX_PRESENT,  /* has a value */
    DCR_PX_IS,       /* is one of the words */
    DCR_PX_FIRST,    /* its first part is */
    DCR_PX_SECOND,   /* its second part is */
    DCR_PX_HAS,      /* one of its parts is */
    DCR_PX_HAS_ALL,  /* each word is one of its parts */
    DCR_PX_CONTAINS, /* contains one of the words */
    DCR_PX_UNDER,    /* a UID that is one of the words, or stands below it */
    DCR_PX_MATCHES,  /* the pattern matches somewhere */
    DCR_PX_AT_MOST,  /* its first part is a number, and at most */
    DCR_PX_AT_LEAST,
    DCR_PX_ABOVE
} dcr_pixel_op;

typedef struct dcr_pixel_test {
    const char *attr; /* a path; x stands for any digit; or a fact ("series/images") */
    dcr_pixel_op op;
    dcr_strings words;
    double number;
    struct dcr_regex *pattern;
} dcr_pixel_test;

typedef struct dcr_pixel_literal { /* a test that must hold, or must not */
    uint32_t test;
    bool negative;
} dcr_pixel_literal;

typedef struct dcr_pixel_clause { /* all of these */
    const dcr_pixel_literal *literal;
    size_t n;
} dcr_pixel_clause;

typedef struct dcr_pixel_rule { /* any of these; of the rules, `id` is NULL in devices */
    const char *id, *why, *source;
    dcr_pixel_kind kind;
    dcr_pixel_level level;
    const dcr_pixel_clause *clause;
    size_t n;
} dcr_pixel_rule;

typedef struct dcr_pixel_knowledge {
    dcr_pixel_test *tests; /* each one once */
    size_t n_tests, cap_tests;
    dcr_pixel_rule *rules;
    size_t n_rules;
    dcr_pixel_clause *devices; /* devices known to burn text in */
    size_t n_devices;
} dcr_pixel_knowledge;

/* Facts about a series that are no attribute: tests on them ask for these names. */
#define DCR_PX_SOP     "sop/burned_in"
#define DCR_PX_DEVICE  "device/known"
#define DCR_PX_IMAGES  "series/images"
#define DCR_PX_ROI     "roi/name"
#define DCR_PX_PRIVATE "private/bytes"

void dcr_pixel_knowledge_free(dcr_pixel_knowledge *k);

/* True when the value (text as in the file) passes the test. */
bool dcr_pixel_test_value(const dcr_pixel_test *t, const uint8_t *p, size_t n);
/* True when the test is about an attribute of this path. */
bool dcr_pixel_test_path(const dcr_pixel_test *t, const char *path);

#endif
