/* The days of exams, as the model has them. */
#ifndef DCR_EXAM_DAYS_H
#define DCR_EXAM_DAYS_H

#include "dates_impl.h"

/* Sets of one size over all subjects that are counted one by one: bounds time and memory
 * (below a gigabyte). */
enum { DCR_MOST_SETS = 16 * 1000 * 1000 };

/* The column of a concept that the dataset has, at a level; NULL when there is none. */
const dcr_column *dcr_exam_column(const dcr_model *m, const char *id, const char *level);
/* The day that a label of the level "day" names; false when it is no day of 1900 to
 * 2299. */
bool dcr_exam_day(const char *label, int32_t *day);
/* Fills day[0 .. n_studies): NO_DAY where a study has none; returns the studies with
 * records but no day. */
uint32_t dcr_exam_days(const dcr_model *m, const dcr_column *date, int32_t *day);

#endif
