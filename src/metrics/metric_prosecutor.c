/* Prosecutor risk: the target is known to be in the release. */
#include <gsl/gsl_statistics_double.h>

#include <math.h>

#include "alloc.h"
#include "emit.h"
#include "tab.h"

static const char *const share_name[] = {"0.05", "0.09", "0.2", "0.33"};
static const double share_of[] = {0.05, 0.09, 0.2, 0.33};
enum { N_SHARES = sizeof share_of / sizeof *share_of };

static dcr_status figures(const dcr_risk *r, const double *risk,
                          const dcr_metric_sink *sink, dcr_err *err)
{
    double max = 0;
    uint64_t above[N_SHARES] = {0};
    dcr_status rc;
    for (uint32_t i = 0; i < r->n_subjects; i++) {
        max = risk[i] > max ? risk[i] : max;
        for (int t = 0; t < N_SHARES; t++)
            above[t] += risk[i] > share_of[t];
    }
    rc = dcr_emit_real(sink, err, max, "prosecutor/max");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, gsl_stats_mean(risk, 1, r->n_subjects),
                           "prosecutor/average");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, gsl_stats_mean(r->exam, 1, r->n_subjects),
                           "prosecutor/random_exam");
    for (int t = 0; t < N_SHARES && rc == DCR_OK; t++)
        rc = dcr_emit_real(sink, err, (double)above[t] / r->n_subjects,
                           "prosecutor/share_above/%s", share_name[t]);
    return rc;
}

static dcr_status nothing(const dcr_metric_sink *sink, dcr_err *err)
{
    dcr_status rc = dcr_emit_none(sink, err, "prosecutor/max");
    if (rc == DCR_OK)
        rc = dcr_emit_none(sink, err, "prosecutor/average");
    if (rc == DCR_OK)
        rc = dcr_emit_none(sink, err, "prosecutor/random_exam");
    for (int t = 0; t < N_SHARES && rc == DCR_OK; t++)
        rc = dcr_emit_none(sink, err, "prosecutor/share_above/%s", share_name[t]);
    return rc;
}

static dcr_status run(const dcr_risk *r, const dcr_metric_sink *sink, dcr_err *err)
{
    double *risk;
    dcr_status rc;
    if (r->n_subjects == 0)
        return nothing(sink, err);
    risk = dcr_alloc(r->n_subjects, sizeof *risk);
    if (risk == NULL)
        return dcr_nomem(err);
    for (uint32_t i = 0; i < r->n_subjects; i++)
        risk[i] = 1.0 / r->k[i];
    rc = figures(r, risk, sink, err);
    dcr_free(risk);
    return rc;
}

/* ---- tables ---- */

static dcr_status table_figures(const dcr_tally *y, uint32_t n,
                                const dcr_metric_sink *sink, dcr_err *err)
{
    double sum = 0;
    uint64_t above[N_SHARES] = {0};
    dcr_status rc;
    for (uint32_t k = y->k_max; k >= 1; k--) { /* small terms first */
        double risk = 1.0 / k;
        sum += y->subjects[k] * risk;
        for (int t = 0; t < N_SHARES; t++)
            above[t] += risk > share_of[t] ? y->subjects[k] : 0;
    }
    rc = dcr_emit_real(sink, err, 1.0 / y->k_min, "prosecutor/max");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, sum / n, "prosecutor/average");
    for (int t = 0; t < N_SHARES && rc == DCR_OK; t++)
        rc = dcr_emit_real(sink, err, (double)above[t] / n, "prosecutor/share_above/%s",
                           share_name[t]);
    return rc;
}

static dcr_status table_nothing(const dcr_metric_sink *sink, dcr_err *err)
{
    dcr_status rc = dcr_emit_none(sink, err, "prosecutor/max");
    if (rc == DCR_OK)
        rc = dcr_emit_none(sink, err, "prosecutor/average");
    for (int t = 0; t < N_SHARES && rc == DCR_OK; t++)
        rc = dcr_emit_none(sink, err, "prosecutor/share_above/%s", share_name[t]);
    return rc;
}

static dcr_status table(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    dcr_tally y;
    dcr_status rc = dcr_tally_build(&y, t, err);
    if (rc != DCR_OK)
        return rc;
    if (y.k_min == 0)
        rc = table_nothing(sink, err);
    else
        rc = table_figures(&y, t->frame->n_subjects, sink, err);
    dcr_tally_clear(&y);
    for (size_t i = 0; t->records != NULL && i < t->frame->n_rows; i++)
        if (isnan(t->records->risk[i])) /* no individual risk */
            t->records->risk[i] = 1.0 / dcr_tab_fk(t, i);
    return rc;
}

const dcr_metric dcr_metric_prosecutor = {
    .id = "prosecutor",
    .title = "Prosecutor risk",
    .source = "El Emam, Guide to the De-Identification of Personal Health Information, "
              "2013; over "
              "subjects, r(s) the largest 1/K(q) over the records of a subject",
    .family = "risk",
    .run = run,
    .table = table,
};
