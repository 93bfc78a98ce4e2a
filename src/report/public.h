/* Inside of the public edition of a report: what is told of counts, and in which words.
 */
#ifndef DCR_PUBLIC_H
#define DCR_PUBLIC_H

#include <stdint.h>

#include "dcmrisk/report.h"

/* What counts are told by: the policy's k, and the number of patients, which is told. */
typedef struct dcr_public_scale {
    uint64_t k;
    uint64_t patients; /* 0: fewer than k, and not told */
} dcr_public_scale;

/* A count of some of the patients as it may be told.  False: nothing is told.
 *
 * Nothing is told of fewer than k (primary cell suppression).  The number of all patients
 * is told, so all but fewer than k are only told to be at least so many, that the rest
 * may be k or more; and every other count is rounded down to a multiple of k.  So the
 * difference of two counts, of which one holds the other, is never known better than to k
 * - 1 values, or may be k and more. */
bool dcr_public_count(const dcr_public_scale *s, uint64_t n, uint64_t *out);

/* A count of things of which every patient has at least one: studies, series, files.
 * False: there may be so few who have several that it is not told. */
bool dcr_public_exams(const dcr_public_scale *s, uint64_t n, uint64_t *out);

/* A count of anything else: none, or at least k, rounded down. */
bool dcr_public_units(const dcr_public_scale *s, uint64_t n, uint64_t *out);

/* The counts of a table that patients fall into, with what is told of each; *told is 0
 * where nothing is.  Takes out of it what would be found by subtraction (secondary cell
 * suppression): where a cell of 1 to k-1 patients is left out, the last other one is too;
 * and then the last ones until the patients who are not in what is told may be k or more.
 */
void dcr_public_table(const dcr_public_scale *s, const uint64_t *count, uint64_t *told,
                      size_t n);

/* ---- actions: words of reports/public.json ---- */

typedef struct dcr_edition {
    const json_t *report; /* as it is */
    const dcr_rules *rules;
    json_t *table, *keys, *sentences; /* public.json; the last two are lent by it */
    dcr_public_scale scale;
    bool failed; /* no memory */
} dcr_edition;

/* What becomes of the value `v` at `path`, a member of `in` (NULL: of a list); NULL:
 * nothing is left of it. */
typedef json_t *dcr_action_fn(dcr_edition *e, const char *path, json_t *v,
                              const json_t *in);

/* An action on one value, by the first n bytes of a name; NULL: there is none. */
dcr_action_fn *dcr_action_find(const char *name, size_t n);

/* v, or the note that there was no memory for it. */
json_t *dcr_made(dcr_edition *e, json_t *v);

/* ---- words ---- */

/* A text of the program without digits and braces, so without counts and shapes. */
bool dcr_public_words(const char *s);
/* Without braces and controls: digits may be those of a level or a tag. */
bool dcr_public_text(const char *s);
/* True when every name in the path of an attribute is a tag's or stands in our
 * dictionaries. */
bool dcr_public_path(const dcr_rules *r, const char *path);
bool dcr_public_concept(const dcr_rules *r, const char *concept);

/* The sentence of the verdict; NULL: no memory. */
json_t *dcr_public_sentence(const json_t *report, const dcr_public_scale *s);
/* What was left out and why; false: no memory. */
bool dcr_public_limits(json_t *limits, const dcr_public_scale *s);

#endif
