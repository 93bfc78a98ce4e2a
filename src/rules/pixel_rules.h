/* What headers say of pixels: rules/pixel-rules.json, and devices known to burn text in:
 * rules/pixel-devices.json. */
#ifndef DCR_PIXEL_RULES_H
#define DCR_PIXEL_RULES_H

#include "regex.h"
#include "ruleset.h"
#include "strict.h"

/* How an attribute is tested.  Texts are compared trimmed, upper and lower case alike.
 * The attribute is a path whose last tag stands at any depth, or a fact of the series
 * that no single attribute states ("sop/burned_in", "series/images", ...). */
typedef enum dcr_pixel_op {
    DCR_PX_IS,        /* a value is one of the words */
    DCR_PX_IS_NOT,    /* has values, none of the words */
    DCR_PX_FIRST,     /* the first of several values is one of the words */
    DCR_PX_SECOND,    /* the second is */
    DCR_PX_HAS,       /* one of several values is one of the words */
    DCR_PX_CONTAINS,  /* a value contains one of the words */
    DCR_PX_MATCHES,   /* a value matches the pattern */
    DCR_PX_UNDER,     /* a UID is one of the words or stands below it */
    DCR_PX_NOT_UNDER, /* a UID, but not so */
    DCR_PX_PRESENT,   /* has a value */
    DCR_PX_ABSENT,    /* has none */
    DCR_PX_AT_MOST,   /* a number up to `number` */
    DCR_PX_AT_LEAST,
    DCR_PX_ABOVE
} dcr_pixel_op;

typedef struct dcr_pixel_test {
    const char *attr, *op_name, *pattern_text;
    dcr_pixel_op op;
    dcr_strings words;
    int64_t number;
    dcr_regex *pattern;
} dcr_pixel_test;

typedef struct dcr_pixel_clause { /* all tests must hold */
    const dcr_pixel_test *test;
    size_t n;
} dcr_pixel_clause;

typedef struct dcr_pixel_rule {
    const char *id;        /* "PX001" */
    const char *risk;      /* burned_in, face, biometric, overlay, hidden_pixels, ... */
    const char *level;     /* info, low, medium, high, unknown */
    const char *why;       /* for people */
    const char *condition; /* in words */
    const char *source;
    const dcr_pixel_clause *when; /* one of them must hold */
    size_t n_when;
} dcr_pixel_rule;

typedef struct dcr_pixel_device { /* every list that is not empty must match */
    const char *label;
    dcr_strings modality, manufacturer, model, image_type, series_description;
    dcr_numbers rows, columns;
    bool image_type_all;   /* each word of image_type, not one of them */
    const char *burned_in; /* "YES", "NO" or "" for any */
    dcr_pixel_clause other;
    const char *use; /* clean, flag, regions, reject: what scripts do with it */
    uint64_t regions;
    dcr_strings sources;
} dcr_pixel_device;

const dcr_pixel_rule *dcr_pixel_rules(const dcr_rules *r, size_t *n);
const dcr_pixel_device *dcr_pixel_devices(const dcr_rules *r, size_t *n);

#endif
