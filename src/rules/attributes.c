/* What is known of standard attributes: attributes.json, PS3.15's table, the VR. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "option_table.h"
#include "ruleset.h"

static const char *const level_names[] = {"unknown", "patient",   "study",
                                          "series",  "equipment", "instance"};
static const char *const role_names[] = {
#define DCR_ROLE(id, name, title) name,
#include "dcmrisk/roles.def"
#undef DCR_ROLE
};

static bool index_of(const char *const *names, size_t n, const char *name, size_t *out)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

bool dcr_role_of(const char *name, dcr_role *out)
{
    size_t i = 0;
    bool found = index_of(role_names, DCR_ROLE_N, name, &i);
    *out = (dcr_role)i;
    return found;
}

bool dcr_level_of(const char *name, dcr_level *out)
{
    size_t i = 0;
    bool found =
        index_of(level_names, sizeof level_names / sizeof *level_names, name, &i);
    *out = (dcr_level)i;
    return found;
}

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c == 'x' || c == 'X' ? 0 : -1;
}

bool dcr_tag_of(const char *p, size_t n, uint32_t *out)
{
    uint32_t v = 0;
    if (n != 9 || p[4] != ',')
        return false;
    for (size_t i = 0; i < 9; i++) {
        int d = i == 4 ? 0 : hex_of(p[i]);
        if (d < 0)
            return false;
        if (i != 4)
            v = v << 4 | (uint32_t)d;
    }
    *out = v;
    return true;
}

static int by_tag(const void *a, const void *b)
{
    uint32_t x = ((const dcr_tag_info *)a)->tag, y = ((const dcr_tag_info *)b)->tag;
    return (x > y) - (x < y);
}

static const dcr_tag_info *find_tag(const dcr_tag_info *tags, size_t n, uint32_t tag)
{
    dcr_tag_info key = {.tag = tag};
    return n == 0 ? NULL : bsearch(&key, tags, n, sizeof *tags, by_tag);
}

const dcr_tag_info *dcr_rules_tag(const dcr_rules *r, uint32_t tag)
{
    uint32_t group = tag >> 16;
    bool repeating = group % 2 == 0 && ((group >= 0x5000 && group <= 0x501E) ||
                                        (group >= 0x6000 && group <= 0x601E));
    const dcr_tag_info *t;
    if (!repeating)
        return find_tag(r->tags, r->n_tags, tag);
    t = find_tag(r->tags, r->n_tags, (tag & 0xFF00FFFF));
    /* "50xx,xxxx": the whole group is one attribute of the table. */
    return t != NULL ? t : find_tag(r->tags, r->n_tags, tag & 0xFF000000);
}

typedef struct row {
    const char *tag, *keyword, *vr, *level, *role, *family, *hierarchy, *hipaa;
} row;

static const dcr_param row_spec[] = {
    {"tag", DCR_P_STRING, offsetof(row, tag), true},
    {"keyword", DCR_P_STRING, offsetof(row, keyword), true},
    {"vr", DCR_P_STRING, offsetof(row, vr), true},
    {"level", DCR_P_STRING, offsetof(row, level), true},
    {"role", DCR_P_STRING, offsetof(row, role), true},
    {"family", DCR_P_STRING, offsetof(row, family), true},
    {"hierarchy", DCR_P_STRING, offsetof(row, hierarchy), false},
    {"hipaa", DCR_P_STRING, offsetof(row, hipaa), false},
    {NULL, DCR_P_STRING, 0, false},
};

static void set_vr(dcr_tag_info *t, const char *vr)
{
    size_t n = strlen(vr);
    memcpy(t->vr, vr, n < 3 ? n : 3);
}

static dcr_status own_row(const dcr_param_src *src, const json_t *e, dcr_tag_info *t,
                          dcr_err *err)
{
    row w = {0};
    dcr_status st = dcr_params_read(src, e, row_spec, &w, err);
    if (st != DCR_OK)
        return st;
    if (!dcr_tag_of(w.tag, strlen(w.tag), &t->tag))
        return dcr_rule_fail(src->file, w.tag, err, "not a tag: \"%.20s\"", w.tag);
    if (!dcr_role_of(w.role, &t->role))
        return dcr_rule_fail(src->file, w.tag, err, "no role \"%.40s\"", w.role);
    if (!dcr_level_of(w.level, &t->level))
        return dcr_rule_fail(src->file, w.tag, err, "no level \"%.40s\"", w.level);
    set_vr(t, w.vr);
    t->keyword = w.keyword[0] == '\0' ? NULL : w.keyword;
    t->family = w.family;
    return DCR_OK;
}

/* Room for n more rows; rows stay where they are in order. */
static bool more_tags(dcr_rules *r, size_t n)
{
    dcr_tag_info *t = dcr_arena_alloc(&r->arena, r->n_tags + n, sizeof *t);
    if (t == NULL)
        return false;
    if (r->n_tags > 0)
        memcpy(t, r->tags, r->n_tags * sizeof *t);
    r->tags = t;
    return true;
}

static dcr_status load_own(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    json_t *root = NULL, *list = NULL;
    dcr_status st = dcr_load_json(r, "attributes.json", &file, &root, err);
    if (st != DCR_OK)
        return st;
    dcr_param_src src = {file, &r->arena};
    list = json_object_get(root, "attributes");
    if (!json_is_array(list))
        st = dcr_rule_fail(file, NULL, err, "\"attributes\" must be a list");
    else if (!more_tags(r, json_array_size(list)))
        st = dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < json_array_size(list); i++)
        st = own_row(&src, json_array_get(list, i), &r->tags[r->n_tags++], err);
    json_decref(root);
    if (st != DCR_OK)
        return st;
    qsort(r->tags, r->n_tags, sizeof *r->tags, by_tag);
    for (size_t i = 1; i < r->n_tags; i++)
        if (r->tags[i].tag == r->tags[i - 1].tag)
            return dcr_rule_fail(file, NULL, err, "(%04X,%04X) stands there twice",
                                 r->tags[i].tag >> 16, r->tags[i].tag & 0xFFFF);
    return DCR_OK;
}

static dcr_role family_role(const dcr_rules *r, const char *family)
{
    for (size_t i = 0; i < r->n_families; i++)
        if (strcmp(r->families[i].family, family) == 0)
            return r->families[i].role;
    return DCR_ROLE_UNKNOWN;
}

static dcr_status load_families(dcr_rules *r, const dcr_rule_file *file, json_t *map,
                                dcr_err *err)
{
    const char *key;
    json_t *v;
    r->families = dcr_arena_alloc(&r->arena, json_object_size(map), sizeof *r->families);
    if (r->families == NULL)
        return dcr_nomem(err);
    json_object_foreach(map, key, v)
    {
        dcr_family_info *f = &r->families[r->n_families++];
        f->family = dcr_arena_str(&r->arena, key);
        if (f->family == NULL)
            return dcr_nomem(err);
        if (!json_is_string(v) || !dcr_role_of(json_string_value(v), &f->role))
            return dcr_rule_fail(file, key, err, "no such role");
    }
    return DCR_OK;
}

/* The family string of the table itself: rows share it. */
static const char *shared_family(const dcr_rules *r, const char *family)
{
    for (size_t i = 0; i < r->n_families; i++)
        if (strcmp(r->families[i].family, family) == 0)
            return r->families[i].family;
    return "";
}

/* Rows of PS3.15 that attributes.json does not have. */
static dcr_status profile_row(dcr_rules *r, const dcr_rule_file *file, size_t n_own,
                              const json_t *e, dcr_err *err)
{
    const char *tag = json_string_value(json_object_get(e, "tag"));
    const char *keyword = json_string_value(json_object_get(e, "keyword"));
    const char *vr = json_string_value(json_object_get(e, "vr"));
    const char *family = json_string_value(json_object_get(e, "family"));
    dcr_tag_info t = {0};
    if (tag == NULL || keyword == NULL || vr == NULL || family == NULL)
        return dcr_rule_fail(file, tag, err, "tag, keyword, vr and family are wanted");
    if (!dcr_tag_of(tag, strlen(tag), &t.tag))
        return dcr_rule_fail(file, tag, err, "not a tag: \"%.20s\"", tag);
    if (find_tag(r->tags, n_own, t.tag) != NULL)
        return DCR_OK;
    t.role = strcmp(vr, "SQ") == 0 ? DCR_ROLE_CONTAINER : family_role(r, family);
    t.family = shared_family(r, family);
    t.keyword = keyword[0] == '\0' ? NULL : dcr_arena_str(&r->arena, keyword);
    if (keyword[0] != '\0' && t.keyword == NULL)
        return dcr_nomem(err);
    set_vr(&t, vr);
    r->tags[r->n_tags++] = t;
    return DCR_OK;
}

static dcr_status load_roles(dcr_rules *r, const dcr_rule_file *file, json_t *root,
                             dcr_err *err)
{
    json_t *list = json_object_get(root, "attributes");
    const char *edition = json_string_value(json_object_get(root, "edition"));
    size_t n_own = r->n_tags;
    dcr_status st;
    if (!json_is_array(list) || edition == NULL)
        return dcr_rule_fail(file, NULL, err,
                             "\"edition\" and \"attributes\" are wanted");
    r->edition = dcr_arena_str(&r->arena, edition);
    if (r->edition == NULL || !more_tags(r, json_array_size(list)))
        return dcr_nomem(err);
    st = load_families(r, file, json_object_get(root, "family_role"), err);
    for (size_t i = 0; st == DCR_OK && i < json_array_size(list); i++)
        st = profile_row(r, file, n_own, json_array_get(list, i), err);
    qsort(r->tags, r->n_tags, sizeof *r->tags, by_tag);
    return st;
}

static dcr_status load_vrs(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    json_t *root = NULL, *map, *v;
    const char *vr;
    dcr_status st = dcr_load_json(r, "vr-fallback.json", &file, &root, err);
    if (st != DCR_OK)
        return st;
    map = json_object_get(root, "vrs");
    r->vrs = dcr_arena_alloc(&r->arena, json_object_size(map), sizeof *r->vrs);
    if (r->vrs == NULL)
        st = dcr_nomem(err);
    json_object_foreach(map, vr, v)
    {
        const char *role = json_string_value(json_object_get(v, "role"));
        const char *family = json_string_value(json_object_get(v, "family"));
        dcr_vr_info *i;
        if (st != DCR_OK)
            break;
        i = &r->vrs[r->n_vrs++];
        if (role == NULL || family == NULL || !dcr_role_of(role, &i->role)) {
            st = dcr_rule_fail(file, vr, err, "role and family are wanted");
            break;
        }
        i->vr = dcr_arena_str(&r->arena, vr);
        i->family = dcr_arena_str(&r->arena, family);
        if (i->vr == NULL || i->family == NULL)
            st = dcr_nomem(err);
    }
    json_decref(root);
    return st;
}

dcr_status dcr_load_attributes(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    json_t *root = NULL;
    dcr_status st = load_own(r, err);
    if (st == DCR_OK)
        st = dcr_load_json(r, "confidentiality-profile.json", &file, &root, err);
    if (st == DCR_OK)
        st = load_roles(r, file, root, err);
    if (st == DCR_OK)
        st = dcr_load_profile(r, file, root, err);
    if (st == DCR_OK)
        st = dcr_load_option_table(r, file, root, err);
    json_decref(root);
    if (st == DCR_OK)
        st = load_vrs(r, err);
    return st;
}
