/* What waits in memory becomes rows: one for the facts of a series. */
#include <string.h>

#include "pack.h"
#include "store_impl.h"

/* ---- what the scan file holds of a unit already ---- */

static dcr_status load_packed(dcr_store *s, dcr_pending_unit *u, dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_stmt(s, STMT_PACKED_OF, err);
    uint32_t list[3];
    int more = 0, step;
    if (st == NULL)
        return DCR_EIO;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)u->unit + 1);
    step = sqlite3_step(st);
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        return dcr_store_fail(s, err);
    if (step == SQLITE_ROW) {
        dcr_bytes facts = dcr_store_column(st, 0), excess = dcr_store_column(st, 1);
        dcr_unpack f = {facts.p, facts.p + facts.n, false};
        dcr_unpack e = {excess.p, excess.p + excess.n, false};
        u->merge = true;
        while ((more = dcr_unpack_next(&f, list, 3)) == 1) {
            dcr_pending_fact read = {list[0] - 1, list[1] - 1, list[2]}, *add = NULL;
            if (read.attr >= s->attrs.n || read.value >= s->n_values)
                more = -1;
            else
                add = dcr_pending_add_facts(&s->pending, u, 1);
            if (add == NULL)
                break;
            *add = read;
        }
        while (more == 0 && (more = dcr_unpack_next(&e, list, 2)) == 1)
            if (list[0] - 1 >= s->attrs.n) {
                more = -1;
            } else if (dcr_pending_add_excess(&s->pending, u, list[0] - 1, list[1])) {
                more = 0;
            }
    }
    sqlite3_reset(st);
    if (more < 0)
        return dcr_fail(err, DCR_EFORMAT, s->path,
                        "the scan file is damaged (facts); scan again into a new one");
    return more == 0 ? DCR_OK : dcr_nomem(err);
}

static void set(dcr_buf *to, dcr_bytes b)
{
    dcr_buf_add(to, b.p, b.n);
}

static dcr_status load_rollups(dcr_store *s, dcr_pending_unit *u, dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_stmt(s, STMT_ROLLUPS_OF, err);
    dcr_status rc = DCR_OK;
    int step;
    if (st == NULL)
        return DCR_EIO;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)u->unit + 1);
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        uint64_t attr = (uint64_t)sqlite3_column_int64(st, 0) - 1;
        dcr_bytes h = dcr_store_column(st, 6);
        dcr_rollup *k;
        if (attr >= s->attrs.n || h.n > DCR_ROLLUP_MAX * 8) {
            rc = dcr_fail(
                err, DCR_EFORMAT, s->path,
                "the scan file is damaged (sketches); scan again into a new one");
            break;
        }
        u->merge = true;
        k = dcr_pending_add_rollup(&s->pending, u, (uint32_t)attr);
        if (k == NULL) {
            rc = dcr_nomem(err);
            break;
        }
        k->files = (uint64_t)sqlite3_column_int64(st, 1);
        k->empty = (uint64_t)sqlite3_column_int64(st, 2);
        set(&k->min, dcr_store_column(st, 3));
        set(&k->max, dcr_store_column(st, 4));
        set(&k->shape, dcr_store_column(st, 5));
        k->n_hashes = h.n / 8;
        if (h.n > 0)
            memcpy(k->hash, h.p, h.n / 8 * 8);
    }
    if (rc == DCR_OK && step != SQLITE_DONE)
        rc = dcr_store_fail(s, err);
    sqlite3_reset(st);
    return rc;
}

/* ---- writing ---- */

/* The scan file's number of a value that is new: given when a fact is written that has
 * it. Those of a series mostly stand one behind the other. */
static dcr_status number_of(dcr_store *s, size_t i, uint32_t *number, dcr_err *err)
{
    enum { AHEAD = 8 };
    dcr_pending *p = &s->pending;
    dcr_status rc = DCR_OK;
    if (p->value[i].number == 0) {
        if (i + AHEAD < p->n_values)
            dcr_value_map_fetch(&s->values, p->value[i + AHEAD].key);
        rc = dcr_store_add_value(s, &p->value[i], err);
    }
    *number = p->value[i].number - 1;
    return rc;
}

/* The facts as the scan file has them, in place: its numbers count from 1. */
static dcr_status number_facts(dcr_store *s, dcr_pending_unit *u, dcr_err *err)
{
    for (size_t i = 0; i < u->n_facts; i++) {
        uint32_t value = u->fact[i].value;
        dcr_status rc = (value & DCR_PENDING_NEW) == 0
                            ? DCR_OK
                            : number_of(s, value & ~DCR_PENDING_NEW, &value, err);
        if (rc != DCR_OK)
            return rc;
        u->fact[i].attr++;
        u->fact[i].value = value + 1;
    }
    for (size_t i = 0; i < u->n_excess; i++)
        u->excess[i].attr++;
    return DCR_OK;
}

static dcr_status save_packed(dcr_store *s, dcr_pending_unit *u, dcr_buf *facts,
                              dcr_buf *excess, dcr_err *err)
{
    sqlite3_stmt *st;
    dcr_status rc = number_facts(s, u, err);
    if (rc != DCR_OK)
        return rc;
    dcr_pack(facts, (const uint32_t *)u->fact, u->n_facts, 3);
    dcr_pack(excess, (const uint32_t *)u->excess, u->n_excess, 2);
    if (facts->failed || excess->failed)
        return dcr_nomem(err);
    st = dcr_store_stmt(s, STMT_PACKED, err);
    if (st == NULL)
        return DCR_EIO;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)u->unit + 1);
    sqlite3_bind_text64(st, 2, facts->p, facts->n, SQLITE_STATIC, SQLITE_UTF8);
    sqlite3_bind_text64(st, 3, excess->p, excess->n, SQLITE_STATIC, SQLITE_UTF8);
    return dcr_store_run(s, st, err);
}

static dcr_status save_rollup(dcr_store *s, uint32_t unit, const dcr_rollup *k,
                              dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_stmt(s, STMT_ROLLUP, err);
    if (st == NULL)
        return DCR_EIO;
    sqlite3_bind_int64(st, 1, (sqlite3_int64)unit + 1);
    sqlite3_bind_int64(st, 2, (sqlite3_int64)k->attr + 1);
    sqlite3_bind_int64(st, 3, (sqlite3_int64)k->files);
    sqlite3_bind_int64(st, 4, (sqlite3_int64)k->empty);
    dcr_store_bind(st, 5, k->min.p, k->min.n);
    dcr_store_bind(st, 6, k->max.p, k->max.n);
    dcr_store_bind(st, 7, k->shape.p, k->shape.n);
    sqlite3_bind_blob64(st, 8, k->hash, k->n_hashes * sizeof *k->hash, SQLITE_STATIC);
    return dcr_store_run(s, st, err);
}

static dcr_status save_unit(dcr_store *s, dcr_pending_unit *u, dcr_buf *facts,
                            dcr_buf *excess, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    if (u->unit < s->n_flushed) {
        rc = load_packed(s, u, err);
        if (rc == DCR_OK)
            rc = load_rollups(s, u, err);
    }
    if (rc == DCR_OK && (u->merge || u->n_rollups > 0))
        rc = dcr_pending_merge(s, u, err);
    if (rc == DCR_OK)
        rc = save_packed(s, u, facts, excess, err);
    for (size_t i = 0; i < u->n_rollups && rc == DCR_OK; i++)
        rc = save_rollup(s, u->unit, &u->rollup[i], err);
    return rc;
}

dcr_status dcr_store_flush(dcr_store *s, dcr_err *err)
{
    dcr_pending *p = &s->pending;
    dcr_buf facts = {0}, excess = {0};
    dcr_status rc = DCR_OK;
    if (p->n_units == 0)
        return DCR_OK;
    for (size_t i = 0; i < p->n_units && rc == DCR_OK; i++)
        rc = save_unit(s, &p->unit[i], &facts, &excess, err);
    if (rc == DCR_OK)
        rc = dcr_store_write_values(s, err);
    s->n_waiting = 0;
    dcr_buf_clear(&facts);
    dcr_buf_clear(&excess);
    dcr_pending_empty(p);
    s->n_flushed = s->units.n;
    s->broken = s->broken || rc != DCR_OK;
    return rc;
}
