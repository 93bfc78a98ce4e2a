/* k-anonymity in subjects: smallest classes, unique subjects, subjects below the usual k.
 */
#include <gsl/gsl_statistics_double.h>
#include <stdlib.h>

#include "alloc.h"
#include "emit.h"
#include "tab.h"

static const uint32_t below[] = {2, 3, 5, 11, 20};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static dcr_status median(const dcr_risk *r, const dcr_metric_sink *sink, dcr_err *err)
{
    double *k = dcr_alloc(r->n_subjects, sizeof *k), m;
    if (k == NULL)
        return dcr_nomem(err);
    for (uint32_t i = 0; i < r->n_subjects; i++)
        k[i] = r->k[i];
    qsort(k, r->n_subjects, sizeof *k, by_value);
    m = gsl_stats_median_from_sorted_data(k, 1, r->n_subjects);
    dcr_free(k);
    return dcr_emit_real(sink, err, m, "k_median");
}

/* No class has a size when there are no subjects. */
static dcr_status count_or_none(const dcr_metric_sink *sink, dcr_err *err, uint32_t k,
                                const char *path)
{
    return k == 0 ? dcr_emit_none(sink, err, "%s", path)
                  : dcr_emit_count(sink, err, k, "%s", path);
}

static dcr_status run(const dcr_risk *r, const dcr_metric_sink *sink, dcr_err *err)
{
    uint32_t k_min = 0, low_min = 0;
    uint64_t n_below[sizeof below / sizeof *below] = {0};
    dcr_status rc = dcr_emit_count(sink, err, r->n_subjects, "subjects");
    for (uint32_t i = 0; i < r->n_subjects; i++) {
        if (k_min == 0 || r->k[i] < k_min)
            k_min = r->k[i];
        if (low_min == 0 || r->k_low[i] < low_min)
            low_min = r->k_low[i];
        for (size_t b = 0; b < sizeof below / sizeof *below; b++)
            n_below[b] += r->k[i] < below[b];
    }
    if (rc == DCR_OK)
        rc = dcr_emit_count(sink, err, r->classes.n_records, "records");
    if (rc == DCR_OK)
        rc = dcr_emit_count(sink, err, r->classes.n_classes, "classes");
    if (rc == DCR_OK)
        rc = count_or_none(sink, err, k_min, "k_min");
    if (rc == DCR_OK)
        rc = count_or_none(sink, err, low_min, "k_low_min");
    if (rc == DCR_OK)
        rc = r->n_subjects == 0 ? dcr_emit_none(sink, err, "k_median")
                                : median(r, sink, err);
    if (rc == DCR_OK)
        rc = dcr_emit_count(sink, err, n_below[0], "unique_subjects");
    for (size_t b = 0; b < sizeof below / sizeof *below && rc == DCR_OK; b++)
        rc = dcr_emit_count(sink, err, n_below[b], "below/%u", below[b]);
    return rc;
}

/* ---- tables ---- */

/* Smallest class when the rows without a subject are at most one person in each. */
static dcr_status k_low_min(const dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    const dcr_frame *f = t->frame;
    const dcr_groups *g = &t->groups;
    uint32_t known = f->n_subjects - f->n_inferred, min = 0;
    uint32_t *inferred;
    if (t->fk != NULL) /* who matches whom is not kept under wildcard */
        return dcr_emit_none(sink, err, "k_low_min");
    inferred = dcr_alloc(g->n_groups, sizeof *inferred);
    if (inferred == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < f->n_rows; i++)
        inferred[g->group_of[i]] += f->subject[i] >= known;
    for (uint32_t c = 0; c < g->n_groups; c++) {
        uint32_t low = g->subjects[c] - (inferred[c] > 1 ? inferred[c] - 1 : 0);
        min = min == 0 || low < min ? low : min;
    }
    dcr_free(inferred);
    return count_or_none(sink, err, min, "k_low_min");
}

static void fill_records(dcr_tab *t)
{
    for (size_t i = 0; i < t->frame->n_rows; i++) {
        t->records->fk[i] = dcr_tab_fk(t, i);
        if (t->Fk != NULL)
            t->records->Fk[i] = t->Fk[i];
    }
}

static dcr_status say(const dcr_tab *t, const dcr_tally *y, const dcr_metric_sink *sink,
                      dcr_err *err)
{
    uint64_t sum = 0;
    uint32_t k = 0;
    dcr_status rc = count_or_none(sink, err, y->k_min, "k_min");
    if (rc == DCR_OK && t->frame->n_inferred > 0)
        rc = k_low_min(t, sink, err);
    if (rc == DCR_OK && t->groups.n_groups > 0)
        rc =
            dcr_emit_real(sink, err, (double)y->class_sum / t->groups.n_groups, "k_mean");
    else if (rc == DCR_OK)
        rc = dcr_emit_none(sink, err, "k_mean");
    if (rc == DCR_OK)
        rc = count_or_none(sink, err, y->k_max, "k_max");
    if (rc == DCR_OK)
        rc = dcr_emit_count(sink, err, y->k_max > 0 ? y->subjects[1] : 0, "unique");
    for (size_t b = 0; b < sizeof below / sizeof *below && rc == DCR_OK; b++) {
        for (; k < below[b] && k <= y->k_max; k++)
            sum += y->subjects[k];
        rc = dcr_emit_count(sink, err, sum, "below/%u", below[b]);
    }
    return rc;
}

static dcr_status table(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    dcr_tally y;
    dcr_status rc = dcr_tally_build(&y, t, err);
    if (rc != DCR_OK)
        return rc;
    rc = say(t, &y, sink, err);
    dcr_tally_clear(&y);
    if (t->records != NULL)
        fill_records(t);
    return rc;
}

const dcr_metric dcr_metric_k = {
    .id = "k",
    .title = "k-anonymity in subjects",
    .source = "Samarati and Sweeney 1998; K(q) counts distinct subjects, k(s) is the "
              "smallest K "
              "over the records of a subject",
    .family = "k",
    .run = run,
    .table = table,
};
