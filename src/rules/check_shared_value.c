/* Values that belong to one person, standing with several. */
#include "check.h"

typedef struct params {
    const json_t *select_json;
    dcr_select select;
} params;

static const dcr_param spec[] = {
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
    if (p != NULL)
        p->select_json = NULL;
    *out = p;
    return st;
}

/* A UID of the standard itself (a well-known frame of reference) is everybody's. */
static bool is_everybodys(const dcr_rules *r, const dcr_value *v)
{
    const dcr_uid_root *root = dcr_rules_uid_root(r, v->bytes, v->len);
    return root != NULL && root->kind[0] == 'r';
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < c->model->n_attrs; i++) {
        const dcr_attr *a = &c->model->attrs[i];
        dcr_hit hit;
        if (!dcr_select_match(&p->select, a) || a->constant)
            continue;
        dcr_hit_init(&hit, a);
        for (size_t k = 0; k < a->n_values; k++) {
            const dcr_value *v = &a->values[k];
            if (v->subjects > 1 && dcr_value_real(v) && dcr_value_text(v) &&
                !is_everybodys(c->rules, v))
                dcr_hit_value(&hit, v);
        }
        st = dcr_check_add(c, &hit, err);
    }
    return st;
}

const dcr_check dcr_check_shared_value = {"shared_value",
                                          "values of one person that stand with several",
                                          DCR_PHASE_FIRST, compile, run};
