/* Text out of JSON that has been read. */
#ifndef DCR_JSON_TEXT_H
#define DCR_JSON_TEXT_H

#include <jansson.h>

/* Text of a key, "" when it is absent or no text. */
const char *dcr_json_text(const json_t *object, const char *key);

#endif
