/* What if: changes of what the gated adversary knows, as next steps and as a table. */
#include <ctype.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "parts.h"
#include "plural.h"

enum { MOST_REACHING = 3, MOST_SINGLE = 4, MOST_PAIRS = 5 };

typedef struct asked { /* what the policy wants of k(s), as far as nobody accepted less */
    dcr_target target[DCR_TARGETS_MAX];
    dcr_whatif_ask ask;
    bool *fixed;
    bool needed;
} asked;

static const json_t *criterion_of(const dcr_report_input *in, const char *id)
{
    const json_t *c;
    size_t i;
    json_array_foreach(in->gate->criteria, i, c)
    {
        const char *own = json_string_value(json_object_get(c, "id"));
        if (own != NULL && strcmp(own, id) == 0)
            return c;
    }
    return NULL;
}

/* The criterion on k and k_low: the only one that counts criteria. */
static const json_t *bounds_of(const dcr_report_input *in)
{
    const json_t *c;
    size_t i;
    json_array_foreach(in->gate->criteria, i, c)
    {
        const char *unit = json_string_value(json_object_get(c, "unit"));
        if (unit != NULL && strcmp(unit, "criteria") == 0)
            return c;
    }
    return NULL;
}

static bool result_is(const json_t *criterion, const char *word)
{
    const char *s = json_string_value(json_object_get(criterion, "result"));
    return s != NULL && strcmp(s, word) == 0;
}

static dcr_status what_is_asked(asked *a, const dcr_report_input *in, dcr_err *err)
{
    const json_t *bounds = bounds_of(in);
    size_t n = dcr_policy_targets(in->policy, a->target, DCR_TARGETS_MAX, &a->ask.low);
    a->fixed = dcr_alloc(in->model->n_concepts, sizeof *a->fixed);
    if (a->fixed == NULL)
        return dcr_nomem(err);
    for (size_t c = 0; c < in->model->n_concepts; c++)
        a->fixed[c] = *dcr_rules_fixed(in->rules, c) != '\0';
    for (size_t i = 0; i < n; i++) {
        const json_t *c = criterion_of(in, a->target[i].id);
        if (result_is(c, "accepted"))
            continue;
        a->needed = a->needed || !result_is(c, "pass");
        a->target[a->ask.n_targets++] = a->target[i];
    }
    a->needed = a->needed || result_is(bounds, "inconclusive");
    a->ask.k = dcr_policy_k(in->policy);
    a->ask.target = a->target;
    a->ask.fixed = a->fixed;
    return DCR_OK;
}

/* ---- words ---- */

static const char *level_words(const char *level)
{
    static const char *const words[][2] = {
        {"iso_week", "the week"},
        {"month", "the month"},
        {"quarter", "the quarter"},
        {"year", "the year"},
        {"5y", "steps of 5 years"},
        {"10y", "steps of 10 years"},
        {"20y", "steps of 20 years"},
        {"decade", "steps of 10 years"},
        {"1y", "whole years"},
        {"minor_adult_senior", "under 18, 18 to 64, 65 and over"},
        {"1cm", "whole cm"},
        {"5cm", "steps of 5 cm"},
        {"10cm", "steps of 10 cm"},
        {"1kg", "whole kg"},
        {"5kg", "steps of 5 kg"},
        {"10kg", "steps of 10 kg"},
        {"20kg", "steps of 20 kg"},
        {"minute", "the minute"},
        {"15min", "quarters of an hour"},
        {"hour", "the hour"},
        {"6h_shift", "shifts of 6 hours"},
        {"half_day", "morning or afternoon"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], level) == 0)
            return words[i][1];
    return level;
}

typedef struct wording {
    const dcr_report_input *in;
    const dcr_names *names;
    dcr_buf *out;
    size_t listed;
} wording;

/* "StudyDate"; "CodeMeaning (0008,0082/0008,0104)"; a private path as it may be shown. */
static void say_carrier(wording *w, const char *path, const char *between)
{
    const dcr_attr *a = dcr_model_attr(w->in->model, path);
    const char *shown = dcr_names_path(w->names, w->in->model, path);
    dcr_buf_str(w->out, w->listed++ == 0 ? "" : between);
    if (a == NULL || a->keyword == NULL)
        dcr_buf_str(w->out, shown);
    else if (strchr(path, '/') != NULL)
        dcr_buf_fmt(w->out, "%s (%s)", a->keyword, shown);
    else
        dcr_buf_str(w->out, a->keyword);
}

/* All carriers of a concept that have a real value; how many. */
static size_t say_carriers(wording *w, size_t concept)
{
    const dcr_concept *c = &w->in->model->concepts[concept];
    size_t n = 0, left = 0;
    for (size_t i = 0; i < c->n_carriers; i++)
        left += w->in->model->carrier_present[concept][i];
    for (size_t i = 0; i < c->n_carriers; i++)
        if (w->in->model->carrier_present[concept][i]) {
            left--;
            n++;
            say_carrier(w, c->carriers[i], left == 0 ? " and " : ", ");
        }
    return n;
}

static size_t concept_named(const dcr_model *m, const char *id)
{
    for (size_t c = 0; c < m->n_concepts; c++)
        if (strcmp(m->concepts[c].id, id) == 0)
            return c;
    return SIZE_MAX;
}

/* The concept of birth dates when an age follows from them, SIZE_MAX otherwise. */
static size_t followed(const dcr_model *m, size_t concept)
{
    size_t birth = concept_named(m, "birth_date");
    return strcmp(m->concepts[concept].derive, "age") == 0 && birth != SIZE_MAX &&
                   m->carried[birth]
               ? birth
               : SIZE_MAX;
}

static bool all_stated(const dcr_model *m, size_t concept)
{
    const bool *stated = m->table.stated == NULL ? NULL : m->table.stated[concept];
    return stated == NULL || memchr(stated, 0, m->table.n_rows) == NULL;
}

/* "the age at the exam to steps of 5 years" */
static void say_what(wording *w, const dcr_whatif_part *p)
{
    const dcr_concept *c = &w->in->model->concepts[p->concept];
    if (strcmp(p->level, "*") == 0)
        dcr_buf_fmt(w->out, "leave out the %s", c->title);
    else
        dcr_buf_fmt(w->out, "generalise the %s to %s", c->title, level_words(p->level));
}

/* Every attribute that has to change for it. */
static void say_how(wording *w, const dcr_whatif_part *p)
{
    const dcr_model *m = w->in->model;
    const dcr_concept *c = &m->concepts[p->concept];
    size_t birth = followed(m, p->concept), n;
    bool gone = strcmp(p->level, "*") == 0;
    dcr_buf_str(w->out, gone ? "empty " : "in ");
    if (c->n_carriers == 0) /* of a table that was joined; the title names it */
        dcr_buf_str(w->out, "that column of the table");
    w->listed = 0;
    n = say_carriers(w, p->concept);
    if (n == 0 && !gone && c->n_carriers > 0)
        say_carrier(w, c->carriers[0], "");
    if (birth == SIZE_MAX)
        return;
    if (!gone && !all_stated(m, p->concept))
        dcr_buf_str(w->out, " (written where only the date of birth tells it)");
    dcr_buf_str(w->out, !gone ? ", and empty " : n > 0 ? " and " : "");
    w->listed = 0;
    say_carriers(w, birth);
    dcr_buf_str(w->out, ", from which it follows");
}

static json_t *phrase(const dcr_report_input *in, const dcr_names *names,
                      const dcr_whatif_change *c, bool what, bool how)
{
    dcr_buf text = {0};
    wording w = {in, names, &text, 0};
    json_t *s = NULL;
    for (size_t i = 0; i < c->n_parts; i++) {
        dcr_buf_str(&text, i == 0 ? "" : how ? "; and " : " and ");
        if (what)
            say_what(&w, &c->part[i]);
        if (what && how)
            dcr_buf_str(&text, strcmp(c->part[i].level, "*") == 0 ? ": " : " ");
        if (how)
            say_how(&w, &c->part[i]);
    }
    if (!text.failed && text.n > 0) {
        text.p[0] = (char)toupper((unsigned char)text.p[0]);
        s = json_string(text.p);
    }
    dcr_buf_clear(&text);
    return s;
}

/* The change as a sentence, and its two halves: what, and in which attributes. */
static json_t *words(const dcr_report_input *in, const dcr_names *names,
                     const dcr_whatif_change *c)
{
    return json_pack("{s:o, s:o, s:o}", "change", phrase(in, names, c, true, true),
                     "what", phrase(in, names, c, true, false), "how",
                     phrase(in, names, c, false, true));
}

/* ---- JSON ---- */

static bool reaches(const dcr_whatif_figures *f)
{
    return f->unmet == 0 && f->unmet_low == 0;
}

/* Figures that a step and a row of the table both have. */
static json_t *figures(const dcr_whatif *w, const dcr_whatif_change *c)
{
    const dcr_whatif_figures *from = &w->before, *to = &c->after;
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:b}", "k_min_before",
                     (json_int_t)from->k_min, "k_min_after", (json_int_t)to->k_min,
                     "unique_before", (json_int_t)from->unique, "unique_after",
                     (json_int_t)to->unique, "below_before", (json_int_t)from->below,
                     "below_after", (json_int_t)to->below, "bits_lost", c->bits_lost,
                     "reaches_target", (int)(reaches(to) && !c->fixed));
}

static json_t *low_figures(const dcr_whatif *w, const dcr_whatif_change *c)
{
    const dcr_whatif_figures *from = &w->before, *to = &c->after;
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:f}", "k_low_min_before",
        (json_int_t)from->k_low_min, "k_low_min_after", (json_int_t)to->k_low_min,
        "unique_low_before", (json_int_t)from->unique_low, "unique_low_after",
        (json_int_t)to->unique_low, "below_low_before", (json_int_t)from->below_low,
        "below_low_after", (json_int_t)to->below_low, "average_before", from->average,
        "average_after", to->average, "average_low_before", from->average_low,
        "average_low_after", to->average_low);
}

/* Adds the members of `more` (stolen, may be NULL after a failed allocation). */
static int add_members(json_t *o, json_t *more)
{
    int rc = o == NULL || more == NULL ? -1 : json_object_update(o, more);
    json_decref(more);
    return rc;
}

static json_t *part_json(const dcr_report_input *in, const dcr_whatif_part *p)
{
    return json_pack("{s:s, s:s}", "concept", in->model->concepts[p->concept].id, "level",
                     p->level);
}

static dcr_status put_table(json_t *doc, const dcr_report_input *in,
                            const dcr_names *names, const dcr_whatif *w, dcr_err *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i < w->n_single; i++) {
        const dcr_whatif_change *c = &w->single[i];
        size_t concept = c->part[0].concept;
        json_t *row = json_pack(
            "{s:s, s:s, s:s, s:s, s:f}", "concept", in->model->concepts[concept].id,
            "title", in->model->concepts[concept].title, "from", c->part[0].from, "level",
            c->part[0].level, "effect", c->effect);
        if (add_members(row, words(in, names, c)) != 0 ||
            add_members(row, figures(w, c)) != 0 ||
            add_members(row, low_figures(w, c)) != 0 ||
            (c->fixed &&
             json_object_set_new(
                 row, "note", json_string(dcr_rules_fixed(in->rules, concept))) != 0) ||
            json_array_append(list, row) != 0) {
            json_decref(row);
            json_decref(list);
            return dcr_nomem(err);
        }
        json_decref(row);
    }
    return dcr_put(doc, "whatif", list, err);
}

static dcr_status put_pairs(json_t *doc, const dcr_report_input *in,
                            const dcr_names *names, const dcr_whatif *w, dcr_err *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i < w->n_pairs && i < MOST_PAIRS; i++) {
        const dcr_whatif_change *c = &w->pair[i];
        json_t *row = json_pack("{s:[o, o], s:f}", "pair", part_json(in, &c->part[0]),
                                part_json(in, &c->part[1]), "effect", c->effect);
        if (add_members(row, words(in, names, c)) != 0 ||
            add_members(row, figures(w, c)) != 0 ||
            add_members(row, low_figures(w, c)) != 0 ||
            json_array_append(list, row) != 0) {
            json_decref(row);
            json_decref(list);
            return dcr_nomem(err);
        }
        json_decref(row);
    }
    return dcr_put(doc, "whatif_pairs", list, err);
}

/* ---- steps ---- */

/* The first target that was not met and that the change moves: by k(s), or where that
 * meets all of them, the criterion that k_low(s) must do so too. */
static bool step_criterion(const dcr_report_input *in, const asked *a,
                           const dcr_whatif *w, const dcr_whatif_change *c, json_t *step)
{
    const json_t *bounds = bounds_of(in);
    bool low = w->before.unmet == 0;
    for (size_t t = 0; t < a->ask.n_targets && !low; t++) {
        const dcr_target *x = &a->target[t];
        if (result_is(criterion_of(in, x->id), "pass") ||
            c->after.target[t] >= w->before.target[t])
            continue;
        json_object_set_new(step, "criterion", json_string(x->id));
        json_object_set_new(step, "before",
                            x->k == 0 ? json_real(w->before.target[t])
                                      : json_integer((json_int_t)w->before.target[t]));
        json_object_set_new(step, "after",
                            x->k == 0 ? json_real(c->after.target[t])
                                      : json_integer((json_int_t)c->after.target[t]));
        return true;
    }
    if (!low || bounds == NULL)
        return false;
    json_object_set(step, "criterion", json_object_get(bounds, "id"));
    json_object_set_new(step, "before", json_integer((json_int_t)w->before.unmet_low));
    json_object_set_new(step, "after", json_integer((json_int_t)c->after.unmet_low));
    return true;
}

static dcr_status add_step(json_t *steps, const dcr_report_input *in,
                           const dcr_names *names, const asked *a, const dcr_whatif *w,
                           const dcr_whatif_change *c, dcr_err *err)
{
    json_t *step = words(in, names, c);
    dcr_status rc = DCR_OK;
    if (step == NULL)
        return dcr_nomem(err);
    if (step_criterion(in, a, w, c, step)) {
        int bad =
            c->n_parts == 1
                ? add_members(step, part_json(in, &c->part[0]))
                : json_object_set_new(step, "pair",
                                      json_pack("[o, o]", part_json(in, &c->part[0]),
                                                part_json(in, &c->part[1])));
        bad = bad != 0 || add_members(step, figures(w, c)) != 0;
        if (bad || json_array_append(steps, step) != 0)
            rc = dcr_nomem(err);
    }
    json_decref(step);
    return rc;
}

/* A change that meets every target, of those not in `taken`, that loses least. */
static const dcr_whatif_change *least_loss(const dcr_whatif *w, const bool *taken)
{
    const dcr_whatif_change *best = NULL;
    for (size_t i = 0; i < w->n_single; i++) {
        const dcr_whatif_change *c = &w->single[i];
        if (!c->fixed && reaches(&c->after) && !taken[c->part[0].concept] &&
            (best == NULL || c->bits_lost < best->bits_lost))
            best = c;
    }
    return best;
}

/* One change of each concept, or none: those that suffice by themselves, else the most
 * effective ones per bit, and the pair that goes furthest. */
static dcr_status pick_steps(json_t *steps, const dcr_report_input *in,
                             const dcr_names *names, const asked *a, const dcr_whatif *w,
                             dcr_err *err)
{
    bool *taken = dcr_alloc(in->model->n_concepts, sizeof *taken);
    const dcr_whatif_change *c;
    dcr_status rc = taken == NULL ? dcr_nomem(err) : DCR_OK;
    size_t n = 0;
    double most = 0;
    while (rc == DCR_OK && n < MOST_REACHING && (c = least_loss(w, taken)) != NULL) {
        taken[c->part[0].concept] = true;
        rc = add_step(steps, in, names, a, w, c, err);
        n++;
    }
    for (size_t i = 0; n == 0 && i < w->n_single; i++)
        most =
            w->single[i].fixed || w->single[i].effect < most ? most : w->single[i].effect;
    if (rc == DCR_OK && n == 0) {
        for (size_t i = 0; i < w->n_single && rc == DCR_OK && n < MOST_SINGLE; i++) {
            c = &w->single[i];
            if (c->fixed || c->effect <= 0 || taken[c->part[0].concept])
                continue;
            taken[c->part[0].concept] = true;
            rc = add_step(steps, in, names, a, w, c, err);
            n++;
        }
        if (rc == DCR_OK && w->n_pairs > 0 &&
            (reaches(&w->pair[0].after) || w->pair[0].effect > most))
            rc = add_step(steps, in, names, a, w, &w->pair[0], err);
    }
    dcr_free(taken);
    return rc;
}

/* ---- one sentence ---- */

static json_t *note(const dcr_whatif *w)
{
    size_t n = 0;
    bool better = false;
    const dcr_whatif_change *pair = w->n_pairs > 0 ? &w->pair[0] : NULL;
    for (size_t i = 0; i < w->n_single; i++) {
        n += !w->single[i].fixed && reaches(&w->single[i].after);
        better = better || (!w->single[i].fixed && w->single[i].effect > 0);
    }
    if (n > 0)
        return json_sprintf("%zu of %zu %s would reach the policy's target, "
                            "each by itself; those that lose least come first.",
                            n, w->n_single,
                            dcr_plural((double)w->n_single, "single changes"));
    if (pair != NULL && reaches(&pair->after))
        return json_sprintf("No single change reaches the policy's target. A pair does: "
                            "of the %zu %s tried the one shown loses least.",
                            w->n_pairs, dcr_plural((double)w->n_pairs, "pairs"));
    if (pair != NULL && pair->effect > 0)
        return json_sprintf("No single change reaches the policy's target, nor does a "
                            "pair of the %zu tried: the best one leaves %u of %u %s "
                            "hidden among fewer than %u, and %u unique.",
                            w->n_pairs, pair->after.below, w->n_subjects,
                            dcr_plural(w->n_subjects, "patients"), w->k,
                            pair->after.unique);
    return json_string(better ? "No single change reaches the policy's target."
                              : "No change of a single fact, nor of a pair, brings the "
                                "policy's target nearer.");
}

static dcr_status put_all(json_t *doc, json_t *steps, const dcr_report_input *in,
                          const dcr_names *names, const asked *a, dcr_err *err)
{
    dcr_whatif *w = NULL;
    dcr_status rc = dcr_whatif_build(&w, in->gated, &a->ask, err);
    if (rc == DCR_OK)
        rc = pick_steps(steps, in, names, a, w, err);
    if (rc == DCR_OK)
        rc = put_table(doc, in, names, w, err);
    if (rc == DCR_OK)
        rc = put_pairs(doc, in, names, w, err);
    if (rc == DCR_OK)
        rc = dcr_put(doc, "whatif_note", note(w), err);
    dcr_whatif_free(w);
    return rc;
}

dcr_status dcr_report_whatif(json_t *doc, json_t *steps, const dcr_report_input *in,
                             const dcr_names *names, dcr_err *err)
{
    asked a = {0};
    dcr_status rc = DCR_OK;
    if (!in->gated->applies || in->gated->n_subjects == 0)
        return DCR_OK;
    rc = what_is_asked(&a, in, err);
    if (rc == DCR_OK && a.needed)
        rc = put_all(doc, steps, in, names, &a, err);
    else if (rc == DCR_OK)
        rc = dcr_put(doc, "whatif_note",
                     json_string("The policy's limits on small classes are met: no fact "
                                 "has to become coarser."),
                     err);
    dcr_free(a.fixed);
    return rc;
}
