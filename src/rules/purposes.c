#include "purposes.h"

#include <string.h>

#include "json_text.h"
#include "near.h"
#include "project.h"
#include "strict.h"

typedef struct purposes_file {
    dcr_list templates;
} purposes_file;

static const dcr_field kept_fields[] = {
    {.name = "path", .kind = DCR_F_TEXT, .required = true, .to = DCR_TO(dcr_kept, path)},
    {.name = "purpose",
     .kind = DCR_F_TEXT,
     .required = true,
     .to = DCR_TO(dcr_kept, purpose)},
    {.name = "precision", .kind = DCR_F_TEXT, .to = DCR_TO(dcr_kept, precision)},
    {.name = NULL}};

static const dcr_field template_fields[] = {{.name = "id",
                                             .kind = DCR_F_TEXT,
                                             .required = true,
                                             .to = DCR_TO(dcr_purpose_template, id)},
                                            {.name = "title",
                                             .kind = DCR_F_TEXT,
                                             .required = true,
                                             .to = DCR_TO(dcr_purpose_template, title)},
                                            {.name = "keeps",
                                             .kind = DCR_F_LIST,
                                             .required = true,
                                             .fields = kept_fields,
                                             .size = sizeof(dcr_kept),
                                             .to = DCR_TO(dcr_purpose_template, keeps)},
                                            {.name = NULL}};

static const dcr_field file_fields[] = {{.name = "source", .kind = DCR_F_TEXT},
                                        {.name = "edition", .kind = DCR_F_TEXT},
                                        {.name = "templates",
                                         .kind = DCR_F_LIST,
                                         .required = true,
                                         .fields = template_fields,
                                         .size = sizeof(dcr_purpose_template),
                                         .to = DCR_TO(purposes_file, templates)},
                                        {.name = NULL}};

/* The hierarchy of the concept that a path carries, NULL when it carries none. */
static const dcr_hierarchy *hierarchy_of(const dcr_rules *r, const char *path)
{
    for (size_t i = 0; i < r->n_carriers; i++) {
        const char *id;
        if (strcmp(r->carriers[i].path, path) != 0)
            continue;
        id = r->concepts[r->carriers[i].concept].hierarchy;
        for (size_t h = 0; h < r->n_hierarchies; h++)
            if (strcmp(r->hierarchies[h].id, id) == 0)
                return &r->hierarchies[h];
    }
    return NULL;
}

/* A precision must be a level of what the path carries. */
static dcr_status check_level(const dcr_rules *r, const dcr_rule_file *file,
                              const char *path, const char *level, dcr_err *err)
{
    const dcr_hierarchy *h = hierarchy_of(r, path);
    char levels[120];
    size_t n = 0;
    if (h == NULL)
        return dcr_rule_fail(
            file, path, err,
            "%.40s has no levels of precision: write the path of a carrier "
            "of concepts.json",
            path);
    if (dcr_strings_have(&h->levels, level))
        return DCR_OK;
    for (size_t i = 0; i < h->levels.n && n + strlen(h->levels.s[i]) + 3 < sizeof levels;
         i++) {
        size_t len = strlen(h->levels.s[i]);
        if (i > 0) {
            levels[n++] = ',';
            levels[n++] = ' ';
        }
        memcpy(levels + n, h->levels.s[i], len);
        n += len;
    }
    levels[n] = '\0';
    return dcr_rule_fail(file, level, err, "no level \"%.30s\"; write one of %s", level,
                         levels);
}

dcr_status dcr_load_purposes(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    purposes_file f = {0};
    json_t *root = NULL;
    const dcr_purpose_template *t;
    dcr_status st = dcr_load_json(r, "purposes.json", &file, &root, err);
    if (st == DCR_OK) {
        const dcr_strict s = {file, &r->arena};
        st = dcr_strict_read(&s, NULL, root, file_fields, &f, err);
    }
    json_decref(root);
    t = f.templates.items;
    for (size_t i = 0; i < f.templates.n && st == DCR_OK; i++) {
        const dcr_kept *k = t[i].keeps.items;
        for (size_t j = 0; j < t[i].keeps.n && st == DCR_OK; j++)
            if (k[j].precision != NULL)
                st = check_level(r, file, k[j].path, k[j].precision, err);
    }
    r->purposes = f.templates;
    return st;
}

static const dcr_purpose_template *template_of(const dcr_rules *r, const char *id)
{
    const dcr_purpose_template *t = r->purposes.items;
    for (size_t i = 0; i < r->purposes.n; i++)
        if (strcmp(t[i].id, id) == 0)
            return &t[i];
    return NULL;
}

static dcr_status no_template(const dcr_rules *r, const dcr_rule_file *file,
                              const char *id, dcr_err *err)
{
    const dcr_purpose_template *t = r->purposes.items;
    dcr_near near = dcr_near_of(id);
    for (size_t i = 0; i < r->purposes.n; i++)
        dcr_near_try(&near, t[i].id);
    if (near.found != NULL)
        return dcr_rule_fail(file, id, err,
                             "no purpose template \"%.40s\"; did you mean \"%.40s\"?", id,
                             near.found);
    return dcr_rule_fail(file, id, err,
                         "no purpose template \"%.40s\"; see dcmrisk rules show "
                         "purposes.json",
                         id);
}

/* A recipient's adversary must be one of the rules. */
static dcr_status check_adversary(const dcr_rules *r, const dcr_rule_file *file,
                                  const char *id, dcr_err *err)
{
    dcr_near near = dcr_near_of(id);
    for (size_t i = 0; i < r->n_adversaries; i++) {
        if (strcmp(r->adversaries[i].id, id) == 0)
            return DCR_OK;
        dcr_near_try(&near, r->adversaries[i].id);
    }
    return dcr_rule_fail(
        file, id, err, "no adversary \"%.40s\"%s%.40s%s", id,
        near.found == NULL ? "; see dcmrisk rules list adversaries" : "; did you mean \"",
        near.found == NULL ? "" : near.found, near.found == NULL ? "" : "\"?");
}

dcr_status dcr_project_check(const dcr_project *p, const dcr_rules *r, dcr_err *err)
{
    const json_t *json = dcr_project_json(p), *levels, *level;
    const dcr_rule_file *file = dcr_project_file(p);
    const char *id = dcr_json_text(json, "template"), *path;
    const dcr_recipient *who;
    size_t n;
    dcr_status st = DCR_OK;
    if (*id != '\0' && template_of(r, id) == NULL)
        return no_template(r, file, id, err);
    who = dcr_project_recipients(p, &n);
    for (size_t i = 0; i < n && st == DCR_OK; i++)
        if (who[i].adversary != NULL)
            st = check_adversary(r, file, who[i].adversary, err);
    levels = json_object_get(json, "precision");
    json_object_foreach((json_t *)(uintptr_t)levels, path, level) if (st == DCR_OK) st =
        check_level(r, file, path, json_string_value(level), err);
    return st;
}

static const dcr_kept *kept(const dcr_rules *r, const dcr_project *p, const char *path)
{
    const char *id = dcr_json_text(dcr_project_json(p), "template");
    const dcr_purpose_template *t = *id == '\0' ? NULL : template_of(r, id);
    const dcr_kept *k = t == NULL ? NULL : t->keeps.items;
    for (size_t i = 0; t != NULL && i < t->keeps.n; i++)
        if (strcmp(k[i].path, path) == 0)
            return &k[i];
    return NULL;
}

const char *dcr_rules_purpose(const dcr_rules *r, const dcr_project *p, const char *path)
{
    const char *own = dcr_project_purpose(p, path);
    const dcr_kept *k = own == NULL ? kept(r, p, path) : NULL;
    return own != NULL ? own : k != NULL ? k->purpose : NULL;
}

const char *dcr_rules_precision(const dcr_rules *r, const dcr_project *p,
                                const char *path)
{
    const json_t *own = json_object_get(dcr_project_json(p), "precision");
    const char *level = json_string_value(json_object_get(own, path));
    const dcr_kept *k = level == NULL ? kept(r, p, path) : NULL;
    return level != NULL ? level : k != NULL ? k->precision : NULL;
}
