/* Inside of the search for hidden identifiers. */
#ifndef DCR_HIDDEN_IMPL_H
#define DCR_HIDDEN_IMPL_H

#include <string.h>

#include "alloc.h"
#include "arena.h"
#include "dcmrisk/hidden.h"
#include "dcmrisk/scan.h"

enum { DCR_NO_DAY = INT32_MIN };

/* The subjects looked at, and their visits in order of time.  Labels are 0 where nothing
 * is known; equal labels mean equal values. */
typedef struct dcr_sample {
    const dcr_model *m;
    const dcr_hidden_params *p;
    uint32_t n_subjects, n_repeated, n_visits;
    uint32_t *first_visit;     /* n_subjects + 1 */
    uint32_t *model_subject;   /* n_subjects: number in the model */
    uint32_t *visit_subject;   /* n_visits: place in the sample */
    int32_t *day;              /* n_visits: days since 1970, or DCR_NO_DAY */
    uint32_t *visit_studies;   /* n_visits: studies that are this visit */
    uint32_t *visit_of_series; /* by series of the model: visit + 1, 0 not looked at */
    uint8_t *has_series, *has_subject; /* bits: whether the sample has it */
    uint32_t **kept;    /* by attribute: what dcr_sample_read gave, of carriers */
    uint64_t *label[4]; /* n_visits, by dcr_question: site, device, day, month */
    uint64_t *stratum;  /* n_visits: exchangeable ones have the same */
    uint64_t *order;    /* n_visits: a hash that stands for chance */
} dcr_sample;

DCR_MUST_USE dcr_status dcr_sample_make(dcr_sample *s, const dcr_model *m,
                                        const dcr_hidden_params *p, dcr_err *err);
void dcr_sample_clear(dcr_sample *s);

/* rep[visit]: place of the smallest real value + 1, 0 when there is none.  mixed[visit]
 * (may be NULL; not of carriers) is true when the visit has several. */
void dcr_sample_read(const dcr_sample *s, const dcr_attr *a, uint32_t *rep, bool *mixed);

bool dcr_hidden_real(const dcr_value *v);
uint64_t dcr_hidden_mix(uint64_t x); /* splitmix64's finaliser */
size_t dcr_hidden_concept(const dcr_model *m, const char *id); /* SIZE_MAX: none */

/* ---- the permutation test ---- */

/* One place of a block: whether `a` (0: nobody) meets an equal value there.  The values b
 * of a block are dealt out anew; the statistic counts places with a == b. */
typedef struct dcr_deal {
    uint64_t stratum, order;
    int32_t day;
    uint32_t a, b;
    bool cross; /* a and b are of different strata */
} dcr_deal;

/* Sorts the places and cuts them into blocks: block i is [start[i], start[i + 1]). Places
 * of small strata go to one of the rest, or (unless `cross`) lose their a.  start has
 * room for n + 1. */
size_t dcr_deal_blocks(const dcr_hidden_params *p, dcr_deal *d, size_t n, size_t *start);

/* Upper bound of P(at least t places agree) over all deals: Chernoff's, from the exact
 * factorial moments of every block.  Exact when t is the most there can be.  `work` has
 * room for n + n_blocks numbers. */
double dcr_deal_bound(const dcr_deal *d, const size_t *start, size_t n_blocks, size_t t,
                      double *work);

/* (1 + deals with at least t) / (1 + deals), stopped early when 20 were reached
 * (Besag and Clifford, Biometrika 1991); `seed` decides the deals.  Reorders b. */
double dcr_deal_permute(dcr_deal *d, const size_t *start, size_t n_blocks, size_t t,
                        uint32_t permutations, uint64_t seed);

/* The bound when it is at most 1e-4 (or nobody would wait for the deals), else by
 * dealing. *agree and *pairs count the places that have an a.  Negative when no memory.
 */
double dcr_deal_test(const dcr_hidden_params *p, dcr_deal *d, size_t n, uint64_t seed,
                     uint32_t *agree, uint32_t *pairs);

/* q-values of n p-values: Benjamini and Hochberg, J R Stat Soc B 1995. */
DCR_MUST_USE dcr_status dcr_hidden_fdr(const double *p, double *q, size_t n,
                                       dcr_err *err);

/* ---- sharing of values ---- */

typedef struct dcr_sharing {
    uint32_t n;        /* subjects (days, sites) with a value */
    uint32_t distinct; /* values among them */
    uint32_t unique;   /* of n, those whose value no other has */
    double shared;     /* pairs that have the same value */
} dcr_sharing;
/* Of n values, 0 where there is none; count is zeroed, by value, and left zeroed. */
void dcr_sharing_get(const uint32_t *value, size_t n, uint32_t *count, dcr_sharing *out);

/* ---- what a value says, in the terms of a concept ---- */

typedef enum dcr_say {
    DCR_SAY_TEXT = 0,
    DCR_SAY_DATE,
    DCR_SAY_TIME,
    DCR_SAY_AGE,
    DCR_SAY_HEIGHT,
    DCR_SAY_WEIGHT
} dcr_say;
dcr_say dcr_say_of(const dcr_concept *c);

enum { DCR_SAID_MAX = 64 };
/* Writes what the value says in one form for all ("20240105", "143005", "045Y", metres,
 * kilograms, upper case); false when it is nothing of the kind. `scale` divides numbers.
 */
bool dcr_said(dcr_say say, double scale, const uint8_t *p, size_t n,
              char out[DCR_SAID_MAX]);
/* Days since 1970 of a date in any of the usual forms at the start of the text; false:
 * none.  *year is set. */
bool dcr_said_day(const uint8_t *p, size_t n, int32_t *day, int *year);
uint32_t dcr_day_month(int32_t day); /* months since the year 0 of the day's month */

/* ---- carriers ---- */

enum { DCR_COMPARED_MAX = 5000 }; /* visits compared with the concepts */

typedef struct dcr_said_visits { /* one concept, visit by visit */
    dcr_say say;
    uint64_t *said;  /* n visits: hash of what it says, 0 nothing */
    uint32_t *value; /* place of the value in its attribute + 1 */
    const dcr_attr **attr;
} dcr_said_visits;

typedef struct dcr_carrier_search {
    const dcr_sample *s;
    dcr_hidden *h;
    dcr_arena *arena;
    uint32_t n_visits; /* the first visits of the sample, whole subjects */
    uint32_t n_subjects;
    size_t n_concepts;
    dcr_said_visits *concept;
    dcr_deal *deal; /* room for n_subjects */
    uint64_t *said; /* of the attribute in hand, n_visits */
    double level;   /* evidence is a p below this */
    size_t cap;
} dcr_carrier_search;

DCR_MUST_USE dcr_status dcr_carriers_begin(dcr_carrier_search *c, const dcr_sample *s,
                                           dcr_hidden *h, dcr_arena *arena, uint32_t *rep,
                                           dcr_err *err);
/* Compares an attribute that carries no concept yet; rep and mixed are its values. */
DCR_MUST_USE dcr_status dcr_carriers_try(dcr_carrier_search *c, const dcr_attr *a,
                                         const uint32_t *rep, const bool *mixed,
                                         dcr_err *err);
/* Orders what was found. */
void dcr_carriers_end(dcr_carrier_search *c);

/* hidden_recode.c: how the values of a found carrier read in the concept's terms. */
DCR_MUST_USE dcr_status dcr_recode_all(dcr_found_carrier *f, dcr_arena *arena,
                                       const dcr_attr *a, dcr_say say, double scale,
                                       dcr_err *err);

/* Trims what is mapped and sorts it for the model. */
void dcr_recode_sort(dcr_recode *map, size_t n);

#endif
