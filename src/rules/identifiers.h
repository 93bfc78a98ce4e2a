/* What identifies a person, wherever it stands: rules/identifiers.json. */
#ifndef DCR_IDENTIFIERS_H
#define DCR_IDENTIFIERS_H

#include "check.h"

enum { DCR_IDENTIFIER_CLASSES = 16 };

typedef enum dcr_identifier_form {
    DCR_FORM_NAME = 0, /* components, and family with given name */
    DCR_FORM_NUMBER,   /* the whole value, separators left out */
    DCR_FORM_TEXT,     /* an address: its first words; or a number */
    DCR_FORM_DATE      /* a full date */
} dcr_identifier_form;

typedef struct dcr_identifier_class {
    const char *id;
    dcr_identifier_form form;
    dcr_select select; /* attributes that hold identifiers of this class */
} dcr_identifier_class;

struct dcr_identifiers {
    dcr_identifier_class list[DCR_IDENTIFIER_CLASSES];
    size_t n;
    dcr_dict words; /* folded: names that are words too */
};

/* Number of the class of that id; false when there is none. */
bool dcr_identifier_find(const dcr_rules *r, const char *id, size_t *out);

#endif
