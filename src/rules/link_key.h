/* The state of a link key: a number or UID by which files are found again elsewhere. */
#ifndef DCR_LINK_KEY_H
#define DCR_LINK_KEY_H

#include "check.h"

/* By its root (NULL: none known): of a scanner's maker, of a tool or archive, a UUID.
 * Clocks and schemes are judged over all UIDs together, in link_keys.c. */
dcr_link_state dcr_link_uid(const dcr_uid_root *root, const uint8_t *p, size_t n);

/* Numbers of patients, visits and orders.  `min_digits`: shorter ones say nothing.  Fills
 * state[] for each of the attribute's values (n_values); the attribute's state is the
 * worst. */
dcr_link_state dcr_link_ids(const dcr_attr *a, size_t min_digits, dcr_link_state *state);

#endif
