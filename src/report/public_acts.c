/* What the words of reports/public.json do to one value. */
#include <string.h>

#include "json_view.h"
#include "public.h"

static const char *text_of(const json_t *v)
{
    return json_is_string(v) ? json_string_value(v) : NULL;
}

static bool count_of(const json_t *v, uint64_t *out)
{
    *out = json_is_integer(v) && json_integer_value(v) >= 0
               ? (uint64_t)json_integer_value(v)
               : 0;
    return json_is_integer(v) && json_integer_value(v) >= 0;
}

/* ---- scalars ---- */

static json_t *keep(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)path, (void)in;
    return json_is_object(v) || json_is_array(v) ? NULL : dcr_made(e, json_incref(v));
}

static json_t *nothing(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)e, (void)path, (void)v, (void)in;
    return NULL;
}

static json_t *empty(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)path, (void)in;
    return json_is_object(v)  ? dcr_made(e, json_object())
           : json_is_array(v) ? dcr_made(e, json_array())
                              : NULL;
}

typedef bool count_fn(const dcr_public_scale *s, uint64_t n, uint64_t *out);

static json_t *count(dcr_edition *e, const json_t *v, count_fn *f)
{
    uint64_t n, told;
    return count_of(v, &n) && f(&e->scale, n, &told)
               ? dcr_made(e, json_integer((json_int_t)told))
               : NULL;
}

static json_t *patients(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)path, (void)in;
    return count(e, v, dcr_public_count);
}

static json_t *exams(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)path, (void)in;
    return count(e, v, dcr_public_exams);
}

static json_t *units(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)path, (void)in;
    return count(e, v, dcr_public_units);
}

static bool two_digits(const dcr_public_scale *s, uint64_t n, uint64_t *out)
{
    uint64_t unit = 1;
    while (n / unit >= 100)
        unit *= 10;
    *out = n / unit * unit;
    return n == 0 || n >= s->k;
}

static json_t *rough(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)path, (void)in;
    return count(e, v, two_digits);
}

static json_t *by_unit(dcr_edition *e, json_t *v, const char *unit)
{
    uint64_t n;
    if (strcmp(unit, "patients") == 0)
        return count_of(v, &n) && n == 0 ? dcr_made(e, json_integer(0))
                                         : count(e, v, dcr_public_count);
    if (strcmp(unit, "findings") == 0 || strcmp(unit, "criteria") == 0)
        return json_is_integer(v) ? dcr_made(e, json_incref(v)) : NULL;
    return count(e, v, dcr_public_units); /* shares and risks are no integers */
}

/* Nobody is told: the result of a criterion tells it as well. */
static json_t *found(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)path;
    return by_unit(e, v, dcr_view_str(in, "unit"));
}

/* A limit that is a share is told as one: in patients, it would tell of how many. */
static json_t *limit(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    double of;
    (void)path;
    if (dcr_view_num(in, "limit_share", &of) && json_is_number(v))
        return dcr_made(e, json_sprintf("%.4g %%", 100 * of));
    return keep(e, path, v, in);
}

static json_t *step(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    const json_t *criteria = dcr_view_arr(dcr_view_obj(e->report, "verdict"), "criteria");
    const json_t *of = dcr_view_find(criteria, "id", dcr_view_str(in, "criterion"));
    (void)path;
    return by_unit(e, v, dcr_view_str(of, "unit"));
}

/* ---- words ---- */

static json_t *words(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    const char *s = text_of(v);
    (void)path, (void)in;
    return s != NULL && dcr_public_words(s) ? dcr_made(e, json_incref(v)) : NULL;
}

static json_t *text(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    const char *s = text_of(v);
    (void)path, (void)in;
    return s != NULL && dcr_public_text(s) ? dcr_made(e, json_incref(v)) : NULL;
}

static json_t *path_of(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    const char *s = text_of(v);
    (void)path, (void)in;
    return s != NULL && dcr_public_path(e->rules, s) ? dcr_made(e, json_incref(v)) : NULL;
}

/* Where few patients have it, its place would name what they have. */
static json_t *finding_path(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    uint64_t n, told;
    return count_of(json_object_get(in, "subjects"), &n) &&
                   dcr_public_count(&e->scale, n, &told)
               ? path_of(e, path, v, in)
               : NULL;
}

/* Of the findings of an attribute those that tell their place. */
static json_t *finding_ids(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    const json_t *all = dcr_view_arr(e->report, "findings"), *f;
    json_t *list = dcr_made(e, json_array()), *x, *place;
    size_t i;
    (void)in;
    json_array_foreach(v, i, x)
    {
        const char *id = text_of(x);
        f = id == NULL ? NULL : dcr_view_find(all, "id", id);
        place = f == NULL ? NULL : finding_path(e, path, json_object_get(f, "path"), f);
        if (place != NULL && json_array_append(list, x) != 0)
            e->failed = true;
        json_decref(place);
    }
    return list;
}

static json_t *concept_of(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    const char *s = text_of(v);
    (void)path, (void)in;
    return s != NULL && dcr_public_concept(e->rules, s) ? dcr_made(e, json_incref(v))
                                                        : NULL;
}

/* Those of a list that stay; NULL when one has to go and `all` is asked for. */
static json_t *each_of(dcr_edition *e, const char *path, const json_t *v,
                       dcr_action_fn *f, bool all)
{
    json_t *list = dcr_made(e, json_array()), *x, *y;
    size_t i;
    json_array_foreach(v, i, x)
    {
        y = f(e, path, x, NULL);
        if (y == NULL && all) {
            json_decref(list);
            return NULL;
        }
        if (y != NULL && json_array_append_new(list, y) != 0)
            e->failed = true;
    }
    return list;
}

static json_t *paths(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)in;
    return each_of(e, path, v, path_of, false);
}

static json_t *concepts(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)in;
    return each_of(e, path, v, concept_of, true);
}

static json_t *accepted(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)path, (void)in;
    return json_is_null(v) ? NULL : dcr_made(e, json_string("accepted"));
}

static json_t *sentence(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)path, (void)v, (void)in;
    return dcr_made(e, dcr_public_sentence(e->report, &e->scale));
}

static json_t *ours(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    json_t *s;
    size_t i;
    (void)path, (void)in;
    json_array_foreach(e->sentences, i,
                       s) if (json_equal(s, v)) return dcr_made(e, json_incref(v));
    return NULL;
}

static json_t *sentences(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)in;
    return each_of(e, path, v, ours, false);
}

static json_t *limits(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    json_t *list = dcr_made(e, json_array()), *kept = sentences(e, path, v, in);
    if (list == NULL || kept == NULL || !dcr_public_limits(list, &e->scale) ||
        json_array_extend(list, kept) != 0)
        e->failed = true;
    json_decref(kept);
    return list;
}

static json_t *options(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)path, (void)v, (void)in;
    return dcr_made(e, json_pack("{s:b, s:b, s:n, s:s}", "show_values", 0, "show_paths",
                                 0, "originals", "audience", "public"));
}

/* The year that a label begins with; 0: none. */
static json_int_t year_of(const char *label)
{
    json_int_t y = 0;
    if (label == NULL || strspn(label, "0123456789") != 4)
        return 0;
    for (int i = 0; i < 4; i++)
        y = 10 * y + (label[i] - '0');
    return y;
}

/* A year in which the heat map has a month of at least k patients. */
static json_t *year(dcr_edition *e, bool last)
{
    const json_t *columns = dcr_view_arr(dcr_view_obj(e->report, "heatmap"), "columns"),
                 *c;
    json_int_t at = 0;
    size_t i;
    json_array_foreach(columns, i, c)
    {
        json_int_t y = year_of(text_of(c));
        if (y > 0 && (at == 0 || (last ? y > at : y < at)))
            at = y;
    }
    return at == 0 ? NULL : dcr_made(e, json_integer(at));
}

static json_t *first_year(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)path, (void)v, (void)in;
    return year(e, false);
}

static json_t *last_year(dcr_edition *e, const char *path, json_t *v, const json_t *in)
{
    (void)path, (void)v, (void)in;
    return year(e, true);
}

/* ---- by name ---- */

static const struct {
    const char *name;
    dcr_action_fn *run;
} actions[] = {
    {"accepted", accepted},
    {"concept", concept_of},
    {"concepts", concepts},
    {"empty", empty},
    {"exams", exams},
    {"finding_path", finding_path},
    {"finding_ids", finding_ids},
    {"first_year", first_year},
    {"found", found},
    {"keep", keep},
    {"last_year", last_year},
    {"limit", limit},
    {"limits", limits},
    {"null", nothing},
    {"options", options},
    {"path", path_of},
    {"paths", paths},
    {"patients", patients},
    {"rough", rough},
    {"sentence", sentence},
    {"sentences", sentences},
    {"step", step},
    {"text", text},
    {"units", units},
    {"words", words},
};

dcr_action_fn *dcr_action_find(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strlen(actions[i].name) == n && memcmp(actions[i].name, name, n) == 0)
            return actions[i].run;
    return NULL;
}
