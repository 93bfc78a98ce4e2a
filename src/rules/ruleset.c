/* Loads a rule set and lends what it holds. */
#include "ruleset.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "deid.h"
#include "json_where.h"
#include "regex.h"

dcr_status dcr_load_json(const dcr_rules *r, const char *name, const dcr_rule_file **file,
                         json_t **root, dcr_err *err)
{
    dcr_status st;
    *root = NULL;
    *file = dcr_rule_files_find(&r->files, name);
    if (*file == NULL)
        return dcr_fail(err, DCR_ERULES, name, "there is no such rule file");
    st = dcr_rule_json(*file, root, err);
    if (st == DCR_OK && !json_is_object(*root)) {
        json_decref(*root);
        *root = NULL;
        st = dcr_rule_fail(*file, NULL, err, "an object is wanted");
    }
    return st;
}

static dcr_status digest(dcr_rules *r, dcr_err *err)
{
    dcr_sha256 *h = dcr_sha256_new();
    dcr_digest256 d;
    if (h == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < r->files.n; i++) {
        const dcr_rule_file *f = &r->files.list[i];
        uint64_t n = f->n;
        uint8_t len[8];
        for (size_t k = 0; k < 8; k++)
            len[k] = (uint8_t)(n >> (8 * k));
        dcr_sha256_add(h, f->name, strlen(f->name) + 1);
        dcr_sha256_add(h, len, sizeof len);
        dcr_sha256_add(h, f->text, f->n);
    }
    d = dcr_sha256_end(h);
    dcr_sha256_hex(&d, r->digest);
    dcr_sha256_free(h);
    return DCR_OK;
}

/* Digest and edition of each file.  Policies call theirs a version. */
static dcr_status describe_files(dcr_rules *r, dcr_err *err)
{
    r->file_infos = dcr_arena_alloc(&r->arena, r->files.n, sizeof *r->file_infos);
    if (r->file_infos == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < r->files.n; i++) {
        const dcr_rule_file *f = &r->files.list[i];
        dcr_rules_file_info *info = &r->file_infos[i];
        bool policy = strncmp(f->name, "policies/", 9) == 0;
        size_t n = 0;
        const char *p = dcr_json_member_text(f->text, policy ? "version" : "edition", &n);
        info->name = f->name;
        info->edition = p == NULL ? "" : dcr_arena_bytes(&r->arena, p, n);
        if (info->edition == NULL)
            return dcr_nomem(err);
        dcr_sha256_hex_of(f->text, f->n, info->digest);
    }
    return DCR_OK;
}

/* Beside carriers and link keys: what findings and the pixel table look at.  SOP instance
 * UIDs are left out: one a file, and the few that a sketch keeps are enough to judge
 * them. */
static const char *const keep_also[] = {
    "0008,0016", "0008,0060", "0010,0010", "0010,0020", "0010,0021",
    "0010,0030", "0010,0040", "0012,0062", "0012,0063", "0012,0085",
    "0028,0301", "0028,0302", "0028,0303",
};

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static dcr_status build_keep(dcr_rules *r, dcr_err *err)
{
    size_t n_also = sizeof keep_also / sizeof *keep_also, n = 0;
    const char **k =
        dcr_arena_alloc(&r->arena, r->n_carriers + r->n_tags + n_also, sizeof *k);
    if (k == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n_also; i++)
        k[n++] = keep_also[i];
    for (size_t i = 0; i < r->n_carriers; i++)
        k[n++] = r->carriers[i].path;
    for (size_t i = 0; i < r->n_tags; i++) {
        uint32_t tag = r->tags[i].tag;
        char *path;
        if (!r->tags[i].link_key || tag == 0x00080018)
            continue;
        path = dcr_arena_alloc(&r->arena, 10, 1);
        if (path == NULL)
            return dcr_nomem(err);
        for (size_t d = 0; d < 9; d++)
            path[d] =
                d == 4 ? ',' : "0123456789ABCDEF"[tag >> (28 - 4 * (d - (d > 4))) & 15];
        k[n++] = path;
    }
    qsort(k, n, sizeof *k, by_text);
    r->keep = k;
    for (size_t i = 0; i < n; i++)
        if (r->n_keep == 0 || strcmp(k[r->n_keep - 1], k[i]) != 0)
            k[r->n_keep++] = k[i];
    return DCR_OK;
}

dcr_status dcr_rules_load(dcr_rules **out, const char *dir, dcr_err *err)
{
    dcr_rules *r = dcr_alloc(1, sizeof *r);
    dcr_status st;
    *out = NULL;
    if (r == NULL)
        return dcr_nomem(err);
    st = dcr_rule_files_load(&r->files, &r->arena, dir, err);
    if (st == DCR_OK)
        st = digest(r, err);
    if (st == DCR_OK)
        st = describe_files(r, err);
    if (st == DCR_OK)
        st = dcr_load_attributes(r, err);
    if (st == DCR_OK)
        st = dcr_load_knowledge(r, err);
    if (st == DCR_OK)
        st = dcr_load_values(r, err);
    if (st == DCR_OK)
        st = dcr_load_date_lab(r, err);
    if (st == DCR_OK)
        st = dcr_load_lexicon(r, err);
    if (st == DCR_OK)
        st = dcr_load_private(r, err);
    if (st == DCR_OK)
        st = dcr_load_deid_tools(r, err);
    if (st == DCR_OK)
        st = dcr_load_deid_marks(r, err);
    if (st == DCR_OK)
        st = dcr_load_pixel_rules(r, err);
    if (st == DCR_OK)
        st = dcr_load_purposes(r, err);
    if (st == DCR_OK)
        st = dcr_load_opened(r, err);
    if (st == DCR_OK)
        st = dcr_load_identifiers(r, err);
    if (st == DCR_OK)
        st = dcr_load_path_words(r, err);
    if (st == DCR_OK)
        st = dcr_load_sidecar_names(r, err);
    if (st == DCR_OK)
        st = dcr_load_hidden(r, err);
    if (st == DCR_OK)
        st = dcr_load_links(r, err);
    if (st == DCR_OK)
        st = dcr_load_checks(r, err);
    if (st == DCR_OK)
        st = build_keep(r, err);
    if (st != DCR_OK) {
        dcr_rules_free(r);
        return st;
    }
    *out = r;
    return DCR_OK;
}

dcr_status dcr_rules_regex(dcr_rules *r, const char *pattern, dcr_regex **out,
                           dcr_err *err)
{
    char why[8];
    dcr_status st = DCR_OK;
    *out = NULL;
    if (pattern == NULL)
        return DCR_OK;
    if (!dcr_grow(&r->regexes, &r->cap_regexes, r->n_regexes + 1, sizeof *r->regexes))
        return dcr_nomem(err);
    st = dcr_regex_new(out, pattern, why, sizeof why, err);
    if (st == DCR_OK && *out == NULL)
        st = dcr_fail(err, DCR_ERULES, NULL, "a pattern that cannot be compiled");
    if (st == DCR_OK)
        r->regexes[r->n_regexes++] = *out;
    return st;
}

void dcr_rules_free(dcr_rules *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->n_regexes; i++)
        dcr_regex_free(r->regexes[i]);
    dcr_free(r->regexes);
    dcr_dict_clear(&r->creators);
    dcr_dict_clear(&r->opened);
    dcr_free(r->opened_tag);
    dcr_dict_clear(&r->dummy_words);
    dcr_dict_clear(&r->vocabulary);
    dcr_identifiers_clear(r);
    dcr_path_words_clear(r);
    dcr_sidecar_names_clear(r);
    dcr_lexicon_clear(r->lexicon);
    dcr_free(r->privates);
    dcr_free(r->files.list);
    dcr_arena_clear(&r->arena);
    dcr_free(r);
}

const char *dcr_rules_edition(const dcr_rules *r)
{
    return r->edition;
}

const char *dcr_rules_digest(const dcr_rules *r)
{
    return r->digest;
}

const dcr_concept *dcr_rules_concepts(const dcr_rules *r, size_t *n)
{
    *n = r->n_concepts;
    return r->concepts;
}

const char *dcr_rules_fixed(const dcr_rules *r, size_t concept)
{
    return concept < r->n_concepts ? r->fixed[concept] : "";
}

const dcr_adversary *dcr_rules_adversaries(const dcr_rules *r, size_t *n)
{
    *n = r->n_adversaries;
    return r->adversaries;
}

const char *const *dcr_rules_keep(const dcr_rules *r, size_t *n)
{
    *n = r->n_keep;
    return r->keep;
}

const dcr_rule_info *dcr_rules_list(const dcr_rules *r, size_t *n)
{
    *n = r->n_rules;
    return r->infos;
}

const dcr_rules_file_info *dcr_rules_files(const dcr_rules *r, size_t *n)
{
    *n = r->files.n;
    return r->file_infos;
}

const char *dcr_rules_file(const dcr_rules *r, const char *name, size_t *n)
{
    const dcr_rule_file *f = dcr_rule_files_find(&r->files, name);
    *n = f == NULL ? 0 : f->n;
    return f == NULL ? NULL : f->text;
}
