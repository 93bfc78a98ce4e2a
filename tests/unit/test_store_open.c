/* Scan files that are foreign, damaged or in use, and what becomes of one when a run is
 * stopped or memory ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>

#include "store_folder.h"
#include "store_impl.h"

/* ---- opening ---- */

static const char *const two_inputs[] = {"/in/one", "/in/two"};

static void one_file(bm *b, const char *patient, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        bm_add(b, patient, "", "1", "2");
        text_of(b, "0008,103E", "LO", "text %u", i);
    }
}

static void test_reopen(void **state)
{
    static const dcr_store_options reading = {"", NULL, 0, NULL, 0, NULL};
    dcr_store *s = open_as(path, &options);
    dcr_err err = {0};
    bm b;
    (void)state;
    bm_start(&b);
    one_file(&b, "P", 3);
    assert_false(dcr_store_complete(s));
    bm_append_range(&b, s, 0, 3);
    assert_int_equal(dcr_store_set_complete(s, true, &err), DCR_OK);
    assert_true(dcr_store_complete(s));
    close_store(s);
    assert_true(dcr_store_is(path));
    for (int i = 0; i < 2; i++) { /* to read, twice at a time */
        dcr_store *also;
        s = open_as(path, &reading);
        also = open_as(path, &reading);
        assert_true(dcr_store_complete(s));
        check_found(&b, s, 0, 3);
        check_found(&b, also, 0, 3);
        close_store(also);
        close_store(s);
    }
    s = open_as(path, &options);
    assert_int_equal(dcr_store_set_complete(s, false, &err), DCR_OK);
    close_store(s);
    s = open_as(path, &reading);
    assert_false(dcr_store_complete(s));
    close_store(s);
    bm_clear(&b);
}

static void test_private(void **state)
{
    char target[300];
    struct stat st;
    mode_t before = umask(0);
    (void)state;
    close_store(open_as(path, &options));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    clean(NULL);
    write_file("", 0); /* made by somebody else, open to all, and empty */
    assert_int_equal(chmod(path, 0666), 0);
    close_store(open_as(path, &options));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    clean(NULL);
    snprintf(target, sizeof target, "%s/b.scan",
             folder); /* a link to what is not there */
    assert_int_equal(symlink(target, path), 0);
    close_store(open_as(path, &options));
    assert_int_equal(stat(target, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(unlink(target), 0);
    umask(before);
}

static void test_one_at_a_time(void **state)
{
    dcr_store *s = open_as(path, &options);
    bm b;
    (void)state;
    bm_start(&b);
    one_file(&b, "P", 2);
    refused(path, &options, DCR_EIO, "in use");
    bm_append_range(&b, s, 0, 1);
    refused(path, &options, DCR_EIO, "in use");
    bm_append_range(&b, s, 1, 1);
    check_found(&b, s, 0, 2);
    close_store(s);
    s = open_as(path, &options);
    check_found(&b, s, 0, 2);
    close_store(s);
    bm_clear(&b);
}

static void test_not_ours(void **state)
{
    static const dcr_store_options reading = {"", NULL, 0, NULL, 0, NULL};
    char text[3000];
    (void)state;
    memset(text, 'x', sizeof text);
    write_file(text, sizeof text);
    assert_false(dcr_store_is(path));
    refused(path, &options, DCR_EFORMAT, "is not one");
    refused(path, &reading, DCR_EFORMAT, "is not one");
    write_file(text, sizeof text);
    clean(NULL);
    refused(path, &reading, DCR_EARG, "no such file");
    assert_false(dcr_store_is(path));
    write_file("", 0);
    assert_false(dcr_store_is(path));
    refused(path, &reading, DCR_EFORMAT, "not a scan file");
    clean(NULL);
    sql("CREATE TABLE somebody(x)", NULL, 0);
    assert_false(dcr_store_is(path));
    refused(path, &options, DCR_EFORMAT, "not a scan file");
    clean(NULL);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(dcr_store_is(path));
    refused(path, &options, DCR_EARG, "this is a folder");
    assert_int_equal(rmdir(path), 0);
}

static void test_other_versions(void **state)
{
    static const dcr_store_options more = {"reader 1", two_inputs, 2, NULL, 0, NULL};
    static const dcr_store_options elsewhere = {"reader 1", two_inputs + 1, 1, NULL, 0,
                                                NULL};
    static const dcr_store_options newer = {"reader 2", inputs, 1, NULL, 0, NULL};
    dcr_store *s = open_as(path, &options);
    dcr_err err = {0};
    listing l;
    bm b;
    (void)state;
    bm_start(&b);
    one_file(&b, "P", 3);
    bm_append_range(&b, s, 0, 3);
    assert_int_equal(dcr_store_set_complete(s, true, &err), DCR_OK);
    close_store(s);
    refused(path, &more, DCR_EARG, "other inputs");
    refused(path, &elsewhere, DCR_EARG, "other inputs");
    s = open_as(path, &options); /* no harm done */
    check_found(&b, s, 0, 3);
    close_store(s);
    s = open_as(path, &newer); /* a fresh start, and not a complete one */
    known(s, &l);
    assert_int_equal(l.n, 0);
    assert_int_equal(dcr_store_n_units(s) + dcr_store_n_attrs(s) + dcr_store_n_values(s),
                     0);
    assert_false(dcr_store_complete(s));
    bm_append_range(&b, s, 0, 2);
    check_found(&b, s, 0, 2);
    close_store(s);
    sql("PRAGMA user_version = 99", NULL, 0);
    assert_true(dcr_store_is(path));
    refused(path, &newer, DCR_EFORMAT, "of another version");
    bm_clear(&b);
}

/* Every page in turn is overwritten: refused with a reason, or read as far as it is
 * sound. */
static void test_damaged(void **state)
{
    dcr_store *s = open_as(path, &options);
    struct stat st;
    uint8_t junk[512];
    int refusals = 0;
    bm b;
    (void)state;
    bm_start(&b);
    seed = 13;
    for (uint32_t i = 0; i < 100; i++)
        some_file(&b, i % 2, i, 100);
    bm_append_range(&b, s, 0, 100);
    close_store(s);
    assert_int_equal(stat(path, &st), 0);
    for (off_t at = 0; at < st.st_size; at += 1024) {
        uint8_t was[sizeof junk];
        dcr_store_facts f;
        dcr_err err = {0};
        int fd = open(path, O_RDWR);
        assert_int_equal(pread(fd, was, sizeof was, at), sizeof was);
        for (size_t i = 0; i < sizeof junk; i++)
            junk[i] = (uint8_t)draw(256);
        assert_int_equal(pwrite(fd, junk, sizeof junk, at), sizeof junk);
        if (dcr_store_open(&s, path, &options, &err) != DCR_OK) {
            assert_null(s);
            assert_int_not_equal(err.code, DCR_OK);
            refusals++;
        } else {
            for (uint32_t u = 0; u < dcr_store_n_units(s); u++)
                if (dcr_store_unit_facts(s, u, &f, &err) != DCR_OK) {
                    assert_int_not_equal(err.code, DCR_OK);
                    refusals++;
                    break;
                }
            if (dcr_store_close(s, &err) != DCR_OK)
                refusals++;
        }
        assert_int_equal(pwrite(fd, was, sizeof was, at), sizeof was);
        close(fd);
    }
    assert_true(refusals > 3);
    s = open_as(path, &options);
    close_store(s);
    bm_clear(&b);
}

/* A page that cannot be read must not make series vanish: 300 of them or none. */
static void test_damaged_pages(void **state)
{
    static const dcr_store_options reading = {"", NULL, 0, NULL, 0, NULL};
    dcr_store *s = open_as(path, &options);
    static const uint8_t junk[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct stat st;
    int refusals = 0, fd;
    bm b;
    (void)state;
    bm_start(&b);
    for (uint32_t i = 0; i < 300; i++) {
        char who[40];
        snprintf(who, sizeof who, "patient number %u of some hundred", i);
        bm_add(&b, who, "", "1", "2");
        text_of(&b, "0008,103E", "LO", "text %u", i);
    }
    bm_append_range(&b, s, 0, 300);
    close_store(s);
    fd = open(path, O_RDWR);
    assert_int_equal(fstat(fd, &st), 0);
    for (off_t at = 4096; at < 2 * st.st_size; at += 4096) {
        static dcr_store_unit u[300];
        uint8_t was[sizeof junk];
        const dcr_store_options *o = at < st.st_size ? &options : &reading;
        off_t page = at % st.st_size;
        dcr_err err = {0};
        assert_int_equal(pread(fd, was, sizeof was, page), sizeof was);
        assert_int_equal(pwrite(fd, junk, sizeof junk, page), sizeof junk);
        if (page > 0 && dcr_store_open(&s, path, o, &err) == DCR_OK) {
            assert_int_equal(dcr_store_n_units(s), 300);
            refusals += dcr_store_units(s, u, &err) != DCR_OK;
            if (dcr_store_close(s, &err) != DCR_OK)
                refusals++;
        } else if (page > 0) {
            assert_int_equal(err.code, DCR_EFORMAT);
            refusals++;
        }
        assert_int_equal(pwrite(fd, was, sizeof was, page), sizeof was);
    }
    close(fd);
    assert_true(refusals >= 3);
    bm_clear(&b);
}

/* ---- ends ---- */

/* Kills a child after it appended files first .. first + n - 1 without a commit. */
static void append_and_die(const bm *b, uint32_t first, uint32_t n)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        dcr_store *s = NULL;
        dcr_err err = {0};
        if (dcr_store_open(&s, path, &options, &err) != DCR_OK)
            _exit(3);
        for (uint32_t i = first; i < first + n; i++)
            bm_append_range(b, s, i, 1);
        kill(getpid(), SIGKILL);
        _exit(4);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void test_killed(void **state)
{
    dcr_store *s;
    listing l;
    bm b;
    (void)state;
    bm_start(&b);
    one_file(&b, "P", 9);
    append_and_die(&b, 0, 2); /* of a file that is new */
    expect_intact();
    s = open_as(path, &options);
    known(s, &l);
    assert_int_equal(l.n, 0);
    check_found(&b, s, 0, 0);
    bm_append_range(&b, s, 0, 4);
    close_store(s);
    append_and_die(&b, 4, 5);
    expect_intact();
    s = open_as(path, &options);
    known(s, &l);
    assert_int_equal(l.n, 4);
    check_found(&b, s, 0, 4);
    bm_append_range(&b, s, 4, 5);
    check_found(&b, s, 0, 9);
    close_store(s);
    bm_clear(&b);
}

/* Appends 190 MB of distinct values, a file at a time: more than waits in memory and more
 * than SQLite holds in its cache, so that pages are on disk already and a journal takes
 * them back. */
static void append_much(dcr_store *s)
{
    enum { VALUES = 20, FILES = 600, LEN = 16000 };
    static char big[LEN];
    for (uint32_t i = 0; i < FILES; i++) {
        bm b;
        bm_start(&b);
        bm_add(&b, "Q", "", "1", "2");
        snprintf(b.file[0].name, sizeof b.file[0].name, "q%u", i);
        for (uint32_t v = 0; v < VALUES; v++) {
            memset(big, 'a' + (int)v, LEN);
            memcpy(big, &i, sizeof i);
            bm_bytes(&b, "0008,4000", "LT", big, LEN, DCR_VALUE_BINARY);
        }
        bm_append_range(&b, s, 0, 1);
        bm_clear(&b);
    }
}

static void test_killed_while_writing(void **state)
{
    dcr_store *s = open_as(path, &options);
    struct stat st;
    int status;
    listing l;
    pid_t pid;
    bm b;
    (void)state;
    bm_start(&b);
    one_file(&b, "P", 1);
    bm_append_range(&b, s, 0, 1);
    close_store(s);
    pid = fork();
    if (pid == 0) {
        dcr_err err = {0};
        if (dcr_store_open(&s, path, &options, &err) != DCR_OK)
            _exit(3);
        append_much(s);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size > 1 << 20); /* it was at it */
    s = open_as(path, &options);
    known(s, &l);
    assert_int_equal(l.n, 1);
    check_found(&b, s, 0, 1);
    close_store(s);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size < 1 << 20); /* all of it was taken back */
    expect_intact();
    bm_clear(&b);
}

/* A batch that cannot be taken is not taken in part. */
static void test_bad_batch(void **state)
{
    dcr_store *s = open_as(path, &options);
    dcr_arena a = {0};
    uint32_t all[] = {0, 1};
    const dcr_store_file *names[1];
    dcr_store_file name = {.path = "x", .n_path = 1};
    dcr_batch batch;
    dcr_err err = {0};
    listing l;
    bm b;
    (void)state;
    bm_start(&b);
    one_file(&b, "P", 2);
    batch = bm_batch(&b, &a, all, 2);
    names[0] = &name;
    assert_int_equal(dcr_store_append(s, &batch, names, 1, &err), DCR_EFORMAT);
    close_store(s);
    s = open_as(path, &options);
    known(s, &l);
    assert_int_equal(l.n, 0);
    check_found(&b, s, 0, 0);
    close_store(s);
    dcr_arena_clear(&a);
    bm_clear(&b);
}

/* Every allocation fails once: an error each time, no leak, and a file as sound as
 * before. */
static void test_no_memory(void **state)
{
    dcr_status rc = DCR_ENOMEM;
    uint32_t all[120];
    bm b;
    (void)state;
    seed = 14;
    bm_start(&b);
    for (uint32_t i = 0; i < 120; i++) {
        some_file(&b, i % 2, i, 100);
        all[i] = i;
    }
    for (long n = 0; rc != DCR_OK; n++) {
        dcr_store *s = NULL;
        dcr_err err = {0};
        listing l;
        assert_true(n < 20000);
        dcr_alloc_fail_after(n);
        rc = dcr_store_open(&s, path, &options, &err);
        dcr_alloc_fail_after(-1);
        assert_true(rc == DCR_OK ? s != NULL : s == NULL && err.code == DCR_ENOMEM);
        if (s == NULL)
            continue;
        rc = bm_append(&b, s, all, 70, n, &err);
        if (rc == DCR_OK)
            rc = bm_append(&b, s, all + 70, 50, n, &err);
        assert_true(rc == DCR_OK || err.code == DCR_ENOMEM);
        dcr_alloc_fail_after(rc == DCR_OK ? n : -1);
        if (dcr_store_close(s, &err) != DCR_OK)
            rc = DCR_ENOMEM;
        dcr_alloc_fail_after(-1);
        s = open_as(path, &options);
        memset(&l, 0, sizeof l);
        if (rc != DCR_OK) {
            known(s, &l);
            assert_int_equal(l.n, 0);
            assert_int_equal(dcr_store_n_values(s), 0);
        } else {
            check_found(&b, s, 0, 120);
        }
        close_store(s);
    }
    expect_intact();
    bm_clear(&b);
}

/* Likewise when a file with content is opened, to add to it and to read it. */
/* A row of its own (a file that killed its worker, "complete") finds the disk full:
 * SQLite then takes the whole transaction back.  What waits must not be written behind
 * it, or the next scan counts it twice. */
static void test_failed_row(void **state)
{
    dcr_store *s = open_as(path, &options);
    dcr_err err = {0};
    dcr_store_file lost = {.path = folder, .n_path = (uint32_t)strlen(folder)};
    dcr_status rc = DCR_OK;
    bm b;
    (void)state;
    bm_start(&b);
    one_file(&b, "P", 9);
    bm_append_range(&b, s, 0, 4);
    close_store(s);
    s = open_as(path, &options);
    bm_append_range(&b, s, 4, 5);
    sqlite3_exec(s->db, "PRAGMA max_page_count = 1", NULL, NULL, NULL); /* what it has */
    for (int i = 0; i < 1000 && rc == DCR_OK; i++)
        rc = dcr_store_account(s, &lost, &err);
    assert_int_equal(rc, DCR_EIO);
    sqlite3_exec(s->db, "PRAGMA max_page_count = 1000000", NULL, NULL, NULL);
    if (dcr_store_close(s, &err) != DCR_OK)
        assert_int_equal(err.code, DCR_EIO);
    expect_intact();
    s = open_as(path, &options);
    check_found(&b, s, 0, 4);
    bm_append_range(&b, s, 4, 5);
    check_found(&b, s, 0, 9);
    close_store(s);
    bm_clear(&b);
}

static void test_no_memory_reopening(void **state)
{
    static const dcr_store_options reading = {"", NULL, 0, NULL, 0, NULL};
    dcr_store *s = open_as(path, &options);
    bm b;
    (void)state;
    seed = 15;
    bm_start(&b);
    b.keep = kept;
    b.n_keep = 1;
    for (uint32_t i = 0; i < 100; i++)
        some_file(&b, i % 2, i, 100);
    bm_append_range(&b, s, 0, 90);
    close_store(s);
    for (int read = 0; read < 2; read++) {
        dcr_status rc = DCR_ENOMEM;
        for (long n = 0; rc != DCR_OK; n++) {
            dcr_err err = {0};
            assert_true(n < 20000);
            dcr_alloc_fail_after(n);
            rc = dcr_store_open(&s, path, read == 1 ? &reading : &options, &err);
            dcr_alloc_fail_after(-1);
            assert_true(rc == DCR_OK ? s != NULL : s == NULL && err.code == DCR_ENOMEM);
        }
        check_found(&b, s, 0, 90);
        close_store(s);
    }
    s = open_as(path, &options);
    bm_append_range(&b, s, 90, 10);
    check_found(&b, s, 0, 100);
    close_store(s);
    bm_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_reopen, clean),
        cmocka_unit_test_teardown(test_private, clean),
        cmocka_unit_test_teardown(test_one_at_a_time, clean),
        cmocka_unit_test_teardown(test_not_ours, clean),
        cmocka_unit_test_teardown(test_other_versions, clean),
        cmocka_unit_test_teardown(test_damaged, clean),
        cmocka_unit_test_teardown(test_damaged_pages, clean),
        cmocka_unit_test_teardown(test_no_memory_reopening, clean),
        cmocka_unit_test_teardown(test_failed_row, clean),
        cmocka_unit_test_teardown(test_killed, clean),
        cmocka_unit_test_teardown(test_killed_while_writing, clean),
        cmocka_unit_test_teardown(test_bad_batch, clean),
        cmocka_unit_test_teardown(test_no_memory, clean),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
