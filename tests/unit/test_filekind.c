#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "filekind.h"
#include "reader.h"

static dcr_file_kind kind(const char *p, size_t n, const char *path)
{
    return dcr_filekind((const uint8_t *)p, n, n, path);
}

#define KIND(text, path) kind(text, sizeof text - 1, path)

static void test_magic(void **state)
{
    static char head[200];
    (void)state;
    memcpy(head + 128, "DICM", 4);
    assert_int_equal(kind(head, sizeof head, "x"), DCR_FILE_DICOM);
    memcpy(head, "II*\0", 4); /* a TIFF file that is DICOM too */
    assert_int_equal(kind(head, sizeof head, "x.tif"), DCR_FILE_DICOM);
    assert_int_equal(KIND("%PDF-1.7 ...", "x"), DCR_FILE_PDF);
    assert_int_equal(KIND("%PDF-1.7 ...", "x.dcm"), DCR_FILE_PDF);
    assert_int_equal(KIND("\x89PNG\r\n\x1A\n....", "x"), DCR_FILE_IMAGE);
    assert_int_equal(KIND("\xFF\xD8\xFF\xE0....", "x"), DCR_FILE_IMAGE);
    assert_int_equal(KIND("GIF89a......", "x"), DCR_FILE_IMAGE);
    assert_int_equal(KIND("PK\x03\x04....", "x.csv"), DCR_FILE_ARCHIVE);
    assert_int_equal(KIND("7z\xBC\xAF\x27\x1C....", "x"), DCR_FILE_ARCHIVE);
    assert_int_equal(KIND("BM\x12\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "x"),
                     DCR_FILE_IMAGE);
}

/* NIfTI-1: sizeof_hdr 348 first, magic at 344; NIfTI-2: 540 and magic at 4. */
static void test_nifti(void **state)
{
    char h[352] = {0}, gz[512];
    z_stream z = {0};
    (void)state;
    h[0] = 0x5C;
    h[1] = 1;
    memcpy(h + 344, "n+1", 4);
    assert_int_equal(kind(h, sizeof h, "x"), DCR_FILE_NIFTI);
    z.next_in = (Bytef *)h;
    z.avail_in = sizeof h;
    z.next_out = (Bytef *)gz;
    z.avail_out = sizeof gz;
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    assert_int_equal(kind(gz, sizeof gz - z.avail_out, "x"), DCR_FILE_NIFTI);
    h[344] = 'x';
    assert_int_equal(kind(h, sizeof h, "x"), DCR_FILE_UNKNOWN);
    assert_int_equal(kind(h, sizeof h, "x.nii"), DCR_FILE_NIFTI);
    memset(h, 0, sizeof h);
    memcpy(h, "\x1C\x02\0\0n+2", 8);
    assert_int_equal(kind(h, sizeof h, "x"), DCR_FILE_NIFTI);
    assert_int_equal(KIND("\x1F\x8B\x08\0\0\0\0\0\0\3abcdefghijkl", "x"),
                     DCR_FILE_ARCHIVE);
}

static void test_text(void **state)
{
    (void)state;
    assert_int_equal(KIND("a,b\n1,2\n", "x.CSV"), DCR_FILE_CSV);
    assert_int_equal(KIND("a,b\n1,2\n", "x"), DCR_FILE_TEXT);
    assert_int_equal(KIND(" {\"a\": 1}", "x"), DCR_FILE_JSON);
    assert_int_equal(KIND("{\"a\": 1}", "x.json"), DCR_FILE_JSON);
    assert_int_equal(KIND("<?xml version=\"1.0\"?><a/>", "x"), DCR_FILE_XML);
    assert_int_equal(KIND("\xEF\xBB\xBF<!DOCTYPE html>", "x"), DCR_FILE_XML);
    assert_int_equal(KIND("<?xml version=\"1.0\"?><svg/>", "x.svg"), DCR_FILE_IMAGE);
    assert_int_equal(KIND("M\xC3\xBCller", "notes"), DCR_FILE_TEXT);
    assert_int_equal(KIND("M\xFCller and others", "notes"), DCR_FILE_TEXT);
    assert_int_equal(KIND("\1\2\3\4\5\6\7\x10\x11", "x.txt"), DCR_FILE_TEXT);
    assert_int_equal(KIND("\1\2\3\4\5\6\7\x10\x11", "x"), DCR_FILE_UNKNOWN);
    assert_int_equal(KIND("version https://git-lfs", "a/x.dcm"), DCR_FILE_DICOM);
}

/* Data sets without preamble, in each encoding, as PS3.5 section 7.1 writes them. */
static void test_bare(void **state)
{
    (void)state;
    assert_int_equal(KIND("\x08\0\x60\0CS\2\0MR\x10\0\x20\0LO\2\0P1", "x"),
                     DCR_FILE_DICOM);
    assert_int_equal(KIND("\x08\0\x60\0\2\0\0\0MR\x10\0\x20\0\2\0\0\0P1", "x"),
                     DCR_FILE_DICOM);
    assert_int_equal(KIND("\0\x08\0\x60"
                          "CS\0\2MR\0\x10\0\x20LO\0\2P1",
                          "x"),
                     DCR_FILE_DICOM);
    /* ACR-NEMA: group length, then the recognition code */
    assert_int_equal(
        KIND("\x08\0\0\0\4\0\0\0\x14\0\0\0\x08\0\x10\0\x0C\0\0\0ACR-NEMA 2.0", "x"),
        DCR_FILE_DICOM);
    assert_int_equal(KIND("\x08\0\x60\0CS\xFF\0MR\x10\0\x20\0LO\2\0P1", "x"),
                     DCR_FILE_UNKNOWN);
    assert_int_equal(KIND("\x09\0\x60\0\2\0\0\0MR", "x"), DCR_FILE_UNKNOWN);
}

static void test_names(void **state)
{
    (void)state;
    assert_int_equal(dcr_filekind_by_name("a/b.nii.gz"), DCR_FILE_NIFTI);
    assert_int_equal(dcr_filekind_by_name("a/b.tar.gz"), DCR_FILE_ARCHIVE);
    assert_int_equal(dcr_filekind_by_name("IM1.DCM"), DCR_FILE_DICOM);
    assert_int_equal(dcr_filekind_by_name("cd/DICOMDIR"), DCR_FILE_DICOM);
    assert_int_equal(dcr_filekind_by_name("xDICOMDIR"), DCR_FILE_UNKNOWN);
    assert_int_equal(dcr_filekind_by_name("IM0001"), DCR_FILE_UNKNOWN);
    assert_int_equal(dcr_filekind_by_name(NULL), DCR_FILE_UNKNOWN);
    for (int k = 0; k < DCR_FILE_N; k++)
        assert_non_null(dcr_file_kind_name((dcr_file_kind)k));
    for (int r = 0; r < DCR_READ_N; r++)
        assert_non_null(dcr_read_name((dcr_read)r));
    assert_string_equal(dcr_file_kind_name(DCR_FILE_DICOMDIR), "dicomdir");
    assert_string_equal(dcr_read_name(DCR_READ_UNSUPPORTED), "unsupported");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_magic), cmocka_unit_test(test_nifti),
        cmocka_unit_test(test_text),  cmocka_unit_test(test_bare),
        cmocka_unit_test(test_names),
    };
    dcr_reader_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
