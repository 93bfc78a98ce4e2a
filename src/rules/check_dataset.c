/* Facts about the dataset as a whole. */
#include <string.h>

#include "check.h"

typedef struct params {
    const char *fact;
} params;

static const dcr_param spec[] = {
    {"fact", DCR_P_STRING, offsetof(params, fact), true},
    {NULL, DCR_P_STRING, 0, false},
};

static void inferred_subjects(const dcr_model *m, dcr_hit *h)
{
    for (uint32_t s = 0; s < m->n_series; s++)
        if (m->subjects[dcr_series_subject(m, s)].inferred) {
            dcr_hit_series(h, s);
            h->files += m->series[s].files;
        }
}

static void unread_files(const dcr_model *m, dcr_hit *h)
{
    h->files = m->data.unreadable_files;
}

static void other_files(const dcr_model *m, dcr_hit *h)
{
    h->files = m->data.unread_other;
}

static void undecoded_text(const dcr_model *m, dcr_hit *h)
{
    h->files = m->data.undecodable_files;
}

static const struct {
    const char *id;
    void (*count)(const dcr_model *m, dcr_hit *h);
} facts[] = {
    {"inferred-subjects", inferred_subjects},
    {"unread-files", unread_files},
    {"other-files", other_files},
    {"undecoded-text", undecoded_text},
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
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (strcmp(facts[i].id, p->fact) == 0)
            return DCR_OK;
    return dcr_rule_fail(src->file, p->fact, err, "no fact \"%.40s\"", p->fact);
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    dcr_hit hit;
    dcr_hit_init(&hit, NULL);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (strcmp(facts[i].id, p->fact) == 0)
            facts[i].count(c->model, &hit);
    return dcr_check_add(c, &hit, err);
}

const dcr_check dcr_check_dataset = {"dataset", "facts about the dataset as a whole",
                                     DCR_PHASE_FIRST, compile, run};
