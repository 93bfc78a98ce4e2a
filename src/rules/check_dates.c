/* What the date laboratory found. */
#include "check.h"

typedef struct params {
    dcr_strings tests; /* ids of its tests */
} params;

static const dcr_param spec[] = {
    {"tests", DCR_P_STRINGS, offsetof(params, tests), true},
    {NULL, DCR_P_STRING, 0, false},
};

static const char *const known[] = {
    "twin-one-shift", "twin-per-subject", "twin-time",       "future",
    "before-class",   "before-device",    "before-birth",    "age",
    "zone",           "fraction",         "one-shift",       "looks-true",
    "times-kept",     "declared-true",    "tool-identifier", "tool-one-shift",
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    static const dcr_strings all = {known, sizeof known / sizeof *known};
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    for (size_t i = 0; st == DCR_OK && i < p->tests.n; i++)
        if (!dcr_strings_have(&all, p->tests.s[i]))
            st =
                dcr_rule_fail(src->file, p->tests.s[i], err,
                              "the date laboratory has no test \"%.40s\"", p->tests.s[i]);
    *out = p;
    return st;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    const dcr_dates *d = c->evidence->dates;
    dcr_status st = DCR_OK;
    for (size_t i = 0; d != NULL && st == DCR_OK && i < d->n_tests; i++) {
        const dcr_date_test *t = &d->tests[i];
        dcr_hit hit;
        if (!dcr_strings_have(&p->tests, t->id))
            continue;
        dcr_hit_init(&hit, t->attr);
        hit.detail = t->detail;
        for (uint32_t k = 0; k < t->n_series; k++) {
            dcr_hit_series(&hit, t->series[k]);
            hit.files += c->model->series[t->series[k]].files;
        }
        st = dcr_check_add(c, &hit, err);
    }
    return st;
}

const dcr_check dcr_check_dates = {"dates", "what the date laboratory found",
                                   DCR_PHASE_FIRST, compile, run};
