/* Siemens CSA headers, as described by nibabel (nipy.org/nibabel/dicom/siemens_csa.html):
 * "SV10" and four bytes, or nothing for the older form; the number of tags; 77 or 205;
 * then tags of a name, a VR and items.  All numbers are little-endian, values are text.
 */
#include <string.h>

#include "open.h"
#include "syntax.h"

enum {
    MAX_TAGS = 1024,
    MAX_ITEMS = 4096,
    NAME = 64,
    TAG = NAME + 20,
    ITEM = 16,
    TEXT = 8192 /* of one tag's items together; the rest is one long item, mostly */
};

typedef struct csa {
    const uint8_t *p;
    size_t n, at;
    bool old;             /* the form without "SV10" */
    uint32_t first_items; /* items of the first tag: the old form adds it to lengths */
    uint8_t text[TEXT];
} csa;

static bool wants(const dcr_open_place *at)
{
    return at->found == NULL && at->group == 0x0029 &&
           (at->element == 0x10 || at->element == 0x20) && at->creator != NULL &&
           strcmp(at->creator, "SIEMENS CSA HEADER") == 0;
}

/* Numbers are written as text, whatever VR they claim. */
static void text_vr(char out[2], const uint8_t *p)
{
    char vr[2] = {(char)p[0], (char)p[1]};
    const dcr_vr *info = dcr_vr_get(vr);
    if (info->kind == DCR_VR_UINT || info->kind == DCR_VR_SINT)
        memcpy(vr, "IS", 2);
    else if (info->kind == DCR_VR_FLOAT)
        memcpy(vr, "DS", 2);
    else if (info->kind != DCR_VR_TEXT && info->kind != DCR_VR_ASCII)
        memcpy(vr, "UN", 2);
    memcpy(out, vr, 2);
}

/* The next item; false when it does not fit. */
static bool next_item(csa *c, const uint8_t **p, size_t *n)
{
    uint32_t length;
    size_t padded;
    if (c->n - c->at < ITEM)
        return false;
    length = dcr_get32(c->p + c->at + (c->old ? 0 : 4), false);
    if (c->old)
        length -= c->first_items;
    c->at += ITEM;
    if (length > c->n - c->at)
        return false;
    *p = c->p + c->at;
    *n = length;
    padded = ((size_t)length + 3) & ~(size_t)3;
    c->at += padded > c->n - c->at ? c->n - c->at : padded;
    return true;
}

static size_t text_of(const uint8_t *p, size_t n)
{
    const uint8_t *end = memchr(p, 0, n);
    n = end != NULL ? (size_t)(end - p) : n;
    while (n > 0 && p[n - 1] == ' ')
        n--;
    return n;
}

static dcr_status one_tag(csa *c, const dcr_open_sink *to, bool *more)
{
    char name[DCR_OPEN_MAX_NAME + 1], vr[2];
    const uint8_t *tag = c->p + c->at, *item, *whole = c->text;
    size_t used = 0, length;
    uint32_t items = dcr_get32(tag + NAME + 12, false);
    *more = false;
    if (!dcr_open_name(name, tag, NAME) || items > MAX_ITEMS)
        return DCR_OK;
    text_vr(vr, tag + NAME + 4);
    c->at += TAG;
    for (uint32_t i = 0; i < items; i++) {
        if (!next_item(c, &item, &length))
            return DCR_OK;
        length = text_of(item, length);
        if (length == 0)
            continue;
        if (used == 0 && length > TEXT) { /* a protocol: lent as it is */
            whole = item;
            used = length;
        } else if (whole == c->text && length < TEXT - used) {
            if (used > 0)
                c->text[used++] = '\\';
            memcpy(c->text + used, item, length);
            used += length;
        }
    }
    *more = true;
    return to->emit(to->ctx, name, vr, whole, used);
}

static dcr_status open_csa(const uint8_t *p, size_t n, const dcr_open_sink *to)
{
    csa c;
    uint32_t tags;
    bool more = true;
    dcr_status s = DCR_OK;
    c.p = p;
    c.n = n;
    c.old = n < 4 || memcmp(p, "SV10", 4) != 0;
    c.at = c.old ? 0 : 8;
    if (n < c.at + 8 + TAG)
        return DCR_OK;
    tags = dcr_get32(p + c.at, false);
    c.at += 8;
    c.first_items = dcr_get32(p + c.at + NAME + 12, false);
    if (tags == 0 || tags > MAX_TAGS)
        return DCR_OK;
    for (uint32_t i = 0; i < tags && more && s == DCR_OK && c.n - c.at >= TAG; i++)
        s = one_tag(&c, to, &more);
    return s;
}

const dcr_opener dcr_open_csa = {
    .name = "csa", .version = "2", .wants = wants, .open = open_csa};
