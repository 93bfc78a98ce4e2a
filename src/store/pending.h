/* Facts that wait for the next commit, in memory: files of a series come in many batches,
 * and merging them here costs a hundredth of what it costs in rows. */
#ifndef DCR_PENDING_H
#define DCR_PENDING_H

#include "arena.h"
#include "rollup.h"
#include "value_map.h"

/* Values that the scan file does not hold yet carry this bit and their place in `value`.
 */
#define DCR_PENDING_NEW 0x80000000u

typedef struct dcr_pending_value {
    dcr_hash128 key;
    dcr_bytes bytes;
    uint32_t flags;
    uint32_t number; /* the scan file's + 1, once it holds the value */
} dcr_pending_value;

typedef struct dcr_pending_fact {
    uint32_t attr, value, files;
} dcr_pending_fact;

typedef struct dcr_pending_excess {
    uint32_t attr, files;
} dcr_pending_excess;

typedef struct dcr_pending_unit {
    uint32_t unit;
    bool merge; /* more than one batch: the same fact may stand here twice */
    dcr_pending_fact *fact;
    dcr_pending_excess *excess;
    dcr_rollup *rollup;
    size_t n_facts, n_excess, n_rollups,
        settled; /* settled: facts after the last merge */
    size_t cap_facts, cap_excess, cap_rollups;
} dcr_pending_unit;

typedef struct dcr_pending_attr { /* scratch while a unit is merged; all zero in between
                                   */
    uint32_t values;              /* distinct ones in the unit */
    uint32_t rollup, excess;      /* place + 1 */
} dcr_pending_attr;

typedef struct dcr_pending {
    dcr_pending_value *value; /* new ones, their bytes in the arena */
    size_t n_values, cap_values;
    dcr_value_map numbers; /* their places */
    dcr_arena arena;
    dcr_pending_unit *unit;
    size_t n_units, cap_units;
    uint32_t *place; /* by the unit's number: place + 1 in unit, 0 none */
    size_t cap_place;
    bool *rolls; /* by the attribute's number: rolled up when there are many */
    size_t cap_rolls;
    dcr_pending_attr *attr;
    size_t cap_attr;
    uint32_t *slot; /* scratch of the merge: fact + 1 */
    size_t cap_slot;
    size_t bytes; /* about what all of this takes, but for values */
} dcr_pending;    /* zeroed is empty */

struct dcr_store;

/* The number of a value, with DCR_PENDING_NEW, added when new; UINT32_MAX when there is
 * no memory. */
uint32_t dcr_pending_value_get(dcr_pending *p, dcr_hash128 key, dcr_bytes v,
                               uint32_t flags);
/* The unit of that number, added when new; NULL when no memory. */
dcr_pending_unit *dcr_pending_unit_get(dcr_pending *p, uint32_t unit);
/* Room for `n` facts more, which the caller fills in; NULL when no memory. */
dcr_pending_fact *dcr_pending_add_facts(dcr_pending *p, dcr_pending_unit *u, size_t n);
bool dcr_pending_add_excess(dcr_pending *p, dcr_pending_unit *u, uint32_t attr,
                            uint32_t files);
/* An empty sketch of the attribute; a unit may have several until it is merged. */
dcr_rollup *dcr_pending_add_rollup(dcr_pending *p, dcr_pending_unit *u, uint32_t attr);
/* Says once whether values of an attribute are rolled up. */
bool dcr_pending_set_rolls(dcr_pending *p, uint32_t attr, bool rolls);

/* Adds up equal facts and rolls up what has too many values, as if all files of the unit
 * had come at once. */
DCR_MUST_USE dcr_status dcr_pending_merge(struct dcr_store *s, dcr_pending_unit *u,
                                          dcr_err *err);

/* Writes all that waits; part of the transaction under way. */
DCR_MUST_USE dcr_status dcr_store_flush(struct dcr_store *s, dcr_err *err);

void dcr_pending_empty(dcr_pending *p); /* forgets the units and values */
void dcr_pending_clear(dcr_pending *p); /* frees everything */

#endif
