#include "sidecar_names.h"

#include <string.h>

#include "detect.h"

enum { NAME_ROOM = 128 };

/* ---- rules/sidecar.json ---- */

typedef struct sidecar_file {
    const char *source, *edition;
    const json_t *columns;
    dcr_strings known, missing, prose, original, pseudonym, id;
} sidecar_file;

static const dcr_param file_spec[] = {
    {"source", DCR_P_STRING, offsetof(sidecar_file, source), false},
    {"edition", DCR_P_STRING, offsetof(sidecar_file, edition), true},
    {"columns", DCR_P_JSON, offsetof(sidecar_file, columns), true},
    {"known", DCR_P_STRINGS, offsetof(sidecar_file, known), true},
    {"missing", DCR_P_STRINGS, offsetof(sidecar_file, missing), true},
    {"prose", DCR_P_STRINGS, offsetof(sidecar_file, prose), true},
    {"original", DCR_P_STRINGS, offsetof(sidecar_file, original), true},
    {"pseudonym", DCR_P_STRINGS, offsetof(sidecar_file, pseudonym), true},
    {"id", DCR_P_STRINGS, offsetof(sidecar_file, id), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status fill(dcr_dict *d, const dcr_strings *l, uint32_t tag, dcr_err *err)
{
    for (size_t i = 0; i < l->n; i++)
        if (dcr_dict_add(d, l->s[i], strlen(l->s[i]), tag) == DCR_DICT_NONE)
            return dcr_nomem(err);
    return DCR_OK;
}

static dcr_status read_columns(dcr_rules *r, struct dcr_sidecar_names *o,
                               const dcr_param_src *src, const json_t *columns,
                               dcr_err *err)
{
    const char *kind;
    json_t *list;
    json_object_foreach((json_t *)(uintptr_t)columns, kind, list)
    {
        uint32_t tag = (uint32_t)o->n_kinds;
        if (o->n_kinds == DCR_COLUMN_KINDS || !json_is_array(list))
            return dcr_rule_fail(src->file, kind, err, "at most %d lists of names",
                                 DCR_COLUMN_KINDS);
        o->kind[o->n_kinds] = dcr_arena_str(&r->arena, kind);
        if (o->kind[o->n_kinds++] == NULL)
            return dcr_nomem(err);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *name = json_string_value(json_array_get(list, i));
            if (name == NULL)
                return dcr_rule_fail(src->file, kind, err, "names are strings");
            if (dcr_dict_add(&o->columns, name, strlen(name), tag) == DCR_DICT_NONE ||
                dcr_dict_add(&o->known, name, strlen(name), 0) == DCR_DICT_NONE)
                return dcr_nomem(err);
        }
    }
    return DCR_OK;
}

/* Keywords of DICOM are in every sidecar that a converter writes. */
static dcr_status add_keywords(const dcr_rules *r, struct dcr_sidecar_names *o,
                               dcr_err *err)
{
    char text[NAME_ROOM];
    for (size_t i = 0; i < r->n_tags; i++) {
        const char *k = r->tags[i].keyword;
        size_t n = k == NULL ? 0 : dcr_name_normal(k, strlen(k), text, sizeof text);
        if (n > 0 && dcr_dict_add(&o->known, text, n, 0) == DCR_DICT_NONE)
            return dcr_nomem(err);
    }
    return DCR_OK;
}

dcr_status dcr_load_sidecar_names(dcr_rules *r, dcr_err *err)
{
    struct dcr_sidecar_names *o = dcr_arena_alloc(&r->arena, 1, sizeof *o);
    const dcr_rule_file *file = NULL;
    sidecar_file f = {0};
    json_t *root = NULL;
    dcr_status st =
        o == NULL ? dcr_nomem(err) : dcr_load_json(r, "sidecar.json", &file, &root, err);
    dcr_param_src src = {file, &r->arena};
    r->sidecar_names = o;
    if (st == DCR_OK)
        st = dcr_params_read(&src, root, file_spec, &f, err);
    if (st == DCR_OK)
        st = read_columns(r, o, &src, f.columns, err);
    if (st == DCR_OK)
        st = fill(&o->known, &f.known, 0, err);
    if (st == DCR_OK)
        st = fill(&o->missing, &f.missing, 0, err);
    if (st == DCR_OK)
        st = fill(&o->prose, &f.prose, 0, err);
    if (st == DCR_OK)
        st = fill(&o->known, &f.prose, 0, err);
    if (st == DCR_OK)
        st = fill(&o->original, &f.original, 0, err);
    if (st == DCR_OK)
        st = fill(&o->pseudonym, &f.pseudonym, 0, err);
    if (st == DCR_OK)
        st = fill(&o->id, &f.id, 0, err);
    if (st == DCR_OK)
        st = add_keywords(r, o, err);
    json_decref(root);
    return st;
}

void dcr_sidecar_names_clear(dcr_rules *r)
{
    struct dcr_sidecar_names *o = r->sidecar_names;
    if (o == NULL)
        return;
    dcr_dict_clear(&o->columns);
    dcr_dict_clear(&o->known);
    dcr_dict_clear(&o->missing);
    dcr_dict_clear(&o->prose);
    dcr_dict_clear(&o->original);
    dcr_dict_clear(&o->pseudonym);
    dcr_dict_clear(&o->id);
}

/* ---- names ---- */

size_t dcr_name_normal(const char *name, size_t n, char *out, size_t room)
{
    size_t k = 0;
    for (size_t i = 0; i < n && k < room; i++)
        if (dcr_is_alnum((uint8_t)name[i]))
            out[k++] = (char)dcr_lower((uint8_t)name[i]);
    return k;
}

static bool begins_word(const char *name, size_t i, size_t n)
{
    uint8_t c = (uint8_t)name[i], before = i == 0 ? '_' : (uint8_t)name[i - 1];
    bool upper = dcr_is_upper(c);
    if (!dcr_is_letter(before))
        return true;
    return upper && (!dcr_is_upper(before) ||
                     (i + 1 < n && name[i + 1] >= 'a' && name[i + 1] <= 'z'));
}

size_t dcr_name_words(const char *name, size_t n, char *text,
                      const char *word[DCR_COLUMN_WORDS])
{
    size_t k = 0, words = 0;
    for (size_t i = 0; i < n; i++) {
        if (!dcr_is_letter((uint8_t)name[i])) {
            if (k > 0 && text[k - 1] != '\0')
                text[k++] = '\0';
            continue;
        }
        if (begins_word(name, i, n)) {
            if (k > 0 && text[k - 1] != '\0')
                text[k++] = '\0';
            if (words == DCR_COLUMN_WORDS)
                break;
            word[words++] = text + k;
        }
        text[k++] = (char)dcr_lower((uint8_t)name[i]);
    }
    text[k] = '\0';
    return words;
}

const char *dcr_sidecar_name(const char *path)
{
    if (strncmp(path, "sidecar:csv/", 12) == 0)
        return path + 12;
    return strncmp(path, "sidecar:json/", 13) == 0 ? path + 13 : NULL;
}

static size_t kind_of(const struct dcr_sidecar_names *o, const char *name)
{
    char text[NAME_ROOM];
    size_t n = dcr_name_normal(name, strlen(name), text, sizeof text);
    for (size_t k = 0; k < o->n_kinds && n > 0; k++)
        if (dcr_dict_find(&o->columns, text, n, (uint32_t)k) != DCR_DICT_NONE)
            return k;
    return SIZE_MAX;
}

bool dcr_sidecar_prose(const dcr_rules *r, const char *path)
{
    const char *name = dcr_sidecar_name(path), *last;
    char text[NAME_ROOM];
    size_t n;
    if (name == NULL || strncmp(path, "sidecar:json/", 13) != 0)
        return false;
    last = strrchr(name, '.');
    name = last == NULL ? name : last + 1;
    n = dcr_name_normal(name, strlen(name), text, sizeof text);
    return n > 0 && dcr_dict_find(&r->sidecar_names->prose, text, n, 0) != DCR_DICT_NONE;
}

size_t dcr_column_kind(const dcr_rules *r, const char *path)
{
    const char *name = dcr_sidecar_name(path), *last;
    size_t k;
    if (name == NULL)
        return SIZE_MAX;
    k = kind_of(r->sidecar_names, name);
    last = strrchr(name, '.');
    return k != SIZE_MAX || last == NULL ? k : kind_of(r->sidecar_names, last + 1);
}

size_t dcr_column_kind_of(const dcr_rules *r, const char *kind)
{
    for (size_t k = 0; k < r->sidecar_names->n_kinds; k++)
        if (strcmp(r->sidecar_names->kind[k], kind) == 0)
            return k;
    return SIZE_MAX;
}

/* Names that our readers give. */
static bool is_ours(const char *p, size_t n)
{
    static const char *const ours[] = {"line", "more", "value", "any"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (strlen(ours[i]) == n && memcmp(ours[i], p, n) == 0)
            return true;
    return n > 6 && memcmp(p, "column", 6) == 0 &&
           dcr_digit_run((const uint8_t *)p, n, 6, n) == n - 6;
}

bool dcr_rules_public_name(const dcr_rules *r, const char *path)
{
    const char *name = dcr_sidecar_name(path), *slash = strchr(path, '/');
    char text[NAME_ROOM];
    if (strncmp(path, "sidecar:", 8) != 0)
        return false;
    if (slash == NULL || strncmp(path, "sidecar:nifti", 13) == 0)
        return true; /* all of these names are ours */
    for (name = name == NULL ? slash + 1 : name; *name != '\0';) {
        size_t n = strcspn(name, ".");
        size_t k = dcr_name_normal(name, n, text, sizeof text);
        if (!is_ours(name, n) &&
            dcr_dict_find(&r->sidecar_names->known, text, k, 0) == DCR_DICT_NONE)
            return false;
        name += n + (name[n] == '.');
    }
    return true;
}

/* ---- values ---- */

bool dcr_sidecar_real(const dcr_rules *r, const dcr_value *v)
{
    char text[16];
    if (!dcr_value_real(v) || v->len > sizeof text)
        return dcr_value_real(v);
    for (size_t i = 0; i < v->len; i++)
        text[i] = (char)dcr_lower(v->bytes[i]);
    return dcr_dict_find(&r->sidecar_names->missing, text, v->len, 0) == DCR_DICT_NONE;
}

bool dcr_has_sidecars(const dcr_model *m)
{
    for (size_t i = 0; i < m->n_attrs; i++)
        if (strncmp(m->attrs[i].path, "sidecar:", 8) == 0)
            return true;
    return false;
}

dcr_status dcr_release_ids(const dcr_model *m, dcr_dict *out, dcr_err *err)
{
    static const char *const path[] = {"0010,0020", "0008,0050", "0020,000D",
                                       "0020,000E", "0008,0018", "0012,0040"};
    for (size_t i = 0; i < sizeof path / sizeof *path; i++) {
        const dcr_attr *a = dcr_model_attr(m, path[i]);
        for (size_t k = 0; a != NULL && k < a->n_values; k++)
            if (dcr_value_real(&a->values[k]) &&
                dcr_dict_add(out, a->values[k].bytes, a->values[k].len, 0) ==
                    DCR_DICT_NONE)
                return dcr_nomem(err);
    }
    return DCR_OK;
}
