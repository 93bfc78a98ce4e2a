/* What a scan file says about itself: who made it, of what, and whether it is whole. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "num.h"
#include "store_impl.h"

/* The text kept under a key of meta.  A failure to read is not the same as none: what is
 * taken for another scan is scanned again. */
static dcr_status meta_get(dcr_store *s, const char *key, dcr_buf *out, bool *found,
                           dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_prepare(s, "SELECT value FROM meta WHERE key = ?", err);
    dcr_status rc = DCR_OK;
    int step = SQLITE_ERROR;
    *found = false;
    out->n = 0;
    if (st == NULL)
        return DCR_EIO;
    if (sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC) == SQLITE_OK)
        step = sqlite3_step(st);
    if (step == SQLITE_ROW) {
        dcr_bytes b = dcr_store_column(st, 0);
        dcr_buf_add(out, b.p, b.n);
        *found = true;
        rc = out->failed ? dcr_nomem(err) : DCR_OK;
        step = SQLITE_DONE;
    }
    return dcr_store_finish(s, st, step, rc, err);
}

/* Whether a key has this text; with NULL, whether there is no such key. */
static dcr_status meta_is(dcr_store *s, const char *key, const char *value, bool *same,
                          dcr_err *err)
{
    dcr_buf text = {0};
    bool found;
    dcr_status rc = meta_get(s, key, &text, &found, err);
    *same = value == NULL
                ? !found
                : found && text.n == strlen(value) && memcmp(text.p, value, text.n) == 0;
    dcr_buf_clear(&text);
    return rc;
}

static dcr_status meta_set(dcr_store *s, const char *key, const char *value, dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_stmt(s, STMT_META, err);
    if (st == NULL)
        return DCR_EIO;
    sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 2, value, -1, SQLITE_STATIC);
    return dcr_store_run(s, st, err);
}

/* ---- who made it ---- */

void dcr_store_keep_digest(const char *const *keep, size_t n, char hex[33])
{
    dcr_hash128 h = {0, 0};
    for (size_t i = 0; i < n; i++)
        h = dcr_hash128_seeded(keep[i], strlen(keep[i]), h.lo ^ h.hi);
    dcr_hash128_hex(h, hex);
}

dcr_status dcr_meta_made_by(dcr_store *s, const dcr_store_options *o, dcr_err *err)
{
    char keep[33];
    dcr_status rc = meta_set(s, "reader", o->reader, err);
    dcr_store_keep_digest(o->keep, o->n_keep, keep);
    if (rc == DCR_OK)
        rc = meta_set(s, "keep", keep, err);
    return rc == DCR_OK ? meta_set(s, "complete", "no", err) : rc;
}

dcr_status dcr_meta_is_made_by(dcr_store *s, const dcr_store_options *o, bool *same,
                               dcr_err *err)
{
    char keep[33];
    dcr_status rc = meta_is(s, "reader", o->reader, same, err);
    dcr_store_keep_digest(o->keep, o->n_keep, keep);
    return rc == DCR_OK && *same ? meta_is(s, "keep", keep, same, err) : rc;
}

void dcr_store_reader(const dcr_store *s, char *out, size_t n)
{
    dcr_buf text = {0};
    dcr_err ignored = {0};
    bool found;
    out[0] = '\0';
    if (meta_get((dcr_store *)(uintptr_t)s, "reader", &text, &found, &ignored) ==
            DCR_OK &&
        text.n > 0)
        snprintf(out, n, "%.*s", (int)(strcspn(text.p, "/ ") & 0xFF), text.p);
    dcr_buf_clear(&text);
}

/* ---- of what ---- */

dcr_status dcr_meta_set_part(dcr_store *s, const dcr_store_part *part, dcr_err *err)
{
    char listed[24];
    dcr_status rc;
    if (part == NULL)
        return DCR_OK;
    snprintf(listed, sizeof listed, "%llu", (unsigned long long)part->listed);
    /* Files of another listing are not yet what this one says. */
    rc = meta_set(s, "complete", "no", err);
    if (rc == DCR_OK)
        rc = meta_set(s, "shards", part->shards, err);
    if (rc == DCR_OK)
        rc = meta_set(s, "listing", part->listing, err);
    return rc == DCR_OK ? meta_set(s, "listed", listed, err) : rc;
}

dcr_status dcr_meta_made_of(dcr_store *s, const dcr_store_options *o, dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_prepare(s, "INSERT INTO input VALUES(?,?)", err);
    dcr_status rc = st == NULL ? DCR_EIO : DCR_OK;
    for (size_t i = 0; i < o->n_inputs && rc == DCR_OK; i++) {
        sqlite3_bind_int64(st, 1, (sqlite3_int64)i + 1);
        sqlite3_bind_text(st, 2, o->inputs[i], -1, SQLITE_STATIC);
        rc = dcr_store_run(s, st, err);
    }
    sqlite3_finalize(st);
    s->part = o->part != NULL;
    return rc == DCR_OK ? dcr_meta_set_part(s, o->part, err) : rc;
}

/* Calls a function for each input, in their order. */
static dcr_status each_input(dcr_store *s,
                             void (*each)(void *ctx, size_t i, dcr_bytes name), void *ctx,
                             dcr_err *err)
{
    sqlite3_stmt *st =
        dcr_store_prepare(s, "SELECT name FROM input ORDER BY number", err);
    int step = SQLITE_DONE;
    if (st == NULL)
        return DCR_EIO;
    for (size_t i = 0; (step = sqlite3_step(st)) == SQLITE_ROW; i++)
        each(ctx, i, dcr_store_column(st, 0));
    return dcr_store_finish(s, st, step, DCR_OK, err);
}

typedef struct comparison {
    const dcr_store_options *o;
    size_t n;
    bool same;
} comparison;

static void compare_input(void *ctx, size_t i, dcr_bytes name)
{
    comparison *c = ctx;
    c->n = i + 1;
    c->same = c->same && i < c->o->n_inputs && strlen(c->o->inputs[i]) == name.n &&
              memcmp(name.p, c->o->inputs[i], name.n) == 0;
}

static dcr_status same_shards(dcr_store *s, const dcr_store_part *part, dcr_err *err)
{
    const char *wanted = part == NULL ? NULL : part->shards;
    dcr_buf text = {0};
    bool same, found;
    dcr_status rc = meta_is(s, "shards", wanted, &same, err);
    if (rc == DCR_OK && !same)
        rc = meta_get(s, "shards", &text, &found, err);
    if (rc == DCR_OK && !same)
        rc = dcr_fail(err, DCR_EARG, s->path,
                      "the scan file is of %s%.40s and not of %s%.40s; name a new one",
                      found ? "shard " : "", found ? text.p : "everything",
                      wanted != NULL ? "shard " : "",
                      wanted != NULL ? wanted : "everything");
    dcr_buf_clear(&text);
    return rc;
}

dcr_status dcr_meta_same_inputs(dcr_store *s, const dcr_store_options *o, dcr_err *err)
{
    comparison c = {o, 0, true};
    dcr_status rc = each_input(s, compare_input, &c, err);
    if (rc == DCR_OK && (!c.same || c.n != o->n_inputs))
        return dcr_fail(err, DCR_EARG, s->path,
                        "the scan file was made of other inputs; name another file");
    return rc == DCR_OK ? same_shards(s, o->part, err) : rc;
}

/* ---- whether it is whole ---- */

dcr_status dcr_store_set_complete(dcr_store *s, bool complete, dcr_err *err)
{
    dcr_status rc = dcr_store_begin(s, err);
    if (rc == DCR_OK)
        rc = meta_set(s, "complete", complete ? "yes" : "no", err);
    if (rc == DCR_OK)
        rc = dcr_store_commit(s, err);
    if (rc == DCR_OK)
        s->complete = complete;
    return rc;
}

bool dcr_store_complete(const dcr_store *s)
{
    return s->complete && !s->part;
}

bool dcr_store_is_part(const dcr_store *s)
{
    return s->part;
}

dcr_status dcr_meta_load(dcr_store *s, dcr_err *err)
{
    dcr_shard_set set = {0};
    dcr_buf text = {0};
    dcr_status rc = meta_is(s, "complete", "yes", &s->complete, err);
    if (rc == DCR_OK)
        rc = meta_get(s, "shards", &text, &s->part, err);
    if (rc == DCR_OK && s->part)
        rc = dcr_shard_set_parse(&set, text.p, err);
    s->part = s->part && set.n < set.of;
    dcr_shard_set_clear(&set);
    dcr_buf_clear(&text);
    return rc;
}

/* ---- all of it, for whoever compares scan files ---- */

void dcr_store_origin_input(dcr_buf *inputs, const void *name, size_t n)
{
    dcr_buf_varint(inputs, n);
    dcr_buf_add(inputs, name, n);
}

static void add_input(void *ctx, size_t i, dcr_bytes name)
{
    (void)i;
    dcr_store_origin_input(ctx, name.p, name.n);
}

dcr_status dcr_store_origin_get(dcr_store_origin *out, dcr_store *s, dcr_err *err)
{
    static const char *const key[] = {"reader", "keep", "listing"};
    dcr_buf *to[] = {&out->reader, &out->keep, &out->listing}, text = {0};
    bool found = false;
    dcr_status rc = each_input(s, add_input, &out->inputs, err);
    if (rc == DCR_OK && out->inputs.failed)
        rc = dcr_nomem(err);
    if (rc == DCR_OK)
        rc = meta_is(s, "complete", "yes", &out->complete, err);
    for (size_t i = 0; i < 3 && rc == DCR_OK; i++)
        rc = meta_get(s, key[i], to[i], &found, err);
    if (rc == DCR_OK)
        rc = meta_get(s, "listed", &text, &found, err);
    if (rc == DCR_OK && found && !dcr_num_u64(text.p, 0, INT64_MAX, &out->listed))
        rc = dcr_fail(err, DCR_EFORMAT, NULL,
                      "the scan file is damaged (shards); scan again into a new one");
    if (rc == DCR_OK)
        rc = meta_get(s, "shards", &text, &found, err);
    if (rc == DCR_OK && found)
        rc = dcr_shard_set_parse(&out->shards, text.p, err);
    dcr_buf_clear(&text);
    return rc;
}

void dcr_store_origin_clear(dcr_store_origin *o)
{
    dcr_shard_set_clear(&o->shards);
    dcr_buf_clear(&o->inputs);
    dcr_buf_clear(&o->reader);
    dcr_buf_clear(&o->keep);
    dcr_buf_clear(&o->listing);
}
