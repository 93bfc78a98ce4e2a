/* A real value that everybody in the release shares: no bits inside it, a fact about all.
 */
#include <string.h>

#include "check.h"

typedef struct params {
    /* Pairs: what, severity.  A path (its end will do) outweighs a family, and that a
     * role. */
    dcr_strings paths, families, roles;
} params;

static const dcr_param spec[] = {
    {"paths", DCR_P_PAIRS, offsetof(params, paths), false},
    {"families", DCR_P_PAIRS, offsetof(params, families), true},
    {"roles", DCR_P_PAIRS, offsetof(params, roles), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status check_pairs(const dcr_param_src *src, const dcr_strings *pairs,
                              bool roles, dcr_err *err)
{
    for (size_t i = 0; i < pairs->n; i += 2) {
        dcr_severity s;
        dcr_role role;
        if (!dcr_severity_of(pairs->s[i + 1], &s))
            return dcr_rule_fail(src->file, pairs->s[i], err, "no severity \"%.40s\"",
                                 pairs->s[i + 1]);
        if (roles && !dcr_role_of(pairs->s[i], &role))
            return dcr_rule_fail(src->file, pairs->s[i], err, "no role \"%.40s\"",
                                 pairs->s[i]);
    }
    return DCR_OK;
}

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    if (st == DCR_OK)
        st = check_pairs(src, &p->paths, false, err);
    if (st == DCR_OK)
        st = check_pairs(src, &p->families, false, err);
    if (st == DCR_OK)
        st = check_pairs(src, &p->roles, true, err);
    *out = p;
    return st;
}

/* The path is the other, or ends in it behind a '/'. */
static bool path_ends(const char *path, const char *end)
{
    size_t n = strlen(path), k = strlen(end);
    return n >= k && strcmp(path + n - k, end) == 0 && (n == k || path[n - k - 1] == '/');
}

static bool weigh(const params *p, const dcr_attr *a, dcr_severity *out)
{
    for (size_t i = 0; i < p->paths.n; i += 2)
        if (path_ends(a->path, p->paths.s[i]))
            return dcr_severity_of(p->paths.s[i + 1], out);
    for (size_t i = 0; i < p->families.n; i += 2)
        if (a->role != DCR_ROLE_TECHNICAL && strcmp(p->families.s[i], a->family) == 0)
            return dcr_severity_of(p->families.s[i + 1], out);
    for (size_t i = 0; i < p->roles.n; i += 2)
        if (strcmp(p->roles.s[i], dcr_role_name(a->role)) == 0)
            return dcr_severity_of(p->roles.s[i + 1], out);
    return false;
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
            a->role == DCR_ROLE_CONTAINER || !weigh(p, a, &severity))
            continue;
        dcr_hit_init(&hit, a);
        hit.severity = (int)severity;
        for (size_t k = 0; k < a->n_values; k++)
            if (dcr_value_real(&a->values[k]))
                dcr_hit_value(&hit, &a->values[k]);
        st = dcr_check_add(c, &hit, err);
    }
    return st;
}

const dcr_check dcr_check_constant = {"constant", "one real value in the whole release",
                                      DCR_PHASE_FIRST, compile, run};
