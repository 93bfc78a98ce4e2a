/* How the values of a found carrier read in the concept's terms. */
#include <stdlib.h>

#include "hidden_impl.h"

static int by_bytes(const void *pa, const void *pb)
{
    const dcr_recode *a = pa, *b = pb;
    uint32_t n = a->n_from < b->n_from ? a->n_from : b->n_from;
    int c = n == 0 ? 0 : memcmp(a->from, b->from, n);
    return c != 0 ? c : (a->n_from > b->n_from) - (a->n_from < b->n_from);
}

static bool blank(char c)
{
    return c == ' ' || c == '\0';
}

void dcr_recode_sort(dcr_recode *map, size_t n)
{
    for (size_t i = 0; i < n; i++) { /* the model asks for trimmed values */
        while (map[i].n_from > 0 && blank(map[i].from[map[i].n_from - 1]))
            map[i].n_from--;
        while (map[i].n_from > 0 && blank(map[i].from[0])) {
            map[i].from++;
            map[i].n_from--;
        }
    }
    if (n > 0)
        qsort(map, n, sizeof *map, by_bytes);
}

dcr_status dcr_recode_all(dcr_found_carrier *f, dcr_arena *arena, const dcr_attr *a,
                          dcr_say say, double scale, dcr_err *err)
{
    size_t n = 0;
    dcr_recode *map;
    char text[DCR_SAID_MAX];
    if (say == DCR_SAY_TEXT)
        return DCR_OK; /* it says the same in the same words */
    map = dcr_arena_alloc(arena, a->n_values, sizeof *map);
    if (map == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        bool says = dcr_hidden_real(v) &&
                    (v->flags & (DCR_VALUE_BINARY | DCR_VALUE_DIGEST)) == 0 &&
                    dcr_said(say, scale, v->bytes, v->len, text);
        if (says && strlen(text) == v->len && memcmp(text, v->bytes, v->len) == 0)
            continue;
        map[n].from = dcr_arena_bytes(arena, v->bytes, v->len);
        map[n].n_from = v->len;
        map[n].to = says ? dcr_arena_str(arena, text) : "";
        if (map[n].from == NULL || map[n].to == NULL)
            return dcr_nomem(err);
        n++;
    }
    dcr_recode_sort(map, n);
    f->carrier.map = map;
    f->carrier.n_map = n;
    return DCR_OK;
}
