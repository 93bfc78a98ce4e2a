/* What the controller says in the project file, or leaves out, against what is in the
 * data. */
#include <string.h>

#include "acceptance.h"
#include "claims.h"
#include "detect.h"
#include "json_text.h"
#include "project.h"

typedef struct params {
    const json_t *when_json, *has_json, *against_json;
    const char *when_key, *has_key;
    dcr_strings when_values, has_not; /* of when_key; beginnings of has_key's text */
    dcr_strings missing;
    dcr_againsts against;
    bool without_purpose, not_accepted, unless_reviewed;
} params;

static const dcr_param spec[] = {
    {"when", DCR_P_JSON, offsetof(params, when_json), false},
    {"or_has", DCR_P_JSON, offsetof(params, has_json), false},
    {"missing", DCR_P_STRINGS, offsetof(params, missing), false},
    {"against", DCR_P_JSON, offsetof(params, against_json), false},
    {"without_purpose", DCR_P_BOOL, offsetof(params, without_purpose), false},
    {"not_accepted", DCR_P_BOOL, offsetof(params, not_accepted), false},
    {"unless_reviewed", DCR_P_BOOL, offsetof(params, unless_reviewed), false},
    {NULL, DCR_P_STRING, 0, false},
};

static const dcr_param when_spec[] = {
    {"key", DCR_P_STRING, offsetof(params, when_key), true},
    {"values", DCR_P_STRINGS, offsetof(params, when_values), false},
    {NULL, DCR_P_STRING, 0, false},
};

static const dcr_param has_spec[] = {
    {"key", DCR_P_STRING, offsetof(params, has_key), true},
    {"unless", DCR_P_STRINGS, offsetof(params, has_not), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    if (st == DCR_OK && p->when_json != NULL)
        st = dcr_params_read(src, p->when_json, when_spec, p, err);
    if (st == DCR_OK && p->has_json != NULL)
        st = dcr_params_read(src, p->has_json, has_spec, p, err);
    if (st == DCR_OK && p->against_json != NULL)
        st = dcr_againsts_read(r, src, p->against_json, &p->against, err);
    if (st == DCR_OK)
        p->when_json = p->has_json = p->against_json = NULL; /* they go now */
    *out = p;
    return st;
}

/* ---- the project file ---- */

/* A key with something in it. */
static bool filled(const json_t *project, const char *key)
{
    const json_t *v = json_object_get(project, key);
    return json_is_string(v)  ? json_string_length(v) > 0
           : json_is_array(v) ? json_array_size(v) > 0
                              : json_object_size(v) > 0 || json_is_true(v);
}

static bool when_holds(const params *p, const json_t *project)
{
    if (p->when_key == NULL)
        return true;
    return p->when_values.n > 0
               ? dcr_strings_have(&p->when_values, dcr_json_text(project, p->when_key))
               : filled(project, p->when_key);
}

/* "destroyed on ..." is no table. */
static bool has_it(const params *p, const json_t *project)
{
    const char *text;
    if (p->has_key == NULL || !filled(project, p->has_key))
        return false;
    text = dcr_json_text(project, p->has_key);
    for (size_t i = 0; i < p->has_not.n; i++)
        if (dcr_word_at((const uint8_t *)text, strlen(text), 0, p->has_not.s[i]))
            return false;
    return true;
}

static bool some_missing(const params *p, const json_t *project)
{
    for (size_t i = 0; i < p->missing.n; i++)
        if (!filled(project, p->missing.s[i]))
            return true;
    return false;
}

/* Takes out the series at whose pictures somebody has looked. */
static void leave_reviewed(const dcr_check_run *c, dcr_set *s)
{
    const dcr_pixels *p = c->evidence->pixels;
    const dcr_project *project = c->evidence->project;
    for (uint32_t i = 0; p != NULL && project != NULL && i < s->n; i++)
        if (p->group_of[i] > 0 &&
            dcr_project_pixels_reviewed(project, &p->groups[p->group_of[i] - 1]))
            s->w[i / 64] &= ~((uint64_t)1 << i % 64);
}

typedef struct excuse { /* why an attribute is left out of the audit */
    const params *p;
    const dcr_project *project;
    const dcr_policy *policy; /* NULL: not known */
    uint32_t today;
} excuse;

static bool accepted(const excuse *x, const char *rule, const dcr_attr *a)
{
    size_t n = 0;
    const dcr_acceptance *list = dcr_project_acceptances(x->project, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].rule, rule) == 0 &&
            (list[i].path[0] == '\0' ||
             (a != NULL && strcmp(list[i].path, a->path) == 0)) &&
            dcr_acceptance_valid(&list[i], x->today) &&
            dcr_acceptance_short(&list[i], x->policy, x->today))
            return true;
    return false;
}

static bool excused(const dcr_audit *u, const char *rule, const dcr_attr *a)
{
    const excuse *x = u->skip_ctx;
    if (x->project == NULL)
        return false;
    if (x->p->without_purpose && a != NULL)
        return dcr_project_purpose(x->project, a->path) != NULL;
    return x->p->not_accepted && accepted(x, rule, a);
}

/* ---- the check ---- */

static void add_series(const dcr_check_run *c, const dcr_set *s, dcr_hit *hit)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (dcr_set_has(s, i)) {
            dcr_hit_series(hit, i);
            hit->files += c->model->series[i].files;
        }
}

static dcr_status audit(const dcr_check_run *c, const params *p, const dcr_set *all,
                        dcr_err *err)
{
    const excuse x = {p, c->evidence->project, c->evidence->policy, c->evidence->today};
    dcr_audit u = {.skip = excused, .skip_ctx = &x};
    char text[400];
    dcr_hit hit;
    dcr_status st = dcr_audit_run(&u, c, all, &p->against, err);
    dcr_hit_init(&hit, NULL);
    if (st == DCR_OK) {
        add_series(c, &u.found, &hit);
        dcr_audit_say(&u, "patients", text, sizeof text);
        hit.detail = text;
        st = dcr_check_add(c, &hit, err);
    }
    dcr_hit_clear(&hit);
    dcr_audit_clear(&u);
    return st;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    const dcr_project *project = c->evidence->project;
    const json_t *json = project == NULL ? NULL : dcr_project_json(project);
    dcr_set all = {0};
    dcr_hit hit;
    dcr_status st;
    if (!when_holds(p, json))
        return DCR_OK;
    st = dcr_set_init(&all, c->model, err);
    if (st != DCR_OK)
        return st;
    dcr_set_fill(&all);
    if (p->unless_reviewed)
        leave_reviewed(c, &all);
    if (some_missing(p, json) || has_it(p, json)) {
        dcr_hit_init(&hit, NULL);
        add_series(c, &all, &hit);
        st = dcr_check_add(c, &hit, err);
    } else if (p->against.n > 0) {
        st = audit(c, p, &all, err);
    }
    dcr_set_clear(&all);
    return st;
}

const dcr_check dcr_check_project = {
    "project", "what the project file says, or leaves out, against the data",
    DCR_PHASE_AFTER, compile, run};
