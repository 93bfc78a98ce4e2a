/* Columns of records brought to coarser levels, and what follows from them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "dict.h"
#include "whatif_impl.h"

enum { LABEL_MAX = 64, READ = 0, UNREAD = 1 };

/* ---- a map from codes to coarser codes ---- */

/* A label that could not be read stays by itself, whatever the others become. */
static uint32_t coarser_code(dcr_dict *at, const char *hierarchy,
                             const dcr_whatif_part *p, const char *label)
{
    char value[LABEL_MAX], text[LABEL_MAX];
    size_t n = dcr_level_value(hierarchy, p->from, label, value, sizeof value);
    if (n > 0)
        n = dcr_level_text(hierarchy, p->level, (const uint8_t *)value, n, text,
                           sizeof text);
    return n > 0 ? dcr_dict_add(at, text, n, READ)
                 : dcr_dict_add(at, label, strlen(label), UNREAD);
}

static dcr_status map_codes(whatif_step *s, const dcr_column *c, const char *hierarchy,
                            dcr_err *err)
{
    dcr_dict at = {0};
    dcr_status rc = DCR_OK;
    if (strcmp(s->part.level, "*") != 0) {
        for (uint32_t i = 1; i < c->n_codes && rc == DCR_OK; i++) {
            s->to[i] = coarser_code(&at, hierarchy, &s->part, c->label[i]) + 1;
            if (s->to[i] == 0) /* DCR_DICT_NONE + 1 */
                rc = dcr_nomem(err);
        }
    }
    s->n_to = at.n + 1;
    dcr_dict_clear(&at);
    return rc;
}

/* ---- what it loses ---- */

/* Distinct (subject, code) pairs of a column by code, of the subjects judged. */
static dcr_status pairs_by_code(uint32_t *n, const whatif_records *w, const dcr_risk *r,
                                const dcr_column *c, dcr_err *err)
{
    uint32_t *last = dcr_alloc(c->n_codes, sizeof *last);
    if (last == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < w->m.table.n_rows; i++) {
        uint32_t s = w->m.table.subject[i], k = c->code[i];
        if ((r->number != NULL && r->number[s] == 0) || last[k] == s + 1)
            continue;
        last[k] = s + 1;
        n[k]++;
    }
    dcr_free(last);
    return DCR_OK;
}

/* H(fine | coarse); exactly 0 when no two codes fall together. */
static double bits_lost(const whatif_step *s, const uint32_t *n_fine, uint32_t n_codes,
                        uint32_t *n_coarse)
{
    double sum = 0, all = 0;
    for (uint32_t f = 0; f < n_codes; f++)
        n_coarse[s->to[f]] += n_fine[f];
    for (uint32_t f = 0; f < n_codes; f++) {
        all += n_fine[f];
        if (n_fine[f] > 0 && n_fine[f] < n_coarse[s->to[f]])
            sum += n_fine[f] * log2((double)n_coarse[s->to[f]] / n_fine[f]);
    }
    return all > 0 ? sum / all : 0;
}

dcr_status dcr_whatif_step_build(whatif_step *s, whatif_records *w, const dcr_risk *r,
                                 dcr_err *err)
{
    const dcr_column *c = &w->m.table.column[s->column];
    uint32_t *fine = dcr_alloc(c->n_codes, sizeof *fine), *coarse = NULL;
    dcr_status rc;
    s->to = dcr_arena_alloc(&w->arena, c->n_codes, sizeof *s->to);
    rc = s->to == NULL || fine == NULL
             ? dcr_nomem(err)
             : map_codes(s, c, w->m.concepts[c->concept].hierarchy, err);
    if (rc == DCR_OK) {
        coarse = dcr_alloc(s->n_to, sizeof *coarse);
        rc = coarse == NULL ? dcr_nomem(err) : pairs_by_code(fine, w, r, c, err);
    }
    if (rc == DCR_OK)
        s->bits = bits_lost(s, fine, c->n_codes, coarse);
    dcr_free(fine);
    dcr_free(coarse);
    return rc;
}

/* ---- applying ---- */

static dcr_code *room(whatif_records *w, size_t column)
{
    dcr_code *code = w->room[w->rooms_used++];
    w->changed[column].code = code;
    return code;
}

static const whatif_step *step_on(const whatif_step *const *s, size_t n, size_t column)
{
    for (size_t i = 0; i < n; i++)
        if (s[i]->column == column)
            return s[i];
    return NULL;
}

static void recode(whatif_records *w, const whatif_step *s)
{
    const dcr_code *from = w->m.table.column[s->column].code;
    dcr_code *to = room(w, s->column);
    for (size_t i = 0; i < w->m.table.n_rows; i++)
        to[i] = s->to[from[i]];
    w->changed[s->column].n_codes = s->n_to;
}

/* Sites that followed from devices are gone with them. */
static void drop_derived_sites(whatif_records *w)
{
    const dcr_code *from = w->m.table.column[w->site].code;
    dcr_code *to = room(w, w->site);
    for (size_t i = 0; i < w->m.table.n_rows; i++)
        to[i] = w->site_stated[i] ? from[i] : 0;
}

/* ---- ages from dates that are left ---- */

enum { DAY_TEXT = 9, MOST_YEARS = 10000 };

/* What the files hold of the days of a column after a step on it (NULL: none); "" when
 * nothing. */
static char (*days_left(const dcr_column *day, const char *hierarchy,
                        const whatif_step *s))[DAY_TEXT]
{
    char(*out)[DAY_TEXT] = dcr_alloc(day->n_codes, sizeof *out);
    for (uint32_t i = 1; out != NULL && i < day->n_codes; i++) {
        char text[LABEL_MAX];
        size_t n = dcr_level_value(hierarchy, "day", day->label[i], out[i], DAY_TEXT);
        if (n == 0 || s == NULL)
            continue; /* not a day: nothing follows from it */
        dcr_level_text(hierarchy, s->part.level, (const uint8_t *)out[i], n, text,
                       sizeof text);
        dcr_level_value(hierarchy, s->part.level, text, out[i], DAY_TEXT);
    }
    return out;
}

typedef struct ages { /* codes of ages that the column may not know */
    const dcr_column *column;
    dcr_dict known; /* labels of the column, then new ones */
    uint32_t *of;   /* MOST_YEARS: code + 1 of the age in years, 0: not asked yet */
} ages;

static dcr_status ages_start(ages *a, const dcr_column *c, dcr_err *err)
{
    a->column = c;
    a->of = dcr_alloc(MOST_YEARS, sizeof *a->of);
    if (a->of == NULL)
        return dcr_nomem(err);
    for (uint32_t i = 0; i < c->n_codes; i++)
        if (dcr_dict_add(&a->known, c->label[i], strlen(c->label[i]), 0) != i)
            return dcr_nomem(err);
    return DCR_OK;
}

static dcr_status age_code(ages *a, int years, dcr_code *code, dcr_err *err)
{
    char value[16], text[LABEL_MAX];
    *code = 0;
    if (years < 0 || years >= MOST_YEARS)
        return DCR_OK;
    if (a->of[years] == 0) {
        int n = snprintf(value, sizeof value, "%03dY", years);
        size_t len = dcr_level_text("age", a->column->level, (const uint8_t *)value,
                                    (size_t)n, text, sizeof text);
        uint32_t at = dcr_dict_add(&a->known, text, len, 0);
        if (at == DCR_DICT_NONE)
            return dcr_nomem(err);
        a->of[years] = at + 1;
    }
    *code = a->of[years] - 1;
    return DCR_OK;
}

static dcr_status derive_ages(whatif_records *w, const whatif_step *birth_step,
                              const whatif_step *exam_step, dcr_err *err)
{
    const dcr_code *from = w->m.table.column[w->age].code;
    dcr_code *to = room(w, w->age);
    ages a = {0};
    char(*birth)[DAY_TEXT] = days_left(&w->birth_day, "birth_date", birth_step);
    char(*exam)[DAY_TEXT] = days_left(&w->exam_day, "date", exam_step);
    dcr_status rc = birth == NULL || exam == NULL ? dcr_nomem(err) : DCR_OK;
    if (rc == DCR_OK)
        rc = ages_start(&a, &w->m.table.column[w->age], err);
    for (size_t i = 0; i < w->m.table.n_rows && rc == DCR_OK; i++) {
        to[i] = from[i];
        if (!w->age_stated[i])
            rc = age_code(
                &a,
                dcr_age_between(birth[w->birth_day.code[i]], exam[w->exam_day.code[i]]),
                &to[i], err);
    }
    w->changed[w->age].n_codes = a.known.n;
    dcr_free(birth);
    dcr_free(exam);
    dcr_free(a.of);
    dcr_dict_clear(&a.known);
    return rc;
}

/* ---- the whole ---- */

bool dcr_whatif_empties_birth(const whatif_records *w, const whatif_step *s)
{
    return s->column == w->age && w->birth_carried;
}

dcr_status dcr_whatif_apply(whatif_records *w, const whatif_step *const *s, size_t n,
                            dcr_err *err)
{
    const whatif_step *age = step_on(s, n, w->age), *birth = step_on(s, n, w->birth);
    const whatif_step *exam = step_on(s, n, w->exam);
    bool empties = age != NULL && dcr_whatif_empties_birth(w, age);
    w->rooms_used = 0;
    memcpy(w->changed, w->m.table.column, w->m.table.n_columns * sizeof *w->changed);
    for (size_t i = 0; i < n; i++)
        if (!(empties && s[i]->column == w->birth))
            recode(w, s[i]);
    if (empties && w->birth != SIZE_MAX)
        memset(room(w, w->birth), 0, w->m.table.n_rows * sizeof(dcr_code));
    if (w->site_stated != NULL && step_on(s, n, w->site) == NULL &&
        step_on(s, n, w->device) != NULL)
        drop_derived_sites(w);
    if (w->age_stated != NULL && age == NULL && (birth != NULL || exam != NULL))
        return derive_ages(w, birth, exam, err);
    return DCR_OK;
}
