/* A reader that has read other files beside one that has read none: what both say of a
 * file, value by value, with all counts, shares and identifiers. */
#ifndef DCR_READER_DESK_H
#define DCR_READER_DESK_H

#include "dicom_bytes.h"

typedef struct desk { /* a reader with what it keeps */
    dcr_reader *reader;
    dcr_source src; /* guesses from file to file how much of it will be wanted */
    reading x;
} desk;

static inline void desk_clear(desk *d)
{
    dcr_reader_free(d->reader);
    dcr_source_clear(&d->src);
    reading_clear(&d->x);
    memset(d, 0, sizeof *d);
}

/* Nothing that was read helps with what comes: not even the item before. */
static inline dcr_status cold_value(void *ctx, uint32_t path, const char vr[2],
                                    const uint8_t *p, uint32_t n, uint32_t flags)
{
    reading *x = ctx;
    dcr_status s = line_value(ctx, path, vr, p, n, flags);
    dcr_pathtab_forget(&x->paths);
    return s;
}

static inline int desk_read(desk *d, int cold, const dcr_budget *budget, const void *p,
                            size_t n)
{
    dcr_sink sink = {&d->x, cold ? cold_value : line_value, line_again};
    int fd = memory_file(p, n), ok = 0;
    d->x.lines.n = 0;
    if (d->reader == NULL)
        d->reader = dcr_reader_new(budget, DCR_READER_STREAM);
    if (d->x.paths.n == 0 && !dcr_pathtab_init(&d->x.paths))
        return 0;
    if (d->reader != NULL && (d->src.buf != NULL || dcr_source_init(&d->src))) {
        dcr_source_start(&d->src, fd, n);
        ok = dcr_reader_file(d->reader, &d->src, &d->x.paths, &sink, &d->x.r) == DCR_OK &&
             d->x.r.unaccounted == 0;
    }
    close(fd);
    return ok;
}

static inline int same_reading(const reading *a, const reading *b)
{
    if (a->r.status != b->r.status || a->r.elements != b->r.elements ||
        a->r.private_elements != b->r.private_elements ||
        a->r.undecodable != b->r.undecodable || a->r.dicomdir != b->r.dicomdir ||
        memcmp(a->r.share, b->r.share, sizeof a->r.share) != 0 ||
        a->lines.n != b->lines.n ||
        (a->lines.n > 0 && memcmp(a->lines.p, b->lines.p, a->lines.n) != 0))
        return 0;
    for (int i = 0; i < DCR_ID_N; i++)
        if (a->r.id[i].n != b->r.id[i].n ||
            (a->r.id[i].n > 0 && memcmp(a->r.id[i].p, b->r.id[i].p, a->r.id[i].n) != 0))
            return 0;
    return 1;
}

/* Does the warm desk say of these bytes what a cold one says? */
static inline int as_cold(desk *warm, const dcr_budget *budget, const void *p, size_t n)
{
    desk cold = {0};
    int same, a = desk_read(warm, 0, budget, p, n), b = desk_read(&cold, 1, budget, p, n);
    same = a && b && same_reading(&warm->x, &cold.x);
    desk_clear(&cold);
    return same;
}

#endif
