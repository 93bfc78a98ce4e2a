/* Levels of hierarchies: a value as recorded becomes the value an adversary knows. */
#ifndef DCR_LEVELS_H
#define DCR_LEVELS_H

#include <stdbool.h>

#include "buf.h"

/* Appends to `out` what a trimmed, real value is at a level of a hierarchy (names as in
 * rules/hierarchies.json).  What cannot be parsed stays as it is, as its own value; "*"
 * gives nothing.  Levels that need outside knowledge (cities, code chapters) keep the
 * value. */
void dcr_level_apply(const char *hierarchy, const char *level, const uint8_t *p, size_t n,
                     dcr_buf *out);

/* True when a value is what the levels of its hierarchy are made from: a date, a time, an
 * age, a height of at most 3 metres, a weight; for other hierarchies always. */
bool dcr_hierarchy_reads(const char *hierarchy, const uint8_t *p, size_t n);

/* True when an operator can read the value; otherwise the level leaves it as it is. */
bool dcr_level_reads(const char *hierarchy, const char *level, const uint8_t *p,
                     size_t n);

typedef struct dcr_date {
    int year, month, day;
} dcr_date;

/* Reads YYYYMMDD or YYYY.MM.DD with month 1-12 and day 1-31. */
bool dcr_date_parse(const uint8_t *p, size_t n, dcr_date *d);

/* Whole years from birth to exam by the calendar; -1 when birth is later. */
int dcr_age_years(const dcr_date *birth, const dcr_date *exam);

/* The same as an age string of DICOM ("063Y"); false when birth is later. */
enum { DCR_AGE_TEXT = 16 };
bool dcr_age_text(const dcr_date *birth, const dcr_date *exam, char text[DCR_AGE_TEXT]);

/* The Monday of an ISO 8601 week. */
dcr_date dcr_iso_monday(int year, int week);

#endif
