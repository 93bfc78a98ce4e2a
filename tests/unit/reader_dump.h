/* What a reader says of the files of a list on standard input, for oracles to compare: of
 * each its values and attributes, or what its bytes are.  A file that takes more than
 * CPU_SECONDS (60) ends the process that reads it, and the next one goes on. */
#ifndef READER_DUMP_H
#define READER_DUMP_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "deaf_sink.h"
#include "dicom_bytes.h"
#include "hash.h"
#include "intake.h"
#include "wire.h"

static void print_bytes(const uint8_t *p, uint32_t n)
{
    for (uint32_t i = 0; i < n && i < 400; i++) {
        if (p[i] > 0x20 && p[i] < 0x7F && p[i] != '%')
            putchar(p[i]);
        else
            printf("%%%02X", p[i]);
    }
    if (n > 400)
        printf("...%u:%016llx", n, (unsigned long long)dcr_hash64(p, n));
}

static void print_string(const dcr_batch *b, uint32_t s)
{
    print_bytes(b->strings[s].p, b->strings[s].n);
}

static void print_batch(const dcr_batch *b)
{
    const dcr_batch_file *f = &b->files[0];
    printf("F %s %s %u %u %u %016llx\n", dcr_file_kind_name((dcr_file_kind)f->kind),
           dcr_read_name((dcr_read)f->status), f->elements, f->private_elements,
           f->undecodable, (unsigned long long)f->sop[0]);
    for (uint32_t i = 0; i < b->n_units; i++) {
        const dcr_batch_unit *u = &b->units[i];
        const uint32_t part[] = {u->patient_id, u->issuer, u->study_uid, u->series_uid,
                                 u->stand_in};
        printf("U");
        for (size_t k = 0; k < 5; k++) {
            printf(" ");
            print_string(b, part[k]);
        }
        printf("\n");
    }
    for (uint32_t i = 0; i < b->n_facts; i++) {
        const dcr_batch_attr *a = &b->attrs[b->facts[i].attr];
        const dcr_batch_value *v = &b->values[b->facts[i].value];
        printf("V ");
        print_string(b, a->path);
        printf(" %s %u ", a->vr, v->flags);
        print_string(b, v->bytes);
        printf("\n");
    }
    for (uint32_t i = 0; i < b->n_rollups; i++) {
        const dcr_batch_rollup *r = &b->rollups[i];
        printf("R ");
        print_string(b, b->attrs[r->attr].path);
        printf(" %s %llu ", b->attrs[r->attr].vr, (unsigned long long)r->files);
        print_string(b, r->min);
        printf(" ");
        print_string(b, r->max);
        printf(" %016llx\n", (unsigned long long)dcr_hash64((const uint8_t *)r->hashes,
                                                            r->n_hashes * 8));
    }
}

static int dump_file(const char *path)
{
    static dcr_intake *in; /* as in a worker, one for many files */
    dcr_buf out = {0};
    dcr_batch b;
    int code = 1;
    if ((in != NULL || dcr_intake_new(&in, reader_kind, NULL, NULL, 0, NULL) == DCR_OK) &&
        dcr_intake_file(in, 0, path, NULL) == DCR_OK &&
        dcr_intake_take(in, &out, NULL) == DCR_OK &&
        dcr_wire_decode(&b, (const uint8_t *)out.p, out.n, NULL) == DCR_OK) {
        print_batch(&b);
        dcr_batch_clear(&b);
        code = 0;
    }
    dcr_buf_clear(&out);
    return code;
}

/* The shares of the file's bytes, and whether they are all of it. */
static int account_file(const char *path)
{
    static dcr_reader *r; /* as in a worker, one for many files */
    dcr_reading out = {0};
    dcr_pathtab paths = {0};
    dcr_source src;
    struct stat st;
    int code = 1, fd = open(path, O_RDONLY);
    if (r == NULL)
        r = dcr_reader_new(NULL, reader_kind);
    if (fd >= 0 && fstat(fd, &st) == 0 && dcr_source_init(&src)) {
        dcr_source_start(&src, fd, (uint64_t)st.st_size);
        if (r != NULL && dcr_pathtab_init(&paths) &&
            dcr_reader_file(r, &src, &paths, &deaf_sink, &out) == DCR_OK) {
            printf("B %s %lld", dcr_read_name((dcr_read)out.status),
                   (long long)st.st_size);
            for (int i = 0; i < DCR_SHARE_N; i++)
                printf(" %llu", (unsigned long long)out.share[i]);
            printf(" %llu\n", (unsigned long long)out.unaccounted);
            code = 0;
        }
        dcr_pathtab_clear(&paths);
        dcr_source_clear(&src);
    }
    dcr_reading_clear(&out);
    if (fd >= 0)
        close(fd);
    return code;
}

typedef struct list {
    char **name;
    size_t n, cap;
} list;

static int read_list(list *l)
{
    char line[8192];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (!dcr_grow(&l->name, &l->cap, l->n + 1, sizeof *l->name) ||
            (l->name[l->n++] = dcr_strndup(line, strlen(line))) == NULL)
            return 0;
    }
    return 1;
}

/* Files in a process of their own, which ends with the first that kills a parser. */
static void dump_from(const list *l, volatile size_t *at, int (*file)(const char *path))
{
    struct itimerval t = {{0, 0}, {0, 0}};
    const char *seconds = getenv("CPU_SECONDS");
    struct rusage u;
    t.it_value.tv_sec = seconds == NULL ? 60 : atoi(seconds); /* as a worker is ended */
    for (; *at < l->n; ++*at) {
        printf("# %s\n", l->name[*at]);
        fflush(stdout); /* who dies says of what */
        setitimer(ITIMER_PROF, &t, NULL);
        if (file(l->name[*at]) != 0)
            printf("D -1\n");
        fflush(stdout);
    }
    getrusage(RUSAGE_SELF, &u);
    fprintf(stderr, "peak %ld KiB\n", u.ru_maxrss);
    _exit(0);
}

static int dump(int (*file)(const char *path))
{
    list l = {NULL, 0, 0};
    size_t *at =
        mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED || !read_list(&l))
        return 1;
    while (*at < l.n) {
        int state = 0;
        pid_t pid = fork();
        if (pid == 0)
            dump_from(&l, at, file);
        if (pid < 0 || waitpid(pid, &state, 0) != pid)
            return 1;
        if (state == 0)
            continue;
        printf("D %d\n", WIFSIGNALED(state) ? WTERMSIG(state) : -1);
        fflush(stdout);
        ++*at;
    }
    for (size_t i = 0; i < l.n; i++)
        dcr_free(l.name[i]);
    dcr_free(l.name);
    return 0;
}

#endif
