/* The release's values are put into a table under what of them a digest decides; then
 * each original is run through each scheme that can have made any of them, and looked up.
 * So memory goes with the release, not with the list. */
#include "link_prove.h"

#include <string.h>

#include "alloc.h"
#include "check.h"
#include "detect.h"
#include "dict.h"
#include "hash.h"

enum { KEY_DIGITS = 16, KEY_CHARS = 12 };

/* Under what a value is found; tags of the table. */
enum { WHOLE = 0, ARC_HEAD, ARC_TAIL, ID_HEAD, HASH };

enum { PREFIXES_MAX = 8, UID_MAX = 64 };

typedef struct prefix { /* what stands before the last arc of sketched UIDs */
    const uint8_t *p;
    size_t n;
} prefix;

typedef struct item {
    uint32_t key, value, next; /* next: number + 1 of another one under the same entry */
} item;

typedef struct prover {
    const dcr_link_rules *rules;
    dcr_provable *keys;
    dcr_dict dict;
    uint32_t *first; /* per entry of dict: item + 1 */
    size_t cap_first;
    item *items;
    size_t n_items, cap_items;
    bool *active; /* per scheme */
    prefix prefixes[PREFIXES_MAX];
    size_t n_prefixes;
} prover;

static bool put(prover *p, const void *text, size_t n, uint32_t tag, uint32_t key,
                uint32_t value)
{
    uint32_t before = p->dict.n, at = dcr_dict_add(&p->dict, text, n, tag);
    if (at == DCR_DICT_NONE ||
        !dcr_grow(&p->first, &p->cap_first, (size_t)at + 1, sizeof *p->first) ||
        !dcr_grow(&p->items, &p->cap_items, p->n_items + 1, sizeof *p->items))
        return false;
    if (at >= before)
        p->first[at] = 0;
    p->items[p->n_items] = (item){key, value, p->first[at]};
    p->first[at] = (uint32_t)++p->n_items;
    return true;
}

static size_t at_most(size_t n, size_t most)
{
    return n < most ? n : most;
}

/* ID_HEAD: the first characters, small letters, since hex comes in both. */
static size_t head_of(const uint8_t *p, size_t n, uint8_t out[KEY_CHARS])
{
    n = at_most(n, KEY_CHARS);
    for (size_t i = 0; i < n; i++)
        out[i] = dcr_lower(p[i]);
    return n;
}

static bool all_digits(const uint8_t *p, size_t n)
{
    return n > 0 && dcr_digit_run(p, n, 0, n) == n;
}

/* Could any output of the scheme be this value?  Cheap, and wide. */
static bool could_be(const dcr_scheme *s, const dcr_provable *k, const uint8_t *p,
                     size_t n)
{
    bool digits = s->form == DCR_FORM_DECIMAL || s->form == DCR_FORM_TRIPLETS;
    size_t arc;
    if (s->is_uid != k->uid)
        return false;
    if (k->uid) {
        arc = dcr_last_arc(p, n);
        return n - arc >= KEY_CHARS;
    }
    if (n < s->min)
        return false;
    if (digits)
        return all_digits(p, n);
    for (size_t i = 0; i < n; i++) {
        uint8_t c = dcr_lower(p[i]);
        bool hex = dcr_is_digit(c) || (c >= 'a' && c <= 'f') ||
                   (c == '-' && s->form == DCR_FORM_UUID);
        if ((s->form == DCR_FORM_HEX || s->form == DCR_FORM_UUID) && !hex)
            return false;
    }
    return true;
}

static bool put_value(prover *p, uint32_t key, uint32_t value)
{
    const dcr_provable *k = &p->keys[key];
    const dcr_value *v = &k->seen->values[value];
    uint8_t head[KEY_CHARS];
    size_t arc, n;
    if (!dcr_value_real(v) || !dcr_value_text(v))
        return true;
    for (size_t s = 0; s < p->rules->n_schemes; s++)
        p->active[s] =
            p->active[s] || could_be(&p->rules->schemes[s], k, v->bytes, v->len);
    if (!put(p, v->bytes, v->len, WHOLE, key, value))
        return false;
    if (!k->uid)
        return put(p, head, head_of(v->bytes, v->len, head), ID_HEAD, key, value);
    arc = dcr_last_arc(v->bytes, v->len);
    n = v->len - arc;
    if (n < KEY_CHARS || !all_digits(v->bytes + arc, n))
        return true;
    if (!put(p, v->bytes + arc, at_most(n, KEY_DIGITS), ARC_HEAD, key, value))
        return false;
    return n < KEY_DIGITS ||
           put(p, v->bytes + v->len - KEY_DIGITS, KEY_DIGITS, ARC_TAIL, key, value);
}

/* Of a sketched series hashes of some of its UIDs are kept; what they prove is said of
 * its smallest one. */
static bool put_sketches(prover *p, const dcr_model *m, uint32_t key)
{
    const dcr_provable *k = &p->keys[key];
    uint32_t value = (uint32_t)k->attr->n_values;
    for (size_t i = 0; i < m->n_sketches; i++) {
        const dcr_uid_sketch *s = &m->sketches[i];
        prefix one = {s->min, dcr_last_arc(s->min, s->min_len)};
        size_t at = 0;
        if (s->attr != k->attr)
            continue;
        for (uint32_t h = 0; h < s->n_hashes; h++)
            if (!put(p, &s->hash[h], sizeof s->hash[h], HASH, key, value))
                return false;
        while (at < p->n_prefixes && (p->prefixes[at].n != one.n ||
                                      memcmp(p->prefixes[at].p, one.p, one.n) != 0))
            at++;
        if (at == p->n_prefixes && at < PREFIXES_MAX && one.n < UID_MAX)
            p->prefixes[p->n_prefixes++] = one;
        value += 2;
    }
    return true;
}

/* ---- originals ---- */

static void mark(prover *p, const item *it, dcr_link_state state, size_t scheme)
{
    dcr_provable *k = &p->keys[it->key];
    if (k->state[it->value] >= (uint8_t)state)
        return;
    k->state[it->value] = (uint8_t)state;
    k->scheme[it->value] = state == DCR_LINK_PROVEN ? 0 : (int16_t)(scheme + 1);
}

static void mark_all(prover *p, const void *text, size_t n, uint32_t tag,
                     dcr_link_state state, size_t scheme)
{
    uint32_t at = dcr_dict_find(&p->dict, text, n, tag);
    for (uint32_t i = at == DCR_DICT_NONE ? 0 : p->first[at]; i != 0;
         i = p->items[i - 1].next)
        mark(p, &p->items[i - 1], state, scheme);
}

static void try_whole(prover *p, const dcr_original *o)
{
    uint64_t h;
    mark_all(p, o->p, o->n, WHOLE, DCR_LINK_PROVEN, 0);
    if (p->n_prefixes == 0)
        return;
    h = dcr_hash64(o->p, o->n);
    mark_all(p, &h, sizeof h, HASH, DCR_LINK_PROVEN, 0);
}

/* Sketched UIDs: the scheme's output under each prefix that they have. */
static void try_hashes(prover *p, size_t number, const char *w, size_t n_w)
{
    const dcr_scheme *s = &p->rules->schemes[number];
    for (size_t i = 0; i < p->n_prefixes; i++) {
        const prefix *x = &p->prefixes[i];
        size_t cut = s->cut > 0 && s->cut < UID_MAX ? s->cut : UID_MAX;
        size_t room = cut > x->n ? cut - x->n : 0, n = n_w < room ? n_w : room, from = 0;
        uint8_t uid[UID_MAX];
        uint64_t h;
        if (s->tail) {
            from = n_w - n;
            while (from + 1 < n_w && w[from] == '0')
                from++;
            n = n_w - from;
        }
        if (n > room || n < KEY_DIGITS)
            continue;
        memcpy(uid, x->p, x->n);
        memcpy(uid + x->n, w + from, n);
        h = dcr_hash64(uid, x->n + n);
        mark_all(p, &h, sizeof h, HASH, DCR_LINK_RECOMPUTED, number);
    }
}

static void try_scheme(prover *p, size_t number, size_t variant, const dcr_original *o)
{
    const dcr_scheme *s = &p->rules->schemes[number];
    char w[DCR_SCHEME_MAX];
    uint8_t head[KEY_CHARS];
    const void *key = w;
    size_t n, n_key;
    uint32_t tag = s->is_uid ? (s->tail ? ARC_TAIL : ARC_HEAD) : ID_HEAD, at;
    dcr_scheme_write(s, variant, o->p, o->n, w, &n);
    if (tag == ID_HEAD) {
        n_key = head_of((const uint8_t *)w, n, head);
        key = head;
    } else {
        n_key = at_most(n, KEY_DIGITS);
        key = tag == ARC_TAIL ? w + n - n_key : w;
        try_hashes(p, number, w, n);
    }
    at = dcr_dict_find(&p->dict, key, n_key, tag);
    for (uint32_t i = at == DCR_DICT_NONE ? 0 : p->first[at]; i != 0;
         i = p->items[i - 1].next) {
        const item *it = &p->items[i - 1];
        const dcr_value *v = &p->keys[it->key].seen->values[it->value];
        if (p->keys[it->key].uid == s->is_uid &&
            dcr_scheme_equal(s, w, n, v->bytes, v->len))
            mark(p, it, DCR_LINK_RECOMPUTED, number);
    }
}

static void try_all(prover *p, const dcr_originals *o)
{
    for (size_t i = 0; i < o->n; i++) {
        try_whole(p, &o->list[i]);
        for (size_t s = 0; s < p->rules->n_schemes; s++) {
            const dcr_scheme *w = &p->rules->schemes[s];
            if (!p->active[s] || w->is_uid != o->list[i].uid)
                continue;
            for (size_t v = 0; v < w->n_variants; v++)
                try_scheme(p, s, v, &o->list[i]);
        }
    }
}

dcr_status dcr_link_prove(const dcr_rules *r, const dcr_model *m, const dcr_originals *o,
                          dcr_provable *keys, size_t n, dcr_err *err)
{
    prover p = {.rules = r->links, .keys = keys};
    bool room = true;
    p.active = dcr_alloc(r->links->n_schemes, sizeof *p.active);
    room = p.active != NULL;
    for (uint32_t k = 0; room && k < n; k++)
        for (uint32_t v = 0; room && v < keys[k].seen->n_values; v++)
            room = put_value(&p, k, v);
    for (uint32_t k = 0; room && k < n; k++)
        room = put_sketches(&p, m, k);
    if (room)
        try_all(&p, o);
    dcr_dict_clear(&p.dict);
    dcr_free(p.first);
    dcr_free(p.items);
    dcr_free(p.active);
    return room ? DCR_OK : dcr_nomem(err);
}
