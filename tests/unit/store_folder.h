/* A scan file in a folder of its own, and files to fill it with. */
#ifndef DCR_TEST_STORE_FOLDER_H
#define DCR_TEST_STORE_FOLDER_H

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch_maker.h"

static char folder[256], path[300];
static const char *const inputs[] = {"/in/one"};
static const char *const kept[] = {"0008,0032"};
static const dcr_store_options options = {"reader 1", inputs, 1, kept, 1, NULL};
static uint64_t seed;

static inline int enter(void **state)
{
    const char *tmp = getenv("TMPDIR");
    (void)state;
    snprintf(folder, sizeof folder, "%s/dcmrisk-store.XXXXXX",
             tmp == NULL ? "/tmp" : tmp);
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/a.scan", folder);
    return 0;
}

/* Removes the scan file and what SQLite may have left beside it. */
static inline int clean(void **state)
{
    static const char *const also[] = {"", "-journal", "-wal", "-shm"};
    (void)state;
    dcr_alloc_fail_after(-1);
    for (size_t i = 0; i < 4; i++) {
        char name[320];
        snprintf(name, sizeof name, "%s%s", path, also[i]);
        unlink(name);
    }
    return 0;
}

static inline int leave(void **state)
{
    clean(state);
    return rmdir(folder);
}

static inline uint32_t draw(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % n);
}

static inline dcr_store *open_as(const char *name, const dcr_store_options *o)
{
    dcr_store *s = NULL;
    dcr_err err = {0};
    if (dcr_store_open(&s, name, o, &err) != DCR_OK)
        fail_msg("%s", err.text);
    return s;
}

static inline void close_store(dcr_store *s)
{
    dcr_err err = {0};
    assert_int_equal(dcr_store_close(s, &err), DCR_OK);
}

static inline void refused(const char *name, const dcr_store_options *o, dcr_status rc,
                           const char *says)
{
    dcr_store *s = NULL;
    dcr_err err = {0};
    assert_int_equal(dcr_store_open(&s, name, o, &err), rc);
    assert_null(s);
    assert_int_equal(err.code, rc);
    if (strstr(err.text, says) == NULL)
        fail_msg("%s", err.text);
}

static inline void write_file(const void *p, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* Runs SQL on the file with SQLite itself; the answer's first column as text. */
static inline void sql(const char *text, char *out, size_t n)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &st, NULL), SQLITE_OK);
    if (sqlite3_step(st) == SQLITE_ROW && out != NULL)
        snprintf(out, n, "%s", (const char *)sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static inline void expect_intact(void)
{
    char word[200] = "";
    sql("PRAGMA integrity_check", word, sizeof word);
    assert_string_equal(word, "ok");
}

static inline void check_found(const bm *b, dcr_store *s, uint32_t first, uint32_t n)
{
    uint32_t which[BM_FILES] = {0};
    bm_lines want, got;
    for (uint32_t i = 0; i < n; i++)
        which[i] = first + i;
    want = bm_expect(b, which, n);
    got = bm_found(s);
    bm_lines_equal(&got, &want);
    bm_lines_clear(&want);
    bm_lines_clear(&got);
}

static inline void text_of(bm *b, const char *at, const char *vr, const char *fmt,
                           uint32_t n)
{
    char t[64];
    snprintf(t, sizeof t, fmt, n);
    bm_text(b, at, vr, t);
}

/* A file of a series with everything that rolls up, does not, or may. */
static inline void some_file(bm *b, uint32_t series, uint32_t i, uint32_t pool)
{
    char uid[32];
    snprintf(uid, sizeof uid, "1.2.%u", series);
    bm_add(b, series == 0 ? "P0" : "P1", "", "1.9", uid);
    text_of(b, "0008,0018", "UI", "1.2.3.%u", i);
    text_of(b, "0020,0013", "IS", "%u", draw(pool));
    text_of(b, "0008,0032", "TM", "%06u", i % 240000); /* kept */
    text_of(b, "0008,103E", "LO", "text %u", draw(200));
    if (draw(4) > 0)
        text_of(b, "0018,0050", "DS", draw(9) == 0 ? "" : "%u.5", draw(pool));
    if (draw(3) > 0) { /* two items of a sequence */
        text_of(b, "0040,0275/0040,0009", "SH", "S%u", draw(5));
        text_of(b, "0040,0275/0040,0009", "SH", "S%u", draw(5));
    }
    text_of(b, "0018,0060", draw(2) ? "DS" : "UN", "%u", draw(3));
    text_of(b, "0008,0033", "TM", draw(2) ? "%06u" : "%06u.5", draw(pool));
}

typedef struct listing {
    uint64_t id[16];
    char name[16][32];
    dcr_store_file file[16];
    size_t n;
} listing;

static inline dcr_status list_file(void *ctx, const dcr_store_file *f, dcr_err *err)
{
    listing *l = ctx;
    (void)err;
    assert_true(l->n < 16);
    snprintf(l->name[l->n], sizeof *l->name, "%.*s", (int)f->n_path, f->path);
    l->id[l->n] = f->id;
    l->file[l->n++] = *f;
    return DCR_OK;
}

static inline void known(dcr_store *s, listing *l)
{
    dcr_err err = {0};
    memset(l, 0, sizeof *l);
    assert_int_equal(dcr_store_known(s, list_file, l, &err), DCR_OK);
}

#endif
