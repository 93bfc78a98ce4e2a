/* Two DICOM files that differ in one byte, one after the other: of the second a reader
 * that remembers the first says what a new one says.  The first three bytes are the place
 * of the byte, and by what it differs. */
#include "fuzz.h"

#include "hash.h"
#include "reader.h"

enum { PATHS = 65536 };

typedef struct desk { /* a reader, what it keeps, and what it says */
    dcr_reader *r;
    dcr_pathtab paths;
    dcr_reading out;
    uint64_t sum;         /* over all values, whatever their order */
    uint64_t last[PATHS]; /* by path: of its last value */
} desk;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    dcr_reader_init();
    return 0;
}

static dcr_status value(void *ctx, uint32_t path, const char vr[2], const uint8_t *p,
                        uint32_t n, uint32_t flags)
{
    desk *d = ctx;
    const char *name = d->paths.path[path].text;
    uint64_t of[4] = {dcr_hash64(name, strlen(name)), dcr_hash64(p, n), flags,
                      (uint64_t)vr[0] << 8 | (uint64_t)vr[1]};
    MUST(path < PATHS);
    d->last[path] = dcr_hash64(of, sizeof of);
    d->sum += d->last[path];
    return DCR_OK;
}

static dcr_status again(void *ctx, uint32_t path)
{
    desk *d = ctx;
    MUST(path < PATHS && d->last[path] != 0);
    d->sum += d->last[path];
    return DCR_OK;
}

/* As a desk that has read nothing; what is large is cleared only as far as it was used.
 */
static void desk_init(desk *d)
{
    d->r = dcr_reader_new(NULL, DCR_READER_STREAM);
    MUST(d->r != NULL && dcr_pathtab_init(&d->paths));
}

static void desk_clear(desk *d)
{
    memset(d->last, 0, d->paths.n * sizeof *d->last);
    dcr_reader_free(d->r);
    dcr_pathtab_clear(&d->paths);
    dcr_reading_clear(&d->out);
}

static void desk_read(desk *d, const uint8_t *p, size_t n)
{
    dcr_sink sink = {d, value, again};
    dcr_source src;
    int fd = memory_file(p, n);
    MUST(dcr_source_init(&src));
    dcr_source_start(&src, fd, n);
    d->sum = 0;
    MUST(dcr_reader_file(d->r, &src, &d->paths, &sink, &d->out) == DCR_OK);
    MUST(d->out.unaccounted == 0);
    dcr_source_clear(&src);
    close(fd);
}

static void same(const desk *a, const desk *b)
{
    MUST(a->sum == b->sum && a->out.status == b->out.status);
    MUST(a->out.elements == b->out.elements &&
         a->out.private_elements == b->out.private_elements);
    MUST(a->out.undecodable == b->out.undecodable && a->out.dicomdir == b->out.dicomdir);
    MUST(memcmp(a->out.share, b->out.share, sizeof a->out.share) == 0);
    for (int i = 0; i < DCR_ID_N; i++)
        MUST(a->out.id[i].n == b->out.id[i].n &&
             (a->out.id[i].n == 0 ||
              memcmp(a->out.id[i].p, b->out.id[i].p, a->out.id[i].n) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static desk warm, cold;
    uint8_t *before;
    if (n < 4)
        return 0;
    before = malloc(n - 3);
    MUST(before != NULL);
    memcpy(before, p + 3, n - 3);
    before[(p[0] << 8 | p[1]) % (n - 3)] ^= p[2];
    desk_init(&warm);
    desk_init(&cold);
    desk_read(&warm, before, n - 3);
    desk_read(&warm, p + 3, n - 3);
    desk_read(&cold, p + 3, n - 3);
    same(&warm, &cold);
    desk_clear(&warm);
    desk_clear(&cold);
    free(before);
    return 0;
}
