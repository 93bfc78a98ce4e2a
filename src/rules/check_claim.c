/* What files say of their own de-identification, against what other rules found. */
#include <string.h>

#include "check.h"

typedef struct params {
    const char *path;
    dcr_strings values;          /* that make the claim */
    dcr_strings contradicted_by; /* rules */
} params;

static const dcr_param spec[] = {
    {"path", DCR_P_STRING, offsetof(params, path), true},
    {"values", DCR_P_STRINGS, offsetof(params, values), true},
    {"contradicted_by", DCR_P_STRINGS, offsetof(params, contradicted_by), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    char name[128] = "checks/";
    for (size_t i = 0; st == DCR_OK && i < p->contradicted_by.n; i++) {
        const char *id = p->contradicted_by.s[i];
        if (strlen(id) > 100)
            return dcr_rule_fail(src->file, id, err, "no such rule");
        memcpy(name + 7, id, strlen(id));
        memcpy(name + 7 + strlen(id), ".json", 6);
        if (dcr_rule_files_find(&r->files, name) == NULL)
            return dcr_rule_fail(src->file, id, err, "no rule \"%s\"", id);
    }
    *out = p;
    return st;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    const dcr_attr *a = dcr_check_attr(c, p->path);
    size_t found = 0;
    dcr_hit hit;
    if (a == NULL)
        return DCR_OK;
    for (size_t i = 0; i < p->contradicted_by.n; i++)
        found += dcr_check_count(c, p->contradicted_by.s[i]);
    if (found == 0)
        return DCR_OK;
    dcr_hit_init(&hit, a);
    for (size_t k = 0; k < a->n_values; k++) {
        const dcr_value *v = &a->values[k];
        for (size_t i = 0; i < p->values.n; i++)
            if (strlen(p->values.s[i]) == v->len &&
                memcmp(p->values.s[i], v->bytes, v->len) == 0)
                dcr_hit_value(&hit, v);
    }
    return dcr_check_add(c, &hit, err);
}

const dcr_check dcr_check_claim = {"claim",
                                   "statements of the files against what is in them",
                                   DCR_PHASE_AFTER, compile, run};
