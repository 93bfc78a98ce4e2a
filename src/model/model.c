/* A scan file becomes a model. */
#include "dcmrisk/model.h"

#include <string.h>

#include "alloc.h"
#include "build.h"

static const char *const role_names[] = {
#define DCR_ROLE(id, name, title) name,
#include "dcmrisk/roles.def"
#undef DCR_ROLE
};

const char *dcr_role_name(dcr_role r)
{
    return (size_t)r < DCR_ROLE_N ? role_names[r] : role_names[DCR_ROLE_UNKNOWN];
}

const dcr_attr *dcr_model_attr(const dcr_model *m, const char *path)
{
    size_t lo = 0, hi = m->n_attrs;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = strcmp(path, m->attrs[mid].path);
        if (c == 0)
            return &m->attrs[mid];
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

const dcr_column *dcr_model_column(const dcr_model *m, size_t concept, const char *level)
{
    for (size_t i = 0; i < m->table.n_columns; i++)
        if (m->table.column[i].concept == concept &&
            strcmp(m->table.column[i].level, level) == 0)
            return &m->table.column[i];
    return NULL;
}

void dcr_model_free(dcr_model *m)
{
    dcr_arena arena;
    if (m == NULL)
        return;
    dcr_free(m->sketches);
    dcr_free(m->table.subject);
    dcr_free(m->table.study);
    dcr_free(m->table.files);
    dcr_free(m->table.exam);
    /* The arena holds everything else, itself included in m->owner. */
    memcpy(&arena, m->owner, sizeof arena);
    dcr_free(m->owner);
    dcr_arena_clear(&arena);
    dcr_free(m);
}

static dcr_status keep_value(void *ctx, uint32_t value, dcr_bytes v, uint32_t flags,
                             dcr_err *err)
{
    build *b = ctx;
    b->value[value].p = (const uint8_t *)dcr_arena_bytes(b->arena, v.p, v.n);
    b->value[value].n = v.n;
    b->value_flags[value] = flags;
    return b->value[value].p == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status load_values(build *b, dcr_err *err)
{
    uint32_t n = dcr_store_n_values(b->store);
    b->value = dcr_alloc(n, sizeof *b->value);
    b->value_flags = dcr_alloc(n, sizeof *b->value_flags);
    b->value_shape = dcr_alloc(n, sizeof *b->value_shape);
    b->value_pair = dcr_alloc(n, sizeof *b->value_pair);
    if (b->value == NULL || b->value_flags == NULL || b->value_shape == NULL ||
        b->value_pair == NULL)
        return dcr_nomem(err);
    return dcr_store_values(b->store, keep_value, b, err);
}

static dcr_status load_units(build *b, dcr_err *err)
{
    b->n_units = dcr_store_n_units(b->store);
    b->units = dcr_alloc(b->n_units, sizeof *b->units);
    if (b->units == NULL)
        return dcr_nomem(err);
    return dcr_store_units(b->store, b->units, err);
}

static void build_clear(build *b)
{
    dcr_free(b->units);
    dcr_free(b->place);
    dcr_free(b->attr_of);
    dcr_free(b->value);
    dcr_free(b->value_flags);
    dcr_free(b->value_shape);
    dcr_free(b->value_pair);
    dcr_dict_clear(&b->shapes);
    dcr_free(b->pairs);
    dcr_pair_map_clear(&b->pair_of);
    dcr_free(b->place_of);
    dcr_free(b->seen);
    dcr_free(b->seen_end);
    dcr_free(b->shape_counts);
    dcr_pair_map_clear(&b->shape_of);
    dcr_free(b->count);
    dcr_free(b->carriers);
    dcr_free(b->best_series);
    dcr_free(b->best_study);
    dcr_free(b->first_slot);
    dcr_free(b->study_code);
    for (size_t c = 0; c < b->m->n_concepts; c++) {
        if (b->dict != NULL)
            dcr_dict_clear(&b->dict[c]);
        if (b->row_code != NULL)
            dcr_free(b->row_code[c]);
    }
    dcr_free(b->dict);
    dcr_free(b->row_code);
    dcr_free(b->cap_row_code);
    dcr_free(b->series_code);
    dcr_free(b->series_rows);
    dcr_free(b->device_site);
}

dcr_status dcr_model_load(dcr_model **out, dcr_store *store, const dcr_rules *rules,
                          const dcr_adversary *also, dcr_err *err)
{
    return dcr_model_load_with(out, store, rules, also, NULL, 0, err);
}

dcr_status dcr_model_load_with(dcr_model **out, dcr_store *store, const dcr_rules *rules,
                               const dcr_adversary *also, const dcr_extra_carrier *extra,
                               size_t n_extra, dcr_err *err)
{
    static dcr_status (*const step[])(build *, dcr_err *) = {
        load_units,      dcr_build_people,   dcr_build_attrs, load_values,
        dcr_build_extra, dcr_build_carriers, dcr_build_facts, dcr_build_attr_figures,
        dcr_build_table, dcr_build_summary};
    build b = {
        .store = store, .rules = rules, .also = also, .extra = extra, .n_extra = n_extra};
    dcr_status rc = DCR_OK;
    *out = NULL;
    b.m = dcr_alloc(1, sizeof *b.m);
    b.arena = dcr_alloc(1, sizeof *b.arena);
    if (b.m == NULL || b.arena == NULL) {
        dcr_free(b.m);
        dcr_free(b.arena);
        return dcr_nomem(err);
    }
    b.m->owner = b.arena;
    b.m->rules = rules;
    b.m->concepts = dcr_rules_concepts(rules, &b.m->n_concepts);
    for (size_t i = 0; i < sizeof step / sizeof *step && rc == DCR_OK; i++)
        rc = step[i](&b, err);
    build_clear(&b);
    if (rc == DCR_OK)
        *out = b.m;
    else
        dcr_model_free(b.m);
    return rc;
}
