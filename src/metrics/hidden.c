/* Hidden identifiers: what every attribute follows. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "hash.h"
#include "hidden_impl.h"

enum { SITE, DEVICE, DAY, MONTH, SUBJECT, N_QUESTIONS, PAIRS_PER_GROUP = 50 };

static const dcr_hidden_verdict answers[N_QUESTIONS] = {
    DCR_HIDDEN_SITE, DCR_HIDDEN_DEVICE, DCR_HIDDEN_DATE, DCR_HIDDEN_DATE,
    DCR_HIDDEN_SUBJECT};

typedef struct figures { /* of one question */
    double p;
    uint32_t pairs, agree;
    dcr_sharing sharing;
    bool effect; /* as large as it has to be, if it is not chance */
} figures;

typedef struct look { /* one attribute */
    figures f[N_QUESTIONS];
    bool tested, refuted; /* refuted: it does not identify the subject */
    const char *note;
} look;

typedef struct search {
    dcr_sample s;
    dcr_hidden *h;
    dcr_arena *arena;
    uint32_t *rep, *value; /* of the attribute in hand: by visit; by subject or group */
    bool *mixed;
    uint32_t *count;             /* by value */
    uint32_t *by_label[SUBJECT]; /* visits by label, then chance */
    uint32_t *first, *last;      /* by subject: visit + 1 */
    dcr_deal *deal;              /* n_visits */
    look *looks;                 /* n_attrs */
} search;

static const char *const names[DCR_HIDDEN_N] = {
    [DCR_HIDDEN_NONE] = "none",
    [DCR_HIDDEN_SUBJECT] = "identifies-subject",
    [DCR_HIDDEN_DATE] = "follows-date",
    [DCR_HIDDEN_SITE] = "follows-site",
    [DCR_HIDDEN_DEVICE] = "follows-device",
    [DCR_HIDDEN_CANNOT_TELL] = "cannot-tell",
};

const char *dcr_hidden_name(dcr_hidden_verdict v)
{
    return (size_t)v < DCR_HIDDEN_N ? names[v] : names[DCR_HIDDEN_NONE];
}

static bool share(uint32_t part, uint32_t whole, uint32_t percent)
{
    return whole > 0 && (uint64_t)part * 100 >= (uint64_t)whole * percent;
}

/* ---- one way of grouping visits: sites, devices, days, months ---- */

/* Reads off, group by group, a value (that of its first visit) and pairs of visits of
 * different subjects.  Returns the number of pairs, which are put in s->deal. */
static size_t read_groups(search *s, int question, size_t *n_groups)
{
    const uint64_t *label = s->s.label[question];
    uint32_t held = UINT32_MAX, in_group = 0;
    uint64_t group = 0;
    size_t n = 0;
    *n_groups = 0;
    for (uint32_t i = 0; i < s->s.n_visits; i++) {
        uint32_t v = s->by_label[question][i];
        if (label[v] == 0 || s->rep[v] == 0)
            continue;
        if (*n_groups == 0 || label[v] != group) {
            group = label[v];
            s->value[(*n_groups)++] = s->rep[v];
            held = UINT32_MAX;
            in_group = 0;
        }
        if (held == UINT32_MAX || s->s.visit_subject[held] == s->s.visit_subject[v]) {
            held = v;
        } else if (in_group < PAIRS_PER_GROUP) {
            s->deal[n++] =
                (dcr_deal){0, s->s.order[v], DCR_NO_DAY, s->rep[held], s->rep[v], true};
            held = UINT32_MAX;
            in_group++;
        }
    }
    return n;
}

static dcr_status ask_group(search *s, int question, uint64_t seed, figures *f,
                            dcr_err *err)
{
    const dcr_hidden_params *p = s->s.p;
    size_t n_groups, n = read_groups(s, question, &n_groups);
    uint32_t least = question >= DAY ? p->min_days : p->min_places;
    f->p = 1;
    dcr_sharing_get(s->value, n_groups, s->count, &f->sharing);
    for (size_t i = 0; i < n; i++)
        f->agree += s->deal[i].a == s->deal[i].b;
    f->pairs = (uint32_t)n;
    f->effect = n_groups >= least && n >= p->min_subjects &&
                share(f->agree, f->pairs, p->min_follow) &&
                share(f->sharing.unique, f->sharing.n, p->min_unique);
    if (!f->effect)
        return DCR_OK;
    f->p = dcr_deal_test(p, s->deal, n, seed, &f->agree, &f->pairs);
    return f->p < 0 ? dcr_nomem(err) : DCR_OK;
}

/* ---- the subject ---- */

static void first_and_last(search *s)
{
    for (uint32_t i = 0; i < s->s.n_subjects; i++) {
        s->first[i] = s->last[i] = 0;
        for (uint32_t v = s->s.first_visit[i]; v < s->s.first_visit[i + 1]; v++) {
            if (s->rep[v] == 0)
                continue;
            s->first[i] = s->first[i] == 0 ? v + 1 : s->first[i];
            s->last[i] = v + 1;
        }
        s->value[i] = s->first[i] == 0 ? 0 : s->rep[s->first[i] - 1];
    }
}

/* Up to three values that very many subjects share say "nothing here" in the words of
 * their site: they count as no value, unless hardly anything would remain. */
static void drop_fillers(search *s)
{
    uint32_t filler[3] = {0}, size[3] = {0}, n = 0, gone = 0;
    uint32_t least;
    for (uint32_t i = 0; i < s->s.n_subjects; i++)
        if (s->value[i] != 0) {
            s->count[s->value[i]]++;
            n++;
        }
    least = (uint32_t)((uint64_t)n * s->s.p->filler / 100);
    least = least < 3 ? 3 : least;
    for (uint32_t i = 0; i < s->s.n_subjects; i++) {
        uint32_t v = s->value[i], c = s->count[v], at = 3;
        s->count[v] = 0; /* each value once */
        while (at > 0 && c >= least && v != 0 && c > size[at - 1])
            at--;
        for (uint32_t k = 2; at < 3 && k > at; k--) {
            filler[k] = filler[k - 1];
            size[k] = size[k - 1];
        }
        if (at < 3) {
            filler[at] = v;
            size[at] = c;
        }
    }
    gone = size[0] + size[1] + size[2];
    if (gone == 0 || gone > n / 2)
        return;
    for (uint32_t v = 0; v < s->s.n_visits; v++)
        for (int k = 0; k < 3; k++)
            if (filler[k] != 0 && s->rep[v] == filler[k])
                s->rep[v] = 0;
    first_and_last(s);
}

static uint32_t count_pairs(const search *s, uint32_t *agree)
{
    uint32_t n = 0;
    *agree = 0;
    for (uint32_t i = 0; i < s->s.n_subjects; i++)
        if (s->first[i] != s->last[i]) {
            n++;
            *agree += s->rep[s->first[i] - 1] == s->rep[s->last[i] - 1];
        }
    return n;
}

/* The last visit of everybody, and whether its value is that of the first. */
static size_t subject_deals(search *s)
{
    size_t n = 0;
    for (uint32_t i = 0; i < s->s.n_subjects; i++) {
        uint32_t a = s->first[i], b = s->last[i];
        if (b == 0)
            continue;
        s->deal[n++] = (dcr_deal){.stratum = s->s.stratum[b - 1],
                                  .order = s->s.order[b - 1],
                                  .day = s->s.day[b - 1],
                                  .a = a == b ? 0 : s->rep[a - 1],
                                  .b = s->rep[b - 1],
                                  .cross = s->s.stratum[a - 1] != s->s.stratum[b - 1]};
    }
    return n;
}

static const char few_repeated[] =
    "too few subjects have two visits with a value that can be compared";
static const char few_people[] =
    "too few subjects have a value to tell an identifier from a measurement";
static const char not_beyond[] = "agreement within subjects is not beyond chance";

static dcr_status ask_subject(search *s, uint64_t seed, look *l, dcr_err *err)
{
    const dcr_hidden_params *p = s->s.p;
    figures *f = &l->f[SUBJECT];
    double pairs, mean;
    bool rare;
    first_and_last(s);
    drop_fillers(s);
    f->p = 1;
    f->pairs = count_pairs(s, &f->agree);
    dcr_sharing_get(s->value, s->s.n_subjects, s->count, &f->sharing);
    pairs = (double)f->sharing.n * ((double)f->sharing.n - 1) / 2;
    mean = pairs / p->effective_values; /* shared pairs, were it a characteristic */
    rare = share(f->sharing.unique, f->sharing.n, p->min_unique) &&
           mean > 0 && /* of one subject there is no pair */
           gsl_cdf_poisson_P((unsigned)fmin(f->sharing.shared, 4e9), mean) <= p->alpha;
    l->refuted = f->sharing.distinct < 2 ||
                 (mean > 0 && f->sharing.shared > mean && /* P(X >= shared) */
                  gsl_cdf_poisson_Q((unsigned)fmin(f->sharing.shared, 4e9) - 1, mean) <=
                      p->alpha) ||
                 gsl_cdf_binomial_P(f->sharing.unique, p->min_unique / 100.0,
                                    f->sharing.n) <= p->alpha ||
                 (f->pairs > 0 && gsl_cdf_binomial_P(f->agree, p->min_constant / 100.0,
                                                     f->pairs) <= p->alpha);
    l->note = f->pairs < p->min_subjects ? few_repeated : rare ? not_beyond : few_people;
    if (l->refuted || !rare || f->pairs < p->min_subjects ||
        !share(f->agree, f->pairs, p->min_constant))
        return DCR_OK;
    f->p = dcr_deal_test(p, s->deal, subject_deals(s), seed, &f->agree, &f->pairs);
    if (f->pairs < p->min_subjects)
        l->note = few_repeated;
    f->effect = f->pairs >= p->min_subjects && share(f->agree, f->pairs, p->min_constant);
    return f->p < 0 ? dcr_nomem(err) : DCR_OK;
}

/* ---- one attribute ---- */

static dcr_status ask_all(search *s, const dcr_attr *a, look *l, dcr_err *err)
{
    uint64_t seed = dcr_hash64(a->path, strlen(a->path));
    dcr_status rc = DCR_OK;
    for (int q = SITE; q < SUBJECT && rc == DCR_OK; q++)
        rc = ask_group(s, q, seed + (uint64_t)q, &l->f[q], err);
    /* Last: it drops fillers from the values. */
    return rc == DCR_OK ? ask_subject(s, seed + SUBJECT, l, err) : rc;
}

/* Carries no concept, and its values are not made to be references. */
static bool may_carry(const dcr_attr *a)
{
    return a->concept < 0 && !a->is_meta && strcmp(a->vr, "UI") != 0 &&
           strcmp(a->path, "0010,0020") != 0;
}

static dcr_status look_at(search *s, dcr_carrier_search *c, size_t at, dcr_err *err)
{
    const dcr_attr *a = &s->s.m->attrs[at];
    look *l = &s->looks[at];
    dcr_status rc = DCR_OK;
    for (int q = 0; q < N_QUESTIONS; q++)
        l->f[q].p = 1;
    l->note = "";
    l->refuted = true;
    if (!a->exact || a->distinct < 2)
        return DCR_OK;
    l->tested = true;
    dcr_sample_read(&s->s, a, s->rep, s->mixed);
    if (may_carry(a))
        rc = dcr_carriers_try(c, a, s->rep, s->mixed, err);
    return rc == DCR_OK ? ask_all(s, a, l, err) : rc;
}

/* ---- verdicts ---- */

static dcr_status false_discoveries(search *s, double *q, dcr_err *err)
{
    size_t n = s->h->n_attrs, m = 0;
    double *p = dcr_alloc(n, sizeof *p), *adjusted = dcr_alloc(n, sizeof *adjusted);
    dcr_status rc = p == NULL || adjusted == NULL ? dcr_nomem(err) : DCR_OK;
    for (int k = 0; k < N_QUESTIONS && rc == DCR_OK; k++) {
        m = 0;
        for (size_t i = 0; i < n; i++)
            if (s->looks[i].tested)
                p[m++] = s->looks[i].f[k].p;
        rc = dcr_hidden_fdr(p, adjusted, m, err);
        m = 0;
        for (size_t i = 0; i < n && rc == DCR_OK; i++)
            q[i * N_QUESTIONS + (size_t)k] = s->looks[i].tested ? adjusted[m++] : 1;
    }
    s->h->tested = (uint32_t)m;
    dcr_free(p);
    dcr_free(adjusted);
    return rc;
}

static void fill(dcr_hidden_attr *out, const look *l, int question, double q)
{
    const figures *f = &l->f[question];
    out->p = f->p;
    out->q = q;
    out->subjects = f->pairs;
    out->agree = f->agree;
    out->people = f->sharing.n;
    out->distinct = f->sharing.distinct;
}

/* What explains it more simply comes first: a site before its devices, and both before
 * the people who were there. */
static void judge(search *s, size_t at, const double *q)
{
    const dcr_attr *a = &s->s.m->attrs[at];
    const look *l = &s->looks[at];
    dcr_hidden_attr *out = &s->h->attrs[at];
    out->note = "";
    fill(out, l, SUBJECT, q[SUBJECT]);
    for (int k = SITE; k < N_QUESTIONS; k++) {
        if (!l->tested || !l->f[k].effect || q[k] > s->h->params.q)
            continue;
        fill(out, l, k, q[k]);
        out->verdict = answers[k];
        out->note = k == MONTH ? "the month" : k == DAY ? "the day" : "";
        return;
    }
    if (!a->exact) {
        out->verdict = DCR_HIDDEN_CANNOT_TELL;
        out->note = "its values were rolled up in the scan file: not examined";
    } else if (l->tested && !l->refuted) {
        out->verdict = DCR_HIDDEN_CANNOT_TELL;
        out->note = l->note;
    }
}

static bool same_bytes(const dcr_value *a, const dcr_value *b)
{
    uint32_t n = a->len, m = b->len;
    while (n > 0 && a->bytes[n - 1] == ' ')
        n--;
    while (m > 0 && b->bytes[m - 1] == ' ')
        m--;
    return n == m && memcmp(a->bytes, b->bytes, n) == 0;
}

/* Says the PatientID over again: then the rules for PatientID have judged it. */
static void compare_with_key(search *s)
{
    const dcr_attr *key = dcr_model_attr(s->s.m, "0010,0020");
    uint32_t *rep = s->value; /* n_visits long */
    if (key == NULL)
        return;
    dcr_sample_read(&s->s, key, rep, NULL);
    for (size_t i = 0; i < s->h->n_attrs; i++) {
        const dcr_attr *a = &s->s.m->attrs[i];
        uint32_t both = 0, same = 0;
        if (s->h->attrs[i].verdict != DCR_HIDDEN_SUBJECT || a == key)
            continue;
        dcr_sample_read(&s->s, a, s->rep, NULL);
        for (uint32_t v = 0; v < s->s.n_visits; v++)
            if (rep[v] != 0 && s->rep[v] != 0) {
                both++;
                same += same_bytes(&key->values[rep[v] - 1], &a->values[s->rep[v] - 1]);
            }
        s->h->attrs[i].repeats_key = both > 0 && share(same, both, 95);
    }
}

/* ---- the whole ---- */

static const uint64_t *sorting_label, *sorting_order; /* qsort has no context */

static int by_label(const void *pa, const void *pb)
{
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    if (sorting_label[a] != sorting_label[b])
        return sorting_label[a] < sorting_label[b] ? -1 : 1;
    return (sorting_order[a] > sorting_order[b]) - (sorting_order[a] < sorting_order[b]);
}

static dcr_status begin(search *s, dcr_err *err)
{
    const dcr_model *m = s->s.m;
    size_t n = s->s.n_visits > s->s.n_subjects ? s->s.n_visits : s->s.n_subjects;
    size_t most = 0;
    bool room;
    for (size_t i = 0; i < m->n_attrs; i++)
        most = m->attrs[i].n_values > most ? m->attrs[i].n_values : most;
    s->rep = dcr_alloc(n, sizeof *s->rep);
    s->value = dcr_alloc(n, sizeof *s->value);
    s->mixed = dcr_alloc(n, sizeof *s->mixed);
    s->count = dcr_alloc(most + 1, sizeof *s->count);
    s->first = dcr_alloc(n, sizeof *s->first);
    s->last = dcr_alloc(n, sizeof *s->last);
    s->deal = dcr_alloc(n, sizeof *s->deal);
    s->looks = dcr_alloc(m->n_attrs, sizeof *s->looks);
    room = s->rep != NULL && s->value != NULL && s->mixed != NULL && s->count != NULL &&
           s->first != NULL && s->last != NULL && s->deal != NULL && s->looks != NULL;
    for (int q = SITE; q < SUBJECT && room; q++) {
        s->by_label[q] = dcr_alloc(n, sizeof **s->by_label);
        room = s->by_label[q] != NULL;
        for (uint32_t v = 0; room && v < s->s.n_visits; v++)
            s->by_label[q][v] = v;
        sorting_label = s->s.label[q];
        sorting_order = s->s.order;
        if (room && s->s.n_visits > 0)
            qsort(s->by_label[q], s->s.n_visits, sizeof **s->by_label, by_label);
    }
    return room ? DCR_OK : dcr_nomem(err);
}

static void search_clear(search *s)
{
    dcr_free(s->rep);
    dcr_free(s->value);
    dcr_free(s->mixed);
    dcr_free(s->count);
    dcr_free(s->first);
    dcr_free(s->last);
    dcr_free(s->deal);
    dcr_free(s->looks);
    for (int q = SITE; q < SUBJECT; q++)
        dcr_free(s->by_label[q]);
    dcr_sample_clear(&s->s);
}

static dcr_status run(search *s, dcr_err *err)
{
    dcr_hidden *h = s->h;
    dcr_carrier_search c = {0};
    double *q = dcr_alloc(h->n_attrs, N_QUESTIONS * sizeof *q);
    dcr_status rc = q == NULL ? dcr_nomem(err) : begin(s, err);
    if (rc == DCR_OK)
        rc = dcr_carriers_begin(&c, &s->s, h, s->arena, s->rep, err);
    for (size_t i = 0; i < h->n_attrs && rc == DCR_OK; i++)
        rc = look_at(s, &c, i, err);
    if (rc == DCR_OK)
        rc = false_discoveries(s, q, err);
    for (size_t i = 0; i < h->n_attrs && rc == DCR_OK; i++)
        judge(s, i, q + i * N_QUESTIONS);
    if (rc == DCR_OK)
        compare_with_key(s);
    dcr_carriers_end(&c);
    dcr_free(q);
    return rc;
}

dcr_status dcr_hidden_search(dcr_hidden **out, const dcr_model *m,
                             const dcr_hidden_params *params, dcr_err *err)
{
    search s = {0};
    dcr_hidden *h = dcr_alloc(1, sizeof *h);
    dcr_status rc;
    *out = NULL;
    s.arena = dcr_alloc(1, sizeof *s.arena);
    if (h == NULL || s.arena == NULL) {
        dcr_free(h);
        dcr_free(s.arena);
        return dcr_nomem(err);
    }
    h->owner = s.arena;
    h->params = *params;
    h->n_attrs = m->n_attrs;
    s.h = h;
    h->attrs = dcr_arena_alloc(s.arena, m->n_attrs, sizeof *h->attrs);
    rc = h->attrs == NULL ? dcr_nomem(err) : dcr_sample_make(&s.s, m, &h->params, err);
    h->sampled = s.s.n_subjects;
    h->repeated = s.s.n_repeated;
    if (rc == DCR_OK)
        rc = run(&s, err);
    search_clear(&s);
    if (rc == DCR_OK)
        *out = h;
    else
        dcr_hidden_free(h);
    return rc;
}

void dcr_hidden_free(dcr_hidden *h)
{
    if (h == NULL)
        return;
    dcr_free(h->carriers);
    dcr_arena_clear(h->owner);
    dcr_free(h->owner);
    dcr_free(h);
}
