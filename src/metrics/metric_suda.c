/* Minimal sample uniques of a table, their scores, and the risk made of them. */
#include "alloc.h"
#include "emit.h"
#include "suda.h"

static const double usual_fraction = 0.01; /* sdcMicro's, when none is known */

static uint64_t pairs_of(const dcr_groups *g)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < g->n_groups; i++)
        n += g->subjects[i] == 2;
    return n;
}

/* To the rows of --records what their cells have. */
static void to_rows(double *row, const dcr_lattice *l, const double *cell)
{
    for (size_t i = 0; i < l->n_rows && row != NULL; i++)
        row[i] = cell[l->cell_of[i]];
}

static dcr_status emit_sizes(const dcr_suda *s, size_t m, const dcr_metric_sink *sink,
                             dcr_err *err)
{
    dcr_status rc = DCR_OK;
    for (size_t k = 1; k <= s->max_size && rc == DCR_OK; k++)
        rc = dcr_emit_count(sink, err, s->by_size[k], "suda/by_size/%zu", k);
    if (rc == DCR_OK && s->max_size == 0)
        rc = dcr_emit_none(sink, err, "suda/by_size");
    if (rc == DCR_OK && s->max_size < m)
        rc = dcr_emit_count(sink, err, s->max_size, "suda/max_size");
    return rc;
}

/* Not all sets could be looked at: what is known is known of the small ones. */
static dcr_status refuse(const dcr_metric_sink *sink, dcr_err *err)
{
    static const char *const names[] = {"msu", "score_sum", "score_max", "dis_sum"};
    dcr_status rc = DCR_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names && rc == DCR_OK; i++)
        rc = dcr_emit_none(sink, err, "suda/%s", names[i]);
    if (rc == DCR_OK)
        rc = dcr_emit_text(sink, err,
                           "too many sets of columns to look at all: minimal sample "
                           "uniques are counted up to max_size columns and not scored",
                           "suda/note");
    return rc;
}

static dcr_status emit_scores(dcr_tab *t, const dcr_suda *s, const dcr_metric_sink *sink,
                              dcr_err *err)
{
    const dcr_lattice *l = t->lattice;
    const double d = t->fraction > 0 ? t->fraction : usual_fraction;
    double *dis = dcr_alloc(l->n_cells, sizeof *dis), sum, max;
    dcr_status rc = dis == NULL ? dcr_nomem(err)
                                : dcr_suda_dis(dis, s->score, l->n_cells, l->n_columns,
                                               pairs_of(&t->groups), d, &sum, &max, err);
    if (rc == DCR_OK)
        rc = dcr_emit_count(sink, err, s->n_msu, "suda/msu");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, s->score_sum, "suda/score_sum");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, s->score_max, "suda/score_max");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, sum, "suda/dis_sum");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, max, "suda/dis_max");
    if (rc == DCR_OK)
        rc = dcr_emit_real(sink, err, d, "suda/fraction");
    if (rc == DCR_OK && t->records != NULL) {
        to_rows(t->records->suda, l, s->score);
        to_rows(t->records->dis, l, dis);
    }
    dcr_free(dis);
    return rc;
}

static dcr_status table(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    dcr_suda s = {0};
    dcr_status rc = dcr_lattice_of(t, err);
    if (rc == DCR_OK)
        rc = dcr_suda_score(&s, t->lattice, err);
    if (rc == DCR_OK)
        rc = s.max_size < t->frame->n_columns ? refuse(sink, err)
                                              : emit_scores(t, &s, sink, err);
    if (rc == DCR_OK)
        rc = emit_sizes(&s, t->frame->n_columns, sink, err);
    dcr_suda_clear(&s);
    return rc;
}

const dcr_metric dcr_metric_suda = {
    .id = "suda",
    .title = "Minimal sample uniques, scores and DIS-SUDA",
    .source =
        "Elliot, Manning and Ford 2002; Manning, Haglin and Keane 2008; Skinner and "
        "Elliot 2002.  A missing value is part of no set and matches nothing; a set "
        "is unique to a record when no other subject has its values",
    .family = "suda",
    .table = table,
};
