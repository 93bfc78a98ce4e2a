/* What speaks against a statement: findings, attributes kept, other statements. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "claims.h"
#include "deid.h"
#include "plural.h"
#include "profile.h"

enum { NAMED = 3, DEEPEST = 32 };
enum { NO_OPTION = 1u << DCR_PROFILE_COLUMNS };

/* ---- reading ---- */

typedef struct row {
    const json_t *select, *says, *lacks;
    dcr_strings rules, columns;
    bool declared, foreign_private;
} row;

static const dcr_param spec[] = {
    {"rules", DCR_P_STRINGS, offsetof(row, rules), false},
    {"select", DCR_P_JSON, offsetof(row, select), false},
    {"columns", DCR_P_STRINGS, offsetof(row, columns), false},
    {"declared", DCR_P_BOOL, offsetof(row, declared), false},
    {"private", DCR_P_BOOL, offsetof(row, foreign_private), false},
    {"says", DCR_P_JSON, offsetof(row, says), false},
    {"lacks", DCR_P_JSON, offsetof(row, lacks), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status rules_exist(const dcr_rules *r, const dcr_param_src *src,
                              const dcr_strings *ids, dcr_err *err)
{
    for (size_t i = 0; i < ids->n; i++) {
        char name[128];
        int n = snprintf(name, sizeof name, "checks/%.100s.json", ids->s[i]);
        if (n < 0 || dcr_rule_files_find(&r->files, name) == NULL)
            return dcr_rule_fail(src->file, ids->s[i], err, "no rule \"%.100s\"",
                                 ids->s[i]);
    }
    return DCR_OK;
}

static dcr_status read_columns(const dcr_param_src *src, const dcr_strings *names,
                               uint32_t *out, dcr_err *err)
{
    for (size_t i = 0; i < names->n; i++) {
        size_t column = DCR_PROFILE_COLUMNS;
        if (strcmp(names->s[i], "none") != 0 && !dcr_profile_column(names->s[i], &column))
            return dcr_rule_fail(src->file, names->s[i], err, "no column \"%.60s\"",
                                 names->s[i]);
        *out |= 1u << column;
    }
    return DCR_OK;
}

static dcr_status read_one(const dcr_rules *r, const dcr_param_src *src, const json_t *e,
                           dcr_against *a, dcr_err *err)
{
    row w = {0};
    dcr_status st = dcr_params_read(src, e, spec, &w, err);
    if (st != DCR_OK)
        return st;
    a->rules = w.rules;
    a->declared = w.declared;
    a->foreign_private = w.foreign_private;
    a->has_select = w.select != NULL;
    st = rules_exist(r, src, &w.rules, err);
    if (st == DCR_OK && a->has_select)
        st = dcr_select_read(src, w.select, &a->select, err);
    if (st == DCR_OK)
        st = read_columns(src, &w.columns, &a->columns, err);
    if (st == DCR_OK)
        st = dcr_conditions_read(src, w.says, &a->says, err);
    return st == DCR_OK ? dcr_conditions_read(src, w.lacks, &a->lacks, err) : st;
}

dcr_status dcr_againsts_read(const dcr_rules *r, const dcr_param_src *src,
                             const json_t *list, dcr_againsts *out, dcr_err *err)
{
    dcr_status st = DCR_OK;
    size_t n = json_array_size(list);
    *out = (dcr_againsts){0};
    if (n == 0)
        return dcr_rule_fail(src->file, "against", err, "\"against\" is a list");
    out->a = dcr_arena_alloc(src->arena, n, sizeof *out->a);
    if (out->a == NULL)
        return dcr_nomem(err);
    for (; st == DCR_OK && out->n < n; out->n++)
        st = read_one(r, src, json_array_get(list, out->n), &out->a[out->n], err);
    return st;
}

/* ---- options declared ---- */

/* For each column the series that declare its option; made once an audit. */
static dcr_status options(dcr_audit *u, dcr_err *err)
{
    dcr_status st = DCR_OK;
    if (u->option != NULL)
        return DCR_OK;
    u->option = dcr_alloc(DCR_PROFILE_COLUMNS, sizeof *u->option);
    if (u->option == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < DCR_PROFILE_COLUMNS; i++) {
        const char *code = dcr_profile_code(i);
        dcr_condition c = {.path = "", .pixels = "", .codes = {&code, 1}};
        dcr_conditions one = {&c, 1};
        st = dcr_set_init(&u->option[i], u->run->model, err);
        if (st == DCR_OK)
            dcr_conditions_add(u->run, &one, &u->option[i]);
    }
    return st;
}

/* The options that would keep the attribute, when a row of the table for it is of the
 * columns; false when none is. */
static bool in_columns(const dcr_audit *u, const dcr_against *a, const dcr_attr *attr,
                       uint32_t *keep)
{
    const dcr_profile_row *rows[DEEPEST];
    size_t n = dcr_profile_rows(u->run->rules, attr->path, rows, DEEPEST);
    bool found = false;
    *keep = 0;
    for (size_t i = 0; i < n; i++) {
        bool none = rows[i]->columns == 0 && rows[i]->removed;
        found = found || (rows[i]->columns & a->columns) != 0 ||
                (none && (a->columns & NO_OPTION) != 0);
        *keep |= rows[i]->columns;
    }
    return found;
}

/* ---- who is guilty ---- */

static void see(dcr_audit *u, uint32_t keep, uint32_t series, dcr_guilty *g)
{
    uint32_t subject;
    if (!dcr_set_has(u->within, series))
        return;
    for (size_t i = 0; keep != 0 && i < DCR_PROFILE_COLUMNS; i++)
        if ((keep >> i & 1) != 0 && dcr_set_has(&u->option[i], series))
            return;
    dcr_set_add(&u->found, series);
    subject = dcr_series_subject(u->run->model, series);
    g->subjects += u->seen[subject] != u->stamp;
    u->seen[subject] = u->stamp;
}

static void see_value(dcr_audit *u, uint32_t keep, const dcr_value *v, dcr_guilty *g)
{
    for (uint32_t i = 0; v->in_series != NULL && i < v->series; i++)
        see(u, keep, v->in_series[i], g);
}

static dcr_guilty begin(dcr_audit *u, const dcr_attr *a)
{
    u->stamp++;
    return (dcr_guilty){a, 0};
}

static void end(dcr_audit *u, const dcr_guilty *g)
{
    if (g->subjects == 0)
        return;
    if (!dcr_grow(&u->guilty, &u->cap_guilty, u->n_guilty + 1, sizeof *u->guilty)) {
        u->failed = true;
        return;
    }
    u->guilty[u->n_guilty++] = *g;
}

/* Of attributes that were rolled up only the series whose values were kept are known:
 * those are counted, and no more. */
static void one_attr(dcr_audit *u, const dcr_against *a, const dcr_attr *attr)
{
    uint32_t keep = 0;
    dcr_guilty g;
    if ((a->columns != 0 && !in_columns(u, a, attr, &keep)) ||
        (u->skip != NULL && u->skip(u, "", attr)))
        return;
    g = begin(u, attr);
    for (size_t i = 0; i < attr->n_values; i++)
        if (dcr_value_real(&attr->values[i]))
            see_value(u, a->declared ? 0 : keep, &attr->values[i], &g);
    end(u, &g);
}

static bool foreign(const dcr_rules *r, const dcr_attr *a)
{
    dcr_private_info info;
    return a->creator != NULL && dcr_rules_private(r, a->path, &info) &&
           info.kind != DCR_PRIVATE_CREATOR && !dcr_deid_own_private(r, a->creator);
}

static void attributes(dcr_audit *u, const dcr_against *a)
{
    const dcr_model *m = u->run->model;
    for (size_t i = 0; i < m->n_attrs; i++) {
        const dcr_attr *attr = &m->attrs[i];
        if (a->foreign_private ? foreign(u->run->rules, attr)
                               : !a->has_select || dcr_select_match(&a->select, attr))
            one_attr(u, a, attr);
    }
}

static void one_finding(dcr_audit *u, const dcr_against *a, const char *rule,
                        const dcr_hit *h)
{
    uint32_t keep = 0;
    dcr_guilty g;
    if (h->attr != NULL && ((a->has_select && !dcr_select_match(&a->select, h->attr)) ||
                            (a->columns != 0 && !in_columns(u, a, h->attr, &keep))))
        return;
    if (u->skip != NULL && u->skip(u, rule, h->attr))
        return;
    g = begin(u, h->attr);
    keep = a->declared ? 0 : keep;
    for (size_t i = 0; !h->all && i < h->n_values; i++)
        see_value(u, keep, h->values[i], &g);
    for (size_t i = 0; h->all && i < h->attr->n_values; i++)
        see_value(u, keep, &h->attr->values[i], &g);
    for (size_t i = 0; i < h->n_series; i++)
        see(u, keep, h->series[i], &g);
    end(u, &g);
}

static void findings(dcr_audit *u, const dcr_against *a)
{
    const char *rule;
    const dcr_hit *hit;
    for (size_t i = 0; dcr_check_finding(u->run, i, &rule, &hit); i++)
        if (dcr_strings_have(&a->rules, rule))
            one_finding(u, a, rule, hit);
}

static dcr_status statements(dcr_audit *u, const dcr_against *a, dcr_err *err)
{
    dcr_set s = {0};
    dcr_status st = dcr_set_init(&s, u->run->model, err);
    if (st != DCR_OK)
        return st;
    dcr_conditions_add(u->run, a->lacks.n > 0 ? &a->lacks : &a->says, &s);
    for (uint32_t i = 0; i < s.n; i++)
        if (dcr_set_has(u->within, i) && dcr_set_has(&s, i) == (a->lacks.n == 0))
            dcr_set_add(&u->found, i);
    dcr_set_clear(&s);
    return DCR_OK;
}

dcr_status dcr_audit_run(dcr_audit *u, const dcr_check_run *c, const dcr_set *within,
                         const dcr_againsts *l, dcr_err *err)
{
    dcr_status st;
    u->run = c;
    u->within = within;
    u->seen = dcr_alloc(c->model->n_subjects, sizeof *u->seen);
    st = u->seen == NULL ? dcr_nomem(err) : dcr_set_init(&u->found, c->model, err);
    for (size_t i = 0; st == DCR_OK && i < l->n; i++) {
        const dcr_against *a = &l->a[i];
        if (a->columns != 0)
            st = options(u, err);
        if (st == DCR_OK && a->rules.n > 0)
            findings(u, a);
        else if (st == DCR_OK && (a->says.n > 0 || a->lacks.n > 0))
            st = statements(u, a, err);
        else if (st == DCR_OK)
            attributes(u, a);
    }
    return st == DCR_OK && u->failed ? dcr_nomem(err) : st;
}

void dcr_audit_clear(dcr_audit *u)
{
    for (size_t i = 0; u->option != NULL && i < DCR_PROFILE_COLUMNS; i++)
        dcr_set_clear(&u->option[i]);
    dcr_free(u->option);
    dcr_free(u->seen);
    dcr_free(u->guilty);
    dcr_set_clear(&u->found);
    *u = (dcr_audit){0};
}

/* ---- saying it ---- */

static int by_name(const void *a, const void *b)
{
    const dcr_guilty *x = a, *y = b;
    return strcmp(x->attr == NULL ? "" : x->attr->path,
                  y->attr == NULL ? "" : y->attr->path);
}

static int by_weight(const void *a, const void *b)
{
    const dcr_guilty *x = a, *y = b;
    if (x->subjects != y->subjects)
        return x->subjects > y->subjects ? -1 : 1;
    return by_name(a, b);
}

/* Each attribute once, with the most that any way found of it. */
static void fold(dcr_audit *u)
{
    size_t n = 0;
    if (u->n_guilty > 0)
        qsort(u->guilty, u->n_guilty, sizeof *u->guilty, by_name);
    for (size_t i = 0; i < u->n_guilty; i++) {
        if (u->guilty[i].attr == NULL)
            continue;
        if (n > 0 && u->guilty[n - 1].attr == u->guilty[i].attr) {
            if (u->guilty[i].subjects > u->guilty[n - 1].subjects)
                u->guilty[n - 1].subjects = u->guilty[i].subjects;
            continue;
        }
        u->guilty[n++] = u->guilty[i];
    }
    u->n_guilty = n;
    if (n > 0)
        qsort(u->guilty, n, sizeof *u->guilty, by_weight);
}

static void append(char *out, size_t n, size_t *at, const char *fmt, const char *name,
                   uint32_t count)
{
    int k = *at >= n ? 0 : snprintf(out + *at, n - *at, fmt, name, count);
    *at += k < 0 ? 0 : (size_t)k;
}

void dcr_audit_say(dcr_audit *u, const char *of_whom, char *out, size_t n)
{
    uint32_t of = dcr_set_subjects(u->within, u->run->model);
    int k = snprintf(out, n, "%u of %u %s", dcr_set_subjects(&u->found, u->run->model),
                     of, dcr_plural(of, of_whom));
    size_t at = k < 0 ? 0 : (size_t)k;
    uint32_t named = 0, private = 0, more = 0;
    fold(u);
    for (size_t i = 0; i < u->n_guilty; i++) {
        const dcr_guilty *g = &u->guilty[i];
        /* Names of private elements are values of files: they are only counted. */
        if (g->attr->creator != NULL) {
            private++;
        } else if (named == NAMED || g->attr->keyword == NULL) {
            more++;
        } else {
            append(out, n, &at, named == 0 ? "; %s (%u)" : ", %s (%u)", g->attr->keyword,
                   g->subjects);
            named++;
        }
    }
    if (more > 0)
        append(out, n, &at, "%s %u",
               named > 0 ? "; other attributes:" : "; attributes:", more);
    if (private > 0)
        append(out, n, &at, "%s %u", "; private elements:", private);
}
