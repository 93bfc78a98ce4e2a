/* The zygote, a small process that makes workers and buries them, and the workers
 * themselves. Only worker.c uses this; tests put functions of their own in a worker's
 * hands. */
#ifndef DCR_ZYGOTE_H
#define DCR_ZYGOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "dcmrisk/scan.h"
#include "intake.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DCR_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||               \
    __has_feature(memory_sanitizer)
#define DCR_SANITIZED 1
#endif
#endif
#ifndef DCR_SANITIZED
#define DCR_SANITIZED 0
#endif

/* What a worker does with files, and how its answers are read; see intake.h and wire.h.
 */
typedef struct dcr_worker_ops {
    void (*init)(void); /* once, in the zygote; may be NULL */
    dcr_status (*make)(void **out, const dcr_budget *budget, const char *const *keep,
                       size_t n_keep, dcr_err *err);
    dcr_status (*file)(void *in, uint32_t index, const char *path, dcr_err *err);
    size_t (*bytes)(const void *in);
    dcr_status (*take)(void *in, dcr_buf *out, dcr_err *err);
    dcr_status (*decode)(dcr_batch *out, const uint8_t *p, size_t n, dcr_err *err);
    void (*clear)(dcr_batch *b);
    size_t early_bytes; /* a batch that grows beyond is answered before its end */
} dcr_worker_ops;

extern const dcr_worker_ops dcr_worker_ops_readers[DCR_READER_N]; /* the real ones */

/* Request and answer, as headers of what follows on the stream.  Both ends are the same
 * program on the same machine. */
enum { DCR_MAGIC_BATCH = 0x44524251, DCR_MAGIC_ANSWER = 0x44524241 };

typedef struct dcr_request { /* then n_files paths with a NUL behind each, `bytes` in all
                              */
    uint32_t magic, seq, n_files, unused;
    uint64_t bytes;
} dcr_request;

typedef struct dcr_answer { /* then `bytes` of ops->take */
    uint32_t magic, seq;
    uint32_t done; /* files of the batch that are in it; the rest was not begun */
    uint32_t unused;
    uint64_t bytes;
} dcr_answer;

/* What a worker tells without a message; lives in shared memory, a page for each.  Read
 * and written with the __atomic builtins. */
typedef struct dcr_slot {
    uint64_t hand;    /* batch << 32 | file + 1; file + 1 is 0 between files */
    int64_t since_ns; /* when hand was set, CLOCK_MONOTONIC */
    uint32_t cause;   /* dcr_read written by a dying worker, 0 when it could not tell */
    uint32_t uncaged; /* workers that lived here and could not enter cage.h's cage */
    uint64_t cpu_ns;  /* used so far by the worker that lives here */
    uint64_t dead_ns; /* used by those that died here */
    uint64_t peak_bytes; /* largest resident size of any of them */
} dcr_slot;

typedef struct dcr_zygote_options {
    const dcr_worker_ops *ops;
    unsigned jobs;
    dcr_budget budget;
    const char *const *keep;
    size_t n_keep;
    uint64_t memory_bytes;
    double cpu_seconds;
} dcr_zygote_options;

typedef struct dcr_zygote {
    pid_t pid;
    int fd;       /* control socket, non-blocking to read */
    char *shared; /* jobs pages */
    size_t page;
    unsigned jobs;
} dcr_zygote;

/* Forks the zygote, which dies with the calling thread.  z is as if zeroed on failure. */
DCR_MUST_USE dcr_status dcr_zygote_start(dcr_zygote *z, const dcr_zygote_options *o,
                                         dcr_err *err);
/* Ends all workers and the zygote, and waits for it. */
void dcr_zygote_stop(dcr_zygote *z);

static inline dcr_slot *dcr_zygote_slot(const dcr_zygote *z, unsigned i)
{
    void *p = z->shared + z->page * i;
    return (dcr_slot *)p;
}

/* Asks for a worker in slot i that serves `fd`, which stays the caller's; `life` numbers
 * the workers of a slot.  And asks for its end.  DCR_EIO when the zygote is gone. */
DCR_MUST_USE dcr_status dcr_zygote_spawn(dcr_zygote *z, unsigned i, uint32_t life, int fd,
                                         dcr_err *err);
DCR_MUST_USE dcr_status dcr_zygote_kill(dcr_zygote *z, unsigned i, uint32_t life,
                                        dcr_err *err);

typedef struct dcr_death {
    uint32_t slot, life;
    bool born;  /* false: it could not even be made */
    int status; /* as from waitpid */
} dcr_death;

/* The next death, if there is one: *any false otherwise.  DCR_EIO when the zygote is
 * gone. */
DCR_MUST_USE dcr_status dcr_zygote_death(dcr_zygote *z, dcr_death *d, bool *any,
                                         dcr_err *err);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t dcr_now_ns(void);

/* The worker: serves batches from fd 3 until it is closed; never returns. */
typedef struct dcr_toil {
    const dcr_worker_ops *ops;
    dcr_slot *slot;
    dcr_budget budget;
    const char *const *keep;
    size_t n_keep;
    uint64_t memory_bytes;
    double cpu_seconds;
} dcr_toil;
void dcr_toil_run(const dcr_toil *t);
enum { DCR_TOIL_FD = 3 };

#ifdef __cplusplus
}
#endif
#endif
