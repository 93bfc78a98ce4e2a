/* Looks into a report's JSON without trusting its shape, and says its numbers.
 *
 * Every function takes NULL and wrong types for "not there".  Strings are lent by the
 * JSON. */
#ifndef DCR_JSON_VIEW_H
#define DCR_JSON_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What stands for a number that is null or not there, whether it could not be computed or
 * speaks of too few patients; a criterion's `why` says more. */
#define DCR_NOT_TOLD "not told"

enum { DCR_NUM_MAX = 48 }; /* room for any number the functions below write */

/* The member that is an object, an array, a string (else "", never NULL). */
const json_t *dcr_view_obj(const json_t *o, const char *key);
const json_t *dcr_view_arr(const json_t *o, const char *key);
const char *dcr_view_str(const json_t *o, const char *key);
/* True and *out when the member is a finite number; otherwise *out is 0. */
bool dcr_view_num(const json_t *o, const char *key, double *out);
/* The member when it is true or false, otherwise `other`. */
bool dcr_view_flag(const json_t *o, const char *key, bool other);
/* True for the public edition of a report: what is not in it, or null, may be left out.
 */
bool dcr_view_public(const json_t *report);
/* The element of an array of objects whose string `key` equals `value`; NULL when none.
 */
const json_t *dcr_view_find(const json_t *arr, const char *key, const char *value);

/* Numbers as text, the same in every locale.  A count has its thousands set apart by a
 * narrow no-break space; a value that is not whole keeps three digits behind the point.
 */
void dcr_view_fixed(char out[DCR_NUM_MAX], double v, int decimals);
void dcr_view_count(char out[DCR_NUM_MAX], double v);
/* A short count for a chart: "950", "12 300", "310k", "4.1M". */
void dcr_view_short(char out[DCR_NUM_MAX], double v);
/* A share 0..1 as "16.0 %"; "under 0.1 %" and "over 99.9 %" instead of a rounded 0 or
 * 100. */
void dcr_view_percent(char out[DCR_NUM_MAX], double share);
/* A probability: "1.00", "0.091", "0.0012", "under 0.0001". */
void dcr_view_risk(char out[DCR_NUM_MAX], double r);
/* Any JSON scalar with a unit: "share" and "%" are percentages, "risk" a probability,
 * every other unit follows the number.  null is `none`. */
void dcr_view_scalar(char *out, size_t size, const json_t *v, const char *unit,
                     const char *none);

/* 0 note (and what is none), 1 low, 2 medium, 3 high, 4 critical. */
int dcr_view_severity(const char *severity);
/* The result of a criterion as every format says it: "reported" where a figure without a
 * limit neither passes nor fails, otherwise that of the report. */
const char *dcr_view_result(const json_t *criterion);
/* Whether a criterion keeps the gate from passing: its result is neither "pass" nor
 * "accepted". */
bool dcr_view_red(const json_t *criterion);
/* What was found, the limit and why, of a criterion: "61 patients, limit 0; ..." */
void dcr_view_measured(char *out, size_t size, const json_t *criterion);
/* A new object of path to keyword, of attributes that have one; NULL: no memory. */
json_t *dcr_view_keywords(const json_t *report);

/* A title with a small first letter where that is a word's, to go on within a sentence:
 * "a neighbour", but "MRI". */
void dcr_view_lower(char *out, size_t size, const char *title);

/* A name of the JSON contract as words: "exam_date" is "exam date"; `out` gets at most
 * `size` - 1 bytes. */
void dcr_view_words(char *out, size_t size, const char *name);

#ifdef __cplusplus
}
#endif
#endif
