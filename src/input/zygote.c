#include "zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"

enum { CONTROL_FD = 3, OP_SPAWN = 1, OP_KILL, OP_DIED, OP_UNBORN };

typedef struct message { /* one packet on the control socket; a spawn carries a descriptor
                          */
    uint32_t op, slot, life;
    int32_t status;
} message;

int64_t dcr_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- packets ----------------------------------------------------------------------- */

typedef union fd_room { /* aligned as the kernel wants it */
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
} fd_room;

static bool send_message(int to, const message *m, int fd)
{
    message copy = *m;
    fd_room room;
    struct iovec v = {&copy, sizeof copy};
    struct msghdr h;
    ssize_t n;
    memset(&h, 0, sizeof h);
    h.msg_iov = &v;
    h.msg_iovlen = 1;
    if (fd >= 0) {
        struct cmsghdr *c;
        memset(&room, 0, sizeof room);
        h.msg_control = &room;
        h.msg_controllen = sizeof room;
        c = CMSG_FIRSTHDR(&h);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    do
        n = sendmsg(to, &h, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof copy;
}

/* 1 for a message, 0 when there is none now, -1 when the other end is gone. */
static int take_message(int from, message *m, int *fd)
{
    fd_room room;
    struct iovec v = {m, sizeof *m};
    struct msghdr h;
    const struct cmsghdr *c;
    ssize_t n;
    memset(&h, 0, sizeof h);
    h.msg_iov = &v;
    h.msg_iovlen = 1;
    h.msg_control = &room;
    h.msg_controllen = sizeof room;
    *fd = -1;
    do
        n = recvmsg(from, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    if (n != (ssize_t)sizeof *m)
        return -1;
    c = CMSG_FIRSTHDR(&h);
    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(c), sizeof *fd);
    return 1;
}

/* ---- inside the zygote ------------------------------------------------------------- */

typedef struct nest { /* the zygote's own view */
    const dcr_zygote_options *o;
    const dcr_zygote *z;
    pid_t *pid; /* by slot, 0 when nobody lives there */
    uint32_t *life;
    sigset_t open; /* signal mask outside of the critical part */
} nest;

static void on_child(int sig)
{
    (void)sig; /* only wakes ppoll */
}

static void close_from(int first)
{
    if (close_range((unsigned)first, ~0u, 0) != 0) {
        struct rlimit r;
        int last = getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < 65536
                       ? (int)r.rlim_cur
                       : 65536;
        for (int fd = first; fd < last; fd++)
            close(fd);
    }
}

/* Keeps `fd` as number `at` and closes the rest.  Standard streams lead nowhere: parsers
 * love to print what they read.  Sanitizers keep theirs for their reports. */
static void keep_only(int fd, int at)
{
    int high = fcntl(fd, F_DUPFD, at + 1);
    int null = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++)
        if (null >= 0 && !(i == 2 && DCR_SANITIZED))
            dup2(null, i);
    if (high < 0 || dup2(high, at) != at)
        _exit(1); /* lint: ok, a child process */
    close_from(at + 1);
}

/* The user's signals are for the supervisor, which decides; deaths are seen by their
 * parent. */
static void own_signals(void)
{
    static const int deaf[] = {SIGINT,  SIGQUIT, SIGTERM, SIGHUP,
                               SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM};
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_handler = SIG_IGN;
    for (size_t i = 0; i < sizeof deaf / sizeof deaf[0]; i++)
        sigaction(deaf[i], &a, NULL);
}

static void name_myself(const char *name)
{
    prctl(PR_SET_NAME, name);
}

/* When memory runs out the kernel should take a worker, never the supervisor. */
static void volunteer(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (write(fd, "500", 3) != 3)
            errno = 0;
        close(fd);
    }
}

/* A worker can write to its own page only, whatever goes wild in it. */
static void hide_other_slots(const dcr_zygote *z, unsigned mine)
{
    if (mine > 0)
        munmap(z->shared, z->page * mine);
    if (mine + 1 < z->jobs)
        munmap(z->shared + z->page * (mine + 1), z->page * (z->jobs - mine - 1));
}

static void be_worker(const nest *n, unsigned slot, int fd, pid_t parent)
{
    dcr_toil t;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0); /* lint: ok, a child process */
    name_myself("dcmrisk-worker");
    keep_only(fd, DCR_TOIL_FD);
    volunteer();
    hide_other_slots(n->z, slot);
    sigprocmask(SIG_SETMASK, &n->open, NULL);
    t.ops = n->o->ops;
    t.slot = dcr_zygote_slot(n->z, slot);
    t.budget = n->o->budget;
    t.keep = n->o->keep;
    t.n_keep = n->o->n_keep;
    t.memory_bytes = n->o->memory_bytes;
    t.cpu_seconds = n->o->cpu_seconds;
    dcr_toil_run(&t);
}

static bool spawn(nest *n, const message *m, int fd)
{
    pid_t parent = getpid(), pid = -1;
    message reply = *m;
    if (fd >= 0 && n->pid[m->slot] == 0)
        pid = fork();
    if (pid == 0)
        be_worker(n, m->slot, fd, parent);
    if (fd >= 0)
        close(fd);
    if (pid > 0) {
        n->pid[m->slot] = pid;
        n->life[m->slot] = m->life;
        return true;
    }
    reply.op = OP_UNBORN;
    return send_message(CONTROL_FD, &reply, -1);
}

static void settle(const nest *n, unsigned slot, const struct rusage *u)
{
    dcr_slot *s = dcr_zygote_slot(n->z, slot);
    uint64_t ns = (uint64_t)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000000u +
                  (uint64_t)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) * 1000u;
    uint64_t peak = (uint64_t)u->ru_maxrss * 1024;
    __atomic_store_n(&s->cpu_ns, 0, __ATOMIC_RELAXED);
    __atomic_add_fetch(&s->dead_ns, ns, __ATOMIC_RELAXED);
    if (peak > __atomic_load_n(&s->peak_bytes, __ATOMIC_RELAXED))
        __atomic_store_n(&s->peak_bytes, peak, __ATOMIC_RELAXED);
}

static bool bury(nest *n)
{
    struct rusage u;
    int status;
    pid_t pid;
    while ((pid = wait4(-1, &status, WNOHANG, &u)) > 0) {
        for (unsigned i = 0; i < n->z->jobs; i++) {
            message m = {OP_DIED, i, n->life[i], status};
            if (n->pid[i] != pid)
                continue;
            n->pid[i] = 0;
            settle(n, i, &u);
            if (!send_message(CONTROL_FD, &m, -1))
                return false;
        }
    }
    return true;
}

static bool obey(nest *n)
{
    message m = {0};
    int fd, got;
    while ((got = take_message(CONTROL_FD, &m, &fd)) > 0) {
        bool ok = m.slot < n->z->jobs;
        if (ok && m.op == OP_SPAWN)
            ok = spawn(n, &m, fd);
        else if (ok && m.op == OP_KILL && n->pid[m.slot] > 0 && n->life[m.slot] == m.life)
            kill(n->pid[m.slot], SIGKILL);
        if (!ok)
            return false;
    }
    return got == 0;
}

static void end_all(const nest *n)
{
    int64_t until = dcr_now_ns() + 2000000000;
    struct timespec nap = {0, 1000000};
    pid_t pid = 0;
    for (unsigned i = 0; i < n->z->jobs; i++)
        if (n->pid[i] > 0)
            kill(n->pid[i], SIGKILL);
    /* One that hangs in the kernel (a dead network disk) is left to init. */
    while (pid >= 0 && dcr_now_ns() < until) {
        pid = waitpid(-1, NULL, WNOHANG);
        if (pid == 0)
            nanosleep(&nap, NULL);
    }
}

static void be_zygote(const dcr_zygote *z, const dcr_zygote_options *o, int fd,
                      pid_t parent)
{
    nest n = {o, z, NULL, NULL, {{0}}};
    struct rlimit no_core = {0, 0};
    struct sigaction a;
    sigset_t block;
    struct pollfd p = {CONTROL_FD, POLLIN, 0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0); /* lint: ok, a child process */
    name_myself("dcmrisk-zygote");
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    setrlimit(RLIMIT_CORE, &no_core);
    keep_only(fd, CONTROL_FD);
    own_signals();
    memset(&a, 0, sizeof a);
    a.sa_handler = on_child;
    sigaction(SIGCHLD, &a, NULL);
    sigemptyset(&n.open);
    sigemptyset(&block);
    sigaddset(&block, SIGCHLD);
    sigprocmask(SIG_SETMASK, &block, NULL);
    n.pid = dcr_alloc(o->jobs, sizeof *n.pid);
    n.life = dcr_alloc(o->jobs, sizeof *n.life);
    if (n.pid != NULL && n.life != NULL) {
        if (o->ops->init != NULL)
            o->ops->init();
        while (bury(&n) && obey(&n))
            ppoll(&p, 1, NULL, &n.open); /* a child's end breaks it */
        end_all(&n);
    }
    _exit(0); /* lint: ok, a child process */
}

/* ---- the supervisor's side --------------------------------------------------------- */

static dcr_status no_system(dcr_err *err, const char *what)
{
    return dcr_fail(err, DCR_EIO, NULL, "cannot make workers: %s: %s", what,
                    strerror(errno));
}

dcr_status dcr_zygote_start(dcr_zygote *z, const dcr_zygote_options *o, dcr_err *err)
{
    int ends[2];
    pid_t parent = getpid();
    void *p;
    memset(z, 0, sizeof *z);
    z->fd = -1;
    z->jobs = o->jobs;
    z->page = (size_t)sysconf(_SC_PAGESIZE);
    p = mmap(NULL, z->page * z->jobs, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
             -1, 0);
    if (p == MAP_FAILED)
        return no_system(err, "mmap");
    z->shared = p;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        dcr_status s = no_system(err, "socketpair");
        dcr_zygote_stop(z);
        return s;
    }
    z->fd = ends[0];
    z->pid = fork();
    if (z->pid == 0)
        be_zygote(z, o, ends[1], parent);
    close(ends[1]);
    if (z->pid < 0) {
        dcr_status s = no_system(err, "fork");
        z->pid = 0;
        dcr_zygote_stop(z);
        return s;
    }
    return DCR_OK;
}

void dcr_zygote_stop(dcr_zygote *z)
{
    int64_t until = dcr_now_ns() + 4000000000;
    struct timespec nap = {0, 1000000};
    if (z->shared == NULL)
        return;
    if (z->fd >= 0)
        close(z->fd); /* that is its sign to end */
    while (z->pid > 0) {
        pid_t got = waitpid(z->pid, NULL, WNOHANG);
        if (got == z->pid || (got < 0 && errno != EINTR))
            break;
        if (dcr_now_ns() > until)
            kill(z->pid, SIGKILL);
        nanosleep(&nap, NULL);
    }
    munmap(z->shared, z->page * z->jobs);
    memset(z, 0, sizeof *z);
    z->fd = -1;
}

static dcr_status gone(dcr_err *err)
{
    return dcr_fail(err, DCR_EIO, NULL, "the process that makes workers has ended");
}

dcr_status dcr_zygote_spawn(dcr_zygote *z, unsigned i, uint32_t life, int fd,
                            dcr_err *err)
{
    message m = {OP_SPAWN, i, life, 0};
    return send_message(z->fd, &m, fd) ? DCR_OK : gone(err);
}

dcr_status dcr_zygote_kill(dcr_zygote *z, unsigned i, uint32_t life, dcr_err *err)
{
    message m = {OP_KILL, i, life, 0};
    return send_message(z->fd, &m, -1) ? DCR_OK : gone(err);
}

dcr_status dcr_zygote_death(dcr_zygote *z, dcr_death *d, bool *any, dcr_err *err)
{
    message m = {0};
    int fd, got = take_message(z->fd, &m, &fd);
    if (fd >= 0)
        close(fd);
    *any = got > 0;
    if (got < 0 ||
        (got > 0 && (m.slot >= z->jobs || (m.op != OP_DIED && m.op != OP_UNBORN))))
        return gone(err);
    if (got > 0) {
        d->slot = m.slot;
        d->life = m.life;
        d->born = m.op == OP_DIED;
        d->status = m.status;
    }
    return DCR_OK;
}
