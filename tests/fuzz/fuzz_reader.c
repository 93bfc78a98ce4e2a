/* DICOM files, by both readers: no byte is lost of a file that counts as read. */
#include "fuzz.h"

#include "deaf_sink.h"
#include "intake.h"
#include "reader.h"
#include "wire.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    dcr_reader_init();
    return 0;
}

static void account(int fd, size_t n)
{
    static dcr_reader *r;
    dcr_reading out = {0};
    dcr_pathtab paths;
    dcr_source src;
    if (r == NULL)
        r = dcr_reader_new(NULL, DCR_READER_STREAM);
    MUST(r != NULL && dcr_pathtab_init(&paths) && dcr_source_init(&src));
    dcr_source_start(&src, fd, n);
    MUST(dcr_reader_file(r, &src, &paths, &deaf_sink, &out) == DCR_OK);
    MUST(out.unaccounted == 0);
    dcr_source_clear(&src);
    dcr_pathtab_clear(&paths);
    dcr_reading_clear(&out);
}

/* Seeds for fuzz_wire: what workers answer, three files in a batch, into the folder
 * WIRE_TO.
 */
static void keep(const char *name)
{
    enum { FILES = 3 };
    static dcr_intake *in;
    static unsigned n;
    const char *to = getenv("WIRE_TO");
    dcr_buf out = {0};
    char path[512];
    FILE *f;
    if (to == NULL)
        return;
    if (in == NULL)
        MUST(dcr_intake_new(&in, DCR_READER_STREAM, NULL, NULL, 0, NULL) == DCR_OK);
    MUST(dcr_intake_file(in, n % FILES, name, NULL) == DCR_OK);
    if (++n % FILES != 0)
        return;
    MUST(dcr_intake_take(in, &out, NULL) == DCR_OK);
    snprintf(path, sizeof path, "%s/%04u", to, n / FILES);
    f = fopen(path, "wb");
    MUST(f != NULL && fwrite(out.p, 1, out.n, f) == out.n && fclose(f) == 0);
    dcr_buf_clear(&out);
}

/* Both, into a batch that the supervisor decodes. */
static void take_in(const char *name)
{
    static dcr_intake *in; /* as in a worker, one for many files */
    dcr_buf out = {0};
    dcr_batch b;
    if (in == NULL)
        MUST(dcr_intake_new(&in, DCR_READER_BOTH, NULL, NULL, 0, NULL) == DCR_OK);
    MUST(dcr_intake_file(in, 0, name, NULL) == DCR_OK);
    MUST(dcr_intake_take(in, &out, NULL) == DCR_OK);
    MUST(dcr_wire_decode(&b, (const uint8_t *)out.p, out.n, NULL) == DCR_OK);
    MUST(b.n_files == 1);
    dcr_batch_clear(&b);
    dcr_buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    char name[32];
    int fd = memory_file(p, n);
    account(fd, n);
    take_in(name_of(fd, name));
    keep(name);
    close(fd);
    return 0;
}
