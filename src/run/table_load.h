/* A CSV as the frames that metrics read. */
#ifndef DCR_TABLE_LOAD_H
#define DCR_TABLE_LOAD_H

#include "../input/csv.h"
#include "dcmrisk/dcmrisk.h"

typedef struct dcr_loaded_frame { /* a frame and what it lends */
    dcr_frame frame;
    const char **name;
    const uint32_t **code;
    uint32_t *n_codes;
    uint32_t **rank; /* of the sensitive columns; n_ranks of them */
    size_t n_ranks;
} dcr_loaded_frame;

typedef struct dcr_loaded {
    dcr_csv *csv, *population_csv;
    dcr_loaded_frame qi, sensitive, population;
    uint32_t *subject, *population_subject; /* numbers, with rows of unknown subjects */
    double *weight;
} dcr_loaded;

/* Reads the table, and the population table when there is one.  dcr_loaded_clear in any
 * case. */
DCR_MUST_USE dcr_status dcr_load_table(dcr_loaded *out, const dcr_table_options *o,
                                       dcr_err *err);
void dcr_loaded_clear(dcr_loaded *l);

#endif
