/* Reads rules/checks/: one rule a file, strictly. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "near.h"

static const char *const severity_names[] = {"note", "low", "medium", "high", "critical"};
static const char *const criteria[] = {"singling-out", "linkability", "inference",
                                       "claim", "coverage"};

const char *dcr_severity_name(dcr_severity s)
{
    return severity_names[s];
}

bool dcr_severity_of(const char *name, dcr_severity *out)
{
    for (size_t i = 0; i < sizeof severity_names / sizeof *severity_names; i++) {
        if (strcmp(severity_names[i], name) == 0) {
            *out = (dcr_severity)i;
            return true;
        }
    }
    return false;
}

#define DCR_PLUGIN(name) extern const dcr_check dcr_check_##name;
#include "check.def"
#undef DCR_PLUGIN

static const dcr_check *const checks[] = {
#define DCR_PLUGIN(name) &dcr_check_##name,
#include "check.def"
#undef DCR_PLUGIN
    NULL};

const dcr_check *dcr_check_find(const char *id)
{
    for (size_t i = 0; checks[i] != NULL; i++)
        if (strcmp(checks[i]->id, id) == 0)
            return checks[i];
    return NULL;
}

static const dcr_param rule_spec[] = {
    {"id", DCR_P_STRING, offsetof(dcr_rule, id), true},
    {"check", DCR_P_STRING, offsetof(dcr_rule, check_name), true},
    {"title", DCR_P_STRING, offsetof(dcr_rule, title), true},
    {"severity", DCR_P_STRING, offsetof(dcr_rule, severity_name), true},
    {"criterion", DCR_P_STRING, offsetof(dcr_rule, criterion), true},
    {"gate", DCR_P_STRING, offsetof(dcr_rule, gate), false},
    {"why", DCR_P_STRING, offsetof(dcr_rule, why), true},
    {"remedy", DCR_P_STRING, offsetof(dcr_rule, remedy), true},
    {"references", DCR_P_STRINGS, offsetof(dcr_rule, references), false},
    {"params", DCR_P_JSON, offsetof(dcr_rule, params_json), false},
    {"examples", DCR_P_JSON, offsetof(dcr_rule, examples), true},
    {NULL, DCR_P_STRING, 0, false},
};

static bool is_kebab(const char *s)
{
    char last = '-';
    for (; *s != '\0'; s++) {
        bool ok = (*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9');
        if (!ok && (*s != '-' || last == '-'))
            return false;
        last = *s;
    }
    return last != '-';
}

/* "checks/<id>.json": a rule is found by its file name. */
static bool named_as(const dcr_rule_file *f, const char *id)
{
    size_t n = strlen(id);
    return strncmp(f->name + 7, id, n) == 0 && strcmp(f->name + 7 + n, ".json") == 0;
}

static dcr_status check_words(const dcr_rule *w, dcr_err *err)
{
    size_t i = 0;
    if (!is_kebab(w->id) || !named_as(w->file, w->id))
        return dcr_rule_fail(w->file, "id", err,
                             "id must be the file's name, in kebab-case");
    while (i < sizeof criteria / sizeof *criteria &&
           strcmp(criteria[i], w->criterion) != 0)
        i++;
    if (i == sizeof criteria / sizeof *criteria)
        return dcr_rule_fail(w->file, "criterion", err, "no criterion \"%.40s\"",
                             w->criterion);
    if (w->gate[0] != '\0' && !is_kebab(w->gate))
        return dcr_rule_fail(w->file, "gate", err, "gate must be in kebab-case");
    if (!json_is_object(w->examples))
        return dcr_rule_fail(w->file, "examples", err, "\"examples\" must be an object");
    return DCR_OK;
}

static dcr_status no_check(const dcr_rule_file *file, const char *name, dcr_err *err)
{
    dcr_near near = dcr_near_of(name);
    for (size_t i = 0; checks[i] != NULL; i++)
        dcr_near_try(&near, checks[i]->id);
    if (near.found == NULL)
        return dcr_rule_fail(file, "check", err, "no kind of check \"%.40s\"", name);
    return dcr_rule_fail(file, "check", err,
                         "no kind of check \"%.40s\"; did you mean \"%s\"?", name,
                         near.found);
}

static dcr_status read_rule(dcr_rules *r, const dcr_rule_file *file, dcr_rule *w,
                            dcr_err *err)
{
    dcr_param_src src = {file, &r->arena};
    json_t *root = NULL;
    dcr_status st = dcr_rule_json(file, &root, err);
    w->file = file;
    if (st == DCR_OK)
        st = dcr_params_read(&src, root, rule_spec, w, err);
    if (st == DCR_OK)
        st = check_words(w, err);
    if (st == DCR_OK && !dcr_severity_of(w->severity_name, &w->severity))
        st = dcr_rule_fail(file, "severity", err, "no severity \"%.40s\"",
                           w->severity_name);
    if (st == DCR_OK && (w->check = dcr_check_find(w->check_name)) == NULL)
        st = no_check(file, w->check_name, err);
    if (st == DCR_OK)
        st = w->check->compile(r, &src, w->params_json, &w->params, err);
    w->params_json = w->examples = NULL;
    json_decref(root);
    return st;
}

dcr_status dcr_load_checks(dcr_rules *r, dcr_err *err)
{
    dcr_status st = DCR_OK;
    r->rules = dcr_arena_alloc(&r->arena, r->files.n, sizeof *r->rules);
    r->infos = dcr_arena_alloc(&r->arena, r->files.n, sizeof *r->infos);
    if (r->rules == NULL || r->infos == NULL)
        return dcr_nomem(err);
    /* Files are sorted by name, so rules are by id. */
    for (size_t i = 0; st == DCR_OK && i < r->files.n; i++) {
        const dcr_rule_file *f = &r->files.list[i];
        dcr_rule *w = &r->rules[r->n_rules];
        if (strncmp(f->name, "checks/", 7) != 0)
            continue;
        st = read_rule(r, f, w, err);
        if (st == DCR_OK)
            r->infos[r->n_rules++] =
                (dcr_rule_info){w->id, w->title, f->text, w->severity};
    }
    return st;
}
