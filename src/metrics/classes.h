/* Equivalence classes: records grouped by equal keys, counted in distinct subjects. */
#ifndef DCR_CLASSES_H
#define DCR_CLASSES_H

#include "dcmrisk/metric.h"

/* Columns that make up the key of an adversary: those of its concepts that are present;
 * `skip` (SIZE_MAX: none) is a concept to leave out.  Returns how many went to col[0 ..
 * n_knows). */
size_t dcr_key_columns(const dcr_model *m, const dcr_adversary *a, size_t skip,
                       const dcr_column **col);

/* Groups the rows of the model by the columns.  `number` (per subject of the model: 1 +
 * its number in the records, 0 to leave it out) may be NULL: all subjects.  `row_class`
 * (n_rows, may be NULL) gets the class of every row, UINT32_MAX where the subject is left
 * out.  Free with dcr_classes_clear. */
DCR_MUST_USE dcr_status dcr_classes_build(dcr_classes *out, const dcr_model *m,
                                          const dcr_column *const *col, size_t n_col,
                                          const uint32_t *number, uint32_t *row_class,
                                          dcr_err *err);
DCR_MUST_USE dcr_status dcr_classes_copy(dcr_classes *out, const dcr_classes *from,
                                         dcr_err *err);
void dcr_classes_clear(dcr_classes *c);
/* Frees the records' subjects and classes; counts and sizes stay. */
void dcr_classes_forget_records(dcr_classes *c);

/* Another view over the subjects of any_exam: classes of the adversary's key, not yet
 * judged. `row_class` as above.  *out is NULL on failure; free with dcr_risk_free. */
DCR_MUST_USE dcr_status dcr_risk_start(dcr_risk **out, const dcr_risk *any_exam,
                                       const char *view, uint32_t *row_class,
                                       dcr_err *err);
/* k(s), k_low(s) and the mean of 1/K over the records of each of n subjects. */
DCR_MUST_USE dcr_status dcr_risk_judge(dcr_risk *r, uint32_t n, dcr_err *err);

#endif
