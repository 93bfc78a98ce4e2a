/* What the files declare of their dates, what the laboratory says to that, and which
 * reading the gate may use.
 *
 * Only a shift that is declared and that the calendar bears out takes the exam date out
 * of anybody's knowledge.  Where the calendar says nothing, the shift is somebody's word.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "dates_impl.h"
#include "plural.h"

/* ---- declared ---- */

enum { SAYS_TRUE = 1, SAYS_SHIFTED = 2, SAYS_REMOVED = 4 };

static const struct {
    const char *path, *value;
    uint8_t says;
} words[] = {
    {"0028,0303", "UNMODIFIED", SAYS_TRUE},
    {"0028,0303", "MODIFIED", SAYS_SHIFTED},
    {"0028,0303", "REMOVED", SAYS_REMOVED},
    {"0012,0064/0008,0100", "113106", SAYS_TRUE},    /* CID 7050: full dates kept */
    {"0012,0064/0008,0100", "113107", SAYS_SHIFTED}, /* modified dates kept */
};

static bool text_is(const dcr_value *v, const char *s)
{
    size_t n = v->len;
    while (n > 0 && v->bytes[n - 1] == ' ')
        n--;
    return n == strlen(s) && memcmp(v->bytes, s, n) == 0;
}

static void hear(const dcr_model *m, const dcr_value *v, uint8_t says, uint8_t *of)
{
    for (uint32_t i = 0; v->in_series != NULL && i < v->series; i++)
        of[dcr_series_subject(m, v->in_series[i])] |= says;
}

static const char *declared(const dcr_model *m, uint8_t *of)
{
    uint8_t first;
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        const dcr_attr *a = dcr_model_attr(m, words[w].path);
        for (size_t i = 0; a != NULL && i < a->n_values; i++)
            if (text_is(&a->values[i], words[w].value))
                hear(m, &a->values[i], words[w].says, of);
    }
    first = m->n_subjects > 0 ? of[0] : 0;
    for (uint32_t s = 1; s < m->n_subjects; s++)
        if (of[s] != first)
            return "mixed";
    return first == 0              ? "none"
           : first == SAYS_TRUE    ? "true"
           : first == SAYS_SHIFTED ? "shifted"
           : first == SAYS_REMOVED ? "removed"
                                   : "mixed";
}

/* ---- what stands ---- */

static bool found(const dcr_dates *d, const char *id)
{
    for (size_t i = 0; i < d->n_tests; i++)
        if (strcmp(d->tests[i].id, id) == 0)
            return true;
    return false;
}

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static void state_of_shift(dcr_dates *d)
{
    d->state = "shifted";
    if (found(d, "twin-one-shift") || found(d, "twin-per-subject")) {
        d->basis = "The files declare shifted dates, but other dates in them give the "
                   "shift away.";
    } else if (is(d->verdict, "calendar")) {
        d->state = "unknown";
        d->basis = "The files declare shifted dates, but weekdays and times are those of "
                   "a true calendar, or of one moved by whole weeks for all.";
    } else if (is(d->verdict, "one-shift") || is(d->verdict, "one-shift-hours")) {
        d->basis = "The files declare shifted dates, and all look moved by one constant: "
                   "one known date undoes it.";
    } else if (is(d->verdict, "per-subject")) {
        d->holds = true;
        d->basis = "The files declare shifted dates, and the calendar looks moved for "
                   "each patient apart.";
    } else {
        d->basis = "The files declare shifted dates; the dates themselves cannot tell "
                   "whether that is so.";
    }
}

static void decide(const dcr_model *m, dcr_dates *d)
{
    const char *model = m->data.date_state == NULL ? "unknown" : m->data.date_state;
    const char *base = is(d->declared, "none") ? model : d->declared;
    bool moved = is(d->verdict, "one-shift") || is(d->verdict, "one-shift-hours") ||
                 is(d->verdict, "per-subject");
    d->state = "unknown";
    if (is(d->verdict, "none")) {
        d->state = model;
        d->basis = "No exam has a date.";
    } else if (is(base, "shifted")) {
        state_of_shift(d);
    } else if (is(base, "true") && moved) {
        d->basis = "The files declare true dates, but the calendar looks moved.";
    } else if (is(base, "true")) {
        d->state = "true";
        d->basis = "The files declare true dates, and the dates do not contradict it.";
    } else if (is(base, "removed")) {
        d->basis = "The files declare that dates were removed, but there are dates.";
    } else if (is(base, "mixed")) {
        d->basis = "The files do not declare the same of all dates.";
    } else {
        d->basis = moved ? "The files declare nothing of their dates; they look moved."
                         : "The files declare nothing of their dates.";
    }
}

/* ---- tests on the whole release ---- */

static void mark_dated(date_lab_run *r)
{
    for (uint32_t s = 0; s < r->m->n_series; s++)
        if (r->day[dcr_series_study(r->m, s)] != NO_DAY)
            dcr_date_mark(r, s);
}

static const dcr_attr *first_present(const dcr_model *m, const dcr_date_paths *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const dcr_attr *a = dcr_model_attr(m, l->path[i]);
        if (a != NULL && a->value_subjects > 0)
            return a;
    }
    return NULL;
}

static dcr_status add_whole(date_lab_run *r, const char *id, dcr_err *err)
{
    const dcr_dates *d = r->out;
    char text[200];
    mark_dated(r);
    snprintf(text, sizeof text,
             "Weekdays%s of %u %s of %u %s; posterior probability %.3f, stated "
             "error rate %g %%.",
             d->times ? " and times" : "", d->studies, dcr_plural(d->studies, "exams"),
             d->subjects, dcr_plural(d->subjects, "patients"), d->posterior,
             100 * r->lab->error_rate);
    return dcr_date_test_add(r, id, first_present(r->m, &r->lab->exam_dates), text, err);
}

/* Minutes stand although the days were moved. */
static dcr_status times_kept(date_lab_run *r, dcr_err *err)
{
    char text[160];
    uint32_t n = 0;
    for (uint32_t s = 0; s < r->m->n_series; s++) {
        uint32_t study = dcr_series_study(r->m, s);
        if (r->day[study] == NO_DAY || r->minute[study] == NO_MINUTE ||
            r->minute[study] % 60 == 0)
            continue;
        dcr_date_mark(r, s);
        n++;
    }
    snprintf(text, sizeof text, "%u series %s a time to the minute beside moved dates.",
             n, dcr_plural(n, "have"));
    return dcr_date_test_add(r, "times-kept", first_present(r->m, &r->lab->exam_times),
                             text, err);
}

static bool letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The word stands in the text, upper and lower case alike, no letter beside it. */
static bool names(const dcr_value *v, const char *word)
{
    size_t n = strlen(word), k;
    for (size_t i = 0; n > 0 && i + n <= v->len; i++) {
        for (k = 0; k < n; k++) {
            uint8_t c = v->bytes[i + k];
            if ((char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c) != word[k])
                break;
        }
        if (k == n && (i == 0 || !letter(v->bytes[i - 1])) &&
            (i + n == v->len || !letter(v->bytes[i + n])))
            return true;
    }
    return false;
}

static dcr_status tools(date_lab_run *r, const char *scheme, const char *id, dcr_err *err)
{
    const dcr_attr *a = dcr_model_attr(r->m, "0012,0063");
    char text[160];
    for (size_t i = 0; a != NULL && i < a->n_values; i++)
        for (size_t t = 0; t < r->lab->n_tools; t++) {
            const dcr_value *v = &a->values[i];
            if (!is(r->lab->tools[t].scheme, scheme) || !dcr_date_value(v) ||
                !names(v, r->lab->tools[t].word))
                continue;
            for (uint32_t k = 0; v->in_series != NULL && k < v->series; k++)
                if (r->day[dcr_series_study(r->m, v->in_series[k])] != NO_DAY)
                    dcr_date_mark(r, v->in_series[k]);
        }
    snprintf(text, sizeof text, "%u series with an exam date %s such a tool.",
             r->n_marked, dcr_plural(r->n_marked, "name"));
    return dcr_date_test_add(r, id, a, text, err);
}

dcr_status dcr_dates_state(date_lab_run *r, dcr_err *err)
{
    dcr_dates *d = r->out;
    uint8_t *of = dcr_alloc(r->m->n_subjects, 1);
    dcr_status rc = DCR_OK;
    bool moved;
    if (of == NULL)
        return dcr_nomem(err);
    d->declared = declared(r->m, of);
    dcr_free(of);
    decide(r->m, d);
    moved = is(d->state, "shifted") || is(d->verdict, "one-shift") ||
            is(d->verdict, "one-shift-hours") || is(d->verdict, "per-subject");
    if (is(d->verdict, "one-shift") || is(d->verdict, "one-shift-hours"))
        rc = add_whole(r, "one-shift", err);
    if (rc == DCR_OK && is(d->declared, "shifted") && is(d->verdict, "calendar"))
        rc = add_whole(r, "looks-true", err);
    if (rc == DCR_OK && is(d->declared, "true") && moved)
        rc = add_whole(r, "declared-true", err);
    if (rc == DCR_OK && moved)
        rc = times_kept(r, err);
    if (rc == DCR_OK && !is(d->declared, "true"))
        rc = tools(r, "identifier", "tool-identifier", err);
    if (rc == DCR_OK && !is(d->declared, "true"))
        rc = tools(r, "one-shift", "tool-one-shift", err);
    return rc;
}
