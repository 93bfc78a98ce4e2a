/* A folder for each test of a walk, and how it is listed. */
#ifndef DCR_TEST_WALK_TOP_H
#define DCR_TEST_WALK_TOP_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "walk.h"

static char top[64]; /* the folder of one test */

static inline int make_top(void **state)
{
    (void)state;
    snprintf(top, sizeof top, "%s/dcmrisk-walk-XXXXXX", P_tmpdir);
    assert_non_null(mkdtemp(top));
    return chdir(top);
}

/* Removes a tree of any depth. */
static inline int remove_top(void **state)
{
    const char *const rm[] = {"rm", "-rf", top, NULL};
    pid_t pid;
    (void)state;
    assert_int_equal(seteuid(getuid()), 0);
    assert_int_equal(chdir("/"), 0);
    pid = fork();
    if (pid == 0) {
        execvp("rm", (char *const *)(uintptr_t)rm);
        _exit(1); /* lint: ok, a child process */
    }
    assert_true(waitpid(pid, NULL, 0) == pid);
    return 0;
}

static inline void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static inline dcr_walk *list(const char *const *inputs, size_t n)
{
    dcr_walk *w;
    dcr_err err = {0};
    assert_int_equal(dcr_walk_open(&w, inputs, n, NULL, &err), DCR_OK);
    return w;
}

static inline dcr_walk *list_one(const char *input)
{
    return list(&input, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_top, remove_top)

#endif
