/* Pseudonyms that tell something: the order of exams, initials, the year of birth, the
 * site. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "detect.h"
#include "link_judge.h"
#include "pseudonym.h"

typedef struct params {
    const char *what, *path;
    size_t min_subjects, share; /* per cent of the patients that can be compared */
} params;

static const dcr_param spec[] = {
    {"what", DCR_P_STRING, offsetof(params, what), true},
    {"path", DCR_P_STRING, offsetof(params, path), true},
    {"min_subjects", DCR_P_UINT, offsetof(params, min_subjects), true},
    {"share", DCR_P_UINT, offsetof(params, share), false},
    {NULL, DCR_P_STRING, 0, false},
};

/* Per subject its first real value of an attribute, NULL none. */
static const dcr_value **of_subjects(const dcr_check_run *c, const char *path)
{
    const dcr_attr *a = dcr_check_attr(c, path);
    const dcr_value **list = dcr_alloc(c->model->n_subjects, sizeof *list);
    for (size_t i = 0; list != NULL && a != NULL && i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        if (!dcr_value_real(v) || !dcr_value_text(v) || v->in_series == NULL)
            continue;
        for (uint32_t k = 0; k < v->series; k++) {
            uint32_t s = dcr_series_subject(c->model, v->in_series[k]);
            if (list[s] == NULL)
                list[s] = v;
        }
    }
    return list;
}

/* ---- initials, year of birth: patient by patient ---- */

typedef bool (*teller)(const dcr_value *id, const dcr_value *fact);

static dcr_status one_by_one(const dcr_check_run *c, const params *p, const char *fact,
                             teller tells, const char *word, dcr_err *err)
{
    const dcr_value **id = of_subjects(c, p->path), **other = of_subjects(c, fact);
    size_t n = 0, told = 0, kinds = 0;
    const dcr_value *last = NULL;
    char detail[160];
    dcr_hit hit;
    dcr_hit_init(&hit, dcr_check_attr(c, p->path));
    if (id == NULL || other == NULL) {
        dcr_free(id);
        dcr_free(other);
        return dcr_nomem(err);
    }
    for (uint32_t s = 0; s < c->model->n_subjects; s++) {
        if (id[s] == NULL || other[s] == NULL)
            continue;
        n++;
        kinds += other[s] != last;
        last = other[s];
        if (!tells(id[s], other[s]))
            continue;
        told++;
        dcr_hit_value(&hit, id[s]);
    }
    snprintf(detail, sizeof detail, "%zu of %zu pseudonyms hold the patient's %s", told,
             n, word);
    hit.detail = detail;
    dcr_free(id);
    dcr_free(other);
    if (n >= p->min_subjects && kinds > 1 && told * 100 >= n * p->share)
        return dcr_check_add(c, &hit, err);
    dcr_hit_clear(&hit);
    return DCR_OK;
}

/* ---- order ---- */

static dcr_status rank_pairs(const dcr_check_run *c, const params *p, dcr_pair *pair,
                             const dcr_value **id, size_t *n, dcr_err *err)
{
    int32_t *day = NULL, *first = dcr_alloc(c->model->n_subjects, sizeof *first);
    dcr_status st = first == NULL ? dcr_nomem(err) : dcr_series_days(c->model, &day, err);
    (void)p;
    for (uint32_t s = 0; st == DCR_OK && s < c->model->n_subjects; s++)
        first[s] = INT32_MAX;
    for (uint32_t i = 0; st == DCR_OK && i < c->model->n_series; i++) {
        uint32_t s = dcr_series_subject(c->model, i);
        if (day[i] != DCR_NO_DAY && day[i] < first[s])
            first[s] = day[i];
    }
    for (uint32_t s = 0; st == DCR_OK && s < c->model->n_subjects; s++) {
        double number;
        if (first[s] == INT32_MAX || id[s] == NULL ||
            !dcr_pseudonym_number(id[s]->bytes, id[s]->len, &number))
            continue;
        pair[(*n)++] = (dcr_pair){number, first[s]};
    }
    dcr_free(day);
    dcr_free(first);
    return st;
}

static dcr_status order(const dcr_check_run *c, const params *p, dcr_err *err)
{
    const dcr_value **id = of_subjects(c, p->path);
    dcr_pair *pair = dcr_alloc(c->model->n_subjects, sizeof *pair);
    double rho = 0, chance = 1;
    char detail[200];
    size_t n = 0;
    dcr_hit hit;
    dcr_status st =
        id == NULL || pair == NULL ? dcr_nomem(err) : rank_pairs(c, p, pair, id, &n, err);
    if (st == DCR_OK && n >= p->min_subjects &&
        !dcr_rank_correlation(pair, n, &rho, &chance))
        st = dcr_nomem(err);
    if (st == DCR_OK && fabs(rho) * 100 >= (double)p->share && chance <= 0.001) {
        dcr_hit_init(&hit, dcr_check_attr(c, p->path));
        dcr_hit_all(&hit);
        snprintf(detail, sizeof detail,
                 "over %zu patients the number in the pseudonym and the date of the first"
                 " exam have a rank correlation of %.2f",
                 n, rho);
        hit.detail = detail;
        st = dcr_check_add(c, &hit, err);
    }
    dcr_free(id);
    dcr_free(pair);
    return st;
}

/* ---- site ---- */

static dcr_status site(const dcr_check_run *c, const params *p, dcr_err *err)
{
    const dcr_value **id = of_subjects(c, p->path), **at = of_subjects(c, "0008,0080");
    size_t n = 0, sites = 0;
    char detail[160];
    dcr_hit hit;
    dcr_status st = DCR_OK;
    if (id == NULL || at == NULL)
        st = dcr_nomem(err);
    if (st == DCR_OK && !dcr_pseudonym_sites(id, at, c->model->n_subjects, &n, &sites))
        st = dcr_nomem(err);
    if (st == DCR_OK && n >= p->min_subjects && sites > 1) {
        dcr_hit_init(&hit, dcr_check_attr(c, p->path));
        dcr_hit_all(&hit);
        snprintf(detail, sizeof detail,
                 "the beginnings of %zu pseudonyms stand for their %zu sites one to one",
                 n, sites);
        hit.detail = detail;
        st = dcr_check_add(c, &hit, err);
    }
    dcr_free(id);
    dcr_free(at);
    return st;
}

/* ---- the kinds ---- */

static const char *const kinds[] = {"order", "initials", "birth-date", "site"};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    size_t k = 0;
    (void)r;
    *out = p;
    if (st != DCR_OK)
        return st;
    while (k < sizeof kinds / sizeof *kinds && strcmp(kinds[k], p->what) != 0)
        k++;
    if (k == sizeof kinds / sizeof *kinds)
        return dcr_rule_fail(src->file, "what", err,
                             "\"what\" is order, initials, birth-date or site");
    return DCR_OK;
}

static bool source_like(const dcr_check_run *c, const char *path)
{
    const dcr_link_key *k = dcr_link_key_of(c->evidence->links, path);
    return k != NULL && k->state == DCR_LINK_SOURCE_LIKE;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    if (dcr_check_attr(c, p->path) == NULL)
        return DCR_OK;
    if (strcmp(p->what, "order") == 0) /* a hospital's own numbers rise with time */
        return source_like(c, p->path) ? DCR_OK : order(c, p, err);
    if (strcmp(p->what, "site") == 0)
        return site(c, p, err);
    if (strcmp(p->what, "initials") == 0)
        return one_by_one(c, p, "0010,0010", dcr_pseudonym_initials, "initials", err);
    return one_by_one(c, p, "0010,0030", dcr_pseudonym_birth, "year or date of birth",
                      err);
}

const dcr_check dcr_check_pseudonym = {
    "pseudonym", "pseudonyms that tell the order of exams, initials, birth or site",
    DCR_PHASE_FIRST, compile, run};
