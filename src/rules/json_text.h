/* JSON that people wrote: read strictly, complained about with file and line. */
#ifndef DCR_JSON_TEXT_H
#define DCR_JSON_TEXT_H

#include <jansson.h>

#include "dcmrisk/err.h"

/* Reads a file named by the user.  NULL on failure (DCR_ERULES with the line,
 * DCR_ENOMEM). */
json_t *dcr_json_read_file(const char *path, dcr_err *err);
/* Reads text built in or already read; `name` is for messages. */
json_t *dcr_json_read_text(const char *text, size_t n, const char *name, dcr_err *err);

/* Fails unless every key of `object` is among the words of `keys` (NULL-terminated). */
DCR_MUST_USE dcr_status dcr_json_only(const json_t *object, const char *const *keys,
                                      const char *name, dcr_err *err);
/* Text of a key, "" when absent; `must` fails when it is absent or no text. */
const char *dcr_json_text(const json_t *object, const char *key);

#endif
