#include "pattern.h"

#include <string.h>

/* Printable ASCII with lower case folded away: 32 to 95, one bit each. */
static uint64_t bit_of(uint8_t c)
{
    if (c >= 'a' && c <= 'z')
        c = (uint8_t)(c - 'a' + 'A');
    return c >= 32 && c < 96 ? 1ull << (c - 32) : 0;
}

static const uint64_t digits = 0x3FFull << ('0' - 32);
static const uint64_t letters = 0x3FFFFFFull << ('A' - 32);

static uint64_t range(uint8_t lo, uint8_t hi)
{
    uint64_t set = 0;
    for (unsigned c = lo; c <= hi; c++)
        set |= bit_of((uint8_t)c);
    return set;
}

/* The set behind the bracket at *at, which moves to the one that closes it. */
static uint64_t read_set(const char *text, size_t *at, char close)
{
    uint64_t set = 0;
    size_t i = *at + 1;
    for (; text[i] != '\0' && text[i] != close; i++) {
        if (text[i + 1] == '-' && text[i + 2] != '\0' && text[i + 2] != close) {
            set |= range((uint8_t)text[i], (uint8_t)text[i + 2]);
            i += 2;
        } else {
            set |= bit_of((uint8_t)text[i]);
        }
    }
    *at = i;
    return text[i] == close ? set : 0;
}

static uint64_t read_item(const char *text, size_t *at)
{
    switch (text[*at]) {
    case '9':
        return digits;
    case 'A':
        return letters;
    case '*':
        return digits | letters;
    case '~':
        return bit_of(' ') | bit_of('-') | bit_of('.') | bit_of('/');
    case '[':
        return read_set(text, at, ']');
    case '{':
        return read_set(text, at, '}');
    case '\\':
        ++*at;
        return bit_of((uint8_t)text[*at]);
    default:
        return bit_of((uint8_t)text[*at]);
    }
}

/* How many digits in a row may stand at the beginning of what matches. */
static uint64_t leading_runs(const dcr_pattern *m)
{
    uint64_t runs = 0;
    size_t digits_so_far = 0;
    for (size_t k = 0; k < m->n; k++) {
        if ((m->optional >> k & 1) != 0) {
            runs |= 1ull << digits_so_far; /* it may end here, or go on */
        } else if ((m->item[k] & digits) == 0) {
            return runs | 1ull << digits_so_far;
        } else {
            if ((m->item[k] & ~digits) != 0)
                runs |= 1ull << digits_so_far;
            digits_so_far++;
        }
    }
    return runs | 1ull << digits_so_far;
}

bool dcr_pattern_compile(const char *text, dcr_pattern *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; text[i] != '\0'; i++) {
        bool optional = text[i] == '~', silent = text[i] == '{';
        uint64_t set;
        if (out->n == DCR_PATTERN_MAX)
            return false;
        set = read_item(text, &i);
        if (set == 0)
            return false;
        out->optional |= (uint64_t)optional << out->n;
        out->silent |= (uint64_t)silent << out->n;
        out->item[out->n++] = set;
    }
    out->runs = leading_runs(out);
    return out->n > 0;
}

bool dcr_pattern_match(const dcr_pattern *m, const uint8_t *p, size_t n,
                       dcr_pattern_hit *out)
{
    size_t i = 0;
    out->gaps = out->gaps_of = out->n_sig = 0;
    for (size_t k = 0; k < m->n; k++) {
        bool optional = (m->optional >> k & 1) != 0;
        uint64_t bit = i < n ? bit_of(p[i]) : 0;
        out->gaps_of += optional;
        if ((m->item[k] & bit) == 0) {
            if (optional)
                continue;
            return false;
        }
        out->gaps += optional;
        if ((bit & (digits | letters)) != 0 && (m->silent >> k & 1) == 0)
            out->sig[out->n_sig++] =
                p[i] >= 'a' && p[i] <= 'z' ? (uint8_t)(p[i] - 'a' + 'A') : p[i];
        i++;
    }
    out->len = i;
    return true;
}

void dcr_pattern_index_add(dcr_pattern_index *x, size_t number, const dcr_pattern *m)
{
    uint64_t behind =
        0; /* what may stand second: an item that may be absent, and the next */
    for (size_t k = 1; k < m->n; k++) {
        behind |= m->item[k];
        if ((m->optional >> k & 1) == 0)
            break;
    }
    for (unsigned c = 0; c < 256; c++) {
        if ((m->item[0] & bit_of((uint8_t)c)) != 0)
            x->first[c] |= 1ull << number;
        if ((behind & bit_of((uint8_t)c)) != 0)
            x->second[c] |= 1ull << number;
    }
    for (size_t run = 0; run <= DCR_PATTERN_MAX; run++)
        if ((m->runs >> run & 1) != 0)
            x->runs[run] |= 1ull << number;
}

/* No pattern of one character is in use: two bytes rule out most of them. */
uint64_t dcr_pattern_candidates(const dcr_pattern_index *x, const uint8_t *p, size_t n,
                                size_t at)
{
    uint64_t set = at + 1 < n ? x->first[p[at]] & x->second[p[at + 1]] : 0;
    size_t run = 0;
    if (set == 0)
        return 0;
    while (at + run < n && run < DCR_PATTERN_MAX && p[at + run] >= '0' &&
           p[at + run] <= '9')
        run++;
    return set & x->runs[run];
}
