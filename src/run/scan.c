/* A scan: walk, workers and scan file put together; decides nothing about content. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../input/intake.h"
#include "../input/reader.h"
#include "../input/walk.h"
#include "../input/worker.h"
#include "../store/scanfile.h"
#include "alloc.h"
#include "buf.h"
#include "dcmrisk/dcmrisk.h"
#include "part.h"

/* What a killed scan loses at most. */
enum { COMMIT_FILES = 20000, COMMIT_SECONDS = 10 };
enum { WINDOW = 65536 }; /* files that are put in order for reading at once */

typedef struct turn { /* a file to be read */
    uint64_t folder, ino;
    size_t entry; /* of the walk */
} turn;

typedef struct scan {
    const dcr_scan_options *o;
    dcr_walk *walk;
    dcr_store *store;
    uint8_t *done; /* per entry of the walk: nothing is left to do */
    size_t at, n_pending;
    turn *window; /* what is read next, WINDOW at most */
    size_t n_window, at_window, cap_window;
    dcr_buf path[DCR_CREW_BATCH]; /* lent to the crew */
    uint64_t since_commit;
    double last_commit; /* seconds since the start */
    dcr_progress progress;
    struct timespec started;
    double listing_cpu, supervisor_cpu; /* seconds of this process */
    /* while known files are compared with the walk */
    size_t cursor;
    uint64_t *gone; /* ids of files that changed or vanished */
    size_t n_gone, cap_gone;
    dcr_buf name, names;
    uint64_t kept;
    dcr_buf part; /* of a shard: the scan file's name until it is whole */
} scan;

static double seconds_since(const struct timespec *from)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - from->tv_sec) +
           (double)(now.tv_nsec - from->tv_nsec) / 1e9;
}

static double own_cpu_seconds(void)
{
    struct timespec t = {0, 0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- what is known already ---- */

static int compare_names(const dcr_store_file *f, uint32_t input, const dcr_buf *name)
{
    size_t n = f->n_path < name->n ? f->n_path : name->n;
    int c = (f->input > input) - (f->input < input);
    if (c == 0 && n > 0)
        c = memcmp(f->path, name->p, n);
    return c != 0 ? c : (f->n_path > name->n) - (f->n_path < name->n);
}

/* Reasons that may have gone away by themselves: such files are tried again. */
static bool passing(dcr_read r)
{
    return r == DCR_READ_DENIED || r == DCR_READ_IO || r == DCR_READ_VANISHED ||
           r == DCR_READ_CHANGED || r == DCR_READ_TIME || r == DCR_READ_MEMORY;
}

static dcr_status is_gone(scan *s, uint64_t id, dcr_err *err)
{
    if (!dcr_grow(&s->gone, &s->cap_gone, s->n_gone + 1, sizeof *s->gone))
        return dcr_nomem(err);
    s->gone[s->n_gone++] = id;
    return DCR_OK;
}

/* Known files come in the order of the walk: one pass over both. */
static dcr_status meet(void *ctx, const dcr_store_file *f, dcr_err *err)
{
    scan *s = ctx;
    for (; s->cursor < dcr_walk_count(s->walk); s->cursor++) {
        dcr_walk_entry e;
        int c;
        dcr_status rc = dcr_walk_path(s->walk, s->cursor, &s->name, err);
        if (rc != DCR_OK)
            return rc;
        dcr_walk_get(s->walk, s->cursor, &e);
        c = compare_names(f, e.input, &s->name);
        if (c < 0)
            break;
        if (c > 0)
            continue;
        if (e.size != f->size || e.mtime_ns != f->mtime_ns || passing(f->status) ||
            (e.status != DCR_READ_OK && e.status != DCR_READ_OTHER &&
             e.status != f->status))
            break;
        s->done[s->cursor++] = 1;
        return DCR_OK;
    }
    return is_gone(s, f->id, err);
}

/* Twice: what is gone takes the other files of its series with it. */
static dcr_status compare_with_store(scan *s, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    for (int round = 0; round < 2 && rc == DCR_OK; round++) {
        s->cursor = 0;
        s->n_gone = 0;
        memset(s->done, 0, dcr_walk_count(s->walk));
        rc = dcr_store_known(s->store, meet, s, err);
        if (rc == DCR_OK)
            rc = dcr_store_forget(s->store, s->gone, s->n_gone, err);
        if (s->n_gone == 0)
            break;
    }
    return rc;
}

/* ---- what needs no reading ---- */

static dcr_status account(scan *s, size_t i, dcr_read status, dcr_err *err)
{
    dcr_walk_entry e;
    dcr_store_file f = {0};
    dcr_status rc = dcr_walk_path(s->walk, i, &s->name, err);
    if (rc != DCR_OK)
        return rc;
    dcr_walk_get(s->walk, i, &e);
    f.input = e.input;
    f.path = s->name.p == NULL ? "" : s->name.p;
    f.n_path = s->name.n;
    f.size = e.size;
    f.mtime_ns = e.mtime_ns;
    f.status = status;
    f.kind = e.what == DCR_WALK_LINK      ? DCR_FILE_LINK
             : e.what == DCR_WALK_FOLDER  ? DCR_FILE_FOLDER
             : e.what == DCR_WALK_SPECIAL ? DCR_FILE_SPECIAL
                                          : DCR_FILE_UNKNOWN;
    if (f.status == DCR_READ_OTHER)
        f.status = DCR_READ_OK; /* a link whose target is listed: all is said */
    return dcr_store_account(s->store, &f, err);
}

static dcr_status account_all(scan *s, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    s->n_pending = 0;
    for (size_t i = 0; i < dcr_walk_count(s->walk) && rc == DCR_OK; i++) {
        dcr_walk_entry e;
        s->kept += s->done[i];
        if (s->done[i])
            continue;
        dcr_walk_get(s->walk, i, &e);
        if (e.what == DCR_WALK_FILE && e.status == DCR_READ_OK) {
            s->n_pending++;
            continue;
        }
        s->done[i] = 1;
        rc = account(s, i, e.status, err);
    }
    return rc;
}

/* ---- the crew's callbacks ---- */

static int by_place(const void *pa, const void *pb)
{
    const turn *a = pa, *b = pb;
    if (a->folder != b->folder)
        return a->folder < b->folder ? -1 : 1;
    return a->ino < b->ino ? -1 : a->ino > b->ino;
}

/* The files of a folder in the order of their inodes, which is how most file systems lay
 * them out: read from a cold disk in the order of names that say something else, they
 * took twice the time (tests/bench/README.md).  Folders stay apart, for their files are
 * alike. */
static bool fill_window(scan *s)
{
    bool sorted = true;
    s->n_window = s->at_window = 0;
    for (; s->at < dcr_walk_count(s->walk) && s->n_window < WINDOW; s->at++) {
        dcr_walk_entry e;
        if (s->done[s->at])
            continue;
        if (!dcr_grow(&s->window, &s->cap_window, s->n_window + 1, sizeof *s->window))
            return false;
        dcr_walk_get(s->walk, s->at, &e);
        s->window[s->n_window] = (turn){e.folder, e.ino, s->at};
        sorted = sorted && (s->n_window == 0 || by_place(&s->window[s->n_window - 1],
                                                         &s->window[s->n_window]) <= 0);
        s->n_window++;
    }
    if (!sorted)
        qsort(s->window, s->n_window, sizeof *s->window, by_place);
    return s->n_window > 0;
}

/* Without memory files stay pending, and the scan is not complete. */
static size_t next(void *ctx, size_t max, const char **path, uint64_t *id)
{
    scan *s = ctx;
    size_t n = 0;
    dcr_err ignored = {0};
    while (n < max && n < DCR_CREW_BATCH) {
        if (s->at_window == s->n_window && !fill_window(s))
            break;
        id[n] = s->window[s->at_window].entry;
        if (dcr_walk_full(s->walk, id[n], &s->path[n], &ignored) != DCR_OK)
            break;
        s->at_window++;
        path[n] = s->path[n].p;
        n++;
    }
    return n;
}

static uint64_t remaining(void *ctx)
{
    const scan *s = ctx;
    return s->n_pending;
}

static dcr_status maybe_commit(scan *s, uint64_t files, dcr_err *err)
{
    double now = seconds_since(&s->started);
    s->since_commit += files;
    if (s->since_commit < COMMIT_FILES && now - s->last_commit < COMMIT_SECONDS)
        return DCR_OK;
    s->since_commit = 0;
    s->last_commit = now;
    return dcr_store_commit(s->store, err);
}

/* Names of the files of a batch; paths stand one behind the other in s->names. */
static dcr_status name_all(scan *s, const uint64_t *ids, size_t n, dcr_store_file *file,
                           const dcr_store_file **name, dcr_err *err)
{
    size_t at = 0;
    s->names.n = 0;
    for (size_t i = 0; i < n; i++) {
        dcr_walk_entry e;
        if (dcr_walk_path(s->walk, ids[i], &s->name, err) != DCR_OK)
            return DCR_ENOMEM;
        dcr_walk_get(s->walk, ids[i], &e);
        file[i].input = e.input;
        file[i].n_path = s->name.n;
        name[i] = &file[i];
        dcr_buf_add(&s->names, s->name.p, s->name.n + 1);
    }
    if (s->names.failed)
        return dcr_nomem(err);
    for (size_t i = 0; i < n; at += file[i++].n_path + 1)
        file[i].path = s->names.p + at;
    return DCR_OK;
}

static dcr_status answered(void *ctx, const dcr_batch *b, const uint64_t *ids,
                           size_t n_ids, dcr_err *err)
{
    scan *s = ctx;
    dcr_store_file *file = dcr_alloc(n_ids, sizeof *file);
    const dcr_store_file **name = dcr_alloc(n_ids, sizeof *name);
    dcr_status rc = file == NULL || name == NULL
                        ? dcr_nomem(err)
                        : name_all(s, ids, n_ids, file, name, err);
    if (rc == DCR_OK)
        rc = dcr_store_append(s->store, b, name, n_ids, err);
    for (uint32_t i = 0; i < b->n_files && rc == DCR_OK; i++) {
        s->done[ids[b->files[i].index]] = 1;
        s->progress.bytes_done += b->files[i].size;
    }
    dcr_free(name);
    dcr_free(file);
    s->progress.files_done += b->n_files;
    s->n_pending -= b->n_files;
    return rc == DCR_OK ? maybe_commit(s, b->n_files, err) : rc;
}

static dcr_status lost(void *ctx, uint64_t id, dcr_read reason, dcr_err *err)
{
    scan *s = ctx;
    dcr_status rc = account(s, id, reason, err);
    s->done[id] = 1;
    s->progress.files_done++;
    s->n_pending--;
    return rc == DCR_OK ? maybe_commit(s, 1, err) : rc;
}

static void tick(void *ctx)
{
    scan *s = ctx;
    if (s->o->progress == NULL)
        return;
    s->progress.seconds = seconds_since(&s->started);
    s->o->progress(s->o->progress_ctx, &s->progress);
}

/* ---- the whole ---- */

/* Names of the inputs that stay true in another working folder. */
static dcr_status absolute(const dcr_scan_options *o, const char ***out, dcr_err *err)
{
    const char **list = dcr_alloc(o->n_inputs + 1, sizeof *list);
    *out = list;
    if (list == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < o->n_inputs; i++) {
        char *real = realpath(o->inputs[i], NULL);
        list[i] = dcr_strdup(real == NULL ? o->inputs[i] : real);
        free(real); /* lint: ok, realpath's own allocation */
        if (list[i] == NULL)
            return dcr_nomem(err);
    }
    return DCR_OK;
}

static void free_names(const char **list, size_t n)
{
    for (size_t i = 0; list != NULL && i < n; i++)
        dcr_free((void *)(uintptr_t)list[i]);
    dcr_free(list);
}

static dcr_status open_store(scan *s, dcr_err *err)
{
    static const char *const listed[] = {"(list)"};
    const dcr_scan_options *o = s->o;
    const char **names = NULL;
    dcr_status rc = absolute(o, &names, err);
    dcr_store_options so = {.reader = dcr_intake_version(o->reader),
                            .inputs = o->listed ? listed : names,
                            .n_inputs = o->listed ? 1 : o->n_inputs,
                            .keep = o->keep,
                            .n_keep = o->n_keep};
    char shards[32], digest[33];
    dcr_store_part part = {.shards = shards, .listing = digest};
    if (rc == DCR_OK && o->shard.of > 0) {
        snprintf(shards, sizeof shards, "%u/%u", (unsigned)o->shard.at + 1,
                 (unsigned)o->shard.of);
        dcr_walk_listing(s->walk, digest, &part.listed);
        so.part = &part;
        rc = o->scan_file == NULL
                 ? dcr_fail(err, DCR_EARG, NULL, "a shard needs a scan file")
                 : dcr_part_resume(&s->part, o->scan_file, &so, err);
    }
    if (rc == DCR_OK)
        rc = dcr_store_open(&s->store, so.part == NULL ? o->scan_file : s->part.p, &so,
                            err);
    free_names(names, o->n_inputs);
    return rc;
}

static dcr_status read_all(scan *s, dcr_crew *crew, dcr_err *err)
{
    dcr_crew_jobs jobs = {s, next, remaining, answered, lost, tick};
    dcr_status rc = dcr_store_set_complete(s->store, false, err);
    s->done = dcr_alloc(dcr_walk_count(s->walk), 1);
    if (s->done == NULL)
        return dcr_nomem(err);
    if (rc == DCR_OK)
        rc = compare_with_store(s, err);
    if (rc == DCR_OK)
        rc = account_all(s, err);
    s->progress.files_total = dcr_walk_count(s->walk);
    s->progress.files_done = s->progress.files_total - s->n_pending;
    if (rc == DCR_OK && s->n_pending > 0)
        rc = dcr_crew_run(crew, &jobs, err);
    if (rc == DCR_OK && s->n_pending == 0)
        rc = dcr_store_set_complete(s->store, true, err);
    /* While the lock is held: nobody can go on with what is no part any more. */
    if (rc == DCR_OK && s->n_pending == 0 && s->part.n > 0)
        rc = dcr_part_done(&s->part, s->o->scan_file, err);
    return rc;
}

static void fill_stats(const scan *s, const dcr_crew *crew, dcr_scan_stats *stats)
{
    dcr_crew_stats c = {0};
    dcr_crew_stats_get(crew, &c);
    stats->files = s->progress.files_total;
    stats->kept = s->kept;
    stats->read = s->progress.files_done - s->kept;
    stats->restarts = c.restarts;
    stats->retried = c.retried;
    stats->worker_cpu_seconds = c.worker_cpu_seconds;
    stats->listing_cpu_seconds = s->listing_cpu;
    stats->supervisor_cpu_seconds = s->supervisor_cpu;
    stats->worker_peak_bytes = c.worker_peak_bytes;
    stats->uncaged = c.uncaged;
    stats->seconds = seconds_since(&s->started);
}

/* The scan file under the name given and, where that is a link, its own; what SQLite
 * writes beside it, and a shard until it is whole. */
enum { SCAN_NAMES = 8 };

static dcr_status own_files(const dcr_scan_options *o, const char ***out, size_t *n,
                            dcr_err *err)
{
    const char **list = dcr_alloc(o->n_own + SCAN_NAMES, sizeof *list);
    *out = list;
    *n = 0;
    if (list == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < o->n_own; i++)
        if ((list[(*n)++] = dcr_strdup(o->own[i])) == NULL)
            return dcr_nomem(err);
    for (int real = 0; o->scan_file != NULL && real < 2; real++) {
        static const char *const end[] = {"", "-journal", ".part", ".part-journal"};
        char *path = real ? realpath(o->scan_file, NULL) : NULL;
        for (int i = 0; i < 4 && (path != NULL || !real); i++) {
            dcr_buf name = {0};
            dcr_buf_fmt(&name, "%s%s", real ? path : o->scan_file, end[i]);
            list[*n] = name.p;
            *n += name.p != NULL;
        }
        free(path); /* lint: ok, realpath's own allocation */
    }
    return DCR_OK;
}

static dcr_status walk(scan *s, dcr_err *err)
{
    const dcr_scan_options *o = s->o;
    dcr_walk_options wo = {.shard = &o->shard, .stop = o->stop};
    const char **own = NULL;
    dcr_status rc = own_files(o, &own, &wo.n_own, err);
    wo.own = own;
    if (rc == DCR_OK)
        rc = o->listed ? dcr_walk_list(&s->walk, o->inputs, o->n_inputs, &wo, err)
                       : dcr_walk_open(&s->walk, o->inputs, o->n_inputs, &wo, err);
    free_names(own, wo.n_own);
    return rc;
}

dcr_status dcr_scan(dcr_store **out, const dcr_scan_options *o, dcr_scan_stats *stats,
                    dcr_err *err)
{
    scan s = {.o = o};
    dcr_crew *crew = NULL;
    dcr_crew_options co = {.jobs = o->jobs,
                           .keep = o->keep,
                           .n_keep = o->n_keep,
                           .stop = o->stop,
                           .reader = o->reader};
    dcr_err ignored = {0};
    dcr_status rc;
    *out = NULL;
    co.budget = dcr_budget_default();
    clock_gettime(CLOCK_MONOTONIC, &s.started);
    rc = dcr_crew_start(&crew, &co, err);
    s.listing_cpu = own_cpu_seconds();
    if (rc == DCR_OK)
        rc = walk(&s, err);
    s.supervisor_cpu = own_cpu_seconds();
    s.listing_cpu = s.supervisor_cpu - s.listing_cpu;
    if (rc == DCR_OK)
        rc = open_store(&s, err);
    if (rc == DCR_OK)
        rc = read_all(&s, crew, err);
    s.supervisor_cpu = own_cpu_seconds() - s.supervisor_cpu;
    if (stats != NULL && crew != NULL)
        fill_stats(&s, crew, stats);
    dcr_crew_stop(crew);
    dcr_walk_free(s.walk);
    dcr_free(s.done);
    dcr_free(s.gone);
    dcr_free(s.window);
    dcr_buf_clear(&s.name);
    dcr_buf_clear(&s.names);
    dcr_buf_clear(&s.part);
    for (size_t i = 0; i < DCR_CREW_BATCH; i++)
        dcr_buf_clear(&s.path[i]);
    if (rc == DCR_OK)
        *out = s.store;
    else if (dcr_store_close(s.store, &ignored) != DCR_OK)
        return rc;
    return rc;
}

bool dcr_scan_is_file(const char *path)
{
    return dcr_store_is(path);
}

dcr_status dcr_scan_open(dcr_store **out, const char *path, dcr_err *err)
{
    dcr_store_options o = {.reader = ""};
    return dcr_store_open(out, path, &o, err);
}

dcr_status dcr_scan_close(dcr_store *s, dcr_err *err)
{
    return dcr_store_close(s, err);
}
