/* A list of paths, as `find` or `git ls-files` write it. */
#ifndef DCR_PATH_LIST_H
#define DCR_PATH_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_path_list {
    dcr_buf text; /* behind the items */
    const char **item;
    size_t n, cap;
} dcr_path_list;

/* Reads FILE ("-": standard input): a path a line, or with `nul` a path up to each NUL.
 * Where every line ends in CR LF, the CR is no part of the path; a byte order mark at the
 * beginning is none either.  A list without a path, and one that is written the other way
 * than `nul` says, is DCR_EARG.  `stop`, set by a signal: DCR_EINTERRUPTED. */
DCR_MUST_USE dcr_status dcr_path_list_read(dcr_path_list *l, const char *file, bool nul,
                                           const volatile int *stop, dcr_err *err);
void dcr_path_list_clear(dcr_path_list *l);

#ifdef __cplusplus
}
#endif
#endif
