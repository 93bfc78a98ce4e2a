/* The scan file: the same content however the files are cut into batches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store_folder.h"

/* ---- content ---- */

/* Appends all files in some order, cut into some batches, now and then reopening. */
static void append_cut(const bm *b, dcr_store **s, const dcr_store_options *o)
{
    uint32_t order[BM_FILES], at = 0;
    dcr_err err = {0};
    for (uint32_t i = 0; i < b->n; i++)
        order[i] = i;
    for (uint32_t i = b->n; i > 1; i--) {
        uint32_t j = draw(i), x = order[i - 1];
        order[i - 1] = order[j];
        order[j] = x;
    }
    while (at < b->n) {
        uint32_t n = 1 + draw(draw(4) == 0 ? 200 : 40);
        n = n > b->n - at ? b->n - at : n;
        assert_int_equal(bm_append(b, *s, order + at, n, -1, &err), DCR_OK);
        at += n;
        if (draw(3) == 0)
            assert_int_equal(dcr_store_commit(*s, &err), DCR_OK);
        if (draw(4) == 0) {
            close_store(*s);
            *s = open_as(path, o);
        }
    }
}

static void test_any_cut(void **state)
{
    (void)state;
    seed = 11;
    assert_true(dcr_vr_rolls_up("TM") && dcr_vr_rolls_up("UI") && !dcr_vr_rolls_up("LO"));
    for (int round = 0; round < 24; round++) {
        dcr_store *s = open_as(path, &options);
        bm b;
        bm_start(&b);
        b.keep = kept;
        b.n_keep = 1;
        for (uint32_t i = 0; i < 150; i++)
            some_file(&b, draw(2), i, 20 + draw(90));
        append_cut(&b, &s, &options);
        check_found(&b, s, 0, b.n);
        close_store(s);
        s = open_as(path, &options);
        check_found(&b, s, 0, b.n);
        close_store(s);
        expect_intact();
        bm_clear(&b);
        clean(NULL);
    }
}

/* 64 distinct values stay, 65 become a sketch; the empty one is among them. */
static void test_limit(void **state)
{
    static const struct {
        uint32_t values;
        bool empty, rolls;
    } e[] = {{63, false, false}, {63, true, false}, {64, false, false}, {64, true, true},
             {65, false, true},  {65, true, true},  {200, true, true}};
    (void)state;
    for (size_t i = 0; i < sizeof e / sizeof *e; i++)
        for (uint32_t cut = 1; cut <= 70; cut += cut == 1 ? 31 : 19) {
            dcr_store *s = open_as(NULL, &options);
            dcr_store_facts f;
            dcr_err err = {0};
            bm b;
            bm_start(&b);
            for (uint32_t v = 0; v < e[i].values + e[i].empty; v++) {
                bm_add(&b, "P", "", "1", "2");
                text_of(&b, "0018,0050", "DS", v < e[i].values ? "%u.0" : "", v);
            }
            for (uint32_t at = 0; at < b.n; at += cut)
                bm_append_range(&b, s, at, b.n - at < cut ? b.n - at : cut);
            check_found(&b, s, 0, b.n);
            assert_int_equal(dcr_store_unit_facts(s, 0, &f, &err), DCR_OK);
            assert_int_equal(f.n_rollups, e[i].rolls);
            assert_int_equal(f.n_facts, e[i].rolls ? 0 : b.n);
            if (e[i].rolls) {
                assert_int_equal(f.rollups[0].files, b.n);
                assert_int_equal(f.rollups[0].empty, e[i].empty);
                assert_int_equal(f.rollups[0].n_hashes, DCR_ROLLUP_MAX);
            }
            close_store(s);
            bm_clear(&b);
        }
}

/* A batch that already came as a sketch meets one that came as values. */
static void test_sketch_meets_facts(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        dcr_store *s = open_as(NULL, &options);
        bm b;
        bm_start(&b);
        for (uint32_t v = 0; v < 110; v++) {
            bm_add(&b, "P", "", "1", "2");
            text_of(&b, "0018,0050", "DS", v == 105 ? "" : "%u", v * 7);
        }
        if (first == 0) {
            bm_append_range(&b, s, 0, 100);
            bm_append_range(&b, s, 100, 10);
        } else {
            bm_append_range(&b, s, 100, 10);
            bm_append_range(&b, s, 0, 100);
        }
        check_found(&b, s, 0, b.n);
        close_store(s);
        bm_clear(&b);
    }
}

/* Bytes come back as they went in, whatever they are. */
static void test_odd_values(void **state)
{
    static const struct {
        const char *p;
        size_t n;
        uint32_t flags;
    } e[] = {{"\0", 1, DCR_VALUE_BINARY},
             {"a\0b", 3, DCR_VALUE_BINARY},
             {"a\0b", 3, 0},
             {"\xff\xfe", 2, DCR_VALUE_UNDECODED},
             {"\xc3\xa9", 2, 0},
             {"\xc3\xa9", 2, DCR_VALUE_BINARY},
             {"\xed\xa0\x80", 3, 0}, /* a surrogate: not UTF-8 */
             {"", 0, 0},
             {"123", 3, 0},
             {"1e3", 3, 0},
             {"0123", 4, 0},
             {" 123", 4, 0},
             {"x'; DROP TABLE value; --", 24, 0},
             {"4097:0123456789abcdef0123456789abcdef", 37, DCR_VALUE_DIGEST}};
    char big[4096];
    dcr_store *s;
    bm b;
    (void)state;
    bm_start(&b);
    for (size_t i = 0; i < sizeof e / sizeof *e; i++) {
        bm_add(&b, "P", "", "1", "2");
        bm_bytes(&b, "0029,xx10{ODD}", "UN", e[i].p, e[i].n, e[i].flags);
    }
    for (int i = 0; i < 2; i++) {
        bm_add(&b, "P", "", "1", "2");
        memset(big, i == 0 ? 'x' : 0, sizeof big);
        bm_bytes(&b, "0029,xx10{ODD}", "UN", big, sizeof big,
                 i == 0 ? 0 : DCR_VALUE_BINARY);
    }
    s = open_as(path, &options);
    bm_append_range(&b, s, 0, b.n);
    check_found(&b, s, 0, b.n);
    close_store(s);
    s = open_as(path, &options);
    bm_append_range(&b, s, 0, 3); /* known values are found again */
    close_store(s);
    expect_intact();
    bm_clear(&b);
}

/* Units that only differ in where one part ends and the next begins; odd bytes in paths.
 */
static void test_units(void **state)
{
    dcr_store *s = open_as(path, &options);
    dcr_store_unit u[8];
    dcr_err err = {0};
    bm b;
    (void)state;
    bm_start(&b);
    bm_add(&b, "ab", "", "c", "1");
    bm_add(&b, "a", "b", "c", "1");
    bm_add(&b, "", "ab", "c", "1");
    bm_add(&b, "ab", "", "c", "1")->file.kind = DCR_FILE_DICOMDIR;
    bm_add(&b, "ab", "", "", "1")->part[4] = "sop:1.2";
    bm_add(&b, "ab", "", "c", "1");
    for (uint32_t i = 0; i < b.n; i++) {
        b.file[i].value[0] = (bm_value){"0010,0020", "LO", bm_of("x"), 0};
        b.file[i].n = 1;
    }
    bm_append_range(&b, s, 0, b.n);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(dcr_store_n_units(s), 5);
        assert_int_equal(dcr_store_units(s, u, &err), DCR_OK);
        assert_int_equal(u[0].files, 2);
        assert_int_equal(u[3].kind, DCR_FILE_DICOMDIR);
        assert_int_equal(u[4].stand_in.n, 7);
        check_found(&b, s, 0, b.n);
        close_store(s);
        s = open_as(path, &options);
    }
    close_store(s);
    bm_clear(&b);
}

/* ---- files ---- */

static dcr_status stop_listing(void *ctx, const dcr_store_file *f, dcr_err *err)
{
    int *left = ctx;
    (void)f;
    return --*left == 0 ? dcr_fail(err, DCR_EINTERRUPTED, NULL, "enough") : DCR_OK;
}

static void test_files(void **state)
{
    static const dcr_read status[] = {DCR_READ_OK,        DCR_READ_OTHER,
                                      DCR_READ_TRUNCATED, DCR_READ_TRUNCATED,
                                      DCR_READ_TRUNCATED, DCR_READ_TRUNCATED};
    dcr_store *s = open_as(path, &options);
    dcr_store_file link = {.path = "00zz",
                           .n_path = 4,
                           .kind = DCR_FILE_LINK,
                           .status = DCR_READ_LOOP,
                           .size = 5};
    dcr_store_totals t;
    dcr_err err = {0};
    listing l;
    char name[64];
    int left = 2;
    bm b;
    (void)state;
    bm_start(&b);
    for (uint32_t i = 0; i < 6; i++) {
        bm_file *f = bm_add(&b, "P", "", "1", "2");
        f->file.status = status[i];
        f->file.kind = i == 1 ? DCR_FILE_CSV : DCR_FILE_DICOM;
        f->file.undecodable = i == 2 ? 3 : 0;
        f->file.private_elements = i;
        f->file.sop[0] = i < 3 ? 9 : i; /* three copies of one */
        bm_text(&b, "0008,0060", "CS", "CT");
    }
    b.file[1].n = 0;
    bm_append_range(&b, s, 0, 6);
    assert_int_equal(dcr_store_account(s, &link, &err), DCR_OK);
    assert_int_equal(dcr_store_totals_get(s, &t, &err), DCR_OK);
    assert_int_equal(t.files, 7);
    assert_int_equal(t.dicom_files, 5);
    assert_int_equal(t.other_files, 1);
    assert_int_equal(t.unread_other, 1);
    assert_int_equal(t.unreadable_files, 4);
    assert_int_equal(t.bytes, 6005);
    assert_int_equal(t.instances, 4);
    assert_int_equal(t.elements, 6);
    assert_int_equal(t.private_elements, 15);
    assert_int_equal(t.undecodable_text, 3);
    assert_int_equal(t.undecodable_files, 1);
    assert_int_equal(t.by_kind[DCR_FILE_CSV], 1);
    assert_int_equal(t.by_status[DCR_READ_TRUNCATED], 4);
    assert_int_equal(t.by_status[DCR_READ_LOOP], 1);
    assert_int_equal(t.example[DCR_READ_TRUNCATED][0], 3); /* by rank: names are sorted */
    assert_int_equal(t.example[DCR_READ_TRUNCATED][2], 5);
    assert_int_equal(t.example[DCR_READ_LOOP][0], 7);
    known(s, &l);
    assert_int_equal(l.n, 7);
    assert_string_equal(l.name[0], "000000.dcm");
    assert_string_equal(l.name[6], "00zz");
    assert_int_equal(l.file[6].status, DCR_READ_LOOP);
    assert_int_equal(l.file[6].kind, DCR_FILE_LINK);
    assert_int_equal(l.file[1].kind, DCR_FILE_CSV);
    assert_int_equal(l.file[2].size, 1000);
    assert_int_equal(l.file[2].mtime_ns, 7);
    assert_int_equal(dcr_store_known(s, stop_listing, &left, &err), DCR_EINTERRUPTED);
    assert_int_equal(dcr_store_file_name(s, 7, name, sizeof name, &err), DCR_OK);
    assert_string_equal(name, "/in/one/00zz");
    assert_int_equal(dcr_store_file_name(s, 8, name, sizeof name, &err), DCR_OK);
    assert_string_equal(name, "");
    close_store(s);
    bm_clear(&b);
}

/* What vanished takes its series with it; what is read again is as if nothing had been.
 */
static void test_forget(void **state)
{
    dcr_store *s = open_as(path, &options);
    dcr_store_totals t;
    dcr_err err = {0};
    uint64_t id;
    listing l;
    bm b;
    (void)state;
    seed = 12;
    bm_start(&b);
    b.keep = kept;
    b.n_keep = 1;
    for (uint32_t i = 0; i < 12; i++) /* files 0 to 5 and 6 to 11 are a series each */
        some_file(&b, i / 6, i, 100);
    bm_append_range(&b, s, 0, 12);
    known(s, &l);
    assert_int_equal(l.n, 12);
    id = l.id[8];
    assert_int_equal(dcr_store_forget(s, &id, 1, &err), DCR_OK);
    known(s, &l);
    assert_int_equal(l.n, 6);
    assert_string_equal(l.name[5], "000005.dcm");
    check_found(&b, s, 0, 6);
    assert_int_equal(dcr_store_totals_get(s, &t, &err), DCR_OK);
    assert_int_equal(t.files, 6);
    close_store(s);
    s = open_as(path, &options);
    check_found(&b, s, 0, 6);
    bm_append_range(&b, s, 6, 3);
    bm_append_range(&b, s, 9, 3);
    check_found(&b, s, 0, 12);
    known(s, &l);
    assert_int_equal(l.n, 12);
    id = 999999;
    assert_int_equal(dcr_store_forget(s, &id, 1, &err), DCR_OK);
    assert_int_equal(dcr_store_forget(s, NULL, 0, &err), DCR_OK);
    check_found(&b, s, 0, 12);
    close_store(s);
    expect_intact();
    bm_clear(&b);
}

/* A sketch is forgotten too: what comes after it is counted afresh. */
static void test_forget_sketch(void **state)
{
    dcr_store *s = open_as(path, &options);
    dcr_err err = {0};
    listing l;
    bm b;
    (void)state;
    bm_start(&b);
    for (uint32_t i = 0; i < 110; i++) {
        bm_add(&b, "P", "", "1", "2");
        text_of(&b, "0018,0050", "DS", "%u", i);
        text_of(&b, "0018,0050", "DS", "%u", i + 1000);
    }
    bm_append_range(&b, s, 0, 100);
    memset(&l, 0, sizeof l);
    assert_int_equal(dcr_store_close(s, &err), DCR_OK);
    {
        char word[32] = "";
        sql("SELECT min(id) FROM file", word, sizeof word);
        l.id[0] = strtoull(word, NULL, 10);
    }
    s = open_as(path, &options);
    assert_int_equal(dcr_store_forget(s, l.id, 1, &err), DCR_OK);
    check_found(&b, s, 0, 0);
    bm_append_range(&b, s, 100, 10);
    check_found(&b, s, 100, 10);
    close_store(s);
    bm_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_any_cut, clean),
        cmocka_unit_test_teardown(test_limit, clean),
        cmocka_unit_test_teardown(test_sketch_meets_facts, clean),
        cmocka_unit_test_teardown(test_odd_values, clean),
        cmocka_unit_test_teardown(test_units, clean),
        cmocka_unit_test_teardown(test_files, clean),
        cmocka_unit_test_teardown(test_forget, clean),
        cmocka_unit_test_teardown(test_forget_sketch, clean),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
