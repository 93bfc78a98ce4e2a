#include <signal.h>
#include <sys/wait.h>

#include "crew_impl.h"

enum {
    KILLS_MAX = 3, /* kills from outside that a file may meet alone */
    BAD_MAX = 2, /* deaths over a parcel with no file in hand, before it is taken apart */
    IDLE_DEATHS_MAX = 50, /* in a row */
    IDLE_DEATHS_FREE = 5, /* of them without a rest before the next try */
    REST_NS = 20000000
};

typedef struct verdict {
    dcr_read reason;
    bool outside; /* somebody else killed the worker: says nothing about the file */
} verdict;

static verdict judge(const dcr_berth *b, const dcr_slot *slot, const dcr_death *d)
{
    uint32_t cause = __atomic_load_n(&slot->cause, __ATOMIC_ACQUIRE);
    bool killed = d->born && WIFSIGNALED(d->status) && WTERMSIG(d->status) == SIGKILL;
    verdict v = {DCR_READ_CRASH, false};
    if (b->late && __atomic_load_n(&slot->hand, __ATOMIC_ACQUIRE) == b->late_hand) {
        v.reason = DCR_READ_TIME;
    } else if (cause == DCR_READ_TIME || cause == DCR_READ_MEMORY ||
               cause == DCR_READ_DEPTH || cause == DCR_READ_CRASH) {
        v.reason = (dcr_read)cause;
    } else if (killed && !b->spoiled && !b->eof_kill) {
        v.reason = DCR_READ_MEMORY; /* again and again: the kernel, out of memory */
        v.outside = true;
    }
    return v;
}

static dcr_status lose(dcr_crew *c, dcr_parcel *p, dcr_read reason, dcr_err *err)
{
    uint64_t id = p->id[0];
    dcr_parcel_free(p);
    return c->jobs->lost(c->jobs->ctx, id, reason, err);
}

/* Gives the files from .. to - 1 of p back to the front of the queue. */
static dcr_status give_back(dcr_crew *c, const dcr_parcel *p, size_t from, size_t to,
                            dcr_err *err)
{
    dcr_parcel *part;
    if (from >= to)
        return DCR_OK;
    part = dcr_parcel_slice(p, from, to);
    if (part == NULL)
        return dcr_nomem(err);
    dcr_parcels_push_front(&c->queue, part);
    return DCR_OK;
}

static dcr_status set_alone(dcr_crew *c, dcr_berth *b, const dcr_parcel *p, size_t i,
                            dcr_err *err)
{
    dcr_parcel *one = dcr_parcel_slice(p, i, i + 1);
    if (one == NULL)
        return dcr_nomem(err);
    one->alone = true;
    c->n_retried++;
    dcr_parcels_push_back(&b->alone, one);
    return DCR_OK;
}

/* The worker died over file i of p.  What stood before it is known to be good and what
 * stands behind it is not, so they are read again apart: a run of bad files costs no more
 * than twice the parcel. */
static dcr_status suspect(dcr_crew *c, dcr_berth *b, dcr_parcel *p, size_t i, verdict v,
                          dcr_err *err)
{
    dcr_status s;
    c->idle_deaths = 0;
    if (p->alone) {
        if (!v.outside || ++p->kills > KILLS_MAX)
            return lose(c, p, v.reason, err);
        c->n_retried++;
        dcr_parcels_push_front(&b->alone, p);
        return DCR_OK;
    }
    s = give_back(c, p, i + 1, p->n, err);
    if (s == DCR_OK)
        s = give_back(c, p, 0, i, err);
    if (s == DCR_OK)
        s = set_alone(c, b, p, i, err);
    dcr_parcel_free(p);
    return s;
}

/* Any file of p may be to blame: each is read alone. */
static dcr_status take_apart(dcr_crew *c, dcr_berth *b, dcr_parcel *p, dcr_read reason,
                             dcr_err *err)
{
    dcr_status s = DCR_OK;
    if (p->alone)
        return lose(c, p, reason, err);
    for (size_t i = 0; s == DCR_OK && i < p->n; i++)
        s = set_alone(c, b, p, i, err);
    dcr_parcel_free(p);
    return s;
}

static dcr_status no_file_in_hand(dcr_crew *c, dcr_berth *b, dcr_parcel *p, bool begun,
                                  verdict v, dcr_err *err)
{
    if (p != NULL && begun && !v.outside && ++p->bad >= BAD_MAX)
        return take_apart(c, b, p, v.reason, err);
    if (p != NULL && p->alone)
        dcr_parcels_push_front(&b->alone, p);
    else if (p != NULL)
        dcr_parcels_push_front(&c->queue, p);
    if (++c->idle_deaths >= IDLE_DEATHS_MAX)
        return dcr_fail(err, DCR_EIO, NULL, "workers cannot run: %u died in a row",
                        c->idle_deaths);
    if (c->idle_deaths > IDLE_DEATHS_FREE)
        c->rest_until_ns = dcr_now_ns() + REST_NS;
    return DCR_OK;
}

static dcr_status settle(dcr_crew *c, dcr_berth *b, const dcr_slot *slot,
                         const dcr_death *d, dcr_err *err)
{
    uint64_t hand = __atomic_load_n(&slot->hand, __ATOMIC_ACQUIRE);
    uint32_t seq = (uint32_t)(hand >> 32), file = (uint32_t)hand;
    dcr_parcel *p = b->n_flight > 0 ? b->flight[0] : NULL;
    bool begun = p != NULL && seq == p->seq;
    verdict v = judge(b, slot, d);
    if (b->n_flight > 1)
        dcr_parcels_push_front(&c->queue, b->flight[1]);
    b->n_flight = 0;
    if (b->retired && p == NULL)
        return DCR_OK;
    if (p != NULL && b->spoiled)
        return take_apart(c, b, p, DCR_READ_CRASH, err);
    if (begun && file > 0 && file <= p->n)
        return suspect(c, b, p, file - 1, v, err);
    return no_file_in_hand(c, b, p, begun, v, err);
}

dcr_status dcr_crew_bury(dcr_crew *c, const dcr_death *d, dcr_err *err)
{
    dcr_berth *b = &c->berth[d->slot];
    const dcr_slot *slot = dcr_zygote_slot(&c->zygote, d->slot);
    dcr_status s;
    if (b->state == DCR_BERTH_EMPTY || d->life != b->life)
        return DCR_OK;
    /* It may have answered before it died. */
    b->state = DCR_BERTH_ENDING;
    s = dcr_berth_read(c, d->slot, err);
    dcr_berth_close(b);
    b->state = DCR_BERTH_EMPTY;
    return s != DCR_OK ? s : settle(c, b, slot, d, err);
}
