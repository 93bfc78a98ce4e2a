/* Whether the tables of a scan file are ours.  A view under the name of a table can have
 * rows without end, a trigger changes what is written. */
#include "store_impl.h"

static const char expected[] =
    "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL";
static const char present[] =
    "SELECT count(*) FROM sqlite_schema WHERE type = ? AND name = ? AND sql = ?";
static const char triggers[] = "SELECT count(*) FROM sqlite_schema WHERE type = "
                               "'trigger' OR sql LIKE 'CREATE%TRIGGER%'";

/* The number that a statement counts; -1 on failure. */
static int64_t count(sqlite3_stmt *st)
{
    int64_t n = -1;
    if (sqlite3_step(st) == SQLITE_ROW)
        n = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return n;
}

static dcr_status is_there(dcr_store *s, sqlite3_stmt *wanted, sqlite3_stmt *st,
                           bool *same, dcr_err *err)
{
    int64_t n;
    for (int i = 0; i < 3; i++)
        if (sqlite3_bind_value(st, i + 1, sqlite3_column_value(wanted, i)) != SQLITE_OK)
            return dcr_store_fail(s, err);
    n = count(st);
    *same = n == 1;
    return n < 0 ? dcr_store_fail(s, err) : DCR_OK;
}

/* All that the schema makes must be there in the same words.  What somebody added for
 * queries of their own, an index or a view, is in nobody's way. */
static dcr_status compare(dcr_store *s, sqlite3 *ours, dcr_err *err)
{
    sqlite3_stmt *wanted = NULL, *st = dcr_store_prepare(s, present, err);
    sqlite3_stmt *other = st == NULL ? NULL : dcr_store_prepare(s, triggers, err);
    dcr_status rc = other == NULL ? DCR_EIO : DCR_OK;
    bool same = true;
    int64_t n = 0;
    int step = SQLITE_ROW;
    if (rc == DCR_OK &&
        sqlite3_prepare_v2(ours, expected, -1, &wanted, NULL) != SQLITE_OK)
        rc = dcr_nomem(err);
    while (rc == DCR_OK && same && (step = sqlite3_step(wanted)) == SQLITE_ROW)
        rc = is_there(s, wanted, st, &same, err);
    if (rc == DCR_OK && same && step != SQLITE_DONE)
        rc = dcr_nomem(err);
    if (rc == DCR_OK && same && (n = count(other)) < 0)
        rc = dcr_store_fail(s, err);
    if (rc == DCR_OK && (!same || n > 0))
        rc = dcr_fail(err, DCR_EFORMAT, s->path,
                      "this is not a scan file as dcmrisk makes it (its tables are "
                      "others); scan again into a new one");
    sqlite3_finalize(wanted);
    sqlite3_finalize(other);
    sqlite3_finalize(st);
    return rc;
}

dcr_status dcr_store_same_schema(dcr_store *s, const char *schema, dcr_err *err)
{
    sqlite3 *ours = NULL;
    dcr_status rc;
    if (sqlite3_open_v2(":memory:", &ours,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK ||
        sqlite3_exec(ours, schema, NULL, NULL, NULL) != SQLITE_OK)
        rc = dcr_nomem(err);
    else
        rc = compare(s, ours, err);
    sqlite3_close(ours);
    return rc;
}
