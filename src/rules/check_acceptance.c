/* Acceptances of the project file that do nothing: expired, above their ceiling, of
 * nothing. Runs behind all other rules, for it reads what they found. */
#include <string.h>

#include "acceptance.h"
#include "buf.h"
#include "check.h"

enum { NAMED_MAX = 10 };

typedef enum acceptance_state { HOLDS, EXPIRED, UNMATCHED, REFUSED } acceptance_state;

static const char *const state_names[] = {"holds", "expired", "unmatched", "refused"};

typedef struct params {
    const char *state_name;
    acceptance_state state;
} params;

static const dcr_param spec[] = {
    {"state", DCR_P_STRING, offsetof(params, state_name), true},
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
    for (p->state = EXPIRED; p->state <= REFUSED; p->state++)
        if (strcmp(state_names[p->state], p->state_name) == 0)
            return DCR_OK;
    return dcr_rule_fail(src->file, p->state_name, err,
                         "\"state\" is \"expired\", \"unmatched\" or \"refused\"");
}

/* An acceptance of a criterion is the gate's to judge. */
static acceptance_state state_of(const dcr_check_run *c, const dcr_acceptance *a)
{
    const dcr_policy *policy = c->evidence->policy;
    size_t n;
    const dcr_finding *f = dcr_check_findings(c, &n);
    acceptance_state state = UNMATCHED;
    if (!dcr_acceptance_valid(a, c->evidence->today))
        return EXPIRED;
    if (policy != NULL && dcr_policy_criterion(policy, a->rule) != NULL)
        return HOLDS;
    for (size_t i = 0; i < n; i++) {
        if (!dcr_acceptance_covers(a, &f[i]))
            continue;
        if (dcr_acceptance_holds(a, &f[i], policy, c->evidence->today))
            return HOLDS;
        state = REFUSED;
    }
    return state;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    dcr_buf text = {0};
    dcr_status st;
    dcr_hit hit;
    size_t n = 0, found = 0;
    const dcr_acceptance *a = c->evidence->project == NULL
                                  ? NULL
                                  : dcr_project_acceptances(c->evidence->project, &n);
    dcr_hit_init(&hit, NULL);
    for (size_t i = 0; i < n; i++) {
        if (state_of(c, &a[i]) != p->state)
            continue;
        if (++found <= NAMED_MAX)
            dcr_buf_fmt(&text, "%s%s (rule %s)", found == 1 ? "" : ", ",
                        *a[i].id == '\0' ? "one without id" : a[i].id, a[i].rule);
    }
    if (found > NAMED_MAX)
        dcr_buf_fmt(&text, " and %zu more", found - NAMED_MAX);
    hit.fact = found > 0;
    hit.detail = text.p;
    hit.failed = text.failed;
    st = dcr_check_add(c, &hit, err);
    dcr_buf_clear(&text);
    return st;
}

const dcr_check dcr_check_acceptance = {"acceptance",
                                        "acceptances of the project file that do nothing",
                                        DCR_PHASE_LAST, compile, run};
