/* Adversaries: what each knows, and the figures the metrics emit. */
#include <string.h>

#include "alloc.h"
#include "json_sink.h"
#include "parts.h"

/* ---- one view ---- */

/* What the metrics would have said of a view that could not be computed. */
static dcr_status put_refused(json_t *v, const char *key, dcr_err *err)
{
    if (json_object_get(v, key) != NULL)
        return DCR_OK;
    return dcr_put(v, key,
                   json_pack("{s:b, s:s}", "applies", 0, "note",
                             "not computed: the view is refused"),
                   err);
}

static dcr_status add_view(json_t *views, const dcr_report_input *in, const dcr_risk *r,
                           dcr_err *err)
{
    json_t *v = json_pack("{s:s}", "view", r->view);
    dcr_metric_sink sink = dcr_json_sink(v);
    dcr_status rc = v == NULL ? dcr_nomem(err) : DCR_OK;
    for (const dcr_metric *const *m = dcr_metrics();
         *m != NULL && rc == DCR_OK && !r->refused; m++)
        if ((*m)->run != NULL)
            rc = (*m)->run(r, &sink, err);
    if (rc == DCR_OK)
        rc = put_refused(v, "journalist", err);
    if (rc == DCR_OK)
        rc = put_refused(v, "marketer", err);
    if (rc == DCR_OK)
        rc = dcr_report_population(v, in, r, err);
    if (rc == DCR_OK)
        rc = dcr_put(v, "applies", json_boolean(r->applies), err);
    if (rc == DCR_OK)
        rc = dcr_put(v, "note", *r->note == '\0' ? json_null() : json_string(r->note),
                     err);
    if (rc == DCR_OK && json_array_append(views, v) != 0)
        rc = dcr_nomem(err);
    json_decref(v);
    return rc;
}

/* ---- one adversary ---- */

static json_t *knows(const dcr_model *m, const dcr_adversary *a, const dcr_names *names)
{
    json_t *list = json_array();
    for (size_t i = 0; i < a->n_knows; i++) {
        const dcr_concept *c = &m->concepts[a->knows[i].concept];
        json_t *carriers = json_array();
        for (size_t k = 0; k < c->n_carriers; k++)
            if (m->carrier_present[a->knows[i].concept][k])
                json_array_append_new(
                    carriers, json_string(dcr_names_path(names, m, c->carriers[k])));
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:b, s:o}", "concept", c->id, "title",
                            c->title, "level", a->knows[i].level, "present",
                            (int)m->carried[a->knows[i].concept], "carriers", carriers));
    }
    return list;
}

/* What a concept adds, in two ways; an interval where Shapley's value is an estimate. */
static json_t *concept_row(const dcr_model *m, const dcr_concept_figures *f,
                           const dcr_singling *s)
{
    json_t *row =
        json_pack("{s:s, s:s, s:f, s:I, s:I, s:n}", "concept", m->concepts[f->concept].id,
                  "title", m->concepts[f->concept].title, "bits", f->bits, "alone",
                  (json_int_t)f->alone, "drop_one", (json_int_t)0, "shapley");
    for (size_t i = 0; i < s->n_concepts; i++) {
        const dcr_concept_shapley *x = &s->shapley[i];
        if (x->concept != f->concept)
            continue;
        json_object_set_new(row, "drop_one", json_integer(x->drop_one));
        json_object_set_new(row, "shapley", json_real(x->value));
        if (s->n_orders > 0) {
            json_object_set_new(row, "shapley_lo", json_real(x->lo));
            json_object_set_new(row, "shapley_hi", json_real(x->hi));
        }
    }
    return row;
}

/* The least that singles somebody out; how few they are is not printed below k. */
static json_t *unique_keys(const dcr_model *m, const dcr_singling *s, uint32_t k)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->n_keys; i++) {
        json_t *set = json_array();
        for (size_t c = 0; c < s->n_concepts; c++)
            if (s->key[i].concepts >> c & 1)
                json_array_append_new(set,
                                      json_string(m->concepts[s->shapley[c].concept].id));
        json_array_append_new(list, json_pack("{s:o, s:o}", "concepts", set, "subjects",
                                              s->key[i].subjects < k
                                                  ? json_null()
                                                  : json_integer(s->key[i].subjects)));
    }
    return list;
}

static dcr_status put_concepts(json_t *adv, const dcr_report_input *in,
                               const dcr_risk *any_exam, dcr_err *err)
{
    const dcr_model *m = any_exam->model;
    dcr_concept_figures *f = dcr_alloc(any_exam->adversary->n_knows, sizeof *f);
    dcr_singling s = {0};
    json_t *list = json_array();
    size_t n = 0;
    dcr_status rc = f == NULL || list == NULL
                        ? dcr_nomem(err)
                        : dcr_concept_figures_get(any_exam, f, &n, err);
    if (rc == DCR_OK && any_exam->applies)
        rc = dcr_singling_get(&s, any_exam, err);
    for (size_t i = 0; i < n && rc == DCR_OK; i++)
        if (json_array_append_new(list, concept_row(m, &f[i], &s)) != 0)
            rc = dcr_nomem(err);
    if (rc == DCR_OK)
        rc = dcr_put(adv, "unique_keys", unique_keys(m, &s, dcr_policy_k(in->policy)),
                     err);
    if (rc == DCR_OK)
        rc =
            dcr_put(adv, "unique_keys_more", json_integer((json_int_t)s.n_left_out), err);
    dcr_singling_clear(&s);
    dcr_free(f);
    if (rc == DCR_OK)
        return dcr_put(adv, "concepts", list, err);
    json_decref(list);
    return rc;
}

static dcr_status fill(json_t *adv, const dcr_report_input *in, const dcr_adversary *a,
                       const dcr_names *names, dcr_err *err)
{
    const dcr_model *m = in->model;
    json_t *views = json_array();
    dcr_naive naive = {0, 0};
    const dcr_risk *any_exam = NULL;
    dcr_status rc = dcr_put(adv, "knows", knows(m, a, names), err);
    for (size_t i = 0; i < in->n_risks && rc == DCR_OK; i++)
        if (strcmp(in->risks[i]->adversary->id, a->id) == 0) {
            any_exam = any_exam == NULL ? in->risks[i] : any_exam; /* the first view */
            rc = add_view(views, in, in->risks[i], err);
        }
    if (rc != DCR_OK) {
        json_decref(views);
        return rc;
    }
    rc = dcr_put(adv, "views", views, err);
    if (rc == DCR_OK && any_exam == NULL) { /* judged by linkage, not by k */
        rc = dcr_put(adv, "concepts", json_array(), err);
        if (rc == DCR_OK)
            rc = dcr_put(adv, "naive", json_object(), err);
        return rc == DCR_OK ? dcr_put(adv, "unique_keys", json_array(), err) : rc;
    }
    if (rc == DCR_OK)
        rc = put_concepts(adv, in, any_exam, err);
    if (rc == DCR_OK)
        rc = dcr_naive_get(any_exam, &naive, err);
    if (rc == DCR_OK)
        rc = dcr_put(adv, "naive",
                     json_pack("{s:I, s:I}", "k_min_files", (json_int_t)naive.k_min_files,
                               "k_min_studies", (json_int_t)naive.k_min_studies),
                     err);
    return rc;
}

/* The adversary as it was judged: shifted dates may have been left out of what it knows.
 */
static const dcr_adversary *as_judged(const dcr_report_input *in, const dcr_adversary *a)
{
    for (size_t i = 0; i < in->n_risks; i++)
        if (strcmp(in->risks[i]->adversary->id, a->id) == 0)
            return in->risks[i]->adversary;
    return a;
}

static dcr_status add(json_t *list, const dcr_report_input *in, const dcr_adversary *rule,
                      const dcr_names *names, dcr_err *err)
{
    const dcr_adversary *a = as_judged(in, rule);
    json_t *adv = json_pack(
        "{s:s, s:s, s:s, s:o}", "id", a->id, "title", a->title, "target", a->target,
        "note", a->note == NULL || *a->note == '\0' ? json_null() : json_string(a->note));
    dcr_status rc = adv == NULL ? dcr_nomem(err) : fill(adv, in, a, names, err);
    if (rc == DCR_OK && json_array_append(list, adv) != 0)
        rc = dcr_nomem(err);
    json_decref(adv);
    return rc;
}

dcr_status dcr_report_adversaries(json_t *doc, const dcr_report_input *in,
                                  const dcr_names *names, dcr_err *err)
{
    size_t n = 0;
    const dcr_adversary *a = dcr_rules_adversaries(in->rules, &n);
    json_t *list = json_array();
    dcr_status rc = list == NULL ? dcr_nomem(err) : DCR_OK;
    for (size_t i = 0; i < n && rc == DCR_OK; i++)
        rc = add(list, in, &a[i], names, err);
    if (rc == DCR_OK && dcr_policy_own_levels(in->policy))
        rc = add(list, in, dcr_policy_adversary(in->policy), names, err);
    if (rc == DCR_OK)
        return dcr_put(doc, "adversaries", list, err);
    json_decref(list);
    return rc;
}
