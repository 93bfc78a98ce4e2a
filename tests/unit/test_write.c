/* Writing reports: all formats or none, and no litter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "dcmrisk/report.h"

static char folder[256];

static int enter(void **state)
{
    const char *tmp = getenv("TMPDIR");
    (void)state;
    snprintf(folder, sizeof folder, "%s/dcmrisk-write.XXXXXX",
             tmp == NULL ? "/tmp" : tmp);
    return mkdtemp(folder) == NULL;
}

static void path_in(char *out, size_t size, const char *name)
{
    assert_true(snprintf(out, size, "%s/%s", folder, name) < (int)size);
}

/* Removes what is in the folder and says how many files that were. */
static int empty_folder(const char *path)
{
    DIR *d = opendir(path);
    const struct dirent *e;
    int n = 0;
    while (d != NULL && (e = readdir(d)) != NULL) {
        char name[600];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        assert_int_equal(unlink(name), 0);
        n++;
    }
    if (d != NULL)
        closedir(d);
    return n;
}

static int leave(void **state)
{
    (void)state;
    dcr_alloc_fail_after(-1);
    return rmdir(folder);
}

static json_t *document(void)
{
    return json_pack("{s:s, s:{s:{s:b}}}", "schema", "dcmrisk-report/1", "run", "options",
                     "show_values", 1);
}

static void what_is_unknown_writes_nothing(void **state)
{
    static const char *const formats[] = {"json", "jason"};
    const char *many[DCR_FORMATS_MAX + 1];
    char out[300];
    struct stat s;
    dcr_err err = {0};
    json_t *j = document();
    (void)state;
    path_in(out, sizeof out, "new");
    assert_int_equal(dcr_report_write(j, out, formats, 2, &(dcr_render){0}, &err),
                     DCR_EARG);
    assert_string_equal(err.text, "no format 'jason'");
    assert_int_equal(stat(out, &s), -1);
    for (size_t i = 0; i <= DCR_FORMATS_MAX; i++)
        many[i] = "json";
    memset(&err, 0, sizeof err);
    assert_int_equal(
        dcr_report_write(j, out, many, DCR_FORMATS_MAX + 1, &(dcr_render){0}, &err),
        DCR_EARG);
    assert_int_equal(stat(out, &s), -1);
    json_decref(j);
}

static void every_allocation_may_fail(void **state)
{
    static const char *const formats[] = {"json"};
    dcr_status st;
    long fail = 0;
    json_t *j = document(), *again;
    char path[300];
    struct stat s;
    (void)state;
    do {
        dcr_err err = {0};
        dcr_alloc_fail_after(fail++);
        st = dcr_report_write(j, folder, formats, 1, &(dcr_render){0}, &err);
        dcr_alloc_fail_after(-1);
        if (st != DCR_OK) {
            assert_int_equal(err.code, st);
            assert_int_equal(empty_folder(folder), 0);
        }
    } while (st != DCR_OK);
    assert_true(fail > 3);
    path_in(path, sizeof path, "report.json");
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
    again = json_load_file(path, 0, NULL);
    assert_true(json_equal(j, again));
    json_decref(again);
    json_decref(j);
    assert_int_equal(empty_folder(folder), 1);
}

static void a_format_that_fails_leaves_nothing(void **state)
{
    static const char *const formats[] = {"json"};
    dcr_err err = {0};
    (void)state;
    assert_int_not_equal(
        dcr_report_write(NULL, folder, formats, 1, &(dcr_render){0}, &err), DCR_OK);
    assert_int_equal(empty_folder(folder), 0);
}

static void a_folder_that_cannot_be_is_named(void **state)
{
    static const char *const formats[] = {"json"};
    char path[300];
    dcr_err err = {0};
    json_t *j = document();
    FILE *f;
    (void)state;
    path_in(path, sizeof path, "file");
    f = fopen(path, "w");
    assert_non_null(f);
    fclose(f);
    path_in(path, sizeof path, "file/below");
    assert_int_equal(dcr_report_write(j, path, formats, 1, &(dcr_render){0}, &err),
                     DCR_EIO);
    path_in(path, sizeof path, "file"); /* what is in the way */
    assert_string_equal(err.where, path);
    json_decref(j);
    assert_int_equal(empty_folder(folder), 1);
}

static dcr_status is_there(void *count, const char *path, dcr_err *err)
{
    struct stat s;
    (void)err;
    assert_int_equal(stat(path, &s), 0);
    ++*(int *)count;
    return DCR_OK;
}

static dcr_status removes(void *ctx, const char *path, dcr_err *err)
{
    (void)ctx;
    (void)err;
    unlink(path); /* style that two pages share is told twice */
    return DCR_OK;
}

static dcr_status refuses(void *ctx, const char *path, dcr_err *err)
{
    (void)ctx;
    (void)path;
    return dcr_fail(err, DCR_ENUM, NULL, "enough");
}

/* What is told before is what is written, with all formats there are. */
static void the_files_are_told(void **state)
{
    const dcr_render how = {.html_assets = "look"};
    const char *id[DCR_FORMATS_MAX];
    size_t n = 0;
    int told = 0;
    long fail = 0;
    char look[300];
    dcr_err err = {0};
    dcr_status st;
    json_t *j = document();
    (void)state;
    for (; dcr_formats()[n] != NULL; n++)
        id[n] = dcr_formats()[n]->id;
    assert_int_equal(dcr_report_files(folder, id, n, &how, refuses, NULL, &err),
                     DCR_ENUM);
    assert_int_equal(dcr_report_write(j, folder, id, n, &how, NULL), DCR_OK);
    assert_int_equal(dcr_report_files(folder, id, n, &how, is_there, &told, NULL),
                     DCR_OK);
    do {
        int again = 0;
        dcr_alloc_fail_after(fail++);
        st = dcr_report_files(folder, id, n, &how, is_there, &again, NULL);
        dcr_alloc_fail_after(-1);
        assert_int_equal(st == DCR_OK ? again : 0, st == DCR_OK ? told : again);
    } while (st != DCR_OK);
    assert_int_equal(dcr_report_files(folder, id, n, &how, removes, NULL, NULL), DCR_OK);
    path_in(look, sizeof look, "look");
    assert_int_equal(rmdir(look), 0); /* nothing is left that was not told */
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_unknown_writes_nothing, enter, leave),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, enter, leave),
        cmocka_unit_test_setup_teardown(a_format_that_fails_leaves_nothing, enter, leave),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_is_named, enter, leave),
        cmocka_unit_test_setup_teardown(the_files_are_told, enter, leave),
    };
    return cmocka_run_group_tests_name("write", tests, NULL, NULL);
}
