#include "rowsort.h"

#include <string.h>

#include "alloc.h"

bool dcr_rowsort_init(dcr_rowsort *s, size_t n, size_t max_keys)
{
    s->n = n;
    s->rows = dcr_alloc(n, sizeof *s->rows);
    s->spare = dcr_alloc(n, sizeof *s->spare);
    s->at = dcr_alloc(max_keys + 1, sizeof *s->at);
    if (s->rows == NULL || s->spare == NULL || s->at == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        s->rows[i] = (uint32_t)i;
    return true;
}

void dcr_rowsort_by(dcr_rowsort *s, const uint32_t *key, const uint32_t *map,
                    size_t n_keys)
{
    uint32_t *swap = s->rows;
    memset(s->at, 0, (n_keys + 1) * sizeof *s->at);
    for (size_t i = 0; i < s->n; i++)
        s->at[1 + (map != NULL ? map[key[i]] : key[i])]++;
    for (size_t k = 0; k < n_keys; k++)
        s->at[k + 1] += s->at[k];
    for (size_t i = 0; i < s->n; i++) {
        uint32_t row = s->rows[i], k = map != NULL ? map[key[row]] : key[row];
        s->spare[s->at[k]++] = row;
    }
    s->rows = s->spare;
    s->spare = swap;
}

void dcr_rowsort_clear(dcr_rowsort *s)
{
    dcr_free(s->rows);
    dcr_free(s->spare);
    dcr_free(s->at);
    memset(s, 0, sizeof *s);
}
