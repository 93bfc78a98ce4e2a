/* Writes what the tables know of a man page, for scdoc.
 * usage: manpage head|options|exits [COMMAND]    without COMMAND: of dcmrisk itself */
#include <stdio.h>
#include <string.h>

#include "cmd.h"

/* Text as scdoc takes it: nothing in it is markup. */
static void escaped(const char *s)
{
    for (; *s != '\0'; s++) {
        if (strchr("\\*_<>|#~", *s) != NULL)
            putchar('\\');
        putchar(*s);
    }
}

/* Paragraphs; a line that begins with a blank stands as it is. */
static void paragraphs(const char *text)
{
    bool literal = false;
    for (;;) {
        size_t n = strcspn(text, "\n");
        char line[2048];
        snprintf(line, sizeof line, "%.*s", (int)n, text);
        if ((line[0] == ' ') != literal) {
            puts(literal ? "```\n" : "\n```");
            literal = !literal;
        }
        if (literal)
            puts(line);
        else
            escaped(line), puts("");
        if (text[n] == '\0')
            break;
        text += n + 1;
    }
    if (literal)
        puts("```");
}

static void one_option(const dcr_opt *o)
{
    dcr_buf text = {0};
    if (o->letter != 0)
        printf("*-%c*, ", o->letter);
    fputs("*--", stdout);
    escaped(o->name);
    putchar('*');
    if (o->arg != NULL) {
        fputs(" _", stdout);
        escaped(o->arg);
        putchar('_');
    }
    dcr_opt_text(o, &text);
    fputs("\n\t", stdout);
    if (text.p != NULL && !text.failed)
        escaped(text.p);
    puts("\n");
    dcr_buf_clear(&text);
}

static void options(const dcr_cmd *c)
{
    static const dcr_opt help = {
        .name = "help", .letter = 'h', .help = "print the options"};
    puts("# OPTIONS\n");
    for (size_t i = 0; i < DCR_GROUP_N; i++) {
        dcr_opt_group group;
        const char *heading = dcr_opt_heading(i, &group);
        bool any = group == DCR_GROUP_OTHER;
        for (const dcr_opt *o = c->options; o != NULL && o->name != NULL; o++)
            any = any || o->group == group;
        if (any && dcr_opt_grouped(c->options))
            printf("## %s\n\n", heading);
        for (const dcr_opt *o = c->options; o != NULL && o->name != NULL; o++)
            if (o->group == group)
                one_option(o);
    }
    one_option(&help);
}

static void exits(bool gate)
{
    const char *text = strchr(dcr_cmd_exits(gate), ':');
    puts("# EXIT STATUS\n");
    for (text += 2; *text != '\0'; text += strspn(text, ", ")) {
        size_t n = 2; /* the figure, and a blank */
        while (text[n] != '\0' &&
               !(text[n] == ',' && text[n + 2] >= '0' && text[n + 2] <= '9'))
            n++;
        printf("*%c*\n\t%.*s%s\n\n", text[0], (int)(n - 2), text + 2,
               text[n - 1] == '.' ? "" : ".");
        text += n;
    }
}

static void all_commands(void)
{
    puts("# COMMANDS\n");
    for (const dcr_cmd *const *c = dcr_cmds(); *c != NULL; c++) {
        printf("*dcmrisk-%s*(1)\n\t", (*c)->name);
        escaped((*c)->summary);
        puts(".\n");
    }
    puts("# OPTIONS\n\n*-h*, *--help*\n\tprint the commands.\n\n*--version*\n\tprint the "
         "version of the program and of the libraries it runs with.\n");
}

static void head(const dcr_cmd *c)
{
    if (c == NULL) {
        puts("dcmrisk(1)\n\n# NAME\n\ndcmrisk - tell how far patients in a DICOM dataset "
             "can be singled out\n\n# SYNOPSIS\n\n*dcmrisk* _COMMAND_ [_options_]\n");
        return;
    }
    printf("dcmrisk-%s(1)\n\n# NAME\n\ndcmrisk-%s - ", c->name, c->name);
    escaped(c->summary);
    printf("\n\n# SYNOPSIS\n\n*dcmrisk %s* ", c->name);
    escaped(c->synopsis);
    puts("\n\n# DESCRIPTION\n");
    paragraphs(c->description == NULL ? c->summary : c->description);
    putchar('\n');
}

int main(int argc, char **argv)
{
    const char *part = argc > 1 ? argv[1] : "";
    const dcr_cmd *c = argc > 2 ? dcr_cmd_find(argv[2]) : NULL;
    if (argc > 2 && c == NULL)
        return 2;
    if (strcmp(part, "head") == 0)
        head(c);
    else if (strcmp(part, "options") == 0 && c == NULL)
        all_commands();
    else if (strcmp(part, "options") == 0)
        options(c);
    else if (strcmp(part, "exits") == 0)
        exits(c == NULL || c->gate);
    else
        return 2;
    return 0;
}
