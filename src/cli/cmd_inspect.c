/* dcmrisk inspect: the tag viewer of a whole dataset. */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "plural.h"
#include "render_opts.h"
#include "run_common.h"
#include "term.h"

typedef struct inspect_args {
    dcr_scan_args scan;
    dcr_common common;
    const char *format, *scan_file;
    bool only_private, show_values;
} inspect_args;

static const char *text_of(const json_t *a, const char *key)
{
    const char *s = json_string_value(json_object_get(a, key));
    return s == NULL ? "" : s;
}

/* A pattern is part of a path, of a keyword or of a creator, or a glob over one of them.
 */
static bool matches(const json_t *a, const char *pattern)
{
    static const char *const key[] = {"path", "keyword", "creator"};
    for (int i = 0; i < 3; i++) {
        const char *s = text_of(a, key[i]);
        if (*s != '\0' &&
            (strcasestr(s, pattern) != NULL || fnmatch(pattern, s, FNM_CASEFOLD) == 0))
            return true;
    }
    return false;
}

static bool wanted(const json_t *a, const inspect_args *o, const char *pattern)
{
    if (o->only_private && json_is_null(json_object_get(a, "creator")))
        return false;
    return pattern == NULL || matches(a, pattern);
}

/* Keeps the attributes wanted, in the document itself. */
static void keep_wanted(json_t *doc, const inspect_args *o, const char *pattern)
{
    json_t *list = json_object_get(doc, "attributes");
    for (size_t i = json_array_size(list); i-- > 0;)
        if (!wanted(json_array_get(list, i), o, pattern))
            json_array_remove(list, i);
}

static json_int_t number(const json_t *a, const char *key)
{
    return json_integer_value(json_object_get(a, key));
}

static void print_values(const json_t *a)
{
    const json_t *list = json_object_get(a, "values"), *v;
    size_t i;
    json_array_foreach(list, i, v)
    {
        const char *s = json_string_value(v);
        fputs("    = ", stdout);
        dcr_term_print_safe(stdout, s, strlen(s));
        putchar('\n');
    }
}

/* Two lines an attribute: 80 columns hold any path, wide terminals are not needed. */
static void print_one(const json_t *a, bool color)
{
    const char *path = text_of(a, "path"), *shape = text_of(a, "shape");
    fputs(dcr_term_tint(color, DCR_TINT_BOLD), stdout);
    dcr_term_print_safe(stdout, path, strlen(path));
    printf("%s  %s %s", dcr_term_tint(color, DCR_TINT_OFF), text_of(a, "vr"),
           text_of(a, "keyword"));
    printf("\n    patients %lld, studies %lld, series %lld, files %lld, values %s%lld",
           (long long)number(a, "subjects"), (long long)number(a, "studies"),
           (long long)number(a, "series"), (long long)number(a, "files"),
           json_is_false(json_object_get(a, "distinct_exact")) ? "over " : "",
           (long long)number(a, "distinct"));
    if (number(a, "empty") > 0)
        printf(", empty %lld", (long long)number(a, "empty"));
    if (number(a, "dummy") > 0)
        printf(", dummy %lld", (long long)number(a, "dummy"));
    putchar('\n');
    if (*shape != '\0') {
        fputs("    shape ", stdout);
        dcr_term_print_safe(stdout, shape, strlen(shape));
        printf("   (%s)\n", text_of(a, "role"));
    } else {
        printf("    (%s)\n", text_of(a, "role"));
    }
    print_values(a);
}

static dcr_status print(const json_t *doc, const inspect_args *o, dcr_err *err)
{
    bool color = dcr_term_color(stdout, o->common.color);
    const json_t *list = json_object_get(doc, "attributes"), *a;
    size_t i;
    if (strcmp(o->format, "json") == 0) {
        bool gone = false;
        dcr_status st =
            dcr_print_format(dcr_format_find("json"), doc, &(dcr_render){0}, &gone, err);
        return gone ? DCR_OK : st;
    }
    json_array_foreach(list, i, a)
    {
        print_one(a, color);
    }
    printf("%zu %s\n", json_array_size(list),
           dcr_plural((double)json_array_size(list), "attributes"));
    return DCR_OK;
}

static int run(const void *args, const dcr_operands *operands)
{
    const inspect_args *a = args;
    /* The last operand, when another one or a list says what is read. */
    bool pattern = operands->n == (a->scan.files_from == NULL ? 2 : 1);
    dcr_operands input = {operands->item, operands->n - pattern};
    dcr_err err = {0};
    dcr_rules *rules = NULL;
    dcr_store *scan = NULL;
    json_t *doc = NULL;
    dcr_status rc = dcr_rules_load(&rules, a->common.rules, &err);
    if (rc == DCR_OK)
        rc = dcr_run_scan(&scan, &input, &a->scan, &a->common,
                          &(dcr_run_files){.scan_file = a->scan_file}, rules, NULL, &err);
    if (rc == DCR_OK)
        rc = dcr_inspect(&doc, scan, rules, a->show_values, &err);
    if (scan != NULL) {
        dcr_status closed = dcr_scan_close(scan, &err);
        rc = rc == DCR_OK ? closed : rc;
    }
    if (rc == DCR_OK) {
        keep_wanted(doc, a, pattern ? operands->item[input.n] : NULL);
        rc = print(doc, a, &err);
    }
    json_decref(doc);
    dcr_rules_free(rules);
    return rc == DCR_OK ? DCR_EXIT_PASS : dcr_run_failed(&err, rc, a->scan_file);
}

static const char *const formats[] = {"text", "json", NULL};

static const dcr_opt options[] = {
    {.name = "private",
     .kind = DCR_OPT_FLAG,
     .group = DCR_GROUP_WRITE,
     .offset = offsetof(inspect_args, only_private),
     .help = "only private elements"},
    {.name = "show-values",
     .kind = DCR_OPT_FLAG,
     .group = DCR_GROUP_WRITE,
     .offset = offsetof(inspect_args, show_values),
     .help = "print values of patients"},
    {.name = "format",
     .kind = DCR_OPT_CHOICE,
     .group = DCR_GROUP_WRITE,
     .offset = offsetof(inspect_args, format),
     .arg = "FORMAT",
     .initial = "text",
     .help = "how to print",
     .choices = formats},
    {.name = "scan",
     .kind = DCR_OPT_FILE,
     .group = DCR_GROUP_READ,
     .offset = offsetof(inspect_args, scan_file),
     .arg = "FILE",
     .help = "keep the scan here, resume it, and read only what changed"},
    DCR_OPTS_SCAN(inspect_args),
    DCR_OPTS_RULES(inspect_args),
    DCR_OPTS_COLOR(inspect_args),
    DCR_OPTS_QUIET(inspect_args),
    {.name = NULL}};

static const dcr_operand operands[] = {
    {.what = {.kind = DCR_OPT_FILE, .help = "input"}},
    {.what = {.kind = DCR_OPT_TEXT, .help = "pattern"}},
    {.what = {.help = NULL}},
};

const dcr_cmd dcr_cmd_inspect = {
    .name = "inspect",
    .summary = "list every attribute of a dataset, with counts",
    .synopsis = "INPUT [PATTERN] [options]",
    .description =
        "Lists every attribute path of all files below INPUT, private ones with their"
        " creator: in how many patients, studies, series and files it stands, how many"
        " values it takes, and the shape of the commonest. PATTERN is part of a path, a"
        " keyword or a creator, or a glob: 'Patient*', '0010,', '{SIEMENS'.",
    .options = options,
    .args_size = sizeof(inspect_args),
    .operand = "INPUT",
    .operands = operands,
    .max_operands = 2,
    .run = run,
};
