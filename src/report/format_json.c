/* The report itself: what every other format is made from. */
#include <stdio.h>

#include "dcmrisk/report.h"

static dcr_status write_json(const json_t *report, const dcr_render *how, FILE *out,
                             dcr_err *err)
{
    (void)how;
    /* Only ASCII leaves, so that no terminal or editor is driven by a string of a file.
     */
    const size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(15) | JSON_ENSURE_ASCII;
    if (report == NULL)
        return dcr_fail(err, DCR_EARG, "report.json", "no report");
    if (json_dumpf(report, out, flags) != 0 || fputc('\n', out) == EOF ||
        fflush(out) != 0)
        return dcr_fail(err, DCR_EIO, "report.json", "cannot write");
    return DCR_OK;
}

const dcr_format dcr_format_json = {
    .id = "json",
    .title = "the report as one JSON document (dcmrisk-report/1)",
    .file = {{"report.json", write_json}},
};
