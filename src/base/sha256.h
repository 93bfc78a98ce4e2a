/* SHA-256, plain and keyed (nettle), and Merkle trees of it. */
#ifndef DCR_SHA256_H
#define DCR_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "dcmrisk/err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DCR_SHA256_BYTES = 32, DCR_SHA256_HEX = 65 };

typedef struct dcr_digest256 {
    uint8_t b[DCR_SHA256_BYTES];
} dcr_digest256;

/* Streaming form; free with dcr_sha256_free. */
typedef struct dcr_sha256 dcr_sha256;
dcr_sha256 *dcr_sha256_new(void); /* NULL when no memory */
/* A keyed one: HMAC-SHA-256 (RFC 2104). */
dcr_sha256 *dcr_sha256_new_keyed(const void *key, size_t n);
void dcr_sha256_add(dcr_sha256 *h, const void *p, size_t n);
/* The digest of what was added; h is as new afterwards, with the same key. */
dcr_digest256 dcr_sha256_end(dcr_sha256 *h);
void dcr_sha256_free(dcr_sha256 *h);

void dcr_sha256_hex(const dcr_digest256 *d, char out[DCR_SHA256_HEX]);
/* The digest of some bytes as hex digits. */
void dcr_sha256_hex_of(const void *p, size_t n, char out[DCR_SHA256_HEX]);

/* ---- Merkle tree hash of RFC 6962, section 2.1, one leaf after the other ---- */

enum { DCR_MERKLE_DEPTH = 64 };

typedef struct dcr_merkle {              /* zeroed is a tree without leaves */
    dcr_digest256 top[DCR_MERKLE_DEPTH]; /* whole subtrees, the largest first */
    size_t depth;
    uint64_t leaves;
} dcr_merkle;

/* Adds the leaf over some bytes: SHA-256(0x00 || bytes).  `h` is a workspace, unkeyed and
 * empty. */
void dcr_merkle_add(dcr_merkle *m, dcr_sha256 *h, const void *p, size_t n);
/* The root so far; without a leaf SHA-256 of nothing. */
dcr_digest256 dcr_merkle_root(const dcr_merkle *m, dcr_sha256 *h);

#ifdef __cplusplus
}
#endif
#endif
