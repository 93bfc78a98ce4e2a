#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alloc.h"
#include "cmd.h"
#include "dcmrisk/report.h" /* JSON */
#include "dcmrisk/rules.h"
#include "dict.h"
#include "embed.h"
#include "term.h"

enum { ID_MAX_COLUMN = 34, SEVERITY_COLUMNS = 10 };

static const char policies[] = "policies/";

typedef struct rules_args {
    dcr_common common;
} rules_args;

/* ---- the policies there are -----------------------------------------------------------
 */

/* Adds the name in "NAME.json"; what ends otherwise is no policy. */
static bool add_policy(dcr_dict *names, const char *file)
{
    size_t n = strlen(file);
    if (n <= 5 || strcmp(file + n - 5, ".json") != 0 || file[0] == '.')
        return true;
    return dcr_dict_add(names, file, n - 5, 0) != DCR_DICT_NONE;
}

static bool add_folder(dcr_dict *names, const char *rules_dir)
{
    char path[4096];
    bool ok = true;
    const struct dirent *e;
    DIR *d;
    if (snprintf(path, sizeof path, "%s/%s", rules_dir, policies) >= (int)sizeof path)
        return true; /* no such folder, then */
    d = opendir(path);
    while (ok && d != NULL && (e = readdir(d)) != NULL)
        ok = add_policy(names, e->d_name);
    if (d != NULL)
        closedir(d);
    return ok;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of the policies, built in and in the folder, sorted; NULL when no memory.  They
 * live in `names`; free the list with dcr_free. */
static const char **policy_names(dcr_dict *names, const char *rules_dir, size_t *n)
{
    static const char prefix[] = "rules/policies/";
    const char **list;
    for (const dcr_embed *e = dcr_embedded; e->name != NULL; e++)
        if (strncmp(e->name, prefix, sizeof prefix - 1) == 0 &&
            !add_policy(names, e->name + sizeof prefix - 1))
            return NULL;
    if (rules_dir != NULL && !add_folder(names, rules_dir))
        return NULL;
    list = dcr_alloc(names->n, sizeof *list);
    if (list == NULL)
        return NULL;
    for (uint32_t i = 0; i < names->n; i++)
        list[i] = names->entry[i].p;
    qsort(list, names->n, sizeof *list, by_bytes);
    *n = names->n;
    return list;
}

static const char *policy_text(const dcr_rules *r, const char *name, size_t *n)
{
    char path[256];
    if (snprintf(path, sizeof path, "%s%s.json", policies, name) >= (int)sizeof path)
        return NULL;
    return dcr_rules_file(r, path, n);
}

/* ---- list -----------------------------------------------------------------------------
 */

static const char *tint_of(bool color, dcr_severity s)
{
    return dcr_term_tint(color, s >= DCR_HIGH     ? DCR_TINT_RED
                                : s == DCR_MEDIUM ? DCR_TINT_YELLOW
                                                  : DCR_TINT_DIM);
}

static void print_row(const char *id, size_t column, const char *title)
{
    int n = printf("%s", id);
    size_t at = n < 0 ? 0 : (size_t)n;
    if (at + 2 > column) {
        putchar('\n');
        at = 0;
    }
    dcr_opt_wrap(title, column, at, stdout);
}

static size_t column_for(size_t longest)
{
    return longest > ID_MAX_COLUMN ? ID_MAX_COLUMN + 2 : longest + 2;
}

static void list_rules(const dcr_rules *r, bool color)
{
    size_t n, longest = 0;
    const dcr_rule_info *rule = dcr_rules_list(r, &n);
    for (size_t i = 0; i < n; i++)
        longest = strlen(rule[i].id) > longest ? strlen(rule[i].id) : longest;
    for (size_t i = 0; i < n; i++) {
        size_t column = column_for(longest);
        int at = printf("%-*s", (int)column, rule[i].id);
        if (at > (int)column)
            printf("\n%*s", (int)column, "");
        printf("%s%-*s%s", tint_of(color, rule[i].severity), SEVERITY_COLUMNS,
               dcr_severity_name(rule[i].severity), dcr_term_tint(color, DCR_TINT_OFF));
        dcr_opt_wrap(rule[i].title, column + SEVERITY_COLUMNS, column + SEVERITY_COLUMNS,
                     stdout);
    }
}

static void list_policies(const dcr_rules *r, const char **names, size_t n)
{
    size_t longest = 0;
    for (size_t i = 0; i < n; i++)
        longest = strlen(names[i]) > longest ? strlen(names[i]) : longest;
    for (size_t i = 0; i < n; i++) {
        size_t size = 0;
        const char *text = policy_text(r, names[i], &size);
        json_t *j = text == NULL ? NULL : json_loadb(text, size, 0, NULL);
        const char *title = json_string_value(json_object_get(j, "title"));
        print_row(names[i], column_for(longest), title == NULL ? "" : title);
        json_decref(j);
    }
}

static void list_adversaries(const dcr_rules *r)
{
    size_t n, longest = 0;
    const dcr_adversary *a = dcr_rules_adversaries(r, &n);
    for (size_t i = 0; i < n; i++)
        longest = strlen(a[i].id) > longest ? strlen(a[i].id) : longest;
    for (size_t i = 0; i < n; i++)
        print_row(a[i].id, column_for(longest), a[i].title);
}

static int list(const rules_args *a, const dcr_rules *r, const char **names, size_t n)
{
    bool color = dcr_term_color(stdout, a->common.color);
    const char *bold = dcr_term_tint(color, DCR_TINT_BOLD);
    const char *off = dcr_term_tint(color, DCR_TINT_OFF);
    printf("%sRules%s (%s)\n", bold, off, dcr_rules_edition(r));
    list_rules(r, color);
    printf("\n%sPolicies%s (--policy NAME)\n", bold, off);
    list_policies(r, names, n);
    printf("\n%sAdversaries%s\n", bold, off);
    list_adversaries(r);
    return DCR_EXIT_PASS;
}

/* ---- show -----------------------------------------------------------------------------
 */

/* A JSON text, line by line, so that nothing in it drives the terminal. */
static void print_lines(const char *text, size_t n)
{
    while (n > 0) {
        const char *end = memchr(text, '\n', n);
        size_t len = end == NULL ? n : (size_t)(end - text);
        for (size_t i = 0; i < len; i++)
            if (text[i] == '\\') /* an escape of JSON stays one backslash */
                putchar('\\');
            else {
                size_t plain = strcspn(text + i, "\\\n");
                plain = plain < len - i ? plain : len - i;
                dcr_term_print_safe(stdout, text + i, plain);
                i += plain - 1;
            }
        putchar('\n');
        len += end != NULL;
        text += len;
        n -= len;
    }
}

static int show(const dcr_rules *r, const char *id, const char **names, size_t n_names)
{
    size_t n, size = 0;
    const dcr_rule_info *rule = dcr_rules_list(r, &n);
    const char *policy = policy_text(r, id, &size), **all;
    dcr_err err = {0};
    int status;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rule[i].id, id) == 0) {
            print_lines(rule[i].json, strlen(rule[i].json));
            return DCR_EXIT_PASS;
        }
    }
    if (policy != NULL) {
        print_lines(policy, size);
        return DCR_EXIT_PASS;
    }
    all = dcr_alloc(n + n_names, sizeof *all);
    for (size_t i = 0; all != NULL && i < n + n_names; i++)
        all[i] = i < n ? rule[i].id : names[i - n];
    (void)dcr_opt_unknown("rule or policy", id, all, all == NULL ? 0 : n + n_names,
                          "dcmrisk rules list", &err);
    status = dcr_cmd_fail(&err, false);
    dcr_free(all);
    return status;
}

/* ---- check ----------------------------------------------------------------------------
 */

/* What the file says it is: its "schema", "" when it has none. */
static dcr_status schema_of(const char *path, char *out, size_t size, dcr_err *err)
{
    json_error_t why;
    json_t *j = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    const char *schema = json_string_value(json_object_get(j, "schema"));
    if (j == NULL) {
        dcr_status st = dcr_fail(err, DCR_ERULES, path, "this is no JSON document");
        err->line = why.line;
        return st;
    }
    snprintf(out, size, "%s", schema == NULL ? "" : schema);
    json_decref(j);
    return DCR_OK;
}

static dcr_status check_project(const char *path, dcr_err *err)
{
    dcr_project *p = NULL;
    dcr_status st = dcr_project_load(&p, path, err);
    dcr_project_free(p);
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

static dcr_status check_rule_set(const char *dir, dcr_err *err)
{
    dcr_rules *r = NULL;
    dcr_dict dict = {0};
    const char **names = NULL;
    size_t n_rules = 0, n = 0;
    dcr_status st = dcr_rules_load(&r, dir, err);
    if (st == DCR_OK)
        st = dcr_rules_selftest(r, err);
    if (st != DCR_OK)
        goto done;
    names = policy_names(&dict, dir, &n);
    st = names == NULL ? dcr_nomem(err) : DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < n; i++)
        st = check_policy(r, names[i], err);
    (void)dcr_rules_list(r, &n_rules);
    if (st == DCR_OK)
        printf("%zu rules hold with their examples, %zu policies are sound\n", n_rules,
               n);
done:
    dcr_free(names);
    dcr_dict_clear(&dict);
    dcr_rules_free(r);
    return st;
}

/* Turns the path of a file into that of the rule set it is part of: DIR/checks/NAME, or
 * DIR/NAME for what is a file of rules/ by its name. */
static dcr_status to_rule_set(char *path, dcr_err *err)
{
    static const char why[] =
        "neither policy nor project file by its schema, nor a rule: a rule "
        "stands in a folder named checks";
    char *slash = strrchr(path, '/'), known[300];
    int n = snprintf(known, sizeof known, "rules/%s", slash + 1);
    bool by_name = n < (int)sizeof known && dcr_embed_find(known) != NULL;
    *slash = '\0';
    if (by_name)
        return DCR_OK;
    slash = strrchr(path, '/');
    if (slash == NULL || strcmp(slash + 1, "checks") != 0)
        return dcr_fail(err, DCR_EARG, NULL, "%s", why);
    *slash = '\0';
    return DCR_OK;
}

static dcr_status check_file(const char *rules_dir, char *path, dcr_err *err)
{
    char schema[64] = "";
    dcr_status st = schema_of(path, schema, sizeof schema, err);
    if (st != DCR_OK)
        return st;
    if (strncmp(schema, "dcmrisk-project/", 16) == 0)
        return check_project(path, err);
    if (strncmp(schema, "dcmrisk-policy/", 15) == 0)
        return check_policy_file(rules_dir, path, err);
    st = to_rule_set(path, err);
    return st == DCR_OK ? check_rule_set(*path == '\0' ? "/" : path, err) : st;
}

static int check(const char *rules_dir, const char *given)
{
    char path[4096]; /* with a slash in it, so that a policy is a file and not a name */
    dcr_err err = {0};
    dcr_status st;
    struct stat s;
    if (stat(given, &s) != 0)
        st = dcr_fail(&err, DCR_EIO, given, "cannot read: %s", strerror(errno));
    else if (snprintf(path, sizeof path, "%s%s", given[0] == '/' ? "" : "./", given) >=
             (int)sizeof path)
        st = dcr_fail(&err, DCR_EARG, given, "the path is too long");
    else
        st = S_ISDIR(s.st_mode) ? check_rule_set(path, &err)
                                : check_file(rules_dir, path, &err);
    return st == DCR_OK ? DCR_EXIT_PASS : dcr_cmd_fail(&err, true);
}

/* ---- the command ----------------------------------------------------------------------
 */

static int with_rules(const rules_args *a, const char *id)
{
    dcr_err err = {0};
    dcr_rules *r = NULL;
    dcr_dict dict = {0};
    const char **names = NULL;
    size_t n = 0;
    int status;
    if (dcr_rules_load(&r, a->common.rules, &err) != DCR_OK) {
        status = dcr_cmd_fail(&err, true);
        goto done;
    }
    names = policy_names(&dict, a->common.rules, &n);
    if (names == NULL)
        status = dcr_cmd_say(DCR_EXIT_ERROR, "out of memory");
    else
        status = id == NULL ? list(a, r, names, n) : show(r, id, names, n);
done:
    dcr_free(names);
    dcr_dict_clear(&dict);
    dcr_rules_free(r);
    return status;
}

static int run(const void *args, const dcr_operands *o)
{
    static const char *const actions[] = {"list", "show", "check"};
    const char *action = o->item[0];
    dcr_err err = {0};
    if (strcmp(action, "list") == 0 && o->n == 1)
        return with_rules(args, NULL);
    if (strcmp(action, "show") == 0 && o->n == 2)
        return with_rules(args, o->item[1]);
    if (strcmp(action, "check") == 0 && o->n == 2)
        return check(((const rules_args *)args)->common.rules, o->item[1]);
    for (size_t i = 0; i < 3; i++)
        if (strcmp(action, actions[i]) == 0)
            return dcr_cmd_say(DCR_EXIT_USAGE,
                               "rules %s takes %s; see dcmrisk rules --help", action,
                               i == 0   ? "no operand"
                               : i == 1 ? "one ID"
                                        : "one FILE");
    (void)dcr_opt_unknown("action", action, actions, 3, "dcmrisk rules --help", &err);
    return dcr_cmd_fail(&err, false);
}

static const dcr_opt options[] = {
    DCR_OPTS_RULES(rules_args),
    DCR_OPTS_TERM(rules_args),
    {.name = NULL},
};

const dcr_cmd dcr_cmd_rules = {
    .name = "rules",
    .summary = "list, show and check the rules and policies",
    .synopsis = "list | show ID | check FILE",
    .description =
        "list prints the rules with their severities, the policies and the adversaries. "
        "show prints the JSON of a rule or policy. check reads the rule set that FILE is "
        "part "
        "of (a folder laid out like rules/, or a file in it) and runs the examples of "
        "every "
        "rule.",
    .options = options,
    .args_size = sizeof(rules_args),
    .operand = "list, show ID or check FILE",
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
