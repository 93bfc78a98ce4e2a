/* Values of direct identifiers that stand where they do not belong: in comments, private
 * elements, opened values, files beside the images, media directories. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "dcmrisk/scan.h"
#include "detect.h"
#include "elsewhere.h"
#include "identifiers.h"

/* ---- one pass over all values, for all rules of this kind ---- */

enum {
    CHANCE_DIGITS = 7, /* digits of a number that stands elsewhere by chance */
    UID_DIGITS = 8     /* and of one inside of a UID */
};

typedef struct match {
    uint32_t token;
    const dcr_value *value;
    uint32_t own; /* of its series: those of a patient whose identifier it is */
    bool word;    /* written small, as words are */
} match;

typedef struct pass {
    const dcr_model *m;
    dcr_tokens *t;
    dcr_elsewhere *out;
    const dcr_attr *attr;
    const dcr_value *value;
    match *list; /* of the attribute at hand */
    size_t n, cap, cap_hits;
    bool failed;
} pass;

/* Series of `v` whose subject has the value `holder` too. */
static uint32_t series_of(const dcr_model *m, const dcr_value *v, const dcr_value *holder)
{
    uint32_t n = 0, last = UINT32_MAX;
    bool has = false;
    for (uint32_t i = 0; i < v->series; i++) {
        uint32_t subject = dcr_series_subject(m, v->in_series[i]);
        if (subject != last)
            has = dcr_value_of_subject(m, holder, subject);
        last = subject;
        n += has;
    }
    return n;
}

/* Series of `v` that are of a patient the token belongs to.  What many people are called
 * is nobody's in particular. */
static uint32_t own_series(const dcr_model *m, const dcr_token *t, const dcr_value *v)
{
    uint32_t most = 0;
    if (t->n_holders > DCR_TOKEN_HOLDERS || v->in_series == NULL)
        return v->series;
    for (uint32_t i = 0; i < t->n_holders; i++) {
        const dcr_value *holder = t->holder[i];
        uint32_t n = holder->in_series == NULL || holder->series == 0
                         ? v->series
                         : series_of(m, v, holder);
        most = n > most ? n : most;
    }
    return most;
}

static void found(void *ctx, uint32_t token, bool word)
{
    pass *s = ctx;
    const dcr_token *t = dcr_tokens_get(s->t, token);
    bool uid = strcmp(s->attr->vr, "UI") == 0 && dcr_value_fits("UI", s->value);
    if (uid && (!t->digits || t->n < UID_DIGITS))
        return;
    for (size_t i = s->n; i > 0 && s->list[i - 1].value == s->value; i--)
        if (s->list[i - 1].token == token) {
            s->list[i - 1].word = s->list[i - 1].word && word;
            return;
        }
    if (!dcr_grow(&s->list, &s->cap, s->n + 1, sizeof *s->list)) {
        s->failed = true;
        return;
    }
    s->list[s->n++] = (match){token, s->value, own_series(s->m, t, s->value), word};
}

static int by_token(const void *a, const void *b)
{
    const match *x = a, *y = b;
    if (x->token != y->token)
        return x->token < y->token ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

static bool has_digit(const dcr_token *t)
{
    for (uint32_t i = 0; i < t->n; i++)
        if (dcr_is_digit(t->p[i]))
            return true;
    return false;
}

/* Is what was found the identifier, or a word or number that happens to look like it?  An
 * identifier stands with its own patient; a word stands with everybody. */
static bool by_chance(const pass *s, const match *from, size_t n)
{
    const dcr_token *t = dcr_tokens_get(s->t, from->token);
    uint64_t own = 0, foreign = 0;
    bool anybody = false, word = false;
    for (size_t i = 0; i < n; i++) {
        const dcr_value *v = from[i].value;
        anybody = anybody || v->series > 0;
        word = word || from[i].word;
        own += from[i].own;
        foreign += v->series - from[i].own;
    }
    if (t->digits && t->n <= CHANCE_DIGITS && (own == 0 || !anybody))
        return true;
    if (word && own == 0 && !has_digit(t)) /* names are written with a capital */
        return true;
    return foreign > 4 * own + 4;
}

static int by_class(const void *a, const void *b)
{
    const dcr_elsewhere_hit *x = a, *y = b;
    if (x->class_no != y->class_no)
        return x->class_no < y->class_no ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

static void keep(pass *s, const match *from, size_t n)
{
    uint32_t classes = dcr_tokens_get(s->t, from->token)->classes;
    for (size_t i = 0; i < n; i++)
        for (uint32_t c = 0; classes >> c != 0; c++) {
            if ((classes >> c & 1) == 0)
                continue;
            if (!dcr_grow(&s->out->list, &s->cap_hits, s->out->n + 1,
                          sizeof *s->out->list)) {
                s->failed = true;
                return;
            }
            s->out->list[s->out->n++] =
                (dcr_elsewhere_hit){c, (size_t)(s->attr - s->m->attrs), from[i].value};
        }
}

static void end_attr(pass *s)
{
    size_t first = s->out->n, kept = first;
    if (s->n > 0)
        qsort(s->list, s->n, sizeof *s->list, by_token);
    for (size_t i = 0; i < s->n;) {
        size_t k = i;
        while (k < s->n && s->list[k].token == s->list[i].token)
            k++;
        if (!by_chance(s, &s->list[i], k - i))
            keep(s, &s->list[i], k - i);
        i = k;
    }
    if (s->out->n > first)
        qsort(s->out->list + first, s->out->n - first, sizeof *s->out->list, by_class);
    for (size_t i = first; i < s->out->n; i++)
        if (kept == first || by_class(&s->out->list[kept - 1], &s->out->list[i]) != 0)
            s->out->list[kept++] = s->out->list[i];
    s->out->n = kept;
}

/* Dates and measurements are numbers of their own kind. */
static bool is_number(const dcr_attr *a)
{
    static const char *const not_in[] = {"DA", "DT", "TM", "AS", "DS", "FL",
                                         "FD", "OF", "OD", "US", "SS", "UL",
                                         "SL", "UV", "SV", "AT", "OL", "OV"};
    for (size_t i = 0; i < sizeof not_in / sizeof *not_in; i++)
        if (strcmp(a->vr, not_in[i]) == 0 && a->creator == NULL)
            return true;
    return false;
}

static dcr_status search(dcr_elsewhere *out, dcr_tokens *t, const dcr_check_run *c,
                         dcr_err *err)
{
    const dcr_model *m = c->model;
    const bool *misfits;
    dcr_status st = dcr_check_misfits(c, &misfits, err);
    pass s = {.m = m, .t = t, .out = out};
    if (st != DCR_OK)
        return st;
    for (size_t i = 0; i < m->n_attrs && !s.failed && dcr_tokens_count(t) > 0; i++) {
        bool number = is_number(&m->attrs[i]);
        s.attr = &m->attrs[i];
        s.n = 0;
        if (dcr_tokens_source(c->rules, s.attr) || (number && !misfits[i]))
            continue;
        for (size_t k = 0; k < s.attr->n_values && !s.failed; k++) {
            s.value = &s.attr->values[k];
            if (s.value->len > 0 && (s.value->flags & DCR_VALUE_DIGEST) == 0 &&
                !(number && dcr_value_fits(s.attr->vr, s.value)))
                dcr_tokens_scan(t, s.value->bytes, s.value->len,
                                (s.value->flags & DCR_VALUE_BINARY) != 0, found, &s);
        }
        end_attr(&s);
    }
    dcr_free(s.list);
    return s.failed ? dcr_nomem(err) : DCR_OK;
}

static void elsewhere_free(void *p)
{
    dcr_elsewhere *e = p;
    dcr_free(e->list);
    dcr_free(e);
}

static dcr_status elsewhere_build(const dcr_check_run *c, void **out, dcr_err *err)
{
    dcr_elsewhere *e = dcr_alloc(1, sizeof *e);
    dcr_tokens *t = NULL;
    dcr_status st = e == NULL ? dcr_nomem(err) : dcr_check_tokens(c, &t, err);
    if (st == DCR_OK)
        st = search(e, t, c, err);
    if (st != DCR_OK && e != NULL)
        elsewhere_free(e);
    *out = st == DCR_OK ? e : NULL;
    return st;
}

static void tokens_free(void *p)
{
    dcr_tokens_free(p);
}

static dcr_status tokens_build(const dcr_check_run *c, void **out, dcr_err *err)
{
    dcr_tokens *t = NULL;
    dcr_status st = dcr_tokens_build(&t, c->rules, c->model, err);
    *out = t;
    return st;
}

dcr_status dcr_check_tokens(const dcr_check_run *c, dcr_tokens **out, dcr_err *err)
{
    void *p = NULL;
    dcr_status st =
        dcr_check_shared(c, DCR_SHARED_TOKENS, tokens_build, tokens_free, &p, err);
    *out = p;
    return st;
}

/* ---- the check ---- */

typedef struct params {
    dcr_strings classes;
    const json_t *select_json;
    dcr_select select;
    bool everywhere; /* no select: texts that other rules leave alone, too */
    uint32_t mask;
} params;

static const dcr_param spec[] = {
    {"classes", DCR_P_STRINGS, offsetof(params, classes), true},
    {"select", DCR_P_JSON, offsetof(params, select_json), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    if (st == DCR_OK && p->select_json != NULL)
        st = dcr_select_read(src, p->select_json, &p->select, err);
    else
        p->everywhere = true;
    for (size_t i = 0; st == DCR_OK && i < p->classes.n; i++) {
        size_t n;
        if (!dcr_identifier_find(r, p->classes.s[i], &n))
            return dcr_rule_fail(src->file, p->classes.s[i], err,
                                 "no class of identifiers \"%.40s\"", p->classes.s[i]);
        p->mask |= 1u << n;
    }
    if (st == DCR_OK)
        p->select_json = NULL;
    *out = p;
    return st;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    const dcr_elsewhere *e = NULL;
    void *shared = NULL;
    dcr_status st = dcr_check_shared(c, DCR_SHARED_ELSEWHERE, elsewhere_build,
                                     elsewhere_free, &shared, err);
    e = shared;
    for (size_t i = 0; st == DCR_OK && i < e->n;) {
        const dcr_attr *a = &c->model->attrs[e->list[i].attr];
        size_t end = i;
        dcr_hit hit;
        dcr_hit_init(&hit, a);
        for (; end < e->n && e->list[end].attr == e->list[i].attr; end++)
            if ((p->mask >> e->list[end].class_no & 1) != 0)
                dcr_hit_value(&hit, e->list[end].value);
        i = end;
        if (hit.n_values > 0 && (p->everywhere || dcr_select_match(&p->select, a)))
            st = dcr_check_add(c, &hit, err);
        else
            dcr_hit_clear(&hit);
    }
    return st;
}

const dcr_check dcr_check_elsewhere = {"elsewhere",
                                       "identifiers that stand where they do not belong",
                                       DCR_PHASE_FIRST, compile, run};
