#include "claims.h"

#include <string.h>

#include "alloc.h"
#include "dcmrisk/scan.h"
#include "detect.h"

#define METHOD      "0012,0063"
#define METHOD_CODE "0012,0064/0008,0100"

/* ---- sets ---- */

static size_t words(uint32_t n)
{
    return (size_t)n / 64 + 1;
}

dcr_status dcr_set_init(dcr_set *s, const dcr_model *m, dcr_err *err)
{
    s->n = m->n_series;
    s->w = dcr_alloc(words(s->n), sizeof *s->w);
    return s->w == NULL ? dcr_nomem(err) : DCR_OK;
}

void dcr_set_clear(dcr_set *s)
{
    dcr_free(s->w);
    *s = (dcr_set){0};
}

void dcr_set_fill(dcr_set *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        dcr_set_add(s, i);
}

void dcr_set_value(dcr_set *s, const dcr_value *v)
{
    for (uint32_t i = 0; v->in_series != NULL && i < v->series; i++)
        dcr_set_add(s, v->in_series[i]);
}

void dcr_set_minus(dcr_set *s, const dcr_set *other)
{
    for (size_t i = 0; i < words(s->n); i++)
        s->w[i] &= ~other->w[i];
}

uint32_t dcr_set_subjects(const dcr_set *s, const dcr_model *m)
{
    uint32_t n = 0, last = UINT32_MAX;
    for (uint32_t i = 0; i < s->n; i++) {
        if (!dcr_set_has(s, i) || dcr_series_subject(m, i) == last)
            continue;
        last = dcr_series_subject(m, i);
        n++;
    }
    return n;
}

/* ---- conditions ---- */

static const dcr_param condition_spec[] = {
    {"path", DCR_P_STRING, offsetof(dcr_condition, path), false},
    {"values", DCR_P_STRINGS, offsetof(dcr_condition, values), false},
    {"codes", DCR_P_STRINGS, offsetof(dcr_condition, codes), false},
    {"pixels", DCR_P_STRING, offsetof(dcr_condition, pixels), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status read_condition(const dcr_param_src *src, const json_t *e,
                                 dcr_condition *c, dcr_err *err)
{
    static const char *const pixels[] = {"", "face", "look"};
    dcr_status st = dcr_params_read(src, e, condition_spec, c, err);
    size_t i = 0;
    if (st != DCR_OK)
        return st;
    if ((c->path[0] != '\0') + (c->codes.n > 0) + (c->pixels[0] != '\0') != 1)
        return dcr_rule_fail(src->file, NULL, err,
                             "a condition has one of path, codes and pixels");
    while (i < sizeof pixels / sizeof *pixels && strcmp(pixels[i], c->pixels) != 0)
        i++;
    if (i == sizeof pixels / sizeof *pixels)
        return dcr_rule_fail(src->file, c->pixels, err, "no risk of pixels \"%.40s\"",
                             c->pixels);
    return DCR_OK;
}

dcr_status dcr_conditions_read(const dcr_param_src *src, const json_t *list,
                               dcr_conditions *out, dcr_err *err)
{
    dcr_status st = DCR_OK;
    size_t n = json_array_size(list);
    *out = (dcr_conditions){0};
    if (list != NULL && !json_is_array(list))
        return dcr_rule_fail(src->file, NULL, err, "conditions are a list");
    out->c = dcr_arena_alloc(src->arena, n, sizeof *out->c);
    if (out->c == NULL)
        return dcr_nomem(err);
    for (; st == DCR_OK && out->n < n; out->n++)
        st = read_condition(src, json_array_get(list, out->n), &out->c[out->n], err);
    return st;
}

/* One of the values of a text that may hold several, blanks around them left out. */
static bool has_part(const dcr_value *v, const dcr_strings *want)
{
    size_t i = 0;
    while (i <= v->len) {
        size_t n = 0, skip = 0;
        while (i + n < v->len && v->bytes[i + n] != '\\')
            n++;
        while (skip < n && v->bytes[i + skip] == ' ')
            skip++;
        for (size_t k = 0; k < want->n; k++) {
            size_t len = strlen(want->s[k]), end = n;
            while (end > skip && v->bytes[i + end - 1] == ' ')
                end--;
            if (end - skip == len && memcmp(v->bytes + i + skip, want->s[k], len) == 0)
                return true;
        }
        i += n + 1;
    }
    return false;
}

/* A code as a number of its own in a text. */
static bool names_code(const dcr_value *v, const dcr_strings *codes)
{
    for (size_t i = 0; i < v->len; i++) {
        size_t run;
        if (!dcr_is_digit(v->bytes[i]))
            continue;
        run = dcr_digit_run(v->bytes, v->len, i, v->len);
        for (size_t k = 0; k < codes->n; k++)
            if (strlen(codes->s[k]) == run && memcmp(v->bytes + i, codes->s[k], run) == 0)
                return true;
        i += run;
    }
    return false;
}

static void add_codes(const dcr_check_run *c, const dcr_strings *codes, dcr_set *s)
{
    const dcr_attr *coded = dcr_check_attr(c, METHOD_CODE);
    const dcr_attr *text = dcr_check_attr(c, METHOD);
    for (size_t i = 0; coded != NULL && i < coded->n_values; i++)
        if (has_part(&coded->values[i], codes))
            dcr_set_value(s, &coded->values[i]);
    for (size_t i = 0; text != NULL && i < text->n_values; i++)
        if (dcr_value_text(&text->values[i]) && names_code(&text->values[i], codes))
            dcr_set_value(s, &text->values[i]);
}

/* By the pixel ledger; nothing when nobody examined the pictures. */
static void add_pixels(const dcr_check_run *c, const char *what, dcr_set *s)
{
    const dcr_pixels *p = c->evidence->pixels;
    bool face = strcmp(what, "face") == 0;
    for (uint32_t i = 0; p != NULL && i < s->n; i++) {
        const dcr_pixel_group *g;
        if (p->group_of[i] == 0)
            continue;
        g = &p->groups[p->group_of[i] - 1];
        if (face ? g->level[DCR_PIXEL_FACE] == DCR_PIXEL_HIGH : g->needs_look)
            dcr_set_add(s, i);
    }
}

static void add_path(const dcr_check_run *c, const dcr_condition *w, dcr_set *s)
{
    const dcr_attr *a = dcr_check_attr(c, w->path);
    for (size_t i = 0; a != NULL && i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        if (w->values.n > 0 ? has_part(v, &w->values) : v->len > 0)
            dcr_set_value(s, v);
    }
}

void dcr_conditions_add(const dcr_check_run *c, const dcr_conditions *l, dcr_set *s)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->c[i].path[0] != '\0')
            add_path(c, &l->c[i], s);
        else if (l->c[i].codes.n > 0)
            add_codes(c, &l->c[i].codes, s);
        else
            add_pixels(c, l->c[i].pixels, s);
    }
}

const dcr_attr *dcr_conditions_attr(const dcr_check_run *c, const dcr_conditions *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const dcr_condition *w = &l->c[i];
        const dcr_attr *a = NULL;
        if (w->path[0] != '\0')
            a = dcr_check_attr(c, w->path);
        else if (w->codes.n > 0)
            a = dcr_check_attr(c, METHOD_CODE);
        if (a == NULL && w->codes.n > 0)
            a = dcr_check_attr(c, METHOD);
        if (a != NULL)
            return a;
    }
    return NULL;
}
