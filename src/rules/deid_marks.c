/* deid-fingerprint.json, and what the tables of tools say of a value. */
#include <stdlib.h>
#include <string.h>

#include "deid.h"
#include "detect.h"

enum { UID_MAX = 128, TEXT_MAX = 4096 };

/* ---- loading ---- */

static const dcr_param path_spec[] = {
    {"uids", DCR_P_STRINGS, offsetof(dcr_deid_paths, uids), true},
    {"dates", DCR_P_STRINGS, offsetof(dcr_deid_paths, dates), true},
    {"times", DCR_P_STRINGS, offsetof(dcr_deid_paths, times), true},
    {"writers", DCR_P_STRINGS, offsetof(dcr_deid_paths, writers), true},
    {"present", DCR_P_STRINGS, offsetof(dcr_deid_paths, present), true},
    {"explained_by", DCR_P_STRINGS, offsetof(dcr_deid_paths, explained_by), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status load_paths(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    json_t *root = NULL;
    dcr_status st = dcr_load_json(r, "deid-fingerprint.json", &file, &root, err);
    dcr_param_src src = {file, &r->arena};
    if (st != DCR_OK)
        return st;
    json_object_del(root, "source");
    json_object_del(root, "edition");
    st = dcr_params_read(&src, root, path_spec, &r->deid->paths, err);
    json_decref(root);
    return st;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "DCM:113100" is a scheme and a code; files are asked for the code. */
static const char *bare(const char *code)
{
    const char *colon = strchr(code, ':');
    return colon == NULL ? code : colon + 1;
}

static dcr_status own_codes(dcr_rules *r, const json_t *list, const char **all, size_t *n,
                            dcr_err *err)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *code =
            json_string_value(json_object_get(json_array_get(list, i), "code"));
        all[*n] = dcr_arena_str(&r->arena, code == NULL ? "" : code);
        if (all[(*n)++] == NULL)
            return dcr_nomem(err);
    }
    return DCR_OK;
}

/* The codes that a report may name: those of CID 7050 and of the tools. */
static dcr_status load_codes(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    dcr_deid_marks *t = r->deid;
    json_t *root = NULL, *list;
    size_t n = 0, most;
    const char **all;
    dcr_status st = dcr_load_json(r, "claims.json", &file, &root, err);
    if (st != DCR_OK)
        return st;
    list = json_object_get(root, "codes");
    most = json_array_size(list);
    for (size_t i = 0; i < t->n; i++)
        most += t->tool[i].codes.n;
    all = dcr_arena_alloc(&r->arena, most, sizeof *all);
    st = all == NULL ? dcr_nomem(err) : own_codes(r, list, all, &n, err);
    json_decref(root);
    if (st != DCR_OK)
        return st;
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < t->tool[i].codes.n; k++)
            all[n++] = bare(t->tool[i].codes.s[k]);
    if (n > 0)
        qsort(all, n, sizeof *all, by_text);
    t->code = all;
    for (size_t i = 0; i < n; i++)
        if (t->n_codes == 0 || strcmp(all[t->n_codes - 1], all[i]) != 0)
            all[t->n_codes++] = all[i];
    return t->n_codes <= DCR_DEID_CODES
               ? DCR_OK
               : dcr_rule_fail(file, "codes", err, "more than %d codes", DCR_DEID_CODES);
}

dcr_status dcr_load_deid_marks(dcr_rules *r, dcr_err *err)
{
    dcr_status st;
    r->deid = dcr_arena_alloc(&r->arena, 1, sizeof *r->deid);
    if (r->deid == NULL)
        return dcr_nomem(err);
    r->deid->tool = dcr_deid_tools(r, &r->deid->n);
    if (r->deid->n > DCR_DEID_TOOLS)
        return dcr_fail(err, DCR_ERULES, "deid-tools.json", "more than %d tools",
                        DCR_DEID_TOOLS);
    st = load_codes(r, err);
    return st == DCR_OK ? load_paths(r, err) : st;
}

/* ---- asking ---- */

uint64_t dcr_deid_by_method(const dcr_deid_marks *t, const uint8_t *p, size_t n)
{
    uint64_t out = 0;
    for (size_t i = 0; n <= TEXT_MAX && i < n; i++) { /* of several values each counts */
        size_t len = 0;
        while (i + len < n && p[i + len] != '\\')
            len++;
        for (size_t k = 0; k < t->n; k++)
            if (dcr_deid_method(&t->tool[k], p + i, len))
                out |= (uint64_t)1 << k;
        i += len;
    }
    return out;
}

static bool under_root(const dcr_strings *roots, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < roots->n; i++) {
        size_t len = strlen(roots->s[i]);
        if (len < n && p[len] == '.' && memcmp(p, roots->s[i], len) == 0)
            return true;
    }
    return roots->n == 0;
}

static bool writes_so(const dcr_uid_way *u, const uint8_t *p, size_t n)
{
    uint8_t uuid[16];
    if ((u->roots.n == 0 && u->pattern == NULL) || !under_root(&u->roots, p, n))
        return false;
    if (u->pattern != NULL && !dcr_regex_match(u->pattern, p, n))
        return false;
    return u->uuid_version == 0 || (dcr_uid_uuid(p, n, uuid) &&
                                    uuid[6] >> 4 == u->uuid_version && uuid[8] >> 6 == 2);
}

uint64_t dcr_deid_by_uid(const dcr_deid_marks *t, const uint8_t *p, size_t n,
                         uint64_t *specific)
{
    uint64_t out = 0;
    *specific = 0;
    for (size_t i = 0; n <= UID_MAX && i < t->n; i++) {
        const dcr_uid_way *u = t->tool[i].uid.items;
        for (size_t k = 0; k < t->tool[i].uid.n; k++) {
            /* A UUID of some version, or a toolkit's root without more, is anybody's. */
            bool own = u[k].pattern != NULL && u[k].uuid_version == 0;
            if (!writes_so(&u[k], p, n))
                continue;
            out |= (uint64_t)1 << i;
            *specific |= (uint64_t)own << i;
        }
    }
    return out;
}

static const dcr_strings *texts(const dcr_deid_tool *t, dcr_deid_list list)
{
    return list == DCR_DEID_CREATORS ? &t->private_creators
           : list == DCR_DEID_DATES  ? &t->dummy_dates
                                     : &t->dummy_times;
}

uint64_t dcr_deid_by_text(const dcr_deid_marks *t, dcr_deid_list list, const uint8_t *p,
                          size_t n)
{
    uint64_t out = 0;
    while (n > 0 && p[n - 1] == ' ')
        n--;
    for (size_t i = 0; i < t->n; i++) {
        const dcr_strings *l = texts(&t->tool[i], list);
        for (size_t k = 0; k < l->n; k++)
            if (strlen(l->s[k]) == n && memcmp(l->s[k], p, n) == 0)
                out |= (uint64_t)1 << i;
    }
    return out;
}

uint64_t dcr_deid_code(const dcr_deid_marks *t, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < t->n_codes; i++)
        if (strlen(t->code[i]) == n && memcmp(t->code[i], p, n) == 0)
            return (uint64_t)1 << i;
    return 0;
}

uint64_t dcr_deid_codes_of(const dcr_deid_marks *t, size_t tool)
{
    uint64_t out = 0;
    for (size_t i = 0; i < t->tool[tool].codes.n; i++) {
        const char *code = bare(t->tool[tool].codes.s[i]);
        out |= dcr_deid_code(t, (const uint8_t *)code, strlen(code));
    }
    return out;
}

bool dcr_deid_own_private(const dcr_rules *r, const char *creator)
{
    return dcr_deid_by_text(r->deid, DCR_DEID_CREATORS, (const uint8_t *)creator,
                            strlen(creator)) != 0;
}
