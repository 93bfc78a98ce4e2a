#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "cmd.h"
#include "complete.h"
#include "dcmrisk/dcmrisk.h"
#include "help.h"
#include "opt.h"

enum { CMDS_MAX = 64 };

/* ---- version --------------------------------------------------------------------------
 */

static int version(void)
{
    size_t n;
    const dcr_library *l = dcr_libraries(&n);
    printf("dcmrisk %s\n", DCMRISK_VERSION);
    for (size_t i = 0; i < n; i++)
        printf("%s %s\n", l[i].name, l[i].version);
    return DCR_EXIT_PASS;
}

/* ---- words in -------------------------------------------------------------------------
 */

static int unknown(const char *word)
{
    const char *names[CMDS_MAX];
    static const char *const options[] = {"--help", "--version"};
    size_t n = 0;
    dcr_err err = {0};
    for (const dcr_cmd *const *c = dcr_cmds(); *c != NULL && n < CMDS_MAX; c++)
        names[n++] = (*c)->name;
    (void)(word[0] == '-'
               ? dcr_opt_unknown("option", word, options, 2, "dcmrisk --help", &err)
               : dcr_opt_unknown("command", word, names, n, "dcmrisk --help", &err));
    return dcr_cmd_fail(&err, false);
}

static int wrong_operands(const dcr_cmd *c, const dcr_operands *o)
{
    if (o->n < c->min_operands)
        return dcr_cmd_say(DCR_EXIT_USAGE, "%s needs %s; see dcmrisk %s --help", c->name,
                           c->operand, c->name);
    if (c->max_operands == 0)
        return dcr_cmd_say(DCR_EXIT_USAGE,
                           "%s takes no operand, but got '%.40s'; see dcmrisk %s --help",
                           c->name, o->item[0], c->name);
    return dcr_cmd_say(DCR_EXIT_USAGE,
                       "%s takes at most %zu of %s, but got '%.40s' too; see dcmrisk %s "
                       "--help",
                       c->name, c->max_operands, c->operand, o->item[c->max_operands],
                       c->name);
}

/* Operands that are one of some words; the first that is none of them is told. */
static dcr_status check_operands(const dcr_cmd *c, const dcr_operands *o, dcr_err *err)
{
    const char *words[CMDS_MAX], *word, *first = o->n == 0 ? NULL : o->item[0];
    char help[64];
    for (size_t i = 0; i < o->n; i++) {
        const dcr_opt *what = dcr_cmd_operand(c, i, first);
        size_t n = 0;
        bool found = what == NULL || what->kind != DCR_OPT_CHOICE;
        for (; !found && n < CMDS_MAX && (word = dcr_opt_choice(what, n)) != NULL; n++) {
            words[n] = word;
            found = strcmp(word, o->item[i]) == 0;
        }
        if (found)
            continue;
        if (what->choice == dcr_cmd_choice)
            snprintf(help, sizeof help, "dcmrisk --help");
        else
            snprintf(help, sizeof help, "dcmrisk %s --help", c->name);
        return dcr_opt_unknown(what->help, o->item[i], words, n, help, err);
    }
    return DCR_OK;
}

static int run(const dcr_cmd *c, int argc, char **argv)
{
    dcr_err err = {0};
    dcr_operands operands;
    bool help = false;
    int status;
    void *args = dcr_alloc(1, c->args_size);
    if (args == NULL)
        return dcr_cmd_say(DCR_EXIT_ERROR, "out of memory");
    if (dcr_opt_parse(c->name, c->options, argc, argv, args, &operands, &help, &err) !=
        DCR_OK)
        status = dcr_cmd_fail(&err, true);
    else if (help)
        status = dcr_help_cmd(c);
    else if (operands.n < c->min_operands || operands.n > c->max_operands)
        status = wrong_operands(c, &operands);
    else if (check_operands(c, &operands, &err) != DCR_OK)
        status = dcr_cmd_fail(&err, false);
    else
        status = c->run(args, &operands);
    dcr_opt_clear(c->options, args);
    dcr_free(args);
    return status;
}

static int dispatch(int argc, char **argv)
{
    const dcr_cmd *c;
    if (argc < 2)
        return dcr_cmd_say(DCR_EXIT_USAGE, "no command; see dcmrisk --help");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return dcr_help_all();
    if (strcmp(argv[1], "--version") == 0)
        return version();
    if (strcmp(argv[1], DCR_COMPLETE) == 0) {
        dcr_complete((const char *const *)argv + 2, (size_t)argc - 2, stdout);
        return DCR_EXIT_PASS;
    }
    c = dcr_cmd_find(argv[1]);
    return c == NULL ? unknown(argv[1]) : run(c, argc - 1, argv + 1);
}

/* ---- exit code out --------------------------------------------------------------------
 */

/* A pipe whose reader went away (`| head`): no error of ours. */
static bool reader_gone(void)
{
    struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0;
}

/* Closes stdout; a result that could not be written is no result. */
static int finish(int status)
{
    bool failed, gone = reader_gone();
    int why;
    errno = 0;
    failed = ferror(stdout) != 0;
    if (fflush(stdout) != 0 && !failed)
        failed = true;
    why = errno;
    gone = gone || why == EPIPE || reader_gone();
    if (fclose(stdout) != 0 && !failed) {
        failed = true;
        why = errno;
    }
    /* An error was told already; once is enough. */
    if (!failed || gone || status == DCR_EXIT_USAGE || status == DCR_EXIT_ERROR)
        return status;
    return dcr_cmd_say(DCR_EXIT_ERROR, "cannot write to standard output%s%s",
                       why == 0 ? "" : ": ", why == 0 ? "" : strerror(why));
}

/* A closed descriptor would be taken by the next file opened, and printed into. */
static void hold_standard_files(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 &&
            open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
            _exit(DCR_EXIT_ERROR);
}

int main(int argc, char **argv)
{
    hold_standard_files();
    signal(SIGPIPE, SIG_IGN); /* a write says EPIPE instead, or */
    signal(SIGXFSZ, SIG_IGN); /* EFBIG, where ulimit bounds files */
    dcr_init();
    return finish(dispatch(argc, argv));
}
