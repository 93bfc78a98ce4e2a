/* Inside of the judgement of link keys: what the checks may ask beside dcr_link_key. */
#ifndef DCR_LINK_JUDGE_H
#define DCR_LINK_JUDGE_H

#include "arena.h"
#include "check.h"
#include "link_rules.h"
#include "uid_clock.h"

typedef struct dcr_link_judged { /* beside dcr_link_key, same place */
    uint8_t *state, *clock_kind; /* per value */
    const dcr_uid_root **root;   /* per value, NULL where none is known; NULL: no UIDs */
    int16_t *scheme;             /* per value: number + 1, 0 none */
    bool *has_serial;            /* per value; NULL: none has */
    bool *shifted;               /* per value; NULL: none is: of a patient whose clocks
                                    and study dates differ by one constant */
    uint64_t vendor, serials;    /* values under a maker's root; with a serial number */
    dcr_uid_clock clock;
} dcr_link_judged;

typedef struct dcr_link_judge {
    dcr_link_keys keys; /* first, and lent as such */
    const dcr_rules *rules;
    const dcr_model *model;
    dcr_arena arena;
    dcr_link_key *list;
    dcr_link_judged *judged;
    int32_t *series_day;
} dcr_link_judge;

/* The key at a path, NULL when it is none. */
const dcr_link_key *dcr_link_key_of(const dcr_link_keys *k, const char *path);
const dcr_link_judged *dcr_link_judged_of(const dcr_link_keys *k, size_t i);

/* link_serial.c: which UIDs hold the serial number of the device of their series. */
DCR_MUST_USE dcr_status dcr_link_serials(dcr_link_judge *j, dcr_link_judged *k,
                                         const dcr_attr *a, dcr_err *err);

#endif
