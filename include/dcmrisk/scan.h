/* A scan: what workers say about files (dcr_batch), and how a dataset becomes a scan
 * file.
 *
 * A batch is an aggregate, not a stream: attributes, values and units (series) are coded
 * once, and facts count in how many files of a unit a value was seen. */
#ifndef DCMRISK_SCAN_H
#define DCMRISK_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/err.h"
#include "dcmrisk/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a file is.  Stored as text in the scan file (dcr_file_kind_name). */
typedef enum dcr_file_kind {
    DCR_FILE_DICOM = 0, /* a data set of a patient, worklist, query, ... */
    DCR_FILE_DICOMDIR,  /* a media directory: DICOM, but nobody's exam */
    DCR_FILE_CSV,
    DCR_FILE_JSON,
    DCR_FILE_TEXT,
    DCR_FILE_XML,
    DCR_FILE_NIFTI,
    DCR_FILE_PDF,
    DCR_FILE_IMAGE,
    DCR_FILE_ARCHIVE,
    DCR_FILE_UNKNOWN, /* none of the above, not DICOM */
    DCR_FILE_SPECIAL, /* fifo, socket, device: never opened */
    DCR_FILE_LINK,    /* a link inside of the tree: what it names is listed under its own
                         name */
    DCR_FILE_FOLDER,  /* a folder that could not be listed */
    DCR_FILE_N
} dcr_file_kind;
const char *dcr_file_kind_name(dcr_file_kind k); /* "dicom", "dicomdir", "csv", ... */

/* How the reading of a file ended.  Everything but DCR_READ_OK and DCR_READ_OTHER means
 * the file was not read to its end.  Names are stable: coverage.reasons[].reason. */
typedef enum dcr_read {
    DCR_READ_OK = 0,
    DCR_READ_OTHER,     /* not DICOM: listed, not read to its end */
    DCR_READ_EMPTY,     /* zero bytes, and a DICOM name or none that says otherwise */
    DCR_READ_DENIED,    /* may not be opened */
    DCR_READ_IO,        /* the system failed while reading */
    DCR_READ_VANISHED,  /* listed by the walk, gone when opened */
    DCR_READ_CHANGED,   /* changed while it was read */
    DCR_READ_SPECIAL,   /* fifo, socket, device */
    DCR_READ_LOOP,      /* a link that leads round in a circle */
    DCR_READ_OUTSIDE,   /* a link that leads out of the tree: not followed */
    DCR_READ_TRUNCATED, /* ends inside an element */
    DCR_READ_CORRUPT,   /* bytes that are not DICOM where DICOM should be */
    DCR_READ_LENGTH,   /* an element claims more than the file holds, or the budget allows
                        */
    DCR_READ_DEPTH,    /* sequences nested deeper than the budget */
    DCR_READ_ELEMENTS, /* more elements than the budget */
    DCR_READ_BYTES,    /* more bytes of values than the budget */
    DCR_READ_TIME,     /* outran its time */
    DCR_READ_MEMORY,   /* outran its memory */
    DCR_READ_CRASH,    /* the parser died */
    DCR_READ_UNSUPPORTED, /* a transfer syntax or encoding we cannot unpack */
    DCR_READ_N
} dcr_read;
const char *dcr_read_name(dcr_read r); /* "ok", "other", "empty", "denied", ... */

/* Flags of a value. */
enum {
    DCR_VALUE_BINARY = 1, /* bytes of OB, OW, UN, ... that are not text; bytes are raw */
    DCR_VALUE_DIGEST = 2, /* over 4 KiB: bytes are "LENGTH:HEX128" of the value */
    DCR_VALUE_UNDECODED = 4 /* text that its character set could not decode: raw bytes */
};

typedef struct dcr_bytes { /* borrowed bytes; p is never NULL when n > 0 */
    const uint8_t *p;
    uint32_t n;
} dcr_bytes;

typedef struct dcr_batch_attr {
    uint32_t path; /* string: "0010,0030", "0029,xx10{SIEMENS CSA HEADER}", ... */
    char vr[4];    /* "DA"; "UN" when nobody knows */
} dcr_batch_attr;

typedef struct dcr_batch_value {
    uint32_t bytes; /* string */
    uint32_t flags; /* DCR_VALUE_* */
} dcr_batch_value;

/* A unit is what files of one series of one study of one stated patient share.  Strings
 * are as in the files, trailing blanks trimmed, "" when absent or empty. */
typedef struct dcr_batch_unit {
    uint32_t patient_id, issuer, study_uid, series_uid; /* strings */
    uint32_t stand_in; /* "" when study_uid is not empty; otherwise "sop:" +
                          SOPInstanceUID, or "file:" + digest of the whole file, so that a
                          copy is the same unit */
    uint32_t kind; /* dcr_file_kind: DICOM, or what is nobody's (DICOMDIR, CSV, ...) */
} dcr_batch_unit;

typedef struct dcr_batch_file {
    uint32_t index;  /* which path of the request */
    uint32_t kind;   /* dcr_file_kind */
    uint32_t status; /* dcr_read */
    uint32_t
        unit; /* unit of this batch, UINT32_MAX when none (not DICOM, nothing readable) */
    uint64_t size; /* bytes, as seen by the worker */
    int64_t mtime_ns;
    uint64_t sop[2];   /* 128-bit hash of SOPInstanceUID, 0,0 when absent or empty */
    uint32_t elements; /* elements seen at all depths */
    uint32_t private_elements; /* of those, private data elements (creator elements not
                                  counted) */
    uint32_t undecodable;      /* text values that could not be decoded */
} dcr_batch_file;

typedef struct dcr_batch_fact {
    uint32_t unit, attr, value;
    uint32_t files; /* files of this batch in which the attribute holds this value */
} dcr_batch_fact;

/* For each unit and attribute whose values were seen more often than once per file: how
 * many (file, value) pairs are in excess of one per file, so that files = sum(fact.files)
 * - excess. */
typedef struct dcr_batch_excess {
    uint32_t unit, attr;
    uint32_t excess;
} dcr_batch_excess;

enum { DCR_ROLLUP_MAX = 64 };

/* True for VRs whose values are rolled up when there are too many; text is always kept,
 * since text is where identifiers are.  `vr` is two letters. */
bool dcr_vr_rolls_up(const char *vr);

/* An attribute with more than DCR_ROLLUP_MAX distinct values in a unit, kept as a sketch.
 */
typedef struct dcr_batch_rollup {
    uint32_t unit, attr;
    uint64_t files; /* (file, value) pairs, as the sum of fact.files would be */
    uint32_t min,
        max; /* strings: smallest and largest value by bytes, empty values left out */
    uint32_t shape; /* string: the common shape by dcr_shape, or "*" when they differ */
    uint32_t n_hashes; /* at most DCR_ROLLUP_MAX */
    const uint64_t
        *hashes;    /* the smallest dcr_hash64 of the distinct values, ascending */
    uint64_t empty; /* files in which the value is empty */
} dcr_batch_rollup;

typedef struct dcr_batch {
    dcr_bytes *strings;
    dcr_batch_attr *attrs;
    dcr_batch_value *values;
    dcr_batch_unit *units;
    dcr_batch_file *files;
    dcr_batch_fact *facts; /* sorted by unit, attr */
    dcr_batch_excess *excess;
    dcr_batch_rollup *rollups;
    uint32_t n_strings, n_attrs, n_values, n_units, n_files, n_facts, n_excess, n_rollups;
    void *owner; /* memory behind all of the above */
} dcr_batch;

/* The scan file (SQLite); src/store/scanfile.h. */
typedef struct dcr_store dcr_store;

/* Who reads the elements of DICOM files.  Two that agree are worth more than one: what
 * they say of a dataset is compared by the tests, and can be by anybody. */
typedef enum dcr_reader_kind {
    DCR_READER_STREAM = 0, /* our own: fast, knows at which byte a file breaks off */
    DCR_READER_DCMTK,      /* DCMTK's parser */
    DCR_READER_BOTH, /* one after the other: what either saw, and where they differ */
    DCR_READER_N
} dcr_reader_kind;
const char *dcr_reader_name(dcr_reader_kind k); /* "stream", "dcmtk", "both" */

/* Progress of a scan; called from the supervisor, a few times a second at most. */
typedef struct dcr_progress {
    uint64_t files_total, files_done, bytes_done;
    double seconds;
} dcr_progress;

/* A part of a dataset: which of how many.  What lies in it depends on names alone. */
typedef struct dcr_shard {
    uint32_t at, of; /* at: 0 .. of - 1; of: at most DCR_SHARDS_MAX, 0: everything */
} dcr_shard;
enum { DCR_SHARDS_MAX = 65536 };

typedef struct dcr_scan_options {
    const char *const *inputs; /* folders or files; with `listed`, the paths of a list */
    size_t n_inputs;
    bool listed;
    const char *scan_file;  /* written, created or resumed; NULL: a private one */
    const char *const *own; /* other files that the run writes; they and the scan file are
                               left out where they lie in an input */
    size_t n_own;
    dcr_shard shard; /* a part only: then scan_file is there when it is whole, and until
                         then it is FILE.part */
    unsigned jobs;   /* workers, at least 1 */
    const char *const *keep; /* attribute paths never rolled up; sorted */
    size_t n_keep;
    void (*progress)(void *ctx, const dcr_progress *p); /* may be NULL */
    void *progress_ctx;
    const volatile int *stop; /* set to non-zero by a signal handler: finish and return */
    dcr_reader_kind reader;
} dcr_scan_options;

typedef struct dcr_scan_stats {
    uint64_t files, read, kept; /* listed; read in this run; known from an earlier one */
    uint64_t restarts,
        retried; /* workers made in place of dead ones; files tried again alone */
    double seconds, worker_cpu_seconds;
    double listing_cpu_seconds;    /* of this process: what there is to read */
    double supervisor_cpu_seconds; /* and the rest, the scan file's last commit with it */
    uint64_t worker_peak_bytes;
    uint64_t
        uncaged; /* workers without a filter of system calls: it cannot be had here */
} dcr_scan_stats;

/* Scans inputs into a scan file and hands it back open; *out is NULL on failure.  `stats`
 * may be NULL.  DCR_EINTERRUPTED when stopped: what was read is kept.  Forks: call it
 * before any thread exists and while no SQLite database is open. */
DCR_MUST_USE dcr_status dcr_scan(dcr_store **out, const dcr_scan_options *o,
                                 dcr_scan_stats *stats, dcr_err *err);
typedef struct dcr_merge_options {
    const char *const *files; /* scan files of shards, in any order */
    size_t n_files;
    const char *out;         /* written as OUT.part, then renamed */
    bool partial;            /* not all shards need to be there: the result is a part */
    const char *const *keep; /* as of the scans */
    size_t n_keep;
    void (*progress)(void *ctx, const dcr_progress *p); /* may be NULL */
    void *progress_ctx;
    const volatile int *stop;
} dcr_merge_options;

/* Makes one scan file of those of shards; a report of it is that of one scan.  *files is
 * how many files it holds.  DCR_EPARTS names what is missing, there twice, or foreign. */
DCR_MUST_USE dcr_status dcr_merge(const dcr_merge_options *o, uint64_t *files,
                                  dcr_err *err);

/* Opens a scan file that exists, to read; a path is one when dcr_scan_is_file says so. */
DCR_MUST_USE dcr_status dcr_scan_open(dcr_store **out, const char *path, dcr_err *err);
bool dcr_scan_is_file(const char *path);
DCR_MUST_USE dcr_status dcr_scan_close(dcr_store *s, dcr_err *err);

#ifdef __cplusplus
}
#endif
#endif
