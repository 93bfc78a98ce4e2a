/* A worker's work for test_worker.c: the path says what happens to the worker that reads
 * it. */
#ifndef DCR_TEST_FAKE_INTAKE_H
#define DCR_TEST_FAKE_INTAKE_H

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alloc.h"
#include "worker.h"

typedef struct fake {
    uint32_t index[DCR_CREW_BATCH];
    uint32_t n;
    bool garbage, twice, die_in_take;
    size_t bytes;
} fake;

static volatile unsigned sink; /* keeps the compiler from being clever */

static dcr_status fake_make(void **out, const dcr_budget *budget, const char *const *keep,
                            size_t n_keep, dcr_err *err)
{
    (void)budget;
    (void)keep;
    (void)n_keep;
    *out = dcr_alloc(1, sizeof(fake));
    return *out == NULL ? dcr_nomem(err) : DCR_OK;
}

static inline dcr_status make_dies(void **out, const dcr_budget *budget,
                                   const char *const *keep, size_t n_keep, dcr_err *err)
{
    (void)out;
    (void)budget;
    (void)keep;
    (void)n_keep;
    (void)err;
    _exit(9); /* lint: ok, the worker under test */
}

static unsigned dive(unsigned depth)
{
    volatile char frame[4096];
    frame[0] = (char)depth;
    if (depth > 0)
        frame[1] = (char)dive(depth - 1);
    return (unsigned)frame[0] + sink;
}

static dcr_status eat(dcr_err *err)
{
    for (;;) {
        char *p = dcr_alloc(1 << 20, 1);
        if (p == NULL)
            return dcr_nomem(err);
        memset(p, 1, 1 << 20);
    }
}

static void eat_and_fall(void)
{
    for (;;) {
        char *p = dcr_alloc(1 << 20, 1);
        *(volatile char *)p = 1; /* falls over NULL, as parsers do */
    }
}

static void count_fds(void)
{
    /* 0, 1, 2, the one to the supervisor, and the folder being read. */
    DIR *d = opendir("/proc/self/fd");
    unsigned n = 0;
    while (d != NULL && readdir(d) != NULL)
        n++;
    if (d != NULL)
        closedir(d);
    if (n != 2 + 5)
        abort();
}

static dcr_status fake_file(void *in, uint32_t index, const char *path, dcr_err *err)
{
    fake *f = in;
    f->index[f->n++] = index;
    f->bytes += 100;
    if (strncmp(path, "ok", 2) == 0)
        return DCR_OK;
    if (strncmp(path, "nap", 3) == 0)
        usleep(1000);
    else if (strncmp(path, "crash", 5) == 0)
        *(volatile int *)(uintptr_t)(sink + 8) = 1;
    else if (strncmp(path, "abort", 5) == 0)
        abort();
    else if (strncmp(path, "deep", 4) == 0)
        sink += dive(1u << 20);
    else if (strncmp(path, "spin", 4) == 0)
        while (sink == 0)
            continue;
    else if (strncmp(path, "sleep", 5) == 0)
        for (;;)
            pause();
    else if (strncmp(path, "eat", 3) == 0)
        return eat(err);
    else if (strncmp(path, "fall", 4) == 0)
        eat_and_fall();
    else if (strncmp(path, "exit0", 5) == 0)
        exit(0); /* lint: ok, the worker under test */
    else if (strncmp(path, "close", 5) == 0) {
        close(DCR_TOIL_FD);
        pause();
    } else if (strncmp(path, "chatter", 7) == 0)
        sink += (unsigned)send(DCR_TOIL_FD, path, 7, MSG_NOSIGNAL);
    else if (strncmp(path, "killed", 6) == 0)
        kill(getpid(), SIGKILL);
    else if (strncmp(path, "garbage", 7) == 0)
        f->garbage = true;
    else if (strncmp(path, "twice", 5) == 0)
        f->twice = true;
    else if (strncmp(path, "late", 4) == 0)
        f->die_in_take = true;
    else if (strncmp(path, "fds", 3) == 0)
        count_fds();
    else if (strncmp(path, "big", 3) == 0)
        f->bytes += 1000;
    return DCR_OK;
}

static size_t fake_bytes(const void *in)
{
    const fake *f = in;
    return f->bytes;
}

static dcr_status fake_take(void *in, dcr_buf *out, dcr_err *err)
{
    fake *f = in;
    (void)err;
    if (f->die_in_take)
        abort();
    if (f->twice)
        f->index[0] =
            f->index[f->n - 1] == f->index[0] ? f->index[0] + 1 : f->index[f->n - 1];
    dcr_buf_varint(out, f->garbage ? 1u << 20 : f->n);
    for (uint32_t i = 0; i < f->n; i++)
        dcr_buf_varint(out, f->index[i]);
    memset(f, 0, sizeof *f);
    return DCR_OK;
}

static dcr_status fake_decode(dcr_batch *b, const uint8_t *p, size_t n, dcr_err *err)
{
    const uint8_t *end = p + n;
    uint64_t v;
    if (!dcr_varint_get(&p, end, &v) || v > n)
        return dcr_fail(err, DCR_EFORMAT, NULL, "not a batch");
    b->n_files = (uint32_t)v;
    b->files = dcr_alloc(b->n_files, sizeof *b->files);
    b->owner = b->files;
    if (b->files == NULL)
        return dcr_nomem(err);
    for (uint32_t i = 0; i < b->n_files; i++) {
        if (!dcr_varint_get(&p, end, &v))
            return dcr_fail(err, DCR_EFORMAT, NULL, "not a batch");
        b->files[i].index = (uint32_t)v;
    }
    return DCR_OK;
}

static void fake_clear(dcr_batch *b)
{
    dcr_free(b->owner);
    memset(b, 0, sizeof *b);
}

static const dcr_worker_ops fakes = {NULL,      fake_make,   fake_file,  fake_bytes,
                                     fake_take, fake_decode, fake_clear, 64 << 20};

#endif
