/* Merging what waits: see pending.h. */
#include "pending.h"

#include <string.h>

#include "alloc.h"
#include "store_impl.h"

/* Grows a list whose new part must be zero. */
static bool grow_zero(void *pp, size_t *cap, size_t need, size_t size)
{
    size_t before = *cap;
    char *p;
    if (!dcr_grow(pp, cap, need, size))
        return false;
    memcpy(&p, pp, sizeof p);
    if (*cap > before)
        memset(p + before * size, 0, (*cap - before) * size);
    return true;
}

uint32_t dcr_pending_value_get(dcr_pending *p, dcr_hash128 key, dcr_bytes v,
                               uint32_t flags)
{
    uint32_t at = dcr_value_map_get(&p->numbers, key);
    dcr_pending_value *new;
    if (at != UINT32_MAX)
        return at | DCR_PENDING_NEW;
    at = (uint32_t)p->n_values;
    if (p->n_values >= DCR_PENDING_NEW - 1 ||
        !dcr_grow(&p->value, &p->cap_values, p->n_values + 1, sizeof *p->value))
        return UINT32_MAX;
    new = &p->value[at];
    *new = (dcr_pending_value){.key = key, .flags = flags};
    new->bytes.p = (const uint8_t *)dcr_arena_bytes(&p->arena, v.p, v.n);
    new->bytes.n = v.n;
    if (new->bytes.p == NULL || !dcr_value_map_put(&p->numbers, key, at))
        return UINT32_MAX;
    p->n_values++;
    return at | DCR_PENDING_NEW;
}

dcr_pending_unit *dcr_pending_unit_get(dcr_pending *p, uint32_t unit)
{
    dcr_pending_unit *u;
    if (!grow_zero(&p->place, &p->cap_place, (size_t)unit + 1, sizeof *p->place))
        return NULL;
    if (p->place[unit] != 0)
        return &p->unit[p->place[unit] - 1];
    if (!dcr_grow(&p->unit, &p->cap_units, p->n_units + 1, sizeof *p->unit))
        return NULL;
    u = &p->unit[p->n_units++];
    memset(u, 0, sizeof *u);
    u->unit = unit;
    p->place[unit] = (uint32_t)p->n_units;
    p->bytes += sizeof *u;
    return u;
}

dcr_pending_fact *dcr_pending_add_facts(dcr_pending *p, dcr_pending_unit *u, size_t n)
{
    dcr_pending_fact *f;
    if (!dcr_grow(&u->fact, &u->cap_facts, u->n_facts + n, sizeof *u->fact))
        return NULL;
    f = u->fact + u->n_facts;
    u->n_facts += n;
    p->bytes += n * sizeof *f;
    return f;
}

bool dcr_pending_add_excess(dcr_pending *p, dcr_pending_unit *u, uint32_t attr,
                            uint32_t files)
{
    dcr_pending_excess e = {attr, files};
    if (!dcr_grow(&u->excess, &u->cap_excess, u->n_excess + 1, sizeof *u->excess))
        return false;
    u->excess[u->n_excess++] = e;
    p->bytes += sizeof e;
    return true;
}

dcr_rollup *dcr_pending_add_rollup(dcr_pending *p, dcr_pending_unit *u, uint32_t attr)
{
    dcr_rollup *k;
    if (!dcr_grow(&u->rollup, &u->cap_rollups, u->n_rollups + 1, sizeof *u->rollup))
        return NULL;
    k = &u->rollup[u->n_rollups++];
    memset(k, 0, sizeof *k);
    k->attr = attr;
    p->bytes += sizeof *k;
    return k;
}

bool dcr_pending_set_rolls(dcr_pending *p, uint32_t attr, bool rolls)
{
    if (!grow_zero(&p->rolls, &p->cap_rolls, (size_t)attr + 1, sizeof *p->rolls))
        return false;
    p->rolls[attr] = rolls;
    return true;
}

/* ---- merging ---- */

/* Equal facts become one; the slots are as many as the facts need, zeroed for this unit.
 */
static bool add_up(dcr_pending *p, dcr_pending_unit *u)
{
    size_t n_slots = 64, kept = 0, mask;
    while (n_slots < u->n_facts * 2)
        n_slots *= 2;
    if (!dcr_grow(&p->slot, &p->cap_slot, n_slots, sizeof *p->slot))
        return false;
    memset(p->slot, 0, n_slots * sizeof *p->slot);
    mask = n_slots - 1;
    for (size_t i = 0; i < u->n_facts; i++) {
        dcr_pending_fact f = u->fact[i];
        uint64_t h = ((uint64_t)f.attr << 32 | f.value) * 0x9E3779B97F4A7C15ull;
        size_t at = (h ^ (h >> 29)) & mask;
        while (p->slot[at] != 0 && (u->fact[p->slot[at] - 1].attr != f.attr ||
                                    u->fact[p->slot[at] - 1].value != f.value))
            at = (at + 1) & mask;
        if (p->slot[at] != 0) {
            u->fact[p->slot[at] - 1].files += f.files;
            continue;
        }
        u->fact[kept] = f;
        p->slot[at] = (uint32_t)++kept;
        p->attr[f.attr].values++;
    }
    u->n_facts = kept;
    return true;
}

static void join_rollups(dcr_pending *p, dcr_pending_unit *u)
{
    size_t kept = 0;
    for (size_t i = 0; i < u->n_rollups; i++) {
        dcr_rollup *k = &u->rollup[i];
        uint32_t *place = &p->attr[k->attr].rollup;
        if (*place != 0) {
            dcr_rollup_merge(&u->rollup[*place - 1], k);
            dcr_rollup_clear(k);
            p->bytes -= sizeof *k;
            continue;
        }
        u->rollup[kept] = *k;
        *place = (uint32_t)++kept;
    }
    u->n_rollups = kept;
}

static void join_excess(dcr_pending *p, dcr_pending_unit *u)
{
    size_t kept = 0;
    for (size_t i = 0; i < u->n_excess; i++) {
        dcr_pending_excess e = u->excess[i];
        uint32_t *place = &p->attr[e.attr].excess;
        if (*place != 0) {
            u->excess[*place - 1].files += e.files;
            p->bytes -= sizeof e;
            continue;
        }
        u->excess[kept] = e;
        *place = (uint32_t)++kept;
    }
    u->n_excess = kept;
}

/* Adds a value to a sketch; those of earlier commits are in the scan file only. */
static dcr_status fold(dcr_store *s, dcr_rollup *k, const dcr_pending_fact *f,
                       dcr_err *err)
{
    dcr_status rc = DCR_OK;
    if (f->value & DCR_PENDING_NEW) {
        uint32_t i = f->value & ~DCR_PENDING_NEW;
        dcr_rollup_value(k, s->pending.value[i].bytes, f->files);
    } else {
        sqlite3_stmt *st = dcr_store_stmt(s, STMT_VALUE_BYTES, err);
        if (st == NULL)
            return DCR_EIO;
        sqlite3_bind_int64(st, 1, (sqlite3_int64)f->value + 1);
        if (sqlite3_step(st) == SQLITE_ROW)
            dcr_rollup_value(k, dcr_store_column(st, 0), f->files);
        else
            rc = dcr_store_fail(s, err);
        sqlite3_reset(st);
    }
    return rc == DCR_OK && !dcr_rollup_whole(k) ? dcr_nomem(err) : rc;
}

static dcr_status roll_up(dcr_store *s, dcr_pending_unit *u, dcr_err *err)
{
    dcr_pending *p = &s->pending;
    dcr_status rc = DCR_OK;
    size_t kept = 0;
    for (size_t i = 0; i < u->n_facts && rc == DCR_OK; i++) {
        dcr_pending_fact f = u->fact[i];
        dcr_pending_attr *a = &p->attr[f.attr];
        if (a->rollup == 0 && (a->values <= DCR_ROLLUP_MAX || !p->rolls[f.attr])) {
            u->fact[kept++] = f;
            continue;
        }
        if (a->rollup == 0) {
            if (dcr_pending_add_rollup(p, u, f.attr) == NULL)
                return dcr_nomem(err);
            a->rollup = (uint32_t)u->n_rollups;
        }
        a->values = 0;
        rc = fold(s, &u->rollup[a->rollup - 1], &f, err);
    }
    if (rc == DCR_OK)
        u->n_facts = kept;
    return rc;
}

static void forget_marks(dcr_pending *p, const dcr_pending_unit *u)
{
    const dcr_pending_attr none = {0, 0, 0};
    for (size_t i = 0; i < u->n_facts; i++)
        p->attr[u->fact[i].attr] = none;
    for (size_t i = 0; i < u->n_rollups; i++)
        p->attr[u->rollup[i].attr] = none;
    for (size_t i = 0; i < u->n_excess; i++)
        p->attr[u->excess[i].attr] = none;
}

dcr_status dcr_pending_merge(dcr_store *s, dcr_pending_unit *u, dcr_err *err)
{
    dcr_pending *p = &s->pending;
    size_t before = u->n_facts;
    dcr_status rc;
    if (!grow_zero(&p->attr, &p->cap_attr, s->attrs.n, sizeof *p->attr) ||
        !grow_zero(&p->rolls, &p->cap_rolls, s->attrs.n, sizeof *p->rolls))
        return dcr_nomem(err);
    join_rollups(p, u);
    join_excess(p, u);
    if (!add_up(p, u))
        return dcr_nomem(err);
    rc = roll_up(s, u, err);
    forget_marks(p, u);
    for (size_t i = 0; i < u->n_rollups && rc == DCR_OK; i++)
        if (!dcr_rollup_whole(&u->rollup[i]))
            rc = dcr_nomem(err);
    p->bytes -= (before - u->n_facts) * sizeof *u->fact;
    u->settled = u->n_facts + u->n_rollups;
    u->merge = false;
    return rc;
}

/* ---- the end ---- */

static void unit_clear(dcr_pending_unit *u)
{
    for (size_t i = 0; i < u->n_rollups; i++)
        dcr_rollup_clear(&u->rollup[i]);
    dcr_free(u->rollup);
    dcr_free(u->fact);
    dcr_free(u->excess);
}

void dcr_pending_empty(dcr_pending *p)
{
    for (size_t i = 0; i < p->n_units; i++) {
        p->place[p->unit[i].unit] = 0;
        unit_clear(&p->unit[i]);
    }
    p->n_units = 0;
    p->bytes = 0;
    p->n_values = 0;
    dcr_value_map_clear(&p->numbers);
    dcr_arena_clear(&p->arena);
}

void dcr_pending_clear(dcr_pending *p)
{
    dcr_pending_empty(p);
    dcr_free(p->value);
    dcr_free(p->unit);
    dcr_free(p->place);
    dcr_free(p->rolls);
    dcr_free(p->attr);
    dcr_free(p->slot);
    memset(p, 0, sizeof *p);
}
