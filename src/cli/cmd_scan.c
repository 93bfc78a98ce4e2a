/* dcmrisk scan: a dataset becomes a scan file. */
#include <stdio.h>

#include "buf.h"
#include "plural.h"
#include "run_common.h"
#include "shard.h"

typedef struct scan_args {
    dcr_scan_args scan;
    dcr_common common;
    const char *out, *shard;
} scan_args;

/* What is left of a shard that was stopped has another name than a whole one. */
static int failed(const scan_args *a, dcr_status rc, const dcr_err *err)
{
    dcr_buf part = {0};
    int status;
    dcr_buf_fmt(&part, "%s%s", a->out, a->shard == NULL ? "" : ".part");
    status = dcr_run_failed(err, rc, part.failed ? a->out : part.p);
    dcr_buf_clear(&part);
    return status;
}

static int run(const void *args, const dcr_operands *operands)
{
    const scan_args *a = args;
    dcr_scan_args scan = a->scan;
    dcr_err err = {0};
    dcr_rules *rules = NULL;
    dcr_store *store = NULL;
    dcr_scan_stats s = {0};
    dcr_status rc;
    if (a->out == NULL)
        return dcr_cmd_say(DCR_EXIT_USAGE,
                           "scan needs -o FILE, the scan file to write; see "
                           "dcmrisk scan --help");
    rc = a->shard == NULL ? DCR_OK : dcr_shard_parse(&scan.shard, a->shard, &err);
    if (rc == DCR_OK)
        rc = dcr_rules_load(&rules, a->common.rules, &err);
    if (rc == DCR_OK)
        rc = dcr_run_scan(&store, operands, &scan, &a->common,
                          &(dcr_run_files){.scan_file = a->out}, rules, &s, &err);
    if (rc == DCR_OK)
        rc = dcr_scan_close(store, &err);
    dcr_rules_free(rules);
    if (rc != DCR_OK)
        return failed(a, rc, &err);
    if (!a->common.quiet && scan.shard.of > 0)
        fprintf(stderr, "shard %u/%u: ", (unsigned)scan.shard.at + 1,
                (unsigned)scan.shard.of);
    if (!a->common.quiet)
        fprintf(stderr, "%llu %s: %llu read now, %llu unchanged since an earlier scan\n",
                (unsigned long long)s.files, dcr_plural((double)s.files, "files"),
                (unsigned long long)s.read, (unsigned long long)s.kept);
    return DCR_EXIT_PASS;
}

static const dcr_opt options[] = {
    {.name = "out",
     .letter = 'o',
     .kind = DCR_OPT_FILE,
     .group = DCR_GROUP_WRITE,
     .offset = offsetof(scan_args, out),
     .arg = "FILE",
     .help = "the scan file; it holds values of patients (mode 0600)"},
    {.name = "shard",
     .kind = DCR_OPT_TEXT,
     .group = DCR_GROUP_READ,
     .offset = offsetof(scan_args, shard),
     .arg = "I/N",
     .help = "read only shard I of N (from 1); or take I and N from the environment:"
             " slurm (an array job), slurm/N, k8s/N (an indexed job), mpi"},
    DCR_OPTS_SCAN(scan_args),
    DCR_OPTS_RULES(scan_args),
    DCR_OPTS_QUIET(scan_args),
    {.name = NULL}};

static const dcr_operand operands[] = {
    {.what = {.kind = DCR_OPT_FILE, .help = "input"}},
    {.what = {.help = NULL}},
};

const dcr_cmd dcr_cmd_scan = {
    .name = "scan",
    .summary = "read a dataset into a scan file; run again to resume",
    .synopsis = "INPUT... -o FILE [options]",
    .description =
        "Reads everything that is left in the files below INPUT into one SQLite file. Run"
        " it again to resume, or to read only what changed. With --shard, each of N"
        " processes or machines reads its part into a file of its own, which is FILE.part"
        " until it is whole; dcmrisk merge makes one of them.",
    .options = options,
    .args_size = sizeof(scan_args),
    .operand = "INPUT",
    .operands = operands,
    .min_operands = 0,
    .max_operands = SIZE_MAX,
    .run = run,
};
