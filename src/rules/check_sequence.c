/* Sequences that should not be there at all, whatever stands in their items. */
#include <string.h>

#include "check.h"

typedef struct params {
    dcr_strings tags;
} params;

static const dcr_param spec[] = {
    {"tags", DCR_P_STRINGS, offsetof(params, tags), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    for (size_t i = 0; st == DCR_OK && i < p->tags.n; i++) {
        uint32_t tag;
        if (!dcr_tag_of(p->tags.s[i], strlen(p->tags.s[i]), &tag))
            return dcr_rule_fail(src->file, p->tags.s[i], err, "not a tag");
    }
    *out = p;
    return st;
}

/* Length of the path down to the outermost of the sequences, 0 when it is in none. */
static size_t inside(const params *p, const char *path)
{
    for (const char *seg = path; seg != NULL; seg = strchr(seg, '/')) {
        seg += *seg == '/';
        for (size_t i = 0; i < p->tags.n; i++) {
            size_t n = strlen(p->tags.s[i]);
            if (strncmp(seg, p->tags.s[i], n) == 0 && (seg[n] == '/' || seg[n] == '\0'))
                return (size_t)(seg - path) + n;
        }
    }
    return 0;
}

static bool real(const dcr_attr *a)
{
    return a->value_subjects > 0 || strcmp(a->vr, "SQ") == 0;
}

/* Paths are sorted, so those inside one sequence stand together. */
static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    const dcr_model *m = c->model;
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < m->n_attrs;) {
        const dcr_attr *a = &m->attrs[i];
        size_t n = real(a) ? inside(p, a->path) : 0;
        dcr_hit hit;
        if (n == 0) {
            i++;
            continue;
        }
        dcr_hit_init(&hit, a);
        dcr_hit_all(&hit);
        for (i++; i < m->n_attrs && strncmp(m->attrs[i].path, a->path, n) == 0 &&
                  inside(p, m->attrs[i].path) == n;
             i++) {
            if (m->attrs[i].subjects > a->subjects)
                hit.attr = a = &m->attrs[i];
        }
        dcr_hit_init(&hit, a);
        dcr_hit_all(&hit);
        st = dcr_check_add(c, &hit, err);
    }
    return st;
}

const dcr_check dcr_check_sequence = {"sequence", "sequences that should not be there",
                                      DCR_PHASE_FIRST, compile, run};
