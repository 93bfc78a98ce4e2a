/* What pseudonyms can tell of the people behind them. */
#ifndef DCR_PSEUDONYM_H
#define DCR_PSEUDONYM_H

#include "dcmrisk/model.h"

/* The number in a pseudonym: its last run of digits, of at most 15. */
bool dcr_pseudonym_number(const uint8_t *p, size_t n, double *out);

/* True when a run of letters in the pseudonym is the initials of the name, either way
 * round; names that are themselves pseudonyms have none. */
bool dcr_pseudonym_initials(const dcr_value *id, const dcr_value *name);

/* True when the pseudonym holds the year of the birth date, or the date as six digits. */
bool dcr_pseudonym_birth(const dcr_value *id, const dcr_value *date);

/* Do the beginnings of pseudonyms stand for sites, one to one, with two subjects each at
 * least?  *n subjects compared, *sites of them, 0 when they do not.  False: no memory. */
bool dcr_pseudonym_sites(const dcr_value *const *id, const dcr_value *const *site,
                         size_t n_subjects, size_t *n, size_t *sites);

typedef struct dcr_pair {
    double x, y;
} dcr_pair;

/* Spearman's rank correlation (ties share their mean rank) and the chance of one as
 * large: by 2,000 permutations from a fixed seed, or beyond 200 pairs by the normal
 * approximation, sqrt(n - 1) rho.  Reorders the pairs.  False: no memory. */
bool dcr_rank_correlation(dcr_pair *pair, size_t n, double *rho, double *chance);

#endif
