/* The files of a scan in order, for a manifest. */
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "store_impl.h"

/* Rows that SQLite sorts at a time: it keeps no more of them than it is asked for. */
enum { PAGE_ROWS = 250000 };

static dcr_store_entry entry_of(sqlite3_stmt *st)
{
    return (dcr_store_entry){
        .input = (uint32_t)sqlite3_column_int64(st, 0),
        .input_name = (const char *)sqlite3_column_text(st, 1),
        .path = dcr_store_column(st, 2),
        .size = (uint64_t)sqlite3_column_int64(st, 3),
        .mtime_ns = sqlite3_column_int64(st, 4),
        .kind = (const char *)sqlite3_column_text(st, 5),
        .status = (const char *)sqlite3_column_text(st, 6),
        .sop = sqlite3_column_bytes(st, 7) == 16 ? sqlite3_column_blob(st, 7) : NULL,
        .elements = (uint64_t)sqlite3_column_int64(st, 8),
        .private_elements = (uint64_t)sqlite3_column_int64(st, 9),
        .undecodable = (uint64_t)sqlite3_column_int64(st, 10)};
}

typedef struct after { /* the last file told */
    uint32_t input;
    dcr_buf path;
} after;

/* The next page; *n rows of it. */
static dcr_status page(dcr_store *s, sqlite3_stmt *st, after *last, size_t *n,
                       dcr_status (*each)(void *, const dcr_store_entry *, dcr_err *),
                       void *ctx, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    int step = SQLITE_DONE;
    *n = 0;
    sqlite3_reset(st);
    sqlite3_bind_int64(st, 1, last->input);
    sqlite3_bind_text64(st, 2, last->path.p == NULL ? "" : last->path.p, last->path.n,
                        SQLITE_TRANSIENT, SQLITE_UTF8);
    sqlite3_bind_int64(st, 3, PAGE_ROWS);
    while (rc == DCR_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
        const dcr_store_entry e = entry_of(st);
        (*n)++;
        last->input = e.input;
        last->path.n = 0;
        dcr_buf_add(&last->path, e.path.p, e.path.n);
        rc = last->path.failed ? dcr_nomem(err) : each(ctx, &e, err);
    }
    if (rc == DCR_OK && step != SQLITE_DONE)
        rc = dcr_store_fail(s, err);
    return rc;
}

dcr_status dcr_store_entries(dcr_store *s,
                             dcr_status (*each)(void *ctx, const dcr_store_entry *e,
                                                dcr_err *err),
                             void *ctx, dcr_err *err)
{
    /* No path is repeated in an input, and an input's own folder has an empty one. */
    sqlite3_stmt *st = dcr_store_prepare(
        s,
        "SELECT f.input, i.name, f.path, f.size, f.mtime_ns, f.kind, f.status, f.sop,"
        " f.elements, f.private_elements, f.undecodable FROM file f"
        " JOIN input i ON i.number = f.input"
        " WHERE f.input > ?1 OR (f.input = ?1 AND f.path > ?2)"
        " ORDER BY f.input, f.path LIMIT ?3",
        err);
    after last = {0};
    size_t n = PAGE_ROWS;
    dcr_status rc = st == NULL ? DCR_EIO : DCR_OK;
    while (rc == DCR_OK && n == PAGE_ROWS)
        rc = page(s, st, &last, &n, each, ctx, err);
    sqlite3_finalize(st);
    dcr_buf_clear(&last.path);
    return rc;
}

uint64_t dcr_store_n_entries(dcr_store *s)
{
    dcr_err ignored = {0};
    sqlite3_stmt *st = dcr_store_prepare(s, "SELECT count(*) FROM file", &ignored);
    uint64_t n = 0;
    if (st != NULL && sqlite3_step(st) == SQLITE_ROW)
        n = (uint64_t)sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return n;
}
