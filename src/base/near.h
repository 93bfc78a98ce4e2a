/* Words that look like words, or like the beginning of one: "did you mean". */
#ifndef DCR_NEAR_H
#define DCR_NEAR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_near {
    const char *word, *found; /* lent; found is NULL while nothing is near */
    size_t edits;             /* of found; before that, one more than allowed */
} dcr_near;

/* Starts a search for the word nearest to `word`; dcr_near_try() each candidate. */
dcr_near dcr_near_of(const char *word);
void dcr_near_try(dcr_near *b, const char *candidate);

/* The nearest of n words, NULL when none is near. */
const char *dcr_near_among(const char *word, const char *const *words, size_t n);

#ifdef __cplusplus
}
#endif
#endif
