/* Fields that tell people apart, against what the project says it needs. */
#include <string.h>

#include "check.h"
#include "dict.h"
#include "project.h"
#include "purposes.h"

enum { LABEL_MAX = 256 };

typedef struct params {
    const char *fact; /* "missing": no purpose; "finer": more exact than needed */
    dcr_strings except_families;
} params;

static const dcr_param spec[] = {
    {"fact", DCR_P_STRING, offsetof(params, fact), true},
    {"except_families", DCR_P_STRINGS, offsetof(params, except_families), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    *out = p;
    if (st == DCR_OK && strcmp(p->fact, "missing") != 0 && strcmp(p->fact, "finer") != 0)
        st = dcr_rule_fail(src->file, p->fact, err,
                           "\"fact\" is \"missing\" or \"finer\"");
    return st;
}

static bool risky(const params *p, const dcr_attr *a)
{
    return a->creator == NULL && a->value_subjects > 0 &&
           (a->role == DCR_ROLE_DIRECT_IDENTIFIER ||
            a->role == DCR_ROLE_QUASI_IDENTIFIER || a->role == DCR_ROLE_SENSITIVE) &&
           !dcr_strings_have(&p->except_families, a->family);
}

static dcr_status add_all(const dcr_check_run *c, const dcr_attr *a, dcr_err *err)
{
    dcr_hit hit;
    dcr_hit_init(&hit, a);
    for (size_t i = 0; i < a->n_values; i++)
        if (dcr_value_real(&a->values[i]))
            dcr_hit_value(&hit, &a->values[i]);
    if (hit.n_values == 0)
        dcr_hit_all(&hit); /* rolled up: no single values */
    return dcr_check_add(c, &hit, err);
}

/* True when a date or time says more than its level has: a day that is not the first, a
 * minute that is not 00.  Only how it is written tells, so "the first" may be exact too.
 */
static bool written_finer(const char *hierarchy, const char *level, const dcr_value *v)
{
    bool date = strcmp(hierarchy, "date") == 0 || strcmp(hierarchy, "birth_date") == 0;
    bool month = strcmp(level, "month") == 0, day = strcmp(level, "day") == 0;
    bool week = strcmp(level, "iso_week") == 0;
    if (date && v->len == 8 && !day && !week)
        return memcmp(v->bytes + (month ? 6 : 4), month ? "01" : "0101", month ? 2 : 4) !=
               0;
    if (strcmp(hierarchy, "time") == 0 && strcmp(level, "hour") == 0)
        for (uint32_t i = 2; i < v->len; i++)
            if (v->bytes[i] >= '1' && v->bytes[i] <= '9')
                return true;
    return false;
}

/* Values that are one value at the level needed: telling them apart is not. */
static dcr_status judge_precision(const dcr_check_run *c, const dcr_attr *a,
                                  const char *level, dcr_err *err)
{
    const char *hierarchy = c->model->concepts[a->concept].hierarchy;
    char label[LABEL_MAX];
    dcr_dict seen = {0};
    size_t n = 0, merged = 0;
    dcr_status st = DCR_OK;
    dcr_hit hit;
    dcr_hit_init(&hit, a);
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        size_t len;
        if (!dcr_value_real(v) || !dcr_value_text(v))
            continue;
        len = dcr_level_text(hierarchy, level, v->bytes, v->len, label, sizeof label);
        n++;
        if (written_finer(hierarchy, level, v))
            dcr_hit_value(&hit, v);
        if (dcr_dict_add(&seen, label, len, 0) == DCR_DICT_NONE)
            st = dcr_nomem(err);
    }
    merged = n - seen.n;
    dcr_dict_clear(&seen);
    if (st == DCR_OK && merged > 0 && hit.n_values == 0) {
        dcr_hit_clear(&hit);
        return add_all(c, a, err);
    }
    if (st == DCR_OK)
        return dcr_check_add(c, &hit, err);
    dcr_hit_clear(&hit);
    return st;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    const dcr_project *project = c->evidence->project;
    bool missing = strcmp(p->fact, "missing") == 0;
    dcr_status st = DCR_OK;
    if (project == NULL || !dcr_project_given(project))
        return DCR_OK;
    for (size_t i = 0; i < c->model->n_attrs && st == DCR_OK; i++) {
        const dcr_attr *a = &c->model->attrs[i];
        const char *level = dcr_rules_precision(c->rules, project, a->path);
        if (missing && risky(p, a) &&
            dcr_rules_purpose(c->rules, project, a->path) == NULL)
            st = add_all(c, a, err);
        else if (!missing && level != NULL && a->concept >= 0 && a->exact)
            st = judge_precision(c, a, level, err);
    }
    return st;
}

const dcr_check dcr_check_purpose = {
    "purpose", "fields that tell people apart, against what the project needs",
    DCR_PHASE_FIRST, compile, run};
