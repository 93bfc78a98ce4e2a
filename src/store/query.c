/* What the model and a rescan ask of a scan file. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "pack.h"
#include "store_impl.h"

sqlite3_stmt *dcr_store_prepare(dcr_store *s, const char *text, dcr_err *err)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(s->db, text, -1, &st, NULL) != SQLITE_OK) {
        dcr_store_fail(s, err);
        return NULL;
    }
    return st;
}

dcr_status dcr_store_finish(dcr_store *s, sqlite3_stmt *st, int step, dcr_status rc,
                            dcr_err *err)
{
    if (rc == DCR_OK && step != SQLITE_DONE)
        rc = dcr_store_fail(s, err);
    sqlite3_finalize(st);
    return rc;
}

dcr_file_kind dcr_store_kind_of(const char *name)
{
    for (int k = 0; k < DCR_FILE_N; k++)
        if (name != NULL && strcmp(name, dcr_file_kind_name((dcr_file_kind)k)) == 0)
            return (dcr_file_kind)k;
    return DCR_FILE_UNKNOWN;
}

dcr_read dcr_store_status_of(const char *name)
{
    for (int r = 0; r < DCR_READ_N; r++)
        if (name != NULL && strcmp(name, dcr_read_name((dcr_read)r)) == 0)
            return (dcr_read)r;
    return DCR_READ_CORRUPT;
}

dcr_status dcr_store_known(dcr_store *s,
                           dcr_status (*each)(void *ctx, const dcr_store_file *f,
                                              dcr_err *err),
                           void *ctx, dcr_err *err)
{
    sqlite3_stmt *st =
        dcr_store_prepare(s,
                          "SELECT id,input,path,size,mtime_ns,kind,status FROM file"
                          " ORDER BY input, path",
                          err);
    dcr_status rc = DCR_OK;
    int step = SQLITE_DONE;
    if (st == NULL)
        return DCR_EIO;
    while (rc == DCR_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
        dcr_bytes path = dcr_store_column(st, 2);
        dcr_store_file f = {.id = (uint64_t)sqlite3_column_int64(st, 0),
                            .input = (uint32_t)sqlite3_column_int64(st, 1) - 1,
                            .path = (const char *)path.p,
                            .n_path = path.n,
                            .size = (uint64_t)sqlite3_column_int64(st, 3),
                            .mtime_ns = sqlite3_column_int64(st, 4)};
        f.kind = dcr_store_kind_of((const char *)sqlite3_column_text(st, 5));
        f.status = dcr_store_status_of((const char *)sqlite3_column_text(st, 6));
        rc = each(ctx, &f, err);
    }
    return dcr_store_finish(s, st, step, rc, err);
}

/* Runs `text` once for each id, bound to its only parameter. */
static dcr_status for_each_id(dcr_store *s, const char *text, const uint64_t *ids,
                              size_t n, dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_prepare(s, text, err);
    dcr_status rc = DCR_OK;
    if (st == NULL)
        return DCR_EIO;
    for (size_t i = 0; i < n && rc == DCR_OK; i++) {
        sqlite3_bind_int64(st, 1, (sqlite3_int64)ids[i]);
        rc = dcr_store_run(s, st, err);
    }
    sqlite3_finalize(st);
    return rc;
}

dcr_status dcr_store_forget(dcr_store *s, const uint64_t *ids, size_t n, dcr_err *err)
{
    static const char *const drop =
        "DELETE FROM packed WHERE series IN (SELECT id FROM temp.gone);"
        "DELETE FROM rollup WHERE series IN (SELECT id FROM temp.gone);"
        "DELETE FROM file WHERE series IN (SELECT id FROM temp.gone);"
        "UPDATE series SET files = 0 WHERE id IN (SELECT id FROM temp.gone);"
        "INSERT OR REPLACE INTO meta VALUES('forgot','yes');"
        "DROP TABLE temp.gone;";
    dcr_status rc;
    if (n == 0)
        return DCR_OK;
    rc = dcr_store_begin(s, err);
    if (rc == DCR_OK)
        rc = dcr_store_flush(s, err);
    if (rc == DCR_OK &&
        sqlite3_exec(s->db, "CREATE TEMP TABLE gone(id INTEGER PRIMARY KEY)", NULL, NULL,
                     NULL) != SQLITE_OK)
        rc = dcr_store_fail(s, err);
    if (rc == DCR_OK)
        rc = for_each_id(s,
                         "INSERT OR IGNORE INTO temp.gone SELECT series FROM file"
                         " WHERE id = ? AND series IS NOT NULL",
                         ids, n, err);
    if (rc == DCR_OK)
        rc = for_each_id(s, "DELETE FROM file WHERE id = ?", ids, n, err);
    if (rc == DCR_OK && sqlite3_exec(s->db, drop, NULL, NULL, NULL) != SQLITE_OK)
        rc = dcr_store_fail(s, err);
    s->broken = s->broken || rc != DCR_OK;
    return rc == DCR_OK ? dcr_store_commit(s, err) : rc;
}

/* ---- for the model ---- */

uint32_t dcr_store_n_units(const dcr_store *s)
{
    return s->units.n;
}

dcr_status dcr_store_units(dcr_store *s, dcr_store_unit *units, dcr_err *err)
{
    sqlite3_stmt *st = NULL;
    int step;
    dcr_status rc = dcr_store_flush(s, err);
    if (rc != DCR_OK)
        return rc;
    dcr_store_values_drop(s); /* the reader needs the memory */
    st = dcr_store_prepare(s, "SELECT id, files FROM series", err);
    if (st == NULL)
        return DCR_EIO;
    for (uint32_t i = 0; i < s->units.n; i++) {
        dcr_bytes part[5];
        dcr_file_kind kind = DCR_FILE_DICOM;
        dcr_unit_parts(&s->units.entry[i], part, &kind);
        units[i].patient_id = part[0];
        units[i].issuer = part[1];
        units[i].study_uid = part[2];
        units[i].series_uid = part[3];
        units[i].stand_in = part[4];
        units[i].kind = kind;
        units[i].files = 0;
    }
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        uint64_t id = (uint64_t)sqlite3_column_int64(st, 0);
        if (id >= 1 && id <= s->units.n)
            units[id - 1].files = (uint64_t)sqlite3_column_int64(st, 1);
    }
    return dcr_store_finish(s, st, step, DCR_OK, err);
}

uint32_t dcr_store_n_attrs(const dcr_store *s)
{
    return s->attrs.n;
}

void dcr_store_attr(const dcr_store *s, uint32_t i, dcr_bytes *path, char vr[4])
{
    const dcr_dict_entry *e = &s->attrs.entry[i];
    path->p = (const uint8_t *)e->p;
    path->n = e->n;
    vr[0] = (char)(e->tag >> 8);
    vr[1] = (char)(e->tag & 0xff);
    vr[2] = vr[3] = '\0';
}

/* Calls a function for each row of a query. */
static dcr_status each_row(dcr_store *s, const char *text,
                           bool (*row)(dcr_store *s, sqlite3_stmt *st, bool *used),
                           bool *used, dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_prepare(s, text, err);
    dcr_status rc = DCR_OK;
    int step = SQLITE_DONE;
    if (st == NULL)
        return DCR_EIO;
    while (rc == DCR_OK && (step = sqlite3_step(st)) == SQLITE_ROW)
        if (!row(s, st, used))
            rc = dcr_fail(err, DCR_EFORMAT, s->path,
                          "the scan file is damaged (facts); scan again into a new one");
    return dcr_store_finish(s, st, step, rc, err);
}

static bool uses_attr(dcr_store *s, sqlite3_stmt *st, bool *used)
{
    uint64_t id = (uint64_t)sqlite3_column_int64(st, 0);
    if (id < 1 || id > s->attrs.n)
        return false;
    used[id - 1] = true;
    return true;
}

static bool uses_packed(dcr_store *s, sqlite3_stmt *st, bool *used)
{
    dcr_bytes text = dcr_store_column(st, 0);
    dcr_unpack u = {text.p, text.p + text.n, false};
    uint32_t list[3];
    int more;
    while ((more = dcr_unpack_next(&u, list, 3)) == 1) {
        if (list[0] - 1 >= s->attrs.n)
            return false;
        used[list[0] - 1] = true;
    }
    return more == 0;
}

/* Attributes are never taken out of the table, so a rescan can leave some that no file
 * has. */
dcr_status dcr_store_attrs_used(dcr_store *s, bool *used, dcr_err *err)
{
    sqlite3_stmt *st =
        dcr_store_prepare(s, "SELECT 1 FROM meta WHERE key = 'forgot'", err);
    dcr_status rc = st == NULL ? DCR_EIO : DCR_OK;
    int step = st == NULL ? SQLITE_ERROR : sqlite3_step(st);
    sqlite3_finalize(st);
    if (rc == DCR_OK && step != SQLITE_ROW)
        return each_row(s, "SELECT id FROM attribute", uses_attr, used, err);
    if (rc == DCR_OK)
        rc = each_row(s, "SELECT facts FROM packed", uses_packed, used, err);
    if (rc == DCR_OK)
        rc = each_row(s, "SELECT DISTINCT attribute FROM rollup", uses_attr, used, err);
    return rc;
}

uint32_t dcr_store_n_values(const dcr_store *s)
{
    return s->n_values;
}

dcr_status dcr_store_values(dcr_store *s,
                            dcr_status (*each)(void *ctx, uint32_t value, dcr_bytes b,
                                               uint32_t flags, dcr_err *err),
                            void *ctx, dcr_err *err)
{
    sqlite3_stmt *st =
        dcr_store_prepare(s, "SELECT id, bytes, flags FROM value ORDER BY id", err);
    dcr_status rc = DCR_OK;
    uint32_t n = 0;
    int step = SQLITE_DONE;
    if (st == NULL)
        return DCR_EIO;
    for (; rc == DCR_OK && (step = sqlite3_step(st)) == SQLITE_ROW; n++) {
        if (n == s->n_values || sqlite3_column_int64(st, 0) != (sqlite3_int64)n + 1)
            rc = dcr_fail(err, DCR_EFORMAT, s->path,
                          "the scan file is damaged (values); scan again into a new one");
        else
            rc = each(ctx, n, dcr_store_column(st, 1),
                      (uint32_t)sqlite3_column_int64(st, 2), err);
    }
    return dcr_store_finish(s, st, step, rc, err);
}

/* A string of a sketch, kept until the next unit; its index in s->strings. */
static uint32_t lend(dcr_store *s, dcr_bytes b, size_t *n)
{
    char *p = dcr_arena_bytes(&s->scratch, b.p, b.n);
    if (p == NULL || !dcr_grow(&s->strings, &s->cap_strings, *n + 1, sizeof *s->strings))
        return UINT32_MAX;
    s->strings[*n].p = (const uint8_t *)p;
    s->strings[*n].n = b.n;
    return (uint32_t)(*n)++;
}

static dcr_status lend_rollup(dcr_store *s, sqlite3_stmt *st, size_t i, size_t *n_strings,
                              dcr_err *err)
{
    dcr_batch_rollup *r;
    dcr_bytes h = dcr_store_column(st, 6);
    uint64_t *hashes = dcr_arena_alloc(&s->scratch, h.n / 8, 8);
    if (hashes == NULL ||
        !dcr_grow(&s->rollups, &s->cap_rollups, i + 1, sizeof *s->rollups))
        return dcr_nomem(err);
    if (h.n > 0)
        memcpy(hashes, h.p, h.n / 8 * 8);
    r = &s->rollups[i];
    r->unit = 0;
    r->attr = (uint32_t)sqlite3_column_int64(st, 0) - 1;
    r->files = (uint64_t)sqlite3_column_int64(st, 1);
    r->empty = (uint64_t)sqlite3_column_int64(st, 2);
    r->min = lend(s, dcr_store_column(st, 3), n_strings);
    r->max = lend(s, dcr_store_column(st, 4), n_strings);
    r->shape = lend(s, dcr_store_column(st, 5), n_strings);
    r->n_hashes = h.n / 8 > DCR_ROLLUP_MAX ? DCR_ROLLUP_MAX : h.n / 8;
    r->hashes = hashes;
    if (r->min == UINT32_MAX || r->max == UINT32_MAX || r->shape == UINT32_MAX)
        return dcr_nomem(err);
    if (r->attr >= s->attrs.n)
        return dcr_fail(err, DCR_EFORMAT, s->path,
                        "the scan file is damaged (sketches); scan again into a new one");
    return DCR_OK;
}

static dcr_status damaged(const dcr_store *s, dcr_err *err)
{
    return dcr_fail(err, DCR_EFORMAT, s->path,
                    "the scan file is damaged (facts); scan again into a new one");
}

static dcr_status read_facts(dcr_store *s, uint32_t unit, dcr_bytes text, size_t *n,
                             dcr_err *err)
{
    dcr_unpack u = {text.p, text.p + text.n, false};
    uint32_t list[3];
    int more;
    while ((more = dcr_unpack_next(&u, list, 3)) == 1) {
        dcr_batch_fact f = {unit, list[0] - 1, list[1] - 1, list[2]};
        if (f.attr >= s->attrs.n || f.value >= s->n_values)
            return damaged(s, err);
        if (!dcr_grow(&s->facts, &s->cap_facts, *n + 1, sizeof *s->facts))
            return dcr_nomem(err);
        s->facts[(*n)++] = f;
    }
    return more == 0 ? DCR_OK : damaged(s, err);
}

static dcr_status read_excess(dcr_store *s, uint32_t unit, dcr_bytes text, size_t *n,
                              dcr_err *err)
{
    dcr_unpack u = {text.p, text.p + text.n, false};
    uint32_t list[2];
    int more;
    while ((more = dcr_unpack_next(&u, list, 2)) == 1) {
        dcr_batch_excess e = {unit, list[0] - 1, list[1]};
        if (e.attr >= s->attrs.n)
            return damaged(s, err);
        if (!dcr_grow(&s->excess, &s->cap_excess, *n + 1, sizeof *s->excess))
            return dcr_nomem(err);
        s->excess[(*n)++] = e;
    }
    return more == 0 ? DCR_OK : damaged(s, err);
}

static dcr_status unit_packed(dcr_store *s, uint32_t unit, dcr_store_facts *out,
                              dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_stmt(s, STMT_PACKED_OF, err);
    dcr_status rc = DCR_OK;
    int step;
    if (st == NULL)
        return DCR_EIO;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)unit + 1);
    step = sqlite3_step(st);
    if (step == SQLITE_ROW) {
        rc = read_facts(s, unit, dcr_store_column(st, 0), &out->n_facts, err);
        if (rc == DCR_OK)
            rc = read_excess(s, unit, dcr_store_column(st, 1), &out->n_excess, err);
    } else if (step != SQLITE_DONE) {
        rc = dcr_store_fail(s, err);
    }
    sqlite3_reset(st);
    return rc;
}

static dcr_status unit_rollups(dcr_store *s, uint32_t unit, size_t *n, dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_stmt(s, STMT_ROLLUPS_OF, err);
    size_t n_strings = 0;
    dcr_status rc = DCR_OK;
    int step;
    if (st == NULL)
        return DCR_EIO;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)unit + 1);
    while (rc == DCR_OK && (step = sqlite3_step(st)) == SQLITE_ROW)
        rc = lend_rollup(s, st, (*n)++, &n_strings, err);
    sqlite3_reset(st);
    return rc;
}

dcr_status dcr_store_unit_facts(dcr_store *s, uint32_t unit, dcr_store_facts *out,
                                dcr_err *err)
{
    dcr_status rc;
    memset(out, 0, sizeof *out);
    if (s->scratch.bytes > 0)
        dcr_arena_clear(&s->scratch);
    rc = unit_packed(s, unit, out, err);
    if (rc == DCR_OK)
        rc = unit_rollups(s, unit, &out->n_rollups, err);
    out->facts = s->facts;
    out->excess = s->excess;
    out->rollups = s->rollups;
    out->strings = s->strings;
    return rc;
}

dcr_status dcr_store_paths(dcr_store *s,
                           dcr_status (*each)(void *ctx, dcr_bytes path, uint32_t unit,
                                              dcr_err *err),
                           void *ctx, dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_prepare(s, "SELECT path, series FROM file", err);
    dcr_status rc = DCR_OK;
    int step = SQLITE_DONE;
    if (st == NULL)
        return DCR_EIO;
    while (rc == DCR_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
        sqlite3_int64 id = sqlite3_column_int64(st, 1); /* 0: none */
        uint32_t unit =
            id >= 1 && id <= (sqlite3_int64)s->units.n ? (uint32_t)(id - 1) : UINT32_MAX;
        rc = each(ctx, dcr_store_column(st, 0), unit, err);
    }
    return dcr_store_finish(s, st, step, rc, err);
}

dcr_status dcr_store_file_name(dcr_store *s, uint64_t number, char *out, size_t n,
                               dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_prepare(
        s,
        "SELECT i.name || '/' || f.path FROM file f JOIN input i"
        " ON i.number = f.input ORDER BY f.input, f.path LIMIT 1 OFFSET ?",
        err);
    int step;
    if (st == NULL)
        return DCR_EIO;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)number - 1);
    step = sqlite3_step(st);
    snprintf(out, n, "%s",
             step == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : "");
    return dcr_store_finish(s, st, step == SQLITE_ROW ? SQLITE_DONE : step, DCR_OK, err);
}
