#include "aggregate.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "sketch.h"
#include "syntax.h"
#include "wire.h"

enum { NONE = UINT32_MAX, COMPACT_AT = 128, KEEP_PATHS = 4 << 20 };

typedef struct attribute { /* a path with a VR */
    uint32_t path, value;  /* value: the last one */
    uint32_t next;         /* attribute of the same path and another VR */
    uint64_t file;         /* number of the file that held it last */
    char vr[2];
    bool rolls; /* may become a sketch */
} attribute;

typedef struct event { /* the file in hand holds this value */
    uint32_t attr, value;
} event;

typedef struct pair {
    uint32_t value, files;
} pair;

typedef struct cell { /* an attribute of a unit */
    uint32_t unit, attr;
    uint32_t value, files; /* the first value has no list; files 0: none yet */
    uint32_t excess;
    pair *pairs; /* the others, a value perhaps more than once until compacted */
    size_t n, cap, compact_at;
    dcr_sketch *sketch;
} cell;

typedef struct unit {
    dcr_unit_key key;  /* points into the dictionary of units */
    uint32_t *cell_of; /* by attribute, number + 1 */
    size_t cap;
} unit;

struct dcr_aggregate {
    const char *const *keep;
    size_t n_keep;
    dcr_pathtab paths;
    dcr_dict values, unit_keys;
    attribute *attr;
    uint32_t *attr_of; /* by path: the attribute used last, number + 1 */
    size_t n_attrs, cap_attrs, cap_attr_of;
    event *events;
    size_t n_events, cap_events;
    bool repeats; /* an attribute stands in the file more than once */
    uint64_t file;
    cell *cells;
    unit *units;
    dcr_batch_file *files;
    size_t n_cells, cap_cells, n_units, cap_units, n_files, cap_files;
    size_t extra; /* bytes of lists and sketches */
    dcr_buf key;
};

dcr_aggregate *dcr_aggregate_new(const char *const *keep, size_t n_keep)
{
    dcr_aggregate *a = dcr_alloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    a->keep = keep;
    a->n_keep = n_keep;
    if (!dcr_pathtab_init(&a->paths)) {
        dcr_free(a);
        return NULL;
    }
    return a;
}

static void empty(dcr_aggregate *a)
{
    for (size_t i = 0; i < a->n_cells; i++) {
        dcr_free(a->cells[i].pairs);
        dcr_free(a->cells[i].sketch);
    }
    for (size_t i = 0; i < a->n_units; i++)
        dcr_free(a->units[i].cell_of);
    dcr_dict_clear(&a->values);
    dcr_dict_clear(&a->unit_keys);
    if (a->attr_of != NULL)
        memset(a->attr_of, 0, a->cap_attr_of * sizeof *a->attr_of);
    a->n_attrs = a->n_events = a->n_cells = a->n_units = a->n_files = a->extra = 0;
}

void dcr_aggregate_free(dcr_aggregate *a)
{
    if (a == NULL)
        return;
    empty(a);
    dcr_pathtab_clear(&a->paths);
    dcr_free(a->attr);
    dcr_free(a->attr_of);
    dcr_free(a->events);
    dcr_free(a->cells);
    dcr_free(a->units);
    dcr_free(a->files);
    dcr_buf_clear(&a->key);
    dcr_free(a);
}

dcr_pathtab *dcr_aggregate_paths(dcr_aggregate *a)
{
    return &a->paths;
}

size_t dcr_aggregate_memory(const dcr_aggregate *a)
{
    return dcr_pathtab_memory(&a->paths) + a->values.arena.bytes +
           a->values.cap * sizeof *a->values.entry + a->unit_keys.arena.bytes +
           a->n_attrs * sizeof *a->attr + a->n_events * sizeof *a->events +
           a->n_cells * sizeof *a->cells + a->n_files * sizeof *a->files + a->extra;
}

/* ---- values of a file ---- */

void dcr_aggregate_begin(dcr_aggregate *a)
{
    a->file++;
    a->n_events = 0;
    a->repeats = false;
}

static bool is_kept(const dcr_aggregate *a, const char *path)
{
    for (size_t i = 0; i < a->n_keep; i++)
        if (strcmp(a->keep[i], path) == 0)
            return true;
    return false;
}

/* Like dcr_grow, with zeros in what is new. */
static bool grow_zeroed(uint32_t **p, size_t *cap, size_t need)
{
    size_t before = *cap;
    if (!dcr_grow(p, cap, need, sizeof **p))
        return false;
    memset(*p + before, 0, (*cap - before) * sizeof **p);
    return true;
}

static attribute *attr_get(dcr_aggregate *a, uint32_t path, const char vr[2])
{
    attribute *t;
    if (path >= a->cap_attr_of && !grow_zeroed(&a->attr_of, &a->cap_attr_of, path + 1u))
        return NULL;
    for (uint32_t i = a->attr_of[path]; i != 0; i = a->attr[i - 1].next) {
        if (memcmp(a->attr[i - 1].vr, vr, 2) != 0)
            continue;
        if (i != a->attr_of[path]) { /* to the front, for dcr_aggregate_again */
            uint32_t before = a->attr_of[path];
            while (a->attr[before - 1].next != i)
                before = a->attr[before - 1].next;
            a->attr[before - 1].next = a->attr[i - 1].next;
            a->attr[i - 1].next = a->attr_of[path];
            a->attr_of[path] = i;
        }
        return &a->attr[i - 1];
    }
    if (a->n_attrs >= NONE - 1 ||
        !dcr_grow(&a->attr, &a->cap_attrs, a->n_attrs + 1, sizeof *a->attr))
        return NULL;
    t = &a->attr[a->n_attrs++];
    memset(t, 0, sizeof *t);
    t->path = path;
    t->value = NONE;
    memcpy(t->vr, vr, 2);
    t->rolls = !dcr_vr_get(vr)->whole && !is_kept(a, a->paths.path[path].text);
    t->next = a->attr_of[path];
    a->attr_of[path] = (uint32_t)a->n_attrs;
    return t;
}

static dcr_status add_event(dcr_aggregate *a, attribute *t, uint32_t value)
{
    if (t->file == a->file) {
        if (t->value == value)
            return DCR_OK;
        a->repeats = true;
    }
    t->file = a->file;
    t->value = value;
    if (!dcr_grow(&a->events, &a->cap_events, a->n_events + 1, sizeof *a->events))
        return DCR_ENOMEM;
    a->events[a->n_events].attr = (uint32_t)(t - a->attr);
    a->events[a->n_events++].value = value;
    return DCR_OK;
}

dcr_status dcr_aggregate_value(void *aggregate, uint32_t path, const char vr[2],
                               const uint8_t *p, uint32_t n, uint32_t flags)
{
    dcr_aggregate *a = aggregate;
    attribute *t = attr_get(a, path, vr);
    uint32_t value;
    if (t == NULL)
        return DCR_ENOMEM;
    value = t->value;
    if (value != NONE) {
        const dcr_dict_entry *e = &a->values.entry[value];
        if (e->n != n || e->tag != flags || memcmp(e->p, p, n) != 0)
            value = NONE;
    }
    if (value == NONE)
        value = dcr_dict_add(&a->values, p, n, flags);
    return value == DCR_DICT_NONE ? DCR_ENOMEM : add_event(a, t, value);
}

dcr_status dcr_aggregate_again(void *aggregate, uint32_t path)
{
    dcr_aggregate *a = aggregate;
    attribute *t = &a->attr[a->attr_of[path] - 1];
    return add_event(a, t, t->value);
}

/* ---- cells ---- */

static int by_value(const void *x, const void *y)
{
    const pair *a = x, *b = y;
    return a->value < b->value ? -1 : a->value > b->value;
}

/* Equal values of the list become one. */
static void merge_pairs(cell *c)
{
    size_t n = 0;
    qsort(c->pairs, c->n, sizeof *c->pairs, by_value);
    for (size_t i = 0; i < c->n; i++) {
        if (n > 0 && c->pairs[n - 1].value == c->pairs[i].value)
            c->pairs[n - 1].files += c->pairs[i].files;
        else
            c->pairs[n++] = c->pairs[i];
    }
    c->n = n;
}

static dcr_status roll_up(dcr_aggregate *a, cell *c)
{
    c->sketch = dcr_alloc(1, sizeof *c->sketch);
    if (c->sketch == NULL)
        return DCR_ENOMEM;
    a->extra += sizeof *c->sketch;
    dcr_sketch_add(c->sketch, &a->values, c->value, c->files);
    for (size_t i = 0; i < c->n; i++)
        dcr_sketch_add(c->sketch, &a->values, c->pairs[i].value, c->pairs[i].files);
    a->extra -= c->cap * sizeof *c->pairs;
    dcr_free(c->pairs);
    c->pairs = NULL;
    c->n = c->cap = 0;
    return DCR_OK;
}

static dcr_status compact(dcr_aggregate *a, cell *c)
{
    if (c->n > 1)
        merge_pairs(c);
    c->compact_at = c->n * 2 < COMPACT_AT ? COMPACT_AT : c->n * 2;
    if (c->n + 1 > DCR_ROLLUP_MAX && a->attr[c->attr].rolls)
        return roll_up(a, c);
    return DCR_OK;
}

static dcr_status count(dcr_aggregate *a, cell *c, uint32_t value)
{
    if (c->sketch != NULL) {
        dcr_sketch_add(c->sketch, &a->values, value, 1);
        return DCR_OK;
    }
    if (c->files == 0 || c->value == value) {
        c->value = value;
        c->files++;
        return DCR_OK;
    }
    if (c->n > 0 && c->pairs[c->n - 1].value == value) {
        c->pairs[c->n - 1].files++;
        return DCR_OK;
    }
    size_t before = c->cap;
    if (!dcr_grow(&c->pairs, &c->cap, c->n + 1, sizeof *c->pairs))
        return DCR_ENOMEM;
    a->extra += (c->cap - before) * sizeof *c->pairs;
    c->pairs[c->n].value = value;
    c->pairs[c->n++].files = 1;
    if (c->n < (c->compact_at == 0 ? COMPACT_AT : c->compact_at))
        return DCR_OK;
    return compact(a, c);
}

static cell *cell_get(dcr_aggregate *a, uint32_t u, uint32_t attr)
{
    unit *x = &a->units[u];
    size_t before = x->cap;
    if (attr >= x->cap && !grow_zeroed(&x->cell_of, &x->cap, attr + 1u))
        return NULL;
    a->extra += (x->cap - before) * sizeof *x->cell_of;
    if (x->cell_of[attr] != 0)
        return &a->cells[x->cell_of[attr] - 1];
    if (a->n_cells >= NONE - 1 ||
        !dcr_grow(&a->cells, &a->cap_cells, a->n_cells + 1, sizeof *a->cells))
        return NULL;
    cell *c = &a->cells[a->n_cells++];
    memset(c, 0, sizeof *c);
    c->unit = u;
    c->attr = attr;
    x->cell_of[attr] = (uint32_t)a->n_cells;
    return c;
}

/* ---- the end of a file ---- */

static int by_attr(const void *x, const void *y)
{
    const event *a = x, *b = y;
    if (a->attr != b->attr)
        return a->attr < b->attr ? -1 : 1;
    return a->value < b->value ? -1 : a->value > b->value;
}

/* A value counts once per file, however often it stands in it. */
static void distinct_events(dcr_aggregate *a)
{
    size_t n = 0;
    qsort(a->events, a->n_events, sizeof *a->events, by_attr);
    for (size_t i = 0; i < a->n_events; i++)
        if (n == 0 || by_attr(&a->events[n - 1], &a->events[i]) != 0)
            a->events[n++] = a->events[i];
    a->n_events = n;
}

static dcr_status count_events(dcr_aggregate *a, uint32_t u)
{
    if (a->repeats)
        distinct_events(a);
    for (size_t i = 0; i < a->n_events; i++) {
        const event *e = &a->events[i];
        cell *c = cell_get(a, u, e->attr);
        if (c == NULL)
            return DCR_ENOMEM;
        if (a->repeats && i > 0 && a->events[i - 1].attr == e->attr)
            c->excess++;
        if (count(a, c, e->value) != DCR_OK)
            return DCR_ENOMEM;
    }
    return DCR_OK;
}

/* The parts of a key, each behind its length, so that no two keys are written alike. */
static void key_part(dcr_buf *b, dcr_bytes *part)
{
    dcr_buf_add(b, &part->n, sizeof part->n);
    dcr_buf_add(b, part->p, part->n);
}

static void lend_part(const char **at, dcr_bytes *part)
{
    memcpy(&part->n, *at, sizeof part->n);
    part->p = (const uint8_t *)*at + sizeof part->n;
    *at += sizeof part->n + part->n;
}

static uint32_t unit_get(dcr_aggregate *a, const dcr_unit_key *key)
{
    dcr_unit_key k = *key;
    dcr_bytes *part[] = {&k.patient_id, &k.issuer, &k.study_uid, &k.series_uid,
                         &k.stand_in};
    uint32_t u;
    const char *at;
    a->key.n = 0;
    for (size_t i = 0; i < 5; i++)
        key_part(&a->key, part[i]);
    if (a->key.failed)
        return NONE;
    u = dcr_dict_add(&a->unit_keys, a->key.p, a->key.n, key->kind);
    if (u == DCR_DICT_NONE || u < a->n_units)
        return u;
    if (!dcr_grow(&a->units, &a->cap_units, a->n_units + 1, sizeof *a->units))
        return NONE;
    at = a->unit_keys.entry[u].p;
    for (size_t i = 0; i < 5; i++)
        lend_part(&at, part[i]);
    memset(&a->units[u], 0, sizeof a->units[u]);
    a->units[u].key = k;
    a->n_units++;
    return u;
}

dcr_status dcr_aggregate_end(dcr_aggregate *a, dcr_batch_file *file,
                             const dcr_unit_key *key)
{
    file->unit = NONE;
    if (key != NULL) {
        file->unit = unit_get(a, key);
        if (file->unit == NONE || count_events(a, file->unit) != DCR_OK)
            return DCR_ENOMEM;
    }
    a->n_events = 0;
    if (!dcr_grow(&a->files, &a->cap_files, a->n_files + 1, sizeof *a->files))
        return DCR_ENOMEM;
    a->files[a->n_files++] = *file;
    return DCR_OK;
}

/* ---- out ---- */

typedef struct writer {
    dcr_wire *w;
    uint32_t *value_of; /* by value: number in the batch + 1 */
} writer;

static uint32_t write_bytes(writer *x, dcr_bytes b)
{
    return dcr_wire_string(x->w, b.p, b.n);
}

static uint32_t write_entry(writer *x, const dcr_dict_entry *e)
{
    return dcr_wire_string(x->w, (const uint8_t *)e->p, e->n);
}

static uint32_t out_value(dcr_aggregate *a, writer *x, uint32_t value)
{
    if (x->value_of[value] == 0) {
        const dcr_dict_entry *e = &a->values.entry[value];
        dcr_batch_value v = {write_entry(x, e), e->tag};
        x->value_of[value] = dcr_wire_value(x->w, &v) + 1;
    }
    return x->value_of[value] - 1;
}

/* In the order of our own numbers, so that facts come out sorted. */
static void out_attrs(dcr_aggregate *a, writer *x)
{
    for (size_t i = 0; i < a->n_attrs; i++) {
        const dcr_path *p = &a->paths.path[a->attr[i].path];
        dcr_batch_attr o = {dcr_wire_string(x->w, (const uint8_t *)p->text, p->n), {0}};
        memcpy(o.vr, a->attr[i].vr, 2);
        dcr_wire_attr(x->w, &o);
    }
}

static void out_sketch(dcr_aggregate *a, writer *x, const cell *c)
{
    const dcr_sketch *s = c->sketch;
    dcr_batch_rollup r = {c->unit, c->attr, s->files, 0, 0, 0, 0, NULL, 0};
    r.min = s->min == 0 ? dcr_wire_string(x->w, NULL, 0)
                        : write_entry(x, &a->values.entry[s->min - 1]);
    r.max = s->max == 0 ? dcr_wire_string(x->w, NULL, 0)
                        : write_entry(x, &a->values.entry[s->max - 1]);
    r.shape = dcr_wire_string(x->w, (const uint8_t *)s->shape, strlen(s->shape));
    r.n_hashes = s->n_hashes;
    r.hashes = s->hash;
    r.empty = s->empty;
    dcr_wire_rollup(x->w, &r);
}

static void out_facts(dcr_aggregate *a, writer *x, const cell *c)
{
    dcr_batch_fact f = {c->unit, c->attr, 0, c->files};
    f.value = out_value(a, x, c->value);
    dcr_wire_fact(x->w, &f);
    for (size_t i = 0; i < c->n; i++) {
        f.value = out_value(a, x, c->pairs[i].value);
        f.files = c->pairs[i].files;
        dcr_wire_fact(x->w, &f);
    }
}

static dcr_status out_cells(dcr_aggregate *a, writer *x)
{
    for (size_t u = 0; u < a->n_units; u++) {
        for (size_t t = 0; t < a->units[u].cap; t++) {
            cell *c;
            if (a->units[u].cell_of[t] == 0)
                continue;
            c = &a->cells[a->units[u].cell_of[t] - 1];
            if (c->sketch == NULL && compact(a, c) != DCR_OK)
                return DCR_ENOMEM;
            if (c->sketch != NULL)
                out_sketch(a, x, c);
            else
                out_facts(a, x, c);
            if (c->excess > 0) {
                dcr_batch_excess e = {c->unit, c->attr, c->excess};
                dcr_wire_excess(x->w, &e);
            }
        }
    }
    return DCR_OK;
}

static void out_units(dcr_aggregate *a, writer *x)
{
    for (size_t i = 0; i < a->n_units; i++) {
        const dcr_unit_key *k = &a->units[i].key;
        dcr_batch_unit u = {0};
        u.patient_id = write_bytes(x, k->patient_id);
        u.issuer = write_bytes(x, k->issuer);
        u.study_uid = write_bytes(x, k->study_uid);
        u.series_uid = write_bytes(x, k->series_uid);
        u.stand_in = write_bytes(x, k->stand_in);
        u.kind = k->kind;
        dcr_wire_unit(x->w, &u);
    }
    for (size_t i = 0; i < a->n_files; i++)
        dcr_wire_file(x->w, &a->files[i]);
}

/* The next batch will mostly meet the same paths; of their values it knows nothing. */
static dcr_status next_paths(dcr_pathtab *paths)
{
    if (dcr_pathtab_memory(paths) <= KEEP_PATHS) {
        dcr_pathtab_forget(paths);
        return DCR_OK;
    }
    dcr_pathtab_clear(paths);
    return dcr_pathtab_init(paths) ? DCR_OK : DCR_ENOMEM;
}

dcr_status dcr_aggregate_take(dcr_aggregate *a, dcr_buf *out)
{
    writer x = {dcr_wire_new(), dcr_alloc(a->values.n, sizeof(uint32_t))};
    dcr_status s = DCR_ENOMEM;
    if (x.w == NULL || x.value_of == NULL)
        goto done;
    out_units(a, &x);
    out_attrs(a, &x);
    s = out_cells(a, &x);
    if (s == DCR_OK)
        s = dcr_wire_write(x.w, out);
    if (s != DCR_OK)
        goto done;
    empty(a);
    s = next_paths(&a->paths);
done:
    dcr_free(x.value_of);
    dcr_wire_free(x.w);
    return s;
}
