/* Which attributes a rule is about. */
#include <string.h>

#include "check.h"
#include "dcmrisk/scan.h"

bool dcr_value_text(const dcr_value *v)
{
    return (v->flags & (DCR_VALUE_BINARY | DCR_VALUE_DIGEST)) == 0;
}

static const dcr_param select_spec[] = {
    {"roles", DCR_P_STRINGS, offsetof(dcr_select, roles), false},
    {"families", DCR_P_STRINGS, offsetof(dcr_select, families), false},
    {"vrs", DCR_P_STRINGS, offsetof(dcr_select, vrs), false},
    {"tags", DCR_P_STRINGS, offsetof(dcr_select, tags), false},
    {"paths", DCR_P_STRINGS, offsetof(dcr_select, paths), false},
    {"except_tags", DCR_P_STRINGS, offsetof(dcr_select, except_tags), false},
    {"except_paths", DCR_P_STRINGS, offsetof(dcr_select, except_paths), false},
    {"except_families", DCR_P_STRINGS, offsetof(dcr_select, except_families), false},
    {"with_private", DCR_P_BOOL, offsetof(dcr_select, with_private), false},
    {"only_private", DCR_P_BOOL, offsetof(dcr_select, only_private), false},
    {NULL, DCR_P_STRING, 0, false},
};

dcr_status dcr_select_read(const dcr_param_src *src, const json_t *obj, dcr_select *out,
                           dcr_err *err)
{
    const dcr_strings *tags[] = {&out->tags, &out->except_tags};
    dcr_status st;
    memset(out, 0, sizeof *out);
    st = dcr_params_read(src, obj, select_spec, out, err);
    for (size_t i = 0; st == DCR_OK && i < out->roles.n; i++) {
        dcr_role role;
        if (!dcr_role_of(out->roles.s[i], &role))
            return dcr_rule_fail(src->file, out->roles.s[i], err, "no role \"%.40s\"",
                                 out->roles.s[i]);
        out->role_mask |= 1u << role;
    }
    for (size_t l = 0; st == DCR_OK && l < 2; l++) {
        for (size_t i = 0; i < tags[l]->n; i++) {
            uint32_t tag;
            if (!dcr_tag_of(tags[l]->s[i], strlen(tags[l]->s[i]), &tag))
                return dcr_rule_fail(src->file, tags[l]->s[i], err,
                                     "not a tag: \"%.20s\"", tags[l]->s[i]);
        }
    }
    return st;
}

/* True when the last tag of the path is one of the list. */
static bool last_tag(const dcr_strings *l, const dcr_attr *a)
{
    dcr_path_tail t;
    uint32_t tag, want;
    if (l->n == 0)
        return false;
    dcr_path_split(a->path, &t);
    if (t.sub != NULL)
        tag = a->judged_as;
    else if (t.creator != NULL || !dcr_tag_of(t.seg, t.n_seg, &tag))
        tag = 0;
    if (tag == 0)
        return false;
    if ((tag >> 24) == 0x60 || (tag >> 24) == 0x50)
        tag &= 0xFF00FFFF; /* repeating groups stand as 60xx, 50xx */
    for (size_t i = 0; i < l->n; i++)
        if (dcr_tag_of(l->s[i], strlen(l->s[i]), &want) && want == tag)
            return true;
    return false;
}

static bool excepted(const dcr_select *s, const dcr_attr *a)
{
    return dcr_strings_have(&s->except_paths, a->path) || last_tag(&s->except_tags, a) ||
           dcr_strings_have(&s->except_families, a->family);
}

/* Licences, manuals and lists of authors name dates, sites and people that are nobody's
 * secret: a rule is about them only when it says so. */
static bool is_prose(const dcr_attr *a)
{
    return a->family != NULL && strcmp(a->family, "sidecar_prose") == 0;
}

bool dcr_select_match(const dcr_select *s, const dcr_attr *a)
{
    bool private = a->creator != NULL && a->judged_as == 0;
    if (is_prose(a) && !dcr_strings_have(&s->families, a->family))
        return false;
    /* What an opener found in a private element and has a name is judged by that. */
    if (private && !s->with_private && !s->only_private)
        return false;
    if (!private && s->only_private)
        return false;
    if (s->vrs.n > 0 && !dcr_strings_have(&s->vrs, a->vr) &&
        !(a->judged_as != 0 && dcr_strings_have(&s->vrs, a->judged_vr)))
        return false;
    if (!private) {
        if (s->roles.n > 0 && (s->role_mask >> a->role & 1) == 0)
            return false;
        if (s->families.n > 0 && !dcr_strings_have(&s->families, a->family))
            return false;
    }
    if (s->tags.n > 0 && !last_tag(&s->tags, a))
        return false;
    if (s->paths.n > 0 && !dcr_strings_have(&s->paths, a->path))
        return false;
    return !excepted(s, a);
}
