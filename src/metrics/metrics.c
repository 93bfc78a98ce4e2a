/* The list of metrics is the list of files. */
#include "dcmrisk/metric.h"

#define DCR_PLUGIN(name) extern const dcr_metric dcr_metric_##name;
#include "metric.def"
#undef DCR_PLUGIN

static const dcr_metric *const all[] = {
#define DCR_PLUGIN(name) &dcr_metric_##name,
#include "metric.def"
#undef DCR_PLUGIN
    NULL};

const uint32_t dcr_below[DCR_BELOW_N] = {2, 3, 5, 11, 20};

const dcr_metric *const *dcr_metrics(void)
{
    return all;
}
