/* The date laboratory: what the dates and times of a release tell of themselves.
 *
 * It reads the model only.  Three questions: do dates of one patient, at different
 * places, differ by a constant, so that a shift gives itself away; does the calendar of
 * the release look true, moved by one constant, or moved for each patient apart; do dates
 * contradict other facts.  Offsets are worked with and never handed out. */
#ifndef DCMRISK_DATES_H
#define DCMRISK_DATES_H

#include "dcmrisk/metric.h"
#include "dcmrisk/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what the laboratory takes for granted: rules/date-lab.json ---- */

typedef struct dcr_week { /* a week of planned work */
    const char *id;
    double prior;
    double day[7]; /* Monday first; sums to 1 */
} dcr_week;

typedef struct dcr_class_year {
    const char *uid; /* SOP class */
    int year;        /* in which DICOM took it in */
} dcr_class_year;

typedef struct dcr_date_tool { /* a tool that DeidentificationMethod may name */
    const char *word;          /* upper case, as in the text */
    const char *scheme;        /* "identifier", "one-shift" */
} dcr_date_tool;

typedef struct dcr_power { /* one row of the power table */
    const char *mix, *scheme;
    bool times;
    uint32_t studies;
    double right, wrong; /* shares of generated calendars; the rest: cannot tell */
} dcr_power;

typedef struct dcr_holiday { /* a day on which planned work rests in most countries */
    unsigned month, day;
} dcr_holiday;

typedef struct dcr_date_paths {
    const char *const *path;
    size_t n;
} dcr_date_paths;

typedef struct dcr_date_lab {
    dcr_date_paths exam_dates, exam_times; /* in order of preference */
    dcr_date_paths device_dates; /* days on which a device was made, put up, calibrated */
    dcr_date_paths not_twins;    /* dates that have nothing to do with the exam's */
    const dcr_week *weeks;
    size_t n_weeks;
    const double *share; /* of unplanned work: what a release may have, equally likely */
    size_t n_shares;
    double unplanned_day[7], planned_hour[24], unplanned_hour[24];
    double day_spread, hour_spread; /* Dirichlet: how far a site may be from the above */
    double prior_calendar, prior_one_shift, prior_per_subject, prior_other;
    double posterior;     /* below this nothing is said */
    double error_rate;    /* stated: share of calendars that are judged wrongly */
    uint32_t min_studies; /* below this nothing is said */
    uint32_t apart_days;  /* exams of one patient closer than this count as one */
    uint32_t twin_days;   /* a constant difference smaller than this is routine */
    uint32_t twin_dates;  /* distinct exam dates that a constant must rest on */
    double twin_chance;   /* largest chance of such a constant among unrelated dates */
    double season_level;  /* chance at which holidays are said to rest, or not to */
    const dcr_holiday *holidays;
    size_t n_holidays;
    const dcr_class_year *class_years;
    size_t n_class_years;
    const dcr_date_tool *tools;
    size_t n_tools;
    const dcr_power *power;
    size_t n_power;
} dcr_date_lab;

/* ---- what it says ---- */

typedef struct dcr_date_test { /* something that was found */
    const char *id;            /* "twin-one-shift", "future", ...: see dates.c */
    const dcr_attr *attr;      /* borrowed; NULL: the whole dataset */
    uint32_t *series;          /* numbers of the series concerned, ascending, distinct */
    uint32_t n_series, studies, subjects;
    char detail[240]; /* measured figures, never a value and never an offset */
} dcr_date_test;

/* Exams on holidays against those on the same weekday one and two weeks before and after:
 * what weekdays cannot see, a shift by whole weeks. */
typedef struct dcr_date_season {
    uint32_t on, beside;           /* exams */
    uint32_t days_on, days_beside; /* days of each, between the first and the last exam */
    double p_fewer;   /* chance of so few on holidays if they were days like others */
    double p_more;    /* chance of so many if they were half as busy; both NaN: no days */
    const char *says; /* "kept": holidays rest where they stand in true calendars; "even":
                         they are days like others; "cannot-tell" */
} dcr_date_season;

typedef struct dcr_dates {
    const char *state; /* "true", "shifted", "dummy", "unknown" */
    const char
        *declared;       /* by the files: "true", "shifted", "removed", "mixed", "none" */
    const char *verdict; /* "calendar", "one-shift", "one-shift-hours", "per-subject",
                            "constant", "cannot-tell", "none" (no dates) */
    bool holds;          /* the shift may be taken to hold: exam dates leave the keys */
    const char *basis;   /* a sentence: why state and reading are what they are */
    double posterior;    /* of the likeliest kind of calendar */
    double llr;          /* natural log of its likelihood ratio to the next one */
    uint32_t studies, subjects; /* that this rests on */
    bool times;                 /* times of day were used */
    dcr_date_season season;
    const dcr_date_lab *lab; /* borrowed */
    dcr_date_test *tests;    /* by id, then path */
    size_t n_tests;
    void *owner;
} dcr_dates;

/* `today` is YYYYMMDD, 0 when not known.  *out is NULL on failure; free with
 * dcr_dates_free. */
DCR_MUST_USE dcr_status dcr_dates_examine(dcr_dates **out, const dcr_model *m,
                                          const dcr_date_lab *lab, uint32_t today,
                                          dcr_err *err);
void dcr_dates_free(dcr_dates *d);

#ifdef __cplusplus
}
#endif
#endif
