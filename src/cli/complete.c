#include "complete.h"

#include <string.h>

#include "cmd.h"

typedef struct line { /* what the words before the last one say */
    const dcr_cmd *cmd;
    const dcr_opt *pending; /* an option that waits for its value */
    const char *first;      /* the first operand */
    size_t n_operands;
    bool ended; /* "--" was there */
} line;

static bool begins(const char *word, const char *with)
{
    return strncmp(word, with, strlen(with)) == 0;
}

static void say(FILE *out, const char *before, const char *word, const char *help)
{
    fprintf(out, "%s%s\t%s\n", before, word, help == NULL ? "" : help);
}

/* ---- what stands there already ---------------------------------------------------- */

static bool takes_value(const dcr_opt *o)
{
    return o->kind != DCR_OPT_FLAG;
}

/* The option that n letters name, in full or as the only one that begins so. */
static const dcr_opt *by_name(const dcr_cmd *c, const char *name, size_t n)
{
    const dcr_opt *found = NULL;
    size_t matches = 0;
    for (const dcr_opt *o = c->options; o != NULL && o->name != NULL; o++) {
        if (strncmp(o->name, name, n) != 0)
            continue;
        if (o->name[n] == '\0')
            return o;
        found = o;
        matches++;
    }
    return matches == 1 ? found : NULL;
}

static const dcr_opt *by_letter(const dcr_cmd *c, char letter)
{
    for (const dcr_opt *o = c->options; o != NULL && o->name != NULL; o++)
        if (o->letter == letter)
            return o;
    return NULL;
}

/* "-qj8": the first letter that takes a value takes the rest, or the next word. */
static void read_letters(line *l, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        const dcr_opt *o = by_letter(l->cmd, *letters);
        if (o == NULL || !takes_value(o))
            continue;
        l->pending = letters[1] == '\0' ? o : NULL;
        return;
    }
}

static void read_word(line *l, const char *word)
{
    if (l->pending != NULL) {
        l->pending = NULL;
    } else if (l->ended || word[0] != '-' || word[1] == '\0') {
        l->first = l->n_operands++ == 0 ? word : l->first;
    } else if (strcmp(word, "--") == 0) {
        l->ended = true;
    } else if (word[1] != '-') {
        read_letters(l, word + 1);
    } else if (strchr(word, '=') == NULL) {
        const dcr_opt *o = by_name(l->cmd, word + 2, strlen(word + 2));
        l->pending = o != NULL && takes_value(o) ? o : NULL;
    }
}

/* ---- what could follow ------------------------------------------------------------- */

static bool in_list(const char *list, size_t n, const char *word)
{
    size_t len = strlen(word);
    while (n >= len) {
        const char *comma = memchr(list, ',', n);
        size_t part = comma == NULL ? n : (size_t)(comma - list);
        if (part == len && memcmp(list, word, len) == 0)
            return true;
        if (comma == NULL)
            return false;
        list += part + 1;
        n -= part + 1;
    }
    return false;
}

/* A list grows at its end, by words that are not in it. */
static const char *list_words(const dcr_opt *o, const char *typed, const char *before,
                              FILE *out)
{
    const char *comma = strrchr(typed, ','), *word;
    size_t n = comma == NULL ? 0 : (size_t)(comma + 1 - typed);
    for (size_t i = 0; (word = dcr_opt_choice(o, i)) != NULL; i++)
        if (begins(word, typed + n) && !in_list(typed, n, word))
            fprintf(out, "%s%.*s%s\t\n", before, (int)n, typed, word);
    return ":more";
}

static const char *value_words(const dcr_opt *o, const char *typed, const char *before,
                               FILE *out)
{
    const char *word;
    if (o->kind == DCR_OPT_LIST)
        return list_words(o, typed, before, out);
    for (size_t i = 0; (word = dcr_opt_choice(o, i)) != NULL; i++)
        if (begins(word, typed))
            say(out, before, word, NULL);
    if (o->kind == DCR_OPT_FILE || o->kind == DCR_OPT_NAMED)
        return ":file";
    return o->kind == DCR_OPT_DIR ? ":dir" : ":none";
}

/* "--policy=pub": the words are "--policy=" and a value. */
static const char *joined_words(const dcr_cmd *c, const char *typed, const char *equals,
                                FILE *out)
{
    const dcr_opt *o = by_name(c, typed + 2, (size_t)(equals - typed - 2));
    char before[128];
    if (o == NULL || !takes_value(o) || (size_t)(equals - typed) + 2 > sizeof before)
        return ":none";
    snprintf(before, sizeof before, "%.*s=", (int)(equals - typed), typed);
    return value_words(o, equals + 1, before, out);
}

static const char *option_words(const dcr_cmd *c, const char *typed, FILE *out)
{
    if (begins("--help", typed))
        say(out, "", "--help", "what the command takes");
    if (typed[1] != '\0' && typed[1] != '-')
        return ":none"; /* letters */
    for (const dcr_opt *o = c->options; o != NULL && o->name != NULL; o++)
        if (begins(o->name, typed[1] == '\0' ? "" : typed + 2))
            say(out, "--", o->name, o->help);
    return ":none";
}

static const char *command_words(const char *typed, FILE *out)
{
    for (const dcr_cmd *const *c = dcr_cmds(); *c != NULL; c++)
        if (begins((*c)->name, typed))
            say(out, "", (*c)->name, (*c)->summary);
    if (typed[0] == '-' && begins("--help", typed))
        say(out, "", "--help", "the commands");
    if (typed[0] == '-' && begins("--version", typed))
        say(out, "", "--version", "versions of the program and its libraries");
    return ":none";
}

static const char *next_words(line *l, const char *typed, FILE *out)
{
    const char *equals = strchr(typed, '=');
    const dcr_opt *o;
    if (l->pending != NULL)
        return value_words(l->pending, typed, "", out);
    if (!l->ended && typed[0] == '-')
        return typed[1] == '-' && equals != NULL
                   ? joined_words(l->cmd, typed, equals, out)
                   : option_words(l->cmd, typed, out);
    o = dcr_cmd_operand(l->cmd, l->n_operands, l->first);
    return o == NULL ? ":none" : value_words(o, typed, "", out);
}

void dcr_complete(const char *const *word, size_t n, FILE *out)
{
    line l = {0};
    const char *more = ":none";
    if (n == 1)
        more = command_words(word[0], out);
    else if (n > 1)
        l.cmd = dcr_cmd_find(word[0]);
    for (size_t i = 1; l.cmd != NULL && i + 1 < n; i++)
        read_word(&l, word[i]);
    if (l.cmd != NULL)
        more = next_words(&l, word[n - 1], out);
    fprintf(out, "%s\n", more);
}
