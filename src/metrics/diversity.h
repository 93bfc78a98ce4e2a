/* l-diversity, t-closeness and their kin over the cells of one sensitive column. */
#ifndef DCR_DIVERSITY_H
#define DCR_DIVERSITY_H

#include "cells.h"

/* The values of c at which recursive (c, l)-diversity is judged. */
enum { DCR_DIVERSITY_CS = 6 };
extern const uint32_t dcr_diversity_c[DCR_DIVERSITY_CS];

/* q is the distribution of a class, P that of the table; both over dcr_cells' counts.
 * Each figure is that of the worst class. */
typedef struct dcr_diversity {
    uint32_t n_classes, n_values; /* values held by anyone */
    bool several;                 /* some subject holds several values in one class */
    uint32_t distinct_l; /* fewest distinct values (Machanavajjhala et al. 2007) */
    double entropy_l;    /* smallest exp(H(q)), natural logarithm (the same) */
    /* recursive (c, l), the same: with the counts of a class falling, r_1 < c * (r_l +
     * ...
     * + r_m), strict.  The largest l for each c of dcr_diversity_c (0: not even l = 1),
     * and the c above which the table is (c, distinct_l)-diverse. */
    uint32_t recursive_l[DCR_DIVERSITY_CS];
    double infimum_c;
    double alpha; /* largest share of a class's subjects that hold a value (Wong et al.
                     2006, (alpha, k)-anonymity) */
    /* t-closeness (Li, Li and Venkatasubramanian 2007).  Equal distances: half of
     * sum |q - P|.  Ordered: sum over steps i of |q(<= i) - P(<= i)| / (steps - 1), NaN
     * where the column is not one of numbers, all of them present. */
    double t_equal, t_ordered;
    /* beta-likeness (Cao and Karras 2012): largest (q - P)/P of a value with q > P; its
     * enhanced form wants (q - P)/P <= min(beta, -ln P) of each.  violations: pairs of
     * class and value over -ln P, for which no beta will do.  capped: the largest over
     * values held of min(beta, -ln P), the number pyCANON gives whatever the violations.
     */
    double beta, beta_capped;
    uint64_t beta_violations;
    /* delta-disclosure (Brickell and Shmatikov 2008): largest |ln(q/P)|, here over q > 0
     * as pyCANON does; the definition wants every value of the table in every class, and
     * is infinite otherwise. */
    double delta;
    bool delta_everywhere; /* every value is in every class: the definition is delta */
    /* Classes all of whose subjects hold one value that is not the missing one: it is
     * known of everybody in them. */
    uint32_t homogeneous_classes;
    uint64_t homogeneous_subjects; /* distinct */
} dcr_diversity;

/* Everything is 0 or NaN when there are no rows. */
DCR_MUST_USE dcr_status dcr_diversity_get(dcr_diversity *out, const dcr_frame *f,
                                          size_t column, const dcr_groups *g,
                                          dcr_err *err);

#endif
