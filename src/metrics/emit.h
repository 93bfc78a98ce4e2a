/* Short ways for a metric to put a figure into the report. */
#ifndef DCR_EMIT_H
#define DCR_EMIT_H

#include "dcmrisk/metric.h"

/* Exact figures; `fmt` makes the path below the view. */
DCR_MUST_USE dcr_status dcr_emit_count(const dcr_metric_sink *sink, dcr_err *err,
                                       uint64_t value, const char *fmt, ...)
    DCR_PRINTF(4, 5);
DCR_MUST_USE dcr_status dcr_emit_real(const dcr_metric_sink *sink, dcr_err *err,
                                      double value, const char *fmt, ...)
    DCR_PRINTF(4, 5);
/* null in the report. */
DCR_MUST_USE dcr_status dcr_emit_none(const dcr_metric_sink *sink, dcr_err *err,
                                      const char *fmt, ...) DCR_PRINTF(3, 4);

/* Text (NULL is null), true or false, an empty list. */
DCR_MUST_USE dcr_status dcr_emit_text(const dcr_metric_sink *sink, dcr_err *err,
                                      const char *text, const char *fmt, ...)
    DCR_PRINTF(4, 5);
DCR_MUST_USE dcr_status dcr_emit_truth(const dcr_metric_sink *sink, dcr_err *err,
                                       bool truth, const char *fmt, ...) DCR_PRINTF(4, 5);
DCR_MUST_USE dcr_status dcr_emit_empty(const dcr_metric_sink *sink, dcr_err *err,
                                       const char *fmt, ...) DCR_PRINTF(3, 4);

#endif
