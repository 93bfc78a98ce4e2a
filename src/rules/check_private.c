/* Private elements, by what the dictionaries say of creator and element. */
#include <string.h>

#include "check.h"

typedef struct params {
    dcr_strings kinds;
    dcr_strings holds; /* one of these is what the table says that it holds */
    uint32_t mask;
} params;

static const dcr_param spec[] = {
    {"kinds", DCR_P_STRINGS, offsetof(params, kinds), true},
    {"holds", DCR_P_STRINGS, offsetof(params, holds), false},
    {NULL, DCR_P_STRING, 0, false},
};

static const char *const kind_names[] = {
    [DCR_PRIVATE_UNKNOWN] = "unknown",
    [DCR_PRIVATE_SAFE] = "safe",
    [DCR_PRIVATE_KEEP] = "keep",
    [DCR_PRIVATE_HARMLESS] = "harmless",
    [DCR_PRIVATE_IDENTIFYING] = "identifying",
    [DCR_PRIVATE_LINKING] = "linking",
    [DCR_PRIVATE_REMOVE] = "remove",
    [DCR_PRIVATE_REVIEW] = "review",
    [DCR_PRIVATE_ORPHAN] = "no-creator",
    [DCR_PRIVATE_CREATOR] = "creator",
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    for (size_t i = 0; st == DCR_OK && i < p->kinds.n; i++) {
        size_t k = 0, n = sizeof kind_names / sizeof *kind_names;
        while (k < n && strcmp(kind_names[k], p->kinds.s[i]) != 0)
            k++;
        if (k == n)
            return dcr_rule_fail(src->file, p->kinds.s[i], err, "no kind \"%.40s\"",
                                 p->kinds.s[i]);
        p->mask |= 1u << k;
    }
    *out = p;
    return st;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < c->model->n_attrs; i++) {
        const dcr_attr *a = &c->model->attrs[i];
        dcr_private_info info;
        dcr_path_tail t;
        dcr_hit hit;
        if (a->creator == NULL || !dcr_rules_private(c->rules, a->path, &info) ||
            (p->mask >> info.kind & 1) == 0 ||
            (p->holds.n > 0 && !dcr_strings_have(&p->holds, info.holds)))
            continue;
        dcr_path_split(a->path, &t);
        if (t.sub != NULL)
            continue; /* what an opener saw in it: the element itself is judged */
        dcr_hit_init(&hit, a);
        for (size_t k = 0; k < a->n_values; k++)
            if (dcr_value_real(&a->values[k]))
                dcr_hit_value(&hit, &a->values[k]);
        st = dcr_check_add(c, &hit, err);
    }
    return st;
}

const dcr_check dcr_check_private = {"private", "private elements by creator and element",
                                     DCR_PHASE_FIRST, compile, run};
