#include "near.h"

#include <stdint.h>
#include <string.h>

enum { WORD_MAX = 40, FAR = 3, BEGINNING = 5 };

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Insertions, deletions, substitutions and swaps of neighbours that make b of a; *begin
 * are those that make the beginning of b, of any length, that is nearest. */
static size_t distance(const char *a, const char *b, size_t *begin)
{
    size_t row[3][WORD_MAX + 1], na = strlen(a), nb = strlen(b);
    *begin = SIZE_MAX;
    if (na > WORD_MAX || nb > WORD_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= nb; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *now = row[i % 3], *up = row[(i + 2) % 3], *upup = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            now[j] = min3(up[j] + 1, now[j - 1] + 1, up[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                upup[j - 2] + 1 < now[j])
                now[j] = upup[j - 2] + 1;
        }
    }
    for (size_t j = 0; j <= nb; j++)
        *begin = row[na % 3][j] < *begin ? row[na % 3][j] : *begin;
    return row[na % 3][nb];
}

dcr_near dcr_near_of(const char *word)
{
    dcr_near b = {word, NULL, strlen(word) < BEGINNING ? 2 : FAR};
    return b;
}

/* What is typed may be the beginning of a word, or nearly: "publik" of public-release.
 * That is less than to be near all of it, and asks for some letters. */
void dcr_near_try(dcr_near *b, const char *candidate)
{
    size_t begin, d = distance(b->word, candidate, &begin), n = strlen(b->word);
    if (d >= FAR && n >= BEGINNING && begin <= 1)
        d = FAR - 1;
    if (d < b->edits && d < strlen(candidate)) {
        b->edits = d;
        b->found = candidate;
    }
}

const char *dcr_near_among(const char *word, const char *const *words, size_t n)
{
    dcr_near b = dcr_near_of(word);
    for (size_t i = 0; i < n; i++)
        dcr_near_try(&b, words[i]);
    return b.found;
}
