/* dcmrisk completion: the script that makes a shell complete words of dcmrisk. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "embed.h"

static const char *const shells[] = {"bash", "zsh", "fish", NULL};

static int run(const void *args, const dcr_operands *o)
{
    char name[64];
    const dcr_embed *script;
    (void)args;
    snprintf(name, sizeof name, "src/cli/completion.%s", o->item[0]);
    script = dcr_embed_find(name);
    if (script == NULL)
        return dcr_cmd_say(DCR_EXIT_ERROR, "no completion for %s in this build",
                           o->item[0]);
    fwrite(script->begin, 1, (size_t)(script->end - script->begin), stdout);
    return DCR_EXIT_PASS;
}

static const dcr_operand operands[] = {
    {.what = {.kind = DCR_OPT_CHOICE, .choices = shells, .help = "shell"}},
    {.what = {.help = NULL}},
};

const dcr_cmd dcr_cmd_completion = {
    .name = "completion",
    .summary = "print the script by which bash, zsh or fish completes words",
    .synopsis = "bash|zsh|fish",
    .description =
        "Prints a script for your shell; make install puts the same into place. Without "
        "it:\n"
        "  bash: source <(dcmrisk completion bash)        in ~/.bashrc\n"
        "  zsh:  source <(dcmrisk completion zsh)         in ~/.zshrc, after compinit\n"
        "  fish: dcmrisk completion fish | source         in ~/.config/fish/config.fish\n"
        "The script asks the program itself, so it knows the options of the version that "
        "is installed. Nothing of a dataset is read.",
    .args_size = 1,
    .operand = "bash, zsh or fish",
    .operands = operands,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
