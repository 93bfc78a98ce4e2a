/* One pass over all facts, subject by subject: counts of attributes and of their values.
 */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "build.h"
#include "mask.h"

/* ---- attributes: the scan file keeps one per path and VR, the model one per path ----
 */

typedef struct named {
    dcr_bytes path;
    char vr[4];
    uint32_t stored;
} named;

static int by_path(const void *pa, const void *pb)
{
    const named *a = pa, *b = pb;
    int c = dcr_bytes_compare(a->path, b->path);
    if (c != 0)
        return c;
    /* A VR that says something comes before UN. */
    c = (strcmp(a->vr, "UN") == 0) - (strcmp(b->vr, "UN") == 0);
    return c != 0 ? c : strcmp(a->vr, b->vr);
}

typedef struct place { /* the element at the end of a path */
    const char *tag, *creator;
    size_t n_creator;
    bool nested;
} place;

/* Creators may hold any of "/:", and what an opener found stands behind a ':'. */
static place element_of(const char *path)
{
    place at = {path, NULL, 0, false};
    for (const char *p = path; *p != '\0' && *p != ':'; p++) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        if (end != NULL) {
            at.creator = p + 1;
            at.n_creator = (size_t)(end - at.creator);
            p = end;
        } else if (*p == '/') {
            at = (place){p + 1, NULL, 0, true};
        }
    }
    return at;
}

static bool odd_group(const char *tag)
{
    return strlen(tag) > 8 && tag[4] == ',' && strchr("13579BDF", tag[3]) != NULL;
}

static dcr_status fill_attr(build *b, dcr_attr *a, const named *n, dcr_err *err)
{
    dcr_role_info role;
    place at;
    bool pseudo;
    a->path = dcr_arena_bytes(b->arena, n->path.p, n->path.n);
    if (a->path == NULL)
        return dcr_nomem(err);
    pseudo = strncmp(a->path, "sidecar:", 8) == 0; /* its last part is no tag */
    memcpy(a->vr, n->vr, sizeof a->vr);
    dcr_rules_role(b->rules, a->path, a->vr, &role);
    at = element_of(a->path);
    if (at.creator != NULL) {
        a->creator = dcr_arena_bytes(b->arena, at.creator, at.n_creator);
        if (a->creator == NULL)
            return dcr_nomem(err);
    }
    a->keyword = role.keyword;
    a->role = role.role;
    a->family = role.family;
    a->judged_as = role.judged_as;
    memcpy(a->judged_vr, role.judged_vr, sizeof a->judged_vr);
    a->level = role.level;
    a->concept = role.concept;
    a->exact = true;
    a->shape = "";
    a->is_private = a->creator != NULL || (!pseudo && odd_group(at.tag));
    a->is_meta = strncmp(a->path, "0002,", 5) == 0;
    a->is_nested = at.nested && !pseudo;
    return DCR_OK;
}

dcr_status dcr_build_attrs(build *b, dcr_err *err)
{
    uint32_t n_stored = dcr_store_n_attrs(b->store), n = 0;
    named *list = dcr_alloc(n_stored, sizeof *list);
    bool *used = dcr_alloc(n_stored, sizeof *used);
    dcr_model *m = b->m;
    dcr_status rc = DCR_OK;
    b->attr_of = dcr_alloc(n_stored, sizeof *b->attr_of);
    m->attrs = dcr_arena_alloc(b->arena, n_stored, sizeof *m->attrs);
    b->count = dcr_alloc(n_stored, sizeof *b->count);
    if (list == NULL || used == NULL || b->attr_of == NULL || m->attrs == NULL ||
        b->count == NULL)
        rc = dcr_nomem(err);
    if (rc == DCR_OK)
        rc = dcr_store_attrs_used(b->store, used, err);
    for (uint32_t i = 0; i < n_stored && rc == DCR_OK; i++) {
        if (!used[i])
            continue;
        dcr_store_attr(b->store, i, &list[n].path, list[n].vr);
        list[n++].stored = i;
    }
    if (rc == DCR_OK && n > 0)
        qsort(list, n, sizeof *list, by_path);
    for (uint32_t i = 0; i < n && rc == DCR_OK; i++) {
        if (i == 0 || dcr_bytes_compare(list[i - 1].path, list[i].path) != 0)
            rc = fill_attr(b, &m->attrs[m->n_attrs++], &list[i], err);
        b->attr_of[list[i].stored] = (uint32_t)m->n_attrs - 1;
    }
    dcr_free(used);
    dcr_free(list);
    return rc;
}

/* ---- pairs ---- */

void dcr_pair_map_clear(pair_map *m)
{
    dcr_free(m->key);
    dcr_free(m->place);
    memset(m, 0, sizeof *m);
}

static size_t pair_slot(const pair_map *m, uint64_t key)
{
    size_t mask = m->n_slots - 1;
    uint64_t h = key * 0x9E3779B97F4A7C15ull;
    size_t i = (h ^ (h >> 29)) & mask;
    while (m->place[i] != 0 && m->key[i] != key)
        i = (i + 1) & mask;
    return i;
}

static bool pair_map_room(pair_map *m)
{
    pair_map bigger = {.n = m->n};
    if (((size_t)m->n + 1) * 3 <= m->n_slots * 2)
        return true;
    bigger.n_slots = m->n_slots == 0 ? 4096 : m->n_slots * 2;
    bigger.key = dcr_alloc(bigger.n_slots, sizeof *bigger.key);
    bigger.place = dcr_alloc(bigger.n_slots, sizeof *bigger.place);
    if (bigger.key == NULL || bigger.place == NULL) {
        dcr_pair_map_clear(&bigger);
        return false;
    }
    for (size_t i = 0; i < m->n_slots; i++)
        if (m->place[i] != 0) {
            size_t to = pair_slot(&bigger, m->key[i]);
            bigger.key[to] = m->key[i];
            bigger.place[to] = m->place[i];
        }
    dcr_pair_map_clear(m);
    *m = bigger;
    return true;
}

uint32_t dcr_pair_map_add(pair_map *m, uint32_t a, uint32_t b, bool *fresh)
{
    uint64_t key = (uint64_t)a << 32 | b;
    size_t i;
    if (!pair_map_room(m))
        return UINT32_MAX;
    i = pair_slot(m, key);
    *fresh = m->place[i] == 0;
    if (*fresh) {
        m->key[i] = key;
        m->place[i] = ++m->n;
    }
    return m->place[i] - 1;
}

static uint32_t flags_of(build *b, uint32_t attr, uint32_t value)
{
    dcr_bytes v = dcr_bytes_trim(b->value[value]);
    uint32_t flags = b->value_flags[value];
    if (v.n == 0)
        return flags | DCR_VALUE_EMPTY;
    if ((flags & (DCR_VALUE_BINARY | DCR_VALUE_DIGEST)) == 0 &&
        !dcr_is_real(b->rules, b->m->attrs[attr].vr, v))
        return flags | DCR_VALUE_DUMMY;
    return flags;
}

/* The place of a pair, n_pairs when it is new; UINT32_MAX when no memory. */
static uint32_t find_pair(build *b, uint32_t attr, uint32_t value)
{
    uint32_t first = b->value_pair[value], at;
    bool fresh = false;
    if (first == 0)
        b->value_pair[value] = first = (uint32_t)b->n_pairs + 1;
    if (first > b->n_pairs || b->pairs[first - 1].attr == attr)
        return first - 1;
    at = dcr_pair_map_add(&b->pair_of, attr, value, &fresh);
    if (at == UINT32_MAX ||
        !dcr_grow(&b->place_of, &b->cap_place_of, (size_t)at + 1, sizeof *b->place_of))
        return UINT32_MAX;
    if (fresh)
        b->place_of[at] = (uint32_t)b->n_pairs;
    return b->place_of[at];
}

static pair *pair_of(build *b, uint32_t attr, uint32_t value)
{
    uint32_t at = find_pair(b, attr, value);
    pair *p;
    if (at == UINT32_MAX ||
        !dcr_grow(&b->pairs, &b->cap_pairs, (size_t)at + 1, sizeof *b->pairs))
        return NULL;
    p = &b->pairs[at];
    if (at == b->n_pairs) {
        memset(p, 0, sizeof *p);
        p->attr = attr;
        p->value = value;
        p->flags = flags_of(b, attr, value);
        p->first_subject = UINT32_MAX;
        b->n_pairs++;
    }
    return p;
}

/* Counts a subject, study and series once each; numbers come in ascending order. */
static void count(const unit_place *at, uint32_t *n_subjects, uint32_t *last_subject,
                  uint32_t *n_studies, uint32_t *last_study, uint32_t *n_series,
                  uint32_t *last_series)
{
    if (at->subject == UINT32_MAX)
        return;
    *n_subjects += *last_subject != at->subject + 1;
    *last_subject = at->subject + 1;
    *n_studies += *last_study != at->study + 1;
    *last_study = at->study + 1;
    *n_series += *last_series != at->series + 1;
    *last_series = at->series + 1;
}

static void count_real(dcr_attr *a, tally *t, const unit_place *at)
{
    count(at, &a->value_subjects, &t->last_real, &a->value_studies, &t->last_real_study,
          &a->value_series, &t->last_real_series);
}

/* ---- shapes: counted in subjects, so that a rare one is known to be rare ---- */

static dcr_status count_shape(build *b, uint32_t attr, uint32_t value, uint32_t subject,
                              dcr_err *err)
{
    bool fresh = false;
    uint32_t at;
    if (b->value_shape[value] == 0) {
        char shape[DCR_SHAPE_MAX];
        dcr_shape(b->value[value].p, b->value[value].n, shape);
        at = dcr_dict_add(&b->shapes, shape, strlen(shape), 0);
        if (at == DCR_DICT_NONE)
            return dcr_nomem(err);
        b->value_shape[value] = at + 1;
    }
    at = dcr_pair_map_add(&b->shape_of, attr, b->value_shape[value] - 1, &fresh);
    if (at == UINT32_MAX || !dcr_grow(&b->shape_counts, &b->cap_shapes, (size_t)at + 1,
                                      sizeof *b->shape_counts))
        return dcr_nomem(err);
    if (fresh) {
        shape_count c = {attr, b->value_shape[value] - 1, 0, 0};
        b->shape_counts[at] = c;
    }
    b->shape_counts[at].subjects += b->shape_counts[at].last_subject != subject + 1;
    b->shape_counts[at].last_subject = subject + 1;
    return DCR_OK;
}

/* ---- the pass ---- */

static const uint32_t opaque = DCR_VALUE_BINARY | DCR_VALUE_DIGEST;

/* Remembers that a series has a value: figures.c turns this round. */
static bool note_series(build *b, const pair *p)
{
    if (!dcr_grow(&b->seen, &b->cap_seen, b->n_seen + 1, sizeof *b->seen))
        return false;
    b->seen[b->n_seen++] = (uint32_t)(p - b->pairs);
    return true;
}

static dcr_status see_fact(build *b, const unit_place *at, const dcr_batch_fact *f,
                           dcr_err *err)
{
    uint32_t attr = b->attr_of[f->attr];
    dcr_attr *a = &b->m->attrs[attr];
    tally *t = &b->count[attr];
    pair *p = pair_of(b, attr, f->value);
    bool real, again;
    if (p == NULL)
        return dcr_nomem(err);
    real = (p->flags & (DCR_VALUE_EMPTY | DCR_VALUE_DUMMY)) == 0;
    p->files += f->files;
    a->files += f->files;
    if (p->flags & DCR_VALUE_EMPTY)
        a->empty += f->files;
    if (p->flags & DCR_VALUE_DUMMY)
        a->dummy += f->files;
    if (at->subject == UINT32_MAX)
        return DCR_OK;
    if (p->first_subject == UINT32_MAX)
        p->first_subject = at->subject;
    again = p->last_subject == at->subject + 1; /* then its shape is counted */
    if (p->last_series != at->series + 1 && !note_series(b, p))
        return dcr_nomem(err);
    count(at, &p->subjects, &p->last_subject, &p->studies, &p->last_study, &p->series,
          &p->last_series);
    count(at, &a->subjects, &t->last_subject, &a->studies, &t->last_study, &a->series,
          &t->last_series);
    if (!real)
        return DCR_OK;
    count_real(a, t, at);
    for (uint32_t c = t->first_carrier; c != CARRIER_NONE; c = b->carriers[c].next)
        dcr_concept_see(b, &b->carriers[c], a->vr, f->value);
    if (again || (p->flags & opaque) != 0)
        return DCR_OK;
    return count_shape(b, attr, f->value, at->subject, err);
}

/* UIDs are kept by the ends of their range and some hashes: enough to say how they were
 * made, and whether one of them is known. */
static dcr_status keep_sketch(build *b, const unit_place *at, const dcr_batch_rollup *r,
                              const dcr_bytes *strings, dcr_err *err)
{
    dcr_model *m = b->m;
    dcr_bytes lo = strings[r->min], hi = strings[r->max];
    dcr_uid_sketch *s;
    if (!dcr_grow(&m->sketches, &b->cap_sketches, m->n_sketches + 1, sizeof *s))
        return dcr_nomem(err);
    s = &m->sketches[m->n_sketches++];
    *s = (dcr_uid_sketch){
        .attr = &m->attrs[b->attr_of[r->attr]],
        .series = at->series,
        .min_len = lo.n,
        .max_len = hi.n,
        .min = (const uint8_t *)dcr_arena_bytes(b->arena, lo.p, lo.n),
        .max = (const uint8_t *)dcr_arena_bytes(b->arena, hi.p, hi.n),
        .n_hashes = r->n_hashes < DCR_SKETCH_HASHES ? r->n_hashes : DCR_SKETCH_HASHES};
    memcpy(s->hash, r->hashes, s->n_hashes * sizeof *s->hash);
    return s->min == NULL || s->max == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status see_rollup(build *b, const unit_place *at, const dcr_batch_rollup *r,
                             const dcr_bytes *strings, dcr_err *err)
{
    uint32_t attr = b->attr_of[r->attr];
    dcr_attr *a = &b->m->attrs[attr];
    tally *t = &b->count[attr];
    a->exact = false;
    a->files += r->files;
    a->empty += r->empty;
    if (t->sketch_values < r->n_hashes)
        t->sketch_values = r->n_hashes;
    if (at->subject == UINT32_MAX)
        return DCR_OK;
    count(at, &a->subjects, &t->last_subject, &a->studies, &t->last_study, &a->series,
          &t->last_series);
    count_real(a, t, at);
    return strcmp(a->vr, "UI") == 0 ? keep_sketch(b, at, r, strings, err) : DCR_OK;
}

/* Asks early for the memory that the facts of a unit will touch: it lies all over the
 * place. */
static void prefetch(const build *b, const dcr_store_facts *f)
{
    for (size_t i = 0; i < f->n_facts; i++)
        __builtin_prefetch(&b->value_pair[f->facts[i].value]);
    for (size_t i = 0; i < f->n_facts; i++) {
        uint32_t first = b->value_pair[f->facts[i].value];
        if (first > 0 && first <= b->n_pairs)
            __builtin_prefetch(&b->pairs[first - 1], 1);
        __builtin_prefetch(&b->value[f->facts[i].value]);
        __builtin_prefetch(&b->value_shape[f->facts[i].value], 1);
    }
    for (size_t i = 0; i < f->n_facts; i++)
        __builtin_prefetch(b->value[f->facts[i].value].p);
}

static dcr_status see_unit(build *b, const unit_place *at, dcr_err *err)
{
    dcr_store_facts f;
    dcr_status rc = dcr_store_unit_facts(b->store, at->unit, &f, err);
    if (rc == DCR_OK)
        prefetch(b, &f);
    for (size_t i = 0; i < f.n_facts && rc == DCR_OK; i++)
        rc = see_fact(b, at, &f.facts[i], err);
    for (size_t i = 0; i < f.n_rollups && rc == DCR_OK; i++)
        rc = see_rollup(b, at, &f.rollups[i], f.strings, err);
    for (size_t i = 0; i < f.n_excess && rc == DCR_OK; i++)
        b->m->attrs[b->attr_of[f.excess[i].attr]].files -= f.excess[i].excess;
    return rc;
}

dcr_status dcr_build_facts(build *b, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    b->seen_end = dcr_alloc(b->m->n_series, sizeof *b->seen_end);
    if (b->seen_end == NULL)
        return dcr_nomem(err);
    for (uint32_t i = 0; i < b->n_places && rc == DCR_OK; i++) {
        const unit_place *at = &b->place[i];
        const unit_place *next = i + 1 < b->n_places ? &b->place[i + 1] : NULL;
        rc = see_unit(b, at, err);
        if (at->subject == UINT32_MAX)
            continue;
        b->seen_end[at->series] = b->n_seen;
        if (rc == DCR_OK && (next == NULL || next->series != at->series))
            rc = dcr_concept_end_series(b, at->series, err);
        if (rc == DCR_OK && (next == NULL || next->study != at->study))
            rc = dcr_concept_end_study(b, at->subject, at->study, err);
    }
    return rc;
}
