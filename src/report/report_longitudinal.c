/* Several exams of one patient: sets of keys, known dates, intervals. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "parts.h"

static json_t *number_or_null(double v)
{
    return isnan(v) ? json_null() : json_real(v);
}

static json_t *count_or_null(uint64_t n, uint64_t none)
{
    return n == none || n > INT64_MAX ? json_null() : json_integer((json_int_t)n);
}

static json_t *note_or_null(const char *note)
{
    return *note == '\0' ? json_null() : json_string(note);
}

static json_t *below32(const uint32_t *n)
{
    json_t *o = json_object();
    for (size_t b = 0; b < DCR_BELOW_N; b++) {
        char key[12];
        snprintf(key, sizeof key, "%u", dcr_below[b]);
        json_object_set_new(o, key, json_integer(n[b]));
    }
    return o;
}

static json_t *below64(const uint64_t *n)
{
    json_t *o = json_object();
    for (size_t b = 0; b < DCR_BELOW_N; b++) {
        char key[12];
        snprintf(key, sizeof key, "%u", dcr_below[b]);
        json_object_set_new(o, key, count_or_null(n[b], UINT64_MAX));
    }
    return o;
}

/* ---- k^m ---- */

static json_t *km_row(const dcr_km *km)
{
    if (!km->applies)
        return json_pack("{s:i, s:n, s:{}, s:b, s:s}", "m", (int)km->m, "k_min",
                         "subjects_below", "applies", 0, "note", km->note);
    return json_pack(
        "{s:i, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:I, s:o}", "m", (int)km->m, "k_min",
        count_or_null(km->k_min, 0), "k_low_min", count_or_null(km->k_low_min, 0),
        "subjects_below", below32(km->subjects_below), "applies", 1, "note",
        note_or_null(km->note), "itemsets", count_or_null(km->itemsets, UINT64_MAX),
        "itemsets_below", below64(km->itemsets_below), "holders", (json_int_t)km->holders,
        "holders_below", below32(km->holders_below));
}

static json_t *km_list(const dcr_km *km)
{
    json_t *list = json_array();
    for (size_t i = 0; i < DCR_KM_N && km != NULL; i++)
        json_array_append_new(list, km_row(&km[i]));
    return list;
}

/* ---- known dates ---- */

static json_t *unicity(const dcr_longitudinal *l)
{
    json_t *list = json_array();
    for (size_t i = 0; i < l->n_unicity; i++) {
        const dcr_unicity *u = &l->unicity[i];
        json_array_append_new(
            list,
            json_pack("{s:I, s:s, s:I, s:o, s:o, s:o, s:b, s:I, s:I, s:o}", "points",
                      (json_int_t)u->points, "granularity", u->granularity, "subjects",
                      (json_int_t)u->subjects, "share", number_or_null(u->share), "lo",
                      number_or_null(u->lo), "hi", number_or_null(u->hi), "exact",
                      (int)(u->drawn == 0), "sets_drawn", (json_int_t)u->drawn,
                      "all_subjects", (json_int_t)u->all_subjects, "all_share",
                      number_or_null(u->all_share)));
    }
    return list;
}

/* ---- intervals ---- */

static json_t *two_exams(const dcr_interval_pairs *p)
{
    if (p == NULL || !p->applies)
        return json_pack("{s:b, s:s}", "applies", 0, "note",
                         p == NULL ? "not examined" : p->note);
    return json_pack("{s:b, s:n, s:I, s:I, s:o, s:o}", "applies", 1, "note", "subjects",
                     (json_int_t)p->subjects, "unique_subjects", (json_int_t)p->below[0],
                     "k_min", count_or_null(p->k_min, 0), "below", below32(p->below));
}

static json_t *intervals(const dcr_longitudinal *l, const dcr_interval_pairs *pairs)
{
    json_t *list = json_array();
    for (size_t i = 0; i < 2 && l->applies; i++) {
        const dcr_intervals *v = &l->intervals[i];
        json_array_append_new(
            list, json_pack("{s:I, s:I, s:I, s:o, s:o}", "exams", (json_int_t)v->exams,
                            "subjects", (json_int_t)v->subjects, "unique_subjects",
                            (json_int_t)v->below[0], "k_min", count_or_null(v->k_min, 0),
                            "below", below32(v->below)));
    }
    return json_pack("{s:b, s:o, s:I, s:o, s:o}", "applies", (int)l->applies, "note",
                     note_or_null(l->note), "undated_studies", (json_int_t)l->undated,
                     "at_least", list, "two_exams", two_exams(pairs));
}

/* ---- which reading of shifted dates each figure belongs to ---- */

static json_t *readings(const dcr_report_input *in)
{
    bool shifted = in->other_reading != NULL;
    const char *gated = !shifted ? "recorded" : in->dates->holds ? "holds" : "broken";
    return json_pack("{s:s, s:s, s:s}", "km", gated, "unicity",
                     shifted ? "broken" : "recorded", "intervals",
                     shifted ? "both" : "recorded");
}

static json_t *otherwise(const dcr_report_input *in)
{
    if (in->other_reading == NULL || in->other_km == NULL)
        return json_null();
    return json_pack("{s:s, s:o}", "reading", in->dates->holds ? "broken" : "holds", "km",
                     km_list(in->other_km));
}

dcr_status dcr_report_longitudinal(json_t *doc, const dcr_report_input *in, dcr_err *err)
{
    static const dcr_longitudinal none = {.note = "not examined"};
    const dcr_longitudinal *l = in->longitudinal == NULL ? &none : in->longitudinal;
    return dcr_put(doc, "longitudinal",
                   json_pack("{s:o, s:o, s:o, s:o, s:o}", "unicity", unicity(l),
                             "intervals", intervals(l, in->interval_pairs), "km",
                             km_list(in->km), "readings", readings(in), "otherwise",
                             otherwise(in)),
                   err);
}
