/* What if: every single change of what an adversary knows, and the best pairs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "whatif_impl.h"

enum { FAVOURITES = 5, MAX_CANDIDATES = 2 * FAVOURITES };

/* Rows to be grouped for pairs, in all: beyond, fewer pairs are tried. */
static const size_t most_rows = 200000000;

typedef struct whatif_run {
    dcr_whatif *out;
    const dcr_risk *any_exam;
    const dcr_whatif_ask *ask;
    whatif_records records;
    dcr_arena *arena;  /* of the result */
    whatif_step *step; /* one per single change; its place is in dcr_whatif.single's
                          before that is sorted */
    size_t n_steps;
} whatif_run;

void dcr_whatif_free(dcr_whatif *w)
{
    if (w == NULL)
        return;
    dcr_arena_clear(w->owner);
    dcr_free(w->owner);
    dcr_free(w);
}

/* ---- figures ---- */

static uint32_t count_below(const uint32_t *k, uint32_t n, uint32_t limit)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        count += k[i] < limit;
    return count;
}

static uint32_t smallest(const uint32_t *k, uint32_t n)
{
    uint32_t least = 0;
    for (uint32_t i = 0; i < n; i++)
        least = i == 0 || k[i] < least ? k[i] : least;
    return least;
}

static double mean_risk(const uint32_t *k, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += k[i] == 0 ? 1 : 1.0 / k[i]; /* a record of nobody hides nobody */
    return n == 0 ? 0 : sum / n;
}

/* Figures of the targets, into out[n_targets]; how many are not met. */
static size_t judge_targets(const dcr_whatif_ask *ask, const uint32_t *k, uint32_t n,
                            double mean, double *out)
{
    size_t unmet = 0;
    for (size_t t = 0; t < ask->n_targets; t++) {
        const dcr_target *x = &ask->target[t];
        uint32_t count = x->k == 0 ? 0 : count_below(k, n, x->k);
        out[t] = x->k == 0 ? mean : count;
        unmet += x->k == 0 ? !dcr_mean_within(mean, x->num, x->den)
                           : !dcr_count_within(count, n, x->num, x->den, x->absolute);
    }
    return unmet;
}

static dcr_status figures(const whatif_run *w, const dcr_risk *r, dcr_whatif_figures *f,
                          dcr_err *err)
{
    uint32_t n = r->n_subjects;
    double *target = dcr_arena_alloc(w->arena, w->ask->n_targets, sizeof *target);
    double *low = dcr_arena_alloc(w->arena, w->ask->n_targets, sizeof *low);
    if (target == NULL || low == NULL)
        return dcr_nomem(err);
    f->k_min = smallest(r->k, n);
    f->k_low_min = smallest(r->k_low, n);
    f->unique = count_below(r->k, n, 2);
    f->unique_low = count_below(r->k_low, n, 2);
    f->below = count_below(r->k, n, w->ask->k);
    f->below_low = count_below(r->k_low, n, w->ask->k);
    f->average = mean_risk(r->k, n);
    f->average_low = mean_risk(r->k_low, n);
    f->unmet = judge_targets(w->ask, r->k, n, f->average, target);
    f->unmet_low = judge_targets(w->ask, r->k_low, n, f->average_low, low);
    if (!w->ask->low)
        f->unmet_low = 0;
    f->target = target;
    f->target_low = low;
    return DCR_OK;
}

static bool reaches(const dcr_whatif_figures *f)
{
    return f->unmet == 0 && f->unmet_low == 0;
}

/* A figure of a target in subjects: the mean of r(s) stands for their sum. */
static double in_subjects(const dcr_target *t, double figure, uint32_t n)
{
    return t->k == 0 ? figure * n : figure;
}

static bool target_met(const dcr_target *t, double figure, uint32_t n)
{
    return t->k == 0 ? dcr_mean_within(figure, t->num, t->den)
                     : dcr_count_within((uint64_t)figure, n, t->num, t->den, t->absolute);
}

/* Fall of what the unmet targets measure; where only k_low(s) misses them, by that. */
static double effect_of(const whatif_run *w, const dcr_whatif_figures *after)
{
    const dcr_whatif_figures *before = &w->out->before;
    bool low = before->unmet == 0;
    uint32_t n = w->out->n_subjects;
    double sum = 0;
    for (size_t t = 0; t < w->ask->n_targets; t++) {
        const dcr_target *x = &w->ask->target[t];
        double from = low ? before->target_low[t] : before->target[t];
        double to = low ? after->target_low[t] : after->target[t];
        if (!target_met(x, from, n))
            sum += in_subjects(x, from, n) - in_subjects(x, to, n);
    }
    return sum;
}

/* ---- one change ---- */

static dcr_status judge_change(whatif_run *w, const whatif_step *const *s, size_t n,
                               dcr_whatif_change *c, dcr_err *err)
{
    dcr_model changed = w->records.m;
    dcr_risk *r = NULL;
    dcr_status rc = dcr_whatif_apply(&w->records, s, n, err);
    changed.table.column = w->records.changed;
    if (rc == DCR_OK)
        rc = dcr_risk_any_exam(&r, &changed, w->any_exam->adversary, err);
    if (rc == DCR_OK)
        rc = figures(w, r, &c->after, err);
    dcr_risk_free(r);
    if (rc != DCR_OK)
        return rc;
    c->n_parts = n;
    for (size_t i = 0; i < n; i++) {
        c->part[i] = s[i]->part;
        c->bits_lost += s[i]->bits;
        c->fixed =
            c->fixed || (w->ask->fixed != NULL && w->ask->fixed[s[i]->part.concept]);
    }
    c->effect = effect_of(w, &c->after);
    return DCR_OK;
}

/* What a step loses beside its own column: a birth date that has to go with the age. */
static dcr_status add_birth_loss(whatif_run *w, whatif_step *s, dcr_err *err)
{
    whatif_step gone = {.column = w->records.birth};
    dcr_status rc;
    if (s->bits == 0 || gone.column == SIZE_MAX ||
        !dcr_whatif_empties_birth(&w->records, s))
        return DCR_OK;
    gone.part.level = "*";
    rc = dcr_whatif_step_build(&gone, &w->records, w->any_exam, err);
    s->bits += gone.bits;
    return rc;
}

static dcr_status find_steps(whatif_run *w, dcr_err *err)
{
    const dcr_table *t = &w->records.m.table;
    dcr_status rc = DCR_OK;
    w->step = dcr_alloc(t->n_columns * DCR_LADDER_MAX, sizeof *w->step);
    if (w->step == NULL)
        return dcr_nomem(err);
    for (size_t c = 0; c < t->n_columns; c++) {
        const char *level[DCR_LADDER_MAX];
        const dcr_column *col = &t->column[c];
        size_t n = dcr_level_coarser(w->records.m.concepts[col->concept].hierarchy,
                                     col->level, level);
        for (size_t i = 0; i < n && rc == DCR_OK; i++) {
            whatif_step *s = &w->step[w->n_steps];
            *s = (whatif_step){.part = {col->concept, col->level, level[i]}, .column = c};
            rc = dcr_whatif_step_build(s, &w->records, w->any_exam, err);
            if (rc == DCR_OK)
                rc = add_birth_loss(w, s, err);
            w->n_steps += rc == DCR_OK && s->bits > 0;
        }
    }
    return rc;
}

static dcr_status try_singles(whatif_run *w, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    w->out->single = dcr_arena_alloc(w->arena, w->n_steps, sizeof *w->out->single);
    if (w->out->single == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < w->n_steps && rc == DCR_OK; i++) {
        const whatif_step *s = &w->step[i];
        rc = judge_change(w, &s, 1, &w->out->single[i], err);
        w->out->n_single += rc == DCR_OK;
    }
    return rc;
}

/* ---- order ---- */

/* Sums of logarithms are compared as whole billionths: rounding does not decide. */
static long long whole(double v)
{
    return llround(v * 1e9);
}

static int descending(double a, double b)
{
    long long x = whole(a), y = whole(b);
    return (x < y) - (x > y);
}

/* As the changes were found: by concept, then by level. */
static int by_place(const void *pa, const void *pb)
{
    return (pa > pb) - (pa < pb);
}

static int single_order(const void *pa, const void *pb)
{
    const dcr_whatif_change *a = *(const dcr_whatif_change *const *)pa;
    const dcr_whatif_change *b = *(const dcr_whatif_change *const *)pb;
    int c = (int)a->fixed - (int)b->fixed;
    if (c == 0)
        c = descending(a->effect / a->bits_lost, b->effect / b->bits_lost);
    if (c == 0)
        c = descending(b->bits_lost, a->bits_lost);
    return c != 0 ? c : by_place(a, b);
}

static int pair_order(const void *pa, const void *pb)
{
    const dcr_whatif_change *a = *(const dcr_whatif_change *const *)pa;
    const dcr_whatif_change *b = *(const dcr_whatif_change *const *)pb;
    bool met = reaches(&a->after);
    int c = (int)reaches(&b->after) - (int)met;
    if (c == 0 && !met)
        c = descending(a->effect, b->effect);
    if (c == 0)
        c = descending(b->bits_lost, a->bits_lost);
    return c != 0 ? c : by_place(a, b);
}

static dcr_status sort_changes(whatif_run *w, dcr_whatif_change **list, size_t n,
                               int (*order)(const void *, const void *), dcr_err *err)
{
    dcr_whatif_change *sorted = dcr_arena_alloc(w->arena, n, sizeof *sorted);
    const dcr_whatif_change **at = dcr_alloc(n, sizeof *at);
    if (sorted == NULL || at == NULL) {
        dcr_free(at);
        return dcr_nomem(err);
    }
    for (size_t i = 0; i < n; i++)
        at[i] = &(*list)[i];
    qsort(at, n, sizeof *at, order);
    for (size_t i = 0; i < n; i++)
        sorted[i] = *at[i];
    dcr_free(at);
    *list = sorted;
    return DCR_OK;
}

/* ---- pairs ---- */

/* Fall of the sum of r(s), which sees what no count does yet; per bit, or in all. */
static double promise(const whatif_run *w, size_t i, bool per_bit)
{
    const dcr_whatif_change *c = &w->out->single[i];
    double fall = w->out->before.average - c->after.average;
    return per_bit ? fall / c->bits_lost : fall;
}

/* Already in the list, or of a concept that has enough levels there. */
static bool is_taken(const whatif_run *w, const size_t *list, size_t n, size_t i,
                     bool per_bit)
{
    size_t same = 0;
    for (size_t k = 0; k < n; k++) {
        if (list[k] == i)
            return true;
        same += w->step[list[k]].column == w->step[i].column;
    }
    return same >= (per_bit ? 2u : 3u);
}

/* Adds the most promising changes that are not yet in the list. */
static size_t add_favourites(const whatif_run *w, size_t *list, size_t n, bool per_bit)
{
    for (size_t more = 0; more < FAVOURITES; more++) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < w->n_steps; i++) {
            if (w->out->single[i].fixed || is_taken(w, list, n, i, per_bit))
                continue;
            if (best == SIZE_MAX ||
                descending(promise(w, i, per_bit), promise(w, best, per_bit)) < 0)
                best = i;
        }
        if (best == SIZE_MAX)
            break;
        list[n++] = best;
    }
    return n;
}

static bool can_pair(const whatif_run *w, const whatif_step *a, const whatif_step *b)
{
    return a->column != b->column &&
           !(b->column == w->records.birth && dcr_whatif_empties_birth(&w->records, a)) &&
           !(a->column == w->records.birth && dcr_whatif_empties_birth(&w->records, b));
}

static dcr_status try_pairs(whatif_run *w, dcr_err *err)
{
    size_t list[MAX_CANDIDATES], n = add_favourites(w, list, 0, true), most, rows;
    dcr_status rc = DCR_OK;
    n = add_favourites(w, list, n, false);
    rows = w->records.m.table.n_rows;
    most = rows == 0 ? 0 : most_rows / rows;
    w->out->pair = dcr_arena_alloc(w->arena, n * n, sizeof *w->out->pair);
    if (w->out->pair == NULL)
        return dcr_nomem(err);
    for (size_t i = 1; i < n && rc == DCR_OK; i++)
        for (size_t j = 0; j < i && rc == DCR_OK && w->out->n_pairs < most; j++) {
            size_t first = list[i] < list[j] ? list[i] : list[j];
            const whatif_step *s[2] = {&w->step[first],
                                       &w->step[list[i] + list[j] - first]};
            if (!can_pair(w, s[0], s[1]))
                continue;
            rc = judge_change(w, s, 2, &w->out->pair[w->out->n_pairs], err);
            w->out->n_pairs += rc == DCR_OK;
        }
    return rc;
}

/* ---- the whole ---- */

static dcr_status try_all(whatif_run *w, dcr_err *err)
{
    const dcr_risk *r = w->any_exam;
    dcr_status rc = figures(w, r, &w->out->before, err);
    w->out->n_subjects = r->n_subjects;
    w->out->k = w->ask->k;
    if (rc != DCR_OK || !r->applies || r->n_subjects == 0)
        return rc;
    rc = dcr_whatif_records_build(&w->records, r->model, r->adversary, err);
    if (rc == DCR_OK)
        rc = find_steps(w, err);
    if (rc == DCR_OK)
        rc = try_singles(w, err);
    if (rc == DCR_OK)
        rc = try_pairs(w, err);
    if (rc == DCR_OK)
        rc = sort_changes(w, &w->out->single, w->out->n_single, single_order, err);
    if (rc == DCR_OK)
        rc = sort_changes(w, &w->out->pair, w->out->n_pairs, pair_order, err);
    return rc;
}

dcr_status dcr_whatif_build(dcr_whatif **out, const dcr_risk *any_exam,
                            const dcr_whatif_ask *ask, dcr_err *err)
{
    whatif_run w = {.any_exam = any_exam, .ask = ask};
    dcr_status rc = DCR_OK;
    *out = NULL;
    w.out = dcr_alloc(1, sizeof *w.out);
    if (w.out == NULL)
        return dcr_nomem(err);
    w.arena = w.out->owner = dcr_alloc(1, sizeof *w.arena);
    if (w.arena == NULL) {
        dcr_free(w.out);
        return dcr_nomem(err);
    }
    rc = try_all(&w, err);
    dcr_whatif_records_clear(&w.records);
    dcr_free(w.step);
    if (rc == DCR_OK)
        *out = w.out;
    else
        dcr_whatif_free(w.out);
    return rc;
}
