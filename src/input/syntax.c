#include "syntax.h"

#include "reader.h"

#define AT(a, b) [((a) - 'A') * 26 + ((b) - 'A')]

const dcr_vr dcr_vr_none = {DCR_VR_NONE, 0, false, false};
const dcr_vr dcr_vr_table[26 * 26] = {
    AT('A', 'E') = {DCR_VR_ASCII, 0, false, true},
    AT('A', 'S') = {DCR_VR_ASCII, 0, false, true},
    AT('A', 'T') = {DCR_VR_TAG, 4, false, false},
    AT('C', 'S') = {DCR_VR_ASCII, 0, false, true},
    AT('D', 'A') = {DCR_VR_ASCII, 0, false, true},
    AT('D', 'S') = {DCR_VR_ASCII, 0, false, false},
    AT('D', 'T') = {DCR_VR_ASCII, 0, false, false},
    AT('F', 'D') = {DCR_VR_FLOAT, 8, false, false},
    AT('F', 'L') = {DCR_VR_FLOAT, 4, false, false},
    AT('I', 'S') = {DCR_VR_ASCII, 0, false, false},
    AT('L', 'O') = {DCR_VR_TEXT, 0, false, true},
    AT('L', 'T') = {DCR_VR_TEXT, 0, false, true},
    AT('O', 'B') = {DCR_VR_BYTES, 0, true, false},
    AT('O', 'D') = {DCR_VR_BYTES, 0, true, false},
    AT('O', 'F') = {DCR_VR_BYTES, 0, true, false},
    AT('O', 'L') = {DCR_VR_BYTES, 0, true, false},
    AT('O', 'V') = {DCR_VR_BYTES, 0, true, false},
    AT('O', 'W') = {DCR_VR_BYTES, 0, true, false},
    AT('P', 'N') = {DCR_VR_TEXT, 0, false, true},
    AT('S', 'H') = {DCR_VR_TEXT, 0, false, true},
    AT('S', 'L') = {DCR_VR_SINT, 4, false, false},
    AT('S', 'Q') = {DCR_VR_SEQUENCE, 0, true, false},
    AT('S', 'S') = {DCR_VR_SINT, 2, false, false},
    AT('S', 'T') = {DCR_VR_TEXT, 0, false, true},
    AT('S', 'V') = {DCR_VR_SINT, 8, true, false},
    AT('T', 'M') = {DCR_VR_ASCII, 0, false, false},
    AT('U', 'C') = {DCR_VR_TEXT, 0, true, true},
    AT('U', 'I') = {DCR_VR_ASCII, 0, false, false},
    AT('U', 'L') = {DCR_VR_UINT, 4, false, false},
    AT('U', 'N') = {DCR_VR_BYTES, 0, true, false},
    AT('U', 'R') = {DCR_VR_ASCII, 0, true, true},
    AT('U', 'S') = {DCR_VR_UINT, 2, false, false},
    AT('U', 'T') = {DCR_VR_TEXT, 0, true, true},
    AT('U', 'V') = {DCR_VR_UINT, 8, true, false},
};

/* A VR the standard may add one day: it will have 32 bits of length (PS3.5, 6.2), so its
 * reserved bytes are zero; private inventions mostly use the short form. */
static bool long_form(const uint8_t *p, const dcr_vr *vr)
{
    return vr->kind != DCR_VR_NONE ? vr->long_length : p[6] == 0 && p[7] == 0;
}

bool dcr_header_get(dcr_header *h, const uint8_t *p, size_t n, dcr_syntax s)
{
    h->group = dcr_get16(p, s.big);
    h->element = dcr_get16(p + 2, s.big);
    h->vr[0] = h->vr[1] = 0;
    h->size = 8;
    h->odd_vr = h->reserved = false;
    h->length = dcr_get32(p + 4, s.big);
    if (!s.explicit_vr || h->group == 0xFFFE)
        return true;
    h->vr[0] = (char)p[4];
    h->vr[1] = (char)p[5];
    if (!dcr_vr_letters(h->vr)) {
        h->odd_vr = true;
        h->vr[0] = h->vr[1] = 0;
        return true;
    }
    if (!long_form(p, dcr_vr_get(h->vr))) {
        h->length = dcr_get16(p + 6, s.big);
        return true;
    }
    h->size = 12;
    if (n < 12)
        return false;
    h->reserved = (p[6] | p[7]) != 0;
    h->length = dcr_get32(p + 8, s.big);
    return true;
}

bool dcr_tag_known(uint16_t group, uint16_t element)
{
    char vr[2];
    if (group % 2 == 1)
        return group > 8 && group != 0xFFFF;
    return element == 0 || dcr_reader_vr(group, element, NULL, vr);
}

static bool plausible(const dcr_header *h, uint64_t left, dcr_syntax s)
{
    bool nested = h->length == DCR_LENGTH_UNDEFINED;
    if (h->group == 0 || h->group == 0xFFFE || !dcr_tag_known(h->group, h->element))
        return false;
    if (s.explicit_vr && (h->odd_vr || dcr_vr_get(h->vr)->kind == DCR_VR_NONE))
        return false;
    return nested || h->length <= left - h->size;
}

unsigned dcr_syntax_score(const uint8_t *p, size_t n, uint64_t left, dcr_syntax s)
{
    size_t at = 0;
    uint32_t before = 0;
    unsigned score = 0;
    while (score < 4 && n - at >= 8) {
        dcr_header h;
        if (!dcr_header_get(&h, p + at, n - at, s))
            break;
        uint32_t tag = (uint32_t)h.group << 16 | h.element;
        if (tag < before || left - at < h.size || !plausible(&h, left - at, s))
            break;
        score++;
        before = tag;
        if (h.length > n - at - h.size) /* undefined length too */
            break;
        at += h.size + h.length;
    }
    return score;
}

unsigned dcr_syntax_guess(const uint8_t *p, size_t n, uint64_t left, dcr_syntax *out)
{
    static const dcr_syntax tried[] = {
        {false, true}, {false, false}, {true, true}, {true, false}};
    unsigned best = 0;
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        unsigned score = dcr_syntax_score(p, n, left, tried[i]);
        if (score > best) {
            best = score;
            *out = tried[i];
        }
    }
    return best;
}
