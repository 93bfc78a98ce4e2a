/* What rules/uid-schemes.json says of link keys. */
#ifndef DCR_LINK_RULES_H
#define DCR_LINK_RULES_H

#include "ruleset.h"
#include "scheme.h"

typedef struct dcr_clock_rules {
    size_t from_year, to_year; /* a clock shows a time of these years */
    size_t share;              /* per cent of a group's UIDs that must have it */
} dcr_clock_rules;

typedef struct dcr_link_rules {
    dcr_strings ids; /* pairs: tag, fewest digits that look like a hospital's number */
    dcr_scheme *schemes;
    size_t n_schemes;
    dcr_shift_scheme *shifts;
    size_t n_shifts;
    dcr_clock_rules clock;
} dcr_link_rules;

/* Fewest digits by which a number of this attribute looks like a hospital's; 0 when it is
 * no number that links. */
size_t dcr_link_id_digits(const dcr_rules *r, const dcr_attr *a);
/* True for UIDs of instances, series, patients: not those of classes, syntaxes, devices.
 */
bool dcr_link_is_uid(const dcr_attr *a);

#endif
