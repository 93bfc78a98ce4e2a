#include "store_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "mask.h"
#include "num.h"

enum { APPLICATION_ID = 0x44635273 }; /* "DcRs" */
enum { LOCK_MS = 300 };

/* The documented schema.  `fact`: in how many files of a series an attribute holds a
 * value. `excess`: (file, value) pairs beyond one per file.  Both are views of `packed`,
 * where a series has one row.  `rollup`: attributes with more than 64 distinct values in
 * a series.  Series rows whose `files` is 0 are left over from files that are gone. */
static const char schema[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE input(number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"
    "CREATE TABLE series(id INTEGER PRIMARY KEY, patient_id ANY NOT NULL, issuer ANY NOT "
    "NULL,"
    " study_uid ANY NOT NULL, series_uid ANY NOT NULL, stand_in ANY NOT NULL,"
    " kind TEXT NOT NULL, files INTEGER NOT NULL) STRICT;"
    "CREATE TABLE file(id INTEGER PRIMARY KEY, input INTEGER NOT NULL, path TEXT NOT "
    "NULL,"
    " size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, kind TEXT NOT NULL, status TEXT "
    "NOT NULL,"
    " series INTEGER, sop BLOB, elements INTEGER NOT NULL, private_elements INTEGER NOT "
    "NULL,"
    " undecodable INTEGER NOT NULL) STRICT;"
    "CREATE TABLE attribute(id INTEGER PRIMARY KEY, path TEXT NOT NULL, vr TEXT NOT "
    "NULL) STRICT;"
    "CREATE TABLE value(id INTEGER PRIMARY KEY, bytes ANY NOT NULL, flags INTEGER NOT "
    "NULL) STRICT;"
    "CREATE TABLE packed(series INTEGER PRIMARY KEY, facts TEXT NOT NULL, excess TEXT "
    "NOT NULL)"
    " STRICT;"
    "CREATE TABLE rollup(series INTEGER NOT NULL, attribute INTEGER NOT NULL,"
    " files INTEGER NOT NULL, empty INTEGER NOT NULL, min ANY NOT NULL, max ANY NOT NULL,"
    " shape TEXT NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY(series, attribute))"
    " STRICT, WITHOUT ROWID;"
    "CREATE VIEW fact AS SELECT p.series, j.value->>0 AS attribute, j.value->>1 AS value,"
    " j.value->>2 AS files FROM packed p, json_each(p.facts) j;"
    "CREATE VIEW excess AS SELECT p.series, j.value->>0 AS attribute, j.value->>1 AS "
    "files"
    " FROM packed p, json_each(p.excess) j;"
    "CREATE VIEW file_number AS SELECT row_number() OVER (ORDER BY input, path) AS "
    "number, *"
    " FROM file;"
    "CREATE VIEW study AS SELECT patient_id, issuer, study_uid, count(*) AS series,"
    " sum(files) AS files FROM series WHERE files > 0 AND kind = 'dicom' GROUP BY 1, 2, "
    "3;"
    "CREATE VIEW subject AS SELECT patient_id, issuer, count(DISTINCT study_uid) AS "
    "studies,"
    " count(*) AS series, sum(files) AS files FROM series WHERE files > 0 AND kind = "
    "'dicom'"
    " GROUP BY 1, 2;"
    "CREATE VIEW seen AS SELECT a.path, a.vr, v.bytes AS value, f.files, f.series FROM "
    "fact f"
    " JOIN attribute a ON a.id = f.attribute JOIN value v ON v.id = f.value;"
    "PRAGMA application_id = 1147359859;"
    "PRAGMA user_version = 2;";

#define SIXTEEN(row)                                                                     \
    row "," row "," row "," row "," row "," row "," row "," row "," row "," row "," row  \
        "," row "," row "," row "," row "," row
#define SIXTYFOUR(row) SIXTEEN(row) "," SIXTEEN(row) "," SIXTEEN(row) "," SIXTEEN(row)
#define FILES                                                                            \
    "INSERT INTO file(input,path,size,mtime_ns,kind,status,series,sop,elements,"         \
    "private_elements,undecodable) VALUES"
#define FILE_ROW  "(?,?,?,?,?,?,?,?,?,?,?)"
#define VALUE_ROW "(?,?,?)"

static const char *const sql[STMT_N] = {
    [STMT_BEGIN] = "BEGIN IMMEDIATE",
    [STMT_COMMIT] = "COMMIT",
    [STMT_META] = "INSERT OR REPLACE INTO meta VALUES(?,?)",
    [STMT_FILE] = FILES FILE_ROW,
    [STMT_FILES] = FILES SIXTYFOUR(FILE_ROW),
    [STMT_SERIES] = "INSERT INTO series VALUES(?,?,?,?,?,?,?,?)",
    [STMT_SERIES_FILES] = "UPDATE series SET files = files + ? WHERE id = ?",
    [STMT_ATTRIBUTE] = "INSERT INTO attribute VALUES(?,?,?)",
    [STMT_VALUE] = "INSERT INTO value VALUES" VALUE_ROW,
    [STMT_VALUES] = "INSERT INTO value VALUES" SIXTYFOUR(VALUE_ROW),
    [STMT_PACKED] = "INSERT OR REPLACE INTO packed VALUES(?,?,?)",
    [STMT_ROLLUP] = "INSERT OR REPLACE INTO rollup VALUES(?,?,?,?,?,?,?,?)",
    [STMT_PACKED_OF] = "SELECT facts, excess FROM packed WHERE series = ?",
    [STMT_ROLLUPS_OF] =
        "SELECT attribute, files, empty, min, max, shape, hashes FROM rollup"
        " WHERE series = ?",
    [STMT_VALUE_BYTES] = "SELECT bytes, flags FROM value WHERE id = ?",
};

dcr_status dcr_store_fail(dcr_store *s, dcr_err *err)
{
    int code = sqlite3_extended_errcode(s->db) & 0xff;
    /* SQLite may have taken the transaction back: what waits would now be written without
     * the rows of its files, and counted once more by the next scan. */
    s->broken = true;
    if (code == SQLITE_NOMEM)
        return dcr_nomem(err);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return dcr_fail(
            err, DCR_EIO, s->path,
            "the scan file is in use by another dcmrisk; wait for it, or name "
            "another file");
    if (code == SQLITE_FULL)
        return dcr_fail(err, DCR_EIO, s->path,
                        "the disk of the scan file is full; make room, or name a file on "
                        "another disk");
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return dcr_fail(err, DCR_EFORMAT, s->path,
                        "the scan file is damaged or is not one; scan again into a new "
                        "one");
    return dcr_fail(err, DCR_EIO, s->path, "the scan file cannot be used: %s",
                    sqlite3_errstr(code));
}

sqlite3_stmt *dcr_store_stmt(dcr_store *s, dcr_stmt which, dcr_err *err)
{
    if (s->stmt[which] == NULL &&
        sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                           &s->stmt[which], NULL) != SQLITE_OK) {
        dcr_store_fail(s, err);
        return NULL;
    }
    sqlite3_reset(s->stmt[which]);
    return s->stmt[which];
}

dcr_status dcr_store_run(dcr_store *s, sqlite3_stmt *st, dcr_err *err)
{
    int rc = sqlite3_step(st);
    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        return dcr_store_fail(s, err);
    sqlite3_reset(st);
    return DCR_OK;
}

dcr_status
dcr_store_insert(dcr_store *s, dcr_stmt one, dcr_stmt many, int columns, size_t n,
                 void (*bind)(const void *ctx, size_t i, sqlite3_stmt *st, int at),
                 const void *ctx, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    for (size_t i = 0; i < n && rc == DCR_OK;) {
        size_t rows = n - i >= DCR_ROWS ? DCR_ROWS : 1;
        sqlite3_stmt *st = dcr_store_stmt(s, rows > 1 ? many : one, err);
        if (st == NULL)
            return DCR_EIO;
        for (size_t k = 0; k < rows; k++)
            bind(ctx, i + k, st, 1 + (int)k * columns);
        rc = dcr_store_run(s, st, err);
        i += rows;
    }
    return rc;
}

int dcr_store_bind(sqlite3_stmt *st, int at, const void *p, size_t n)
{
    if (n == 0)
        return sqlite3_bind_text(st, at, "", 0, SQLITE_STATIC);
    if (dcr_utf8_valid(p, n) == n && memchr(p, 0, n) == NULL)
        return sqlite3_bind_text64(st, at, p, n, SQLITE_STATIC, SQLITE_UTF8);
    return sqlite3_bind_blob64(st, at, p, n, SQLITE_STATIC);
}

dcr_bytes dcr_store_column(sqlite3_stmt *st, int at)
{
    dcr_bytes b;
    b.p = sqlite3_column_blob(st, at);
    b.n = (uint32_t)sqlite3_column_bytes(st, at);
    if (b.p == NULL) {
        b.p = (const uint8_t *)"";
        b.n = 0;
    }
    return b;
}

static dcr_status exec(dcr_store *s, const char *text, dcr_err *err)
{
    return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK
               ? DCR_OK
               : dcr_store_fail(s, err);
}

dcr_status dcr_store_begin(dcr_store *s, dcr_err *err)
{
    sqlite3_stmt *st;
    dcr_status rc;
    if (s->in_transaction)
        return DCR_OK;
    st = dcr_store_stmt(s, STMT_BEGIN, err);
    rc = st == NULL ? DCR_EIO : dcr_store_run(s, st, err);
    s->in_transaction = rc == DCR_OK;
    return rc;
}

dcr_status dcr_store_commit(dcr_store *s, dcr_err *err)
{
    sqlite3_stmt *st;
    dcr_status rc;
    if (!s->in_transaction)
        return DCR_OK;
    rc = dcr_store_flush(s, err);
    if (rc != DCR_OK)
        return rc;
    st = dcr_store_stmt(s, STMT_COMMIT, err);
    rc = st == NULL ? DCR_EIO : dcr_store_run(s, st, err);
    if (rc == DCR_OK)
        s->in_transaction = false;
    return rc;
}

static int64_t pragma(dcr_store *s, const char *text)
{
    sqlite3_stmt *st = NULL;
    int64_t v = -1;
    if (sqlite3_prepare_v2(s->db, text, -1, &st, NULL) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW)
        v = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return v;
}

static dcr_status create(dcr_store *s, const dcr_store_options *o, dcr_err *err)
{
    dcr_status rc = exec(s, schema, err);
    if (rc == DCR_OK)
        rc = dcr_meta_made_by(s, o, err);
    return rc == DCR_OK ? dcr_meta_made_of(s, o, err) : rc;
}

static dcr_status load_units(dcr_store *s, dcr_err *err);
static dcr_status load_attrs(dcr_store *s, dcr_err *err);
static dcr_status load_values(dcr_store *s, dcr_err *err);

static dcr_status is_ours(dcr_store *s, dcr_err *err)
{
    int64_t id = pragma(s, "PRAGMA application_id");
    int why = sqlite3_errcode(s->db);
    if (id < 0 && why != SQLITE_OK && why != SQLITE_ROW && why != SQLITE_DONE)
        return dcr_store_fail(s, err); /* somebody took it in this moment */
    if (id != APPLICATION_ID)
        return dcr_fail(err, DCR_EFORMAT, s->path,
                        "this is not a scan file of dcmrisk; name another "
                        "file");
    if (pragma(s, "PRAGMA user_version") != DCR_SCANFILE_VERSION)
        return dcr_fail(err, DCR_EFORMAT, s->path,
                        "the scan file is of another version; scan again into a new one");
    return dcr_store_same_schema(s, schema, err);
}

/* To go on with a scan: of the same inputs and the same part of them.  Another reader, or
 * rules that keep other values whole, start afresh. */
static dcr_status go_on(dcr_store *s, const dcr_store_options *o, dcr_err *err)
{
    bool same = false;
    dcr_status rc = dcr_meta_same_inputs(s, o, err);
    if (rc == DCR_OK)
        rc = dcr_meta_is_made_by(s, o, &same, err);
    if (rc == DCR_OK && !same) {
        rc = exec(s,
                  "DELETE FROM packed; DELETE FROM rollup; DELETE FROM file;"
                  "DELETE FROM series; DELETE FROM attribute; DELETE FROM value;",
                  err);
        if (rc == DCR_OK)
            rc = dcr_meta_made_by(s, o, err);
    }
    return rc == DCR_OK ? dcr_meta_set_part(s, o->part, err) : rc;
}

static dcr_status reopen(dcr_store *s, const dcr_store_options *o, dcr_err *err)
{
    dcr_status rc = is_ours(s, err);
    if (rc == DCR_OK && o->n_inputs > 0)
        rc = go_on(s, o, err);
    if (rc == DCR_OK)
        rc = dcr_meta_load(s, err);
    if (rc == DCR_OK)
        rc = load_units(s, err);
    if (rc == DCR_OK)
        rc = load_attrs(s, err);
    return rc == DCR_OK ? load_values(s, err) : rc;
}

bool dcr_store_is(const char *path)
{
    uint8_t head[72];
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    n = pread(fd, head, sizeof head, 0);
    close(fd);
    return n == (ssize_t)sizeof head && memcmp(head, "SQLite format 3", 16) == 0 &&
           head[68] == 0x44 && head[69] == 0x63 && head[70] == 0x52 && head[71] == 0x73;
}

/* Makes the file with mode 0600 before SQLite opens it, whatever the umask, also where a
 * link names one that is not there.  One that stands there empty becomes ours, and
 * private; what has content keeps the mode its owner gave it. */
static dcr_status make_private(const char *path, bool reading, dcr_err *err)
{
    struct stat st;
    dcr_status rc = dcr_look_at_target(path, true, err); /* a FIFO would be waited for */
    int fd;
    if (rc != DCR_OK || reading)
        return rc != DCR_OK ? rc : dcr_look_at(path, err);
    if (stat(path, &st) == 0)
        return st.st_size == 0 && chmod(path, 0600) != 0
                   ? dcr_fail(err, DCR_EIO, path, "the scan file cannot be made private")
                   : DCR_OK;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return dcr_fail(err, DCR_EIO, path, "the scan file cannot be created: %s",
                        strerror(errno));
    close(fd);
    return DCR_OK;
}

/* By a name that is one: SQLite takes ":memory:" and "file:..." for something else, and
 * would make a file that is not private. */
static dcr_status open_named(dcr_store *s, const char *path, int flags, dcr_err *err)
{
    dcr_buf name = {0};
    dcr_status rc = DCR_OK;
    dcr_buf_fmt(&name, "%s%s", path == NULL || path[0] == '/' ? "" : "./",
                path == NULL ? "" : path);
    if (name.failed)
        rc = dcr_nomem(err);
    else if (sqlite3_open_v2(name.p, &s->db, flags, NULL) != SQLITE_OK)
        rc = s->db == NULL ? dcr_nomem(err) : dcr_store_fail(s, err);
    dcr_buf_clear(&name);
    return rc;
}

static dcr_status open_db(dcr_store *s, const char *path, const dcr_store_options *o,
                          dcr_err *err)
{
    int flags = path != NULL && o->n_inputs == 0
                    ? SQLITE_OPEN_READONLY
                    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    dcr_status rc = path == NULL ? DCR_OK : make_private(path, o->n_inputs == 0, err);
    if (rc != DCR_OK)
        return rc;
    flags |= SQLITE_OPEN_NOMUTEX; /* one thread has the store to itself */
    rc = open_named(s, path, flags, err);
    if (rc != DCR_OK)
        return rc;
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* What SQLite sorts are names of files: never into a temporary file.  A row of
     * `packed` is 2 KiB and more: of pages of 4 KiB, half would stay empty. */
    rc = exec(s, "PRAGMA temp_store=MEMORY; PRAGMA page_size=16384", err);
    if (rc != DCR_OK)
        return rc;
    /* TRUNCATE works on network file systems, WAL does not; one scan has the file to
     * itself. */
    if (path == NULL)
        return exec(
            s,
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;",
            err);
    if (o->n_inputs == 0)
        return exec(s, "PRAGMA cache_size=-65536; BEGIN",
                    err); /* one lock, one state of the file */
    return exec(s,
                "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL;"
                "PRAGMA cache_size=-65536;",
                err);
}

/* For as long as the file is open.  Two who begin at once are in each other's way for a
 * moment, and without patience none would have it; only who has the lock keeps it. */
static dcr_status lock(dcr_store *s, dcr_err *err)
{
    sqlite3_busy_timeout(s->db, LOCK_MS);
    return exec(s, "BEGIN EXCLUSIVE; PRAGMA locking_mode=EXCLUSIVE", err);
}

/* Whoever had the lock before may have given the file its last name meanwhile: what is
 * open is not what the name stands for any more. */
static dcr_status not_moved(dcr_store *s, dcr_err *err)
{
    int moved = 0;
    if (sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK)
        moved = 0;
    return moved ? dcr_fail(err, DCR_EIO, NULL,
                            "the scan file is in use by another dcmrisk")
                 : DCR_OK;
}

dcr_status dcr_store_open(dcr_store **out, const char *path, const dcr_store_options *o,
                          dcr_err *err)
{
    dcr_store *s = dcr_alloc(1, sizeof *s);
    dcr_status rc;
    *out = NULL;
    if (s == NULL)
        return dcr_nomem(err);
    s->path = path == NULL ? NULL : dcr_strdup(path);
    if (path != NULL && s->path == NULL) {
        dcr_free(s);
        return dcr_nomem(err);
    }
    s->keep = o->keep;
    s->n_keep = o->n_keep;
    if (getrandom(&s->seed, sizeof s->seed, 0) != sizeof s->seed)
        s->seed =
            (uint64_t)(uintptr_t)s; /* before the kernel has entropy: still unguessed */
    rc = open_db(s, path, o, err);
    if (rc == DCR_OK && o->n_inputs > 0)
        rc = lock(s, err);
    if (rc == DCR_OK && o->n_inputs > 0)
        rc = not_moved(s, err);
    if (rc == DCR_OK && pragma(s, "SELECT count(*) FROM sqlite_schema") == 0 &&
        o->n_inputs > 0)
        rc = create(s, o, err);
    else if (rc == DCR_OK)
        rc = reopen(s, o, err);
    if (rc == DCR_OK && o->n_inputs > 0)
        rc = exec(s, "COMMIT", err);
    if (rc != DCR_OK) {
        dcr_err ignored = {0};
        if (dcr_store_close(s, &ignored) != DCR_OK)
            return rc;
        return rc;
    }
    *out = s;
    return DCR_OK;
}

dcr_status dcr_store_origin_of(dcr_store_origin *out, const char *path, dcr_err *err)
{
    dcr_store s = {.path = (char *)(uintptr_t)path}; /* lent */
    const dcr_store_options reading = {.reader = ""};
    dcr_status rc = open_db(&s, path, &reading, err);
    memset(out, 0, sizeof *out);
    if (rc == DCR_OK)
        rc = is_ours(&s, err);
    if (rc == DCR_OK)
        rc = dcr_store_origin_get(out, &s, err);
    sqlite3_finalize(s.stmt[STMT_META]);
    sqlite3_close(s.db);
    return rc;
}

dcr_status dcr_store_discard(const char *path, dcr_err *err)
{
    dcr_store s = {.path = (char *)(uintptr_t)path}; /* lent */
    const dcr_store_options writing = {.n_inputs = 1};
    dcr_buf journal = {0};
    dcr_status rc = open_db(&s, path, &writing, err);
    if (rc == DCR_OK)
        rc = lock(&s, err);
    if (rc == DCR_OK)
        rc = not_moved(&s, err);
    if (rc == DCR_OK && pragma(&s, "SELECT count(*) FROM sqlite_schema") != 0)
        rc = is_ours(&s, err);
    dcr_buf_fmt(&journal, "%s-journal", path);
    if (rc == DCR_OK && unlink(path) != 0)
        rc = dcr_fail(err, DCR_EIO, path, "cannot be removed");
    sqlite3_close(s.db);
    if (rc == DCR_OK && !journal.failed)
        unlink(journal.p);
    dcr_buf_clear(&journal);
    return rc;
}

dcr_status dcr_store_close(dcr_store *s, dcr_err *err)
{
    dcr_status rc;
    if (s == NULL)
        return DCR_OK;
    rc = s->db == NULL || s->broken ? DCR_OK : dcr_store_commit(s, err);
    for (size_t i = 0; i < STMT_N; i++)
        sqlite3_finalize(s->stmt[i]);
    /* An empty journal would stay beside the file: in a dataset perhaps, as content. */
    if (s->db != NULL && s->path != NULL && !s->broken &&
        sqlite3_db_readonly(s->db, "main") == 0)
        sqlite3_exec(s->db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
    sqlite3_close(s->db);
    dcr_dict_clear(&s->units);
    dcr_dict_clear(&s->attrs);
    dcr_store_values_drop(s);
    dcr_pending_clear(&s->pending);
    dcr_free(s->path);
    dcr_free(s->facts);
    dcr_free(s->excess);
    dcr_free(s->rollups);
    dcr_free(s->strings);
    dcr_arena_clear(&s->scratch);
    dcr_free(s);
    return rc;
}

/* ---- dictionaries of an existing file ---- */

/* A list that ends early is not the list: a damaged page must not make series vanish. */
static dcr_status end_of_rows(dcr_store *s, sqlite3_stmt *st, int step, dcr_status rc,
                              dcr_err *err)
{
    if (rc == DCR_OK && step != SQLITE_DONE)
        rc = dcr_store_fail(s, err);
    sqlite3_finalize(st);
    return rc;
}

static dcr_status load_units(dcr_store *s, dcr_err *err)
{
    sqlite3_stmt *st = NULL;
    dcr_buf key = {0};
    dcr_status rc = DCR_OK;
    uint32_t n = 0, at;
    int step = SQLITE_DONE;
    if (sqlite3_prepare_v2(
            s->db,
            "SELECT id,patient_id,issuer,study_uid,series_uid,stand_in,kind"
            " FROM series ORDER BY id",
            -1, &st, NULL) != SQLITE_OK)
        return dcr_store_fail(s, err);
    while (rc == DCR_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
        const char *kind = (const char *)sqlite3_column_text(st, 6);
        dcr_bytes part[5];
        for (int i = 0; i < 5; i++)
            part[i] = dcr_store_column(st, i + 1);
        dcr_unit_key(&key, part, dcr_store_kind_of(kind));
        at = key.failed ? DCR_DICT_NONE : dcr_dict_add(&s->units, key.p, key.n, 0);
        if (at == DCR_DICT_NONE)
            rc = dcr_nomem(err);
        else if (sqlite3_column_int64(st, 0) != (sqlite3_int64)n + 1 || at != n)
            rc = dcr_fail(err, DCR_EFORMAT, s->path,
                          "the scan file is damaged (series); scan again into a new one");
        n++;
    }
    dcr_buf_clear(&key);
    return end_of_rows(s, st, step, rc, err);
}

static dcr_status load_attrs(dcr_store *s, dcr_err *err)
{
    sqlite3_stmt *st = NULL;
    dcr_status rc = DCR_OK;
    uint32_t n = 0, at;
    int step = SQLITE_DONE;
    if (sqlite3_prepare_v2(s->db, "SELECT id,path,vr FROM attribute ORDER BY id", -1, &st,
                           NULL) != SQLITE_OK)
        return dcr_store_fail(s, err);
    while (rc == DCR_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
        dcr_bytes path = dcr_store_column(st, 1);
        char vr[4] = "";
        snprintf(vr, sizeof vr, "%s", (const char *)sqlite3_column_text(st, 2));
        at = dcr_dict_add(&s->attrs, path.p, path.n, dcr_store_vr_tag(vr));
        if (at == DCR_DICT_NONE)
            rc = dcr_nomem(err);
        else if (sqlite3_column_int64(st, 0) != (sqlite3_int64)n + 1 || at != n)
            rc = dcr_fail(
                err, DCR_EFORMAT, s->path,
                "the scan file is damaged (attributes); scan again into a new one");
        n++;
    }
    return end_of_rows(s, st, step, rc, err);
}

/* Only their number: who adds values asks for the map, who reads them meets each once. */
static dcr_status load_values(dcr_store *s, dcr_err *err)
{
    int64_t n = pragma(s, "SELECT ifnull(max(id), 0) FROM value");
    if (n < 0 || n >= DCR_PENDING_NEW)
        return dcr_fail(err, DCR_EFORMAT, s->path,
                        "the scan file is damaged (values); scan again into a new one");
    s->n_values = (uint32_t)n;
    s->n_flushed = s->units.n;
    return DCR_OK;
}
