#include "example.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "dcmrisk/scan.h"
#include "mask.h"
#include "originals.h"
#include "project.h"

enum { NUMBERED_MAX = 10000 };

typedef struct attr_row {
    const char *path, *vr, *shape;
    const json_t *values;
    size_t subjects, shape_subjects, numbered;
    bool rolled_up, binary, undecoded;
} attr_row;

static const dcr_param attr_spec[] = {
    {"path", DCR_P_STRING, offsetof(attr_row, path), true},
    {"vr", DCR_P_STRING, offsetof(attr_row, vr), true},
    {"values", DCR_P_JSON, offsetof(attr_row, values), true},
    {"subjects", DCR_P_UINT, offsetof(attr_row, subjects), false},
    {"shape", DCR_P_STRING, offsetof(attr_row, shape), false},
    {"shape_subjects", DCR_P_UINT, offsetof(attr_row, shape_subjects), false},
    {"numbered", DCR_P_UINT, offsetof(attr_row, numbered), false},
    {"rolled_up", DCR_P_BOOL, offsetof(attr_row, rolled_up), false},
    {"binary", DCR_P_BOOL, offsetof(attr_row, binary), false},
    {"undecoded", DCR_P_BOOL, offsetof(attr_row, undecoded), false},
    {NULL, DCR_P_STRING, 0, false},
};

typedef struct value_row {
    const char *value;
    size_t subjects, first_subject;
    const json_t *studies;
} value_row;

static const dcr_param value_spec[] = {
    {"value", DCR_P_STRING, offsetof(value_row, value), true},
    {"subjects", DCR_P_UINT, offsetof(value_row, subjects), false},
    {"first_subject", DCR_P_UINT, offsetof(value_row, first_subject), false},
    {"studies", DCR_P_JSON, offsetof(value_row, studies), false},
    {NULL, DCR_P_STRING, 0, false},
};

typedef struct data_row {
    size_t subjects, inferred_subjects, unreadable_files, other_files, undecodable_text;
    size_t today;
    size_t studies_each;
    const char *date_state;
    const json_t *studies;
} data_row;

static const dcr_param data_spec[] = {
    {"subjects", DCR_P_UINT, offsetof(data_row, subjects), false},
    {"inferred_subjects", DCR_P_UINT, offsetof(data_row, inferred_subjects), false},
    {"unreadable_files", DCR_P_UINT, offsetof(data_row, unreadable_files), false},
    {"other_files", DCR_P_UINT, offsetof(data_row, other_files), false},
    {"undecodable_text", DCR_P_UINT, offsetof(data_row, undecodable_text), false},
    {"date_state", DCR_P_STRING, offsetof(data_row, date_state), false},
    {"studies", DCR_P_JSON, offsetof(data_row, studies), false},
    {"today", DCR_P_UINT, offsetof(data_row, today), false},
    {"studies_each", DCR_P_UINT, offsetof(data_row, studies_each), false},
    {NULL, DCR_P_STRING, 0, false},
};

static int by_bytes(const void *a, const void *b)
{
    const dcr_value *x = a, *y = b;
    size_t n = x->len < y->len ? x->len : y->len;
    int c = memcmp(x->bytes, y->bytes, n);
    return c != 0 ? c : (x->len > y->len) - (x->len < y->len);
}

/* "studies": numbers of the studies that have the value.  Whose they are is known when
 * all is read. */
static dcr_status explicit_studies(const dcr_param_src *src, const attr_row *w,
                                   const json_t *list, dcr_value *v, dcr_err *err)
{
    size_t n = json_array_size(list);
    uint32_t *s = dcr_arena_alloc(src->arena, n, sizeof *s);
    if (s == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n; i++) {
        const json_t *e = json_array_get(list, i);
        s[i] = (uint32_t)json_integer_value(e);
        if (!json_is_integer(e) || (i > 0 && s[i] <= s[i - 1]))
            return dcr_rule_fail(src->file, w->path, err,
                                 "\"studies\" is a list of ascending numbers");
    }
    v->in_series = s;
    v->files = v->series = v->studies = (uint32_t)n;
    return DCR_OK;
}

static dcr_status read_value(const dcr_rules *r, const dcr_param_src *src,
                             const dcr_attr *a, const attr_row *w, const json_t *e,
                             dcr_value *v, dcr_err *err)
{
    value_row row = {.value = "", .subjects = 1, .first_subject = v->first_subject};
    dcr_status st;
    if (json_is_string(e)) {
        row.value = dcr_arena_str(src->arena, json_string_value(e));
    } else {
        st = dcr_params_read(src, e, value_spec, &row, err);
        if (st != DCR_OK)
            return st;
    }
    if (row.value == NULL)
        return dcr_nomem(err);
    v->bytes = (const uint8_t *)row.value;
    v->len = (uint32_t)strlen(row.value);
    v->subjects = v->studies = v->series = (uint32_t)row.subjects;
    v->files = row.subjects > 0 ? row.subjects : 1; /* nobody's is in a file too */
    v->first_subject = (uint32_t)row.first_subject;
    if (row.studies != NULL) {
        st = explicit_studies(src, w, row.studies, v, err);
        if (st != DCR_OK)
            return st;
    }
    v->flags =
        (w->binary ? DCR_VALUE_BINARY : 0) | (w->undecoded ? DCR_VALUE_UNDECODED : 0);
    if (v->len == 0)
        v->flags |= DCR_VALUE_EMPTY;
    else if (dcr_rules_is_dummy(r, a->vr, v->bytes, v->len))
        v->flags |= DCR_VALUE_DUMMY;
    return DCR_OK;
}

/* "numbered": the value, a number behind it, is another one for each subject. */
static dcr_status number_value(const dcr_param_src *src, size_t number, dcr_value *v,
                               dcr_err *err)
{
    char *text = dcr_arena_alloc(src->arena, v->len + 8u, 1);
    if (text == NULL)
        return dcr_nomem(err);
    memcpy(text, v->bytes, v->len);
    for (size_t d = 6; d-- > 0; number /= 10)
        text[v->len + d] = (char)('0' + number % 10);
    v->bytes = (const uint8_t *)text;
    v->len += 6;
    v->flags &= ~(uint32_t)DCR_VALUE_EMPTY;
    return DCR_OK;
}

/* Counts of the attribute from those of its values. */
static void sum_up(dcr_attr *a, const attr_row *w)
{
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        a->files += v->files;
        a->empty += (v->flags & DCR_VALUE_EMPTY) != 0 ? v->files : 0;
        a->dummy += (v->flags & DCR_VALUE_DUMMY) != 0 ? v->files : 0;
        a->distinct += dcr_value_real(v);
    }
    a->subjects = (uint32_t)w->subjects; /* 0: as many as its values have */
    if (a->files == 0)
        a->files = a->empty = a->subjects = 1;
    a->shape_subjects = (uint32_t)w->shape_subjects;
}

static dcr_status read_attr(const dcr_rules *r, const dcr_param_src *src, const json_t *e,
                            dcr_attr *a, dcr_err *err)
{
    attr_row w = {0};
    dcr_role_info role;
    dcr_private_info info;
    dcr_path_tail t;
    dcr_status st = dcr_params_read(src, e, attr_spec, &w, err);
    if (st != DCR_OK)
        return st;
    if (!json_is_array(w.values) || strlen(w.vr) != 2)
        return dcr_rule_fail(src->file, w.path, err,
                             "an example needs a VR and a list of values");
    dcr_rules_role(r, w.path, w.vr, &role);
    dcr_path_split(w.path, &t);
    a->path = w.path;
    a->keyword = role.keyword;
    memcpy(a->vr, w.vr, 3);
    a->role = role.role;
    a->family = role.family;
    a->judged_as = role.judged_as;
    memcpy(a->judged_vr, role.judged_vr, sizeof a->judged_vr);
    a->level = role.level;
    a->concept = role.concept;
    a->shape = w.shape;
    a->exact = !w.rolled_up;
    a->is_nested = t.parent != NULL;
    a->is_private = dcr_rules_private(r, w.path, &info);
    if (a->is_private) {
        a->creator =
            t.creator == NULL ? "" : dcr_arena_bytes(src->arena, t.creator, t.n_creator);
        if (a->creator == NULL)
            return dcr_nomem(err);
    }
    if (w.numbered > NUMBERED_MAX || (w.numbered > 0 && json_array_size(w.values) != 1))
        return dcr_rule_fail(src->file, "numbered", err,
                             "\"numbered\" wants one value, and is at most %d",
                             NUMBERED_MAX);
    a->n_values = w.numbered > 0 ? w.numbered : json_array_size(w.values);
    a->values = dcr_arena_alloc(src->arena, a->n_values, sizeof *a->values);
    if (a->values == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < a->n_values; i++) {
        a->values[i].first_subject =
            i == 0 ? 0 : a->values[i - 1].first_subject + a->values[i - 1].subjects;
        st = read_value(r, src, a, &w, json_array_get(w.values, w.numbered > 0 ? 0 : i),
                        &a->values[i], err);
        if (st == DCR_OK && w.numbered > 0)
            st = number_value(src, i + 1, &a->values[i], err);
    }
    if (st == DCR_OK && a->n_values > 0)
        qsort(a->values, a->n_values, sizeof *a->values, by_bytes);
    sum_up(a, &w);
    return st;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const dcr_attr *)a)->path, ((const dcr_attr *)b)->path);
}

/* ---- people: each study has one series ---- */

/* Subjects that the values of the attribute need when each has its own. */
static size_t own_subjects(const dcr_attr *a)
{
    size_t most = 0;
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        if (v->in_series == NULL && v->first_subject + v->subjects > most)
            most = v->first_subject + v->subjects;
    }
    return a->subjects > 0 ? a->subjects : most;
}

static dcr_status make_people(dcr_example *e, const dcr_param_src *src, const data_row *w,
                              dcr_err *err)
{
    dcr_model *m = &e->model;
    size_t n = w->subjects > json_array_size(w->studies) ? w->subjects
                                                         : json_array_size(w->studies);
    for (size_t i = 0; i < m->n_attrs; i++)
        n = own_subjects(&m->attrs[i]) > n ? own_subjects(&m->attrs[i]) : n;
    size_t each = w->studies_each > 0 ? w->studies_each : 1;
    n = w->inferred_subjects > n ? w->inferred_subjects : n;
    m->n_subjects = (uint32_t)n;
    m->subjects = dcr_arena_alloc(src->arena, n, sizeof *m->subjects);
    if (m->subjects == NULL)
        return dcr_nomem(err);
    for (uint32_t s = 0; s < n; s++) {
        const json_t *k = json_array_get(w->studies, s);
        m->subjects[s].first_study = m->n_studies;
        m->subjects[s].n_studies =
            k == NULL ? (uint32_t)each : (uint32_t)json_integer_value(k);
        m->subjects[s].inferred = s >= n - w->inferred_subjects;
        m->n_studies += m->subjects[s].n_studies;
    }
    m->n_series = m->n_studies;
    m->studies = dcr_arena_alloc(src->arena, m->n_studies, sizeof *m->studies);
    m->series = dcr_arena_alloc(src->arena, m->n_studies, sizeof *m->series);
    if (m->studies == NULL || m->series == NULL)
        return dcr_nomem(err);
    for (uint32_t s = 0; s < n; s++)
        for (uint32_t k = 0; k < m->subjects[s].n_studies; k++) {
            uint32_t t = m->subjects[s].first_study + k;
            m->studies[t] = (dcr_study){s, t, 1, true};
            m->series[t] = (dcr_series){t, 1, true, true};
        }
    return DCR_OK;
}

/* Which series a value is in: those of the studies named, or all of its subjects'; an
 * attribute of fewer subjects than its values need gives some of them two values. */
static dcr_status place_value(const dcr_model *m, const dcr_param_src *src,
                              const dcr_attr *a, dcr_value *v, dcr_err *err)
{
    uint32_t of = a->subjects > 0 ? a->subjects : m->n_subjects, last = UINT32_MAX;
    if (v->in_series == NULL) {
        uint32_t *list = dcr_arena_alloc(src->arena, m->n_series, sizeof *list), n = 0;
        if (list == NULL)
            return dcr_nomem(err);
        for (uint32_t s = 0; s < m->n_series; s++)
            for (uint32_t k = 0; k < v->subjects; k++)
                if ((v->first_subject + k) % of == dcr_series_subject(m, s) &&
                    (n == 0 || list[n - 1] != s))
                    list[n++] = s;
        v->in_series = list;
        v->studies = v->series = n;
        v->files = v->files < n ? n : v->files;
    }
    v->subjects = 0;
    for (uint32_t i = 0; i < v->series; i++) {
        if (v->in_series[i] >= m->n_series)
            return dcr_rule_fail(src->file, a->path, err, "there is no such study");
        v->subjects += dcr_series_subject(m, v->in_series[i]) != last;
        last = dcr_series_subject(m, v->in_series[i]);
    }
    v->first_subject = v->series > 0 ? dcr_series_subject(m, v->in_series[0]) : 0;
    return DCR_OK;
}

/* Distinct subjects and studies of an attribute, and those with a real value. */
static dcr_status count_attr(const dcr_model *m, const dcr_param_src *src, dcr_attr *a,
                             dcr_err *err)
{
    uint8_t *study = dcr_arena_alloc(src->arena, m->n_studies, 1);
    uint8_t *subject = dcr_arena_alloc(src->arena, m->n_subjects, 1);
    uint32_t subjects = 0;
    if (study == NULL || subject == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        for (uint32_t k = 0; k < v->series; k++) {
            uint32_t t = v->in_series[k], s = dcr_series_subject(m, t);
            a->studies += study[t] == 0;
            study[t] |= 1;
            subjects += subject[s] == 0;
            subject[s] |= 1;
            if (dcr_value_real(v)) {
                a->value_subjects += (subject[s] & 2) == 0;
                a->value_studies += (study[t] & 2) == 0;
                subject[s] |= 2;
                study[t] |= 2;
            }
        }
    }
    a->subjects = a->subjects > subjects ? a->subjects : subjects;
    a->studies = a->studies > 0 ? a->studies : a->subjects;
    a->series = a->studies;
    a->value_series = a->value_studies;
    return DCR_OK;
}

static dcr_status place_all(dcr_example *e, const dcr_param_src *src, dcr_err *err)
{
    dcr_model *m = &e->model;
    dcr_status st = DCR_OK;
    for (size_t i = 0; i < m->n_attrs && st == DCR_OK; i++) {
        dcr_attr *a = &m->attrs[i];
        for (size_t k = 0; k < a->n_values && st == DCR_OK; k++)
            st = place_value(m, src, a, &a->values[k], err);
        if (st == DCR_OK)
            st = count_attr(m, src, a, err);
        a->constant = a->exact && a->distinct == 1 && a->value_subjects == m->n_subjects;
    }
    return st;
}

static dcr_status read_data(dcr_example *e, const dcr_param_src *src, const json_t *data,
                            dcr_err *err)
{
    dcr_model *m = &e->model;
    data_row w = {0};
    dcr_status st =
        data == NULL ? DCR_OK : dcr_params_read(src, data, data_spec, &w, err);
    if (st == DCR_OK)
        st = make_people(e, src, &w, err);
    if (st == DCR_OK)
        st = place_all(e, src, err);
    if (st != DCR_OK)
        return st;
    m->data.inferred_subjects = (uint32_t)w.inferred_subjects;
    e->today = (uint32_t)w.today;
    m->data.unreadable_files = w.unreadable_files;
    m->data.other_files = m->data.unread_other = w.other_files;
    m->data.undecodable_text = m->data.undecodable_files = w.undecodable_text;
    m->data.date_state =
        w.date_state == NULL || w.date_state[0] == '\0' ? "unknown" : w.date_state;
    return DCR_OK;
}

/* ---- names of files ---- */

typedef struct path_row {
    const char *path;
    size_t subject;
} path_row;

static const dcr_param path_spec[] = {
    {"path", DCR_P_STRING, offsetof(path_row, path), true},
    {"subject", DCR_P_UINT, offsetof(path_row, subject), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status each_path(void *ctx, dcr_file_name_fn *take, void *to, dcr_err *err)
{
    const dcr_example *e = ctx;
    dcr_status st = DCR_OK;
    for (size_t i = 0; i < e->n_names && st == DCR_OK; i++)
        st = take(to, &e->names[i], err);
    return st;
}

static dcr_status read_path(dcr_example *e, const dcr_param_src *src, const json_t *j,
                            dcr_file_name *out, dcr_err *err)
{
    path_row w = {"", UINT32_MAX};
    dcr_status st = DCR_OK;
    if (json_is_string(j))
        w.path = dcr_arena_str(src->arena, json_string_value(j));
    else
        st = dcr_params_read(src, j, path_spec, &w, err);
    if (st != DCR_OK || w.path == NULL)
        return st != DCR_OK ? st : dcr_nomem(err);
    *out = (dcr_file_name){w.path, strlen(w.path), UINT32_MAX};
    if (json_object_get(j, "subject") == NULL)
        return DCR_OK;
    if (w.subject >= e->model.n_subjects)
        return dcr_rule_fail(src->file, w.path, err, "there is no such subject");
    out->series = e->model.studies[e->model.subjects[w.subject].first_study].first_series;
    return DCR_OK;
}

static dcr_status read_paths(dcr_example *e, const dcr_param_src *src, const json_t *list,
                             dcr_err *err)
{
    dcr_status st = DCR_OK;
    if (list == NULL)
        return DCR_OK;
    e->names = dcr_arena_alloc(src->arena, json_array_size(list), sizeof *e->names);
    if (e->names == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < json_array_size(list) && st == DCR_OK; i++)
        st = read_path(e, src, json_array_get(list, i), &e->names[e->n_names++], err);
    e->paths = (dcr_path_source){e, each_path};
    return st;
}

static dcr_status read_originals(dcr_example *e, const json_t *list, dcr_err *err)
{
    dcr_status st = DCR_OK;
    e->originals = dcr_originals_new();
    if (e->originals == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < json_array_size(list); i++) {
        const char *s = json_string_value(json_array_get(list, i));
        if (s != NULL)
            st = dcr_originals_add(e->originals, s, strlen(s), err);
    }
    dcr_originals_end(e->originals);
    return st;
}

dcr_status dcr_example_build(dcr_example *out, const dcr_rules *r,
                             const dcr_rule_file *file, const json_t *example,
                             dcr_err *err)
{
    dcr_param_src src = {file, &out->arena};
    const json_t *list = json_object_get(example, "attrs");
    const json_t *data = json_object_get(example, "data");
    const json_t *project = json_object_get(example, "project");
    const json_t *originals = json_object_get(example, "originals");
    dcr_model *m = &out->model;
    dcr_status st = DCR_OK;
    const json_t *paths = json_object_get(example, "paths");
    bool alone = list == NULL && data == NULL && project == NULL && paths == NULL;
    memset(out, 0, sizeof *out);
    if (!json_is_object(example))
        return dcr_rule_fail(file, "examples", err, "an example is an object");
    if (!alone && json_object_size(example) !=
                      (size_t)(list != NULL) + (size_t)(data != NULL) +
                          (size_t)(project != NULL) + (size_t)(paths != NULL) +
                          (size_t)(originals != NULL))
        return dcr_rule_fail(file, "examples", err,
                             "an example has \"attrs\", \"data\", \"project\", "
                             "\"paths\" and \"originals\"");
    if (originals != NULL)
        st = read_originals(out, originals, err);
    m->rules = r;
    m->concepts = r->concepts;
    m->n_concepts = r->n_concepts;
    m->n_attrs = alone ? 1 : json_array_size(list);
    m->attrs = dcr_arena_alloc(&out->arena, m->n_attrs, sizeof *m->attrs);
    if (m->attrs == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < m->n_attrs; i++)
        st = read_attr(r, &src, alone ? example : json_array_get(list, i), &m->attrs[i],
                       err);
    if (st == DCR_OK && m->n_attrs > 0)
        qsort(m->attrs, m->n_attrs, sizeof *m->attrs, by_path);
    if (st == DCR_OK)
        st = read_data(out, &src, data, err);
    if (st == DCR_OK && project != NULL)
        st = dcr_project_of_json(&out->project, file->name, project, err);
    if (st == DCR_OK && project != NULL)
        st = dcr_project_check(out->project, r, err);
    return st == DCR_OK ? read_paths(out, &src, paths, err) : st;
}

void dcr_example_clear(dcr_example *e)
{
    dcr_project_free(e->project);
    dcr_arena_clear(&e->arena);
    dcr_originals_free(e->originals);
    memset(e, 0, sizeof *e);
}
