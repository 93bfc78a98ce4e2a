/* dcmrisk assess: from a dataset to a verdict. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "render_opts.h"
#include "run_common.h"
#include "term.h"
#include "tint.h"

typedef struct assess_args {
    dcr_scan_args scan;
    dcr_common common;
    const char *policy, *project, *originals, *out, *scan_file, *population;
    const char *table, *join, *audience, *baseline, *manifest, *digest_key;
    dcr_render_opts render;
    dcr_list format, table_qi;
    bool show_values, show_paths, exit_zero, stats;
} assess_args;

static int exit_of(const json_t *report, bool exit_zero)
{
    const char *result =
        json_string_value(json_object_get(json_object_get(report, "verdict"), "result"));
    if (exit_zero || (result != NULL && strcmp(result, "pass") == 0))
        return DCR_EXIT_PASS;
    return result != NULL && strcmp(result, "fail") == 0 ? DCR_EXIT_FAIL
                                                         : DCR_EXIT_INCONCLUSIVE;
}

static void say_stats(const dcr_scan_stats *s)
{
    fprintf(stderr,
            "files %llu, read %llu, kept %llu, worker restarts %llu, seconds %.2f, "
            "worker CPU %.3f,"
            " listing CPU %.3f, supervisor CPU %.3f, worker peak %.1f MiB\n",
            (unsigned long long)s->files, (unsigned long long)s->read,
            (unsigned long long)s->kept, (unsigned long long)s->restarts, s->seconds,
            s->worker_cpu_seconds, s->listing_cpu_seconds, s->supervisor_cpu_seconds,
            (double)s->worker_peak_bytes / 1048576);
    if (s->uncaged > 0)
        fprintf(stderr, "workers without a filter of system calls %llu\n",
                (unsigned long long)s->uncaged);
}

static void say_cost(const dcr_assess_cost *c)
{
    fprintf(
        stderr,
        "facts %llu, model CPU %.3f, risks CPU %.3f, evidence CPU %.3f, checks CPU %.3f,"
        " report CPU %.3f\n",
        (unsigned long long)c->facts, c->model, c->risks, c->evidence, c->checks,
        c->report);
}

/* A wrong folder gives a verdict too, and a puzzling one. */
static void warn_no_dicom(const json_t *report)
{
    const json_t *dataset = json_object_get(report, "dataset");
    long long n = json_integer_value(json_object_get(dataset, "files"));
    if (json_integer_value(json_object_get(dataset, "dicom_files")) == 0)
        dcr_cmd_say(DCR_EXIT_PASS,
                    "the input has no DICOM file among %lld; is it the right one?", n);
}

/* The words of the text format on stdout, and where the files lie. */
static dcr_status say(const json_t *report, const char *out, const dcr_common *common,
                      dcr_err *err)
{
    const dcr_format *text = dcr_format_find("text");
    dcr_status rc = DCR_OK;
    if (common->quiet)
        return DCR_OK;
    if (text != NULL && dcr_term_color(stdout, common->color))
        rc = dcr_print_tinted(text, report, err);
    else if (text != NULL)
        rc = dcr_print_format(text, report, &(dcr_render){0}, NULL, err);
    printf("\nReports are in ");
    dcr_term_print_safe(stdout, out, strlen(out));
    printf("\n");
    return rc;
}

static dcr_status add_own(void *own, const char *path, dcr_err *err)
{
    return dcr_list_add(own, path, err);
}

/* What the formats and --manifest will write, in `own`. */
static dcr_status list_own(dcr_list *own, const assess_args *a, dcr_err *err)
{
    const dcr_render how = dcr_render_how(&a->render);
    dcr_status rc = dcr_report_files(a->out, (const char *const *)a->format.item,
                                     a->format.n, &how, add_own, own, err);
    return rc == DCR_OK && a->manifest != NULL ? dcr_list_add(own, a->manifest, err) : rc;
}

/* Files that this run will write are no content of the dataset. */
static dcr_status scan_dataset(dcr_store **out, const assess_args *a,
                               const dcr_operands *operands, const dcr_rules *rules,
                               dcr_scan_stats *stats, dcr_err *err)
{
    dcr_run_files files = {.scan_file = a->scan_file};
    dcr_list own = {0};
    dcr_status rc = list_own(&own, a, err);
    *out = NULL;
    files.own = (const char *const *)own.item;
    files.n_own = own.n;
    if (rc == DCR_OK)
        rc = dcr_run_scan(out, operands, &a->scan, &a->common, &files, rules, stats, err);
    dcr_list_clear(&own);
    return rc;
}

static dcr_status assess(const assess_args *a, const dcr_operands *operands,
                         const dcr_rules *rules, const dcr_originals *originals,
                         const json_t *baseline, json_t **report, dcr_err *err)
{
    char time[32];
    dcr_assess_options o = {.policy = a->policy,
                            .project = a->project,
                            .originals = originals,
                            .show_values = a->show_values,
                            .show_paths = a->show_paths,
                            .n_inputs = operands->n,
                            .time = time};
    dcr_assess_cost cost = {0};
    const dcr_beside_options given = {.project = a->project,
                                      .population = a->population,
                                      .table = a->table,
                                      .join = a->join,
                                      .known = (const char *const *)a->table_qi.item,
                                      .n_known = a->table_qi.n};
    dcr_beside *beside = NULL;
    dcr_scan_stats stats = {0};
    dcr_manifest manifest;
    dcr_digest_key key;
    dcr_store *scan = NULL;
    dcr_project *project = NULL;
    dcr_policy *policy = NULL;
    bool fell_back = false;
    dcr_status rc = dcr_run_time(time, &o.today, err);
    /* A wrong policy or project file is told before an hour of scanning. */
    if (rc == DCR_OK)
        rc = dcr_project_load(&project, a->project, err);
    if (rc == DCR_OK)
        rc = dcr_policy_load(&policy, rules, a->policy, project, &fell_back, err);
    if (rc == DCR_OK && fell_back)
        fprintf(stderr,
                "dcmrisk: the policy needs a signed statement of controls in the project"
                " file; public-release is applied instead\n");
    if (rc == DCR_OK && baseline != NULL)
        rc = dcr_report_baseline_fits(baseline, policy, rules, project, err);
    dcr_policy_free(policy);
    dcr_project_free(project);
    if (rc == DCR_OK)
        rc = dcr_beside_read(&beside, rules, &given, err);
    o.beside = beside;
    if (rc == DCR_OK)
        rc = dcr_run_digest_key(&key, a->digest_key, err);
    if (rc == DCR_OK)
        rc = dcr_report_prepare(a->out, err);
    if (rc == DCR_OK)
        rc = dcr_run_manifest_ready(a->manifest, err);
    if (rc == DCR_OK)
        rc = dcr_summary_prepare(&a->render, err);
    if (rc == DCR_OK)
        rc = scan_dataset(&scan, a, operands, rules, &stats, err);
    if (rc == DCR_OK && a->stats)
        say_stats(&stats);
    if (rc == DCR_OK)
        rc = dcr_run_manifest(&manifest, scan, a->manifest, &key, &a->scan, &a->common,
                              err);
    o.manifest = &manifest;
    o.cost = &cost;
    if (rc == DCR_OK)
        rc = dcr_assess(report, scan, rules, &o, err);
    if (rc == DCR_OK && a->stats)
        say_cost(&cost);
    if (scan != NULL) {
        dcr_err closing = {0};
        dcr_status closed = dcr_scan_close(scan, rc == DCR_OK ? err : &closing);
        rc = rc == DCR_OK ? closed : rc;
    }
    dcr_beside_free(beside);
    return rc;
}

static int run(const void *args, const dcr_operands *operands)
{
    const assess_args *a = args;
    dcr_err err = {0};
    dcr_rules *rules = NULL;
    dcr_originals *originals = NULL;
    json_t *report = NULL, *baseline = NULL;
    char digest[DCR_SHA256_HEX];
    const dcr_render how = dcr_render_how(&a->render);
    int status;
    bool shown = strcmp(a->audience, "public") == 0 && (a->show_values || a->show_paths);
    dcr_status rc = shown ? dcr_fail(&err, DCR_EARG, NULL,
                                     "--audience public shows no values and no paths")
                          : dcr_render_check(&how, &err);
    if (rc == DCR_OK)
        rc = dcr_rules_load(&rules, a->common.rules, &err);
    if (rc == DCR_OK && a->originals != NULL)
        rc = dcr_originals_load(&originals, a->originals, &err);
    if (rc == DCR_OK && a->baseline != NULL)
        rc = dcr_report_load(&baseline, a->baseline, digest, &err);
    if (rc == DCR_OK)
        rc = assess(a, operands, rules, originals, baseline, &report, &err);
    if (rc == DCR_OK && baseline != NULL)
        rc = dcr_report_baseline(report, baseline, digest, &err);
    if (rc == DCR_OK && !a->common.quiet)
        warn_no_dicom(report);
    if (rc == DCR_OK)
        rc = dcr_cmd_audience(&report, a->audience, rules, &err);
    if (rc == DCR_OK)
        rc = dcr_report_write(report, a->out, (const char *const *)a->format.item,
                              a->format.n, &how, &err);
    if (rc == DCR_OK)
        rc = dcr_summary_append(&a->render, report, &err);
    if (rc == DCR_OK)
        rc = say(report, a->out, &a->common, &err);
    status = rc == DCR_OK ? exit_of(report, a->exit_zero)
                          : dcr_run_failed(&err, rc, a->scan_file);
    if (rc == DCR_EINTERRUPTED && a->exit_zero)
        status = DCR_EXIT_PASS;
    json_decref(report);
    json_decref(baseline);
    dcr_originals_free(originals);
    dcr_rules_free(rules);
    return status;
}

static const dcr_opt options[] = {
    {.name = "policy",
     .kind = DCR_OPT_NAMED,
     .group = DCR_GROUP_JUDGE,
     .offset = offsetof(assess_args, policy),
     .arg = "NAME",
     .initial = "public-release",
     .help = "the policy to gate on",
     .choice = dcr_policy_choice},
    {.name = "project",
     .kind = DCR_OPT_FILE,
     .group = DCR_GROUP_JUDGE,
     .offset = offsetof(assess_args, project),
     .arg = "FILE",
     .help = "project file: purposes, acceptances, reviews, statement of controls"},
    {.name = "originals",
     .kind = DCR_OPT_FILE,
     .group = DCR_GROUP_JUDGE,
     .offset = offsetof(assess_args, originals),
     .arg = "FILE",
     .help = "UIDs and PatientIDs before de-identification, one a line or the first"
             " column of a CSV file: are the release's computed from them?"},
    {.name = "population-table",
     .kind = DCR_OPT_FILE,
     .group = DCR_GROUP_JUDGE,
     .offset = offsetof(assess_args, population),
     .arg = "FILE",
     .help = "CSV of everybody the release was taken from (a RIS export; columns named by"
             " concept or DICOM keyword, and subject): journalist and marketer risk"},
    {.name = "table",
     .kind = DCR_OPT_FILE,
     .group = DCR_GROUP_JUDGE,
     .offset = offsetof(assess_args, table),
     .arg = "FILE",
     .help = "CSV of clinical data that is released beside the images: its columns are"
             " facts too"},
    {.name = "join",
     .kind = DCR_OPT_TEXT,
     .group = DCR_GROUP_JUDGE,
     .offset = offsetof(assess_args, join),
     .arg = "COLUMN",
     .help = "column of --table that holds the PatientID",
     .otherwise = "one named PatientID, patient or subject"},
    {.name = "table-qi",
     .kind = DCR_OPT_LIST,
     .group = DCR_GROUP_JUDGE,
     .offset = offsetof(assess_args, table_qi),
     .arg = "LIST",
     .help = "columns of --table that anybody may know of a patient; columns named as a"
             " concept or DICOM keyword are known as that fact is, all others to the"
             " adversary union alone"},
    {.name = "out",
     .letter = 'o',
     .kind = DCR_OPT_DIR,
     .group = DCR_GROUP_WRITE,
     .offset = offsetof(assess_args, out),
     .arg = "DIR",
     .initial = "./dcmrisk-report",
     .help = "folder for the reports"},
    {.name = "format",
     .kind = DCR_OPT_LIST,
     .group = DCR_GROUP_WRITE,
     .offset = offsetof(assess_args, format),
     .arg = "LIST",
     .initial = "json,html",
     .help = "formats to write",
     .choice = dcr_format_choice},
    DCR_OPTS_RENDER(assess_args),
    {.name = "baseline",
     .kind = DCR_OPT_FILE,
     .group = DCR_GROUP_JUDGE,
     .offset = offsetof(assess_args, baseline),
     .arg = "REPORT.json",
     .help = "an older report of this release: criteria that are no worse than in it are"
             " let pass, but for direct identifiers and what is inconclusive"},
    {.name = "scan",
     .kind = DCR_OPT_FILE,
     .group = DCR_GROUP_READ,
     .offset = offsetof(assess_args, scan_file),
     .arg = "FILE",
     .help = "keep the scan here, resume it, and read only what changed"},
    DCR_OPTS_SCAN(assess_args),
    {.name = "manifest",
     .kind = DCR_OPT_FILE,
     .offset = offsetof(assess_args, manifest),
     .arg = "FILE",
     .help = "read every file once more and write its SHA-256 to FILE, as sha256sum does"
             " (it names files: mode 0600); their root stands in the report as evidence"},
    {.name = "digest-key",
     .kind = DCR_OPT_FILE,
     .offset = offsetof(assess_args, digest_key),
     .arg = "FILE",
     .help = "a secret of 16 bytes or more that keys the digest of the dataset"},
    {.name = "show-values",
     .kind = DCR_OPT_FLAG,
     .group = DCR_GROUP_WRITE,
     .offset = offsetof(assess_args, show_values),
     .help = "print values of patients in the reports (written with mode 0600)"},
    {.name = "show-paths",
     .kind = DCR_OPT_FLAG,
     .group = DCR_GROUP_WRITE,
     .offset = offsetof(assess_args, show_paths),
     .help = "print names of files that were not read"},
    DCR_OPT_AUDIENCE(assess_args),
    {.name = "exit-zero",
     .kind = DCR_OPT_FLAG,
     .offset = offsetof(assess_args, exit_zero),
     .help = "exit 0 whatever the verdict; errors still show"},
    {.name = "stats",
     .kind = DCR_OPT_FLAG,
     .offset = offsetof(assess_args, stats),
     .help = "print counts, CPU seconds and memory of the scan, and of the stages, to "
             "stderr"},
    DCR_OPTS_RULES(assess_args),
    DCR_OPTS_COLOR(assess_args),
    DCR_OPTS_QUIET(assess_args),
    {.name = NULL}};

static const dcr_operand operands[] = {
    {.what = {.kind = DCR_OPT_FILE, .help = "input"}},
    {.what = {.help = NULL}},
};

const dcr_cmd dcr_cmd_assess = {
    .name = "assess",
    .summary = "scan a dataset, judge it by a policy, write the reports",
    .synopsis = "INPUT... [options]",
    .description =
        "Reads everything that is left in the files below INPUT (folders, files, a scan"
        " file, or - for a list of paths on standard input), counts how many patients"
        " share what an adversary may know, and gates on a policy. No value of a patient"
        " is printed unless --show-values is given.",
    .options = options,
    .args_size = sizeof(assess_args),
    .operand = "INPUT",
    .operands = operands,
    .min_operands = 0,
    .max_operands = SIZE_MAX,
    .gate = true,
    .run = run,
};
