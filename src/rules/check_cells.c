/* Small cells: combinations of facts about a series that few patients share. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dict.h"
#include "plural.h"

enum { PARTS_MAX = 6, DETAIL_MAX = 240 };

/* Without a policy: the cell size of a public release (CMS, EMA Policy 0070). */
enum { USUAL_K = 11 };

typedef struct params {
    dcr_strings by; /* ids of concepts, or paths */
    size_t min_parts;
    const dcr_concept *concept[PARTS_MAX]; /* NULL: by[i] is a path */
} params;

static const dcr_param spec[] = {
    {"by", DCR_P_STRINGS, offsetof(params, by), true},
    {"min_parts", DCR_P_UINT, offsetof(params, min_parts), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    if (st != DCR_OK)
        return st;
    if (p->by.n == 0 || p->by.n > PARTS_MAX || p->min_parts > p->by.n)
        return dcr_rule_fail(src->file, "by", err,
                             "\"by\" names 1 to %d concepts or paths, and \"min_parts\" "
                             "no more than those",
                             PARTS_MAX);
    for (size_t i = 0; i < p->by.n; i++) {
        dcr_path_tail tail;
        uint32_t tag;
        for (size_t c = 0; c < r->n_concepts; c++)
            if (strcmp(r->concepts[c].id, p->by.s[i]) == 0)
        p->concept[i] = &r->concepts[c];
        dcr_path_split(p->by.s[i], &tail);
        if (p->concept[i] == NULL && !dcr_tag_of(tail.seg, tail.n_seg, &tag))
            return dcr_rule_fail(src->file, p->by.s[i], err,
                                 "no concept and no path \"%.40s\"", p->by.s[i]);
    }
    *out = p;
    return DCR_OK;
}

typedef struct cells {
    const dcr_model *m;
    const params *p;
    uint32_t *code;    /* per series and part: value + 1, 0 none */
    uint32_t *cell_of; /* per series: cell + 1, 0 none */
    uint32_t *size;    /* per cell: distinct subjects */
    uint32_t n;
    dcr_dict keys;
} cells;

/* Gives every series without a value of this part the value it has here. */
static void take_values(cells *x, size_t part, const char *path, uint32_t *next)
{
    const dcr_attr *a = dcr_model_attr(x->m, path);
    for (size_t i = 0; a != NULL && i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        ++*next;
        for (uint32_t k = 0; dcr_value_real(v) && v->in_series != NULL && k < v->series;
             k++) {
            uint32_t *c = &x->code[(size_t)v->in_series[k] * x->p->by.n + part];
            *c = *c == 0 ? *next : *c;
        }
    }
}

static void fill_codes(cells *x)
{
    for (size_t part = 0; part < x->p->by.n; part++) {
        const dcr_concept *c = x->p->concept[part];
        uint32_t next = 0;
        if (c == NULL)
            take_values(x, part, x->p->by.s[part], &next);
        for (size_t i = 0; c != NULL && i < c->n_carriers; i++)
            take_values(x, part, c->carriers[i], &next);
    }
}

static bool enough_parts(const cells *x, const uint32_t *code)
{
    size_t n = 0, want = x->p->min_parts > 0 ? x->p->min_parts : x->p->by.n;
    for (size_t i = 0; i < x->p->by.n; i++)
        n += code[i] != 0;
    return n >= want;
}

/* Cells of the acquisition series, and the distinct subjects of each: series of a subject
 * stand in a row. */
static dcr_status count_cells(cells *x, dcr_err *err)
{
    uint32_t *last = dcr_alloc(x->m->n_series, sizeof *last);
    if (last == NULL)
        return dcr_nomem(err);
    for (uint32_t s = 0; s < x->m->n_series; s++) {
        const uint32_t *code = x->code + (size_t)s * x->p->by.n;
        uint32_t subject = dcr_series_subject(x->m, s), cell;
        if (!x->m->series[s].acquisition || !enough_parts(x, code))
            continue;
        cell = dcr_dict_add(&x->keys, code, x->p->by.n * sizeof *code, 0);
        if (cell == DCR_DICT_NONE) {
            dcr_free(last);
            return dcr_nomem(err);
        }
        x->n = cell >= x->n ? cell + 1 : x->n;
        x->cell_of[s] = cell + 1;
        x->size[cell] += last[cell] != subject + 1;
        last[cell] = subject + 1;
    }
    dcr_free(last);
    return DCR_OK;
}

static dcr_status tell(const dcr_check_run *c, const cells *x, dcr_err *err)
{
    uint32_t k = c->evidence->k > 0 ? c->evidence->k : USUAL_K, small = 0;
    uint32_t least = UINT32_MAX;
    char detail[DETAIL_MAX];
    dcr_hit hit;
    dcr_hit_init(&hit, NULL);
    for (uint32_t i = 0; i < x->n; i++) {
        small += x->size[i] < k;
        least = x->size[i] < least ? x->size[i] : least;
    }
    for (uint32_t s = 0; s < x->m->n_series; s++)
        if (x->cell_of[s] != 0 && x->size[x->cell_of[s] - 1] < k) {
            dcr_hit_series(&hit, s);
            hit.files += x->m->series[s].files;
        }
    snprintf(detail, sizeof detail,
             "%u of %u %s %s shared by fewer than %u patients, the rarest by %u", small,
             x->n, dcr_plural(x->n, "combinations"), dcr_plural(small, "are"), k, least);
    hit.detail = detail;
    return dcr_check_add(c, &hit, err);
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    cells x = {.m = c->model, .p = data};
    dcr_status st;
    x.code = dcr_alloc((size_t)c->model->n_series * x.p->by.n, sizeof *x.code);
    x.cell_of = dcr_alloc(c->model->n_series, sizeof *x.cell_of);
    x.size = dcr_alloc(c->model->n_series, sizeof *x.size);
    st = x.code == NULL || x.cell_of == NULL || x.size == NULL ? dcr_nomem(err) : DCR_OK;
    if (st == DCR_OK) {
        fill_codes(&x);
        st = count_cells(&x, err);
    }
    if (st == DCR_OK)
        st = tell(c, &x, err);
    dcr_dict_clear(&x.keys);
    dcr_free(x.size);
    dcr_free(x.cell_of);
    dcr_free(x.code);
    return st;
}

const dcr_check dcr_check_cells = {"cells",
                                   "combinations of facts that few patients share",
                                   DCR_PHASE_FIRST, compile, run};
