/* Identifiers that no list names, found from the data: which attributes follow the
 * subject, the date, the site or the device, and which say again what a concept says.
 *
 * The units are visits: studies of one subject on one day count as one.  The value of an
 * attribute at a visit is the smallest of its real values there, by bytes.
 *
 * "Follows the subject" takes three things at once.  (1) The values at a subject's first
 * and last visit agree far more often than when the last values are dealt out anew among
 * visits of the same device and time (a permutation test; false discoveries among all
 * attributes tested are held at q by Benjamini and Hochberg's procedure).  (2) They agree
 * for at least half of the subjects.  (3) Two subjects hardly ever share a value: that
 * they share one as often as a characteristic with `effective_values` equally frequent
 * values would make them (a weight to 0.1 kg has some 500) is refuted at level `alpha`.
 * Weight, height, sex keep (1) and fail (3); doses and times keep (3) and fail (1).
 *
 * What is neither shown nor refuted is "cannot tell". */
#ifndef DCMRISK_HIDDEN_H
#define DCMRISK_HIDDEN_H

#include "dcmrisk/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* rules/hidden-search.json; shares are per cent. */
typedef struct dcr_hidden_params {
    double q;     /* false-discovery rate */
    double alpha; /* level of the tests of sharing and of constancy */
    uint32_t permutations;
    uint32_t max_subjects; /* looked at, of those with several studies and of others */
    uint32_t block;        /* visits that change places with each other, at least */
    uint32_t min_pool;     /* fewest visits of one device that are a block */
    uint32_t min_subjects; /* fewest subjects with two visits */
    uint32_t min_constant; /* share of subjects whose value stays */
    uint32_t min_unique;   /* share of subjects (days, sites) with a value of their own */
    uint32_t effective_values;     /* fewer than this many values make a characteristic */
    uint32_t filler;               /* share of subjects that makes a value a filler */
    uint32_t min_days, min_places; /* fewest days, sites or devices to follow */
    uint32_t min_follow;           /* share of pairs of one day (site) that agree */
    uint32_t carrier_subjects;     /* fewest subjects to compare with a concept */
    uint32_t carrier_equal;        /* share of visits at which both say the same */
} dcr_hidden_params;

typedef enum dcr_hidden_verdict {
    DCR_HIDDEN_NONE = 0,
    DCR_HIDDEN_SUBJECT, /* identifies the subject */
    DCR_HIDDEN_DATE,    /* follows the day or the month */
    DCR_HIDDEN_SITE,
    DCR_HIDDEN_DEVICE,
    DCR_HIDDEN_CANNOT_TELL,
    DCR_HIDDEN_N
} dcr_hidden_verdict;
const char *dcr_hidden_name(dcr_hidden_verdict v); /* "identifies-subject", ... */

typedef struct dcr_hidden_attr { /* one for each attribute of the model, in its order */
    dcr_hidden_verdict verdict;
    double p, q;       /* of the question the verdict answers; 1 when it was not put */
    uint32_t subjects; /* with two visits that could be compared; for the others: pairs of
                          visits of one day, site or device */
    uint32_t agree;    /* of them, those with the same value */
    uint32_t people;   /* subjects with a value (days, sites, devices with one) */
    uint32_t distinct; /* values among them */
    bool repeats_key;  /* the value is the subject's PatientID over again */
    const char *note;  /* static, one sentence; "" */
} dcr_hidden_attr;

typedef struct dcr_found_carrier {
    dcr_extra_carrier carrier;
    const char *evidence;       /* "equal", "one-to-one", "date-form" */
    uint32_t subjects, studies; /* compared; for a date by its form: looked at */
    bool used; /* a private one: it joins the carriers of the rules.  A standard attribute
                  belongs into concepts.json, which is how others check our figures. */
} dcr_found_carrier;

typedef struct dcr_hidden {
    dcr_hidden_params params;
    dcr_hidden_attr *attrs; /* model->n_attrs */
    size_t n_attrs;
    dcr_found_carrier *carriers; /* by concept, then path */
    size_t n_carriers;
    uint32_t sampled;  /* subjects looked at */
    uint32_t repeated; /* of them, those with two visits or more */
    uint32_t tested;   /* attributes with more than one value */
    void *owner;
} dcr_hidden;

/* Searches a model.  Deterministic; time linear in the series that have values.  Nothing
 * in *out points into the model.  *out is NULL on failure; free with dcr_hidden_free. */
DCR_MUST_USE dcr_status dcr_hidden_search(dcr_hidden **out, const dcr_model *m,
                                          const dcr_hidden_params *params, dcr_err *err);
void dcr_hidden_free(dcr_hidden *h);

#ifdef __cplusplus
}
#endif
#endif
