/* What many exams of one patient give away together. */
#include "dcmrisk/longitudinal.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "classes.h"
#include "dict.h"
#include "exam_days.h"
#include "unicity.h"

/* ---- items: the classes of each subject ---- */

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The records of the classes, but for those marked in `skip` (NULL: none). */
static dcr_status items_of(dcr_items *l, const dcr_classes *c, uint32_t n_subjects,
                           const bool *skip, dcr_err *err)
{
    size_t n = 0, r = 0;
    memset(l, 0, sizeof *l);
    l->n_holders = n_subjects;
    l->n_items = c->n_classes;
    l->first = dcr_alloc((size_t)n_subjects + 1, sizeof *l->first);
    l->item = dcr_alloc(c->n_records, sizeof *l->item);
    if (l->first == NULL || l->item == NULL)
        return dcr_nomem(err);
    for (uint32_t s = 0; s < n_subjects; s++) {
        for (; r < c->n_records && c->record_subject[r] == s; r++)
            if (skip == NULL || !skip[c->record_class[r]])
                l->item[n++] = c->record_class[r];
        l->first[s + 1] = n;
        qsort(l->item + l->first[s], n - l->first[s], sizeof *l->item, by_number);
    }
    return DCR_OK;
}

/* ---- k^m ---- */

static void judge_km(dcr_km *out, const dcr_itemsets *sets, const dcr_items *l)
{
    uint32_t m = out->m;
    out->itemsets = sets[m - 1].n;
    for (size_t b = 0; b < DCR_BELOW_N; b++)
        out->itemsets_below[b] = sets[m - 1].n_below[b];
    for (uint32_t s = 0; s < l->n_holders; s++) {
        size_t n = l->first[s + 1] - l->first[s];
        /* Of the sets of at most m keys, the largest have the fewest holders. */
        const dcr_itemsets *largest = &sets[n == 0 ? 0 : n < m ? n - 1 : m - 1];
        uint32_t k = largest->k[s], low = largest->k_low[s];
        if (n == 0)
            continue;
        out->k_min = out->k_min == 0 || k < out->k_min ? k : out->k_min;
        out->k_low_min =
            out->k_low_min == 0 || low < out->k_low_min ? low : out->k_low_min;
        out->holders += n >= m;
        for (size_t b = 0; b < DCR_BELOW_N; b++) {
            out->subjects_below[b] += k < dcr_below[b];
            out->holders_below[b] += n >= m && k < dcr_below[b];
        }
    }
}

static dcr_status mark_inferred(dcr_items *l, const dcr_risk *r, dcr_err *err)
{
    l->inferred = dcr_alloc(l->n_holders, sizeof *l->inferred);
    if (l->inferred == NULL)
        return dcr_nomem(err);
    for (uint32_t s = 0; s < r->model->n_subjects; s++) {
        uint32_t at = r->number == NULL ? s + 1 : r->number[s];
        if (at > 0)
            l->inferred[at - 1] = r->model->subjects[s].inferred;
    }
    return DCR_OK;
}

dcr_status dcr_km_get(dcr_km out[DCR_KM_N], const dcr_risk *any_exam, dcr_err *err)
{
    dcr_itemsets sets[DCR_KM_N] = {0};
    dcr_items l = {0};
    dcr_status rc = items_of(&l, &any_exam->classes, any_exam->n_subjects, NULL, err);
    if (rc == DCR_OK)
        rc = mark_inferred(&l, any_exam, err);
    if (rc == DCR_OK)
        rc = dcr_itemsets_count(sets, DCR_KM_N, &l, DCR_MOST_SETS, err);
    for (uint32_t m = 1; m <= DCR_KM_N && rc == DCR_OK; m++) {
        dcr_km *km = &out[m - 1];
        memset(km, 0, sizeof *km);
        km->m = m;
        km->applies = any_exam->applies && !sets[m - 1].refused;
        km->note = !any_exam->applies    ? "nothing that this adversary knows is in the "
                                           "dataset"
                   : sets[m - 1].refused ? "too many sets of exams to be counted"
                                         : "";
        if (km->applies)
            judge_km(km, sets, &l);
    }
    dcr_itemsets_clear(sets, DCR_KM_N);
    dcr_items_clear(&l);
    return rc;
}

/* ---- interval vectors ---- */

static int by_day(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* The days between the dated exams of a subject in vector[0 .. ); returns how many
 * exams. Its studies stand in a row. */
static uint32_t vector_of(const dcr_model *m, uint32_t subject, const int32_t *day,
                          int32_t *vector)
{
    const dcr_subject *s = &m->subjects[subject];
    uint32_t n = 0;
    for (uint32_t i = s->first_study; i < s->first_study + s->n_studies; i++)
        if (day[i] != NO_DAY)
            vector[n++] = day[i];
    qsort(vector, n, sizeof *vector, by_day);
    for (uint32_t i = 0; i + 1 < n; i++)
        vector[i] = vector[i + 1] - vector[i];
    return n;
}

static void judge_intervals(dcr_longitudinal *out, uint32_t n_subjects,
                            const uint32_t *exams)
{
    for (size_t g = 0; g < 2; g++) {
        dcr_intervals *v = &out->intervals[g];
        v->exams = (uint32_t)g + 2;
        for (uint32_t s = 0; s < n_subjects; s++) {
            uint32_t k = out->intervals_k[s];
            if (exams[s] < v->exams)
                continue;
            v->subjects++;
            v->k_min = v->k_min == 0 || k < v->k_min ? k : v->k_min;
            for (size_t b = 0; b < DCR_BELOW_N; b++)
                v->below[b] += k < dcr_below[b];
        }
    }
}

static dcr_status intervals(dcr_longitudinal *out, const dcr_model *m, const int32_t *day,
                            dcr_err *err)
{
    dcr_dict vectors = {0};
    int32_t *vector = dcr_alloc(m->n_studies, sizeof *vector);
    uint32_t *exams = dcr_alloc(m->n_subjects, sizeof *exams);
    uint32_t *number = dcr_alloc(m->n_subjects, sizeof *number);
    uint32_t *count = dcr_alloc(m->n_subjects, sizeof *count);
    dcr_status rc = vector == NULL || exams == NULL || number == NULL || count == NULL
                        ? dcr_nomem(err)
                        : DCR_OK;
    for (uint32_t s = 0; s < m->n_subjects && rc == DCR_OK; s++) {
        exams[s] = vector_of(m, s, day, vector);
        if (exams[s] < 2)
            continue;
        number[s] = dcr_dict_add(&vectors, vector, (exams[s] - 1) * sizeof *vector, 0);
        if (number[s] == DCR_DICT_NONE)
            rc = dcr_nomem(err);
        else
            count[number[s]]++;
    }
    for (uint32_t s = 0; s < m->n_subjects && rc == DCR_OK; s++)
        out->intervals_k[s] = exams[s] < 2 ? 0 : count[number[s]];
    if (rc == DCR_OK)
        judge_intervals(out, m->n_subjects, exams);
    dcr_dict_clear(&vectors);
    dcr_free(vector);
    dcr_free(exams);
    dcr_free(number);
    dcr_free(count);
    return rc;
}

/* ---- unicity ---- */

/* The dates of the calendar at a level; what is none is no value.  Only codes are
 * filled, which the caller frees. */
static dcr_status coarsen(dcr_column *out, const dcr_model *m, const dcr_column *date,
                          const char *level, dcr_err *err)
{
    const dcr_concept *c = &m->concepts[date->concept];
    size_t n = m->table.n_rows;
    dcr_dict texts = {0};
    dcr_code *to = dcr_alloc(date->n_codes, sizeof *to);
    dcr_status rc = DCR_OK;
    *out = *date;
    out->level = level;
    out->label = NULL;
    out->code = dcr_alloc(n, sizeof *out->code);
    if (to == NULL || out->code == NULL)
        rc = dcr_nomem(err);
    for (uint32_t i = 1; i < date->n_codes && rc == DCR_OK; i++) {
        const char *label = date->label[i];
        char text[64];
        int32_t day;
        size_t len;
        if (!dcr_exam_day(label, &day))
            continue;
        len = dcr_level_text(c->hierarchy, level, (const uint8_t *)label, strlen(label),
                             text, sizeof text);
        to[i] = dcr_dict_add(&texts, text, len, 0) + 1;
        if (to[i] == DCR_DICT_NONE + 1u)
            rc = dcr_nomem(err);
    }
    for (size_t r = 0; r < n && rc == DCR_OK; r++)
        out->code[r] = to[date->code[r]];
    out->n_codes = texts.n + 1;
    dcr_dict_clear(&texts);
    dcr_free(to);
    return rc;
}

/* The traces: points are classes of rows by the columns, the first of which is the date.
 */
static dcr_status traces(dcr_items *l, const dcr_model *m, const dcr_column *const *col,
                         size_t n_col, dcr_err *err)
{
    size_t n = m->table.n_rows;
    uint32_t *row_class = dcr_alloc(n, sizeof *row_class);
    dcr_classes c = {0};
    bool *undated = NULL;
    dcr_status rc = row_class == NULL
                        ? dcr_nomem(err)
                        : dcr_classes_build(&c, m, col, n_col, NULL, row_class, err);
    if (rc == DCR_OK) {
        undated = dcr_alloc(c.n_classes, sizeof *undated);
        rc = undated == NULL ? dcr_nomem(err) : DCR_OK;
    }
    for (size_t r = 0; r < n && rc == DCR_OK; r++)
        undated[row_class[r]] = col[0]->code[r] == 0;
    if (rc == DCR_OK)
        rc = items_of(l, &c, m->n_subjects, undated, err);
    dcr_classes_clear(&c);
    dcr_free(row_class);
    dcr_free(undated);
    return rc;
}

static dcr_status unicity(dcr_longitudinal *out, const dcr_model *m,
                          const dcr_column *date, const char *level, bool more,
                          dcr_err *err)
{
    const dcr_column *col[3] = {NULL, dcr_exam_column(m, "modality", "value"),
                                dcr_exam_column(m, "body_region", "value")};
    dcr_unicity *u = out->unicity + out->n_unicity;
    dcr_items l = {0};
    dcr_column at;
    dcr_status rc;
    if (more && (col[1] == NULL || col[2] == NULL))
        return DCR_OK;
    rc = coarsen(&at, m, date, level, err);
    col[0] = &at;
    if (rc == DCR_OK)
        rc = traces(&l, m, col, more ? 3 : 1, err);
    if (rc == DCR_OK)
        rc = dcr_unicity_get(u, &l, DCR_MOST_SETS, err);
    for (size_t p = 0; p < DCR_POINTS_N && rc == DCR_OK; p++)
        u[p].granularity = more                          ? "month+modality+body_region"
                           : strcmp(level, "day") == 0   ? "day"
                           : strcmp(level, "month") == 0 ? "month"
                                                         : "week";
    out->n_unicity += rc == DCR_OK ? DCR_POINTS_N : 0;
    dcr_items_clear(&l);
    dcr_free(at.code);
    return rc;
}

/* ---- the whole ---- */

static dcr_status measure(dcr_longitudinal *out, const dcr_model *m,
                          const dcr_column *date, dcr_err *err)
{
    static const char *const levels[] = {"day", "iso_week", "month", "month"};
    int32_t *day = dcr_alloc(m->n_studies, sizeof *day);
    dcr_status rc = day == NULL ? dcr_nomem(err) : DCR_OK;
    if (rc == DCR_OK) {
        out->undated = dcr_exam_days(m, date, day);
        for (uint32_t s = 0; s < m->n_studies; s++)
            out->applies = out->applies || day[s] != NO_DAY;
        rc = intervals(out, m, day, err);
    }
    if (rc == DCR_OK && !out->applies)
        out->note = "no exam has a date of the calendar";
    for (size_t i = 0; i < 4 && rc == DCR_OK && out->applies; i++)
        rc = unicity(out, m, date, levels[i], i == 3, err);
    dcr_free(day);
    return rc;
}

dcr_status dcr_longitudinal_get(dcr_longitudinal *out, const dcr_model *m, dcr_err *err)
{
    const dcr_column *date = dcr_exam_column(m, "exam_date", "day");
    memset(out, 0, sizeof *out);
    out->intervals_k = dcr_alloc(m->n_subjects, sizeof *out->intervals_k);
    if (out->intervals_k == NULL)
        return dcr_nomem(err);
    out->note = date == NULL ? "no exam has a date, or no adversary of the rules knows "
                               "its day"
                             : "";
    return date == NULL ? DCR_OK : measure(out, m, date, err);
}

void dcr_longitudinal_clear(dcr_longitudinal *l)
{
    dcr_free(l->intervals_k);
    memset(l, 0, sizeof *l);
}
