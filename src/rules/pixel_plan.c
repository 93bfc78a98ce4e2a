#include "pixel_plan.h"

#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "dict.h"

enum { CLAUSE_MAX = 64 };

static const char *const kind_names[] = {
    "burned_in",       "face",         "biometric", "overlay", "hidden_pixels",
    "hidden_metadata", "embedded_text"};
static const char *const level_names[] = {"none",   "info",    "low",
                                          "medium", "unknown", "high"};

const char *dcr_pixel_kind_name(dcr_pixel_kind k)
{
    return kind_names[k];
}

const char *dcr_pixel_level_name(dcr_pixel_level l)
{
    return level_names[l];
}

typedef struct maker {
    dcr_pixel_plan *plan;
    dcr_arena *arena;
    dcr_dict seen; /* tests by what they say */
    size_t cap_tests;
    dcr_buf key;
    dcr_pixel_literal literal[CLAUSE_MAX];
    size_t n;
} maker;

/* "absent" is "present" that does not hold, and so on. */
static dcr_pixel_op positive(dcr_pixel_op op)
{
    return op == DCR_PX_ABSENT      ? DCR_PX_PRESENT
           : op == DCR_PX_IS_NOT    ? DCR_PX_IS
           : op == DCR_PX_NOT_UNDER ? DCR_PX_UNDER
                                    : op;
}

static bool same_test(maker *k, const dcr_pixel_test *t, uint32_t *number)
{
    k->key.n = 0;
    dcr_buf_fmt(&k->key, "%s %d %lld %s", t->attr, (int)positive(t->op),
                (long long)t->number, t->pattern_text == NULL ? "" : t->pattern_text);
    for (size_t i = 0; i < t->words.n; i++)
        dcr_buf_fmt(&k->key, "\n%s", t->words.s[i]);
    *number =
        k->key.failed ? DCR_DICT_NONE : dcr_dict_add(&k->seen, k->key.p, k->key.n, 0);
    return *number != DCR_DICT_NONE && *number < k->plan->n_tests;
}

static dcr_status add(maker *k, const dcr_pixel_test *t, dcr_err *err)
{
    dcr_pixel_plan *p = k->plan;
    dcr_pixel_test *copy;
    uint32_t number;
    if (k->n == CLAUSE_MAX)
        return DCR_OK; /* more than any rule has */
    if (!same_test(k, t, &number)) {
        copy = dcr_arena_alloc(k->arena, 1, sizeof *copy);
        if (number == DCR_DICT_NONE || copy == NULL ||
            !dcr_grow(&p->tests, &k->cap_tests, p->n_tests + 1, sizeof *p->tests))
            return dcr_nomem(err);
        *copy = *t;
        copy->op = positive(t->op);
        p->tests[p->n_tests++] = copy;
    }
    k->literal[k->n++] = (dcr_pixel_literal){number, positive(t->op) != t->op};
    return DCR_OK;
}

/* What was added since the last time, as one alternative. */
static dcr_status take(maker *k, dcr_pixel_all *out, dcr_err *err)
{
    out->literal = dcr_arena_alloc(k->arena, k->n, sizeof *out->literal);
    if (out->literal == NULL)
        return dcr_nomem(err);
    memcpy(out->literal, k->literal, k->n * sizeof *out->literal);
    out->n = k->n;
    k->n = 0;
    return DCR_OK;
}

static dcr_status add_all(maker *k, const dcr_pixel_clause *c, dcr_err *err)
{
    dcr_status st = DCR_OK;
    for (size_t i = 0; i < c->n && st == DCR_OK; i++)
        st = add(k, &c->test[i], err);
    return st;
}

static dcr_status plan_rules(maker *k, const dcr_rules *r, dcr_err *err)
{
    dcr_pixel_plan *p = k->plan;
    dcr_status st = DCR_OK;
    p->rules = dcr_pixel_rules(r, &p->n_rules);
    p->when = dcr_arena_alloc(k->arena, p->n_rules, sizeof *p->when);
    p->kind = dcr_arena_alloc(k->arena, p->n_rules, sizeof *p->kind);
    p->level = dcr_arena_alloc(k->arena, p->n_rules, sizeof *p->level);
    if (p->when == NULL || p->kind == NULL || p->level == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < p->n_rules && st == DCR_OK; i++) {
        const dcr_pixel_rule *rule = &p->rules[i];
        while (strcmp(kind_names[p->kind[i]], rule->risk) != 0)
            p->kind[i]++;
        while (strcmp(level_names[p->level[i]], rule->level) != 0)
            p->level[i]++;
        p->when[i] = dcr_arena_alloc(k->arena, rule->n_when, sizeof **p->when);
        if (p->when[i] == NULL)
            st = dcr_nomem(err);
        for (size_t c = 0; c < rule->n_when && st == DCR_OK; c++) {
            st = add_all(k, &rule->when[c], err);
            if (st == DCR_OK)
                st = take(k, &p->when[i][c], err);
        }
    }
    return st;
}

/* ---- devices ---- */

static dcr_status add_words(maker *k, const char *attr, dcr_pixel_op op,
                            const dcr_strings *words, dcr_err *err)
{
    dcr_pixel_test t = {.attr = attr, .op = op, .words = *words};
    return words->n == 0 ? DCR_OK : add(k, &t, err);
}

/* Numbers of rows or columns, as the words they are written with. */
static dcr_status add_numbers(maker *k, const char *attr, const dcr_numbers *list,
                              dcr_err *err)
{
    const char **s = dcr_arena_alloc(k->arena, list->n, sizeof *s);
    dcr_strings words = {s, list->n};
    dcr_buf text = {0};
    if (s == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < list->n; i++) {
        text.n = 0;
        dcr_buf_u64(&text, list->v[i]);
        s[i] = text.failed ? NULL : dcr_arena_bytes(k->arena, text.p, text.n);
        if (s[i] == NULL) {
            dcr_buf_clear(&text);
            return dcr_nomem(err);
        }
    }
    dcr_buf_clear(&text);
    return add_words(k, attr, DCR_PX_IS, &words, err);
}

/* image_type_all: a test for each word. */
static dcr_status add_image_type(maker *k, const dcr_pixel_device *d, dcr_err *err)
{
    dcr_status st = DCR_OK;
    if (!d->image_type_all)
        return add_words(k, "0008,0008", DCR_PX_CONTAINS, &d->image_type, err);
    for (size_t i = 0; i < d->image_type.n && st == DCR_OK; i++) {
        dcr_strings one = {&d->image_type.s[i], 1};
        st = add_words(k, "0008,0008", DCR_PX_CONTAINS, &one, err);
    }
    return st;
}

static dcr_status add_device(maker *k, const dcr_pixel_device *d, dcr_err *err)
{
    bool declared = d->burned_in != NULL && d->burned_in[0] != '\0';
    dcr_strings burned = {&d->burned_in, declared};
    dcr_status st = add_words(k, "0008,0060", DCR_PX_IS, &d->modality, err);
    if (st == DCR_OK)
        st = add_words(k, "0008,0070", DCR_PX_CONTAINS, &d->manufacturer, err);
    if (st == DCR_OK)
        st = add_words(k, "0008,1090", DCR_PX_CONTAINS, &d->model, err);
    if (st == DCR_OK)
        st = add_image_type(k, d, err);
    if (st == DCR_OK)
        st = add_words(k, "0008,103E", DCR_PX_CONTAINS, &d->series_description, err);
    if (st == DCR_OK)
        st = add_words(k, "0028,0301", DCR_PX_IS, &burned, err);
    if (st == DCR_OK)
        st = add_numbers(k, "0028,0010", &d->rows, err);
    if (st == DCR_OK)
        st = add_numbers(k, "0028,0011", &d->columns, err);
    return st == DCR_OK ? add_all(k, &d->other, err) : st;
}

/* A row that the scripts blank or reject, and that names a device. */
static bool names_device(const dcr_pixel_device *d)
{
    return (d->manufacturer.n > 0 || d->model.n > 0) &&
           ((strcmp(d->use, "regions") == 0 && d->regions > 0) ||
            strcmp(d->use, "reject") == 0);
}

static dcr_status plan_devices(maker *k, const dcr_rules *r, dcr_err *err)
{
    dcr_pixel_plan *p = k->plan;
    size_t n = 0;
    const dcr_pixel_device *d = dcr_pixel_devices(r, &n);
    dcr_status st = DCR_OK;
    p->devices = dcr_arena_alloc(k->arena, n, sizeof *p->devices);
    if (p->devices == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n && st == DCR_OK; i++) {
        if (!names_device(&d[i]))
            continue;
        st = add_device(k, &d[i], err);
        if (st == DCR_OK)
            st = take(k, &p->devices[p->n_devices++], err);
    }
    return st;
}

dcr_status dcr_pixel_plan_make(dcr_pixel_plan *out, const dcr_rules *r, dcr_arena *arena,
                               dcr_err *err)
{
    maker k = {.plan = out, .arena = arena};
    const dcr_pixel_test **grown;
    dcr_status st = plan_rules(&k, r, err);
    if (st == DCR_OK)
        st = plan_devices(&k, r, err);
    grown = out->tests;
    out->tests = dcr_arena_alloc(arena, out->n_tests, sizeof *out->tests);
    if (out->tests != NULL && out->n_tests > 0)
        memcpy(out->tests, grown, out->n_tests * sizeof *out->tests);
    else if (out->tests == NULL && st == DCR_OK)
        st = dcr_nomem(err);
    dcr_free(grown);
    dcr_dict_clear(&k.seen);
    dcr_buf_clear(&k.key);
    return st;
}
