/* Concepts, hierarchies and adversaries: what somebody may know of a person or an exam.
 */
#include <stdlib.h>
#include <string.h>

#include "ruleset.h"

/* ---- hierarchies.json ---- */

static dcr_status load_hierarchies(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    json_t *root = NULL, *map, *v;
    const char *id;
    dcr_status st = dcr_load_json(r, "hierarchies.json", &file, &root, err);
    if (st != DCR_OK)
        return st;
    dcr_param_src src = {file, &r->arena};
    map = json_object_get(root, "levels");
    r->hierarchies =
        dcr_arena_alloc(&r->arena, json_object_size(map), sizeof *r->hierarchies);
    if (r->hierarchies == NULL)
        st = dcr_nomem(err);
    json_object_foreach(map, id, v)
    {
        const dcr_param spec[] = {
            {id, DCR_P_STRINGS, offsetof(dcr_hierarchy, levels), true},
            {NULL, DCR_P_STRING, 0, false}};
        dcr_hierarchy *h;
        json_t *one;
        if (st != DCR_OK)
            break;
        h = &r->hierarchies[r->n_hierarchies++];
        h->id = dcr_arena_str(&r->arena, id);
        one = json_pack("{sO}", id, v);
        st = h->id == NULL || one == NULL ? dcr_nomem(err)
                                          : dcr_params_read(&src, one, spec, h, err);
        json_decref(one);
        if (st == DCR_OK && h->levels.n == 0)
            st = dcr_rule_fail(file, id, err, "a hierarchy needs a level");
    }
    json_decref(root);
    return st;
}

static const dcr_hierarchy *find_hierarchy(const dcr_rules *r, const char *id)
{
    for (size_t i = 0; i < r->n_hierarchies; i++)
        if (strcmp(r->hierarchies[i].id, id) == 0)
            return &r->hierarchies[i];
    return NULL;
}

/* ---- concepts.json ---- */

typedef struct concept_row {
    const char *id, *title, *level, *hierarchy, *derive, *fixed;
    dcr_strings carriers;
} concept_row;

static const dcr_param concept_spec[] = {
    {"id", DCR_P_STRING, offsetof(concept_row, id), true},
    {"title", DCR_P_STRING, offsetof(concept_row, title), true},
    {"level", DCR_P_STRING, offsetof(concept_row, level), true},
    {"hierarchy", DCR_P_STRING, offsetof(concept_row, hierarchy), true},
    {"carriers", DCR_P_STRINGS, offsetof(concept_row, carriers), true},
    {"derive", DCR_P_STRING, offsetof(concept_row, derive), false},
    {"fixed", DCR_P_STRING, offsetof(concept_row, fixed), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status check_concept(const dcr_rules *r, const dcr_rule_file *file,
                                const concept_row *w, dcr_concept *c, dcr_err *err)
{
    if (!dcr_level_of(w->level, &c->level) || c->level < DCR_LEVEL_PATIENT ||
        c->level > DCR_LEVEL_SERIES)
        return dcr_rule_fail(file, w->id, err, "level must be patient, study or series");
    if (find_hierarchy(r, w->hierarchy) == NULL)
        return dcr_rule_fail(file, w->id, err, "no hierarchy \"%.40s\"", w->hierarchy);
    if (strcmp(w->derive, "") != 0 && strcmp(w->derive, "age") != 0 &&
        strcmp(w->derive, "site") != 0)
        return dcr_rule_fail(file, w->id, err,
                             "derive must be \"\", \"age\" or \"site\"");
    for (size_t i = 0; i < w->carriers.n; i++) {
        dcr_path_tail tail;
        uint32_t tag;
        dcr_path_split(w->carriers.s[i], &tail);
        if (!dcr_tag_of(tail.seg, tail.n_seg, &tag))
            return dcr_rule_fail(file, w->carriers.s[i], err, "not a path: \"%.60s\"",
                                 w->carriers.s[i]);
    }
    return DCR_OK;
}

static dcr_status read_concept(dcr_rules *r, const dcr_param_src *src, const json_t *e,
                               dcr_err *err)
{
    concept_row w = {0};
    dcr_concept *c = &r->concepts[r->n_concepts];
    dcr_status st = dcr_params_read(src, e, concept_spec, &w, err);
    if (st == DCR_OK)
        st = check_concept(r, src->file, &w, c, err);
    if (st != DCR_OK)
        return st;
    c->id = w.id;
    c->title = w.title;
    c->hierarchy = w.hierarchy;
    c->carriers = w.carriers.s;
    c->n_carriers = w.carriers.n;
    c->derive = w.derive;
    r->fixed[r->n_concepts] = w.fixed;
    for (size_t i = 0; i < r->n_concepts; i++)
        if (strcmp(r->concepts[i].id, c->id) == 0)
            return dcr_rule_fail(src->file, c->id, err, "two concepts \"%.40s\"", c->id);
    r->n_concepts++;
    return DCR_OK;
}

/* By path, then by concept: an attribute that carries two concepts counts for the first.
 */
static int by_path(const void *a, const void *b)
{
    const dcr_carrier_info *x = a, *y = b;
    int c = strcmp(x->path, y->path);
    return c != 0 ? c : (x->concept > y->concept) - (x->concept < y->concept);
}

static dcr_status index_carriers(dcr_rules *r, dcr_err *err)
{
    size_t n = 0;
    for (size_t c = 0; c < r->n_concepts; c++)
        n += r->concepts[c].n_carriers;
    r->carriers = dcr_arena_alloc(&r->arena, n, sizeof *r->carriers);
    if (r->carriers == NULL)
        return dcr_nomem(err);
    for (size_t c = 0; c < r->n_concepts; c++)
        for (size_t i = 0; i < r->concepts[c].n_carriers; i++)
            r->carriers[r->n_carriers++] =
                (dcr_carrier_info){r->concepts[c].carriers[i], (int)c};
    qsort(r->carriers, r->n_carriers, sizeof *r->carriers, by_path);
    n = 0;
    for (size_t i = 0; i < r->n_carriers; i++)
        if (n == 0 || strcmp(r->carriers[n - 1].path, r->carriers[i].path) != 0)
            r->carriers[n++] = r->carriers[i];
    r->n_carriers = n;
    return DCR_OK;
}

static dcr_status mark_link_keys(dcr_rules *r, const dcr_rule_file *file,
                                 const json_t *list, dcr_err *err)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *tag = json_string_value(json_array_get(list, i));
        bool found = false;
        uint32_t t = 0;
        if (tag == NULL || !dcr_tag_of(tag, strlen(tag), &t))
            return dcr_rule_fail(file, "link_keys", err, "link keys must be tags");
        for (size_t k = 0; k < r->n_tags; k++) {
            if (r->tags[k].tag == t) {
                r->tags[k].link_key = true;
                found = true;
            }
        }
        if (!found)
            return dcr_rule_fail(file, tag, err, "link key %s has no role", tag);
    }
    return DCR_OK;
}

static dcr_status load_concepts(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    json_t *root = NULL, *list;
    dcr_status st = dcr_load_json(r, "concepts.json", &file, &root, err);
    if (st != DCR_OK)
        return st;
    dcr_param_src src = {file, &r->arena};
    list = json_object_get(root, "concepts");
    r->concepts = dcr_arena_alloc(&r->arena, json_array_size(list), sizeof *r->concepts);
    r->fixed = dcr_arena_alloc(&r->arena, json_array_size(list), sizeof *r->fixed);
    if (r->concepts == NULL || r->fixed == NULL)
        st = dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < json_array_size(list); i++)
        st = read_concept(r, &src, json_array_get(list, i), err);
    if (st == DCR_OK)
        st = index_carriers(r, err);
    if (st == DCR_OK)
        st = mark_link_keys(r, file, json_object_get(root, "link_keys"), err);
    json_decref(root);
    return st;
}

/* ---- adversaries.json ---- */

typedef struct adversary_row {
    const char *id, *title, *target, *extends, *note;
    dcr_strings knows;
    bool subtract_site;
} adversary_row;

static const dcr_param adversary_spec[] = {
    {"id", DCR_P_STRING, offsetof(adversary_row, id), true},
    {"title", DCR_P_STRING, offsetof(adversary_row, title), true},
    {"target", DCR_P_STRING, offsetof(adversary_row, target), true},
    {"extends", DCR_P_STRING, offsetof(adversary_row, extends), false},
    {"knows", DCR_P_STRINGS, offsetof(adversary_row, knows), true},
    {"subtract_site", DCR_P_BOOL, offsetof(adversary_row, subtract_site), false},
    {"note", DCR_P_STRING, offsetof(adversary_row, note), false},
    {NULL, DCR_P_STRING, 0, false},
};

/* "age@1y" or "sex" as a concept and a level of its hierarchy. */
static dcr_status read_known(const dcr_rules *r, const dcr_rule_file *file,
                             const char *text, size_t *concept, const char **level,
                             dcr_err *err)
{
    const char *at = strchr(text, '@');
    size_t n = at == NULL ? strlen(text) : (size_t)(at - text), c = 0;
    const dcr_hierarchy *h;
    while (c < r->n_concepts &&
           (strlen(r->concepts[c].id) != n || memcmp(r->concepts[c].id, text, n) != 0))
        c++;
    if (c == r->n_concepts)
        return dcr_rule_fail(file, text, err, "no concept \"%.60s\"", text);
    h = find_hierarchy(r, r->concepts[c].hierarchy);
    *concept = c;
    *level = h->levels.s[0];
    for (size_t i = 0; at != NULL && i < h->levels.n; i++) {
        if (strcmp(h->levels.s[i], at + 1) == 0) {
            *level = h->levels.s[i];
            return DCR_OK;
        }
    }
    return at == NULL
               ? DCR_OK
               : dcr_rule_fail(file, text, err, "hierarchy \"%s\" has no level \"%.40s\"",
                               h->id, at + 1);
}

static const dcr_adversary *find_adversary(const dcr_rules *r, const char *id)
{
    for (size_t i = 0; i < r->n_adversaries; i++)
        if (strcmp(r->adversaries[i].id, id) == 0)
            return &r->adversaries[i];
    return NULL;
}

/* levels[c] is the level at which concept c is known, NULL when it is not. */
static dcr_status read_knows(const dcr_rules *r, const dcr_rule_file *file,
                             const adversary_row *w, const char **levels, dcr_err *err)
{
    dcr_status st = DCR_OK;
    if (w->extends[0] != '\0') {
        const dcr_adversary *base = find_adversary(r, w->extends);
        if (base == NULL)
            return dcr_rule_fail(file, w->id, err,
                                 "no adversary \"%.40s\" stands before it", w->extends);
        for (size_t i = 0; i < base->n_knows; i++)
            levels[base->knows[i].concept] = base->knows[i].level;
    }
    for (size_t i = 0; st == DCR_OK && i < w->knows.n; i++) {
        const char *level = NULL;
        size_t c = 0;
        st = read_known(r, file, w->knows.s[i], &c, &level, err);
        if (st == DCR_OK)
            levels[c] = level;
    }
    return st;
}

static dcr_status read_adversary(dcr_rules *r, const dcr_param_src *src, const json_t *e,
                                 dcr_err *err)
{
    adversary_row w = {0};
    dcr_known *knows;
    const char **levels;
    size_t n = 0;
    dcr_status st = dcr_params_read(src, e, adversary_spec, &w, err);
    if (st != DCR_OK)
        return st;
    if (strcmp(w.target, "prosecutor") != 0 && strcmp(w.target, "linkage") != 0)
        return dcr_rule_fail(src->file, w.id, err,
                             "target must be prosecutor or linkage");
    if (find_adversary(r, w.id) != NULL)
        return dcr_rule_fail(src->file, w.id, err, "two adversaries \"%.40s\"", w.id);
    levels = dcr_arena_alloc(&r->arena, r->n_concepts, sizeof *levels);
    knows = dcr_arena_alloc(&r->arena, r->n_concepts, sizeof *knows);
    if (levels == NULL || knows == NULL)
        return dcr_nomem(err);
    st = read_knows(r, src->file, &w, levels, err);
    for (size_t c = 0; c < r->n_concepts; c++)
        if (levels[c] != NULL)
            knows[n++] = (dcr_known){c, levels[c]};
    r->adversaries[r->n_adversaries++] =
        (dcr_adversary){w.id, w.title, w.target, knows, n, w.subtract_site, w.note};
    return st;
}

static dcr_status load_adversaries(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    json_t *root = NULL, *list;
    dcr_status st = dcr_load_json(r, "adversaries.json", &file, &root, err);
    if (st != DCR_OK)
        return st;
    dcr_param_src src = {file, &r->arena};
    list = json_object_get(root, "adversaries");
    r->adversaries =
        dcr_arena_alloc(&r->arena, json_array_size(list), sizeof *r->adversaries);
    if (r->adversaries == NULL)
        st = dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < json_array_size(list); i++)
        st = read_adversary(r, &src, json_array_get(list, i), err);
    json_decref(root);
    return st;
}

dcr_status dcr_load_knowledge(dcr_rules *r, dcr_err *err)
{
    dcr_status st = load_hierarchies(r, err);
    if (st == DCR_OK)
        st = load_concepts(r, err);
    if (st == DCR_OK)
        st = load_adversaries(r, err);
    return st;
}
