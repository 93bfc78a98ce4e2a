/* Whom the search looks at, and the values of an attribute visit by visit. */
#include <stdlib.h>

#include "hidden_impl.h"

bool dcr_hidden_real(const dcr_value *v)
{
    return v->len > 0 && (v->flags & (DCR_VALUE_DUMMY | DCR_VALUE_EMPTY)) == 0;
}

uint64_t dcr_hidden_mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15ull;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

size_t dcr_hidden_concept(const dcr_model *m, const char *id)
{
    for (size_t c = 0; c < m->n_concepts; c++)
        if (strcmp(m->concepts[c].id, id) == 0)
            return c;
    return SIZE_MAX;
}

void dcr_sample_clear(dcr_sample *s)
{
    dcr_free(s->first_visit);
    dcr_free(s->model_subject);
    dcr_free(s->visit_subject);
    dcr_free(s->day);
    dcr_free(s->visit_studies);
    dcr_free(s->visit_of_series);
    dcr_free(s->has_series);
    dcr_free(s->has_subject);
    for (size_t a = 0; s->kept != NULL && a < s->m->n_attrs; a++)
        dcr_free(s->kept[a]);
    dcr_free(s->kept);
    for (size_t i = 0; i < sizeof s->label / sizeof *s->label; i++)
        dcr_free(s->label[i]);
    dcr_free(s->stratum);
    dcr_free(s->order);
    memset(s, 0, sizeof *s);
}

/* ---- who ---- */

/* A person whose studies are known to be theirs: others stand for one study each. */
static bool repeated(const dcr_subject *s)
{
    return !s->inferred && s->n_studies > 1;
}

/* Subjects by chance (a hash of their number), about max_subjects of those with several
 * studies and as many of the others. */
static dcr_status choose(dcr_sample *s, dcr_err *err)
{
    const dcr_model *m = s->m;
    uint64_t n[2] = {0, 0}, limit[2];
    for (uint32_t i = 0; i < m->n_subjects; i++)
        n[repeated(&m->subjects[i])]++;
    for (int k = 0; k < 2; k++)
        limit[k] = n[k] <= s->p->max_subjects ? UINT64_MAX
                                              : UINT64_MAX / n[k] * s->p->max_subjects;
    s->model_subject = dcr_alloc(m->n_subjects, sizeof *s->model_subject);
    if (s->model_subject == NULL)
        return dcr_nomem(err);
    for (uint32_t i = 0; i < m->n_subjects; i++)
        if (dcr_hidden_mix(i) <= limit[repeated(&m->subjects[i])]) {
            s->n_repeated += repeated(&m->subjects[i]);
            s->model_subject[s->n_subjects++] = i;
        }
    return DCR_OK;
}

/* ---- when ---- */

/* The day of every study, by the first carrier of the exam's date that has one. */
static dcr_status study_days(const dcr_model *m, int32_t *day, dcr_err *err)
{
    size_t c = dcr_hidden_concept(m, "exam_date");
    bool *done = dcr_alloc(m->n_studies, sizeof *done);
    if (done == NULL)
        return dcr_nomem(err);
    for (uint32_t t = 0; t < m->n_studies; t++)
        day[t] = DCR_NO_DAY;
    for (size_t r = 0; c != SIZE_MAX && r < m->concepts[c].n_carriers; r++) {
        const dcr_attr *a = dcr_model_attr(m, m->concepts[c].carriers[r]);
        for (size_t i = 0; a != NULL && i < a->n_values; i++) {
            const dcr_value *v = &a->values[i];
            int32_t d;
            int year;
            if (v->in_series == NULL || !dcr_hidden_real(v) ||
                !dcr_said_day(v->bytes, v->len, &d, &year))
                continue;
            for (uint32_t k = 0; k < v->series; k++) {
                uint32_t t = dcr_series_study(m, v->in_series[k]);
                if (!done[t] && (day[t] == DCR_NO_DAY || d < day[t]))
                    day[t] = d;
            }
        }
        for (uint32_t t = 0; t < m->n_studies; t++)
            done[t] = day[t] != DCR_NO_DAY;
    }
    dcr_free(done);
    return DCR_OK;
}

typedef struct dated {
    int32_t day;
    uint32_t study;
} dated;

static int by_day(const void *pa, const void *pb)
{
    const dated *a = pa, *b = pb;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return (a->study > b->study) - (a->study < b->study);
}

/* Visits of one subject: studies by day, those of one known day together. */
static void add_visits(dcr_sample *s, uint32_t at, const int32_t *day, dated *work)
{
    const dcr_subject *who = &s->m->subjects[s->model_subject[at]];
    for (uint32_t k = 0; k < who->n_studies; k++)
        work[k] = (dated){day[who->first_study + k], who->first_study + k};
    qsort(work, who->n_studies, sizeof *work, by_day);
    s->first_visit[at] = s->n_visits;
    for (uint32_t k = 0; k < who->n_studies; k++) {
        const dcr_study *study = &s->m->studies[work[k].study];
        if (k == 0 || work[k].day == DCR_NO_DAY || work[k].day != work[k - 1].day) {
            s->visit_subject[s->n_visits] = at;
            s->day[s->n_visits] = work[k].day;
            s->order[s->n_visits] = dcr_hidden_mix(~(uint64_t)work[k].study);
            s->n_visits++;
        }
        s->visit_studies[s->n_visits - 1]++;
        for (uint32_t i = 0; i < study->n_series; i++)
            s->visit_of_series[study->first_series + i] = s->n_visits;
    }
}

static dcr_status make_visits(dcr_sample *s, dcr_err *err)
{
    const dcr_model *m = s->m;
    size_t n = 0, most = 0;
    int32_t *day = dcr_alloc(m->n_studies, sizeof *day);
    dated *work = NULL;
    dcr_status rc = day == NULL ? dcr_nomem(err) : study_days(m, day, err);
    for (uint32_t i = 0; i < s->n_subjects; i++) {
        size_t k = m->subjects[s->model_subject[i]].n_studies;
        n += k;
        most = k > most ? k : most;
    }
    if (rc == DCR_OK) {
        work = dcr_alloc(most, sizeof *work);
        s->first_visit = dcr_alloc((size_t)s->n_subjects + 1, sizeof *s->first_visit);
        s->visit_subject = dcr_alloc(n, sizeof *s->visit_subject);
        s->day = dcr_alloc(n, sizeof *s->day);
        s->visit_studies = dcr_alloc(n, sizeof *s->visit_studies);
        s->order = dcr_alloc(n, sizeof *s->order);
        s->visit_of_series = dcr_alloc(m->n_series, sizeof *s->visit_of_series);
        if (work == NULL || s->first_visit == NULL || s->visit_subject == NULL ||
            s->day == NULL || s->visit_studies == NULL || s->order == NULL ||
            s->visit_of_series == NULL)
            rc = dcr_nomem(err);
    }
    for (uint32_t i = 0; rc == DCR_OK && i < s->n_subjects; i++)
        add_visits(s, i, day, work);
    if (rc == DCR_OK)
        s->first_visit[s->n_subjects] = s->n_visits;
    dcr_free(work);
    dcr_free(day);
    return rc;
}

/* ---- values, visit by visit ---- */

static void set_bit(uint8_t *bits, uint32_t at)
{
    bits[at / 8] = (uint8_t)(bits[at / 8] | 1u << at % 8);
}

static bool bit(const uint8_t *bits, uint32_t at)
{
    return (bits[at / 8] >> at % 8 & 1) != 0;
}

/* Most values of a large dataset are of nobody in the sample.  That is seen from bits,
 * which stay in the cache, before the list of series is fetched from far away. */
static bool anybody(const dcr_sample *s, const dcr_value *v)
{
    if (v->in_series == NULL || !dcr_hidden_real(v))
        return false;
    return v->subjects != 1 || bit(s->has_subject, v->first_subject);
}

static void walk(const dcr_sample *s, const dcr_attr *a, uint32_t *rep, bool *mixed)
{
    memset(rep, 0, s->n_visits * sizeof *rep);
    if (mixed != NULL)
        memset(mixed, 0, s->n_visits * sizeof *mixed);
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        if (!anybody(s, v))
            continue;
        for (uint32_t k = 0; k < v->series; k++) {
            uint32_t at;
            if (!bit(s->has_series, v->in_series[k]))
                continue;
            at = s->visit_of_series[v->in_series[k]];
            if (rep[at - 1] == 0)
                rep[at - 1] = (uint32_t)i + 1;
            else if (mixed != NULL && rep[at - 1] != i + 1)
                mixed[at - 1] = true;
        }
    }
}

void dcr_sample_read(const dcr_sample *s, const dcr_attr *a, uint32_t *rep, bool *mixed)
{
    const uint32_t *kept = s->kept == NULL ? NULL : s->kept[a - s->m->attrs];
    if (kept != NULL)
        memcpy(rep, kept, s->n_visits * sizeof *rep);
    else
        walk(s, a, rep, mixed);
}

static dcr_status make_bits(dcr_sample *s, dcr_err *err)
{
    s->has_series = dcr_alloc(s->m->n_series / 8u + 1u, 1);
    s->has_subject = dcr_alloc(s->m->n_subjects / 8u + 1u, 1);
    if (s->has_series == NULL || s->has_subject == NULL)
        return dcr_nomem(err);
    for (uint32_t i = 0; i < s->m->n_series; i++)
        if (s->visit_of_series[i] != 0)
            set_bit(s->has_series, i);
    for (uint32_t i = 0; i < s->n_subjects; i++)
        set_bit(s->has_subject, s->model_subject[i]);
    return DCR_OK;
}

static dcr_status keep_carriers(dcr_sample *s, dcr_err *err)
{
    const dcr_model *m = s->m;
    uint32_t **kept = dcr_alloc(m->n_attrs, sizeof *kept);
    s->kept = kept;
    if (kept == NULL)
        return dcr_nomem(err);
    for (size_t c = 0; c < m->n_concepts; c++)
        for (size_t r = 0; r < m->concepts[c].n_carriers; r++) {
            const dcr_attr *a = dcr_model_attr(m, m->concepts[c].carriers[r]);
            size_t at = a == NULL ? 0 : (size_t)(a - m->attrs);
            if (a == NULL || kept[at] != NULL)
                continue;
            kept[at] = dcr_alloc(s->n_visits, sizeof *kept[at]);
            if (kept[at] == NULL)
                return dcr_nomem(err);
            walk(s, a, kept[at], NULL);
        }
    return DCR_OK;
}

/* Labels by a concept: the first of its carriers that has a value at the visit. */
static void read_labels(const dcr_sample *s, const char *concept, uint64_t *label,
                        uint32_t *rep)
{
    size_t c = dcr_hidden_concept(s->m, concept);
    for (size_t r = 0; c != SIZE_MAX && r < s->m->concepts[c].n_carriers; r++) {
        const dcr_attr *a = dcr_model_attr(s->m, s->m->concepts[c].carriers[r]);
        if (a == NULL)
            continue;
        dcr_sample_read(s, a, rep, NULL);
        for (uint32_t v = 0; v < s->n_visits; v++)
            if (label[v] == 0 && rep[v] != 0)
                label[v] = dcr_hidden_mix((uint64_t)r << 32 | rep[v]) | 1;
    }
}

static void date_labels(dcr_sample *s)
{
    for (uint32_t v = 0; v < s->n_visits; v++) {
        if (s->day[v] == DCR_NO_DAY)
            continue;
        s->label[2][v] = (uint64_t)((int64_t)s->day[v] + INT32_MAX) + 1;
        s->label[3][v] = (uint64_t)dcr_day_month(s->day[v]) + 1;
    }
}

/* Visits of one device (of one site where no device is known, of one modality else). */
static dcr_status label_visits(dcr_sample *s, dcr_err *err)
{
    uint32_t *rep = dcr_alloc(s->n_visits, sizeof *rep);
    bool room = rep != NULL;
    s->stratum = dcr_alloc(s->n_visits, sizeof *s->stratum);
    for (size_t i = 0; i < sizeof s->label / sizeof *s->label; i++) {
        s->label[i] = dcr_alloc(s->n_visits, sizeof **s->label);
        room = room && s->label[i] != NULL;
    }
    if (!room || s->stratum == NULL) {
        dcr_free(rep);
        return dcr_nomem(err);
    }
    read_labels(s, "site", s->label[0], rep);
    read_labels(s, "device", s->label[1], rep);
    date_labels(s);
    read_labels(s, "modality", s->stratum, rep);
    for (uint32_t v = 0; v < s->n_visits; v++) {
        uint64_t place = s->label[1][v] != 0 ? s->label[1][v] : s->label[0][v];
        s->stratum[v] = dcr_hidden_mix(s->stratum[v] ^ dcr_hidden_mix(place)) >> 1;
    }
    dcr_free(rep);
    return DCR_OK;
}

dcr_status dcr_sample_make(dcr_sample *s, const dcr_model *m, const dcr_hidden_params *p,
                           dcr_err *err)
{
    dcr_status rc;
    memset(s, 0, sizeof *s);
    s->m = m;
    s->p = p;
    rc = choose(s, err);
    if (rc == DCR_OK)
        rc = make_visits(s, err);
    if (rc == DCR_OK)
        rc = make_bits(s, err);
    if (rc == DCR_OK)
        rc = keep_carriers(s, err);
    if (rc == DCR_OK)
        rc = label_visits(s, err);
    return rc;
}
