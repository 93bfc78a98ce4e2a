#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "alloc.h"
#include "dicom_bytes.h"
#include "intake.h"
#include "wire.h"

static char folder[64];

static const char *in_folder(const char *name)
{
    static char path[8][400];
    static int next;
    char *p = path[next++ % 8];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static const char *write_file(const char *name, const void *p, size_t n)
{
    const char *path = in_folder(name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    return path;
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "%s/dcmrisk-intake-XXXXXX", P_tmpdir);
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    (void)state;
    while (d != NULL && (e = readdir(d)) != NULL)
        if (e->d_name[0] != '.')
            remove(in_folder(e->d_name));
    closedir(d);
    return rmdir(folder);
}

static dcr_batch take(dcr_intake *in)
{
    dcr_buf out = {0};
    dcr_batch b;
    assert_int_equal(dcr_intake_take(in, &out, NULL), DCR_OK);
    assert_int_equal(dcr_wire_decode(&b, (uint8_t *)out.p, out.n, NULL), DCR_OK);
    dcr_buf_clear(&out);
    return b;
}

static dcr_intake *intake(void)
{
    dcr_intake *in;
    assert_int_equal(dcr_intake_new(&in, reader_kind, NULL, NULL, 0, NULL), DCR_OK);
    return in;
}

static void expect(const char *path, dcr_file_kind kind, dcr_read status)
{
    dcr_intake *in = intake();
    dcr_batch b;
    assert_int_equal(dcr_intake_file(in, 7, path, NULL), DCR_OK);
    b = take(in);
    assert_int_equal(b.n_files, 1);
    assert_int_equal(b.files[0].index, 7);
    assert_int_equal(b.files[0].kind, kind);
    assert_int_equal(b.files[0].status, status);
    dcr_batch_clear(&b);
    dcr_intake_free(in);
}

static void test_statuses(void **state)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)state;
    expect(in_folder("nothing"), DCR_FILE_UNKNOWN, DCR_READ_VANISHED);
    expect(write_file("empty.dcm", "", 0), DCR_FILE_DICOM, DCR_READ_EMPTY);
    expect(write_file("empty", "", 0), DCR_FILE_UNKNOWN, DCR_READ_EMPTY);
    expect(write_file("empty.txt", "", 0), DCR_FILE_TEXT, DCR_READ_OK);
    expect(write_file("a.csv", "a,b\n", 4), DCR_FILE_CSV, DCR_READ_OK);
    expect(write_file("a.pdf", "%PDF-1.4\n", 9), DCR_FILE_PDF, DCR_READ_OTHER);
    expect(write_file("b.csv", "a,\1\n", 5), DCR_FILE_CSV, DCR_READ_OTHER);
    expect(write_file("pointer.dcm", "oid sha256:00", 13), DCR_FILE_DICOM,
           DCR_READ_CORRUPT);
    expect(folder, DCR_FILE_SPECIAL, DCR_READ_SPECIAL);
    expect("/dev/null", DCR_FILE_SPECIAL, DCR_READ_SPECIAL);
    assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
    expect(in_folder("fifo"), DCR_FILE_SPECIAL, DCR_READ_SPECIAL);
    snprintf(sa.sun_path, sizeof sa.sun_path, "%s/socket", folder);
    assert_int_equal(bind(s, (struct sockaddr *)&sa, sizeof sa), 0);
    expect(sa.sun_path, DCR_FILE_UNKNOWN, DCR_READ_SPECIAL);
    close(s);
    if (geteuid() != 0) {
        chmod(in_folder("a.csv"), 0);
        expect(in_folder("a.csv"), DCR_FILE_UNKNOWN, DCR_READ_DENIED);
    }
}

static bool is(const dcr_batch *b, uint32_t i, const char *s)
{
    return b->strings[i].n == strlen(s) && memcmp(b->strings[i].p, s, strlen(s)) == 0;
}

static const char *exam(const char *name, const char *study, const char *sop,
                        const char *more)
{
    bytes d = {0};
    const char *path;
    meta(&d, "1.2.840.10008.1.2.1");
    text(&d, 8, 0x18, "UI", sop);
    text(&d, 0x10, 0x20, "LO", " P1 ");
    text(&d, 0x10, 0x21, "LO", "HOSP");
    text(&d, 0x20, 0xD, "UI", study);
    text(&d, 0x20, 0xE, "UI", "1.9");
    text(&d, 0x40, 7, "LO", more);
    path = write_file(name, d.b.p, d.b.n);
    dcr_buf_clear(&d.b);
    return path;
}

static void test_units(void **state)
{
    dcr_intake *in = intake();
    dcr_batch b;
    (void)state;
    assert_int_equal(dcr_intake_file(in, 0, exam("a", "1.2", "1.3", "x"), NULL), DCR_OK);
    assert_int_equal(dcr_intake_file(in, 1, exam("b", "1.2", "1.4", "x"), NULL), DCR_OK);
    assert_int_equal(dcr_intake_file(in, 2, exam("c", "", "1.3", "x"), NULL), DCR_OK);
    assert_int_equal(dcr_intake_file(in, 3, exam("d", "", "", "x"), NULL), DCR_OK);
    assert_int_equal(dcr_intake_file(in, 4, exam("e", "", "", "x"), NULL), DCR_OK);
    assert_int_equal(dcr_intake_file(in, 5, exam("f", "", "", "y"), NULL), DCR_OK);
    assert_true(dcr_intake_bytes(in) > 0);
    b = take(in);
    assert_int_equal(b.n_files, 6);
    const dcr_batch_unit *u = &b.units[b.files[0].unit];
    assert_true(is(&b, u->patient_id, "P1") && is(&b, u->issuer, "HOSP"));
    assert_true(is(&b, u->study_uid, "1.2") && is(&b, u->series_uid, "1.9"));
    assert_true(is(&b, u->stand_in, ""));
    assert_int_equal(b.files[0].unit, b.files[1].unit);
    assert_true(b.files[0].sop[0] != b.files[1].sop[0]);
    assert_true(b.files[0].sop[0] == b.files[2].sop[0]);
    assert_true(b.files[0].sop[1] == b.files[2].sop[1]);
    assert_true(is(&b, b.units[b.files[2].unit].stand_in, "sop:1.3"));
    assert_true(b.files[3].sop[0] == 0 && b.files[3].sop[1] == 0);
    assert_memory_equal(b.strings[b.units[b.files[3].unit].stand_in].p, "file:", 5);
    assert_int_equal(b.files[3].unit, b.files[4].unit); /* a copy */
    assert_int_not_equal(b.files[3].unit, b.files[5].unit);
    assert_int_equal(b.files[0].elements, 9);
    assert_int_equal(b.files[0].size,
                     128 + 4 + 12 + 34 + 28 + 12 + 12 + 12 + 12 + 12 + 10);
    dcr_batch_clear(&b);
    dcr_intake_free(in);
}

static void test_truncated_counts(void **state)
{
    dcr_intake *in = intake();
    dcr_batch b;
    bytes d = {0};
    bool found = false;
    (void)state;
    meta(&d, "1.2.840.10008.1.2.1");
    text(&d, 0x10, 0x10, "PN", "Doe^Jane");
    head(&d, 0x7FE0, 0x10, "OW", 1000);
    assert_int_equal(dcr_intake_file(in, 0, write_file("cut", d.b.p, d.b.n), NULL),
                     DCR_OK);
    b = take(in);
    assert_int_equal(b.files[0].status, DCR_READ_TRUNCATED);
    assert_int_not_equal(b.files[0].unit, UINT32_MAX);
    for (uint32_t i = 0; i < b.n_facts; i++)
        found = found || is(&b, b.values[b.facts[i].value].bytes, "Doe^Jane");
    assert_true(found);
    dcr_batch_clear(&b);
    dcr_buf_clear(&d.b);
    dcr_intake_free(in);
}

static void test_dicomdir(void **state)
{
    bytes d = {0};
    (void)state;
    text(&d, 4, 0x1130, "CS", "SET");
    head(&d, 4, 0x1220, "SQ", 8 + 10);
    head(&d, 0xFFFE, 0xE000, "", 10);
    text(&d, 0x10, 0x20, "LO", "P1");
    text(&d, 8, 0x60, "CS", "");
    expect(write_file("DICOMDIR", d.b.p, d.b.n), DCR_FILE_DICOMDIR, DCR_READ_OK);
    dcr_buf_clear(&d.b);
}

/* A value of an opener comes out below the element it was found in. */
static void test_opener(void **state)
{
    dcr_intake *in = intake();
    dcr_batch b;
    bytes d = {0};
    bool found = false;
    char csa[16 + 84 + 16 + 8] = "SV10\4\3\2\1\1\0\0\0M\0\0\0"
                                 "UsedPatientWeight";
    (void)state;
    csa[16 + 64] = 1;
    memcpy(csa + 16 + 68, "IS", 2);
    csa[16 + 76] = 1;
    csa[16 + 84 + 4] = 5;
    memcpy(csa + 16 + 84 + 16, "75000", 5);
    text(&d, 8, 0x60, "CS", "MR");
    text(&d, 0x29, 0x10, "LO", "SIEMENS CSA HEADER");
    el(&d, 0x29, 0x1010, "OB", csa, sizeof csa);
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(dcr_intake_file(in, i, write_file("csa", d.b.p, d.b.n), NULL),
                         DCR_OK);
    b = take(in);
    for (uint32_t i = 0; i < b.n_facts; i++)
        found = found || (is(&b, b.attrs[b.facts[i].attr].path,
                             "0029,xx10{SIEMENS CSA HEADER}:csa/UsedPatientWeight") &&
                          is(&b, b.values[b.facts[i].value].bytes, "75000") &&
                          b.facts[i].files == 2);
    assert_true(found);
    assert_int_equal(b.files[0].elements, 3);
    dcr_batch_clear(&b);
    dcr_buf_clear(&d.b);
    dcr_intake_free(in);
}

static void test_no_memory(void **state)
{
    const char *path = exam("m", "", "", "x");
    dcr_status s = DCR_ENOMEM;
    long n = 0;
    (void)state;
    for (; s == DCR_ENOMEM && n < 1000; n++) {
        dcr_intake *in;
        dcr_buf out = {0};
        dcr_alloc_fail_after(n);
        s = dcr_intake_new(&in, reader_kind, NULL, NULL, 0, NULL);
        if (s == DCR_OK)
            s = dcr_intake_file(in, 0, path, NULL);
        if (s == DCR_OK)
            s = dcr_intake_take(in, &out, NULL);
        dcr_alloc_fail_after(-1);
        dcr_buf_clear(&out);
        dcr_intake_free(in);
    }
    assert_int_equal(s, DCR_OK);
    assert_true(n > 10);
}

static void test_version(void **state)
{
    (void)state;
    assert_non_null(
        strstr(dcr_intake_version(reader_kind), dcr_reader_name(reader_kind)));
    assert_non_null(strstr(dcr_intake_version(reader_kind), "dcmtk/3."));
    assert_non_null(strstr(dcr_intake_version(reader_kind), "csa/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statuses),         cmocka_unit_test(test_units),
        cmocka_unit_test(test_truncated_counts), cmocka_unit_test(test_dicomdir),
        cmocka_unit_test(test_opener),           cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_version),
    };
    int failed = 0;
    dcr_reader_init();
    for (int k = 0; k < DCR_READER_N; k++) {
        reader_kind = (dcr_reader_kind)k;
        failed += cmocka_run_group_tests_name(dcr_reader_name(reader_kind), tests, setup,
                                              teardown);
    }
    return failed;
}
