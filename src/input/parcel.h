/* A parcel: files that go to one worker together. */
#ifndef DCR_PARCEL_H
#define DCR_PARCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_parcel {
    struct dcr_parcel *next;
    uint32_t n;
    uint32_t seq;   /* set when it is sent, another each time */
    uint32_t bad;   /* workers that died over it with no file in hand */
    uint32_t kills; /* workers killed from outside over it while it was alone */
    bool alone;     /* one file, for a worker that has read nothing before */
    uint64_t *id;   /* n, the caller's */
    size_t *start;  /* n + 1: where each path begins in text */
    char *text;     /* paths, each with its NUL */
} dcr_parcel;

/* Copies n files; NULL when no memory.  Give back with dcr_parcel_free. */
dcr_parcel *dcr_parcel_new(const char *const *path, const uint64_t *id, size_t n);
/* The files from .. to - 1 as a parcel of their own; NULL when no memory. */
dcr_parcel *dcr_parcel_slice(const dcr_parcel *p, size_t from, size_t to);
void dcr_parcel_free(dcr_parcel *p);

typedef struct dcr_parcels { /* a list, served from the front; zeroed is empty */
    dcr_parcel *first, *last;
} dcr_parcels;

void dcr_parcels_push_front(dcr_parcels *q, dcr_parcel *p);
void dcr_parcels_push_back(dcr_parcels *q, dcr_parcel *p);
dcr_parcel *dcr_parcels_pop(dcr_parcels *q); /* NULL when empty */
void dcr_parcels_clear(dcr_parcels *q);

#ifdef __cplusplus
}
#endif
#endif
