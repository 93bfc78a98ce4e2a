/* Base64 and hex of plain text that holds what the other detectors look for.  Decoded
 * once, never again what came out of it. */
#include <string.h>

#include "detect.h"
#include "lexicon.h"

enum {
    RUN_MIN = 16,  /* characters; shorter runs are words */
    WINDOW = 3072, /* bytes decoded at a time */
    OVERLAP = 192  /* of them looked at again with what follows */
};

static int base64(uint8_t c)
{
    if (dcr_is_upper(c))
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (dcr_is_digit(c))
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* Each decodes up to `max` bytes from p + *at, which moves on; text of n characters. */
static size_t decode_base64(const uint8_t *p, size_t n, size_t *at, uint8_t *out,
                            size_t max)
{
    size_t k = 0;
    while (n - *at >= 4 && k + 3 <= max) {
        const uint8_t *q = p + *at;
        unsigned v = (unsigned)base64(q[0]) << 18 | (unsigned)base64(q[1]) << 12 |
                     (unsigned)base64(q[2]) << 6 | (unsigned)base64(q[3]);
        out[k++] = (uint8_t)(v >> 16);
        out[k++] = (uint8_t)(v >> 8);
        out[k++] = (uint8_t)v;
        *at += 4;
    }
    if (n - *at >= 2 && n - *at < 4 && k + 3 <= max) {
        const uint8_t *q = p + *at;
        unsigned v = (unsigned)base64(q[0]) << 18 | (unsigned)base64(q[1]) << 12;
        out[k++] = (uint8_t)(v >> 16);
        if (n - *at == 3)
            out[k++] = (uint8_t)((v | (unsigned)base64(q[2]) << 6) >> 8);
        *at = n;
    }
    return k;
}

static size_t decode_hex(const uint8_t *p, size_t n, size_t *at, uint8_t *out, size_t max)
{
    size_t k = 0;
    while (n - *at >= 2 && k < max) {
        out[k++] = (uint8_t)(dcr_hex(p[*at]) << 4 | dcr_hex(p[*at + 1]));
        *at += 2;
    }
    return k;
}

/* Text: no control characters, and few that are not of ASCII, as hashes have. */
static bool printable(const uint8_t *p, size_t n)
{
    size_t high = 0;
    for (size_t i = 0; i < n; i++) {
        if ((p[i] < ' ' && p[i] != '\t' && p[i] != '\r' && p[i] != '\n') || p[i] == 0x7F)
            return false;
        high += p[i] >= 0x80;
    }
    return n > 0 && high * 8 <= n;
}

static bool identifies(const dcr_lexicon *lex, const uint8_t *p, size_t n)
{
    static bool (*const find[])(const dcr_text *, size_t, dcr_span *) = {
        dcr_detect_person_name, dcr_detect_date,          dcr_detect_email,
        dcr_detect_phone,       dcr_detect_national_id,   dcr_detect_address,
        dcr_detect_url,         dcr_detect_record_number, dcr_detect_path};
    dcr_text t;
    dcr_span at;
    dcr_text_init(&t, lex, p, n);
    for (size_t i = 0; i < sizeof find / sizeof *find; i++)
        if (find[i](&t, 0, &at))
            return true;
    return false;
}

/* Decodes a run window by window: true when one is text that identifies. */
static bool run_identifies(const dcr_lexicon *lex, const uint8_t *p, size_t n, bool hex)
{
    uint8_t buf[OVERLAP + WINDOW];
    size_t at = 0, kept = 0;
    while (at < n) {
        size_t before = at, got;
        got = hex ? decode_hex(p, n, &at, buf + kept, WINDOW)
                  : decode_base64(p, n, &at, buf + kept, WINDOW);
        if (at == before)
            return false;
        if (!printable(buf + kept, got))
            return false;
        if (identifies(lex, buf, kept + got))
            return true;
        got += kept;
        kept = got < OVERLAP ? got : OVERLAP;
        memmove(buf, buf + got - kept, kept);
    }
    return false;
}

static bool judge(const dcr_lexicon *lex, const uint8_t *p, size_t n, size_t hex)
{
    if (hex == n && n % 2 == 0 && run_identifies(lex, p, n, true))
        return true;
    return n % 4 != 1 && run_identifies(lex, p, n, false);
}

bool dcr_detect_encoded(const dcr_text *t, size_t from, dcr_span *out)
{
    const uint8_t *p = t->p;
    size_t i = from;
    if (t->n < RUN_MIN)
        return false;
    while (i < t->n) {
        size_t start = i, hex = 0, k;
        /* No run that is long enough ends before a character that is none of it. */
        if (t->n - i < RUN_MIN)
            return false;
        for (k = RUN_MIN; k > 0 && base64(p[i + k - 1]) >= 0;)
            k--;
        if (k > 0) {
            i += k;
            continue;
        }
        while (i < t->n && base64(p[i]) >= 0) {
            hex += dcr_hex(p[i]) >= 0;
            i++;
        }
        if (i - start >= RUN_MIN && judge(t->lex, p + start, i - start, hex)) {
            *out = (dcr_span){start, i - start};
            return true;
        }
        i += i == start;
    }
    return false;
}
