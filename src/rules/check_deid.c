/* Who de-identified what: part of a release that another tool worked on, and texts that
 * name a tool which cannot have written the values. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "plural.h"

typedef struct params {
    const char *fact;
} params;

static const dcr_param spec[] = {
    {"fact", DCR_P_STRING, offsetof(params, fact), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    if (st != DCR_OK)
        return st;
    *out = p;
    if (strcmp(p->fact, "mixed") != 0 && strcmp(p->fact, "doubtful") != 0)
        return dcr_rule_fail(src->file, p->fact, err, "no fact \"%.40s\"", p->fact);
    return DCR_OK;
}

/* Adds the series of clusters that fit. */
static dcr_status add(const dcr_check_run *c, const dcr_attr *attr, bool doubtful,
                      const char *detail, dcr_err *err)
{
    const dcr_deid *d = c->evidence->deid;
    dcr_hit hit;
    dcr_hit_init(&hit, attr);
    for (uint32_t s = 0; s < c->model->n_series; s++) {
        uint32_t k = d->of_series[s];
        if (doubtful ? d->list[k].doubt[0] == '\0' : k == 0)
            continue;
        dcr_hit_series(&hit, s);
        hit.files += c->model->series[s].files;
    }
    hit.detail = detail;
    return dcr_check_add(c, &hit, err);
}

static dcr_status mixed(const dcr_check_run *c, dcr_err *err)
{
    const dcr_deid *d = c->evidence->deid;
    char text[300];
    if (!d->traits || d->n < 2)
        return DCR_OK;
    snprintf(text, sizeof text,
             "%zu ways of processing: the commonest in %u of %u series; the next in %u "
             "series of %u %s",
             d->n, d->list[0].series, c->model->n_series, d->list[1].series,
             d->list[1].subjects, dcr_plural(d->list[1].subjects, "patients"));
    return add(c, NULL, false, text, err);
}

static dcr_status doubtful(const dcr_check_run *c, dcr_err *err)
{
    const dcr_deid *d = c->evidence->deid;
    char text[300];
    for (size_t i = 0; i < d->n; i++) {
        if (d->list[i].doubt[0] == '\0')
            continue;
        snprintf(text, sizeof text, "The text names %s: %s", d->list[i].named,
                 d->list[i].doubt);
        return add(c, dcr_check_attr(c, "0012,0063"), true, text, err);
    }
    return DCR_OK;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    if (c->evidence->deid == NULL)
        return DCR_OK;
    return strcmp(p->fact, "mixed") == 0 ? mixed(c, err) : doubtful(c, err);
}

const dcr_check dcr_check_deid = {"deid", "who de-identified what", DCR_PHASE_FIRST,
                                  compile, run};
