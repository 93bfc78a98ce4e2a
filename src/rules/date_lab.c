/* rules/date-lab.json: what the date laboratory takes for granted. */
#include <string.h>

#include "ruleset.h"

typedef struct lab_file {
    const char *source, *edition;
    dcr_strings exam_dates, exam_times, device_dates, not_twins;
    const json_t *weeks, *share, *unplanned_day, *planned_hour, *unplanned_hour;
    const json_t *priors, *limits, *class_years, *tools, *power, *holidays;
} lab_file;

static const dcr_param lab_spec[] = {
    {"source", DCR_P_STRING, offsetof(lab_file, source), true},
    {"edition", DCR_P_STRING, offsetof(lab_file, edition), true},
    {"exam_dates", DCR_P_STRINGS, offsetof(lab_file, exam_dates), true},
    {"exam_times", DCR_P_STRINGS, offsetof(lab_file, exam_times), true},
    {"device_dates", DCR_P_STRINGS, offsetof(lab_file, device_dates), true},
    {"not_twins", DCR_P_STRINGS, offsetof(lab_file, not_twins), true},
    {"weeks", DCR_P_JSON, offsetof(lab_file, weeks), true},
    {"unplanned_shares", DCR_P_JSON, offsetof(lab_file, share), true},
    {"unplanned_day", DCR_P_JSON, offsetof(lab_file, unplanned_day), true},
    {"planned_hour", DCR_P_JSON, offsetof(lab_file, planned_hour), true},
    {"unplanned_hour", DCR_P_JSON, offsetof(lab_file, unplanned_hour), true},
    {"priors", DCR_P_JSON, offsetof(lab_file, priors), true},
    {"limits", DCR_P_JSON, offsetof(lab_file, limits), true},
    {"holidays", DCR_P_JSON, offsetof(lab_file, holidays), true},
    {"class_years", DCR_P_JSON, offsetof(lab_file, class_years), true},
    {"tools", DCR_P_JSON, offsetof(lab_file, tools), true},
    {"power", DCR_P_JSON, offsetof(lab_file, power), true},
    {NULL, DCR_P_STRING, 0, false},
};

enum { MAX_SHARES = 32 }; /* as the laboratory has room for */

/* n numbers of at least 0, made to sum to 1. */
static dcr_status weights(const dcr_param_src *src, const char *key, const json_t *list,
                          double *out, size_t n, dcr_err *err)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        out[i] = json_number_value(json_array_get(list, i));
        sum += out[i];
        if (!json_is_number(json_array_get(list, i)) || !(out[i] > 0))
            return dcr_rule_fail(src->file, key, err, "\"%s\" is %zu numbers above 0",
                                 key, n);
    }
    if (json_array_size(list) != n)
        return dcr_rule_fail(src->file, key, err, "\"%s\" is %zu numbers above 0", key,
                             n);
    for (size_t i = 0; i < n; i++)
        out[i] /= sum;
    return DCR_OK;
}

static dcr_status number(const dcr_param_src *src, const json_t *of, const char *key,
                         double lo, double hi, double *out, dcr_err *err)
{
    const json_t *v = json_object_get(of, key);
    *out = json_number_value(v);
    if (!json_is_number(v) || *out < lo || *out > hi)
        return dcr_rule_fail(src->file, key, err, "\"%s\" is a number from %g to %g", key,
                             lo, hi);
    return DCR_OK;
}

static dcr_status whole(const dcr_param_src *src, const json_t *of, const char *key,
                        uint32_t *out, dcr_err *err)
{
    double v;
    dcr_status st = number(src, of, key, 0, 1e6, &v, err);
    *out = (uint32_t)v;
    return st;
}

/* A text of an object, in the arena. */
static dcr_status text(const dcr_param_src *src, const json_t *of, const char *key,
                       const char **out, dcr_err *err)
{
    const char *s = json_string_value(json_object_get(of, key));
    if (s == NULL)
        return dcr_rule_fail(src->file, key, err, "a text \"%s\" is wanted", key);
    *out = dcr_arena_str(src->arena, s);
    return *out == NULL ? dcr_nomem(err) : DCR_OK;
}

static dcr_status keys(const dcr_param_src *src, const json_t *of, size_t n,
                       const char *what, dcr_err *err)
{
    return json_is_object(of) && json_object_size(of) == n
               ? DCR_OK
               : dcr_rule_fail(src->file, what, err, "an entry of \"%s\" has %zu members",
                               what, n);
}

static dcr_status read_shares(const dcr_param_src *src, const json_t *list,
                              dcr_date_lab *lab, dcr_err *err)
{
    size_t n = json_array_size(list);
    double *s = dcr_arena_alloc(src->arena, n, sizeof *s);
    if (s == NULL)
        return dcr_nomem(err);
    if (n == 0 || n > MAX_SHARES)
        return dcr_rule_fail(src->file, "unplanned_shares", err, "1 to %d shares",
                             MAX_SHARES);
    for (size_t i = 0; i < n; i++) {
        s[i] = json_number_value(json_array_get(list, i));
        if (!json_is_number(json_array_get(list, i)) || s[i] < 0 || s[i] > 1)
            return dcr_rule_fail(src->file, "unplanned_shares", err,
                                 "a share is a number from 0 to 1");
    }
    lab->share = s;
    lab->n_shares = n;
    return DCR_OK;
}

static dcr_status read_numbers(const dcr_param_src *src, const lab_file *f,
                               dcr_date_lab *lab, dcr_err *err)
{
    const struct {
        const char *key;
        double lo, hi, *out;
    } real[] = {{"day_spread", 1, 1e6, &lab->day_spread},
                {"hour_spread", 1, 1e6, &lab->hour_spread},
                {"posterior", 0.5, 1, &lab->posterior},
                {"error_rate", 0, 0.5, &lab->error_rate},
                {"twin_chance", 0, 0.1, &lab->twin_chance},
                {"season_level", 0, 0.1, &lab->season_level}};
    const struct {
        const char *key;
        uint32_t *out;
    } count[] = {{"min_studies", &lab->min_studies},
                 {"apart_days", &lab->apart_days},
                 {"twin_days", &lab->twin_days},
                 {"twin_dates", &lab->twin_dates}};
    double prior[4];
    const char *const kind[] = {"calendar", "one_shift", "per_subject", "other"};
    dcr_status st = keys(src, f->limits, 10, "limits", err);
    if (st == DCR_OK)
        st = keys(src, f->priors, 4, "priors", err);
    for (size_t i = 0; st == DCR_OK && i < sizeof real / sizeof *real; i++)
        st =
            number(src, f->limits, real[i].key, real[i].lo, real[i].hi, real[i].out, err);
    for (size_t i = 0; st == DCR_OK && i < sizeof count / sizeof *count; i++)
        st = whole(src, f->limits, count[i].key, count[i].out, err);
    for (size_t i = 0; st == DCR_OK && i < 4; i++)
        st = number(src, f->priors, kind[i], 1e-9, 1, &prior[i], err);
    if (st != DCR_OK)
        return st;
    lab->prior_calendar = prior[0];
    lab->prior_one_shift = prior[1];
    lab->prior_per_subject = prior[2];
    lab->prior_other = prior[3];
    return DCR_OK;
}

/* Rows of a list: `size` bytes each, in the arena, read from an object of `members`. */
typedef dcr_status row_fn(const dcr_param_src *src, const json_t *of, void *row,
                          dcr_err *err);

static dcr_status read_rows(const dcr_param_src *src, const char *what,
                            const json_t *list, size_t members, size_t size, row_fn *read,
                            void *out, size_t *n, dcr_err *err)
{
    char *rows = dcr_arena_alloc(src->arena, json_array_size(list), size);
    dcr_status st = rows == NULL ? dcr_nomem(err) : DCR_OK;
    *n = json_array_size(list);
    for (size_t i = 0; st == DCR_OK && i < *n; i++) {
        const json_t *e = json_array_get(list, i);
        st = keys(src, e, members, what, err);
        if (st == DCR_OK)
            st = read(src, e, rows + i * size, err);
    }
    memcpy(out, &rows, sizeof rows);
    return st;
}

static dcr_status read_week(const dcr_param_src *src, const json_t *of, void *row,
                            dcr_err *err)
{
    dcr_week *w = row;
    dcr_status st = text(src, of, "id", &w->id, err);
    if (st == DCR_OK)
        st = number(src, of, "prior", 1e-6, 1, &w->prior, err);
    return st == DCR_OK ? weights(src, "day", json_object_get(of, "day"), w->day, 7, err)
                        : st;
}

static dcr_status read_holiday(const dcr_param_src *src, const json_t *of, void *row,
                               dcr_err *err)
{
    double month = 0, day = 0;
    dcr_status st = number(src, of, "month", 1, 12, &month, err);
    if (st == DCR_OK)
        st = number(src, of, "day", 1, 31, &day, err);
    *(dcr_holiday *)row = (dcr_holiday){(unsigned)month, (unsigned)day};
    return st;
}

static dcr_status read_class(const dcr_param_src *src, const json_t *of, void *row,
                             dcr_err *err)
{
    dcr_class_year *c = row;
    double year = 0;
    dcr_status st = text(src, of, "uid", &c->uid, err);
    if (st == DCR_OK)
        st = number(src, of, "year", 1985, 2100, &year, err);
    c->year = (int)year;
    return st;
}

static dcr_status read_tool(const dcr_param_src *src, const json_t *of, void *row,
                            dcr_err *err)
{
    dcr_date_tool *t = row;
    dcr_status st = text(src, of, "word", &t->word, err);
    return st == DCR_OK ? text(src, of, "scheme", &t->scheme, err) : st;
}

static dcr_status read_power(const dcr_param_src *src, const json_t *of, void *row,
                             dcr_err *err)
{
    dcr_power *p = row;
    dcr_status st = text(src, of, "mix", &p->mix, err);
    if (st == DCR_OK)
        st = text(src, of, "scheme", &p->scheme, err);
    if (st == DCR_OK)
        st = whole(src, of, "studies", &p->studies, err);
    if (st == DCR_OK)
        st = number(src, of, "right", 0, 1, &p->right, err);
    if (st == DCR_OK)
        st = number(src, of, "wrong", 0, 1, &p->wrong, err);
    p->times = json_is_true(json_object_get(of, "times"));
    return st;
}

static dcr_status read_lists(const dcr_param_src *src, const lab_file *f,
                             dcr_date_lab *lab, dcr_err *err)
{
    dcr_status st = read_rows(src, "weeks", f->weeks, 3, sizeof *lab->weeks, read_week,
                              &lab->weeks, &lab->n_weeks, err);
    if (st == DCR_OK && lab->n_weeks == 0)
        st = dcr_rule_fail(src->file, "weeks", err, "there must be a week");
    if (st == DCR_OK)
        st = read_rows(src, "holidays", f->holidays, 2, sizeof *lab->holidays,
                       read_holiday, &lab->holidays, &lab->n_holidays, err);
    if (st == DCR_OK)
        st = read_rows(src, "class_years", f->class_years, 3, sizeof *lab->class_years,
                       read_class, &lab->class_years, &lab->n_class_years, err);
    if (st == DCR_OK)
        st = read_rows(src, "tools", f->tools, 3, sizeof *lab->tools, read_tool,
                       &lab->tools, &lab->n_tools, err);
    return st == DCR_OK ? read_rows(src, "power", f->power, 6, sizeof *lab->power,
                                    read_power, &lab->power, &lab->n_power, err)
                        : st;
}

static dcr_date_paths paths(dcr_strings l)
{
    return (dcr_date_paths){l.s, l.n};
}

static dcr_status fill(const dcr_param_src *src, const lab_file *f, dcr_date_lab *lab,
                       dcr_err *err)
{
    dcr_status st = read_shares(src, f->share, lab, err);
    lab->exam_dates = paths(f->exam_dates);
    lab->exam_times = paths(f->exam_times);
    lab->device_dates = paths(f->device_dates);
    lab->not_twins = paths(f->not_twins);
    if (st == DCR_OK)
        st = weights(src, "unplanned_day", f->unplanned_day, lab->unplanned_day, 7, err);
    if (st == DCR_OK)
        st = weights(src, "planned_hour", f->planned_hour, lab->planned_hour, 24, err);
    if (st == DCR_OK)
        st = weights(src, "unplanned_hour", f->unplanned_hour, lab->unplanned_hour, 24,
                     err);
    if (st == DCR_OK)
        st = read_numbers(src, f, lab, err);
    return st == DCR_OK ? read_lists(src, f, lab, err) : st;
}

dcr_status dcr_load_date_lab(dcr_rules *r, dcr_err *err)
{
    const dcr_rule_file *file;
    lab_file f = {0};
    json_t *root = NULL;
    dcr_status st = dcr_load_json(r, "date-lab.json", &file, &root, err);
    if (st == DCR_OK) {
        dcr_param_src src = {file, &r->arena};
        st = dcr_params_read(&src, root, lab_spec, &f, err);
        if (st == DCR_OK)
            st = fill(&src, &f, &r->date_lab, err);
    }
    json_decref(root);
    return st;
}

const dcr_date_lab *dcr_rules_date_lab(const dcr_rules *r)
{
    return &r->date_lab;
}
