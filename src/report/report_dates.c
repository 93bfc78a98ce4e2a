/* The date laboratory in the report: figures, and what they rest on; no offset, no date.
 */
#include <math.h>
#include <string.h>

#include "parts.h"

static json_t *tests(const dcr_report_input *in, const dcr_names *names)
{
    const dcr_dates *d = in->dates;
    json_t *list = json_array();
    for (size_t i = 0; i < d->n_tests; i++) {
        const dcr_date_test *t = &d->tests[i];
        json_array_append_new(
            list,
            json_pack("{s:s, s:s?, s:I, s:I, s:I, s:s}", "test", t->id, "path",
                      t->attr == NULL ? NULL : names->path[t->attr - in->model->attrs],
                      "subjects", (json_int_t)t->subjects, "studies",
                      (json_int_t)t->studies, "series", (json_int_t)t->n_series, "detail",
                      t->detail));
    }
    return list;
}

static json_t *reading(const char *id, bool gated, const dcr_risk *r, uint32_t k)
{
    uint32_t k_min = 0, unique = 0, below = 0;
    for (uint32_t i = 0; i < r->n_subjects; i++) {
        k_min = k_min == 0 || r->k[i] < k_min ? r->k[i] : k_min;
        unique += r->k[i] == 1;
        below += r->k[i] < k;
    }
    return json_pack("{s:s, s:b, s:b, s:I, s:I, s:I, s:I, s:I}", "reading", id, "gated",
                     (int)gated, "applies", (int)r->applies, "subjects",
                     (json_int_t)r->n_subjects, "k_min", (json_int_t)k_min,
                     "unique_subjects", (json_int_t)unique, "k", (json_int_t)k, "below_k",
                     (json_int_t)below);
}

/* Both readings of shifted dates, for the policy's adversary. */
static json_t *readings(const dcr_report_input *in)
{
    json_t *list = json_array();
    uint32_t k = dcr_policy_k(in->policy);
    bool holds = in->dates->holds;
    if (in->other_reading == NULL || in->gated == NULL)
        return list;
    json_array_append_new(
        list, reading("holds", holds, holds ? in->gated : in->other_reading, k));
    json_array_append_new(
        list, reading("broken", !holds, holds ? in->other_reading : in->gated, k));
    return list;
}

static json_t *judged(double v, const dcr_dates *d)
{
    return strcmp(d->verdict, "cannot-tell") == 0 || strcmp(d->verdict, "none") == 0 ||
                   strcmp(d->verdict, "constant") == 0
               ? json_null()
               : json_real(v);
}

static json_t *chance(double p)
{
    return isfinite(p) ? json_real(p) : json_null();
}

/* Too few to be printed. */
static json_t *exams(uint32_t n, uint32_t k)
{
    return n > 0 && n < k ? json_null() : json_integer(n);
}

static json_t *season(const dcr_date_season *s, uint32_t k)
{
    bool hide = (s->on > 0 && s->on < k) || (s->beside > 0 && s->beside < k);
    return json_pack("{s:s, s:o, s:o, s:I, s:I, s:o, s:o}", "says", s->says, "exams_on",
                     exams(s->on, k), "exams_beside", exams(s->beside, k), "days_on",
                     (json_int_t)s->days_on, "days_beside", (json_int_t)s->days_beside,
                     "p_fewer", hide ? json_null() : chance(s->p_fewer), "p_more",
                     hide ? json_null() : chance(s->p_more));
}

dcr_status dcr_report_dates(json_t *doc, const dcr_report_input *in,
                            const dcr_names *names, dcr_err *err)
{
    const dcr_dates *d = in->dates;
    if (d == NULL)
        return DCR_OK;
    return dcr_put(
        doc, "dates",
        json_pack("{s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:I, s:I, s:b, s:f, s:I, s:o, "
                  "s:o, s:o}",
                  "state", d->state, "declared", d->declared, "verdict", d->verdict,
                  "basis", d->basis, "holds", (int)d->holds, "posterior",
                  judged(d->posterior, d), "log_likelihood_ratio", judged(d->llr, d),
                  "studies", (json_int_t)d->studies, "subjects", (json_int_t)d->subjects,
                  "times_used", (int)d->times, "error_rate", d->lab->error_rate,
                  "least_studies", (json_int_t)d->lab->min_studies, "tests",
                  tests(in, names), "readings", readings(in), "season",
                  season(&d->season, dcr_policy_k(in->policy))),
        err);
}
