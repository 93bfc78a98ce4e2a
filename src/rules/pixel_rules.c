#include "pixel_rules.h"

#include <string.h>

static const char *const op_names[] = {[DCR_PX_IS] = "is",
                                       [DCR_PX_IS_NOT] = "is-not",
                                       [DCR_PX_FIRST] = "first",
                                       [DCR_PX_SECOND] = "second",
                                       [DCR_PX_HAS] = "has",
                                       [DCR_PX_CONTAINS] = "contains",
                                       [DCR_PX_MATCHES] = "matches",
                                       [DCR_PX_UNDER] = "under",
                                       [DCR_PX_NOT_UNDER] = "not-under",
                                       [DCR_PX_PRESENT] = "present",
                                       [DCR_PX_ABSENT] = "absent",
                                       [DCR_PX_AT_MOST] = "at-most",
                                       [DCR_PX_AT_LEAST] = "at-least",
                                       [DCR_PX_ABOVE] = "above",
                                       NULL};

static const char *const risks[] = {
    "burned_in",       "face",          "biometric", "overlay", "hidden_pixels",
    "hidden_metadata", "embedded_text", NULL};
static const char *const levels[] = {"info", "low", "medium", "high", "unknown", NULL};
static const char *const uses[] = {"clean", "flag", "regions", "reject", NULL};
static const char *const yes_no[] = {"YES", "NO", NULL};

#define FIELD(type, key, what, member)                                                   \
    {                                                                                    \
        .name = key, .kind = what, .to = DCR_TO(type, member)                            \
    }
#define NEEDED(type, key, what, member)                                                  \
    {                                                                                    \
        .name = key, .kind = what, .to = DCR_TO(type, member), .required = true          \
    }
#define WORD(type, key, member, list)                                                    \
    {                                                                                    \
        .name = key, .kind = DCR_F_WORD, .to = DCR_TO(type, member), .required = true,   \
        .words = list                                                                    \
    }
#define END                                                                              \
    {                                                                                    \
        .name = NULL                                                                     \
    }

static const dcr_field test_fields[] = {
    NEEDED(dcr_pixel_test, "attr", DCR_F_TEXT, attr),
    WORD(dcr_pixel_test, "op", op_name, op_names),
    FIELD(dcr_pixel_test, "words", DCR_F_TEXTS, words),
    FIELD(dcr_pixel_test, "pattern", DCR_F_REGEX, pattern_text),
    {.name = "number",
     .kind = DCR_F_INT,
     .to = DCR_TO(dcr_pixel_test, number),
     .hi = 1000000000},
    END};

static const dcr_field rule_fields[] = {
    NEEDED(dcr_pixel_rule, "id", DCR_F_TEXT, id),
    WORD(dcr_pixel_rule, "risk", risk, risks),
    WORD(dcr_pixel_rule, "level", level, levels),
    NEEDED(dcr_pixel_rule, "why", DCR_F_TEXT, why),
    NEEDED(dcr_pixel_rule, "condition", DCR_F_TEXT, condition),
    {.name = "when", .kind = DCR_F_ANY, .required = true},
    NEEDED(dcr_pixel_rule, "source", DCR_F_TEXT, source),
    END};

#define SIZE(key, member)                                                                \
    {                                                                                    \
        .name = key, .kind = DCR_F_WHOLES, .to = DCR_TO(dcr_pixel_device, member),       \
        .lo = 1, .hi = 1000000                                                           \
    }
#define LIST(key, member) FIELD(dcr_pixel_device, key, DCR_F_TEXTS, member)

static const dcr_field device_fields[] = {
    NEEDED(dcr_pixel_device, "label", DCR_F_TEXT, label),
    LIST("modality", modality),
    LIST("manufacturer", manufacturer),
    LIST("model", model),
    SIZE("rows", rows),
    SIZE("columns", columns),
    LIST("image_type", image_type),
    FIELD(dcr_pixel_device, "image_type_all", DCR_F_FLAG, image_type_all),
    LIST("series_description", series_description),
    {.name = "burned_in",
     .kind = DCR_F_WORD,
     .words = yes_no,
     .to = DCR_TO(dcr_pixel_device, burned_in)},
    {.name = "other", .kind = DCR_F_ANY},
    WORD(dcr_pixel_device, "use", use, uses),
    {.name = "regions",
     .kind = DCR_F_WHOLE,
     .required = true,
     .to = DCR_TO(dcr_pixel_device, regions),
     .hi = 1000},
    NEEDED(dcr_pixel_device, "sources", DCR_F_TEXTS, sources),
    END};

/* ---- tests ----------------------------------------------------------------------------
 */

typedef struct reader {
    dcr_rules *r;
    dcr_strict s;
} reader;

/* What an operation needs beside it. */
static const char *lacks(const dcr_pixel_test *t)
{
    switch (t->op) {
    case DCR_PX_MATCHES:
        return t->pattern_text == NULL ? "pattern" : NULL;
    case DCR_PX_AT_MOST:
    case DCR_PX_AT_LEAST:
    case DCR_PX_ABOVE:
        return t->number == 0 ? "number" : NULL;
    case DCR_PX_PRESENT:
    case DCR_PX_ABSENT:
        return NULL;
    default:
        return t->words.n == 0 ? "words" : NULL;
    }
}

static dcr_status read_test(const reader *in, const dcr_place *at, const json_t *j,
                            dcr_pixel_test *out, dcr_err *err)
{
    dcr_status st = dcr_strict_read(&in->s, at, j, test_fields, out, err);
    const char *missing;
    if (st != DCR_OK)
        return st;
    while (strcmp(op_names[out->op], out->op_name) != 0)
        out->op++;
    missing = lacks(out);
    if (missing != NULL)
        return dcr_strict_fail(&in->s, at, "op", err, "\"%s\" needs \"%s\" beside it",
                               out->op_name, missing);
    return dcr_rules_regex(in->r, out->pattern_text, &out->pattern, err);
}

static dcr_status read_clause(const reader *in, const dcr_place *at, const json_t *list,
                              dcr_pixel_clause *out, dcr_err *err)
{
    size_t n = json_array_size(list);
    dcr_pixel_test *t = dcr_arena_alloc(&in->r->arena, n, sizeof *t);
    dcr_status st = t == NULL ? dcr_nomem(err) : DCR_OK;
    if (st == DCR_OK && n == 0)
        st =
            dcr_strict_fail(&in->s, at, NULL, err, "a list of tests, [{...}], is wanted");
    for (size_t i = 0; st == DCR_OK && i < n; i++) {
        const dcr_place row = {at, NULL, i};
        st = read_test(in, &row, json_array_get(list, i), &t[i], err);
    }
    *out = (dcr_pixel_clause){t, n};
    return st;
}

static dcr_status read_when(const reader *in, const dcr_place *at, const json_t *rule,
                            dcr_pixel_rule *out, dcr_err *err)
{
    const json_t *list = json_object_get(rule, "when");
    const dcr_place when = {at, "when", 0};
    size_t n = json_array_size(list);
    dcr_pixel_clause *c = dcr_arena_alloc(&in->r->arena, n, sizeof *c);
    dcr_status st = c == NULL ? dcr_nomem(err) : DCR_OK;
    if (st == DCR_OK && n == 0)
        st = dcr_strict_fail(&in->s, at, "when", err,
                             "\"when\" must be a list of lists of tests, [[{...}]]");
    for (size_t i = 0; st == DCR_OK && i < n; i++) {
        const dcr_place row = {&when, NULL, i};
        st = read_clause(in, &row, json_array_get(list, i), &c[i], err);
    }
    out->when = c;
    out->n_when = n;
    return st;
}

/* ---- files ----------------------------------------------------------------------------
 */

typedef struct rows_file {
    dcr_list rows;
} rows_file;

/* Reads a file with one list of rows; *root is the caller's to drop, also on failure. */
static dcr_status read_rows(reader *in, const char *name, const char *key,
                            const dcr_field *row_fields, size_t size, dcr_list *out,
                            json_t **root, dcr_err *err)
{
    const dcr_field file_fields[] = {{.name = "source", .kind = DCR_F_TEXT},
                                     {.name = "edition", .kind = DCR_F_TEXT},
                                     {.name = "match", .kind = DCR_F_TEXT},
                                     {.name = key,
                                      .kind = DCR_F_LIST,
                                      .required = true,
                                      .fields = row_fields,
                                      .size = size,
                                      .to = DCR_TO(rows_file, rows)},
                                     END};
    rows_file f = {0};
    dcr_status st = dcr_load_json(in->r, name, &in->s.file, root, err);
    in->s.arena = &in->r->arena;
    if (st == DCR_OK)
        st = dcr_strict_read(&in->s, NULL, *root, file_fields, &f, err);
    *out = f.rows;
    return st;
}

static dcr_status load_rules(dcr_rules *r, dcr_err *err)
{
    const dcr_place rules = {NULL, "rules", 0};
    reader in = {.r = r};
    json_t *root = NULL;
    dcr_list rows = {0};
    dcr_status st = read_rows(&in, "pixel-rules.json", "rules", rule_fields,
                              sizeof(dcr_pixel_rule), &rows, &root, err);
    r->pixel_rules = rows.items;
    for (size_t i = 0; st == DCR_OK && i < rows.n; i++) {
        const dcr_place row = {&rules, NULL, i};
        st = read_when(&in, &row, json_array_get(json_object_get(root, "rules"), i),
                       &r->pixel_rules[i], err);
    }
    r->n_pixel_rules = st == DCR_OK ? rows.n : 0;
    json_decref(root);
    return st;
}

static dcr_status load_devices(dcr_rules *r, dcr_err *err)
{
    const dcr_place devices = {NULL, "devices", 0};
    reader in = {.r = r};
    json_t *root = NULL;
    dcr_list rows = {0};
    dcr_status st = read_rows(&in, "pixel-devices.json", "devices", device_fields,
                              sizeof(dcr_pixel_device), &rows, &root, err);
    r->pixel_devices = rows.items;
    for (size_t i = 0; st == DCR_OK && i < rows.n; i++) {
        const json_t *j = json_array_get(json_object_get(root, "devices"), i);
        const dcr_place row = {&devices, NULL, i}, other = {&row, "other", 0};
        dcr_pixel_device *d = &r->pixel_devices[i];
        d->burned_in = d->burned_in == NULL ? "" : d->burned_in;
        if (json_object_get(j, "other") != NULL)
            st = read_clause(&in, &other, json_object_get(j, "other"), &d->other, err);
    }
    r->n_pixel_devices = st == DCR_OK ? rows.n : 0;
    json_decref(root);
    return st;
}

dcr_status dcr_load_pixel_rules(dcr_rules *r, dcr_err *err)
{
    dcr_status st = load_rules(r, err);
    return st == DCR_OK ? load_devices(r, err) : st;
}

const dcr_pixel_rule *dcr_pixel_rules(const dcr_rules *r, size_t *n)
{
    *n = r->n_pixel_rules;
    return r->pixel_rules;
}

const dcr_pixel_device *dcr_pixel_devices(const dcr_rules *r, size_t *n)
{
    *n = r->n_pixel_devices;
    return r->pixel_devices;
}
