/* What could stand next on a command line; the shells' scripts ask for it. */
#ifndef DCR_COMPLETE_H
#define DCR_COMPLETE_H

#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The word that main() knows this by: dcmrisk __complete WORD... LAST. */
#define DCR_COMPLETE "__complete"

/* Prints a line for each word that LAST, the n-th and the one being typed, may become:
 * the whole word, a tab, what it means (or nothing).  The last line is ":" and one of
 *   none   nothing else may stand there
 *   more   as none, and the word goes on: no blank behind it
 *   file   a path too
 *   dir    a path of a folder too
 * Words are as the program would get them.  Nothing is read but the option tables. */
void dcr_complete(const char *const *word, size_t n, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
