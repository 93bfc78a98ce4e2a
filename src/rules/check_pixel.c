/* Series whose headers say something of their pictures. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "pixel_rules.h"

enum { DETAIL_MAX = 200 };

typedef struct params {
    const char *kind, *at_least, *declared;
    dcr_strings content_classes, rules;
    uint64_t mask; /* of the conditions named; 0: any */
    dcr_pixel_kind risk;
    dcr_pixel_level level;
} params;

static const dcr_param spec[] = {
    {"kind", DCR_P_STRING, offsetof(params, kind), false},
    {"at_least", DCR_P_STRING, offsetof(params, at_least), false},
    {"declared", DCR_P_STRING, offsetof(params, declared), false},
    {"rules", DCR_P_STRINGS, offsetof(params, rules), false},
    {"content_classes", DCR_P_STRINGS, offsetof(params, content_classes), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    const dcr_pixel_rule *rule;
    size_t n = 0;
    if (st != DCR_OK)
        return st;
    rule = dcr_pixel_rules(r, &n);
    for (size_t i = 0; i < n && i < 64; i++)
        if (dcr_strings_have(&p->rules, rule[i].id))
            p->mask |= 1ull << i;
    *out = p;
    if (p->content_classes.n > 0)
        return DCR_OK;
    while (p->risk < DCR_PIXEL_KINDS &&
           strcmp(dcr_pixel_kind_name(p->risk), p->kind) != 0)
        p->risk++;
    while (p->level < DCR_PIXEL_LEVELS &&
           strcmp(dcr_pixel_level_name(p->level), p->at_least) != 0)
        p->level++;
    if (p->risk == DCR_PIXEL_KINDS || p->level == DCR_PIXEL_LEVELS)
        return dcr_rule_fail(src->file, "kind", err,
                             "\"kind\" and \"at_least\" name a risk and a level of "
                             "pixel-rules.json");
    return DCR_OK;
}

static bool wanted(const params *p, const dcr_pixel_group *g)
{
    if (p->content_classes.n > 0)
        return dcr_strings_have(&p->content_classes, g->content_class);
    if (strcmp(p->declared, "no") == 0 && !g->declared_no)
        return false;
    if (strcmp(p->declared, "not-yes") == 0 && g->declared_yes)
        return false;
    return g->level[p->risk] >= p->level && (p->mask == 0 || (g->rules & p->mask) != 0);
}

/* "by PX004, PX020": the conditions that hold in any of the groups. */
static void name_conditions(const params *p, const dcr_pixels *x, uint64_t rules,
                            char out[DETAIL_MAX])
{
    int n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < x->n_rules && n + 12 < DETAIL_MAX; i++)
        if ((rules >> i & 1) != 0 && x->kind[i] == p->risk && x->level[i] >= p->level)
            n += snprintf(out + n, DETAIL_MAX - (size_t)n, "%s%s", n == 0 ? "by " : ", ",
                          x->rule[i]);
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    const dcr_pixels *x = c->evidence->pixels;
    char detail[DETAIL_MAX];
    uint64_t rules = 0;
    dcr_hit hit;
    dcr_hit_init(&hit, NULL);
    for (uint32_t s = 0; x != NULL && s < c->model->n_series; s++) {
        uint32_t g = x->group_of[s];
        if (g == 0 || !wanted(p, &x->groups[g - 1]))
            continue;
        rules |= x->groups[g - 1].rules;
        dcr_hit_series(&hit, s);
        hit.files += c->model->series[s].files;
    }
    if (x != NULL && p->content_classes.n == 0) {
        name_conditions(p, x, rules, detail);
        hit.detail = detail;
    }
    return dcr_check_add(c, &hit, err);
}

const dcr_check dcr_check_pixel = {"pixel",
                                   "series by what their headers say of pictures",
                                   DCR_PHASE_FIRST, compile, run};
