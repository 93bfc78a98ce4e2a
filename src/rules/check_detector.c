/* Values that look like an address, a date, a name where none belongs. */
#include <string.h>

#include "check.h"
#include "dcmrisk/scan.h"
#include "detect.h"

enum { DETECTORS_MAX = 8 };

typedef struct params {
    dcr_strings detectors;
    bool vocabulary; /* a match with a word of the vocabulary is none */
    const json_t *select_json;
    dcr_select select;
    const dcr_detector *detector[DETECTORS_MAX];
} params;

static const dcr_param spec[] = {
    {"detectors", DCR_P_STRINGS, offsetof(params, detectors), true},
    {"vocabulary", DCR_P_BOOL, offsetof(params, vocabulary), false},
    {"select", DCR_P_JSON, offsetof(params, select_json), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    if (st == DCR_OK)
        st = dcr_select_read(src, p->select_json, &p->select, err);
    if (st != DCR_OK)
        return st;
    p->select_json = NULL;
    if (p->detectors.n == 0 || p->detectors.n > DETECTORS_MAX)
        return dcr_rule_fail(src->file, "detectors", err, "1 to %d detectors",
                             DETECTORS_MAX);
    for (size_t i = 0; i < p->detectors.n; i++) {
        p->detector[i] = dcr_detector_find(p->detectors.s[i]);
        if (p->detector[i] == NULL)
            return dcr_rule_fail(src->file, p->detectors.s[i], err,
                                 "no detector \"%.40s\"", p->detectors.s[i]);
    }
    *out = p;
    return DCR_OK;
}

/* Bytes of an opaque attribute are looked at when they are plain text. */
static bool readable(const dcr_value *v)
{
    if ((v->flags & DCR_VALUE_DIGEST) != 0)
        return false;
    if ((v->flags & DCR_VALUE_BINARY) == 0)
        return true;
    for (size_t i = 0; i < v->len; i++) {
        uint8_t c = v->bytes[i];
        bool pad = c == 0 && i + 1 == v->len;
        if ((c < ' ' && c != '\t' && c != '\r' && c != '\n' && !pad) || c > 0x7E)
            return false;
    }
    return true;
}

static bool found(const dcr_check_run *c, const params *p, const dcr_value *v)
{
    dcr_text t;
    dcr_text_init(&t, c->rules->lexicon, v->bytes, v->len);
    for (size_t i = 0; i < p->detectors.n; i++) {
        dcr_span at = {0, 0};
        size_t from = 0;
        while (p->detector[i]->find(&t, from, &at)) {
            if (!p->vocabulary || !dcr_rules_vocabulary(c->rules, v->bytes + at.at, at.n))
                return true;
            from = at.at + at.n;
        }
    }
    return false;
}

/* True when the rule is about values that do not fit the attribute's VR: nobody knows
 * what they are, and neither VR nor family tells. */
static bool about_misfits(const params *p, const dcr_attr *a)
{
    dcr_attr unknown = *a;
    memcpy(unknown.vr, "UN", sizeof "UN");
    unknown.family = "";
    return dcr_select_match(&p->select, &unknown);
}

/* A creator that nobody knows is a text, which reserves a block or only stands there. */
static bool known_creator(const dcr_check_run *c, const dcr_attr *a, const dcr_value *v)
{
    return a->family != NULL && strcmp(a->family, "private_creator") == 0 &&
           dcr_rules_creator(c->rules, v->bytes, v->len);
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    const bool *misfits;
    dcr_status st = dcr_check_misfits(c, &misfits, err);
    for (size_t i = 0; st == DCR_OK && i < c->model->n_attrs; i++) {
        const dcr_attr *a = &c->model->attrs[i];
        bool all = dcr_select_match(&p->select, a);
        dcr_hit hit;
        if (!all && !(misfits[i] && about_misfits(p, a)))
            continue;
        dcr_hit_init(&hit, a);
        for (size_t k = 0; k < a->n_values; k++) {
            const dcr_value *v = &a->values[k];
            if (dcr_value_real(v) && readable(v) && (all || !dcr_value_fits(a->vr, v)) &&
                !known_creator(c, a, v) && found(c, p, v))
                dcr_hit_value(&hit, v);
        }
        st = dcr_check_add(c, &hit, err);
    }
    return st;
}

const dcr_check dcr_check_detector = {"detector",
                                      "values that look like something that identifies",
                                      DCR_PHASE_FIRST, compile, run};
