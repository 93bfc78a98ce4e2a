#include <string.h>

#include "alloc.h"
#include "reader_impl.h"

enum { HEAD = 4096, PADDING_MAX = 4096 };

#define ITEM         DCR_TAG(0xFFFE, 0xE000)
#define ITEM_END     DCR_TAG(0xFFFE, 0xE00D)
#define SEQUENCE_END DCR_TAG(0xFFFE, 0xE0DD)
#define DIRECTORY    DCR_TAG(0x0004, 0x1220)

void dcr_reader_nomem(dcr_reader *r)
{
    r->failed = DCR_ENOMEM;
    r->stopped = true;
}

/* ---- frames ---- */

dcr_frame *dcr_reader_push(dcr_reader *r)
{
    if (!dcr_grow(&r->frame, &r->cap_frames, r->n_frames + 1, sizeof *r->frame)) {
        dcr_reader_nomem(r);
        return NULL;
    }
    memset(&r->frame[r->n_frames], 0, sizeof *r->frame);
    r->frame[r->n_frames].number = ++r->paths->items;
    return &r->frame[r->n_frames++];
}

/* The group of a group length ends here; DCMTK says nothing of where its items lie. */
static void end_group(dcr_reader *r, dcr_frame *f)
{
    uint64_t said = f->group_end;
    uint32_t tag = DCR_TAG(f->group, 0);
    f->group_end = 0;
    if (f->meta && said > r->src->size)
        return; /* cut, and told so */
    if (said != r->src->pos && (r->dcmtk == NULL || r->n_frames == 1) && !r->stopped)
        dcr_reader_odd(r, DCR_ODD_GROUP_LENGTH, tag);
}

void dcr_reader_pop(dcr_reader *r)
{
    dcr_frame *f = dcr_reader_top(r);
    if (f->group_end != 0)
        end_group(r, f);
    if (f->sequence) {
        if (!f->seen && !r->stopped)
            dcr_reader_mark(r, f->path, "SQ", DCR_MARK_EMPTY);
        r->depth--;
    } else {
        r->n_creators = f->creators;
    }
    r->n_frames--;
}

/* What only looked like a sequence is left, and read once more as the bytes it is (see
 * read_gap): of what is inflated and gone, only the rest. */
static bool recover(dcr_reader *r)
{
    for (size_t i = r->n_frames; i-- > 0;) {
        uint64_t end = r->frame[i].end;
        if (!r->frame[i].doubtful || r->src->pos > end)
            continue;
        if (dcr_source_back(r->src, r->src->pos - r->frame[i].begin) ||
            dcr_source_back(r->src, r->src->pos - r->begin))
            dcr_reader_settle_shares(r);
        r->gap_end = end;
        r->gap_path = r->frame[i].path;
        while (r->n_frames > i) {
            dcr_reader_top(r)->group_end = 0;
            dcr_reader_top(r)->seen = true; /* broken off: not to be called empty */
            dcr_reader_pop(r);
        }
        return true;
    }
    return false;
}

static void read_gap(dcr_reader *r)
{
    dcr_element e = {.tag = DCR_PATH_NONE, .path = r->gap_path, .vr = {'U', 'N'}};
    e.length = (uint32_t)(r->gap_end - r->src->pos); /* at most the value's */
    r->gap_end = 0;
    r->begin = r->src->pos;
    dcr_reader_odd(r, DCR_ODD_GAP, r->paths->path[e.path].tag);
    if (e.length > 0 && !r->stopped)
        dcr_reader_value(r, dcr_reader_top(r), &e);
}

void dcr_reader_stop(dcr_reader *r, unsigned status)
{
    if (r->stopped)
        return;
    if ((status == DCR_READ_CORRUPT || status == DCR_READ_LENGTH) && recover(r))
        return;
    if (r->src->failed)
        status = DCR_READ_IO;
    else if (r->src->z_bad)
        status = DCR_READ_CORRUPT;
    r->out->status = status;
    r->stopped = true;
}

/* ---- the end of the file ---- */

/* Padding, and not the first bytes of a tag: groups 0020 and 000A are blank-like too. */
static bool is_padding(const uint8_t *p, size_t n)
{
    bool zero = true, line_end = true;
    for (size_t i = 0; i < n; i++) {
        zero = zero && p[i] == 0;
        line_end = line_end && (p[i] == '\n' || p[i] == '\r');
    }
    return zero || line_end;
}

/* The data set is over and bytes remain: padding, something hidden, or a file that went
 * wrong earlier.  Padding is zeros; after Pixel Data, which comes last, anything goes. */
static void tail(dcr_reader *r)
{
    bool zero = true;
    uint64_t from = r->src->pos;
    if (dcr_reader_top(r)->group_end != 0)
        end_group(r, dcr_reader_top(r));
    dcr_reader_pseudo(r, "trailing", UINT64_MAX, &zero);
    if (r->last < DCR_FIRST_PIXEL && !(zero && r->src->pos - from <= PADDING_MAX))
        dcr_reader_stop(r, DCR_READ_CORRUPT);
    if (r->src->z != NULL && !r->src->z_end) /* what is deflated has no end */
        dcr_reader_stop(r, DCR_READ_TRUNCATED);
    r->n_frames = 0;
}

/* Fewer than 8 bytes are left where an element should begin. */
static void ended(dcr_reader *r, const dcr_frame *f, const uint8_t *p, size_t got)
{
    bool whole = r->src->failed == 0 && !r->src->z_bad &&
                 (r->src->z == NULL || r->src->z_end) && r->n_frames == 1;
    bool zero;
    if (!whole || (got > 0 && (!is_padding(p, got) || (f->syntax.big && got < 4)))) {
        dcr_reader_stop(r, DCR_READ_TRUNCATED);
        return;
    }
    if (got > 0)
        dcr_reader_pseudo(r, "trailing", got, &zero);
    dcr_reader_pop(r);
}

/* ---- private blocks ---- */

void dcr_reader_reserve(dcr_reader *r, uint32_t tag, uint32_t id)
{
    dcr_creator c = {(uint16_t)(tag >> 16), (uint16_t)(tag & 0xFF), id};
    if (id == DCR_DICT_NONE)
        return;
    if (dcr_grow(&r->creator, &r->cap_creators, r->n_creators + 1, sizeof *r->creator))
        r->creator[r->n_creators++] = c;
    else
        dcr_reader_nomem(r);
}

uint32_t dcr_reader_creator(dcr_reader *r, uint32_t tag, const uint8_t *p, size_t n)
{
    bool ok;
    uint32_t id = dcr_pathtab_creator(r->paths, p, n, &ok);
    if (ok)
        dcr_reader_reserve(r, tag, id);
    else
        dcr_reader_nomem(r);
    return id;
}

uint32_t dcr_reader_owner(const dcr_reader *r, const dcr_frame *f, uint16_t group,
                          uint16_t element)
{
    enum { LOOK_BACK = 1024 }; /* a hostile file shall not make this quadratic */
    size_t low = f->creators;
    uint16_t block = element >> 8;
    if (r->n_creators - low > LOOK_BACK)
        low = r->n_creators - LOOK_BACK;
    for (size_t i = r->n_creators; i-- > low;)
        if (r->creator[i].group == group && r->creator[i].block == block)
            return r->creator[i].id;
    return DCR_DICT_NONE;
}

/* ---- sequences ---- */

bool dcr_reader_like_items(const uint8_t *p, size_t n, uint32_t length, bool big)
{
    dcr_header item;
    dcr_syntax s = {big, false}, inside;
    if (n < 16)
        return false;
    (void)dcr_header_get(&item, p, n, s);
    if (DCR_TAG(item.group, item.element) != ITEM || item.length == 0 ||
        (item.length != DCR_LENGTH_UNDEFINED && item.length > length - 8))
        return false;
    return dcr_syntax_guess(p + 8, n - 8, length - 8, &inside) > 0;
}

static bool looks_like_items(dcr_reader *r, const dcr_frame *f, uint32_t length)
{
    size_t got;
    const uint8_t *p = dcr_source_peek(r->src, length < HEAD ? length : HEAD, &got);
    return dcr_reader_like_items(p, got, length, f->syntax.big);
}

/* A container that says it is longer than what it stands in: read as far as that goes,
 * and say so at the end. */
static uint64_t within(dcr_reader *r, const dcr_frame *up, uint64_t end)
{
    if (end <= up->end)
        return end;
    r->flaw = DCR_READ_LENGTH;
    return up->end;
}

void dcr_reader_sequence(dcr_reader *r, const dcr_element *e, bool unsure, bool doubtful)
{
    dcr_frame *f, up;
    if (r->depth >= r->budget.depth) {
        dcr_reader_stop(r, DCR_READ_DEPTH);
        return;
    }
    up = *dcr_reader_top(r);
    f = dcr_reader_push(r);
    if (f == NULL)
        return;
    r->depth++;
    f->sequence = true;
    f->path = e->path;
    f->charset = up.charset;
    f->syntax = up.syntax;
    f->unsure = unsure || up.unsure;
    f->limit = up.limit;
    f->end = DCR_NO_END;
    f->begin = r->src->pos;
    if (e->length != DCR_LENGTH_UNDEFINED) {
        f->end = within(r, &up, r->src->pos + e->length);
        f->limit = f->end < f->limit ? f->end : f->limit;
    }
    f->doubtful = doubtful && f->end == f->limit;
    if (unsure)
        f->syntax.explicit_vr = false;
}

void dcr_reader_item(dcr_reader *r, uint32_t length)
{
    dcr_frame *f, up = *dcr_reader_top(r);
    uint64_t end = DCR_NO_END;
    if (length != DCR_LENGTH_UNDEFINED)
        end = within(r, &up, r->src->pos + length);
    if (!up.seen) {
        dcr_reader_top(r)->seen = true;
        dcr_reader_mark(r, up.path, "SQ", DCR_MARK_ITEMS);
    }
    f = dcr_reader_push(r);
    if (f == NULL)
        return;
    f->path = up.path;
    f->before = DCR_PATH_NONE;
    f->creators = (uint32_t)r->n_creators;
    f->charset = up.charset;
    f->syntax = up.syntax;
    f->unsure = up.unsure;
    f->end = end;
    f->limit = end < up.limit ? end : up.limit;
}

static void step_sequence(dcr_reader *r)
{
    dcr_frame *f = dcr_reader_top(r);
    dcr_header h;
    const uint8_t *p;
    uint32_t tag;
    r->begin = r->src->pos;
    p = dcr_source_need(r->src, 8);
    if (p == NULL) {
        dcr_reader_stop(r, DCR_READ_TRUNCATED);
        return;
    }
    (void)dcr_header_get(&h, p, 8, f->syntax);
    tag = DCR_TAG(h.group, h.element);
    if (tag != ITEM && tag != SEQUENCE_END) {
        dcr_reader_stop(r, DCR_READ_CORRUPT);
        return;
    }
    dcr_reader_eat(r, DCR_SHARE_HEADER, 8);
    if (tag == ITEM) {
        if (h.length % 2 == 1 && h.length != DCR_LENGTH_UNDEFINED)
            dcr_reader_odd(r, DCR_ODD_LENGTH, tag);
        dcr_reader_item(r, h.length);
        return;
    }
    if (h.length != 0)
        dcr_reader_odd(r, DCR_ODD_RESERVED, tag);
    if (f->end != DCR_NO_END)
        dcr_reader_odd(r, DCR_ODD_DELIMITER, tag);
    dcr_reader_pop(r);
}

/* ---- elements ---- */

static bool is_pixel(uint32_t tag)
{
    return tag == DCR_TAG(0x7FE0, 0x0010) || tag == DCR_TAG(0x7FE0, 0x0008) ||
           tag == DCR_TAG(0x7FE0, 0x0009);
}

void dcr_reader_understand(const dcr_reader *r, dcr_element *e, const char says[2])
{
    bool known = says[0] != 0 && dcr_vr_get(says)->kind != DCR_VR_NONE;
    if (known && memcmp(says, "UN", 2) != 0)
        memcpy(e->vr, says, 2);
    else if (says[0] == 0 || known)
        memcpy(e->vr, dcr_pathtab_vr(r->paths, e->path), 2);
    else
        memcpy(e->vr, "UN", 2);
    if (memcmp(e->vr, "xs", 2) == 0)
        memcpy(e->vr, r->pixel_signed ? "SS" : "US", 2);
    e->pixel = is_pixel(e->tag);
}

void dcr_reader_overrun(dcr_reader *r, const dcr_element *e)
{
    const dcr_frame *f = dcr_reader_top(r);
    const dcr_vr *vr = dcr_vr_get(e->vr);
    bool short_form = e->length <= UINT16_MAX;
    if (r->src->z == NULL && f->limit < r->src->size)
        dcr_reader_stop(r, DCR_READ_LENGTH);
    else if (e->pixel || short_form || vr->long_length)
        dcr_reader_stop(r, DCR_READ_TRUNCATED);
    else
        dcr_reader_stop(r, DCR_READ_LENGTH);
}

static void read_element(dcr_reader *r, dcr_frame *f, const dcr_element *e,
                         const dcr_header *h)
{
    bool unknown = h->vr[0] == 0 || memcmp(h->vr, "UN", 2) == 0;
    bool sequence = memcmp(e->vr, "SQ", 2) == 0;
    bool other = h->vr[0] != 0 && unknown; /* UN inside explicit: implicit, says PS3.5 */
    if (e->length == DCR_LENGTH_UNDEFINED) {
        if (!e->pixel && (sequence || unknown))
            dcr_reader_sequence(r, e, other, false);
        else
            dcr_reader_fragments(r, f, e);
    } else if (sequence) {
        dcr_reader_sequence(r, e, other, unknown);
    } else if (e->length > f->limit - r->src->pos) {
        dcr_reader_overrun(r, e);
    } else if (memcmp(e->vr, "UN", 2) == 0 && !e->pixel && e->length >= 16 &&
               looks_like_items(r, f, e->length)) {
        dcr_reader_sequence(r, e, true, true);
    } else {
        dcr_reader_value(r, f, e);
    }
}

/* Counts the path, and says what is wrong with where it stands.  False when there are too
 * many. */
static bool note_path(dcr_reader *r, dcr_frame *f, const dcr_element *e)
{
    dcr_path *node = &r->paths->path[e->path];
    uint64_t key = f->number << 16 | (e->tag & 0xFFFF);
    bool behind = e->tag <= f->last && f->before != DCR_PATH_NONE;
    bool twice = behind && node->seen == key;
    if (!dcr_reader_count_path(r, e->path)) {
        dcr_reader_stop(r, DCR_READ_ELEMENTS);
        return false;
    }
    node->seen = key;
    f->before = e->path;
    if (behind)
        dcr_reader_odd(r, twice ? DCR_ODD_TWICE : DCR_ODD_ORDER, e->tag);
    else
        f->last = e->tag;
    return !r->stopped;
}

bool dcr_reader_known(dcr_reader *r, dcr_element *e)
{
    dcr_frame *f = dcr_reader_top(r);
    uint16_t group = (uint16_t)(e->tag >> 16), number = (uint16_t)e->tag;
    uint32_t creator = DCR_DICT_NONE;
    if (r->out->elements >= r->budget.elements) {
        dcr_reader_stop(r, DCR_READ_ELEMENTS);
        return false;
    }
    r->out->elements++;
    if (r->n_frames == 1)
        r->last = e->tag;
    if (group % 2 == 1 && !dcr_reader_is_creator(e->tag)) {
        r->out->private_elements++;
        if (number >= 0x1000)
            creator = dcr_reader_owner(r, f, group, number);
    }
    e->path = dcr_pathtab_get(r->paths, f->path, f->before, e->tag, creator);
    if (e->path == DCR_PATH_NONE) {
        dcr_reader_nomem(r);
        return false;
    }
    if (!note_path(r, f, e))
        return false;
    if (e->tag == DIRECTORY && r->n_frames == 1)
        r->out->dicomdir = true;
    return true;
}

static void element(dcr_reader *r, dcr_frame *f, const dcr_header *h)
{
    dcr_element e = {0};
    size_t got;
    const uint8_t *p = dcr_source_need(r->src, h->size);
    uint8_t head[DCR_PATH_HEAD];
    dcr_head_copy(head, p, h->size);
    e.tag = DCR_TAG(h->group, h->element);
    e.length = h->length;
    r->kept = r->plain = false;
    if (!dcr_reader_known(r, &e))
        return;
    dcr_reader_eat(r, DCR_SHARE_HEADER, h->size);
    if (dcr_reader_is_creator(e.tag) && e.length <= f->limit - r->src->pos) {
        p = dcr_source_peek(r->src, e.length < HEAD ? e.length : HEAD, &got);
        e.names = dcr_reader_creator(r, e.tag, p, got);
    }
    dcr_reader_understand(r, &e, h->vr);
    if (!r->stopped)
        read_element(r, f, &e, h);
    if (r->kept && e.tag != DIRECTORY)
        dcr_reader_keep_head(r, &e, h, head);
}

/* A VR that is none: some writers fall back to implicit VR in the middle of a file. */
static bool fits_implicit(const dcr_reader *r, const dcr_frame *f, const dcr_header *h)
{
    uint64_t room = f->limit - r->src->pos - 8;
    return dcr_tag_known(h->group, h->element) &&
           (h->length == DCR_LENGTH_UNDEFINED || h->length <= room);
}

/* False where the bytes cannot be an element of this data set or item.  Zeros end the
 * data set, as they pad files.  Nothing pads an item: there they are elements 0000,0000,
 * and what is behind them counts. */
static bool makes_sense(const dcr_reader *r, const dcr_frame *f, const dcr_header *h)
{
    uint32_t tag = DCR_TAG(h->group, h->element);
    bool known_vr = !f->syntax.explicit_vr || dcr_vr_get(h->vr)->kind != DCR_VR_NONE;
    if (h->group == 0xFFFE || (tag == 0 && r->n_frames == 1 && r->out->elements > 0))
        return false;
    if (h->odd_vr)
        return fits_implicit(r, f, h);
    if (!known_vr && !dcr_tag_known(h->group, h->element))
        return false;
    if (r->n_frames > 1 || r->last < DCR_FIRST_PIXEL)
        return true;
    return tag > r->last && known_vr && dcr_tag_known(h->group, h->element);
}

/* Delimiters; true when the header was one. */
static bool delimiter(dcr_reader *r, const dcr_header *h)
{
    uint32_t tag = DCR_TAG(h->group, h->element);
    if ((tag != ITEM_END && tag != SEQUENCE_END) || h->length != 0)
        return false;
    dcr_reader_eat(r, DCR_SHARE_HEADER, 8);
    if (tag == SEQUENCE_END || dcr_reader_top(r)->end != DCR_NO_END || r->n_frames == 1)
        dcr_reader_odd(r, DCR_ODD_DELIMITER, tag);
    if (r->n_frames == 1)
        return true; /* left over by some writers */
    dcr_reader_pop(r);
    if (tag == SEQUENCE_END) /* its last item was not closed */
        dcr_reader_pop(r);
    return true;
}

static void settle(dcr_frame *f, const dcr_reader *r, const uint8_t *p, size_t n)
{
    dcr_syntax s[2] = {{f->syntax.big, false}, {f->syntax.big, true}};
    uint64_t room = f->limit - r->src->pos;
    f->unsure = false;
    f->syntax = s[dcr_syntax_score(p, n, room, s[1]) > 0 &&
                  dcr_syntax_score(p, n, room, s[0]) == 0];
}

/* What is odd about an element's header. */
static void look_at(dcr_reader *r, dcr_frame *f, const dcr_header *h)
{
    uint32_t tag = DCR_TAG(h->group, h->element);
    if (f->group_end != 0 && h->group != f->group)
        end_group(r, f);
    if (h->reserved)
        dcr_reader_odd(r, DCR_ODD_RESERVED, tag);
    if (h->length % 2 == 1 && h->length != DCR_LENGTH_UNDEFINED)
        dcr_reader_odd(r, DCR_ODD_LENGTH, tag);
}

static void step_element(dcr_reader *r)
{
    dcr_frame *f = dcr_reader_top(r);
    dcr_header h;
    const uint8_t *p;
    size_t got;
    if (dcr_reader_same(r))
        return;
    r->begin = r->src->pos;
    p = dcr_source_peek(r->src, 12, &got);
    if (f->meta && !(got > 0 && p[0] == 2 && (got == 1 || p[1] == 0))) {
        dcr_reader_pop(r);
        return;
    }
    if (got < 8) {
        ended(r, f, p, got);
        return;
    }
    if (f->end != DCR_NO_END && f->end - r->src->pos < 8) {
        dcr_reader_stop(r, DCR_READ_CORRUPT);
        return;
    }
    if (f->unsure)
        settle(f, r, p, got);
    if (!dcr_header_get(&h, p, got, f->syntax)) {
        dcr_reader_stop(r, DCR_READ_TRUNCATED);
        return;
    }
    if (delimiter(r, &h))
        return;
    if (makes_sense(r, f, &h)) {
        look_at(r, f, &h);
        if (r->dcmtk == NULL) {
            element(r, f, &h);
        } else {
            dcr_dcmtk_element(r, &h);
            dcr_reader_settle_shares(r);
        }
    } else if (r->n_frames == 1 && !f->meta) {
        tail(r);
    } else {
        dcr_reader_stop(r, DCR_READ_CORRUPT);
    }
}

void dcr_reader_run(dcr_reader *r)
{
    while (r->n_frames > 0 && !r->stopped) {
        const dcr_frame *f = dcr_reader_top(r);
        if (r->gap_end != 0)
            read_gap(r);
        else if (f->end != DCR_NO_END && r->src->pos >= f->end)
            dcr_reader_pop(r);
        else if (f->sequence)
            step_sequence(r);
        else
            step_element(r);
    }
}
