/* Reads files in worker processes and survives whatever the files do to them.
 *
 * Every file given is answered exactly once, by done() or by lost(), whoever dies
 * meanwhile. */
#ifndef DCR_WORKER_H
#define DCR_WORKER_H

#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/scan.h"
#include "intake.h"
#include "zygote.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_CREW_BATCH = 256, DCR_CREW_MAX = 256 }; /* files in a batch, workers */

typedef struct dcr_crew dcr_crew; /* the zygote and its workers */

typedef struct dcr_crew_options {
    unsigned jobs; /* workers, 1 to DCR_CREW_MAX */
    dcr_budget budget;
    const char *const *keep; /* attribute paths never rolled up; copied by the fork */
    size_t n_keep;
    uint64_t memory_bytes; /* of data, per worker; 0: 512 MiB */
    double wall_seconds;   /* per file; 0: 60 */
    double cpu_seconds;    /* per file; 0: 30 */
    dcr_reader_kind reader;
    const volatile int *stop; /* may be NULL; non-zero ends a run with DCR_EINTERRUPTED */
} dcr_crew_options;

/* Forks the zygote.  Call it before a thread exists or SQLite is opened, from the thread
 * that lives longest: the zygote dies with it.  *out is NULL on failure. */
DCR_MUST_USE dcr_status dcr_crew_start(dcr_crew **out, const dcr_crew_options *o,
                                       dcr_err *err);
/* The same with another way to read files, for tests. */
DCR_MUST_USE dcr_status dcr_crew_start_ops(dcr_crew **out, const dcr_crew_options *o,
                                           const dcr_worker_ops *ops, dcr_err *err);

/* Callbacks run in the calling process, one at a time. */
typedef struct dcr_crew_jobs {
    void *ctx;
    /* Fills up to `max` paths (absolute or from the working folder) with the caller's ids
     * and returns how many; 0 = none left, and it is not asked again.  Paths are copied
     * before the next call.  dcr_crew_start's working folder counts. */
    size_t (*next)(void *ctx, size_t max, const char **path, uint64_t *id);
    /* How many files next() still has; may be NULL.  Makes the last batches smaller. */
    uint64_t (*remaining)(void *ctx);
    /* A decoded batch, lent: file.index is an index of ids, each of which occurs once. */
    dcr_status (*done)(void *ctx, const dcr_batch *b, const uint64_t *ids, size_t n_ids,
                       dcr_err *err);
    /* A file that no worker survived, not even one that read nothing else. */
    dcr_status (*lost)(void *ctx, uint64_t id, dcr_read reason, dcr_err *err);
    /* When the first files are handed out, then about 4 times a second; may be NULL. */
    void (*tick)(void *ctx);
} dcr_crew_jobs;

/* Reads all files that next() gives.  DCR_EINTERRUPTED when *stop was set: what is in
 * work is dropped unanswered and the workers are ended.  So too on every other failure:
 * of a callback, of memory, of the zygote, or DCR_EIO when workers cannot run at all. */
DCR_MUST_USE dcr_status dcr_crew_run(dcr_crew *c, const dcr_crew_jobs *jobs,
                                     dcr_err *err);

/* Ends all processes, waits for them, frees.  NULL is fine. */
void dcr_crew_stop(dcr_crew *c);

typedef struct dcr_crew_stats {
    uint64_t batches;  /* answered */
    uint64_t restarts; /* workers made in place of others */
    uint64_t retried;  /* files read alone because a worker died over them */
    uint64_t uncaged;  /* workers that could not give up what they do not need */
    double worker_cpu_seconds;
    uint64_t worker_peak_bytes; /* resident, of any worker */
} dcr_crew_stats;
void dcr_crew_stats_get(const dcr_crew *c, dcr_crew_stats *s);

#ifdef __cplusplus
}
#endif
#endif
