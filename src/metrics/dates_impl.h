/* Inside of the date laboratory. */
#ifndef DCR_DATES_IMPL_H
#define DCR_DATES_IMPL_H

#include <limits.h>

#include "arena.h"
#include "dcmrisk/dates.h"
#include "dcmrisk/scan.h"

enum { NO_DAY = INT32_MIN, NO_MINUTE = -1, DATES_IN_VALUE = 4, DAY_MINUTES = 1440 };

typedef struct date_lab_run {
    const dcr_model *m;
    const dcr_date_lab *lab;
    dcr_dates *out;
    dcr_arena *arena; /* lists of the tests */
    size_t cap_tests;
    int32_t today;              /* day number, NO_DAY when not known */
    int32_t *day;               /* per study: of the exam, NO_DAY when it has none */
    int32_t *minute;            /* per study: of the day, NO_MINUTE when it has none */
    uint8_t *mark;              /* per series: 1 when it stands in `marked` */
    uint32_t *marked, n_marked; /* series of the test in hand */
} date_lab_run;

/* ---- dates_values.c: values to days ---- */

/* Days since 1970-01-01; false when there is no such day from 1900 to 2299. */
bool dcr_day_number(unsigned year, unsigned month, unsigned day, int32_t *out);
int dcr_day_year(int32_t day);
unsigned dcr_day_weekday(int32_t day); /* 0 Monday .. 6 Sunday */
/* The days a value names, by its VR: dates of DA and DT, arcs of UIDs, dates and Unix
 * seconds within text; at most DATES_IN_VALUE. */
size_t dcr_days_in(const char *vr, const dcr_value *v, int32_t day[DATES_IN_VALUE]);
/* Minute of the day that a TM says, or a DT behind its date; NO_MINUTE when none. */
int32_t dcr_minute_in(const char *vr, const dcr_value *v);
bool dcr_date_value(const dcr_value *v); /* real, and text as the file has it */

/* ---- tests ---- */

void dcr_date_mark(date_lab_run *r, uint32_t series);
/* Adds a test over the series that are marked, and takes the marks away. */
DCR_MUST_USE dcr_status dcr_date_test_add(date_lab_run *r, const char *id,
                                          const dcr_attr *attr, const char *detail,
                                          dcr_err *err);
bool dcr_date_path_in(const dcr_date_paths *l, const char *path);

/* dates_twin.c: two populations of dates that differ by a constant. */
DCR_MUST_USE dcr_status dcr_dates_twins(date_lab_run *r, dcr_err *err);
/* dates_sense.c: dates that contradict other facts; more precision than anybody needs. */
DCR_MUST_USE dcr_status dcr_dates_sense(date_lab_run *r, dcr_err *err);
/* dates_week.c: weekdays and hours. */
DCR_MUST_USE dcr_status dcr_dates_week(date_lab_run *r, dcr_err *err);
/* dates_season.c: holidays.  See every exam once, then judge. */
typedef struct dcr_season_count {
    uint32_t on, beside;
    int32_t first, last; /* day of an exam */
    bool seen;
} dcr_season_count;
void dcr_season_see(dcr_season_count *c, const dcr_date_lab *lab, int32_t day);
void dcr_season_judge(const dcr_season_count *c, const dcr_date_lab *lab,
                      dcr_date_season *out);
/* dates_state.c: what is declared, and what stands. */
DCR_MUST_USE dcr_status dcr_dates_state(date_lab_run *r, dcr_err *err);

#endif
