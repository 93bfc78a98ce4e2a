/* The models of dcmrisk/population.h one by one: each from a histogram of class sizes. */
#ifndef DCR_POPULATION_MODELS_H
#define DCR_POPULATION_MODELS_H

#include "dcmrisk/population.h"

/* Records, classes, and classes of one size (0 when none). */
double dcr_sizes_records(dcr_sizes s);
double dcr_sizes_classes(dcr_sizes s);
double dcr_sizes_of(dcr_sizes s, uint64_t size);

/* sum over i < m of 1/(a + i), a > 0: a difference of digammas without their
 * cancellation. */
double dcr_harmonic(double a, double m);

/* Maximum-likelihood theta and alpha of Pitman's sampling formula; alpha < 1, below 0 for
 * a bounded number of classes.  False when there is no maximum: all classes of one
 * record, or one class. */
typedef struct dcr_pitman {
    double theta, alpha;
} dcr_pitman;
bool dcr_pitman_fit(dcr_pitman *out, dcr_sizes s);
/* Expected classes of size 1 among n records, and its limit for a large n. */
double dcr_pitman_uniques(dcr_pitman p, double n);
double dcr_pitman_uniques_limit(dcr_pitman p, double n);
/* Expected classes of size i + 1 among n, from those of size i. */
double dcr_pitman_next(dcr_pitman p, double n, double i, double of_i);

/* Population uniques by Zayatz; 0 without sample uniques. */
double dcr_zayatz(dcr_sizes s, double size);

/* Population uniques by the shifted negative binomial; NaN when its equations have no
 * root, or no class is of size 1 or 2. */
double dcr_snb(dcr_sizes s, double fraction);

/* Cells of the population whose counts are Poisson, and what a sample shows of them.
 * Larger classes than DCR_RATES_SIZES say next to nothing of uniques. */
enum { DCR_RATES = 112, DCR_RATES_SIZES = 24 };
typedef struct dcr_rates {
    double fraction;
    double rate[DCR_RATES];                  /* in the population, evenly spaced in log */
    double seen[DCR_RATES][DCR_RATES_SIZES]; /* P(i + 1 of the cell in the sample) */
    double some[DCR_RATES];                  /* their sum */
    double one[DCR_RATES];                   /* P(one in the population) */
    double classes[DCR_RATES_SIZES];         /* of size i + 1 in the sample */
} dcr_rates;
void dcr_rates_init(dcr_rates *r, dcr_sizes s, double fraction);
/* 2 sum of c ln(c/mu) - c + mu over the classes of the sample, against `mu`. */
double dcr_rates_deviance(const dcr_rates *r, const double mu[DCR_RATES_SIZES]);

/* A fit of weights to the rates: expected uniques of the population, and how far the
 * classes it expects are from those seen. */
typedef struct dcr_rates_fit {
    double uniques, deviance;
} dcr_rates_fit;

/* Rates whose density is log-normal over those that show in small classes (the Poisson
 * log-normal of Bulmer 1974, as Skinner and Holmes 1993 use it). */
bool dcr_lognormal_fit(dcr_rates_fit *out, const dcr_rates *r);

/* Rates of any distribution: the maximum of the likelihood, and the 95 % interval of its
 * profile, widened by the chance of the population itself. */
typedef struct dcr_mixture {
    double best, lo, hi;
    double deviance;
    int df; /* classes of a size that were to be expected */
} dcr_mixture;
bool dcr_mixture_fit(dcr_mixture *out, const dcr_rates *r);

/* Log-linear model of the cross table of the columns, zeros included (Skinner and Shlomo
 * 2008): expected sample uniques that are unique in the population, and expected correct
 * matches of sample uniques, for a sampling fraction `pi`. */
typedef struct dcr_tau {
    double tau1, tau2;
    double records; /* distinct (subject, key) pairs */
} dcr_tau;
DCR_MUST_USE dcr_status dcr_tau_fit(dcr_tau *out, const dcr_tab *t, double pi,
                                    dcr_err *err);

#endif
