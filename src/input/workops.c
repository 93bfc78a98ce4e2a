/* The real work of a worker: the intake, and the wire format of its answers. */
#include "intake.h"
#include "wire.h"
#include "zygote.h"

static dcr_status make_with(dcr_reader_kind reader, void **out, const dcr_budget *budget,
                            const char *const *keep, size_t n_keep, dcr_err *err)
{
    dcr_intake *in = NULL;
    dcr_status s = dcr_intake_new(&in, reader, budget, keep, n_keep, err);
    *out = in;
    return s;
}

static dcr_status make(void **out, const dcr_budget *budget, const char *const *keep,
                       size_t n_keep, dcr_err *err)
{
    return make_with(DCR_READER_STREAM, out, budget, keep, n_keep, err);
}

static dcr_status make_dcmtk(void **out, const dcr_budget *budget,
                             const char *const *keep, size_t n_keep, dcr_err *err)
{
    return make_with(DCR_READER_DCMTK, out, budget, keep, n_keep, err);
}

static dcr_status make_both(void **out, const dcr_budget *budget, const char *const *keep,
                            size_t n_keep, dcr_err *err)
{
    return make_with(DCR_READER_BOTH, out, budget, keep, n_keep, err);
}

static dcr_status file(void *in, uint32_t index, const char *path, dcr_err *err)
{
    return dcr_intake_file(in, index, path, err);
}

static size_t bytes(const void *in)
{
    return dcr_intake_bytes(in);
}

static dcr_status take(void *in, dcr_buf *out, dcr_err *err)
{
    return dcr_intake_take(in, out, err);
}

#define OPS(make)                                                                        \
    {                                                                                    \
        dcr_reader_init, make, file, bytes, take, dcr_wire_decode, dcr_batch_clear,      \
            64 << 20                                                                     \
    }
const dcr_worker_ops dcr_worker_ops_readers[DCR_READER_N] = {
    [DCR_READER_STREAM] = OPS(make),
    [DCR_READER_DCMTK] = OPS(make_dcmtk),
    [DCR_READER_BOTH] = OPS(make_both),
};
