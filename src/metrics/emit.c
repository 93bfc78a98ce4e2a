#include "emit.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { PATH = 96 };

static dcr_status make_path(char path[PATH], dcr_err *err, const char *fmt, va_list ap)
{
    int n = vsnprintf(path, PATH, fmt, ap);
    if (n < 0 || n >= PATH)
        return dcr_fail(err, DCR_EARG, NULL, "a metric's path is too long");
    return DCR_OK;
}

static dcr_status emit(const dcr_metric_sink *sink, dcr_err *err, const dcr_measure *m,
                       const char *fmt, va_list ap)
{
    char path[PATH];
    dcr_status rc = make_path(path, err, fmt, ap);
    return rc == DCR_OK ? sink->emit(sink->ctx, path, m, err) : rc;
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

dcr_status dcr_emit_text(const dcr_metric_sink *sink, dcr_err *err, const char *text,
                         const char *fmt, ...)
{
    char path[PATH];
    va_list ap;
    dcr_status rc;
    va_start(ap, fmt);
    rc = make_path(path, err, fmt, ap);
    va_end(ap);
    return rc == DCR_OK ? sink->text(sink->ctx, path, text, err) : rc;
}

dcr_status dcr_emit_truth(const dcr_metric_sink *sink, dcr_err *err, bool truth,
                          const char *fmt, ...)
{
    char path[PATH];
    va_list ap;
    dcr_status rc;
    va_start(ap, fmt);
    rc = make_path(path, err, fmt, ap);
    va_end(ap);
    return rc == DCR_OK ? sink->truth(sink->ctx, path, truth, err) : rc;
}

dcr_status dcr_emit_empty(const dcr_metric_sink *sink, dcr_err *err, const char *fmt, ...)
{
    char path[PATH];
    va_list ap;
    dcr_status rc;
    va_start(ap, fmt);
    rc = make_path(path, err, fmt, ap);
    va_end(ap);
    return rc == DCR_OK ? sink->empty(sink->ctx, path, err) : rc;
}
