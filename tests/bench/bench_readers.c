/* Times what reading the files of a list costs, alone and as layers upon each other.
 *
 * usage: bench_readers LIST [ROUNDS [LAYER]]      LIST: a file with a path in each line
 *
 * Prints the number of files, then a line for each layer: its name and the microseconds
 * of CPU a file that the cheapest of the rounds took (rounds take turns, so that a busy
 * moment falls on all).  The layers:
 *   bare          open, one read of 64 KiB, close: what no reader can be faster than
 *   reader        ours, bytes to values, without anywhere to send them
 *   worker        the same into a worker's batch, encoded for the wire
 *   dcmtk, dcmtk-worker   likewise with DCMTK's */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "deaf_sink.h"
#include "intake.h"
#include "reader.h"

enum { BATCH = 256 };

typedef struct files {
    char **path;
    size_t n, cap;
} files;

typedef bool layer(const files *f);

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool load(files *f, const char *list)
{
    char line[4096];
    FILE *in = fopen(list, "r");
    if (in == NULL)
        return false;
    while (fgets(line, sizeof line, in) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (!dcr_grow(&f->path, &f->cap, f->n + 1, sizeof *f->path))
            break;
        f->path[f->n++] = dcr_strndup(line, strlen(line));
    }
    fclose(in);
    return f->n > 0;
}

static bool bare(const files *f)
{
    static char room[65536];
    for (size_t i = 0; i < f->n; i++) {
        int fd = open(f->path[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0 || read(fd, room, sizeof room) < 0)
            return false;
        close(fd);
    }
    return true;
}

static bool tags_with(const files *f, dcr_reader_kind kind)
{
    dcr_reader *r = dcr_reader_new(NULL, kind);
    dcr_pathtab paths;
    dcr_source src;
    dcr_reading out = {0};
    struct stat st;
    bool ok = r != NULL && dcr_pathtab_init(&paths) && dcr_source_init(&src);
    for (size_t i = 0; ok && i < f->n; i++) {
        int fd = open(f->path[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) != 0)
            return false;
        dcr_source_start(&src, fd, (uint64_t)st.st_size);
        ok = dcr_reader_file(r, &src, &paths, &deaf_sink, &out) == DCR_OK;
        close(fd);
    }
    dcr_reader_free(r);
    dcr_pathtab_clear(&paths);
    dcr_source_clear(&src);
    dcr_reading_clear(&out);
    return ok;
}

static bool tags(const files *f)
{
    return tags_with(f, DCR_READER_STREAM);
}

static bool tags_dcmtk(const files *f)
{
    return tags_with(f, DCR_READER_DCMTK);
}

static bool intake_with(const files *f, dcr_reader_kind kind)
{
    dcr_intake *in = NULL;
    dcr_buf out = {0};
    dcr_status rc = dcr_intake_new(&in, kind, NULL, NULL, 0, NULL);
    for (size_t i = 0; rc == DCR_OK && i < f->n; i++) {
        rc = dcr_intake_file(in, (uint32_t)(i % BATCH), f->path[i], NULL);
        if (rc == DCR_OK && (i % BATCH == BATCH - 1 || i + 1 == f->n)) {
            out.n = 0;
            rc = dcr_intake_take(in, &out, NULL);
        }
    }
    dcr_buf_clear(&out);
    dcr_intake_free(in);
    return rc == DCR_OK;
}

static bool stream(const files *f)
{
    return intake_with(f, DCR_READER_STREAM);
}

static bool dcmtk(const files *f)
{
    return intake_with(f, DCR_READER_DCMTK);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        layer *run;
    } layers[] = {{"bare", bare},
                  {"reader", tags},
                  {"dcmtk", tags_dcmtk},
                  {"worker", stream},
                  {"dcmtk-worker", dcmtk}};
    enum { N = sizeof layers / sizeof layers[0] };
    double least[N] = {0};
    long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 3;
    files f = {0};
    if (argc < 2 || !load(&f, argv[1])) {
        fprintf(stderr, "usage: bench_readers LIST [ROUNDS]\n");
        return 2;
    }
    dcr_reader_init();
    for (long k = 0; k < rounds; k++)
        for (size_t i = 0; i < N; i++) {
            double before = cpu(), took;
            if (argc > 3 && strcmp(argv[3], layers[i].name) != 0)
                continue;
            if (!layers[i].run(&f)) {
                fprintf(stderr, "bench_readers: %s failed\n", layers[i].name);
                return 1;
            }
            took = cpu() - before;
            if (least[i] == 0 || took < least[i])
                least[i] = took;
        }
    printf("files %zu\n", f.n);
    for (size_t i = 0; i < N; i++)
        printf("%s %.3f\n", layers[i].name, 1e6 * least[i] / (double)f.n);
    return 0;
}
