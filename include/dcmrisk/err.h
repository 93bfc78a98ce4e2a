/* Status codes and the error record that every fallible function fills. */
#ifndef DCMRISK_ERR_H
#define DCMRISK_ERR_H

#include <stdbool.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DCR_MUST_USE     __attribute__((warn_unused_result))
#define DCR_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define DCR_MUST_USE
#define DCR_PRINTF(f, a)
#endif

typedef enum dcr_status {
    DCR_OK = 0,
    DCR_ENOMEM,       /* no memory */
    DCR_EIO,          /* the system refused to read or write */
    DCR_EFORMAT,      /* a scan file or report is not what it says */
    DCR_ERULES,       /* rules, policy or project file is wrong */
    DCR_EARG,         /* the caller asked for something impossible */
    DCR_ENUM,         /* a number could not be computed */
    DCR_EINTERRUPTED, /* stopped by the user; what is done is kept */
    DCR_EPARTS        /* parts of a whole are missing, or do not belong together */
} dcr_status;

/* Filled by whoever fails first; fixed size, so ENOMEM can be told.  Never holds an
 * attribute value.  `where` may hold a path found in the dataset and is printed only
 * when the user named that path or asked for paths. */
typedef struct dcr_err {
    dcr_status code;
    long line;       /* line of a rule file, 0 when not known */
    char where[192]; /* file, rule id or attribute path; "" when not known */
    char text[192];  /* one line, no full stop */
} dcr_err;

/* Records the failure unless one is recorded already, and returns `code` for the
 * caller to return.  `err` and `where` may be NULL. */
dcr_status dcr_fail(dcr_err *err, dcr_status code, const char *where, const char *fmt,
                    ...) DCR_PRINTF(4, 5);

/* dcr_fail(DCR_ENOMEM) in one word. */
dcr_status dcr_nomem(dcr_err *err);

/* Looks at a file that the user named, before it is read: DCR_EARG when nothing has that
 * name, when it is a folder and when it may not be read (a wrong word, not a disk that
 * fails), DCR_EIO when the system does not say. */
DCR_MUST_USE dcr_status dcr_look_at(const char *path, dcr_err *err);

/* Opens such a file to be read, with the errors of dcr_look_at; *out is the caller's to
 * fclose(), NULL when it could not be opened. */
DCR_MUST_USE dcr_status dcr_open_named(FILE **out, const char *path, dcr_err *err);

/* Looks at where the user wants a file, before the work for it: DCR_EARG when a folder
 * has that name and, of a file that is locked, or written beside and renamed (`regular`),
 * when what has it is no regular file: a device would be gone. */
DCR_MUST_USE dcr_status dcr_look_at_target(const char *path, bool regular, dcr_err *err);

#ifdef __cplusplus
}
#endif
#endif
