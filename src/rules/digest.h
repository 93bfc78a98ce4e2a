/* Digests that de-identifiers use, and their large numbers in decimal. */
#ifndef DCR_DIGEST_H
#define DCR_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum dcr_digest_kind {
    DCR_DIGEST_NONE = 0, /* the text itself, its first 64 bytes */
    DCR_DIGEST_MD5,
    DCR_DIGEST_SHA1,
    DCR_DIGEST_SHA256,
    DCR_DIGEST_SHA512
} dcr_digest_kind;

/* A kind by its name ("md5", ..., "none"); false when there is none. */
bool dcr_digest_of(const char *name, dcr_digest_kind *out);

enum { DCR_DIGEST_BYTES = 64, DCR_DECIMAL_MAX = 160 };

/* The digest of `before` with the text behind it; returns its length in bytes. */
size_t dcr_digest(dcr_digest_kind kind, const uint8_t *before, size_t n_before,
                  const uint8_t *text, size_t n, uint8_t out[DCR_DIGEST_BYTES]);

/* Bytes (at most 64, most significant first) as a decimal number, without leading zeros,
 * NUL-terminated; returns the number of digits. */
size_t dcr_decimal(const uint8_t *p, size_t n, char out[DCR_DECIMAL_MAX]);

#endif
