/* Scan files of parts of one dataset: what each is of, and how they become one. */
#ifndef DCR_SHARDS_H
#define DCR_SHARDS_H

#include "buf.h"
#include "scanfile.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which shards of how many; as text "3/8" or "1-3,7/8", counted from 1. */
typedef struct dcr_shard_set {
    uint32_t of, n; /* n: how many are in it; of 0: no shards, everything */
    bool *has;      /* of long */
} dcr_shard_set;    /* zeroed is valid */

/* DCR_EFORMAT when the text is none; `set` comes zeroed. */
DCR_MUST_USE dcr_status dcr_shard_set_parse(dcr_shard_set *set, const char *text,
                                            dcr_err *err);
/* Appends the numbers that are in it, or that are missing: "1-3,7". */
void dcr_shard_set_list(const dcr_shard_set *set, bool missing, dcr_buf *out);
void dcr_shard_set_clear(dcr_shard_set *set);

/* What a scan file is a scan of, and who made it.  Two that may become one agree in all
 * but shards and complete. */
typedef struct dcr_store_origin {
    dcr_shard_set shards;
    bool complete;   /* it came to its end */
    dcr_buf inputs;  /* their names, as bytes to compare */
    dcr_buf reader;  /* version of readers and openers */
    dcr_buf keep;    /* digest of the attributes kept whole, see below */
    dcr_buf listing; /* digest of all names that were listed */
    uint64_t listed; /* entries of all shards */
} dcr_store_origin;  /* clear with dcr_store_origin_clear */

/* Looks at the scan file at `path`; `out` is to be cleared in any case. */
DCR_MUST_USE dcr_status dcr_store_origin_of(dcr_store_origin *out, const char *path,
                                            dcr_err *err);
/* Likewise of one that is open; `out` comes zeroed. */
DCR_MUST_USE dcr_status dcr_store_origin_get(dcr_store_origin *out, dcr_store *s,
                                             dcr_err *err);
/* Appends the name of an input as `inputs` has it. */
void dcr_store_origin_input(dcr_buf *inputs, const void *name, size_t n);
void dcr_store_origin_clear(dcr_store_origin *o);
void dcr_store_keep_digest(const char *const *keep, size_t n, char hex[33]);

/* Adds all that `from` holds, files and facts, as if its files had been read into `to`:
 * in any order of scan files the same.  Their inputs must be the same, their files
 * others.  `each` is told how many files came now; a failure of it ends the work. */
DCR_MUST_USE dcr_status dcr_store_merge(dcr_store *to, dcr_store *from,
                                        dcr_status (*each)(void *ctx, uint64_t files,
                                                           dcr_err *err),
                                        void *ctx, dcr_err *err);

#ifdef __cplusplus
}
#endif
#endif
