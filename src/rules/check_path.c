/* Names of files and folders: they are data too. */
#include <string.h>

#include "alloc.h"
#include "elsewhere.h"
#include "paths.h"

typedef struct params {
    const char *name;
    dcr_path_finding finding;
} params;

static const dcr_param spec[] = {
    {"finding", DCR_P_STRING, offsetof(params, name), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    *out = p;
    if (st == DCR_OK && !dcr_path_finding_of(p->name, &p->finding))
        return dcr_rule_fail(src->file, p->name, err,
                             "nothing that is found in names: \"%.40s\"", p->name);
    return st;
}

static void drop(void *p)
{
    dcr_paths_free(p);
}

static dcr_status build(const dcr_check_run *c, void **out, dcr_err *err)
{
    dcr_tokens *t = NULL;
    dcr_paths *p = NULL;
    dcr_status st = dcr_check_tokens(c, &t, err);
    if (st == DCR_OK)
        st = dcr_paths_build(&p, c->rules, c->model, t, c->evidence->paths, err);
    *out = p;
    return st;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    const dcr_paths *paths;
    void *shared = NULL;
    dcr_hit hit;
    dcr_status st;
    if (c->evidence->paths == NULL)
        return DCR_OK;
    st = dcr_check_shared(c, DCR_SHARED_PATHS, build, drop, &shared, err);
    if (st != DCR_OK)
        return st;
    paths = shared;
    dcr_hit_init(&hit, NULL);
    for (size_t i = 0; i < paths->found[p->finding].n; i++) {
        const dcr_path_mark *m = &paths->found[p->finding].list[i];
        hit.files += m->files;
        if (m->series != UINT32_MAX)
            dcr_hit_series(&hit, m->series);
    }
    return dcr_check_add(c, &hit, err);
}

const dcr_check dcr_check_path = {"path", "names of files and folders", DCR_PHASE_FIRST,
                                  compile, run};
