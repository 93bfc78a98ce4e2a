/* Attribute paths of files read so far: a tree whose nodes are found without making text.
 */
#ifndef DCR_PATHTAB_H
#define DCR_PATHTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "dict.h"
#include "open.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    DCR_PATH_ROOT = 0,
    DCR_PATH_NONE = UINT32_MAX,
    DCR_PATH_HEAD = 12,
    DCR_PATH_RAW = 64
};

/* What an opener found in a value, so that an equal one need not be opened again. */
typedef struct dcr_opened {
    uint64_t key[3]; /* of the value, and of how it was read */
    uint32_t *path;  /* paths of what was found, each of them once; of the arena */
    size_t n, cap;
    uint64_t cost; /* bytes of the budget that opening took */
} dcr_opened;

/* Of dcr_path.raw_n: nothing is kept; of a long value, length and hash. */
enum { DCR_RAW_NONE = UINT16_MAX, DCR_RAW_HASH = UINT16_MAX - 1 };

typedef struct dcr_path {
    uint32_t parent, tag, creator; /* creator: of the table's dict, DCR_DICT_NONE */
    uint32_t next;                 /* which sibling came after this one last time */
    uint32_t first;                /* which child came first in an item last time */
    uint32_t names;                /* of a creator: whom the value that is kept names */
    uint64_t seen; /* number of the item that had this path last, << 16 | its element */
    /* What the value was last time, so that an equal one needs no second look. */
    uint32_t raw_key; /* VR, character set and byte order it was read with */
    uint16_t raw_n;   /* bytes of raw, DCR_RAW_NONE or DCR_RAW_HASH */
    bool raw_bad;     /* and it could not be decoded */
    /* And the header before it (see reader_same.c). */
    uint8_t head_n;    /* its bytes: 8 or 12; 0: not kept */
    uint32_t head_tag; /* its tag, as the file has it */
    uint32_t head_key; /* character set and syntax of the data set or item around */
    /* The header ends where the value begins, so that one look compares both. */
    uint8_t raw[DCR_PATH_HEAD + DCR_PATH_RAW];
    uint8_t form_n;   /* bytes of the header that stands there, whatever the value is now:
                         8 or 12; 0: none */
    char head_vr[2];  /* as it was understood */
    bool is_creator;  /* names the owner of a private block */
    const char *text; /* "0040,0275/0040,0007"; "" for the root */
    uint32_t n;
    char vr[2];               /* of dcr_pathtab_vr, {0, 0} until it is asked for */
    const dcr_opener *opener; /* looks inside the value, by its place; NULL mostly */
    dcr_opened *opened;       /* what was found in it last; NULL: nothing is kept */
} dcr_path;

typedef struct dcr_pathtab {
    dcr_path *path; /* path[0 .. n); [0] is the root */
    uint32_t n;
    uint64_t items; /* data sets and items so far: each has a number of its own */
    uint64_t first; /* number of the first one of the file that is being read */
    size_t cap;
    uint32_t *slot; /* open addressing; number + 1 */
    size_t n_slots;
    dcr_dict creators; /* names of private creators and of pseudo paths */
    dcr_arena arena;
} dcr_pathtab;

bool dcr_pathtab_init(dcr_pathtab *t); /* false when no memory */
void dcr_pathtab_clear(dcr_pathtab *t);
size_t dcr_pathtab_memory(const dcr_pathtab *t);
/* Of all paths: what they held last is told no more.  The paths stay. */
void dcr_pathtab_forget(dcr_pathtab *t);

/* The number of a creator's name: trimmed, cut at 64 bytes.  DCR_DICT_NONE and *ok false
 * when no memory; DCR_DICT_NONE and *ok true when the name is empty. */
uint32_t dcr_pathtab_creator(dcr_pathtab *t, const uint8_t *p, size_t n, bool *ok);

/* Which path came there last time: behind `before`, or first below `parent`. */
static inline uint32_t dcr_pathtab_likely(const dcr_pathtab *t, uint32_t parent,
                                          uint32_t before)
{
    return before == DCR_PATH_NONE ? t->path[parent].first : t->path[before].next;
}

/* The path of element (group, element) below `parent`.  `before` is the path found last
 * in this item (DCR_PATH_NONE at its begin).  DCR_PATH_NONE when no memory. */
uint32_t dcr_pathtab_get(dcr_pathtab *t, uint32_t parent, uint32_t before, uint32_t tag,
                         uint32_t creator);

/* True when the file that is being read had this path before. */
static inline bool dcr_path_in_file(const dcr_pathtab *t, uint32_t path)
{
    return t->path[path].seen >> 16 >= t->first;
}

/* What the path held last is no longer what the sink was told of it last. */
static inline void dcr_path_forget(dcr_path *p)
{
    p->raw_n = DCR_RAW_NONE;
    p->head_n = 0;
}

/* The dictionary's VR of a path, "UN" when nobody knows; two letters, of the table. */
const char *dcr_pathtab_vr(dcr_pathtab *t, uint32_t path);

/* The path "parent:name" ("name" below the root).  DCR_PATH_NONE when no memory. */
uint32_t dcr_pathtab_sub(dcr_pathtab *t, uint32_t parent, const char *name);

#ifdef __cplusplus
}
#endif
#endif
