#include <string.h>

#include "render_opts.h"

typedef struct report_args {
    const char *out, *audience;
    dcr_list format;
    dcr_render_opts render;
} report_args;

static dcr_status write_stdout(const json_t *report, const report_args *a, dcr_err *err)
{
    const dcr_render how = dcr_render_how(&a->render);
    const dcr_format *f = dcr_format_find(a->format.item[0]);
    bool gone = false;
    dcr_status st;
    if (how.html_assets != NULL)
        return dcr_fail(err, DCR_EARG, NULL,
                        "--html-assets needs a folder for --out, not standard output");
    if (a->format.n != 1 || f == NULL)
        return dcr_fail(err, DCR_EARG, NULL,
                        "--out - takes one format; see dcmrisk report --help");
    st = dcr_print_format(f, report, &how, &gone, err);
    return gone ? DCR_OK : st; /* of a document, a reader may take what it needs */
}

static int run(const void *args, const dcr_operands *operands)
{
    const report_args *a = args;
    const dcr_render how = dcr_render_how(&a->render);
    dcr_err err = {0};
    json_t *report = NULL;
    dcr_status st = dcr_render_check(&how, &err);
    if (st == DCR_OK)
        st = dcr_report_load(&report, operands->item[0], NULL, &err);
    if (st == DCR_OK)
        st = dcr_cmd_audience(&report, a->audience, NULL, &err);
    if (st == DCR_OK && strcmp(a->out, "-") == 0)
        st = write_stdout(report, a, &err);
    else if (st == DCR_OK)
        st = dcr_report_write(report, a->out, (const char *const *)a->format.item,
                              a->format.n, &how, &err);
    if (st == DCR_OK)
        st = dcr_summary_append(&a->render, report, &err);
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
    DCR_OPTS_RENDER(report_args),
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
