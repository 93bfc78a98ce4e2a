#include <errno.h>
#include <string.h>

#include "cmd.h"
#include "dcmrisk/report.h"

static const char schema[] = "dcmrisk-report/1";

typedef struct report_args {
    const char *out, *audience;
    dcr_list format;
} report_args;

/* Reads the document; *out is NULL on failure. */
static dcr_status load(json_t **out, const char *path, dcr_err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *f = is_stdin ? stdin : fopen(path, "re");
    json_error_t why;
    const char *is;
    *out = NULL;
    if (f == NULL)
        return dcr_fail(err, DCR_EIO, path, "cannot read: %s", strerror(errno));
    *out = json_loadf(f, JSON_REJECT_DUPLICATES, &why);
    if (!is_stdin)
        fclose(f);
    if (*out == NULL) {
        dcr_status st = dcr_fail(err, DCR_EARG, path, "this is no JSON document");
        if (err != NULL)
            err->line = why.line;
        return st;
    }
    is = json_string_value(json_object_get(*out, "schema"));
    if (is == NULL || strcmp(is, schema) != 0) {
        json_decref(*out);
        *out = NULL;
        return dcr_fail(err, DCR_EARG, path,
                        "this is no report of ours: its schema is not \"%s\"", schema);
    }
    return DCR_OK;
}

static dcr_status write_stdout(const json_t *report, const dcr_list *format, dcr_err *err)
{
    const dcr_format *f = dcr_format_find(format->item[0]);
    if (format->n != 1 || f == NULL)
        return dcr_fail(err, DCR_EARG, NULL,
                        "--out - takes one format; see dcmrisk report --help");
    return dcr_format_write(f, report, &(dcr_render){0}, stdout, err);
}

static int run(const void *args, const dcr_operands *operands)
{
    const report_args *a = args;
    dcr_err err = {0};
    json_t *report = NULL;
    dcr_status st = load(&report, operands->item[0], &err);
    if (st == DCR_OK)
        st = dcr_cmd_audience(&report, a->audience, NULL, &err);
    if (st == DCR_OK && strcmp(a->out, "-") == 0) {
        st = write_stdout(report, &a->format, &err);
        if (st == DCR_EIO) /* main says it, or knows that the reader of a pipe left */
            st = DCR_OK;
    } else if (st == DCR_OK) {
        st = dcr_report_write(report, a->out, (const char *const *)a->format.item,
                              a->format.n, &(dcr_render){0}, &err);
    }
    json_decref(report);
    return st == DCR_OK ? DCR_EXIT_PASS : dcr_cmd_fail(&err, true);
}

static const dcr_opt options[] = {
    {.name = "format",
     .kind = DCR_OPT_LIST,
     .offset = offsetof(report_args, format),
     .arg = "LIST",
     .initial = "html",
     .help = "what to write",
     .choice = dcr_format_choice},
    {.name = "out",
     .letter = 'o',
     .kind = DCR_OPT_DIR,
     .offset = offsetof(report_args, out),
     .arg = "DIR",
     .initial = "./dcmrisk-report",
     .help =
         "folder to write to, made when missing; - is standard output, for one format"},
    DCR_OPT_AUDIENCE(report_args),
    {.name = NULL},
};

static const dcr_operand operands[] = {
    {.what = {.kind = DCR_OPT_FILE, .help = "report"}},
    {.what = {.help = NULL}},
};

const dcr_cmd dcr_cmd_report = {
    .name = "report",
    .summary = "write a report again in other formats, from its JSON alone",
    .synopsis = "REPORT.json [--format LIST] [--out DIR] [--audience public]",
    .description =
        "Writes the formats of a report from its report.json. Neither the dataset "
        "nor the scan file is needed, and the verdict is not judged again. "
        "REPORT.json may be - for standard input.",
    .options = options,
    .args_size = sizeof(report_args),
    .operand = "REPORT.json",
    .operands = operands,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
