/* The worker's side: reads batches of paths, answers with what the intake made of them.
 */
#include "zygote.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "alloc.h"
#include "cage.h"

enum {
    STACK_BYTES = 64 << 20, /* the same everywhere, whatever ulimit says */
    GUARD_BYTES = 16 << 20, /* no frame leaps over it */
    SIGNAL_STACK = 64 << 10,
    KEEP_BUFFER = 4 << 20
};

/* What the signal handler needs; a worker is one thread. */
static dcr_slot *my_slot;
static const dcr_toil *my_toil;
static uintptr_t guard_from, guard_to;
static char signal_stack[SIGNAL_STACK];

static void die(dcr_read cause)
{
    __atomic_store_n(&my_slot->cause, (uint32_t)cause, __ATOMIC_RELEASE);
    _exit(1); /* lint: ok, a child process */
}

/* ---- signals and limits ------------------------------------------------------------ */

/* A parser that has run out of memory often falls over the NULL it got. */
static bool out_of_memory(void)
{
    size_t n = 4 << 20;
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return true;
    munmap(p, n);
    return false;
}

static void on_fatal(int sig, siginfo_t *info, void *context)
{
    uintptr_t at = (uintptr_t)info->si_addr;
    (void)context;
    if (sig == SIGPROF || sig == SIGXCPU)
        die(DCR_READ_TIME);
    if ((sig == SIGSEGV || sig == SIGBUS) && info->si_code > 0 && at >= guard_from &&
        at < guard_to)
        die(DCR_READ_DEPTH);
    die(out_of_memory() ? DCR_READ_MEMORY : DCR_READ_CRASH);
}

static void catch_signals(void)
{
    static const int fatal[] = {SIGSEGV, SIGBUS,  SIGILL,  SIGFPE, SIGABRT,
                                SIGSYS,  SIGTRAP, SIGPROF, SIGXCPU};
    stack_t st;
    struct sigaction a;
    memset(&st, 0, sizeof st);
    st.ss_sp = signal_stack;
    st.ss_size = sizeof signal_stack;
    sigaltstack(&st, NULL);
    memset(&a, 0, sizeof a);
    a.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &a, NULL);
    a.sa_handler = NULL;
    a.sa_sigaction = on_fatal;
    a.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigfillset(&a.sa_mask);
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++)
        sigaction(fatal[i], &a, NULL);
}

/* Address space is not bounded: mapped files cost nothing.  Data is, and the stack is
 * part of it. */
static void bound_memory(uint64_t bytes)
{
    struct rlimit r;
    if (DCR_SANITIZED || bytes == 0 || getrlimit(RLIMIT_DATA, &r) != 0)
        return;
    if (bytes > RLIM_INFINITY - STACK_BYTES - 1)
        return;
    bytes += STACK_BYTES;
    if (r.rlim_max == RLIM_INFINITY || bytes < r.rlim_max)
        r.rlim_cur = bytes;
    setrlimit(RLIMIT_DATA, &r);
}

/* Sets the clock back for the next file.  Arming costs a call of the kernel, so a file
 * may go on with what the ones before it left of the time: 99 % of it at least, for no
 * more of the CPU than of the clock on the wall can have gone. */
static void start_cpu_clock(double seconds)
{
    static int64_t armed_ns;
    struct itimerval t;
    int64_t now = dcr_now_ns();
    if (!(seconds > 0) || (armed_ns != 0 && (double)(now - armed_ns) < seconds * 1e7))
        return;
    armed_ns = now;
    memset(&t, 0, sizeof t);
    t.it_value.tv_sec = (time_t)seconds;
    t.it_value.tv_usec = (suseconds_t)((seconds - (double)t.it_value.tv_sec) * 1e6);
    if (t.it_value.tv_sec == 0 && t.it_value.tv_usec == 0)
        t.it_value.tv_usec = 1;
    setitimer(ITIMER_PROF, &t, NULL);
}

/* ---- batches ----------------------------------------------------------------------- */

static void set_hand(uint32_t seq, uint32_t file_1)
{
    /* The time first: whoever reads an old hand with a new time is only patient. */
    __atomic_store_n(&my_slot->since_ns, dcr_now_ns(), __ATOMIC_RELEASE);
    __atomic_store_n(&my_slot->hand, (uint64_t)seq << 32 | file_1, __ATOMIC_RELEASE);
}

/* False when the supervisor is gone; nothing is left to do then. */
static bool receive(void *to, size_t n)
{
    char *p = to;
    while (n > 0) {
        ssize_t got = recv(DCR_TOIL_FD, p, n, MSG_WAITALL);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static bool deliver(const void *from, size_t n, int flags)
{
    const char *p = from;
    while (n > 0) {
        ssize_t put = send(DCR_TOIL_FD, p, n, MSG_NOSIGNAL | flags);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        p += put;
        n -= (size_t)put;
    }
    return true;
}

static uint32_t read_files(void *in, const dcr_request *q, const char *path)
{
    const dcr_toil *t = my_toil;
    uint32_t i = 0;
    while (i < q->n_files) {
        dcr_err err = {0};
        set_hand(q->seq, i + 1);
        start_cpu_clock(t->cpu_seconds);
        if (t->ops->file(in, i, path, &err) != DCR_OK)
            die(err.code == DCR_ENOMEM ? DCR_READ_MEMORY : DCR_READ_CRASH);
        i++;
        path += strlen(path) + 1;
        if (t->ops->bytes(in) > t->ops->early_bytes)
            break;
    }
    set_hand(q->seq, 0);
    return i;
}

static void tell_usage(void)
{
    struct timespec t;
    struct rusage u;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    __atomic_store_n(&my_slot->cpu_ns,
                     (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec,
                     __ATOMIC_RELAXED);
    if (getrusage(RUSAGE_SELF, &u) == 0 &&
        (uint64_t)u.ru_maxrss * 1024 >
            __atomic_load_n(&my_slot->peak_bytes, __ATOMIC_RELAXED))
        __atomic_store_n(&my_slot->peak_bytes, (uint64_t)u.ru_maxrss * 1024,
                         __ATOMIC_RELAXED);
}

static bool serve(void *in, dcr_buf *paths, dcr_buf *out)
{
    dcr_request q;
    dcr_answer a;
    dcr_err err = {0};
    if (!receive(&q, sizeof q) || q.magic != DCR_MAGIC_BATCH)
        return false;
    set_hand(q.seq, 0);
    if (!dcr_grow(&paths->p, &paths->cap, (size_t)q.bytes, 1))
        die(DCR_READ_MEMORY);
    if (!receive(paths->p, (size_t)q.bytes))
        return false;
    memset(&a, 0, sizeof a);
    a.magic = DCR_MAGIC_ANSWER;
    a.seq = q.seq;
    a.done = read_files(in, &q, paths->p);
    out->n = 0;
    if (my_toil->ops->take(in, out, &err) != DCR_OK || out->failed)
        die(err.code == DCR_ENOMEM || out->failed ? DCR_READ_MEMORY : DCR_READ_CRASH);
    a.bytes = out->n;
    tell_usage();
    if (!deliver(&a, sizeof a, MSG_MORE) || !deliver(out->p, out->n, 0))
        return false;
    if (out->cap > KEEP_BUFFER)
        dcr_buf_clear(out);
    return true;
}

static void work(void)
{
    dcr_buf paths = {0}, out = {0};
    dcr_err err = {0};
    void *in = NULL;
    if (my_toil->ops->make(&in, &my_toil->budget, my_toil->keep, my_toil->n_keep, &err) !=
        DCR_OK)
        die(DCR_READ_MEMORY);
    if (!dcr_cage_enter())
        __atomic_add_fetch(&my_slot->uncaged, 1, __ATOMIC_RELAXED);
    while (serve(in, &paths, &out))
        continue;
    _exit(0); /* lint: ok, a child process; what it holds goes with it */
}

/* ---- the stack --------------------------------------------------------------------- */

/* Sanitizers know their own stacks only: there the main one is widened, and its end
 * guessed. */
static void work_on_main_stack(void)
{
    struct rlimit r;
    char here;
    uintptr_t at = (uintptr_t)&here, slack = 8 << 20;
    if (getrlimit(RLIMIT_STACK, &r) == 0) {
        if (r.rlim_max == RLIM_INFINITY || r.rlim_max >= STACK_BYTES)
            r.rlim_cur = STACK_BYTES;
        setrlimit(RLIMIT_STACK, &r);
        if (r.rlim_cur < at) {
            guard_from = at - r.rlim_cur - slack;
            guard_to = at - r.rlim_cur + slack;
        }
    }
    work();
}

static void work_on_own_stack(void)
{
    static ucontext_t there, back;
    char *p = mmap(NULL, (size_t)GUARD_BYTES + STACK_BYTES, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (p == MAP_FAILED ||
        mprotect(p + GUARD_BYTES, STACK_BYTES, PROT_READ | PROT_WRITE) != 0 ||
        getcontext(&there) != 0)
        die(DCR_READ_MEMORY);
    guard_from = (uintptr_t)p;
    guard_to = guard_from + GUARD_BYTES;
    there.uc_stack.ss_sp = p + GUARD_BYTES;
    there.uc_stack.ss_size = STACK_BYTES;
    there.uc_link = &back;
    makecontext(&there, work, 0);
    swapcontext(&back, &there);
}

void dcr_toil_run(const dcr_toil *t)
{
    my_toil = t;
    my_slot = t->slot;
    catch_signals();
    bound_memory(t->memory_bytes);
    if (DCR_SANITIZED)
        work_on_main_stack();
    else
        work_on_own_stack();
    _exit(1); /* lint: ok, a child process */
}
