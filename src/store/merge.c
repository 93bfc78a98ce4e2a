/* A scan file into another: series by series as batches of a worker, so that what a scan
 * makes of many batches comes out; then rows of files as they are. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "store_impl.h"

/* A batch takes facts up to this many, and one series more. */
enum { BATCH_FACTS = 1 << 16, BATCH_UNITS = 4096, TOLD = 10000 };

typedef struct merge {
    dcr_store *to, *from;
    dcr_store_unit *units;  /* of `from` */
    uint32_t *unit;         /* number in `to` + 1, by that in `from`; 0: not there */
    uint64_t *files;        /* of that unit, counted */
    uint32_t *attr, *value; /* place + 1 in the batch, by the number in `from` */
    uint32_t *values;       /* numbers in `from` of the batch's values, n_values long */
    uint32_t *attrs, *of;   /* likewise of attributes and units */
    size_t cap_values, cap_attrs, cap_of;
    dcr_batch b; /* what is gathered */
    size_t cap_strings, cap_facts, cap_excess, cap_rollups;
    dcr_arena arena; /* bytes of the batch */
} merge;

static void merge_clear(merge *m)
{
    dcr_free(m->units);
    dcr_free(m->unit);
    dcr_free(m->files);
    dcr_free(m->attr);
    dcr_free(m->value);
    dcr_free(m->values);
    dcr_free(m->attrs);
    dcr_free(m->of);
    dcr_free(m->b.strings);
    dcr_free(m->b.attrs);
    dcr_free(m->b.values);
    dcr_free(m->b.units);
    dcr_free(m->b.facts);
    dcr_free(m->b.excess);
    dcr_free(m->b.rollups);
    dcr_arena_clear(&m->arena);
}

/* ---- gathering ---- */

/* Bytes that outlive what lent them; false when no memory. */
static bool string(merge *m, dcr_bytes b, uint32_t *out)
{
    const char *p = dcr_arena_bytes(&m->arena, b.p, b.n);
    if (p == NULL || !dcr_grow(&m->b.strings, &m->cap_strings, (size_t)m->b.n_strings + 1,
                               sizeof *m->b.strings))
        return false;
    *out = m->b.n_strings;
    m->b.strings[m->b.n_strings++] = (dcr_bytes){(const uint8_t *)p, b.n};
    return true;
}

/* The place in the batch of a thing of `from`, added to a list when new. */
static bool place(uint32_t *places, uint32_t thing, uint32_t **list, size_t *cap,
                  uint32_t *n, uint32_t *out)
{
    if (places[thing] == 0) {
        if (!dcr_grow(list, cap, (size_t)*n + 1, sizeof **list))
            return false;
        (*list)[(*n)++] = thing;
        places[thing] = *n;
    }
    *out = places[thing] - 1;
    return true;
}

static bool attr_place(merge *m, uint32_t attr, uint32_t *out)
{
    return place(m->attr, attr, &m->attrs, &m->cap_attrs, &m->b.n_attrs, out);
}

static bool gather_facts(merge *m, uint32_t unit, const dcr_store_facts *f)
{
    for (size_t i = 0; i < f->n_facts; i++) {
        dcr_batch_fact *to;
        if (!dcr_grow(&m->b.facts, &m->cap_facts, (size_t)m->b.n_facts + 1, sizeof *to))
            return false;
        to = &m->b.facts[m->b.n_facts++];
        to->unit = unit;
        to->files = f->facts[i].files;
        if (!attr_place(m, f->facts[i].attr, &to->attr) ||
            !place(m->value, f->facts[i].value, &m->values, &m->cap_values,
                   &m->b.n_values, &to->value))
            return false;
    }
    for (size_t i = 0; i < f->n_excess; i++) {
        dcr_batch_excess *to;
        if (!dcr_grow(&m->b.excess, &m->cap_excess, (size_t)m->b.n_excess + 1,
                      sizeof *to))
            return false;
        to = &m->b.excess[m->b.n_excess++];
        to->unit = unit;
        to->excess = f->excess[i].excess;
        if (!attr_place(m, f->excess[i].attr, &to->attr))
            return false;
    }
    return true;
}

static bool gather_rollups(merge *m, uint32_t unit, const dcr_store_facts *f)
{
    for (size_t i = 0; i < f->n_rollups; i++) {
        const dcr_batch_rollup *r = &f->rollups[i];
        dcr_batch_rollup *to;
        uint64_t *hashes = dcr_arena_alloc(&m->arena, r->n_hashes, sizeof *hashes);
        if (hashes == NULL || !dcr_grow(&m->b.rollups, &m->cap_rollups,
                                        (size_t)m->b.n_rollups + 1, sizeof *to))
            return false;
        if (r->n_hashes > 0)
            memcpy(hashes, r->hashes, r->n_hashes * sizeof *hashes);
        to = &m->b.rollups[m->b.n_rollups++];
        *to = *r;
        to->unit = unit;
        to->hashes = hashes;
        if (!attr_place(m, r->attr, &to->attr) ||
            !string(m, f->strings[r->min], &to->min) ||
            !string(m, f->strings[r->max], &to->max) ||
            !string(m, f->strings[r->shape], &to->shape))
            return false;
    }
    return true;
}

static dcr_status gather_unit(merge *m, uint32_t unit, dcr_err *err)
{
    dcr_store_facts f;
    uint32_t at = m->b.n_units;
    dcr_status rc = dcr_store_unit_facts(m->from, unit, &f, err);
    if (rc != DCR_OK)
        return rc;
    if (!dcr_grow(&m->of, &m->cap_of, (size_t)at + 1, sizeof *m->of))
        return dcr_nomem(err);
    m->of[m->b.n_units++] = unit;
    return gather_facts(m, at, &f) && gather_rollups(m, at, &f) ? DCR_OK : dcr_nomem(err);
}

/* ---- what was gathered, with its strings ---- */

static bool name_units(merge *m)
{
    m->b.units = dcr_alloc(m->b.n_units, sizeof *m->b.units);
    for (uint32_t i = 0; m->b.units != NULL && i < m->b.n_units; i++) {
        const dcr_store_unit *u = &m->units[m->of[i]];
        dcr_batch_unit *to = &m->b.units[i];
        to->kind = u->kind;
        if (!string(m, u->patient_id, &to->patient_id) ||
            !string(m, u->issuer, &to->issuer) ||
            !string(m, u->study_uid, &to->study_uid) ||
            !string(m, u->series_uid, &to->series_uid) ||
            !string(m, u->stand_in, &to->stand_in))
            return false;
    }
    return m->b.units != NULL;
}

static bool name_attrs(merge *m)
{
    m->b.attrs = dcr_alloc(m->b.n_attrs, sizeof *m->b.attrs);
    for (uint32_t i = 0; m->b.attrs != NULL && i < m->b.n_attrs; i++) {
        dcr_bytes path;
        dcr_store_attr(m->from, m->attrs[i], &path, m->b.attrs[i].vr);
        if (!string(m, path, &m->b.attrs[i].path))
            return false;
    }
    return m->b.attrs != NULL;
}

static int by_number(const void *pa, const void *pb)
{
    const uint32_t *a = pa, *b = pb;
    return *a < *b ? -1 : *a > *b;
}

/* In the order of the table, which is how its pages come. */
static dcr_status name_values(merge *m, dcr_err *err)
{
    uint32_t *order = dcr_alloc(m->b.n_values, sizeof *order);
    dcr_status rc = DCR_OK;
    m->b.values = dcr_alloc(m->b.n_values, sizeof *m->b.values);
    if (order == NULL || m->b.values == NULL)
        rc = dcr_nomem(err);
    if (rc == DCR_OK && m->b.n_values > 0) {
        memcpy(order, m->values, m->b.n_values * sizeof *order);
        qsort(order, m->b.n_values, sizeof *order, by_number);
    }
    for (uint32_t i = 0; i < m->b.n_values && rc == DCR_OK; i++) {
        dcr_batch_value *to = &m->b.values[m->value[order[i]] - 1];
        sqlite3_stmt *st = dcr_store_stmt(m->from, STMT_VALUE_BYTES, err);
        int step;
        if (st == NULL) {
            rc = DCR_EIO;
            break;
        }
        sqlite3_bind_int64(st, 1, (sqlite3_int64)order[i] + 1);
        step = sqlite3_step(st);
        if (step == SQLITE_DONE)
            rc = dcr_fail(err, DCR_EFORMAT, NULL,
                          "the scan file is damaged (values); scan again into a new one");
        else if (step != SQLITE_ROW)
            rc = dcr_store_fail(m->from, err);
        else if (!string(m, dcr_store_column(st, 0), &to->bytes))
            rc = dcr_nomem(err);
        else
            to->flags = (uint32_t)sqlite3_column_int64(st, 1);
        sqlite3_reset(st);
    }
    dcr_free(order);
    return rc;
}

/* The units' numbers in `to`, which has them all now. */
static dcr_status find_units(merge *m, dcr_err *err)
{
    dcr_buf key = {0};
    dcr_status rc;
    for (uint32_t i = 0; i < m->b.n_units; i++) {
        const dcr_store_unit *u = &m->units[m->of[i]];
        const dcr_bytes part[5] = {u->patient_id, u->issuer, u->study_uid, u->series_uid,
                                   u->stand_in};
        dcr_unit_key(&key, part, u->kind);
        if (!key.failed)
            m->unit[m->of[i]] = dcr_dict_find(&m->to->units, key.p, key.n, 0) + 1;
    }
    rc = key.failed ? dcr_nomem(err) : DCR_OK;
    dcr_buf_clear(&key);
    return rc;
}

static void forget_batch(merge *m)
{
    dcr_batch *b = &m->b;
    for (uint32_t i = 0; i < b->n_attrs; i++)
        m->attr[m->attrs[i]] = 0;
    for (uint32_t i = 0; i < b->n_values; i++)
        m->value[m->values[i]] = 0;
    dcr_free(b->units);
    dcr_free(b->attrs);
    dcr_free(b->values);
    b->units = NULL;
    b->attrs = NULL;
    b->values = NULL;
    b->n_units = b->n_attrs = b->n_values = b->n_strings = 0;
    b->n_facts = b->n_excess = b->n_rollups = 0;
    dcr_arena_clear(&m->arena);
}

static dcr_status hand_over(merge *m, dcr_err *err)
{
    dcr_status rc = name_units(m) && name_attrs(m) ? DCR_OK : dcr_nomem(err);
    if (rc == DCR_OK)
        rc = name_values(m, err);
    if (rc == DCR_OK)
        rc = dcr_store_append(m->to, &m->b, NULL, 0, err);
    if (rc == DCR_OK)
        rc = find_units(m, err);
    forget_batch(m);
    return rc;
}

/* ---- files ---- */

/* A row as it is, but for the number of its series. */
static dcr_status copy_file(merge *m, sqlite3_stmt *row, dcr_err *err)
{
    enum { COLUMNS = 11, SERIES = 6 };
    sqlite3_stmt *st = dcr_store_stmt(m->to, STMT_FILE, err);
    sqlite3_int64 id = sqlite3_column_int64(row, SERIES);
    if (st == NULL)
        return DCR_EIO;
    for (int i = 0; i < COLUMNS; i++)
        sqlite3_bind_value(st, i + 1, sqlite3_column_value(row, i));
    if (id != 0) {
        if (id < 0 || id > (sqlite3_int64)m->from->units.n || m->unit[id - 1] == 0)
            return dcr_fail(
                err, DCR_EFORMAT, NULL,
                "the scan file is damaged (files); scan again into a new one");
        sqlite3_bind_int64(st, SERIES + 1, m->unit[id - 1]);
        m->files[id - 1]++;
    }
    return dcr_store_run(m->to, st, err);
}

static dcr_status copy_files(merge *m,
                             dcr_status (*each)(void *ctx, uint64_t files, dcr_err *err),
                             void *ctx, dcr_err *err)
{
    sqlite3_stmt *row = dcr_store_prepare(
        m->from,
        "SELECT input,path,size,mtime_ns,kind,status,series,sop,elements,"
        "private_elements,undecodable FROM file ORDER BY id",
        err);
    dcr_status rc = row == NULL ? DCR_EIO : DCR_OK;
    uint64_t n = 0;
    int step = SQLITE_DONE;
    if (row == NULL)
        return rc;
    while (rc == DCR_OK && (step = sqlite3_step(row)) == SQLITE_ROW) {
        rc = copy_file(m, row, err);
        if (rc == DCR_OK && ++n % TOLD == 0)
            rc = each(ctx, TOLD, err);
    }
    rc = dcr_store_finish(m->from, row, step, rc, err);
    if (rc == DCR_OK)
        rc = each(ctx, n % TOLD, err);
    for (uint32_t i = 0; i < m->from->units.n && rc == DCR_OK; i++)
        if (m->files[i] > 0)
            rc = dcr_store_count_files(m->to, m->unit[i] - 1, m->files[i], err);
    return rc;
}

/* ---- the whole ---- */

static dcr_status prepare(merge *m, dcr_err *err)
{
    uint32_t n = dcr_store_n_units(m->from);
    m->units = dcr_alloc(n, sizeof *m->units);
    m->unit = dcr_alloc(n, sizeof *m->unit);
    m->files = dcr_alloc(n, sizeof *m->files);
    m->attr = dcr_alloc(dcr_store_n_attrs(m->from), sizeof *m->attr);
    m->value = dcr_alloc(dcr_store_n_values(m->from), sizeof *m->value);
    if (m->units == NULL || m->unit == NULL || m->files == NULL || m->attr == NULL ||
        m->value == NULL)
        return dcr_nomem(err);
    return dcr_store_units(m->from, m->units, err);
}

dcr_status dcr_store_merge(dcr_store *to, dcr_store *from,
                           dcr_status (*each)(void *ctx, uint64_t files, dcr_err *err),
                           void *ctx, dcr_err *err)
{
    merge m = {.to = to, .from = from};
    dcr_status rc = prepare(&m, err);
    if (rc == DCR_OK)
        rc = dcr_store_begin(to, err);
    for (uint32_t u = 0; u < from->units.n && rc == DCR_OK; u++) {
        if (m.units[u].files == 0)
            continue; /* what a rescan left over */
        rc = gather_unit(&m, u, err);
        if (rc == DCR_OK && (m.b.n_facts >= BATCH_FACTS || m.b.n_units >= BATCH_UNITS)) {
            rc = hand_over(&m, err);
            if (rc == DCR_OK)
                rc = each(ctx, 0, err);
        }
    }
    if (rc == DCR_OK && m.b.n_units > 0)
        rc = hand_over(&m, err);
    if (rc == DCR_OK)
        rc = copy_files(&m, each, ctx, err);
    merge_clear(&m);
    to->broken = to->broken || rc != DCR_OK;
    return rc;
}
