#include "rules_check.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "dcmrisk/rules.h"
#include "embed.h"
#include "plural.h"

/* With what it names in the rules: templates, policies, levels, adversaries. */
static dcr_status check_project(const char *rules_dir, const char *path, dcr_err *err)
{
    dcr_project *p = NULL;
    dcr_rules *r = NULL;
    dcr_status st = dcr_rules_load(&r, rules_dir, err);
    if (st == DCR_OK)
        st = dcr_project_load(&p, path, err);
    if (st == DCR_OK)
        st = dcr_project_check(p, r, err);
    dcr_project_free(p);
    dcr_rules_free(r);
    if (st == DCR_OK)
        puts("the project file is sound");
    return st;
}

static dcr_status check_policy(const dcr_rules *r, const char *name, dcr_err *err)
{
    dcr_project *project = NULL;
    dcr_policy *policy = NULL;
    bool fell_back;
    dcr_status st = dcr_project_load(&project, NULL, err);
    if (st == DCR_OK)
        st = dcr_policy_load(&policy, r, name, project, &fell_back, err);
    dcr_policy_free(policy);
    dcr_project_free(project);
    return st;
}

static dcr_status check_policy_file(const char *rules_dir, const char *path, dcr_err *err)
{
    dcr_rules *r = NULL;
    dcr_status st = dcr_rules_load(&r, rules_dir, err);
    if (st == DCR_OK)
        st = check_policy(r, path, err);
    dcr_rules_free(r);
    if (st == DCR_OK)
        puts("the policy is sound");
    return st;
}

/* Every policy of the set is read, too. */
static dcr_status check_policies(const dcr_rules *r, size_t *n_policies, dcr_err *err)
{
    size_t n;
    const dcr_rules_file_info *f = dcr_rules_files(r, &n);
    dcr_status st = DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < n; i++) {
        char name[256];
        size_t len = strlen(f[i].name);
        if (strncmp(f[i].name, "policies/", 9) != 0 || len < 15 || len >= sizeof name)
            continue;
        memcpy(name, f[i].name + 9, len - 14);
        name[len - 14] = '\0';
        st = check_policy(r, name, err);
        ++*n_policies;
    }
    return st;
}

static dcr_status check_rule_set(const char *dir, dcr_err *err)
{
    dcr_rules *r = NULL;
    size_t n_rules = 0, n_policies = 0;
    dcr_status st = dcr_rules_load(&r, dir, err);
    if (st == DCR_OK)
        st = dcr_rules_selftest(r, err);
    if (st == DCR_OK)
        st = check_policies(r, &n_policies, err);
    if (st == DCR_OK) {
        (void)dcr_rules_list(r, &n_rules);
        printf("%zu %s, %zu %s sound\n", n_rules,
               dcr_plural((double)n_rules, "rules hold with their examples"), n_policies,
               dcr_plural((double)n_policies, "policies are"));
    }
    dcr_rules_free(r);
    return st;
}

/* Turns the path of a file into that of the rule set it is part of: DIR/checks/NAME, or
 * DIR/NAME for what is a file of rules/ by its name. */
static dcr_status to_rule_set(char *path, dcr_err *err)
{
    char *slash = strrchr(path, '/'), known[300];
    int n = snprintf(known, sizeof known, "rules/%s", slash + 1);
    bool by_name = n < (int)sizeof known && dcr_embed_find(known) != NULL;
    const char *file = slash + 1;
    *slash = '\0';
    if (by_name)
        return DCR_OK;
    slash = strrchr(path, '/');
    if (slash == NULL || strcmp(slash + 1, "checks") != 0)
        return dcr_fail(err, DCR_ERULES, file,
                        "it has no \"schema\", so it must be a rule, in a folder named "
                        "checks, or a table, named like one of rules/; see dcmrisk rules "
                        "list files");
    *slash = '\0';
    return DCR_OK;
}

static dcr_status check_acceptances(const char *path, dcr_err *err)
{
    dcr_status st = dcr_acceptances_check(path, err);
    if (st == DCR_OK)
        puts("the acceptances are sound");
    return st;
}

static dcr_status check_file(const char *rules_dir, char *path, dcr_err *err)
{
    const char *schema = "";
    dcr_status st = dcr_rules_schema_of(path, &schema, err);
    if (st != DCR_OK)
        return st;
    if (strncmp(schema, "dcmrisk-project/", 16) == 0)
        return check_project(rules_dir, path, err);
    if (strncmp(schema, "dcmrisk-acceptance/", 19) == 0)
        return check_acceptances(path, err);
    if (strncmp(schema, "dcmrisk-policy/", 15) == 0)
        return check_policy_file(rules_dir, path, err);
    st = to_rule_set(path, err);
    return st == DCR_OK ? check_rule_set(*path == '\0' ? "/" : path, err) : st;
}

int dcr_rules_check_file(const char *rules_dir, const char *given)
{
    char path[4096]; /* with a slash in it, so that a policy is a file and not a name */
    dcr_err err = {0};
    struct stat s;
    bool folder = stat(given, &s) == 0 && S_ISDIR(s.st_mode);
    dcr_status st = folder ? DCR_OK : dcr_look_at(given, &err);
    if (st == DCR_OK && snprintf(path, sizeof path, "%s%s", given[0] == '/' ? "" : "./",
                                 given) >= (int)sizeof path)
        st = dcr_fail(&err, DCR_EARG, given, "the path is too long");
    if (st == DCR_OK)
        st = folder ? check_rule_set(path, &err) : check_file(rules_dir, path, &err);
    return st == DCR_OK ? DCR_EXIT_PASS : dcr_cmd_fail(&err, true);
}
