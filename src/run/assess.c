/* An assessment: the stages in their order. */
#include <float.h>
#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../input/reader.h"
#include "../store/scanfile.h"
#include "alloc.h"
#include "beside.h"
#include "dcmrisk/dcmrisk.h"
#include "num.h"
#include "readings.h"
#include "recipients.h"

void dcr_init(void)
{
    gsl_set_error_handler_off();
    dcr_reader_init();
}

/* ---- cost ---- */

typedef struct meter {
    dcr_assess_cost cost;
    double last;
} meter;

static double cpu_seconds(void)
{
    struct timespec t = {0, 0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What was spent since the last call goes to `stage`. */
static void lap(meter *m, double *stage)
{
    double now = cpu_seconds();
    *stage += now - m->last;
    m->last = now;
}

static uint64_t facts_of(const dcr_model *m)
{
    uint64_t n = 0;
    for (size_t i = 0; i < m->n_attrs; i++)
        for (size_t k = 0; k < m->attrs[i].n_values; k++)
            n += m->attrs[i].values[k].series;
    return n;
}

/* ---- model ---- */

static unsigned hex4(const char *p)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++) {
        unsigned c = (unsigned char)p[i];
        unsigned d = c >= '0' && c <= '9'   ? c - '0'
                     : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                            : 16;
        if (d > 15)
            return 0x10000;
        v = v << 4 | d;
    }
    return v;
}

/* Keyword of the last tag of a path, by the reader's dictionary; NULL when it has none.
 */
static const char *keyword_of(const char *path)
{
    const char *last = strrchr(path, '/');
    unsigned group, element;
    last = last == NULL ? path : last + 1;
    if (strlen(last) != 9 || last[4] != ',')
        return NULL;
    group = hex4(last);
    element = hex4(last + 5);
    if (group > 0xFFFF || element > 0xFFFF)
        return NULL;
    return dcr_reader_keyword((uint16_t)group, (uint16_t)element);
}

static dcr_status load_with(dcr_model **out, dcr_store *scan, const dcr_rules *rules,
                            const dcr_adversary *also, const dcr_extra_carrier *extra,
                            size_t n_extra, dcr_err *err)
{
    dcr_status rc = dcr_model_load_with(out, scan, rules, also, extra, n_extra, err);
    for (size_t i = 0; rc == DCR_OK && i < (*out)->n_attrs; i++) {
        dcr_attr *a = &(*out)->attrs[i];
        if (a->keyword == NULL && !a->is_private)
            a->keyword = keyword_of(a->path);
    }
    return rc;
}

dcr_status dcr_load_model(dcr_model **out, dcr_store *scan, const dcr_rules *rules,
                          const dcr_adversary *also, dcr_err *err)
{
    return load_with(out, scan, rules, also, NULL, 0, err);
}

/* ---- carriers found from data ---- */

typedef struct hidden { /* what the search says, and k before what it found was used */
    dcr_hidden *found;
    bool used; /* some of it */
    dcr_without_found without;
} hidden;

static void count_below(dcr_without_found *out, const dcr_risk *r)
{
    for (uint32_t i = 0; i < r->n_subjects; i++) {
        if (out->k_min == 0 || r->k[i] < out->k_min)
            out->k_min = r->k[i];
        for (size_t b = 0; b < DCR_BELOW_N; b++)
            out->below[b] += r->k[i] < dcr_below[b];
    }
}

/* By the adversary that would have been gated on: what is known of shifted dates counts.
 */
static dcr_status k_without(dcr_without_found *out, const dcr_model *m,
                            const dcr_rules *rules, const dcr_policy *p, uint32_t today,
                            dcr_err *err)
{
    dcr_world world = {0};
    dcr_dates *dates = NULL;
    dcr_risk *r = NULL;
    dcr_status rc = dcr_dates_examine(&dates, m, dcr_rules_date_lab(rules), today, err);
    if (rc == DCR_OK)
        rc = dcr_world_build(&world, rules, p, m, dates->holds, err);
    if (rc == DCR_OK)
        rc = dcr_risk_any_exam(&r, m, &world.list[world.n], err);
    if (rc == DCR_OK)
        count_below(out, r);
    dcr_risk_free(r);
    dcr_world_clear(&world);
    dcr_dates_free(dates);
    return rc;
}

/* Searches the model; when attributes carry a concept that no list names, the model is
 * made anew with them. */
static dcr_status find_hidden(hidden *h, dcr_model **m, dcr_store *scan,
                              const dcr_rules *rules, const dcr_policy *p,
                              const dcr_adversary *also, const dcr_assess_options *o,
                              dcr_err *err)
{
    dcr_extra_carrier *extra;
    size_t n = 0;
    dcr_status rc = dcr_hidden_search(&h->found, *m, dcr_rules_hidden(rules), err);
    if (rc != DCR_OK)
        return rc;
    extra = dcr_alloc(h->found->n_carriers, sizeof *extra);
    if (extra == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < h->found->n_carriers; i++)
        if (h->found->carriers[i].used)
            extra[n++] = h->found->carriers[i].carrier;
    h->used = n > 0;
    if (n > 0)
        rc = dcr_beside_join(o->beside, *m, also, err);
    if (rc == DCR_OK && n > 0)
        rc = k_without(&h->without, *m, rules, p, o->today, err);
    if (rc == DCR_OK && n > 0) {
        dcr_model_free(*m);
        rc = load_with(m, scan, rules, also, extra, n, err);
    }
    dcr_free(extra);
    /* The search is for what the files tell: the table comes behind it. */
    return rc == DCR_OK ? dcr_beside_join(o->beside, *m, also, err) : rc;
}

/* ---- risks ---- */

enum { VIEWS = 3 };

typedef struct risks {
    const dcr_risk **list; /* owned, and what it points to */
    size_t n;
    const dcr_risk *gated, *two_exams, *collaborating;
    dcr_world world;     /* the adversaries as they were judged */
    dcr_world otherwise; /* as the other reading of shifted dates has them */
    dcr_risk *other;     /* any_exam of the policy's, by that; NULL: dates are as known */
    dcr_longitudinal exams;
    dcr_interval_pairs pairs;                /* of `gated` */
    dcr_km km[DCR_KM_N], other_km[DCR_KM_N]; /* of `gated` and `other` */
} risks;

static void risks_clear(risks *r)
{
    for (size_t i = 0; i < r->n; i++)
        dcr_risk_free((dcr_risk *)(uintptr_t)r->list[i]);
    dcr_free(r->list);
    dcr_risk_free(r->other);
    dcr_longitudinal_clear(&r->exams);
    dcr_interval_pairs_clear(&r->pairs);
    dcr_world_clear(&r->world);
    dcr_world_clear(&r->otherwise);
}

static dcr_status add_views(risks *r, const dcr_model *m, const dcr_register_codes *reg,
                            const dcr_adversary *a, bool gated, dcr_err *err)
{
    static dcr_status (*const further[])(dcr_risk **, const dcr_risk *, dcr_err *) = {
        dcr_risk_two_exams, dcr_risk_history};
    dcr_risk *any_exam = NULL, *one = NULL;
    dcr_status rc = dcr_risk_any_exam(&any_exam, m, a, err);
    if (rc != DCR_OK)
        return rc;
    any_exam->reg = reg;
    r->list[r->n++] = any_exam;
    r->gated = gated ? any_exam : r->gated;
    r->collaborating = a->subtract_site ? any_exam : r->collaborating;
    for (size_t v = 0; v < sizeof further / sizeof *further; v++) {
        rc = further[v](&one, any_exam, err);
        if (rc != DCR_OK)
            return rc;
        one->reg = reg;
        r->list[r->n++] = one;
        r->two_exams = gated && v == 0 ? one : r->two_exams;
    }
    return DCR_OK;
}

static dcr_status all_risks(risks *r, const dcr_model *m, const dcr_register_codes *reg,
                            const dcr_rules *rules, const dcr_policy *p,
                            const dcr_dates *dates, dcr_err *err)
{
    const dcr_adversary *gated;
    dcr_status rc = dcr_world_build(&r->world, rules, p, m, dates->holds, err);
    if (rc != DCR_OK)
        return rc;
    gated = &r->world.list[r->world.n];
    r->list = dcr_alloc((r->world.n + 1) * VIEWS, sizeof *r->list);
    if (r->list == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < r->world.n && rc == DCR_OK; i++) {
        const dcr_adversary *a = &r->world.list[i];
        if (strcmp(a->target, "prosecutor") == 0)
            rc = add_views(r, m, reg, a, strcmp(a->id, gated->id) == 0, err);
    }
    if (rc == DCR_OK && dcr_policy_own_levels(p))
        rc = add_views(r, m, reg, gated, true, err);
    if (rc == DCR_OK && (r->gated == NULL || r->two_exams == NULL))
        rc = dcr_fail(err, DCR_ERULES, dcr_policy_name(p),
                      "the policy's adversary cannot be gated on");
    return rc;
}

/* The reading of shifted dates that the gate does not use. */
static dcr_status other_reading(risks *r, const dcr_model *m, const dcr_rules *rules,
                                const dcr_policy *p, const dcr_dates *dates, dcr_err *err)
{
    dcr_status rc;
    if (strcmp(dates->state, "shifted") != 0)
        return DCR_OK;
    rc = dcr_world_build(&r->otherwise, rules, p, m, !dates->holds, err);
    return rc == DCR_OK
               ? dcr_risk_any_exam(&r->other, m, &r->otherwise.list[r->otherwise.n], err)
               : rc;
}

/* What several exams of one patient give away together. */
static dcr_status many_exams(risks *r, const dcr_model *m, dcr_err *err)
{
    dcr_status rc = dcr_longitudinal_get(&r->exams, m, err);
    if (rc == DCR_OK)
        rc = dcr_interval_pairs_get(&r->pairs, r->gated, err);
    if (rc == DCR_OK)
        rc = dcr_km_get(r->km, r->gated, err);
    return rc == DCR_OK && r->other != NULL ? dcr_km_get(r->other_km, r->other, err) : rc;
}

/* ---- names of files ---- */

static dcr_status file_name(void *ctx, uint64_t number, char *out, size_t n, dcr_err *err)
{
    return dcr_store_file_name(ctx, number, out, n, err);
}

typedef struct named { /* while names of files are told to the rules */
    dcr_store *scan;
    const dcr_model *model;
    dcr_file_name_fn *take;
    void *to;
} named;

static dcr_status tell_path(void *ctx, dcr_bytes path, uint32_t unit, dcr_err *err)
{
    const named *n = ctx;
    dcr_file_name f = {(const char *)path.p, path.n, UINT32_MAX};
    if (unit < n->model->n_units)
        f.series = n->model->unit_series[unit];
    return n->take(n->to, &f, err);
}

static dcr_status each_path(void *ctx, dcr_file_name_fn *take, void *to, dcr_err *err)
{
    named *n = ctx;
    n->take = take;
    n->to = to;
    return dcr_store_paths(n->scan, tell_path, n, err);
}

/* ---- one assessment ---- */

typedef struct job {
    dcr_store *scan; /* these three are lent */
    const dcr_rules *rules;
    const dcr_assess_options *o;
    dcr_project *project; /* what is read and measured, in that order */
    dcr_policy *policy;
    bool fell_back;
    dcr_recipients to;
    dcr_model *model;
    hidden h;
    dcr_dates *dates;
    dcr_register_codes *reg;
    risks r;
    dcr_pixels *pixels;
    dcr_deid deid;
    dcr_link_keys *links;
    dcr_findings findings;
    dcr_gate gate;
    json_t *recipients;
    meter spent;
} job;

static void job_clear(job *j)
{
    json_decref(j->recipients);
    dcr_gate_clear(&j->gate);
    dcr_findings_clear(&j->findings);
    dcr_link_keys_free(j->links);
    dcr_deid_clear(&j->deid);
    dcr_pixels_free(j->pixels);
    risks_clear(&j->r);
    dcr_register_codes_free(j->reg);
    dcr_dates_free(j->dates);
    dcr_hidden_free(j->h.found);
    dcr_model_free(j->model);
    dcr_recipients_clear(&j->to);
    dcr_policy_free(j->policy);
    dcr_project_free(j->project);
}

static dcr_status read_all(job *j, dcr_err *err)
{
    dcr_status rc = dcr_project_load(&j->project, j->o->project, err);
    if (rc == DCR_OK)
        rc = dcr_project_check(j->project, j->rules, err);
    if (rc == DCR_OK)
        rc = dcr_policy_load(&j->policy, j->rules, j->o->policy, j->project,
                             &j->fell_back, err);
    if (rc == DCR_OK)
        rc = dcr_recipients_load(&j->to, j->rules, j->project, j->policy, err);
    if (rc == DCR_OK)
        rc = dcr_load_model(&j->model, j->scan, j->rules, &j->to.known, err);
    lap(&j->spent, &j->spent.cost.model);
    return rc;
}

/* Carriers that the data show change the model, and dates what adversaries know. */
static dcr_status measure_risks(job *j, dcr_err *err)
{
    dcr_status rc = find_hidden(&j->h, &j->model, j->scan, j->rules, j->policy,
                                &j->to.known, j->o, err);
    if (rc == DCR_OK)
        rc = dcr_dates_examine(&j->dates, j->model, dcr_rules_date_lab(j->rules),
                               j->o->today, err);
    lap(&j->spent, &j->spent.cost.evidence);
    if (rc == DCR_OK)
        rc = dcr_beside_bind(&j->reg, j->o->beside, j->model, err);
    if (rc == DCR_OK)
        rc = all_risks(&j->r, j->model, j->reg, j->rules, j->policy, j->dates, err);
    if (rc == DCR_OK)
        rc = other_reading(&j->r, j->model, j->rules, j->policy, j->dates, err);
    if (rc == DCR_OK)
        rc = many_exams(&j->r, j->model, err);
    lap(&j->spent, &j->spent.cost.risks);
    return rc;
}

static dcr_status gather_evidence(job *j, dcr_err *err)
{
    dcr_status rc = dcr_pixels_examine(&j->pixels, j->rules, j->model, err);
    if (rc == DCR_OK)
        rc = dcr_deid_measure(&j->deid, j->rules, j->model, err);
    if (rc == DCR_OK)
        rc = dcr_link_keys_build(&j->links, j->rules, j->model, j->o->originals, err);
    lap(&j->spent, &j->spent.cost.evidence);
    return rc;
}

static dcr_status check_rules(job *j, dcr_err *err)
{
    named names = {.scan = j->scan, .model = j->model};
    dcr_path_source paths = {&names, each_path};
    dcr_evidence evidence = {.model = j->model,
                             .project = j->project,
                             .policy = j->policy,
                             .pixels = j->pixels,
                             .dates = j->dates,
                             .deid = &j->deid,
                             .links = j->links,
                             .paths = &paths,
                             .hidden = j->h.found,
                             .today = j->o->today,
                             .k = dcr_policy_k(j->policy)};
    dcr_status rc = dcr_rules_check(&j->findings, j->rules, &evidence, err);
    lap(&j->spent, &j->spent.cost.checks);
    return rc;
}

static dcr_status judge(job *j, dcr_err *err)
{
    dcr_gate_input in = {.model = j->model,
                         .findings = &j->findings,
                         .pixels = j->pixels,
                         .project = j->project,
                         .gated = j->r.gated,
                         .collaborating = j->r.collaborating,
                         .two_exams = j->r.two_exams,
                         .intervals = j->r.exams.intervals_k,
                         .interval_pairs = &j->r.pairs,
                         .today = j->o->today};
    dcr_status rc = dcr_gate_run(&j->gate, j->policy, &in, err);
    return rc == DCR_OK ? dcr_recipients_judge(&j->recipients, &j->to, j->rules, &in,
                                               j->dates, err)
                        : rc;
}

static dcr_status write_document(json_t **out, const job *j, dcr_err *err)
{
    const dcr_assess_options *o = j->o;
    dcr_report_input in = {.model = j->model,
                           .rules = j->rules,
                           .policy = j->policy,
                           .policy_fell_back = j->fell_back,
                           .project = j->project,
                           .dates = j->dates,
                           .findings = &j->findings,
                           .deid = &j->deid,
                           .pixels = j->pixels,
                           .links = j->links,
                           .gate = &j->gate,
                           .recipients = j->recipients,
                           .hidden = j->h.found,
                           .without = j->h.used ? &j->h.without : NULL,
                           .reg = j->reg,
                           .risks = j->r.list,
                           .n_risks = j->r.n,
                           .gated = j->r.gated,
                           .two_exams = j->r.two_exams,
                           .other_reading = j->r.other,
                           .longitudinal = &j->r.exams,
                           .interval_pairs = &j->r.pairs,
                           .km = j->r.km,
                           .other_km = j->r.other == NULL ? NULL : j->r.other_km,
                           .time = o->time,
                           .n_inputs = o->n_inputs,
                           .manifest = o->manifest,
                           .show_values = o->show_values,
                           .show_paths = o->show_paths,
                           .file_name = file_name,
                           .file_name_ctx = j->scan};
    in.libraries = dcr_libraries(&in.n_libraries);
    return dcr_report_build(out, &in, err);
}

/* As jansson writes a number and reads it again. */
static void round_real(json_t *v)
{
    char text[32];
    double rounded;
    snprintf(text, sizeof text, "%.15g", json_real_value(v));
    if (dcr_num_double(text, -DBL_MAX, DBL_MAX, &rounded))
        json_real_set(v, rounded);
}

/* The document as its file will say it: numbers rounded once, so that a format made now
 * and one made from the file are the same to the byte.  It is no deeper than we make it.
 */
static void as_written(json_t *v)
{
    const char *key;
    json_t *each;
    size_t i;
    if (json_is_real(v))
        round_real(v);
    for (i = 0; i < json_array_size(v); i++)
        as_written(json_array_get(v, i));
    json_object_foreach(v, key, each)
    {
        as_written(each);
    }
}

dcr_status dcr_inspect(json_t **out, dcr_store *scan, const dcr_rules *rules,
                       bool show_values, dcr_err *err)
{
    dcr_findings findings = {0};
    dcr_gate gate = {0};
    dcr_project *project = NULL;
    dcr_policy *policy = NULL;
    dcr_model *model = NULL;
    bool fell_back = false;
    dcr_status rc = dcr_project_load(&project, NULL, err);
    *out = NULL;
    if (rc ==
        DCR_OK) /* its k says from how many patients on a shape or a creator is shown */
        rc = dcr_policy_load(&policy, rules, "public-release", project, &fell_back, err);
    if (rc == DCR_OK)
        rc = dcr_load_model(&model, scan, rules, NULL, err);
    if (rc == DCR_OK) {
        dcr_report_input in = {.model = model,
                               .rules = rules,
                               .policy = policy,
                               .project = project,
                               .findings = &findings,
                               .gate = &gate,
                               .show_values = show_values};
        rc = dcr_report_inspect(out, &in, err);
    }
    dcr_model_free(model);
    dcr_policy_free(policy);
    dcr_project_free(project);
    return rc;
}

dcr_status dcr_assess(json_t **out, dcr_store *scan, const dcr_rules *rules,
                      const dcr_assess_options *o, dcr_err *err)
{
    static dcr_status (*const stage[])(job *, dcr_err *) = {
        read_all, measure_risks, gather_evidence, check_rules, judge};
    job j = {.scan = scan, .rules = rules, .o = o, .spent = {.last = cpu_seconds()}};
    dcr_status rc = DCR_OK;
    *out = NULL;
    for (size_t i = 0; i < sizeof stage / sizeof *stage && rc == DCR_OK; i++)
        rc = stage[i](&j, err);
    if (rc == DCR_OK)
        rc = write_document(out, &j, err);
    if (rc == DCR_OK)
        as_written(*out);
    lap(&j.spent, &j.spent.cost.report);
    if (rc == DCR_OK && o->cost != NULL) {
        *o->cost = j.spent.cost;
        o->cost->facts = facts_of(j.model);
    }
    job_clear(&j);
    return rc;
}
