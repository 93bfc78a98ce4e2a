#include "intake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aggregate.h"
#include "alloc.h"
#include "filekind.h"
#include "hash.h"
#include "open.h"
#include "reader_both.h"
#include "sidecar.h"
#include "source.h"
#include "walk.h"

/* Of each parser and of what is kept; part of every scan file. */
#define READER_VERSION "6"

struct dcr_intake {
    dcr_reader *reader, *second; /* second: NULL unless both are asked for */
    dcr_witness *witness;
    dcr_aggregate *batch;
    dcr_source src;
    dcr_reading reading, other;
    dcr_sidecar sidecar;
    dcr_sink sink;
};

dcr_status dcr_intake_new(dcr_intake **out, dcr_reader_kind reader,
                          const dcr_budget *budget, const char *const *keep,
                          size_t n_keep, dcr_err *err)
{
    dcr_intake *in = dcr_alloc(1, sizeof *in);
    *out = NULL;
    if (in == NULL)
        return dcr_nomem(err);
    in->reader = dcr_reader_new(budget, reader);
    in->batch = dcr_aggregate_new(keep, n_keep);
    in->sink = (dcr_sink){in->batch, dcr_aggregate_value, dcr_aggregate_again};
    if (reader == DCR_READER_BOTH) {
        in->second = dcr_reader_new(budget, DCR_READER_DCMTK);
        in->witness = dcr_witness_new(&in->sink);
    }
    if (in->reader == NULL || in->batch == NULL || !dcr_source_init(&in->src) ||
        (reader == DCR_READER_BOTH && (in->second == NULL || in->witness == NULL))) {
        dcr_intake_free(in);
        return dcr_nomem(err);
    }
    *out = in;
    return DCR_OK;
}

void dcr_intake_free(dcr_intake *in)
{
    if (in == NULL)
        return;
    dcr_reader_free(in->reader);
    dcr_reader_free(in->second);
    dcr_witness_free(in->witness);
    dcr_aggregate_free(in->batch);
    dcr_source_clear(&in->src);
    dcr_reading_clear(&in->reading);
    dcr_reading_clear(&in->other);
    dcr_sidecar_clear(&in->sidecar);
    dcr_free(in);
}

static dcr_read why_not(int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
        return DCR_READ_DENIED;
    case ENOENT:
    case ENOTDIR:
        return DCR_READ_VANISHED;
    case ENXIO: /* a socket, or a device without a driver */
        return DCR_READ_SPECIAL;
    case ELOOP:
        return DCR_READ_LOOP;
    default:
        return DCR_READ_IO;
    }
}

static int64_t mtime_of(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

static dcr_status finish(dcr_intake *in, dcr_batch_file *f, const dcr_unit_key *key,
                         dcr_err *err)
{
    dcr_status s = dcr_aggregate_end(in->batch, f, key);
    return s == DCR_OK ? s : dcr_nomem(err);
}

/* ---- the unit ---- */

static bool file_digest(dcr_intake *in, int fd, uint64_t size, char hex[33])
{
    dcr_hasher *h = dcr_hasher_new();
    size_t got;
    if (h == NULL)
        return false;
    dcr_source_start(&in->src, fd, size);
    do {
        const uint8_t *p = dcr_source_peek(&in->src, DCR_SOURCE_WINDOW, &got);
        dcr_hasher_add(h, p, got);
        dcr_source_eat(&in->src, got);
    } while (got > 0);
    dcr_hash128_hex(dcr_hasher_end(h), hex);
    dcr_hasher_free(h);
    return true;
}

static dcr_bytes bytes_of(const dcr_buf *b)
{
    dcr_bytes x = {(const uint8_t *)b->p, (uint32_t)b->n};
    return x;
}

/* What stands in for a missing StudyInstanceUID; `text` lives in `to`. */
static bool stand_in(dcr_intake *in, int fd, const dcr_batch_file *f, dcr_buf *to)
{
    const dcr_buf *id = in->reading.id;
    char hex[33];
    if (id[DCR_ID_STUDY].n > 0)
        return true;
    if (id[DCR_ID_SOP].n > 0) {
        dcr_buf_str(to, "sop:");
        dcr_buf_add(to, id[DCR_ID_SOP].p, id[DCR_ID_SOP].n);
        return !to->failed;
    }
    if (!file_digest(in, fd, f->size, hex))
        return false;
    dcr_buf_str(to, "file:");
    dcr_buf_str(to, hex);
    return !to->failed;
}

static dcr_status finish_dicom(dcr_intake *in, int fd, dcr_batch_file *f, dcr_err *err)
{
    const dcr_reading *r = &in->reading;
    const dcr_buf *id = r->id;
    dcr_buf other = {0};
    dcr_unit_key key;
    dcr_status s;
    f->kind = r->dicomdir ? DCR_FILE_DICOMDIR : DCR_FILE_DICOM;
    f->elements = r->elements;
    f->private_elements = r->private_elements;
    f->undecodable = r->undecodable;
    if (id[DCR_ID_SOP].n > 0) {
        dcr_hash128 h = dcr_hash128_of(id[DCR_ID_SOP].p, id[DCR_ID_SOP].n);
        f->sop[0] = h.lo;
        f->sop[1] = h.hi;
    }
    if (r->elements == 0)
        return finish(in, f, NULL, err);
    if (!stand_in(in, fd, f, &other)) {
        dcr_buf_clear(&other);
        return dcr_nomem(err);
    }
    key.patient_id = bytes_of(&id[DCR_ID_PATIENT]);
    key.issuer = bytes_of(&id[DCR_ID_ISSUER]);
    key.study_uid = bytes_of(&id[DCR_ID_STUDY]);
    key.series_uid = bytes_of(&id[DCR_ID_SERIES]);
    key.stand_in = bytes_of(&other);
    key.kind = f->kind;
    s = finish(in, f, &key, err);
    dcr_buf_clear(&other);
    return s;
}

/* ---- a file ---- */

/* Somebody writes to it: what was read is neither the old file nor the new one. */
static bool has_changed(int fd, const dcr_batch_file *f)
{
    struct stat after;
    return fstat(fd, &after) == 0 &&
           ((uint64_t)after.st_size != f->size || mtime_of(&after) != f->mtime_ns);
}

/* Tells in which way the readers differ, as an attribute of the file. */
static dcr_status tell_difference(dcr_intake *in, dcr_differ d)
{
    dcr_pathtab *paths = dcr_aggregate_paths(in->batch);
    char text[64];
    uint32_t path;
    if (d == DCR_DIFFER_NOT)
        return DCR_OK;
    path = dcr_pathtab_sub(paths, DCR_PATH_ROOT, dcr_differ_path(d));
    if (path == DCR_PATH_NONE)
        return DCR_ENOMEM;
    snprintf(text, sizeof text, "%s %s", dcr_read_name((dcr_read)in->reading.status),
             d == DCR_DIFFER_DEPTH ? "-" : dcr_read_name((dcr_read)in->other.status));
    return in->sink.value(in->sink.ctx, path, "SH", (const uint8_t *)text,
                          (uint32_t)strlen(text), 0);
}

/* What identifies the file is our reader's word; DCMTK's where that has none. */
static void fill_ids(dcr_intake *in)
{
    for (int i = 0; i < DCR_ID_N; i++) {
        dcr_buf *mine = &in->reading.id[i], *theirs = &in->other.id[i], swap = *mine;
        if (mine->n == 0 && theirs->n > 0) {
            *mine = *theirs;
            *theirs = swap;
        }
    }
    if (in->reading.elements == 0)
        in->reading.elements = in->other.elements;
}

/* The file once by our reader and once by DCMTK, into one batch: a value counts once per
 * file, whoever tells it. */
static dcr_status read_twice(dcr_intake *in, int fd, uint64_t size)
{
    dcr_pathtab *paths = dcr_aggregate_paths(in->batch);
    const dcr_sink *sink = dcr_witness_sink(in->witness);
    dcr_differ d = DCR_DIFFER_DEPTH; /* DCMTK recurses */
    dcr_witness_begin(in->witness);
    if (dcr_reader_file(in->reader, &in->src, paths, sink, &in->reading) != DCR_OK)
        return DCR_ENOMEM;
    if (in->reading.status != DCR_READ_DEPTH) {
        dcr_source_start(&in->src, fd, size);
        dcr_witness_second(in->witness);
        if (dcr_reader_file(in->second, &in->src, paths, sink, &in->other) != DCR_OK)
            return DCR_ENOMEM;
        d = dcr_witness_compare(in->witness, paths, &in->reading, &in->other);
        fill_ids(in);
    }
    return tell_difference(in, d);
}

static dcr_status read_dicom(dcr_intake *in, int fd, dcr_batch_file *f, dcr_err *err)
{
    dcr_status s = in->second != NULL ? read_twice(in, fd, f->size)
                                      : dcr_reader_file(in->reader, &in->src,
                                                        dcr_aggregate_paths(in->batch),
                                                        &in->sink, &in->reading);
    if (s != DCR_OK)
        return dcr_nomem(err);
    f->status = in->reading.status;
    if (has_changed(fd, f))
        f->status = DCR_READ_CHANGED;
    return finish_dicom(in, fd, f, err);
}

/* A file beside the images: a unit of its own, for it is nobody's.  One of which a part
 * was not seen (the image of a NIfTI volume, pictures inside of text) stays "listed, not
 * read": what its header says is judged all the same. */
static dcr_status read_sidecar(dcr_intake *in, int fd, dcr_batch_file *f, dcr_err *err)
{
    dcr_sidecar_reading r;
    dcr_unit_key key = {.kind = f->kind};
    char text[48] = "file:";
    if (dcr_sidecar_file(&in->sidecar, &in->src, (dcr_file_kind)f->kind,
                         dcr_aggregate_paths(in->batch), &in->sink, &r) != DCR_OK)
        return dcr_nomem(err);
    f->undecodable = r.undecodable;
    f->status = in->src.failed       ? why_not(in->src.failed)
                : has_changed(fd, f) ? DCR_READ_CHANGED
                : r.whole            ? DCR_READ_OK
                                     : DCR_READ_OTHER;
    memcpy(text + 5, r.digest, sizeof r.digest);
    key.stand_in.p = (const uint8_t *)text;
    key.stand_in.n = (uint32_t)strlen(text);
    return finish(in, f, r.values > 0 ? &key : NULL, err);
}

static dcr_status read_regular(dcr_intake *in, int fd, const char *path,
                               dcr_batch_file *f, dcr_err *err)
{
    size_t n;
    const uint8_t *head;
    if (f->size == 0) {
        f->kind = dcr_filekind_by_name(path);
        f->status =
            f->kind == DCR_FILE_DICOM || f->kind == DCR_FILE_UNKNOWN ? DCR_READ_EMPTY
            : dcr_sidecar_reads((dcr_file_kind)f->kind, 0) && f->kind != DCR_FILE_NIFTI
                ? DCR_READ_OK /* nothing is all there is to see */
                : DCR_READ_OTHER;
        return finish(in, f, NULL, err);
    }
    dcr_source_start(&in->src, fd, f->size);
    head = dcr_source_peek(&in->src, DCR_FILEKIND_HEAD, &n);
    if (in->src.failed) {
        f->status = why_not(in->src.failed);
        return finish(in, f, NULL, err);
    }
    f->kind = dcr_filekind(head, n, f->size, path);
    if (f->kind == DCR_FILE_DICOM)
        return read_dicom(in, fd, f, err);
    if (dcr_sidecar_reads((dcr_file_kind)f->kind, f->size))
        return read_sidecar(in, fd, f, err);
    f->status = DCR_READ_OTHER;
    return finish(in, f, NULL, err);
}

dcr_status dcr_intake_file(dcr_intake *in, uint32_t index, const char *path, dcr_err *err)
{
    dcr_batch_file f = {0};
    struct stat st;
    dcr_status s;
    int fd;
    f.index = index;
    f.kind = DCR_FILE_UNKNOWN;
    dcr_aggregate_begin(in->batch);
    /* O_NONBLOCK: opening a fifo that nobody feeds must not wait */
    fd = dcr_open_path(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0) {
        f.status = why_not(errno);
        s = finish(in, &f, NULL, err);
    } else if (!S_ISREG(st.st_mode)) {
        f.kind = DCR_FILE_SPECIAL;
        f.status = DCR_READ_SPECIAL;
        s = finish(in, &f, NULL, err);
    } else {
        f.size = (uint64_t)st.st_size;
        f.mtime_ns = mtime_of(&st);
        s = read_regular(in, fd, path, &f, err);
    }
    if (fd >= 0)
        close(fd);
    return s;
}

size_t dcr_intake_bytes(const dcr_intake *in)
{
    return dcr_aggregate_memory(in->batch);
}

dcr_status dcr_intake_take(dcr_intake *in, dcr_buf *out, dcr_err *err)
{
    if (in->witness != NULL)
        dcr_witness_forget(in->witness);
    return dcr_aggregate_take(in->batch, out) == DCR_OK ? DCR_OK : dcr_nomem(err);
}

const char *dcr_reader_name(dcr_reader_kind k)
{
    static const char *const names[DCR_READER_N] = {"stream", "dcmtk", "both"};
    return names[k];
}

const char *dcr_intake_version(dcr_reader_kind reader)
{
    static char texts[DCR_READER_N][256];
    char *text = texts[reader];
    size_t n, room = sizeof texts[0];
    if (text[0] != 0)
        return text;
    n = (size_t)snprintf(text, room, "%s/%s dcmtk/%s sidecar/%s", dcr_reader_name(reader),
                         READER_VERSION, dcr_reader_dcmtk(), DCR_SIDECAR_VERSION);
    for (const dcr_opener *const *o = dcr_openers(); *o != NULL && n < room; o++)
        n += (size_t)snprintf(text + n, room - n, " %s/%s", (*o)->name, (*o)->version);
    return text;
}
