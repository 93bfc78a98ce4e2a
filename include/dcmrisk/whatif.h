/* What if: how an adversary's any_exam view would stand if facts that it knows were
 * coarser in the files, without touching data.
 *
 * A change brings every value of a concept, in all of its carriers, to a coarser level of
 * its hierarchy ("*": the carriers are emptied); dcr_level_value is what then stands in a
 * file.  What the adversary knows stays what it was, so a record's key is the code of the
 * coarser value, and K, k(s) and r(s) are counted anew (metric.h).  What follows from a
 * changed fact changes with it: an age that no carrier states is taken again from the
 * birth date and the date that is left; who brings ages to a level writes them to their
 * carrier and empties the birth date, which would tell them again; and without the device
 * no site follows from it.  A scope that holds several values of one concept is judged by
 * the one that the model took; a file rewritten may have another come first.
 *
 * Information lost is conditional entropy: over the distinct (subject, code) pairs of the
 * concept's column, H(fine | coarse) = 1/N * sum over codes f of n_f * log2(n_m(f)/n_f),
 * n_m(f) being the pairs whose codes become what f becomes; for "*" it is the column's
 * entropy (dcr_concept_figures.bits).  It is the mean over pairs of the non-uniform
 * entropy measure (A. Gionis, T. Tassa, k-Anonymization with minimal loss of information,
 * IEEE TKDE 21(2), 2009; after L. Willenborg, T. de Waal, Elements of Statistical
 * Disclosure Control, 2001).  The plain difference of the two entropies is not it: one
 * subject's pairs may fall together, and then that can be negative.  Losses of a pair of
 * changes add up, which bounds the joint loss from above.  Other measures: precision
 * (levels climbed; Sweeney 2002), the loss metric (share of the values merged; Iyengar
 * 2002), discernibility (sum of squared class sizes; Bayardo and Agrawal 2005): the first
 * two do not see how often values occur, the third judges keys instead of facts. */
#ifndef DCMRISK_WHATIF_H
#define DCMRISK_WHATIF_H

#include "dcmrisk/metric.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_target { /* what a policy asks of k(s); limits are whole numbers */
    const char *id;         /* of its criterion */
    uint32_t k;             /* counts subjects with k(s) < k; 0: the mean of r(s) */
    uint64_t num, den;      /* at most num/den: share of the subjects, or the mean */
    bool absolute;          /* at most num subjects; den is 1 */
} dcr_target;

/* count of n <= limit. */
static inline bool dcr_count_within(uint64_t count, uint64_t n, uint64_t num,
                                    uint64_t den, bool absolute)
{
    return absolute ? count <= num : count * den <= n * num;
}

/* mean <= limit; a rounding error of the sum does not decide. */
static inline bool dcr_mean_within(double mean, uint64_t num, uint64_t den)
{
    return mean * (double)den <= (double)num + 1e-9;
}

typedef struct dcr_whatif_figures {
    uint32_t k_min, k_low_min;   /* 0: nobody */
    uint32_t unique, unique_low; /* subjects with k(s) = 1, with k_low(s) = 1 */
    uint32_t below, below_low;   /* with k(s) < k of the question */
    double average, average_low; /* mean of r(s) */
    const double *target;        /* per target: subjects counted, or the mean */
    const double *target_low;    /* the same by k_low(s) */
    size_t unmet;                /* targets that k(s) does not meet */
    size_t unmet_low; /* that k_low(s) does not meet; 0 where it does not count */
} dcr_whatif_figures;

typedef struct dcr_whatif_part { /* one concept, brought to a level */
    size_t concept;
    const char *from, *level; /* what the adversary knows it at; what becomes of it */
} dcr_whatif_part;

typedef struct dcr_whatif_change {
    size_t n_parts; /* 1, or 2 of different concepts */
    dcr_whatif_part part[2];
    bool fixed;       /* no file can do without it: shown, never advised */
    double bits_lost; /* above 0 */
    /* What the change does: over the targets not met before, the fall of the subjects
     * that they count, of the sum of r(s) for one on the mean.  In subjects; below 0 when
     * things get worse, which only ages that follow from other facts can do. */
    double effect;
    dcr_whatif_figures after;
} dcr_whatif_change;

typedef struct dcr_whatif {
    uint32_t n_subjects, k;
    dcr_whatif_figures before;
    /* All single changes that change anything: by effect per bit lost, the fixed ones
     * last. */
    dcr_whatif_change *single;
    size_t n_single;
    /* Pairs of the most promising single changes (five that lower the sum of r(s) most
     * per bit, five that lower it most; at most three of one concept): those that meet
     * all targets first, by bits lost, then by effect, then by bits lost.  Other pairs
     * were not tried. */
    dcr_whatif_change *pair;
    size_t n_pairs;
    void *owner; /* memory behind all of the above */
} dcr_whatif;

typedef struct dcr_whatif_ask {
    uint32_t k; /* of the policy */
    const dcr_target *target;
    size_t n_targets;
    bool low;          /* k_low(s) has to meet the targets too */
    const bool *fixed; /* per concept of the model; NULL: none is */
} dcr_whatif_ask;

/* Tries the changes; an adversary that subtracts its site is judged by the worst site of
 * each.  *out is NULL on failure; free with dcr_whatif_free. */
DCR_MUST_USE dcr_status dcr_whatif_build(dcr_whatif **out, const dcr_risk *any_exam,
                                         const dcr_whatif_ask *ask, dcr_err *err);
void dcr_whatif_free(dcr_whatif *w);

#ifdef __cplusplus
}
#endif
#endif
