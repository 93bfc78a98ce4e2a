/* The role of an attribute path. */
#include <string.h>

#include "ruleset.h"
#include "sidecar_names.h"

/* The '}' that closes a creator is followed by '/', ':' or nothing; creators may hold
 * '/'. */
static const char *creator_end(const char *p)
{
    for (; *p != '\0'; p++)
        if (*p == '}' && (p[1] == '/' || p[1] == ':' || p[1] == '\0'))
            return p;
    return p;
}

void dcr_path_split(const char *path, dcr_path_tail *out)
{
    const char *p = path;
    memset(out, 0, sizeof *out);
    out->seg = path;
    while (*p != '\0') {
        if (*p == '{') {
            if (out->n_seg == 0)
                out->n_seg = (size_t)(p - out->seg);
            out->creator = p + 1;
            p = creator_end(p + 1);
            out->n_creator = (size_t)(p - out->creator);
            p += *p == '}';
        } else if (*p == ':') {
            out->sub = p + 1;
            break;
        } else if (*p == '/') {
            out->parent = out->seg;
            out->n_parent = out->n_seg != 0 ? out->n_seg : (size_t)(p - out->seg);
            out->seg = ++p;
            out->n_seg = 0;
            out->creator = NULL;
            out->n_creator = 0;
        } else {
            p++;
        }
    }
    if (out->n_seg == 0)
        out->n_seg = (size_t)(p - out->seg);
}

static void private_role(const dcr_rules *r, const char *path, dcr_role_info *out)
{
    static const struct {
        dcr_role role;
        const char *family;
    } by_kind[] = {
        [DCR_PRIVATE_UNKNOWN] = {DCR_ROLE_CONTAINER, "private_unknown"},
        [DCR_PRIVATE_SAFE] = {DCR_ROLE_TECHNICAL, "private_safe"},
        [DCR_PRIVATE_KEEP] = {DCR_ROLE_TECHNICAL, "private_known_keep"},
        [DCR_PRIVATE_HARMLESS] = {DCR_ROLE_TECHNICAL, "private_known"},
        [DCR_PRIVATE_IDENTIFYING] = {DCR_ROLE_QUASI_IDENTIFIER,
                                     "private_known_identifying"},
        [DCR_PRIVATE_LINKING] = {DCR_ROLE_QUASI_IDENTIFIER, "private_known_linking"},
        [DCR_PRIVATE_REMOVE] = {DCR_ROLE_QUASI_IDENTIFIER, "private_known_remove"},
        [DCR_PRIVATE_REVIEW] = {DCR_ROLE_CONTAINER, "private_unjudged"},
        [DCR_PRIVATE_ORPHAN] = {DCR_ROLE_CONTAINER, "private_orphan"},
        [DCR_PRIVATE_CREATOR] = {DCR_ROLE_TECHNICAL, "private_creator"},
    };
    dcr_private_info i;
    dcr_rules_private(r, path, &i);
    out->role = by_kind[i.kind].role;
    out->family = by_kind[i.kind].family;
    out->known_creator = i.known_creator;
    out->safe_private = i.kind == DCR_PRIVATE_SAFE || i.kind == DCR_PRIVATE_KEEP;
}

static void vr_role(const dcr_rules *r, const char *vr, dcr_role_info *out)
{
    for (size_t i = 0; i < r->n_vrs; i++) {
        if (strncmp(r->vrs[i].vr, vr, 3) == 0) {
            out->role = r->vrs[i].role;
            out->family = r->vrs[i].family;
            return;
        }
    }
}

/* A code says what its sequence is about: the meaning of an institution's code is its
 * name. */
static void code_role(const dcr_rules *r, const dcr_path_tail *t, dcr_role_info *out)
{
    const dcr_tag_info *parent;
    uint32_t tag;
    if (t->parent == NULL || !dcr_tag_of(t->parent, t->n_parent, &tag))
        return;
    parent = dcr_rules_tag(r, tag);
    if (parent == NULL)
        return;
    for (size_t i = 0; i < r->n_families; i++) {
        const dcr_family_info *f = &r->families[i];
        if (strcmp(f->family, parent->family) == 0 && f->role != DCR_ROLE_CONTAINER) {
            out->role = f->role;
            out->family = f->family;
            out->level = parent->level;
        }
    }
}

static bool is_code(uint32_t tag)
{
    return tag == 0x00080100 || tag == 0x00080104 || tag == 0x00080119 ||
           tag == 0x00080120;
}

static int concept_of(const dcr_rules *r, const char *path)
{
    size_t lo = 0, hi = r->n_carriers;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = strcmp(r->carriers[mid].path, path);
        if (c == 0)
        return r->carriers[mid].concept;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return -1;
}

static void standard_role(const dcr_rules *r, const dcr_path_tail *t, uint32_t tag,
                          const char *vr, dcr_role_info *out)
{
    const dcr_tag_info *i = dcr_rules_tag(r, tag);
    if (i != NULL) {
        out->role = i->role;
        out->family = i->family;
        out->level = i->level;
        out->keyword = i->keyword;
        out->link_key = i->link_key;
    } else if ((tag & 0xFFFF) == 0) {
        out->role = DCR_ROLE_TECHNICAL; /* group length */
        out->family = "file_meta";
    } else {
        vr_role(r, vr, out);
    }
    if (is_code(tag))
        code_role(r, t, out);
}

/* Seen by an opener inside a value: no table lists it, but its name may say what it is.
 */
static void opened_role(const dcr_rules *r, const dcr_path_tail *t, const char *vr,
                        dcr_role_info *out)
{
    uint32_t tag;
    dcr_role_info inside = {.role = DCR_ROLE_UNKNOWN,
                            .family = "opened",
                            .level = out->level,
                            .concept = -1,
                            .known_creator = out->known_creator};
    if (dcr_rules_opened(r, t->sub, &tag)) {
        const dcr_path_tail none = {0};
        const dcr_tag_info *i = dcr_rules_tag(r, tag);
        standard_role(r, &none, tag, vr, &inside);
        inside.judged_as = tag;
        if (i != NULL)
            memcpy(inside.judged_vr, i->vr, sizeof inside.judged_vr);
    }
    *out = inside;
}

/* Lines of a text are prose, and so is what a dataset says of itself and its authors. */
static const char *sidecar_family(const dcr_rules *r, const char *path)
{
    size_t n = strlen(path);
    bool line = n > 5 && strcmp(path + n - 5, "/line") == 0;
    if (dcr_sidecar_name(path) == NULL)
        return line ? "sidecar_prose" : "sidecar";
    return dcr_sidecar_prose(r, path) ? "sidecar_prose" : "sidecar";
}

void dcr_rules_role(const dcr_rules *r, const char *path, const char *vr,
                    dcr_role_info *out)
{
    dcr_path_tail t;
    uint32_t tag;
    *out = (dcr_role_info){.role = DCR_ROLE_UNKNOWN, .family = "", .concept = -1};
    dcr_path_split(path, &t);
    if (!dcr_tag_of(t.seg, t.n_seg, &tag)) {
        if (strcmp(path, "preamble") == 0 || strcmp(path, "trailing") == 0 ||
            strncmp(path, "structure:", 10) == 0 || strncmp(path, "readers:", 8) == 0) {
            out->role = DCR_ROLE_CONTAINER;
            out->family = "opaque";
            out->level = DCR_LEVEL_INSTANCE;
        } else if (strncmp(path, "sidecar:", 8) == 0) {
            out->family = sidecar_family(r, path);
        }
        return;
    }
    if ((tag >> 16) % 2 == 1)
        private_role(r, path, out);
    else
        standard_role(r, &t, tag, vr, out);
    if (t.sub != NULL)
        opened_role(r, &t, vr, out);
    out->concept = concept_of(r, path);
}
