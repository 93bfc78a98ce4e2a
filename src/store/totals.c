/* What a scan came to: counts over all files. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "store_impl.h"

static bool is_bad(dcr_read status)
{
    return status != DCR_READ_OK && status != DCR_READ_OTHER;
}

/* Kinds that are read though they are not DICOM. */
static bool is_sidecar(dcr_file_kind kind)
{
    return kind >= DCR_FILE_CSV && kind <= DCR_FILE_NIFTI;
}

static void add_total(dcr_store_totals *t, dcr_read status, dcr_file_kind kind)
{
    t->files++;
    t->by_status[status]++;
    if (status == DCR_READ_OTHER) {
        t->other_files++;
        t->unread_other++;
        t->by_kind[kind]++;
    } else if (status == DCR_READ_OK && is_sidecar(kind)) {
        t->other_files++;
    } else if (is_bad(status) && status != DCR_READ_LOOP) {
        t->unreadable_files++; /* a loop's content is listed where it really lies */
    }
    if (kind == DCR_FILE_DICOM || kind == DCR_FILE_DICOMDIR)
        t->dicom_files++;
}

static int by_hash(const void *pa, const void *pb)
{
    const dcr_hash128 *a = pa, *b = pb;
    if (a->hi != b->hi)
        return a->hi < b->hi ? -1 : 1;
    return (a->lo > b->lo) - (a->lo < b->lo);
}

typedef struct hashes {
    dcr_hash128 *list;
    size_t n, cap;
} hashes;

static bool add_hash(hashes *h, dcr_bytes sop)
{
    if (sop.n != sizeof *h->list)
        return true;
    if (!dcr_grow(&h->list, &h->cap, h->n + 1, sizeof *h->list))
        return false;
    memcpy(&h->list[h->n++], sop.p, sizeof *h->list);
    return true;
}

static uint64_t count_distinct(hashes *h)
{
    uint64_t n = 0;
    if (h->n > 0)
        qsort(h->list, h->n, sizeof *h->list, by_hash);
    for (size_t i = 0; i < h->n; i++)
        n += i == 0 || by_hash(&h->list[i - 1], &h->list[i]) != 0;
    return n;
}

/* Everything that does not depend on an order of files. */
static dcr_status sum_files(dcr_store *s, dcr_store_totals *t, hashes *sops, dcr_err *err)
{
    sqlite3_stmt *st =
        dcr_store_prepare(s,
                          "SELECT kind,status,size,elements,private_elements,undecodable,"
                          "sop FROM file",
                          err);
    dcr_status rc = DCR_OK;
    int step = SQLITE_DONE;
    if (st == NULL)
        return DCR_EIO;
    while (rc == DCR_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
        uint64_t undecodable = (uint64_t)sqlite3_column_int64(st, 5);
        add_total(t, dcr_store_status_of((const char *)sqlite3_column_text(st, 1)),
                  dcr_store_kind_of((const char *)sqlite3_column_text(st, 0)));
        t->bytes += (uint64_t)sqlite3_column_int64(st, 2);
        t->elements += (uint64_t)sqlite3_column_int64(st, 3);
        t->private_elements += (uint64_t)sqlite3_column_int64(st, 4);
        t->undecodable_text += undecodable;
        t->undecodable_files += undecodable > 0;
        if (!add_hash(sops, dcr_store_column(st, 6)))
            rc = dcr_nomem(err);
    }
    return dcr_store_finish(s, st, step, rc, err);
}

/* ---- examples: the first files of each reason, by input and path ---- */

enum { EACH = 3 };

typedef struct example {
    uint64_t input,
        rank; /* rank: files that stand before it and not before the one before */
    dcr_bytes path;
    dcr_read status;
} example;

typedef struct examples {
    example list[DCR_READ_N * EACH];
    size_t n;
    dcr_arena arena; /* paths */
} examples;

static int by_name(const void *pa, const void *pb)
{
    const example *a = pa, *b = pb;
    uint32_t n = a->path.n < b->path.n ? a->path.n : b->path.n;
    int c = (a->input > b->input) - (a->input < b->input);
    c = c != 0 || n == 0 ? c : memcmp(a->path.p, b->path.p, n);
    return c != 0 ? c : (a->path.n > b->path.n) - (a->path.n < b->path.n);
}

/* A bad file takes the place of the last of its kind, when there are three and it is
 * smaller. */
static bool keep_example(examples *x, const example *e)
{
    size_t same = 0, last = 0, at = x->n;
    for (size_t i = 0; i < x->n; i++)
        if (x->list[i].status == e->status) {
            last = same++ == 0 || by_name(&x->list[i], &x->list[last]) > 0 ? i : last;
        }
    if (same == EACH) {
        if (by_name(e, &x->list[last]) >= 0)
            return true;
        at = last;
    }
    x->list[at] = *e;
    x->list[at].path.p =
        (const uint8_t *)dcr_arena_bytes(&x->arena, e->path.p, e->path.n);
    x->n += at == x->n;
    return x->list[at].path.p != NULL;
}

static example row_name(sqlite3_stmt *st)
{
    example e = {(uint64_t)sqlite3_column_int64(st, 0), 0, dcr_store_column(st, 1),
                 DCR_READ_OK};
    return e;
}

static dcr_status find_bad(dcr_store *s, examples *x, dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_prepare(s,
                                         "SELECT input, path, status FROM file"
                                         " WHERE status NOT IN ('ok', 'other')",
                                         err);
    dcr_status rc = DCR_OK;
    int step = SQLITE_DONE;
    if (st == NULL)
        return DCR_EIO;
    while (rc == DCR_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
        example e = row_name(st);
        e.status = dcr_store_status_of((const char *)sqlite3_column_text(st, 2));
        if (is_bad(e.status) && !keep_example(x, &e))
            rc = dcr_nomem(err);
    }
    return dcr_store_finish(s, st, step, rc, err);
}

/* Counts for each example the files up to it; sorting all names would take as much
 * memory. */
static dcr_status rank_bad(dcr_store *s, examples *x, dcr_err *err)
{
    sqlite3_stmt *st = dcr_store_prepare(s, "SELECT input, path FROM file", err);
    int step;
    if (st == NULL)
        return DCR_EIO;
    qsort(x->list, x->n, sizeof *x->list, by_name);
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        example e = row_name(st);
        size_t lo = 0, hi = x->n;
        while (lo < hi) {
            size_t mid = lo + (hi - lo) / 2;
            if (by_name(&x->list[mid], &e) < 0)
                lo = mid + 1;
            else
                hi = mid;
        }
        if (lo < x->n)
            x->list[lo].rank++;
    }
    return dcr_store_finish(s, st, step, DCR_OK, err);
}

static dcr_status find_examples(dcr_store *s, dcr_store_totals *t, dcr_err *err)
{
    examples x = {.n = 0};
    size_t n[DCR_READ_N] = {0};
    uint64_t rank = 0;
    dcr_status rc = find_bad(s, &x, err);
    if (rc == DCR_OK && x.n > 0)
        rc = rank_bad(s, &x, err);
    for (size_t i = 0; i < x.n && rc == DCR_OK; i++) {
        rank += x.list[i].rank;
        t->example[x.list[i].status][n[x.list[i].status]++] = rank;
    }
    dcr_arena_clear(&x.arena);
    return rc;
}

dcr_status dcr_store_totals_get(dcr_store *s, dcr_store_totals *t, dcr_err *err)
{
    hashes sops = {0};
    bool bad = false;
    dcr_status rc;
    memset(t, 0, sizeof *t);
    rc = sum_files(s, t, &sops, err);
    if (rc == DCR_OK)
        t->instances = count_distinct(&sops);
    dcr_free(sops.list);
    for (int r = 0; r < DCR_READ_N; r++)
        bad = bad || (is_bad((dcr_read)r) && t->by_status[r] > 0);
    return rc == DCR_OK && bad ? find_examples(s, t, err) : rc;
}
