#include "wire.h"

#include <string.h>

#include "alloc.h"
#include "arena.h"
#include "hash.h"

/* "DCRB", a version byte, eight counts, eight runs of records, and the 64-bit hash of all
 * that.  Everything is a varint but the bytes of strings, names of VRs, and hashes. */

enum { STRINGS, ATTRS, VALUES, UNITS, FILES, FACTS, EXCESS, ROLLUPS, SECTIONS };

static const char magic[5] = {'D', 'C', 'R', 'B', 1};

struct dcr_wire {
    dcr_buf part[SECTIONS];
    uint32_t n[SECTIONS];
};

/* ---- writing ---- */

dcr_wire *dcr_wire_new(void)
{
    return dcr_alloc(1, sizeof(dcr_wire));
}

void dcr_wire_free(dcr_wire *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < SECTIONS; i++)
        dcr_buf_clear(&w->part[i]);
    dcr_free(w);
}

static void put_u64(dcr_buf *b, uint64_t v)
{
    uint8_t t[8];
    for (int i = 0; i < 8; i++)
        t[i] = (uint8_t)(v >> (8 * i));
    dcr_buf_add(b, t, sizeof t);
}

uint32_t dcr_wire_string(dcr_wire *w, const uint8_t *p, size_t n)
{
    dcr_buf_varint(&w->part[STRINGS], n);
    dcr_buf_add(&w->part[STRINGS], p, n);
    return w->n[STRINGS]++;
}

uint32_t dcr_wire_attr(dcr_wire *w, const dcr_batch_attr *a)
{
    dcr_buf_varint(&w->part[ATTRS], a->path);
    dcr_buf_add(&w->part[ATTRS], a->vr, 2);
    return w->n[ATTRS]++;
}

uint32_t dcr_wire_value(dcr_wire *w, const dcr_batch_value *v)
{
    dcr_buf_varint(&w->part[VALUES], v->bytes);
    dcr_buf_varint(&w->part[VALUES], v->flags);
    return w->n[VALUES]++;
}

void dcr_wire_unit(dcr_wire *w, const dcr_batch_unit *u)
{
    dcr_buf *b = &w->part[UNITS];
    dcr_buf_varint(b, u->patient_id);
    dcr_buf_varint(b, u->issuer);
    dcr_buf_varint(b, u->study_uid);
    dcr_buf_varint(b, u->series_uid);
    dcr_buf_varint(b, u->stand_in);
    dcr_buf_varint(b, u->kind);
    w->n[UNITS]++;
}

void dcr_wire_file(dcr_wire *w, const dcr_batch_file *f)
{
    dcr_buf *b = &w->part[FILES];
    dcr_buf_varint(b, f->index);
    dcr_buf_varint(b, f->kind);
    dcr_buf_varint(b, f->status);
    dcr_buf_varint(b, f->unit == UINT32_MAX ? 0 : (uint64_t)f->unit + 1);
    dcr_buf_varint(b, f->size);
    dcr_buf_varint(b, (uint64_t)f->mtime_ns);
    put_u64(b, f->sop[0]);
    put_u64(b, f->sop[1]);
    dcr_buf_varint(b, f->elements);
    dcr_buf_varint(b, f->private_elements);
    dcr_buf_varint(b, f->undecodable);
    w->n[FILES]++;
}

void dcr_wire_fact(dcr_wire *w, const dcr_batch_fact *f)
{
    dcr_buf *b = &w->part[FACTS];
    dcr_buf_varint(b, f->unit);
    dcr_buf_varint(b, f->attr);
    dcr_buf_varint(b, f->value);
    dcr_buf_varint(b, f->files);
    w->n[FACTS]++;
}

void dcr_wire_excess(dcr_wire *w, const dcr_batch_excess *e)
{
    dcr_buf *b = &w->part[EXCESS];
    dcr_buf_varint(b, e->unit);
    dcr_buf_varint(b, e->attr);
    dcr_buf_varint(b, e->excess);
    w->n[EXCESS]++;
}

void dcr_wire_rollup(dcr_wire *w, const dcr_batch_rollup *r)
{
    dcr_buf *b = &w->part[ROLLUPS];
    dcr_buf_varint(b, r->unit);
    dcr_buf_varint(b, r->attr);
    dcr_buf_varint(b, r->files);
    dcr_buf_varint(b, r->min);
    dcr_buf_varint(b, r->max);
    dcr_buf_varint(b, r->shape);
    dcr_buf_varint(b, r->empty);
    dcr_buf_varint(b, r->n_hashes);
    for (uint32_t i = 0; i < r->n_hashes; i++)
        put_u64(b, r->hashes[i]);
    w->n[ROLLUPS]++;
}

dcr_status dcr_wire_write(const dcr_wire *w, dcr_buf *out)
{
    size_t begin = out->n;
    dcr_buf_add(out, magic, sizeof magic);
    for (size_t i = 0; i < SECTIONS; i++)
        dcr_buf_varint(out, w->n[i]);
    for (size_t i = 0; i < SECTIONS; i++) {
        dcr_buf_add(out, w->part[i].p, w->part[i].n);
        out->failed = out->failed || w->part[i].failed;
    }
    if (!out->failed)
        put_u64(out, dcr_hash64(out->p + begin, out->n - begin));
    return out->failed ? DCR_ENOMEM : DCR_OK;
}

/* ---- reading ---- */

typedef struct input { /* the first thing that does not fit sticks in `bad` */
    const uint8_t *p, *end;
    bool bad;
    dcr_batch *b;
    dcr_arena *arena;
} input;

static uint64_t get(input *in, uint64_t max)
{
    uint64_t v;
    if (!dcr_varint_get(&in->p, in->end, &v) || v > max) {
        in->bad = true;
        return 0;
    }
    return v;
}

/* A number below n. */
static uint32_t get_index(input *in, uint32_t n)
{
    if (n == 0) {
        in->bad = true;
        return 0;
    }
    return (uint32_t)get(in, n - 1u);
}

static uint64_t get_u64(input *in)
{
    uint64_t v = 0;
    if (in->end - in->p < 8) {
        in->bad = true;
        return 0;
    }
    for (int i = 7; i >= 0; i--)
        v = v << 8 | in->p[i];
    in->p += 8;
    return v;
}

static void get_string(input *in, dcr_bytes *s)
{
    s->n = (uint32_t)get(in, UINT32_MAX);
    if (s->n > (size_t)(in->end - in->p)) {
        in->bad = true;
        s->n = 0;
    }
    s->p = in->p;
    in->p += s->n;
}

static void get_attr(input *in, dcr_batch_attr *a)
{
    a->path = get_index(in, in->b->n_strings);
    if (in->end - in->p < 2) {
        in->bad = true;
        return;
    }
    memcpy(a->vr, in->p, 2);
    in->p += 2;
    for (int i = 0; i < 2; i++)
        in->bad = in->bad || a->vr[i] < 'A' || a->vr[i] > 'Z';
}

static void get_value(input *in, dcr_batch_value *v)
{
    v->bytes = get_index(in, in->b->n_strings);
    v->flags =
        (uint32_t)get(in, DCR_VALUE_BINARY | DCR_VALUE_DIGEST | DCR_VALUE_UNDECODED);
}

static void get_unit(input *in, dcr_batch_unit *u)
{
    u->patient_id = get_index(in, in->b->n_strings);
    u->issuer = get_index(in, in->b->n_strings);
    u->study_uid = get_index(in, in->b->n_strings);
    u->series_uid = get_index(in, in->b->n_strings);
    u->stand_in = get_index(in, in->b->n_strings);
    u->kind = (uint32_t)get(in, DCR_FILE_N - 1);
}

static void get_file(input *in, dcr_batch_file *f)
{
    f->index = (uint32_t)get(in, UINT32_MAX);
    f->kind = (uint32_t)get(in, DCR_FILE_N - 1);
    f->status = (uint32_t)get(in, DCR_READ_N - 1);
    f->unit = (uint32_t)(get(in, in->b->n_units) - 1); /* 0, none, becomes UINT32_MAX */
    f->size = get(in, UINT64_MAX);
    f->mtime_ns = (int64_t)get(in, UINT64_MAX);
    f->sop[0] = get_u64(in);
    f->sop[1] = get_u64(in);
    f->elements = (uint32_t)get(in, UINT32_MAX);
    f->private_elements = (uint32_t)get(in, UINT32_MAX);
    f->undecodable = (uint32_t)get(in, UINT32_MAX);
}

static void get_fact(input *in, dcr_batch_fact *f)
{
    const dcr_batch_fact *before = f == in->b->facts ? NULL : f - 1;
    f->unit = get_index(in, in->b->n_units);
    f->attr = get_index(in, in->b->n_attrs);
    f->value = get_index(in, in->b->n_values);
    f->files = (uint32_t)get(in, UINT32_MAX);
    if (f->files == 0 ||
        (before != NULL &&
         (before->unit > f->unit || (before->unit == f->unit && before->attr > f->attr))))
        in->bad = true;
}

static void get_excess(input *in, dcr_batch_excess *e)
{
    e->unit = get_index(in, in->b->n_units);
    e->attr = get_index(in, in->b->n_attrs);
    e->excess = (uint32_t)get(in, UINT32_MAX);
}

static dcr_status get_rollup(input *in, dcr_batch_rollup *r)
{
    uint64_t *hash;
    r->unit = get_index(in, in->b->n_units);
    r->attr = get_index(in, in->b->n_attrs);
    r->files = get(in, UINT64_MAX);
    r->min = get_index(in, in->b->n_strings);
    r->max = get_index(in, in->b->n_strings);
    r->shape = get_index(in, in->b->n_strings);
    r->empty = get(in, r->files);
    r->n_hashes = (uint32_t)get(in, DCR_ROLLUP_MAX);
    hash = dcr_arena_alloc(in->arena, r->n_hashes, sizeof *hash);
    r->hashes = hash;
    if (hash == NULL)
        return DCR_ENOMEM;
    for (uint32_t i = 0; i < r->n_hashes; i++) {
        hash[i] = get_u64(in);
        in->bad = in->bad || (i > 0 && hash[i] <= hash[i - 1]);
    }
    return DCR_OK;
}

/* Space for a section's records.  Every record takes at least `least` bytes, so a count
 * that lies cannot ask for more memory than its message is worth. */
static void *space(input *in, uint32_t n, size_t least, size_t size)
{
    if (in->bad || n > (size_t)(in->end - in->p) / least) {
        in->bad = true;
        n = 0;
    }
    return dcr_arena_alloc(in->arena, n, size);
}

#define SECTION(field, least, read)                                                      \
    do {                                                                                 \
        b->field = space(in, b->n_##field, least, sizeof *b->field);                     \
        if (b->field == NULL)                                                            \
            return DCR_ENOMEM;                                                           \
        for (uint32_t i = 0; i < b->n_##field && !in->bad; i++)                          \
            read(in, &b->field[i]);                                                      \
    } while (0)

static dcr_status get_sections(input *in)
{
    dcr_batch *b = in->b;
    SECTION(strings, 1, get_string);
    SECTION(attrs, 3, get_attr);
    SECTION(values, 2, get_value);
    SECTION(units, 6, get_unit);
    SECTION(files, 25, get_file);
    SECTION(facts, 4, get_fact);
    SECTION(excess, 3, get_excess);
    b->rollups = space(in, b->n_rollups, 8, sizeof *b->rollups);
    if (b->rollups == NULL)
        return DCR_ENOMEM;
    for (uint32_t i = 0; i < b->n_rollups && !in->bad; i++)
        if (get_rollup(in, &b->rollups[i]) != DCR_OK)
            return DCR_ENOMEM;
    return DCR_OK;
}

static bool envelope(const uint8_t *p, size_t n)
{
    uint64_t h = 0;
    if (n < sizeof magic + 8 || memcmp(p, magic, sizeof magic) != 0)
        return false;
    for (int i = 7; i >= 0; i--)
        h = h << 8 | p[n - 8 + (size_t)i];
    return h == dcr_hash64(p, n - 8);
}

static dcr_status decode(dcr_batch *b, dcr_arena *arena, const uint8_t *p, size_t n,
                         dcr_err *err)
{
    input in = {NULL, NULL, false, b, arena};
    uint32_t *count[SECTIONS] = {&b->n_strings, &b->n_attrs, &b->n_values, &b->n_units,
                                 &b->n_files,   &b->n_facts, &b->n_excess, &b->n_rollups};
    if (!envelope(p, n))
        return dcr_fail(err, DCR_EFORMAT, NULL, "a worker's answer is damaged");
    in.p = (const uint8_t *)dcr_arena_bytes(arena, p, n);
    if (in.p == NULL)
        return dcr_nomem(err);
    in.end = in.p + n - 8;
    in.p += sizeof magic;
    for (size_t i = 0; i < SECTIONS; i++)
        *count[i] = (uint32_t)get(&in, UINT32_MAX - 1u);
    if (get_sections(&in) != DCR_OK)
        return dcr_nomem(err);
    if (in.bad || in.p != in.end)
        return dcr_fail(err, DCR_EFORMAT, NULL, "a worker's answer is inconsistent");
    return DCR_OK;
}

dcr_status dcr_wire_decode(dcr_batch *out, const uint8_t *p, size_t n, dcr_err *err)
{
    dcr_arena *arena = dcr_alloc(1, sizeof *arena);
    dcr_status s;
    memset(out, 0, sizeof *out);
    if (arena == NULL)
        return dcr_nomem(err);
    out->owner = arena;
    s = decode(out, arena, p, n, err);
    if (s != DCR_OK)
        dcr_batch_clear(out);
    return s;
}

void dcr_batch_clear(dcr_batch *b)
{
    if (b->owner != NULL)
        dcr_arena_clear(b->owner);
    dcr_free(b->owner);
    memset(b, 0, sizeof *b);
}
