/* What each field of a table adds: alone, left out, and over all orders; and the smallest
 * sets of fields that single somebody out.
 *
 * A missing value is a value here.  A field is looked at through distinct (subject,
 * value) pairs; without a subject column these are the rows. */
#include <math.h>
#include <stdlib.h>

#include "alloc.h"
#include "emit.h"
#include "shapley.h"
#include "suda.h"

enum { MOST_KEYS = 50 };

typedef struct field { /* one field alone */
    uint32_t distinct, alone;
    double bits, distinction, separation;
} field;

typedef struct by_subject { /* the rows, subject by subject; without subjects as they are
                             */
    uint32_t *row;          /* NULL: as they are */
    uint32_t *last;         /* per code: 1 + the subject that was seen with it last */
    uint32_t *k;            /* per code: subjects that have it */
} by_subject;

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static dcr_status sort_rows(by_subject *s, const dcr_frame *f, dcr_err *err)
{
    uint32_t *place, n_codes = 0;
    for (size_t c = 0; c < f->n_columns; c++)
        n_codes = f->n_codes[c] > n_codes ? f->n_codes[c] : n_codes;
    s->last = dcr_alloc(n_codes, sizeof *s->last);
    s->k = dcr_alloc(n_codes, sizeof *s->k);
    if (s->last == NULL || s->k == NULL)
        return dcr_nomem(err);
    if (f->subject == NULL)
        return DCR_OK;
    s->row = dcr_alloc(f->n_rows, sizeof *s->row);
    place = dcr_alloc((size_t)f->n_subjects + 1, sizeof *place);
    if (s->row == NULL || place == NULL) {
        dcr_free(place);
        return dcr_nomem(err);
    }
    for (size_t i = 0; i < f->n_rows; i++)
        place[f->subject[i] + 1]++;
    for (uint32_t i = 0; i < f->n_subjects; i++)
        place[i + 1] += place[i];
    for (size_t i = 0; i < f->n_rows; i++)
        s->row[place[f->subject[i]]++] = (uint32_t)i;
    dcr_free(place);
    return DCR_OK;
}

static void by_subject_clear(by_subject *s)
{
    dcr_free(s->row);
    dcr_free(s->last);
    dcr_free(s->k);
}

/* Fills k; returns the ordered couples of pairs that are of one subject, a pair with
 * itself among them, and their number. */
static double count_subjects(by_subject *s, const dcr_frame *f, size_t c, double *n_pairs)
{
    const uint32_t *code = f->code[c];
    double same = 0, of_one = 0, n = 0;
    uint32_t who = UINT32_MAX;
    for (uint32_t v = 0; v < f->n_codes[c]; v++)
        s->k[v] = s->last[v] = 0;
    for (size_t i = 0; i < f->n_rows; i++) {
        size_t r = s->row == NULL ? i : s->row[i];
        uint32_t subject = f->subject == NULL ? (uint32_t)i : f->subject[r];
        if (subject != who) {
            same += of_one * of_one;
            of_one = 0;
        }
        who = subject;
        if (s->last[code[r]] == subject + 1)
            continue;
        s->last[code[r]] = subject + 1;
        s->k[code[r]]++;
        of_one++;
        n++;
    }
    *n_pairs = n;
    return same + of_one * of_one;
}

/* Separation: of all couples of pairs of different subjects those of different values
 * (Motwani and Xu 2007). */
static field look_at(by_subject *s, const dcr_frame *f, size_t c)
{
    field x = {0};
    double n, of_one = count_subjects(s, f, c, &n), equal = 0, sum = 0;
    uint32_t n_codes = f->n_codes[c];
    qsort(s->k, n_codes, sizeof *s->k, by_size);
    for (uint32_t v = 0; v < n_codes; v++) {
        double k = s->k[v];
        if (k == 0)
            continue;
        x.alone = x.alone == 0 ? s->k[v] : x.alone;
        x.distinct++;
        equal += k * (k - 1);
        sum += k * log2(k);
    }
    x.bits = n > 0 ? fmax(0, log2(n) - sum / n) : 0;
    x.distinction = n > 0 ? x.distinct / n : 0;
    x.separation = n * n > of_one ? 1 - equal / (n * n - of_one) : 0;
    return x;
}

static dcr_status emit_alone(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    const dcr_frame *f = t->frame;
    by_subject s = {0};
    dcr_status rc = sort_rows(&s, f, err);
    for (size_t c = 0; c < f->n_columns && rc == DCR_OK; c++) {
        field x = look_at(&s, f, c);
        rc = dcr_emit_text(sink, err, f->name[c], "fields/%zu/name", c);
        if (rc == DCR_OK)
            rc = dcr_emit_count(sink, err, x.distinct, "fields/%zu/distinct", c);
        if (rc == DCR_OK)
            rc = dcr_emit_real(sink, err, x.bits, "fields/%zu/bits", c);
        if (rc == DCR_OK)
            rc = dcr_emit_count(sink, err, x.alone, "fields/%zu/alone", c);
        if (rc == DCR_OK)
            rc = dcr_emit_real(sink, err, x.distinction, "fields/%zu/distinction", c);
        if (rc == DCR_OK)
            rc = dcr_emit_real(sink, err, x.separation, "fields/%zu/separation", c);
    }
    by_subject_clear(&s);
    return rc;
}

static dcr_status emit_drop_one(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    uint32_t drop[DCR_FRAME_MAX_COLUMNS] = {0};
    dcr_status rc = dcr_drop_one_get(drop, t->lattice, err);
    for (size_t c = 0; c < t->frame->n_columns && rc == DCR_OK; c++)
        rc = dcr_emit_count(sink, err, drop[c], "fields/%zu/drop_one", c);
    return rc;
}

static dcr_status emit_shapley(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    dcr_shapley s;
    dcr_status rc = dcr_shapley_get(&s, t->lattice, DCR_LATTICE_MAX_WORK / 4, err);
    for (size_t c = 0; c < t->frame->n_columns && rc == DCR_OK; c++) {
        rc = dcr_emit_real(sink, err, s.value[c], "fields/%zu/shapley", c);
        if (rc == DCR_OK && s.n_orders > 0)
            rc = dcr_emit_real(sink, err, s.lo[c], "fields/%zu/shapley_lo", c);
        if (rc == DCR_OK && s.n_orders > 0)
            rc = dcr_emit_real(sink, err, s.hi[c], "fields/%zu/shapley_hi", c);
    }
    return rc;
}

static dcr_status emit_suda_share(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    const size_t m = t->frame->n_columns;
    dcr_suda s = {0};
    dcr_status rc = dcr_suda_score(&s, t->lattice, err);
    for (size_t c = 0; c < m && rc == DCR_OK; c++)
        rc = s.max_size < m
                 ? dcr_emit_none(sink, err, "fields/%zu/suda_share", c)
                 : dcr_emit_real(sink, err, s.share[c], "fields/%zu/suda_share", c);
    dcr_suda_clear(&s);
    return rc;
}

static dcr_status emit_key(const dcr_frame *f, const dcr_set_count *key, size_t place,
                           const dcr_metric_sink *sink, dcr_err *err)
{
    dcr_status rc = dcr_emit_count(sink, err, key->n, "unique_keys/%zu/records", place);
    for (size_t c = 0; c < f->n_columns && rc == DCR_OK; c++)
        if (key->set >> c & 1)
            rc = dcr_emit_text(sink, err, f->name[c], "unique_keys/%zu/names[]", place);
    return rc;
}

static dcr_status emit_keys(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    const dcr_uniques *u;
    dcr_set_count *key = NULL;
    size_t n = 0;
    dcr_status rc = dcr_lattice_keys(t->lattice, &u, err);
    if (rc == DCR_OK)
        rc = dcr_minimal_tally(&u->minimal, t->lattice->column, &key, &n, err);
    if (rc == DCR_OK && n == 0)
        rc = dcr_emit_empty(sink, err, "unique_keys");
    for (size_t i = 0; i < n && i < MOST_KEYS && rc == DCR_OK; i++)
        rc = emit_key(t->frame, &key[i], i, sink, err);
    if (rc == DCR_OK)
        rc = dcr_emit_count(sink, err, n > MOST_KEYS ? n - MOST_KEYS : 0,
                            "unique_keys_left_out");
    if (rc == DCR_OK && u->max_size < t->frame->n_columns)
        rc = dcr_emit_count(sink, err, u->max_size, "unique_keys_max_size");
    dcr_free(key);
    return rc;
}

static dcr_status table(dcr_tab *t, const dcr_metric_sink *sink, dcr_err *err)
{
    dcr_status rc = dcr_lattice_of(t, err);
    if (rc == DCR_OK)
        rc = emit_alone(t, sink, err);
    if (rc == DCR_OK)
        rc = emit_drop_one(t, sink, err);
    if (rc == DCR_OK)
        rc = emit_shapley(t, sink, err);
    if (rc == DCR_OK)
        rc = emit_suda_share(t, sink, err);
    return rc == DCR_OK ? emit_keys(t, sink, err) : rc;
}

const dcr_metric dcr_metric_fields = {
    .id = "fields",
    .title = "What each field adds, and the smallest sets of fields that single out",
    .source =
        "entropy; distinction and separation: Motwani and Xu 2007; Shapley 1953 over "
        "the number of unique subjects (0 for no field); share of the SUDA score in "
        "sets that hold the field",
    .family = "fields",
    .table = table,
};
