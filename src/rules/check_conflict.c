/* Subjects with two values where a person has one: is one PatientID one person? */
#include <string.h>

#include "alloc.h"
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

/* Adds the series of every subject that has a second value. */
static dcr_status judge(const dcr_check_run *c, const dcr_attr *a, uint32_t *value_of,
                        dcr_hit *hit, dcr_err *err)
{
    const dcr_model *m = c->model;
    memset(value_of, 0, m->n_subjects * sizeof *value_of);
    for (size_t k = 0; k < a->n_values; k++) {
        const dcr_value *v = &a->values[k];
        if (!dcr_value_real(v))
            continue;
        for (uint32_t i = 0; v->in_series != NULL && i < v->series; i++) {
            uint32_t *first = &value_of[dcr_series_subject(m, v->in_series[i])];
            if (*first == 0)
                *first = (uint32_t)k + 1;
            else if (*first != (uint32_t)k + 1)
                dcr_hit_series(hit, v->in_series[i]);
        }
        hit->typical = hit->typical == NULL ? v : hit->typical;
    }
    return dcr_check_add(c, hit, err);
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    uint32_t *value_of = dcr_alloc(c->model->n_subjects, sizeof *value_of);
    dcr_status st = value_of == NULL ? dcr_nomem(err) : DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < p->paths.n; i++) {
        const dcr_attr *a = dcr_check_attr(c, p->paths.s[i]);
        dcr_hit hit;
        if (a == NULL || !a->exact)
            continue;
        dcr_hit_init(&hit, a);
        st = judge(c, a, value_of, &hit, err);
    }
    dcr_free(value_of);
    return st;
}

const dcr_check dcr_check_conflict = {"conflict",
                                      "subjects with two values where a person has one",
                                      DCR_PHASE_FIRST, compile, run};
