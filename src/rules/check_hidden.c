/* What the search for hidden identifiers found: attributes by the verdict on them, by the
 * concept they carry, and those on which there is no verdict. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "plural.h"

typedef struct params {
    dcr_strings verdicts, carries;
    dcr_select select;
    const json_t *select_json;
    bool together; /* one finding for all attributes */
    uint32_t mask;
} params;

static const dcr_param spec[] = {
    {"verdicts", DCR_P_STRINGS, offsetof(params, verdicts), false},
    {"carries", DCR_P_STRINGS, offsetof(params, carries), false},
    {"select", DCR_P_JSON, offsetof(params, select_json), true},
    {"together", DCR_P_BOOL, offsetof(params, together), false},
    {NULL, DCR_P_STRING, 0, false},
};

static bool concept_exists(const dcr_rules *r, const char *id)
{
    for (size_t i = 0; i < r->n_concepts; i++)
        if (strcmp(r->concepts[i].id, id) == 0)
            return true;
    return false;
}

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    if (st == DCR_OK)
        st = dcr_select_read(src, p->select_json, &p->select, err);
    for (size_t i = 0; st == DCR_OK && i < p->verdicts.n; i++) {
        unsigned v = 0;
        while (v < DCR_HIDDEN_N &&
               strcmp(dcr_hidden_name((dcr_hidden_verdict)v), p->verdicts.s[i]) != 0)
            v++;
        if (v == DCR_HIDDEN_N)
            return dcr_rule_fail(src->file, p->verdicts.s[i], err, "no verdict \"%.40s\"",
                                 p->verdicts.s[i]);
        p->mask |= 1u << v;
    }
    for (size_t i = 0; st == DCR_OK && i < p->carries.n; i++)
        if (!concept_exists(r, p->carries.s[i]))
            return dcr_rule_fail(src->file, p->carries.s[i], err, "no concept \"%.40s\"",
                                 p->carries.s[i]);
    *out = p;
    return st;
}

/* What the attribute is found to carry, as far as the rule asks; NULL: nothing. */
static const dcr_found_carrier *carried(const dcr_check_run *c, const params *p,
                                        const dcr_attr *a)
{
    const dcr_hidden *h = c->evidence->hidden;
    for (size_t i = 0; i < h->n_carriers; i++)
        if (strcmp(h->carriers[i].carrier.path, a->path) == 0 &&
            dcr_strings_have(&p->carries,
                             c->model->concepts[h->carriers[i].carrier.concept].id))
            return &h->carriers[i];
    return NULL;
}

static void say_carrier(const dcr_check_run *c, const dcr_found_carrier *f, char *out,
                        size_t n)
{
    const char *title = c->model->concepts[f->carrier.concept].title;
    if (strcmp(f->evidence, "date-form") == 0)
        snprintf(out, n,
                 "Its values are dates and behave as the %s does, over %u studies.",
                 title, f->studies);
    else
        snprintf(out, n, "It is %s the %s, over %u studies of %u patients.",
                 strcmp(f->evidence, "equal") == 0 ? "the same as" : "one-to-one with",
                 title, f->studies, f->subjects);
}

static void say_verdict(const dcr_hidden_attr *h, char *out, size_t n)
{
    switch (h->verdict) {
    case DCR_HIDDEN_SUBJECT:
        snprintf(out, n,
                 "%u of %u patients with several exams keep their value, and %u patients"
                 " have %u different values; q-value %.2g.",
                 h->agree, h->subjects, h->people, h->distinct, h->q);
        break;
    case DCR_HIDDEN_DATE:
        snprintf(out, n,
                 "%u of %u pairs of exams of different patients agree when they share %s;"
                 " %u values in all; q-value %.2g.",
                 h->agree, h->subjects, h->note, h->distinct, h->q);
        break;
    case DCR_HIDDEN_SITE:
    case DCR_HIDDEN_DEVICE:
        snprintf(out, n,
                 "%u of %u pairs of exams of different patients agree when they share the"
                 " %s; %u values in all; q-value %.2g.",
                 h->agree, h->subjects, h->verdict == DCR_HIDDEN_SITE ? "site" : "device",
                 h->distinct, h->q);
        break;
    default:
        snprintf(out, n, "Not shown and not refuted: %s.", h->note);
        break;
    }
}

static void add_values(dcr_hit *hit, const dcr_attr *a)
{
    for (size_t k = 0; k < a->n_values; k++)
        if (dcr_value_real(&a->values[k]))
            dcr_hit_value(hit, &a->values[k]);
}

/* Says why the attribute hits; false when it does not. */
static bool hits(const dcr_check_run *c, const params *p, size_t at, char *why, size_t n)
{
    const dcr_attr *a = &c->model->attrs[at];
    const dcr_hidden_attr *h = &c->evidence->hidden->attrs[at];
    const dcr_found_carrier *f;
    if (!dcr_select_match(&p->select, a) || h->repeats_key)
        return false;
    f = p->carries.n > 0 ? carried(c, p, a) : NULL;
    if (f != NULL)
        say_carrier(c, f, why, n);
    else if ((p->mask >> h->verdict & 1) != 0)
        say_verdict(h, why, n);
    else
        return false;
    return true;
}

/* Marks the series in which the attribute has a real value. */
static void mark_series(const dcr_attr *a, bool *in)
{
    for (size_t k = 0; k < a->n_values; k++)
        for (uint32_t s = 0; dcr_value_real(&a->values[k]) &&
                             a->values[k].in_series != NULL && s < a->values[k].series;
             s++)
            in[a->values[k].in_series[s]] = true;
}

/* One finding for all: ten thousand elements nobody can judge are one thing to know. */
static dcr_status run_together(const dcr_check_run *c, const params *p, dcr_err *err)
{
    bool *in = dcr_alloc(c->model->n_series, sizeof *in);
    dcr_hit all;
    char why[256];
    size_t n = 0, rolled_up = 0;
    if (in == NULL)
        return dcr_nomem(err);
    dcr_hit_init(&all, NULL);
    for (size_t i = 0; i < c->model->n_attrs; i++) {
        const dcr_attr *a = &c->model->attrs[i];
        if (!hits(c, p, i, why, sizeof why))
            continue;
        n++;
        rolled_up += !a->exact;
        all.files = a->files > all.files ? a->files : all.files;
        mark_series(a, in);
    }
    for (uint32_t s = 0; n > 0 && s < c->model->n_series; s++)
        if (in[s])
            dcr_hit_series(&all, s);
    dcr_free(in);
    if (n == 0)
        return DCR_OK;
    snprintf(why, sizeof why,
             "%zu %s; the values of %zu of them were rolled up in the scan file.", n,
             dcr_plural((double)n, "elements"), rolled_up);
    all.detail = why;
    return dcr_check_add(c, &all, err);
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    const dcr_hidden *h = c->evidence->hidden;
    char why[256];
    dcr_status st = DCR_OK;
    if (h == NULL || h->n_attrs != c->model->n_attrs)
        return DCR_OK;
    if (p->together)
        return run_together(c, p, err);
    for (size_t i = 0; st == DCR_OK && i < c->model->n_attrs; i++) {
        dcr_hit hit;
        if (!hits(c, p, i, why, sizeof why))
            continue;
        dcr_hit_init(&hit, &c->model->attrs[i]);
        add_values(&hit, &c->model->attrs[i]);
        hit.detail = why;
        st = dcr_check_add(c, &hit, err);
    }
    return st;
}

const dcr_check dcr_check_hidden = {
    "hidden", "what attributes follow, by the search for hidden identifiers",
    DCR_PHASE_FIRST, compile, run};
