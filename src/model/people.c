/* Who the files are about: units become subjects, studies and series. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "build.h"

dcr_bytes dcr_bytes_trim(dcr_bytes b)
{
    while (b.n > 0 && (b.p[b.n - 1] == ' ' || b.p[b.n - 1] == '\0'))
        b.n--;
    while (b.n > 0 && (b.p[0] == ' ' || b.p[0] == '\0')) {
        b.p++;
        b.n--;
    }
    return b;
}

int dcr_bytes_compare(dcr_bytes a, dcr_bytes b)
{
    uint32_t n = a.n < b.n ? a.n : b.n;
    int c = n == 0 ? 0 : memcmp(a.p, b.p, n);
    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

bool dcr_is_real(const dcr_rules *r, const char *vr, dcr_bytes trimmed)
{
    return trimmed.n > 0 && !dcr_rules_is_dummy(r, vr, trimmed.p, trimmed.n);
}

typedef struct person { /* everything that decides where a unit belongs */
    dcr_bytes key, issuer, study, series;
    uint32_t unit;
    bool inferred, has_study_uid;
} person;

static int by_issuer(const void *pa, const void *pb)
{
    const person *a = pa, *b = pb;
    int c = (a->inferred > b->inferred) - (a->inferred < b->inferred);
    c = c != 0 ? c : dcr_bytes_compare(a->key, b->key);
    return c != 0 ? c : dcr_bytes_compare(a->issuer, b->issuer);
}

static int by_study(const person *a, const person *b)
{
    int c = (a->has_study_uid < b->has_study_uid) - (a->has_study_uid > b->has_study_uid);
    return c != 0 ? c : dcr_bytes_compare(a->study, b->study);
}

static int by_place(const void *pa, const void *pb)
{
    const person *a = pa, *b = pb;
    int c = by_issuer(a, b);
    c = c != 0 ? c : by_study(a, b);
    c = c != 0 ? c : dcr_bytes_compare(a->series, b->series);
    return c != 0 ? c : (a->unit > b->unit) - (a->unit < b->unit);
}

/* An issuer separates two subjects only when both have one: units without one join the
 * smallest issuer of their PatientID. */
static void join_issuers(person *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t j = i, first = i;
        while (j < n && p[j].inferred == p[i].inferred &&
               dcr_bytes_compare(p[j].key, p[i].key) == 0)
            j++;
        while (first < j && p[first].issuer.n == 0) /* none sorts first */
            first++;
        for (size_t k = i; first < j && k < first; k++)
            p[k].issuer = p[first].issuer;
        i = j;
    }
}

static void describe(const build *b, uint32_t unit, person *p)
{
    const dcr_store_unit *u = &b->units[unit];
    dcr_bytes pid = dcr_bytes_trim(u->patient_id), issuer = dcr_bytes_trim(u->issuer);
    dcr_bytes study = dcr_bytes_trim(u->study_uid);
    memset(p, 0, sizeof *p);
    p->unit = unit;
    p->has_study_uid = study.n > 0;
    p->study = study.n > 0 ? study : u->stand_in;
    p->series = dcr_bytes_trim(u->series_uid);
    p->inferred = !dcr_is_real(b->rules, "LO", pid);
    p->key = p->inferred ? p->study : pid;
    if (!p->inferred && dcr_is_real(b->rules, "LO", issuer))
        p->issuer = issuer;
}

/* Lends the key to the model: it may be asked for by a table beside the images. */
static bool keep_key(build *b, dcr_subject *s, const person *p)
{
    s->inferred = p->inferred;
    if (p->inferred)
        return true;
    s->key = (const uint8_t *)dcr_arena_bytes(b->arena, p->key.p, p->key.n);
    s->key_len = p->key.n;
    return s->key != NULL;
}

static dcr_status number_people(build *b, const person *p, size_t n, dcr_err *err)
{
    dcr_model *m = b->m;
    size_t n_places = 0;
    m->subjects = dcr_arena_alloc(b->arena, n, sizeof *m->subjects);
    m->studies = dcr_arena_alloc(b->arena, n, sizeof *m->studies);
    m->series = dcr_arena_alloc(b->arena, n, sizeof *m->series);
    if (m->subjects == NULL || m->studies == NULL || m->series == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n; i++) {
        bool subject = i == 0 || by_issuer(&p[i - 1], &p[i]) != 0;
        bool study = subject || by_study(&p[i - 1], &p[i]) != 0;
        bool series = study || dcr_bytes_compare(p[i - 1].series, p[i].series) != 0;
        if (subject) {
            m->subjects[m->n_subjects].first_study = m->n_studies;
            if (!keep_key(b, &m->subjects[m->n_subjects++], &p[i]))
                return dcr_nomem(err);
            m->data.inferred_subjects += p[i].inferred;
        }
        if (study) {
            m->subjects[m->n_subjects - 1].n_studies++;
            m->studies[m->n_studies].subject = m->n_subjects - 1;
            m->studies[m->n_studies].has_uid = p[i].has_study_uid;
            m->studies[m->n_studies++].first_series = m->n_series;
        }
        if (series) {
            m->studies[m->n_studies - 1].n_series++;
            m->series[m->n_series].study = m->n_studies - 1;
            m->series[m->n_series++].has_uid = p[i].series.n > 0;
        }
        m->series[m->n_series - 1].files += b->units[p[i].unit].files;
        b->place[n_places].unit = p[i].unit;
        b->place[n_places].subject = m->n_subjects - 1;
        b->place[n_places].study = m->n_studies - 1;
        b->place[n_places++].series = m->n_series - 1;
    }
    return DCR_OK;
}

static int by_bytes(const void *a, const void *b)
{
    return dcr_bytes_compare(*(const dcr_bytes *)a, *(const dcr_bytes *)b);
}

/* Distinct non-empty strings among n. */
static uint64_t count_distinct(dcr_bytes *list, size_t n)
{
    uint64_t distinct = 0;
    qsort(list, n, sizeof *list, by_bytes);
    for (size_t i = 0; i < n; i++)
        distinct += list[i].n > 0 && (i == 0 || by_bytes(&list[i - 1], &list[i]) != 0);
    return distinct;
}

static dcr_status count_uids(build *b, const person *p, size_t n, dcr_err *err)
{
    dcr_bytes *list = dcr_alloc(n, sizeof *list);
    if (list == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n; i++)
        list[i] = dcr_bytes_trim(b->units[p[i].unit].study_uid);
    b->m->data.study_uids = count_distinct(list, n);
    for (size_t i = 0; i < n; i++)
        list[i] = p[i].series;
    b->m->data.series_uids = count_distinct(list, n);
    dcr_free(list);
    return DCR_OK;
}

dcr_status dcr_build_people(build *b, dcr_err *err)
{
    person *p = dcr_alloc(b->n_units, sizeof *p);
    size_t n = 0;
    dcr_status rc = DCR_OK;
    b->place = dcr_alloc(b->n_units, sizeof *b->place);
    b->m->unit_series = dcr_arena_alloc(b->arena, b->n_units, sizeof *b->m->unit_series);
    b->m->n_units = b->n_units;
    if (p == NULL || b->place == NULL || b->m->unit_series == NULL) {
        dcr_free(p);
        return dcr_nomem(err);
    }
    for (uint32_t u = 0; u < b->n_units; u++)
        if (b->units[u].files > 0 && b->units[u].kind == DCR_FILE_DICOM)
            describe(b, u, &p[n++]);
    qsort(p, n, sizeof *p, by_issuer);
    join_issuers(p, n);
    qsort(p, n, sizeof *p, by_place);
    rc = number_people(b, p, n, err);
    if (rc == DCR_OK)
        rc = count_uids(b, p, n, err);
    b->n_places = (uint32_t)n;
    /* Media directories and files beside the images are nobody's, yet what they hold
     * counts as content. */
    for (uint32_t u = 0; u < b->n_units && rc == DCR_OK; u++)
        if (b->units[u].files > 0 && b->units[u].kind != DCR_FILE_DICOM) {
            unit_place nobody = {u, UINT32_MAX, UINT32_MAX, UINT32_MAX};
            b->place[b->n_places++] = nobody;
        }
    for (uint32_t u = 0; u < b->n_units; u++)
        b->m->unit_series[u] = UINT32_MAX;
    for (uint32_t i = 0; i < b->n_places; i++)
        b->m->unit_series[b->place[i].unit] = b->place[i].series;
    dcr_free(p);
    return rc;
}
