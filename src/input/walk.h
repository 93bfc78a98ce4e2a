/* The full listing of what a user named: sorted, and with nothing left out. */
#ifndef DCR_WALK_H
#define DCR_WALK_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "dcmrisk/scan.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dcr_walk dcr_walk;

typedef enum dcr_walk_what {
    DCR_WALK_FILE = 0, /* a regular file: to be read when status is DCR_READ_OK */
    DCR_WALK_LINK,     /* a symbolic link; never followed */
    DCR_WALK_FOLDER,   /* a folder that could not be listed (to its end), see status */
    DCR_WALK_SPECIAL   /* fifo, socket, device */
} dcr_walk_what;

/* One thing found.  status:
 *   DCR_READ_OK        to be read
 *   DCR_READ_OTHER     needs no reading: a link whose target is listed under its own name
 *   DCR_READ_LOOP      a link to a folder that it lies in, or links in a circle
 *   DCR_READ_OUTSIDE   a link out of all inputs
 *   DCR_READ_VANISHED  a dangling link, or gone while it was listed
 *   DCR_READ_SPECIAL   fifo, socket, device
 *   DCR_READ_DENIED    a folder that may not be listed, a link that may not be looked at
 *   DCR_READ_IO        the system failed while listing
 */
typedef struct dcr_walk_entry {
    uint32_t input; /* index of the input it was found in; 0 in list mode */
    dcr_walk_what what;
    dcr_read status;
    uint64_t size;    /* bytes; of a link, of the link itself */
    int64_t mtime_ns; /* since 1970 */
    uint64_t dev, ino;
    uint32_t folder; /* a number that entries of one folder share */
} dcr_walk_entry;

typedef struct dcr_walk_options {
    const dcr_shard *shard;   /* NULL, or of 0: everything */
    const volatile int *stop; /* set: end with DCR_EINTERRUPTED; NULL: never */
    /* Paths of files that are left out wherever they are met: the run writes them itself.
     * They are known by their folder and name, not by what is in them: another name of
     * the same file is listed. */
    const char *const *own;
    size_t n_own;
} dcr_walk_options;

/* Lists inputs (folders and files; links among them are followed, the user named them).
 * Entries come input by input, sorted by the bytes of their path in the input; of inputs
 * that are the same or lie in one another only the outermost is listed.  Follows no link.
 * With a shard only its entries come, and of those of others only names are looked at: a
 * block of DCR_WALK_BLOCK sorted names of a folder goes to one shard, chosen by the
 * folder's path and the number of the block.
 * `o` may be NULL.  An input that is not there is DCR_EARG, one that may not be read
 * DCR_EIO.  *out is NULL on failure. */
DCR_MUST_USE dcr_status dcr_walk_open(dcr_walk **out, const char *const *inputs, size_t n,
                                      const dcr_walk_options *o, dcr_err *err);

/* The same for a ready list of paths, sorted and without repetitions ("./a//b" is "a/b").
 * Folders in it are passed over: one that holds something must have paths below it in
 * the list, else it is DCR_EARG.  What is missing is DCR_READ_VANISHED. */
DCR_MUST_USE dcr_status dcr_walk_list(dcr_walk **out, const char *const *paths, size_t n,
                                      const dcr_walk_options *o, dcr_err *err);
void dcr_walk_free(dcr_walk *w);

/* How names are dealt out; another way gets another number, and its shards do not mix. */
#define DCR_WALK_SPLIT "1"
enum { DCR_WALK_BLOCK = 1024 };

/* Of a walk with a shard: a digest of every name that was listed, whosever it is, and how
 * many entries all shards have together.  Shards of one dataset agree in both. */
void dcr_walk_listing(const dcr_walk *w, char digest[33], uint64_t *entries);

size_t dcr_walk_count(const dcr_walk *w);
void dcr_walk_get(const dcr_walk *w, size_t i, dcr_walk_entry *e);

/* Replaces *out by the path of entry i in its input: bytes as found on disk,
 * NUL-terminated. A folder's own entry ends in '/'; it is "" for the input itself.  An
 * input that is a file has its last part as path. */
DCR_MUST_USE dcr_status dcr_walk_path(const dcr_walk *w, size_t i, dcr_buf *out,
                                      dcr_err *err);

/* Replaces *out by a path of entry i that can be opened from the working folder. */
DCR_MUST_USE dcr_status dcr_walk_full(const dcr_walk *w, size_t i, dcr_buf *out,
                                      dcr_err *err);

/* open(2) for paths of any length, also beyond PATH_MAX; O_CLOEXEC is added.  -1 with
 * errno. */
int dcr_open_path(const char *path, int flags);

#ifdef __cplusplus
}
#endif
#endif
