#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

typedef struct job {
    void (*work)(void *ctx, unsigned worker);
    void *ctx;
    unsigned worker;
} job;

static void *begin(void *arg)
{
    const job *j = arg;
    j->work(j->ctx, j->worker);
    return NULL;
}

unsigned dcr_pool_cpus(unsigned limit)
{
    cpu_set_t set;
    unsigned n = 1;
    if (limit > DCR_POOL_MAX)
        limit = DCR_POOL_MAX;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        n = (unsigned)CPU_COUNT(&set);
    return n < limit ? n : limit;
}

void dcr_pool_run(unsigned n, void (*work)(void *ctx, unsigned worker), void *ctx)
{
    pthread_t thread[DCR_POOL_MAX];
    bool runs[DCR_POOL_MAX] = {false};
    job jobs[DCR_POOL_MAX];
    for (unsigned i = 1; i < n; i++) {
        jobs[i] = (job){work, ctx, i};
        runs[i] = pthread_create(&thread[i], NULL, begin, &jobs[i]) == 0;
    }
    work(ctx, 0);
    for (unsigned i = 1; i < n; i++) {
        if (runs[i])
            pthread_join(thread[i], NULL);
        else
            work(ctx, i);
    }
}
