/* Threads: the only place that makes them. */
#ifndef DCR_POOL_H
#define DCR_POOL_H

#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_POOL_MAX = 16 };

/* CPUs that this process may use, at most `limit` (itself at most DCR_POOL_MAX). */
unsigned dcr_pool_cpus(unsigned limit);

/* Calls work(ctx, 0) .. work(ctx, n - 1), each in a thread of its own (0 in the
 * caller's), and returns when all have.  n is at most DCR_POOL_MAX.  When the system
 * gives fewer threads the caller does the rest: `work` must not wait for another worker.
 */
void dcr_pool_run(unsigned n, void (*work)(void *ctx, unsigned worker), void *ctx);

#ifdef __cplusplus
}
#endif
#endif
