/* Patterns of numbers and codes, as rule files write them.  No repetition without bound:
 * a match costs at most DCR_PATTERN_MAX steps and looks at as many bytes.
 *
 *   9 a digit   A a letter   * either   ~ a space, '-', '.' or '/', or nothing
 *   [13-5X] one of a set   {A-F+} one of a set, which is no part of the number
 *   \9 the character itself   anything else: itself
 *
 * Letters are of ASCII, upper and lower case alike. */
#ifndef DCR_PATTERN_H
#define DCR_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DCR_PATTERN_MAX = 40 };

typedef struct dcr_pattern {
    uint64_t item[DCR_PATTERN_MAX]; /* bit c - 32 of a folded character */
    uint64_t optional;              /* bit i: item i may be absent */
    uint64_t silent;                /* bit i: item i is no part of the number */
    uint64_t runs;                  /* bit r: a run of r digits may begin it */
    uint8_t n;
} dcr_pattern;

typedef struct dcr_pattern_hit {
    size_t len;                   /* bytes matched */
    size_t gaps, gaps_of;         /* '~' that stood for something, and of how many */
    uint8_t sig[DCR_PATTERN_MAX]; /* letters (upper case) and digits, in order */
    size_t n_sig;
} dcr_pattern_hit;

/* False when the text is no pattern: too long, or a set that does not end. */
bool dcr_pattern_compile(const char *text, dcr_pattern *out);
/* Matches at p, which has n bytes. */
bool dcr_pattern_match(const dcr_pattern *m, const uint8_t *p, size_t n,
                       dcr_pattern_hit *out);

enum { DCR_PATTERNS = 64 };

typedef struct dcr_pattern_index { /* which of up to 64 patterns may match somewhere */
    uint64_t first[256], second[256], runs[DCR_PATTERN_MAX + 1];
} dcr_pattern_index;
void dcr_pattern_index_add(dcr_pattern_index *x, size_t number, const dcr_pattern *m);
/* Bits of the patterns that may match at p + at. */
uint64_t dcr_pattern_candidates(const dcr_pattern_index *x, const uint8_t *p, size_t n,
                                size_t at);

typedef struct dcr_pattern_set {
    dcr_pattern *list;
    const char **context; /* by pattern: a word that must stand before it, "" none */
    size_t n;
    dcr_pattern_index index;
} dcr_pattern_set;

#endif
