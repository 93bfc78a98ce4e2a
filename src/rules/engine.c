/* Runs the rules over a model and orders what they find. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "mask.h"

/* A shape held by fewer subjects than this could itself point at somebody. */
enum { SHAPE_SUBJECTS = 11 };

typedef struct dcr_collector {
    dcr_arena arena; /* shapes, details */
    dcr_finding *list;
    dcr_hit *hit; /* whom list[i] hit, for the checks that run after others */
    size_t n, cap, cap_hits;
    /* Number of the finding that counted it last, + 1: nobody is counted twice. */
    uint32_t *subject_seen, *study_seen, *series_seen;
    struct {
        void *p;
        void (*drop)(void *p);
    } shared[DCR_SHARED_N];
} dcr_collector;

bool dcr_value_real(const dcr_value *v)
{
    return v->len > 0 && (v->flags & (DCR_VALUE_DUMMY | DCR_VALUE_EMPTY)) == 0;
}

/* ---- gathering ---- */

void dcr_hit_init(dcr_hit *h, const dcr_attr *attr)
{
    *h = (dcr_hit){.attr = attr, .severity = -1};
}

void dcr_hit_clear(dcr_hit *h)
{
    dcr_free(h->values);
    dcr_free(h->series);
    dcr_hit_init(h, h->attr);
}

void dcr_hit_value(dcr_hit *h, const dcr_value *v)
{
    if (!dcr_grow(&h->values, &h->cap_values, h->n_values + 1, sizeof *h->values)) {
        h->failed = true;
        return;
    }
    h->values[h->n_values++] = v;
    h->files += v->files;
    if (h->typical == NULL || v->subjects > h->typical->subjects)
        h->typical = v;
}

void dcr_hit_series(dcr_hit *h, uint32_t series)
{
    if (!dcr_grow(&h->series, &h->cap_series, h->n_series + 1, sizeof *h->series)) {
        h->failed = true;
        return;
    }
    h->series[h->n_series++] = series;
}

void dcr_hit_all(dcr_hit *h)
{
    h->files = h->attr->files;
    h->all = true;
}

/* ---- counting ---- */

static uint64_t at_most(uint64_t v, uint64_t limit)
{
    return v < limit ? v : limit;
}

static bool hits_every_value(const dcr_hit *h)
{
    uint64_t real = 0;
    for (size_t i = 0; i < h->attr->n_values; i++)
        real += dcr_value_real(&h->attr->values[i]);
    return h->n_values >= real;
}

static const char *shape_of(dcr_collector *c, const dcr_hit *h)
{
    char text[DCR_SHAPE_MAX];
    if (h->attr == NULL || (h->typical == NULL && !h->all))
        return "";
    if (h->attr->shape != NULL && h->attr->shape_subjects >= SHAPE_SUBJECTS &&
        (h->all || hits_every_value(h)))
        return dcr_arena_str(&c->arena, h->attr->shape);
    if (h->typical == NULL)
        return "";
    dcr_length_class(h->typical->len, text);
    return dcr_arena_str(&c->arena, text);
}

static void count_series(dcr_collector *o, const dcr_model *m, uint32_t series,
                         dcr_finding *f)
{
    uint32_t stamp = (uint32_t)o->n + 1, study, subject;
    if (o->series_seen[series] == stamp)
        return;
    o->series_seen[series] = stamp;
    f->series++;
    study = dcr_series_study(m, series);
    f->studies += o->study_seen[study] != stamp;
    o->study_seen[study] = stamp;
    subject = dcr_series_subject(m, series);
    f->subjects += o->subject_seen[subject] != stamp;
    o->subject_seen[subject] = stamp;
}

/* Of an attribute that was rolled up only some values are seen, so that any hit stands
 * for all of them. */
static void count_hit(dcr_collector *o, const dcr_model *m, const dcr_hit *h,
                      dcr_finding *f)
{
    const dcr_attr *a = h->attr;
    bool whole =
        a != NULL && (h->all || (h->n_values > 0 && (!a->exact || hits_every_value(h))));
    if (whole) {
        f->subjects = h->all ? a->subjects : a->value_subjects;
        f->studies = h->all ? a->studies : a->value_studies;
        f->series = h->all ? a->series : a->value_series;
        f->files = h->all ? a->files : a->files - a->empty - a->dummy;
        return;
    }
    for (size_t i = 0; i < h->n_values; i++)
        for (uint32_t k = 0; h->values[i]->in_series != NULL && k < h->values[i]->series;
             k++)
            count_series(o, m, h->values[i]->in_series[k], f);
    for (size_t i = 0; i < h->n_series; i++)
        count_series(o, m, h->series[i], f);
    f->files = a == NULL ? h->files : at_most(h->files, a->files - a->empty - a->dummy);
}

static dcr_status add_finding(const dcr_check_run *c, dcr_hit *h, dcr_err *err)
{
    const dcr_rule *w = c->rule;
    dcr_collector *o = c->collector;
    dcr_finding *f;
    if (h->failed || !dcr_grow(&o->list, &o->cap, o->n + 1, sizeof *o->list) ||
        !dcr_grow(&o->hit, &o->cap_hits, o->n + 1, sizeof *o->hit))
        return dcr_nomem(err);
    f = &o->list[o->n];
    *f = (dcr_finding){.rule = w->id,
                       .severity =
                           h->severity < 0 ? w->severity : (dcr_severity)h->severity,
                       .criterion = w->criterion,
                       .gate = w->gate,
                       .title = w->title,
                       .why = w->why,
                       .remedy = w->remedy,
                       .references = w->references.s,
                       .n_references = w->references.n,
                       .attr = h->attr,
                       .shape = shape_of(o, h)};
    f->detail = h->detail == NULL ? "" : dcr_arena_str(&o->arena, h->detail);
    if (f->shape == NULL || f->detail == NULL)
        return dcr_nomem(err);
    count_hit(o, c->model, h, f);
    o->hit[o->n++] = *h; /* its lists are the collector's now */
    dcr_hit_init(h, h->attr);
    return DCR_OK;
}

dcr_status dcr_check_add(const dcr_check_run *c, dcr_hit *h, dcr_err *err)
{
    dcr_status st = DCR_OK;
    if (h->failed || h->n_values > 0 || h->n_series > 0 || h->all || h->files > 0 ||
        h->fact)
        st = add_finding(c, h, err);
    dcr_hit_clear(h);
    return st;
}

dcr_status dcr_check_shared(const dcr_check_run *c, dcr_shared which,
                            dcr_status (*build)(const dcr_check_run *c, void **out,
                                                dcr_err *err),
                            void (*drop)(void *p), void **out, dcr_err *err)
{
    dcr_collector *o = c->collector;
    dcr_status st = DCR_OK;
    if (o->shared[which].p == NULL)
        st = build(c, &o->shared[which].p, err);
    o->shared[which].drop = drop;
    *out = o->shared[which].p;
    return st;
}

static void drop_shared(dcr_collector *o)
{
    for (size_t i = 0; i < DCR_SHARED_N; i++)
        if (o->shared[i].p != NULL)
            o->shared[i].drop(o->shared[i].p);
    memset(o->shared, 0, sizeof o->shared);
}

const dcr_finding *dcr_check_findings(const dcr_check_run *c, size_t *n)
{
    *n = c->collector->n;
    return c->collector->list;
}

bool dcr_check_finding(const dcr_check_run *c, size_t i, const char **rule,
                       const dcr_hit **hit)
{
    if (i >= c->collector->n)
        return false;
    *rule = c->collector->list[i].rule;
    *hit = &c->collector->hit[i];
    return true;
}

const dcr_attr *dcr_check_attr(const dcr_check_run *c, const char *path)
{
    size_t lo = 0, hi = c->model->n_attrs;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int d = strcmp(c->model->attrs[mid].path, path);
        if (d == 0)
            return &c->model->attrs[mid];
        if (d < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static int by_weight(const void *a, const void *b)
{
    const dcr_finding *x = a, *y = b;
    int c;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    c = strcmp(x->rule, y->rule);
    if (c != 0)
        return c;
    return strcmp(x->attr == NULL ? "" : x->attr->path,
                  y->attr == NULL ? "" : y->attr->path);
}

static dcr_status run_rules(dcr_collector *o, const dcr_rules *r, const dcr_evidence *e,
                            unsigned phase, dcr_err *err)
{
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < r->n_rules; i++) {
        dcr_check_run c = {r, e->model, e, &r->rules[i], o};
        if (r->rules[i].check->phase == phase)
            st = r->rules[i].check->run(&c, r->rules[i].params, err);
    }
    return st;
}

static dcr_status make_room(dcr_collector *o, const dcr_model *m, dcr_err *err)
{
    o->subject_seen = dcr_alloc(m->n_subjects, sizeof *o->subject_seen);
    o->study_seen = dcr_alloc(m->n_studies, sizeof *o->study_seen);
    o->series_seen = dcr_alloc(m->n_series, sizeof *o->series_seen);
    return o->subject_seen == NULL || o->study_seen == NULL || o->series_seen == NULL
               ? dcr_nomem(err)
               : DCR_OK;
}

static void hits_clear(dcr_collector *o)
{
    for (size_t i = 0; i < o->n; i++)
        dcr_hit_clear(&o->hit[i]);
    dcr_free(o->hit);
    o->hit = NULL;
}

dcr_status dcr_rules_check(dcr_findings *out, const dcr_rules *r, const dcr_evidence *e,
                           dcr_err *err)
{
    dcr_collector *o = dcr_alloc(1, sizeof *o);
    dcr_link_keys *links = NULL;
    dcr_evidence with = *e;
    dcr_status st;
    memset(out, 0, sizeof *out);
    if (o == NULL)
        return dcr_nomem(err);
    out->owner = o;
    st = make_room(o, e->model, err);
    if (st == DCR_OK && e->links == NULL) {
        st = dcr_link_keys_build(&links, r, e->model, NULL, err);
        with.links = links;
    }
    for (unsigned phase = 0; phase < DCR_PHASES && st == DCR_OK; phase++)
        st = run_rules(o, r, &with, phase, err);
    hits_clear(o); /* findings are about to change places */
    drop_shared(o);
    dcr_link_keys_free(links);
    if (st != DCR_OK) {
        out->list = o->list;
        dcr_findings_clear(out);
        return st;
    }
    if (o->n > 0)
        qsort(o->list, o->n, sizeof *o->list, by_weight);
    out->list = o->list;
    out->n = o->n;
    return DCR_OK;
}

void dcr_findings_clear(dcr_findings *f)
{
    dcr_collector *o = f->owner;
    if (o != NULL) {
        dcr_arena_clear(&o->arena);
        dcr_free(o->subject_seen);
        dcr_free(o->study_seen);
        dcr_free(o->series_seen);
        dcr_free(o->list);
        dcr_free(o);
    }
    memset(f, 0, sizeof *f);
}
