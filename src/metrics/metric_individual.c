/* Individual risk.  A record's is that of its key; a person's, with a subject column, the
 * largest over their records, and sum and mean are over persons. */
#include <math.h>

#include "alloc.h"
#include "emit.h"
#include "individual.h"
#include "tab.h"

/* GSL's 2F1 loses digits here without a word (METRICS: up to 2e-3), so: a series where it
 * converges fast, the recurrence from f = 1 where that is stable. */
double dcr_individual_risk(double f, double p)
{
    double q = 1 - p, r, sum = 0, term = 1;
    if (p >= 1)
        return 1 / f;
    if (f < 20 && p <= 0.5) {
        r = p / q * -log(p);
        for (double k = 1; k < f; k++)
            r = p / q * (1 / k - r);
        return r;
    }
    for (double n = 0; term > 1e-18 * sum; n++) {
        sum += term;
        term *= (n + 1) / (f + 1 + n) * q;
    }
    return p / f * sum;
}

typedef struct totals {
    dcr_unit_sum sum;
    double max;
    uint32_t n;
} totals;

static void add(totals *s, double risk)
{
    s->sum += dcr_unit_exact(risk);
    s->max = fmax(s->max, risk);
    s->n++;
}

static dcr_status judge(totals *s, dcr_tab *t, dcr_err *err)
{
    const dcr_frame *f = t->frame;
    double *worst = NULL, fk, risk;
    if (f->subject != NULL) {
        worst = dcr_alloc(f->n_subjects, sizeof *worst);
        if (worst == NULL)
            return dcr_nomem(err);
    }
    for (size_t i = 0; i < f->n_rows; i++) {
        fk = dcr_tab_fk(t, i);
        risk = dcr_individual_risk(fk, t->Fk != NULL ? fk / t->Fk[i] : t->fraction);
        if (t->records != NULL)
            t->records->risk[i] = risk;
        if (worst != NULL)
            worst[f->subject[i]] = fmax(worst[f->subject[i]], risk);
        else
            add(s, risk);
    }
    for (uint32_t p = 0; worst != NULL && p < f->n_subjects; p++)
        add(s, worst[p]);
    dcr_free(worst);
    return DCR_OK;
}

static dcr_status table(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    totals s = {0};
    double sum;
    dcr_status rc = DCR_OK;
    if (t->frame->n_rows == 0 || (t->Fk == NULL && t->fraction == 0))
        return dcr_emit_none(sink, err, "individual_risk");
    rc = judge(&s, t, err);
    sum = dcr_unit_real(s.sum);
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, sum, "individual_risk/sum");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, s.max, "individual_risk/max");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, sum / s.n, "individual_risk/mean");
    return rc;
}

const dcr_metric dcr_metric_individual = {
    .id = "individual",
    .title = "Individual risk",
    .source = "Benedetti and Franconi 1998; Franconi and Polettini 2004, exact form",
    .family = "individual",
    .table = table,
};
