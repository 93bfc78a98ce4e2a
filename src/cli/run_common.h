/* What commands that scan have in common: inputs, interruption, time. */
#ifndef DCR_RUN_COMMON_H
#define DCR_RUN_COMMON_H

#include "cmd.h"
#include "dcmrisk/dcmrisk.h"

typedef struct dcr_scan_args {
    uint64_t jobs;          /* 0: as many as CPUs may be used */
    const char *files_from; /* --files-from FILE; NULL: none */
    bool nul;               /* its paths end in NUL, not in newline */
    const char *reader;     /* --reader: "stream", "dcmtk" or "both" */
    dcr_shard shard;        /* of 0: everything */
} dcr_scan_args;

extern const char
    *const dcr_run_readers[]; /* names of dcr_reader_kind, ending with NULL */

#define DCR_OPTS_SCAN(type)                                                              \
    {.name = "jobs",                                                                     \
     .letter = 'j',                                                                      \
     .kind = DCR_OPT_COUNT,                                                              \
     .group = DCR_GROUP_READ,                                                            \
     .offset = offsetof(type, scan.jobs),                                                \
     .min = 1,                                                                           \
     .max = 256,                                                                         \
     .arg = "N",                                                                         \
     .help = "worker processes",                                                         \
     .otherwise = "as many as CPUs may be used"},                                        \
        {.name = "files-from",                                                           \
         .kind = DCR_OPT_FILE,                                                           \
         .group = DCR_GROUP_READ,                                                        \
         .offset = offsetof(type, scan.files_from),                                      \
         .arg = "FILE",                                                                  \
         .help = "read paths of files from FILE, - for standard input"},                 \
        {.name = "reader",                                                               \
         .kind = DCR_OPT_CHOICE,                                                         \
         .group = DCR_GROUP_READ,                                                        \
         .offset = offsetof(type, scan.reader),                                          \
         .arg = "NAME",                                                                  \
         .initial = "stream",                                                            \
         .choices = dcr_run_readers,                                                     \
         .help = "who reads the files: our own reader, DCMTK for a second opinion, or "  \
                 "both, to see where they differ"},                                      \
    {                                                                                    \
        .name = "null", .letter = '0', .kind = DCR_OPT_FLAG, .group = DCR_GROUP_READ,    \
        .offset = offsetof(type, scan.nul),                                              \
        .help = "paths of a list end in NUL, not newline"                                \
    }

typedef struct dcr_run_files { /* what the run writes */
    const char *scan_file;     /* NULL: a private one */
    const char *const *own;    /* n_own other files */
    size_t n_own;
} dcr_run_files;

/* From here on SIGINT and SIGTERM set what is lent to non-zero; a second one ends the
 * program. */
const volatile int *dcr_run_stop(void);

/* Opens the scan file that is the only operand, or scans the operands into
 * files->scan_file, with progress on a terminal.  SIGINT and SIGTERM end it with
 * DCR_EINTERRUPTED. */
DCR_MUST_USE dcr_status dcr_run_scan(dcr_store **out, const dcr_operands *operands,
                                     const dcr_scan_args *a, const dcr_common *common,
                                     const dcr_run_files *files, const dcr_rules *rules,
                                     dcr_scan_stats *stats, dcr_err *err);

/* Now, or SOURCE_DATE_EPOCH: RFC 3339 in UTC, and the day as YYYYMMDD. */
DCR_MUST_USE dcr_status dcr_run_time(char text[32], uint32_t *today, dcr_err *err);

enum { DCR_DIGEST_KEY_LEAST = 16, DCR_DIGEST_KEY_MOST = 4096 };
typedef struct dcr_digest_key {
    uint8_t b[DCR_DIGEST_KEY_MOST];
    size_t n; /* 0: no key */
} dcr_digest_key;

/* Reads --digest-key; no key when `path` is NULL. */
DCR_MUST_USE dcr_status dcr_run_digest_key(dcr_digest_key *out, const char *path,
                                           dcr_err *err);
/* Whether --manifest FILE can be written; NULL: there is none. */
DCR_MUST_USE dcr_status dcr_run_manifest_ready(const char *list, dcr_err *err);

/* Makes the manifest of a scan: over contents when `list` names a file for their digests.
 * With progress on a terminal. */
DCR_MUST_USE dcr_status dcr_run_manifest(dcr_manifest *out, dcr_store *scan,
                                         const char *list, const dcr_digest_key *key,
                                         const dcr_scan_args *a, const dcr_common *common,
                                         dcr_err *err);

/* What a failed scan is told to the user as; returns the exit status. */
int dcr_run_failed(const dcr_err *err, dcr_status rc, const char *scan_file);

#endif
