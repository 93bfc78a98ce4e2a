/* How many of a population are unique, from the class sizes of a sample of it.
 *
 * Every model reads the histogram of class sizes (so many classes of 1, of 2, ...), in
 * subjects, of a simple random sample of n out of N, and answers with the share of the
 * POPULATION whose key nobody else has.  None can know it: the interval says what the
 * histogram does not exclude, and a model that it does exclude refuses.
 *
 * Sources.  Pitman: Hoshino 2001 (maximum likelihood; the expectation for a finite N, not
 * its limit).  Zayatz 1991.  SNB: Chen and Keller-McNulty 1998, with the number of
 * classes by Shlosser, as Haas et al. 1995 give it.  tau: Skinner and Shlomo 2008.
 * Mixture: Poisson counts (Bethlehem et al. 1990) of log-normal rates (Skinner and Holmes
 * 1993), of Pitman's, and of rates of any distribution (Koenker and Mizera 2014).
 *
 * The rule of choice.  No formula for the rates holds for every table, and the number of
 * uniques hangs on the formula the more, the smaller the sample.  So the mixture is
 * chosen and takes the mean (of logarithms) of three readings: the log-normal and
 * Pitman's by how well each accounts for the classes of up to 24 seen, and the one
 * without a formula the more, the closer its interval is.  Its interval is of the last
 * alone (profile likelihood), so it assumes no formula; any other model outside it is
 * refuted by the data. */
#ifndef DCMRISK_POPULATION_H
#define DCMRISK_POPULATION_H

#include "dcmrisk/metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/* So many classes of this size.  Sizes ascend and are at least 1; a number of classes may
 * be broken, when it is an expectation. */
typedef struct dcr_size_count {
    uint64_t size;
    double classes;
} dcr_size_count;

typedef struct dcr_sizes {
    const dcr_size_count *list;
    size_t n;
} dcr_sizes;

typedef enum dcr_population_model {
    DCR_POPULATION_PITMAN,
    DCR_POPULATION_ZAYATZ,
    DCR_POPULATION_SNB,
    DCR_POPULATION_TAU, /* needs the table, not only its class sizes */
    DCR_POPULATION_MIXTURE,
    DCR_POPULATION_MODELS
} dcr_population_model;

typedef struct dcr_population {
    double fraction; /* n / N */
    double size;     /* N */
    /* Share of the population.  Where a model refuses (`applies` is false, the note says
     * why) its figures are what they would be, NaN where there is none. */
    dcr_measure model[DCR_POPULATION_MODELS];
    int chosen; /* a dcr_population_model; -1: none deserves trust */
} dcr_population;

/* The smallest fraction from which anything is estimated. */
#define DCR_POPULATION_LEAST 0.02

/* `fraction`: n / N, in (0, 1]; n is what the sizes add up to.  `srs`: the sample is a
 * simple random one; if not, every model refuses; so it does on a census (fraction 1, the
 * uniques are counted then) and below DCR_POPULATION_LEAST.  `tau`: the log-linear
 * model's share, NaN where there is none.  DCR_EARG: a fraction out of range. */
DCR_MUST_USE dcr_status dcr_population_estimate(dcr_population *out, dcr_sizes sizes,
                                                double fraction, bool srs, double tau,
                                                dcr_err *err);

/* Makes every model refuse for a reason of the caller's (static text). */
void dcr_population_refuse(dcr_population *p, const char *why);

/* The word for a model: "pitman", "zayatz", "snb", "tau", "mixture". */
const char *dcr_population_name(dcr_population_model model);

/* How many groups are of each size, in subjects: a list of n for dcr_free(). */
DCR_MUST_USE dcr_status dcr_sizes_build(dcr_size_count **list, size_t *n,
                                        const uint32_t *size, size_t n_sizes,
                                        dcr_err *err);

#ifdef __cplusplus
}
#endif
#endif
