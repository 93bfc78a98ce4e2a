/* What PS3.15 Table E.1-1 asks of an attribute, and which option would keep it. */
#include "profile.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *column, *code;
} columns[DCR_PROFILE_COLUMNS] = {
    {"retain_safe_private", "113111"},
    {"retain_uids", "113110"},
    {"retain_device_identity", "113109"},
    {"retain_institution_identity", "113112"},
    {"retain_patient_characteristics", "113108"},
    {"retain_longitudinal_full_dates", "113106"},
    {"retain_longitudinal_modified_dates", "113107"},
    {"clean_descriptors", "113105"},
    {"clean_structured_content", "113104"},
    {"clean_graphics", "113103"},
};

const char *dcr_profile_code(size_t column)
{
    return columns[column].code;
}

bool dcr_profile_column(const char *name, size_t *out)
{
    for (size_t i = 0; i < DCR_PROFILE_COLUMNS; i++)
        if (strcmp(columns[i].column, name) == 0) {
            *out = i;
            return true;
        }
    return false;
}

static int by_tag(const void *a, const void *b)
{
    uint32_t x = ((const dcr_profile_row *)a)->tag, y = ((const dcr_profile_row *)b)->tag;
    return (x > y) - (x < y);
}

static dcr_status read_row(const dcr_rule_file *file, const json_t *e,
                           dcr_profile_row *row, dcr_err *err)
{
    const char *tag = json_string_value(json_object_get(e, "tag"));
    const char *basic = json_string_value(json_object_get(e, "basic"));
    const char *name;
    json_t *v;
    if (tag == NULL || basic == NULL || !dcr_tag_of(tag, strlen(tag), &row->tag))
        return dcr_rule_fail(file, tag, err, "tag and basic are wanted");
    row->removed = strcmp(basic, "X") == 0;
    json_object_foreach(json_object_get(e, "options"), name, v)
    {
        size_t column;
        if (!dcr_profile_column(name, &column))
            return dcr_rule_fail(file, name, err, "no option \"%.60s\"", name);
        row->columns |= 1u << column;
    }
    return DCR_OK;
}

dcr_status dcr_load_profile(dcr_rules *r, const dcr_rule_file *file, json_t *root,
                            dcr_err *err)
{
    json_t *list = json_object_get(root, "attributes");
    dcr_status st = DCR_OK;
    r->profile = dcr_arena_alloc(&r->arena, json_array_size(list), sizeof *r->profile);
    if (r->profile == NULL)
        st = dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < json_array_size(list); i++)
        st = read_row(file, json_array_get(list, i), &r->profile[r->n_profile++], err);
    if (st == DCR_OK && r->n_profile > 0)
        qsort(r->profile, r->n_profile, sizeof *r->profile, by_tag);
    return st;
}

static const dcr_profile_row *find(const dcr_rules *r, uint32_t tag)
{
    dcr_profile_row key = {.tag = tag};
    return r->n_profile == 0
               ? NULL
               : bsearch(&key, r->profile, r->n_profile, sizeof key, by_tag);
}

/* Curves and overlays stand as 50xx and 60xx; all of a curve is one row. */
static const dcr_profile_row *row_of(const dcr_rules *r, uint32_t tag)
{
    uint32_t group = tag >> 24;
    const dcr_profile_row *row;
    if (group != 0x50 && group != 0x60)
        return find(r, tag);
    row = find(r, tag & 0xFF00FFFF);
    return row != NULL || group != 0x50 ? row : find(r, 0x50000000);
}

size_t dcr_profile_rows(const dcr_rules *r, const char *path,
                        const dcr_profile_row *rows[], size_t most)
{
    size_t n = 0;
    for (const char *seg = path; seg != NULL && n < most; seg = strchr(seg, '/')) {
        const dcr_profile_row *row;
        uint32_t tag;
        seg += *seg == '/';
        if (seg[strcspn(seg, "/{:")] == '{' ||
            !dcr_tag_of(seg, strcspn(seg, "/{:"), &tag))
            continue;
        row = row_of(r, tag);
        if (row != NULL)
            rows[n++] = row;
    }
    return n;
}
