/* Elements that are, header and value, to the byte what they were in the file before, and
 * those of which only the value is another one.
 *
 * Files of a series differ in few elements.  What the reader finds out about an element
 * hangs on its bytes, on what stands around it (character set, syntax, the private
 * block's owner, its path, the element before).  Where all of that is the same, so is the
 * outcome: one comparison stands for taking the header apart, looking tags up and
 * sniffing at the value.  Where tag and VR are the same and the value is not, the value
 * alone goes the way of all values.  Of elements of which the reader itself must remember
 * something the value always does; those that reserve a private block say again what they
 * said. Every count and limit is kept as on the long way (reader_stream.c), which takes
 * all others.
 */
#include <string.h>

#include "reader_impl.h"

/* Group 0002 is kept apart: the same tag may stand in a data set, where it says nothing.
 */
static uint32_t around(const dcr_reader *r, const dcr_frame *f)
{
    return r->charset[f->charset].id << 3 | (f->meta ? 4u : 0u) |
           (f->syntax.big ? 2u : 0u) | (f->syntax.explicit_vr ? 1u : 0u);
}

/* Keeps the header at p; of a plain value as bytes that stand for it as long as the value
 * is kept too. */
static void keep(const dcr_reader *r, uint32_t path, const uint8_t *p, uint32_t length)
{
    dcr_path *node = &r->paths->path[path];
    bool whole = r->plain && !r->stopped && node->raw_n == length && !node->raw_bad;
    dcr_head_copy(node->raw + DCR_PATH_HEAD - node->form_n, p, node->form_n);
    node->head_n = whole ? node->form_n : 0;
}

/* A VR that hangs on what came before it. */
static bool unsure_vr(const dcr_reader *r, const dcr_element *e, const dcr_header *h)
{
    bool said = h->vr[0] != 0 && memcmp(h->vr, "UN", 2) != 0;
    return !said && memcmp(dcr_pathtab_vr(r->paths, e->path), "xs", 2) == 0;
}

void dcr_reader_keep_head(dcr_reader *r, const dcr_element *e, const dcr_header *h,
                          const uint8_t *at)
{
    dcr_path *node = &r->paths->path[e->path];
    bool odd = h->reserved || h->odd_vr || e->length % 2 == 1;
    node->head_n = 0;
    if (odd || e->tag >= DCR_FIRST_PIXEL || unsure_vr(r, e, h))
        return;
    memcpy(node->head_vr, e->vr, 2);
    node->form_n = h->size;
    node->head_tag = e->tag;
    node->head_key = around(r, dcr_reader_top(r));
    node->names = e->names;
    keep(r, e->path, at, e->length);
}

static bool in_place(const dcr_reader *r, const dcr_frame *f, uint32_t tag,
                     uint32_t creator)
{
    uint16_t group = (uint16_t)(tag >> 16), number = (uint16_t)tag;
    return (f->group_end == 0 || group == f->group) &&
           (group % 2 == 0 || number < 0x1000 ||
            dcr_reader_owner(r, f, group, number) == creator);
}

/* Headers have 8 bytes at least, so that the last 8 may be looked at twice. */
static inline bool equal(const uint8_t *a, const uint8_t *b, size_t n)
{
    uint64_t x, y;
    for (size_t i = 0; i + sizeof x < n; i += sizeof x) {
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        if (x != y)
            return false;
    }
    memcpy(&x, a + n - sizeof x, sizeof x);
    memcpy(&y, b + n - sizeof y, sizeof y);
    return x == y;
}

/* Where the reader stands, and how far it may go. */
typedef struct place {
    const uint8_t *p;
    size_t left;   /* of the window, the data set or item, and the budget of bytes */
    uint32_t most; /* elements: were all of them new to the file, no limit is passed */
    uint32_t key;
    uint32_t block, owner; /* of the last private element */
} place;

static place place_of(const dcr_reader *r, const dcr_frame *f)
{
    const dcr_source *s = r->src;
    place at = {.p = s->buf + s->at, .key = around(r, f)};
    uint64_t n = s->end - s->at, inside = f->limit - s->pos;
    uint64_t budget = r->budget.bytes - r->bytes;
    uint64_t elements = r->budget.elements - r->out->elements;
    uint32_t paths = r->budget.paths - r->n_paths;
    n = n > inside ? inside : n;
    at.left = (size_t)(n > budget ? budget : n);
    at.most = elements > paths ? paths : (uint32_t)elements;
    return at;
}

/* True when the element at hand is what was there. */
static inline bool is_same(const dcr_reader *r, const dcr_frame *f, const dcr_path *node,
                           place *at, uint32_t last)
{
    size_t n = (size_t)node->head_n + node->raw_n;
    uint32_t tag = node->head_tag;
    if (node->head_n == 0 || node->head_key != at->key || n > at->left || tag <= last ||
        !equal(at->p, node->raw + DCR_PATH_HEAD - node->head_n, n))
        return false;
    if (f->group_end == 0 && (tag >> 16) % 2 == 1 && tag >> 8 == at->block)
        return node->creator == at->owner;
    if (!in_place(r, f, tag, node->creator))
        return false;
    if ((tag & 0xFFFF) >= 0x1000) { /* the next one is of the same block mostly */
        at->block = tag >> 8;
        at->owner = node->creator;
    }
    return true;
}

/* What a run of such elements has read. */
typedef struct run {
    uint32_t before, last, elements, private_elements, paths;
    size_t heads, values;
} run;

static void read_run(dcr_reader *r, const dcr_frame *f, place *at, run *u, uint32_t id)
{
    uint64_t number = f->number << 16, first = r->paths->first << 16;
    dcr_path *path = r->paths->path;
    while (u->elements < at->most && id != DCR_PATH_NONE && !r->stopped) {
        dcr_path *node = &path[id];
        uint32_t n = (uint32_t)node->head_n + node->raw_n;
        bool creator = dcr_reader_is_creator(node->head_tag);
        if (!is_same(r, f, node, at, u->last))
            return;
        u->paths += node->seen < first;
        node->seen = number | (node->head_tag & 0xFFFF);
        at->p += n;
        at->left -= n;
        u->heads += node->head_n;
        u->values += node->raw_n;
        u->elements++;
        u->private_elements += (node->head_tag >> 16 & 1) && !creator;
        u->last = node->head_tag;
        u->before = id;
        if (r->sink->again(r->sink->ctx, id) != DCR_OK)
            dcr_reader_nomem(r);
        if (creator) {
            dcr_reader_reserve(r, node->head_tag, node->names);
            at->block = 0; /* may have another owner now */
        }
        id = node->next;
    }
}

static bool same(dcr_reader *r, dcr_frame *f, place *at)
{
    run u = {.before = f->before, .last = f->last};
    read_run(r, f, at, &u, dcr_pathtab_likely(r->paths, f->path, f->before));
    if (u.elements == 0)
        return false;
    f->before = u.before;
    f->last = u.last;
    if (r->n_frames == 1)
        r->last = u.last;
    r->bytes += u.values;
    r->n_paths += u.paths;
    r->out->elements += u.elements;
    r->out->private_elements += u.private_elements;
    at->most -= u.elements;
    dcr_reader_eat(r, DCR_SHARE_HEADER, u.heads);
    dcr_reader_eat(r, DCR_SHARE_VALUE, u.values);
    return true;
}

/* ---- another value behind the same tag and VR ---- */

/* The header at p, if it is the one that is kept but for the length, which is put into h.
 */
static bool same_form(const dcr_frame *f, const dcr_path *node, const uint8_t *p,
                      dcr_header *h)
{
    const uint8_t *kept = node->raw + DCR_PATH_HEAD - node->form_n;
    h->size = node->form_n;
    if (memcmp(p, kept, 4) != 0)
        return false;
    if (!f->syntax.explicit_vr) {
        h->length = dcr_get32(p + 4, f->syntax.big);
        return true;
    }
    if (memcmp(p + 4, kept + 4, 2) != 0)
        return false;
    if (h->size == 8) {
        h->length = dcr_get16(p + 6, f->syntax.big);
        return true;
    }
    h->length = dcr_get32(p + 8, f->syntax.big);
    return memcmp(p + 6, kept + 6, 2) == 0;
}

/* True when the element at hand may go the short way: its value is one that is kept as it
 * is, has nothing odd and passes no limit, and nobody would take it for a sequence. */
static bool is_alike(const dcr_reader *r, const dcr_frame *f, const dcr_path *node,
                     const place *at, dcr_header *h)
{
    return node->form_n > 0 && !node->is_creator && node->form_n <= at->left &&
           node->head_key == at->key && node->head_tag > f->last &&
           same_form(f, node, at->p, h) && h->length > 0 && h->length % 2 == 0 &&
           h->length <= DCR_VALUE_MAX && h->length <= at->left - h->size &&
           (h->length < 16 || memcmp(node->head_vr, "UN", 2) != 0) && at->most > 0 &&
           in_place(r, f, node->head_tag, node->creator);
}

static bool alike(dcr_reader *r, dcr_frame *f, place *at)
{
    uint32_t id = dcr_pathtab_likely(r->paths, f->path, f->before);
    dcr_path *node = &r->paths->path[id == DCR_PATH_NONE ? DCR_PATH_ROOT : id];
    dcr_element e = {.path = id, .tag = node->head_tag};
    dcr_header h;
    if (id == DCR_PATH_NONE || !is_alike(r, f, node, at, &h))
        return false;
    memcpy(e.vr, node->head_vr, 2);
    e.length = h.length;
    r->n_paths += !dcr_path_in_file(r->paths, id);
    node->seen = f->number << 16 | (e.tag & 0xFFFF);
    f->before = id;
    f->last = e.tag;
    if (r->n_frames == 1)
        r->last = e.tag;
    r->out->elements++;
    r->out->private_elements += e.tag >> 16 & 1;
    r->begin = r->src->pos;
    dcr_reader_eat(r, DCR_SHARE_HEADER, h.size);
    r->value_at = r->src->pos;
    r->kept = r->plain = false;
    dcr_reader_bytes(r, &e, at->p + h.size);
    dcr_reader_eat(r, DCR_SHARE_VALUE, e.length);
    keep(r, id, at->p, e.length);
    *at = place_of(r, f);
    return true;
}

bool dcr_reader_same(dcr_reader *r)
{
    dcr_frame *f = dcr_reader_top(r);
    bool some = false;
    place at;
    if (f->unsure || r->dcmtk != NULL || r->src->pos >= f->limit)
        return false;
    at = place_of(r, f);
    while (!r->stopped && (same(r, f, &at) || alike(r, f, &at)))
        some = true;
    return some;
}
