#include <math.h>

#include "alloc.h"
#include "population.h"
#include "tab.h"

/* The Poisson model of main effects needs no fitting: mu of a cell is n times the product
 * of its values' shares.  Logarithms are added as whole numbers of 2^-56, so that no
 * order of columns shows. */
typedef __int128 ln_sum;

static int64_t ln_exact(double share)
{
    return llrint(ldexp(log(share), 56));
}

typedef struct cells {
    const dcr_frame *f;
    uint32_t *row; /* first row of each distinct (subject, key) pair */
    size_t n;
    ln_sum *ln; /* by pair: ln(mu / n) */
} cells;

static dcr_status cells_start(cells *c, const dcr_tab *t, dcr_err *err)
{
    const dcr_frame *f = t->frame;
    dcr_groups pairs = {0};
    dcr_status rc = DCR_OK;
    c->f = f;
    if (f->subject != NULL)
        rc = dcr_pairs_build(&pairs, f, &t->groups, err);
    c->row = dcr_alloc(f->n_rows, sizeof *c->row);
    c->ln = dcr_alloc(f->n_rows, sizeof *c->ln);
    if (rc == DCR_OK && (c->row == NULL || c->ln == NULL))
        rc = dcr_nomem(err);
    for (size_t i = 0; i < f->n_rows && rc == DCR_OK; i++)
        if (f->subject == NULL || pairs.group_of[i] == c->n)
            c->row[c->n++] = (uint32_t)i;
    dcr_groups_clear(&pairs);
    return rc;
}

static dcr_status add_margin(cells *c, size_t column, dcr_err *err)
{
    const uint32_t *code = c->f->code[column], n_codes = c->f->n_codes[column];
    uint32_t *count = dcr_alloc(n_codes, sizeof *count);
    int64_t *ln = dcr_alloc(n_codes, sizeof *ln);
    dcr_status rc = count != NULL && ln != NULL ? DCR_OK : dcr_nomem(err);
    for (size_t i = 0; i < c->n && rc == DCR_OK; i++)
        count[code[c->row[i]]]++;
    for (uint32_t v = 0; v < n_codes && rc == DCR_OK; v++)
        ln[v] = count[v] > 0 ? ln_exact(count[v] / (double)c->n) : 0;
    for (size_t i = 0; i < c->n && rc == DCR_OK; i++)
        c->ln[i] += ln[code[c->row[i]]];
    dcr_free(count);
    dcr_free(ln);
    return rc;
}

/* tau1 adds exp(-v), tau2 (1 - exp(-v))/v, v = mu (1 - pi)/pi, over the sample uniques.
 */
static void add_up(dcr_tau *out, const cells *c, const dcr_tab *t, double pi)
{
    dcr_unit_sum one = 0, two = 0;
    for (size_t i = 0; i < c->n; i++) {
        double mu = (double)c->n * exp(ldexp((double)c->ln[i], -56));
        double v = mu * (1 - pi) / pi;
        if (t->groups.subjects[t->groups.group_of[c->row[i]]] != 1)
            continue;
        one += dcr_unit_exact(exp(-v));
        two += dcr_unit_exact(v > 0 ? -expm1(-v) / v : 1);
    }
    *out = (dcr_tau){dcr_unit_real(one), dcr_unit_real(two), (double)c->n};
}

dcr_status dcr_tau_fit(dcr_tau *out, const dcr_tab *t, double pi, dcr_err *err)
{
    cells c = {0};
    dcr_status rc = cells_start(&c, t, err);
    for (size_t i = 0; i < t->frame->n_columns && rc == DCR_OK; i++)
        rc = add_margin(&c, i, err);
    if (rc == DCR_OK)
        add_up(out, &c, t, pi);
    dcr_free(c.row);
    dcr_free(c.ln);
    return rc;
}
