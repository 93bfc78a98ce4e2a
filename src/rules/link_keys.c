/* The state of every link key of a dataset: what its values look like, what stands in
 * them, and what a list of originals proves. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "arena.h"
#include "buf.h"
#include "detect.h"
#include "link_judge.h"
#include "link_key.h"
#include "link_prove.h"
#include "plural.h"

static const char *const state_names[] = {"absent",      "unknown",    "replaced",
                                          "source-like", "recomputed", "proven-original"};

const char *dcr_link_state_name(dcr_link_state s)
{
    return state_names[s];
}

static bool usable(const dcr_value *v)
{
    return dcr_value_real(v) && dcr_value_text(v);
}

/* ---- one attribute ---- */

/* An attribute with, behind its values, the ends of the range of each sketched series:
 * first the smallest, then the largest. */
static dcr_status with_sketches(dcr_link_judge *j, const dcr_attr *a,
                                const dcr_attr **out, dcr_err *err)
{
    const dcr_model *m = j->model;
    size_t n = 0, at = a->n_values;
    dcr_attr *copy;
    dcr_value *v;
    *out = a;
    for (size_t i = 0; i < m->n_sketches; i++)
        n += m->sketches[i].attr == a;
    if (n == 0)
        return DCR_OK;
    copy = dcr_arena_alloc(&j->arena, 1, sizeof *copy);
    v = dcr_arena_alloc(&j->arena, a->n_values + 2 * n, sizeof *v);
    if (copy == NULL || v == NULL)
        return dcr_nomem(err);
    if (a->n_values > 0)
        memcpy(v, a->values, a->n_values * sizeof *v);
    for (size_t i = 0; i < m->n_sketches; i++) {
        const dcr_uid_sketch *s = &m->sketches[i];
        dcr_value one = {
            .subjects = 1, .studies = 1, .series = 1, .in_series = &s->series};
        if (s->attr != a)
            continue;
        v[at] = v[at + 1] = one;
        v[at].bytes = s->min, v[at].len = s->min_len;
        v[at + 1].bytes = s->max, v[at + 1].len = s->max_len;
        at += 2;
    }
    *copy = *a;
    copy->values = v;
    copy->n_values = at;
    *out = copy;
    return DCR_OK;
}

static dcr_status new_key(dcr_link_judge *j, const dcr_attr *a, bool uid, dcr_err *err)
{
    dcr_link_judged *k = &j->judged[j->keys.n];
    dcr_link_key *out = &j->list[j->keys.n];
    const dcr_attr *seen;
    dcr_status st = with_sketches(j, a, &seen, err);
    if (st != DCR_OK)
        return st;
    k->state = dcr_arena_alloc(&j->arena, seen->n_values, sizeof *k->state);
    k->clock_kind = dcr_arena_alloc(&j->arena, seen->n_values, sizeof *k->clock_kind);
    k->scheme = dcr_arena_alloc(&j->arena, seen->n_values, sizeof *k->scheme);
    k->shifted = dcr_arena_alloc(&j->arena, seen->n_values, sizeof *k->shifted);
    if (k->shifted == NULL || k->state == NULL || k->clock_kind == NULL ||
        k->scheme == NULL)
        return dcr_nomem(err);
    *out = (dcr_link_key){.attr = a,
                          .seen = seen,
                          .uid = uid,
                          .scheme = "",
                          .scheme_title = "",
                          .value_state = k->state,
                          .value_scheme = k->scheme,
                          .detail = ""};
    j->keys.n++;
    return DCR_OK;
}

static dcr_status judge_ids(const dcr_link_judge *j, dcr_link_judged *k,
                            const dcr_attr *a, dcr_err *err)
{
    dcr_link_state *state = dcr_alloc(a->n_values, sizeof *state);
    if (state == NULL)
        return dcr_nomem(err);
    dcr_link_ids(a, dcr_link_id_digits(j->rules, a), state);
    for (size_t i = 0; i < a->n_values; i++)
        k->state[i] = (uint8_t)state[i];
    dcr_free(state);
    return DCR_OK;
}

/* They are asked for by several: looked up once. */
static dcr_status find_roots(dcr_link_judge *j, dcr_link_judged *k, const dcr_attr *a,
                             dcr_err *err)
{
    k->root = dcr_arena_alloc(&j->arena, a->n_values, sizeof *k->root);
    for (size_t i = 0; k->root != NULL && i < a->n_values; i++)
        if (usable(&a->values[i]))
            k->root[i] =
                dcr_rules_uid_root(j->rules, a->values[i].bytes, a->values[i].len);
    return k->root == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status judge_uids(dcr_link_judge *j, dcr_link_judged *k, const dcr_attr *a,
                             dcr_err *err)
{
    dcr_status st = find_roots(j, k, a, err);
    if (st == DCR_OK)
        st = dcr_uid_clocks(j->rules, j->model, a, k->root, j->series_day, k->clock_kind,
                            k->shifted, &k->clock, err);
    if (st == DCR_OK)
        st = dcr_link_serials(j, k, a, err);
    for (size_t i = 0; st == DCR_OK && i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        if (!usable(v))
            continue;
        k->state[i] = (uint8_t)dcr_link_uid(k->root[i], v->bytes, v->len);
        k->vendor += k->state[i] == DCR_LINK_SOURCE_LIKE;
        if (k->state[i] == DCR_LINK_ABSENT)
            continue;
        if ((k->clock_kind[i] != DCR_CLOCK_NONE && !k->clock.processing) ||
            (k->has_serial != NULL && k->has_serial[i]))
            k->state[i] = DCR_LINK_SOURCE_LIKE;
    }
    return st;
}

static bool open_value(const dcr_link_judged *k, size_t i)
{
    return k->state[i] == DCR_LINK_UNKNOWN || k->state[i] == DCR_LINK_REPLACED;
}

/* Do all but `allowed` of the values that tell nothing else look like this scheme's? */
static bool nearly_all_look(const dcr_scheme *s, const dcr_link_judged *k,
                            const dcr_attr *a, uint64_t allowed)
{
    uint64_t misses = 0, looks = 0;
    for (size_t i = 0; i < a->n_values && misses <= allowed; i++) {
        if (!open_value(k, i))
            continue;
        if (dcr_scheme_looks(s, a->values[i].bytes, a->values[i].len))
            looks++;
        else
            misses++;
    }
    return looks > 0 && misses <= allowed;
}

/* Values that look like the output of a scheme: only where nearly all do, since some
 * random number looks like anything. */
static void see_shapes(const dcr_link_judge *j, dcr_link_judged *k, const dcr_attr *a,
                       bool uid)
{
    const dcr_link_rules *l = j->rules->links;
    uint64_t open = 0;
    size_t s = 0;
    for (size_t i = 0; i < a->n_values; i++)
        open += open_value(k, i);
    open = open * (100 - l->clock.share) / 100;
    while (s < l->n_schemes &&
           (l->schemes[s].is_uid != uid || !nearly_all_look(&l->schemes[s], k, a, open)))
        s++;
    for (size_t i = 0; s < l->n_schemes && i < a->n_values; i++) {
        const dcr_value *v = &a->values[i];
        if (open_value(k, i) && dcr_scheme_looks(&l->schemes[s], v->bytes, v->len)) {
            k->scheme[i] = (int16_t)(s + 1);
            k->state[i] = DCR_LINK_REPLACED;
        }
    }
}

static dcr_status judge(dcr_link_judge *j, const dcr_attr *a, bool uid, dcr_err *err)
{
    size_t at = j->keys.n;
    dcr_status st = new_key(j, a, uid, err);
    dcr_link_judged *k = &j->judged[at];
    const dcr_attr *seen = j->list[at].seen;
    if (st == DCR_OK)
        st = uid ? judge_uids(j, k, seen, err) : judge_ids(j, k, seen, err);
    if (st == DCR_OK)
        see_shapes(j, k, seen, uid);
    return st;
}

/* ---- together ---- */

static dcr_status prove(dcr_link_judge *j, const dcr_originals *o, dcr_err *err)
{
    size_t n = j->keys.n;
    dcr_provable *p = dcr_alloc(n, sizeof *p);
    dcr_status st;
    if (p == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < n; i++)
        p[i] = (dcr_provable){j->list[i].attr, j->list[i].seen, j->list[i].uid,
                              j->judged[i].state, j->judged[i].scheme};
    st = dcr_link_prove(j->rules, j->model, o, p, n, err);
    dcr_free(p);
    return st;
}

/* The scheme of most values; of several with as many, the first. */
static void common_scheme(const dcr_link_judge *j, dcr_link_key *k, uint64_t *count)
{
    size_t n = j->rules->links->n_schemes, best = 0;
    for (size_t i = 0; i <= n; i++)
        count[i] = 0;
    for (size_t i = 0; i < k->seen->n_values; i++)
        count[k->value_scheme[i]]++;
    for (size_t i = 1; i <= n; i++)
        if (count[i] > 0 && (best == 0 || count[i] > count[best]))
            best = i;
    if (best == 0)
        return;
    k->scheme = j->rules->links->schemes[best - 1].id;
    k->scheme_title = j->rules->links->schemes[best - 1].title;
}

/* Proven when any value is; otherwise what most values are, the worse of two. */
static void sum_up(dcr_link_key *k)
{
    k->state = DCR_LINK_ABSENT;
    for (size_t i = 0; i < k->seen->n_values; i++)
        k->in_state[k->value_state[i]]++;
    for (int s = DCR_LINK_UNKNOWN; s < DCR_LINK_N; s++) {
        k->values += k->in_state[s];
        if (k->in_state[s] > 0 &&
            (s >= DCR_LINK_RECOMPUTED || k->in_state[s] >= k->in_state[k->state] ||
             k->state == DCR_LINK_ABSENT))
            k->state = (dcr_link_state)s;
    }
}

/* "3 of 12 clocks show the day of the study" */
static void say(dcr_buf *b, uint64_t n, uint64_t of, const char *nouns, const char *verb,
                const char *what)
{
    if (n > 0)
        dcr_buf_fmt(b, "%s%llu of %llu %s %s %s", b->n > 0 ? "; " : "",
                    (unsigned long long)n, (unsigned long long)of,
                    dcr_plural((double)of, nouns), dcr_plural((double)n, verb), what);
}

static dcr_status describe(dcr_link_judge *j, size_t i, dcr_err *err)
{
    dcr_link_key *k = &j->list[i];
    const dcr_link_judged *d = &j->judged[i];
    const dcr_uid_clock *c = &d->clock;
    dcr_buf b = {0};
    say(&b, k->in_state[DCR_LINK_PROVEN], k->values, "values", "are", "originals");
    say(&b, k->in_state[DCR_LINK_RECOMPUTED], k->values, "values", "are",
        "recomputed from originals");
    say(&b, d->vendor, k->values, "values", "stand", "under a scanner maker's root");
    say(&b, d->serials, k->values, "values", "hold", "the device's serial number");
    say(&b, c->values, k->values, "values", "hold",
        c->processing ? "a clock, of one month while studies span a year or more"
                      : "a clock");
    say(&b, c->same_day, c->compared, "clocks", "show", "the day of the study");
    if (c->shifted_subjects > 0)
        dcr_buf_fmt(&b, "; in %u %s clock and study date differ by one constant",
                    c->shifted_subjects, dcr_plural(c->shifted_subjects, "patients"));
    say(&b, c->addresses, c->values, "clocks", "come", "with a network card's address");
    k->detail = b.failed ? NULL : dcr_arena_str(&j->arena, b.n > 0 ? b.p : "");
    dcr_buf_clear(&b);
    return k->detail == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status judge_all(dcr_link_judge *j, const dcr_originals *o, dcr_err *err)
{
    const dcr_model *m = j->model;
    uint64_t *count = dcr_alloc(j->rules->links->n_schemes + 1, sizeof *count);
    dcr_status st = count == NULL ? dcr_nomem(err) : DCR_OK;
    if (st == DCR_OK)
        st = dcr_series_days(m, &j->series_day, err);
    for (size_t i = 0; st == DCR_OK && i < m->n_attrs; i++) {
        bool uid = dcr_link_is_uid(&m->attrs[i]);
        if (uid || dcr_link_id_digits(j->rules, &m->attrs[i]) > 0)
            st = judge(j, &m->attrs[i], uid, err);
    }
    if (st == DCR_OK && o != NULL)
        st = prove(j, o, err);
    for (size_t i = 0; st == DCR_OK && i < j->keys.n; i++) {
        sum_up(&j->list[i]);
        common_scheme(j, &j->list[i], count);
        st = describe(j, i, err);
    }
    dcr_free(count);
    return st;
}

dcr_status dcr_link_keys_build(dcr_link_keys **out, const dcr_rules *r,
                               const dcr_model *m, const dcr_originals *originals,
                               dcr_err *err)
{
    dcr_link_judge *j = dcr_alloc(1, sizeof *j);
    dcr_status st = j == NULL ? dcr_nomem(err) : DCR_OK;
    *out = NULL;
    if (st != DCR_OK)
        return st;
    j->rules = r;
    j->model = m;
    j->keys.owner = j;
    j->keys.originals = dcr_originals_count(originals);
    j->list = dcr_arena_alloc(&j->arena, m->n_attrs, sizeof *j->list);
    j->judged = dcr_arena_alloc(&j->arena, m->n_attrs, sizeof *j->judged);
    j->keys.list = j->list;
    st = j->list == NULL || j->judged == NULL ? dcr_nomem(err)
                                              : judge_all(j, originals, err);
    if (st == DCR_OK)
        *out = &j->keys;
    else
        dcr_link_keys_free(&j->keys);
    return st;
}

void dcr_link_keys_free(dcr_link_keys *k)
{
    dcr_link_judge *j = k == NULL ? NULL : k->owner;
    if (j == NULL)
        return;
    dcr_free(j->series_day);
    dcr_arena_clear(&j->arena);
    dcr_free(j);
}

const dcr_link_key *dcr_link_key_of(const dcr_link_keys *k, const char *path)
{
    size_t lo = 0, hi = k == NULL ? 0 : k->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = strcmp(k->list[mid].attr->path, path);
        if (c == 0)
            return &k->list[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

const dcr_link_judged *dcr_link_judged_of(const dcr_link_keys *k, size_t i)
{
    const dcr_link_judge *j = k->owner;
    return &j->judged[i];
}
