/* Attributes of a kind that hold values of a kind: the commonest check. */
#include <string.h>

#include "check.h"
#include "dcmrisk/scan.h"
#include "detect.h"

typedef struct params {
    const char *values;
    dcr_strings of;
    size_t min_words;
    const json_t *select_json;
    const char *date_state, *not_date_state;
    dcr_select select;
    const struct predicate *predicate;
} params;

typedef struct scope { /* what a predicate may look at */
    const dcr_check_run *run;
    const params *p;
    const dcr_attr *attr;
    const dcr_attr *ids; /* PatientID, NULL when the dataset has none */
} scope;

typedef struct predicate {
    const char *id;
    bool (*value)(const scope *s, const dcr_value *v);
    bool (*attr)(const scope *s); /* may rule out the whole attribute; may be NULL */
} predicate;

/* ---- predicates ---- */

static bool any(const scope *s, const dcr_value *v)
{
    (void)s;
    (void)v;
    return true;
}

static int compare(const dcr_value *v, const uint8_t *p, size_t n)
{
    size_t m = v->len < n ? v->len : n;
    int c = memcmp(v->bytes, p, m);
    return c != 0 ? c : (v->len > n) - (v->len < n);
}

static const dcr_value *find_value(const dcr_attr *a, const uint8_t *p, size_t n)
{
    size_t lo = 0, hi = a == NULL ? 0 : a->n_values;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = compare(&a->values[mid], p, n);
        if (c == 0)
            return &a->values[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

/* A name or number that is the PatientID of its subject says nothing that the ID does
 * not: the ID is judged by itself.  Same text, same first and same number of subjects. */
static bool not_pseudonym(const scope *s, const dcr_value *v)
{
    const dcr_value *id;
    size_t n = v->len;
    while (n > 0 && (v->bytes[n - 1] == '^' || v->bytes[n - 1] == ' '))
        n--;
    id = find_value(s->ids, v->bytes, n);
    if (id != NULL && v->subjects == 0) /* a media directory: whose it is is not said */
        return false;
    return id == NULL || s->attr == s->ids || id->first_subject != v->first_subject ||
           id->subjects != v->subjects;
}

/* The first full date in a DA or DT value (of several): at *at; its day is known. */
static bool full_date(const dcr_value *v, size_t *at)
{
    size_t i = 0;
    if (!dcr_value_text(v))
        return false;
    while (i < v->len) {
        const uint8_t *p = v->bytes + i;
        size_t n = 0;
        while (i + n < v->len && p[n] != '\\')
            n++;
        if (n >= 8 && dcr_digit_run(p, n, 0, 8) == 8 &&
            dcr_date_valid(dcr_digits(p, 4), dcr_digits(p + 4, 2),
                           dcr_digits(p + 6, 2))) {
            *at = i;
            return true;
        }
        if (n >= 10 && dcr_digit_run(p, n, 0, 4) == 4 && (p[4] == '.' || p[4] == '-') &&
            dcr_digit_run(p, n, 5, 2) == 2 && p[7] == p[4] &&
            dcr_digit_run(p, n, 8, 2) == 2 &&
            dcr_date_valid(dcr_digits(p, 4), dcr_digits(p + 5, 2),
                           dcr_digits(p + 8, 2))) {
            *at = i;
            return true;
        }
        i += n + 1;
    }
    return false;
}

static bool day(const scope *s, const dcr_value *v)
{
    size_t at;
    (void)s;
    return full_date(v, &at);
}

static void month_day(const dcr_value *v, size_t at, unsigned *month, unsigned *dom)
{
    size_t dots = !dcr_is_digit(v->bytes[at + 4]);
    *month = dcr_digits(v->bytes + at + 4 + dots, 2);
    *dom = dcr_digits(v->bytes + at + 6 + 2 * dots, 2);
}

/* Dates all on the first of January, or three and more all on the first of a month, are
 * years and months written as days. */
static bool not_rounded(const scope *s)
{
    size_t n = 0, new_year = 0, first = 0;
    for (size_t i = 0; i < s->attr->n_values; i++) {
        const dcr_value *v = &s->attr->values[i];
        unsigned month, dom;
        size_t at;
        if (!dcr_value_real(v) || !full_date(v, &at))
            continue;
        month_day(v, at, &month, &dom);
        n++;
        first += dom == 1;
        new_year += dom == 1 && month == 1;
    }
    return new_year < n && (n < 3 || first < n);
}

/* HHMM at least, and not on the hour. */
static bool exact_time(const scope *s, const dcr_value *v)
{
    const uint8_t *p = v->bytes;
    size_t colon = v->len > 2 && p[2] == ':', run;
    (void)s;
    if (!dcr_value_text(v) || v->len < 4 + colon || dcr_digit_run(p, v->len, 0, 2) != 2)
        return false;
    run = dcr_digit_run(p, v->len, 2 + colon, 4);
    if (run < 2 || dcr_digits(p, 2) > 23 || dcr_digits(p + 2 + colon, 2) > 59)
        return false;
    return dcr_digits(p + 2 + colon, run) > 0;
}

static bool words(const scope *s, const dcr_value *v)
{
    size_t n = 0, letters = 0;
    if (!dcr_value_text(v))
        return v->len > 0; /* too long to be kept: more than a few words */
    for (size_t i = 0; i <= v->len; i++) {
        if (i < v->len && dcr_is_letter(v->bytes[i])) {
            letters++;
        } else {
            n += letters >= 2;
            letters = 0;
        }
    }
    return n >= s->p->min_words;
}

static bool one_of(const scope *s, const dcr_value *v)
{
    for (size_t i = 0; i < s->p->of.n; i++)
        if (compare(v, (const uint8_t *)s->p->of.s[i], strlen(s->p->of.s[i])) == 0)
            return true;
    return false;
}

/* Bytes other than zeros and blanks.  The preamble of a file that is a TIFF too has the
 * eight of that format, and says no more than where the rest is. */
static bool not_zero(const scope *s, const dcr_value *v)
{
    bool tiff = v->len >= 8 &&
                (memcmp(v->bytes, "II*\0", 4) == 0 || memcmp(v->bytes, "MM\0*", 4) == 0);
    (void)s;
    if ((v->flags & DCR_VALUE_DIGEST) != 0)
        return true;
    for (size_t i = tiff ? 8 : 0; i < v->len; i++)
        if (v->bytes[i] != 0 && v->bytes[i] != ' ')
            return true;
    return false;
}

/* An age that HIPAA asks to be summed up as "90 and over". */
static bool over_89(const scope *s, const dcr_value *v)
{
    size_t n = dcr_digit_run(v->bytes, v->len, 0, 3);
    (void)s;
    return n > 0 && dcr_digits(v->bytes, n) > 89 &&
           (n == v->len || (n + 1 == v->len && v->bytes[n] == 'Y'));
}

static const predicate predicates[] = {
    {"real", any, NULL},
    {"present", any, NULL}, /* every file with the attribute, whatever it holds */
    {"not-pseudonym", not_pseudonym, NULL},
    {"day", day, not_rounded},
    {"exact-time", exact_time, NULL},
    {"words", words, NULL},
    {"one-of", one_of, NULL},
    {"not-zero", not_zero, NULL},
    {"over-89", over_89, NULL},
};

/* ---- the check ---- */

static const dcr_param spec[] = {
    {"select", DCR_P_JSON, offsetof(params, select_json), true},
    {"values", DCR_P_STRING, offsetof(params, values), true},
    {"of", DCR_P_STRINGS, offsetof(params, of), false},
    {"min_words", DCR_P_UINT, offsetof(params, min_words), false},
    {"date_state", DCR_P_STRING, offsetof(params, date_state), false},
    {"not_date_state", DCR_P_STRING, offsetof(params, not_date_state), false},
    {NULL, DCR_P_STRING, 0, false},
};

static dcr_status compile(const dcr_rules *r, const dcr_param_src *src,
                          const json_t *json, void **out, dcr_err *err)
{
    params *p = dcr_arena_alloc(src->arena, 1, sizeof *p);
    dcr_status st = p == NULL ? dcr_nomem(err) : dcr_params_read(src, json, spec, p, err);
    (void)r;
    if (st == DCR_OK)
        st = dcr_select_read(src, p->select_json, &p->select, err);
    if (st != DCR_OK)
        return st;
    p->select_json = NULL;
    for (size_t i = 0; i < sizeof predicates / sizeof *predicates; i++)
        if (strcmp(predicates[i].id, p->values) == 0)
            p->predicate = &predicates[i];
    if (p->predicate == NULL)
        return dcr_rule_fail(src->file, p->values, err, "no kind of value \"%.40s\"",
                             p->values);
    *out = p;
    return DCR_OK;
}

static dcr_status judge(const scope *s, dcr_err *err)
{
    const dcr_attr *a = s->attr;
    dcr_hit hit;
    dcr_hit_init(&hit, a);
    if (strcmp(s->p->values, "present") == 0) {
        dcr_hit_all(&hit);
        return dcr_check_add(s->run, &hit, err);
    }
    if (a->value_subjects == 0 && a->n_values == 0)
        return DCR_OK;
    if (s->p->predicate->attr != NULL && !s->p->predicate->attr(s))
        return DCR_OK;
    for (size_t i = 0; i < a->n_values; i++)
        if (dcr_value_real(&a->values[i]) && s->p->predicate->value(s, &a->values[i]))
            dcr_hit_value(&hit, &a->values[i]);
    return dcr_check_add(s->run, &hit, err);
}

static bool applies(const params *p, const dcr_check_run *c)
{
    const dcr_model *m = c->model;
    const char *state = m->data.date_state == NULL ? "unknown" : m->data.date_state;
    if (c->evidence->dates != NULL)
        state = c->evidence->dates->state;
    if (p->date_state[0] != '\0' && strcmp(p->date_state, state) != 0)
        return false;
    return p->not_date_state[0] == '\0' || strcmp(p->not_date_state, state) != 0;
}

static dcr_status run(const dcr_check_run *c, const void *data, dcr_err *err)
{
    const params *p = data;
    scope s = {c, p, NULL, dcr_check_attr(c, "0010,0020")};
    dcr_status st = DCR_OK;
    if (!applies(p, c))
        return DCR_OK;
    for (size_t i = 0; st == DCR_OK && i < c->model->n_attrs; i++) {
        s.attr = &c->model->attrs[i];
        if (dcr_select_match(&p->select, s.attr))
            st = judge(&s, err);
    }
    return st;
}

const dcr_check dcr_check_attribute = {"attribute",
                                       "attributes of a kind that hold values of a kind",
                                       DCR_PHASE_FIRST, compile, run};
