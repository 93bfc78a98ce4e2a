#include "identifiers.h"

#include <string.h>

typedef struct class_row {
    const char *id, *form;
    const json_t *select;
} class_row;

static const dcr_param class_spec[] = {
    {"id", DCR_P_STRING, offsetof(class_row, id), true},
    {"form", DCR_P_STRING, offsetof(class_row, form), true},
    {"select", DCR_P_JSON, offsetof(class_row, select), true},
    {NULL, DCR_P_STRING, 0, false},
};

typedef struct identifiers_file {
    const char *source, *edition;
    const json_t *classes;
    dcr_strings words;
} identifiers_file;

static const dcr_param file_spec[] = {
    {"source", DCR_P_STRING, offsetof(identifiers_file, source), false},
    {"edition", DCR_P_STRING, offsetof(identifiers_file, edition), true},
    {"classes", DCR_P_JSON, offsetof(identifiers_file, classes), true},
    {"words", DCR_P_STRINGS, offsetof(identifiers_file, words), true},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status read_class(const dcr_param_src *src, const json_t *e,
                             dcr_identifier_class *out, dcr_err *err)
{
    static const char *const forms[] = {"name", "number", "text", "date"};
    class_row w = {0};
    dcr_status st = dcr_params_read(src, e, class_spec, &w, err);
    if (st != DCR_OK)
        return st;
    out->id = w.id;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i], w.form) == 0) {
            out->form = (dcr_identifier_form)i;
            return dcr_select_read(src, w.select, &out->select, err);
        }
    return dcr_rule_fail(src->file, w.form, err,
                         "form must be name, number, text or date");
}

dcr_status dcr_load_identifiers(dcr_rules *r, dcr_err *err)
{
    struct dcr_identifiers *o = dcr_arena_alloc(&r->arena, 1, sizeof *o);
    const dcr_rule_file *file = NULL;
    identifiers_file f = {0};
    json_t *root = NULL;
    dcr_status st = o == NULL ? dcr_nomem(err)
                              : dcr_load_json(r, "identifiers.json", &file, &root, err);
    dcr_param_src src = {file, &r->arena};
    if (st == DCR_OK)
        st = dcr_params_read(&src, root, file_spec, &f, err);
    r->identifiers = st == DCR_OK ? o : NULL;
    if (st == DCR_OK && json_array_size(f.classes) > DCR_IDENTIFIER_CLASSES)
        st = dcr_rule_fail(file, "classes", err, "at most %d classes",
                           DCR_IDENTIFIER_CLASSES);
    for (size_t i = 0; st == DCR_OK && i < json_array_size(f.classes); i++)
        st = read_class(&src, json_array_get(f.classes, i), &o->list[o->n++], err);
    for (size_t i = 0; st == DCR_OK && i < f.words.n; i++)
        if (dcr_dict_add(&o->words, f.words.s[i], strlen(f.words.s[i]), 0) ==
            DCR_DICT_NONE)
            st = dcr_nomem(err);
    json_decref(root);
    return st;
}

void dcr_identifiers_clear(dcr_rules *r)
{
    if (r->identifiers != NULL)
        dcr_dict_clear(&r->identifiers->words);
}

bool dcr_identifier_find(const dcr_rules *r, const char *id, size_t *out)
{
    for (size_t i = 0; i < r->identifiers->n; i++)
        if (strcmp(r->identifiers->list[i].id, id) == 0) {
            *out = i;
            return true;
        }
    return false;
}
