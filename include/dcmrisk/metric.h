/* Risk of one adversary: classes, k of every subject, and the metrics that read them.
 *
 * Definitions: a record is a row of the model's table seen through the adversary's columns;
 * K(q) is the number of distinct subjects with a record of key q; r(s) is the largest 1/K(q)
 * over the records of s, k(s) = 1/r(s) the smallest K(q).  Inferred subjects count as at most
 * one in K_low(q). */
#ifndef DCMRISK_METRIC_H
#define DCMRISK_METRIC_H

#include "dcmrisk/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A partition of records into classes of equal key, in distinct subjects. */
typedef struct dcr_classes {
    size_t n_records;   /* distinct (subject, key) pairs */
    uint32_t n_classes;
    uint32_t *record_subject; /* n_records, ascending */
    uint32_t *record_class;   /* n_records; classes are numbered by first record */
    uint32_t *size;     /* n_classes: K(q), distinct subjects */
    uint32_t *size_low; /* n_classes: K_low(q) */
} dcr_classes;

/* One view of one adversary, ready for the metrics. */
typedef struct dcr_risk {
    const dcr_model *model;
    const dcr_adversary *adversary;
    const char *view;     /* "any_exam", "history" */
    bool applies;         /* false: no known concept is present; one class, nothing to say */
    const char *note;     /* static text or "" */
    dcr_classes classes;
    uint32_t n_subjects;  /* subjects judged */
    const uint32_t *k;     /* n_subjects: k(s), at least 1 */
    const uint32_t *k_low; /* n_subjects */
    const double *exam;    /* n_subjects: mean of 1/K(q) over the records of s */
    void *owner;
} dcr_risk;

/* What a metric says; lo == value == hi when exact. */
typedef struct dcr_measure {
    double value, lo, hi;
    bool integer;     /* print as a whole number */
    bool applies;     /* false: nothing to say here (null in the report); note says why */
    const char *note; /* static text or NULL */
} dcr_measure;

/* Where a metric puts its figures: a path below the view in report.json ("k_min",
 * "prosecutor/max", "histogram/0/from": digits are places in a list). */
typedef struct dcr_sink {
    void *ctx;
    dcr_status (*emit)(void *ctx, const char *path, const dcr_measure *m, dcr_err *err);
} dcr_sink;

/* Plug-in: src/metrics/metric_<name>.c defines `const dcr_metric dcr_metric_<name>`. */
typedef struct dcr_metric {
    const char *id;
    const char *title;
    const char *source; /* of the formula */
    dcr_status (*run)(const dcr_risk *r, const dcr_sink *sink, dcr_err *err);
} dcr_metric;

/* All metrics in the order of their names; NULL-terminated. */
const dcr_metric *const *dcr_metrics(void);

#ifdef __cplusplus
}
#endif
#endif
