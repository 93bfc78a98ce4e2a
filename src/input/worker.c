#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "alloc.h"
#include "crew_impl.h"

enum { TICK_MS = 250, LEAST_BATCH = 4 };

static const int64_t second_ns = 1000000000;

/* ---- life of a crew ---------------------------------------------------------------- */

dcr_status dcr_crew_start(dcr_crew **out, const dcr_crew_options *o, dcr_err *err)
{
    return dcr_crew_start_ops(out, o, &dcr_worker_ops_readers[o->reader], err);
}

dcr_status dcr_crew_start_ops(dcr_crew **out, const dcr_crew_options *o,
                              const dcr_worker_ops *ops, dcr_err *err)
{
    dcr_crew *c;
    dcr_zygote_options z;
    dcr_status s;
    *out = NULL;
    if (o->jobs < 1 || o->jobs > DCR_CREW_MAX)
        return dcr_fail(err, DCR_EARG, NULL, "workers must be 1 to %d", DCR_CREW_MAX);
    c = dcr_alloc(1, sizeof *c);
    if (c == NULL)
        return dcr_nomem(err);
    c->o = *o;
    c->ops = ops;
    if (!(c->o.wall_seconds > 0))
        c->o.wall_seconds = 60;
    c->berth = dcr_alloc(o->jobs, sizeof *c->berth);
    if (c->berth == NULL) {
        dcr_free(c);
        return dcr_nomem(err);
    }
    for (unsigned i = 0; i < o->jobs; i++)
        c->berth[i].fd = -1;
    z.ops = ops;
    z.jobs = o->jobs;
    z.budget = o->budget;
    z.keep = o->keep;
    z.n_keep = o->n_keep;
    z.memory_bytes = o->memory_bytes != 0 ? o->memory_bytes : (uint64_t)512 << 20;
    z.cpu_seconds = o->cpu_seconds > 0 ? o->cpu_seconds : 30;
    s = dcr_zygote_start(&c->zygote, &z, err);
    if (s != DCR_OK) {
        dcr_free(c->berth);
        dcr_free(c);
        return s;
    }
    *out = c;
    return DCR_OK;
}

/* Forgets all work and ends all workers; the zygote stays. */
static void disband(dcr_crew *c)
{
    int64_t until = dcr_now_ns() + 2 * second_ns;
    struct pollfd p = {c->zygote.fd, POLLIN, 0};
    unsigned live = 0;
    dcr_parcels_clear(&c->queue);
    for (unsigned i = 0; i < c->o.jobs; i++) {
        dcr_berth *b = &c->berth[i];
        dcr_parcels_clear(&b->alone);
        while (b->n_flight > 0)
            dcr_parcel_free(b->flight[--b->n_flight]);
        dcr_berth_close(b);
        b->retired = true;
        if (b->state != DCR_BERTH_EMPTY && dcr_berth_kill(c, i, NULL) == DCR_OK)
            live++;
        else
            b->state = DCR_BERTH_EMPTY;
    }
    while (live > 0 && dcr_now_ns() < until) {
        dcr_death d;
        bool any;
        if (dcr_zygote_death(&c->zygote, &d, &any, NULL) != DCR_OK)
            break;
        if (!any)
            poll(&p, 1, TICK_MS);
        else if (c->berth[d.slot].state != DCR_BERTH_EMPTY &&
                 c->berth[d.slot].life == d.life) {
            c->berth[d.slot].state = DCR_BERTH_EMPTY;
            live--;
        }
    }
}

void dcr_crew_stop(dcr_crew *c)
{
    if (c == NULL)
        return;
    disband(c);
    dcr_zygote_stop(&c->zygote);
    dcr_free(c->berth);
    dcr_free(c);
}

void dcr_crew_stats_get(const dcr_crew *c, dcr_crew_stats *s)
{
    memset(s, 0, sizeof *s);
    s->batches = c->n_batches;
    s->restarts = c->n_restarts;
    s->retried = c->n_retried;
    for (unsigned i = 0; i < c->o.jobs; i++) {
        const dcr_slot *slot = dcr_zygote_slot(&c->zygote, i);
        uint64_t peak = __atomic_load_n(&slot->peak_bytes, __ATOMIC_RELAXED);
        s->worker_cpu_seconds +=
            (double)(__atomic_load_n(&slot->dead_ns, __ATOMIC_RELAXED) +
                     __atomic_load_n(&slot->cpu_ns, __ATOMIC_RELAXED)) /
            1e9;
        s->uncaged += __atomic_load_n(&slot->uncaged, __ATOMIC_RELAXED);
        if (peak > s->worker_peak_bytes)
            s->worker_peak_bytes = peak;
    }
}

/* ---- work out ---------------------------------------------------------------------- */

static size_t batch_size(const dcr_crew *c)
{
    uint64_t left, share;
    if (c->jobs->remaining == NULL)
        return DCR_CREW_BATCH;
    left = c->jobs->remaining(c->jobs->ctx);
    share = left / (4 * (uint64_t)c->o.jobs);
    return share < LEAST_BATCH      ? LEAST_BATCH
           : share > DCR_CREW_BATCH ? DCR_CREW_BATCH
                                    : (size_t)share;
}

/* The next parcel, NULL when there is none now. */
static dcr_status next_parcel(dcr_crew *c, dcr_parcel **out, dcr_err *err)
{
    const char *path[DCR_CREW_BATCH];
    uint64_t id[DCR_CREW_BATCH];
    size_t n;
    *out = dcr_parcels_pop(&c->queue);
    if (*out != NULL || c->exhausted)
        return DCR_OK;
    n = c->jobs->next(c->jobs->ctx, batch_size(c), path, id);
    if (n == 0) {
        c->exhausted = true;
        return DCR_OK;
    }
    *out = dcr_parcel_new(path, id, n);
    return *out == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status give(dcr_crew *c, unsigned i, dcr_parcel *p, dcr_err *err)
{
    if (c->berth[i].state == DCR_BERTH_EMPTY) {
        dcr_status s = dcr_berth_open(c, i, err);
        if (s != DCR_OK) {
            dcr_parcel_free(p);
            return s;
        }
    }
    return dcr_berth_send(c, i, p, err);
}

/* Brings berth i to `want` parcels in flight, if there is work. */
static dcr_status feed(dcr_crew *c, unsigned i, size_t want, dcr_err *err)
{
    dcr_berth *b = &c->berth[i];
    dcr_parcel *p;
    dcr_status s;
    if (b->state == DCR_BERTH_ENDING || b->n_flight >= want)
        return DCR_OK;
    if (b->state == DCR_BERTH_LIVE && b->eof)
        return DCR_OK;
    if (b->state == DCR_BERTH_EMPTY && dcr_now_ns() < c->rest_until_ns)
        return DCR_OK;
    if (b->n_flight > 0 && (b->flight[0]->alone || b->alone.first != NULL))
        return DCR_OK;
    if (b->alone.first != NULL) {
        if (b->state == DCR_BERTH_LIVE && !b->virgin) {
            b->retired = true;
            return dcr_berth_kill(c, i, err);
        }
        return give(c, i, dcr_parcels_pop(&b->alone), err);
    }
    s = next_parcel(c, &p, err);
    return s != DCR_OK || p == NULL ? s : give(c, i, p, err);
}

/* First everybody gets something, then everybody gets something to go on with. */
static dcr_status feed_all(dcr_crew *c, dcr_err *err)
{
    for (size_t want = 1; want <= DCR_IN_FLIGHT; want++)
        for (unsigned i = 0; i < c->o.jobs; i++) {
            dcr_status s = feed(c, i, want, err);
            if (s != DCR_OK)
                return s;
        }
    return DCR_OK;
}

static bool finished(const dcr_crew *c)
{
    if (!c->exhausted || c->queue.first != NULL)
        return false;
    for (unsigned i = 0; i < c->o.jobs; i++)
        if (c->berth[i].n_flight > 0 || c->berth[i].alone.first != NULL)
            return false;
    return true;
}

/* ---- watching ---------------------------------------------------------------------- */

/* When the file in hand of berth i will have taken too long. */
static int64_t deadline(const dcr_crew *c, unsigned i)
{
    const dcr_berth *b = &c->berth[i];
    const dcr_slot *slot = dcr_zygote_slot(&c->zygote, i);
    int64_t since = __atomic_load_n(&slot->since_ns, __ATOMIC_ACQUIRE);
    if (b->state != DCR_BERTH_LIVE)
        return INT64_MAX;
    if (b->eof)
        return b->eof_ns + second_ns / 2; /* dying: the zygote will say so */
    if (b->n_flight == 0)
        return INT64_MAX;
    if (since < b->fed_ns)
        since = b->fed_ns;
    if (since < c->awake_ns)
        since = c->awake_ns;
    return since + (int64_t)(c->o.wall_seconds * 1e9);
}

static dcr_status watch(dcr_crew *c, int64_t now, dcr_err *err)
{
    for (unsigned i = 0; i < c->o.jobs; i++) {
        dcr_berth *b = &c->berth[i];
        const dcr_slot *slot = dcr_zygote_slot(&c->zygote, i);
        uint64_t hand = __atomic_load_n(&slot->hand, __ATOMIC_ACQUIRE);
        dcr_status s;
        if (now < deadline(c, i))
            continue;
        if (b->eof) {
            b->eof_kill = true;
        } else {
            b->late = true;
            b->late_hand = hand;
        }
        s = dcr_berth_kill(c, i, err);
        if (s != DCR_OK)
            return s;
    }
    return DCR_OK;
}

static int wait_ms(const dcr_crew *c, int64_t now, int64_t next_tick)
{
    int64_t until = c->rest_until_ns > now && c->rest_until_ns < next_tick
                        ? c->rest_until_ns
                        : next_tick;
    for (unsigned i = 0; i < c->o.jobs; i++) {
        int64_t d = deadline(c, i);
        if (d < until)
            until = d;
    }
    return until <= now ? 0 : (int)((until - now) / 1000000 + 1);
}

static dcr_status bury_all(dcr_crew *c, dcr_err *err)
{
    dcr_death d;
    bool any;
    dcr_status s;
    while ((s = dcr_zygote_death(&c->zygote, &d, &any, err)) == DCR_OK && any) {
        s = dcr_crew_bury(c, &d, err);
        if (s != DCR_OK)
            return s;
    }
    return s;
}

/* Waits until something happens, and deals with it. */
static dcr_status attend(dcr_crew *c, struct pollfd *p, int timeout, dcr_err *err)
{
    dcr_status s;
    for (unsigned i = 0; i < c->o.jobs; i++) {
        const dcr_berth *b = &c->berth[i];
        p[i].fd = b->eof || b->spoiled ? -1 : b->fd;
        p[i].events = (short)(POLLIN | (b->out_at < b->out.n ? POLLOUT : 0));
        p[i].revents = 0;
    }
    p[c->o.jobs].fd = c->zygote.fd;
    p[c->o.jobs].events = POLLIN;
    p[c->o.jobs].revents = 0;
    if (poll(p, c->o.jobs + 1, timeout) < 0) {
        if (errno == EINTR)
            return DCR_OK;
        return dcr_fail(err, DCR_EIO, NULL, "poll: %s", strerror(errno));
    }
    for (unsigned i = 0; i < c->o.jobs; i++) {
        if (p[i].revents & POLLOUT)
            dcr_berth_flush(&c->berth[i]);
        s = p[i].revents & ~POLLOUT ? dcr_berth_read(c, i, err) : DCR_OK;
        if (s != DCR_OK)
            return s;
    }
    return p[c->o.jobs].revents != 0 ? bury_all(c, err) : DCR_OK;
}

/* ---- a run ------------------------------------------------------------------------- */

static dcr_status loop(dcr_crew *c, struct pollfd *p, dcr_err *err)
{
    int64_t next_tick = dcr_now_ns();
    int64_t slept = next_tick;
    for (;;) {
        int64_t now;
        dcr_status s = c->o.stop != NULL && *c->o.stop != 0
                           ? dcr_fail(err, DCR_EINTERRUPTED, NULL, "interrupted")
                           : feed_all(c, err);
        if (s != DCR_OK || finished(c))
            return s;
        now = dcr_now_ns();
        if (now >= next_tick) {
            next_tick = now + TICK_MS * 1000000;
            if (c->jobs->tick != NULL)
                c->jobs->tick(c->jobs->ctx);
        }
        s = attend(c, p, wait_ms(c, now, next_tick), err);
        now = dcr_now_ns();
        /* Stopped by the user or swapped out: the workers may have been so as well. */
        if (now - slept > second_ns)
            c->awake_ns = now;
        slept = now;
        if (s == DCR_OK)
            s = watch(c, now, err);
        if (s != DCR_OK)
            return s;
    }
}

dcr_status dcr_crew_run(dcr_crew *c, const dcr_crew_jobs *jobs, dcr_err *err)
{
    dcr_status s;
    struct pollfd *p = dcr_alloc((size_t)c->o.jobs + 1, sizeof *p);
    if (p == NULL)
        return dcr_nomem(err);
    c->jobs = jobs;
    c->exhausted = false;
    c->idle_deaths = 0;
    s = loop(c, p, err);
    if (s != DCR_OK)
        disband(c);
    c->jobs = NULL;
    dcr_free(p);
    return s;
}
