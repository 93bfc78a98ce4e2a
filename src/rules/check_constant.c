/* A real value that everybody in the release shares: no bits inside it, a fact about all.
 */
#include <string.h>

#include "check.h"

typedef struct params {
    dcr_strings families; /* pairs: family, severity */
} params;

static const dcr_param spec[] = {
    {"families", DCR_P_PAIRS, offsetof(params, families), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    for (size_t i = 0; st == DCR_OK && i < p->families.n; i += 2) {
        dcr_severity s;
        if (!dcr_severity_of(p->families.s[i + 1], &s))
            return dcr_rule_fail(src->file, p->families.s[i], err,
                                 "no severity \"%.40s\"", p->families.s[i + 1]);
    }
    *out = p;
    return st;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    dcr_status st = DCR_OK;
    /* Of one subject everything is constant. */
    if (c->model->n_subjects < 2)
        return DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < c->model->n_attrs; i++) {
        const dcr_attr *a = &c->model->attrs[i];
        dcr_severity severity;
        dcr_hit hit;
        if (!a->constant || (a->creator != NULL && a->judged_as == 0) ||
            a->role == DCR_ROLE_CONTAINER || a->role == DCR_ROLE_TECHNICAL)
            continue;
        for (size_t f = 0; st == DCR_OK && f < p->families.n; f += 2) {
            if (strcmp(p->families.s[f], a->family) != 0 ||
                !dcr_severity_of(p->families.s[f + 1], &severity))
                continue;
            dcr_hit_init(&hit, a);
            hit.severity = (int)severity;
            for (size_t k = 0; k < a->n_values; k++)
                if (dcr_value_real(&a->values[k]))
                    dcr_hit_value(&hit, &a->values[k]);
            st = dcr_check_add(c, &hit, err);
        }
    }
    return st;
}

const dcr_check dcr_check_constant = {"constant", "one real value in the whole release",
                                      DCR_PHASE_FIRST, compile, run};
