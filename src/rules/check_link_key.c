/* Link keys in a given state: as the source wrote them, recomputed, originals. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "link_judge.h"

typedef struct params {
    dcr_strings states, tags, except_tags;
    bool shape;      /* values that look like the output of an unkeyed scheme, unproven */
    bool processing; /* UIDs with the clock of the de-identifier */
    bool shifted;    /* UIDs whose clock differs from the study date by a constant of the
                        patient */
} params;

static const dcr_param spec[] = {
    {"states", DCR_P_STRINGS, offsetof(params, states), false},
    {"tags", DCR_P_STRINGS, offsetof(params, tags), false},
    {"except_tags", DCR_P_STRINGS, offsetof(params, except_tags), false},
    {"shape", DCR_P_BOOL, offsetof(params, shape), false},
    {"processing", DCR_P_BOOL, offsetof(params, processing), false},
    {"shifted", DCR_P_BOOL, offsetof(params, shifted), false},
    {NULL, DCR_P_STRING, 0, false},
};

static bool is_state(const char *name)
{
    for (int s = 0; s < DCR_LINK_N; s++)
        if (strcmp(dcr_link_state_name((dcr_link_state)s), name) == 0)
            return true;
    return false;
}

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    for (size_t i = 0; st == DCR_OK && i < p->states.n; i++)
        if (!is_state(p->states.s[i]))
            st = dcr_rule_fail(src->file, p->states.s[i], err,
                               "no state of a link key \"%.40s\"", p->states.s[i]);
    if (st == DCR_OK && (p->states.n > 0) + p->shape + p->processing + p->shifted != 1)
        st = dcr_rule_fail(src->file, "params", err,
                           "one of \"states\", \"shape\", \"processing\","
                           " \"shifted\" is wanted");
    *out = p;
    return st;
}

static bool last_tag_in(const dcr_strings *l, const dcr_attr *a)
{
    dcr_path_tail t;
    dcr_path_split(a->path, &t);
    for (size_t i = 0; i < l->n; i++)
        if (strlen(l->s[i]) == t.n_seg && memcmp(l->s[i], t.seg, t.n_seg) == 0)
            return true;
    return false;
}

static bool hits(const params *p, const dcr_link_key *k, const dcr_link_judged *d,
                 size_t value)
{
    dcr_link_state s = (dcr_link_state)k->value_state[value];
    if (p->shifted)
        return d->shifted != NULL && d->shifted[value];
    if (p->processing)
        return d->clock.processing && d->clock_kind[value] != 0;
    if (p->shape)
        return s == DCR_LINK_REPLACED && k->value_scheme[value] > 0;
    return dcr_strings_have(&p->states, dcr_link_state_name(s));
}

static dcr_status add(const dcr_check_run *c, const params *p, const dcr_link_key *k,
                      const dcr_link_judged *d, dcr_err *err)
{
    bool by_scheme =
        p->shape ||
        dcr_strings_have(&p->states, dcr_link_state_name(DCR_LINK_RECOMPUTED));
    const char *title = by_scheme ? k->scheme_title : "";
    char detail[600];
    dcr_hit hit;
    dcr_hit_init(&hit, k->attr);
    for (size_t i = 0; i < k->seen->n_values; i++)
        if (hits(p, k, d, i))
            dcr_hit_value(&hit, &k->seen->values[i]);
    snprintf(detail, sizeof detail, "%s%s%s", title,
             title[0] != '\0' && k->detail[0] != '\0' ? "; " : "", k->detail);
    hit.detail = detail;
    return dcr_check_add(c, &hit, err);
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    const dcr_link_keys *keys = c->evidence->links;
    dcr_status st = DCR_OK;
    for (size_t i = 0; keys != NULL && st == DCR_OK && i < keys->n; i++) {
        const dcr_link_key *k = &keys->list[i];
        if ((p->tags.n > 0 && !last_tag_in(&p->tags, k->attr)) ||
            last_tag_in(&p->except_tags, k->attr))
            continue;
        st = add(c, p, k, dcr_link_judged_of(keys, i), err);
    }
    return st;
}

const dcr_check dcr_check_link_key = {
    "link_key",
    "numbers and UIDs: as the source wrote them, or recomputed from originals",
    DCR_PHASE_FIRST, compile, run};
