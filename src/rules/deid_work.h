/* Between the files that group series by who de-identified them. */
#ifndef DCR_DEID_WORK_H
#define DCR_DEID_WORK_H

#include "deid.h"

typedef struct dcr_deid_move { /* where the class at work puts what it takes of a cluster
                                */
    uint32_t stamp, to;
} dcr_deid_move;

typedef struct dcr_deid_work {
    const dcr_rules *rules;
    const dcr_deid_marks *tools;
    const dcr_model *model;
    uint32_t *cluster; /* by series */
    uint32_t n_clusters;
    dcr_deid_move *moved; /* by cluster */
    uint32_t *made;       /* by cluster: the class that made it */
    size_t cap_moved, cap_made;
    uint32_t stamp; /* number of the class at work, from 1 */
} dcr_deid_work;

typedef struct dcr_deid_class { /* longer texts are alike when they begin alike */
    char text[128];
    size_t n;
} dcr_deid_class;

/* Who writes such UIDs, in words; the tools that do, and those that alone do. */
const char *dcr_deid_uid_words(const dcr_deid_work *w, const dcr_value *v,
                               uint64_t *tools, uint64_t *specific, bool *vendor);

/* Fills the list of clusters, whose series are numbered in w. */
DCR_MUST_USE dcr_status dcr_deid_describe(dcr_deid *out, const dcr_deid_work *w,
                                          dcr_err *err);

#endif
