/* The scan file: everything a scan found, in one SQLite database.
 *
 * Holds values of patients: mode 0600.  Ids carry no order; whoever reads sorts by bytes.
 */
#ifndef DCR_SCANFILE_H
#define DCR_SCANFILE_H

#include "dcmrisk/scan.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_SCANFILE_VERSION = 2 }; /* PRAGMA user_version */

/* Of a scan that reads a part of a dataset only. */
typedef struct dcr_store_part {
    const char *shards;  /* "3/8": see shards.h */
    const char *listing; /* digest of all names that were listed, whosever they are */
    uint64_t listed;     /* entries of all shards */
} dcr_store_part;

typedef struct dcr_store_options {
    const char
        *reader; /* version of reader and openers; another one makes files be re-read */
    const char *const
        *inputs; /* what is scanned: absolute names; n_inputs 0: only open to read */
    size_t n_inputs;
    const char *const *keep; /* sorted attribute paths never rolled up; other ones make
                                files be re-read, too */
    size_t n_keep;
    const dcr_store_part *part; /* NULL: everything */
} dcr_store_options;

/* A file as the scan file knows it. */
typedef struct dcr_store_file {
    uint64_t id; /* row id; 0 when new */
    uint32_t input;
    const char *path; /* below the input, n_path bytes */
    size_t n_path;
    uint64_t size;
    int64_t mtime_ns;
    dcr_file_kind kind;
    dcr_read status;
} dcr_store_file;

/* True when the file at `path` is a scan file of ours. */
bool dcr_store_is(const char *path);

/* Opens or creates a scan file; `path` NULL makes a private one that vanishes with the
 * store. Fails with DCR_EARG when it was made of other inputs, or is to be read and not
 * there, with DCR_EIO when it is in use (later it may not be), with DCR_EFORMAT when it
 * is no scan file. Close with dcr_store_close. */
DCR_MUST_USE dcr_status dcr_store_open(dcr_store **out, const char *path,
                                       const dcr_store_options *o, dcr_err *err);
/* Commits and closes; NULL is fine. */
DCR_MUST_USE dcr_status dcr_store_close(dcr_store *s, dcr_err *err);

/* Removes a scan file that nobody has open; DCR_EIO when it is in use, DCR_EFORMAT when
 * it is none (and stays). */
DCR_MUST_USE dcr_status dcr_store_discard(const char *path, dcr_err *err);

/* Files known from an earlier scan, by input and path. Stops when `each` fails. */
DCR_MUST_USE dcr_status dcr_store_known(
    dcr_store *s, dcr_status (*each)(void *ctx, const dcr_store_file *f, dcr_err *err),
    void *ctx, dcr_err *err);

/* Forgets files that changed or vanished: the facts of every series they belong to go,
 * and with them the rows of all files of those series, so that these are read again. */
DCR_MUST_USE dcr_status dcr_store_forget(dcr_store *s, const uint64_t *ids, size_t n,
                                         dcr_err *err);

/* Adds a batch; names[i] is the file that batch->files[].index i stands for.  Facts and
 * file status are committed together. */
DCR_MUST_USE dcr_status dcr_store_append(dcr_store *s, const dcr_batch *b,
                                         const dcr_store_file *const *names,
                                         size_t n_names, dcr_err *err);

/* Records a file that is accounted for without being read (links, devices, lost files,
 * ...). */
DCR_MUST_USE dcr_status dcr_store_account(dcr_store *s, const dcr_store_file *f,
                                          dcr_err *err);

/* Makes what was added so far durable. */
DCR_MUST_USE dcr_status dcr_store_commit(dcr_store *s, dcr_err *err);

/* A file as a manifest of the dataset has it; strings are lent until `each` returns. */
typedef struct dcr_store_entry {
    uint32_t input;         /* from 1, as the inputs were named */
    const char *input_name; /* absolute; "(list)" for the paths of a list */
    dcr_bytes path;         /* below the input */
    const char *kind, *status;
    const uint8_t *sop; /* 16 bytes: the hash of its SOPInstanceUID; NULL: none */
    uint64_t size, elements, private_elements, undecodable;
    int64_t mtime_ns;
} dcr_store_entry;

/* Rows of the above. */
uint64_t dcr_store_n_entries(dcr_store *s);
/* All files by input and bytes of their path, in memory that does not grow with them.
 * Nothing else may be asked of the store meanwhile.  Stops when `each` fails. */
DCR_MUST_USE dcr_status dcr_store_entries(
    dcr_store *s, dcr_status (*each)(void *ctx, const dcr_store_entry *e, dcr_err *err),
    void *ctx, dcr_err *err);

/* Marks the scan as having reached its end, or as being under way. */
DCR_MUST_USE dcr_status dcr_store_set_complete(dcr_store *s, bool complete, dcr_err *err);
/* Reached its end, and is of the whole dataset. */
bool dcr_store_complete(const dcr_store *s);
/* Is of a part of the dataset. */
bool dcr_store_is_part(const dcr_store *s);
/* The name of the reader the scan was made with ("stream"), NUL-terminated in out; ""
 * when it cannot be told. */
void dcr_store_reader(const dcr_store *s, char *out, size_t n);

/* ---- reading, for the model ---- */

typedef struct dcr_store_unit { /* strings are lent until the store is closed */
    dcr_bytes patient_id, issuer, study_uid, series_uid, stand_in;
    dcr_file_kind kind;
    uint64_t files; /* 0: nothing is left of it */
} dcr_store_unit;

/* Units, attributes and values are numbered from 0, without gaps.  What was appended is
 * to be read after dcr_store_commit or dcr_store_units: until then their numbers are not
 * settled. */
uint32_t dcr_store_n_units(const dcr_store *s);
DCR_MUST_USE dcr_status dcr_store_units(dcr_store *s, dcr_store_unit *units,
                                        dcr_err *err); /* fills n_units */
uint32_t dcr_store_n_attrs(const dcr_store *s);
void dcr_store_attr(const dcr_store *s, uint32_t i, dcr_bytes *path,
                    char vr[4]); /* lent */
/* Sets used[i] for each attribute that a file still has; `used` comes zeroed, n_attrs
 * long. */
DCR_MUST_USE dcr_status dcr_store_attrs_used(dcr_store *s, bool *used, dcr_err *err);
uint32_t dcr_store_n_values(const dcr_store *s);
DCR_MUST_USE dcr_status dcr_store_values(dcr_store *s,
                                         dcr_status (*each)(void *ctx, uint32_t value,
                                                            dcr_bytes b, uint32_t flags,
                                                            dcr_err *err),
                                         void *ctx, dcr_err *err);

/* What one unit holds; arrays are lent until the next call. */
typedef struct dcr_store_facts {
    const dcr_batch_fact
        *facts; /* unit is not set; attr and value are numbers as above */
    size_t n_facts;
    const dcr_batch_excess *excess;
    size_t n_excess;
    const dcr_batch_rollup *rollups; /* min, max, shape: indexes into strings */
    size_t n_rollups;
    const dcr_bytes *strings;
} dcr_store_facts;
DCR_MUST_USE dcr_status dcr_store_unit_facts(dcr_store *s, uint32_t unit,
                                             dcr_store_facts *out, dcr_err *err);

typedef struct dcr_store_totals {
    uint64_t files, dicom_files, unreadable_files, bytes, instances;
    uint64_t other_files, unread_other; /* not DICOM; of those, not read to their end */
    uint64_t elements, private_elements, undecodable_text, undecodable_files;
    uint64_t by_status[DCR_READ_N],
        by_kind[DCR_FILE_N];         /* by_kind: files with DCR_READ_OTHER */
    uint64_t example[DCR_READ_N][3]; /* file numbers: 1 + rank by input and path */
} dcr_store_totals;
DCR_MUST_USE dcr_status dcr_store_totals_get(dcr_store *s, dcr_store_totals *t,
                                             dcr_err *err);

/* All files by path below their input, with their unit (UINT32_MAX: none); in no order.
 * Stops when `each` fails. */
DCR_MUST_USE dcr_status dcr_store_paths(dcr_store *s,
                                        dcr_status (*each)(void *ctx, dcr_bytes path,
                                                           uint32_t unit, dcr_err *err),
                                        void *ctx, dcr_err *err);

/* Name of a file by its number (rank by input and path, from 1): the input's number and
 * the path below it go to `out`, NUL-terminated.  For --show-paths only. */
DCR_MUST_USE dcr_status dcr_store_file_name(dcr_store *s, uint64_t number, char *out,
                                            size_t n, dcr_err *err);

#ifdef __cplusplus
}
#endif
#endif
