#include "tokens.h"

#include <string.h>

#include "alloc.h"
#include "dcmrisk/scan.h"
#include "detect.h"
#include "identifiers.h"
#include "paths.h"

enum {
    TEXT = 4096,    /* of a value; longer ones are digests */
    RUNS = 4,       /* of a token */
    GAP = 2,        /* bytes between runs of one token, at most */
    NAME_MIN = 4,   /* letters of a name that is looked for alone */
    PAIR_MIN = 7,   /* letters of family and given name together */
    TEXT_MIN = 10,  /* characters of the first words of an address */
    NUMBER_MIN = 5, /* characters of a number; three of them digits */
    DIGITS_MIN = 6, /* of one that has nothing but digits */
    FIRST = 3,      /* bytes that every token has, see above */
    STARTS = 4096   /* of a power of two */
};

struct dcr_tokens {
    const dcr_rules *r;
    dcr_arena arena;
    dcr_token *list;
    size_t n, cap;
    uint32_t *slot; /* token + 1 */
    size_t n_slots;
    size_t shortest, longest;
    /* Lengths of the tokens that begin with bytes of a hash: bit n, 63 for all longer. */
    uint64_t lengths[STARTS];
    bool failed;
    /* of the text at hand: its runs, folded, one behind the other */
    uint8_t flat[2 * TEXT];
    struct run {
        uint16_t at, n;
        bool close; /* next to the one before */
        bool small; /* begins with a small letter */
    } run[TEXT / 2 + 1];
};

/* ---- folding ---- */

/* U+00C0 to U+017F without accents; '.' for the signs of times and division. */
static const char latin[] =
    "aaaaaaaceeeeiiiidnooooo.ouuuuytsaaaaaaaceeeeiiiidnooooo.ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

size_t dcr_fold(const uint8_t *p, size_t n, uint8_t *out)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t c;
        if (p[i] < 0xC3 || p[i] > 0xC5 || i + 1 >= n || (p[i + 1] & 0xC0) != 0x80) {
            out[k++] = dcr_lower(p[i]);
            continue;
        }
        c = (uint32_t)(p[i] & 0x1F) << 6 | (p[i + 1] & 0x3F);
        i++;
        if (c == 0xDF) /* sharp s */
            out[k++] = 's';
        out[k++] = (uint8_t)latin[c - 0xC0];
    }
    return k;
}

/* ---- the table ---- */

static const uint64_t hash_start = 0xCBF29CE484222325u;

static uint64_t hash_on(uint64_t h, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001B3u;
    return h;
}

static size_t start_of(const uint8_t *p)
{
    return (p[0] * 1021u + p[1] * 31u + p[2]) & (STARTS - 1);
}

static uint64_t length_bit(size_t n)
{
    return (uint64_t)1 << (n < 63 ? n : 63);
}

static size_t slot_of(const dcr_tokens *t, uint64_t h)
{
    h ^= h >> 29;
    return (size_t)(h * 0x9E3779B97F4A7C15u >> 20) & (t->n_slots - 1);
}

static bool rehash(dcr_tokens *t)
{
    size_t n = t->n_slots == 0 ? 256 : t->n_slots * 4;
    uint32_t *slot = dcr_alloc(n, sizeof *slot);
    if (slot == NULL)
        return false;
    dcr_free(t->slot);
    t->slot = slot;
    t->n_slots = n;
    for (size_t i = 0; i < t->n; i++) {
        size_t s = slot_of(t, t->list[i].hash);
        t->list[i].next = slot[s];
        slot[s] = (uint32_t)i + 1;
    }
    return true;
}

static uint32_t find(const dcr_tokens *t, uint64_t hash, const uint8_t *p, size_t n)
{
    for (uint32_t i = t->slot[slot_of(t, hash)]; i != 0; i = t->list[i - 1].next) {
        const dcr_token *k = &t->list[i - 1];
        if (k->hash == hash && k->n == n && memcmp(k->p, p, n) == 0)
            return i - 1;
    }
    return UINT32_MAX;
}

static bool only_digits(const uint8_t *p, size_t n)
{
    return dcr_digit_run(p, n, 0, n) == n;
}

/* Adds a folded token, or one more holder of it. */
static void add(dcr_tokens *t, size_t class_no, const uint8_t *p, size_t n,
                const dcr_value *holder)
{
    uint64_t h = hash_on(hash_start, p, n);
    uint32_t at;
    dcr_token *k;
    if (n < FIRST)
        return;
    if (n > UINT16_MAX || t->failed || (t->n * 2 >= t->n_slots && !rehash(t)))
        goto failed;
    at = find(t, h, p, n);
    if (at == UINT32_MAX) {
        size_t s = slot_of(t, h);
        if (!dcr_grow(&t->list, &t->cap, t->n + 1, sizeof *t->list))
            goto failed;
        k = &t->list[t->n];
        *k = (dcr_token){.n = (uint32_t)n, .hash = h, .next = t->slot[s]};
        k->p = (const uint8_t *)dcr_arena_bytes(&t->arena, p, n);
        if (k->p == NULL)
            goto failed;
        k->digits = only_digits(p, n);
        t->slot[s] = (uint32_t)++t->n;
        t->lengths[start_of(p)] |= length_bit(n);
        t->shortest = t->shortest == 0 || n < t->shortest ? n : t->shortest;
        t->longest = n > t->longest ? n : t->longest;
    } else {
        k = &t->list[at];
    }
    k->classes |= 1u << class_no;
    if (k->n_holders < DCR_TOKEN_HOLDERS)
        k->holder[k->n_holders] = holder;
    k->n_holders++;
    return;
failed:
    t->failed = true;
}

/* ---- what is looked for ---- */

static inline bool in_run(uint8_t c)
{
    return dcr_is_alnum(c);
}

/* The next run at or behind *at; false when there is none. */
static bool next_run(const uint8_t *p, size_t n, size_t *at, size_t *from, size_t *len)
{
    size_t i = *at;
    while (i < n && !in_run(p[i]))
        i++;
    *from = i;
    while (i < n && in_run(p[i]))
        i++;
    *len = i - *from;
    *at = i;
    return *len > 0;
}

static bool is_word(const dcr_tokens *t, const uint8_t *p, size_t n)
{
    return dcr_rules_vocabulary(t->r, p, n) || dcr_rules_is_dummy(t->r, "PN", p, n) ||
           dcr_dict_find(&t->r->identifiers->words, p, n, 0) != DCR_DICT_NONE;
}

static size_t characters(const uint8_t *p, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        k += (p[i] & 0xC0) != 0x80;
    return k;
}

/* Given names are those of too many people to tell one of them. */
static bool is_given(const dcr_tokens *t, const uint8_t *p, size_t n)
{
    return dcr_dict_find(&t->r->path_words->given_names, p, n, 0) != DCR_DICT_NONE;
}

/* Letters only; of scripts that need few characters for a name, two are enough. */
static bool is_name(const dcr_tokens *t, const uint8_t *p, size_t n, size_t least)
{
    size_t k;
    while (n > 0 && dcr_is_digit(p[n - 1])) /* "Doe2": the second of that name */
        n--;
    k = characters(p, n);
    for (size_t i = 0; i < n; i++)
        if (dcr_is_digit(p[i]))
            return false;
    return (k >= least || (k >= 2 && n >= 3 * k)) && !is_word(t, p, n) &&
           !is_given(t, p, n);
}

/* "M\xC3\xBCller" is written Muller and Mueller. */
static void add_name(dcr_tokens *t, size_t c, const uint8_t *p, size_t n,
                     const dcr_value *v)
{
    uint8_t folded[TEXT], wide[TEXT];
    size_t k = dcr_fold(p, n, folded), w = 0;
    if (!is_name(t, folded, k, NAME_MIN))
        return;
    add(t, c, folded, k, v);
    for (size_t i = 0; i < n && w + 3 < sizeof wide; i++) {
        bool pair = p[i] == 0xC3 && i + 1 < n;
        uint8_t low = pair ? (uint8_t)(p[i + 1] | 0x20) : 0;
        if (pair && (low == 0xA4 || low == 0xB6 || low == 0xBC)) {
            wide[w++] = low == 0xA4 ? 'a' : low == 0xB6 ? 'o' : 'u';
            wide[w++] = 'e';
            i++;
        } else {
            wide[w++] = p[i];
        }
    }
    w = dcr_fold(wide, w, wide);
    if (w != k && is_name(t, wide, w, NAME_MIN))
        add(t, c, wide, w, v);
}

/* Family and given name together, in both orders: also those that are words alone. */
static void add_pair(dcr_tokens *t, size_t c, const uint8_t *a, size_t na,
                     const uint8_t *b, size_t nb, const dcr_value *v)
{
    uint8_t both[TEXT], folded[TEXT];
    size_t n;
    if (na < 2 || nb < 2 || na + nb > TEXT)
        return;
    for (int order = 0; order < 2; order++) {
        memcpy(both, order == 0 ? a : b, order == 0 ? na : nb);
        memcpy(both + (order == 0 ? na : nb), order == 0 ? b : a, order == 0 ? nb : na);
        n = dcr_fold(both, na + nb, folded);
        if (characters(folded, n) >= PAIR_MIN)
            add(t, c, folded, n, v);
    }
}

/* A word of radiology that nobody is called. */
static bool is_only_word(const dcr_tokens *t, const uint8_t *p, size_t n)
{
    uint8_t folded[TEXT];
    size_t k = n < sizeof folded ? dcr_fold(p, n, folded) : 0;
    return dcr_rules_vocabulary(t->r, p, n) &&
           dcr_dict_find(&t->r->identifiers->words, folded, k, 0) == DCR_DICT_NONE;
}

/* Two words of radiology are no name, and a dummy with a number is none either. */
static bool may_pair(const dcr_tokens *t, const uint8_t *a, size_t na, const uint8_t *b,
                     size_t nb)
{
    return !only_digits(a, na) && !only_digits(b, nb) &&
           !dcr_rules_is_dummy(t->r, "PN", a, na) &&
           (!is_only_word(t, a, na) || !is_only_word(t, b, nb));
}

static void add_names(dcr_tokens *t, size_t c, const dcr_value *v)
{
    size_t at = 0, from, len, n = 0, first[2] = {0, 0}, length[2] = {0, 0};
    while (next_run(v->bytes, v->len, &at, &from, &len)) {
        add_name(t, c, v->bytes + from, len, v);
        if (n < 2) {
            first[n] = from;
            length[n] = len;
        }
        n++;
    }
    if (n >= 2 &&
        may_pair(t, v->bytes + first[0], length[0], v->bytes + first[1], length[1]))
        add_pair(t, c, v->bytes + first[0], length[0], v->bytes + first[1], length[1], v);
}

/* The first three and the first four words of an address. */
static void add_text(dcr_tokens *t, size_t c, const dcr_value *v)
{
    uint8_t folded[TEXT];
    size_t at = 0, from, len, k = 0, runs = 0;
    while (runs < RUNS && next_run(v->bytes, v->len, &at, &from, &len)) {
        k += dcr_fold(v->bytes + from, len, folded + k);
        if (++runs >= RUNS - 1 && k >= TEXT_MIN && !only_digits(folded, k))
            add(t, c, folded, k, v);
    }
}

/* One value of several: the parts between backslashes count by themselves. */
static void add_number(dcr_tokens *t, size_t c, const uint8_t *p, size_t n,
                       const dcr_value *v)
{
    uint8_t folded[TEXT];
    size_t at = 0, from, len, k = 0, runs = 0, digits = 0;
    while (runs < RUNS && next_run(p, n, &at, &from, &len)) {
        k += dcr_fold(p + from, len, folded + k);
        runs++;
    }
    for (size_t i = 0; i < k; i++)
        digits += dcr_is_digit(folded[i]);
    if (k >= NUMBER_MIN && digits >= 3 && (digits < k || k >= DIGITS_MIN))
        add(t, c, folded, k, v);
}

static void add_numbers(dcr_tokens *t, size_t c, const dcr_value *v)
{
    size_t from = 0;
    for (size_t i = 0; i <= v->len; i++)
        if (i == v->len || v->bytes[i] == '\\') {
            add_number(t, c, v->bytes + from, i - from, v);
            from = i + 1;
        }
}

static void add_date(dcr_tokens *t, size_t c, const dcr_value *v)
{
    const uint8_t *p = v->bytes;
    if (v->len == 8 && only_digits(p, 8) &&
        dcr_date_valid(dcr_digits(p, 4), dcr_digits(p + 4, 2), dcr_digits(p + 6, 2)))
        add(t, c, p, 8, v);
}

/* ---- building ---- */

static int compare(const dcr_value *v, const uint8_t *p, size_t n)
{
    size_t m = v->len < n ? v->len : n;
    int c = memcmp(v->bytes, p, m);
    return c != 0 ? c : (v->len > n) - (v->len < n);
}

/* A name that is somebody's PatientID is a pseudonym: it may stand anywhere. */
static bool is_pseudonym(const dcr_attr *ids, const dcr_value *v)
{
    size_t lo = 0, hi = ids == NULL ? 0 : ids->n_values, n = v->len;
    while (n > 0 && (v->bytes[n - 1] == '^' || v->bytes[n - 1] == ' '))
        n--;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = compare(&ids->values[mid], v->bytes, n);
        if (c == 0)
            return true;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

static void add_attr(dcr_tokens *t, size_t c, dcr_identifier_form form, const dcr_attr *a,
                     const dcr_attr *ids)
{
    for (size_t i = 0; i < a->n_values && !t->failed; i++) {
        const dcr_value *v = &a->values[i];
        if (!dcr_value_real(v) || !dcr_value_text(v) || v->len > TEXT ||
            is_pseudonym(ids, v))
            continue;
        if (form == DCR_FORM_NAME)
            add_names(t, c, v);
        else if (form == DCR_FORM_NUMBER || form == DCR_FORM_TEXT)
            add_numbers(t, c, v);
        else
            add_date(t, c, v);
        if (form == DCR_FORM_TEXT)
            add_text(t, c, v);
    }
}

dcr_status dcr_tokens_build(dcr_tokens **out, const dcr_rules *r, const dcr_model *m,
                            dcr_err *err)
{
    dcr_tokens *t = dcr_alloc(1, sizeof *t);
    const dcr_attr *ids = dcr_model_attr(m, "0010,0020");
    *out = NULL;
    if (t == NULL)
        return dcr_nomem(err);
    t->r = r;
    t->failed = !rehash(t);
    for (size_t c = 0; c < r->identifiers->n; c++)
        for (size_t i = 0; i < m->n_attrs; i++)
            if (dcr_select_match(&r->identifiers->list[c].select, &m->attrs[i]))
                add_attr(t, c, r->identifiers->list[c].form, &m->attrs[i], ids);
    if (t->failed) {
        dcr_tokens_free(t);
        return dcr_nomem(err);
    }
    *out = t;
    return DCR_OK;
}

void dcr_tokens_free(dcr_tokens *t)
{
    if (t == NULL)
        return;
    dcr_arena_clear(&t->arena);
    dcr_free(t->list);
    dcr_free(t->slot);
    dcr_free(t);
}

size_t dcr_tokens_count(const dcr_tokens *t)
{
    return t->n;
}

const dcr_token *dcr_tokens_get(const dcr_tokens *t, size_t i)
{
    return &t->list[i];
}

bool dcr_tokens_source(const dcr_rules *r, const dcr_attr *a)
{
    if (a->creator == NULL && a->role == DCR_ROLE_DIRECT_IDENTIFIER)
        return true;
    for (size_t c = 0; c < r->identifiers->n; c++)
        if (dcr_select_match(&r->identifiers->list[c].select, a))
            return true;
    return false;
}

bool dcr_value_of_subject(const dcr_model *m, const dcr_value *v, uint32_t subject)
{
    uint32_t lo = 0, hi = v->in_series == NULL ? 0 : v->series;
    while (lo < hi) { /* series ascend, and subjects with them */
        uint32_t mid = lo + (hi - lo) / 2;
        uint32_t s = dcr_series_subject(m, v->in_series[mid]);
        if (s == subject)
            return true;
        if (s < subject)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

/* ---- looking ---- */

/* Folds the text and puts its runs one behind the other. */
static size_t cut(dcr_tokens *t, const uint8_t *p, size_t n, bool binary)
{
    size_t k = 0, runs = 0, end = 0;
    for (size_t i = 0; i < n;) {
        size_t from = i;
        uint16_t at = (uint16_t)k;
        while (i < n && in_run(p[i]) && p[i] < 0x80)
            t->flat[k++] = dcr_lower(p[i++]);
        if (!binary && i < n && p[i] >= 0x80) { /* the rest of it is not plain */
            size_t plain = i;
            while (i < n && in_run(p[i]))
                i++;
            k += dcr_fold(p + plain, i - plain, t->flat + k);
        }
        if (i == from) {
            i++;
            continue;
        }
        t->run[runs].at = at;
        t->run[runs].n = (uint16_t)(k - at);
        t->run[runs].close = runs > 0 && from - end <= GAP;
        t->run[runs].small = p[from] >= 'a' && p[from] <= 'z';
        runs++;
        end = i;
    }
    return runs;
}

/* All tokens that begin with a run: it alone, and with those close behind it. */
static void at_run(dcr_tokens *t, size_t n_runs, size_t i, dcr_token_found *found,
                   void *ctx)
{
    const uint8_t *p = t->flat + t->run[i].at;
    const struct run *last = &t->run[n_runs - 1];
    uint64_t h = hash_start, lengths;
    size_t total = 0;
    if (t->run[i].at + FIRST > last->at + last->n)
        return;
    lengths = t->lengths[start_of(p)];
    if (lengths == 0)
        return;
    for (size_t k = i; k < n_runs && k < i + RUNS && (k == i || t->run[k].close); k++) {
        uint32_t at;
        h = hash_on(h, p + total, t->run[k].n);
        total += t->run[k].n;
        if (total > t->longest)
            return;
        at = (lengths & length_bit(total)) == 0 ? UINT32_MAX : find(t, h, p, total);
        if (at != UINT32_MAX)
            found(ctx, at, k == i && t->run[i].small);
    }
}

void dcr_tokens_scan(dcr_tokens *t, const uint8_t *p, size_t n, bool binary,
                     dcr_token_found *found, void *ctx)
{
    size_t runs = t->n == 0 ? 0 : cut(t, p, n < TEXT ? n : TEXT, binary);
    for (size_t i = 0; i < runs; i++)
        at_run(t, runs, i, found, ctx);
}
