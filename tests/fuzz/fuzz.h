/* What the fuzzing harnesses share.  Each is one file, fuzz_<name>.c, with the entry
 * point of libFuzzer, which AFL++ takes too; `make fuzz` finds it by its name.
 * fuzz_seeds.sh makes what it starts from. */
#ifndef DCR_FUZZ_H
#define DCR_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* What must hold whatever the bytes are. */
#define MUST(x)                                                                          \
    do {                                                                                 \
        if (!(x))                                                                        \
            abort();                                                                     \
    } while (0)

/* A file of these bytes, at its begin; close it. */
static inline int memory_file(const uint8_t *p, size_t n)
{
    int fd = memfd_create("fuzz", 0);
    MUST(fd >= 0);
    for (size_t at = 0; at < n;) {
        ssize_t k = write(fd, p + at, n - at);
        MUST(k > 0);
        at += (size_t)k;
    }
    MUST(lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

/* Its name, to be opened by. */
static inline const char *name_of(int fd, char name[32])
{
    snprintf(name, 32, "/proc/self/fd/%d", fd);
    return name;
}

#endif
