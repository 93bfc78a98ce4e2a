/* Journalist and marketer risk in `assess`: the target is known to be in a population of
 * which a register is given, not in the release.
 *
 * A release is part of its population, so that F(q) is never below K(q) and no figure is
 * above a prosecutor's.  Where the register has fewer people with a key than the release,
 * it is not the whole population, and the key counts with its K. */
#include <string.h>

#include "alloc.h"
#include "emit.h"
#include "register_match.h"

static const char *const share_name[] = {"0.05", "0.09", "0.2", "0.33"};
static const double share_of[] = {0.05, 0.09, 0.2, 0.33};
enum { N_SHARES = sizeof share_of / sizeof *share_of };
static const uint32_t below[] = {2, 3, 5, 11, 20};
enum { N_BELOW = sizeof below / sizeof *below };

typedef struct figures { /* over subjects */
    double max, average, random_exam;
    uint64_t above[N_SHARES], below[N_BELOW];
} figures;

static void add_up(figures *g, const dcr_risk *r, const dcr_register_match *x)
{
    const dcr_classes *c = &r->classes;
    for (size_t i = 0; i < c->n_records;) {
        uint32_t who = c->record_subject[i], least = UINT32_MAX, n = 0;
        double sum = 0, risk;
        for (; i < c->n_records && c->record_subject[i] == who; i++, n++) {
            uint32_t f = x->f[c->record_class[i]];
            least = f < least ? f : least;
            sum += 1.0 / f;
        }
        risk = 1.0 / least;
        g->max = risk > g->max ? risk : g->max;
        g->average += risk;
        g->random_exam += sum / n;
        for (int t = 0; t < N_SHARES; t++)
            g->above[t] += risk > share_of[t];
        for (int b = 0; b < N_BELOW; b++)
            g->below[b] += least < below[b];
    }
    g->average /= r->n_subjects;
    g->random_exam /= r->n_subjects;
}

/* ---- what is said ---- */

static dcr_status head(const dcr_metric_sink *sink, dcr_err *err, const char *why_not,
                       const char *note, const char *what)
{
    dcr_status rc = dcr_emit_truth(sink, err, why_not == NULL, "%s/applies", what);
    if (rc == DCR_OK)
        rc = dcr_emit_text(sink, err, why_not == NULL ? note : why_not, "%s/note", what);
    return rc;
}

static dcr_status refuse(const dcr_metric_sink *sink, dcr_err *err, const char *why_not)
{
    dcr_status rc = head(sink, err, why_not, NULL, "journalist");
    if (rc == DCR_OK)
        rc = head(sink, err, why_not, NULL, "marketer");
    return rc == DCR_OK ? head(sink, err, why_not, NULL, "delta_presence") : rc;
}

static dcr_status put_journalist(const dcr_metric_sink *sink, dcr_err *err,
                                 const figures *g, const dcr_risk *r,
                                 const dcr_register_match *x)
{
    bool contained = x->absent == 0 && x->scarce == 0;
    dcr_status rc = head(sink, err, NULL,
                         contained ? NULL
                                   : "the table does not hold everybody released: keys "
                                     "that it has too few people for count as those of "
                                     "the release alone",
                         "journalist");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, g->max, "journalist/max");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, g->average, "journalist/average");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, g->random_exam, "journalist/random_exam");
    for (int t = 0; t < N_SHARES && rc == DCR_OK; t++)
        rc = dcr_emit_real(sink, err, (double)g->above[t] / r->n_subjects,
                           "journalist/share_above/%s", share_name[t]);
    for (int b = 0; b < N_BELOW && rc == DCR_OK; b++)
        rc = dcr_emit_count(sink, err, g->below[b], "journalist/below/%u", below[b]);
    if (rc == DCR_OK)
        rc = dcr_emit_count(sink, err, x->k_map, "journalist/k_map");
    if (rc == DCR_OK)
        rc = dcr_emit_truth(sink, err, contained, "journalist/contained");
    if (rc == DCR_OK)
        rc = dcr_emit_count(sink, err, x->absent, "journalist/absent/subjects");
    return rc == DCR_OK
               ? dcr_emit_count(sink, err, x->scarce, "journalist/short/subjects")
               : rc;
}

static dcr_status put_others(const dcr_metric_sink *sink, dcr_err *err, const figures *g,
                             const dcr_risk *r, const dcr_register_match *x)
{
    dcr_status rc = head(sink, err, NULL, NULL, "marketer");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, g->random_exam, "marketer/value");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, g->random_exam * r->n_subjects, "marketer/links");
    if (rc == DCR_OK)
        rc = head(sink, err, NULL, NULL, "delta_presence");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, x->delta_min, "delta_presence/min");
    return rc == DCR_OK ? dcr_emit_real(sink, err, x->delta_max, "delta_presence/max")
                        : rc;
}

/* The register does not tell all that the adversary knows: its keys are shared by more
 * people than the whole key is, so that the risk is at least what they give, and at most
 * a prosecutor's. */
static dcr_status put_bound(const dcr_metric_sink *sink, dcr_err *err, const figures *g,
                            const dcr_risk *r, const dcr_register_match *x)
{
    dcr_status rc = refuse(sink, err,
                           "the table has no column for some of what this adversary "
                           "knows: the risk is at least what the rest gives, and at most "
                           "a prosecutor's");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, g->max, "journalist/at_least/max");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, g->average, "journalist/at_least/average");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, g->random_exam, "journalist/at_least/random_exam");
    for (size_t i = 0; i < x->n_missing && rc == DCR_OK; i++)
        rc = dcr_emit_text(sink, err, r->model->concepts[x->missing[i]->concept].id,
                           "journalist/concepts_missing[]");
    return rc;
}

static const char *why_not(const dcr_risk *r)
{
    if (r->reg == NULL)
        return "not computed: needs a population table";
    if (r->classes.first_row == NULL)
        return "not computed: the population table is compared by single exams";
    if (r->number != NULL)
        return "not computed: the table does not say whom this adversary knows, and can "
               "leave out, among the population";
    if (r->n_subjects == 0)
        return "there are no patients";
    return r->applies ? NULL : "nothing that this adversary knows is in the dataset";
}

static dcr_status run(const dcr_risk *r, const dcr_metric_sink *sink, dcr_err *err)
{
    const char *why = why_not(r);
    dcr_register_match x = {0};
    figures g = {0};
    dcr_status rc;
    if (why != NULL)
        return refuse(sink, err, why);
    rc = dcr_register_match_get(&x, r, err);
    if (rc == DCR_OK)
        add_up(&g, r, &x);
    if (rc == DCR_OK && x.n_missing > 0)
        rc = put_bound(sink, err, &g, r, &x);
    else if (rc == DCR_OK)
        rc = put_journalist(sink, err, &g, r, &x);
    if (rc == DCR_OK && x.n_missing == 0)
        rc = put_others(sink, err, &g, r, &x);
    dcr_register_match_clear(&x);
    return rc;
}

const dcr_metric dcr_metric_register = {
    .id = "register",
    .title = "Journalist and marketer risk against a register of the population",
    .source = "El Emam, Guide to the De-Identification of Personal Health Information, "
              "2013; k-map: Sweeney 2002; delta-presence: Nergiz, Atzori and Clifton "
              "2007; over subjects, F(q) for K(q)",
    .family = "risk",
    .run = run,
};
