/* A document from outside against the JSON Schema of reports, as far as our own uses it:
 * type, required, properties, items, additionalProperties that are a schema, enum,
 * minimum and $ref.  The schema is ours, and as deep as the report is: so is this. */
#include <stdio.h>
#include <string.h>

#include "dcmrisk/report.h"
#include "embed.h"

enum { DEPTH_MAX = 24, PLACE_MAX = 160 };

typedef struct shape {
    const json_t *schema; /* the whole */
    char place[PLACE_MAX];
    dcr_err *err;
} shape;

static dcr_status check(shape *s, const json_t *schema, const json_t *v, size_t depth);

static bool is_type(const json_t *v, const char *type)
{
    return strcmp(type, "object") == 0    ? json_is_object(v)
           : strcmp(type, "array") == 0   ? json_is_array(v)
           : strcmp(type, "string") == 0  ? json_is_string(v)
           : strcmp(type, "integer") == 0 ? json_is_integer(v)
           : strcmp(type, "number") == 0  ? json_is_number(v)
           : strcmp(type, "boolean") == 0 ? json_is_boolean(v)
                                          : json_is_null(v);
}

static dcr_status wrong(shape *s, const char *what, const char *more)
{
    return dcr_fail(s->err, DCR_EARG, "report.json", "%s %s%s",
                    s->place[0] == '\0' ? "the document" : s->place, what, more);
}

static dcr_status check_type(shape *s, const json_t *schema, const json_t *v)
{
    const json_t *type = json_object_get(schema, "type");
    char names[80] = "";
    size_t n = 0;
    if (type == NULL)
        return DCR_OK;
    if (json_is_string(type))
        return is_type(v, json_string_value(type))
                   ? DCR_OK
                   : wrong(s, "is not of type ", json_string_value(type));
    for (size_t i = 0; i < json_array_size(type); i++) {
        const char *name = json_string_value(json_array_get(type, i));
        if (is_type(v, name))
            return DCR_OK;
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", i == 0 ? "" : " or ",
                              name);
        n = n < sizeof names ? n : sizeof names - 1;
    }
    return wrong(s, "is not of type ", names);
}

static dcr_status check_value(shape *s, const json_t *schema, const json_t *v)
{
    const json_t *list = json_object_get(schema, "enum"),
                 *only = json_object_get(schema, "const"),
                 *least = json_object_get(schema, "minimum");
    size_t i = 0;
    while (i < json_array_size(list) && !json_equal(json_array_get(list, i), v))
        i++;
    if ((list != NULL && i == json_array_size(list)) ||
        (only != NULL && !json_equal(only, v)))
        return wrong(s, "is none of the words there are for it", "");
    if (json_is_number(least) && json_is_number(v) &&
        json_number_value(v) < json_number_value(least))
        return wrong(s, "is too small", "");
    return DCR_OK;
}

/* Checks `v` at a place below this one: ".key" or "[7]". */
static dcr_status below(shape *s, const char *key, size_t i, const json_t *schema,
                        const json_t *v, size_t depth)
{
    size_t n = strlen(s->place);
    dcr_status st;
    if (key == NULL)
        snprintf(s->place + n, sizeof s->place - n, "[%zu]", i);
    else
        snprintf(s->place + n, sizeof s->place - n, "%s%s", n == 0 ? "" : ".", key);
    st = check(s, schema, v, depth + 1);
    s->place[n] = '\0';
    return st;
}

static dcr_status check_required(shape *s, const json_t *schema, const json_t *v)
{
    const json_t *list = json_object_get(schema, "required");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *key = json_string_value(json_array_get(list, i));
        if (json_object_get(v, key) == NULL)
            return wrong(s, "lacks ", key);
    }
    return DCR_OK;
}

static dcr_status check_object(shape *s, const json_t *schema, const json_t *v,
                               size_t depth)
{
    json_t *known = json_object_get(schema, "properties"),
           *others = json_object_get(schema, "additionalProperties"), *sub, *each;
    const char *key;
    dcr_status st = check_required(s, schema, v);
    if (st != DCR_OK)
        return st;
    json_object_foreach(known, key, sub)
    {
        const json_t *member = json_object_get(v, key);
        if (member != NULL && (st = below(s, key, 0, sub, member, depth)) != DCR_OK)
            return st;
    }
    if (!json_is_object(others))
        return DCR_OK;
    /* Names of members are the document's: they are not said. */
    json_object_foreach((json_t *)(uintptr_t)v, key, each)
    {
        if (json_object_get(known, key) == NULL &&
            (st = below(s, "*", 0, others, each, depth)) != DCR_OK)
            return st;
    }
    return DCR_OK;
}

static const json_t *resolve(const shape *s, const json_t *schema)
{
    static const char at[] = "#/$defs/";
    const char *ref = json_string_value(json_object_get(schema, "$ref"));
    if (ref == NULL || strncmp(ref, at, sizeof at - 1) != 0)
        return schema;
    return json_object_get(json_object_get(s->schema, "$defs"), ref + sizeof at - 1);
}

static dcr_status check(shape *s, const json_t *schema, const json_t *v, size_t depth)
{
    const json_t *items;
    dcr_status st;
    if (depth > DEPTH_MAX)
        return wrong(s, "lies too deep", "");
    schema = resolve(s, schema);
    st = check_type(s, schema, v);
    if (st == DCR_OK)
        st = check_value(s, schema, v);
    if (st == DCR_OK && json_is_object(v))
        st = check_object(s, schema, v, depth);
    items = json_object_get(schema, "items");
    for (size_t i = 0; st == DCR_OK && items != NULL && i < json_array_size(v); i++)
        st = below(s, NULL, i, items, json_array_get(v, i), depth);
    return st;
}

dcr_status dcr_report_check(const json_t *doc, dcr_err *err)
{
    const dcr_embed *e = dcr_embed_find("reports/report.schema.json");
    json_t *schema =
        e == NULL ? NULL : json_loadb(e->begin, (size_t)(e->end - e->begin), 0, NULL);
    shape s = {.schema = schema, .err = err};
    dcr_status st = schema == NULL ? dcr_nomem(err) : check(&s, schema, doc, 0);
    json_decref(schema);
    return st;
}
