/* The crew under files that crash, hang, eat memory, lie; and under kills. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "num.h"
#include "worker.h"

#include "fake_intake.h"

/* ---- a run over a list of paths ---------------------------------------------------- */

enum { FILES_MAX = 10000 };

typedef struct run {
    const char *path[FILES_MAX];
    size_t n, at;
    unsigned answered[FILES_MAX], lost[FILES_MAX];
    dcr_read why[FILES_MAX];
    unsigned ticks, batches;
    size_t largest;
    dcr_crew_options o;
    dcr_worker_ops ops;
    bool guided;
    size_t stop_at, fail_at; /* sets stop, fails done, after so many files */
    int kill_zygote;
    size_t n_done;
    dcr_status status;
    dcr_err err;
    dcr_crew_stats stats;
} run;

static volatile int stop;

static size_t next(void *ctx, size_t max, const char **path, uint64_t *id)
{
    run *r = ctx;
    size_t n = 0;
    for (; n < max && r->at < r->n; n++, r->at++) {
        path[n] = r->path[r->at];
        id[n] = r->at;
    }
    return n;
}

static uint64_t remaining(void *ctx)
{
    const run *r = ctx;
    return r->n - r->at;
}

static pid_t child_of(pid_t parent, unsigned which);

static dcr_status done(void *ctx, const dcr_batch *b, const uint64_t *ids, size_t n_ids,
                       dcr_err *err)
{
    run *r = ctx;
    assert_int_equal(b->n_files, n_ids);
    for (uint32_t i = 0; i < b->n_files; i++)
        r->answered[ids[b->files[i].index]]++;
    r->batches++;
    r->n_done += n_ids;
    if (n_ids > r->largest)
        r->largest = n_ids;
    if (r->stop_at > 0 && r->n_done >= r->stop_at)
        stop = 1;
    if (r->kill_zygote && r->n_done > 10)
        kill(child_of(getpid(), 0), SIGKILL);
    if (r->fail_at > 0 && r->n_done >= r->fail_at)
        return dcr_fail(err, DCR_EIO, NULL, "disk full");
    return DCR_OK;
}

static dcr_status lost(void *ctx, uint64_t id, dcr_read reason, dcr_err *err)
{
    run *r = ctx;
    (void)err;
    r->lost[id]++;
    r->why[id] = reason;
    return DCR_OK;
}

static void tick(void *ctx)
{
    ((run *)ctx)->ticks++;
}

static run *new_run(size_t n, unsigned jobs, const char *usual)
{
    run *r = dcr_alloc(1, sizeof *r);
    assert_non_null(r);
    r->n = n;
    for (size_t i = 0; i < n; i++)
        r->path[i] = usual;
    r->o.jobs = jobs;
    r->o.wall_seconds = 20;
    r->o.cpu_seconds = 20;
    r->o.memory_bytes = 64 << 20;
    r->o.stop = &stop;
    r->ops = fakes;
    stop = 0;
    return r;
}

static void go(run *r)
{
    dcr_crew_jobs jobs = {r, next, r->guided ? remaining : NULL, done, lost, tick};
    dcr_crew *c;
    assert_int_equal(dcr_crew_start_ops(&c, &r->o, &r->ops, &r->err), DCR_OK);
    r->status = dcr_crew_run(c, &jobs, &r->err);
    dcr_crew_stop(NULL);
    dcr_crew_stats_get(c, &r->stats);
    dcr_crew_stop(c);
}

/* Everything is answered once, but the files `bad` .. which are lost for a reason. */
static void check(const run *r, const char *bad, dcr_read why)
{
    assert_int_equal(r->status, DCR_OK);
    for (size_t i = 0; i < r->n; i++) {
        bool is_bad = bad != NULL && strcmp(r->path[i], bad) == 0;
        assert_int_equal(r->answered[i], !is_bad);
        assert_int_equal(r->lost[i], is_bad);
        if (is_bad)
            assert_string_equal(dcr_read_name(r->why[i]), dcr_read_name(why));
    }
}

/* ---- processes --------------------------------------------------------------------- */

static pid_t parent_of(const char *pid, char *state)
{
    char name[300], text[512];
    const char *p;
    uint64_t v = 0;
    ssize_t n;
    int fd;
    snprintf(name, sizeof name, "/proc/%s/stat", pid);
    fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n < 0 ? 0 : n] = '\0';
    p = strrchr(text, ')');
    if (p == NULL || strlen(p) < 5)
        return 0;
    *state = p[2];
    for (p += 4; *p >= '0' && *p <= '9'; p++)
        v = v * 10 + (uint64_t)(*p - '0');
    return (pid_t)v;
}

/* A child of a process, 0 when there are not so many. */
static pid_t child_of(pid_t parent, unsigned which)
{
    DIR *d = opendir("/proc");
    const struct dirent *e;
    pid_t found = 0;
    assert_non_null(d);
    while (found == 0 && (e = readdir(d)) != NULL) {
        char state;
        uint64_t pid;
        if (dcr_num_u64(e->d_name, 1, INT32_MAX, &pid) &&
            parent_of(e->d_name, &state) == parent && which-- == 0)
            found = (pid_t)pid;
    }
    closedir(d);
    return found;
}

static int nobody_left(void **state)
{
    (void)state;
    assert_int_equal(child_of(getpid(), 0), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    return 0;
}

/* ---- tests ------------------------------------------------------------------------- */

static void all_are_answered(void **state)
{
    static const unsigned jobs[] = {1, 2, 8};
    (void)state;
    for (size_t j = 0; j < 3; j++) {
        run *r = new_run(1000, jobs[j], "ok");
        r->path[500] = "fds"; /* aborts when something leaked into the worker */
        go(r);
        check(r, NULL, DCR_READ_OK);
        assert_int_equal(r->stats.restarts, 0);
        assert_int_equal(r->stats.batches, 4);
        dcr_free(r);
    }
}

static void nothing_to_do(void **state)
{
    run *r = new_run(0, 2, NULL);
    (void)state;
    go(r);
    check(r, NULL, DCR_READ_OK);
    dcr_free(r);
}

static void many_files_flow(void **state)
{
    run *r = new_run(FILES_MAX, 4, "ok");
    (void)state;
    r->guided = true;
    go(r);
    check(r, NULL, DCR_READ_OK);
    assert_int_equal(r->largest, DCR_CREW_BATCH);
    assert_true(r->batches > 45 && r->batches < 120);
    dcr_free(r);
}

static void bad_files_with(const char *bad, dcr_read why, double wall, double cpu,
                           unsigned jobs)
{
    run *r = new_run(600, jobs, "ok");
    r->path[0] = r->path[77] = r->path[78] = r->path[599] = bad;
    r->o.wall_seconds = wall;
    r->o.cpu_seconds = cpu;
    go(r);
    check(r, bad, why);
    dcr_free(r);
}

static void bad_files(const char *bad, dcr_read why)
{
    bad_files_with(bad, why, 20, 20, 1);
    bad_files_with(bad, why, 20, 20, 3);
}

static void a_crash_is_known(void **state)
{
    (void)state;
    bad_files("crash", DCR_READ_CRASH);
}

static void an_abort_is_known(void **state)
{
    (void)state;
    bad_files("abort", DCR_READ_CRASH);
}

static void an_exit_is_known(void **state)
{
    (void)state;
    bad_files("exit0", DCR_READ_CRASH);
}

static void a_stack_overflow_is_known(void **state)
{
    (void)state;
    bad_files_with("deep", DCR_READ_DEPTH, 20, 20, 2);
}

static void a_long_wait_is_cut(void **state)
{
    (void)state;
    bad_files_with("sleep", DCR_READ_TIME, 0.15, 20, 4);
}

static void a_long_loop_is_cut(void **state)
{
    (void)state;
    bad_files_with("spin", DCR_READ_TIME, DCR_SANITIZED ? 0.3 : 20, 0.1, 4);
}

static void memory_is_bounded(void **state)
{
    (void)state;
    if (DCR_SANITIZED)
        skip(); /* has no bound there */
    bad_files_with("eat", DCR_READ_MEMORY, 20, 20, 2);
    bad_files_with("fall", DCR_READ_MEMORY, 20, 20, 2);
}

static void lies_are_found(void **state)
{
    (void)state;
    bad_files_with("chatter", DCR_READ_CRASH, 20, 20, 2);
    bad_files_with("garbage", DCR_READ_CRASH, 20, 20, 2);
    bad_files_with("twice", DCR_READ_CRASH, 20, 20, 2);
}

static void a_closed_line_is_found(void **state)
{
    run *r = new_run(20, 2, "ok");
    (void)state;
    r->path[7] = "close";
    go(r);
    check(r, "close", DCR_READ_CRASH);
    dcr_free(r);
}

static void a_death_while_answering_is_found(void **state)
{
    run *r = new_run(30, 2, "ok");
    (void)state;
    r->path[13] = "late";
    go(r);
    check(r, "late", DCR_READ_CRASH);
    dcr_free(r);
}

static void repeated_kills_are_the_files_fault(void **state)
{
    run *r = new_run(300, 2, "ok");
    (void)state;
    r->path[41] = "killed";
    go(r);
    check(r, "killed", DCR_READ_MEMORY);
    assert_int_equal(r->stats.retried, 4);
    dcr_free(r);
}

static void every_file_bad(void **state)
{
    run *r = new_run(300, 2, "abort");
    (void)state;
    go(r);
    check(r, "abort", DCR_READ_CRASH);
    dcr_free(r);
}

static void kill_at_random(pid_t boss)
{
    pid_t zygote = 0;
    unsigned seed = 12345;
    for (unsigned tries = 0; zygote == 0 && tries < 1000; tries++) {
        for (unsigned i = 0; i < 4; i++) {
            pid_t p = child_of(boss, i);
            if (p != getpid() && p > 0)
                zygote = p;
        }
        usleep(500);
    }
    for (unsigned kills = 0, tries = 0; kills < 20 && tries < 2000; tries++) {
        pid_t worker;
        seed = seed * 1103515245u + 12345u;
        /* The oldest, so that four are killed before its heir is: a file that meets four
         * kills alone is held to be their cause. */
        worker = child_of(zygote, 0);
        if (worker > 0 && kill(worker, SIGKILL) == 0)
            kills++;
        usleep(2000 + (seed >> 16) % 12000);
    }
}

static void random_kills_change_nothing(void **state)
{
    pid_t boss = getpid(), killer = fork();
    run *r;
    (void)state;
    assert_true(killer >= 0);
    if (killer == 0) {
        kill_at_random(boss);
        _exit(0); /* lint: ok, a child process */
    }
    r = new_run(2000, 4, "nap");
    r->guided = true;
    go(r);
    check(r, NULL, DCR_READ_OK);
    assert_true(r->stats.restarts >= 1);
    kill(killer, SIGKILL);
    waitpid(killer, NULL, 0);
    dcr_free(r);
}

static void stop_ends_everything(void **state)
{
    run *r = new_run(2000, 3, "nap");
    (void)state;
    r->stop_at = 300;
    go(r);
    assert_int_equal(r->status, DCR_EINTERRUPTED);
    for (size_t i = 0; i < r->n; i++)
        assert_true(r->answered[i] <= 1 && r->lost[i] == 0);
    dcr_free(r);
}

static void on_alarm(int sig)
{
    (void)sig;
    stop = 1;
}

static void a_signal_ends_a_long_wait(void **state)
{
    run *r = new_run(1, 1, "sleep");
    struct sigaction a, old;
    (void)state;
    memset(&a, 0, sizeof a);
    a.sa_handler = on_alarm;
    sigaction(SIGALRM, &a, &old);
    ualarm(100000, 0);
    go(r);
    sigaction(SIGALRM, &old, NULL);
    assert_int_equal(r->status, DCR_EINTERRUPTED);
    dcr_free(r);
}

static void a_failing_callback_ends_the_run(void **state)
{
    run *r = new_run(2000, 2, "ok");
    (void)state;
    r->fail_at = 100;
    go(r);
    assert_int_equal(r->status, DCR_EIO);
    assert_string_equal(r->err.text, "disk full");
    dcr_free(r);
}

static void a_dead_zygote_is_an_error(void **state)
{
    run *r = new_run(2000, 2, "nap");
    (void)state;
    r->kill_zygote = 1;
    go(r);
    assert_int_equal(r->status, DCR_EIO);
    dcr_free(r);
}

static void workers_that_cannot_run_are_an_error(void **state)
{
    run *r = new_run(20, 2, "ok");
    (void)state;
    r->ops.make = make_dies;
    go(r);
    assert_int_equal(r->status, DCR_EIO);
    assert_non_null(strstr(r->err.text, "workers cannot run"));
    dcr_free(r);
}

static void large_batches_answer_early(void **state)
{
    run *r = new_run(500, 2, "ok");
    (void)state;
    r->ops.early_bytes = 950; /* ten files */
    r->path[3] = "big";
    go(r);
    check(r, NULL, DCR_READ_OK);
    assert_int_equal(r->largest, 10);
    assert_true(r->batches >= 50);
    dcr_free(r);
}

static void ticks_come(void **state)
{
    run *r = new_run(1, 1, "sleep");
    int64_t begin = dcr_now_ns();
    (void)state;
    r->o.wall_seconds = 0.6; /* twice: in a batch and alone */
    go(r);
    check(r, "sleep", DCR_READ_TIME);
    /* At once and while it sleeps, four a second at most: a supervisor that turned
     * instead of waiting would give more. */
    assert_in_range(r->ticks, 2, 2 + (uintmax_t)(dcr_now_ns() - begin) / (250 * 1000000));
    dcr_free(r);
}

static void long_paths_pass(void **state)
{
    run *r = new_run(300, 1, "ok");
    char *path = dcr_alloc(100001, 1);
    (void)state;
    assert_non_null(path);
    memset(path, 'x', 100000);
    memcpy(path, "ok\n\xff", 4);
    for (size_t i = 0; i < r->n; i++)
        r->path[i] = path;
    go(r);
    check(r, NULL, DCR_READ_OK);
    dcr_free(path);
    dcr_free(r);
}

static void two_runs_of_one_crew(void **state)
{
    run *r = new_run(700, 2, "ok");
    dcr_crew_jobs jobs = {r, next, NULL, done, lost, NULL};
    dcr_crew *c;
    (void)state;
    r->path[300] = "abort";
    assert_int_equal(dcr_crew_start_ops(&c, &r->o, &r->ops, &r->err), DCR_OK);
    r->n = 350;
    assert_int_equal(dcr_crew_run(c, &jobs, &r->err), DCR_OK);
    r->n = 700;
    r->status = dcr_crew_run(c, &jobs, &r->err);
    dcr_crew_stop(c);
    check(r, "abort", DCR_READ_CRASH);
    dcr_free(r);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    for (long k = 0; k < 60; k++) {
        run *r = new_run(40, 1, "ok");
        dcr_crew_jobs jobs = {r, next, NULL, done, lost, tick};
        dcr_crew *c;
        dcr_status s;
        r->path[5] = "abort";
        assert_int_equal(dcr_crew_start_ops(&c, &r->o, &r->ops, &r->err), DCR_OK);
        dcr_alloc_fail_after(k);
        s = dcr_crew_run(c, &jobs, &r->err);
        dcr_alloc_fail_after(-1);
        dcr_crew_stop(c);
        assert_true(s == DCR_OK || s == DCR_ENOMEM);
        for (size_t i = 0; i < r->n; i++)
            assert_true(r->answered[i] + r->lost[i] <= 1);
        dcr_free(r);
        if (s == DCR_OK)
            return;
    }
    fail();
}

#define TEST(f) cmocka_unit_test_teardown(f, nobody_left)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_are_answered),
        TEST(nothing_to_do),
        TEST(many_files_flow),
        TEST(a_crash_is_known),
        TEST(an_abort_is_known),
        TEST(an_exit_is_known),
        TEST(a_stack_overflow_is_known),
        TEST(a_long_wait_is_cut),
        TEST(a_long_loop_is_cut),
        TEST(memory_is_bounded),
        TEST(lies_are_found),
        TEST(a_closed_line_is_found),
        TEST(a_death_while_answering_is_found),
        TEST(repeated_kills_are_the_files_fault),
        TEST(every_file_bad),
        TEST(random_kills_change_nothing),
        TEST(stop_ends_everything),
        TEST(a_signal_ends_a_long_wait),
        TEST(a_failing_callback_ends_the_run),
        TEST(a_dead_zygote_is_an_error),
        TEST(workers_that_cannot_run_are_an_error),
        TEST(large_batches_answer_early),
        TEST(ticks_come),
        TEST(long_paths_pass),
        TEST(two_runs_of_one_crew),
        TEST(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
