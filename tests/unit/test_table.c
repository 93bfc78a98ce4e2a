/* dcmrisk table as a whole, when there is no memory: every allocation fails once, and
 * what it leaves behind is for AddressSanitizer to say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "alloc.h"
#include "dcmrisk/dcmrisk.h"

static char path[256], rows[256];

static const char *const qi[] = {"a", "b"}, *const sensitive[] = {"d"},
                         *const family[] = {"k", "risk", "individual"};

/* Every option that takes a way of its own through loading. */
static dcr_table_options asked(dcr_missing missing, bool people)
{
    dcr_table_options o = {.file = path,
                           .qi = qi,
                           .n_qi = 2,
                           .subject = people ? "s" : NULL,
                           .weight = "w",
                           .sensitive = sensitive,
                           .n_sensitive = 1,
                           .population_table = path,
                           .missing = missing,
                           .delimiter = ',',
                           .trim = true,
                           .family = family,
                           .n_family = 3,
                           .records = rows,
                           .jobs = 1};
    return o;
}

static void run_out(dcr_missing missing, bool people)
{
    dcr_table_options o = asked(missing, people);
    dcr_status rc = DCR_ENOMEM;
    for (long n = 0; rc != DCR_OK; n++) {
        json_t *doc;
        dcr_err err = {0};
        assert_in_range(n, 0, 5000);
        dcr_alloc_fail_after(n);
        rc = dcr_table_run(&doc, &o, &err);
        dcr_alloc_fail_after(-1);
        if (rc != DCR_OK) {
            assert_int_equal(rc, DCR_ENOMEM);
            assert_null(doc);
            continue;
        }
        assert_int_equal(json_integer_value(json_object_get(doc, "records")), 5);
        json_decref(doc);
    }
}

static void test_no_memory(void **unused)
{
    (void)unused;
    for (int people = 0; people < 2; people++) {
        run_out(DCR_MISSING_CATEGORY, people);
        run_out(DCR_MISSING_WILDCARD, people);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_memory)};
    const char *tmp = getenv("TMP") != NULL ? getenv("TMP") : "/tmp";
    int failed;
    FILE *f;
    dcr_init();
    snprintf(path, sizeof path, "%s/test_table.%ld.csv", tmp, (long)getpid());
    snprintf(rows, sizeof rows, "%s/test_table.%ld.rows", tmp, (long)getpid());
    f = fopen(path, "w");
    if (f == NULL)
        return 1;
    fputs("a,b,s,w,d\n1,2,p,3,x\n1,,p,3,y\n,2,q,4.5,\n\"a long value\",2,,7,x\n,,,8,y\n",
          f);
    fclose(f);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    unlink(rows);
    return failed;
}
