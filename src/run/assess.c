/* An assessment: the stages in their order. */
#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../input/reader.h"
#include "../store/scanfile.h"
#include "alloc.h"
#include "beside.h"
#include "dcmrisk/dcmrisk.h"
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

/* ---- the whole ---- */

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

static dcr_status report(json_t **out, dcr_store *scan, const dcr_rules *rules,
                         const dcr_assess_options *o, const dcr_project *project,
                         const dcr_policy *policy, bool fell_back, const dcr_model *model,
                         const dcr_dates *dates, const hidden *h,
                         const dcr_recipients *to, meter *spent, dcr_err *err)
{
    json_t *recipients = NULL;
    dcr_findings findings = {0};
    dcr_gate gate = {0};
    dcr_pixels *pixels = NULL;
    risks r = {0};
    dcr_deid deid = {0};
    named names = {.scan = scan, .model = model};
    dcr_path_source paths = {&names, each_path};
    dcr_link_keys *links = NULL;
    dcr_register_codes *reg = NULL;
    dcr_evidence evidence = {.model = model,
                             .project = project,
                             .policy = policy,
                             .dates = dates,
                             .deid = &deid,
                             .paths = &paths,
                             .hidden = h->found,
                             .today = o->today,
                             .k = dcr_policy_k(policy)};
    dcr_report_input in = {.model = model,
                           .rules = rules,
                           .policy = policy,
                           .policy_fell_back = fell_back,
                           .project = project,
                           .dates = dates,
                           .findings = &findings,
                           .deid = &deid,
                           .gate = &gate,
                           .hidden = h->found,
                           .without = h->used ? &h->without : NULL,
                           .time = o->time,
                           .n_inputs = o->n_inputs,
                           .show_values = o->show_values,
                           .show_paths = o->show_paths,
                           .file_name = file_name,
                           .file_name_ctx = scan};
    dcr_status rc = dcr_beside_bind(&reg, o->beside, model, err);
    if (rc == DCR_OK)
        rc = all_risks(&r, model, reg, rules, policy, dates, err);
    if (rc == DCR_OK)
        rc = other_reading(&r, model, rules, policy, dates, err);
    if (rc == DCR_OK)
        rc = many_exams(&r, model, err);
    lap(spent, &spent->cost.risks);
    in.libraries = dcr_libraries(&in.n_libraries);
    if (rc == DCR_OK)
        rc = dcr_pixels_examine(&pixels, rules, model, err);
    evidence.pixels = in.pixels = pixels;
    if (rc == DCR_OK)
        rc = dcr_deid_measure(&deid, rules, model, err);
    if (rc == DCR_OK)
        rc = dcr_link_keys_build(&links, rules, model, o->originals, err);
    evidence.links = in.links = links;
    lap(spent, &spent->cost.evidence);
    if (rc == DCR_OK)
        rc = dcr_rules_check(&findings, rules, &evidence, err);
    lap(spent, &spent->cost.checks);
    if (rc == DCR_OK) {
        dcr_gate_input gi = {.model = model,
                             .findings = &findings,
                             .pixels = pixels,
                             .project = project,
                             .gated = r.gated,
                             .collaborating = r.collaborating,
                             .two_exams = r.two_exams,
                             .intervals = r.exams.intervals_k,
                             .interval_pairs = &r.pairs,
                             .today = o->today};
        rc = dcr_gate_run(&gate, policy, &gi, err);
        if (rc == DCR_OK)
            rc = dcr_recipients_judge(&recipients, to, rules, &gi, dates, err);
    }
    in.recipients = recipients;
    in.reg = reg;
    in.risks = r.list;
    in.n_risks = r.n;
    in.gated = r.gated;
    in.two_exams = r.two_exams;
    in.other_reading = r.other;
    in.longitudinal = &r.exams;
    in.interval_pairs = &r.pairs;
    in.km = r.km;
    in.other_km = r.other == NULL ? NULL : r.other_km;
    if (rc == DCR_OK)
        rc = dcr_report_build(out, &in, err);
    json_decref(recipients);
    dcr_gate_clear(&gate);
    dcr_findings_clear(&findings);
    dcr_pixels_free(pixels);
    dcr_deid_clear(&deid);
    dcr_link_keys_free(links);
    risks_clear(&r);
    dcr_register_codes_free(reg);
    return rc;
}

/* The document as its file will say it: numbers rounded once, so that a format made now
 * and one made from the file are the same to the byte. */
static dcr_status as_written(json_t **doc, dcr_err *err)
{
    char *text = json_dumps(*doc, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_t *again = text == NULL ? NULL : json_loads(text, 0, NULL);
    free(text); /* lint: ok, jansson's own allocation */
    json_decref(*doc);
    *doc = again;
    return again == NULL ? dcr_nomem(err) : DCR_OK;
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
    dcr_project *project = NULL;
    dcr_policy *policy = NULL;
    dcr_model *model = NULL;
    dcr_dates *dates = NULL;
    hidden h = {0};
    dcr_recipients to = {0};
    bool fell_back = false;
    meter spent = {.last = cpu_seconds()};
    dcr_status rc = dcr_project_load(&project, o->project, err);
    *out = NULL;
    if (rc == DCR_OK)
        rc = dcr_project_check(project, rules, err);
    if (rc == DCR_OK)
        rc = dcr_policy_load(&policy, rules, o->policy, project, &fell_back, err);
    if (rc == DCR_OK)
        rc = dcr_recipients_load(&to, rules, project, policy, err);
    if (rc == DCR_OK)
        rc = dcr_load_model(&model, scan, rules, &to.known, err);
    lap(&spent, &spent.cost.model);
    if (rc == DCR_OK)
        rc = find_hidden(&h, &model, scan, rules, policy, &to.known, o, err);
    if (rc == DCR_OK)
        rc = dcr_dates_examine(&dates, model, dcr_rules_date_lab(rules), o->today, err);
    lap(&spent, &spent.cost.evidence);
    if (rc == DCR_OK)
        rc = report(out, scan, rules, o, project, policy, fell_back, model, dates, &h,
                    &to, &spent, err);
    if (rc == DCR_OK)
        rc = as_written(out, err);
    lap(&spent, &spent.cost.report);
    if (rc == DCR_OK && o->cost != NULL) {
        *o->cost = spent.cost;
        o->cost->facts = facts_of(model);
    }
    dcr_recipients_clear(&to);
    dcr_hidden_free(h.found);
    dcr_dates_free(dates);
    dcr_model_free(model);
    dcr_policy_free(policy);
    dcr_project_free(project);
    return rc;
}
