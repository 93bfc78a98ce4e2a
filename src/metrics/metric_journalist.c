/* Journalist and marketer risk, k-map and delta-presence: the target is known to be in a
 * population of which a table is given, not in the release.
 *
 * F is the number of people of the population with a key, f that of the release.  Nothing
 * is made of a population's size or a sampling fraction alone.
 *
 * The people released are part of the population, so that its number is never below f.
 * Where the table has fewer (F < f, or nobody at all), it does not hold everybody
 * released: that is said, and the key counts with its f.  No figure is above a
 * prosecutor's, then. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "crowds.h"
#include "emit.h"
#include "rowsort.h"
#include "tab.h"

static const char *const share_name[] = {"0.05", "0.09", "0.2", "0.33"};
static const double share_of[] = {0.05, 0.09, 0.2, 0.33};
enum { N_SHARES = sizeof share_of / sizeof *share_of };
static const uint32_t below[] = {2, 3, 5, 11, 20};
enum { N_BELOW = sizeof below / sizeof *below };

typedef struct figures {
    uint32_t n_subjects, k_map;
    double max, lowest;       /* largest and smallest 1/F of a released key */
    dcr_unit_sum worst;       /* over subjects, of their largest 1/F */
    dcr_unit_sum links;       /* over subjects, of the mean of 1/F over their keys */
    double average, marketer; /* these sums as numbers */
    uint64_t classes_over_crowds, crowds;
    uint64_t above[N_SHARES], under[N_BELOW];
    uint32_t absent_classes, absent_subjects, short_classes, short_subjects;
} figures;

/* Classes of one subject, added up. */
typedef struct person {
    double max;
    dcr_unit_sum sum;
    uint32_t n, k; /* distinct keys; people who share the rarest */
    bool absent, short_;
} person;

static uint32_t crowd_of(const dcr_crowds *c, uint32_t k)
{
    return c->F[k] > c->f[k] ? c->F[k] : c->f[k];
}

static void add_key(person *p, const dcr_crowds *c, uint32_t k)
{
    uint32_t crowd = crowd_of(c, k);
    double risk = 1.0 / crowd;
    p->max = risk > p->max ? risk : p->max;
    p->sum += dcr_unit_exact(risk);
    p->k = p->n == 0 || crowd < p->k ? crowd : p->k;
    p->n++;
    p->absent = p->absent || c->F[k] == 0;
    p->short_ = p->short_ || (c->F[k] > 0 && c->F[k] < c->f[k]);
}

static void add_person(figures *g, const person *p)
{
    g->n_subjects++;
    g->worst += dcr_unit_exact(p->max);
    g->links += dcr_unit_exact(dcr_unit_real(p->sum) / p->n);
    for (int i = 0; i < N_SHARES; i++)
        g->above[i] += p->max > share_of[i];
    for (int i = 0; i < N_BELOW; i++)
        g->under[i] += p->k < below[i];
    g->absent_subjects += p->absent;
    g->short_subjects += p->short_;
}

static void add_classes(figures *g, const dcr_crowds *c)
{
    for (uint32_t k = 0; k < c->n; k++) {
        uint32_t crowd = crowd_of(c, k);
        double risk = 1.0 / crowd;
        g->k_map = k == 0 || crowd < g->k_map ? crowd : g->k_map;
        g->max = risk > g->max ? risk : g->max;
        g->lowest = k == 0 || risk < g->lowest ? risk : g->lowest;
        g->crowds += crowd;
        g->absent_classes += c->F[k] == 0;
        g->short_classes += c->F[k] > 0 && c->F[k] < c->f[k];
    }
    g->classes_over_crowds = c->n;
}

/* Rows come subject by subject; a key that a subject has twice counts once. */
static dcr_status add_people(figures *g, const dcr_tab *t, const dcr_crowds *c,
                             dcr_err *err)
{
    const dcr_frame *f = t->frame;
    uint32_t *last = dcr_alloc(c->n, sizeof *last); /* 1 + last subject with the key */
    dcr_rowsort s = {0};
    dcr_status rc = DCR_OK;
    if (last == NULL ||
        !dcr_rowsort_init(&s, f->n_rows, f->subject != NULL ? f->n_subjects : 0))
        rc = dcr_nomem(err);
    else if (f->subject != NULL)
        dcr_rowsort_by(&s, f->subject, NULL, f->n_subjects);
    for (size_t i = 0; i < f->n_rows && rc == DCR_OK;) {
        person p = {0};
        uint32_t who = f->subject != NULL ? f->subject[s.rows[i]] : (uint32_t)i;
        do {
            uint32_t k = t->groups.group_of[s.rows[i]];
            if (last[k] != who + 1)
                add_key(&p, c, k);
            last[k] = who + 1;
            i++;
        } while (i < f->n_rows && f->subject != NULL && f->subject[s.rows[i]] == who);
        add_person(g, &p);
    }
    g->average = dcr_unit_real(g->worst);
    g->marketer = dcr_unit_real(g->links);
    dcr_rowsort_clear(&s);
    dcr_free(last);
    return rc;
}

/* ---- what is said ---- */

static dcr_status real(const dcr_metric_sink *sink, dcr_err *err, bool applies,
                       double value, const char *path)
{
    return applies ? dcr_emit_real(sink, err, value, "%s", path)
                   : dcr_emit_none(sink, err, "%s", path);
}

static dcr_status count(const dcr_metric_sink *sink, dcr_err *err, bool applies,
                        uint64_t value, const char *path)
{
    return applies ? dcr_emit_count(sink, err, value, "%s", path)
                   : dcr_emit_none(sink, err, "%s", path);
}

static dcr_status head(const dcr_metric_sink *sink, dcr_err *err, bool applies,
                       const char *note, const char *what)
{
    dcr_status rc = dcr_emit_truth(sink, err, applies, "%s/applies", what);
    return rc == DCR_OK ? dcr_emit_text(sink, err, note, "%s/note", what) : rc;
}

static dcr_status put_risks(const dcr_metric_sink *sink, dcr_err *err, bool applies,
                            const figures *g)
{
    double n = g->n_subjects;
    char path[64];
    double ratio = (double)g->classes_over_crowds / (double)g->crowds;
    dcr_status rc = real(sink, err, applies, g->max, "journalist/max");
    if (rc == DCR_OK)
        rc = real(sink, err, applies, g->lowest, "journalist/lowest");
    if (rc == DCR_OK)
        rc = real(sink, err, applies, g->average / n, "journalist/average");
    /* of a linkage, as ARX counts it (METRICS.md 4) */
    if (rc == DCR_OK)
        rc = real(sink, err, applies, fmax(ratio, g->marketer / n),
                  "journalist/success_rate");
    for (int i = 0; i < N_SHARES && rc == DCR_OK; i++) {
        snprintf(path, sizeof path, "journalist/share_above/%s", share_name[i]);
        rc = real(sink, err, applies, (double)g->above[i] / n, path);
    }
    if (rc == DCR_OK)
        rc = count(sink, err, applies, g->k_map, "journalist/k_map");
    for (int i = 0; i < N_BELOW && rc == DCR_OK; i++) {
        snprintf(path, sizeof path, "journalist/below/%u", below[i]);
        rc = count(sink, err, applies, g->under[i], path);
    }
    return rc;
}

static dcr_status put_journalist(const dcr_metric_sink *sink, dcr_err *err,
                                 const char *why_not, const figures *g)
{
    bool applies = why_not == NULL;
    bool contained = g->absent_classes == 0 && g->short_classes == 0;
    const char *note =
        !applies    ? why_not
        : contained ? NULL
                    : "the population table does not hold everybody released: keys that "
                      "it has too few people for count as those of the release alone";
    dcr_status rc = head(sink, err, applies, note, "journalist");
    if (rc == DCR_OK)
        rc = put_risks(sink, err, applies, g);
    if (rc == DCR_OK)
        rc = applies ? dcr_emit_truth(sink, err, contained, "journalist/contained")
                     : dcr_emit_none(sink, err, "journalist/contained");
    if (rc == DCR_OK)
        rc = count(sink, err, applies, g->absent_classes, "journalist/absent/classes");
    if (rc == DCR_OK)
        rc = count(sink, err, applies, g->absent_subjects, "journalist/absent/subjects");
    if (rc == DCR_OK)
        rc = count(sink, err, applies, g->short_classes, "journalist/short/classes");
    if (rc == DCR_OK)
        rc = count(sink, err, applies, g->short_subjects, "journalist/short/subjects");
    return rc;
}

static dcr_status put_marketer(const dcr_metric_sink *sink, dcr_err *err,
                               const char *why_not, const figures *g)
{
    bool applies = why_not == NULL;
    dcr_status rc = head(sink, err, applies, why_not, "marketer");
    if (rc == DCR_OK)
        rc = real(sink, err, applies, g->marketer / g->n_subjects, "marketer/value");
    if (rc == DCR_OK)
        rc = real(sink, err, applies, g->marketer, "marketer/links");
    return rc;
}

static dcr_status put_presence(const dcr_metric_sink *sink, dcr_err *err,
                               const char *why_not, const dcr_crowds *c)
{
    double min = INFINITY, max = 0;
    uint32_t absent = 0, at_one = 0;
    bool applies;
    dcr_status rc;
    if (why_not == NULL && c->released == NULL)
        why_not = "not defined with wildcards: keys overlap";
    if (why_not == NULL && c->n_elsewhere == 0)
        why_not = "the population table has no records";
    applies = why_not == NULL;
    for (uint32_t k = 0; applies && k < c->n_elsewhere; k++) {
        double share = fmin(1, (double)c->released[k] / c->elsewhere[k]);
        min = fmin(min, share);
        max = fmax(max, share);
        absent += c->released[k] == 0;
        at_one += share == 1;
    }
    rc = head(sink, err, applies, why_not, "delta_presence");
    if (rc == DCR_OK)
        rc = real(sink, err, applies, min, "delta_presence/min");
    if (rc == DCR_OK)
        rc = real(sink, err, applies, max, "delta_presence/max");
    if (rc == DCR_OK)
        rc = count(sink, err, applies, c->n_elsewhere, "delta_presence/classes");
    if (rc == DCR_OK)
        rc = count(sink, err, applies, absent, "delta_presence/not_released");
    if (rc == DCR_OK)
        rc = count(sink, err, applies, at_one, "delta_presence/at_one");
    return rc;
}

static dcr_status table(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    const char *why_not = NULL;
    dcr_crowds c = {0};
    figures g = {0};
    dcr_status rc = DCR_OK;
    if (t->population == NULL)
        why_not = "not computed: needs a table of the population";
    else
        rc = dcr_crowds_build(&c, t, err);
    if (rc == DCR_OK && c.refused)
        why_not = "not computed: too many keys match each other through missing values";
    else if (why_not == NULL && t->frame->n_rows == 0)
        why_not = "the table has no records";
    if (rc == DCR_OK && why_not == NULL) {
        add_classes(&g, &c);
        rc = add_people(&g, t, &c, err);
    }
    if (rc == DCR_OK)
        rc = put_journalist(sink, err, why_not, &g);
    if (rc == DCR_OK)
        rc = put_marketer(sink, err, why_not, &g);
    if (rc == DCR_OK)
        rc = put_presence(sink, err, why_not, &c);
    dcr_crowds_clear(&c);
    return rc;
}

const dcr_metric dcr_metric_journalist = {
    .id = "journalist",
    .title = "Journalist and marketer risk, k-map, delta-presence",
    .source =
        "El Emam, Guide to the De-Identification of Personal Health Information, "
        "2013; k-map: Sweeney 2002; delta-presence: Nergiz, Atzori and Clifton 2007",
    .family = "risk",
    .table = table,
};
