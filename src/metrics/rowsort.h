/* Rows in the order of their codes: stable counting sorts, one key after another, the
 * least significant first. */
#ifndef DCR_ROWSORT_H
#define DCR_ROWSORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct dcr_rowsort {
    uint32_t *rows; /* n: the numbers of the rows in order */
    uint32_t *spare;
    size_t *at;
    size_t n;
} dcr_rowsort; /* zeroed is empty */

/* Rows 0 .. n - 1 in their own order; no key will be `max_keys` or more.  False when no
 * memory; dcr_rowsort_clear in any case. */
bool dcr_rowsort_init(dcr_rowsort *s, size_t n, size_t max_keys);
/* Sorts by map[key[row]], by key[row] when `map` is NULL; keys are below n_keys. */
void dcr_rowsort_by(dcr_rowsort *s, const uint32_t *key, const uint32_t *map,
                    size_t n_keys);
void dcr_rowsort_clear(dcr_rowsort *s);

#endif
