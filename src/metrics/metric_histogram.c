/* How large the crowds are: subjects by k(s), classes by K(q). */
#include "emit.h"
#include "tab.h"

/* Lower edges; the last bin has no upper one. */
static const uint32_t edge[] = {1, 2, 3, 5, 11, 20, 50, 100};
enum { N_BINS = sizeof edge / sizeof *edge };

static int bin_of(uint32_t k)
{
    int b = N_BINS - 1;
    while (b > 0 && k < edge[b])
        b--;
    return b;
}

static dcr_status run(const dcr_risk *r, const dcr_metric_sink *sink, dcr_err *err)
{
    uint64_t subjects[N_BINS] = {0}, classes[N_BINS] = {0};
    dcr_status rc = DCR_OK;
    for (uint32_t i = 0; i < r->n_subjects; i++)
        subjects[bin_of(r->k[i])]++;
    for (uint32_t c = 0; c < r->classes.n_classes; c++)
        classes[bin_of(r->classes.size[c])]++;
    for (int b = 0; b < N_BINS && rc == DCR_OK; b++) {
        rc = dcr_emit_count(sink, err, edge[b], "histogram/%d/from", b);
        if (rc == DCR_OK && b + 1 < N_BINS)
            rc = dcr_emit_count(sink, err, edge[b + 1] - 1, "histogram/%d/to", b);
        else if (rc == DCR_OK)
            rc = dcr_emit_none(sink, err, "histogram/%d/to", b);
        if (rc == DCR_OK)
            rc = dcr_emit_count(sink, err, classes[b], "histogram/%d/classes", b);
        if (rc == DCR_OK)
            rc = dcr_emit_count(sink, err, subjects[b], "histogram/%d/subjects", b);
    }
    return rc;
}

/* Of a table: every size that occurs. */
static dcr_status sizes(const dcr_tally *y, const dcr_metric_sink *sink, dcr_err *err)
{
    dcr_status rc = y->k_max == 0 ? dcr_emit_empty(sink, err, "histogram") : DCR_OK;
    unsigned at = 0;
    for (uint32_t k = 1; k <= y->k_max && rc == DCR_OK; k++) {
        if (y->classes[k] == 0)
            continue;
        rc = dcr_emit_count(sink, err, k, "histogram/%u/size", at);
        if (rc == DCR_OK)
            rc = dcr_emit_count(sink, err, y->classes[k], "histogram/%u/classes", at);
        if (rc == DCR_OK)
            rc = dcr_emit_count(sink, err, y->records[k], "histogram/%u/records", at);
        at++;
    }
    return rc;
}

static dcr_status table(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    dcr_tally y;
    dcr_status rc = dcr_tally_build(&y, t, err);
    if (rc != DCR_OK)
        return rc;
    rc = sizes(&y, sink, err);
    dcr_tally_clear(&y);
    return rc;
}

const dcr_metric dcr_metric_histogram = {
    .id = "histogram",
    .title = "Class sizes",
    .source = "each subject in one bin, by k(s)",
    .family = "k",
    .run = run,
    .table = table,
};
