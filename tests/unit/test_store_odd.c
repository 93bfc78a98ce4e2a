/* Scan files under odd names, of a kind that is none, with SQL of somebody else, and
 * wanted by several at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/wait.h>

#include "store_folder.h"
#include "store_impl.h"

/* Names that SQLite has another meaning for are names. */
static void test_names(void **state)
{
    static const char *const name[] = {":memory:", "file:c.scan", "file:c?mode=memory"};
    int here = open(".", O_RDONLY | O_DIRECTORY);
    struct stat st;
    (void)state;
    assert_true(here >= 0);
    assert_int_equal(chdir(folder), 0);
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
        close_store(open_as(name[i], &options));
        assert_true(dcr_store_is(name[i]));
        assert_int_equal(stat(name[i], &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(unlink(name[i]), 0);
    }
    assert_int_not_equal(stat("c.scan", &st), 0);
    assert_int_equal(fchdir(here), 0);
    close(here);
}

/* Nobody may ever write to it. */
static void test_fifo(void **state)
{
    static const dcr_store_options reading = {"", NULL, 0, NULL, 0, NULL};
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    refused(path, &options, DCR_EARG, "no regular file");
    refused(path, &reading, DCR_EARG, "no regular file");
}

/* Whoever comes in the same moment: one has it, always. */
static void test_all_at_once(void **state)
{
    enum { ROUNDS = 100, CROWD = 4 };
    (void)state;
    close_store(open_as(path, &options));
    for (int round = 0; round < ROUNDS; round++) {
        int go[2], had = 0, status;
        assert_int_equal(pipe(go), 0);
        for (int i = 0; i < CROWD; i++) {
            pid_t pid = fork();
            if (pid == 0) {
                dcr_store *s = NULL;
                dcr_err err = {0};
                char c;
                close(go[1]);
                (void)!read(go[0], &c, 1); /* until nobody holds the other end */
                if (dcr_store_open(&s, path, &options, &err) != DCR_OK)
                    _exit(strstr(err.text, "in use") != NULL ? 1 : 2);
                (void)!dcr_store_close(s, &err);
                _exit(0);
            }
            assert_true(pid > 0);
        }
        close(go[0]);
        close(go[1]);
        for (int i = 0; i < CROWD; i++) {
            assert_true(wait(&status) > 0);
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
            had += WEXITSTATUS(status) == 0;
        }
        assert_true(had >= 1);
    }
}

/* SQL that somebody made: rows without end, and rows that write others. */
static void test_other_tables(void **state)
{
    static const dcr_store_options reading = {"", NULL, 0, NULL, 0, NULL};
    static const char *const change[] = {
        "ALTER TABLE value RENAME TO v",
        "CREATE VIEW value AS WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 "
        "FROM t) SELECT x AS id, 'v' AS bytes, 0 AS flags FROM t",
        "DROP VIEW value", "ALTER TABLE v RENAME TO value",
        "CREATE TRIGGER t AFTER INSERT ON file BEGIN DELETE FROM value; END"};
    (void)state;
    close_store(open_as(path, &options));
    sql("CREATE INDEX mine ON file(status)", NULL, 0);
    sql("CREATE VIEW somebody AS SELECT 1", NULL, 0);
    close_store(open_as(path, &options));
    for (size_t i = 0; i < sizeof change / sizeof change[0]; i++) {
        sql(change[i], NULL, 0);
        if (i == 3)
            continue; /* as it was but for the words */
        refused(path, &options, DCR_EFORMAT, "tables are others");
        refused(path, &reading, DCR_EFORMAT, "tables are others");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_names, clean),
        cmocka_unit_test_teardown(test_fifo, clean),
        cmocka_unit_test_teardown(test_all_at_once, clean),
        cmocka_unit_test_teardown(test_other_tables, clean),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
