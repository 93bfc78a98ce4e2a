/* Inside of the store: the handle, its statements and its dictionaries. */
#ifndef DCR_STORE_IMPL_H
#define DCR_STORE_IMPL_H

#include <sqlite3.h>

#include "buf.h"
#include "dict.h"
#include "hash.h"
#include "mask.h"
#include "pending.h"
#include "scanfile.h"
#include "shards.h"

typedef enum dcr_stmt {
    STMT_BEGIN,
    STMT_COMMIT,
    STMT_META,
    STMT_FILE,
    STMT_SERIES,
    STMT_SERIES_FILES,
    STMT_ATTRIBUTE,
    STMT_VALUE,
    STMT_FILES,  /* DCR_ROWS of them */
    STMT_VALUES, /* likewise */
    STMT_PACKED,
    STMT_ROLLUP,
    STMT_PACKED_OF,
    STMT_ROLLUPS_OF,
    STMT_VALUE_BYTES,
    STMT_N
} dcr_stmt;

/* A row costs half when many go in with one statement. */
enum { DCR_ROWS = 64 };

typedef struct dcr_new_value {
    dcr_bytes bytes;
    uint32_t flags, number;
} dcr_new_value;

struct dcr_store {
    sqlite3 *db;
    char *path; /* as given; NULL: a private file */
    sqlite3_stmt *stmt[STMT_N];
    dcr_dict units;                  /* five strings and the kind, see unit_key() */
    dcr_dict attrs;                  /* path; tag holds the VR */
    dcr_value_map values;            /* made when the first value is asked for */
    uint64_t seed;                   /* of the keys of values */
    uint32_t n_values;               /* in the scan file, with those that wait */
    dcr_new_value waiting[DCR_ROWS]; /* the last ones */
    size_t n_waiting;
    uint32_t n_flushed; /* units that may have facts in the scan file */
    dcr_pending pending;
    const char *const *keep;
    size_t n_keep;
    bool in_transaction, complete, part; /* part: not all shards are in it */
    bool
        broken; /* something failed half-way: closing takes back what was not committed */
    /* facts of one unit, lent by dcr_store_unit_facts */
    dcr_batch_fact *facts;
    dcr_batch_excess *excess;
    dcr_batch_rollup *rollups;
    dcr_bytes *strings;
    size_t cap_facts, cap_excess, cap_rollups, cap_strings;
    dcr_arena scratch;
};

/* SQLite's failure in our words; never with bound values.  The store is broken then. */
dcr_status dcr_store_fail(dcr_store *s, dcr_err *err);
/* The statement, prepared on first use and reset; NULL on failure. */
sqlite3_stmt *dcr_store_stmt(dcr_store *s, dcr_stmt which, dcr_err *err);
/* Adds rows 0 .. n of ctx, in their order: `bind` binds row i to the parameters that
 * begin with number `at`.  `many` is `one` with DCR_ROWS rows of `columns` parameters. */
dcr_status
dcr_store_insert(dcr_store *s, dcr_stmt one, dcr_stmt many, int columns, size_t n,
                 void (*bind)(const void *ctx, size_t i, sqlite3_stmt *st, int at),
                 const void *ctx, dcr_err *err);
/* Runs a statement that yields no row. */
dcr_status dcr_store_run(dcr_store *s, sqlite3_stmt *st, dcr_err *err);
dcr_status dcr_store_begin(dcr_store *s, dcr_err *err);

/* DCR_EFORMAT when the tables of the scan file are not those that `schema` makes, or when
 * there are triggers. */
dcr_status dcr_store_same_schema(dcr_store *s, const char *schema, dcr_err *err);

/* Meta: who made the scan (reader, values kept whole), of what (inputs), of which part.
 * Part of the transaction under way. */
dcr_status dcr_meta_made_by(dcr_store *s, const dcr_store_options *o, dcr_err *err);
dcr_status dcr_meta_is_made_by(dcr_store *s, const dcr_store_options *o, bool *same,
                               dcr_err *err);
dcr_status dcr_meta_made_of(dcr_store *s, const dcr_store_options *o, dcr_err *err);
/* Fails with DCR_EARG when inputs or shards are others. */
dcr_status dcr_meta_same_inputs(dcr_store *s, const dcr_store_options *o, dcr_err *err);
dcr_status dcr_meta_set_part(dcr_store *s, const dcr_store_part *part, dcr_err *err);
dcr_status dcr_meta_load(dcr_store *s, dcr_err *err); /* complete, part */

/* The number of an attribute, added when new; UINT32_MAX on failure. */
uint32_t dcr_store_add_attr(dcr_store *s, dcr_bytes path, const char vr[4], dcr_err *err);
/* A value that is new gets a number and waits to be written: its bytes must stay until
 * dcr_store_write_values. */
dcr_status dcr_store_add_value(dcr_store *s, dcr_pending_value *v, dcr_err *err);
dcr_status dcr_store_write_values(dcr_store *s, dcr_err *err);
/* So many files more belong to a unit. */
dcr_status dcr_store_count_files(dcr_store *s, uint32_t unit, uint64_t more,
                                 dcr_err *err);
/* Makes the map of values when the scan file has some; values_drop frees it again. */
dcr_status dcr_store_values_map(dcr_store *s, dcr_err *err);
void dcr_store_values_drop(dcr_store *s);
uint32_t dcr_store_vr_tag(const char vr[4]);

/* A statement for one use, NULL on failure; finish finalizes it and says what stopped the
 * loop over its rows, if it was not the end. */
sqlite3_stmt *dcr_store_prepare(dcr_store *s, const char *text, dcr_err *err);
dcr_status dcr_store_finish(dcr_store *s, sqlite3_stmt *st, int step, dcr_status rc,
                            dcr_err *err);
dcr_file_kind dcr_store_kind_of(const char *name); /* DCR_FILE_UNKNOWN when it is none */
dcr_read dcr_store_status_of(const char *name);    /* DCR_READ_CORRUPT when it is none */

/* The text a unit is known by: five length-prefixed strings and its kind. */
void dcr_unit_key(dcr_buf *key, const dcr_bytes part[5], dcr_file_kind kind);
void dcr_unit_parts(const dcr_dict_entry *e, dcr_bytes part[5], dcr_file_kind *kind);

/* Binds bytes as TEXT when they are valid UTF-8 without NUL, otherwise as BLOB. */
int dcr_store_bind(sqlite3_stmt *st, int at, const void *p, size_t n);
dcr_bytes dcr_store_column(sqlite3_stmt *st, int at);

#endif
