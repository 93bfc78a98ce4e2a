/* Inside of worker.c, crew_slot.c and crew_death.c; nobody else's. */
#ifndef DCR_CREW_IMPL_H
#define DCR_CREW_IMPL_H

#include <stdbool.h>

#include "parcel.h"
#include "worker.h"
#include "zygote.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_IN_FLIGHT = 2 }; /* one parcel in hand and one waiting at the worker's door */

typedef enum dcr_berth_state {
    DCR_BERTH_EMPTY = 0, /* nobody lives here */
    DCR_BERTH_LIVE,
    DCR_BERTH_ENDING /* told to end, not buried yet: gets no work */
} dcr_berth_state;

typedef struct dcr_berth { /* the supervisor's view of one worker */
    dcr_berth_state state;
    uint32_t life;      /* how many lived here */
    int fd;             /* -1 when closed */
    bool virgin;        /* has been given nothing yet */
    bool retired;       /* ended by us, between parcels */
    bool spoiled;       /* what it sent makes no sense */
    bool late;          /* killed by us over a file that took too long */
    bool eof;           /* has closed its end */
    bool eof_kill;      /* and lived on, so that we killed it */
    uint64_t late_hand; /* what it had in hand then */
    int64_t eof_ns, fed_ns;
    dcr_parcel *flight[DCR_IN_FLIGHT]; /* sent and not answered, in order */
    size_t n_flight;
    dcr_parcels alone; /* to be read one by one, each by a new worker of this berth */
    dcr_buf out;       /* requests that are not sent yet */
    size_t out_at;
    char *in; /* of an answer */
    size_t n_in, cap_in;
} dcr_berth;

struct dcr_crew {
    dcr_zygote zygote;
    const dcr_worker_ops *ops;
    dcr_crew_options o;
    dcr_berth *berth;          /* o.jobs */
    dcr_parcels queue;         /* given back by the dead; served before next() */
    const dcr_crew_jobs *jobs; /* of the run */
    bool exhausted;            /* next() has no more */
    uint32_t seq;
    unsigned idle_deaths;  /* in a row, with no file in hand */
    int64_t rest_until_ns; /* no new workers before: something is wrong */
    int64_t awake_ns; /* waiting before does not count: the supervisor was not there */
    uint64_t n_batches, n_restarts, n_retried;
};

/* crew_slot.c: talking to one worker. */
DCR_MUST_USE dcr_status dcr_berth_open(dcr_crew *c, unsigned i, dcr_err *err);
DCR_MUST_USE dcr_status dcr_berth_send(dcr_crew *c, unsigned i, dcr_parcel *p,
                                       dcr_err *err);
DCR_MUST_USE dcr_status dcr_berth_kill(dcr_crew *c, unsigned i, dcr_err *err);
void dcr_berth_flush(dcr_berth *b);
/* Reads what has come and hands out complete answers. */
DCR_MUST_USE dcr_status dcr_berth_read(dcr_crew *c, unsigned i, dcr_err *err);
void dcr_berth_close(dcr_berth *b);

/* crew_death.c: who is to blame, and what is read again. */
DCR_MUST_USE dcr_status dcr_crew_bury(dcr_crew *c, const dcr_death *d, dcr_err *err);

#ifdef __cplusplus
}
#endif
#endif
