/* dcmrisk: everything the command line uses of the library. */
#ifndef DCMRISK_DCMRISK_H
#define DCMRISK_DCMRISK_H

#include "dcmrisk/err.h"
#include "dcmrisk/metric.h"
#include "dcmrisk/model.h"
#include "dcmrisk/report.h"
#include "dcmrisk/rules.h"
#include "dcmrisk/scan.h"

#define DCMRISK_VERSION "0.1.0"

#endif
