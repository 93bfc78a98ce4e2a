/* Files beside the images, as whatever their first bytes say: CSV, JSON, text, XML,
 * NIfTI. */
#include "fuzz.h"

#include "deaf_sink.h"
#include "intake.h"
#include "reader.h"
#include "sidecar.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    dcr_reader_init();
    return 0;
}

/* The first byte says what it is taken for. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static const dcr_file_kind kinds[] = {DCR_FILE_CSV, DCR_FILE_JSON, DCR_FILE_TEXT,
                                          DCR_FILE_XML, DCR_FILE_NIFTI};
    dcr_sidecar s = {0};
    dcr_sidecar_reading out;
    dcr_pathtab paths;
    dcr_source src;
    dcr_file_kind kind;
    int fd;
    if (n < 2)
        return 0;
    kind = kinds[p[0] % (sizeof kinds / sizeof kinds[0])];
    fd = memory_file(p + 1, n - 1);
    MUST(dcr_pathtab_init(&paths) && dcr_source_init(&src));
    dcr_source_start(&src, fd, n - 1);
    MUST(dcr_sidecar_file(&s, &src, kind, &paths, &deaf_sink, &out) == DCR_OK);
    dcr_sidecar_clear(&s);
    dcr_source_clear(&src);
    dcr_pathtab_clear(&paths);
    close(fd);
    return 0;
}
