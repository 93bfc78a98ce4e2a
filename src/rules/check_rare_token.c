/* Words that few people of the release share: names, places and rare things stand out in
 * descriptions by being rare, whatever language they are of.
 *
 * Subjects of a word are counted over the distinct values that hold it, so the work is
 * linear in the text of these and in their lists of series.  An attribute of which not
 * all values are known cannot tell what is rare, and is left to other rules. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "detect.h"
#include "dict.h"
#include "lexicon.h"
#include "plural.h"

enum { K_MAX = 32, TEXT_MAX = 1 << 16, TOKENS_MAX = 1 << 20 };

typedef struct params {
    size_t fewer_than, of_at_least, min_letters;
    const json_t *select_json;
    dcr_select select;
} params;

static const dcr_param spec[] = {
    {"fewer_than", DCR_P_UINT, offsetof(params, fewer_than), true},
    {"of_at_least", DCR_P_UINT, offsetof(params, of_at_least), true},
    {"min_letters", DCR_P_UINT, offsetof(params, min_letters), true},
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
    if (p->fewer_than < 2 || p->fewer_than > K_MAX || p->of_at_least < p->fewer_than)
        return dcr_rule_fail(src->file, "fewer_than", err,
                             "\"fewer_than\" must be 2 to %d, and not more than "
                             "\"of_at_least\"",
                             K_MAX);
    if (p->min_letters < 1 || p->min_letters > DCR_WORD_MAX)
        return dcr_rule_fail(src->file, "min_letters", err,
                             "\"min_letters\" must be 1 to %d", DCR_WORD_MAX);
    *out = p;
    return DCR_OK;
}

typedef struct people { /* up to K_MAX different subjects, in the order they came */
    uint32_t who[K_MAX];
    uint32_t n;
} people;

static void add_person(people *g, uint32_t subject, size_t max)
{
    for (uint32_t i = 0; i < g->n; i++)
        if (g->who[i] == subject)
            return;
    if (g->n < max)
        g->who[g->n++] = subject;
}

static void people_of(const dcr_model *m, const dcr_value *v, size_t max, people *out)
{
    out->n = 0;
    for (uint32_t i = 0; v->in_series != NULL && i < v->series && out->n < max; i++)
        add_person(out, dcr_series_subject(m, v->in_series[i]), max);
}

typedef struct tokens { /* words of one attribute, and who has them */
    dcr_dict words;
    people *of; /* by number of the word */
    size_t cap;
} tokens;

/* The next word that could tell something, from *at on, folded; 0 at the end. */
static size_t next_word(const params *p, const dcr_lexicon *l, const dcr_value *v,
                        size_t *at, uint8_t out[DCR_WORD_MAX])
{
    const uint32_t known = DCR_W_VOCABULARY | DCR_W_EPONYM | DCR_W_PARTICLE |
                           DCR_W_LABEL | DCR_W_MONTHS | DCR_W_DURATION | DCR_W_SOFTWARE;
    size_t n = v->len < TEXT_MAX ? v->len : TEXT_MAX;
    while (*at < n) {
        const uint8_t *w = v->bytes + *at;
        size_t len = dcr_letter_run(v->bytes, n, *at, n);
        *at += len > 0 ? len : 1;
        if (len < p->min_letters || dcr_lexicon_is(l, w, len, known))
            continue;
        len = len < DCR_WORD_MAX ? len : DCR_WORD_MAX;
        dcr_fold_case(w, len, out);
        return len;
    }
    return 0;
}

static dcr_status add_value(const dcr_check_run *c, const params *p, const dcr_value *v,
                            tokens *t, dcr_err *err)
{
    uint8_t word[DCR_WORD_MAX];
    people g;
    size_t at = 0, len;
    people_of(c->model, v, p->fewer_than, &g);
    while ((len = next_word(p, c->rules->lexicon, v, &at, word)) > 0) {
        uint32_t before = t->words.n, k;
        if (before >= TOKENS_MAX)
            return DCR_OK;
        k = dcr_dict_add(&t->words, word, len, 0);
        if (k == DCR_DICT_NONE ||
            !dcr_grow(&t->of, &t->cap, (size_t)k + 1, sizeof *t->of))
            return dcr_nomem(err);
        if (k == before)
            t->of[k].n = 0;
        for (uint32_t i = 0; i < g.n && t->of[k].n < p->fewer_than; i++)
            add_person(&t->of[k], g.who[i], p->fewer_than);
    }
    return DCR_OK;
}

static bool has_rare(const dcr_check_run *c, const params *p, const dcr_value *v,
                     const tokens *t)
{
    uint8_t word[DCR_WORD_MAX];
    size_t at = 0, len;
    while ((len = next_word(p, c->rules->lexicon, v, &at, word)) > 0) {
        uint32_t k = dcr_dict_find(&t->words, word, len, 0);
        if (k != DCR_DICT_NONE && t->of[k].n > 0 && t->of[k].n < p->fewer_than)
            return true;
    }
    return false;
}

static bool looked_at(const dcr_value *v)
{
    return dcr_value_real(v) && dcr_value_text(v);
}

static dcr_status judge(const dcr_check_run *c, const params *p, const dcr_attr *a,
                        dcr_err *err)
{
    tokens t = {0};
    dcr_status st = DCR_OK;
    char detail[160];
    size_t rare = 0;
    dcr_hit hit;
    dcr_hit_init(&hit, a);
    for (size_t i = 0; st == DCR_OK && i < a->n_values; i++)
        if (looked_at(&a->values[i]))
            st = add_value(c, p, &a->values[i], &t, err);
    for (uint32_t k = 0; k < t.words.n; k++)
        rare += t.of[k].n > 0 && t.of[k].n < p->fewer_than;
    for (size_t i = 0; st == DCR_OK && rare > 0 && i < a->n_values; i++)
        if (looked_at(&a->values[i]) && has_rare(c, p, &a->values[i], &t))
            dcr_hit_value(&hit, &a->values[i]);
    snprintf(detail, sizeof detail, "%zu %s that fewer than %zu of %lu %s share.", rare,
             dcr_plural((double)rare, "words"), p->fewer_than,
             (unsigned long)a->value_subjects,
             dcr_plural((double)a->value_subjects, "patients"));
    hit.detail = detail;
    dcr_dict_clear(&t.words);
    dcr_free(t.of);
    if (st == DCR_OK)
        return dcr_check_add(c, &hit, err);
    dcr_hit_clear(&hit);
    return st;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < c->model->n_attrs; i++) {
        const dcr_attr *a = &c->model->attrs[i];
        if (a->exact && a->value_subjects >= p->of_at_least &&
            dcr_select_match(&p->select, a))
            st = judge(c, p, a, err);
    }
    return st;
}

const dcr_check dcr_check_rare_token = {"rare_token", "words that few people share",
                                        DCR_PHASE_FIRST, compile, run};
