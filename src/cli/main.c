#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "cmd.h"
#include "dcmrisk/dcmrisk.h"
#include "opt.h"

enum { NAME_COLUMN = 11, CMDS_MAX = 64 };

/* ---- help and version -----------------------------------------------------------------
 */

static void print_exits(bool gate)
{
    if (gate)
        dcr_opt_wrap(
            "Exit status: 0 the gate passes, 1 it fails, 2 wrong usage, rules, policy "
            "or project file, 3 inconclusive or interrupted, 4 could not finish.",
            0, 0, stdout);
    else
        dcr_opt_wrap(
            "Exit status: 0 done, 2 wrong usage or rules, 3 interrupted, 4 could not "
            "finish.",
            0, 0, stdout);
}

static int help_all(void)
{
    dcr_opt_wrap(
        "dcmrisk tells how far each patient in a DICOM dataset can still be singled "
        "out, by which facts, by whom, and what would change that.",
        0, 0, stdout);
    puts("\nUsage: dcmrisk COMMAND [options]\n\n"
         "Commands:");
    for (const dcr_cmd *const *c = dcr_cmds(); *c != NULL; c++) {
        int n = printf("  %-*s", NAME_COLUMN - 2, (*c)->name);
        dcr_opt_wrap((*c)->summary, NAME_COLUMN + 2, n < 0 ? 0 : (size_t)n, stdout);
    }
    puts("  help       options of a command: dcmrisk help COMMAND\n\n"
         "dcmrisk --version prints the versions of the program and its libraries.");
    print_exits(true);
    return DCR_EXIT_PASS;
}

static int help_cmd(const dcr_cmd *c)
{
    printf("Usage: dcmrisk %s ", c->name);
    dcr_opt_wrap(c->synopsis, 8 + strlen("dcmrisk ") + strlen(c->name),
                 8 + strlen("dcmrisk ") + strlen(c->name), stdout);
    putchar('\n');
    dcr_opt_wrap(c->description == NULL ? c->summary : c->description, 0, 0, stdout);
    puts("\nOptions:");
    dcr_opt_help(c->options, stdout);
    putchar('\n');
    print_exits(c->gate);
    return DCR_EXIT_PASS;
}

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

static const dcr_cmd *find(const char *name)
{
    for (const dcr_cmd *const *c = dcr_cmds(); *c != NULL; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

static int unknown(const char *word)
{
    const char *names[CMDS_MAX + 1] = {"help"};
    static const char *const options[] = {"--help", "--version"};
    size_t n = 1;
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
        status = help_cmd(c);
    else if (operands.n < c->min_operands || operands.n > c->max_operands)
        status = wrong_operands(c, &operands);
    else
        status = c->run(args, &operands);
    dcr_opt_clear(c->options, args);
    dcr_free(args);
    return status;
}

static int help(int argc, char **argv)
{
    const dcr_cmd *c;
    if (argc < 3)
        return help_all();
    c = find(argv[2]);
    return c == NULL ? unknown(argv[2]) : help_cmd(c);
}

static int dispatch(int argc, char **argv)
{
    const dcr_cmd *c;
    if (argc < 2)
        return dcr_cmd_say(DCR_EXIT_USAGE, "no command; see dcmrisk --help");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return help(argc, argv);
    if (strcmp(argv[1], "--version") == 0)
        return version();
    c = find(argv[1]);
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
    signal(SIGPIPE, SIG_IGN); /* a write says EPIPE instead */
    dcr_init();
    return finish(dispatch(argc, argv));
}
