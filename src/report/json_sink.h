/* Where metrics put their figures: "prosecutor/share_above/0.05" becomes nested objects,
 * digits places in lists. */
#ifndef DCR_JSON_SINK_H
#define DCR_JSON_SINK_H

#include <jansson.h>

#include "dcmrisk/metric.h"

/* A sink that writes below `object`, which is lent and outlives it. */
dcr_metric_sink dcr_json_sink(json_t *object);

#endif
