/* Attributes that the Basic Profile removes or cleans and that are left, against the
 * options of PS3.15 that the files declare. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "detect.h"
#include "option_table.h"

typedef struct params {
    const json_t *select_json;
    dcr_select select;
    dcr_strings severities; /* role, severity, role, severity, ... */
    const char
        *undeclared; /* severity where identity is said to be removed, and no more */
    int by_role[32]; /* -1: that of the rule */
    dcr_severity without_codes;
} params;

static const dcr_param spec[] = {
    {"select", DCR_P_JSON, offsetof(params, select_json), false},
    {"severities", DCR_P_PAIRS, offsetof(params, severities), true},
    {"undeclared", DCR_P_STRING, offsetof(params, undeclared), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status read_severities(const dcr_param_src *src, params *p, dcr_err *err)
{
    for (size_t i = 0; i < 32; i++)
        p->by_role[i] = -1;
    for (size_t i = 0; i < p->severities.n; i += 2) {
        const char *name = p->severities.s[i], *word = p->severities.s[i + 1];
        dcr_role role;
        dcr_severity s;
        if (!dcr_role_of(name, &role) || (unsigned)role >= 32)
            return dcr_rule_fail(src->file, name, err, "no role \"%.40s\"", name);
        if (!dcr_severity_of(word, &s))
            return dcr_rule_fail(src->file, name, err, "no severity \"%.40s\"", word);
        p->by_role[role] = (int)s;
    }
    if (!dcr_severity_of(p->undeclared, &p->without_codes))
        return dcr_rule_fail(src->file, "undeclared", err, "no severity \"%.40s\"",
                             p->undeclared);
    return DCR_OK;
}

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    if (st == DCR_OK && p->select_json != NULL)
        st = dcr_select_read(src, p->select_json, &p->select, err);
    if (st == DCR_OK)
        st = read_severities(src, p, err);
    if (p != NULL)
        p->select_json = NULL;
    *out = p;
    return st;
}

/* ---- what is declared, series by series -----------------------------------------------
 */

enum { FIRST_CODE = 113100, LAST_CODE = 113112 }; /* of CID 7050 */
/* beside the columns' bits */
#define BASIC   (UINT32_C(1) << 30)
#define REMOVED (UINT32_C(1) << 31)

typedef struct declared { /* bits of columns; BASIC: 113100; REMOVED: some statement */
    uint32_t *series;
    size_t n;
} declared;

static uint32_t bit_of(const dcr_option_table *p, unsigned code)
{
    uint32_t bits = code == FIRST_CODE ? BASIC : 0;
    char text[8];
    snprintf(text, sizeof text, "%u", code);
    for (size_t i = 0; i < p->n_columns; i++)
        if (strcmp(p->code[i], text) == 0)
            bits |= 1u << i;
    return bits;
}

/* Codes in a text: TCIA writes "DCM:113100/113105/113107" into the method. */
static uint32_t bits_of(const dcr_option_table *p, const dcr_value *v)
{
    uint32_t bits = 0;
    for (size_t i = 0; dcr_value_text(v) && i < v->len;) {
        size_t n = dcr_digit_run(v->bytes, v->len, i, 7);
        unsigned code = n == 6 ? dcr_digits(v->bytes + i, 6) : 0;
        if (code >= FIRST_CODE && code <= LAST_CODE)
            bits |= bit_of(p, code);
        i += n == 0 ? 1 : n;
    }
    return bits;
}

static void declare(declared *d, const dcr_value *v, uint32_t bits)
{
    for (uint32_t i = 0; v->in_series != NULL && i < v->series; i++)
        if (v->in_series[i] < d->n)
            d->series[v->in_series[i]] |= bits;
}

static void look(const dcr_check_run *c, declared *d)
{
    static const char *const paths[] = {"0012,0064/0008,0100", "0012,0063"};
    const dcr_attr *removed = dcr_check_attr(c, "0012,0062");
    for (size_t i = 0; i < 2; i++) {
        const dcr_attr *a = dcr_check_attr(c, paths[i]);
        for (size_t k = 0; a != NULL && k < a->n_values; k++)
            if (dcr_value_real(&a->values[k]))
                declare(d, &a->values[k],
                        bits_of(c->rules->option_table, &a->values[k]) | REMOVED);
    }
    for (size_t k = 0; removed != NULL && k < removed->n_values; k++)
        if (removed->values[k].len == 3 &&
            memcmp(removed->values[k].bytes, "YES", 3) == 0)
            declare(d, &removed->values[k], REMOVED);
}

/* ---- what is left ---------------------------------------------------------------------
 */

/* Replacing by a dummy is allowed where the action is D or Z: a constant may be that, and
 * an identifier a pseudonym, which other rules judge. */
static bool may_be_dummy(const dcr_option_row *row, const dcr_attr *a)
{
    bool replaced = strpbrk(row->basic, "DZ") != NULL;
    return replaced && (a->constant || a->role == DCR_ROLE_DIRECT_IDENTIFIER);
}

/* A sequence within itself; and curves are one row of the table and a dozen attributes:
 * their data stands for them. */
static bool part_of_other(const dcr_attr *a, const dcr_option_row *row)
{
    size_t n = strlen(a->path);
    if (n >= 19 && memcmp(a->path + n - 9, a->path + n - 19, 9) == 0)
        return true;
    return row->tag == 0x50000000 && n >= 4 && strcmp(a->path + n - 4, "3000") != 0;
}

/* Codes of the bits, ascending. */
static void say_codes(const dcr_option_table *p, uint32_t bits, const char *join,
                      char out[96])
{
    size_t n = 0;
    out[0] = '\0';
    for (unsigned code = FIRST_CODE; code <= LAST_CODE && n + 12 < 96; code++)
        if ((bits & bit_of(p, code)) != 0)
            n += (size_t)snprintf(out + n, 96 - n, "%s%u", n == 0 ? "" : join, code);
}

/* Adds the series that say something and declare no option that keeps the attribute;
 * returns the bits that some of them declare. */
static uint32_t gather(const declared *d, const dcr_option_row *row, const dcr_attr *a,
                       dcr_hit *hit)
{
    uint32_t said = 0;
    for (size_t k = 0; k < a->n_values; k++) {
        const dcr_value *v = &a->values[k];
        bool any = false;
        for (uint32_t i = 0; dcr_value_real(v) && v->in_series != NULL && i < v->series;
             i++) {
            uint32_t bits = d->series[v->in_series[i]];
            if ((bits & REMOVED) == 0 || (bits & row->options) != 0)
                continue;
            dcr_hit_series(hit, v->in_series[i]);
            said |= bits;
            any = true;
        }
        hit->files += any ? v->files : 0;
    }
    return said;
}

static dcr_status judge(const dcr_check_run *c, const params *p, const declared *d,
                        const dcr_attr *a, dcr_err *err)
{
    const dcr_option_row *row = dcr_option_row_of(c->rules, a->path);
    char detail[320], needs[96], has[96];
    uint32_t said;
    dcr_hit hit;
    if (row == NULL || strchr(row->basic, 'U') != NULL || may_be_dummy(row, a) ||
        part_of_other(a, row))
        return DCR_OK;
    dcr_hit_init(&hit, a);
    said = gather(d, row, a, &hit);
    hit.severity = (said & BASIC) != 0 ? p->by_role[a->role] : (int)p->without_codes;
    say_codes(c->rules->option_table, row->options, " or ", needs);
    say_codes(c->rules->option_table, said, ", ", has);
    snprintf(detail, sizeof detail, "%s%s; these files declare %s.",
             needs[0] == '\0' ? "No option of PS3.15 keeps it" : "To stay it needs ",
             needs, has[0] == '\0' ? "no code" : has);
    hit.detail = detail;
    return dcr_check_add(c, &hit, err);
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    const dcr_model *m = c->model;
    declared d = {dcr_alloc(m->n_series, sizeof *d.series), m->n_series};
    dcr_status st = d.series == NULL ? dcr_nomem(err) : DCR_OK;
    if (st == DCR_OK)
        look(c, &d);
    for (size_t i = 0; st == DCR_OK && i < m->n_attrs; i++)
        if (dcr_select_match(&p->select, &m->attrs[i]))
            st = judge(c, p, &d, &m->attrs[i], err);
    dcr_free(d.series);
    return st;
}

const dcr_check dcr_check_profile = {
    "profile", "attributes left that no declared option of PS3.15 lets stay",
    DCR_PHASE_FIRST, compile, run};
