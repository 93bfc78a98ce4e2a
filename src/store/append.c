/* A batch of a worker becomes rows; equal whatever the order and the cut of batches. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "store_impl.h"

/* ---- dictionaries ---- */

uint32_t dcr_store_vr_tag(const char vr[4])
{
    return (uint32_t)(uint8_t)vr[0] << 8 | (uint8_t)vr[1];
}

void dcr_unit_key(dcr_buf *key, const dcr_bytes part[5], bool dicomdir)
{
    key->n = 0;
    for (int i = 0; i < 5; i++) {
        dcr_buf_varint(key, part[i].n);
        dcr_buf_add(key, part[i].p, part[i].n);
    }
    dcr_buf_char(key, dicomdir ? 'D' : 'd');
}

void dcr_unit_parts(const dcr_dict_entry *e, dcr_bytes part[5], bool *dicomdir)
{
    const uint8_t *p = (const uint8_t *)e->p, *end = p + e->n;
    for (int i = 0; i < 5; i++) {
        uint64_t n = 0;
        dcr_varint_get(&p, end, &n);
        part[i].p = p;
        part[i].n = (uint32_t)n;
        p += n;
    }
    *dicomdir = p < end && *p == 'D';
}

static dcr_hash128 value_key(const dcr_value_map *m, dcr_bytes b, uint32_t flags)
{
    return dcr_hash128_seeded(b.p, b.n, m->seed + flags);
}

static size_t value_slot(const dcr_value_map *m, dcr_hash128 h)
{
    size_t mask = m->n_slots - 1, i = h.lo & mask;
    while (m->number[i] != 0 && (m->key[i].lo != h.lo || m->key[i].hi != h.hi))
        i = (i + 1) & mask;
    return i;
}

uint32_t dcr_value_map_get(const dcr_value_map *m, dcr_bytes b, uint32_t flags)
{
    size_t i;
    if (m->n_slots == 0)
        return UINT32_MAX;
    i = value_slot(m, value_key(m, b, flags));
    return m->number[i] == 0 ? UINT32_MAX : m->number[i] - 1;
}

static dcr_status value_map_room(dcr_value_map *m)
{
    dcr_value_map bigger = {.n = m->n, .seed = m->seed};
    if (((size_t)m->n + 1) * 4 <= m->n_slots * 3)
        return DCR_OK;
    bigger.n_slots = m->n_slots == 0 ? 1024 : m->n_slots * 2;
    bigger.key = dcr_alloc(bigger.n_slots, sizeof *bigger.key);
    bigger.number = dcr_alloc(bigger.n_slots, sizeof *bigger.number);
    if (bigger.key == NULL || bigger.number == NULL) {
        dcr_free(bigger.key);
        dcr_free(bigger.number);
        return DCR_ENOMEM;
    }
    for (size_t i = 0; i < m->n_slots; i++)
        if (m->number[i] != 0) {
            size_t to = value_slot(&bigger, m->key[i]);
            bigger.key[to] = m->key[i];
            bigger.number[to] = m->number[i];
        }
    dcr_free(m->key);
    dcr_free(m->number);
    *m = bigger;
    return DCR_OK;
}

dcr_status dcr_value_map_put(dcr_value_map *m, dcr_bytes b, uint32_t flags, uint32_t number)
{
    dcr_hash128 h = value_key(m, b, flags);
    size_t i;
    if (value_map_room(m) != DCR_OK)
        return DCR_ENOMEM;
    i = value_slot(m, h);
    if (m->number[i] == 0)
        m->n++;
    m->key[i] = h;
    m->number[i] = number + 1;
    return DCR_OK;
}

uint32_t dcr_store_add_value(dcr_store *s, dcr_bytes b, uint32_t flags, dcr_err *err)
{
    uint32_t number = dcr_value_map_get(&s->values, b, flags);
    sqlite3_stmt *st;
    if (number != UINT32_MAX)
        return number;
    number = s->values.n;
    if (number >= UINT32_MAX - 1 || dcr_value_map_put(&s->values, b, flags, number) != DCR_OK) {
        dcr_nomem(err);
        return UINT32_MAX;
    }
    st = dcr_store_stmt(s, STMT_VALUE, err);
    if (st == NULL)
        return UINT32_MAX;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)number + 1);
    dcr_store_bind(st, 2, b.p, b.n);
    sqlite3_bind_int64(st, 3, flags);
    return dcr_store_run(s, st, err) == DCR_OK ? number : UINT32_MAX;
}

uint32_t dcr_store_add_attr(dcr_store *s, dcr_bytes path, const char vr[4], dcr_err *err)
{
    uint32_t before = s->attrs.n;
    uint32_t number = dcr_dict_add(&s->attrs, path.p, path.n, dcr_store_vr_tag(vr));
    sqlite3_stmt *st;
    if (number == DCR_DICT_NONE) {
        dcr_nomem(err);
        return UINT32_MAX;
    }
    if (number < before)
        return number;
    st = dcr_store_stmt(s, STMT_ATTRIBUTE, err);
    if (st == NULL)
        return UINT32_MAX;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)number + 1);
    sqlite3_bind_text(st, 2, (const char *)path.p, (int)path.n, SQLITE_STATIC);
    sqlite3_bind_text(st, 3, vr, 2, SQLITE_STATIC);
    return dcr_store_run(s, st, err) == DCR_OK ? number : UINT32_MAX;
}

/* The number of a unit; *fresh tells that it was not known before. */
static uint32_t add_unit(dcr_store *s, const dcr_batch *b, const dcr_batch_unit *u, dcr_buf *key,
                         bool *fresh, dcr_err *err)
{
    bool dir = u->kind == DCR_FILE_DICOMDIR;
    uint32_t before = s->units.n, number;
    sqlite3_stmt *st;
    const dcr_bytes part[5] = {b->strings[u->patient_id], b->strings[u->issuer],
                               b->strings[u->study_uid], b->strings[u->series_uid],
                               b->strings[u->stand_in]};
    dcr_unit_key(key, part, dir);
    number = key->failed ? DCR_DICT_NONE : dcr_dict_add(&s->units, key->p, key->n, 0);
    if (number == DCR_DICT_NONE) {
        dcr_nomem(err);
        return UINT32_MAX;
    }
    *fresh = number >= before;
    if (!*fresh)
        return number;
    st = dcr_store_stmt(s, STMT_SERIES, err);
    if (st == NULL)
        return UINT32_MAX;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)number + 1);
    for (int i = 0; i < 5; i++)
        dcr_store_bind(st, i + 2, part[i].p, part[i].n);
    sqlite3_bind_text(st, 7, dcr_file_kind_name((dcr_file_kind)u->kind), -1, SQLITE_STATIC);
    return dcr_store_run(s, st, err) == DCR_OK ? number : UINT32_MAX;
}

/* ---- sketches ---- */

typedef struct sketch {
    uint64_t files, empty;
    dcr_buf min, max, shape;
    uint64_t hash[DCR_ROLLUP_MAX];
    uint32_t n_hashes;
} sketch;

static void sketch_clear(sketch *k)
{
    dcr_buf_clear(&k->min);
    dcr_buf_clear(&k->max);
    dcr_buf_clear(&k->shape);
}

static int compare(const void *a, size_t na, const void *b, size_t nb)
{
    size_t n = na < nb ? na : nb;
    int c = n == 0 ? 0 : memcmp(a, b, n);
    return c != 0 ? c : (na > nb) - (na < nb);
}

static void set(dcr_buf *to, const void *p, size_t n)
{
    to->n = 0;
    dcr_buf_add(to, p, n);
}

static void sketch_hash(sketch *k, uint64_t h)
{
    uint32_t i = k->n_hashes;
    while (i > 0 && k->hash[i - 1] > h)
        i--;
    if ((i > 0 && k->hash[i - 1] == h) || i == DCR_ROLLUP_MAX)
        return;
    if (k->n_hashes < DCR_ROLLUP_MAX)
        k->n_hashes++;
    memmove(k->hash + i + 1, k->hash + i, (k->n_hashes - 1 - i) * sizeof *k->hash);
    k->hash[i] = h;
}

static void sketch_range(sketch *k, dcr_bytes lo, dcr_bytes hi, dcr_bytes shape)
{
    if (k->min.p == NULL || compare(lo.p, lo.n, k->min.p, k->min.n) < 0)
        set(&k->min, lo.p, lo.n);
    if (k->max.p == NULL || compare(hi.p, hi.n, k->max.p, k->max.n) > 0)
        set(&k->max, hi.p, hi.n);
    if (k->shape.p == NULL)
        set(&k->shape, shape.p, shape.n);
    else if (compare(shape.p, shape.n, k->shape.p, k->shape.n) != 0)
        set(&k->shape, "*", 1);
}

static void sketch_value(sketch *k, dcr_bytes v, uint64_t files)
{
    char shape[DCR_SHAPE_MAX];
    dcr_bytes sh = {(const uint8_t *)shape, 0};
    k->files += files;
    if (v.n == 0) {
        k->empty += files;
        return;
    }
    dcr_shape(v.p, v.n, shape);
    sh.n = (uint32_t)strlen(shape);
    sketch_range(k, v, v, sh);
    sketch_hash(k, dcr_hash64(v.p, v.n));
}

static void sketch_join(sketch *k, const dcr_batch_rollup *r, const dcr_bytes *strings)
{
    k->files += r->files;
    k->empty += r->empty;
    sketch_range(k, strings[r->min], strings[r->max], strings[r->shape]);
    for (uint32_t i = 0; i < r->n_hashes; i++)
        sketch_hash(k, r->hashes[i]);
}

/* Adds a sketch that the scan file may hold already. */
static dcr_status sketch_load(dcr_store *s, uint32_t unit, uint32_t attr, sketch *k, bool *found,
                              dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_stmt(s, STMT_ROLLUP_OF_ATTR, err);
    *found = false;
    if (st == NULL)
        return DCR_EIO;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)unit + 1);
    sqlite3_bind_int64(st, 2, (sqlite3_int64)attr + 1);
    if (sqlite3_step(st) == SQLITE_ROW) {
        dcr_bytes h = dcr_store_column(st, 6);
        *found = true;
        k->files += (uint64_t)sqlite3_column_int64(st, 1);
        k->empty += (uint64_t)sqlite3_column_int64(st, 2);
        sketch_range(k, dcr_store_column(st, 3), dcr_store_column(st, 4), dcr_store_column(st, 5));
        for (size_t i = 0; i + 8 <= h.n; i += 8) {
            uint64_t x;
            memcpy(&x, h.p + i, 8);
            sketch_hash(k, x);
        }
    }
    sqlite3_reset(st);
    return DCR_OK;
}

/* Adds the plain facts of one attribute of one unit; *n is how many distinct values they are. */
static dcr_status sketch_facts(dcr_store *s, uint32_t unit, uint32_t attr, sketch *k, size_t *n,
                               dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_stmt(s, STMT_FACTS_OF_ATTR, err);
    *n = 0;
    if (st == NULL)
        return DCR_EIO;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)unit + 1);
    sqlite3_bind_int64(st, 2, (sqlite3_int64)attr + 1);
    while (sqlite3_step(st) == SQLITE_ROW) {
        sketch_value(k, dcr_store_column(st, 2), (uint64_t)sqlite3_column_int64(st, 1));
        ++*n;
    }
    sqlite3_reset(st);
    return DCR_OK;
}

static dcr_status sketch_save(dcr_store *s, uint32_t unit, uint32_t attr, sketch *k, dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_stmt(s, STMT_DROP_FACTS_OF_ATTR, err);
    dcr_status rc;
    if (st == NULL)
        return DCR_EIO;
    if (k->min.failed || k->max.failed || k->shape.failed)
        return dcr_nomem(err);
    sqlite3_bind_int64(st, 1, (sqlite3_int64)unit + 1);
    sqlite3_bind_int64(st, 2, (sqlite3_int64)attr + 1);
    rc = dcr_store_run(s, st, err);
    st = rc == DCR_OK ? dcr_store_stmt(s, STMT_ROLLUP, err) : NULL;
    if (st == NULL)
        return rc == DCR_OK ? DCR_EIO : rc;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)unit + 1);
    sqlite3_bind_int64(st, 2, (sqlite3_int64)attr + 1);
    sqlite3_bind_int64(st, 3, (sqlite3_int64)k->files);
    sqlite3_bind_int64(st, 4, (sqlite3_int64)k->empty);
    dcr_store_bind(st, 5, k->min.p, k->min.n);
    dcr_store_bind(st, 6, k->max.p, k->max.n);
    dcr_store_bind(st, 7, k->shape.p, k->shape.n);
    sqlite3_bind_blob64(st, 8, k->hash, k->n_hashes * sizeof *k->hash, SQLITE_STATIC);
    return dcr_store_run(s, st, err);
}

/* ---- facts ---- */

static dcr_status add_fact(dcr_store *s, uint32_t unit, uint32_t attr, uint32_t value,
                           uint32_t files, dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_stmt(s, STMT_FACT, err);
    if (st == NULL)
        return DCR_EIO;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)unit + 1);
    sqlite3_bind_int64(st, 2, (sqlite3_int64)attr + 1);
    sqlite3_bind_int64(st, 3, (sqlite3_int64)value + 1);
    sqlite3_bind_int64(st, 4, files);
    return dcr_store_run(s, st, err);
}

static bool is_kept(const dcr_store *s, dcr_bytes path)
{
    size_t lo = 0, hi = s->n_keep;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = compare(path.p, path.n, s->keep[mid], strlen(s->keep[mid]));
        if (c == 0)
            return true;
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return false;
}

/* A unit that had facts before may now have too many values of an attribute, or may hold a
 * sketch already: both end as one sketch, as if all files had come at once. */
static dcr_status settle(dcr_store *s, uint32_t unit, uint32_t attr, const dcr_batch_rollup *r,
                         const dcr_bytes *strings, dcr_err *err)
{
    sketch k = {0};
    bool found = false;
    size_t n = 0;
    dcr_status rc = sketch_load(s, unit, attr, &k, &found, err);
    if (rc == DCR_OK)
        rc = sketch_facts(s, unit, attr, &k, &n, err);
    if (rc == DCR_OK && r != NULL)
        sketch_join(&k, r, strings);
    if (rc == DCR_OK && (found || r != NULL || n > DCR_ROLLUP_MAX))
        rc = sketch_save(s, unit, attr, &k, err);
    sketch_clear(&k);
    return rc;
}

typedef struct numbers { /* numbers of this batch as numbers of the scan file */
    uint32_t *unit, *attr, *value;
    bool *fresh, *rolls;
} numbers;

static dcr_status add_facts(dcr_store *s, const dcr_batch *b, const numbers *n, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    for (uint32_t i = 0; i < b->n_facts && rc == DCR_OK; i++) {
        const dcr_batch_fact *f = &b->facts[i];
        bool last = i + 1 == b->n_facts || b->facts[i + 1].unit != f->unit ||
                    b->facts[i + 1].attr != f->attr;
        rc = add_fact(s, n->unit[f->unit], n->attr[f->attr], n->value[f->value], f->files, err);
        if (rc == DCR_OK && last && !n->fresh[f->unit] && n->rolls[f->attr])
            rc = settle(s, n->unit[f->unit], n->attr[f->attr], NULL, NULL, err);
    }
    for (uint32_t i = 0; i < b->n_rollups && rc == DCR_OK; i++) {
        const dcr_batch_rollup *r = &b->rollups[i];
        rc = settle(s, n->unit[r->unit], n->attr[r->attr], r, b->strings, err);
    }
    for (uint32_t i = 0; i < b->n_excess && rc == DCR_OK; i++) {
        sqlite3_stmt *st = dcr_store_stmt(s, STMT_EXCESS, err);
        if (st == NULL)
            return DCR_EIO;
        sqlite3_bind_int64(st, 1, (sqlite3_int64)n->unit[b->excess[i].unit] + 1);
        sqlite3_bind_int64(st, 2, (sqlite3_int64)n->attr[b->excess[i].attr] + 1);
        sqlite3_bind_int64(st, 3, b->excess[i].excess);
        rc = dcr_store_run(s, st, err);
    }
    return rc;
}

/* ---- files ---- */

static dcr_status add_file(dcr_store *s, const dcr_store_file *name, const dcr_batch_file *f,
                           uint32_t unit, dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_stmt(s, STMT_FILE, err);
    if (st == NULL)
        return DCR_EIO;
    sqlite3_clear_bindings(st);
    sqlite3_bind_int64(st, 1, (sqlite3_int64)name->input + 1);
    sqlite3_bind_text64(st, 2, name->path, name->n_path, SQLITE_STATIC, SQLITE_UTF8);
    sqlite3_bind_int64(st, 3, (sqlite3_int64)f->size);
    sqlite3_bind_int64(st, 4, f->mtime_ns);
    sqlite3_bind_text(st, 5, dcr_file_kind_name((dcr_file_kind)f->kind), -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 6, dcr_read_name((dcr_read)f->status), -1, SQLITE_STATIC);
    if (unit != UINT32_MAX)
        sqlite3_bind_int64(st, 7, (sqlite3_int64)unit + 1);
    if (f->sop[0] != 0 || f->sop[1] != 0)
        sqlite3_bind_blob(st, 8, f->sop, sizeof f->sop, SQLITE_STATIC);
    sqlite3_bind_int64(st, 9, f->elements);
    sqlite3_bind_int64(st, 10, f->private_elements);
    sqlite3_bind_int64(st, 11, f->undecodable);
    return dcr_store_run(s, st, err);
}

dcr_status dcr_store_account(dcr_store *s, const dcr_store_file *f, dcr_err *err)
{
    dcr_batch_file bf = {.kind = f->kind, .status = f->status, .size = f->size,
                         .mtime_ns = f->mtime_ns};
    dcr_status rc = dcr_store_begin(s, err);
    return rc == DCR_OK ? add_file(s, f, &bf, UINT32_MAX, err) : rc;
}

static dcr_status add_files(dcr_store *s, const dcr_batch *b, const numbers *n,
                            const dcr_store_file *const *names, size_t n_names, dcr_err *err)
{
    uint32_t *files = dcr_alloc(b->n_units, sizeof *files);
    dcr_status rc = files == NULL ? dcr_nomem(err) : DCR_OK;
    for (uint32_t i = 0; i < b->n_files && rc == DCR_OK; i++) {
        const dcr_batch_file *f = &b->files[i];
        if (f->index >= n_names)
            rc = dcr_fail(err, DCR_EFORMAT, NULL, "a worker answered for a file it was not given");
        else
            rc = add_file(s, names[f->index], f,
                          f->unit == UINT32_MAX ? UINT32_MAX : n->unit[f->unit], err);
        if (rc == DCR_OK && f->unit != UINT32_MAX)
            files[f->unit]++;
    }
    for (uint32_t u = 0; u < b->n_units && rc == DCR_OK; u++) {
        sqlite3_stmt *st = dcr_store_stmt(s, STMT_SERIES_FILES, err);
        if (st == NULL) {
            rc = DCR_EIO;
            break;
        }
        sqlite3_bind_int64(st, 1, files[u]);
        sqlite3_bind_int64(st, 2, (sqlite3_int64)n->unit[u] + 1);
        rc = dcr_store_run(s, st, err);
    }
    dcr_free(files);
    return rc;
}

static dcr_status number_all(dcr_store *s, const dcr_batch *b, numbers *n, dcr_err *err)
{
    dcr_buf key = {0};
    n->unit = dcr_alloc(b->n_units, sizeof *n->unit);
    n->fresh = dcr_alloc(b->n_units, sizeof *n->fresh);
    n->attr = dcr_alloc(b->n_attrs, sizeof *n->attr);
    n->rolls = dcr_alloc(b->n_attrs, sizeof *n->rolls);
    n->value = dcr_alloc(b->n_values, sizeof *n->value);
    if (n->unit == NULL || n->fresh == NULL || n->attr == NULL || n->rolls == NULL ||
        n->value == NULL)
        return dcr_nomem(err);
    for (uint32_t i = 0; i < b->n_units; i++) {
        n->unit[i] = add_unit(s, b, &b->units[i], &key, &n->fresh[i], err);
        if (n->unit[i] == UINT32_MAX) {
            dcr_buf_clear(&key);
            return DCR_EIO;
        }
    }
    dcr_buf_clear(&key);
    for (uint32_t i = 0; i < b->n_attrs; i++) {
        dcr_bytes path = b->strings[b->attrs[i].path];
        n->attr[i] = dcr_store_add_attr(s, path, b->attrs[i].vr, err);
        n->rolls[i] = dcr_vr_rolls_up(b->attrs[i].vr) && !is_kept(s, path);
        if (n->attr[i] == UINT32_MAX)
            return DCR_EIO;
    }
    for (uint32_t i = 0; i < b->n_values; i++) {
        n->value[i] = dcr_store_add_value(s, b->strings[b->values[i].bytes], b->values[i].flags, err);
        if (n->value[i] == UINT32_MAX)
            return DCR_EIO;
    }
    return DCR_OK;
}

dcr_status dcr_store_append(dcr_store *s, const dcr_batch *b, const dcr_store_file *const *names,
                            size_t n_names, dcr_err *err)
{
    numbers n = {0};
    dcr_status rc = dcr_store_begin(s, err);
    if (rc == DCR_OK)
        rc = number_all(s, b, &n, err);
    if (rc == DCR_OK)
        rc = add_facts(s, b, &n, err);
    if (rc == DCR_OK)
        rc = add_files(s, b, &n, names, n_names, err);
    dcr_free(n.unit);
    dcr_free(n.fresh);
    dcr_free(n.attr);
    dcr_free(n.rolls);
    dcr_free(n.value);
    s->broken = s->broken || rc != DCR_OK;
    return rc;
}
