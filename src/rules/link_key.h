/* The state of a link key: a number or UID by which files are found again elsewhere. */
#ifndef DCR_LINK_KEY_H
#define DCR_LINK_KEY_H

#include "check.h"

typedef enum dcr_link_state {
    DCR_LINK_ABSENT = 0, /* no real value */
    DCR_LINK_UNKNOWN,    /* real values that give nothing away */
    DCR_LINK_REPLACED,   /* written by a tool or archive, random, or a plain counter */
    DCR_LINK_SOURCE_LIKE /* as a hospital's system or a scanner would write it */
} dcr_link_state;

/* A UID of a scanner's maker, with a date in it, or made from a clock (UUID version 1).
 */
dcr_link_state dcr_link_uid(const dcr_rules *r, const uint8_t *p, size_t n);

/* Numbers of patients, visits and orders.  `min_digits`: shorter ones say nothing.  Fills
 * state[] for each of the attribute's values (n_values); the attribute's state is the
 * worst. */
dcr_link_state dcr_link_ids(const dcr_attr *a, size_t min_digits, dcr_link_state *state);

#endif
