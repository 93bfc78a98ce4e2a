/* English nouns and verbs behind a number: "1 patient is", "2 patients are". */
#ifndef DCR_PLURAL_H
#define DCR_PLURAL_H

#ifdef __cplusplus
extern "C" {
#endif

/* The word as it stands behind `n`: `many`, and its singular where n is 1.  A word that
 * the list in plural.c does not have stays as it is; all of ours have to be there. */
const char *dcr_plural(double n, const char *many);

#ifdef __cplusplus
}
#endif
#endif
