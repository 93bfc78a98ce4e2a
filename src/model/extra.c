/* Carriers that the data show, beside those that the rules name. */
#include <string.h>

#include "alloc.h"
#include "build.h"

dcr_bytes dcr_extra_value(const dcr_extra_carrier *x, dcr_bytes v)
{
    size_t lo = 0, hi = x->n_map;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        dcr_bytes at = {(const uint8_t *)x->map[mid].from, x->map[mid].n_from};
        int c = dcr_bytes_compare(v, at);
        if (c == 0) {
            dcr_bytes to = {(const uint8_t *)x->map[mid].to,
                            (uint32_t)strlen(x->map[mid].to)};
            return to;
        }
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return v;
}

/* Appends the path of one found carrier to those of its concept. */
static dcr_status append(build *b, dcr_concept *c, const dcr_extra_carrier *x,
                         dcr_err *err)
{
    const char **list = dcr_arena_alloc(b->arena, c->n_carriers + 1, sizeof *list);
    const char *path = dcr_arena_str(b->arena, x->path);
    if (list == NULL || path == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < c->n_carriers; i++)
        list[i] = c->carriers[i];
    list[c->n_carriers++] = path;
    c->carriers = list;
    return DCR_OK;
}

dcr_status dcr_build_extra(build *b, dcr_err *err)
{
    dcr_model *m = b->m;
    dcr_concept *own;
    dcr_status rc = DCR_OK;
    if (b->n_extra == 0)
        return DCR_OK;
    own = dcr_arena_alloc(b->arena, m->n_concepts, sizeof *own);
    if (own == NULL)
        return dcr_nomem(err);
    memcpy(own, m->concepts, m->n_concepts * sizeof *own);
    m->concepts = own;
    for (size_t i = 0; i < b->n_extra && rc == DCR_OK; i++) {
        const dcr_attr *a = dcr_model_attr(m, b->extra[i].path);
        if (a == NULL || b->extra[i].concept >= m->n_concepts)
            return dcr_fail(err, DCR_EARG, NULL, "a found carrier is not in the model");
        if (m->attrs[a - m->attrs].concept < 0)
        m->attrs[a - m->attrs].concept = (int)b->extra[i].concept;
        rc = append(b, &own[b->extra[i].concept], &b->extra[i], err);
    }
    return rc;
}
