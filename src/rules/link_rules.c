#include "link_rules.h"

#include <string.h>

#include "num.h"

typedef struct file_row {
    const char *source, *edition;
    const json_t *clock, *schemes, *shifts;
    dcr_strings ids;
} file_row;

static const dcr_param file_spec[] = {
    {"source", DCR_P_STRING, offsetof(file_row, source), true},
    {"edition", DCR_P_STRING, offsetof(file_row, edition), true},
    {"clock", DCR_P_JSON, offsetof(file_row, clock), true},
    {"ids", DCR_P_PAIRS, offsetof(file_row, ids), true},
    {"schemes", DCR_P_JSON, offsetof(file_row, schemes), true},
    {"shifts", DCR_P_JSON, offsetof(file_row, shifts), true},
    {NULL, DCR_P_STRING, 0, false},
};

static const dcr_param clock_spec[] = {
    {"from_year", DCR_P_UINT, offsetof(dcr_clock_rules, from_year), true},
    {"to_year", DCR_P_UINT, offsetof(dcr_clock_rules, to_year), true},
    {"share", DCR_P_UINT, offsetof(dcr_clock_rules, share), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status check_ids(const dcr_param_src *src, const dcr_strings *ids,
                            dcr_err *err)
{
    for (size_t i = 0; i < ids->n; i += 2) {
        uint64_t digits;
        uint32_t tag;
        if (!dcr_tag_of(ids->s[i], strlen(ids->s[i]), &tag) ||
            !dcr_num_u64(ids->s[i + 1], 1, 12, &digits))
            return dcr_rule_fail(src->file, ids->s[i], err, "a tag and 1 to 12 digits");
    }
    return DCR_OK;
}

static dcr_status read_lists(const dcr_param_src *src, const file_row *w,
                             dcr_link_rules *l, dcr_err *err)
{
    size_t n = json_array_size(w->schemes), m = json_array_size(w->shifts);
    dcr_status st = DCR_OK;
    l->schemes = dcr_arena_alloc(src->arena, n, sizeof *l->schemes);
    l->shifts = dcr_arena_alloc(src->arena, m, sizeof *l->shifts);
    if (l->schemes == NULL || l->shifts == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < n; i++)
        st = dcr_scheme_read(src, json_array_get(w->schemes, i),
                             &l->schemes[l->n_schemes++], err);
    for (size_t i = 0; st == DCR_OK && i < m; i++)
        st = dcr_shift_read(src, json_array_get(w->shifts, i), &l->shifts[l->n_shifts++],
                            err);
    for (size_t i = 0; st == DCR_OK && i < n; i++)
        for (size_t k = 0; st == DCR_OK && k < i; k++)
            if (strcmp(l->schemes[i].id, l->schemes[k].id) == 0)
                st = dcr_rule_fail(src->file, l->schemes[i].id, err,
                                   "two schemes \"%.40s\"", l->schemes[i].id);
    return st;
}

dcr_status dcr_load_links(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    json_t *root = NULL;
    file_row w = {0};
    dcr_status st = dcr_load_json(r, "uid-schemes.json", &file, &root, err);
    if (st != DCR_OK)
        return st;
    dcr_param_src src = {file, &r->arena};
    r->links = dcr_arena_alloc(&r->arena, 1, sizeof *r->links);
    if (r->links == NULL)
        st = dcr_nomem(err);
    if (st == DCR_OK)
        st = dcr_params_read(&src, root, file_spec, &w, err);
    if (st == DCR_OK)
        st = dcr_params_read(&src, w.clock, clock_spec, &r->links->clock, err);
    if (st == DCR_OK && (r->links->clock.share < 1 || r->links->clock.share > 100))
        st = dcr_rule_fail(file, "share", err, "\"share\" is 1 to 100 per cent");
    if (st == DCR_OK)
        st = check_ids(&src, &w.ids, err);
    if (st == DCR_OK) {
        r->links->ids = w.ids;
        st = read_lists(&src, &w, r->links, err);
    }
    json_decref(root);
    return st;
}

size_t dcr_link_id_digits(const dcr_rules *r, const dcr_attr *a)
{
    const dcr_strings *ids = &r->links->ids;
    dcr_path_tail t;
    uint32_t tag, want;
    uint64_t digits;
    dcr_path_split(a->path, &t);
    if (a->creator != NULL || t.sub != NULL || !dcr_tag_of(t.seg, t.n_seg, &tag))
        return 0;
    for (size_t i = 0; i < ids->n; i += 2)
        if (dcr_tag_of(ids->s[i], strlen(ids->s[i]), &want) && want == tag &&
            dcr_num_u64(ids->s[i + 1], 1, 12, &digits))
            return (size_t)digits;
    return 0;
}

bool dcr_link_is_uid(const dcr_attr *a)
{
    return a->creator == NULL && strcmp(a->vr, "UI") == 0 &&
           a->role == DCR_ROLE_QUASI_IDENTIFIER && strcmp(a->family, "uid") == 0;
}
