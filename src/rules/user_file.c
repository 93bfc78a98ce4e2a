/* What a file is that a user wrote. */
#include <string.h>

#include "json_text.h"
#include "strict.h"

#include "dcmrisk/rules.h"

static const char *const schemas[] = {"dcmrisk-policy/1", "dcmrisk-project/1",
                                      "dcmrisk-acceptance/1", NULL};

static dcr_status read_schema(dcr_arena *arena, const char *path, const char **schema,
                              dcr_err *err)
{
    dcr_rule_file file = {0};
    const dcr_strict s = {&file, arena};
    json_t *root = NULL;
    const json_t *v;
    dcr_status st = dcr_strict_open(&file, arena, path, err);
    if (st == DCR_OK)
        st = dcr_rule_json(&file, &root, err);
    v = json_object_get(root, "schema");
    if (st == DCR_OK && v != NULL) {
        for (size_t i = 0; schemas[i] != NULL; i++)
            if (strcmp(dcr_json_text(root, "schema"), schemas[i]) == 0)
                *schema = schemas[i];
        if (**schema == '\0')
            st = dcr_strict_no_word(&s, NULL, "schema", dcr_json_text(root, "schema"),
                                    schemas, err);
    }
    json_decref(root);
    return st;
}

dcr_status dcr_rules_schema_of(const char *path, const char **schema, dcr_err *err)
{
    dcr_arena arena = {0};
    dcr_status st;
    *schema = "";
    st = read_schema(&arena, path, schema, err);
    dcr_arena_clear(&arena);
    return st;
}
