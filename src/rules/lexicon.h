/* Words and patterns that detectors know: rules/lexicon.json, national-ids.json,
 * patterns.json and the vocabulary, in one dictionary that is asked once a word. */
#ifndef DCR_LEXICON_H
#define DCR_LEXICON_H

#include <stdbool.h>

#include "dict.h"
#include "national_id.h"
#include "pattern.h"

/* What a word is.  It may be several things; the month (1 to 12) stands in the top bits.
 */
enum {
    DCR_W_VOCABULARY = 1u << 0,  /* of radiology and of forms: never part of a name */
    DCR_W_EPONYM = 1u << 1,      /* a name, but of a projection, a disease, a maker */
    DCR_W_GIVEN = 1u << 2,       /* a given name */
    DCR_W_TITLE = 1u << 3,       /* stands before a name: "dr", "frau" */
    DCR_W_LABEL = 1u << 4,       /* stands before ':' and a name: "patient", "nom" */
    DCR_W_PARTICLE = 1u << 5,    /* stands within a name: "von", "de" */
    DCR_W_LINK = 1u << 6,        /* stands within a date: "of", "de", "th" */
    DCR_W_PHONE = 1u << 7,       /* stands before a telephone number */
    DCR_W_RECORD = 1u << 8,      /* stands before a record number: "mrn" */
    DCR_W_RECORD_HEAD = 1u << 9, /* the same when a tail follows: "patient" "id" */
    DCR_W_RECORD_TAIL = 1u << 10,
    DCR_W_DURATION = 1u << 11,     /* stands before a length of time: "ta" */
    DCR_W_STREET = 1u << 12,       /* ends the name of a street: "road" */
    DCR_W_STREET_START = 1u << 13, /* begins it: "rue" */
    DCR_W_DOMAIN = 1u << 14,       /* ends a host name: "org" */
    DCR_W_COUNTRY_DOMAIN = 1u << 15,
    DCR_W_PATH_ROOT = 1u << 16,   /* first folder of an absolute path: "home" */
    DCR_W_STATE = 1u << 17,       /* of the USA, two letters */
    DCR_W_PUBLIC_HOST = 1u << 19, /* of software and standards, no site's */
    DCR_W_SOFTWARE = 1u << 18,    /* stands before a date of a program: "build" */
};
#define DCR_W_MONTHS       0xF0000000u
#define DCR_W_MONTH(flags) ((flags) >> 28)

enum {
    DCR_WORD_MAX = 32, /* bytes; what is longer is not looked up */
    DCR_PREFIXES = 4096
};

typedef struct dcr_lexicon {
    dcr_dict words;  /* folded */
    uint32_t *flags; /* by number of the word */
    size_t n_flags, cap_flags;
    uint32_t maybe[DCR_PREFIXES]; /* all flags of words that begin alike; most words of a
                                     text need no more than a look at these */
    const char *const *street_endings; /* "strasse": how a word that is a street ends */
    size_t n_street_endings;
    uint16_t kind[256]; /* DCR_HAS_ of a byte; detect.h */
    dcr_national_ids ids;
    dcr_pattern_set phones, postcodes;
} dcr_lexicon;

void dcr_lexicon_clear(dcr_lexicon *l); /* what is not in an arena; NULL is fine */

/* Flags of the word, 0 when nobody knows it.  Case of ASCII and Latin-1 letters does not
 * matter. */
uint32_t dcr_lexicon_word(const dcr_lexicon *l, const uint8_t *p, size_t n);

/* True when the word is one of those that `mask` says. */
bool dcr_lexicon_is(const dcr_lexicon *l, const uint8_t *p, size_t n, uint32_t mask);

/* Lower case of ASCII and Latin-1 letters in UTF-8; out has room for n bytes. */
void dcr_fold_case(const uint8_t *p, size_t n, uint8_t *out);

#endif
