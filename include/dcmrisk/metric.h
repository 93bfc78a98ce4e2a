/* Risk of one adversary: classes, k of every subject, and the metrics that read them.
 *
 * Definitions: a record is a row of the model's table seen through the adversary's
 * columns; K(q) is the number of distinct subjects with a record of key q; r(s) is the
 * largest 1/K(q) over the records of s, k(s) = 1/r(s) the smallest K(q).  Inferred
 * subjects count as at most one in K_low(q). */
#ifndef DCMRISK_METRIC_H
#define DCMRISK_METRIC_H

#include "dcmrisk/frame.h"
#include "dcmrisk/model.h"
#include "dcmrisk/tables.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The limits below which subjects are counted: 2, 3, 5, 11, 20. */
enum { DCR_BELOW_N = 5 };
extern const uint32_t dcr_below[DCR_BELOW_N];

/* A partition of records into classes of equal key, in distinct subjects. */
typedef struct dcr_classes {
    size_t n_records; /* distinct (subject, key) pairs */
    uint32_t n_classes;
    uint32_t *record_subject; /* n_records, ascending; NULL in the view two_exams */
    uint32_t
        *record_class;   /* n_records; classes are numbered by first record; likewise */
    uint32_t *size;      /* n_classes: K(q), distinct subjects */
    uint32_t *size_low;  /* n_classes: K_low(q) */
    uint32_t *first_row; /* n_classes: first row of the model's table with the key; NULL
                            in further views, whose classes are not those of rows */
} dcr_classes;

/* One view of one adversary, ready for the metrics. */
typedef struct dcr_risk {
    const dcr_model *model;
    const dcr_adversary *adversary;
    const char *view; /* "any_exam", "history" */
    bool applies;     /* false: no known concept is present; one class, nothing to say */
    bool refused;     /* could not be computed; note says why */
    const char *note; /* static text or "" */
    dcr_classes classes;
    const uint32_t *number; /* per subject of the model: 1 + its number here, 0: not
                               judged; NULL: all are, by the model's numbers */
    uint32_t n_subjects;    /* subjects judged */
    const uint32_t *k;      /* n_subjects: k(s), at least 1 */
    const uint32_t *k_low;  /* n_subjects */
    const double *exam;     /* n_subjects: mean of 1/K(q) over the records of s */
    const dcr_register_codes *reg; /* of the population, borrowed; NULL: none is given */
    void *owner;
} dcr_risk;

/* The any_exam view of an adversary; for one that subtracts its own site it is that of
 * the worst site.  *out is NULL on failure; free with dcr_risk_free. */
DCR_MUST_USE dcr_status dcr_risk_any_exam(dcr_risk **out, const dcr_model *m,
                                          const dcr_adversary *a, dcr_err *err);
/* Further views of the same adversary over the same subjects. */
DCR_MUST_USE dcr_status dcr_risk_history(dcr_risk **out, const dcr_risk *any_exam,
                                         dcr_err *err);
/* k^m with m = 2: K(pair) counts the subjects that have both records; a subject of one
 * record is judged by it alone.  With more than 50 million pairs the view is refused, and
 * says so. */
DCR_MUST_USE dcr_status dcr_risk_two_exams(dcr_risk **out, const dcr_risk *any_exam,
                                           dcr_err *err);
void dcr_risk_free(dcr_risk *r);

/* Figures of one concept within an adversary's knowledge. */
typedef struct dcr_concept_figures {
    size_t concept;
    double bits;    /* Shannon entropy over distinct (subject, code) pairs */
    uint32_t alone; /* smallest K when only this concept is known */
} dcr_concept_figures;
/* Fills list[0 .. *n) (room for adversary->n_knows) for the concepts present. */
DCR_MUST_USE dcr_status dcr_concept_figures_get(const dcr_risk *any_exam,
                                                dcr_concept_figures *list, size_t *n,
                                                dcr_err *err);

/* Which concepts single subjects out.  A subject is unique under a set of concepts when
 * k(s) = 1 for the records restricted to them (a missing value is a value, and nobody is
 * unique when nothing is known).
 *
 * Shapley value of a concept (Shapley 1953): what it adds to the number of unique
 * subjects, averaged over all orders in which the adversary could learn the concepts; the
 * values sum to the number of subjects unique when all are known.  A unique key of a
 * subject is a set of concepts under which it is unique while under no smaller part of
 * it. */
typedef struct dcr_concept_shapley {
    size_t concept;
    double value, lo, hi; /* in subjects; lo == value == hi when exact, else the 95 %
                             interval of a mean over random orders */
    uint32_t drop_one;    /* unique subjects with all concepts minus those without this
                             one; of one subject nothing need be known */
} dcr_concept_shapley;

typedef struct dcr_unique_key {
    uint64_t concepts; /* bit i: dcr_singling.shapley[i].concept */
    uint32_t subjects; /* whose unique key it is; a subject may have several */
} dcr_unique_key;

enum { DCR_UNIQUE_KEYS_MAX = 50 };
typedef struct dcr_singling {
    size_t n_concepts;            /* of the adversary, present in the dataset */
    dcr_concept_shapley *shapley; /* n_concepts, in the order of its knowledge */
    uint32_t n_orders;            /* random orders the values come from; 0: exact */
    uint32_t unique;              /* subjects unique when all is known */
    dcr_unique_key *key;          /* n_keys; most subjects first, then fewest concepts */
    size_t n_keys;                /* at most DCR_UNIQUE_KEYS_MAX */
    uint64_t n_left_out;          /* further unique keys, not listed */
    size_t max_concepts; /* keys of more were not looked for; n_concepts: of all */
} dcr_singling;
/* Of the view any_exam.  Exact up to 14 concepts as long as that is cheap.  Clear with
 * dcr_singling_clear; zeroed is empty and valid. */
DCR_MUST_USE dcr_status dcr_singling_get(dcr_singling *out, const dcr_risk *any_exam,
                                         dcr_err *err);
void dcr_singling_clear(dcr_singling *s);

/* What tools that count rows would call k: smallest class in files and in studies. */
typedef struct dcr_naive {
    uint64_t k_min_files, k_min_studies;
} dcr_naive;
DCR_MUST_USE dcr_status dcr_naive_get(const dcr_risk *any_exam, dcr_naive *out,
                                      dcr_err *err);

/* Subjects per site and time, for a heat map of at most 24 x 24: sites beyond the largest
 * are put together, months become quarters, years or more when there are too many. */
enum { DCR_HEAT_MAX = 24 };
typedef struct dcr_heat {
    size_t n_rows, n_columns; /* 0: no site or no date is known */
    uint32_t
        row_site[DCR_HEAT_MAX]; /* code of the site; 0 no site, UINT32_MAX all others */
    char column[DCR_HEAT_MAX][24]; /* "2024-03", "2024-Q1", "2024", "no date", ... */
    uint32_t subjects[DCR_HEAT_MAX][DCR_HEAT_MAX]; /* distinct, by row and column */
    uint32_t below[DCR_HEAT_MAX][DCR_HEAT_MAX];    /* of them, those with k(s) < k */
    size_t n_sites;                                /* distinct sites named */
    const char *unit;                              /* "month", "quarter", ... */
} dcr_heat;
DCR_MUST_USE dcr_status dcr_heat_get(dcr_heat *out, const dcr_risk *r, uint32_t k,
                                     dcr_err *err);

/* What a metric says; lo == value == hi when exact. */
typedef struct dcr_measure {
    double value, lo, hi;
    bool integer;     /* print as a whole number */
    bool applies;     /* false: nothing to say here (null in the report); note says why */
    const char *note; /* static text or NULL */
} dcr_measure;

/* Where a metric puts its figures: a path below the view in report.json, or in the
 * document of a table ("k_min", "prosecutor/max", "histogram/0/from": digits are places
 * in a list; "unique_keys/0/names[]" is put behind what is in that list).
 */
typedef struct dcr_metric_sink {
    void *ctx;
    dcr_status (*emit)(void *ctx, const char *path, const dcr_measure *m, dcr_err *err);
    /* Text; NULL is null. */
    dcr_status (*text)(void *ctx, const char *path, const char *text, dcr_err *err);
    dcr_status (*truth)(void *ctx, const char *path, bool truth, dcr_err *err);
    dcr_status (*empty)(void *ctx, const char *path, dcr_err *err); /* an empty list */
} dcr_metric_sink;

/* ---- tables ---- */

typedef enum dcr_missing {
    DCR_MISSING_CATEGORY, /* a missing value is a value like others */
    DCR_MISSING_WILDCARD  /* it matches every value, on either side (METRICS.md 1.1) */
} dcr_missing;

/* How the rows came to be those of the table. */
typedef enum dcr_design {
    DCR_DESIGN_UNSTATED, /* nothing was said: treated as SRS, with a warning */
    DCR_DESIGN_SRS,      /* a simple random sample of the population */
    DCR_DESIGN_CENSUS,   /* everybody there is */
    DCR_DESIGN_SELECTED  /* chosen in some other way */
} dcr_design;

typedef struct dcr_lattice dcr_lattice; /* workspace over all sets of columns */

/* Columns of `--records`, n_rows each; NaN where a metric has nothing to say.  `risk` is
 * the individual risk where weights or a fraction make one, otherwise 1 / fk. */
typedef struct dcr_tab_records {
    double *fk, *Fk, *risk, *suda, *dis;
} dcr_tab_records;

/* A table to be judged. */
typedef struct dcr_tab {
    const dcr_frame *frame;      /* the quasi-identifiers */
    const dcr_frame *sensitive;  /* same rows; its columns are the sensitive attributes;
                                    NULL: none */
    const dcr_frame *population; /* the population table in the codes of `frame`, column
                                    by column (its n_codes may be larger); NULL: none */
    dcr_missing missing;
    uint64_t population_size; /* N, in subjects; 0: not known */
    double fraction;          /* n / N; 0: not known */
    dcr_design design;
    bool srs;          /* design is SRS or UNSTATED */
    dcr_groups groups; /* by all columns of the frame */
    /* By row, what its key is shared by: `fk` distinct subjects whose key matches (under
     * WILDCARD keys match where every variable is equal or missing in either, METRICS.md
     * 1.1 with alpha = 1; otherwise where they are equal), `Fk` the sum of their weights.
     * fk is NULL under CATEGORY: groups.subjects[groups.group_of[row]]; Fk is NULL
     * without weights. */
    const uint32_t *fk;
    const double *Fk;
    dcr_lattice *lattice;     /* made by the first metric that needs it; NULL before */
    dcr_tab_records *records; /* NULL: not wanted */
} dcr_tab;

/* Fills groups, fk and Fk from the other fields, and gives them back. */
DCR_MUST_USE dcr_status dcr_tab_prepare(dcr_tab *t, dcr_err *err);
void dcr_tab_clear(dcr_tab *t);

/* Subjects that match the key of a row. */
static inline uint32_t dcr_tab_fk(const dcr_tab *t, size_t row)
{
    return t->fk != NULL ? t->fk[row] : t->groups.subjects[t->groups.group_of[row]];
}

/* Plug-in: src/metrics/metric_<name>.c defines `const dcr_metric dcr_metric_<name>`. */
typedef struct dcr_metric {
    const char *id;
    const char *title;
    const char *source; /* of the formula */
    const char *family; /* word of `table --metrics`: "k", "risk", "population",
                           "individual", "suda", "fields", "diversity" */
    /* Of one view of an adversary; NULL: says nothing there. */
    dcr_status (*run)(const dcr_risk *r, const dcr_metric_sink *sink, dcr_err *err);
    /* Of a table; NULL: says nothing there. */
    dcr_status (*table)(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err);
} dcr_metric;

/* All metrics in the order of their names; NULL-terminated. */
const dcr_metric *const *dcr_metrics(void);

#ifdef __cplusplus
}
#endif
#endif
