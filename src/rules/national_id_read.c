/* Reads rules/national-ids.json, strictly: a check that cannot be computed is an error.
 */
#include <string.h>

#include "national_id.h"

enum { SIG_MAX = DCR_PATTERN_MAX };

typedef struct id_row {
    const char *id, *name, *country, *pattern, *evidence, *date, *odd, *source;
    dcr_strings words, reject, replace;
    const json_t *checks, *day_add, *month_add;
} id_row;

static const dcr_param id_spec[] = {
    {"id", DCR_P_STRING, offsetof(id_row, id), true},
    {"name", DCR_P_STRING, offsetof(id_row, name), true},
    {"country", DCR_P_STRING, offsetof(id_row, country), true},
    {"pattern", DCR_P_STRING, offsetof(id_row, pattern), true},
    {"evidence", DCR_P_STRING, offsetof(id_row, evidence), true},
    {"words", DCR_P_STRINGS, offsetof(id_row, words), false},
    {"date", DCR_P_STRING, offsetof(id_row, date), false},
    {"day_add", DCR_P_JSON, offsetof(id_row, day_add), false},
    {"month_add", DCR_P_JSON, offsetof(id_row, month_add), false},
    {"reject", DCR_P_STRINGS, offsetof(id_row, reject), false},
    {"replace", DCR_P_PAIRS, offsetof(id_row, replace), false},
    {"odd", DCR_P_STRING, offsetof(id_row, odd), false},
    {"checks", DCR_P_JSON, offsetof(id_row, checks), false},
    {"source", DCR_P_STRING, offsetof(id_row, source), false},
    {NULL, DCR_P_STRING, 0, false},
};

typedef struct check_row {
    const char *sum, *symbols, *ten, *prefix;
    const json_t *weights;
    size_t mod, rest, from, to, at;
    bool direct;
} check_row;

static const dcr_param check_spec[] = {
    {"sum", DCR_P_STRING, offsetof(check_row, sum), true},
    {"weights", DCR_P_JSON, offsetof(check_row, weights), false},
    {"mod", DCR_P_UINT, offsetof(check_row, mod), false},
    {"rest", DCR_P_UINT, offsetof(check_row, rest), false},
    {"from", DCR_P_UINT, offsetof(check_row, from), false},
    {"to", DCR_P_UINT, offsetof(check_row, to), false},
    {"at", DCR_P_UINT, offsetof(check_row, at), false},
    {"direct", DCR_P_BOOL, offsetof(check_row, direct), false},
    {"symbols", DCR_P_STRING, offsetof(check_row, symbols), false},
    {"ten", DCR_P_STRING, offsetof(check_row, ten), false},
    {"prefix", DCR_P_STRING, offsetof(check_row, prefix), false},
    {NULL, DCR_P_STRING, 0, false},
};

/* Small numbers of a JSON list; false when there are too many or one is too large. */
static bool small_numbers(const json_t *list, uint8_t *out, size_t max, uint8_t *n)
{
    *n = 0;
    if (list == NULL)
        return true;
    if (!json_is_array(list) || json_array_size(list) > max)
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *e = json_array_get(list, i);
        if (!json_is_integer(e) || json_integer_value(e) < 0 ||
            json_integer_value(e) > UINT8_MAX)
            return false;
        out[(*n)++] = (uint8_t)json_integer_value(e);
    }
    return true;
}

static int index_of(const char *const *words, size_t n, const char *w)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i], w) == 0)
            return (int)i;
    return -1;
}

static dcr_status read_check(const dcr_param_src *src, const json_t *e, dcr_id_check *c,
                             dcr_err *err)
{
    static const char *const sums[] = {"weighted",  "number",    "luhn",    "verhoeff",
                                       "mod-11-10", "cross-sum", "odd-even"};
    check_row w = {0};
    dcr_status st = dcr_params_read(src, e, check_spec, &w, err);
    int sum;
    if (st != DCR_OK)
        return st;
    sum = index_of(sums, sizeof sums / sizeof *sums, w.sum);
    if (sum < 0)
        return dcr_rule_fail(src->file, w.sum, err, "no sum \"%.40s\"", w.sum);
    if (!small_numbers(w.weights, c->weight, DCR_ID_WEIGHTS, &c->n_weights))
        return dcr_rule_fail(src->file, "weights", err,
                             "\"weights\" are at most %d numbers up to 255",
                             DCR_ID_WEIGHTS);
    c->sum = (dcr_id_sum)sum;
    if (c->sum == DCR_ID_CROSS_SUM)
        w.mod = 10;
    if (c->sum == DCR_ID_ODD_EVEN)
        w.mod = 26;
    if ((c->sum == DCR_ID_WEIGHTED || c->sum == DCR_ID_NUMBER) &&
        (w.mod < 2 || w.mod > 9999))
        return dcr_rule_fail(src->file, w.sum, err, "\"mod\" must be 2 to 9999");
    if (w.from >= SIG_MAX || w.to > SIG_MAX || w.at >= SIG_MAX || w.rest >= 9999)
        return dcr_rule_fail(src->file, w.sum, err, "a place lies beyond the number");
    c->mod = (uint32_t)w.mod;
    c->rest = (uint32_t)w.rest;
    c->from = (uint8_t)w.from;
    c->to = (uint8_t)w.to;
    c->at = (uint8_t)w.at;
    c->direct = w.direct;
    c->symbols = w.symbols;
    c->ten = w.ten;
    c->prefix = w.prefix;
    return DCR_OK;
}

static dcr_status read_rejects(const dcr_param_src *src, const id_row *w,
                               dcr_national_id *out, dcr_err *err)
{
    if (w->reject.n > DCR_ID_REJECTS)
        return dcr_rule_fail(src->file, w->id, err, "at most %d patterns to reject",
                             DCR_ID_REJECTS);
    for (size_t i = 0; i < w->reject.n; i++)
        if (!dcr_pattern_compile(w->reject.s[i], &out->reject[out->n_rejects++]))
            return dcr_rule_fail(src->file, w->reject.s[i], err, "not a pattern");
    return DCR_OK;
}

static dcr_status read_checks(const dcr_param_src *src, const id_row *w,
                              dcr_national_id *out, dcr_err *err)
{
    dcr_status st = DCR_OK;
    if (w->checks == NULL)
        return DCR_OK;
    if (!json_is_array(w->checks) || json_array_size(w->checks) > DCR_ID_CHECKS)
        return dcr_rule_fail(src->file, w->id, err, "\"checks\" is a list of up to %d",
                             DCR_ID_CHECKS);
    for (size_t i = 0; st == DCR_OK && i < json_array_size(w->checks); i++) {
        st = read_check(src, json_array_get(w->checks, i), &out->check[i], err);
        out->n_checks++;
        if (st == DCR_OK && out->check[i].sum == DCR_ID_ODD_EVEN && strlen(w->odd) != 26)
            st = dcr_rule_fail(src->file, w->id, err, "\"odd\" has 26 letters");
    }
    return st;
}

static dcr_status read_id(const dcr_param_src *src, const json_t *e, dcr_national_id *out,
                          dcr_err *err)
{
    static const char *const evidence[] = {"strong", "separated", "context"};
    id_row w = {0};
    dcr_status st = dcr_params_read(src, e, id_spec, &w, err);
    int kind;
    if (st != DCR_OK)
        return st;
    *out = (dcr_national_id){.id = w.id, .name = w.name, .country = w.country};
    out->date = w.date;
    out->odd = w.odd;
    out->words = w.words;
    out->replace = w.replace;
    kind = index_of(evidence, 3, w.evidence);
    if (kind < 0)
        return dcr_rule_fail(src->file, w.evidence, err, "no evidence \"%.40s\"",
                             w.evidence);
    out->evidence = (dcr_id_evidence)kind;
    if (!dcr_pattern_compile(w.pattern, &out->pattern))
        return dcr_rule_fail(src->file, w.pattern, err, "not a pattern");
    if (!small_numbers(w.day_add, out->day_add, sizeof out->day_add, &out->n_day_add) ||
        !small_numbers(w.month_add, out->month_add, sizeof out->month_add,
                       &out->n_month_add))
        return dcr_rule_fail(src->file, w.id, err, "a few numbers up to 255 are wanted");
    st = read_rejects(src, &w, out, err);
    return st == DCR_OK ? read_checks(src, &w, out, err) : st;
}

dcr_status dcr_national_ids_read(const dcr_param_src *src, const json_t *list,
                                 dcr_national_ids *out, dcr_err *err)
{
    dcr_status st = DCR_OK;
    if (!json_is_array(list) || json_array_size(list) > DCR_PATTERNS)
        return dcr_rule_fail(src->file, "ids", err, "\"ids\" must be a list of up to %d",
                             DCR_PATTERNS);
    out->list = dcr_arena_alloc(src->arena, json_array_size(list), sizeof *out->list);
    if (out->list == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < json_array_size(list); i++) {
        st = read_id(src, json_array_get(list, i), &out->list[i], err);
        if (st == DCR_OK)
            dcr_pattern_index_add(&out->index, out->n++, &out->list[i].pattern);
    }
    return st;
}
