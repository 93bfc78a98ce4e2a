/* A gate that fails only on what is new or worse than in an older report.
 *
 * JSON in, JSON out.  What cannot be compared is not let pass.  Numbers only fall: a
 * criterion that is let pass keeps the number that was found now, which is no higher than
 * the baseline's, and so is the next baseline's. */
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "json_view.h"
#include "parts.h"
#include "plural.h"

typedef struct held { /* one report held against another */
    json_t *now;      /* changed */
    const json_t *then;
    json_t *at;         /* rule and path -> finding of `then`; null: several */
    json_t *not_masked; /* owned until it is put */
    json_t *masked;
    json_int_t known, fresh, worse, gone;
    const char *digest, *time;
} held;

/* ---- may it be a baseline at all ---- */

static dcr_status refuse(dcr_err *err, const char *why)
{
    return dcr_fail(err, DCR_EARG, "baseline", "%s", why);
}

static bool same(const json_t *a, const json_t *b, const char *object, const char *key)
{
    const json_t *x = json_object_get(dcr_view_obj(a, object), key),
                 *y = json_object_get(dcr_view_obj(b, object), key);
    return x != NULL && y != NULL && json_equal(x, y);
}

static bool same_rules(const json_t *a, const json_t *b)
{
    return same(dcr_view_obj(a, "tool"), dcr_view_obj(b, "tool"), "rules", "digest");
}

/* Files that were not read make patients look rarer than they are. */
static bool read_whole(const json_t *then)
{
    const json_t *all = dcr_view_arr(dcr_view_obj(then, "verdict"), "criteria");
    double unread = 1;
    if (!dcr_view_num(dcr_view_obj(then, "dataset"), "unreadable_files", &unread) ||
        unread > 0)
        return false;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *c = json_array_get(all, i);
        if (strcmp(dcr_view_str(c, "unit"), "files") == 0 && dcr_view_red(c))
            return false;
    }
    return true;
}

static dcr_status comparable(const held *h, dcr_err *err)
{
    const json_t *options = dcr_view_obj(dcr_view_obj(h->then, "run"), "options");
    const char *audience = dcr_view_str(options, "audience"),
               *title = dcr_view_str(dcr_view_obj(h->now, "project"), "title"),
               *other = dcr_view_str(dcr_view_obj(h->then, "project"), "title");
    if (json_object_get(options, "audience") != NULL && strcmp(audience, "internal") != 0)
        return refuse(err, "it is a public edition, whose small numbers are left out: "
                           "take the report.json that it was made from");
    if (!same(h->now, h->then, "policy", "digest") ||
        !same(h->now, h->then, "policy", "name"))
        return refuse(err, "it was judged by another policy, or another version of it: "
                           "make a new one by this policy");
    if (!same(h->now, h->then, "policy", "adversary"))
        return refuse(err, "it was judged against another adversary: make a new one");
    if (!same_rules(h->now, h->then))
        return refuse(err, "it was made with other rules, so that its numbers cannot be "
                           "compared: make a new one with these");
    if (title[0] != '\0' && other[0] != '\0' && strcmp(title, other) != 0)
        return refuse(err,
                      "its project file has another title: it is of another release");
    if (!read_whole(h->then))
        return refuse(err,
                      "not all files were read for it: make a new one when they are");
    return DCR_OK;
}

dcr_status dcr_report_baseline_fits(const json_t *older, const dcr_policy *policy,
                                    const dcr_rules *rules, const dcr_project *project,
                                    dcr_err *err)
{
    /* What a report of this run will say of them. */
    json_t *now = json_pack("{s:{s:s, s:s, s:s}, s:{s:{s:s}}, s:O}", "policy", "name",
                            dcr_policy_name(policy), "digest", dcr_policy_digest(policy),
                            "adversary", dcr_policy_adversary(policy)->id, "tool",
                            "rules", "digest", dcr_rules_digest(rules), "project",
                            dcr_project_json(project));
    const held h = {.now = now, .then = older};
    dcr_status st = now == NULL ? dcr_nomem(err) : comparable(&h, err);
    json_decref(now);
    return st;
}

/* ---- findings ---- */

static void key_of(dcr_buf *b, const json_t *finding)
{
    b->n = 0;
    dcr_buf_fmt(b, "%s\n%s", dcr_view_str(finding, "rule"),
                dcr_view_str(finding, "path"));
}

/* No more than then; what is not said in both cannot be told. */
static bool no_more(const json_t *now, const json_t *then, const char *key)
{
    double a, b;
    return dcr_view_num(now, key, &a) && dcr_view_num(then, key, &b) && a <= b;
}

static bool accepted(const json_t *finding)
{
    return !json_is_null(json_object_get(finding, "acceptance"));
}

static const char *state_of(const json_t *now, const json_t *then)
{
    if (!json_is_object(then))
        return "new";
    if (dcr_view_severity(dcr_view_str(now, "severity")) >
            dcr_view_severity(dcr_view_str(then, "severity")) ||
        (accepted(then) && !accepted(now)) || !no_more(now, then, "subjects") ||
        !no_more(now, then, "studies") || !no_more(now, then, "series") ||
        !no_more(now, then, "files"))
        return "worse";
    return "known";
}

static dcr_status index_findings(held *h, dcr_buf *b, dcr_err *err)
{
    const json_t *all = dcr_view_arr(h->then, "findings");
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *f = json_array_get(all, i);
        key_of(b, f);
        if (b->failed || (json_object_get(h->at, b->p) == NULL
                              ? json_object_set(h->at, b->p, f)
                              : json_object_set_new(h->at, b->p, json_null())) != 0)
            return dcr_nomem(err);
    }
    h->gone = (json_int_t)json_object_size(h->at);
    return DCR_OK;
}

static dcr_status mark_findings(held *h, dcr_buf *b, dcr_err *err)
{
    const json_t *all = dcr_view_arr(h->now, "findings");
    dcr_status st = index_findings(h, b, err);
    for (size_t i = 0; st == DCR_OK && i < json_array_size(all); i++) {
        json_t *f = json_array_get(all, i);
        const json_t *then;
        const char *state;
        key_of(b, f);
        if (b->failed)
            return dcr_nomem(err);
        then = json_object_get(h->at, b->p);
        state = state_of(f, then);
        h->gone -= then != NULL;
        h->fresh += strcmp(state, "new") == 0;
        h->worse += strcmp(state, "worse") == 0;
        h->known += strcmp(state, "known") == 0;
        st = dcr_put(f, "baseline", json_string(state), err);
    }
    return st;
}

/* ---- criteria ---- */

typedef struct ruling {
    bool pass; /* is let pass */
    const char *state;
    char why[160];
} ruling;

static size_t open_not_known(const held *h, const char *criterion)
{
    const json_t *all = dcr_view_arr(h->now, "findings");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *f = json_array_get(all, i);
        n += strcmp(dcr_view_str(f, "gate"), criterion) == 0 && !accepted(f) &&
             strcmp(dcr_view_str(f, "baseline"), "known") != 0;
    }
    return n;
}

/* A limit that is a share moves with the size of the release: then the number must not
 * have grown beyond it, either. */
static bool within(const json_t *now, const json_t *then)
{
    double found, limit, old_found, old_limit;
    if (!dcr_view_num(now, "found", &found) || !dcr_view_num(then, "found", &old_found) ||
        !dcr_view_num(now, "limit", &limit) || !dcr_view_num(then, "limit", &old_limit))
        return false;
    return found <= old_found &&
           (limit == old_limit || found * old_limit <= old_found * limit);
}

static void not_met_then(ruling *r, const json_t *then)
{
    const char *was = dcr_view_str(then, "result");
    if (then == NULL)
        snprintf(r->why, sizeof r->why, "the baseline does not have it");
    else if (strcmp(was, "pass") == 0)
        snprintf(r->why, sizeof r->why, "it was met in the baseline");
    else if (strcmp(was, "accepted") == 0 &&
             strcmp(dcr_view_str(then, "baseline"), "known") != 0) {
        r->state = "worse";
        snprintf(r->why, sizeof r->why, "it was accepted then, and is not any more");
    } else if (strcmp(was, "accepted") != 0 && strcmp(was, "fail") != 0 &&
               strcmp(was, "review") != 0)
        snprintf(r->why, sizeof r->why, "the baseline could not decide it");
}

static ruling rule_on(const held *h, const json_t *now, const json_t *then)
{
    const char *id = dcr_view_str(now, "id");
    ruling r = {.state = "new"};
    size_t n = open_not_known(h, id);
    not_met_then(&r, then);
    if (r.why[0] != '\0')
        return r;
    r.state = "worse";
    if (strcmp(id, "direct-identifiers") == 0)
        snprintf(r.why, sizeof r.why, "direct identifiers are never let pass");
    else if (strcmp(dcr_view_str(now, "unit"), dcr_view_str(then, "unit")) != 0 ||
             !within(now, then))
        snprintf(r.why, sizeof r.why,
                 "it is worse than in the baseline, or cannot be "
                 "compared");
    else if (n > 0)
        snprintf(r.why, sizeof r.why, "%zu of its findings are new or worse", n);
    else {
        r.state = "known";
        r.pass = true;
    }
    return r;
}

static json_t *why_passed(const held *h, const json_t *now, const json_t *then)
{
    char found[160];
    const char *why = dcr_view_str(now, "why");
    dcr_view_scalar(found, sizeof found, json_object_get(then, "found"), "", "-");
    return json_sprintf("no worse than in the baseline of %s (%s), where it was %s%s%s",
                        h->time, h->digest, found, why[0] == '\0' ? "" : "; ", why);
}

static dcr_status judge(held *h, json_t *now, const json_t *then, dcr_err *err)
{
    const char *id = dcr_view_str(now, "id");
    const ruling r = rule_on(h, now, then);
    dcr_status st = dcr_put(now, "baseline", json_string(r.state), err);
    if (st == DCR_OK && r.pass)
        st = dcr_put(now, "why", why_passed(h, now, then), err);
    if (st == DCR_OK && r.pass)
        st = dcr_put(now, "result", json_string("accepted"), err);
    if (st != DCR_OK)
        return st;
    if (r.pass ? json_array_append_new(h->masked, json_string(id)) != 0
               : json_array_append_new(h->not_masked, json_pack("{s:s, s:s}", "criterion",
                                                                id, "why", r.why)) != 0)
        return dcr_nomem(err);
    return DCR_OK;
}

static dcr_status judge_all(held *h, dcr_err *err)
{
    const json_t *now = dcr_view_arr(dcr_view_obj(h->now, "verdict"), "criteria"),
                 *then = dcr_view_arr(dcr_view_obj(h->then, "verdict"), "criteria");
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < json_array_size(now); i++) {
        json_t *c = json_array_get(now, i);
        const char *result = dcr_view_str(c, "result");
        if (strcmp(result, "fail") == 0 || strcmp(result, "review") == 0)
            st = judge(h, c, dcr_view_find(then, "id", dcr_view_str(c, "id")), err);
    }
    return st;
}

/* ---- what it says ---- */

/* The verdict's words begin with how many criteria fail: that part is said anew. */
static dcr_status say_verdict(held *h, const dcr_buf *was, dcr_err *err)
{
    json_t *verdict = json_object_get(h->now, "verdict");
    const json_t *criteria = dcr_view_arr(verdict, "criteria");
    const char *sentence = dcr_view_str(verdict, "sentence");
    dcr_buf is = {0};
    dcr_status st;
    dcr_verdict_opening(&is, criteria);
    if (strncmp(sentence, was->p, was->n) == 0)
        sentence += was->n;
    dcr_buf_str(&is, sentence);
    st =
        is.failed ? dcr_nomem(err) : dcr_put(verdict, "sentence", json_string(is.p), err);
    dcr_buf_clear(&is);
    if (st == DCR_OK)
        st = dcr_put(verdict, "result", json_string(dcr_verdict_result(criteria)), err);
    return st;
}

static dcr_status say_assumption(held *h, const char *sentence, dcr_err *err)
{
    json_t *all = json_object_get(h->now, "assumptions");
    return json_array_append_new(all, json_string(sentence)) == 0 ? DCR_OK
                                                                  : dcr_nomem(err);
}

static dcr_status say_baseline(held *h, dcr_err *err)
{
    char s[520];
    size_t n = json_array_size(h->masked);
    dcr_status st;
    snprintf(s, sizeof s,
             "The gate was held against the baseline of %.40s (SHA-256 %s): %zu %s"
             " not met %s let pass, being no worse than there. It"
             " compares counts: other patients of the same number look the same.",
             h->time, h->digest, n, dcr_plural((double)n, "criteria that are"),
             dcr_plural((double)n, "are"));
    st = dcr_put(h->now, "baseline",
                 json_pack("{s:s, s:s, s:s, s:O, s:O, s:{s:I, s:I, s:I, s:I}}", "time",
                           h->time, "digest", h->digest, "sentence", s, "masked",
                           h->masked, "not_masked", h->not_masked, "findings", "known",
                           h->known, "new", h->fresh, "worse", h->worse, "gone",
                           h->gone < 0 ? 0 : h->gone),
                 err);
    return st == DCR_OK ? say_assumption(h, s, err) : st;
}

dcr_status dcr_report_baseline(json_t *report, const json_t *older, const char *digest,
                               dcr_err *err)
{
    const char *time = dcr_view_str(dcr_view_obj(older, "run"), "time");
    held h = {.now = report,
              .then = older,
              .at = json_object(),
              .not_masked = json_array(),
              .masked = json_array(),
              .digest = digest,
              .time = time[0] == '\0' ? "an unknown time" : time};
    dcr_buf key = {0}, opening = {0};
    dcr_status st = comparable(&h, err);
    dcr_verdict_opening(&opening,
                        dcr_view_arr(dcr_view_obj(report, "verdict"), "criteria"));
    if (st == DCR_OK &&
        (h.at == NULL || h.not_masked == NULL || h.masked == NULL || opening.failed))
        st = dcr_nomem(err);
    if (st == DCR_OK)
        st = mark_findings(&h, &key, err);
    if (st == DCR_OK)
        st = judge_all(&h, err);
    if (st == DCR_OK)
        st = say_verdict(&h, &opening, err);
    if (st == DCR_OK)
        st = say_baseline(&h, err);
    json_decref(h.at);
    json_decref(h.not_masked);
    json_decref(h.masked);
    dcr_buf_clear(&key);
    dcr_buf_clear(&opening);
    return st;
}
