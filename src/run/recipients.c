#include "recipients.h"

#include <string.h>

#include "alloc.h"
#include "readings.h"

/* Everything that anybody of them knows, at their levels: the model makes columns of it.
 */
static dcr_status gather_known(dcr_recipients *o, const dcr_policy *in_force,
                               dcr_err *err)
{
    size_t n = dcr_policy_adversary(in_force)->n_knows, at = 0;
    for (size_t i = 0; i < o->n; i++)
        n += dcr_policy_adversary(o->policy[i])->n_knows;
    o->knows = dcr_alloc(n, sizeof *o->knows);
    if (o->knows == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i <= o->n; i++) {
        const dcr_adversary *a = dcr_policy_adversary(i < o->n ? o->policy[i] : in_force);
        memcpy(o->knows + at, a->knows, a->n_knows * sizeof *o->knows);
        at += a->n_knows;
    }
    o->known = *dcr_policy_adversary(in_force);
    o->known.knows = o->knows;
    o->known.n_knows = n;
    return DCR_OK;
}

dcr_status dcr_recipients_load(dcr_recipients *out, const dcr_rules *r,
                               const dcr_project *project, const dcr_policy *in_force,
                               dcr_err *err)
{
    size_t n;
    const dcr_recipient *list = dcr_project_recipients(project, &n);
    dcr_status rc = DCR_OK;
    memset(out, 0, sizeof *out);
    out->policy = dcr_alloc(n, sizeof *out->policy);
    out->fell_back = dcr_alloc(n, sizeof *out->fell_back);
    if (out->policy == NULL || out->fell_back == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n && rc == DCR_OK; i++) {
        const char *name =
            list[i].policy == NULL ? dcr_policy_name(in_force) : list[i].policy;
        rc = dcr_policy_load_for(&out->policy[i], r, name, list[i].adversary, project,
                                 &out->fell_back[i], err);
        out->n += rc == DCR_OK;
    }
    return rc == DCR_OK ? gather_known(out, in_force, err) : rc;
}

void dcr_recipients_clear(dcr_recipients *r)
{
    for (size_t i = 0; i < r->n; i++)
        dcr_policy_free(r->policy[i]);
    dcr_free(r->policy);
    dcr_free(r->fell_back);
    dcr_free(r->knows);
    memset(r, 0, sizeof *r);
}

/* Ids of the criteria with one of two results. */
static json_t *criteria_that(const json_t *all, const char *a, const char *b)
{
    json_t *list = json_array();
    const json_t *c;
    size_t i;
    json_array_foreach(all, i, c)
    {
        const char *result = json_string_value(json_object_get(c, "result"));
        if (result != NULL && (strcmp(result, a) == 0 || strcmp(result, b) == 0))
            json_array_append(list, json_object_get(c, "id"));
    }
    return list;
}

static json_t *row_of(const dcr_recipient *who, const dcr_policy *p, bool fell_back,
                      const dcr_gate *gate)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:b, s:s, s:o, s:o}", "name", who->name,
                     "policy", dcr_policy_name(p), "adversary",
                     dcr_policy_adversary(p)->id, "k", (json_int_t)dcr_policy_k(p),
                     "policy_fell_back", fell_back, "result", gate->result, "unmet",
                     criteria_that(gate->criteria, "fail", "review"), "undecided",
                     criteria_that(gate->criteria, "inconclusive", ""));
}

static dcr_status judge_one(json_t *list, const dcr_recipient *who, const dcr_policy *p,
                            bool fell_back, const dcr_rules *rules,
                            const dcr_gate_input *in, const dcr_dates *dates,
                            dcr_err *err)
{
    dcr_world world = {0};
    dcr_risk *any_exam = NULL, *two_exams = NULL;
    dcr_interval_pairs pairs = {0};
    dcr_gate gate = {0};
    dcr_gate_input own = *in;
    dcr_status rc = dcr_world_build(&world, rules, p, in->model, dates->holds, err);
    if (rc == DCR_OK)
        rc = dcr_risk_any_exam(&any_exam, in->model, &world.list[world.n], err);
    if (rc == DCR_OK)
        rc = dcr_risk_two_exams(&two_exams, any_exam, err);
    if (rc == DCR_OK)
        rc = dcr_interval_pairs_get(&pairs, any_exam, err);
    own.gated = any_exam;
    own.two_exams = two_exams;
    own.interval_pairs = &pairs;
    if (rc == DCR_OK)
        rc = dcr_gate_run(&gate, p, &own, err);
    if (rc == DCR_OK &&
        json_array_append_new(list, row_of(who, p, fell_back, &gate)) != 0)
        rc = dcr_nomem(err);
    dcr_gate_clear(&gate);
    dcr_interval_pairs_clear(&pairs);
    dcr_risk_free(two_exams);
    dcr_risk_free(any_exam);
    dcr_world_clear(&world);
    return rc;
}

dcr_status dcr_recipients_judge(json_t **out, const dcr_recipients *r,
                                const dcr_rules *rules, const dcr_gate_input *in,
                                const dcr_dates *dates, dcr_err *err)
{
    size_t n;
    const dcr_recipient *who = dcr_project_recipients(in->project, &n);
    dcr_status rc = DCR_OK;
    *out = json_array();
    if (*out == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < r->n && rc == DCR_OK; i++)
        rc = judge_one(*out, &who[i], r->policy[i], r->fell_back[i], rules, in, dates,
                       err);
    if (rc != DCR_OK) {
        json_decref(*out);
        *out = NULL;
    }
    return rc;
}
