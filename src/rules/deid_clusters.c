/* Series by who de-identified them: a partition that is refined trait by trait, so that
 * it is exact and no order matters. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "deid.h"
#include "deid_work.h"
#include "detect.h"

static const char *const flag_paths[] = {"0012,0062", "0028,0303"};
#define METHOD      "0012,0063"
#define METHOD_CODE "0012,0064/0008,0100"

static const dcr_attr *attr_at(const dcr_model *m, const char *path)
{
    return dcr_model_attr(m, path);
}

/* ---- the partition ---- */

static dcr_status start(dcr_deid_work *w, const dcr_rules *r, const dcr_model *m,
                        dcr_err *err)
{
    *w = (dcr_deid_work){.rules = r, .tools = r->deid, .model = m, .n_clusters = 1};
    w->cluster = dcr_alloc(m->n_series, sizeof *w->cluster);
    if (w->cluster == NULL || !dcr_grow(&w->moved, &w->cap_moved, 1, sizeof *w->moved) ||
        !dcr_grow(&w->made, &w->cap_made, 1, sizeof *w->made))
        return dcr_nomem(err);
    w->moved[0] = (dcr_deid_move){0, 0};
    w->made[0] = 0;
    return DCR_OK;
}

/* Moves a series of the class at work out of its cluster, into the one that holds what
 * the class takes of it. */
static bool move(dcr_deid_work *w, uint32_t series)
{
    uint32_t from = w->cluster[series];
    if (w->made[from] == w->stamp)
        return true; /* moved before: two values of one class in one series */
    if (w->moved[from].stamp != w->stamp) {
        uint32_t to = w->n_clusters;
        if (!dcr_grow(&w->moved, &w->cap_moved, (size_t)to + 1, sizeof *w->moved) ||
            !dcr_grow(&w->made, &w->cap_made, (size_t)to + 1, sizeof *w->made))
            return false;
        w->n_clusters++;
        w->moved[to] = (dcr_deid_move){0, 0};
        w->made[to] = w->stamp;
        w->moved[from] = (dcr_deid_move){w->stamp, to};
    }
    w->cluster[series] = w->moved[from].to;
    return true;
}

static bool move_value(dcr_deid_work *w, const dcr_value *v)
{
    for (uint32_t i = 0; v->in_series != NULL && i < v->series; i++)
        if (!move(w, v->in_series[i]))
            return false;
    return true;
}

typedef struct classed { /* a value and its class */
    uint32_t cls;
    uint32_t value;
} classed;

static int by_class(const void *a, const void *b)
{
    const classed *x = a, *y = b;
    if (x->cls != y->cls)
        return x->cls < y->cls ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

/* Refines by the classes of an attribute's values.  `name` writes the class of a value;
 * false: the value says nothing. */
static dcr_status refine(dcr_deid_work *w, const char *path,
                         bool (*name)(const dcr_deid_work *w, const dcr_value *v,
                                      dcr_deid_class *out),
                         dcr_err *err)
{
    const dcr_attr *a = attr_at(w->model, path);
    dcr_dict classes = {0};
    classed *list;
    size_t n = 0;
    bool ok = true;
    if (a == NULL)
        return DCR_OK;
    list = dcr_alloc(a->n_values, sizeof *list);
    for (size_t i = 0; list != NULL && ok && i < a->n_values; i++) {
        dcr_deid_class c = {.n = 0};
        if (!name(w, &a->values[i], &c))
            continue;
        list[n] = (classed){dcr_dict_add(&classes, c.text, c.n, 0), (uint32_t)i};
        ok = list[n++].cls != DCR_DICT_NONE;
    }
    ok = ok && list != NULL;
    if (ok && n > 0)
        qsort(list, n, sizeof *list, by_class);
    for (size_t i = 0; ok && i < n; i++) {
        w->stamp += i == 0 || list[i].cls != list[i - 1].cls;
        ok = move_value(w, &a->values[list[i].value]);
    }
    dcr_free(list);
    dcr_dict_clear(&classes);
    return ok ? DCR_OK : dcr_nomem(err);
}

/* ---- the classes of values ---- */

static bool put(dcr_deid_class *c, const void *p, size_t n)
{
    c->n = n < sizeof c->text ? n : sizeof c->text;
    memcpy(c->text, p, c->n);
    return c->n > 0;
}

static bool as_text(const dcr_deid_work *w, const dcr_value *v, dcr_deid_class *out)
{
    (void)w;
    return put(out, v->bytes, v->len);
}

/* The tool that it names; otherwise the text, numbers left out: a version or a date in it
 * is no other way of working. */
static bool as_method(const dcr_deid_work *w, const dcr_value *v, dcr_deid_class *out)
{
    uint64_t tools = dcr_deid_by_method(w->tools, v->bytes, v->len);
    if (tools != 0)
        return put(out, &tools, sizeof tools);
    for (size_t i = 0; i < v->len && out->n < sizeof out->text; i++)
        if (!dcr_is_digit(v->bytes[i]))
            out->text[out->n++] = (char)v->bytes[i];
    return v->len > 0;
}

const char *dcr_deid_uid_words(const dcr_deid_work *w, const dcr_value *v,
                               uint64_t *tools, uint64_t *specific, bool *vendor)
{
    const dcr_uid_root *root = dcr_rules_uid_root(w->rules, v->bytes, v->len);
    *tools = dcr_deid_by_uid(w->tools, v->bytes, v->len, specific);
    *vendor = root != NULL && strcmp(root->kind, "vendor") == 0;
    if (root == NULL || *vendor || strcmp(root->kind, "registry") == 0)
        return "source";
    return root->name;
}

static bool as_uid(const dcr_deid_work *w, const dcr_value *v, dcr_deid_class *out)
{
    uint64_t tools, specific;
    bool vendor;
    const char *words;
    if (!dcr_value_real(v))
        return false;
    words = dcr_deid_uid_words(w, v, &tools, &specific, &vendor);
    return specific != 0 ? put(out, &specific, sizeof specific)
                         : put(out, words, strlen(words));
}

static bool as_writer(const dcr_deid_work *w, const dcr_value *v, dcr_deid_class *out)
{
    const dcr_uid_root *root = dcr_rules_uid_root(w->rules, v->bytes, v->len);
    bool tool = root != NULL && strcmp(root->kind, "tool") == 0;
    return put(out, tool ? root->name : "other", strlen(tool ? root->name : "other"));
}

/* Only the dummies that tools write: that a value is real, or missing, is life. */
static bool as_dummy(const dcr_deid_work *w, const dcr_value *v, dcr_deid_class *out)
{
    return (v->flags & DCR_VALUE_DUMMY) != 0 &&
           (dcr_deid_by_text(w->tools, DCR_DEID_DATES, v->bytes, v->len) |
            dcr_deid_by_text(w->tools, DCR_DEID_TIMES, v->bytes, v->len)) != 0 &&
           put(out, v->bytes, v->len);
}

static bool as_present(const dcr_deid_work *w, const dcr_value *v, dcr_deid_class *out)
{
    (void)w;
    (void)v;
    return put(out, "present", 7);
}

typedef bool (*classifier)(const dcr_deid_work *, const dcr_value *, dcr_deid_class *);

static dcr_status refine_all(dcr_deid_work *w, const dcr_strings *paths, classifier name,
                             dcr_err *err)
{
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < paths->n; i++)
        st = refine(w, paths->s[i], name, err);
    return st;
}

/* What files say, and the dummies that tools write: no device and no kind of object does
 * that. */
static dcr_status refine_stated(dcr_deid_work *w, dcr_err *err)
{
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < sizeof flag_paths / sizeof *flag_paths; i++)
        st = refine(w, flag_paths[i], as_text, err);
    if (st == DCR_OK)
        st = refine(w, METHOD, as_method, err);
    if (st == DCR_OK)
        st = refine(w, METHOD_CODE, as_text, err);
    if (st == DCR_OK)
        st = refine_all(w, &w->tools->paths.dates, as_dummy, err);
    return st == DCR_OK ? refine_all(w, &w->tools->paths.times, as_dummy, err) : st;
}

/* What may also come of the device or the kind of object. */
static dcr_status refine_left(dcr_deid_work *w, dcr_err *err)
{
    dcr_status st = refine_all(w, &w->tools->paths.uids, as_uid, err);
    if (st == DCR_OK)
        st = refine_all(w, &w->tools->paths.writers, as_writer, err);
    return st == DCR_OK ? refine_all(w, &w->tools->paths.present, as_present, err) : st;
}

/* ---- numbering ---- */

typedef struct sized {
    uint32_t cluster, series, first;
} sized;

static int by_size(const void *a, const void *b)
{
    const sized *x = a, *y = b;
    if (x->series != y->series)
        return x->series > y->series ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

/* Numbers the clusters anew: most series first, then by their first series. */
static dcr_status renumber(dcr_deid_work *w, dcr_err *err)
{
    sized *s = dcr_alloc(w->n_clusters, sizeof *s);
    uint32_t n = 0, *to = dcr_alloc(w->n_clusters, sizeof *to);
    if (s == NULL || to == NULL) {
        dcr_free(s);
        dcr_free(to);
        return dcr_nomem(err);
    }
    for (uint32_t i = 0; i < w->model->n_series; i++) {
        sized *c = &s[w->cluster[i]];
        if (c->series++ == 0)
            c->first = i;
    }
    for (uint32_t i = 0; i < w->n_clusters; i++)
        if (s[i].series > 0)
            s[n++] = (sized){i, s[i].series, s[i].first};
    if (n > 0)
        qsort(s, n, sizeof *s, by_size);
    for (uint32_t i = 0; i < n; i++)
        to[s[i].cluster] = i;
    for (uint32_t i = 0; i < w->model->n_series; i++)
        w->cluster[i] = to[w->cluster[i]];
    w->n_clusters = n;
    dcr_free(s);
    dcr_free(to);
    return DCR_OK;
}

/* ---- what devices explain ---- */

/* A cluster that states the same as the largest one is no other way of working when it
 * differs only in what its device, or its kind of object, may have done: when no value of
 * such an attribute stands in both. */
static dcr_status explain(dcr_deid_work *w, const uint32_t *stated, dcr_err *err)
{
    const dcr_strings *by = &w->tools->paths.explained_by;
    const dcr_model *m = w->model;
    /* per cluster: bit 1 shares a value, bit 2 has one at all, of the attribute at work;
     * 4 is explained */
    uint8_t *is = dcr_alloc(w->n_clusters, 1);
    uint32_t first = 0;
    if (is == NULL)
        return dcr_nomem(err);
    while (first < m->n_series && w->cluster[first] != 0)
        first++;
    for (size_t i = 0; i < by->n; i++) {
        const dcr_attr *a = attr_at(m, by->s[i]);
        for (size_t k = 0; a != NULL && k < a->n_values; k++) {
            const dcr_value *v = &a->values[k];
            bool in_main = false;
            for (uint32_t j = 0; v->in_series != NULL && j < v->series; j++)
                in_main = in_main || w->cluster[v->in_series[j]] == 0;
            for (uint32_t j = 0; v->in_series != NULL && j < v->series; j++)
                is[w->cluster[v->in_series[j]]] |= in_main ? 3 : 2;
        }
        for (uint32_t c = 0; c < w->n_clusters; c++)
            is[c] = (uint8_t)((is[c] & 4) | ((is[c] & 3) == 2 ? 4 : 0));
    }
    for (uint32_t s = 0; s < m->n_series; s++)
        if (is[w->cluster[s]] == 4 && stated[s] == stated[first])
            w->cluster[s] = 0;
    dcr_free(is);
    return DCR_OK;
}

static void work_clear(dcr_deid_work *w)
{
    dcr_free(w->cluster);
    dcr_free(w->moved);
    dcr_free(w->made);
    *w = (dcr_deid_work){0};
}

static dcr_status partition(dcr_deid_work *w, dcr_err *err)
{
    size_t n = w->model->n_series;
    uint32_t *stated = dcr_alloc(n, sizeof *stated);
    dcr_status st = stated == NULL ? dcr_nomem(err) : refine_stated(w, err);
    if (st == DCR_OK && n > 0)
        memcpy(stated, w->cluster, n * sizeof *stated);
    if (st == DCR_OK)
        st = refine_left(w, err);
    if (st == DCR_OK)
        st = renumber(w, err);
    if (st == DCR_OK)
        st = explain(w, stated, err);
    if (st == DCR_OK)
        st = renumber(w, err); /* those explained are empty now */
    dcr_free(stated);
    return st;
}

dcr_status dcr_deid_measure(dcr_deid *out, const dcr_rules *r, const dcr_model *m,
                            dcr_err *err)
{
    dcr_deid_work w;
    dcr_status st = start(&w, r, m, err);
    *out = (dcr_deid){0};
    if (st == DCR_OK)
        st = partition(&w, err);
    if (st == DCR_OK)
        st = dcr_deid_describe(out, &w, err);
    work_clear(&w);
    if (st != DCR_OK)
        dcr_deid_clear(out);
    return st;
}
