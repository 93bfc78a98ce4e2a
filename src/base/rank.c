#include "rank.h"

#include <float.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "num.h"

typedef struct number {
    double value;
    uint32_t of;
} number;

static int by_value(const void *a, const void *b)
{
    const number *x = a, *y = b;
    int sign = (x->value > y->value) - (x->value < y->value);
    return sign != 0 ? sign : (x->of > y->of) - (x->of < y->of);
}

/* No hexadecimal, no blanks, no words for infinity, which strtod would take. */
static bool read_number(const char *s, double *out)
{
    return s[strspn(s, "0123456789+-.eE")] == '\0' &&
           dcr_num_double(s, -DBL_MAX, DBL_MAX, out);
}

dcr_status dcr_rank_numbers(uint32_t **out, const char *const *value, uint32_t n,
                            dcr_err *err)
{
    number *list;
    uint32_t *rank;
    *out = NULL;
    if (n < 2)
        return DCR_OK;
    list = dcr_alloc(n - 1, sizeof *list);
    rank = dcr_alloc(n, sizeof *rank);
    if (list == NULL || rank == NULL) {
        dcr_free(list);
        dcr_free(rank);
        return dcr_nomem(err);
    }
    for (uint32_t v = 1; v < n; v++) {
        list[v - 1].of = v;
        if (!read_number(value[v], &list[v - 1].value)) {
            dcr_free(list);
            dcr_free(rank);
            return DCR_OK;
        }
    }
    qsort(list, n - 1, sizeof *list, by_value);
    for (uint32_t i = 1; i < n - 1; i++)
        rank[list[i].of] =
            rank[list[i - 1].of] + (list[i].value > list[i - 1].value ? 1 : 0);
    dcr_free(list);
    *out = rank;
    return DCR_OK;
}
