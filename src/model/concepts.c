/* Concepts: which attribute tells a fact, and the rows an adversary can look at. */
#include <string.h>

#include "alloc.h"
#include "build.h"

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* The found carrier behind place r of a concept's carriers; NULL: one of the rules. */
static const dcr_extra_carrier *extra_at(const build *b, size_t concept, size_t r)
{
    const dcr_concept *c = &b->m->concepts[concept];
    for (size_t i = 0; i < b->n_extra; i++)
        if (b->extra[i].concept == concept && is(b->extra[i].path, c->carriers[r]))
            return &b->extra[i];
    return NULL;
}

dcr_status dcr_build_carriers(build *b, dcr_err *err)
{
    dcr_model *m = b->m;
    uint32_t n = 0;
    for (size_t c = 0; c < m->n_concepts; c++)
        n += (uint32_t)m->concepts[c].n_carriers;
    b->carriers = dcr_alloc(n, sizeof *b->carriers);
    b->best_series = dcr_alloc(n, sizeof *b->best_series);
    b->best_study = dcr_alloc(n, sizeof *b->best_study);
    b->dict = dcr_alloc(m->n_concepts, sizeof *b->dict);
    b->row_code = dcr_alloc(m->n_concepts, sizeof *b->row_code);
    b->cap_row_code = dcr_alloc(m->n_concepts, sizeof *b->cap_row_code);
    b->first_slot = dcr_alloc(m->n_concepts, sizeof *b->first_slot);
    b->study_code = dcr_alloc(m->n_concepts, sizeof *b->study_code);
    m->carried = dcr_arena_alloc(b->arena, m->n_concepts, sizeof *m->carried);
    m->carrier_present =
        dcr_arena_alloc(b->arena, m->n_concepts, sizeof *m->carrier_present);
    if (b->carriers == NULL || b->best_series == NULL || b->best_study == NULL ||
        b->dict == NULL || b->row_code == NULL || b->cap_row_code == NULL ||
        b->first_slot == NULL || b->study_code == NULL || m->carried == NULL ||
        m->carrier_present == NULL)
        return dcr_nomem(err);
    for (size_t a = 0; a < m->n_attrs; a++)
        b->count[a].first_carrier = CARRIER_NONE;
    for (uint32_t c = 0; c < m->n_concepts; c++) {
        b->first_slot[c] = b->n_carriers;
        m->carrier_present[c] =
            dcr_arena_alloc(b->arena, m->concepts[c].n_carriers, sizeof(bool));
        if (m->carrier_present[c] == NULL)
            return dcr_nomem(err);
        for (uint32_t r = 0; r < m->concepts[c].n_carriers; r++) {
            const dcr_attr *a = dcr_model_attr(m, m->concepts[c].carriers[r]);
            carrier *k = &b->carriers[b->n_carriers];
            k->concept = c;
            k->rank = r;
            k->slot = b->n_carriers;
            k->next = CARRIER_NONE;
            k->extra = extra_at(b, c, r);
            if (a != NULL) {
                tally *t = &b->count[a - m->attrs];
                k->next = t->first_carrier;
                t->first_carrier = b->n_carriers;
            }
            b->n_carriers++;
        }
    }
    return DCR_OK;
}

/* Date and time in one (DT): the part that the concept is about. */
static dcr_bytes part_of(const dcr_concept *c, const char *vr, dcr_bytes v)
{
    if (!is(vr, "DT"))
        return v;
    if (is(c->hierarchy, "date") || is(c->hierarchy, "birth_date")) {
        v.n = v.n > 8 ? 8 : v.n;
    } else if (is(c->hierarchy, "time")) {
        uint32_t n = 8;
        while (n < v.n && v.p[n] != '+' && v.p[n] != '-' && v.p[n] != '&')
            n++;
        v.p += v.n < 8 ? v.n : 8;
        v.n = n < 10 ? 0 : n - 8;
    }
    return v;
}

/* What a trimmed value of a carrier says of its concept; nothing: n is 0. */
static dcr_bytes said(const carrier *c, const dcr_concept *k, const char *vr, dcr_bytes v)
{
    return c->extra != NULL ? dcr_extra_value(c->extra, v) : part_of(k, vr, v);
}

/* A value of a carrier in the series in hand: the smallest one of the scope is its value.
 */
void dcr_concept_see(build *b, const carrier *c, const char *vr, uint32_t value)
{
    const dcr_concept *k = &b->m->concepts[c->concept];
    dcr_bytes v = dcr_bytes_trim(b->value[value]);
    uint32_t *slot[2] = {&b->best_series[c->slot], &b->best_study[c->slot]};
    if (is(k->id, "modality")) {
        b->has_modality = true;
        if (dcr_rules_is_derived(b->rules, v.p, v.n))
            return;
        b->has_acquisition = true;
    }
    if (said(c, k, vr, v).n == 0)
        return;
    for (int i = 0; i < 2; i++)
        if (*slot[i] == 0 ||
            dcr_bytes_compare(v, dcr_bytes_trim(b->value[*slot[i] - 1])) < 0)
            *slot[i] = value + 1;
    b->m->carrier_present[c->concept][c->rank] = true;
}

/* The code of a concept: its first carrier with a real value; 0 when there is none. */
static dcr_status code_of(build *b, size_t concept, const uint32_t *best, uint32_t *code,
                          dcr_err *err)
{
    const dcr_concept *k = &b->m->concepts[concept];
    uint32_t slot = b->first_slot[concept];
    *code = 0;
    for (size_t r = 0; r < k->n_carriers; r++, slot++) {
        const dcr_attr *a;
        dcr_bytes v;
        if (best[slot] == 0)
            continue;
        a = dcr_model_attr(b->m, k->carriers[r]);
        v = said(&b->carriers[slot], k, a->vr, dcr_bytes_trim(b->value[best[slot] - 1]));
        *code = dcr_dict_add(&b->dict[concept], v.p, v.n, 0) + 1;
        return *code == 0 ? dcr_nomem(err) : DCR_OK;
    }
    return DCR_OK;
}

static size_t concept_index(const build *b, const char *id)
{
    for (size_t c = 0; c < b->m->n_concepts; c++)
        if (is(b->m->concepts[c].id, id))
            return c;
    return SIZE_MAX;
}

/* Which site a device stands at, as far as series that name both agree. */
static dcr_status note_device_site(build *b, const uint32_t *code, dcr_err *err)
{
    size_t site = concept_index(b, "site"), device = concept_index(b, "device");
    uint32_t d, *known;
    if (site == SIZE_MAX || device == SIZE_MAX || code[site] == 0 || code[device] == 0)
        return DCR_OK;
    d = code[device];
    while (b->cap_device_site <= d) {
        size_t before = b->cap_device_site;
        if (!dcr_grow(&b->device_site, &b->cap_device_site, d + 1,
                      sizeof *b->device_site))
            return dcr_nomem(err);
        memset(b->device_site + before, 0,
               (b->cap_device_site - before) * sizeof *b->device_site);
    }
    known = &b->device_site[d];
    *known = *known == 0 || *known == code[site] ? code[site] : UINT32_MAX;
    return DCR_OK;
}

dcr_status dcr_concept_end_series(build *b, uint32_t series, dcr_err *err)
{
    size_t n = b->m->n_concepts, at = b->n_series_rows;
    uint32_t *code;
    dcr_status rc = DCR_OK;
    if (!dcr_grow(&b->series_rows, &b->cap_series_rows, at + 1, sizeof *b->series_rows) ||
        !dcr_grow(&b->series_code, &b->cap_series_code, (at + 1) * n,
                  sizeof *b->series_code))
        return dcr_nomem(err);
    code = b->series_code + at * n;
    memset(code, 0, n * sizeof *code);
    b->n_series_rows++;
    b->series_rows[at].acquisition = !b->has_modality || b->has_acquisition;
    b->series_rows[at].files = b->m->series[series].files;
    b->m->series[series].acquisition = b->series_rows[at].acquisition;
    for (size_t c = 0; c < n && rc == DCR_OK; c++)
        if (b->m->concepts[c].level == DCR_LEVEL_SERIES)
            rc = code_of(b, c, b->best_series, &code[c], err);
    if (rc == DCR_OK)
        rc = note_device_site(b, code, err);
    memset(b->best_series, 0, b->n_carriers * sizeof *b->best_series);
    b->has_modality = b->has_acquisition = false;
    return rc;
}

static dcr_status add_row(build *b, uint32_t subject, uint32_t study, uint64_t files,
                          const uint32_t *code, dcr_err *err)
{
    size_t n = b->n_rows;
    dcr_table *t = &b->m->table;
    if (!dcr_grow(&t->subject, &b->cap_row_subject, n + 1, sizeof *t->subject) ||
        !dcr_grow(&t->study, &b->cap_row_study, n + 1, sizeof *t->study) ||
        !dcr_grow(&t->files, &b->cap_row_files, n + 1, sizeof *t->files))
        return dcr_nomem(err);
    for (size_t c = 0; c < b->m->n_concepts; c++) {
        if (!dcr_grow(&b->row_code[c], &b->cap_row_code[c], n + 1, sizeof **b->row_code))
            return dcr_nomem(err);
        b->row_code[c][n] = code[c];
    }
    t->subject[n] = subject;
    t->study[n] = study;
    t->files[n] = files;
    b->n_rows++;
    return DCR_OK;
}

/* The row of the study in hand with these codes; UINT32_MAX when there is none.  Studies
 * of many series look it up, the usual few are compared one by one. */
static size_t find_row(build *b, dcr_dict *seen, size_t first, const uint32_t *code)
{
    size_t n = b->m->n_concepts;
    if (b->n_series_rows > 16) {
        uint32_t before = seen->n, at = dcr_dict_add(seen, code, n * sizeof *code, 0);
        return at < before ? first + at : at == DCR_DICT_NONE ? SIZE_MAX - 1 : SIZE_MAX;
    }
    for (size_t r = first; r < b->n_rows; r++) {
        size_t c = 0;
        while (c < n && b->row_code[c][r] == code[c])
            c++;
        if (c == n)
            return r;
    }
    return SIZE_MAX;
}

static dcr_status study_codes(build *b, uint32_t *code, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    for (size_t c = 0; c < b->m->n_concepts && rc == DCR_OK; c++)
        if (b->m->concepts[c].level != DCR_LEVEL_SERIES)
            rc = code_of(b, c, b->best_study, &code[c], err);
    return rc;
}

/* One row per distinct key among the acquisition series of the study, or among all of its
 * series when it has none. */
dcr_status dcr_concept_end_study(build *b, uint32_t subject, uint32_t study, dcr_err *err)
{
    size_t n = b->m->n_concepts, first = b->n_rows;
    uint32_t *of_study = b->study_code;
    bool acquired = false;
    dcr_dict seen = {0};
    dcr_status rc = study_codes(b, of_study, err);
    for (size_t s = 0; s < b->n_series_rows; s++)
        acquired = acquired || b->series_rows[s].acquisition;
    for (size_t s = 0; s < b->n_series_rows && rc == DCR_OK; s++) {
        uint32_t *code = b->series_code + s * n;
        size_t at;
        if (acquired && !b->series_rows[s].acquisition)
            continue;
        for (size_t c = 0; c < n; c++)
            if (b->m->concepts[c].level != DCR_LEVEL_SERIES)
                code[c] = of_study[c];
        at = find_row(b, &seen, first, code);
        if (at == SIZE_MAX - 1)
            rc = dcr_nomem(err);
        else if (at != SIZE_MAX)
            b->m->table.files[at] += b->series_rows[s].files;
        else
            rc = add_row(b, subject, study, b->series_rows[s].files, code, err);
    }
    dcr_dict_clear(&seen);
    b->n_series_rows = 0;
    memset(b->best_study, 0, b->n_carriers * sizeof *b->best_study);
    return rc;
}
