/* dcmrisk help: what there is, and what a command takes. */
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "dcmrisk/dcmrisk.h"

enum { NAME_COLUMN = 14 };

int dcr_help_all(void)
{
    dcr_opt_wrap(
        "dcmrisk tells how far each patient in a DICOM dataset can still be singled "
        "out, by which facts, by whom, and what would change that.",
        0, 0, stdout);
    puts("\nUsage: dcmrisk COMMAND [options]\n\nCommands:");
    for (const dcr_cmd *const *c = dcr_cmds(); *c != NULL; c++) {
        int n = printf("  %-*s", NAME_COLUMN - 2, (*c)->name);
        dcr_opt_wrap((*c)->summary, NAME_COLUMN, n < 0 ? 0 : (size_t)n, stdout);
    }
    putchar('\n');
    dcr_opt_wrap("dcmrisk COMMAND --help tells the options of a command, dcmrisk "
                 "--version the versions of the program and its libraries.",
                 0, 0, stdout);
    dcr_opt_wrap(dcr_cmd_exits(true), 0, 0, stdout);
    return DCR_EXIT_PASS;
}

int dcr_help_cmd(const dcr_cmd *c)
{
    size_t at = strlen("Usage: dcmrisk ") + strlen(c->name) + 1;
    printf("Usage: dcmrisk %s ", c->name);
    dcr_opt_wrap(c->synopsis, at, at, stdout);
    putchar('\n');
    dcr_opt_wrap(c->description == NULL ? c->summary : c->description, 0, 0, stdout);
    putchar('\n');
    dcr_opt_help(c->options, stdout);
    putchar('\n');
    dcr_opt_wrap(dcr_cmd_exits(c->gate), 0, 0, stdout);
    return DCR_EXIT_PASS;
}

static int run(const void *args, const dcr_operands *o)
{
    (void)args;
    return o->n == 0 ? dcr_help_all() : dcr_help_cmd(dcr_cmd_find(o->item[0]));
}

static const dcr_operand operands[] = {
    {.what = {.kind = DCR_OPT_CHOICE, .choice = dcr_cmd_choice, .help = "command"}},
    {.what = {.help = NULL}},
};

const dcr_cmd dcr_cmd_help = {
    .name = "help",
    .summary = "tell the options of a command",
    .synopsis = "[COMMAND]",
    .description = "Prints what dcmrisk COMMAND --help prints, or the list of commands.",
    .args_size = 1,
    .operand = "COMMAND",
    .operands = operands,
    .max_operands = 1,
    .run = run,
};
