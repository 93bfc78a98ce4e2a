/* Schemes by which de-identifiers replace UIDs and IDs without a key: anybody who has a
 * list of originals can repeat them.  Data: rules/uid-schemes.json. */
#ifndef DCR_SCHEME_H
#define DCR_SCHEME_H

#include "digest.h"
#include "rulefile.h"

typedef enum dcr_scheme_form { /* how the digest is written */
                               DCR_FORM_DECIMAL = 0,
                               DCR_FORM_TRIPLETS, /* each byte as three digits */
                               DCR_FORM_HEX,
                               DCR_FORM_UUID,   /* hex in groups */
                               DCR_FORM_BASE36, /* A-Z, 0-9, twelve of them, least
                                                   significant first */
                               DCR_FORM_BASE64
} dcr_scheme_form;

typedef struct dcr_scheme_shape { /* what its output looks like */
    dcr_strings roots;            /* any of them stands in front; none given: any */
    bool direct;                  /* the last arc stands right behind the root */
    bool triplets;                /* the last arc is bytes of three digits */
    size_t digits_min, digits_max;
    size_t total;      /* characters of a UID that is cut; its last arc may be shorter */
    const char *first; /* first digit of the last arc, "" any */
    size_t uuid;       /* the last arc is a UUID of this version, 0: need not be */
    bool never;        /* looks like nothing in particular */
} dcr_scheme_shape;

typedef struct dcr_scheme {
    const char *id, *title, *source, *of, *hash_name, *form_name, *before_hex, *fit;
    const char *lead, *zero, *site_open, *site_close;
    dcr_strings before;
    size_t bytes, nibbles, uuid, width, cut, min, site_to;
    bool strip;
    const json_t *shape_json;
    dcr_scheme_shape shape;
    dcr_digest_kind hash;
    dcr_scheme_form form;
    uint8_t name_space[16];
    size_t n_name_space;
    bool is_uid, tail;
    size_t n_variants; /* texts that may stand before the original */
} dcr_scheme;

/* The scheme's output for an original: digits of the last arc of a UID, or a whole ID;
 * *n its length.  `variant` < n_variants. */
enum { DCR_SCHEME_MAX = 224 };
void dcr_scheme_write(const dcr_scheme *s, size_t variant, const uint8_t *original,
                      size_t n_original, char out[DCR_SCHEME_MAX], size_t *n);

/* True when a value (UID or ID) is what the output `w` becomes. */
bool dcr_scheme_equal(const dcr_scheme *s, const char *w, size_t n_w,
                      const uint8_t *value, size_t n);

/* True when a UID or an ID looks like an output of the scheme. */
bool dcr_scheme_looks(const dcr_scheme *s, const uint8_t *p, size_t n);

/* Where the last arc of a UID begins; n when there is no dot. */
size_t dcr_last_arc(const uint8_t *p, size_t n);

/* Reads one scheme. */
DCR_MUST_USE dcr_status dcr_scheme_read(const dcr_param_src *src, const json_t *json,
                                        dcr_scheme *out, dcr_err *err);

/* Days by which de-identifiers shift the dates of a patient, from the PatientID alone. */
typedef struct dcr_shift_scheme {
    const char *id, *title, *source, *hash_name, *sign;
    size_t last_digits, modulo;
    dcr_digest_kind hash;
} dcr_shift_scheme;
DCR_MUST_USE dcr_status dcr_shift_read(const dcr_param_src *src, const json_t *json,
                                       dcr_shift_scheme *out, dcr_err *err);
long dcr_shift_days(const dcr_shift_scheme *s, const uint8_t *id, size_t n);

#endif
