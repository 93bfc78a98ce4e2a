/* Attribute disclosure: how much a class gives away of each declared sensitive column.
 *
 * A column is judged twice.  Plainly, the classes are those of the quasi-identifiers.
 * Joined, the other sensitive columns are part of the key (Machanavajjhala et al. 2007,
 * section 4.3), as for somebody who knows all but one of them.  In both a missing value,
 * of a quasi-identifier or of the column, is a value like others. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "diversity.h"
#include "emit.h"

typedef struct place {
    const dcr_metric_sink *sink;
    dcr_err *err;
    char at[40]; /* "diversity/0" */
} place;

static dcr_status real(const place *p, double value, const char *key)
{
    return isfinite(value) ? dcr_emit_real(p->sink, p->err, value, "%s/%s", p->at, key)
                           : dcr_emit_none(p->sink, p->err, "%s/%s", p->at, key);
}

static dcr_status count(const place *p, uint64_t value, const char *key)
{
    return dcr_emit_count(p->sink, p->err, value, "%s/%s", p->at, key);
}

static dcr_status text(const place *p, const char *words, const char *key)
{
    return dcr_emit_text(p->sink, p->err, words, "%s/%s", p->at, key);
}

static dcr_status put_l(const place *p, const dcr_diversity *d)
{
    bool any = d->n_classes > 0;
    dcr_status rc =
        any ? count(p, d->distinct_l, "distinct_l") : real(p, NAN, "distinct_l");
    if (rc == DCR_OK)
        rc = real(p, d->entropy_l, "entropy_l");
    for (int i = 0; i < DCR_DIVERSITY_CS && rc == DCR_OK; i++) {
        char key[40];
        snprintf(key, sizeof key, "recursive_cl/c/%u", dcr_diversity_c[i]);
        rc = any ? count(p, d->recursive_l[i], key) : real(p, NAN, key);
    }
    if (rc == DCR_OK)
        rc = real(p, any ? d->infimum_c : NAN, "recursive_cl/infimum_c_at_distinct_l");
    return rc;
}

/* `t` is that of equal distances: codes of a nominal column may well be numbers ("3" for
 * a diagnosis), and the ordered distance is never above it.  The other stands beside. */
static dcr_status put_t(const place *p, const dcr_diversity *d)
{
    double t = d->n_classes > 0 ? d->t_equal : NAN;
    dcr_status rc = real(p, t, "t");
    if (rc == DCR_OK)
        rc = text(p, "equal", "t_variant");
    if (rc == DCR_OK)
        rc = real(p, t, "t_equal");
    if (rc == DCR_OK)
        rc = real(p, d->t_ordered, "t_ordered");
    return rc;
}

/* Infinity is null: no beta satisfies the enhanced form where its cap is broken, no delta
 * the definition where a value is absent from a class. */
static dcr_status put_ratios(const place *p, const dcr_diversity *d)
{
    bool any = d->n_classes > 0, capped = any && d->beta_violations == 0;
    dcr_status rc = real(p, any ? d->beta : NAN, "beta");
    if (rc == DCR_OK)
        rc = text(p, "basic", "beta_variant");
    if (rc == DCR_OK)
        rc = real(p, capped ? d->beta : NAN, "beta_enhanced");
    if (rc == DCR_OK)
        rc = real(p, any ? d->beta_capped : NAN, "beta_capped");
    if (rc == DCR_OK)
        rc = count(p, d->beta_violations, "beta_cap_violations");
    if (rc == DCR_OK)
        rc = real(p, any ? d->delta : NAN, "delta");
    if (rc == DCR_OK)
        rc = text(p, "over the values present in a class", "delta_variant");
    if (rc == DCR_OK)
        rc = real(p, any ? d->delta : NAN, "delta_positive");
    if (rc == DCR_OK)
        rc = real(p, any && d->delta_everywhere ? d->delta : NAN, "delta_definition");
    return rc;
}

/* What a reader has to know beside the figures; NULL: nothing. */
static const char *note_of(const dcr_diversity *d, char *room, size_t n)
{
    if (d->n_classes == 0)
        return "the table has no records";
    if (d->n_values == 1)
        return "the column has one value in the whole table: it is known of everybody, "
               "and "
               "t, beta and delta are 0 whatever the classes";
    snprintf(
        room, n, "%s%s%s",
        d->n_classes == 1 ? "one class: it is the table, and t, beta and delta are 0; "
                          : "",
        d->delta_everywhere ? ""
                            : "a value is absent from a class: by its definition delta "
                              "is infinite; ",
        d->several ? "some subjects hold several values in a class and count for each; "
                   : "");
    if (room[0] == '\0')
        return NULL;
    room[strlen(room) - 2] = '\0';
    return room;
}

static dcr_status put(const place *p, const dcr_diversity *d, const char *key)
{
    char room[256];
    dcr_status rc = text(p, key, "key");
    if (rc == DCR_OK)
        rc = dcr_emit_truth(p->sink, p->err, d->n_values > 1, "%s/applies", p->at);
    if (rc == DCR_OK)
        rc = text(p, note_of(d, room, sizeof room), "note");
    if (rc == DCR_OK)
        rc = count(p, d->n_classes, "classes");
    if (rc == DCR_OK)
        rc = count(p, d->n_values, "values");
    if (rc == DCR_OK)
        rc = put_l(p, d);
    if (rc == DCR_OK)
        rc = put_t(p, d);
    if (rc == DCR_OK)
        rc = put_ratios(p, d);
    if (rc == DCR_OK)
        rc = real(p, d->n_classes > 0 ? d->alpha : NAN, "alpha");
    if (rc == DCR_OK)
        rc = count(p, d->homogeneous_classes, "homogeneous/classes");
    if (rc == DCR_OK)
        rc = count(p, d->homogeneous_subjects, "homogeneous/subjects");
    return rc;
}

/* Classes of the quasi-identifiers and all sensitive columns but one: the classes there
 * are become the first column of a frame. */
static dcr_status join_others(dcr_groups *out, const dcr_tab *t, const dcr_frame *f,
                              size_t column, dcr_err *err)
{
    const uint32_t *code[DCR_FRAME_MAX_COLUMNS];
    uint32_t n_codes[DCR_FRAME_MAX_COLUMNS];
    dcr_frame joined = *f;
    memcpy(code, f->code, f->n_columns * sizeof *code);
    memcpy(n_codes, f->n_codes, f->n_columns * sizeof *n_codes);
    code[column] = t->groups.group_of;
    n_codes[column] = t->groups.n_groups;
    joined.code = code;
    joined.n_codes = n_codes;
    return dcr_groups_build(out, &joined, dcr_frame_all(f), err);
}

static dcr_status put_column(const dcr_tab *t, const dcr_frame *f, size_t column,
                             const dcr_metric_sink *sink, dcr_err *err)
{
    place p = {.sink = sink, .err = err};
    dcr_diversity d;
    dcr_groups joined;
    dcr_status rc = dcr_diversity_get(&d, f, column, &t->groups, err);
    snprintf(p.at, sizeof p.at, "diversity/%zu", column);
    if (rc == DCR_OK)
        rc = text(&p, f->name[column], "sensitive");
    if (rc == DCR_OK)
        rc = put(&p, &d, "quasi-identifiers");
    if (rc != DCR_OK || f->n_columns < 2)
        return rc;
    rc = join_others(&joined, t, f, column, err);
    if (rc != DCR_OK)
        return rc;
    rc = dcr_diversity_get(&d, f, column, &joined, err);
    snprintf(p.at, sizeof p.at, "diversity/%zu/joined", column);
    if (rc == DCR_OK)
        rc = put(&p, &d, "quasi-identifiers and the other sensitive columns");
    dcr_groups_clear(&joined);
    return rc;
}

static dcr_status table(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    dcr_frame f;
    dcr_status rc = DCR_OK;
    if (t->sensitive == NULL || t->sensitive->n_columns == 0)
        return dcr_emit_empty(sink, err, "diversity");
    f = *t->sensitive;
    f.subject = t->frame->subject; /* the people are those of the table */
    f.n_subjects = t->frame->n_subjects;
    for (size_t c = 0; c < f.n_columns && rc == DCR_OK; c++)
        rc = put_column(t, &f, c, sink, err);
    return rc;
}

const dcr_metric dcr_metric_diversity = {
    .id = "diversity",
    .title = "Diversity of sensitive columns",
    .source = "l-diversity: Machanavajjhala et al. 2007; t-closeness: Li et al. 2007; "
              "beta-likeness: Cao and Karras 2012; delta-disclosure: Brickell and "
              "Shmatikov 2008; alpha: Wong et al. 2006",
    .family = "diversity",
    .table = table,
};
