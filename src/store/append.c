/* A batch of a worker becomes rows; equal whatever the order and the cut of batches. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "store_impl.h"

enum { PENDING_BYTES = 64 << 20, MERGE_FACTS = 4096 };

/* ---- dictionaries ---- */

uint32_t dcr_store_vr_tag(const char vr[4])
{
    return (uint32_t)(uint8_t)vr[0] << 8 | (uint8_t)vr[1];
}

void dcr_unit_key(dcr_buf *key, const dcr_bytes part[5], dcr_file_kind kind)
{
    key->n = 0;
    for (int i = 0; i < 5; i++) {
        dcr_buf_varint(key, part[i].n);
        dcr_buf_add(key, part[i].p, part[i].n);
    }
    dcr_buf_char(key, (char)('a' + (int)kind));
}

void dcr_unit_parts(const dcr_dict_entry *e, dcr_bytes part[5], dcr_file_kind *kind)
{
    const uint8_t *p = (const uint8_t *)e->p, *end = p + e->n;
    for (int i = 0; i < 5; i++) {
        uint64_t n = 0;
        dcr_varint_get(&p, end, &n);
        part[i].p = p;
        part[i].n = (uint32_t)n;
        p += n;
    }
    *kind = p < end ? (dcr_file_kind)(*p - 'a') : DCR_FILE_DICOM;
}

static dcr_status put_value(void *ctx, uint32_t value, dcr_bytes b, uint32_t flags,
                            dcr_err *err)
{
    dcr_store *s = ctx;
    return dcr_value_map_put(&s->values, dcr_value_key(s->seed, b, flags), value)
               ? DCR_OK
               : dcr_nomem(err);
}

dcr_status dcr_store_values_map(dcr_store *s, dcr_err *err)
{
    return s->values.n_slots > 0 || s->n_values == 0
               ? DCR_OK
               : dcr_store_values(s, put_value, s, err);
}

void dcr_store_values_drop(dcr_store *s)
{
    dcr_value_map_clear(&s->values);
}

static void bind_value(const void *ctx, size_t i, sqlite3_stmt *st, int at)
{
    const dcr_new_value *v = (const dcr_new_value *)ctx + i;
    sqlite3_bind_int64(st, at, (sqlite3_int64)v->number + 1);
    dcr_store_bind(st, at + 1, v->bytes.p, v->bytes.n);
    sqlite3_bind_int64(st, at + 2, v->flags);
}

dcr_status dcr_store_write_values(dcr_store *s, dcr_err *err)
{
    size_t n = s->n_waiting;
    s->n_waiting = 0;
    return dcr_store_insert(s, STMT_VALUE, STMT_VALUES, 3, n, bind_value, s->waiting,
                            err);
}

dcr_status dcr_store_add_value(dcr_store *s, dcr_pending_value *v, dcr_err *err)
{
    uint32_t number = s->n_values;
    if (number >= DCR_PENDING_NEW - 1 || !dcr_value_map_put(&s->values, v->key, number))
        return dcr_nomem(err);
    s->n_values++;
    s->waiting[s->n_waiting++] = (dcr_new_value){v->bytes, v->flags, number};
    v->number = number + 1;
    return s->n_waiting < DCR_ROWS ? DCR_OK : dcr_store_write_values(s, err);
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

/* The number of a unit, which has `files` more; added when new; UINT32_MAX on failure. */
static uint32_t add_unit(dcr_store *s, const dcr_batch *b, const dcr_batch_unit *u,
                         uint32_t files, dcr_buf *key, dcr_err *err)
{
    uint32_t before = s->units.n, number;
    sqlite3_stmt *st;
    const dcr_bytes part[5] = {b->strings[u->patient_id], b->strings[u->issuer],
                               b->strings[u->study_uid], b->strings[u->series_uid],
                               b->strings[u->stand_in]};
    dcr_unit_key(key, part, (dcr_file_kind)u->kind);
    number = key->failed ? DCR_DICT_NONE : dcr_dict_add(&s->units, key->p, key->n, 0);
    if (number == DCR_DICT_NONE) {
        dcr_nomem(err);
        return UINT32_MAX;
    }
    if (number < before)
        return dcr_store_count_files(s, number, files, err) == DCR_OK ? number
                                                                      : UINT32_MAX;
    st = dcr_store_stmt(s, STMT_SERIES, err);
    if (st == NULL)
        return UINT32_MAX;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)number + 1);
    for (int i = 0; i < 5; i++)
        dcr_store_bind(st, i + 2, part[i].p, part[i].n);
    sqlite3_bind_text(st, 7, dcr_file_kind_name((dcr_file_kind)u->kind), -1,
                      SQLITE_STATIC);
    sqlite3_bind_int64(st, 8, files);
    return dcr_store_run(s, st, err) == DCR_OK ? number : UINT32_MAX;
}

/* ---- facts ---- */

static int compare(const void *a, size_t na, const void *b, size_t nb)
{
    size_t n = na < nb ? na : nb;
    int c = n == 0 ? 0 : memcmp(a, b, n);
    return c != 0 ? c : (na > nb) - (na < nb);
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

typedef struct numbers { /* numbers of this batch as those of the scan file or of what
                            waits */
    uint32_t *unit, *attr, *value;
    size_t *place; /* of the unit among those that wait */
} numbers;

/* Merging now and then keeps a long series small while it waits. */
static dcr_status maybe_merge(dcr_store *s, const numbers *n, uint32_t n_units,
                              dcr_err *err)
{
    dcr_status rc = DCR_OK;
    for (uint32_t i = 0; i < n_units && rc == DCR_OK; i++) {
        dcr_pending_unit *u = &s->pending.unit[n->place[i]];
        if (u->merge && u->n_facts + u->n_rollups > 2 * u->settled + MERGE_FACTS)
            rc = dcr_pending_merge(s, u, err);
    }
    return rc;
}

static dcr_status add_facts(dcr_store *s, const dcr_batch *b, const numbers *n,
                            dcr_err *err)
{
    dcr_pending *p = &s->pending;
    for (uint32_t i = 0, end; i < b->n_facts; i = end) { /* those of a unit at once */
        const dcr_batch_fact *f = &b->facts[i];
        dcr_pending_fact *to;
        for (end = i + 1; end < b->n_facts && b->facts[end].unit == f->unit;)
            end++;
        to = dcr_pending_add_facts(p, &p->unit[n->place[f->unit]], end - i);
        if (to == NULL)
            return dcr_nomem(err);
        for (; f < b->facts + end; f++)
            *to++ = (dcr_pending_fact){n->attr[f->attr], n->value[f->value], f->files};
    }
    for (uint32_t i = 0; i < b->n_rollups; i++) {
        const dcr_batch_rollup *r = &b->rollups[i];
        dcr_rollup *k =
            dcr_pending_add_rollup(p, &p->unit[n->place[r->unit]], n->attr[r->attr]);
        if (k == NULL)
            return dcr_nomem(err);
        dcr_rollup_join(k, r, b->strings);
        if (!dcr_rollup_whole(k))
            return dcr_nomem(err);
    }
    for (uint32_t i = 0; i < b->n_excess; i++) {
        const dcr_batch_excess *e = &b->excess[i];
        if (!dcr_pending_add_excess(p, &p->unit[n->place[e->unit]], n->attr[e->attr],
                                    e->excess))
            return dcr_nomem(err);
    }
    return maybe_merge(s, n, b->n_units, err);
}

/* ---- files ---- */

typedef struct file_row {
    const dcr_store_file *name;
    const dcr_batch_file *file;
    uint32_t unit; /* UINT32_MAX: none */
} file_row;

static void bind_file(const void *ctx, size_t i, sqlite3_stmt *st, int at)
{
    const file_row *row = (const file_row *)ctx + i;
    const dcr_batch_file *f = row->file;
    sqlite3_bind_int64(st, at, (sqlite3_int64)row->name->input + 1);
    sqlite3_bind_text64(st, at + 1, row->name->path, row->name->n_path, SQLITE_STATIC,
                        SQLITE_UTF8);
    sqlite3_bind_int64(st, at + 2, (sqlite3_int64)f->size);
    sqlite3_bind_int64(st, at + 3, f->mtime_ns);
    sqlite3_bind_text(st, at + 4, dcr_file_kind_name((dcr_file_kind)f->kind), -1,
                      SQLITE_STATIC);
    sqlite3_bind_text(st, at + 5, dcr_read_name((dcr_read)f->status), -1, SQLITE_STATIC);
    if (row->unit != UINT32_MAX)
        sqlite3_bind_int64(st, at + 6, (sqlite3_int64)row->unit + 1);
    else
        sqlite3_bind_null(st, at + 6);
    if (f->sop[0] != 0 || f->sop[1] != 0)
        sqlite3_bind_blob(st, at + 7, f->sop, sizeof f->sop, SQLITE_STATIC);
    else
        sqlite3_bind_null(st, at + 7);
    sqlite3_bind_int64(st, at + 8, f->elements);
    sqlite3_bind_int64(st, at + 9, f->private_elements);
    sqlite3_bind_int64(st, at + 10, f->undecodable);
}

static dcr_status write_files(dcr_store *s, const file_row *rows, size_t n, dcr_err *err)
{
    return dcr_store_insert(s, STMT_FILE, STMT_FILES, 11, n, bind_file, rows, err);
}

dcr_status dcr_store_account(dcr_store *s, const dcr_store_file *f, dcr_err *err)
{
    dcr_batch_file bf = {
        .kind = f->kind, .status = f->status, .size = f->size, .mtime_ns = f->mtime_ns};
    file_row row = {f, &bf, UINT32_MAX};
    dcr_status rc = dcr_store_begin(s, err);
    return rc == DCR_OK ? write_files(s, &row, 1, err) : rc;
}

dcr_status dcr_store_count_files(dcr_store *s, uint32_t unit, uint64_t more, dcr_err *err)
{
    sqlite3_stmt *st = more == 0 ? NULL : dcr_store_stmt(s, STMT_SERIES_FILES, err);
    if (st == NULL)
        return more == 0 ? DCR_OK : DCR_EIO;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)more);
    sqlite3_bind_int64(st, 2, (sqlite3_int64)unit + 1);
    return dcr_store_run(s, st, err);
}

static dcr_status add_files(dcr_store *s, const dcr_batch *b, const numbers *n,
                            const dcr_store_file *const *names, size_t n_names,
                            dcr_err *err)
{
    file_row *row = dcr_alloc(b->n_files, sizeof *row);
    dcr_status rc = row == NULL ? dcr_nomem(err) : DCR_OK;
    for (uint32_t i = 0; i < b->n_files && rc == DCR_OK; i++) {
        const dcr_batch_file *f = &b->files[i];
        if (f->index >= n_names) {
            rc = dcr_fail(err, DCR_EFORMAT, NULL,
                          "a worker answered for a file it was not given");
            break;
        }
        row[i] = (file_row){names[f->index], f,
                            f->unit == UINT32_MAX ? UINT32_MAX : n->unit[f->unit]};
    }
    if (rc == DCR_OK)
        rc = write_files(s, row, b->n_files, err);
    dcr_free(row);
    return rc;
}

static dcr_status number_units(dcr_store *s, const dcr_batch *b, numbers *n, dcr_err *err)
{
    dcr_buf key = {0};
    uint32_t *files = dcr_alloc(b->n_units, sizeof *files);
    dcr_status rc = files == NULL ? dcr_nomem(err) : DCR_OK;
    for (uint32_t i = 0; i < b->n_files && rc == DCR_OK; i++)
        if (b->files[i].unit != UINT32_MAX)
            files[b->files[i].unit]++;
    for (uint32_t i = 0; i < b->n_units && rc == DCR_OK; i++) {
        dcr_pending_unit *u = NULL;
        n->unit[i] = add_unit(s, b, &b->units[i], files[i], &key, err);
        if (n->unit[i] == UINT32_MAX) {
            rc = DCR_EIO; /* what happened is in err */
            break;
        }
        u = dcr_pending_unit_get(&s->pending, n->unit[i]);
        if (u == NULL) {
            rc = dcr_nomem(err);
            break;
        }
        u->merge = u->merge || u->n_facts > 0 || u->n_rollups > 0;
        n->place[i] = (size_t)(u - s->pending.unit);
    }
    dcr_free(files);
    dcr_buf_clear(&key);
    return rc;
}

static dcr_status number_attrs(dcr_store *s, const dcr_batch *b, numbers *n, dcr_err *err)
{
    for (uint32_t i = 0; i < b->n_attrs; i++) {
        dcr_bytes path = b->strings[b->attrs[i].path];
        n->attr[i] = dcr_store_add_attr(s, path, b->attrs[i].vr, err);
        if (n->attr[i] == UINT32_MAX)
            return DCR_EIO;
        /* Of a file that was opened again nothing is known yet: said with every batch. */
        if (!dcr_pending_set_rolls(&s->pending, n->attr[i],
                                   dcr_vr_rolls_up(b->attrs[i].vr) && !is_kept(s, path)))
            return dcr_nomem(err);
    }
    return DCR_OK;
}

/* Values that are new wait too: most of them end in a sketch and are never written. */
static bool number_value(dcr_store *s, dcr_hash128 key, dcr_bytes v, uint32_t flags,
                         uint32_t *number)
{
    *number = dcr_value_map_get(&s->values, key);
    if (*number != UINT32_MAX)
        return true;
    *number = dcr_pending_value_get(&s->pending, key, v, flags);
    return *number != UINT32_MAX;
}

/* Some at a time: where they stand in the map is fetched before it is looked at. */
static dcr_status number_values(dcr_store *s, const dcr_batch *b, numbers *n,
                                dcr_err *err)
{
    enum { AHEAD = 32 };
    dcr_hash128 key[AHEAD];
    dcr_status rc = dcr_store_values_map(s, err);
    for (uint32_t i = 0, some; i < b->n_values && rc == DCR_OK; i += some) {
        const dcr_batch_value *v = b->values + i;
        some = b->n_values - i < AHEAD ? b->n_values - i : AHEAD;
        for (uint32_t k = 0; k < some; k++) {
            key[k] = dcr_value_key(s->seed, b->strings[v[k].bytes], v[k].flags);
            dcr_value_map_fetch(&s->values, key[k]);
            dcr_value_map_fetch(&s->pending.numbers, key[k]);
        }
        for (uint32_t k = 0; k < some && rc == DCR_OK; k++)
            if (!number_value(s, key[k], b->strings[v[k].bytes], v[k].flags,
                              &n->value[i + k]))
                rc = dcr_nomem(err);
    }
    return rc;
}

static dcr_status number_all(dcr_store *s, const dcr_batch *b, numbers *n, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    n->unit = dcr_alloc(b->n_units, sizeof *n->unit);
    n->place = dcr_alloc(b->n_units, sizeof *n->place);
    n->attr = dcr_alloc(b->n_attrs, sizeof *n->attr);
    n->value = dcr_alloc(b->n_values, sizeof *n->value);
    if (n->unit == NULL || n->place == NULL || n->attr == NULL || n->value == NULL)
        rc = dcr_nomem(err);
    if (rc == DCR_OK)
        rc = number_units(s, b, n, err);
    if (rc == DCR_OK)
        rc = number_attrs(s, b, n, err);
    return rc == DCR_OK ? number_values(s, b, n, err) : rc;
}

static bool too_much_waits(const dcr_store *s)
{
    const dcr_pending *p = &s->pending;
    return p->bytes + p->arena.bytes + p->n_values * sizeof *p->value > PENDING_BYTES;
}

dcr_status dcr_store_append(dcr_store *s, const dcr_batch *b,
                            const dcr_store_file *const *names, size_t n_names,
                            dcr_err *err)
{
    numbers n = {0};
    dcr_status rc = dcr_store_begin(s, err);
    if (rc == DCR_OK)
        rc = number_all(s, b, &n, err);
    if (rc == DCR_OK)
        rc = add_facts(s, b, &n, err);
    if (rc == DCR_OK)
        rc = add_files(s, b, &n, names, n_names, err);
    if (rc == DCR_OK && too_much_waits(s))
        rc = dcr_store_flush(s, err);
    dcr_free(n.unit);
    dcr_free(n.place);
    dcr_free(n.attr);
    dcr_free(n.value);
    s->broken = s->broken || rc != DCR_OK;
    return rc;
}
