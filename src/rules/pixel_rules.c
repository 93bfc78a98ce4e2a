/* Reads pixel-rules.json and pixel-devices.json. */
#include "pixel_rules.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "num.h"
#include "regex.h"
#include "ruleset.h"

enum { RULES_MAX = 64, CLAUSE_MAX = 24 };

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

static const struct {
    const char *name;
    dcr_pixel_op op;
    bool negative;
} ops[] = {
    {"present", DCR_PX_PRESENT, false},
    {"absent", DCR_PX_PRESENT, true},
    {"is", DCR_PX_IS, false},
    {"is-not", DCR_PX_IS, true},
    {"first", DCR_PX_FIRST, false},
    {"second", DCR_PX_SECOND, false},
    {"has", DCR_PX_HAS, false},
    {"has-all", DCR_PX_HAS_ALL, false},
    {"contains", DCR_PX_CONTAINS, false},
    {"under", DCR_PX_UNDER, false},
    {"not-under", DCR_PX_UNDER, true},
    {"matches", DCR_PX_MATCHES, false},
    {"at-most", DCR_PX_AT_MOST, false},
    {"at-least", DCR_PX_AT_LEAST, false},
    {"above", DCR_PX_ABOVE, false},
};

typedef struct test_row {
    const char *attr, *op, *pattern;
    dcr_strings words;
    size_t number;
} test_row;

static const dcr_param test_spec[] = {
    {"attr", DCR_P_STRING, offsetof(test_row, attr), true},
    {"op", DCR_P_STRING, offsetof(test_row, op), true},
    {"pattern", DCR_P_STRING, offsetof(test_row, pattern), false},
    {"words", DCR_P_STRINGS, offsetof(test_row, words), false},
    {"number", DCR_P_UINT, offsetof(test_row, number), false},
    {NULL, DCR_P_STRING, 0, false},
};

static bool same_words(const dcr_strings *a, const dcr_strings *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->s[i], b->s[i]) != 0)
            return false;
    return true;
}

/* The number of a test, added when it is new; patterns are never shared. */
static dcr_status add_test(dcr_rules *r, const dcr_pixel_test *t, uint32_t *number,
                           dcr_err *err)
{
    dcr_pixel_knowledge *k = &r->pixel;
    for (size_t i = 0; i < k->n_tests && t->pattern == NULL; i++) {
        const dcr_pixel_test *o = &k->tests[i];
        if (o->op == t->op && o->pattern == NULL && o->number == t->number &&
            strcmp(o->attr, t->attr) == 0 && same_words(&o->words, &t->words)) {
            *number = (uint32_t)i;
            return DCR_OK;
        }
    }
    if (!dcr_grow(&k->tests, &k->cap_tests, k->n_tests + 1, sizeof *k->tests)) {
        dcr_regex_free(t->pattern);
        return dcr_nomem(err);
    }
    *number = (uint32_t)k->n_tests;
    k->tests[k->n_tests++] = *t;
    return DCR_OK;
}

static dcr_status read_test(dcr_rules *r, const dcr_param_src *src, const json_t *e,
                            dcr_pixel_literal *out, dcr_err *err)
{
    test_row w = {0};
    dcr_pixel_test t = {0};
    size_t o = 0, n = sizeof ops / sizeof *ops;
    dcr_status st = dcr_params_read(src, e, test_spec, &w, err);
    if (st != DCR_OK)
        return st;
    while (o < n && strcmp(ops[o].name, w.op) != 0)
        o++;
    if (o == n)
        return dcr_rule_fail(src->file, w.op, err, "no operation \"%.40s\"", w.op);
    t.attr = w.attr;
    t.op = ops[o].op;
    t.words = w.words;
    t.number = (double)w.number;
    out->negative = ops[o].negative;
    if (t.op == DCR_PX_MATCHES)
        st = dcr_regex_new(&t.pattern, src->file, w.pattern, err);
    return st == DCR_OK ? add_test(r, &t, &out->test, err) : st;
}

static dcr_status read_clause(dcr_rules *r, const dcr_param_src *src, const json_t *list,
                              dcr_pixel_clause *out, dcr_err *err)
{
    size_t n = json_array_size(list);
    dcr_pixel_literal *l = dcr_arena_alloc(src->arena, n, sizeof *l);
    dcr_status st = l == NULL ? dcr_nomem(err) : DCR_OK;
    if (n == 0)
        return dcr_rule_fail(src->file, "when", err, "a condition needs a test");
    for (size_t i = 0; i < n && st == DCR_OK; i++)
        st = read_test(r, src, json_array_get(list, i), &l[i], err);
    out->literal = l;
    out->n = n;
    return st;
}

/* ---- pixel-rules.json ---- */

typedef struct rule_row {
    const char *id, *risk, *level, *why, *condition, *source;
    const json_t *when;
} rule_row;

static const dcr_param rule_spec[] = {
    {"id", DCR_P_STRING, offsetof(rule_row, id), true},
    {"risk", DCR_P_STRING, offsetof(rule_row, risk), true},
    {"level", DCR_P_STRING, offsetof(rule_row, level), true},
    {"why", DCR_P_STRING, offsetof(rule_row, why), true},
    {"condition", DCR_P_STRING, offsetof(rule_row, condition), true},
    {"source", DCR_P_STRING, offsetof(rule_row, source), true},
    {"when", DCR_P_JSON, offsetof(rule_row, when), true},
    {NULL, DCR_P_STRING, 0, false},
};

static bool place_of(const char *const *names, size_t n, const char *name, size_t *out)
{
    for (*out = 0; *out < n; ++*out)
        if (strcmp(names[*out], name) == 0)
            return true;
    return false;
}

static dcr_status read_rule(dcr_rules *r, const dcr_param_src *src, const json_t *e,
                            dcr_pixel_rule *out, dcr_err *err)
{
    rule_row w = {0};
    dcr_pixel_clause *clause;
    size_t kind, level;
    dcr_status st = dcr_params_read(src, e, rule_spec, &w, err);
    if (st != DCR_OK)
        return st;
    if (!place_of(kind_names, DCR_PIXEL_KINDS, w.risk, &kind) ||
        !place_of(level_names, DCR_PIXEL_LEVELS, w.level, &level))
        return dcr_rule_fail(src->file, w.id, err, "no such risk or level");
    out->id = w.id;
    out->why = w.why;
    out->source = w.source;
    out->kind = (dcr_pixel_kind)kind;
    out->level = (dcr_pixel_level)level;
    out->n = json_array_size(w.when);
    clause = dcr_arena_alloc(src->arena, out->n, sizeof *clause);
    if (clause == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < out->n && st == DCR_OK; i++)
        st = read_clause(r, src, json_array_get(w.when, i), &clause[i], err);
    out->clause = clause;
    return st;
}

static dcr_status load_rules(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    json_t *root = NULL, *list;
    dcr_status st = dcr_load_json(r, "pixel-rules.json", &file, &root, err);
    size_t n;
    if (st != DCR_OK)
        return st;
    dcr_param_src src = {file, &r->arena};
    list = json_object_get(root, "rules");
    n = json_array_size(list);
    r->pixel.rules = dcr_arena_alloc(&r->arena, n, sizeof *r->pixel.rules);
    if (r->pixel.rules == NULL)
        st = dcr_nomem(err);
    else if (n > RULES_MAX)
        st = dcr_rule_fail(file, "rules", err, "at most %d rules", RULES_MAX);
    for (size_t i = 0; i < n && st == DCR_OK; i++)
        st = read_rule(r, &src, json_array_get(list, i),
                       &r->pixel.rules[r->pixel.n_rules++], err);
    json_decref(root);
    return st;
}

/* ---- pixel-devices.json ---- */

typedef struct device_row {
    const char *label, *use, *burned_in;
    dcr_strings modality, manufacturer, model, image_type, series_description, sources;
    bool image_type_all;
    size_t regions;
    const json_t *rows, *columns, *other;
} device_row;

static const dcr_param device_spec[] = {
    {"label", DCR_P_STRING, offsetof(device_row, label), true},
    {"use", DCR_P_STRING, offsetof(device_row, use), true},
    {"burned_in", DCR_P_STRING, offsetof(device_row, burned_in), false},
    {"modality", DCR_P_STRINGS, offsetof(device_row, modality), false},
    {"manufacturer", DCR_P_STRINGS, offsetof(device_row, manufacturer), false},
    {"model", DCR_P_STRINGS, offsetof(device_row, model), false},
    {"image_type", DCR_P_STRINGS, offsetof(device_row, image_type), false},
    {"image_type_all", DCR_P_BOOL, offsetof(device_row, image_type_all), false},
    {"series_description", DCR_P_STRINGS, offsetof(device_row, series_description),
     false},
    {"sources", DCR_P_STRINGS, offsetof(device_row, sources), false},
    {"regions", DCR_P_UINT, offsetof(device_row, regions), false},
    {"rows", DCR_P_JSON, offsetof(device_row, rows), false},
    {"columns", DCR_P_JSON, offsetof(device_row, columns), false},
    {"other", DCR_P_JSON, offsetof(device_row, other), false},
    {NULL, DCR_P_STRING, 0, false},
};

typedef struct clause_maker {
    dcr_rules *r;
    const dcr_param_src *src;
    dcr_pixel_literal literal[CLAUSE_MAX];
    size_t n;
} clause_maker;

static dcr_status add_words(clause_maker *c, const char *attr, dcr_pixel_op op,
                            const dcr_strings *words, dcr_err *err)
{
    dcr_pixel_test t = {.attr = attr, .op = op, .words = *words};
    if (words->n == 0 || c->n == CLAUSE_MAX)
        return DCR_OK;
    c->literal[c->n].negative = false;
    return add_test(c->r, &t, &c->literal[c->n++].test, err);
}

/* "rows": [512, 600] as the words of the numbers. */
static dcr_status add_numbers(clause_maker *c, const char *attr, const json_t *list,
                              dcr_err *err)
{
    size_t n = json_array_size(list);
    const char **s = dcr_arena_alloc(c->src->arena, n, sizeof *s);
    dcr_strings words = {s, n};
    if (s == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n; i++) {
        char text[24];
        uint64_t v = (uint64_t)json_integer_value(json_array_get(list, i));
        size_t k = sizeof text;
        text[--k] = '\0';
        do
            text[--k] = (char)('0' + v % 10);
        while ((v /= 10) > 0);
        s[i] = dcr_arena_str(c->src->arena, text + k);
        if (s[i] == NULL)
            return dcr_nomem(err);
    }
    return add_words(c, attr, DCR_PX_IS, &words, err);
}

static dcr_status device_clause(clause_maker *c, const device_row *w, dcr_err *err)
{
    dcr_strings yes = {&w->burned_in, w->burned_in[0] != '\0'};
    dcr_pixel_op image = w->image_type_all ? DCR_PX_HAS_ALL : DCR_PX_CONTAINS;
    dcr_status st = add_words(c, "0008,0060", DCR_PX_IS, &w->modality, err);
    if (st == DCR_OK)
        st = add_words(c, "0008,0070", DCR_PX_CONTAINS, &w->manufacturer, err);
    if (st == DCR_OK)
        st = add_words(c, "0008,1090", DCR_PX_CONTAINS, &w->model, err);
    if (st == DCR_OK)
        st = add_words(c, "0008,0008", image, &w->image_type, err);
    if (st == DCR_OK)
        st = add_words(c, "0008,103E", DCR_PX_CONTAINS, &w->series_description, err);
    if (st == DCR_OK)
        st = add_words(c, "0028,0301", DCR_PX_IS, &yes, err);
    if (st == DCR_OK)
        st = add_numbers(c, "0028,0010", w->rows, err);
    if (st == DCR_OK)
        st = add_numbers(c, "0028,0011", w->columns, err);
    for (size_t i = 0; i < json_array_size(w->other) && st == DCR_OK && c->n < CLAUSE_MAX;
         i++)
        st = read_test(c->r, c->src, json_array_get(w->other, i), &c->literal[c->n++],
                       err);
    return st;
}

/* A row that the scripts blank or reject, and that names a device. */
static bool names_device(const device_row *w)
{
    return (w->manufacturer.n > 0 || w->model.n > 0) &&
           ((strcmp(w->use, "regions") == 0 && w->regions > 0) ||
            strcmp(w->use, "reject") == 0);
}

static dcr_status read_device(dcr_rules *r, const dcr_param_src *src, const json_t *e,
                              dcr_err *err)
{
    device_row w = {0};
    clause_maker c = {.r = r, .src = src};
    dcr_pixel_literal *copy;
    dcr_status st = dcr_params_read(src, e, device_spec, &w, err);
    if (st != DCR_OK || !names_device(&w))
        return st;
    st = device_clause(&c, &w, err);
    if (st != DCR_OK)
        return st;
    copy = dcr_arena_alloc(src->arena, c.n, sizeof *copy);
    if (copy == NULL)
        return dcr_nomem(err);
    memcpy(copy, c.literal, c.n * sizeof *copy);
    r->pixel.devices[r->pixel.n_devices++] = (dcr_pixel_clause){copy, c.n};
    return DCR_OK;
}

dcr_status dcr_load_pixel_rules(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    json_t *root = NULL, *list;
    dcr_status st = load_rules(r, err);
    if (st == DCR_OK)
        st = dcr_load_json(r, "pixel-devices.json", &file, &root, err);
    if (st != DCR_OK)
        return st;
    dcr_param_src src = {file, &r->arena};
    list = json_object_get(root, "devices");
    r->pixel.devices =
        dcr_arena_alloc(&r->arena, json_array_size(list), sizeof *r->pixel.devices);
    if (r->pixel.devices == NULL)
        st = dcr_nomem(err);
    for (size_t i = 0; i < json_array_size(list) && st == DCR_OK; i++)
        st = read_device(r, &src, json_array_get(list, i), err);
    json_decref(root);
    return st;
}

void dcr_pixel_knowledge_free(dcr_pixel_knowledge *k)
{
    for (size_t i = 0; i < k->n_tests; i++)
        dcr_regex_free(k->tests[i].pattern);
    dcr_free(k->tests);
}
