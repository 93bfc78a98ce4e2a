/* Words of the built-in rules, for choices: nothing is read or parsed for them. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "embed.h"

enum { WORDS_MAX = 512, WORD_BYTES = 64 };

typedef struct word_list {
    char word[WORDS_MAX][WORD_BYTES];
    size_t n;
} word_list;

/* Adds what stands between `before` and `after` in a name; false when they do not. */
static bool add_between(word_list *l, const char *name, const char *before,
                        const char *after)
{
    size_t n = strlen(name), n_before = strlen(before), n_after = strlen(after);
    if (n <= n_before + n_after || strncmp(name, before, n_before) != 0 ||
        strcmp(name + n - n_after, after) != 0 || l->n == WORDS_MAX)
        return false;
    snprintf(l->word[l->n++], WORD_BYTES, "%.*s", (int)(n - n_before - n_after),
             name + n_before);
    return true;
}

static const char *word_at(const word_list *l, size_t i)
{
    return i < l->n ? l->word[i] : NULL;
}

const char *dcr_policy_choice(size_t i)
{
    static word_list all;
    if (all.n == 0)
        for (const dcr_embed *e = dcr_embedded; e->name != NULL; e++)
            (void)add_between(&all, e->name, "rules/policies/", ".json");
    return word_at(&all, i);
}

const char *dcr_rules_choice(size_t i)
{
    static word_list all;
    if (all.n == 0)
        for (const dcr_embed *e = dcr_embedded; e->name != NULL; e++)
            if (!add_between(&all, e->name, "rules/checks/", ".json") &&
                !add_between(&all, e->name, "rules/policies/", ".json"))
                (void)add_between(&all, e->name, "rules/", "");
    return word_at(&all, i);
}
