/* Merging scan files: what all hold is what one scan of all files holds, by brute force.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store_folder.h"

#include "shards.h"

enum { PARTS = 4 };

static uint64_t told_files;

static dcr_status told(void *ctx, uint64_t files, dcr_err *err)
{
    (void)ctx;
    (void)err;
    told_files += files;
    return DCR_OK;
}

static const char *part_name(uint32_t i)
{
    static char name[320];
    snprintf(name, sizeof name, "%s/part%u", folder, i);
    return name;
}

/* Deals files out to parts, some of which may get none; every file in several batches. */
static void deal_to(const bm *b, uint32_t parts)
{
    uint32_t which[PARTS][BM_FILES], n[PARTS] = {0};
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t p = draw(parts);
        which[p][n[p]++] = i;
    }
    for (uint32_t p = 0; p < PARTS; p++) {
        dcr_store *s = open_as(part_name(p), &options);
        dcr_err err = {0};
        for (uint32_t at = 0, k; at < n[p]; at += k) {
            k = 1 + draw(60);
            k = k > n[p] - at ? n[p] - at : k;
            assert_int_equal(bm_append(b, s, which[p] + at, k, -1, &err), DCR_OK);
        }
        assert_int_equal(dcr_store_set_complete(s, true, &err), DCR_OK);
        close_store(s);
    }
}

static dcr_status merge_in(dcr_store *to, uint32_t p, dcr_err *err)
{
    static const dcr_store_options reading = {"", NULL, 0, NULL, 0, NULL};
    dcr_store *from = NULL;
    dcr_err ignored = {0};
    dcr_status rc = dcr_store_open(&from, part_name(p), &reading, err);
    if (rc == DCR_OK)
        rc = dcr_store_merge(to, from, told, NULL, err);
    if (dcr_store_close(from, &ignored) != DCR_OK)
        return DCR_EIO;
    return rc;
}

static void drop_parts(void)
{
    for (uint32_t p = 0; p < PARTS; p++) {
        char journal[340];
        unlink(part_name(p));
        snprintf(journal, sizeof journal, "%s-journal", part_name(p));
        unlink(journal);
    }
}

static void make(bm *b, uint32_t n, uint32_t pool)
{
    bm_start(b);
    b->keep = kept;
    b->n_keep = 1;
    for (uint32_t i = 0; i < n; i++)
        some_file(b, draw(2), i, pool);
}

/* Around 64 distinct values is where attributes become sketches: in a part, in two
 * together, or in none. */
static void test_any_deal_any_order(void **state)
{
    (void)state;
    seed = 21;
    for (int round = 0; round < 20; round++) {
        uint32_t order[PARTS];
        dcr_store *s;
        dcr_err err = {0};
        bm b;
        make(&b, 40 + draw(360), 20 + draw(90));
        deal_to(&b, PARTS);
        for (uint32_t i = 0; i < PARTS; i++)
            order[i] = i;
        for (uint32_t i = PARTS; i > 1; i--) {
            uint32_t j = draw(i), x = order[i - 1];
            order[i - 1] = order[j];
            order[j] = x;
        }
        s = open_as(path, &options);
        told_files = 0;
        for (uint32_t i = 0; i < PARTS; i++) {
            if (merge_in(s, order[i], &err) != DCR_OK)
                fail_msg("%s", err.text);
            if (draw(3) == 0) {
                close_store(s);
                s = open_as(path, &options);
            }
        }
        assert_int_equal(told_files, b.n);
        check_found(&b, s, 0, b.n);
        close_store(s);
        s = open_as(path, &options);
        check_found(&b, s, 0, b.n);
        close_store(s);
        expect_intact();
        bm_clear(&b);
        drop_parts();
        clean(NULL);
    }
}

/* Whichever allocation fails, the failure is told, and closing takes everything back. */
static void test_no_memory(void **state)
{
    dcr_status rc = DCR_ENOMEM;
    bm b;
    (void)state;
    seed = 22;
    make(&b, 160, 100);
    deal_to(&b, 1);
    for (long n = 0; rc != DCR_OK; n += n < 60 ? 1 : 1 + n / 40) {
        dcr_store *s = open_as(path, &options);
        dcr_err err = {0}, closing = {0};
        listing l;
        dcr_alloc_fail_after(n);
        rc = merge_in(s, 0, &err);
        dcr_alloc_fail_after(-1);
        if (rc != DCR_OK)
            assert_int_equal(err.code, DCR_ENOMEM);
        else
            check_found(&b, s, 0, b.n);
        assert_int_equal(dcr_store_close(s, &closing), DCR_OK);
        s = open_as(path, &options);
        if (rc != DCR_OK) {
            known(s, &l);
            assert_int_equal(l.n, 0);
        }
        close_store(s);
    }
    bm_clear(&b);
    drop_parts();
}

/* ---- sets of shards ---- */

static void expect_set(const char *text, const char *in, const char *missing)
{
    dcr_shard_set set = {0};
    dcr_buf b = {0};
    dcr_err err = {0};
    assert_int_equal(dcr_shard_set_parse(&set, text, &err), DCR_OK);
    dcr_shard_set_list(&set, false, &b);
    assert_string_equal(b.p, in);
    b.n = 0;
    dcr_buf_str(&b, "");
    dcr_shard_set_list(&set, true, &b);
    assert_string_equal(b.p, missing);
    dcr_buf_clear(&b);
    dcr_shard_set_clear(&set);
}

static void test_sets(void **state)
{
    static const char *const bad[] = {
        "",       "/",     "3",    "/3",         "3/",
        "0/3",    "4/3",   "1-/3", "-1/3",       "2-1/3",
        "1,,2/3", "1/3/3", "1 /3", "1-2-3/3",    "1/65537",
        "1,/3",   "x/3",   "1/3x", "99999999/3", "1/99999999999999999999"};
    (void)state;
    expect_set("3/8", "3", "1-2,4-8");
    expect_set("1-3,7/8", "1-3,7", "4-6,8");
    expect_set("2,1,2/2", "1-2", "");
    expect_set("1/1", "1", "");
    expect_set("65536/65536", "65536", "1-65535");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        dcr_shard_set set = {0};
        dcr_err err = {0};
        assert_int_equal(dcr_shard_set_parse(&set, bad[i], &err), DCR_EFORMAT);
        dcr_shard_set_clear(&set);
    }
}

/* ---- of which part a scan file is ---- */

static void test_part_of_a_dataset(void **state)
{
    static const dcr_store_part part = {"2/3", "names", 7}, other = {"1/3", "names", 7};
    static const dcr_store_options second = {"reader 1", inputs, 1, kept, 1, &part};
    static const dcr_store_options first = {"reader 1", inputs, 1, kept, 1, &other};
    dcr_store *s = open_as(path, &second);
    dcr_store_origin o;
    dcr_err err = {0};
    (void)state;
    assert_true(dcr_store_is_part(s));
    assert_int_equal(dcr_store_set_complete(s, true, &err), DCR_OK);
    assert_false(dcr_store_complete(s)); /* not of the dataset */
    close_store(s);
    refused(path, &first, DCR_EARG, "of shard 2/3 and not of shard 1/3");
    refused(path, &options, DCR_EARG, "of shard 2/3 and not of everything");
    assert_int_equal(dcr_store_origin_of(&o, path, &err), DCR_OK);
    assert_true(o.complete && o.listed == 7 && o.shards.of == 3 && o.shards.n == 1);
    assert_true(o.shards.has[1] && strcmp(o.listing.p, "names") == 0);
    dcr_store_origin_clear(&o);
    close_store(open_as(path, &second)); /* a scan is under way again */
    assert_int_equal(dcr_store_origin_of(&o, path, &err), DCR_OK);
    assert_false(o.complete);
    dcr_store_origin_clear(&o);
    clean(NULL);
    close_store(open_as(path, &options));
    refused(path, &second, DCR_EARG, "of everything and not of shard 2/3");
}

/* A file that somebody has open, or that has got another name meanwhile, is not taken. */
static void test_discard(void **state)
{
    dcr_store *s = open_as(path, &options), *t = NULL;
    dcr_err err = {0}, again = {0};
    (void)state;
    assert_int_equal(dcr_store_discard(path, &err), DCR_EIO);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(dcr_store_open(&t, path, &options, &again), DCR_EIO);
    close_store(s);
    memset(&err, 0, sizeof err);
    assert_int_equal(dcr_store_discard(path, &err), DCR_OK);
    assert_int_equal(access(path, F_OK), -1);
    write_file("something else", 14);
    assert_int_equal(dcr_store_discard(path, &err), DCR_EFORMAT);
    assert_int_equal(access(path, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_any_deal_any_order, clean),
        cmocka_unit_test_teardown(test_no_memory, clean),
        cmocka_unit_test(test_sets),
        cmocka_unit_test_teardown(test_part_of_a_dataset, clean),
        cmocka_unit_test_teardown(test_discard, clean),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
