/* Columns of bare numbers that all have the check digits of one kind of national number.
 * One number passes by chance (one in ten, or eleven); six of six do not. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "lexicon.h"
#include "plural.h"

typedef struct params {
    size_t min_values, percent;
    const json_t *select_json;
    dcr_select select;
} params;

static const dcr_param spec[] = {
    {"min_values", DCR_P_UINT, offsetof(params, min_values), true},
    {"percent", DCR_P_UINT, offsetof(params, percent), true},
    {"select", DCR_P_JSON, offsetof(params, select_json), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    if (st == DCR_OK)
        st = dcr_select_read(src, p->select_json, &p->select, err);
    if (st != DCR_OK)
        return st;
    p->select_json = NULL;
    if (p->min_values < 2 || p->percent < 50 || p->percent > 100)
        return dcr_rule_fail(src->file, "percent", err,
                             "\"min_values\" is 2 or more, \"percent\" 50 to 100");
    *out = p;
    return DCR_OK;
}

static bool looked_at(const dcr_value *v)
{
    return dcr_value_real(v) && dcr_value_text(v) && v->len <= 2 * DCR_PATTERN_MAX;
}

/* How many values are written like each number, and how many of them check. */
static void count(const dcr_national_ids *l, const dcr_attr *a, uint64_t like[],
                  uint64_t good[])
{
    memset(like, 0, DCR_PATTERNS * sizeof *like);
    memset(good, 0, DCR_PATTERNS * sizeof *good);
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        uint64_t may;
        if (!looked_at(v))
            continue;
        may = dcr_pattern_candidates(&l->index, v->bytes, v->len, 0);
        for (size_t k = 0; may >> k != 0 && k < l->n; k++) {
            dcr_pattern_hit h;
            if ((may >> k & 1) == 0 ||
                !dcr_pattern_match(&l->list[k].pattern, v->bytes, v->len, &h) ||
                h.len != v->len)
                continue;
            like[k]++;
            good[k] += dcr_national_id_valid(&l->list[k], &h);
        }
    }
}

static dcr_status add(const dcr_check_run *c, const dcr_attr *a,
                      const dcr_national_id *id, uint64_t like, uint64_t good,
                      dcr_err *err)
{
    char detail[200];
    dcr_hit hit;
    dcr_hit_init(&hit, a);
    for (size_t i = 0; i < a->n_values; i++)
        if (looked_at(&a->values[i]) &&
            dcr_national_id_is(id, a->values[i].bytes, a->values[i].len))
            dcr_hit_value(&hit, &a->values[i]);
    snprintf(detail, sizeof detail, "%lu of %lu %s written like it %s as %s (%s).",
             (unsigned long)good, (unsigned long)like, dcr_plural((double)like, "values"),
             dcr_plural((double)good, "check"), id->name, id->country);
    hit.detail = detail;
    return dcr_check_add(c, &hit, err);
}

static dcr_status judge(const dcr_check_run *c, const params *p, const dcr_attr *a,
                        dcr_err *err)
{
    const dcr_national_ids *l = &c->rules->lexicon->ids;
    uint64_t like[DCR_PATTERNS], good[DCR_PATTERNS];
    size_t best = DCR_PATTERNS;
    count(l, a, like, good);
    for (size_t k = 0; k < l->n; k++) {
        bool tells = l->list[k].n_checks > 0 || l->list[k].date[0] != '\0';
        if (!tells || good[k] < p->min_values || good[k] * 100 < like[k] * p->percent)
            continue;
        if (best == DCR_PATTERNS || good[k] > good[best])
            best = k;
    }
    return best == DCR_PATTERNS ? DCR_OK
                                : add(c, a, &l->list[best], like[best], good[best], err);
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < c->model->n_attrs; i++)
        if (dcr_select_match(&p->select, &c->model->attrs[i]))
            st = judge(c, p, &c->model->attrs[i], err);
    return st;
}

const dcr_check dcr_check_national_id = {
    "national_id", "columns of numbers with the check digits of people's numbers",
    DCR_PHASE_FIRST, compile, run};
