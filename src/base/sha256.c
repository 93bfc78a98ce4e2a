#include "sha256.h"

#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <stdbool.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"

struct dcr_sha256 {
    bool keyed;
    struct sha256_ctx plain;
    struct hmac_sha256_ctx hmac;
};

dcr_sha256 *dcr_sha256_new(void)
{
    dcr_sha256 *h = dcr_alloc(1, sizeof *h);
    if (h != NULL)
        sha256_init(&h->plain);
    return h;
}

dcr_sha256 *dcr_sha256_new_keyed(const void *key, size_t n)
{
    dcr_sha256 *h = dcr_alloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->keyed = true;
    hmac_sha256_set_key(&h->hmac, n, key);
    return h;
}

void dcr_sha256_add(dcr_sha256 *h, const void *p, size_t n)
{
    if (h->keyed)
        hmac_sha256_update(&h->hmac, n, p);
    else
        sha256_update(&h->plain, n, p);
}

dcr_digest256 dcr_sha256_end(dcr_sha256 *h)
{
    dcr_digest256 d;
    if (h->keyed)
        hmac_sha256_digest(&h->hmac, sizeof d.b, d.b);
    else
        sha256_digest(&h->plain, sizeof d.b, d.b);
    return d;
}

void dcr_sha256_free(dcr_sha256 *h)
{
    dcr_free(h);
}

void dcr_sha256_hex(const dcr_digest256 *d, char out[DCR_SHA256_HEX])
{
    out[dcr_hex_text(out, d->b, DCR_SHA256_BYTES)] = '\0';
}

void dcr_sha256_hex_of(const void *p, size_t n, char out[DCR_SHA256_HEX])
{
    struct sha256_ctx c;
    dcr_digest256 d;
    sha256_init(&c);
    sha256_update(&c, n, p);
    sha256_digest(&c, sizeof d.b, d.b);
    dcr_sha256_hex(&d, out);
}

/* ---- Merkle tree ---- */

static dcr_digest256 node(dcr_sha256 *h, const dcr_digest256 *left,
                          const dcr_digest256 *right)
{
    dcr_sha256_add(h, "\1", 1);
    dcr_sha256_add(h, left->b, sizeof left->b);
    dcr_sha256_add(h, right->b, sizeof right->b);
    return dcr_sha256_end(h);
}

void dcr_merkle_add(dcr_merkle *m, dcr_sha256 *h, const void *p, size_t n)
{
    dcr_digest256 d;
    dcr_sha256_add(h, "\0", 1);
    dcr_sha256_add(h, p, n);
    d = dcr_sha256_end(h);
    /* As in adding one to a number: each bit that is set carries. */
    for (uint64_t bits = m->leaves; bits & 1; bits >>= 1)
        d = node(h, &m->top[--m->depth], &d);
    m->top[m->depth++] = d;
    m->leaves++;
}

dcr_digest256 dcr_merkle_root(const dcr_merkle *m, dcr_sha256 *h)
{
    dcr_digest256 d;
    if (m->depth == 0)
        return dcr_sha256_end(h);
    d = m->top[m->depth - 1];
    for (size_t i = m->depth - 1; i-- > 0;)
        d = node(h, &m->top[i], &d);
    return d;
}
