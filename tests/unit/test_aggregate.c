/* The expected counts are counted by hand, or by a plain loop over all that was put in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aggregate.h"
#include "alloc.h"
#include "hash.h"
#include "wire.h"

enum { NAME = 0x00100010, SOP = 0x00080018, KVP = 0x00180060 };

static uint32_t path_of(dcr_aggregate *a, uint32_t tag)
{
    return dcr_pathtab_get(dcr_aggregate_paths(a), DCR_PATH_ROOT, DCR_PATH_NONE, tag,
                           DCR_DICT_NONE);
}

static dcr_status put(dcr_aggregate *a, uint32_t tag, const char *vr, const char *s)
{
    uint32_t path = path_of(a, tag);
    if (path == DCR_PATH_NONE)
        return DCR_ENOMEM;
    return dcr_aggregate_value(a, path, vr, (const uint8_t *)s, (uint32_t)strlen(s), 0);
}

static dcr_status end(dcr_aggregate *a, const char *patient, const char *series,
                      uint32_t i)
{
    dcr_batch_file f = {0};
    dcr_unit_key k = {0};
    f.index = i;
    k.patient_id = (dcr_bytes){(const uint8_t *)patient, (uint32_t)strlen(patient)};
    k.series_uid = (dcr_bytes){(const uint8_t *)series, (uint32_t)strlen(series)};
    return dcr_aggregate_end(a, &f, &k);
}

static dcr_batch take(dcr_aggregate *a)
{
    dcr_buf out = {0};
    dcr_batch b;
    dcr_err err = {0};
    assert_int_equal(dcr_aggregate_take(a, &out), DCR_OK);
    assert_int_equal(dcr_wire_decode(&b, (const uint8_t *)out.p, out.n, &err), DCR_OK);
    dcr_buf_clear(&out);
    return b;
}

static bool is(const dcr_batch *b, uint32_t string, const char *s)
{
    const dcr_bytes *x = &b->strings[string];
    return x->n == strlen(s) && memcmp(x->p, s, x->n) == 0;
}

/* Files of a unit in which the path holds the value; 0 when there is no such fact. */
static uint32_t files_with(const dcr_batch *b, const char *patient, const char *path,
                           const char *value)
{
    for (uint32_t i = 0; i < b->n_facts; i++) {
        const dcr_batch_fact *f = &b->facts[i];
        if (is(b, b->units[f->unit].patient_id, patient) &&
            is(b, b->attrs[f->attr].path, path) &&
            is(b, b->values[f->value].bytes, value))
            return f->files;
    }
    return 0;
}

static void test_counts(void **state)
{
    dcr_aggregate *a = dcr_aggregate_new(NULL, 0);
    dcr_batch b;
    uint32_t i;
    (void)state;
    for (i = 0; i < 10; i++) {
        dcr_aggregate_begin(a);
        assert_int_equal(put(a, KVP, "DS", "120"), DCR_OK);
        assert_int_equal(put(a, NAME, "PN", i < 7 ? "A" : ""), DCR_OK);
        assert_int_equal(dcr_aggregate_again(a, path_of(a, KVP)), DCR_OK);
        assert_int_equal(end(a, i % 2 == 0 ? "even" : "odd", "1", i), DCR_OK);
    }
    assert_true(dcr_aggregate_memory(a) > 1000);
    b = take(a);
    assert_int_equal(b.n_units, 2);
    assert_int_equal(b.n_files, 10);
    assert_int_equal(b.files[3].index, 3);
    assert_int_equal(b.n_facts, 6);
    assert_int_equal(files_with(&b, "even", "0018,0060", "120"), 5);
    assert_int_equal(files_with(&b, "even", "0010,0010", "A"), 4);
    assert_int_equal(files_with(&b, "even", "0010,0010", ""), 1);
    assert_int_equal(files_with(&b, "odd", "0010,0010", "A"), 3);
    assert_int_equal(files_with(&b, "odd", "0010,0010", ""), 2);
    assert_int_equal(b.n_excess, 0);
    dcr_batch_clear(&b);
    b = take(a); /* and it is empty again */
    assert_int_equal(b.n_files + b.n_units + b.n_facts + b.n_attrs, 0);
    dcr_batch_clear(&b);
    dcr_aggregate_free(a);
}

/* The same key in different parts is not the same unit. */
static void test_units(void **state)
{
    dcr_aggregate *a = dcr_aggregate_new(NULL, 0);
    dcr_batch b;
    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        dcr_aggregate_begin(a);
        assert_int_equal(end(a, i % 2 == 0 ? "ab" : "a", i < 2 ? "c" : "bc", i), DCR_OK);
    }
    dcr_aggregate_begin(a);
    dcr_batch_file f = {0};
    assert_int_equal(dcr_aggregate_end(a, &f, NULL), DCR_OK);
    assert_int_equal(f.unit, UINT32_MAX);
    b = take(a);
    assert_int_equal(b.n_units, 4);
    assert_int_equal(b.files[4].unit, UINT32_MAX);
    assert_true(is(&b, b.units[b.files[1].unit].patient_id, "a"));
    assert_true(is(&b, b.units[b.files[1].unit].series_uid, "c"));
    dcr_batch_clear(&b);
    dcr_aggregate_free(a);
}

static void test_excess(void **state)
{
    dcr_aggregate *a = dcr_aggregate_new(NULL, 0);
    dcr_batch b;
    (void)state;
    dcr_aggregate_begin(a); /* x twice, y, z: three values in one file, two in excess */
    assert_int_equal(put(a, NAME, "PN", "x"), DCR_OK);
    assert_int_equal(put(a, NAME, "PN", "y"), DCR_OK);
    assert_int_equal(put(a, NAME, "PN", "x"), DCR_OK);
    assert_int_equal(put(a, NAME, "PN", "z"), DCR_OK);
    assert_int_equal(end(a, "p", "1", 0), DCR_OK);
    dcr_aggregate_begin(a);
    assert_int_equal(put(a, NAME, "PN", "x"), DCR_OK);
    assert_int_equal(put(a, NAME, "PN", "x"), DCR_OK);
    assert_int_equal(end(a, "p", "1", 1), DCR_OK);
    b = take(a);
    assert_int_equal(files_with(&b, "p", "0010,0010", "x"), 2);
    assert_int_equal(files_with(&b, "p", "0010,0010", "y"), 1);
    assert_int_equal(b.n_excess, 1);
    assert_int_equal(b.excess[0].excess, 2);
    dcr_batch_clear(&b);
    dcr_aggregate_free(a);
}

/* One path with two VRs: two attributes, and `again` means the one seen last. */
static void test_two_vrs(void **state)
{
    dcr_aggregate *a = dcr_aggregate_new(NULL, 0);
    dcr_batch b;
    (void)state;
    dcr_aggregate_begin(a);
    assert_int_equal(put(a, KVP, "DS", "1"), DCR_OK);
    assert_int_equal(end(a, "p", "1", 0), DCR_OK);
    dcr_aggregate_begin(a);
    assert_int_equal(put(a, KVP, "LO", "2"), DCR_OK);
    assert_int_equal(end(a, "p", "1", 1), DCR_OK);
    dcr_aggregate_begin(a);
    assert_int_equal(put(a, KVP, "DS", "3"), DCR_OK);
    assert_int_equal(end(a, "p", "1", 2), DCR_OK);
    dcr_aggregate_begin(a);
    assert_int_equal(dcr_aggregate_again(a, path_of(a, KVP)), DCR_OK);
    assert_int_equal(end(a, "p", "1", 3), DCR_OK);
    b = take(a);
    assert_int_equal(b.n_attrs, 2);
    assert_int_equal(files_with(&b, "p", "0018,0060", "3"), 2);
    dcr_batch_clear(&b);
    dcr_aggregate_free(a);
}

static int by_number(const void *x, const void *y)
{
    uint64_t a, b;
    memcpy(&a, x, sizeof a);
    memcpy(&b, y, sizeof b);
    return a < b ? -1 : a > b;
}

/* Two files for each of the values 1000, 1001, ... (and every tenth one empty), in an
 * order that `stride` makes; the sketch must not depend on it. */
static void check_sketch(uint32_t n, uint32_t stride)
{
    dcr_aggregate *a = dcr_aggregate_new(NULL, 0);
    uint64_t hash[1000];
    uint32_t n_hash = 0, empty = 0;
    dcr_batch b;
    for (uint32_t k = 0; k < 2 * n; k++) {
        uint32_t i = k * stride % n;
        char s[16];
        snprintf(s, sizeof s, "%u", 1000 + i);
        if (i % 10 == 9) {
            s[0] = 0;
            empty++;
        }
        if (k < n && (i % 10 != 9 || empty == 1))
            hash[n_hash++] = dcr_hash64(s, strlen(s));
        dcr_aggregate_begin(a);
        assert_int_equal(put(a, KVP, "DS", s), DCR_OK);
        assert_int_equal(put(a, NAME, "PN", s), DCR_OK);
        assert_int_equal(end(a, "p", "1", k), DCR_OK);
    }
    qsort(hash, n_hash, sizeof hash[0], by_number);
    b = take(a);
    assert_int_equal(b.n_rollups, n_hash > 64);
    assert_int_equal(b.n_facts, n_hash > 64 ? n_hash : 2 * n_hash);
    if (b.n_rollups == 1) {
        const dcr_batch_rollup *r = &b.rollups[0];
        assert_true(is(&b, b.attrs[r->attr].path, "0018,0060"));
        assert_int_equal(r->files, 2 * n);
        assert_int_equal(r->empty, empty);
        assert_true(is(&b, r->min, "1000"));
        assert_true(is(&b, r->max, n == 1000 ? "1998" : "1098"));
        assert_true(is(&b, r->shape, "9999"));
        assert_int_equal(r->n_hashes, 64);
        assert_memory_equal(r->hashes, hash, 64 * sizeof hash[0]);
    }
    dcr_batch_clear(&b);
    dcr_aggregate_free(a);
}

static void test_sketches(void **state)
{
    (void)state;
    check_sketch(1000, 1);
    check_sketch(1000, 377);
    check_sketch(100, 1);
    check_sketch(100, 99);
    check_sketch(70, 3); /* 63 values and the empty one: still facts */
}

static void test_keep(void **state)
{
    static const char *const keep[] = {"0008,0018"};
    dcr_aggregate *a = dcr_aggregate_new(keep, 1);
    dcr_batch b;
    (void)state;
    for (uint32_t i = 0; i < 300; i++) {
        char s[16];
        snprintf(s, sizeof s, "1.2.%u", i);
        dcr_aggregate_begin(a);
        assert_int_equal(put(a, SOP, "UI", s), DCR_OK);
        assert_int_equal(put(a, 0x00080003, "UI", s), DCR_OK);
        assert_int_equal(end(a, "p", "1", i), DCR_OK);
    }
    b = take(a);
    assert_int_equal(b.n_rollups, 1);
    assert_true(is(&b, b.rollups[0].shape, "*")); /* 9.9.9, 9.9.99, 9.9.999 */
    assert_int_equal(b.n_facts, 300);
    dcr_batch_clear(&b);
    dcr_aggregate_free(a);
}

static void test_no_memory(void **state)
{
    long n = 0;
    bool done = false;
    (void)state;
    for (; !done && n < 2000; n++) {
        dcr_buf out = {0};
        bool ok;
        dcr_alloc_fail_after(n);
        dcr_aggregate *a = dcr_aggregate_new(NULL, 0);
        ok = a != NULL;
        for (uint32_t i = 0; ok && i < 200; i++) {
            char s[16];
            snprintf(s, sizeof s, "%u", i);
            dcr_aggregate_begin(a);
            ok = put(a, KVP, "DS", s) == DCR_OK && put(a, NAME, "PN", s) == DCR_OK &&
                 end(a, "p", "1", i) == DCR_OK;
        }
        done = ok && dcr_aggregate_take(a, &out) == DCR_OK;
        dcr_alloc_fail_after(-1);
        dcr_buf_clear(&out);
        dcr_aggregate_free(a);
    }
    assert_true(done);
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),    cmocka_unit_test(test_units),
        cmocka_unit_test(test_excess),    cmocka_unit_test(test_two_vrs),
        cmocka_unit_test(test_sketches),  cmocka_unit_test(test_keep),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
