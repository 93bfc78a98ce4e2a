/* Clocks in UIDs: dates, seconds and milliseconds since 1970 in arcs, UUIDs of version 1.
 *
 * A random arc is a date now and then, so an arc counts only where the UIDs that are made
 * alike (same root, same number of arcs) agree on it. */
#ifndef DCR_UID_CLOCK_H
#define DCR_UID_CLOCK_H

#include "link_rules.h"

typedef enum dcr_clock_kind {
    DCR_CLOCK_NONE = 0,
    DCR_CLOCK_DATE,    /* YYYYMMDD */
    DCR_CLOCK_TIME,    /* YYYYMMDDhhmmss and more digits */
    DCR_CLOCK_SECONDS, /* since 1970 */
    DCR_CLOCK_MILLIS,
    DCR_CLOCK_UUID /* version 1: 100 ns since 1582, and a network address */
} dcr_clock_kind;

typedef struct dcr_uid_clock {
    uint64_t values;           /* UIDs with a clock */
    uint64_t addresses;        /* of them, UUIDs with a network card's address */
    uint64_t compared;         /* of them, in a series with a study date */
    uint64_t same_day;         /* of these, on that day, give or take one */
    uint32_t shifted_subjects; /* whose clocks and study dates differ by one constant,
                                  over two study dates or more */
    bool processing;           /* all clocks lie within a month, study dates do not */
} dcr_uid_clock;

/* Day (since 1970) of each series' StudyDate; DCR_NO_DAY when it has none or several. */
enum { DCR_NO_DAY = INT32_MIN };
DCR_MUST_USE dcr_status dcr_series_days(const dcr_model *m, int32_t **out, dcr_err *err);

/* Looks for clocks in the values of an attribute, whose roots are known (NULL: none);
 * has[] (n_values) is set to their kind,
 * shifted[] where the value is of a shifted subject. */
DCR_MUST_USE dcr_status dcr_uid_clocks(const dcr_rules *r, const dcr_model *m,
                                       const dcr_attr *a, const dcr_uid_root *const *root,
                                       const int32_t *series_day, uint8_t *has,
                                       bool *shifted, dcr_uid_clock *out, dcr_err *err);

/* Day (since 1970) of a date of the Gregorian calendar. */
int32_t dcr_clock_day(unsigned year, unsigned month, unsigned day);

/* The clock of a UUID, true when it is of version 1 and plausible; *address: it holds the
 * address of a network card. */
bool dcr_uuid_clock(const dcr_clock_rules *c, const uint8_t uuid[16], int32_t *day,
                    bool *address);

#endif
