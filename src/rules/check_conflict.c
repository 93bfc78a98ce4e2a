/* Subjects with two values where a person has one: is one PatientID one person? */
#include "check.h"

typedef struct params {
    dcr_strings paths;
} params;

static const dcr_param spec[] = {
    {"paths", DCR_P_STRINGS, offsetof(params, paths), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    (void)r;
    *out = p;
    return p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < p->paths.n; i++) {
        const dcr_attr *a = dcr_check_attr(c, p->paths.s[i]);
        uint64_t pairs = 0;
        dcr_hit hit;
        if (a == NULL || !a->exact)
            continue;
        dcr_hit_init(&hit, a);
        for (size_t k = 0; k < a->n_values; k++) {
            if (!dcr_value_real(&a->values[k]))
                continue;
            pairs += a->values[k].subjects;
            dcr_hit_value(&hit, &a->values[k]);
        }
        /* Each subject in excess of one value is counted once a value: an upper bound. */
        if (pairs <= a->value_subjects)
            continue;
        hit.subjects = pairs - a->value_subjects;
        st = dcr_check_add(c, &hit, err);
    }
    return st;
}

const dcr_check dcr_check_conflict = {
    "conflict", "subjects with two values where a person has one", false, compile, run};
