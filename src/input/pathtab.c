#include "pathtab.h"

#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "reader.h"

enum { CREATOR_MAX = 64, SUB_TAG = 0xFFFEFFFE /* no element can have it */ };

static size_t slot_of(const dcr_pathtab *t, uint32_t parent, uint32_t tag,
                      uint32_t creator)
{
    uint64_t h = (uint64_t)parent << 32 | tag;
    h = (h ^ ((uint64_t)creator << 17)) * 0x9E3779B97F4A7C15ull;
    h ^= h >> 29;
    h *= 0xBF58476D1CE4E5B9ull;
    return (size_t)(h >> 20) & (t->n_slots - 1);
}

static bool same(const dcr_path *p, uint32_t parent, uint32_t tag, uint32_t creator)
{
    return p->tag == tag && p->parent == parent && p->creator == creator;
}

static bool rehash(dcr_pathtab *t)
{
    size_t n = t->n_slots == 0 ? 512 : t->n_slots * 2;
    uint32_t *slot = dcr_alloc(n, sizeof *slot);
    if (slot == NULL)
        return false;
    dcr_free(t->slot);
    t->slot = slot;
    t->n_slots = n;
    for (uint32_t i = 0; i < t->n; i++) {
        const dcr_path *p = &t->path[i];
        size_t k = slot_of(t, p->parent, p->tag, p->creator);
        while (slot[k] != 0)
            k = (k + 1) & (n - 1);
        slot[k] = i + 1;
    }
    return true;
}

bool dcr_pathtab_init(dcr_pathtab *t)
{
    memset(t, 0, sizeof *t);
    if (!rehash(t) || !dcr_grow(&t->path, &t->cap, 256, sizeof *t->path)) {
        dcr_pathtab_clear(t);
        return false;
    }
    memset(&t->path[0], 0, sizeof t->path[0]);
    t->path[0].parent = t->path[0].next = t->path[0].first = DCR_PATH_NONE;
    t->path[0].text = "";
    t->path[0].creator = DCR_DICT_NONE;
    t->n = 1;
    return true;
}

void dcr_pathtab_clear(dcr_pathtab *t)
{
    dcr_free(t->path);
    dcr_free(t->slot);
    dcr_dict_clear(&t->creators);
    dcr_arena_clear(&t->arena);
    memset(t, 0, sizeof *t);
}

size_t dcr_pathtab_memory(const dcr_pathtab *t)
{
    return t->n * sizeof *t->path + t->n_slots * sizeof *t->slot + t->arena.bytes +
           t->creators.arena.bytes + t->creators.n * sizeof *t->creators.entry;
}

void dcr_pathtab_forget(dcr_pathtab *t)
{
    for (uint32_t i = 0; i < t->n; i++) {
        dcr_path_forget(&t->path[i]);
        t->path[i].form_n = 0;
        if (t->path[i].opened != NULL)
            memset(t->path[i].opened->key, 0, sizeof t->path[i].opened->key);
    }
}

uint32_t dcr_pathtab_creator(dcr_pathtab *t, const uint8_t *p, size_t n, bool *ok)
{
    uint32_t id;
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == 0))
        n--;
    while (n > 0 && (p[0] == ' ' || p[0] == 0)) {
        p++;
        n--;
    }
    *ok = true;
    if (n == 0)
        return DCR_DICT_NONE;
    id = dcr_dict_add(&t->creators, p, n > CREATOR_MAX ? CREATOR_MAX : n, 0);
    *ok = id != DCR_DICT_NONE;
    return id;
}

static void escaped(dcr_buf *b, const dcr_dict_entry *e)
{
    for (uint32_t i = 0; i < e->n; i++) {
        unsigned char c = (unsigned char)e->p[i];
        if (c < 0x20 || c > 0x7E || c == '{' || c == '}' || c == '%')
            dcr_buf_fmt(b, "%%%02X", c);
        else
            dcr_buf_char(b, (char)c);
    }
}

static void write_tag(dcr_buf *b, const dcr_pathtab *t, const dcr_path *p)
{
    unsigned g = p->tag >> 16, e = p->tag & 0xFFFF;
    bool of_vendor = g % 2 == 1 && e != 0 && !p->is_creator;
    bool owned = of_vendor && p->creator != DCR_DICT_NONE;
    dcr_buf_hex(b, g, 4);
    dcr_buf_char(b, ',');
    if (p->is_creator)
        dcr_buf_str(b, "00xx");
    else if (owned)
        dcr_buf_str(b, "xx");
    if (!p->is_creator)
        dcr_buf_hex(b, e, owned ? 2 : 4);
    if (of_vendor)
        dcr_buf_char(b, '{');
    if (owned)
        escaped(b, &t->creators.entry[p->creator]);
    if (of_vendor)
        dcr_buf_char(b, '}');
}

static void write_path(dcr_buf *b, const dcr_pathtab *t, const dcr_path *p)
{
    const dcr_path *up = &t->path[p->parent];
    dcr_buf_add(b, up->text, up->n);
    if (p->tag == SUB_TAG) {
        if (up->n > 0)
            dcr_buf_char(b, ':');
        dcr_buf_str(b, t->creators.entry[p->creator].p);
        return;
    }
    if (up->n > 0)
        dcr_buf_char(b, '/');
    write_tag(b, t, p);
}

static void find_vr(const dcr_pathtab *t, dcr_path *p)
{
    uint16_t g = (uint16_t)(p->tag >> 16), e = (uint16_t)p->tag;
    const char *name =
        p->creator == DCR_DICT_NONE ? NULL : t->creators.entry[p->creator].p;
    memcpy(p->vr, "UN", 2);
    if (p->tag == SUB_TAG)
        return;
    if (p->is_creator)
        memcpy(p->vr, "LO", 2);
    else if (e == 0)
        memcpy(p->vr, "UL", 2);
    else if (g % 2 == 0 || name != NULL)
        (void)dcr_reader_vr(g, e, name, p->vr);
}

const char *dcr_pathtab_vr(dcr_pathtab *t, uint32_t path)
{
    if (t->path[path].vr[0] == 0)
        find_vr(t, &t->path[path]);
    return t->path[path].vr;
}

static void find_opener(const dcr_pathtab *t, dcr_path *p)
{
    dcr_open_place at = {p->tag >> 16, p->tag & 0xFFFF, NULL, NULL};
    const char *name =
        p->creator == DCR_DICT_NONE ? NULL : t->creators.entry[p->creator].p;
    if (p->tag == SUB_TAG)
        at = (dcr_open_place){0, 0, NULL, name};
    else
        at.creator = name;
    if (!p->is_creator && (p->tag != SUB_TAG || p->parent != DCR_PATH_ROOT))
        p->opener = dcr_open_find(&at);
}

static bool complete(dcr_pathtab *t, dcr_path *p)
{
    dcr_buf b = {0};
    write_path(&b, t, p);
    find_opener(t, p);
    p->text = b.failed || b.n > UINT32_MAX ? NULL : dcr_arena_bytes(&t->arena, b.p, b.n);
    p->n = (uint32_t)b.n;
    dcr_buf_clear(&b);
    return p->text != NULL;
}

static uint32_t add(dcr_pathtab *t, uint32_t parent, uint32_t tag, uint32_t creator)
{
    dcr_path *p;
    unsigned g = tag >> 16, e = tag & 0xFFFF;
    if (t->n >= DCR_PATH_NONE - 1 ||
        !dcr_grow(&t->path, &t->cap, (size_t)t->n + 1, sizeof *t->path))
        return DCR_PATH_NONE;
    p = &t->path[t->n];
    memset(p, 0, sizeof *p);
    p->parent = parent;
    p->tag = tag;
    p->creator = creator;
    p->next = p->first = DCR_PATH_NONE;
    p->raw_n = DCR_RAW_NONE;
    p->is_creator = g % 2 == 1 && e >= 0x10 && e <= 0xFF;
    return complete(t, p) ? t->n++ : DCR_PATH_NONE;
}

static uint32_t find(dcr_pathtab *t, uint32_t parent, uint32_t tag, uint32_t creator)
{
    size_t k;
    uint32_t id;
    if (((size_t)t->n + 1) * 2 > t->n_slots && !rehash(t))
        return DCR_PATH_NONE;
    k = slot_of(t, parent, tag, creator);
    for (; t->slot[k] != 0; k = (k + 1) & (t->n_slots - 1))
        if (same(&t->path[t->slot[k] - 1], parent, tag, creator))
            return t->slot[k] - 1;
    id = add(t, parent, tag, creator);
    if (id != DCR_PATH_NONE)
        t->slot[k] = id + 1;
    return id;
}

/* Blocks move: the same private element may stand under 10, 11, ... in the next file. */
static uint32_t stable(uint32_t tag, uint32_t creator)
{
    uint32_t g = tag >> 16, e = tag & 0xFFFF;
    if (g % 2 == 0)
        return tag;
    if (e >= 0x10 && e <= 0xFF)
        return g << 16 | 0x10;
    return creator == DCR_DICT_NONE ? tag : g << 16 | 0x1000 | (e & 0xFF);
}

uint32_t dcr_pathtab_get(dcr_pathtab *t, uint32_t parent, uint32_t before, uint32_t tag,
                         uint32_t creator)
{
    uint32_t id = dcr_pathtab_likely(t, parent, before);
    tag = stable(tag, creator);
    if (id != DCR_PATH_NONE && same(&t->path[id], parent, tag, creator))
        return id;
    id = find(t, parent, tag, creator);
    if (before != DCR_PATH_NONE)
        t->path[before].next = id;
    else
        t->path[parent].first = id;
    return id;
}

uint32_t dcr_pathtab_sub(dcr_pathtab *t, uint32_t parent, const char *name)
{
    uint32_t id = dcr_dict_add(&t->creators, name, strlen(name), 1);
    return id == DCR_DICT_NONE ? DCR_PATH_NONE : find(t, parent, SUB_TAG, id);
}
