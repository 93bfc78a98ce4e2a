/* Link keys that look as the source wrote them. */
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dcmrisk/scan.h"
#include "link_key.h"
#include "num.h"

typedef struct params {
    dcr_strings ids;  /* pairs: tag, fewest digits that look like a hospital's number */
    dcr_strings uids; /* families of UIDs */
    size_t min_share; /* per cent of the distinct values that must look so */
} params;

static const dcr_param spec[] = {
    {"ids", DCR_P_PAIRS, offsetof(params, ids), false},
    {"uid_families", DCR_P_STRINGS, offsetof(params, uids), false},
    {"min_share", DCR_P_UINT, offsetof(params, min_share), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    for (size_t i = 0; st == DCR_OK && i < p->ids.n; i += 2) {
        uint64_t digits;
        uint32_t tag;
        if (!dcr_tag_of(p->ids.s[i], strlen(p->ids.s[i]), &tag) ||
            !dcr_num_u64(p->ids.s[i + 1], 1, 12, &digits))
            return dcr_rule_fail(src->file, p->ids.s[i], err, "a tag and 1 to 12 digits");
    }
    *out = p;
    return st;
}

/* Fewest digits for an attribute that holds an ID, 0 when it is none of the list. */
static size_t min_digits(const params *p, const dcr_attr *a)
{
    dcr_path_tail t;
    uint32_t tag, want;
    uint64_t digits;
    dcr_path_split(a->path, &t);
    if (a->creator != NULL || t.sub != NULL || !dcr_tag_of(t.seg, t.n_seg, &tag))
        return 0;
    for (size_t i = 0; i < p->ids.n; i += 2)
        if (dcr_tag_of(p->ids.s[i], strlen(p->ids.s[i]), &want) && want == tag &&
            dcr_num_u64(p->ids.s[i + 1], 1, 12, &digits))
            return (size_t)digits;
    return 0;
}

static bool is_uid(const params *p, const dcr_attr *a)
{
    return a->creator == NULL && strcmp(a->vr, "UI") == 0 &&
           a->role == DCR_ROLE_QUASI_IDENTIFIER && dcr_strings_have(&p->uids, a->family);
}

static void judge_uids(const dcr_check_run *c, const dcr_attr *a, dcr_link_state *state)
{
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        bool text = (v->flags & (DCR_VALUE_BINARY | DCR_VALUE_DIGEST)) == 0;
        state[i] = dcr_value_real(v) && text ? dcr_link_uid(c->rules, v->bytes, v->len)
                                             : DCR_LINK_ABSENT;
    }
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < c->model->n_attrs; i++) {
        const dcr_attr *a = &c->model->attrs[i];
        size_t digits = min_digits(p, a);
        dcr_link_state *state;
        dcr_hit hit;
        if (digits == 0 && !is_uid(p, a))
            continue;
        state = dcr_alloc(a->n_values, sizeof *state);
        if (state == NULL)
            return dcr_nomem(err);
        if (digits > 0)
            dcr_link_ids(a, digits, state);
        else
            judge_uids(c, a, state);
        dcr_hit_init(&hit, a);
        for (size_t k = 0; k < a->n_values; k++)
            if (state[k] == DCR_LINK_SOURCE_LIKE)
                dcr_hit_value(&hit, &a->values[k]);
        dcr_free(state);
        /* A random number is a date now and then: a few of very many prove nothing. */
        if (hit.n_values * 100 >= p->min_share * a->n_values)
            st = dcr_check_add(c, &hit, err);
        else
            dcr_hit_clear(&hit);
    }
    return st;
}

const dcr_check dcr_check_link_key = {
    "link_key", "numbers and UIDs that look as the source wrote them", DCR_PHASE_FIRST,
    compile, run};
