/* Where in a JSON text something stands: jansson's values have no positions. */
#ifndef DCR_JSON_WHERE_H
#define DCR_JSON_WHERE_H

#include <stddef.h>

/* The way from the root of a document to a value, from the value up.  NULL is the root.
 */
typedef struct dcr_place {
    const struct dcr_place *up;
    const char *key; /* member of an object; NULL: element of a list */
    size_t index;
} dcr_place;

/* Line of the value at `at`; with `key`, that of this member of it when it has one.  The
 * text is valid JSON.  0 when there is no such place. */
long dcr_json_line(const char *text, const dcr_place *at, const char *key);

/* The text of a member of the root, between its quotes, without parsing the rest; NULL
 * when there is none or it is no plain text.  Any text may be given. */
const char *dcr_json_member_text(const char *text, const char *key, size_t *n);

/* What is wrong with a text that is not JSON and what to write instead, by what the
 * parser expected and where it stopped (bytes from the start).  Static text; it repeats
 * nothing of the file. */
const char *dcr_json_advice(const char *text, size_t n, const char *expected, size_t at);

#endif
