#include "deid_tools.h"

#include <string.h>

static const char *const keyed_words[] = {"unkeyed", "keyed",   "random",
                                          "kept",    "unknown", NULL};
static const char *const date_methods[] = {
    "constant-shift", "shift-per-subject", "dummy", "removed", "kept", NULL};
static const char *const units[] = {"day", "hour", NULL};
static const char *const yes[] = {"YES", NULL};
static const char *const temporal[] = {"MODIFIED", "REMOVED", "UNMODIFIED", NULL};
static const char *const evidence[] = {"code", "run", "file", "page", "general", NULL};

#define TEXT(type, key, member)                                                          \
    {                                                                                    \
        .name = key, .kind = DCR_F_TEXT, .to = DCR_TO(type, member)                      \
    }
#define TEXTS(key, member)                                                               \
    {                                                                                    \
        .name = key, .kind = DCR_F_TEXTS, .to = DCR_TO(dcr_deid_tool, member)            \
    }
#define WORD(type, key, member, list)                                                    \
    {                                                                                    \
        .name = key, .kind = DCR_F_WORD, .to = DCR_TO(type, member), .words = list       \
    }
#define INT(key, member)                                                                 \
    {                                                                                    \
        .name = key, .kind = DCR_F_INT, .to = DCR_TO(dcr_date_way, member),              \
        .hi = 1000000                                                                    \
    }
#define ROWS(key, member, table, type)                                                   \
    {                                                                                    \
        .name = key, .kind = DCR_F_LIST, .to = DCR_TO(dcr_deid_tool, member),            \
        .fields = table, .size = sizeof(type)                                            \
    }
#define END                                                                              \
    {                                                                                    \
        .name = NULL                                                                     \
    }

static const dcr_field uid_fields[] = {
    TEXT(dcr_uid_way, "scheme", scheme),
    WORD(dcr_uid_way, "keyed", keyed, keyed_words),
    TEXT(dcr_uid_way, "note", note),
    {.name = "roots", .kind = DCR_F_TEXTS, .to = DCR_TO(dcr_uid_way, roots)},
    {.name = "pattern", .kind = DCR_F_REGEX, .to = DCR_TO(dcr_uid_way, pattern_text)},
    {.name = "uuid_version",
     .kind = DCR_F_WHOLE,
     .to = DCR_TO(dcr_uid_way, uuid_version),
     .lo = 1,
     .hi = 8},
    END};

static const dcr_field date_fields[] = {{.name = "method",
                                         .kind = DCR_F_WORD,
                                         .required = true,
                                         .words = date_methods,
                                         .to = DCR_TO(dcr_date_way, method)},
                                        WORD(dcr_date_way, "keyed", keyed, keyed_words),
                                        WORD(dcr_date_way, "unit", unit, units),
                                        INT("least", least),
                                        INT("most", most),
                                        INT("typical", typical),
                                        TEXT(dcr_date_way, "note", note),
                                        END};

static const dcr_field pseudonym_fields[] = {
    TEXT(dcr_pseudonym_way, "tag", tag),
    TEXT(dcr_pseudonym_way, "scheme", scheme),
    WORD(dcr_pseudonym_way, "keyed", keyed, keyed_words),
    {.name = "pattern",
     .kind = DCR_F_REGEX,
     .to = DCR_TO(dcr_pseudonym_way, pattern_text)},
    END};

static const dcr_field value_fields[] = {{.name = "tag",
                                          .kind = DCR_F_TEXT,
                                          .required = true,
                                          .to = DCR_TO(dcr_deid_value, tag)},
                                         {.name = "value",
                                          .kind = DCR_F_TEXT,
                                          .required = true,
                                          .to = DCR_TO(dcr_deid_value, value)},
                                         END};

static const dcr_field tool_fields[] = {
    {.name = "id", .kind = DCR_F_TEXT, .required = true, .to = DCR_TO(dcr_deid_tool, id)},
    {.name = "name",
     .kind = DCR_F_TEXT,
     .required = true,
     .to = DCR_TO(dcr_deid_tool, name)},
    {.name = "method_text",
     .kind = DCR_F_REGEXES,
     .to = DCR_TO(dcr_deid_tool, method_text)},
    WORD(dcr_deid_tool, "identity_removed", identity_removed, yes),
    WORD(dcr_deid_tool, "temporal", temporal, temporal),
    TEXTS("codes", codes),
    TEXTS("private_creators", private_creators),
    ROWS("values", values, value_fields, dcr_deid_value),
    ROWS("uid", uid, uid_fields, dcr_uid_way),
    ROWS("pseudonyms", pseudonyms, pseudonym_fields, dcr_pseudonym_way),
    ROWS("dates", dates, date_fields, dcr_date_way),
    TEXTS("dummy_dates", dummy_dates),
    TEXTS("dummy_times", dummy_times),
    TEXT(dcr_deid_tool, "times", times),
    TEXT(dcr_deid_tool, "private", private_data),
    TEXT(dcr_deid_tool, "nested", nested),
    TEXT(dcr_deid_tool, "pixels", pixels),
    TEXTS("leaves", leaves),
    {.name = "evidence",
     .kind = DCR_F_WORD,
     .required = true,
     .words = evidence,
     .to = DCR_TO(dcr_deid_tool, evidence)},
    TEXTS("references", references),
    END};

typedef struct tools_file {
    dcr_list tools;
} tools_file;

static const dcr_field file_fields[] = {{.name = "source", .kind = DCR_F_TEXT},
                                        {.name = "edition", .kind = DCR_F_TEXT},
                                        {.name = "tools",
                                         .kind = DCR_F_LIST,
                                         .required = true,
                                         .fields = tool_fields,
                                         .size = sizeof(dcr_deid_tool),
                                         .to = DCR_TO(tools_file, tools)},
                                        END};

static void text_or_empty(const char **text)
{
    if (*text == NULL)
        *text = "";
}

static dcr_status finish_uids(dcr_rules *r, const dcr_deid_tool *t, dcr_err *err)
{
    dcr_uid_way *u = t->uid.items;
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < t->uid.n; i++) {
        text_or_empty(&u[i].scheme);
        text_or_empty(&u[i].keyed);
        text_or_empty(&u[i].note);
        st = dcr_rules_regex(r, u[i].pattern_text, &u[i].pattern, err);
    }
    return st;
}

static dcr_status finish_pseudonyms(dcr_rules *r, const dcr_deid_tool *t, dcr_err *err)
{
    dcr_pseudonym_way *p = t->pseudonyms.items;
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < t->pseudonyms.n; i++) {
        text_or_empty(&p[i].tag);
        text_or_empty(&p[i].scheme);
        text_or_empty(&p[i].keyed);
        st = dcr_rules_regex(r, p[i].pattern_text, &p[i].pattern, err);
    }
    return st;
}

static void finish_texts(dcr_deid_tool *t)
{
    dcr_date_way *d = t->dates.items;
    for (size_t i = 0; i < t->dates.n; i++) {
        text_or_empty(&d[i].keyed);
        text_or_empty(&d[i].unit);
        text_or_empty(&d[i].note);
    }
    text_or_empty(&t->identity_removed);
    text_or_empty(&t->temporal);
    text_or_empty(&t->times);
    text_or_empty(&t->private_data);
    text_or_empty(&t->nested);
    text_or_empty(&t->pixels);
}

static dcr_status finish(dcr_rules *r, dcr_deid_tool *t, dcr_err *err)
{
    dcr_status st = DCR_OK;
    t->method = dcr_arena_alloc(&r->arena, t->method_text.n, sizeof(dcr_regex *));
    if (t->method == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; st == DCR_OK && i < t->method_text.n; i++)
        st = dcr_rules_regex(r, t->method_text.s[i], &t->method[i], err);
    if (st == DCR_OK)
        st = finish_uids(r, t, err);
    if (st == DCR_OK)
        st = finish_pseudonyms(r, t, err);
    finish_texts(t);
    return st;
}

dcr_status dcr_load_deid_tools(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    tools_file f = {0};
    json_t *root = NULL;
    dcr_deid_tool *t;
    dcr_status st = dcr_load_json(r, "deid-tools.json", &file, &root, err);
    if (st == DCR_OK) {
        const dcr_strict s = {file, &r->arena};
        st = dcr_strict_read(&s, NULL, root, file_fields, &f, err);
    }
    json_decref(root);
    t = f.tools.items;
    for (size_t i = 0; st == DCR_OK && i < f.tools.n; i++) {
        if (i > 0 && strcmp(t[i - 1].id, t[i].id) >= 0)
            st = dcr_rule_fail(file, t[i].id, err, "tools must stand in order of id");
        else
            st = finish(r, &t[i], err);
    }
    r->deid_tools = t;
    r->n_deid_tools = st == DCR_OK ? f.tools.n : 0;
    return st;
}

const dcr_deid_tool *dcr_deid_tools(const dcr_rules *r, size_t *n)
{
    *n = r->n_deid_tools;
    return r->deid_tools;
}

bool dcr_deid_method(const dcr_deid_tool *t, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < t->method_text.n; i++)
        if (dcr_regex_match(t->method[i], p, n))
            return true;
    return false;
}
