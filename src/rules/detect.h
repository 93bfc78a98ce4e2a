/* Detectors: what a text looks like.  A new one is a file detect_<name>.c with one
 * function.
 *
 * Each finds the first match that starts at or after `from`, looking a bounded number of
 * bytes around it, so that walking from match to match takes time linear in n.  Bytes may
 * be anything; those of 0x80 and above count as letters.  Words and patterns come from
 * the lexicon of the rule set. */
#ifndef DCR_DETECT_H
#define DCR_DETECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct dcr_span {
    size_t at, n; /* offset and length of the match */
} dcr_span;

/* Kinds of characters that stand in a text: most detectors need some, and have nothing to
 * do without them. */
enum {
    DCR_HAS_UPPER = 1u << 0, /* and bytes of 0x80 and above */
    DCR_HAS_LOWER = 1u << 1,
    DCR_HAS_AT = 1u << 2,
    DCR_HAS_CARET = 1u << 3,
    DCR_HAS_DOT = 1u << 4,
    DCR_HAS_COLON = 1u << 5,
    DCR_HAS_SLASH = 1u << 6,
    DCR_HAS_BACKSLASH = 1u << 7,
    DCR_HAS_DASH = 1u << 8,
    DCR_HAS_EQUALS = 1u << 9,
    DCR_HAS_DIGIT = 1u << 10
};

struct dcr_lexicon;

typedef struct dcr_text { /* one value, looked over once for all detectors */
    const uint8_t *p;
    size_t n, digits; /* digits in it */
    uint32_t has;
    const struct dcr_lexicon *lex;
} dcr_text;

void dcr_text_init(dcr_text *t, const struct dcr_lexicon *lex, const uint8_t *p,
                   size_t n);

void dcr_text_kinds(uint16_t kind[256]); /* DCR_HAS_ of every byte */

/* bool dcr_detect_email(text, from, out): false when there is none; out is then not set.
 */
#define DCR_PLUGIN(name)                                                                 \
    bool dcr_detect_##name(const dcr_text *t, size_t from, dcr_span *out);
#include "detect.def"
#undef DCR_PLUGIN

typedef struct dcr_detector {
    const char *id; /* "email" */
    bool (*find)(const dcr_text *t, size_t from, dcr_span *out);
} dcr_detector;

/* All detectors by name; ends with a NULL id. */
const dcr_detector *dcr_detectors(void);
const dcr_detector *dcr_detector_find(const char *id); /* NULL when there is none */

/* True when the whole text is written as hospitals write record numbers. */
bool dcr_is_record_number(const uint8_t *p, size_t n);

/* True when 36 bytes at p are the text of a UUID. */
bool dcr_is_uuid(const uint8_t *p);
/* Version of the UUID text at p (36 bytes, as matched): 1 holds a clock and an address.
 */
unsigned dcr_uuid_version(const uint8_t *p);

/* The 16 bytes of a UUID written as "2.25.<decimal>"; false when it is not one. */
bool dcr_uid_uuid(const uint8_t *p, size_t n, uint8_t out[16]);

/* True when an arc of the UID is a date from 1980 to 2035, alone (YYYYMMDD) or with the
 * time behind it (YYYYMMDDhhmmss and more digits). */
bool dcr_uid_has_date(const uint8_t *p, size_t n);

/* Days exist: month 1-12, day within it, year 1 or more. */
bool dcr_date_valid(unsigned year, unsigned month, unsigned day);

/* ---- characters, in the C locale ---- */
static inline bool dcr_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}
static inline bool dcr_is_upper(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}
static inline bool dcr_is_letter(uint8_t c)
{
    return dcr_is_upper(c) || (c >= 'a' && c <= 'z') || c >= 0x80;
}
static inline bool dcr_is_alnum(uint8_t c)
{
    return dcr_is_digit(c) || dcr_is_letter(c);
}
static inline uint8_t dcr_lower(uint8_t c)
{
    return dcr_is_upper(c) ? (uint8_t)(c - 'A' + 'a') : c;
}

/* Value of a hex digit, -1 when it is none. */
static inline int dcr_hex(uint8_t c)
{
    c = dcr_lower(c);
    if (dcr_is_digit(c))
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Letters from `at` on, at most `max`. */
size_t dcr_letter_run(const uint8_t *p, size_t n, size_t at, size_t max);
/* What the lexicon knows of the word that ends before `at`, up to four marks between. */
uint32_t dcr_word_before(const dcr_text *t, size_t at);
/* Digits from `at` on, at most `max`. */
size_t dcr_digit_run(const uint8_t *p, size_t n, size_t at, size_t max);
/* The number that `len` digits at p say; len is at most 9. */
unsigned dcr_digits(const uint8_t *p, size_t len);
/* True when `word` (lower case) stands at p + at, upper and lower case alike. */
bool dcr_word_at(const uint8_t *p, size_t n, size_t at, const char *word);

#endif
