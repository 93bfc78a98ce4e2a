/* The pixel rules and devices as one list of different tests, and alternatives of them.
 */
#ifndef DCR_PIXEL_PLAN_H
#define DCR_PIXEL_PLAN_H

#include "dcmrisk/pixels.h"
#include "pixel_rules.h"

/* Facts about a series that are no attribute: tests on them ask for these names. */
#define DCR_PX_SOP     "sop/burned_in"
#define DCR_PX_DEVICE  "device/known"
#define DCR_PX_SIZE    "series/images"
#define DCR_PX_ROI     "roi/name"
#define DCR_PX_PRIVATE "private/bytes"
#define DCR_PX_CREATOR "private/creator"

typedef struct dcr_pixel_literal { /* a test that must hold, or must not */
    uint32_t test;
    bool negative;
} dcr_pixel_literal;

typedef struct dcr_pixel_all { /* all of these */
    dcr_pixel_literal *literal;
    size_t n;
} dcr_pixel_all;

typedef struct dcr_pixel_plan {
    const dcr_pixel_test **tests; /* each one once, none of them negative */
    size_t n_tests;
    const dcr_pixel_rule *rules;
    size_t n_rules;
    dcr_pixel_all **when; /* per rule: rules[i].n_when alternatives */
    dcr_pixel_kind *kind; /* per rule */
    dcr_pixel_level *level;
    dcr_pixel_all *devices; /* devices known to burn text in */
    size_t n_devices;
} dcr_pixel_plan;

/* Made in the arena. */
DCR_MUST_USE dcr_status dcr_pixel_plan_make(dcr_pixel_plan *out, const dcr_rules *r,
                                            dcr_arena *arena, dcr_err *err);

/* True when the value (text as in the file) passes the test. */
bool dcr_pixel_test_value(const dcr_pixel_test *t, const uint8_t *p, size_t n);
/* True when the test is about an attribute of this path. */
bool dcr_pixel_test_path(const dcr_pixel_test *t, const char *path);

#endif
