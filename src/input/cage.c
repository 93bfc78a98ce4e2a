#include "cage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "zygote.h"

enum { FDS = 64 }; /* a file, and what iconv loads */

/* Whatever its arguments: nothing outside of the process changes by it.  A name that this
 * machine or this library does not know is left out. */
static const char *const harmless[] = {
    /* reading */
    "read", "pread64", "readv", "preadv", "lseek", "_llseek", "fadvise64",
    "arm_fadvise64_64", "fadvise64_64", "close", "fstat", "fstat64", "newfstatat",
    "fstatat64", "stat", "stat64", "lstat", "lstat64", "statx", "access", "faccessat",
    "faccessat2", "readlink", "readlinkat", "getdents64", "getcwd",
    /* memory */
    "brk", "mmap", "mmap2", "munmap", "mprotect", "mremap", "madvise",
    /* time and signals to oneself */
    "clock_gettime", "clock_gettime64", "gettimeofday", "time", "times", "getrusage",
    "setitimer", "nanosleep", "clock_nanosleep", "clock_nanosleep_time64", "pause",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "sigaltstack",
    "restart_syscall", "futex", "futex_time64", "sched_yield", "poll", "ppoll",
    /* who am I */
    "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "uname",
    "sysinfo", "getrandom", "getrlimit", "ugetrlimit", "sched_getaffinity",
    /* the answer and the end; the only socket is the one to the supervisor */
    "recvfrom", "recvmsg", "recv", "sendto", "sendmsg", "send", "exit", "exit_group"};

typedef struct guarded {
    const char *call;
    unsigned arg;
    enum scmp_compare op;
    scmp_datum_t mask, value;
} guarded;

static bool allow(scmp_filter_ctx *f, const char *call, unsigned n, struct scmp_arg_cmp a)
{
    int number = seccomp_syscall_resolve_name(call), rc;
    if (number == __NR_SCMP_ERROR)
        return true;
    rc = n == 0 ? seccomp_rule_add(f, SCMP_ACT_ALLOW, number, 0)
                : seccomp_rule_add_array(f, SCMP_ACT_ALLOW, number, n, &a);
    return rc == 0 || rc == -EDOM; /* another machine's call */
}

/* Calls that are harmless with some arguments only. */
static bool allow_guarded(scmp_filter_ctx *f)
{
    const scmp_datum_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
    const scmp_datum_t me = (scmp_datum_t)getpid();
    const guarded list[] = {
        {"open", 1, SCMP_CMP_MASKED_EQ, writing, O_RDONLY},
        {"openat", 2, SCMP_CMP_MASKED_EQ, writing, O_RDONLY},
        {"write", 0, SCMP_CMP_LE, DCR_TOIL_FD, 0}, /* /dev/null, and the supervisor */
        {"writev", 0, SCMP_CMP_LE, DCR_TOIL_FD, 0},
        {"fcntl", 1, SCMP_CMP_EQ, F_GETFD, 0},
        {"fcntl", 1, SCMP_CMP_EQ, F_SETFD, 0},
        {"fcntl", 1, SCMP_CMP_EQ, F_GETFL, 0},
        {"fcntl64", 1, SCMP_CMP_EQ, F_GETFD, 0},
        {"fcntl64", 1, SCMP_CMP_EQ, F_SETFD, 0},
        {"fcntl64", 1, SCMP_CMP_EQ, F_GETFL, 0},
        {"kill", 0, SCMP_CMP_EQ, me, 0},
        {"tgkill", 0, SCMP_CMP_EQ, me, 0},
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        const guarded *g = &list[i];
        struct scmp_arg_cmp a = {g->arg, g->op, g->mask, g->value};
        if (!allow(f, g->call, 1, a))
            return false;
    }
    return true;
}

/* What is not allowed is refused, not fatal: a library that asks for more than it needs
 * goes on without. */
static bool filter_calls(void)
{
    static const struct scmp_arg_cmp none;
    scmp_filter_ctx *f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool ok = f != NULL;
    if (ok) /* a tree, where the library can (2.5): the order of calls says nothing */
        (void)seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; ok && i < sizeof harmless / sizeof harmless[0]; i++)
        ok = allow(f, harmless[i], 0, none);
    ok = ok && allow_guarded(f) && seccomp_load(f) == 0;
    if (f != NULL)
        seccomp_release(f);
    return ok;
}

/* Whoever lives in a domain looks into no process outside of it, root or not: the calls
 * for that are refused by the filter, but /proc/PID/mem and environ are files to read.
 * Files themselves may all be read: inputs lie anywhere and links lead out of their
 * folders (DataLad), so no list of folders is right.  Truncation is left to the filter:
 * handled here, each opening of a file would cost a walk up its path. */
static void enter_domain(void)
{
    const struct landlock_ruleset_attr refused = {
        .handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                             LANDLOCK_ACCESS_FS_REMOVE_DIR |
                             LANDLOCK_ACCESS_FS_REMOVE_FILE |
                             LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                             LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                             LANDLOCK_ACCESS_FS_MAKE_FIFO |
                             LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM};
    int fd = (int)syscall(SYS_landlock_create_ruleset, &refused, sizeof refused, 0);
    if (fd < 0)
        return; /* before Linux 5.13, or turned off */
    (void)syscall(SYS_landlock_restrict_self, fd, 0);
    close(fd);
}

/* Of root's powers a worker keeps the one to read any file: with the others it could,
 * where nothing else forbids it, look into processes all the same. */
static void drop_powers(void)
{
    const uint32_t kept = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH;
    struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct powers[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &h, powers) != 0)
        return;
    powers[0].effective &= kept;
    powers[0].permitted &= kept;
    powers[0].inheritable = 0;
    memset(&powers[1], 0, sizeof powers[1]);
    (void)syscall(SYS_capset, &h, powers);
}

static void limit(int what, rlim_t n)
{
    struct rlimit r = {n, n};
    (void)setrlimit(what, &r); /* a lower one that is there already is as good */
}

bool dcr_cage_enter(void)
{
    if (DCR_SANITIZED)
        return false;
    signal(SIGXFSZ, SIG_IGN); /* writing is refused, not fatal */
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, FDS);
    limit(RLIMIT_NPROC, 0);
    limit(RLIMIT_MSGQUEUE, 0);
    limit(RLIMIT_MEMLOCK, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    drop_powers();
    enter_domain();
    return filter_calls();
}

const char *dcr_cage_library(void)
{
    static char text[32];
    const struct scmp_version *v = seccomp_version();
    snprintf(text, sizeof text, "%u.%u.%u", v->major, v->minor, v->micro);
    return text;
}
