#include "run_common.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "num.h"
#include "path_list.h"
#include "term.h"

const char *const dcr_run_readers[] = {"stream", "dcmtk", "both", NULL};

static volatile int stop;

static void on_signal(int sig)
{
    (void)sig;
    stop = 1;
}

/* A second signal ends the program at once. */
const volatile int *dcr_run_stop(void)
{
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_handler = on_signal;
    a.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGINT, &a, NULL);
    sigaction(SIGTERM, &a, NULL);
    return &stop;
}

static unsigned cpus(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)(CPU_COUNT(&set) > 256 ? 256 : CPU_COUNT(&set));
    return 1;
}

/* ---- scanning ---- */

/* Where the list of paths is; NULL when inputs are named. */
static const char *list_of(const dcr_operands *operands, const dcr_scan_args *a)
{
    if (a->files_from == NULL && operands->n == 1 && strcmp(operands->item[0], "-") == 0)
        return "-";
    return a->files_from;
}

/* What is to be read must be said in one way. */
static dcr_status check_inputs(const dcr_operands *operands, const dcr_scan_args *a,
                               const char *scan_file, dcr_err *err)
{
    if (a->files_from != NULL && operands->n > 0)
        return dcr_fail(err, DCR_EARG, NULL,
                        "--files-from and INPUT exclude each other, but got '%.40s' too",
                        operands->item[0]);
    if (a->files_from == NULL && operands->n == 0)
        return dcr_fail(
            err, DCR_EARG, NULL,
            "nothing to read: name a folder, a file or a scan file, or a list "
            "with --files-from");
    if (a->nul && list_of(operands, a) == NULL)
        return dcr_fail(err, DCR_EARG, NULL,
                        "-0 tells how a list is written; name it with --files-from, or - "
                        "as INPUT");
    for (size_t i = 0; i < operands->n; i++) {
        if (operands->n > 1 && strcmp(operands->item[i], "-") == 0)
            return dcr_fail(err, DCR_EARG, NULL,
                            "INPUT - is a list on standard input and goes alone; a file "
                            "of that name is ./-");
        if (!dcr_scan_is_file(operands->item[i]))
            continue;
        if (operands->n > 1)
            return dcr_fail(err, DCR_EARG, operands->item[i],
                            "a scan file is judged alone; name no other INPUT");
        if (scan_file != NULL)
            return dcr_fail(err, DCR_EARG, operands->item[i],
                            "this is a scan file already; dcmrisk assess takes it as it "
                            "is");
    }
    return DCR_OK;
}

dcr_status dcr_run_scan(dcr_store **out, const dcr_operands *operands,
                        const dcr_scan_args *a, const dcr_common *common,
                        const dcr_run_files *files, const dcr_rules *rules,
                        dcr_scan_stats *stats, dcr_err *err)
{
    dcr_scan_options o = {.inputs = operands->item,
                          .n_inputs = operands->n,
                          .scan_file = files->scan_file,
                          .own = files->own,
                          .n_own = files->n_own,
                          .shard = a->shard,
                          .stop = dcr_run_stop()};
    const char *from = list_of(operands, a);
    dcr_path_list list = {0};
    dcr_bar bar;
    dcr_status rc = check_inputs(operands, a, files->scan_file, err);
    *out = NULL;
    if (rc == DCR_OK && files->scan_file != NULL)
        rc = dcr_look_at_target(files->scan_file, true, err);
    if (rc == DCR_OK && from == NULL && dcr_scan_is_file(operands->item[0]))
        return dcr_scan_open(out, operands->item[0], err);
    if (rc == DCR_OK && from != NULL) {
        rc = dcr_path_list_read(&list, from, a->nul, &stop, err);
        o.inputs = list.item;
        o.n_inputs = list.n;
        o.listed = true;
    }
    for (int k = 0; a->reader != NULL && k < DCR_READER_N; k++)
        if (strcmp(a->reader, dcr_reader_name((dcr_reader_kind)k)) == 0)
            o.reader = (dcr_reader_kind)k;
    o.jobs = a->jobs > 0 ? (unsigned)a->jobs : cpus();
    o.keep = dcr_rules_keep(rules, &o.n_keep);
    dcr_bar_init(&bar, common->quiet);
    o.progress = dcr_bar_progress;
    o.progress_ctx = &bar;
    if (rc == DCR_OK)
        rc = dcr_scan(out, &o, stats, err);
    dcr_bar_end(&bar);
    dcr_path_list_clear(&list);
    return rc;
}

int dcr_run_failed(const dcr_err *err, dcr_status rc, const char *scan_file)
{
    if (rc != DCR_EINTERRUPTED)
        return dcr_cmd_fail(err, true);
    if (scan_file == NULL)
        return dcr_cmd_say(
            DCR_EXIT_INCONCLUSIVE,
            "interrupted, nothing was kept; with --scan FILE a run can be resumed");
    return dcr_cmd_say(
        DCR_EXIT_INCONCLUSIVE,
        "interrupted; what was read is in %s, run the same command again to resume",
        scan_file);
}

dcr_status dcr_run_time(char text[32], uint32_t *today, dcr_err *err)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    uint64_t v = 0;
    time_t t;
    struct tm tm;
    if (epoch != NULL && *epoch != '\0') {
        if (!dcr_num_u64(epoch, 0, 253402300799u, &v))
            return dcr_fail(
                err, DCR_EARG, NULL,
                "SOURCE_DATE_EPOCH must be a whole number of seconds since 1970");
        t = (time_t)v;
    } else {
        t = time(NULL); /* lint: ok, the only clock: the time of the run, unless the user
                           sets it */
    }
    gmtime_r(&t, &tm);
    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
    *today = (uint32_t)((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday);
    return DCR_OK;
}
