/* Values with something inside: openers are called here, and what they find goes the way
 * of all values. */
#include <string.h>

#include "alloc.h"
#include "hash.h"
#include "mask.h"
#include "reader_impl.h"

enum {
    MAX_DEPTH = 4,      /* openings inside each other */
    MAX_PATHS = 512,    /* new paths of one value, with all that is inside */
    MAX_VALUES = 65536, /* values found in one value */
    VALUE_COST = 32     /* bytes of the budget that a found value costs at least */
};

typedef struct hunt { /* a value of the file, with all that is opened inside of it */
    uint32_t path;
    uint32_t values, paths;
    bool once; /* no path was found twice */
    bool cut;
} hunt;

typedef struct opening { /* one opener at work */
    dcr_reader *r;
    hunt *root;
    const dcr_opener *opener;
    dcr_charset *charset;
    uint32_t path;
    unsigned depth;
} opening;

/* Each path of a file counts once, however often it stands there. */
bool dcr_reader_count_path(dcr_reader *r, uint32_t path)
{
    dcr_path *node = &r->paths->path[path];
    if (dcr_path_in_file(r->paths, path))
        return true;
    node->seen = r->paths->first << 16;
    if (r->n_paths >= r->budget.paths)
        return false;
    r->n_paths++;
    return true;
}

const dcr_opener *dcr_reader_opener(const dcr_reader *r, const dcr_element *e,
                                    const uint8_t *p, size_t n)
{
    const dcr_opener *o = NULL;
    const dcr_vr *vr = dcr_vr_get(e->vr);
    bool text = vr->kind == DCR_VR_TEXT || vr->kind == DCR_VR_ASCII;
    if (e->length > DCR_OPEN_MAX_BYTES || e->length < 4 || e->pixel)
        return NULL;
    if (vr->kind == DCR_VR_TEXT || vr->kind == DCR_VR_BYTES)
        o = dcr_open_sniff(p, n < DCR_OPEN_HEAD ? n : DCR_OPEN_HEAD, e->length);
    if (o == NULL)
        o = r->paths->path[e->path].opener;
    if (text && e->length > DCR_VALUE_MAX && (o == NULL || o->last))
        o = dcr_open_long(!vr->whole, p, n, e->length);
    return o;
}

const dcr_opener *dcr_reader_grown(const dcr_element *e)
{
    unsigned kind = dcr_vr_get(e->vr)->kind;
    bool text = kind == DCR_VR_TEXT || kind == DCR_VR_ASCII || kind == DCR_VR_BYTES;
    return text ? dcr_open_long(false, NULL, 0, e->length) : NULL;
}

/* ---- what openers ask for ---- */

static bool open_value(opening *o, const uint8_t *p, size_t n);

static void cut(void *ctx)
{
    opening *o = ctx;
    o->root->cut = true;
    o->r->flaw = DCR_READ_BYTES;
}

static bool pay(void *ctx, uint64_t n)
{
    opening *o = ctx;
    return dcr_reader_pay(o->r, n);
}

/* Names are counted before they are told: what comes behind the last one is left out, and
 * the file counts as not read to its end. */
static bool admit(opening *o, uint32_t path)
{
    bool fresh = !dcr_path_in_file(o->r->paths, path);
    o->root->paths += fresh;
    o->root->values++;
    o->root->once = o->root->once && fresh;
    if (o->root->paths <= MAX_PATHS && o->root->values <= MAX_VALUES &&
        dcr_reader_count_path(o->r, path))
        return true;
    o->root->cut = true;
    o->r->flaw = DCR_READ_ELEMENTS;
    return false;
}

/* Adds a path to what is kept of the value that was opened; false when no memory. */
static bool keep(dcr_reader *r, const hunt *root, uint32_t path)
{
    dcr_opened *k = r->paths->path[root->path].opened;
    if (k == NULL)
        return true;
    if (k->n == k->cap) {
        size_t cap = k->cap == 0 ? 16 : k->cap * 2;
        uint32_t *more = dcr_arena_alloc(&r->paths->arena, cap, sizeof *more);
        if (more == NULL)
            return false;
        if (k->n > 0)
            memcpy(more, k->path, k->n * sizeof *more);
        k->path = more;
        k->cap = cap;
    }
    k->path[k->n++] = path;
    return true;
}

/* Documents have a character set of their own, and today that is UTF-8; escapes of ISO
 * 2022 are not.  False when no memory. */
static bool charset_of(opening *o, const uint8_t *p, size_t n, dcr_charset **set)
{
    static const char utf8[] = "ISO_IR 192";
    *set = o->charset;
    if (n == 0 || memchr(p, 0x1B, n) != NULL || dcr_utf8_valid(p, n) != n)
        return true;
    if (o->r->utf8 == NULL)
        o->r->utf8 = dcr_charset_new((const uint8_t *)utf8, sizeof utf8 - 1);
    *set = o->r->utf8;
    return *set != NULL;
}

static bool make(opening *o, const char vr[2], const uint8_t *p, size_t n,
                 char digest[60], dcr_reading_value *v)
{
    char hex[33];
    dcr_charset *set;
    if (n > DCR_VALUE_MAX) {
        dcr_hash128_hex(dcr_hash128_of(p, n), hex);
        *v = dcr_value_digest(n, hex, digest);
        return true;
    }
    return charset_of(o, p, n, &set) &&
           dcr_value_make(v, vr, false, set, p, n, &o->r->text);
}

static uint32_t path_of(const opening *o, const char *name)
{
    char full[16 + DCR_OPEN_MAX_NAME + 2];
    size_t k = strlen(o->opener->name), m = strlen(name);
    if (k > 16 || m == 0 || m > DCR_OPEN_MAX_NAME)
        return DCR_PATH_NONE;
    memcpy(full, o->opener->name, k);
    full[k] = '/';
    memcpy(full + k + 1, name, m + 1);
    return dcr_pathtab_sub(o->r->paths, o->path, full);
}

static dcr_status emitted(void *ctx, const char *name, const char vr[2], const uint8_t *p,
                          size_t n)
{
    opening *o = ctx, inner = *o;
    dcr_reader *r = o->r;
    char digest[60];
    dcr_reading_value v;
    dcr_element e = {0};
    if (o->root->cut || !dcr_reader_pay(r, VALUE_COST))
        return DCR_EINTERRUPTED;
    e.path = path_of(o, name);
    if (e.path == DCR_PATH_NONE)
        return DCR_ENOMEM;
    if (!admit(o, e.path))
        return DCR_EINTERRUPTED;
    memcpy(e.vr, vr, 2);
    e.length = n > DCR_OPEN_MAX_BYTES ? DCR_LENGTH_UNDEFINED : (uint32_t)n;
    if (!keep(r, o->root, e.path) || !make(o, vr, p, n, digest, &v))
        return DCR_ENOMEM;
    dcr_reader_put(r, &e, &v);
    if (r->failed != DCR_OK)
        return r->failed;
    inner.path = e.path;
    inner.depth++;
    inner.opener =
        n > 0 && inner.depth < MAX_DEPTH ? dcr_reader_opener(r, &e, p, n) : NULL;
    if (inner.opener == NULL && inner.depth < MAX_DEPTH && n <= DCR_VALUE_MAX &&
        (v.flags & DCR_VALUE_DIGEST) != 0)
        inner.opener = dcr_reader_grown(&e);
    if (inner.opener != NULL && !open_value(&inner, p, n))
        return r->failed != DCR_OK ? r->failed : DCR_EINTERRUPTED;
    return DCR_OK;
}

/* False when nothing more shall be opened. */
static bool open_value(opening *o, const uint8_t *p, size_t n)
{
    const dcr_open_sink to = {o, emitted, pay, cut};
    if (o->opener->open(p, n, &to) == DCR_ENOMEM)
        dcr_reader_nomem(o->r);
    return !o->r->stopped && !o->root->cut;
}

/* ---- the same value once more ---- */

/* True when the value is the one that was opened here last: what was found is told again.
 * Files of a series share most of what vendors write into them. */
static bool again(dcr_reader *r, uint32_t path, const uint64_t key[3])
{
    const dcr_opened *k = r->paths->path[path].opened;
    if (k == NULL || memcmp(k->key, key, sizeof k->key) != 0)
        return false;
    if (k->cost > r->budget.bytes - r->bytes || k->n > r->budget.paths - r->n_paths)
        return false; /* a limit cuts it, and says where */
    for (size_t i = 0; i < k->n; i++)
        if (dcr_path_in_file(r->paths, k->path[i]))
            return false; /* was found in this file already */
    r->bytes += k->cost;
    for (size_t i = 0; i < k->n && !r->stopped; i++) {
        (void)dcr_reader_count_path(r, k->path[i]);
        if (r->sink->again(r->sink->ctx, k->path[i]) != DCR_OK)
            dcr_reader_nomem(r);
    }
    return true;
}

/* Begins to keep what will be found; zeros in the key stand for nothing kept. */
static void begin(dcr_reader *r, uint32_t path)
{
    dcr_path *node = &r->paths->path[path];
    if (node->opened == NULL)
        node->opened = dcr_arena_alloc(&r->paths->arena, 1, sizeof *node->opened);
    if (node->opened == NULL) {
        dcr_reader_nomem(r);
        return;
    }
    memset(node->opened->key, 0, sizeof node->opened->key);
    node->opened->n = 0;
}

void dcr_reader_open(dcr_reader *r, const dcr_element *e, const dcr_opener *opener,
                     const uint8_t *p, size_t n)
{
    const dcr_frame *f = dcr_reader_top(r);
    dcr_hash128 h = dcr_hash128_keyed(p, n); /* nobody can make one pass for another */
    uint64_t key[3] = {h.lo, h.hi, dcr_reader_key(r, f, e) | (uint64_t)n << 32};
    uint32_t undecodable = r->out->undecodable;
    uint64_t before = r->bytes;
    hunt root = {.path = e->path, .once = true};
    opening o = {r, &root, opener, r->charset[f->charset].set, e->path, 0};
    if (again(r, e->path, key))
        return;
    begin(r, e->path);
    if (r->stopped)
        return;
    (void)open_value(&o, p, n);
    r->paths->path[e->path].opened->cost = r->bytes - before;
    if (root.once && !root.cut && !r->stopped && r->out->undecodable == undecodable)
        memcpy(r->paths->path[e->path].opened->key, key, sizeof key);
}
