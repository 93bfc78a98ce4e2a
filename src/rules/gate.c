/* The gate: what was measured against the limits of a policy. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "acceptance.h"
#include "alloc.h"
#include "json_text.h"
#include "plural.h"
#include "policy.h"
#include "project.h"

typedef enum outcome { PASS, FAIL, REVIEW, ACCEPTED, INCONCLUSIVE } outcome;
static const char *const outcome_name[] = {"pass", "fail", "review", "accepted",
                                           "inconclusive"};

typedef struct verdict { /* of one criterion */
    outcome result;
    json_t *found, *limit, *share; /* owned; share: the limit as one, NULL: it is none */
    const char *unit;
    char why[240];
} verdict;

typedef struct gate_run {
    const dcr_policy *p;
    const dcr_gate_input *in;
    dcr_gate *out;
} gate_run;

typedef struct limit { /* at most num/den of n; den 0: only reported */
    uint64_t num, den;
    bool absolute;
} limit;

static limit limit_of(const json_t *c)
{
    const json_t *at_most = json_object_get(c, "at_most"),
                 *share = json_object_get(c, "at_most_share");
    limit l = {0, 0, false};
    if (json_is_integer(at_most)) {
        l.num = (uint64_t)json_integer_value(at_most);
        l.den = 1;
        l.absolute = true;
    } else if (share != NULL) {
        l.num = (uint64_t)json_integer_value(json_array_get(share, 0));
        l.den = (uint64_t)json_integer_value(json_array_get(share, 1));
    }
    return l;
}

/* count <= limit, in whole numbers. */
static bool within(const limit *l, uint64_t count, uint64_t n)
{
    return l->den == 0 || dcr_count_within(count, n, l->num, l->den, l->absolute);
}

static uint64_t most(const limit *l, uint64_t n)
{
    return l->absolute ? l->num : n * l->num / l->den;
}

static outcome then_of(const json_t *c)
{
    const char *then = dcr_json_text(c, "then");
    return strcmp(then, "review") == 0         ? REVIEW
           : strcmp(then, "inconclusive") == 0 ? INCONCLUSIVE
                                               : FAIL;
}

static void why(verdict *v, const char *fmt, ...) DCR_PRINTF(2, 3);
static void why(verdict *v, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(v->why, sizeof v->why, fmt, ap);
    va_end(ap);
}

static void count_against(verdict *v, const json_t *c, uint64_t count, uint64_t n)
{
    limit l = limit_of(c);
    v->found = json_integer((json_int_t)count);
    v->limit = l.den == 0 ? json_null() : json_integer((json_int_t)most(&l, n));
    v->result = within(&l, count, n) ? PASS : then_of(c);
    if (l.den == 0)
        why(v, "reported, not gated");
    else if (!l.absolute) {
        v->share = json_real((double)l.num / (double)l.den);
        why(v, "at most %llu of %llu, which is %.4g %%", (unsigned long long)most(&l, n),
            (unsigned long long)n, 100.0 * (double)l.num / (double)l.den);
    }
}

/* ---- kinds of criteria ---- */

static uint64_t below(const uint32_t *k, uint32_t n, uint32_t limit_k)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        count += k[i] < limit_k;
    return count;
}

static void judge_below(gate_run *g, const json_t *c, verdict *v)
{
    const dcr_risk *r = g->in->gated;
    uint32_t k = (uint32_t)json_integer_value(json_object_get(c, "k"));
    v->unit = "patients";
    count_against(v, c, below(r->k, r->n_subjects, k), r->n_subjects);
    if (r->n_subjects > 0 && r->n_subjects < k && v->result != PASS)
        why(v, "unattainable at this size: the release has fewer than %u patients", k);
    else if (!r->applies && r->n_subjects >= k)
        why(v, "%s", r->note);
}

static double mean_risk(const uint32_t *k, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += 1.0 / k[i];
    return n == 0 ? 0 : sum / n;
}

static bool mean_within(const limit *l, double mean)
{
    return l->den == 0 || dcr_mean_within(mean, l->num, l->den);
}

/* Average of r, against a limit num/den. */
static void judge_average(gate_run *g, const json_t *c, verdict *v)
{
    const dcr_risk *r = g->in->gated;
    limit l = limit_of(c);
    double mean = mean_risk(r->k, r->n_subjects);
    v->unit = "risk";
    v->found = json_real(mean);
    v->limit = l.den == 0 ? json_null() : json_real((double)l.num / (double)l.den);
    v->result = mean_within(&l, mean) ? PASS : then_of(c);
    if (l.den == 0)
        why(v, "reported, not gated");
}

static void judge_unique(const dcr_risk *r, const json_t *c, verdict *v)
{
    v->unit = "patients";
    if (r == NULL || r->refused) {
        v->result = INCONCLUSIVE;
        why(v, "not computed%s%s", r == NULL ? "" : ": ", r == NULL ? "" : r->note);
        return;
    }
    count_against(v, c, below(r->k, r->n_subjects, 2), r->n_subjects);
    if (v->why[0] == '\0' && r->note[0] != '\0')
        why(v, "%s", r->note);
}

/* ---- unique by two exams or by intervals ---- */

/* The policy's adversary knows the day of an exam, as long as no shift hides it. */
static bool knows_days(const gate_run *g)
{
    const dcr_adversary *a = dcr_policy_adversary(g->p);
    size_t n;
    const dcr_concept *c = dcr_rules_concepts(g->in->model->rules, &n);
    for (size_t i = 0; i < a->n_knows; i++)
        if (strcmp(c[a->knows[i].concept].id, "exam_date") == 0)
            return strcmp(a->knows[i].level, "day") == 0;
    return false;
}

static bool pairs_refused(const gate_run *g)
{
    return g->in->interval_pairs != NULL && g->in->interval_pairs->refused &&
           knows_days(g);
}

/* Subjects with k below 2 (`two_k`: by two exams) or unique by intervals.  Nobody without
 * a PatientID has two exams, so that intervals are the same for k and k_low. */
static uint64_t unique_by_any(const gate_run *g, const uint32_t *two_k)
{
    const dcr_risk *r = g->in->two_exams;
    const dcr_interval_pairs *pairs = g->in->interval_pairs;
    uint64_t n = 0;
    if (!knows_days(g))
        return below(two_k, r->n_subjects, 2);
    for (uint32_t s = 0; s < g->in->model->n_subjects; s++) {
        uint32_t at = r->number == NULL ? s : r->number[s] - 1;
        if (r->number != NULL && r->number[s] == 0)
            continue;
        n += two_k[at] < 2 || (g->in->intervals != NULL && g->in->intervals[s] == 1) ||
             (pairs != NULL && pairs->k != NULL && pairs->k[at] == 1);
    }
    return n;
}

static void judge_two_exams(gate_run *g, const json_t *c, verdict *v)
{
    const dcr_risk *r = g->in->two_exams;
    uint64_t all, more;
    if (r == NULL || r->refused || pairs_refused(g)) {
        v->unit = "patients";
        v->result = INCONCLUSIVE;
        why(v, "not computed%s%s", r == NULL ? "" : ": ",
            r == NULL    ? ""
            : r->refused ? r->note
                         : g->in->interval_pairs->note);
        return;
    }
    all = unique_by_any(g, r->k);
    more = all - below(r->k, r->n_subjects, 2);
    v->unit = "patients";
    count_against(v, c, all, r->n_subjects);
    if (more > 0) {
        size_t n = strlen(v->why);
        snprintf(v->why + n, sizeof v->why - n,
                 "%s%llu of them only by the days between their exams",
                 n == 0 ? "" : "; ", (unsigned long long)more);
    }
    if (v->why[0] == '\0' && r->note[0] != '\0')
        why(v, "%s", r->note);
}

static bool two_exams_differ(const gate_run *g, const limit *l)
{
    const dcr_risk *r = g->in->two_exams;
    return r != NULL && !r->refused && !pairs_refused(g) &&
           within(l, unique_by_any(g, r->k), r->n_subjects) !=
               within(l, unique_by_any(g, r->k_low), r->n_subjects);
}

/* ---- what else is wrong, or was not looked at ---- */

static void judge_findings(gate_run *g, const json_t *c, verdict *v)
{
    const dcr_findings *f = g->in->findings;
    uint64_t open = 0, all = 0;
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->list[i].gate, dcr_json_text(c, "id")) == 0) {
            all++;
            open += g->out->accepted[i] == NULL;
        }
    v->unit = "findings";
    count_against(v, c, open, 0);
    if (open < all) {
        v->result = v->result == PASS ? ACCEPTED : v->result;
        why(v, "%llu of %llu accepted in the project file",
            (unsigned long long)(all - open), (unsigned long long)all);
    }
}

static void judge_coverage(gate_run *g, const json_t *c, verdict *v)
{
    const dcr_dataset *d = &g->in->model->data;
    uint64_t unread = d->unreadable_files + d->unread_other + d->undecodable_files;
    v->unit = "files";
    v->found = json_integer((json_int_t)unread);
    v->limit = json_integer(0);
    v->result = unread == 0 && d->complete && d->files > 0 ? PASS : then_of(c);
    if (d->files == 0)
        why(v, "there are no files");
    else if (d->part)
        why(v, "only some shards of the dataset were scanned; merge all of them");
    else if (!d->complete)
        why(v, "the scan did not come to its end");
    else if (unread > 0)
        why(v,
            "%llu not read to their end, %llu not DICOM and not read, %llu with text "
            "that could"
            " not be decoded",
            (unsigned long long)d->unreadable_files, (unsigned long long)d->unread_other,
            (unsigned long long)d->undecodable_files);
}

static void judge_pixels(gate_run *g, const json_t *c, verdict *v)
{
    const dcr_pixels *p = g->in->pixels;
    uint64_t series = 0, open = 0;
    for (size_t i = 0; p != NULL && i < p->n; i++)
        if (p->groups[i].needs_look) {
            series += p->groups[i].series;
            open += dcr_project_pixels_reviewed(g->in->project, &p->groups[i])
                        ? 0
                        : p->groups[i].series;
        }
    v->unit = "series";
    v->found = json_integer((json_int_t)series);
    v->limit = json_integer(0);
    v->result = series == 0 && p != NULL ? PASS
                : open == 0 && p != NULL ? ACCEPTED
                                         : then_of(c);
    if (p == NULL)
        why(v, "not examined");
    else if (v->result == ACCEPTED)
        why(v, "reviewed, as the project file says");
    else if (open > 0)
        why(v,
            "%llu series that may show names or faces %s no review in the project file",
            (unsigned long long)open, dcr_plural((double)open, "have"));
}

static bool count_differs(const dcr_risk *r, const limit *l, uint32_t k)
{
    return r != NULL && !r->refused &&
           within(l, below(r->k, r->n_subjects, k), r->n_subjects) !=
               within(l, below(r->k_low, r->n_subjects, k), r->n_subjects);
}

/* Does any other criterion come out otherwise when inferred subjects may be one person?
 */
static void judge_bounds(gate_run *g, const json_t *c, verdict *v)
{
    const dcr_risk *r = g->in->gated;
    const json_t *list = json_object_get(dcr_policy_json(g->p), "criteria"), *other;
    size_t i;
    uint64_t differ = 0;
    json_array_foreach(list, i, other)
    {
        const char *kind = dcr_json_text(other, "kind");
        limit l = limit_of(other);
        if (strcmp(kind, "below") == 0)
            differ += count_differs(
                r, &l, (uint32_t)json_integer_value(json_object_get(other, "k")));
        else if (strcmp(kind, "unique-to-site") == 0)
            differ += count_differs(g->in->collaborating, &l, 2);
        else if (strcmp(kind, "two-exams") == 0)
            differ += two_exams_differ(g, &l);
        else if (strcmp(kind, "average") == 0)
            differ += mean_within(&l, mean_risk(r->k, r->n_subjects)) !=
                      mean_within(&l, mean_risk(r->k_low, r->n_subjects));
    }
    v->unit = "criteria";
    v->found = json_integer((json_int_t)differ);
    v->limit = json_integer(0);
    v->result = differ == 0 ? PASS : then_of(c);
    if (differ > 0)
        why(v,
            "%u %s without a PatientID may be one person or many: the verdict depends on "
            "it",
            g->in->model->data.inferred_subjects,
            dcr_plural(g->in->model->data.inferred_subjects, "patients"));
}

static void judge(gate_run *g, const json_t *c, verdict *v)
{
    const char *kind = dcr_json_text(c, "kind");
    if (strcmp(kind, "below") == 0)
        judge_below(g, c, v);
    else if (strcmp(kind, "average") == 0)
        judge_average(g, c, v);
    else if (strcmp(kind, "unique-to-site") == 0)
        judge_unique(g->in->collaborating, c, v);
    else if (strcmp(kind, "two-exams") == 0)
        judge_two_exams(g, c, v);
    else if (strcmp(kind, "findings") == 0)
        judge_findings(g, c, v);
    else if (strcmp(kind, "coverage") == 0)
        judge_coverage(g, c, v);
    else if (strcmp(kind, "pixels") == 0)
        judge_pixels(g, c, v);
    else
        judge_bounds(g, c, v);
    if (g->in->gated->n_subjects == 0 &&
        (strcmp(kind, "below") == 0 || strcmp(kind, "average") == 0)) {
        v->result = INCONCLUSIVE;
        why(v, "there is no patient in the dataset: nothing was judged");
    }
}

size_t dcr_policy_targets(const dcr_policy *p, dcr_target *list, size_t room, bool *low)
{
    const json_t *all = json_object_get(p->json, "criteria"), *c;
    size_t i, n = 0;
    *low = false;
    json_array_foreach(all, i, c)
    {
        const char *kind = dcr_json_text(c, "kind");
        bool average = strcmp(kind, "average") == 0;
        limit l = limit_of(c);
        *low = *low || strcmp(kind, "bounds") == 0;
        if ((!average && strcmp(kind, "below") != 0) || l.den == 0 || n == room)
            continue;
        list[n].id = dcr_json_text(c, "id");
        list[n].k = average ? 0 : (uint32_t)json_integer_value(json_object_get(c, "k"));
        list[n].num = l.num;
        list[n].den = l.den;
        list[n++].absolute = l.absolute;
    }
    return n;
}

/* ---- acceptances ---- */

static const char refused_why[] =
    "does not hold: above its ceiling, for longer than the policy allows, or the policy"
    " allows none";

static dcr_status remark(dcr_gate *g, const dcr_acceptance *a, const char *what,
                         dcr_err *err)
{
    json_t *s = json_sprintf("acceptance %s of rule %s %s",
                             *a->id == '\0' ? "(no id)" : a->id, a->rule, what);
    return json_array_append_new(g->remarks, s) == 0 ? DCR_OK : dcr_nomem(err);
}

/* A criterion to be reviewed is settled by an acceptance that names it in place of a
 * rule. */
static dcr_status accept_criterion(gate_run *g, const json_t *c, verdict *v, dcr_err *err)
{
    size_t n;
    dcr_acceptance *a = dcr_project_acceptances(g->in->project, &n);
    bool allowed = v->result == REVIEW && json_is_true(json_object_get(c, "acceptable"));
    uint64_t found = (uint64_t)json_integer_value(v->found);
    dcr_status rc = DCR_OK;
    for (size_t i = 0; i < n && rc == DCR_OK; i++) {
        if (strcmp(a[i].rule, dcr_json_text(c, "id")) != 0 || a[i].expires < g->in->today)
            continue;
        if (allowed && dcr_acceptance_short(&a[i], g->p, g->in->today) &&
            *a[i].path == '\0' && json_is_integer(v->found) && found <= a[i].ceiling) {
            v->result = ACCEPTED;
            why(v, "accepted in the project file");
        } else if (v->result != ACCEPTED) {
            rc = remark(g->out, &a[i],
                        v->result == PASS ? "matches no finding" : refused_why, err);
        }
    }
    return rc;
}

/* Marks accepted findings; acceptances that do nothing are findings of their own. */
static void apply_acceptances(gate_run *g)
{
    const dcr_findings *f = g->in->findings;
    size_t n;
    dcr_acceptance *a = dcr_project_acceptances(g->in->project, &n);
    for (size_t i = 0; i < n; i++) {
        if (!dcr_acceptance_valid(&a[i], g->in->today))
            continue;
        for (size_t k = 0; k < f->n; k++)
            if (dcr_acceptance_covers(&a[i], &f->list[k]) &&
                dcr_acceptance_holds(&a[i], &f->list[k], g->p, g->in->today))
                g->out->accepted[k] = *a[i].id == '\0' ? a[i].rule : a[i].id;
    }
}

/* ---- the whole ---- */

static dcr_status add(dcr_gate *g, const json_t *c, verdict *v, dcr_err *err)
{
    json_t *j = json_pack("{s:s, s:s, s:o?, s:o?, s:o*, s:s, s:s, s:s}", "id",
                          dcr_json_text(c, "id"), "title", dcr_json_text(c, "title"),
                          "found", v->found, "limit", v->limit, "limit_share", v->share,
                          "unit", v->unit == NULL ? "" : v->unit, "result",
                          outcome_name[v->result], "why", v->why);
    return j != NULL && json_array_append_new(g->criteria, j) == 0 ? DCR_OK
                                                                   : dcr_nomem(err);
}

dcr_status dcr_gate_run(dcr_gate *out, const dcr_policy *p, const dcr_gate_input *in,
                        dcr_err *err)
{
    const json_t *list = json_object_get(p->json, "criteria"), *c;
    gate_run g = {p, in, out};
    bool failed = false, open = false;
    size_t i;
    dcr_status rc;
    memset(out, 0, sizeof *out);
    out->criteria = json_array();
    out->remarks = json_array();
    out->n_accepted = in->findings->n;
    out->accepted = dcr_alloc(in->findings->n, sizeof *out->accepted);
    if (out->criteria == NULL || out->remarks == NULL || out->accepted == NULL)
        return dcr_nomem(err);
    apply_acceptances(&g);
    rc = DCR_OK;
    json_array_foreach(list, i, c)
    {
        verdict v = {.result = PASS};
        if (rc != DCR_OK)
            break;
        judge(&g, c, &v);
        rc = accept_criterion(&g, c, &v, err);
        failed = failed || v.result == FAIL || v.result == REVIEW;
        open = open || v.result == INCONCLUSIVE;
        if (rc == DCR_OK) {
            rc = add(out, c, &v, err);
        } else {
            json_decref(v.found);
            json_decref(v.limit);
            json_decref(v.share);
        }
    }
    /* What is not known outranks what is known to be wrong: never a clear "fail" over
     * half a scan. */
    out->result = open ? "inconclusive" : failed ? "fail" : "pass";
    return rc;
}

void dcr_gate_clear(dcr_gate *g)
{
    json_decref(g->criteria);
    json_decref(g->remarks);
    dcr_free(g->accepted);
    memset(g, 0, sizeof *g);
}
