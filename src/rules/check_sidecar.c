/* Columns and keys of files beside the images whose name says what they hold, and columns
 * that hold full names whatever they are called. */
#include <string.h>

#include "alloc.h"
#include "detect.h"
#include "sidecar_names.h"

enum { FEWEST_NAMES = 3 }; /* distinct values from which on a column of names is one */

typedef struct params {
    dcr_strings columns;
    const char *values;
    uint32_t kinds;
    bool names;
} params;

static const dcr_param spec[] = {
    {"columns", DCR_P_STRINGS, offsetof(params, columns), false},
    {"values", DCR_P_STRING, offsetof(params, values), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    for (size_t i = 0; st == DCR_OK && i < p->columns.n; i++) {
        size_t k = dcr_column_kind_of(r, p->columns.s[i]);
        if (k == SIZE_MAX)
            return dcr_rule_fail(src->file, p->columns.s[i], err,
                                 "no kind of column \"%.40s\"", p->columns.s[i]);
        p->kinds |= 1u << k;
    }
    if (st != DCR_OK)
        return st;
    p->names = strcmp(p->values, "full-names") == 0;
    if (!p->names && strcmp(p->values, "real") != 0)
        return dcr_rule_fail(src->file, p->values, err,
                             "values must be real or full-names");
    *out = p;
    return DCR_OK;
}

/* "Jane Doe", "Jane M. Doe": two to four words, each with a capital and small letters
 * behind it, none of them a word of radiology. */
static bool is_full_name(const dcr_rules *r, const dcr_value *v)
{
    size_t words = 0, i = 0;
    if (dcr_rules_vocabulary(r, v->bytes, v->len))
        return false;
    while (i < v->len) {
        size_t from = i, small = 0;
        if (!(dcr_is_upper(v->bytes[i]) || v->bytes[i] >= 0xC3))
            return false;
        for (i++; i < v->len && dcr_is_letter(v->bytes[i]); i++)
            small += !dcr_is_upper(v->bytes[i]);
        if (i < v->len && v->bytes[i] == '.' && i - from == 1)
            i++;
        else if (small < 2)
            return false;
        words++;
        if (i < v->len && v->bytes[i++] != ' ')
            return false;
    }
    return words >= 2 && words <= 4;
}

/* Nearly all of its values are full names. */
static void full_names(const dcr_rules *r, const dcr_attr *a, dcr_hit *hit)
{
    size_t n = 0, names = 0;
    for (size_t i = 0; i < a->n_values; i++) {
        if (!dcr_sidecar_real(r, &a->values[i]))
            continue;
        n++;
        names += is_full_name(r, &a->values[i]);
    }
    if (names < FEWEST_NAMES || names * 5 < n * 4)
        return;
    for (size_t i = 0; i < a->n_values; i++)
        if (is_full_name(r, &a->values[i]))
            dcr_hit_value(hit, &a->values[i]);
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    dcr_dict ids = {0};
    dcr_status st;
    if (!dcr_has_sidecars(c->model))
        return DCR_OK;
    st = dcr_release_ids(c->model, &ids, err);
    for (size_t i = 0; st == DCR_OK && i < c->model->n_attrs; i++) {
        const dcr_attr *a = &c->model->attrs[i];
        size_t kind = dcr_column_kind(c->rules, a->path);
        dcr_hit hit;
        dcr_hit_init(&hit, a);
        if (p->names && dcr_sidecar_name(a->path) != NULL &&
            !dcr_sidecar_prose(c->rules, a->path)) {
            full_names(c->rules, a, &hit);
        } else if (kind != SIZE_MAX && (p->kinds >> kind & 1) != 0) {
            for (size_t k = 0; k < a->n_values; k++)
                if (dcr_sidecar_real(c->rules, &a->values[k]) &&
                    dcr_dict_find(&ids, a->values[k].bytes, a->values[k].len, 0) ==
                        DCR_DICT_NONE)
                    dcr_hit_value(&hit, &a->values[k]);
        }
        st = dcr_check_add(c, &hit, err);
    }
    dcr_dict_clear(&ids);
    return st;
}

const dcr_check dcr_check_sidecar = {"sidecar",
                                     "columns and keys of files beside the images",
                                     DCR_PHASE_FIRST, compile, run};
