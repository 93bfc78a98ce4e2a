/* Keys with missing values that match everything: METRICS.md 1.1, alpha = 1.
 *
 * Two keys match when every variable is equal, or missing in either.  Keys are put
 * together by the set of variables that they have.  For the keys of one set A, all sets B
 * that have the same variables in common with A are one step: the keys of A and of those
 * B are grouped by the common variables, and what shares a group matches.  That is one
 * pass over all keys for each set, not for each key. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "tab.h"

static const uint64_t refs_max = 100000000u;

typedef struct key {
    uint64_t has; /* variables that are not missing */
    uint32_t group, row;
} key;

typedef struct match {
    const dcr_frame *f;
    const dcr_groups *g;
    key *key; /* by `has`, then by group */
    uint32_t n;
    uint32_t *fk;              /* by group: what is asked for */
    dcr_weight_sum *sum, *own; /* by group; NULL: no weights */
    /* One step. */
    uint32_t *list; /* places in key: those of A first */
    size_t n_list, n_a;
    uint32_t **code; /* n_columns: codes of the list */
    /* With subjects: those of each group, and for each key of A what it matches. */
    uint32_t *subject, *subject_start; /* by group */
    double *weight;                    /* by subject */
    uint32_t *head;                    /* by place within A: 1 + its last reference */
    struct reference {
        uint32_t group, next;
    } * reference;
    size_t n_refs, cap_refs;
    uint32_t *stamp; /* by subject: 1 + the key that counted it last */
} match;

static int by_set(const void *a, const void *b)
{
    const key *x = a, *y = b;
    if (x->has != y->has)
        return x->has < y->has ? -1 : 1;
    return (x->group > y->group) - (x->group < y->group);
}

static dcr_status make_keys(match *m, dcr_err *err)
{
    m->key = dcr_alloc(m->n, sizeof *m->key);
    if (m->key == NULL)
        return dcr_nomem(err);
    for (size_t i = 0, next = 0; i < m->f->n_rows; i++) {
        key *k = &m->key[m->g->group_of[i]];
        if (m->g->group_of[i] != next)
            continue;
        *k = (key){0, (uint32_t)next++, (uint32_t)i};
        for (size_t c = 0; c < m->f->n_columns; c++)
            k->has |= (uint64_t)(m->f->code[c][i] != 0) << c;
    }
    qsort(m->key, m->n, sizeof *m->key, by_set);
    return DCR_OK;
}

/* Distinct subjects of each group. */
static dcr_status make_subjects(match *m, dcr_err *err)
{
    const dcr_frame *f = m->f;
    uint32_t *at = NULL;
    dcr_groups pairs;
    const uint32_t *const column[] = {m->g->group_of, f->subject};
    const uint32_t n_codes[] = {m->n, f->n_subjects};
    dcr_frame two = {.n_rows = f->n_rows,
                     .n_columns = 2,
                     .code = column,
                     .n_codes = n_codes,
                     .n_subjects = (uint32_t)f->n_rows};
    dcr_status rc = dcr_groups_build(&pairs, &two, 3, err);
    if (rc != DCR_OK)
        return rc;
    m->subject = dcr_alloc(pairs.n_groups, sizeof *m->subject);
    m->subject_start = dcr_alloc((size_t)m->n + 1, sizeof *m->subject_start);
    m->stamp = dcr_alloc(f->n_subjects, sizeof *m->stamp);
    m->weight = f->weight == NULL ? NULL : dcr_alloc(f->n_subjects, sizeof *m->weight);
    at = dcr_alloc(m->n, sizeof *at);
    if (m->subject == NULL || m->subject_start == NULL || m->stamp == NULL ||
        (f->weight != NULL && m->weight == NULL) || at == NULL)
        rc = dcr_nomem(err);
    for (uint32_t g = 0; g < m->n && rc == DCR_OK; g++) {
        at[g] = m->subject_start[g];
        m->subject_start[g + 1] = at[g] + m->g->subjects[g];
    }
    for (size_t i = 0, next = 0; i < f->n_rows && rc == DCR_OK; i++) {
        if (f->weight != NULL)
            m->weight[f->subject[i]] = f->weight[i];
        if (pairs.group_of[i] != next)
            continue;
        next++;
        m->subject[at[m->g->group_of[i]]++] = f->subject[i];
    }
    dcr_free(at);
    dcr_groups_clear(&pairs);
    return rc;
}

static dcr_status make_room(match *m, dcr_err *err)
{
    m->list = dcr_alloc(2 * (size_t)m->n, sizeof *m->list);
    m->head = dcr_alloc(m->n, sizeof *m->head);
    m->code = dcr_alloc(m->f->n_columns, sizeof *m->code);
    if (m->list == NULL || m->head == NULL || m->code == NULL)
        return dcr_nomem(err);
    for (size_t c = 0; c < m->f->n_columns; c++) {
        m->code[c] = dcr_alloc(2 * (size_t)m->n, sizeof **m->code);
        if (m->code[c] == NULL)
            return dcr_nomem(err);
    }
    if (m->f->weight == NULL || m->f->subject != NULL)
        return DCR_OK;
    m->own = dcr_alloc(m->n, sizeof *m->own);
    if (m->own == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < m->f->n_rows; i++)
        m->own[m->g->group_of[i]] += dcr_weight_exact(m->f->weight[i]);
    return DCR_OK;
}

/* ---- one step ---- */

/* Without subjects: what the keys of B bring to the groups they share with A. */
static dcr_status add_up(match *m, const dcr_groups *shared, dcr_err *err)
{
    uint32_t *rows = dcr_alloc(shared->n_groups, sizeof *rows);
    dcr_weight_sum *sum =
        m->sum == NULL ? NULL : dcr_alloc(shared->n_groups, sizeof *sum);
    dcr_status rc = DCR_OK;
    if (rows == NULL || (m->sum != NULL && sum == NULL))
        rc = dcr_nomem(err);
    for (size_t i = m->n_a; i < m->n_list && rc == DCR_OK; i++) {
        uint32_t group = m->key[m->list[i]].group;
        rows[shared->group_of[i]] += m->g->rows[group];
        if (sum != NULL)
            sum[shared->group_of[i]] += m->own[group];
    }
    for (size_t i = 0; i < m->n_a && rc == DCR_OK; i++) {
        uint32_t group = m->key[m->list[i]].group;
        m->fk[group] += rows[shared->group_of[i]];
        if (sum != NULL)
            m->sum[group] += sum[shared->group_of[i]];
    }
    dcr_free(rows);
    dcr_free(sum);
    return rc;
}

/* With subjects: every key of A remembers which keys it matches. */
static dcr_status remember(match *m, const dcr_groups *shared, dcr_err *err)
{
    uint32_t *last = dcr_alloc(shared->n_groups, sizeof *last); /* 1 + place in list */
    uint32_t *before = dcr_alloc(m->n_list, sizeof *before);
    dcr_status rc = last == NULL || before == NULL ? dcr_nomem(err) : DCR_OK;
    for (size_t i = m->n_a; i < m->n_list && rc == DCR_OK; i++) {
        before[i] = last[shared->group_of[i]];
        last[shared->group_of[i]] = (uint32_t)i + 1;
    }
    for (size_t i = 0; i < m->n_a && rc == DCR_OK; i++)
        for (uint32_t b = last[shared->group_of[i]]; b != 0 && rc == DCR_OK;
             b = before[b - 1]) {
            if (m->n_refs >= refs_max)
                rc =
                    dcr_fail(err, DCR_EARG, NULL,
                             "--missing=wildcard with --subject: more than %llu pairs of "
                             "keys match",
                             (unsigned long long)refs_max);
            else if (!dcr_grow(&m->reference, &m->cap_refs, m->n_refs + 1,
                               sizeof *m->reference))
                rc = dcr_nomem(err);
            if (rc != DCR_OK)
                break;
            m->reference[m->n_refs++] =
                (struct reference){m->key[m->list[b - 1]].group, m->head[i]};
            m->head[i] = (uint32_t)m->n_refs;
        }
    dcr_free(last);
    dcr_free(before);
    return rc;
}

static dcr_status step(match *m, uint64_t common, dcr_err *err)
{
    dcr_frame f = {.n_rows = m->n_list,
                   .n_columns = m->f->n_columns,
                   .code = (const uint32_t *const *)m->code,
                   .n_codes = m->f->n_codes,
                   .n_subjects = (uint32_t)m->n_list};
    dcr_groups shared;
    dcr_status rc;
    for (size_t c = 0; c < f.n_columns; c++)
        for (size_t i = 0; (common >> c & 1) != 0 && i < m->n_list; i++)
            m->code[c][i] = m->f->code[c][m->key[m->list[i]].row];
    rc = dcr_groups_build(&shared, &f, common, err);
    if (rc != DCR_OK)
        return rc;
    rc = m->f->subject == NULL ? add_up(m, &shared, err) : remember(m, &shared, err);
    dcr_groups_clear(&shared);
    return rc;
}

/* Distinct subjects of all keys that each key of A matches. */
static void count_subjects(match *m, size_t a, size_t end)
{
    for (size_t i = a; i < end; i++) {
        uint32_t group = m->key[i].group;
        for (uint32_t r = m->head[i - a]; r != 0; r = m->reference[r - 1].next) {
            uint32_t other = m->reference[r - 1].group;
            for (uint32_t s = m->subject_start[other]; s < m->subject_start[other + 1];
                 s++) {
                uint32_t who = m->subject[s];
                if (m->stamp[who] == group + 1)
                    continue;
                m->stamp[who] = group + 1;
                m->fk[group]++;
                if (m->sum != NULL)
                    m->sum[group] += dcr_weight_exact(m->weight[who]);
            }
        }
    }
}

/* ---- all steps ---- */

typedef struct other_set {
    uint64_t common;
    size_t begin, end; /* in key */
} other_set;

static int by_common(const void *a, const void *b)
{
    const other_set *x = a, *y = b;
    if (x->common != y->common)
        return x->common < y->common ? -1 : 1;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

/* All that the keys from a to end, of one set of variables, match. */
static dcr_status match_set(match *m, size_t a, size_t end, other_set *set, size_t n_sets,
                            dcr_err *err)
{
    dcr_status rc = DCR_OK;
    m->n_refs = 0;
    memset(m->head, 0, (end - a) * sizeof *m->head);
    m->n_a = end - a;
    for (size_t i = 0; i < m->n_a; i++)
        m->list[i] = (uint32_t)(a + i);
    for (size_t s = 0; s < n_sets; s++)
        set[s].common = m->key[a].has & m->key[set[s].begin].has;
    qsort(set, n_sets, sizeof *set, by_common);
    for (size_t s = 0; s < n_sets && rc == DCR_OK;) {
        uint64_t common = set[s].common;
        m->n_list = m->n_a;
        for (; s < n_sets && set[s].common == common; s++)
            for (size_t i = set[s].begin; i < set[s].end; i++)
                m->list[m->n_list++] = (uint32_t)i;
        rc = step(m, common, err);
    }
    if (rc == DCR_OK && m->f->subject != NULL)
        count_subjects(m, a, end);
    return rc;
}

static dcr_status match_all(match *m, dcr_err *err)
{
    size_t n_sets = 0;
    other_set *set = dcr_alloc(m->n, sizeof *set);
    dcr_status rc = set == NULL ? dcr_nomem(err) : DCR_OK;
    for (size_t i = 0; i < m->n && rc == DCR_OK; i++) {
        if (i == 0 || m->key[i].has != m->key[i - 1].has)
            set[n_sets++].begin = i;
        set[n_sets - 1].end = i + 1;
    }
    for (size_t a = 0, end; a < m->n && rc == DCR_OK; a = end) {
        for (end = a + 1; end < m->n && m->key[end].has == m->key[a].has;)
            end++;
        rc = match_set(m, a, end, set, n_sets, err);
    }
    dcr_free(set);
    return rc;
}

dcr_status dcr_match_wildcard(const dcr_frame *f, const dcr_groups *g, uint32_t *fk,
                              dcr_weight_sum *sum, dcr_err *err)
{
    match m = {.f = f, .g = g, .n = g->n_groups, .fk = fk, .sum = sum};
    dcr_status rc = make_keys(&m, err);
    if (rc == DCR_OK)
        rc = make_room(&m, err);
    if (rc == DCR_OK && f->subject != NULL)
        rc = make_subjects(&m, err);
    if (rc == DCR_OK)
        rc = match_all(&m, err);
    for (size_t c = 0; m.code != NULL && c < f->n_columns; c++)
        dcr_free(m.code[c]);
    dcr_free(m.code);
    dcr_free(m.list);
    dcr_free(m.head);
    dcr_free(m.own);
    dcr_free(m.key);
    dcr_free(m.subject);
    dcr_free(m.subject_start);
    dcr_free(m.weight);
    dcr_free(m.stamp);
    dcr_free(m.reference);
    return rc;
}
