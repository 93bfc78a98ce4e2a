#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alloc.h"
#include "crew_impl.h"

enum {
    READ_CHUNK = 256 << 10,
    KEEP_BUFFER = 4 << 20,
    ANSWER_MAX = 1 << 30 /* no honest answer comes near */
};

dcr_status dcr_berth_open(dcr_crew *c, unsigned i, dcr_err *err)
{
    dcr_berth *b = &c->berth[i];
    dcr_slot *slot = dcr_zygote_slot(&c->zygote, i);
    dcr_status s;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return dcr_fail(err, DCR_EIO, NULL, "cannot make workers: socketpair: %s",
                        strerror(errno));
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        close(ends[0]);
        close(ends[1]);
        return dcr_fail(err, DCR_EIO, NULL, "cannot make workers: fcntl: %s",
                        strerror(errno));
    }
    __atomic_store_n(&slot->hand, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->cause, 0, __ATOMIC_RELAXED);
    b->life++;
    if (b->life > 1)
        c->n_restarts++;
    s = dcr_zygote_spawn(&c->zygote, i, b->life, ends[1], err);
    close(ends[1]);
    if (s != DCR_OK) {
        close(ends[0]);
        return s;
    }
    b->fd = ends[0];
    b->state = DCR_BERTH_LIVE;
    b->virgin = true;
    b->retired = b->spoiled = b->late = b->eof = b->eof_kill = false;
    return DCR_OK;
}

dcr_status dcr_berth_kill(dcr_crew *c, unsigned i, dcr_err *err)
{
    c->berth[i].state = DCR_BERTH_ENDING;
    return dcr_zygote_kill(&c->zygote, i, c->berth[i].life, err);
}

void dcr_berth_close(dcr_berth *b)
{
    if (b->fd >= 0)
        close(b->fd);
    b->fd = -1;
    dcr_buf_clear(&b->out);
    b->out_at = 0;
    dcr_free(b->in);
    b->in = NULL;
    b->n_in = b->cap_in = 0;
}

void dcr_berth_flush(dcr_berth *b)
{
    while (b->fd >= 0 && b->out_at < b->out.n) {
        ssize_t n = send(b->fd, b->out.p + b->out_at, b->out.n - b->out_at,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0)
            b->out_at += (size_t)n;
        else if (n < 0 && errno != EINTR)
            return; /* full, or dead: the burial tells which */
    }
    b->out.n = 0;
    b->out_at = 0;
}

dcr_status dcr_berth_send(dcr_crew *c, unsigned i, dcr_parcel *p, dcr_err *err)
{
    dcr_berth *b = &c->berth[i];
    dcr_request q;
    memset(&q, 0, sizeof q);
    c->seq = c->seq == UINT32_MAX ? 1 : c->seq + 1;
    p->seq = c->seq;
    q.magic = DCR_MAGIC_BATCH;
    q.seq = p->seq;
    q.n_files = p->n;
    q.bytes = p->start[p->n];
    if (b->n_flight == 0)
        b->fed_ns = dcr_now_ns();
    b->flight[b->n_flight++] = p; /* ours from here on */
    b->virgin = false;
    dcr_buf_add(&b->out, &q, sizeof q);
    dcr_buf_add(&b->out, p->text, (size_t)q.bytes);
    if (b->out.failed)
        return dcr_nomem(err);
    dcr_berth_flush(b);
    return DCR_OK;
}

/* ---- answers ----------------------------------------------------------------------- */

static bool makes_sense(const dcr_batch *b, uint32_t n)
{
    bool seen[DCR_CREW_BATCH] = {false};
    if (b->n_files != n)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t x = b->files[i].index;
        if (x >= n || seen[x])
            return false;
        seen[x] = true;
    }
    return true;
}

static dcr_status give_back_rest(dcr_crew *c, const dcr_parcel *p, uint32_t done,
                                 dcr_err *err)
{
    dcr_parcel *rest;
    if (done == p->n)
        return DCR_OK;
    rest = dcr_parcel_slice(p, done, p->n);
    if (rest == NULL)
        return dcr_nomem(err);
    dcr_parcels_push_front(&c->queue, rest);
    return DCR_OK;
}

/* One answer; a senseless one is left to the burial. */
static dcr_status take_answer(dcr_crew *c, unsigned i, const dcr_answer *a,
                              const char *body, dcr_err *err)
{
    dcr_berth *b = &c->berth[i];
    dcr_parcel *p = b->n_flight > 0 ? b->flight[0] : NULL;
    dcr_batch batch;
    dcr_err why = {0};
    dcr_status s;
    if (p == NULL || a->seq != p->seq || a->done == 0 || a->done > p->n) {
        b->spoiled = true;
        return DCR_OK;
    }
    memset(&batch, 0, sizeof batch);
    s = c->ops->decode(&batch, (const uint8_t *)body, (size_t)a->bytes, &why);
    if (s == DCR_ENOMEM)
        return dcr_nomem(err);
    if (s != DCR_OK || !makes_sense(&batch, a->done)) {
        b->spoiled = true;
        s = DCR_OK;
    } else {
        s = c->jobs->done(c->jobs->ctx, &batch, p->id, a->done, err);
        if (s == DCR_OK)
            s = give_back_rest(c, p, a->done, err);
        c->n_batches++;
        c->idle_deaths = 0;
        b->n_flight--;
        b->flight[0] = b->flight[1];
        b->fed_ns = dcr_now_ns();
        dcr_parcel_free(p);
    }
    c->ops->clear(&batch);
    return s;
}

/* Hands out what is complete. */
static dcr_status take_answers(dcr_crew *c, unsigned i, dcr_err *err)
{
    dcr_berth *b = &c->berth[i];
    size_t at = 0;
    dcr_status s = DCR_OK;
    while (s == DCR_OK && !b->spoiled && b->n_in - at >= sizeof(dcr_answer)) {
        dcr_answer a;
        memcpy(&a, b->in + at, sizeof a);
        if (a.magic != DCR_MAGIC_ANSWER || a.bytes > ANSWER_MAX) {
            b->spoiled = true;
            break;
        }
        if (b->n_in - at - sizeof a < a.bytes)
            break;
        s = take_answer(c, i, &a, b->in + at + sizeof a, err);
        at += sizeof a + (size_t)a.bytes;
    }
    if (at > 0) {
        b->n_in -= at;
        memmove(b->in, b->in + at, b->n_in);
    }
    if (b->n_in == 0 && b->cap_in > KEEP_BUFFER) {
        dcr_free(b->in);
        b->in = NULL;
        b->cap_in = 0;
    }
    return s;
}

dcr_status dcr_berth_read(dcr_crew *c, unsigned i, dcr_err *err)
{
    dcr_berth *b = &c->berth[i];
    dcr_status s = DCR_OK;
    while (s == DCR_OK && b->fd >= 0 && !b->eof && !b->spoiled) {
        ssize_t n;
        if (!dcr_grow(&b->in, &b->cap_in, b->n_in + READ_CHUNK, 1))
            return dcr_nomem(err);
        n = recv(b->fd, b->in + b->n_in, b->cap_in - b->n_in, MSG_DONTWAIT);
        if (n > 0) {
            b->n_in += (size_t)n;
            s = take_answers(c, i, err);
        } else if (n == 0 ||
                   (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
            b->eof = true;
            b->eof_ns = dcr_now_ns();
        } else if (errno != EINTR) {
            break;
        }
    }
    if (s == DCR_OK && b->spoiled && b->state == DCR_BERTH_LIVE)
        s = dcr_berth_kill(c, i, err);
    return s;
}
