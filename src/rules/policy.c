/* Policies: criteria with integer k, limits and what happens beyond them. */
#include "policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "json_text.h"
#include "near.h"
#include "ruleset.h"
#include "sha256.h"
#include "strict.h"

/* ---- what may stand in it: one line a key ---------------------------------------------
 */

static const char *const schemas[] = {"dcmrisk-policy/1", NULL};
static const char *const kinds[] = {"below",     "average",  "unique-to-site",
                                    "two-exams", "findings", "coverage",
                                    "pixels",    "bounds",   NULL};
static const char *const results[] = {"fail", "review", "inconclusive", NULL};

static const dcr_field criterion_fields[] = {
    {.name = "id", .kind = DCR_F_TEXT, .required = true},
    {.name = "kind", .kind = DCR_F_WORD, .required = true, .words = kinds},
    {.name = "title", .kind = DCR_F_TEXT, .required = true},
    {.name = "k", .kind = DCR_F_WHOLE, .lo = 2, .hi = 1000000},
    {.name = "at_most", .kind = DCR_F_WHOLE, .hi = UINT64_MAX},
    {.name = "at_most_share", .kind = DCR_F_SHARE},
    {.name = "then", .kind = DCR_F_WORD, .words = results},
    {.name = "acceptable", .kind = DCR_F_FLAG},
    {.name = "source", .kind = DCR_F_TEXT},
    {.name = NULL}};

static const dcr_field fields[] = {
    {.name = "schema",
     .kind = DCR_F_WORD,
     .required = true,
     .words = schemas,
     .want = "\"dcmrisk-policy/1\""},
    {.name = "id", .kind = DCR_F_TEXT, .required = true},
    {.name = "version", .kind = DCR_F_TEXT},
    {.name = "title", .kind = DCR_F_TEXT},
    {.name = "k", .kind = DCR_F_WHOLE, .required = true, .lo = 2, .hi = 1000000},
    {.name = "adversary",
     .kind = DCR_F_TEXT,
     .required = true,
     .want = "the id of an adversary in double quotes; see dcmrisk rules list"},
    {.name = "levels",
     .kind = DCR_F_MAP,
     .want = "an object of concept to level, {\"exam_date\": \"month\"}"},
    {.name = "needs_controls", .kind = DCR_F_FLAG},
    {.name = "acceptance_months", .kind = DCR_F_WHOLE, .lo = 1, .hi = 120},
    {.name = "criteria",
     .kind = DCR_F_LIST,
     .required = true,
     .lo = 1,
     .fields = criterion_fields,
     .want = "a list of at least one criterion, [{...}]"},
    {.name = "source", .kind = DCR_F_TEXT},
    {.name = NULL}};

typedef struct source { /* a policy being read */
    dcr_arena arena;
    dcr_rule_file file;
    dcr_strict strict;
} source;

/* A limit that cannot be read must not become no limit. */
static dcr_status check_limit(const source *s, const dcr_place *at, const json_t *c,
                              dcr_err *err)
{
    if (json_object_get(c, "at_most") != NULL &&
        json_object_get(c, "at_most_share") != NULL)
        return dcr_strict_fail(
            &s->strict, at, "at_most_share", err,
            "a criterion has \"at_most\" or \"at_most_share\", not both: remove one");
    if (strcmp(dcr_json_text(c, "kind"), "below") == 0 && json_object_get(c, "k") == NULL)
        return dcr_strict_fail(&s->strict, at, NULL, err,
                               "\"k\" is missing: a criterion of kind below needs a "
                               "whole number from 2 to 1000000");
    return DCR_OK;
}

static dcr_status check_policy(const source *s, const json_t *j, dcr_err *err)
{
    const json_t *list = json_object_get(j, "criteria");
    const dcr_place criteria = {NULL, "criteria", 0};
    dcr_status rc = dcr_strict_read(&s->strict, NULL, j, fields, NULL, err);
    for (size_t i = 0; rc == DCR_OK && i < json_array_size(list); i++) {
        const dcr_place row = {&criteria, NULL, i};
        rc = check_limit(s, &row, json_array_get(list, i), err);
    }
    return rc;
}

static bool has_level(const dcr_rules *r, const dcr_concept *c, const char *level)
{
    for (size_t i = 0; i < r->n_hierarchies; i++)
        for (size_t k = 0; k < r->hierarchies[i].levels.n; k++)
            if (strcmp(r->hierarchies[i].id, c->hierarchy) == 0 &&
                strcmp(r->hierarchies[i].levels.s[k], level) == 0)
                return true;
    return false;
}

/* Names of the levels of a concept, or of what the adversary knows (c NULL), ended by
 * NULL. */
static void names_of(const dcr_policy *p, const dcr_rules *r, const dcr_concept *c,
                     const char *out[64])
{
    size_t n = 0, n_concepts;
    const dcr_concept *all = dcr_rules_concepts(r, &n_concepts);
    for (size_t i = 0; c == NULL && i < p->adversary.n_knows && n < 63; i++)
        out[n++] = all[p->adversary.knows[i].concept].id;
    for (size_t i = 0; c != NULL && i < r->n_hierarchies; i++)
        for (size_t k = 0; k < r->hierarchies[i].levels.n && n < 63; k++)
            if (strcmp(r->hierarchies[i].id, c->hierarchy) == 0)
                out[n++] = r->hierarchies[i].levels.s[k];
    out[n] = NULL;
}

static dcr_status set_level(dcr_policy *p, const dcr_rules *r, const char *concept,
                            const json_t *level, const source *src, dcr_err *err)
{
    static const dcr_place levels = {NULL, "levels", 0};
    size_t n = 0;
    const dcr_concept *concepts = dcr_rules_concepts(r, &n);
    const char *word = json_string_value(level), *names[64];
    for (size_t i = 0; i < p->adversary.n_knows; i++) {
        const dcr_concept *c = &concepts[p->knows[i].concept];
        if (strcmp(c->id, concept) != 0)
            continue;
        if (!has_level(r, c, word)) {
            names_of(p, r, c, names);
            return dcr_strict_no_word(&src->strict, &levels, concept, word, names, err);
        }
        p->knows[i].level = word;
        return DCR_OK;
    }
    names_of(p, r, NULL, names);
    return dcr_strict_no_word(&src->strict, &levels, concept, concept, names, err);
}

/* The adversary with some of its levels replaced; its id says so. */
static dcr_status own_levels(dcr_policy *p, const dcr_rules *r, const dcr_adversary *a,
                             const json_t *levels, const source *src, dcr_err *err)
{
    dcr_buf id = {0};
    const char *concept;
    json_t *level;
    dcr_status rc = DCR_OK;
    p->knows = dcr_alloc(a->n_knows, sizeof *p->knows);
    if (p->knows == NULL)
        return dcr_nomem(err);
    memcpy(p->knows, a->knows, a->n_knows * sizeof *p->knows);
    dcr_buf_str(&id, a->id);
    json_object_foreach((json_t *)(uintptr_t)levels, concept, level)
    {
        rc = set_level(p, r, concept, level, src, err);
        if (rc != DCR_OK)
            break;
        dcr_buf_fmt(&id, ",%s@%s", concept, json_string_value(level));
    }
    p->adversary_id = id.failed || rc != DCR_OK ? NULL : dcr_strdup(id.p);
    dcr_buf_clear(&id);
    if (p->adversary_id == NULL)
        return rc == DCR_OK ? dcr_nomem(err) : rc;
    p->adversary.knows = p->knows;
    p->adversary.id = p->adversary_id;
    p->own_levels = true;
    return DCR_OK;
}

static dcr_status find_adversary(dcr_policy *p, const dcr_rules *r, const source *src,
                                 dcr_err *err)
{
    const char *names[64];
    size_t n = 0;
    const dcr_adversary *a = dcr_rules_adversaries(r, &n);
    const json_t *levels = json_object_get(p->json, "levels");
    for (size_t i = 0; i < n; i++)
        if (strcmp(a[i].id, dcr_json_text(p->json, "adversary")) == 0) {
            p->adversary = a[i];
            return json_object_size(levels) == 0
                       ? DCR_OK
                       : own_levels(p, r, &a[i], levels, src, err);
        }
    for (size_t i = 0; i <= n && i < 64; i++)
        names[i] = i < n && i < 63 ? a[i].id : NULL;
    return dcr_strict_no_word(&src->strict, NULL, "adversary",
                              dcr_json_text(p->json, "adversary"), names, err);
}

static bool is_file(const char *name)
{
    size_t n = strlen(name);
    return strchr(name, '/') != NULL || (n > 5 && strcmp(name + n - 5, ".json") == 0);
}

/* "no policy 'publik'; did you mean 'public-release'?" */
static dcr_status no_policy(const dcr_rules *r, const char *name, dcr_err *err)
{
    dcr_near near = dcr_near_of(name);
    char id[64] = "", found[64] = "";
    for (size_t i = 0; i < r->files.n; i++) {
        const char *f = r->files.list[i].name;
        size_t n = strlen(f), edits = near.edits;
        if (strncmp(f, "policies/", 9) != 0 || n < 15 || n - 14 >= sizeof id)
            continue;
        memcpy(id, f + 9, n - 14);
        id[n - 14] = '\0';
        dcr_near_try(&near, id);
        if (near.edits < edits)
            memcpy(found, id, sizeof found);
    }
    if (found[0] != '\0')
        return dcr_fail(
            err, DCR_ERULES, NULL,
            "no policy '%.60s'; did you mean '%s'? see dcmrisk rules list policies", name,
            found);
    return dcr_fail(err, DCR_ERULES, NULL,
                    "no policy '%.60s'; see dcmrisk rules list policies", name);
}

static dcr_status read_policy(dcr_policy *p, source *src, const dcr_rules *r,
                              const char *name, const char *adversary, dcr_err *err)
{
    char file[160];
    dcr_status rc = DCR_OK;
    src->strict = (dcr_strict){&src->file, &src->arena};
    if (is_file(name)) {
        rc = dcr_strict_open(&src->file, &src->arena, name, err);
    } else {
        snprintf(file, sizeof file, "policies/%s.json", name);
        src->file.text = dcr_rules_file(r, file, &src->file.n);
        if (src->file.text == NULL)
            return no_policy(r, name, err);
        src->file.name = dcr_arena_str(&src->arena, file);
        rc = src->file.name == NULL ? dcr_nomem(err) : DCR_OK;
    }
    if (rc == DCR_OK)
        rc = dcr_rule_json(&src->file, &p->json, err);
    if (rc == DCR_OK)
        rc = check_policy(src, p->json, err);
    if (rc == DCR_OK && adversary != NULL &&
        json_object_set_new(p->json, "adversary", json_string(adversary)) != 0)
        rc = dcr_nomem(err);
    return rc == DCR_OK ? find_adversary(p, r, src, err) : rc;
}

static dcr_status load(dcr_policy *p, const dcr_rules *r, const char *name,
                       const char *adversary, dcr_err *err)
{
    source src = {0};
    dcr_status rc = read_policy(p, &src, r, name, adversary, err);
    char *text = rc == DCR_OK ? json_dumps(p->json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    dcr_arena_clear(&src.arena);
    if (rc == DCR_OK && text == NULL)
        return dcr_nomem(err);
    if (rc == DCR_OK)
        dcr_sha256_hex_of(text, strlen(text), p->digest);
    free(text); /* lint: ok, jansson's own allocation */
    return rc;
}

dcr_status dcr_policy_load_for(dcr_policy **out, const dcr_rules *r, const char *name,
                               const char *adversary, const dcr_project *project,
                               bool *fell_back, dcr_err *err)
{
    dcr_policy *p = dcr_alloc(1, sizeof *p);
    dcr_status rc;
    *out = NULL;
    *fell_back = false;
    if (p == NULL)
        return dcr_nomem(err);
    rc = load(p, r, name, adversary, err);
    if (rc != DCR_OK) {
        dcr_policy_free(p);
        return rc;
    }
    if (json_is_true(json_object_get(p->json, "needs_controls")) &&
        !dcr_project_has_controls(project)) {
        bool itself = strcmp(dcr_policy_name(p), "public-release") == 0;
        dcr_policy_free(p);
        if (itself)
            return dcr_fail(err, DCR_ERULES, name, "public-release cannot need controls");
        rc = dcr_policy_load_for(out, r, "public-release", adversary, project, fell_back,
                                 err);
        *fell_back = true;
        return rc;
    }
    *out = p;
    return DCR_OK;
}

dcr_status dcr_policy_load(dcr_policy **out, const dcr_rules *r, const char *name,
                           const dcr_project *project, bool *fell_back, dcr_err *err)
{
    return dcr_policy_load_for(out, r, name, NULL, project, fell_back, err);
}

void dcr_policy_free(dcr_policy *p)
{
    if (p == NULL)
        return;
    json_decref(p->json);
    dcr_free(p->knows);
    dcr_free(p->adversary_id);
    dcr_free(p);
}

const char *dcr_policy_name(const dcr_policy *p)
{
    return dcr_json_text(p->json, "id");
}

const json_t *dcr_policy_json(const dcr_policy *p)
{
    return p->json;
}

const char *dcr_policy_digest(const dcr_policy *p)
{
    return p->digest;
}

uint32_t dcr_policy_k(const dcr_policy *p)
{
    return (uint32_t)json_integer_value(json_object_get(p->json, "k"));
}

const dcr_adversary *dcr_policy_adversary(const dcr_policy *p)
{
    return &p->adversary;
}

bool dcr_policy_own_levels(const dcr_policy *p)
{
    return p->own_levels;
}
