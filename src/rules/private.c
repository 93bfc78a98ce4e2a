/* The dictionary of private elements: private.json. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "deid.h"
#include "ruleset.h"

enum { CREATOR_MAX = 256 };

typedef struct creator_row {
    const char *creator, *note;
    const json_t *lists[9]; /* as in kinds[] */
} creator_row;

static const struct {
    const char *name;
    dcr_private_kind kind;
} kinds[] = {
    {"safe", DCR_PRIVATE_SAFE},
    {"caution", DCR_PRIVATE_SAFE},
    {"keep", DCR_PRIVATE_KEEP},
    {"harmless", DCR_PRIVATE_HARMLESS},
    {"identifying", DCR_PRIVATE_IDENTIFYING},
    {"linking", DCR_PRIVATE_LINKING},
    {"remove", DCR_PRIVATE_REMOVE},
    {"review", DCR_PRIVATE_REVIEW},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* Creators are compared without case and with runs of blanks as one: writers differ in
 * both. Returns the length, 0 when there is nothing or it is too long to be in a table.
 */
static size_t normal_creator(const char *p, size_t n, char out[CREATOR_MAX])
{
    size_t o = 0;
    while (n > 0 && p[n - 1] == ' ')
        n--;
    for (size_t i = 0; i < n; i++) {
        char c = p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c == ' ' && (o == 0 || out[o - 1] == ' '))
            continue;
        if (o == CREATOR_MAX)
            return 0;
        out[o++] = c;
    }
    return o;
}

static uint32_t elem_key(uint32_t tag)
{
    return (tag >> 16) << 8 | (tag & 0xFF);
}

static int by_key(const void *a, const void *b)
{
    const dcr_private_elem *x = a, *y = b;
    if (x->creator != y->creator)
        return x->creator < y->creator ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

/* Equal texts are stored once: many elements hold the same kind of thing. */
static const char *shared(dcr_rules *r, dcr_dict *texts, const char *s)
{
    uint32_t k = dcr_dict_add(texts, s, strlen(s), 0);
    if (k == DCR_DICT_NONE)
        return NULL;
    (void)r;
    return texts->entry[k].p;
}

typedef struct elem_sink {
    dcr_rules *r;
    const dcr_rule_file *file;
    size_t cap;
    uint32_t creator;
    dcr_private_kind kind;
} elem_sink;

static dcr_status add_elem(elem_sink *s, const char *elem, const char *holds,
                           dcr_err *err)
{
    dcr_private_elem *e;
    uint32_t tag;
    if (elem == NULL || holds == NULL || !dcr_tag_of(elem, strlen(elem), &tag))
        return dcr_rule_fail(s->file, elem, err, "not a private element");
    if (!dcr_grow(&s->r->privates, &s->cap, s->r->n_privates + 1, sizeof *e))
        return dcr_nomem(err);
    e = &s->r->privates[s->r->n_privates++];
    e->creator = s->creator;
    e->key = elem_key(tag);
    e->kind = s->kind;
    /* Lives in the dictionary of creators under another tag, so that equal ones are one.
     */
    e->holds = holds[0] == '\0' ? "" : shared(s->r, &s->r->creators, holds);
    return e->holds == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status add_list(elem_sink *s, json_t *v, dcr_err *err)
{
    dcr_status st = DCR_OK;
    const char *key;
    json_t *e;
    for (size_t i = 0; st == DCR_OK && i < json_array_size(v); i++)
        st = add_elem(s, json_string_value(json_array_get(v, i)), "", err);
    if (json_is_object(v)) {
        json_object_foreach(v, key, e)
        {
            if (st == DCR_OK)
                st = add_elem(s, key, json_string_value(e), err);
        }
    }
    return st;
}

static dcr_status add_creator(elem_sink *s, json_t *row, dcr_err *err)
{
    const char *name = json_string_value(json_object_get(row, "creator"));
    dcr_status st = DCR_OK;
    char text[CREATOR_MAX];
    const char *key;
    json_t *v;
    size_t n = name == NULL ? 0 : normal_creator(name, strlen(name), text);
    if (n == 0)
        return dcr_rule_fail(s->file, name, err, "a row needs a creator");
    s->creator = dcr_dict_add(&s->r->creators, text, n, 1);
    if (s->creator == DCR_DICT_NONE)
        return dcr_nomem(err);
    json_object_foreach(row, key, v)
    {
        size_t k = 0;
        if (strcmp(key, "creator") == 0 || strcmp(key, "note") == 0)
            continue;
        while (k < N_KINDS && strcmp(kinds[k].name, key) != 0)
            k++;
        if (k == N_KINDS)
            return dcr_rule_fail(s->file, key, err, "unknown key \"%.60s\"", key);
        s->kind = kinds[k].kind;
        st = add_list(s, v, err);
        if (st != DCR_OK)
            return st;
    }
    return st;
}

dcr_status dcr_load_private(dcr_rules *r, dcr_err *err)
{
    json_t *root = NULL, *list;
    elem_sink s = {.r = r};
    dcr_status st = dcr_load_json(r, "private.json", &s.file, &root, err);
    if (st != DCR_OK)
        return st;
    list = json_object_get(root, "creators");
    if (!json_is_array(list))
        st = dcr_rule_fail(s.file, NULL, err, "\"creators\" must be a list");
    for (size_t i = 0; st == DCR_OK && i < json_array_size(list); i++)
        st = add_creator(&s, json_array_get(list, i), err);
    json_decref(root);
    if (st == DCR_OK && r->n_privates > 0)
        qsort(r->privates, r->n_privates, sizeof *r->privates, by_key);
    return st;
}

static const dcr_private_elem *find_elem(const dcr_rules *r, uint32_t creator,
                                         uint32_t tag)
{
    dcr_private_elem key = {.creator = creator, .key = elem_key(tag)};
    if (r->n_privates == 0)
        return NULL;
    return bsearch(&key, r->privates, r->n_privates, sizeof key, by_key);
}

/* Its number, DCR_DICT_NONE when no table knows it. */
static uint32_t find_creator(const dcr_rules *r, const char *p, size_t n)
{
    char text[CREATOR_MAX];
    n = normal_creator(p, n, text);
    return n == 0 ? DCR_DICT_NONE : dcr_dict_find(&r->creators, text, n, 1);
}

bool dcr_rules_creator(const dcr_rules *r, const uint8_t *p, size_t n)
{
    return find_creator(r, (const char *)p, n) != DCR_DICT_NONE ||
           dcr_deid_by_text(r->deid, DCR_DEID_CREATORS, p, n) != 0;
}

bool dcr_rules_private(const dcr_rules *r, const char *path, dcr_private_info *out)
{
    dcr_path_tail t;
    const dcr_private_elem *e;
    uint32_t tag, creator;
    *out = (dcr_private_info){DCR_PRIVATE_UNKNOWN, false, ""};
    dcr_path_split(path, &t);
    if (!dcr_tag_of(t.seg, t.n_seg, &tag) || (tag >> 16) % 2 == 0)
        return false;
    if (t.creator == NULL && (tag & 0xFF00) == 0) {
        out->kind = DCR_PRIVATE_CREATOR;
        return true;
    }
    if (t.n_creator == 0) {
        out->kind = DCR_PRIVATE_ORPHAN;
        return true;
    }
    creator = find_creator(r, t.creator, t.n_creator);
    out->known_creator = creator != DCR_DICT_NONE;
    e = out->known_creator ? find_elem(r, creator, tag) : NULL;
    if (e != NULL) {
        out->kind = e->kind;
        out->holds = e->holds;
    }
    return true;
}
