#include <string.h>

#include "mask.h"
#include "open.h"
#include "syntax.h"
#include "value.h"

#define DCR_PLUGIN(n) extern const dcr_opener dcr_open_##n;
#include "open.def"
#undef DCR_PLUGIN

static const dcr_opener *const all[] = {
#define DCR_PLUGIN(n) &dcr_open_##n,
#include "open.def"
#undef DCR_PLUGIN
    NULL};

const dcr_opener *const *dcr_openers(void)
{
    return all;
}

const dcr_opener *dcr_open_find(const dcr_open_place *at)
{
    dcr_open_place here = *at;
    if (here.creator != NULL)
        here.element &= 0xFF;
    for (size_t i = 0; all[i] != NULL; i++)
        if (all[i]->wants != NULL && all[i]->wants(&here))
            return all[i];
    return NULL;
}

/* For each first byte, who cares for values that begin with it, and the shortest of them:
 * made once, always the same. */
typedef struct first_byte {
    size_t least;
    uint32_t who, last; /* bits: places in all[]; those that are asked last */
} first_byte;

static const first_byte *by_first(void)
{
    static first_byte table[256];
    static bool made;
    _Static_assert(sizeof all / sizeof *all <= 32, "a bit for each opener");
    for (size_t c = 0; c < 256 && !made; c++) {
        first_byte f = {SIZE_MAX, 0, 0};
        for (size_t i = 0; all[i] != NULL; i++) {
            if (all[i]->sniffs == NULL ||
                (all[i]->first != NULL &&
                 memchr(all[i]->first, (int)c, all[i]->n_first) == NULL))
                continue;
            *(all[i]->last ? &f.last : &f.who) |= 1u << i;
            f.least = all[i]->least < f.least ? all[i]->least : f.least;
        }
        table[c] = f;
    }
    made = true;
    return table;
}

static const dcr_opener *ask(uint32_t who, const uint8_t *p, size_t n, uint64_t total)
{
    for (; who != 0; who &= who - 1) {
        const dcr_opener *o = all[__builtin_ctz(who)];
        if (n >= o->least && o->sniffs(p, n, total))
            return o;
    }
    return NULL;
}

const dcr_opener *dcr_open_sniff(const uint8_t *p, size_t n, uint64_t total)
{
    const first_byte *f = n == 0 ? NULL : &by_first()[p[0]];
    const dcr_opener *o;
    if (f == NULL || n < f->least)
        return NULL;
    o = ask(f->who, p, n, total);
    return o != NULL ? o : ask(f->last, p, n, total);
}

static bool safe(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '.' || c == '-';
}

bool dcr_open_name(char out[DCR_OPEN_MAX_NAME + 1], const uint8_t *p, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n && p[i] != 0 && k < DCR_OPEN_MAX_NAME; i++)
        out[k++] = safe(p[i]) ? (char)p[i] : '_';
    out[k] = 0;
    return k > 0;
}

size_t dcr_open_blanks(const uint8_t *p, size_t n)
{
    size_t at = n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < n && dcr_open_is_blank(p[at]))
        at++;
    return at;
}

/* Where a piece of text of at most `most` bytes ends: behind the last blank that fits, or
 * before a byte that begins a character. */
static size_t piece(const uint8_t *p, size_t n, size_t most)
{
    size_t at = most;
    if (n <= most)
        return n;
    while (at > most / 2 && !dcr_open_is_blank(p[at - 1]))
        at--;
    if (dcr_open_is_blank(p[at - 1]))
        return at;
    at = most;
    while (at > most - 4 && (p[at] & 0xC0) == 0x80)
        at--;
    return at;
}

/* A piece must not grow over what is kept as it is when it becomes UTF-8. */
static size_t piece_most(const uint8_t *p, size_t n)
{
    size_t safe = DCR_VALUE_MAX / 3;
    if (n <= safe || (memchr(p, 0x1B, n) == NULL && dcr_utf8_valid(p, n) == n))
        return DCR_VALUE_MAX;
    return safe;
}

dcr_status dcr_open_text(const dcr_open_sink *to, const char *name, const uint8_t *p,
                         size_t n)
{
    dcr_status s = DCR_OK;
    size_t at = 0, most;
    while (n > 0 && dcr_open_is_blank(p[n - 1]))
        n--;
    most = piece_most(p, n);
    while (at < n && s == DCR_OK) {
        size_t k = piece(p + at, n - at, most);
        s = to->emit(to->ctx, name, "UT", p + at, k);
        at += k;
        while (at < n && dcr_open_is_blank(p[at]))
            at++;
    }
    return s;
}

void dcr_open_utf8(dcr_buf *out, uint32_t c)
{
    char t[4];
    size_t n = 0;
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        c = 0xFFFD;
    if (c < 0x80) {
        t[n++] = (char)c;
    } else if (c < 0x800) {
        t[n++] = (char)(0xC0 | c >> 6);
        t[n++] = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        t[n++] = (char)(0xE0 | c >> 12);
        t[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        t[n++] = (char)(0x80 | (c & 0x3F));
    } else {
        t[n++] = (char)(0xF0 | c >> 18);
        t[n++] = (char)(0x80 | (c >> 12 & 0x3F));
        t[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        t[n++] = (char)(0x80 | (c & 0x3F));
    }
    dcr_buf_add(out, t, n);
}

void dcr_open_utf16(dcr_buf *out, const uint8_t *p, size_t n, bool big)
{
    for (size_t i = 0; i + 1 < n; i += 2) {
        uint32_t c = dcr_get16(p + i, big), low;
        if (c >= 0xD800 && c < 0xDC00 && i + 3 < n) {
            low = dcr_get16(p + i + 2, big);
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        dcr_open_utf8(out, c);
    }
}
