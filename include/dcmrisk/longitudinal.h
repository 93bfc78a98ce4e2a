/* What many exams of one patient give away together: sets of keys, dates, intervals.
 *
 * Sources: k^m of Terrovitis, Mamoulis and Kalnis 2008 (PVLDB 1:115); unicity of de
 * Montjoye et al. 2013 (Sci. Rep. 3:1376).  A subject's trace is the set of its points:
 * the distinct dates of its exams at a granularity.  The interval vector of a subject
 * lists the days between its exams in the order of their dates, 0 for two of one day; a
 * shift by one number of days for each patient leaves it as it is. */
#ifndef DCMRISK_LONGITUDINAL_H
#define DCMRISK_LONGITUDINAL_H

#include "dcmrisk/metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- sets of keys ---- */

enum { DCR_KM_N = 3 }; /* m = 1 .. 3 */

typedef struct dcr_km {
    uint32_t m;
    bool applies;     /* false: no known concept is present, or too many sets; see note */
    const char *note; /* static text or "" */
    uint32_t k_min, k_low_min; /* fewest holders of a set of at most m keys; 0: nobody */
    /* Subjects that hold a set of at most m keys with fewer than dcr_below[] holders. */
    uint32_t subjects_below[DCR_BELOW_N];
    /* Of exactly m keys: distinct sets that somebody holds (UINT64_MAX: too many to be
     * told), those with fewer holders; subjects with at least m keys, those of them that
     * hold a set of exactly m with fewer holders. */
    uint64_t itemsets, itemsets_below[DCR_BELOW_N];
    uint32_t holders, holders_below[DCR_BELOW_N];
} dcr_km;

/* Over the distinct keys of each subject judged in an any_exam view.  More than 32
 * million sets that may be shared are refused. */
DCR_MUST_USE dcr_status dcr_km_get(dcr_km out[DCR_KM_N], const dcr_risk *any_exam,
                                   dcr_err *err);

/* ---- dates and intervals ---- */

enum { DCR_POINTS_N = 4, DCR_UNICITY_N = 4 * DCR_POINTS_N };

typedef struct dcr_unicity {
    uint32_t points;         /* p, 1 .. DCR_POINTS_N */
    const char *granularity; /* "day", "week", "month", "month+modality+body_region" */
    uint32_t subjects;       /* with a trace of at least p points */
    /* Mean over these of the share of their sets of p points that lie in no other
     * subject's trace; NaN when there are none.  Exact (lo == share == hi), or with a
     * 95 % interval from a sample of `drawn` sets. */
    double share, lo, hi;
    uint32_t drawn; /* 0: exact */
    /* The same over all subjects with a point, of whom those with fewer than p are known
     * by all of them; NaN when there are none, or when it was not counted. */
    uint32_t all_subjects;
    double all_share;
} dcr_unicity;

typedef struct dcr_intervals { /* subjects with at least `exams` dated exams */
    uint32_t exams;
    uint32_t subjects;
    uint32_t k_min;              /* fewest subjects with one interval vector; 0: nobody */
    uint32_t below[DCR_BELOW_N]; /* subjects whose vector fewer have; [0]: unique */
} dcr_intervals;

typedef struct dcr_longitudinal {
    bool applies;     /* false: no exam has a date; see note */
    const char *note; /* static text or "" */
    uint32_t undated; /* exams without a date of the calendar: left out */
    dcr_unicity unicity[DCR_UNICITY_N];
    size_t n_unicity;
    dcr_intervals intervals[2]; /* of at least 2 and of at least 3 exams */
    uint32_t *intervals_k; /* by subject of the model: how many have its interval vector;
                              0: fewer than 2 dated exams */
} dcr_longitudinal;

/* Over all subjects, by the dates as they stand in the files.  Clear in any case. */
DCR_MUST_USE dcr_status dcr_longitudinal_get(dcr_longitudinal *out, const dcr_model *m,
                                             dcr_err *err);
void dcr_longitudinal_clear(dcr_longitudinal *l);

/* What a shift leaves of two exams: subjects with the same pair of keys, without the date
 * of the exam, the same number of days apart (the earlier exam first).  Over the subjects
 * of an any_exam view with at least two dated exams; two series of one exam are no pair.
 */
typedef struct dcr_interval_pairs {
    bool applies;     /* false: nobody has two dated exams, or too many pairs; see note */
    bool refused;     /* the latter */
    const char *note; /* static text or "" */
    uint32_t subjects;
    uint32_t k_min;              /* 0: nobody */
    uint32_t below[DCR_BELOW_N]; /* [0]: unique */
    /* By subject judged: smallest number of subjects with a pair of its own; 0: fewer
     * than two dated exams.  NULL when refused. */
    uint32_t *k;
} dcr_interval_pairs;

/* More than 16 million pairs that may be shared are refused.  Clear in any case. */
DCR_MUST_USE dcr_status dcr_interval_pairs_get(dcr_interval_pairs *out,
                                               const dcr_risk *any_exam, dcr_err *err);
void dcr_interval_pairs_clear(dcr_interval_pairs *p);

#ifdef __cplusplus
}
#endif
#endif
