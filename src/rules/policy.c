/* Policies: criteria with integer k, limits and what happens beyond them. */
#include "policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "hash.h"
#include "json_text.h"
#include "ruleset.h"

static const char *const keys[] = {"schema",   "id",        "version", "title",
                                   "k",        "adversary", "levels",  "needs_controls",
                                   "criteria", "source",    NULL};
static const char *const criterion_keys[] = {
    "id",   "kind",       "title",  "k", "at_most", "at_most_share",
    "then", "acceptable", "source", NULL};
static const char *const kinds[] = {"below",     "average",  "unique-to-site",
                                    "two-exams", "findings", "coverage",
                                    "pixels",    "bounds",   NULL};
static const char *const results[] = {"fail", "review", "inconclusive", NULL};

static bool among(const char *word, const char *const *list)
{
    for (size_t i = 0; list[i] != NULL; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

static bool is_share(const json_t *j)
{
    json_int_t num = json_integer_value(json_array_get(j, 0));
    json_int_t den = json_integer_value(json_array_get(j, 1));
    return json_array_size(j) == 2 && json_is_integer(json_array_get(j, 0)) && num >= 0 &&
           den > 0 && num <= den && den <= 1000000;
}

/* A limit that cannot be read must not become no limit. */
static dcr_status check_limit(const json_t *c, const char *name, dcr_err *err)
{
    const json_t *share = json_object_get(c, "at_most_share");
    const json_t *at_most = json_object_get(c, "at_most");
    if (share != NULL && !is_share(share))
        return dcr_fail(err, DCR_ERULES, name,
                        "at_most_share is [numerator, denominator]");
    if (at_most != NULL && (!json_is_integer(at_most) || json_integer_value(at_most) < 0))
        return dcr_fail(err, DCR_ERULES, name, "at_most must be a whole number from 0");
    if (at_most != NULL && share != NULL)
        return dcr_fail(err, DCR_ERULES, name,
                        "a criterion has at_most or at_most_share, not both");
    return DCR_OK;
}

static bool flag_or_absent(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return v == NULL || json_is_boolean(v);
}

static dcr_status check_criterion(const json_t *c, const char *name, dcr_err *err)
{
    const json_t *k = json_object_get(c, "k");
    const char *kind = dcr_json_text(c, "kind"), *then = dcr_json_text(c, "then");
    dcr_status rc = dcr_json_only(c, criterion_keys, name, err);
    if (rc != DCR_OK)
        return rc;
    if (*dcr_json_text(c, "id") == '\0' || *dcr_json_text(c, "title") == '\0')
        return dcr_fail(err, DCR_ERULES, name, "a criterion needs id and title");
    if (!among(kind, kinds))
        return dcr_fail(err, DCR_ERULES, name, "no criterion of kind '%.40s'", kind);
    if (json_object_get(c, "then") != NULL && !among(then, results))
        return dcr_fail(err, DCR_ERULES, name, "then is fail, review or inconclusive");
    if (!flag_or_absent(c, "acceptable"))
        return dcr_fail(err, DCR_ERULES, name, "acceptable is true or false");
    rc = check_limit(c, name, err);
    if (rc != DCR_OK)
        return rc;
    if (strcmp(kind, "below") == 0 &&
        (json_integer_value(k) < 2 || json_integer_value(k) > 1000000))
        return dcr_fail(err, DCR_ERULES, name,
                        "k must be a whole number from 2 to 1000000");
    return DCR_OK;
}

static dcr_status check_policy(const json_t *j, const char *name, dcr_err *err)
{
    const json_t *list = json_object_get(j, "criteria");
    dcr_status rc = dcr_json_only(j, keys, name, err);
    if (rc == DCR_OK && strcmp(dcr_json_text(j, "schema"), "dcmrisk-policy/1") != 0)
        rc = dcr_fail(err, DCR_ERULES, name, "schema must be \"dcmrisk-policy/1\"");
    if (rc == DCR_OK && (json_integer_value(json_object_get(j, "k")) < 2 ||
                         json_integer_value(json_object_get(j, "k")) > 1000000))
        rc =
            dcr_fail(err, DCR_ERULES, name, "k must be a whole number from 2 to 1000000");
    if (rc == DCR_OK && !flag_or_absent(j, "needs_controls"))
        rc = dcr_fail(err, DCR_ERULES, name, "needs_controls is true or false");
    if (rc == DCR_OK && json_object_get(j, "levels") != NULL &&
        !json_is_object(json_object_get(j, "levels")))
        rc = dcr_fail(err, DCR_ERULES, name, "levels is an object: concept to level");
    if (rc == DCR_OK && (!json_is_array(list) || json_array_size(list) == 0))
        rc = dcr_fail(err, DCR_ERULES, name, "criteria is a list of at least one");
    for (size_t i = 0; i < json_array_size(list) && rc == DCR_OK; i++)
        rc = check_criterion(json_array_get(list, i), name, err);
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

static dcr_status set_level(dcr_policy *p, const dcr_rules *r, const char *concept,
                            const json_t *level, const char *name, dcr_err *err)
{
    size_t n = 0;
    const dcr_concept *concepts = dcr_rules_concepts(r, &n);
    const char *word = json_string_value(level);
    for (size_t i = 0; i < p->adversary.n_knows; i++) {
        const dcr_concept *c = &concepts[p->knows[i].concept];
        if (strcmp(c->id, concept) != 0)
            continue;
        if (word == NULL || !has_level(r, c, word))
            return dcr_fail(err, DCR_ERULES, name, "'%.40s' has no level '%.40s'",
                            concept, word == NULL ? "" : word);
        p->knows[i].level = word;
        return DCR_OK;
    }
    return dcr_fail(err, DCR_ERULES, name, "the adversary knows no '%.40s'", concept);
}

/* The adversary with some of its levels replaced; its id says so. */
static dcr_status own_levels(dcr_policy *p, const dcr_rules *r, const dcr_adversary *a,
                             const json_t *levels, const char *name, dcr_err *err)
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
        rc = set_level(p, r, concept, level, name, err);
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

static dcr_status find_adversary(dcr_policy *p, const dcr_rules *r, const char *name,
                                 dcr_err *err)
{
    size_t n = 0;
    const dcr_adversary *a = dcr_rules_adversaries(r, &n);
    const json_t *levels = json_object_get(p->json, "levels");
    for (size_t i = 0; i < n; i++)
        if (strcmp(a[i].id, dcr_json_text(p->json, "adversary")) == 0) {
            p->adversary = a[i];
            return json_object_size(levels) == 0
                       ? DCR_OK
                       : own_levels(p, r, &a[i], levels, name, err);
        }
    return dcr_fail(err, DCR_ERULES, name, "no adversary '%.40s'",
                    dcr_json_text(p->json, "adversary"));
}

static bool is_file(const char *name)
{
    size_t n = strlen(name);
    return strchr(name, '/') != NULL || (n > 5 && strcmp(name + n - 5, ".json") == 0);
}

static json_t *read_policy(const dcr_rules *r, const char *name, dcr_err *err)
{
    char file[160];
    size_t n = 0;
    const char *text;
    if (is_file(name))
        return dcr_json_read_file(name, err);
    snprintf(file, sizeof file, "policies/%s.json", name);
    text = dcr_rules_file(r, file, &n);
    if (text == NULL) {
        dcr_fail(err, DCR_ERULES, NULL,
                 "no policy '%.60s'; there are public-release, "
                 "controlled-access and internal-research",
                 name);
        return NULL;
    }
    return dcr_json_read_text(text, n, file, err);
}

static dcr_status load(dcr_policy *p, const dcr_rules *r, const char *name, dcr_err *err)
{
    char *text;
    dcr_status rc;
    p->json = read_policy(r, name, err);
    if (p->json == NULL)
        return err != NULL && err->code != DCR_OK ? err->code : DCR_ERULES;
    rc = check_policy(p->json, name, err);
    if (rc == DCR_OK)
        rc = find_adversary(p, r, name, err);
    text = rc == DCR_OK ? json_dumps(p->json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (rc == DCR_OK && text == NULL)
        return dcr_nomem(err);
    if (rc == DCR_OK)
        dcr_hash128_hex(dcr_hash128_of(text, strlen(text)), p->digest);
    free(text); /* lint: ok, jansson's own allocation */
    return rc;
}

dcr_status dcr_policy_load(dcr_policy **out, const dcr_rules *r, const char *name,
                           const dcr_project *project, bool *fell_back, dcr_err *err)
{
    dcr_policy *p = dcr_alloc(1, sizeof *p);
    dcr_status rc;
    *out = NULL;
    *fell_back = false;
    if (p == NULL)
        return dcr_nomem(err);
    rc = load(p, r, name, err);
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
        rc = dcr_policy_load(out, r, "public-release", project, fell_back, err);
        *fell_back = true;
        return rc;
    }
    *out = p;
    return DCR_OK;
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
