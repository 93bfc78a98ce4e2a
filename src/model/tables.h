/* Tables that the user gives: what their columns and values mean. */
#ifndef DCR_TABLES_H
#define DCR_TABLES_H

#include "dcmrisk/tables.h"
#include "dict.h"

/* Gives each code of a column of a concept (NULL: of none) what it says, as a number of
 * the dictionary + 1, 0 when it says nothing: to[0 .. n_codes).  What is not a value of
 * the concept's attributes stays as it is or, when `strict`, is DCR_ERULES with the line.
 */
DCR_MUST_USE dcr_status dcr_table_facts(const dcr_text_table *t, size_t column,
                                        const dcr_rules *rules,
                                        const dcr_concept *concept, bool strict,
                                        dcr_dict *dict, uint32_t *to, dcr_err *err);

/* Fails with the line of a row: "`column``words`". */
dcr_status dcr_table_fail(const dcr_text_table *t, size_t row, const char *column,
                          const char *words, dcr_err *err);

#endif
