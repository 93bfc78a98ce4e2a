/* A disk that fails, for tests: loaded before the program (LD_PRELOAD), it makes calls on
 * files whose path holds FAULT_FILE end with the number FAULT_ERRNO:
 *
 *   FAULT_CALL=read      every read
 *   FAULT_CALL=open      every open
 *   FAULT_CALL=write     the FAULT_AT-th write, of which half is done, and all behind it
 *   FAULT_CALL=sync      the FAULT_AT-th fsync, and all behind it
 *   FAULT_CALL=rename    done, and yet told as a failure: what a lost answer of NFS does
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *call = "", *file;
static int number = EIO;
static long at, seen;

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("FAULT_CALL");
    call = text == NULL ? "" : text;
    file = getenv("FAULT_FILE");
    text = getenv("FAULT_ERRNO");
    number = text == NULL ? EIO : atoi(text);
    text = getenv("FAULT_AT");
    at = text == NULL ? 1 : atol(text);
}

static int meant(const char *what, const char *path)
{
    return file != NULL && strcmp(call, what) == 0 && strstr(path, file) != NULL;
}

static int meant_fd(const char *what, int fd)
{
    char link[64], path[4096];
    ssize_t n;
    if (file == NULL || strcmp(call, what) != 0)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    if (n < 0)
        return 0;
    path[n] = '\0';
    return meant(what, path);
}

static int fail(void)
{
    errno = number;
    return -1;
}

/* The next definition of a function of that name. */
#define REAL(name, type)                                                                 \
    static __typeof__(type) real;                                                        \
    if (real == NULL) {                                                                  \
        void *p = dlsym(RTLD_NEXT, name);                                                \
        memcpy(&real, &p, sizeof real);                                                  \
    }

#define PREAD(name, offset)                                                              \
    ssize_t name(int fd, void *to, size_t n, offset from)                                \
    {                                                                                    \
        REAL(#name, ssize_t (*)(int, void *, size_t, offset))                            \
        return meant_fd("read", fd) ? fail() : real(fd, to, n, from);                    \
    }
PREAD(pread, off_t)
PREAD(pread64, off64_t)

#define PWRITE(name, offset)                                                             \
    ssize_t name(int fd, const void *p, size_t n, offset to)                             \
    {                                                                                    \
        REAL(#name, ssize_t (*)(int, const void *, size_t, offset))                      \
        if (meant_fd("write", fd) && ++seen >= at) {                                     \
            ssize_t half = seen == at ? real(fd, p, n / 2, to) : 0;                      \
            return half > 0 ? half : fail();                                             \
        }                                                                                \
        return real(fd, p, n, to);                                                       \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define SYNC(name)                                                                       \
    int name(int fd)                                                                     \
    {                                                                                    \
        REAL(#name, int (*)(int))                                                        \
        return meant_fd("sync", fd) && ++seen >= at ? fail() : real(fd);                 \
    }
SYNC(fsync)
SYNC(fdatasync)

#define OPEN(name)                                                                       \
    int name(const char *path, int flags, ...)                                           \
    {                                                                                    \
        int mode = 0;                                                                    \
        REAL(#name, int (*)(const char *, int, ...))                                     \
        if (flags & O_CREAT) {                                                           \
            va_list ap;                                                                  \
            va_start(ap, flags);                                                         \
            mode = va_arg(ap, int);                                                      \
            va_end(ap);                                                                  \
        }                                                                                \
        return meant("open", path) && !(flags & O_PATH) ? fail()                         \
                                                        : real(path, flags, mode);       \
    }
OPEN(open)
OPEN(open64)

/* As a fortified program calls it. */
#define OPEN_2(name, plain)                                                              \
    int name(const char *path, int flags);                                               \
    int name(const char *path, int flags)                                                \
    {                                                                                    \
        return plain(path, flags);                                                       \
    }
OPEN_2(__open_2, open)
OPEN_2(__open64_2, open64)

int rename(const char *from, const char *to)
{
    REAL("rename", int (*)(const char *, const char *))
    int done = real(from, to);
    return done == 0 && meant("rename", to) ? fail() : done;
}
