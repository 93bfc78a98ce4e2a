/* The verdict in words, and what to do next. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "json_view.h"
#include "parts.h"
#include "plural.h"

static bool result_is(const json_t *criterion, const char *word)
{
    const char *s = json_string_value(json_object_get(criterion, "result"));
    return s != NULL && strcmp(s, word) == 0;
}

static size_t count_results(const json_t *criteria, const char *word)
{
    const json_t *c;
    size_t i, n = 0;
    json_array_foreach(criteria, i, c) n += result_is(c, word);
    return n;
}

static uint32_t unique_subjects(const dcr_risk *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n_subjects; i++)
        n += r->k[i] == 1;
    return n;
}

static size_t gate_findings(const dcr_report_input *in, const char *gate)
{
    size_t n = 0;
    for (size_t i = 0; i < in->findings->n; i++)
        n += strcmp(in->findings->list[i].gate, gate) == 0 &&
             in->gate->accepted[i] == NULL;
    return n;
}

static void say_measured(const dcr_report_input *in, dcr_buf *b)
{
    const dcr_risk *r = in->gated;
    uint32_t unique = unique_subjects(r), k = dcr_policy_k(in->policy), below = 0;
    size_t direct = gate_findings(in, "direct-identifiers");
    char who[160];
    for (uint32_t i = 0; i < r->n_subjects; i++)
        below += r->k[i] < k;
    dcr_view_lower(who, sizeof who, r->adversary->title);
    if (r->n_subjects == 0)
        dcr_buf_str(b, " There is no patient in the dataset.");
    else if (unique > 0)
        dcr_buf_fmt(b, " %u of %u %s can be singled out by one exam, by %s.", unique,
                    r->n_subjects, dcr_plural(r->n_subjects, "patients"), who);
    else
        dcr_buf_fmt(b,
                    " No patient is unique to %s; %u of %u %s hidden among fewer"
                    " than %u.",
                    who, below, r->n_subjects, dcr_plural(below, "are"), k);
    if (direct > 0)
        dcr_buf_fmt(b, " Direct identifiers are left in %zu %s.", direct,
                    dcr_plural((double)direct, "places"));
}

/* What is not known outranks what is known to be wrong. */
const char *dcr_verdict_result(const json_t *criteria)
{
    if (count_results(criteria, "inconclusive") > 0)
        return "inconclusive";
    return count_results(criteria, "fail") + count_results(criteria, "review") > 0
               ? "fail"
               : "pass";
}

/* Criteria that have a limit; the others are only reported. */
static size_t count_limits(const json_t *criteria)
{
    const json_t *c;
    size_t i, n = 0;
    json_array_foreach(criteria, i, c) n += strcmp(dcr_view_result(c), "reported") != 0;
    return n;
}

/* Criteria that a baseline let pass; their result is "accepted". */
static size_t count_masked(const json_t *criteria)
{
    const json_t *c;
    size_t i, n = 0;
    json_array_foreach(criteria, i, c)
    {
        const char *s = json_string_value(json_object_get(c, "baseline"));
        n += s != NULL && strcmp(s, "known") == 0;
    }
    return n;
}

void dcr_verdict_opening(dcr_buf *b, const json_t *criteria)
{
    size_t n = count_limits(criteria), open = count_results(criteria, "inconclusive"),
           bad = count_results(criteria, "fail") + count_results(criteria, "review"),
           masked = count_masked(criteria),
           accepted = count_results(criteria, "accepted") - masked;
    const char *of = dcr_plural((double)n, "criteria");
    if (bad > 0)
        dcr_buf_fmt(b, "The gate fails on %zu of %zu %s.", bad, n, of);
    else if (n == 0)
        dcr_buf_str(b, "No criterion of the policy has a limit.");
    else if (open == 0 && masked == 0 && accepted > 0)
        dcr_buf_fmt(b, "All %zu %s of the policy %s met or accepted (%zu accepted).", n,
                    of, dcr_plural((double)n, "are"), accepted);
    else if (open == 0 && masked == 0)
        dcr_buf_fmt(b, "All %zu %s of the policy %s met.", n, of,
                    dcr_plural((double)n, "are"));
    if (masked > 0)
        dcr_buf_fmt(b,
                    "%s%zu of %zu %s %s not met and let pass, being no worse than in the"
                    " baseline.",
                    bad > 0 ? " " : "", masked, n, of, dcr_plural((double)masked, "are"));
    if (open > 0)
        dcr_buf_fmt(b,
                    "%s%zu of %zu %s cannot be decided: something was not read or"
                    " not looked at.",
                    bad + masked > 0 ? " " : "", open, n, of);
}

static dcr_status put_verdict(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    dcr_buf b = {0};
    json_t *sentence;
    dcr_verdict_opening(&b, in->gate->criteria);
    say_measured(in, &b);
    sentence = b.failed ? NULL : json_string(b.p);
    dcr_buf_clear(&b);
    return dcr_put(doc, "verdict",
                   json_pack("{s:s, s:o, s:O, s:O*}", "result", in->gate->result,
                             "sentence", sentence, "criteria", in->gate->criteria,
                             "recipients", in->recipients),
                   err);
}

/* ---- next steps ---- */

enum { MAX_STEPS = 8 };

/* Bytes of the first sentence: the rest of a remedy stands with its finding. */
static int first_sentence(const char *s)
{
    const char *end = strstr(s, ". ");
    return (int)(end == NULL ? strlen(s) : (size_t)(end + 1 - s));
}

/* Findings of a criterion that are left when the steps so far have been taken. */
static json_int_t left_after(const json_t *steps, const dcr_report_input *in,
                             const char *gate)
{
    for (size_t i = json_array_size(steps); i-- > 0;) {
        const json_t *step = json_array_get(steps, i);
        if (strcmp(json_string_value(json_object_get(step, "criterion")), gate) == 0)
            return json_integer_value(json_object_get(step, "after"));
    }
    return (json_int_t)gate_findings(in, gate);
}

/* Findings that fail the gate, by rule: each rule's remedy is one step. */
static void steps_from_findings(json_t *steps, const dcr_report_input *in)
{
    const dcr_findings *f = in->findings;
    const char *last = ""; /* findings of one rule stand together */
    for (size_t i = 0; i < f->n && json_array_size(steps) < MAX_STEPS - 3; i++) {
        size_t same = 0;
        bool first = true;
        if (*f->list[i].gate == '\0' || in->gate->accepted[i] != NULL ||
            strcmp(f->list[i].rule, last) == 0)
            continue;
        last = f->list[i].rule;
        for (size_t k = 0; k < f->n; k++)
            if (strcmp(f->list[k].rule, f->list[i].rule) == 0 &&
                in->gate->accepted[k] == NULL) {
                first = first && k >= i;
                same++;
            }
        json_int_t before = left_after(steps, in, f->list[i].gate);
        if (first)
            json_array_append_new(
                steps, json_pack("{s:o, s:s, s:I, s:I}", "change",
                                 json_sprintf("%s. %.*s", f->list[i].title,
                                              first_sentence(f->list[i].remedy),
                                              f->list[i].remedy),
                                 "criterion", f->list[i].gate, "before", before, "after",
                                 before - (json_int_t)same));
    }
}

static dcr_status put_steps(json_t *doc, const dcr_report_input *in,
                            const dcr_names *names, dcr_err *err)
{
    const dcr_dataset *d = &in->model->data;
    uint64_t unread = d->unreadable_files + d->unread_other + d->undecodable_files;
    json_t *steps = json_array();
    dcr_status rc;
    if (unread > 0)
        json_array_append_new(
            steps, json_pack("{s:s, s:s, s:I, s:i}", "change",
                             "Look at the files that were not read: repair them or"
                             " take them out",
                             "criterion", "unread-content", "before", (json_int_t)unread,
                             "after", 0));
    steps_from_findings(steps, in);
    rc = dcr_report_whatif(doc, steps, in, names, err);
    if (rc == DCR_OK)
        return dcr_put(doc, "steps", steps, err);
    json_decref(steps);
    return rc;
}

dcr_status dcr_report_verdict(json_t *doc, const dcr_report_input *in,
                              const dcr_names *names, dcr_err *err)
{
    dcr_status rc = put_verdict(doc, in, err);
    return rc == DCR_OK ? put_steps(doc, in, names, err) : rc;
}
