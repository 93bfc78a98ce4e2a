/* Inside of walk.c and walk_tree.c; nobody else's. */
#ifndef DCR_WALK_IMPL_H
#define DCR_WALK_IMPL_H

#include <stdbool.h>
#include <sys/stat.h>

#include "arena.h"
#include "hash.h"
#include "walk.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DCR_WALK_TOP UINT32_MAX /* parent of the root of an input */

typedef struct dcr_walk_folder {
    const char *name;
    uint32_t parent; /* DCR_WALK_TOP: the root of an input */
    uint32_t input;
} dcr_walk_folder;

typedef struct dcr_walk_row { /* 40 bytes: there may be tens of millions */
    const char *name;
    uint64_t size, ino;
    int64_t mtime_ns;
    uint32_t folder;
    uint16_t device; /* in w->device */
    uint8_t what, status;
} dcr_walk_row;

typedef struct dcr_walk_item { /* a row while its folder is being listed */
    dcr_walk_row e;
    bool enter;
} dcr_walk_item;

typedef struct dcr_walk_frame { /* a folder on the way down */
    dcr_walk_item *items;
    size_t n, cap, next;
    uint64_t dev, ino;
    uint64_t hash; /* of the folder's path and input: whose its names are */
    uint32_t folder;
    int fd; /* -1: closed to save descriptors */
} dcr_walk_frame;

typedef struct dcr_walk_root {
    const char *path; /* as given */
    char *real;       /* without links */
    struct stat st;
    bool is_folder, covered;
} dcr_walk_root;

typedef struct dcr_walk_own { /* a file that the run writes */
    uint64_t dev, ino;        /* of its folder */
    const char *name;
} dcr_walk_own;

struct dcr_walk {
    dcr_arena arena;
    dcr_walk_row *entries;
    size_t n, cap;
    dcr_walk_folder *folders;
    size_t n_folders, cap_folders;
    uint64_t *device;
    size_t n_devices, cap_devices;
    dcr_walk_root *roots;
    size_t n_roots;
    dcr_walk_frame *stack;
    size_t depth, cap_stack;
    const volatile int *stop;
    dcr_walk_own *own;
    size_t n_own;
    dcr_arena names;     /* of the folder that is being listed */
    void *list;          /* DCR_WALK_LIST bytes: names as the kernel tells them */
    dcr_shard shard;     /* of 0: everything is ours */
    dcr_hasher *listing; /* NULL without a shard */
    uint64_t listed;
};

enum { DCR_WALK_LIST = 64 << 10 };

/* ---- shards ---- */

/* The hash of a folder, from that of the one it lies in; of the root of an input. */
uint64_t dcr_walk_hash(uint64_t parent, const char *name);
uint64_t dcr_walk_root_hash(size_t input);
/* Whose a folder's name of that rank is. */
bool dcr_walk_mine(const dcr_walk *w, uint64_t folder_hash, uint64_t rank);
/* Notes a name for the digest; `kind` tells folders and failures apart. */
void dcr_walk_note(dcr_walk *w, const char *name, char kind);

bool dcr_walk_stopped(const dcr_walk *w);
/* Whether the run writes this file of a folder itself. */
bool dcr_walk_is_own(const dcr_walk *w, uint64_t dev, uint64_t ino, const char *name);
dcr_read dcr_walk_reason(int e); /* of an errno */

/* Adds a row; adds a folder and gives its number; fills a row's size, time, device. */
DCR_MUST_USE dcr_status dcr_walk_add(dcr_walk *w, const dcr_walk_row *e, dcr_err *err);
DCR_MUST_USE dcr_status dcr_walk_add_folder(dcr_walk *w, const char *name,
                                            uint32_t parent, uint32_t input,
                                            uint32_t *out, dcr_err *err);
DCR_MUST_USE dcr_status dcr_walk_stat(dcr_walk *w, dcr_walk_row *e, const struct stat *st,
                                      dcr_err *err);

/* True when path is top or lies below it. */
bool dcr_walk_lies_in(const char *path, const char *top);

/* Lists everything below the folder behind fd, which is closed. */
DCR_MUST_USE dcr_status dcr_walk_tree(dcr_walk *w, int fd, const struct stat *st,
                                      uint32_t folder, uint64_t hash, dcr_err *err);
void dcr_walk_tree_clear(dcr_walk *w); /* what a failure left open */

#ifdef __cplusplus
}
#endif
#endif
