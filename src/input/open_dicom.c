/* Data sets inside a value: a whole DICOM file ("DICM" at byte 128), items of a sequence
 * whose VR got lost, or elements without anything around.  Random bytes may look like the
 * begin of one, so a first pass must come out at the very end of the value before a
 * second tells the elements, by keyword. */
#include <stdio.h>
#include <string.h>

#include "open.h"
#include "reader.h"
#include "syntax.h"
#include "trail.h"

#define ITEM         0xFFFEE000u
#define ITEM_END     0xFFFEE00Du
#define SEQUENCE_END 0xFFFEE0DDu

enum {
    PREAMBLE = 128,
    MAX_DEPTH = 32,
    MAX_ELEMENTS = 100000,
    MAX_CREATORS = 64,
    ENOUGH = 3 /* elements that look right at the begin of bare ones */
};

typedef struct frame {
    size_t end; /* SIZE_MAX when delimited */
    dcr_syntax syntax;
    bool sequence;
    uint32_t last; /* tag */
} frame;

typedef struct creator {
    uint16_t group, block;
    const uint8_t *p;
    size_t n;
} creator;

typedef struct inside {
    const uint8_t *p;
    size_t n, at, elements;
    frame frame[MAX_DEPTH];
    size_t depth;
    creator creator[MAX_CREATORS];
    size_t n_creators;
    dcr_trail names;
    bool file, meta; /* has a magic word: elements need be in no order; in group 0002 */
    const dcr_open_sink *to; /* NULL in the first pass */
} inside;

/* ---- is it one? ---- */

static bool is_file(const uint8_t *p, size_t n)
{
    return n >= PREAMBLE + 12 && memcmp(p + PREAMBLE, "DICM", 4) == 0;
}

static bool is_items(const uint8_t *p, size_t n)
{
    return n >= 16 && memcmp(p, "\xFE\xFF\x00\xE0", 4) == 0;
}

static bool sniffs(const uint8_t *p, size_t n, uint64_t total)
{
    dcr_syntax s;
    if (is_file(p, n) || is_items(p, n))
        return true;
    return (p[0] == 2 || p[0] == 8) && p[1] == 0 &&
           dcr_syntax_guess(p, n, total, &s) >= ENOUGH && !s.big;
}

/* ---- names ---- */

static void note_creator(inside *d, uint16_t group, uint16_t block, const uint8_t *p,
                         size_t n)
{
    if (d->n_creators == MAX_CREATORS)
        return;
    d->creator[d->n_creators++] = (creator){group, block, p, n};
}

/* "PatientName", "0019-xx0C-ACME" for a private one, "0008-1111" for one nobody knows. */
static void name_of(const inside *d, uint16_t group, uint16_t element, char out[64])
{
    const char *keyword = dcr_reader_keyword(group, element);
    if (keyword != NULL && keyword[0] != 0 && strncmp(keyword, "Unknown", 7) != 0) {
        snprintf(out, 64, "%s", keyword);
        return;
    }
    if (group % 2 == 0 || element < 0x1000) {
        snprintf(out, 64, "%04X-%04X", group, element);
        return;
    }
    snprintf(out, 64, "%04X-xx%02X", group, element & 0xFF);
    for (size_t i = d->n_creators; i-- > 0;) {
        const creator *c = &d->creator[i];
        if (c->group == group && c->block == element >> 8) {
            snprintf(out, 64, "%04X-xx%02X-%.*s", group, element & 0xFF,
                     (int)(c->n > 32 ? 32 : c->n), (const char *)c->p);
            break;
        }
    }
    for (char *c = out; *c != 0; c++)
        if (*c == '.')
            *c = '_';
}

/* ---- the walk ---- */

static bool push(inside *d, bool sequence, uint32_t length, dcr_syntax s)
{
    frame *f;
    size_t end = SIZE_MAX;
    if (length != DCR_LENGTH_UNDEFINED) {
        if (length > d->n - d->at)
            return false;
        end = d->at + length;
    }
    if (d->depth == MAX_DEPTH ||
        (d->depth > 0 && end != SIZE_MAX && end > d->frame[d->depth - 1].end))
        return false;
    f = &d->frame[d->depth++];
    *f = (frame){end, s, sequence, 0};
    return true;
}

static void pop(inside *d)
{
    if (d->depth > 1 && d->frame[--d->depth].sequence)
        dcr_trail_pop(&d->names);
}

/* Past fragments up to their delimiter. */
static bool fragments(inside *d)
{
    while (d->n - d->at >= 8) {
        uint32_t tag = (uint32_t)dcr_get16(d->p + d->at, false) << 16 |
                       dcr_get16(d->p + d->at + 2, false);
        uint32_t length = dcr_get32(d->p + d->at + 4, false);
        d->at += 8;
        if (tag == SEQUENCE_END)
            return true;
        if (tag != ITEM || length > d->n - d->at)
            return false;
        d->at += length;
    }
    return false;
}

static bool is_pixel(uint32_t tag)
{
    return tag == 0x7FE00010 || tag == 0x7FE00008 || tag == 0x7FE00009;
}

static void understand(const dcr_header *h, char vr[2])
{
    memcpy(vr, h->vr, 2);
    if (h->vr[0] != 0 && memcmp(h->vr, "UN", 2) != 0)
        return;
    memcpy(vr, "UN", 2);
    (void)dcr_reader_vr(h->group, h->element, NULL, vr);
    if (memcmp(vr, "xs", 2) == 0)
        memcpy(vr, "US", 2);
}

static dcr_status tell(inside *d, const dcr_header *h, const char vr[2], const uint8_t *p)
{
    char name[64], full[DCR_OPEN_MAX_NAME + 1], part[DCR_OPEN_MAX_NAME + 1];
    bool number = dcr_vr_get(vr)->width > 0;
    if (d->to == NULL || is_pixel((uint32_t)h->group << 16 | h->element))
        return DCR_OK;
    name_of(d, h->group, h->element, name);
    (void)dcr_open_name(part, (const uint8_t *)name, strlen(name));
    return d->to->emit(d->to->ctx, dcr_trail_name(&d->names, part, full),
                       number && d->frame[d->depth - 1].syntax.big ? "UN" : vr, p,
                       h->length);
}

/* The value of the element h, which begins at d->at. */
static bool value(inside *d, const dcr_header *h, dcr_status *s)
{
    frame *f = &d->frame[d->depth - 1];
    uint32_t tag = (uint32_t)h->group << 16 | h->element;
    dcr_syntax inner = f->syntax;
    char vr[2], name[64];
    understand(h, vr);
    if (h->length == DCR_LENGTH_UNDEFINED && (is_pixel(tag) || vr[0] == 'O'))
        return fragments(d);
    if (memcmp(vr, "SQ", 2) == 0 || h->length == DCR_LENGTH_UNDEFINED) {
        if (memcmp(h->vr, "UN", 2) == 0)
            inner.explicit_vr = false;
        if (!push(d, true, h->length, inner))
            return false;
        name_of(d, h->group, h->element, name);
        dcr_trail_push(&d->names, (const uint8_t *)name, strlen(name));
        return true;
    }
    if (h->length > (f->end < d->n ? f->end : d->n) - d->at)
        return false;
    if (h->group % 2 == 1 && h->element >= 0x10 && h->element <= 0xFF)
        note_creator(d, h->group, h->element, d->p + d->at, h->length);
    *s = tell(d, h, vr, d->p + d->at);
    d->at += h->length;
    return true;
}

/* Group 0002 ends where another begins, and with it its syntax. */
static bool leave_meta(inside *d)
{
    d->meta = false;
    d->frame[0].last = 0;
    return dcr_syntax_guess(d->p + d->at, d->n - d->at, d->n - d->at,
                            &d->frame[0].syntax) > 0;
}

static bool element(inside *d, dcr_status *s)
{
    frame *f = &d->frame[d->depth - 1];
    dcr_header h;
    uint32_t tag;
    if (!dcr_header_get(&h, d->p + d->at, d->n - d->at, f->syntax))
        return false;
    tag = (uint32_t)h.group << 16 | h.element;
    if (d->meta && d->depth == 1 && h.group != 2)
        return leave_meta(d);
    if (tag == ITEM_END && d->depth > 1 && f->end == SIZE_MAX) {
        d->at += 8;
        pop(d);
        return true;
    }
    if (h.odd_vr || h.group == 0xFFFE || (tag <= f->last && !d->file) ||
        ++d->elements > MAX_ELEMENTS || !dcr_tag_known(h.group, h.element))
        return false;
    f->last = tag;
    d->at += h.size;
    return value(d, &h, s);
}

static bool item(inside *d)
{
    frame *f = &d->frame[d->depth - 1];
    dcr_header h;
    uint32_t tag;
    (void)dcr_header_get(&h, d->p + d->at, 8, f->syntax);
    tag = (uint32_t)h.group << 16 | h.element;
    d->at += 8;
    if (tag == SEQUENCE_END && f->end == SIZE_MAX) {
        pop(d);
        return true;
    }
    return tag == ITEM && push(d, false, h.length, f->syntax);
}

/* True when it comes out at the end; *s tells of the sink. */
static bool walk(inside *d, dcr_status *s)
{
    while (*s == DCR_OK) {
        while (d->depth > 1 && d->frame[d->depth - 1].end <= d->at) {
            if (d->frame[d->depth - 1].end < d->at)
                return false;
            pop(d);
        }
        if (d->n - d->at < 8) /* a byte of padding may be left */
            return d->depth == 1 && d->n - d->at <= 1 && d->elements > 0;
        if (!(d->frame[d->depth - 1].sequence ? item(d) : element(d, s)))
            return false;
    }
    return false;
}

/* Places the walk at its begin; false when there is none. */
static bool start(inside *d, const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    dcr_syntax s = {false, true};
    memset(d, 0, sizeof *d);
    d->p = p;
    d->n = n;
    d->to = to;
    if (is_items(p, n)) { /* explicit only where it cannot be implicit */
        dcr_syntax implicit = {false, false};
        if (dcr_syntax_score(p + 8, n - 8, n - 8, implicit) > 0)
            s = implicit;
        return push(d, true, (uint32_t)n, s);
    }
    d->file = is_file(p, n);
    if (d->file) {
        d->at = PREAMBLE + 4;
        d->meta = dcr_get16(p + d->at, false) == 2;
    }
    if (!d->meta && dcr_syntax_guess(p + d->at, n - d->at, n - d->at, &s) == 0)
        return false;
    if (!d->meta && d->at == 0)
        d->meta = p[0] == 2;
    return push(d, false, DCR_LENGTH_UNDEFINED, s);
}

static dcr_status open_dicom(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    inside d;
    dcr_status s = DCR_OK;
    if (!start(&d, p, n, NULL) || !walk(&d, &s))
        return s;
    if (start(&d, p, n, to))
        (void)walk(&d, &s);
    return s;
}

const dcr_opener dcr_open_dicom = {
    .name = "dicom", .version = "1", .sniffs = sniffs, .least = 16, .open = open_dicom};
