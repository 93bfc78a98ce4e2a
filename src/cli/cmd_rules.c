#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "cmd.h"
#include "dcmrisk/report.h" /* JSON */
#include "dcmrisk/rules.h"
#include "dict.h"
#include "rules_check.h"
#include "term.h"

enum { ID_MAX_COLUMN = 34, SEVERITY_COLUMNS = 10, NAME_MAX_BYTES = 128 };

static const char policies[] = "policies/";

typedef struct rules_args {
    dcr_common common;
} rules_args;

/* ---- the policies there are -----------------------------------------------------------
 */

/* Name in "policies/NAME.json"; false for other files, and for names nobody would give.
 */
static bool policy_name(const char *file, char out[NAME_MAX_BYTES])
{
    size_t skip = sizeof policies - 1, n = strlen(file);
    if (strncmp(file, policies, skip) != 0 || n < skip + 6 ||
        n - skip - 5 >= NAME_MAX_BYTES)
        return false;
    memcpy(out, file + skip, n - skip - 5);
    out[n - skip - 5] = '\0';
    return true;
}

/* Names of the policies, sorted as the files are; NULL when no memory.  They live in
 * `names`; free the list with dcr_free. */
static const char **policy_names(dcr_dict *names, const dcr_rules *r, size_t *n)
{
    size_t n_files;
    const dcr_rules_file_info *f = dcr_rules_files(r, &n_files);
    char name[NAME_MAX_BYTES];
    const char **list;
    for (size_t i = 0; i < n_files; i++)
        if (policy_name(f[i].name, name) &&
            dcr_dict_add(names, name, strlen(name), 0) == DCR_DICT_NONE)
            return NULL;
    list = dcr_alloc(names->n, sizeof *list);
    if (list == NULL)
        return NULL;
    for (uint32_t i = 0; i < names->n; i++)
        list[i] = names->entry[i].p;
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

enum { DIGEST_COLUMN = 12 }; /* a digest has 64 digits, a line 80 columns */

/* Tables and policies with what they rest on; each rule has a line of its own above. */
static void list_files(const dcr_rules *r)
{
    size_t n;
    const dcr_rules_file_info *f = dcr_rules_files(r, &n);
    for (size_t i = 0; i < n; i++) {
        char text[400];
        if (strncmp(f[i].name, "checks/", 7) == 0)
            continue;
        snprintf(text, sizeof text, "%.300s%s", f[i].edition,
                 f[i].edition[0] == '\0' ? "" : ",");
        print_row(f[i].name, column_for(ID_MAX_COLUMN), text);
        printf("%*s%s\n", DIGEST_COLUMN, "", f[i].digest);
    }
}

static const char *const sections[] = {"rules", "policies", "adversaries", "files", NULL};

/* The sections, or the one that `only` names. */
static int list(const rules_args *a, const dcr_rules *r, const char *only,
                const char **names, size_t n)
{
    bool color = dcr_term_color(stdout, a->common.color), first = true;
    const char *bold = dcr_term_tint(color, DCR_TINT_BOLD);
    const char *off = dcr_term_tint(color, DCR_TINT_OFF);
    for (size_t i = 0; i < 4; i++) {
        if (only != NULL && strcmp(only, sections[i]) != 0)
            continue;
        printf("%s%s", first ? "" : "\n", bold);
        first = false;
        if (i == 0) {
            printf("Rules%s (%s)\n", off, dcr_rules_edition(r));
            list_rules(r, color);
        } else if (i == 1) {
            printf("Policies%s (--policy NAME)\n", off);
            list_policies(r, names, n);
        } else if (i == 2) {
            printf("Adversaries%s\n", off);
            list_adversaries(r);
        } else {
            printf("Files%s (edition, digest)\n", off);
            list_files(r);
        }
    }
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

/* Text of what has this id: a rule, a policy, a file with or without its ".json"; NULL
 * when nothing has. */
static const char *text_of(const dcr_rules *r, const char *id, size_t *size)
{
    static const struct {
        const char *before, *after;
    } forms[] = {{"checks/", ".json"}, {"policies/", ".json"}, {"", ".json"}, {"", ""}};
    char path[256];
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const char *text = NULL;
        int n =
            snprintf(path, sizeof path, "%s%s%s", forms[i].before, id, forms[i].after);
        if (n > 0 && n < (int)sizeof path)
            text = dcr_rules_file(r, path, size);
        if (text != NULL)
            return text;
    }
    return NULL;
}

static int show(const dcr_rules *r, const char *id, const char **names, size_t n_names)
{
    size_t n, n_files, size = 0, m = 0;
    const dcr_rule_info *rule = dcr_rules_list(r, &n);
    const dcr_rules_file_info *file = dcr_rules_files(r, &n_files);
    const char *text = text_of(r, id, &size), **all;
    dcr_err err = {0};
    int status;
    if (text != NULL) {
        print_lines(text, size);
        return DCR_EXIT_PASS;
    }
    all = dcr_alloc(n + n_names + n_files, sizeof *all);
    for (size_t i = 0; all != NULL && i < n + n_names; i++)
        all[m++] = i < n ? rule[i].id : names[i - n];
    for (size_t i = 0; all != NULL && i < n_files; i++)
        all[m++] = file[i].name;
    (void)dcr_opt_unknown("rule, policy or file", id, all, m, "dcmrisk rules list", &err);
    status = dcr_cmd_fail(&err, false);
    dcr_free(all);
    return status;
}

/* ---- the command ----------------------------------------------------------------------
 */

static int with_rules(const rules_args *a, bool showing, const char *word)
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
    names = policy_names(&dict, r, &n);
    if (names == NULL)
        status = dcr_cmd_say(DCR_EXIT_ERROR, "out of memory");
    else
        status = showing ? show(r, word, names, n) : list(a, r, word, names, n);
done:
    dcr_free(names);
    dcr_dict_clear(&dict);
    dcr_rules_free(r);
    return status;
}

static int run(const void *args, const dcr_operands *o)
{
    const char *action = o->item[0], *word = o->n == 2 ? o->item[1] : NULL;
    if (strcmp(action, "list") == 0)
        return with_rules(args, false, word);
    if (word == NULL)
        return dcr_cmd_say(DCR_EXIT_USAGE,
                           "rules %s takes one %s; see dcmrisk rules --help", action,
                           strcmp(action, "show") == 0 ? "ID" : "FILE");
    if (strcmp(action, "show") == 0)
        return with_rules(args, true, word);
    return dcr_rules_check_file(((const rules_args *)args)->common.rules, word);
}

static const char *const actions[] = {"list", "show", "check", NULL};

static const dcr_operand operands[] = {
    {.what = {.kind = DCR_OPT_CHOICE, .choices = actions, .help = "action"}},
    {.after = "list",
     .what = {.kind = DCR_OPT_CHOICE, .choices = sections, .help = "list of"}},
    {.after = "show",
     .what = {.kind = DCR_OPT_TEXT, .choice = dcr_rules_choice, .help = "rule"}},
    {.after = "check", .what = {.kind = DCR_OPT_FILE, .help = "file"}},
    {.what = {.help = NULL}},
};

static const dcr_opt options[] = {
    DCR_OPTS_RULES(rules_args),
    DCR_OPTS_COLOR(rules_args),
    {.name = NULL},
};

const dcr_cmd dcr_cmd_rules = {
    .name = "rules",
    .summary = "list, show and check the rules and policies",
    .synopsis = "list [rules|policies|adversaries|files] | show ID | check FILE",
    .description =
        "list prints the rules with their severities, the policies, the adversaries and "
        "the files with edition and digest, or one of these. show prints the JSON of a "
        "rule, a policy or a file. check reads any file that you may write: a policy, a "
        "project file, acceptances, a rule or table (with the folder laid out like "
        "rules/ that it is part of, and the examples of every rule), or such a folder; "
        "what is wrong is told with the line and what to write instead.",
    .options = options,
    .args_size = sizeof(rules_args),
    .operand = "list, show ID or check FILE",
    .operands = operands,
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
