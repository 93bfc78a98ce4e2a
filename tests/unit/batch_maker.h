/* Batches as a worker would make them, put together file by file: for tests of the store
 * and of the model.  Slow and plain on purpose: what it counts is what a test expects. */
#ifndef DCR_TEST_BATCH_MAKER_H
#define DCR_TEST_BATCH_MAKER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "arena.h"
#include "buf.h"
#include "hash.h"
#include "mask.h"
#include "scanfile.h"

enum { BM_FILES = 640, BM_VALUES = 24 };

typedef struct bm_value { /* one element of one file */
    const char *path, *vr;
    dcr_bytes bytes;
    uint32_t flags;
} bm_value;

typedef struct bm_file {
    const char *part[5]; /* patient, issuer, study, series, stand-in */
    dcr_batch_file file; /* kind, status, size, sop, ... */
    bm_value value[BM_VALUES];
    uint32_t n;
    char name[32];
} bm_file;

typedef struct bm {
    bm_file *file; /* BM_FILES of them */
    uint32_t n;
    dcr_arena arena;
    const char *const *keep; /* paths never rolled up */
    size_t n_keep;
} bm;

static inline void bm_start(bm *b)
{
    memset(b, 0, sizeof *b);
    b->file = dcr_alloc(BM_FILES, sizeof *b->file);
    assert_non_null(b->file);
}

static inline void bm_clear(bm *b)
{
    dcr_arena_clear(&b->arena);
    dcr_free(b->file);
    memset(b, 0, sizeof *b);
}

/* A readable DICOM file of a series; more can be said in the answer. */
static inline bm_file *bm_add(bm *b, const char *patient, const char *issuer,
                              const char *study, const char *series)
{
    bm_file *f = &b->file[b->n];
    const char *part[] = {patient, issuer, study, series, ""};
    assert_true(b->n < BM_FILES);
    for (int i = 0; i < 5; i++)
        f->part[i] = dcr_arena_str(&b->arena, part[i]);
    snprintf(f->name, sizeof f->name, "%06u.dcm", b->n);
    f->file.kind = DCR_FILE_DICOM;
    f->file.status = DCR_READ_OK;
    f->file.size = 1000;
    f->file.mtime_ns = 7;
    f->file.sop[0] = b->n + 1;
    f->file.elements = 1;
    b->n++;
    return f;
}

/* An element of the file added last. */
static inline void bm_bytes(bm *b, const char *path, const char *vr, const void *p,
                            size_t n, uint32_t flags)
{
    bm_file *f = &b->file[b->n - 1];
    bm_value *v = &f->value[f->n++];
    assert_true(f->n <= BM_VALUES);
    v->path = dcr_arena_str(&b->arena, path);
    v->vr = vr;
    v->bytes.p = (const uint8_t *)dcr_arena_bytes(&b->arena, p, n);
    v->bytes.n = (uint32_t)n;
    v->flags = flags;
}

static inline void bm_text(bm *b, const char *path, const char *vr, const char *text)
{
    bm_bytes(b, path, vr, text, strlen(text), 0);
}

/* ---- counting ---- */

typedef struct bm_cell { /* one attribute of one unit: all its values, once per file */
    const bm_file *unit; /* a file of it */
    const char *path, *vr;
    const bm_value **value; /* distinct */
    uint32_t *count;
    uint32_t n, files, pairs, last_file;
} bm_cell;

typedef struct bm_cells {
    bm_cell *cell;
    uint32_t n;
} bm_cells;

static inline bool bm_same_unit(const bm_file *a, const bm_file *b)
{
    for (int i = 0; i < 5; i++)
        if (strcmp(a->part[i], b->part[i]) != 0)
            return false;
    return (a->file.kind == DCR_FILE_DICOMDIR) == (b->file.kind == DCR_FILE_DICOMDIR);
}

static inline bool bm_same_value(const bm_value *a, const bm_value *b)
{
    return a->flags == b->flags && a->bytes.n == b->bytes.n &&
           memcmp(a->bytes.p, b->bytes.p, a->bytes.n) == 0;
}

static inline bool bm_seen_in(const bm_file *f, uint32_t upto)
{
    for (uint32_t i = 0; i < upto; i++)
        if (strcmp(f->value[i].path, f->value[upto].path) == 0 &&
            strcmp(f->value[i].vr, f->value[upto].vr) == 0 &&
            bm_same_value(&f->value[i], &f->value[upto]))
            return true;
    return false;
}

static inline bm_cell *bm_cell_of(bm_cells *c, dcr_arena *a, const bm_file *f,
                                  const bm_value *v, uint32_t room)
{
    for (uint32_t i = 0; i < c->n; i++)
        if (bm_same_unit(c->cell[i].unit, f) && strcmp(c->cell[i].path, v->path) == 0 &&
            strcmp(c->cell[i].vr, v->vr) == 0)
            return &c->cell[i];
    bm_cell *x = &c->cell[c->n++];
    x->unit = f;
    x->path = v->path;
    x->vr = v->vr;
    x->value = dcr_arena_alloc(a, room, sizeof *x->value);
    x->count = dcr_arena_alloc(a, room, sizeof *x->count);
    return x;
}

/* Counts the files `which`; cells of one unit stand together. */
static inline bm_cells bm_count(const bm *b, dcr_arena *a, const uint32_t *which,
                                uint32_t n)
{
    bm_cells c = {dcr_arena_alloc(a, (size_t)n * BM_VALUES, sizeof *c.cell), 0};
    for (uint32_t first = 0; first < n; first++) {
        const bm_file *unit = &b->file[which[first]];
        bool known = false;
        for (uint32_t i = 0; i < first; i++)
            known = known || bm_same_unit(&b->file[which[i]], unit);
        for (uint32_t i = first; i < n && !known; i++) {
            const bm_file *f = &b->file[which[i]];
            for (uint32_t v = 0; v < f->n && bm_same_unit(f, unit); v++) {
                bm_cell *x = bm_cell_of(&c, a, unit, &f->value[v], n * BM_VALUES);
                uint32_t at = 0;
                if (bm_seen_in(f, v))
                    continue;
                while (at < x->n && !bm_same_value(x->value[at], &f->value[v]))
                    at++;
                x->n += at == x->n;
                x->value[at] = &f->value[v];
                x->count[at]++;
                x->pairs++;
                x->files += x->last_file != i + 1;
                x->last_file = i + 1;
            }
        }
    }
    return c;
}

static inline bool bm_rolls(const bm *b, const bm_cell *c)
{
    for (size_t i = 0; i < b->n_keep; i++)
        if (strcmp(b->keep[i], c->path) == 0)
            return false;
    return dcr_vr_rolls_up(c->vr) && c->n > DCR_ROLLUP_MAX;
}

static inline int bm_by_hash(const void *pa, const void *pb)
{
    uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;
    return (a > b) - (a < b);
}

static inline int bm_compare(dcr_bytes a, dcr_bytes b)
{
    int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

typedef struct bm_sketch {
    dcr_bytes min, max;
    char shape[DCR_SHAPE_MAX];
    uint64_t *hash, empty;
    uint32_t n_hashes;
} bm_sketch;

/* The smallest hashes of all distinct values; range and shape of those that are not
 * empty. */
static inline bm_sketch bm_sketch_of(dcr_arena *a, const bm_cell *c)
{
    bm_sketch s = {.hash = dcr_arena_alloc(a, c->n, sizeof *s.hash)};
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        dcr_bytes v = c->value[i]->bytes;
        char shape[DCR_SHAPE_MAX];
        s.hash[i] = dcr_hash64(v.p, v.n);
        if (v.n == 0) {
            s.empty += c->count[i];
            continue;
        }
        dcr_shape(v.p, v.n, shape);
        if (s.min.p == NULL || bm_compare(v, s.min) < 0)
            s.min = v;
        if (s.max.p == NULL || bm_compare(v, s.max) > 0)
            s.max = v;
        if (s.shape[0] != '\0' && strcmp(s.shape, shape) != 0)
            snprintf(s.shape, sizeof s.shape, "*");
        else
            snprintf(s.shape, sizeof s.shape, "%s", shape);
    }
    qsort(s.hash, c->n, sizeof *s.hash, bm_by_hash);
    for (uint32_t i = 0; i < c->n; i++)
        if (n == 0 || s.hash[i] != s.hash[n - 1])
            s.hash[n++] = s.hash[i];
    s.n_hashes = n < DCR_ROLLUP_MAX ? n : DCR_ROLLUP_MAX;
    return s;
}

/* ---- a batch ---- */

static inline uint32_t bm_string(dcr_batch *b, const void *p, size_t n)
{
    for (uint32_t i = 0; i < b->n_strings; i++)
        if (b->strings[i].n == n && memcmp(b->strings[i].p, p, n) == 0)
            return i;
    b->strings[b->n_strings].p = p;
    b->strings[b->n_strings].n = (uint32_t)n;
    return b->n_strings++;
}

static inline uint32_t bm_unit(dcr_batch *b, const bm_file *f)
{
    dcr_batch_unit u;
    u.patient_id = bm_string(b, f->part[0], strlen(f->part[0]));
    u.issuer = bm_string(b, f->part[1], strlen(f->part[1]));
    u.study_uid = bm_string(b, f->part[2], strlen(f->part[2]));
    u.series_uid = bm_string(b, f->part[3], strlen(f->part[3]));
    u.stand_in = bm_string(b, f->part[4], strlen(f->part[4]));
    u.kind = f->file.kind;
    for (uint32_t i = 0; i < b->n_units; i++)
        if (memcmp(&b->units[i], &u, sizeof u) == 0)
            return i;
    b->units[b->n_units] = u;
    return b->n_units++;
}

static inline uint32_t bm_attr(dcr_batch *b, const bm_cell *c)
{
    dcr_batch_attr x = {bm_string(b, c->path, strlen(c->path)), ""};
    memcpy(x.vr, c->vr, 2);
    for (uint32_t i = 0; i < b->n_attrs; i++)
        if (memcmp(&b->attrs[i], &x, sizeof x) == 0)
            return i;
    b->attrs[b->n_attrs] = x;
    return b->n_attrs++;
}

static inline uint32_t bm_value_number(dcr_batch *b, const bm_value *v)
{
    dcr_batch_value x = {bm_string(b, v->bytes.p, v->bytes.n), v->flags};
    for (uint32_t i = 0; i < b->n_values; i++)
        if (memcmp(&b->values[i], &x, sizeof x) == 0)
            return i;
    b->values[b->n_values] = x;
    return b->n_values++;
}

static inline void bm_put_sketch(dcr_batch *b, dcr_arena *a, const bm_cell *c,
                                 uint32_t unit, uint32_t attr)
{
    bm_sketch s = bm_sketch_of(a, c);
    dcr_batch_rollup *r = &b->rollups[b->n_rollups++];
    char *shape = dcr_arena_str(a, s.shape);
    r->unit = unit;
    r->attr = attr;
    r->files = c->pairs;
    r->empty = s.empty;
    r->min = bm_string(b, s.min.p, s.min.n);
    r->max = bm_string(b, s.max.p, s.max.n);
    r->shape = bm_string(b, shape, strlen(shape));
    r->n_hashes = s.n_hashes;
    r->hashes = s.hash;
}

/* Makes the batch of the files `which`; its memory is the arena's. */
static inline dcr_batch bm_batch(const bm *m, dcr_arena *a, const uint32_t *which,
                                 uint32_t n)
{
    bm_cells c = bm_count(m, a, which, n);
    size_t most = (size_t)n * BM_VALUES + 1;
    dcr_batch b = {.strings = dcr_arena_alloc(a, most * 4 + n * 5, sizeof *b.strings),
                   .attrs = dcr_arena_alloc(a, most, sizeof *b.attrs),
                   .values = dcr_arena_alloc(a, most, sizeof *b.values),
                   .units = dcr_arena_alloc(a, n + 1, sizeof *b.units),
                   .files = dcr_arena_alloc(a, n + 1, sizeof *b.files),
                   .facts = dcr_arena_alloc(a, most, sizeof *b.facts),
                   .excess = dcr_arena_alloc(a, most, sizeof *b.excess),
                   .rollups = dcr_arena_alloc(a, most, sizeof *b.rollups)};
    for (uint32_t i = 0; i < n; i++) {
        const bm_file *f = &m->file[which[i]];
        b.files[b.n_files] = f->file;
        b.files[b.n_files].index = i;
        b.files[b.n_files++].unit =
            f->file.kind <= DCR_FILE_DICOMDIR ? bm_unit(&b, f) : UINT32_MAX;
    }
    for (uint32_t i = 0; i < c.n; i++) {
        uint32_t unit = bm_unit(&b, c.cell[i].unit), attr = bm_attr(&b, &c.cell[i]);
        if (bm_rolls(m, &c.cell[i]))
            bm_put_sketch(&b, a, &c.cell[i], unit, attr);
        for (uint32_t v = 0; v < c.cell[i].n && !bm_rolls(m, &c.cell[i]); v++) {
            dcr_batch_fact x = {unit, attr, bm_value_number(&b, c.cell[i].value[v]),
                                c.cell[i].count[v]};
            b.facts[b.n_facts++] = x;
        }
        if (c.cell[i].pairs > c.cell[i].files) {
            dcr_batch_excess e = {unit, attr, c.cell[i].pairs - c.cell[i].files};
            b.excess[b.n_excess++] = e;
        }
    }
    return b;
}

/* Appends the files `which` as one batch. */
static inline dcr_status bm_append(const bm *m, dcr_store *s, const uint32_t *which,
                                   uint32_t n, long fail_after, dcr_err *err)
{
    dcr_arena a = {0};
    dcr_batch b = bm_batch(m, &a, which, n);
    dcr_store_file *file = dcr_arena_alloc(&a, n, sizeof *file);
    const dcr_store_file **name = dcr_arena_alloc(&a, n, sizeof *name);
    dcr_status rc;
    for (uint32_t i = 0; i < n; i++) {
        file[i].path = m->file[which[i]].name;
        file[i].n_path = strlen(file[i].path);
        name[i] = &file[i];
    }
    dcr_alloc_fail_after(fail_after);
    rc = dcr_store_append(s, &b, name, n, err);
    dcr_alloc_fail_after(-1);
    dcr_arena_clear(&a);
    return rc;
}

/* Appends files first .. first + n - 1 as one batch, which has to work. */
static inline void bm_append_range(const bm *m, dcr_store *s, uint32_t first, uint32_t n)
{
    uint32_t which[BM_FILES] = {0};
    dcr_err err = {0};
    for (uint32_t i = 0; i < n; i++)
        which[i] = first + i;
    if (bm_append(m, s, which, n, -1, &err) != DCR_OK)
        fail_msg("%s", err.text);
}

/* ---- what a scan file holds, as sorted lines ---- */

typedef struct bm_lines {
    char **line;
    size_t n, cap;
} bm_lines;

static inline void bm_lines_clear(bm_lines *l)
{
    for (size_t i = 0; i < l->n; i++)
        dcr_free(l->line[i]);
    dcr_free(l->line);
    memset(l, 0, sizeof *l);
}

static inline void bm_hex(dcr_buf *to, const void *p, size_t n)
{
    const uint8_t *b = p;
    for (size_t i = 0; i < n; i++)
        dcr_buf_fmt(to, "%02x", b[i]);
    dcr_buf_char(to, ' ');
}

static inline void bm_push(bm_lines *l, dcr_buf *text)
{
    assert_true(dcr_grow(&l->line, &l->cap, l->n + 1, sizeof *l->line));
    l->line[l->n] = dcr_strdup(text->p);
    assert_non_null(l->line[l->n++]);
    dcr_buf_clear(text);
}

static inline int bm_by_line(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static inline void bm_lines_equal(bm_lines *a, bm_lines *b)
{
    if (a->n > 0)
        qsort(a->line, a->n, sizeof *a->line, bm_by_line);
    if (b->n > 0)
        qsort(b->line, b->n, sizeof *b->line, bm_by_line);
    for (size_t i = 0; i < a->n && i < b->n; i++)
        assert_string_equal(a->line[i], b->line[i]);
    assert_int_equal(a->n, b->n);
}

static inline void bm_head(dcr_buf *t, const char *what, const dcr_bytes part[5],
                           bool dir, dcr_bytes path, const char *vr)
{
    dcr_buf_fmt(t, "%s %d ", what, dir);
    for (int i = 0; i < 5; i++)
        bm_hex(t, part[i].p, part[i].n);
    bm_hex(t, path.p, path.n);
    dcr_buf_fmt(t, "%.2s ", vr);
}

static inline dcr_bytes bm_of(const char *s)
{
    dcr_bytes b = {(const uint8_t *)s, (uint32_t)strlen(s)};
    return b;
}

static inline void bm_sketch_text(dcr_buf *t, const dcr_bytes part[3],
                                  const uint64_t *hash, uint32_t n_hashes, uint64_t files,
                                  uint64_t empty)
{
    for (int i = 0; i < 3; i++)
        bm_hex(t, part[i].p, part[i].n);
    bm_hex(t, hash, n_hashes * sizeof *hash);
    dcr_buf_fmt(t, "%llu %llu", (unsigned long long)files, (unsigned long long)empty);
}

/* What the files `which` ought to give. */
static inline bm_lines bm_expect(const bm *m, const uint32_t *which, uint32_t n)
{
    dcr_arena a = {0};
    bm_cells c = bm_count(m, &a, which, n);
    bm_lines l = {0};
    for (uint32_t i = 0; i < c.n; i++) {
        const bm_cell *x = &c.cell[i];
        dcr_bytes part[5];
        dcr_buf t = {0};
        bool dir = x->unit->file.kind == DCR_FILE_DICOMDIR;
        for (int p = 0; p < 5; p++)
            part[p] = bm_of(x->unit->part[p]);
        for (uint32_t v = 0; v < x->n && !bm_rolls(m, x); v++) {
            bm_head(&t, "fact", part, dir, bm_of(x->path), x->vr);
            bm_hex(&t, x->value[v]->bytes.p, x->value[v]->bytes.n);
            dcr_buf_fmt(&t, "%u %u", x->value[v]->flags, x->count[v]);
            bm_push(&l, &t);
        }
        if (bm_rolls(m, x)) {
            bm_sketch s = bm_sketch_of(&a, x);
            const dcr_bytes texts[3] = {s.min, s.max, bm_of(s.shape)};
            bm_head(&t, "sketch", part, dir, bm_of(x->path), x->vr);
            bm_sketch_text(&t, texts, s.hash, s.n_hashes, x->pairs, s.empty);
            bm_push(&l, &t);
        }
        if (x->pairs > x->files) {
            bm_head(&t, "excess", part, dir, bm_of(x->path), x->vr);
            dcr_buf_fmt(&t, "%u", x->pairs - x->files);
            bm_push(&l, &t);
        }
    }
    dcr_arena_clear(&a);
    return l;
}

typedef struct bm_kept { /* values of a scan file by number */
    dcr_bytes *value;
    uint32_t *flags;
    dcr_arena arena;
} bm_kept;

static inline dcr_status bm_keep_value(void *ctx, uint32_t value, dcr_bytes b,
                                       uint32_t flags, dcr_err *err)
{
    bm_kept *k = ctx;
    (void)err;
    k->value[value].p = (const uint8_t *)dcr_arena_bytes(&k->arena, b.p, b.n);
    k->value[value].n = b.n;
    k->flags[value] = flags;
    return DCR_OK;
}

static inline void bm_found_unit(dcr_store *s, const dcr_store_unit *u, uint32_t unit,
                                 const bm_kept *k, bm_lines *l)
{
    const dcr_bytes part[5] = {u->patient_id, u->issuer, u->study_uid, u->series_uid,
                               u->stand_in};
    bool dir = u->kind == DCR_FILE_DICOMDIR;
    dcr_store_facts f;
    dcr_bytes path;
    dcr_buf t = {0};
    char vr[4];
    dcr_err err = {0};
    assert_int_equal(dcr_store_unit_facts(s, unit, &f, &err), DCR_OK);
    for (size_t i = 0; i < f.n_facts; i++) {
        dcr_store_attr(s, f.facts[i].attr, &path, vr);
        bm_head(&t, "fact", part, dir, path, vr);
        bm_hex(&t, k->value[f.facts[i].value].p, k->value[f.facts[i].value].n);
        dcr_buf_fmt(&t, "%u %u", k->flags[f.facts[i].value], f.facts[i].files);
        bm_push(l, &t);
    }
    for (size_t i = 0; i < f.n_rollups; i++) {
        const dcr_batch_rollup *r = &f.rollups[i];
        const dcr_bytes texts[3] = {f.strings[r->min], f.strings[r->max],
                                    f.strings[r->shape]};
        dcr_store_attr(s, r->attr, &path, vr);
        bm_head(&t, "sketch", part, dir, path, vr);
        bm_sketch_text(&t, texts, r->hashes, r->n_hashes, r->files, r->empty);
        bm_push(l, &t);
    }
    for (size_t i = 0; i < f.n_excess; i++) {
        dcr_store_attr(s, f.excess[i].attr, &path, vr);
        bm_head(&t, "excess", part, dir, path, vr);
        dcr_buf_fmt(&t, "%u", f.excess[i].excess);
        bm_push(l, &t);
    }
}

/* What the scan file holds. */
static inline bm_lines bm_found(dcr_store *s)
{
    bm_kept k = {0};
    dcr_store_unit *u;
    bm_lines l = {0};
    dcr_err err = {0};
    assert_int_equal(dcr_store_commit(s, &err), DCR_OK);
    u = dcr_alloc(dcr_store_n_units(s), sizeof *u);
    k.value = dcr_alloc(dcr_store_n_values(s), sizeof *k.value);
    k.flags = dcr_alloc(dcr_store_n_values(s), sizeof *k.flags);
    assert_int_equal(dcr_store_values(s, bm_keep_value, &k, &err), DCR_OK);
    assert_int_equal(dcr_store_units(s, u, &err), DCR_OK);
    for (uint32_t i = 0; i < dcr_store_n_units(s); i++)
        bm_found_unit(s, &u[i], i, &k, &l);
    dcr_free(u);
    dcr_free(k.value);
    dcr_free(k.flags);
    dcr_arena_clear(&k.arena);
    return l;
}

#endif
