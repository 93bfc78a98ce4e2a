/* What a worker cannot do: each thing is tried in one, and in a process that is free, so
 * that a thing nobody can do here (in a container, say) is not taken for a proof. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "cage.h"
#include "reader.h"
#include "worker.h"

#include "fake_intake.h"

static char folder[] = "/tmp/dcmrisk-cage.XXXXXX", there[64], fresh[64];
static pid_t boss;

/* ---- things to do; true: it could be done ---- */

static bool opened(int fd)
{
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool open_socket(void)
{
    return opened(socket(AF_INET, SOCK_STREAM, 0));
}

static bool open_local_socket(void)
{
    return opened(socket(AF_UNIX, SOCK_DGRAM, 0));
}

static bool make_pair(void)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return false;
    close(pair[0]);
    close(pair[1]);
    return true;
}

static bool create_file(void)
{
    int fd = open(fresh, O_WRONLY | O_CREAT, 0600);
    unlink(fresh);
    return opened(fd);
}

static bool create_for_reading(void)
{
    int fd = open(fresh, O_RDONLY | O_CREAT, 0600);
    unlink(fresh);
    return opened(fd);
}

static bool write_file(void)
{
    int fd = open(there, O_WRONLY);
    bool done = fd >= 0 && write(fd, "x", 1) == 1;
    (void)opened(fd);
    return done;
}

static bool cut_file(void)
{
    return opened(open(there, O_RDONLY | O_TRUNC));
}

static bool truncate_by_name(void)
{
    return truncate(there, 1) == 0;
}

static bool nameless_file(void)
{
    return opened(open(folder, O_TMPFILE | O_RDWR, 0600));
}

static bool memory_file(void)
{
    return opened((int)syscall(SYS_memfd_create, "x", 0));
}

static bool open_otherwise(void) /* openat2, where there is one */
{
    uint64_t how[3] = {O_RDWR, 0, 0};
    return opened((int)syscall(437, AT_FDCWD, there, how, sizeof how));
}

static bool make_folder(void)
{
    bool done = mkdir(fresh, 0700) == 0;
    rmdir(fresh);
    return done;
}

static bool rename_file(void)
{
    return rename(there, fresh) == 0 && rename(fresh, there) == 0;
}

static bool link_file(void)
{
    bool done = symlink("/", fresh) == 0;
    unlink(fresh);
    return done;
}

static bool change_mode(void)
{
    return chmod(there, 0600) == 0;
}

static bool map_to_write(void)
{
    int fd = open(there, O_RDWR);
    void *p =
        fd < 0 ? MAP_FAILED : mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)opened(fd);
    return p != MAP_FAILED && munmap(p, 1) == 0;
}

static bool start_process(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

static bool start_program(void)
{
    char name[] = "true", *const argv[] = {name, NULL}, *const env[] = {NULL};
    int pipe_of[2], n;
    pid_t pid;
    if (boss != getpid()) { /* in a worker: it would be gone, and be called a crash */
        if (open_socket())
            return true; /* no cage: see test_cage */
        execve("/bin/true", argv, env);
        return false;
    }
    if (pipe2(pipe_of, O_CLOEXEC) != 0)
        return false;
    pid = fork();
    if (pid == 0) {
        execve("/bin/true", argv, env);
        _exit(write(pipe_of[1], "", 1) != 1);
    }
    close(pipe_of[1]);
    n = (int)read(pipe_of[0], &n, 1);
    close(pipe_of[0]);
    return pid > 0 && waitpid(pid, NULL, 0) == pid && n == 0;
}

static bool trace(void)
{
    int status = 1;
    pid_t pid;
    if (boss != getpid())
        return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
    pid = fork(); /* not to be traced by whoever runs the test */
    if (pid == 0)
        _exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool signal_another(void)
{
    return kill(boss, 0) == 0;
}

static bool look_into_another(void)
{
    char byte;
    struct iovec here = {&byte, 1}, far = {folder, 1};
    return syscall(SYS_process_vm_readv, boss, &here, 1ul, &far, 1ul, 0ul) == 1;
}

static int open_of_boss(const char *what)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)boss, what);
    return open(path, O_RDONLY);
}

static bool read_memory_of_another(void)
{
    char c = 0;
    int fd = open_of_boss("mem");
    bool done = fd >= 0 && pread(fd, &c, 1, (off_t)(uintptr_t)folder) == 1 && c == '/';
    (void)opened(fd);
    return done;
}

static bool read_environment_of_another(void)
{
    char c;
    int fd = open_of_boss("environ");
    bool done = fd >= 0 && read(fd, &c, 1) == 1;
    (void)opened(fd);
    return done;
}

static bool raise_limit(void)
{
    struct rlimit r;
    return getrlimit(RLIMIT_FSIZE, &r) == 0 && r.rlim_max == RLIM_INFINITY &&
           setrlimit(RLIMIT_FSIZE, &r) == 0;
}

static bool change_owner_of_process(void)
{
    return setuid(getuid()) == 0;
}

static bool control_device(void)
{
    int n;
    return syscall(SYS_ioctl, 0, 0x5421 /* FIONBIO */, &n) == 0;
}

enum { WRITE = 5, BY_LANDLOCK = 2 }; /* so many at the end */

static const struct {
    const char *name;
    bool (*done)(void);
} things[] = {
    {"socket", open_socket},
    {"local socket", open_local_socket},
    {"socket pair", make_pair},
    {"create", create_file},
    {"create for reading", create_for_reading},
    [WRITE] = {"write", write_file},
    {"cut", cut_file},
    {"truncate", truncate_by_name},
    {"nameless file", nameless_file},
    {"memory file", memory_file},
    {"openat2", open_otherwise},
    {"folder", make_folder},
    {"rename", rename_file},
    {"link", link_file},
    {"mode", change_mode},
    {"map", map_to_write},
    {"process", start_process},
    {"program", start_program},
    {"trace", trace},
    {"signal", signal_another},
    {"look", look_into_another},
    {"limit", raise_limit},
    {"owner", change_owner_of_process},
    {"device", control_device},
    {"memory by /proc", read_memory_of_another},
    {"environment by /proc", read_environment_of_another},
};

enum { THINGS = sizeof things / sizeof things[0] };

/* ---- in a worker ---- */

typedef struct shared { /* the worker's word */
    char inside[THINGS];
    char reads;
} shared;

static shared *word;

static dcr_status try_all(void *in, uint32_t index, const char *path, dcr_err *err)
{
    fake *f = in;
    int fd = open(there, O_RDONLY);
    char c;
    (void)err;
    (void)path;
    f->index[f->n++] = index;
    word->reads = fd >= 0 && read(fd, &c, 1) == 1;
    (void)opened(fd);
    for (size_t i = 0; i < THINGS; i++)
        word->inside[i] = things[i].done() ? 'y' : 'n';
    return DCR_OK;
}

static size_t one_file(void *ctx, size_t max, const char **path, uint64_t *id)
{
    size_t n = *(size_t *)ctx;
    (void)max;
    *path = there;
    *id = 0;
    *(size_t *)ctx = 0;
    return n;
}

static dcr_status answered(void *ctx, const dcr_batch *b, const uint64_t *ids,
                           size_t n_ids, dcr_err *err)
{
    (void)ctx, (void)b, (void)ids, (void)n_ids, (void)err;
    return DCR_OK;
}

static dcr_status lost(void *ctx, uint64_t id, dcr_read reason, dcr_err *err)
{
    (void)ctx, (void)id, (void)reason, (void)err;
    fail_msg("the worker died");
    return DCR_OK;
}

static bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0ul,
                   LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

static void test_cage(void **state)
{
    size_t n = 1, free_ones = 0,
           things_here = THINGS - (has_landlock() ? 0 : BY_LANDLOCK);
    dcr_crew_jobs jobs = {&n, one_file, NULL, answered, lost, NULL};
    dcr_crew_options o = {.jobs = 1, .memory_bytes = 64 << 20};
    dcr_worker_ops ops = fakes;
    dcr_crew_stats stats;
    dcr_crew *c;
    (void)state;
    ops.file = try_all;
    assert_int_equal(dcr_crew_start_ops(&c, &o, &ops, NULL), DCR_OK);
    assert_int_equal(dcr_crew_run(c, &jobs, NULL), DCR_OK);
    dcr_crew_stats_get(c, &stats);
    dcr_crew_stop(c);
    if (DCR_SANITIZED || stats.uncaged > 0) {
        print_message("system calls are not filtered here\n");
        assert_true(DCR_SANITIZED || word->inside[WRITE] == 'n'); /* limits hold */
        skip();
    }
    assert_true(word->reads);
    for (size_t i = 0; i < things_here; i++) {
        bool outside = things[i].done();
        free_ones += outside;
        if (word->inside[i] != 'n' || !outside)
            print_message("%s: outside %s, inside %c\n", things[i].name,
                          outside ? "yes" : "no", word->inside[i]);
        assert_int_equal(word->inside[i], 'n');
    }
    assert_true(free_ones > THINGS / 2); /* else it proves nothing */
}

/* A character set whose converter is loaded by iconv in the cage. */
static dcr_status convert(void *in, uint32_t index, const char *path, dcr_err *err)
{
    static const char want[] = "\xE3\x82\x84";
    fake *f = in;
    dcr_buf out = {0};
    dcr_charset *cs = dcr_charset_new((const uint8_t *)"\\ISO 2022 IR 87", 15);
    (void)path;
    (void)err;
    f->index[f->n++] = index;
    word->reads = dcr_charset_utf8(cs, "", (const uint8_t *)"\x1B$B$d\x1B(B", 8, &out) &&
                  out.n == 3 && memcmp(out.p, want, 3) == 0;
    dcr_charset_free(cs);
    dcr_buf_clear(&out);
    return DCR_OK;
}

static void test_converters_load(void **state)
{
    size_t n = 1;
    dcr_crew_jobs jobs = {&n, one_file, NULL, answered, lost, NULL};
    dcr_crew_options o = {.jobs = 1, .memory_bytes = 64 << 20};
    dcr_worker_ops ops = fakes;
    dcr_crew *c;
    (void)state;
    ops.file = convert;
    word->reads = 0;
    assert_int_equal(dcr_crew_start_ops(&c, &o, &ops, NULL), DCR_OK);
    assert_int_equal(dcr_crew_run(c, &jobs, NULL), DCR_OK);
    dcr_crew_stop(c);
    assert_true(word->reads);
}

static int setup(void **state)
{
    int fd;
    (void)state;
    boss = getpid();
    word = mmap(NULL, sizeof *word, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
    if (word == MAP_FAILED || mkdtemp(folder) == NULL)
        return -1;
    snprintf(there, sizeof there, "%s/there", folder);
    snprintf(fresh, sizeof fresh, "%s/fresh", folder);
    fd = open(there, O_WRONLY | O_CREAT, 0600);
    return fd >= 0 && write(fd, "abc", 3) == 3 && close(fd) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    unlink(there);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cage),
        cmocka_unit_test(test_converters_load),
    };
    dcr_reader_init();
    return cmocka_run_group_tests(tests, setup, teardown);
}
