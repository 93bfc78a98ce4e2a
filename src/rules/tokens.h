/* Tokens of direct identifiers: what a name or number is recognised by elsewhere.
 *
 * Texts are folded (case, accents) and cut into runs of letters and digits; a token is
 * one run ("doe"), or up to four that stand close together ("janedoe", "12-345" as
 * "12345").  Finding all tokens of a text takes time linear in it. */
#ifndef DCR_TOKENS_H
#define DCR_TOKENS_H

#include "ruleset.h"

enum { DCR_TOKEN_HOLDERS = 4 };

typedef struct dcr_token {
    const uint8_t *p; /* folded, without what stood between its runs */
    uint32_t n;
    uint32_t next; /* of the same slot, + 1 */
    uint64_t hash;
    uint32_t classes; /* bit i: class i of identifiers.json */
    bool digits;      /* nothing else: by chance it is found more easily */
    uint32_t n_holders;
    const dcr_value *holder[DCR_TOKEN_HOLDERS]; /* the first of its identifiers */
} dcr_token;

typedef struct dcr_tokens dcr_tokens;

/* Tokens of all identifiers of a model.  *out is NULL on failure. */
DCR_MUST_USE dcr_status dcr_tokens_build(dcr_tokens **out, const dcr_rules *r,
                                         const dcr_model *m, dcr_err *err);
void dcr_tokens_free(dcr_tokens *t);
size_t dcr_tokens_count(const dcr_tokens *t);
const dcr_token *dcr_tokens_get(const dcr_tokens *t, size_t i);

/* True when values of the attribute are tokens themselves, or judged by the rules for
 * direct identifiers. */
bool dcr_tokens_source(const dcr_rules *r, const dcr_attr *a);

/* Calls found() for every token in a text, by number; one that stands there twice is
 * told twice.  `word`: one run that begins with a small letter, as words do.  `binary`:
 * only ASCII counts as letters. */
typedef void dcr_token_found(void *ctx, uint32_t token, bool word);
void dcr_tokens_scan(dcr_tokens *t, const uint8_t *p, size_t n, bool binary,
                     dcr_token_found *found, void *ctx);

/* True when a series of the subject has the value. */
bool dcr_value_of_subject(const dcr_model *m, const dcr_value *v, uint32_t subject);

/* Folds p[0 .. n) into out (at least n bytes): lower case, Latin letters without accents,
 * everything that is neither letter nor digit as it is.  Returns the length. */
size_t dcr_fold(const uint8_t *p, size_t n, uint8_t *out);

#endif
