/* Runs the rules over a model and orders what they find. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "mask.h"

/* A shape held by fewer subjects than this could itself point at somebody. */
enum { SHAPE_SUBJECTS = 11 };

typedef struct dcr_collector {
    dcr_arena arena; /* shapes */
    dcr_finding *list;
    size_t n, cap;
} dcr_collector;

bool dcr_value_real(const dcr_value *v)
{
    return v->len > 0 && (v->flags & (DCR_VALUE_DUMMY | DCR_VALUE_EMPTY)) == 0;
}

void dcr_hit_init(dcr_hit *h, const dcr_attr *attr)
{
    *h = (dcr_hit){.attr = attr, .severity = -1};
}

void dcr_hit_value(dcr_hit *h, const dcr_value *v)
{
    h->subjects += v->subjects;
    h->studies += v->studies;
    h->series += v->series;
    h->files += v->files;
    h->n_values++;
    if (h->typical == NULL || v->subjects > h->typical->subjects)
        h->typical = v;
}

void dcr_hit_all(dcr_hit *h)
{
    h->subjects = h->attr->subjects;
    h->studies = h->attr->studies;
    h->series = h->attr->series;
    h->files = h->attr->files;
    h->n_values++;
    h->all = true;
}

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

/* Cuts the sums at what the attribute has; one that was rolled up shows only some of its
 * values, so that any hit stands for all of them. */
static void count_hit(const dcr_hit *h, dcr_finding *f)
{
    const dcr_attr *a = h->attr;
    uint64_t people = a == NULL ? UINT32_MAX : h->all ? a->subjects : a->value_subjects;
    bool whole = a != NULL && !a->exact && !h->all;
    uint64_t real = a == NULL ? UINT64_MAX
                    : h->all  ? a->files
                              : a->files - a->empty - a->dummy;
    f->subjects = (uint32_t)(whole ? people : at_most(h->subjects, people));
    f->studies =
        (uint32_t)(whole ? a->studies
                         : at_most(h->studies, a == NULL ? UINT32_MAX : a->studies));
    f->series =
        (uint32_t)(whole ? a->series
                         : at_most(h->series, a == NULL ? UINT32_MAX : a->series));
    f->files = whole ? real : at_most(h->files, real);
}

dcr_status dcr_check_add(const dcr_check_run *c, const dcr_hit *h, dcr_err *err)
{
    const dcr_rule *w = c->rule;
    dcr_collector *o = c->collector;
    dcr_finding *f;
    if (h->n_values == 0)
        return DCR_OK;
    if (!dcr_grow(&o->list, &o->cap, o->n + 1, sizeof *o->list))
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
    if (f->shape == NULL)
        return dcr_nomem(err);
    count_hit(h, f);
    o->n++;
    return DCR_OK;
}

size_t dcr_check_count(const dcr_check_run *c, const char *rule)
{
    size_t n = 0;
    for (size_t i = 0; i < c->collector->n; i++)
        n += strcmp(c->collector->list[i].rule, rule) == 0;
    return n;
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

static dcr_status run_rules(dcr_collector *o, const dcr_rules *r, const dcr_model *m,
                            bool after, dcr_err *err)
{
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < r->n_rules; i++) {
        dcr_check_run c = {r, m, &r->rules[i], o};
        if (r->rules[i].check->after == after)
            st = r->rules[i].check->run(&c, r->rules[i].params, err);
    }
    return st;
}

dcr_status dcr_rules_check(dcr_findings *out, const dcr_rules *r, const dcr_model *m,
                           dcr_err *err)
{
    dcr_collector *o = dcr_alloc(1, sizeof *o);
    dcr_status st;
    memset(out, 0, sizeof *out);
    if (o == NULL)
        return dcr_nomem(err);
    out->owner = o;
    st = run_rules(o, r, m, false, err);
    if (st == DCR_OK)
        st = run_rules(o, r, m, true, err);
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
        dcr_free(o->list);
        dcr_free(o);
    }
    memset(f, 0, sizeof *f);
}
