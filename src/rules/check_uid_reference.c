/* The graph of UIDs: what objects refer to must have been replaced in the same way as
 * what it refers to. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "detect.h"
#include "dict.h"
#include "link_judge.h"
#include "link_key.h"
#include "plural.h"

enum { STYLE_ARCS = 6, RANDOM_ARC_MIN = 16, UUID_DIGITS_MAX = 39 };

typedef struct params {
    dcr_strings targets; /* pairs: end of a path, path of the UID it refers to or "*" */
    bool unresolved;     /* alike, but of nothing in the release */
    bool by_tool;        /* made otherwise, by a tool; neither: by anybody else */
} params;

static const dcr_param spec[] = {
    {"targets", DCR_P_PAIRS, offsetof(params, targets), true},
    {"unresolved", DCR_P_BOOL, offsetof(params, unresolved), false},
    {"by_tool", DCR_P_BOOL, offsetof(params, by_tool), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    (void)r;
    *out = p;
    return p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
}

/* ---- style: who made a UID, and how ---- */

/* Length of the part of a UID that tells its style, by its root (NULL: none known);
 * *wide: a UUID that is none. */
static size_t style_of(const dcr_uid_root *root, const uint8_t *p, size_t n,
                       uint32_t *wide)
{
    size_t arc = dcr_last_arc(p, n), i = 0, arcs = 0;
    *wide = 0;
    if (root != NULL) {
        *wide = strcmp(root->kind, "uuid") == 0 && n - arc > UUID_DIGITS_MAX;
        return root->n;
    }
    if (n - arc >= RANDOM_ARC_MIN)
        return arc;
    while (i < arc && arcs < STYLE_ARCS)
        arcs += p[i++] == '.';
    return i;
}

/* Roots of the values of a key, NULL when they were not looked up. */
static const dcr_uid_root *const *roots_of(const dcr_check_run *c,
                                           const dcr_link_key *key)
{
    const dcr_link_keys *all = c->evidence->links;
    return key == NULL ? NULL
                       : (const dcr_uid_root *const *)dcr_link_judged_of(
                             all, (size_t)(key - all->list))
                             ->root;
}

/* A UID that somebody gave to an object: not one of a registry.  The i-th value. */
static bool usable(const dcr_check_run *c, const dcr_attr *a, size_t i,
                   const dcr_uid_root *const *roots, const dcr_uid_root **root)
{
    const dcr_value *v = &a->values[i];
    if (!dcr_value_real(v) || !dcr_value_text(v))
        return false;
    *root = roots != NULL ? roots[i] : dcr_rules_uid_root(c->rules, v->bytes, v->len);
    return *root == NULL || strcmp((*root)->kind, "registry") != 0;
}

/* The UIDs of patients' objects: a reference to any of them may be meant. */
static const char *const identity[] = {"0008,0018", "0020,000D", "0020,000E",
                                       "0020,0052"};
enum { IDENTITIES = sizeof identity / sizeof *identity };

typedef struct release {             /* how the release's own UIDs are made */
    dcr_dict styles[IDENTITIES + 1]; /* the last: of all of them */
    bool replaced[IDENTITIES];
} release;

static dcr_status add_styles(const dcr_check_run *c, size_t which, release *o,
                             dcr_err *err)
{
    const dcr_link_key *key = dcr_link_key_of(c->evidence->links, identity[which]);
    const dcr_attr *a = key == NULL ? NULL : key->seen;
    const dcr_uid_root *const *roots = roots_of(c, key);
    dcr_dict *own = &o->styles[which], *all = &o->styles[IDENTITIES];
    for (size_t i = 0; a != NULL && i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        const dcr_uid_root *root;
        uint32_t wide, before = own->n;
        size_t n;
        if (!usable(c, a, i, roots, &root))
            continue;
        n = style_of(root, v->bytes, v->len, &wide);
        if (dcr_dict_add(own, v->bytes, n, wide) == DCR_DICT_NONE ||
            (own->n > before && dcr_dict_add(all, v->bytes, n, wide) == DCR_DICT_NONE))
            return dcr_nomem(err);
    }
    return DCR_OK;
}

/* Where the release's own UIDs were not replaced, there is nothing to differ from: that
 * is another finding. */
static bool was_replaced(const dcr_check_run *c, const char *path)
{
    const dcr_link_key *k = dcr_link_key_of(c->evidence->links, path);
    return k != NULL && k->values > 0 &&
           k->in_state[DCR_LINK_SOURCE_LIKE] * 2 < k->values;
}

static void drop_release(void *p)
{
    release *o = p;
    for (size_t k = 0; k <= IDENTITIES; k++)
        dcr_dict_clear(&o->styles[k]);
    dcr_free(o);
}

static dcr_status build_release(const dcr_check_run *c, void **out, dcr_err *err)
{
    release *o = dcr_alloc(1, sizeof *o);
    dcr_status st = o == NULL ? dcr_nomem(err) : DCR_OK;
    *out = o;
    for (size_t k = 0; st == DCR_OK && k < IDENTITIES; k++) {
        o->replaced[k] = was_replaced(c, identity[k]);
        st = add_styles(c, k, o, err);
    }
    return st;
}

/* ---- references ---- */

static bool ends_with(const char *path, const char *end)
{
    size_t n = strlen(path), k = strlen(end);
    return n >= k && strcmp(path + n - k, end) == 0 && (n == k || path[n - k - 1] == '/');
}

/* What an attribute refers to: the longest end of its path that is listed; "" nothing. */
static const char *target_of(const params *p, const dcr_attr *a)
{
    const char *best = "";
    size_t len = 0;
    for (size_t i = 0; i < p->targets.n; i += 2)
        if (strlen(p->targets.s[i]) > len && ends_with(a->path, p->targets.s[i])) {
            len = strlen(p->targets.s[i]);
            best = p->targets.s[i + 1];
        }
    return strcmp(best, a->path) == 0 ? "" : best; /* the UID itself */
}

static bool holds(const dcr_attr *a, const dcr_value *v)
{
    size_t lo = 0, hi = a->n_values;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const dcr_value *w = &a->values[mid];
        int d = memcmp(w->bytes, v->bytes, w->len < v->len ? w->len : v->len);
        d = d != 0 ? d : (w->len > v->len) - (w->len < v->len);
        if (d == 0)
            return true;
        if (d < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

static dcr_status judge(const dcr_check_run *c, const params *p, const dcr_attr *a,
                        const char *target, const dcr_dict *styles, dcr_err *err)
{
    const dcr_attr *to = dcr_check_attr(c, target);
    const dcr_link_key *key = dcr_link_key_of(c->evidence->links, a->path);
    const dcr_attr *seen = key == NULL ? a : key->seen;
    const dcr_uid_root *const *roots = roots_of(c, key);
    uint64_t real = 0, vendor = 0;
    char detail[200];
    dcr_hit hit;
    dcr_hit_init(&hit, a);
    for (size_t i = 0; i < seen->n_values; i++) {
        const dcr_value *v = &seen->values[i];
        dcr_link_state state;
        const dcr_uid_root *root;
        uint32_t wide;
        size_t n;
        bool alike;
        if (!usable(c, seen, i, roots, &root))
            continue;
        real++;
        n = style_of(root, v->bytes, v->len, &wide);
        alike = dcr_dict_find(styles, v->bytes, n, wide) != DCR_DICT_NONE;
        state = dcr_link_uid(root, v->bytes, v->len);
        if (p->unresolved ? !alike || to == NULL || !to->exact || holds(to, v)
                          : alike || p->by_tool != (state == DCR_LINK_REPLACED))
            continue;
        vendor += state == DCR_LINK_SOURCE_LIKE;
        dcr_hit_value(&hit, v);
    }
    if (vendor == 0 && c->rule->severity > DCR_MEDIUM)
        hit.severity = DCR_MEDIUM; /* a root that nobody knows need not be the source's */
    snprintf(detail, sizeof detail, "%llu of %llu %s%s", (unsigned long long)hit.n_values,
             (unsigned long long)real, dcr_plural((double)real, "references"),
             vendor > 0 ? ", with UIDs of a scanner's maker among them" : "");
    hit.detail = detail;
    return dcr_check_add(c, &hit, err);
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    void *shared = NULL;
    const release *own;
    dcr_status st = dcr_check_shared(c, DCR_SHARED_UID_STYLES, build_release,
                                     drop_release, &shared, err);
    own = shared;
    for (size_t i = 0; st == DCR_OK && i < c->model->n_attrs; i++) {
        const dcr_attr *a = &c->model->attrs[i];
        const char *target =
            a->creator == NULL && strcmp(a->vr, "UI") == 0 ? target_of(p, a) : "";
        size_t k = 0;
        if (strcmp(target, "*") == 0 && own->replaced[1])
            st = judge(c, p, a, target, &own->styles[IDENTITIES], err);
        while (k < IDENTITIES && strcmp(identity[k], target) != 0)
            k++;
        if (st == DCR_OK && k < IDENTITIES && own->replaced[k])
            st = judge(c, p, a, target, &own->styles[k], err);
    }
    return st;
}

const dcr_check dcr_check_uid_reference = {
    "uid_reference", "references whose UIDs were not replaced as what they refer to",
    DCR_PHASE_FIRST, compile, run};
