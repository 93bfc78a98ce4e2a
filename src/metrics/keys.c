/* Small keys are numbered through a table of all keys there could be.  Larger ones are
 * dealt out by their hash to parts that fit a cache, and each part is numbered through a
 * hash table of its own: every step reads and writes in order, or stays in the cache.  A
 * part keeps the order of rows, so a key's first row is known without sorting. */
#include "keys.h"

#include <stdatomic.h>
#include <string.h>

#include "alloc.h"
#include "pool.h"

enum {
    CHUNK = 1024,     /* rows whose keys are made at once */
    DIRECT_BITS = 20, /* keys that a table of all of them serves */
    PART_ROWS = 8192, /* rows of a part, about */
    PART_BITS = 10,   /* at most so many bits of parts */
    SLOTS = 32768,    /* of a hash table at first */
    ROWS_OF_A_JOB = 1 << 19
};

static const uint32_t none = UINT32_MAX;

unsigned dcr_key_bits(uint32_t n_codes)
{
    return n_codes <= 1 ? 0 : 32 - (unsigned)__builtin_clz(n_codes - 1);
}

bool dcr_key_add(dcr_key *k, const uint32_t *code, uint32_t n_codes)
{
    unsigned bits = dcr_key_bits(n_codes);
    if (k->n_bits + bits > 64 || k->n_parts == DCR_KEY_PARTS)
        return false;
    if (bits > 0) {
        k->code[k->n_parts] = code;
        k->bits[k->n_parts++] = bits;
        k->n_bits += bits;
    }
    return true;
}

/* Keys of the rows from `first` on, n of them. */
static void make(const dcr_key *k, size_t first, size_t n, uint64_t *key)
{
    memset(key, 0, n * sizeof *key);
    for (size_t p = 0; p < k->n_parts; p++) {
        const uint32_t *code = k->code[p] + first;
        unsigned bits = k->bits[p];
        for (size_t i = 0; i < n; i++)
            key[i] = key[i] << bits | code[i];
    }
}

static uint64_t hash(uint64_t key)
{
    return (key ^ key >> 32) * 0x9E3779B97F4A7C15u;
}

/* ---- small keys ---- */

static dcr_status direct(const dcr_key *k, uint32_t *number, uint32_t *n, dcr_err *err)
{
    uint32_t *of = dcr_alloc((size_t)1 << k->n_bits, sizeof *of), next = 0;
    uint64_t key[CHUNK];
    if (of == NULL)
        return dcr_nomem(err);
    for (size_t at = 0; at < k->n_rows; at += CHUNK) {
        size_t m = k->n_rows - at < CHUNK ? k->n_rows - at : CHUNK;
        make(k, at, m, key);
        for (size_t i = 0; i < m; i++) {
            if (of[key[i]] == 0)
                of[key[i]] = ++next;
            number[at + i] = of[key[i]] - 1;
        }
    }
    dcr_free(of);
    *n = next;
    return DCR_OK;
}

/* ---- parts ---- */

typedef struct parts {
    const dcr_key *k;
    unsigned jobs, bits; /* 2^bits parts */
    size_t step;         /* rows of a job */
    uint64_t *key;       /* by row */
    uint64_t *part_key;  /* by part */
    uint32_t *part_row;
    size_t *at;  /* job * 2^bits + part: where the job's rows of the part go */
    size_t *end; /* by part */
    atomic_size_t next_part;
    uint32_t *first;  /* by row: first row of its key */
    uint32_t *number; /* by row, where it is the first of its key */
    uint32_t firsts[DCR_POOL_MAX + 1];
    atomic_bool failed;
} parts;

static size_t job_end(const parts *p, unsigned job)
{
    size_t end = (job + 1) * p->step;
    return end < p->k->n_rows ? end : p->k->n_rows;
}

static size_t part_of(const parts *p, uint64_t key)
{
    return p->bits == 0 ? 0 : (size_t)(hash(key) >> (64 - p->bits));
}

static void make_keys(void *ctx, unsigned job)
{
    parts *p = ctx;
    size_t *count = p->at + ((size_t)job << p->bits);
    for (size_t at = job * p->step, end = job_end(p, job); at < end; at += CHUNK) {
        size_t n = end - at < CHUNK ? end - at : CHUNK;
        make(p->k, at, n, p->key + at);
        for (size_t i = at; i < at + n; i++)
            count[part_of(p, p->key[i])]++;
    }
}

/* From how many to where. */
static void lay_out(parts *p)
{
    size_t sum = 0;
    for (size_t part = 0; part >> p->bits == 0; part++) {
        for (unsigned job = 0; job < p->jobs; job++) {
            size_t *at = &p->at[((size_t)job << p->bits) + part], n = *at;
            *at = sum;
            sum += n;
        }
        p->end[part] = sum;
    }
}

static void deal_out(void *ctx, unsigned job)
{
    parts *p = ctx;
    size_t *at = p->at + ((size_t)job << p->bits);
    for (size_t i = job * p->step, end = job_end(p, job); i < end; i++) {
        size_t to = at[part_of(p, p->key[i])]++;
        p->part_key[to] = p->key[i];
        p->part_row[to] = (uint32_t)i;
    }
}

/* ---- one part ---- */

typedef struct slots {
    uint64_t *key;
    uint32_t *first; /* `none`: free */
    size_t n, cap, used;
    unsigned shift; /* 64 - log2(n) */
} slots;

static size_t slot_of(const slots *s, unsigned bits, uint64_t key)
{
    size_t i = (size_t)(hash(key) << bits >> s->shift);
    while (s->first[i] != none && s->key[i] != key)
        i = (i + 1) & (s->n - 1);
    return i;
}

static bool slots_start(slots *s, size_t n)
{
    if (n > s->cap) {
        dcr_free(s->key);
        dcr_free(s->first);
        s->key = dcr_alloc(n, sizeof *s->key);
        s->first = dcr_alloc(n, sizeof *s->first);
        s->cap = n;
    }
    s->n = n;
    s->shift = 64 - (unsigned)__builtin_ctzll(n);
    s->used = 0;
    if (s->key != NULL && s->first != NULL)
        memset(s->first, 0xff, n * sizeof *s->first);
    return s->key != NULL && s->first != NULL;
}

static bool slots_grow(slots *s, unsigned bits)
{
    slots more = {0};
    bool good = slots_start(&more, 2 * s->n);
    for (size_t i = 0; good && i < s->n; i++) {
        size_t to;
        if (s->first[i] == none)
            continue;
        to = slot_of(&more, bits, s->key[i]);
        more.key[to] = s->key[i];
        more.first[to] = s->first[i];
    }
    more.used = s->used;
    dcr_free(good ? s->key : more.key);
    dcr_free(good ? s->first : more.first);
    if (good)
        *s = more;
    return good;
}

static bool number_part(parts *p, slots *s, size_t from, size_t end)
{
    size_t n = 16;
    while (n < 2 * (end - from) && n < SLOTS)
        n *= 2;
    if (!slots_start(s, n))
        return false;
    for (size_t i = from; i < end; i++) {
        size_t at = slot_of(s, p->bits, p->part_key[i]);
        if (s->first[at] == none) {
            s->key[at] = p->part_key[i];
            s->first[at] = p->part_row[i];
            if (2 * ++s->used > s->n && !slots_grow(s, p->bits))
                return false;
            p->first[p->part_row[i]] = p->part_row[i];
        } else {
            p->first[p->part_row[i]] = s->first[at];
        }
    }
    return true;
}

static void number_parts(void *ctx, unsigned job)
{
    parts *p = ctx;
    slots s = {0};
    size_t part;
    (void)job;
    while ((part = atomic_fetch_add(&p->next_part, 1)) >> p->bits == 0)
        if (!number_part(p, &s, part == 0 ? 0 : p->end[part - 1], p->end[part])) {
            atomic_store(&p->failed, true);
            break;
        }
    dcr_free(s.key);
    dcr_free(s.first);
}

/* ---- numbers by first row ---- */

static void count_firsts(void *ctx, unsigned job)
{
    parts *p = ctx;
    uint32_t n = 0;
    for (size_t i = job * p->step, end = job_end(p, job); i < end; i++)
        n += p->first[i] == i;
    p->firsts[job + 1] = n;
}

static void number_firsts(void *ctx, unsigned job)
{
    parts *p = ctx;
    uint32_t n = p->firsts[job];
    for (size_t i = job * p->step, end = job_end(p, job); i < end; i++)
        if (p->first[i] == i)
            p->number[i] = n++;
}

static void number_rows(void *ctx, unsigned job)
{
    parts *p = ctx;
    for (size_t i = job * p->step, end = job_end(p, job); i < end; i++)
        p->first[i] = p->number[p->first[i]];
}

static dcr_status in_parts(parts *p, uint32_t *n, dcr_err *err)
{
    dcr_pool_run(p->jobs, make_keys, p);
    lay_out(p);
    dcr_pool_run(p->jobs, deal_out, p);
    dcr_pool_run(p->jobs, number_parts, p);
    if (atomic_load(&p->failed))
        return dcr_nomem(err);
    dcr_pool_run(p->jobs, count_firsts, p);
    for (unsigned job = 0; job < p->jobs; job++)
        p->firsts[job + 1] += p->firsts[job];
    p->number = (uint32_t *)p->part_row; /* has done its part */
    dcr_pool_run(p->jobs, number_firsts, p);
    dcr_pool_run(p->jobs, number_rows, p);
    *n = p->firsts[p->jobs];
    return DCR_OK;
}

dcr_status dcr_keys_number(const dcr_key *k, unsigned jobs, uint32_t *number, uint32_t *n,
                           dcr_err *err)
{
    parts p = {.k = k, .first = number};
    size_t most = k->n_rows / ROWS_OF_A_JOB;
    dcr_status rc;
    *n = 0;
    if (k->n_bits <= DIRECT_BITS && 8 * (k->n_rows + 128) >> k->n_bits != 0)
        return direct(k, number, n, err);
    p.jobs = jobs > most ? (unsigned)most : jobs;
    p.jobs = p.jobs == 0 ? 1 : p.jobs > DCR_POOL_MAX ? DCR_POOL_MAX : p.jobs;
    p.step = (k->n_rows + p.jobs - 1) / p.jobs;
    while (p.bits < PART_BITS && k->n_rows >> p.bits > PART_ROWS)
        p.bits++;
    p.key = dcr_alloc(k->n_rows, sizeof *p.key);
    p.part_key = dcr_alloc(k->n_rows, sizeof *p.part_key);
    p.part_row = dcr_alloc(k->n_rows, sizeof *p.part_row);
    p.at = dcr_alloc((size_t)p.jobs << p.bits, sizeof *p.at);
    p.end = dcr_alloc((size_t)1 << p.bits, sizeof *p.end);
    if (p.key == NULL || p.part_key == NULL || p.part_row == NULL || p.at == NULL ||
        p.end == NULL)
        rc = dcr_nomem(err);
    else
        rc = in_parts(&p, n, err);
    dcr_free(p.key);
    dcr_free(p.part_key);
    dcr_free(p.part_row);
    dcr_free(p.at);
    dcr_free(p.end);
    return rc;
}
