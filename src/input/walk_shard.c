/* Which names are whose: the same on every machine that lists the same folders. */
#include <string.h>

#include "walk_impl.h"

static void put_u64(unsigned char to[8], uint64_t v)
{
    for (int i = 0; i < 8; i++)
        to[i] = (unsigned char)(v >> (8 * i));
}

static uint64_t mix(uint64_t seed, uint64_t v)
{
    unsigned char both[16];
    put_u64(both, seed);
    put_u64(both + 8, v);
    return dcr_hash64(both, sizeof both);
}

uint64_t dcr_walk_root_hash(size_t input)
{
    return mix(0, input);
}

uint64_t dcr_walk_hash(uint64_t parent, const char *name)
{
    return mix(parent, dcr_hash64(name, strlen(name)));
}

/* The folder says which shard has its first block, the others take turns: blocks of one
 * large folder are dealt out evenly, and small folders at random. */
bool dcr_walk_mine(const dcr_walk *w, uint64_t folder_hash, uint64_t rank)
{
    uint64_t of = w->shard.of;
    return of == 0 || (folder_hash % of + rank / DCR_WALK_BLOCK) % of == w->shard.at;
}

void dcr_walk_note(dcr_walk *w, const char *name, char kind)
{
    if (w->listing == NULL)
        return;
    w->listed += kind != 'd'; /* a folder is no entry, its failure is */
    dcr_hasher_add(w->listing, &kind, 1);
    dcr_hasher_add(w->listing, name, strlen(name) + 1);
}

void dcr_walk_listing(const dcr_walk *w, char digest[33], uint64_t *entries)
{
    memset(digest, 0, 33);
    if (w->listing != NULL)
        dcr_hash128_hex(dcr_hasher_end(w->listing), digest);
    *entries = w->listed;
}
