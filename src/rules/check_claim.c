/* What files say of their own de-identification, against what is in them: only series
 * that make the statement and hold what speaks against it are counted. */
#include "claims.h"

typedef struct params {
    const json_t *claim_json, *unless_json, *against_json;
    dcr_conditions claim, unless;
    dcr_againsts against;
} params;

static const dcr_param spec[] = {
    {"claim", DCR_P_JSON, offsetof(params, claim_json), false},
    {"unless", DCR_P_JSON, offsetof(params, unless_json), false},
    {"against", DCR_P_JSON, offsetof(params, against_json), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    if (st == DCR_OK)
        st = dcr_conditions_read(src, p->claim_json, &p->claim, err);
    if (st == DCR_OK)
        st = dcr_conditions_read(src, p->unless_json, &p->unless, err);
    if (st == DCR_OK)
        st = dcr_againsts_read(r, src, p->against_json, &p->against, err);
    if (st == DCR_OK)
        p->claim_json = p->unless_json = p->against_json = NULL; /* they go now */
    *out = p;
    return st;
}

/* The series that make the statement; all of them when there is none to make. */
static dcr_status claimants(const dcr_check_run *c, const params *p, dcr_set *s,
                            dcr_err *err)
{
    dcr_set not = {0};
    dcr_status st = dcr_set_init(s, c->model, err);
    if (st == DCR_OK)
        st = dcr_set_init(&not, c->model, err);
    if (st == DCR_OK) {
        if (p->claim.n == 0)
            dcr_set_fill(s);
        dcr_conditions_add(c, &p->claim, s);
        dcr_conditions_add(c, &p->unless, &not );
        dcr_set_minus(s, &not );
    }
    dcr_set_clear(&not );
    return st;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    const dcr_attr *attr = dcr_conditions_attr(c, &p->claim);
    dcr_set within = {0};
    dcr_audit u = {0};
    char text[400];
    dcr_hit hit;
    dcr_status st = DCR_OK;
    if (p->claim.n > 0 && attr == NULL)
        return DCR_OK; /* nobody says so */
    dcr_hit_init(&hit, attr);
    st = claimants(c, p, &within, err);
    if (st == DCR_OK)
        st = dcr_audit_run(&u, c, &within, &p->against, err);
    for (uint32_t s = 0; st == DCR_OK && s < u.found.n; s++)
        if (dcr_set_has(&u.found, s)) {
            dcr_hit_series(&hit, s);
            hit.files += c->model->series[s].files;
        }
    if (st == DCR_OK && (hit.n_series > 0 || hit.failed)) {
        dcr_audit_say(&u, p->claim.n > 0 ? "patients whose files say so" : "patients",
                      text, sizeof text);
        hit.detail = text;
        st = dcr_check_add(c, &hit, err);
    }
    dcr_hit_clear(&hit);
    dcr_audit_clear(&u);
    dcr_set_clear(&within);
    return st;
}

const dcr_check dcr_check_claim = {"claim",
                                   "statements of the files against what is in them",
                                   DCR_PHASE_AFTER, compile, run};
