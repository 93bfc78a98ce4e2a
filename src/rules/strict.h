/* Reads what people write: every key by a table; an error says the file, the line and
 * what to write instead.
 *
 *     static const dcr_field fields[] = {
 *         {.name = "expires", .kind = DCR_F_DATE, .required = true,
 *          .to = DCR_TO(dcr_acceptance, expires)},
 *         {.name = NULL}};
 */
#ifndef DCR_STRICT_H
#define DCR_STRICT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "dcmrisk/err.h"
#include "json_where.h"
#include "rulefile.h"

typedef enum dcr_field_kind {
    DCR_F_TEXT,    /* text that is not empty; const char * */
    DCR_F_PROSE,   /* such a text or a list of them; not stored */
    DCR_F_TEXTS,   /* a list of such texts; dcr_strings */
    DCR_F_WORD,    /* one of `words`; const char * */
    DCR_F_WORDS,   /* a list of them; dcr_strings */
    DCR_F_DATE,    /* "YYYY-MM-DD"; uint32_t YYYYMMDD */
    DCR_F_WHOLE,   /* a whole number from lo to hi; uint64_t */
    DCR_F_WHOLES,  /* a list of them, at least one; dcr_numbers */
    DCR_F_INT,     /* a whole number from -hi to hi; int64_t */
    DCR_F_REGEX,   /* a pattern; const char * */
    DCR_F_REGEXES, /* a list of patterns, dcr_strings */
    DCR_F_FLAG,    /* true or false; bool */
    DCR_F_SHARE,   /* [5, 100] for 5 in 100, at most all; not stored */
    DCR_F_MAP,     /* an object of texts; dcr_strings of key, value, key, value */
    DCR_F_OBJECT,  /* an object by `fields`, read into the struct itself */
    DCR_F_LIST,    /* a list of objects by `fields`; dcr_list */
    DCR_F_ANY      /* whatever; read elsewhere */
} dcr_field_kind;

typedef struct dcr_field {
    const char *name;
    dcr_field_kind kind;
    bool required;
    size_t to;                      /* DCR_TO(): where it goes; 0: it is only checked */
    const char *const *words;       /* WORD, WORDS; ends with NULL */
    uint64_t lo, hi;                /* WHOLE, WHOLES, INT; LIST: at least lo rows */
    const struct dcr_field *fields; /* OBJECT, LIST; ends with a NULL name */
    size_t size;                    /* LIST: bytes of one row */
    const char *want;               /* what to write, in place of the words of its kind */
} dcr_field;

#define DCR_TO(type, member) (offsetof(type, member) + 1)

typedef struct dcr_list { /* of the arena */
    void *items;
    size_t n;
} dcr_list;

typedef struct dcr_numbers { /* of the arena */
    const uint64_t *v;
    size_t n;
} dcr_numbers;

typedef struct dcr_strict { /* strings and rows go to the arena */
    const dcr_rule_file *file;
    dcr_arena *arena;
} dcr_strict;

/* Reads a file that the user named into the arena. */
DCR_MUST_USE dcr_status dcr_strict_open(dcr_rule_file *out, dcr_arena *arena,
                                        const char *path, dcr_err *err);

/* Reads the object that stands at `at` (NULL: the root) into a zeroed struct, or only
 * checks it (out NULL): an unknown key, a missing one, a wrong type or word is DCR_ERULES
 * with the line. */
DCR_MUST_USE dcr_status dcr_strict_read(const dcr_strict *s, const dcr_place *at,
                                        const json_t *object, const dcr_field *fields,
                                        void *out, dcr_err *err);

/* An error at a member of the object at `at`, or at the object itself. */
dcr_status dcr_strict_fail(const dcr_strict *s, const dcr_place *at, const char *key,
                           dcr_err *err, const char *fmt, ...) DCR_PRINTF(5, 6);

/* An error at a member whose word is none of `words` (ended by NULL). */
dcr_status dcr_strict_no_word(const dcr_strict *s, const dcr_place *at, const char *key,
                              const char *word, const char *const *words, dcr_err *err);

/* YYYY-MM-DD of a day that exists as YYYYMMDD; 0 when it is not one. */
uint32_t dcr_day_of(const char *s);

#endif
