/* dcmrisk merge: scan files of shards become one. */
#include <stdio.h>

#include "plural.h"
#include "run_common.h"
#include "term.h"

typedef struct merge_args {
    dcr_common common;
    const char *out;
    bool partial;
} merge_args;

static int run(const void *args, const dcr_operands *operands)
{
    const merge_args *a = args;
    dcr_err err = {0};
    dcr_rules *rules = NULL;
    dcr_bar bar;
    uint64_t files = 0;
    dcr_merge_options o = {.files = operands->item,
                           .n_files = operands->n,
                           .out = a->out,
                           .partial = a->partial,
                           .progress = dcr_bar_progress,
                           .progress_ctx = &bar};
    dcr_status rc;
    if (a->out == NULL)
        return dcr_cmd_say(DCR_EXIT_USAGE, "name the merged scan file with -o FILE");
    rc = dcr_rules_load(&rules, a->common.rules, &err);
    o.stop = dcr_run_stop();
    dcr_bar_init(&bar, a->common.quiet);
    if (rc == DCR_OK) {
        o.keep = dcr_rules_keep(rules, &o.n_keep);
        rc = dcr_merge(&o, &files, &err);
    }
    dcr_bar_end(&bar);
    dcr_rules_free(rules);
    if (rc == DCR_EINTERRUPTED)
        return dcr_cmd_say(DCR_EXIT_INCONCLUSIVE, "interrupted, nothing was written");
    if (rc != DCR_OK)
        return dcr_cmd_fail(&err, true);
    if (!a->common.quiet)
        fprintf(stderr, "%llu %s of %zu %s\n", (unsigned long long)files,
                dcr_plural((double)files, "files"), operands->n,
                dcr_plural((double)operands->n, "scan files"));
    return DCR_EXIT_PASS;
}

static const dcr_opt options[] = {
    {.name = "out",
     .letter = 'o',
     .kind = DCR_OPT_FILE,
     .offset = offsetof(merge_args, out),
     .arg = "FILE",
     .help = "the merged scan file; it holds values of patients (mode 0600)"},
    {.name = "partial",
     .kind = DCR_OPT_FLAG,
     .offset = offsetof(merge_args, partial),
     .help = "shards may be missing; the result can be merged with theirs, and passes no"
             " gate before"},
    DCR_OPTS_RULES(merge_args),
    DCR_OPTS_QUIET(merge_args),
    {.name = NULL}};

static const dcr_operand operands[] = {
    {.what = {.kind = DCR_OPT_FILE, .help = "scan file"}},
    {.what = {.help = NULL}},
};

const dcr_cmd dcr_cmd_merge = {
    .name = "merge",
    .summary = "make one scan file of those of shards",
    .synopsis = "FILE... -o FILE [options]",
    .description =
        "Makes one scan file of those that dcmrisk scan --shard wrote, in any order; its"
        " report is that of a single scan, to the byte. Ends with 3 when a shard is"
        " missing, not finished, there twice, or of another dataset, reader or rules, and"
        " says which. FILE is there only when it is whole.",
    .options = options,
    .args_size = sizeof(merge_args),
    .operand = "FILE",
    .operands = operands,
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
