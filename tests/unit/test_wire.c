#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alloc.h"
#include "hash.h"
#include "wire.h"

static const uint64_t hashes[] = {1, 5, UINT64_MAX};

static void sample(dcr_buf *out)
{
    dcr_wire *w = dcr_wire_new();
    dcr_batch_unit u = {0};
    dcr_batch_file f = {0};
    uint32_t path = dcr_wire_string(w, (const uint8_t *)"0010,0010", 9);
    uint32_t text = dcr_wire_string(w, (const uint8_t *)"D\0e", 3);
    uint32_t none = dcr_wire_string(w, NULL, 0);
    dcr_batch_attr a = {path, "PN"};
    dcr_batch_value v = {text, DCR_VALUE_BINARY};
    dcr_batch_fact fact = {0, dcr_wire_attr(w, &a), dcr_wire_value(w, &v), 3};
    dcr_batch_excess e = {0, 0, 7};
    dcr_batch_rollup r = {0, 0, UINT64_MAX, text, text, none, 3, hashes, 2};
    u.patient_id = text;
    u.issuer = u.study_uid = u.series_uid = u.stand_in = none;
    u.kind = DCR_FILE_DICOMDIR;
    dcr_wire_unit(w, &u);
    f.index = 9;
    f.kind = DCR_FILE_DICOM;
    f.status = DCR_READ_TRUNCATED;
    f.size = 1ull << 40;
    f.mtime_ns = -5;
    f.sop[0] = 11;
    f.sop[1] = UINT64_MAX;
    f.elements = 1;
    f.private_elements = 2;
    f.undecodable = 3;
    dcr_wire_file(w, &f);
    f.unit = UINT32_MAX;
    dcr_wire_file(w, &f);
    dcr_wire_fact(w, &fact);
    dcr_wire_excess(w, &e);
    dcr_wire_rollup(w, &r);
    assert_int_equal(dcr_wire_write(w, out), DCR_OK);
    dcr_wire_free(w);
}

static void test_round_trip(void **state)
{
    dcr_buf out = {0};
    dcr_batch b;
    (void)state;
    sample(&out);
    assert_int_equal(dcr_wire_decode(&b, (const uint8_t *)out.p, out.n, NULL), DCR_OK);
    assert_int_equal(b.n_strings, 3);
    assert_int_equal(b.strings[1].n, 3);
    assert_memory_equal(b.strings[b.attrs[0].path].p, "0010,0010", 9);
    assert_memory_equal(b.attrs[0].vr, "PN\0", 3);
    assert_memory_equal(b.strings[b.values[0].bytes].p, "D\0e", 3);
    assert_int_equal(b.values[0].flags, DCR_VALUE_BINARY);
    assert_int_equal(b.units[0].kind, DCR_FILE_DICOMDIR);
    assert_int_equal(b.units[0].patient_id, 1);
    assert_int_equal(b.files[0].unit, 0);
    assert_int_equal(b.files[1].unit, UINT32_MAX);
    assert_true(b.files[0].size == 1ull << 40 && b.files[0].mtime_ns == -5);
    assert_true(b.files[0].sop[0] == 11 && b.files[0].sop[1] == UINT64_MAX);
    assert_int_equal(b.files[0].status, DCR_READ_TRUNCATED);
    assert_int_equal(b.files[0].index, 9);
    assert_int_equal(b.files[0].private_elements, 2);
    assert_int_equal(b.files[0].undecodable, 3);
    assert_int_equal(b.facts[0].files, 3);
    assert_int_equal(b.excess[0].excess, 7);
    assert_int_equal(b.rollups[0].n_hashes, 3);
    assert_memory_equal(b.rollups[0].hashes, hashes, sizeof hashes);
    assert_true(b.rollups[0].files == UINT64_MAX && b.rollups[0].empty == 2);
    dcr_batch_clear(&b);
    dcr_buf_clear(&out);
}

static void seal(uint8_t *p, size_t n)
{
    uint64_t h = dcr_hash64(p, n - 8);
    for (int i = 0; i < 8; i++)
        p[n - 8 + (size_t)i] = (uint8_t)(h >> (8 * i));
}

/* Every number that a decoded batch holds points at something. */
static void check(const dcr_batch *b)
{
    for (uint32_t i = 0; i < b->n_attrs; i++)
        assert_true(b->attrs[i].path < b->n_strings);
    for (uint32_t i = 0; i < b->n_values; i++)
        assert_true(b->values[i].bytes < b->n_strings && b->values[i].flags < 8);
    for (uint32_t i = 0; i < b->n_units; i++)
        assert_true(b->units[i].patient_id < b->n_strings &&
                    b->units[i].kind < DCR_FILE_N);
    for (uint32_t i = 0; i < b->n_files; i++) {
        assert_true(b->files[i].unit < b->n_units || b->files[i].unit == UINT32_MAX);
        assert_true(b->files[i].kind < DCR_FILE_N && b->files[i].status < DCR_READ_N);
    }
    for (uint32_t i = 0; i < b->n_facts; i++)
        assert_true(b->facts[i].unit < b->n_units && b->facts[i].attr < b->n_attrs &&
                    b->facts[i].value < b->n_values);
    for (uint32_t i = 0; i < b->n_rollups; i++)
        assert_true(b->rollups[i].shape < b->n_strings && b->rollups[i].n_hashes <= 64);
}

/* Any byte changed, first without and then with a hash that fits. */
static void test_damage(void **state)
{
    dcr_buf out = {0};
    dcr_batch b;
    dcr_err err = {0};
    (void)state;
    sample(&out);
    uint8_t *p = (uint8_t *)out.p;
    for (size_t n = 0; n < out.n; n++)
        assert_int_equal(dcr_wire_decode(&b, p, n, &err), DCR_EFORMAT);
    for (size_t i = 0; i < out.n - 8; i++) {
        uint8_t was = p[i];
        for (unsigned x = 1; x < 256; x++) {
            p[i] = (uint8_t)(was ^ x);
            assert_int_equal(dcr_wire_decode(&b, p, out.n, NULL), DCR_EFORMAT);
            seal(p, out.n);
            if (dcr_wire_decode(&b, p, out.n, NULL) == DCR_OK)
                check(&b);
            dcr_batch_clear(&b);
            p[i] = was;
            seal(p, out.n);
        }
    }
    assert_int_equal(dcr_wire_decode(&b, p, out.n, NULL), DCR_OK);
    dcr_batch_clear(&b);
    dcr_buf_clear(&out);
}

/* Counts in the billions in a short message must not cost memory. */
static void test_lying_counts(void **state)
{
    (void)state;
    for (int section = 0; section < 8; section++) {
        dcr_buf out = {0};
        dcr_batch b;
        dcr_buf_add(&out, "DCRB\1", 5);
        for (int i = 0; i < 8; i++)
            dcr_buf_varint(&out, i == section ? UINT32_MAX - 1u : 0);
        dcr_buf_add(&out, "12345678", 8);
        seal((uint8_t *)out.p, out.n);
        assert_int_equal(dcr_wire_decode(&b, (uint8_t *)out.p, out.n, NULL), DCR_EFORMAT);
        dcr_buf_clear(&out);
    }
}

static void test_unsorted(void **state)
{
    dcr_buf out = {0};
    dcr_batch b;
    dcr_wire *w = dcr_wire_new();
    dcr_batch_unit u = {0};
    (void)state;
    dcr_wire_string(w, NULL, 0);
    dcr_batch_attr a = {0, "PN"};
    dcr_batch_value v = {0, 0};
    dcr_wire_attr(w, &a);
    dcr_wire_attr(w, &a);
    dcr_wire_value(w, &v);
    dcr_wire_unit(w, &u);
    dcr_batch_fact f = {0, 1, 0, 1};
    dcr_wire_fact(w, &f);
    f.attr = 0;
    dcr_wire_fact(w, &f);
    assert_int_equal(dcr_wire_write(w, &out), DCR_OK);
    assert_int_equal(dcr_wire_decode(&b, (uint8_t *)out.p, out.n, NULL), DCR_EFORMAT);
    dcr_wire_free(w);
    dcr_buf_clear(&out);
}

static void test_no_memory(void **state)
{
    dcr_buf out = {0};
    dcr_batch b;
    dcr_status s = DCR_ENOMEM;
    long n = 0;
    (void)state;
    sample(&out);
    for (; s == DCR_ENOMEM && n < 100; n++) {
        dcr_alloc_fail_after(n);
        s = dcr_wire_decode(&b, (uint8_t *)out.p, out.n, NULL);
        dcr_alloc_fail_after(-1);
        dcr_batch_clear(&b);
    }
    assert_int_equal(s, DCR_OK);
    assert_true(n > 1);
    dcr_buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_damage),
        cmocka_unit_test(test_lying_counts), cmocka_unit_test(test_unsorted),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
