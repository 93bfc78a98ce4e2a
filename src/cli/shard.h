/* --shard: which part of a dataset this process reads. */
#ifndef DCR_SHARD_H
#define DCR_SHARD_H

#include "dcmrisk/err.h"
#include "dcmrisk/scan.h"

/* "I/N" (from 1), or where it is to be asked: "slurm", "slurm/N", "k8s/N", "mpi".  Those
 * read the environment; nothing else ever does, since inside of an allocation a guess
 * would scan a part in silence.  What is absent or does not fit together is DCR_EARG. */
DCR_MUST_USE dcr_status dcr_shard_parse(dcr_shard *out, const char *text, dcr_err *err);

#endif
