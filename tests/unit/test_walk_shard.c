/* Shards of a listing: together they are the whole, and they know when it is not the
 * same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "walk_top.h"

enum { SHARDS = 3 };

static dcr_walk *list_shard(uint32_t at, uint32_t of)
{
    const dcr_shard shard = {at, of};
    const dcr_walk_options o = {.shard = &shard};
    const char *input = ".";
    dcr_walk *w;
    dcr_err err = {0};
    assert_int_equal(dcr_walk_open(&w, &input, 1, &o, &err), DCR_OK);
    return w;
}

static void digest_of(char out[33], uint64_t *entries)
{
    dcr_walk *w = list_shard(0, 2);
    dcr_walk_listing(w, out, entries);
    dcr_walk_free(w);
}

/* All shards together are the listing, in its order, and each knows how long that is. */
static void shards_are_the_whole(void **state)
{
    dcr_walk *all, *w[SHARDS];
    dcr_buf mine = {0}, got = {0};
    size_t at[SHARDS] = {0};
    char first[33], digest[33], name[32];
    uint64_t entries;
    (void)state;
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "d%d", i);
        mkdir(name, 0755);
        snprintf(name, sizeof name, "d%d/f", i);
        put(name, "");
    }
    for (int i = 0; i < 3 * DCR_WALK_BLOCK + 7; i++) {
        snprintf(name, sizeof name, "d7/%d", i);
        put(name, "");
    }
    assert_int_equal(symlink("/etc", "d8/out"), 0);
    assert_int_equal(mkfifo("d9/pipe", 0644), 0);
    all = list_one(".");
    for (uint32_t k = 0; k < SHARDS; k++) {
        w[k] = list_shard(k, SHARDS);
        dcr_walk_listing(w[k], digest, &entries);
        assert_int_equal(entries, dcr_walk_count(all));
        if (k == 0)
            memcpy(first, digest, sizeof first);
        assert_string_equal(first, digest);
        assert_true(dcr_walk_count(w[k]) >= DCR_WALK_BLOCK); /* none is idle */
    }
    for (size_t i = 0; i < dcr_walk_count(all); i++) {
        int owners = 0;
        dcr_walk_entry a, b;
        assert_int_equal(dcr_walk_path(all, i, &mine, NULL), DCR_OK);
        dcr_walk_get(all, i, &a);
        for (int k = 0; k < SHARDS; k++) {
            if (at[k] == dcr_walk_count(w[k]))
                continue;
            assert_int_equal(dcr_walk_path(w[k], at[k], &got, NULL), DCR_OK);
            if (strcmp(mine.p, got.p) != 0)
                continue;
            dcr_walk_get(w[k], at[k]++, &b);
            assert_true(a.status == b.status && a.what == b.what && a.ino == b.ino);
            owners++;
        }
        assert_int_equal(owners, 1);
    }
    for (int k = 0; k < SHARDS; k++)
        dcr_walk_free(w[k]);
    dcr_walk_free(all);
    dcr_buf_clear(&mine);
    dcr_buf_clear(&got);
}

/* The digest sees every name and where it lies. */
static void a_listing_has_one_digest(void **state)
{
    char before[33], after[33];
    uint64_t n, m;
    (void)state;
    mkdir("x", 0755);
    mkdir("y", 0755);
    put("x/a", "");
    put("y/b", "");
    digest_of(before, &n);
    digest_of(after, &m);
    assert_string_equal(before, after);
    assert_int_equal(n, 2);
    assert_int_equal(rename("y/b", "x/b"), 0); /* the same names in the same order */
    digest_of(after, &m);
    assert_string_not_equal(before, after);
    assert_int_equal(rename("x/b", "y/b"), 0);
    digest_of(after, &m);
    assert_string_equal(before, after);
    assert_int_equal(rename("y/b", "y/c"), 0);
    digest_of(after, &m);
    assert_string_not_equal(before, after);
    unlink("y/c");
    mkdir("y/c", 0755); /* a folder of that name */
    digest_of(before, &m);
    assert_string_not_equal(before, after);
    assert_int_equal(m, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shards_are_the_whole),
        TEST(a_listing_has_one_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
