/* dcmrisk table: risk figures of one table. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "dcmrisk/dcmrisk.h"

typedef struct table_args {
    dcr_list qi, sensitive, na, metrics;
    const char *subject, *weight, *population_table, *design, *delimiter, *missing;
    const char *records, *format, *out;
    uint64_t population, jobs;
    double fraction;
    bool trim;
} table_args;

static const char *metrics_choice(size_t i)
{
    return i == 0 ? "all" : dcr_table_family(i - 1);
}

/* One character, or its name. */
static bool delimiter_of(const char *word, char *out)
{
    if (strcmp(word, "tab") == 0 || strcmp(word, "\\t") == 0)
        *out = '\t';
    else
        *out = word[0];
    return (word[1] == '\0' || *out == '\t') && (unsigned char)*out < 0x80 &&
           strchr("\"\r\n", *out) == NULL;
}

static dcr_design design_of(const char *word)
{
    if (word == NULL)
        return DCR_DESIGN_UNSTATED;
    if (strcmp(word, "srs") == 0)
        return DCR_DESIGN_SRS;
    return strcmp(word, "census") == 0 ? DCR_DESIGN_CENSUS : DCR_DESIGN_SELECTED;
}

static dcr_status write_document(const json_t *doc, const table_args *a, dcr_err *err)
{
    bool is_stdout = strcmp(a->out, "-") == 0;
    FILE *f = is_stdout ? stdout : fopen(a->out, "we");
    dcr_status rc;
    int why;
    if (f == NULL)
        return dcr_fail(err, DCR_EIO, a->out, "cannot write: %s", strerror(errno));
    rc = strcmp(a->format, "text") == 0 ? dcr_table_text(doc, f, NULL)
                                        : dcr_table_json(doc, f, NULL);
    why = errno;
    if (!is_stdout && fclose(f) != 0 && rc == DCR_OK) {
        rc = DCR_EIO;
        why = errno;
    }
    if (rc == DCR_ENOMEM)
        return dcr_nomem(err);
    if (rc == DCR_OK || is_stdout)
        return DCR_OK; /* main says it, or knows that the reader of a pipe left */
    return dcr_fail(err, DCR_EIO, a->out, "cannot write: %s", strerror(why));
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    if (a == NULL || b == NULL || strcmp(a, "-") == 0 || strcmp(b, "-") == 0)
        return false;
    return strcmp(a, b) == 0 ||
           (stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) &&
            x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

/* What would be written over: a table that is read, or the other result; NULL: nothing.
 */
static const char *overwritten(const table_args *a, const char *table)
{
    const char *const to[] = {a->out, a->records};
    const char *const from[] = {table, a->population_table};
    for (size_t t = 0; t < 2; t++)
        for (size_t f = 0; f < 2; f++)
            if (same_file(to[t], from[f]))
                return from[f];
    return same_file(a->out, a->records) ? a->out : NULL;
}

static int run(const void *args, const dcr_operands *operands)
{
    const table_args *a = args;
    dcr_err err = {0};
    json_t *doc = NULL;
    dcr_status rc;
    dcr_table_options o = {.file = operands->item[0],
                           .qi = (const char *const *)a->qi.item,
                           .n_qi = a->qi.n,
                           .subject = a->subject,
                           .weight = a->weight,
                           .sensitive = (const char *const *)a->sensitive.item,
                           .n_sensitive = a->sensitive.n,
                           .population = a->population,
                           .fraction = a->fraction,
                           .population_table = a->population_table,
                           .design = design_of(a->design),
                           .missing = strcmp(a->missing, "wildcard") == 0
                                          ? DCR_MISSING_WILDCARD
                                          : DCR_MISSING_CATEGORY,
                           .trim = a->trim,
                           .na = (const char *const *)a->na.item,
                           .n_na = a->na.n,
                           .family = (const char *const *)a->metrics.item,
                           .n_family = a->metrics.n,
                           .records = a->records,
                           .jobs = (unsigned)a->jobs};
    if (a->qi.n == 0)
        return dcr_cmd_say(DCR_EXIT_USAGE,
                           "--qi names the columns that somebody may know; see dcmrisk "
                           "table --help");
    if (!delimiter_of(a->delimiter, &o.delimiter))
        return dcr_cmd_say(DCR_EXIT_USAGE, "--delimiter must be one ASCII character, or "
                                           "tab");
    if (overwritten(a, o.file) != NULL)
        return dcr_cmd_say(DCR_EXIT_USAGE,
                           "%s would be written over; --out and --records need files of "
                           "their own",
                           overwritten(a, o.file));
    rc = strcmp(a->out, "-") == 0 ? DCR_OK : dcr_look_at_target(a->out, false, &err);
    if (rc == DCR_OK && a->records != NULL)
        rc = dcr_look_at_target(a->records, false, &err);
    if (rc == DCR_OK)
        rc = dcr_table_run(&doc, &o, &err);
    if (rc == DCR_OK)
        rc = write_document(doc, a, &err);
    json_decref(doc);
    if (rc == DCR_EFORMAT) { /* the user's table, not a file of ours */
        dcr_cmd_fail(&err, true);
        return DCR_EXIT_USAGE;
    }
    return rc == DCR_OK ? DCR_EXIT_PASS : dcr_cmd_fail(&err, true);
}

static const char *const missing_choices[] = {"category", "wildcard", NULL};
static const char *const design_choices[] = {"srs", "census", "selected", NULL};
static const char *const table_formats[] = {"json", "text", NULL};

static const dcr_opt options[] = {
    {.name = "qi",
     .kind = DCR_OPT_LIST,
     .group = DCR_GROUP_READ,
     .offset = offsetof(table_args, qi),
     .arg = "COL,...",
     .help = "quasi-identifiers: columns that somebody may know of a person; a name with "
             "a comma in it goes in double quotes"},
    {.name = "subject",
     .kind = DCR_OPT_TEXT,
     .group = DCR_GROUP_READ,
     .offset = offsetof(table_args, subject),
     .arg = "COL",
     .help = "column that says whose record it is: people are counted, not records"},
    {.name = "weight",
     .kind = DCR_OPT_TEXT,
     .group = DCR_GROUP_READ,
     .offset = offsetof(table_args, weight),
     .arg = "COL",
     .help = "column of survey weights: how many people of the population a record "
             "stands for, from 1"},
    {.name = "sensitive",
     .kind = DCR_OPT_LIST,
     .group = DCR_GROUP_READ,
     .offset = offsetof(table_args, sensitive),
     .arg = "COL,...",
     .help = "columns that nobody should learn of a person"},
    {.name = "population",
     .kind = DCR_OPT_COUNT,
     .group = DCR_GROUP_JUDGE,
     .offset = offsetof(table_args, population),
     .min = 1,
     .max = 1e15,
     .arg = "N",
     .help = "people in the population that the table is a sample of"},
    {.name = "fraction",
     .kind = DCR_OPT_REAL,
     .group = DCR_GROUP_JUDGE,
     .offset = offsetof(table_args, fraction),
     .min = 1e-9,
     .max = 1,
     .arg = "F",
     .help = "or its share of them"},
    {.name = "population-table",
     .kind = DCR_OPT_FILE,
     .group = DCR_GROUP_JUDGE,
     .offset = offsetof(table_args, population_table),
     .arg = "FILE",
     .help = "or a CSV file of all of them, with the columns of --qi; with --subject, "
             "its column of that name says who is who"},
    {.name = "design",
     .kind = DCR_OPT_CHOICE,
     .group = DCR_GROUP_JUDGE,
     .offset = offsetof(table_args, design),
     .arg = "WORD",
     .choices = design_choices,
     .help = "how the table was drawn from the population; models of it hold for srs, a "
             "simple random sample"},
    {.name = "metrics",
     .kind = DCR_OPT_LIST,
     .group = DCR_GROUP_JUDGE,
     .offset = offsetof(table_args, metrics),
     .arg = "LIST",
     .initial = "all",
     .choice = metrics_choice,
     .help = "what to compute"},
    {.name = "missing",
     .kind = DCR_OPT_CHOICE,
     .group = DCR_GROUP_READ,
     .offset = offsetof(table_args, missing),
     .arg = "RULE",
     .initial = "category",
     .choices = missing_choices,
     .help = "what a missing value is: one more value, or one that matches every value"},
    {.name = "na",
     .kind = DCR_OPT_LIST,
     .group = DCR_GROUP_READ,
     .offset = offsetof(table_args, na),
     .arg = "STRING,...",
     .help = "texts that stand for a missing value (NA); an empty cell always does"},
    {.name = "delimiter",
     .kind = DCR_OPT_TEXT,
     .group = DCR_GROUP_READ,
     .offset = offsetof(table_args, delimiter),
     .arg = "C",
     .initial = ",",
     .help = "between cells: one character, or tab"},
    {.name = "trim",
     .kind = DCR_OPT_FLAG,
     .group = DCR_GROUP_READ,
     .offset = offsetof(table_args, trim),
     .help = "blanks around a value are not part of it"},
    {.name = "records",
     .kind = DCR_OPT_FILE,
     .group = DCR_GROUP_WRITE,
     .offset = offsetof(table_args, records),
     .arg = "FILE",
     .help = "write figures of every record (row,fk,Fk,risk,suda,dis) as CSV, mode 0600"},
    {.name = "format",
     .kind = DCR_OPT_CHOICE,
     .group = DCR_GROUP_WRITE,
     .offset = offsetof(table_args, format),
     .arg = "NAME",
     .initial = "json",
     .choices = table_formats,
     .help = "form of the result"},
    {.name = "out",
     .letter = 'o',
     .kind = DCR_OPT_FILE,
     .group = DCR_GROUP_WRITE,
     .offset = offsetof(table_args, out),
     .arg = "FILE",
     .initial = "-",
     .help = "where to write the result; - is standard output"},
    {.name = "jobs",
     .letter = 'j',
     .kind = DCR_OPT_COUNT,
     .offset = offsetof(table_args, jobs),
     .min = 1,
     .max = 16,
     .arg = "N",
     .help = "threads",
     .otherwise = "as many as CPUs may be used, at most 8"},
    {.name = NULL},
};

static const dcr_operand operands[] = {
    {.what = {.kind = DCR_OPT_FILE, .help = "table"}},
    {.what = {.help = NULL}},
};

const dcr_cmd dcr_cmd_table = {
    .name = "table",
    .summary = "risk figures of a table, such as the clinical CSV beside the images",
    .synopsis = "FILE.csv --qi COL,... [options]",
    .description =
        "Reads a CSV file (RFC 4180, UTF-8, first record the names of the columns; - is "
        "standard input) and prints how far its records or subjects can be singled out "
        "by "
        "the quasi-identifiers. No value of the table is printed. A table has no gate.",
    .options = options,
    .args_size = sizeof(table_args),
    .operand = "FILE.csv",
    .operands = operands,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
