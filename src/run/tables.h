/* Tables that the user gives beside the images, read before an hour of scanning. */
#ifndef DCR_RUN_TABLES_H
#define DCR_RUN_TABLES_H

#include "../input/csv.h"
#include "dcmrisk/dcmrisk.h"

struct dcr_tables {
    dcr_register *reg; /* NULL: no population table */
    bool from_project; /* the project file names it */
};

#endif
