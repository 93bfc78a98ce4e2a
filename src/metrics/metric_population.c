/* Share of the population that is unique, estimated from a table that samples it.
 *
 * With a subject column what is counted are distinct (subject, key) pairs: a person of
 * two keys may be unique by either. */
#include <math.h>

#include "alloc.h"
#include "emit.h"
#include "population.h"
#include "tab.h"

/* n / N, in subjects; 0 when nothing tells it. Weights tell N: what they add up to. */
static dcr_status fraction_of(double *out, const dcr_tab *t, dcr_err *err)
{
    const dcr_frame *f = t->frame;
    dcr_weight_sum sum = 0;
    double *weight; /* of each subject: the largest of its rows */
    *out = t->fraction;
    if (*out == 0 && t->population_size > 0)
        *out = (double)f->n_subjects / (double)t->population_size;
    if (*out > 1) /* a population table that is not of these people */
        *out = 0;
    if (*out > 0 || f->weight == NULL || f->n_rows == 0)
        return DCR_OK;
    weight = dcr_alloc(f->n_subjects, sizeof *weight);
    if (weight == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < f->n_rows; i++) {
        double *w = &weight[f->subject != NULL ? f->subject[i] : i];
        *w = fmax(*w, f->weight[i]);
    }
    for (uint32_t s = 0; s < f->n_subjects; s++)
        sum += dcr_weight_exact(weight[s]);
    dcr_free(weight);
    *out = fmin(1, f->n_subjects / dcr_weight_real(sum));
    return DCR_OK;
}

/* Whether keys match that are not equal: then there are no classes to count. */
static bool has_wildcards(const dcr_tab *t)
{
    for (size_t i = 0; t->fk != NULL && i < t->frame->n_rows; i++)
        if (t->fk[i] != t->groups.subjects[t->groups.group_of[i]])
            return true;
    return false;
}

/* Records of unequal weight were not drawn with equal chance. */
static bool unequal(const dcr_frame *f)
{
    for (size_t i = 1; f->weight != NULL && i < f->n_rows; i++)
        if (fabs(f->weight[i] - f->weight[0]) > 1e-9 * f->weight[0])
            return true;
    return false;
}

static dcr_status figure(const dcr_metric_sink *sink, dcr_err *err, double value, int k,
                         const char *name)
{
    return isfinite(value) ? dcr_emit_real(sink, err, value, "population/%d/%s", k, name)
                           : dcr_emit_none(sink, err, "population/%d/%s", k, name);
}

static dcr_status put_model(const dcr_population *p, int k, const dcr_tau *tau,
                            const dcr_metric_sink *sink, dcr_err *err)
{
    const dcr_measure *m = &p->model[k];
    const char *name = dcr_population_name((dcr_population_model)k);
    dcr_status rc = dcr_emit_text(sink, err, name, "population/%d/model", k);
    if (rc == DCR_OK)
        rc = figure(sink, err, p->fraction, k, "fraction");
    if (rc == DCR_OK)
        rc = figure(sink, err, m->value, k, "value");
    if (rc == DCR_OK)
        rc = figure(sink, err, m->lo, k, "lo");
    if (rc == DCR_OK)
        rc = figure(sink, err, m->hi, k, "hi");
    if (rc == DCR_OK && k == DCR_POPULATION_TAU)
        rc = figure(sink, err, tau->tau1, k, "tau1");
    if (rc == DCR_OK && k == DCR_POPULATION_TAU)
        rc = figure(sink, err, tau->tau2, k, "tau2");
    if (rc == DCR_OK)
        rc = dcr_emit_truth(sink, err, m->applies, "population/%d/applies", k);
    if (rc == DCR_OK)
        rc = dcr_emit_truth(sink, err, p->chosen == k, "population/%d/chosen", k);
    if (rc == DCR_OK)
        rc = dcr_emit_text(sink, err, m->note, "population/%d/note", k);
    return rc;
}

static dcr_status table(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    dcr_size_count *list = NULL;
    dcr_population p;
    dcr_tau tau = {0};
    double fraction;
    size_t n = 0;
    dcr_status rc = fraction_of(&fraction, t, err);
    if (rc != DCR_OK || fraction == 0 || t->frame->n_rows == 0)
        return rc == DCR_OK ? dcr_emit_empty(sink, err, "population") : rc;
    if (t->design == DCR_DESIGN_CENSUS)
        fraction = 1;
    rc = dcr_tau_fit(&tau, t, fraction, err);
    if (rc == DCR_OK)
        rc = dcr_sizes_build(&list, &n, t->groups.subjects, t->groups.n_groups, err);
    if (rc == DCR_OK)
        rc = dcr_population_estimate(&p, (dcr_sizes){list, n}, fraction, t->srs,
                                     tau.tau1 / tau.records, err);
    if (rc == DCR_OK && fraction < 1 && has_wildcards(t))
        dcr_population_refuse(&p, "refused: where a missing value matches every value "
                                  "there are no classes");
    if (rc == DCR_OK && t->design == DCR_DESIGN_UNSTATED && fraction < 1 &&
        unequal(t->frame))
        dcr_population_refuse(&p,
                              "refused: weights differ, so the records were not drawn "
                              "with equal chance");
    for (int k = 0; k < DCR_POPULATION_MODELS && rc == DCR_OK; k++)
        rc = put_model(&p, k, &tau, sink, err);
    dcr_free(list);
    return rc;
}

const dcr_metric dcr_metric_population = {
    .id = "population",
    .title = "Share of the population that is unique",
    .source =
        "Hoshino 2001; Zayatz 1991; Chen and Keller-McNulty 1998; Skinner and Shlomo "
        "2008; profile likelihood of a Poisson mixture",
    .family = "population",
    .table = table,
};
