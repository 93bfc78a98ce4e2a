#include "emit.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

static dcr_status emit(const dcr_metric_sink *sink, dcr_err *err, const dcr_measure *m,
                       const char *fmt, va_list ap)
{
    char path[96];
    int n = vsnprintf(path, sizeof path, fmt, ap);
    if (n < 0 || (size_t)n >= sizeof path)
        return dcr_fail(err, DCR_EARG, NULL, "a metric's path is too long");
    return sink->emit(sink->ctx, path, m, err);
}

dcr_status dcr_emit_count(const dcr_metric_sink *sink, dcr_err *err, uint64_t value,
                          const char *fmt, ...)
{
    dcr_measure m = {.value = (double)value, .integer = true, .applies = true};
    va_list ap;
    dcr_status rc;
    m.lo = m.hi = m.value;
    va_start(ap, fmt);
    rc = emit(sink, err, &m, fmt, ap);
    va_end(ap);
    return rc;
}

dcr_status dcr_emit_real(const dcr_metric_sink *sink, dcr_err *err, double value,
                         const char *fmt, ...)
{
    dcr_measure m = {
        .value = value, .lo = value, .hi = value, .applies = isfinite(value)};
    va_list ap;
    dcr_status rc;
    va_start(ap, fmt);
    rc = emit(sink, err, &m, fmt, ap);
    va_end(ap);
    return rc;
}

dcr_status dcr_emit_none(const dcr_metric_sink *sink, dcr_err *err, const char *fmt, ...)
{
    dcr_measure m = {.applies = false};
    va_list ap;
    dcr_status rc;
    va_start(ap, fmt);
    rc = emit(sink, err, &m, fmt, ap);
    va_end(ap);
    return rc;
}
