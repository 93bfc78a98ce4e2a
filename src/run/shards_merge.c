/* Scan files of shards become one: first all are looked at, then one after the other is
 * added. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../store/scanfile.h"
#include "../store/shards.h"
#include "alloc.h"
#include "arena.h"
#include "dcmrisk/scan.h"
#include "part.h"

typedef struct source {
    const char *file;
    dcr_store_origin origin;
} source;

typedef struct merging {
    const dcr_merge_options *o;
    source *list; /* o->n_files long, by their first shard when all were looked at */
    dcr_shard_set all;
    dcr_buf part;
    dcr_progress progress;
    struct timespec started;
} merging;

/* Names the file a failure is about, where that is not said yet. */
static dcr_status about(const char *file, dcr_status rc, dcr_err *err)
{
    dcr_err named = {0};
    if (rc == DCR_OK || err == NULL || err->where[0] != '\0')
        return rc;
    dcr_fail(&named, err->code, file, "%s", err->text);
    *err = named;
    return rc;
}

/* ---- do they belong together? ---- */

static bool same(const dcr_buf *a, const dcr_buf *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

/* What of `s` is not as in the first file; NULL when it is one of its shards. */
static const char *foreign(const source *first, const source *s)
{
    const dcr_store_origin *a = &first->origin, *b = &s->origin;
    if (b->shards.of == 0)
        return "is a scan file of everything, not of a shard";
    if (!b->complete)
        return "did not come to its end; run its scan again";
    if (a->shards.of != b->shards.of)
        return "counts other shards than";
    if (!same(&a->inputs, &b->inputs))
        return "was made of other inputs than";
    if (!same(&a->reader, &b->reader))
        return "was made by another version of the reader than";
    if (!same(&a->keep, &b->keep))
        return "was made with other rules than";
    if (!same(&a->listing, &b->listing) || a->listed != b->listed)
        return "saw other names in the dataset (something came or went; scan all shards"
               " again) than";
    return NULL;
}

static dcr_status belongs(merging *m, size_t i, dcr_err *err)
{
    const source *first = &m->list[0], *s = &m->list[i];
    const char *why = foreign(first, s);
    size_t n = why == NULL ? 0 : strlen(why);
    if (why != NULL && n > 5 && strcmp(why + n - 5, " than") == 0)
        return dcr_fail(err, DCR_EPARTS, s->file, "%s %.60s", why, first->file);
    if (why != NULL)
        return dcr_fail(err, DCR_EPARTS, s->file, "%s", why);
    if (m->all.of == 0) {
        m->all.of = s->origin.shards.of;
        m->all.has = dcr_alloc(m->all.of, sizeof *m->all.has);
        if (m->all.has == NULL)
            return dcr_nomem(err);
    }
    for (uint32_t k = 0; k < m->all.of; k++) {
        if (!s->origin.shards.has[k])
            continue;
        if (m->all.has[k])
            return dcr_fail(err, DCR_EPARTS, s->file,
                            "shard %u/%u is in another of the files, too",
                            (unsigned)k + 1, (unsigned)m->all.of);
        m->all.has[k] = true;
        m->all.n++;
    }
    return DCR_OK;
}

static uint32_t first_of(const dcr_shard_set *s)
{
    uint32_t i = 0;
    while (i < s->of && !s->has[i])
        i++;
    return i;
}

static int by_shard(const void *pa, const void *pb)
{
    const source *a = pa, *b = pb;
    uint32_t x = first_of(&a->origin.shards), y = first_of(&b->origin.shards);
    return x < y ? -1 : x > y;
}

static dcr_status missing(const merging *m, dcr_err *err)
{
    dcr_buf text = {0};
    dcr_status rc;
    dcr_shard_set_list(&m->all, true, &text);
    rc = text.failed
             ? dcr_nomem(err)
             : dcr_fail(err, DCR_EPARTS, NULL, "of %u shards %s: %.120s%s",
                        (unsigned)m->all.of,
                        m->all.of - m->all.n == 1 ? "one is missing" : "some are missing",
                        text.p, text.n > 120 ? "..." : "");
    dcr_buf_clear(&text);
    return rc;
}

/* The file that is written must not be one of those that are read. */
static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

static dcr_status look_at_all(merging *m, dcr_err *err)
{
    const dcr_merge_options *o = m->o;
    char keep[33];
    dcr_status rc = DCR_OK;
    m->list = dcr_alloc(o->n_files, sizeof *m->list);
    if (m->list == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < o->n_files && rc == DCR_OK; i++) {
        m->list[i].file = o->files[i];
        if (is_same_file(o->files[i], o->out))
            return dcr_fail(err, DCR_EARG, o->out, "is one of the files to merge");
        rc = about(o->files[i], dcr_store_origin_of(&m->list[i].origin, o->files[i], err),
                   err);
        if (rc == DCR_OK)
            rc = belongs(m, i, err);
    }
    if (rc != DCR_OK)
        return rc;
    if (m->all.n < m->all.of && !o->partial)
        return missing(m, err);
    dcr_store_keep_digest(o->keep, o->n_keep, keep);
    if (strcmp(m->list[0].origin.keep.p == NULL ? "" : m->list[0].origin.keep.p, keep) !=
        0)
        return dcr_fail(err, DCR_EPARTS, m->list[0].file,
                        "was made with other rules; give the same --rules");
    qsort(m->list, o->n_files, sizeof *m->list, by_shard);
    return DCR_OK;
}

/* ---- one after the other ---- */

static dcr_status told(void *ctx, uint64_t files, dcr_err *err)
{
    merging *m = ctx;
    struct timespec now;
    m->progress.files_done += files;
    if (m->o->stop != NULL && *m->o->stop != 0)
        return dcr_fail(err, DCR_EINTERRUPTED, NULL, "interrupted");
    clock_gettime(CLOCK_MONOTONIC, &now);
    m->progress.seconds = (double)(now.tv_sec - m->started.tv_sec) +
                          (double)(now.tv_nsec - m->started.tv_nsec) / 1e9;
    if (m->o->progress != NULL)
        m->o->progress(m->o->progress_ctx, &m->progress);
    return DCR_OK;
}

static dcr_status add(merging *m, dcr_store *to, const source *s, dcr_err *err)
{
    const dcr_store_options reading = {.reader = ""};
    dcr_store *from = NULL;
    dcr_store_origin now = {0};
    dcr_err ignored = {0};
    dcr_status rc = dcr_store_open(&from, s->file, &reading, err);
    if (rc == DCR_OK)
        rc = dcr_store_origin_get(&now, from, err);
    /* Somebody may have scanned it again since it was looked at. */
    if (rc == DCR_OK &&
        (!now.complete || !same(&now.listing, &s->origin.listing) ||
         now.shards.of != s->origin.shards.of ||
         memcmp(now.shards.has, s->origin.shards.has, now.shards.of) != 0))
        rc = dcr_fail(err, DCR_EPARTS, s->file, "changed while it was merged");
    if (rc == DCR_OK)
        rc = dcr_store_merge(to, from, told, m, err);
    dcr_store_origin_clear(&now);
    if (dcr_store_close(from, &ignored) != DCR_OK && rc == DCR_OK)
        rc = DCR_EIO;
    return about(s->file, rc, err);
}

/* The names of the inputs, from how they are kept to be compared. */
static dcr_status names_of(const dcr_buf *inputs, const char ***out, size_t *n,
                           dcr_arena *arena, dcr_err *err)
{
    const uint8_t *p = (const uint8_t *)(inputs->p == NULL ? "" : inputs->p);
    const uint8_t *end = p + inputs->n;
    size_t cap = 0;
    uint64_t len;
    *out = NULL;
    for (*n = 0; p < end; p += len) {
        if (!dcr_varint_get(&p, end, &len) || len > (uint64_t)(end - p))
            return dcr_fail(err, DCR_EFORMAT, NULL, "the scan file is damaged: inputs");
        if (!dcr_grow(out, &cap, *n + 1, sizeof **out))
            return dcr_nomem(err);
        (*out)[*n] = dcr_arena_bytes(arena, p, (size_t)len);
        if ((*out)[(*n)++] == NULL)
            return dcr_nomem(err);
    }
    return DCR_OK;
}

static dcr_status open_out(merging *m, dcr_store **to, dcr_err *err)
{
    const dcr_store_origin *like = &m->list[0].origin;
    dcr_buf shards = {0};
    dcr_arena arena = {0};
    const char **names = NULL;
    dcr_store_part part = {.listing = like->listing.p, .listed = like->listed};
    dcr_store_options so = {
        .reader = like->reader.p, .keep = m->o->keep, .n_keep = m->o->n_keep};
    dcr_status rc = names_of(&like->inputs, &names, &so.n_inputs, &arena, err);
    if (rc == DCR_OK && m->all.n < m->all.of) {
        dcr_shard_set_list(&m->all, false, &shards);
        dcr_buf_fmt(&shards, "/%u", (unsigned)m->all.of);
        part.shards = shards.p;
        so.part = &part;
        rc = shards.failed ? dcr_nomem(err) : DCR_OK;
    }
    so.inputs = names;
    if (rc == DCR_OK)
        rc = dcr_part_fresh(&m->part, m->o->out, err);
    if (rc == DCR_OK)
        rc = about(m->part.p, dcr_store_open(to, m->part.p, &so, err), err);
    dcr_buf_clear(&shards);
    dcr_arena_clear(&arena);
    dcr_free(names);
    return rc;
}

/* One transaction: what an end in its middle leaves is empty. */
static dcr_status write_out(merging *m, dcr_err *err)
{
    dcr_store *to = NULL;
    dcr_err ignored = {0};
    dcr_status rc = open_out(m, &to, err), closed;
    bool whole = m->all.n == m->all.of;
    m->progress.files_total = m->list[0].origin.listed;
    for (size_t i = 0; i < m->o->n_files && rc == DCR_OK; i++)
        rc = add(m, to, &m->list[i], err);
    if (rc == DCR_OK && whole && m->progress.files_done != m->progress.files_total)
        rc = dcr_fail(err, DCR_EPARTS, NULL,
                      "the shards hold %llu files, and %llu were listed",
                      (unsigned long long)m->progress.files_done,
                      (unsigned long long)m->progress.files_total);
    if (rc == DCR_OK)
        rc = about(m->part.p, dcr_store_set_complete(to, true, err), err);
    if (rc == DCR_OK)
        rc = dcr_part_done(&m->part, m->o->out, err);
    closed = dcr_store_close(to, rc == DCR_OK ? err : &ignored);
    if (rc != DCR_OK && to != NULL) {
        dcr_err left = {0};
        if (dcr_store_discard(m->part.p, &left) != DCR_OK)
            return rc; /* it is in the way of nobody */
    }
    return rc == DCR_OK ? closed : rc;
}

dcr_status dcr_merge(const dcr_merge_options *o, uint64_t *files, dcr_err *err)
{
    merging m = {.o = o};
    dcr_status rc;
    clock_gettime(CLOCK_MONOTONIC, &m.started);
    rc = look_at_all(&m, err);
    if (rc == DCR_OK)
        rc = write_out(&m, err);
    *files = m.progress.files_done;
    for (size_t i = 0; i < o->n_files && m.list != NULL; i++)
        dcr_store_origin_clear(&m.list[i].origin);
    dcr_free(m.list);
    dcr_shard_set_clear(&m.all);
    dcr_buf_clear(&m.part);
    return rc;
}
