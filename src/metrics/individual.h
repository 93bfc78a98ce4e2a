/* Individual risk of re-identification where a sample's weights tell the population. */
#ifndef DCR_INDIVIDUAL_H
#define DCR_INDIVIDUAL_H

/* E(1/F | f) of Benedetti and Franconi (Franconi and Polettini 2004), F - f negative
 * binomial: (p/f) 2F1(1, 1; f + 1; 1 - p) for f >= 1 in the sample and p = f / sum of
 * weights, above 0; 1/f from p = 1.  Exact to a few units of the last place. */
double dcr_individual_risk(double f, double p);

#endif
