#include "run_common.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "buf.h"
#include "num.h"
#include "term.h"

const char *const dcr_run_readers[] = {"stream", "dcmtk", NULL};

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

/* ---- lists of paths ---- */

typedef struct path_list {
    dcr_buf text;
    const char **item;
    size_t n, cap;
} path_list;

static void list_clear(path_list *l)
{
    dcr_buf_clear(&l->text);
    dcr_free(l->item);
}

static dcr_status read_list(path_list *l, const char *file, bool nul, dcr_err *err)
{
    FILE *f = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
    char part[65536];
    size_t n, from = 0;
    char end = nul ? '\0' : '\n';
    if (f == NULL)
        return dcr_fail(err, DCR_EARG, file, "cannot be opened: %s", strerror(errno));
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        dcr_buf_add(&l->text, part, n);
    if (stop)
        dcr_fail(err, DCR_EINTERRUPTED, NULL, "interrupted");
    else if (ferror(f))
        dcr_fail(err, DCR_EIO, file, "cannot be read");
    if (f != stdin)
        fclose(f);
    if (l->text.failed)
        return dcr_nomem(err);
    for (size_t i = 0; i <= l->text.n && l->text.p != NULL; i++) {
        if (i < l->text.n && l->text.p[i] != end)
            continue;
        l->text.p[i] = '\0';
        if (i > from) {
            if (!dcr_grow(&l->item, &l->cap, l->n + 1, sizeof *l->item))
                return dcr_nomem(err);
            l->item[l->n++] = l->text.p + from;
        }
        from = i + 1;
    }
    return err->code;
}

/* ---- scanning ---- */

dcr_status dcr_run_scan(dcr_store **out, const dcr_operands *operands,
                        const dcr_scan_args *a, const dcr_common *common,
                        const char *scan_file, const dcr_rules *rules,
                        dcr_scan_stats *stats, dcr_err *err)
{
    dcr_scan_options o = {.inputs = operands->item,
                          .n_inputs = operands->n,
                          .scan_file = scan_file,
                          .shard = a->shard,
                          .stop = dcr_run_stop()};
    const char *from = a->files_from;
    path_list list = {0};
    dcr_bar bar;
    dcr_status rc = DCR_OK;
    *out = NULL;
    if (from == NULL && operands->n == 1 && strcmp(operands->item[0], "-") == 0)
        from = "-";
    else if (from != NULL && operands->n > 0)
        return dcr_fail(err, DCR_EARG, NULL, "--files-from and INPUT exclude each other");
    if (from == NULL && operands->n == 0)
        return dcr_fail(err, DCR_EARG, NULL,
                        "name a folder, a file or a scan file to read");
    if (from == NULL && operands->n == 1 && dcr_scan_is_file(operands->item[0])) {
        if (scan_file != NULL || a->shard.of > 0)
            return dcr_fail(err, DCR_EARG, NULL, "the input is a scan file already");
        return dcr_scan_open(out, operands->item[0], err);
    }
    if (from != NULL) {
        rc = read_list(&list, from, a->nul, err);
        o.inputs = list.item;
        o.n_inputs = list.n;
        o.listed = true;
    }
    if (a->reader != NULL && strcmp(a->reader, dcr_reader_name(DCR_READER_DCMTK)) == 0)
        o.reader = DCR_READER_DCMTK;
    o.jobs = a->jobs > 0 ? (unsigned)a->jobs : cpus();
    o.keep = dcr_rules_keep(rules, &o.n_keep);
    dcr_bar_init(&bar, common->quiet);
    o.progress = dcr_bar_progress;
    o.progress_ctx = &bar;
    if (rc == DCR_OK)
        rc = dcr_scan(out, &o, stats, err);
    dcr_bar_end(&bar);
    list_clear(&list);
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
