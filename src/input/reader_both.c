#include "reader_both.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "hash.h"

typedef struct told {
    uint64_t value; /* hash of VR, flags and bytes */
    uint32_t path;
} told;

typedef struct telling {
    told *list;
    size_t n, cap;
} telling;

struct dcr_witness {
    dcr_sink to, mine;
    telling by[2];
    int now;
    uint64_t *last; /* by path: the value told of it last, by whichever reader */
    size_t cap_last;
    dcr_buf text;
};

const char *dcr_differ_path(dcr_differ d)
{
    static const char *const paths[DCR_DIFFER_N] = {
        "readers:agree",     "readers:only-stream-stops", "readers:only-dcmtk-stops",
        "readers:both-stop", "readers:twice-in-an-item",  "readers:too-deep",
        "readers:values"};
    return paths[d];
}

/* ---- listening ---- */

static dcr_status note(dcr_witness *w, uint32_t path)
{
    telling *t = &w->by[w->now];
    if (!dcr_grow(&t->list, &t->cap, t->n + 1, sizeof *t->list))
        return DCR_ENOMEM;
    t->list[t->n].value = w->last[path];
    t->list[t->n++].path = path;
    return DCR_OK;
}

static dcr_status on_value(void *ctx, uint32_t path, const char vr[2], const uint8_t *p,
                           uint32_t n, uint32_t flags)
{
    dcr_witness *w = ctx;
    dcr_status s;
    if (!dcr_grow(&w->last, &w->cap_last, (size_t)path + 1, sizeof *w->last))
        return DCR_ENOMEM;
    w->text.n = 0;
    dcr_buf_add(&w->text, vr, 2);
    dcr_buf_add(&w->text, &flags, sizeof flags);
    dcr_buf_add(&w->text, p, n);
    if (w->text.failed)
        return DCR_ENOMEM;
    w->last[path] = dcr_hash64((const uint8_t *)w->text.p, w->text.n);
    s = note(w, path);
    return s == DCR_OK ? w->to.value(w->to.ctx, path, vr, p, n, flags) : s;
}

static dcr_status on_again(void *ctx, uint32_t path)
{
    dcr_witness *w = ctx;
    dcr_status s = note(w, path);
    return s == DCR_OK ? w->to.again(w->to.ctx, path) : s;
}

dcr_witness *dcr_witness_new(const dcr_sink *to)
{
    dcr_witness *w = dcr_alloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    w->to = *to;
    w->mine = (dcr_sink){w, on_value, on_again};
    return w;
}

void dcr_witness_free(dcr_witness *w)
{
    if (w == NULL)
        return;
    dcr_free(w->by[0].list);
    dcr_free(w->by[1].list);
    dcr_free(w->last);
    dcr_buf_clear(&w->text);
    dcr_free(w);
}

const dcr_sink *dcr_witness_sink(const dcr_witness *w)
{
    return &w->mine;
}

void dcr_witness_begin(dcr_witness *w)
{
    w->by[0].n = w->by[1].n = 0;
    w->now = 0;
}

void dcr_witness_second(dcr_witness *w)
{
    w->now = 1;
}

void dcr_witness_forget(dcr_witness *w)
{
    dcr_free(w->last);
    w->last = NULL;
    w->cap_last = 0;
}

/* ---- comparing ---- */

static int by_path(const void *x, const void *y)
{
    const told *a = x, *b = y;
    if (a->path != b->path)
        return a->path < b->path ? -1 : 1;
    return a->value < b->value ? -1 : a->value > b->value;
}

static void sort(telling *t)
{
    if (t->n > 1)
        qsort(t->list, t->n, sizeof *t->list, by_path);
}

static bool has_path(const telling *t, uint32_t path)
{
    size_t lo = 0, hi = t->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (t->list[mid].path < path)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < t->n && t->list[lo].path == path;
}

static bool is_layout(const dcr_pathtab *paths, uint32_t path)
{
    return strncmp(paths->path[path].text, "structure:", 10) == 0;
}

/* What is in a and not in b; DCMTK cannot tell how items are laid out. */
typedef struct surplus {
    bool any;     /* a value */
    bool strange; /* of an attribute that b has not at all */
} surplus;

static surplus beyond(const dcr_pathtab *paths, const telling *a, const telling *b)
{
    surplus s = {false, false};
    size_t k = 0;
    for (size_t i = 0; i < a->n; i++) {
        while (k < b->n && by_path(&b->list[k], &a->list[i]) < 0)
            k++;
        if ((k < b->n && by_path(&b->list[k], &a->list[i]) == 0) ||
            is_layout(paths, a->list[i].path))
            continue;
        s.any = true;
        s.strange = s.strange || !has_path(b, a->list[i].path);
    }
    return s;
}

static bool same_ids(const dcr_reading *a, const dcr_reading *b)
{
    for (int i = 0; i < DCR_ID_N; i++)
        if (a->id[i].n != b->id[i].n ||
            (a->id[i].n > 0 && memcmp(a->id[i].p, b->id[i].p, a->id[i].n) != 0))
            return false;
    return true;
}

dcr_differ dcr_witness_compare(dcr_witness *w, const dcr_pathtab *paths,
                               const dcr_reading *a, const dcr_reading *b)
{
    surplus ours, theirs;
    sort(&w->by[0]);
    sort(&w->by[1]);
    ours = beyond(paths, &w->by[0], &w->by[1]);
    theirs = beyond(paths, &w->by[1], &w->by[0]);
    if (a->status != b->status && b->status == DCR_READ_OK)
        return DCR_DIFFER_STREAM_STOPS;
    if (a->status != b->status && a->status == DCR_READ_OK)
        return DCR_DIFFER_DCMTK_STOPS;
    if (a->status == b->status && same_ids(a, b) && !ours.any && !theirs.any)
        return DCR_DIFFER_NOT;
    if (a->status != DCR_READ_OK)
        return DCR_DIFFER_BOTH_STOP;
    return same_ids(a, b) && !theirs.any && !ours.strange ? DCR_DIFFER_TWICE
                                                          : DCR_DIFFER_VALUES;
}
