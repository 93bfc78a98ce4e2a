/* Models put together in memory, study by study: one series and one file each. */
#ifndef DCR_TEST_HIDDEN_MAKER_H
#define DCR_TEST_HIDDEN_MAKER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "arena.h"
#include "dcmrisk/dcmrisk.h"

enum { HM_ATTRS = 400 };

typedef struct hm {
    dcr_model m;
    dcr_arena arena;
    dcr_attr attr[HM_ATTRS];
} hm;

static dcr_rules *rules;
static uint64_t seed = 1;

static inline int load_rules(void **state)
{
    dcr_err err = {0};
    (void)state;
    dcr_init();
    return dcr_rules_load(&rules, NULL, &err) == DCR_OK ? 0 : -1;
}

static inline int free_rules(void **state)
{
    (void)state;
    dcr_rules_free(rules);
    return 0;
}

static inline uint32_t draw(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % n);
}

/* n subjects; studies[i] of each (NULL: `each`). */
static inline void hm_start(hm *h, uint32_t n, const uint32_t *studies, uint32_t each)
{
    dcr_model *m = &h->m;
    uint32_t n_studies = 0;
    memset(h, 0, sizeof *h);
    for (uint32_t s = 0; s < n; s++)
        n_studies += studies == NULL ? each : studies[s];
    m->rules = rules;
    m->concepts = dcr_rules_concepts(rules, &m->n_concepts);
    m->attrs = h->attr;
    m->n_subjects = n;
    m->n_studies = m->n_series = n_studies;
    m->subjects = dcr_arena_alloc(&h->arena, n, sizeof *m->subjects);
    m->studies = dcr_arena_alloc(&h->arena, n_studies, sizeof *m->studies);
    m->series = dcr_arena_alloc(&h->arena, n_studies, sizeof *m->series);
    n_studies = 0;
    for (uint32_t s = 0; s < n; s++) {
        m->subjects[s].first_study = n_studies;
        m->subjects[s].n_studies = studies == NULL ? each : studies[s];
        for (uint32_t k = 0; k < m->subjects[s].n_studies; k++, n_studies++) {
            m->studies[n_studies] = (dcr_study){s, n_studies, 1, true};
            m->series[n_studies] = (dcr_series){n_studies, 1, true, true};
        }
    }
}

static inline void hm_clear(hm *h)
{
    dcr_arena_clear(&h->arena);
}

static inline const char *hm_text(hm *h, const char *fmt, uint32_t a, uint32_t b)
{
    char text[64];
    if (strchr(fmt, '%') == NULL)
        return dcr_arena_str(&h->arena, fmt);
    /* two numbers at most; formats are the test's own */
    _Pragma("GCC diagnostic push")
        _Pragma("GCC diagnostic ignored \"-Wformat-nonliteral\"")
            snprintf(text, sizeof text, fmt, a, b);
    _Pragma("GCC diagnostic pop") return dcr_arena_str(&h->arena, text);
}

typedef struct hm_cell {
    const char *text;
    uint32_t study;
} hm_cell;

static inline int hm_by_text(const void *pa, const void *pb)
{
    const hm_cell *a = pa, *b = pb;
    int c = strcmp(a->text, b->text);
    return c != 0 ? c : (a->study > b->study) - (a->study < b->study);
}

static inline void hm_end_value(hm *h, dcr_attr *a, const hm_cell *cell, uint32_t n)
{
    dcr_value *v = &a->values[a->n_values++];
    uint32_t *in = dcr_arena_alloc(&h->arena, n, sizeof *in);
    v->bytes = (const uint8_t *)cell->text;
    v->len = (uint32_t)strlen(cell->text);
    v->series = v->studies = n;
    v->files = n;
    v->in_series = in;
    for (uint32_t i = 0; i < n; i++) {
        in[i] = cell[i].study;
        v->subjects += i == 0 || h->m.studies[cell[i].study].subject !=
                                     h->m.studies[cell[i - 1].study].subject;
    }
    v->first_subject = h->m.studies[cell[0].study].subject;
    if (dcr_rules_is_dummy(rules, a->vr, v->bytes, v->len))
        v->flags |= DCR_VALUE_DUMMY;
    else
        a->distinct++;
}

/* An attribute with text[study] (NULL: none).  Add them in the order of their paths. */
static inline dcr_attr *hm_attr(hm *h, const char *path, const char *vr,
                                const char *const *text)
{
    dcr_attr *a = &h->attr[h->m.n_attrs++];
    hm_cell *cell = dcr_alloc(h->m.n_studies, sizeof *cell);
    dcr_role_info role;
    uint32_t n = 0, from = 0;
    assert_true(h->m.n_attrs <= HM_ATTRS);
    a->path = dcr_arena_str(&h->arena, path);
    assert_true(a == h->attr || strcmp(a[-1].path, a->path) < 0);
    memcpy(a->vr, vr, 3);
    dcr_rules_role(rules, path, vr, &role);
    a->role = role.role;
    a->family = role.family;
    a->level = role.level;
    a->concept = role.concept;
    a->is_private = strchr(path, '{') != NULL;
    a->creator = a->is_private ? "" : NULL;
    a->exact = true;
    a->shape = "";
    for (uint32_t t = 0; t < h->m.n_studies; t++)
        if (text[t] != NULL)
            cell[n++] = (hm_cell){text[t], t};
    if (n > 0)
        qsort(cell, n, sizeof *cell, hm_by_text);
    a->values = dcr_arena_alloc(&h->arena, n, sizeof *a->values);
    for (uint32_t i = 1; i <= n; i++)
        if (i == n || strcmp(cell[i].text, cell[from].text) != 0) {
            hm_end_value(h, a, cell + from, i - from);
            from = i;
        }
    dcr_free(cell);
    return a;
}

static inline uint32_t hm_subject(const hm *h, uint32_t study)
{
    return h->m.studies[study].subject;
}

static inline dcr_hidden *hm_search(const hm *h)
{
    dcr_hidden *out = NULL;
    dcr_err err = {0};
    if (dcr_hidden_search(&out, &h->m, dcr_rules_hidden(rules), &err) != DCR_OK)
        fail_msg("%s", err.text);
    return out;
}

static inline const dcr_hidden_attr *hm_verdict(const hm *h, const dcr_hidden *f,
                                                const char *path)
{
    const dcr_attr *a = dcr_model_attr(&h->m, path);
    assert_non_null(a);
    return &f->attrs[a - h->m.attrs];
}

#endif
