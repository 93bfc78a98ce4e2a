#include <string.h>

#include "alloc.h"
#include "hash.h"
#include "reader_impl.h"

enum { MAX_CHARSETS = 255, LAST_ID = 0x3FFF /* dcr_reader_key and dcr_reader_mark */ };

static void check(dcr_reader *r, dcr_status s)
{
    if (s != DCR_OK)
        dcr_reader_nomem(r);
}

void dcr_reader_charsets_clear(dcr_reader *r)
{
    for (size_t i = 0; i < r->n_charsets; i++) {
        dcr_free(r->charset[i].terms);
        dcr_charset_free(r->charset[i].set);
    }
    r->n_charsets = 0;
}

/* A set that the reader has not met, or has forgotten; NULL when no memory. */
static dcr_known_set *new_set(dcr_reader *r, const uint8_t *terms, size_t n)
{
    dcr_known_set *k;
    if (!dcr_grow(&r->charset, &r->cap_charsets, r->n_charsets + 1, sizeof *k))
        return NULL;
    k = &r->charset[r->n_charsets];
    memset(k, 0, sizeof *k);
    k->terms = (uint8_t *)dcr_strndup((const char *)terms, n);
    if (k->terms == NULL)
        return NULL;
    k->n = n;
    if (r->next_charset + 2 > LAST_ID) {
        /* What was read with the first ones is too old. */
        dcr_pathtab_forget(r->paths);
        r->next_charset &= 1;
    }
    k->id = r->next_charset += 2; /* two readers may share a table of paths */
    k->set = dcr_charset_new(terms, n);
    r->n_charsets++;
    return k;
}

/* Sets of a file are counted, not those that earlier files left: what can be decoded
 * hangs on nothing but the file. */
void dcr_reader_charset(dcr_reader *r, dcr_frame *f, const uint8_t *terms, size_t n)
{
    dcr_known_set *k = NULL;
    n = dcr_trim_end(terms, n);
    f->charset = 0;
    if (n == 0)
        return;
    for (size_t i = 1; i < r->n_charsets && k == NULL; i++)
        if (r->charset[i].n == n && memcmp(r->charset[i].terms, terms, n) == 0)
            k = &r->charset[i];
    if ((k == NULL || k->file != r->files) && r->file_charsets >= MAX_CHARSETS)
        return;
    if (k == NULL && (k = new_set(r, terms, n)) == NULL) {
        dcr_reader_nomem(r);
        return;
    }
    r->file_charsets += k->file != r->files;
    k->file = r->files;
    f->charset = (uint32_t)(k - r->charset);
}

/* ---- small values ---- */

uint32_t dcr_reader_key(const dcr_reader *r, const dcr_frame *f, const dcr_element *e)
{
    return (uint32_t)(uint8_t)e->vr[0] << 24 | (uint32_t)(uint8_t)e->vr[1] << 16 |
           (f->syntax.big ? 0x8000u : 0u) | (r->charset[f->charset].id & 0x7FFF);
}

static int id_of(const dcr_reader *r, const dcr_frame *f, uint32_t tag)
{
    if (r->n_frames != 1 || f->meta)
        return -1;
    switch (tag) {
    case DCR_TAG(0x0010, 0x0020):
        return DCR_ID_PATIENT;
    case DCR_TAG(0x0010, 0x0021):
        return DCR_ID_ISSUER;
    case DCR_TAG(0x0020, 0x000D):
        return DCR_ID_STUDY;
    case DCR_TAG(0x0020, 0x000E):
        return DCR_ID_SERIES;
    case DCR_TAG(0x0008, 0x0018):
        return DCR_ID_SOP;
    default:
        return -1;
    }
}

static void keep_id(dcr_reader *r, int id, const dcr_reading_value *v)
{
    dcr_buf *b = &r->out->id[id];
    const uint8_t *p = v->p;
    size_t n = v->n;
    if (b->n > 0) /* the same tag twice: the first one counts */
        return;
    dcr_trim(&p, &n);
    dcr_buf_add(b, p, n);
    if (b->failed)
        dcr_reader_nomem(r);
}

static bool note_meta(dcr_reader *r, const dcr_element *e, const uint8_t *p, size_t n)
{
    static const char media[] = "1.2.840.10008.1.3.10";
    if (e->tag == DCR_TAG(0x0002, 0x0000) && n == 4)
        r->meta_end = r->value_at + n + dcr_get32(p, false);
    n = dcr_trim_end(p, n);
    if (e->tag == DCR_TAG(0x0002, 0x0010) && n < sizeof r->syntax_uid) {
        memcpy(r->syntax_uid, p, n);
        r->syntax_uid[n] = 0;
    }
    if (e->tag == DCR_TAG(0x0002, 0x0002) && n == sizeof media - 1)
        r->out->dicomdir = memcmp(p, media, n) == 0;
    return e->tag == DCR_TAG(0x0002, 0x0002) || e->tag == DCR_TAG(0x0002, 0x0010);
}

/* What the reader itself must know of values; true for those. */
static bool note(dcr_reader *r, dcr_frame *f, const dcr_element *e, const uint8_t *p,
                 size_t n)
{
    if ((e->tag & 0xFFFF) == 0 && n == 4) {
        f->group = (uint16_t)(e->tag >> 16);
        f->group_end = r->value_at + n + dcr_get32(p, f->syntax.big);
    }
    if (f->meta)
        return note_meta(r, e, p, n) || (e->tag & 0xFFFF) == 0;
    if (e->tag == DCR_TAG(0x0008, 0x0005))
        dcr_reader_charset(r, f, p, n);
    else if (e->tag == DCR_TAG(0x0028, 0x0103) && n == 2 && r->n_frames == 1)
        r->pixel_signed = dcr_get16(p, f->syntax.big) == 1;
    else
        return (e->tag & 0xFFFF) == 0;
    return true;
}

void dcr_reader_put(dcr_reader *r, const dcr_element *e, const dcr_reading_value *v)
{
    if (v->flags & DCR_VALUE_UNDECODED)
        r->out->undecodable++;
    check(r, r->sink->value(r->sink->ctx, e->path, e->vr, v->p, v->n, v->flags));
}

/* False when a digest is all that was told: as UTF-8 the text is too long. */
static bool small_value(dcr_reader *r, dcr_frame *f, const dcr_element *e,
                        const uint8_t *p)
{
    dcr_path *node = &r->paths->path[e->path];
    size_t n = e->length;
    uint32_t key;
    int id = id_of(r, f, e->tag);
    dcr_reading_value v;
    if (note(r, f, e, p, n) || id >= 0)
        r->plain = false;
    key = dcr_reader_key(r, f, e);
    if (id < 0 && n <= DCR_PATH_RAW && node->raw_n == n && node->raw_key == key &&
        memcmp(node->raw + DCR_PATH_HEAD, p, n) == 0) {
        r->out->undecodable += node->raw_bad;
        check(r, r->sink->again(r->sink->ctx, e->path));
        return true;
    }
    if (!dcr_value_make(&v, e->vr, f->syntax.big, r->charset[f->charset].set, p, n,
                        &r->text)) {
        dcr_reader_nomem(r);
        return true;
    }
    if (id >= 0)
        keep_id(r, id, &v);
    dcr_path_forget(node);
    if (n <= DCR_PATH_RAW) {
        node->raw_n = (uint16_t)n;
        node->raw_key = key;
        node->raw_bad = (v.flags & DCR_VALUE_UNDECODED) != 0;
        memcpy(node->raw + DCR_PATH_HEAD, p, n);
    }
    dcr_reader_put(r, e, &v);
    return (v.flags & DCR_VALUE_DIGEST) == 0;
}

void dcr_reader_mark(dcr_reader *r, uint32_t path, const char vr[2], dcr_mark mark)
{
    dcr_path *node = &r->paths->path[path];
    uint32_t flags = mark == DCR_MARK_EMPTY ? 0 : DCR_VALUE_DIGEST;
    const char *text = mark == DCR_MARK_EMPTY   ? ""
                       : mark == DCR_MARK_ITEMS ? "items"
                                                : "pixel";
    uint32_t key =
        (uint32_t)(uint8_t)vr[0] << 24 | (uint32_t)(uint8_t)vr[1] << 16 | mark | 0x4000;
    if (node->raw_n == 0 && node->raw_key == key) {
        check(r, r->sink->again(r->sink->ctx, path));
        return;
    }
    dcr_path_forget(node);
    node->raw_n = 0;
    node->raw_bad = false;
    node->raw_key = key;
    check(r, r->sink->value(r->sink->ctx, path, vr, (const uint8_t *)text,
                            (uint32_t)strlen(text), flags));
}

/* ---- large values ---- */

/* Hashes n bytes of the source, or fewer when it ends; false when it did. */
static bool hash_source(dcr_reader *r, dcr_hasher *h, uint64_t n, dcr_buf *copy)
{
    while (n > 0) {
        size_t got, want = n < DCR_SOURCE_WINDOW ? (size_t)n : DCR_SOURCE_WINDOW;
        const uint8_t *p = dcr_source_peek(r->src, want, &got);
        if (got == 0)
            return false;
        dcr_hasher_add(h, p, got);
        if (copy != NULL)
            dcr_buf_add(copy, p, got);
        dcr_reader_eat(r, DCR_SHARE_VALUE, got);
        n -= got;
    }
    return true;
}

static void put_digest(dcr_reader *r, const dcr_element *e, dcr_hash128 h, uint64_t n)
{
    char hex[33], text[60];
    dcr_reading_value v;
    dcr_hash128_hex(h, hex);
    v = dcr_value_digest(n, hex, text);
    dcr_path_forget(&r->paths->path[e->path]);
    dcr_reader_put(r, e, &v);
}

void dcr_reader_hashed(dcr_reader *r, const dcr_element *e, dcr_hash128 h,
                       const dcr_opener *opener)
{
    put_digest(r, e, h, e->length);
    if (e->length > DCR_OPEN_MAX_BYTES && dcr_vr_get(e->vr)->kind == DCR_VR_TEXT)
        r->flaw = DCR_READ_BYTES; /* text that nobody reads */
    if (opener != NULL && !r->stopped)
        dcr_reader_open(r, e, opener, (const uint8_t *)r->big.p, r->big.n);
}

/* What stands for a long value: whatever holds it again has the same. */
typedef struct stamp {
    dcr_hash128 hash;
    uint64_t n;
} stamp;
_Static_assert(sizeof(stamp) <= DCR_PATH_RAW, "a stamp is kept as a value is");

/* A value that is in the window as a whole: p. */
static void whole_value(dcr_reader *r, const dcr_element *e, const uint8_t *p)
{
    const dcr_opener *opener = dcr_reader_opener(r, e, p, e->length);
    dcr_path *node = &r->paths->path[e->path];
    uint32_t key = dcr_reader_key(r, dcr_reader_top(r), e);
    stamp s = {dcr_hash128_of(p, e->length), e->length};
    if (node->raw_n == DCR_RAW_HASH && node->raw_key == key &&
        memcmp(node->raw + DCR_PATH_HEAD, &s, sizeof s) == 0) {
        check(r, r->sink->again(r->sink->ctx, e->path));
    } else {
        put_digest(r, e, s.hash, s.n);
        node->raw_n = DCR_RAW_HASH;
        node->raw_key = key;
        memcpy(node->raw + DCR_PATH_HEAD, &s, sizeof s);
    }
    if (opener != NULL && !r->stopped)
        dcr_reader_open(r, e, opener, p, e->length);
    dcr_reader_eat(r, DCR_SHARE_VALUE, e->length);
}

/* A value that is longer than the window, or cut. */
static void streamed_value(dcr_reader *r, const dcr_element *e)
{
    size_t got;
    const uint8_t *head = dcr_source_peek(r->src, DCR_OPEN_HEAD, &got);
    const dcr_opener *opener = dcr_reader_opener(r, e, head, got);
    dcr_hasher *h = dcr_hasher_new();
    if (h == NULL) {
        dcr_reader_nomem(r);
        return;
    }
    r->big.n = 0;
    if (!hash_source(r, h, e->length, opener != NULL ? &r->big : NULL))
        dcr_reader_stop(r, DCR_READ_TRUNCATED);
    else if (r->big.failed)
        dcr_reader_nomem(r);
    else
        dcr_reader_hashed(r, e, dcr_hasher_end(h), opener);
    dcr_hasher_free(h);
}

static void large_value(dcr_reader *r, const dcr_element *e)
{
    const uint8_t *p = NULL;
    if (e->length <= DCR_SOURCE_WINDOW)
        p = dcr_source_need(r->src, e->length);
    if (p != NULL)
        whole_value(r, e, p);
    else
        streamed_value(r, e);
}

bool dcr_reader_pay(dcr_reader *r, uint64_t n)
{
    r->bytes += n;
    if (r->bytes <= r->budget.bytes)
        return true;
    dcr_reader_stop(r, DCR_READ_BYTES);
    return false;
}

static void kept_value(dcr_reader *r, const dcr_element *e, const uint8_t *p)
{
    const dcr_opener *opener = dcr_reader_opener(r, e, p, e->length);
    r->kept = true;
    r->plain = opener == NULL;
    if (!small_value(r, dcr_reader_top(r), e, p) && opener == NULL &&
        (opener = dcr_reader_grown(e)) != NULL)
        r->plain = false;
    if (opener != NULL && !r->stopped)
        dcr_reader_open(r, e, opener, p, e->length);
}

void dcr_reader_bytes(dcr_reader *r, const dcr_element *e, const uint8_t *p)
{
    if (dcr_reader_pay(r, e->length))
        kept_value(r, e, p);
}

void dcr_reader_value(dcr_reader *r, dcr_frame *f, const dcr_element *e)
{
    const uint8_t *p;
    if (e->length == 0) {
        if (e->tag == DCR_TAG(0x0008, 0x0005))
            f->charset = 0;
        dcr_reader_mark(r, e->path, e->vr, DCR_MARK_EMPTY);
        r->kept = true;
        r->plain = e->tag != DCR_TAG(0x0008, 0x0005);
        return;
    }
    if (e->pixel) {
        dcr_reader_mark(r, e->path, e->vr, DCR_MARK_PIXEL);
        if (!dcr_reader_skip(r, DCR_SHARE_PASSED, e->length))
            dcr_reader_stop(r, DCR_READ_TRUNCATED);
        return;
    }
    if (!dcr_reader_pay(r, e->length))
        return;
    if (e->length > DCR_VALUE_MAX) {
        large_value(r, e);
        return;
    }
    p = dcr_source_need(r->src, e->length);
    if (p == NULL) {
        dcr_reader_stop(r, DCR_READ_TRUNCATED);
        return;
    }
    r->value_at = r->src->pos;
    kept_value(r, e, p);
    dcr_reader_eat(r, DCR_SHARE_VALUE, e->length);
}

/* One fragment or the delimiter; false when that was the last. */
static bool fragment(dcr_reader *r, dcr_frame *f, dcr_hasher *h, uint64_t *total)
{
    dcr_header item;
    const uint8_t *p = dcr_source_need(r->src, 8);
    if (p == NULL) {
        dcr_reader_stop(r, DCR_READ_TRUNCATED);
        return false;
    }
    (void)dcr_header_get(&item, p, 8, f->syntax);
    if (item.group != 0xFFFE || (item.element != 0xE000 && item.element != 0xE0DD)) {
        dcr_reader_stop(r, DCR_READ_CORRUPT);
        return false;
    }
    dcr_reader_eat(r, DCR_SHARE_HEADER, 8);
    if (item.element == 0xE0DD) {
        if (item.length != 0)
            dcr_reader_odd(r, DCR_ODD_RESERVED, DCR_TAG(0xFFFE, 0xE0DD));
        return false;
    }
    if (item.length % 2 == 1 && item.length != DCR_LENGTH_UNDEFINED)
        dcr_reader_odd(r, DCR_ODD_LENGTH, DCR_TAG(0xFFFE, 0xE000));
    *total += item.length;
    if (item.length > f->limit - r->src->pos ||
        (h == NULL ? !dcr_reader_skip(r, DCR_SHARE_PASSED, item.length)
                   : !dcr_reader_pay(r, item.length) ||
                         !hash_source(r, h, item.length, NULL))) {
        dcr_reader_stop(r, DCR_READ_TRUNCATED);
        return false;
    }
    return true;
}

void dcr_reader_fragments(dcr_reader *r, dcr_frame *f, const dcr_element *e)
{
    dcr_hasher *h = NULL;
    uint64_t total = 0;
    if (e->pixel) {
        dcr_reader_mark(r, e->path, e->vr, DCR_MARK_PIXEL);
    } else if ((h = dcr_hasher_new()) == NULL) {
        dcr_reader_nomem(r);
        return;
    }
    while (!r->stopped && fragment(r, f, h, &total))
        ;
    if (h != NULL && !r->stopped)
        put_digest(r, e, dcr_hasher_end(h), total);
    dcr_hasher_free(h);
}

/* ---- bytes of no element ---- */

void dcr_reader_pseudo(dcr_reader *r, const char *name, uint64_t n, bool *all_zero)
{
    dcr_element e = {0};
    uint64_t total = 0;
    size_t got;
    dcr_reading_value v;
    dcr_hasher *h = dcr_hasher_new();
    e.path = dcr_pathtab_sub(r->paths, DCR_PATH_ROOT, name);
    memcpy(e.vr, "OB", 2);
    if (h == NULL || e.path == DCR_PATH_NONE) {
        dcr_reader_nomem(r);
        goto done;
    }
    dcr_path_forget(&r->paths->path[e.path]);
    r->big.n = 0;
    *all_zero = true;
    while (total < n) {
        const uint8_t *p =
            dcr_source_peek(r->src, n - total < 4096 ? n - total : 4096, &got);
        if (got == 0)
            break;
        *all_zero = *all_zero && p[0] == 0 && memcmp(p, p + 1, got - 1) == 0;
        if (total <= DCR_VALUE_MAX)
            dcr_buf_add(&r->big, p, got);
        dcr_hasher_add(h, p, got);
        dcr_reader_eat(r, DCR_SHARE_AROUND, got);
        total += got;
    }
    if (total > DCR_VALUE_MAX) {
        put_digest(r, &e, dcr_hasher_end(h), total);
    } else if (r->big.failed ||
               !dcr_value_make(&v, e.vr, false, NULL, (const uint8_t *)r->big.p, r->big.n,
                               &r->text)) {
        dcr_reader_nomem(r);
    } else {
        dcr_reader_put(r, &e, &v);
    }
done:
    dcr_hasher_free(h);
}

void dcr_reader_odd(dcr_reader *r, dcr_oddity what, uint32_t tag)
{
    static const char *const names[DCR_ODD_N] = {
        "structure:duplicate", "structure:order",     "structure:odd-length",
        "structure:reserved",  "structure:delimiter", "structure:group-length",
        "structure:gap"};
    dcr_element e = {.path = dcr_pathtab_sub(r->paths, DCR_PATH_ROOT, names[what]),
                     .vr = {'A', 'T'}};
    const uint8_t at[4] = {(uint8_t)(tag >> 16), (uint8_t)(tag >> 24), (uint8_t)tag,
                           (uint8_t)(tag >> 8)};
    dcr_reading_value v;
    if (e.path == DCR_PATH_NONE ||
        !dcr_value_make(&v, e.vr, false, NULL, at, sizeof at, &r->text)) {
        dcr_reader_nomem(r);
        return;
    }
    dcr_path_forget(&r->paths->path[e.path]);
    dcr_reader_put(r, &e, &v);
}

void dcr_reader_settle_shares(dcr_reader *r)
{
    uint64_t sum = 0, *value = &r->out->share[DCR_SHARE_VALUE];
    for (size_t i = 0; i < DCR_SHARE_N; i++)
        sum += r->out->share[i];
    *value += r->src->pos - sum; /* modulo 2^64 */
}
