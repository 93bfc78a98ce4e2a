/* k of every subject, from classes; the worst site of a collaborating adversary. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "classes.h"

typedef struct subjects { /* arrays behind dcr_risk, by subject judged */
    uint32_t *k, *k_low, *n;
    double *exam;
    uint32_t *number; /* of the worst site's view, NULL otherwise */
} subjects;

static void subjects_free(subjects *s)
{
    if (s == NULL)
        return;
    dcr_free(s->k);
    dcr_free(s->k_low);
    dcr_free(s->n);
    dcr_free(s->exam);
    dcr_free(s->number);
    dcr_free(s);
}

void dcr_risk_free(dcr_risk *r)
{
    if (r == NULL)
        return;
    dcr_classes_clear(&r->classes);
    subjects_free(r->owner);
    dcr_free(r);
}

/* k(s), k_low(s) and the mean of 1/K over the records of each of n subjects. */
dcr_status dcr_risk_judge(dcr_risk *r, uint32_t n, dcr_err *err)
{
    const dcr_classes *c = &r->classes;
    subjects *s = dcr_alloc(1, sizeof *s);
    r->owner = s;
    if (s == NULL)
        return dcr_nomem(err);
    s->k = dcr_alloc(n, sizeof *s->k);
    s->k_low = dcr_alloc(n, sizeof *s->k_low);
    s->n = dcr_alloc(n, sizeof *s->n);
    s->exam = dcr_alloc(n, sizeof *s->exam);
    if (s->k == NULL || s->k_low == NULL || s->n == NULL || s->exam == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < c->n_records; i++) {
        uint32_t who = c->record_subject[i], k = c->size[c->record_class[i]];
        uint32_t low = c->size_low[c->record_class[i]];
        if (s->k[who] == 0 || k < s->k[who])
            s->k[who] = k;
        if (s->k_low[who] == 0 || low < s->k_low[who])
            s->k_low[who] = low;
        s->exam[who] += 1.0 / k;
        s->n[who]++;
    }
    for (uint32_t i = 0; i < n; i++)
        s->exam[i] = s->n[i] == 0 ? 0 : s->exam[i] / s->n[i];
    r->n_subjects = n;
    r->k = s->k;
    r->k_low = s->k_low;
    r->exam = s->exam;
    return DCR_OK;
}

/* ---- a site that knows its own patients ---- */

typedef struct by_class { /* the subjects of each class, those of the largest k first */
    uint32_t *first, *subject; /* subjects of class c: subject[first[c] .. first[c+1]) */
} by_class;

/* Subjects by k, the largest first; k is at most their number. */
static uint32_t *by_k(const dcr_risk *r)
{
    size_t n = r->n_subjects;
    uint32_t *order = dcr_alloc(n, sizeof *order),
             *place = dcr_alloc(n + 2, sizeof *place);
    if (order != NULL && place != NULL) {
        for (size_t s = 0; s < n; s++)
            place[n - r->k[s] + 1]++;
        for (size_t k = 1; k <= n; k++)
            place[k] += place[k - 1];
        for (size_t s = 0; s < n; s++)
            order[place[n - r->k[s]]++] = (uint32_t)s;
    } else {
        dcr_free(order);
        order = NULL;
    }
    dcr_free(place);
    return order;
}

static dcr_status invert(const dcr_risk *r, const uint32_t *first_record, by_class *out,
                         dcr_err *err)
{
    const dcr_classes *c = &r->classes;
    uint32_t *order = by_k(r);
    out->first = dcr_alloc((size_t)c->n_classes + 2, sizeof *out->first);
    out->subject = dcr_alloc(c->n_records, sizeof *out->subject);
    if (order == NULL || out->first == NULL || out->subject == NULL) {
        dcr_free(order);
        return dcr_nomem(err);
    }
    for (size_t i = 0; i < c->n_records; i++)
        out->first[c->record_class[i] + 2]++;
    for (uint32_t k = 2; k < c->n_classes + 2; k++)
        out->first[k] += out->first[k - 1];
    for (size_t s = 0; s < r->n_subjects; s++)
        for (uint32_t i = first_record[order[s]]; i < first_record[order[s] + 1]; i++)
            out->subject[out->first[c->record_class[i] + 1]++] = order[s];
    dcr_free(order);
    return DCR_OK;
}

typedef struct site_search {
    const dcr_risk *r;
    const dcr_column *site;
    by_class of;
    uint32_t *first_record; /* n_subjects + 1: records of a subject */
    uint32_t *own;          /* per subject: site code + 1 it was last marked for */
    uint32_t *seen;         /* per subject: mark of the judging that met it last */
    uint32_t mark;
    uint64_t steps;                  /* of the tie-break so far */
    uint32_t *less;                  /* per class: own subjects of the site in hand */
    uint32_t *touched;               /* classes with less > 0 */
    uint32_t *site_first, *site_row; /* rows of each site */
} site_search;

static void search_clear(site_search *s)
{
    dcr_free(s->of.first);
    dcr_free(s->of.subject);
    dcr_free(s->first_record);
    dcr_free(s->own);
    dcr_free(s->seen);
    dcr_free(s->less);
    dcr_free(s->touched);
    dcr_free(s->site_first);
    dcr_free(s->site_row);
}

static dcr_status search_init(site_search *s, const dcr_risk *r, const dcr_column *site,
                              dcr_err *err)
{
    const dcr_classes *c = &r->classes;
    size_t n_rows = r->model->table.n_rows;
    s->r = r;
    s->site = site;
    s->first_record = dcr_alloc((size_t)r->n_subjects + 1, sizeof *s->first_record);
    s->own = dcr_alloc(r->n_subjects, sizeof *s->own);
    s->seen = dcr_alloc(r->n_subjects, sizeof *s->seen);
    s->less = dcr_alloc(c->n_classes, sizeof *s->less);
    s->touched = dcr_alloc(c->n_classes, sizeof *s->touched);
    s->site_first = dcr_alloc((size_t)site->n_codes + 2, sizeof *s->site_first);
    s->site_row = dcr_alloc(n_rows, sizeof *s->site_row);
    if (s->first_record == NULL || s->own == NULL || s->seen == NULL || s->less == NULL ||
        s->touched == NULL || s->site_first == NULL || s->site_row == NULL)
        return dcr_nomem(err);
    for (size_t i = c->n_records; i-- > 0;)
        s->first_record[c->record_subject[i]] = (uint32_t)i;
    s->first_record[r->n_subjects] = (uint32_t)c->n_records;
    for (size_t i = 0; i < n_rows; i++)
        s->site_first[site->code[i] + 2]++;
    for (uint32_t k = 2; k < site->n_codes + 2; k++)
        s->site_first[k] += s->site_first[k - 1];
    for (size_t i = 0; i < n_rows; i++)
        s->site_row[s->site_first[site->code[i] + 1]++] = (uint32_t)i;
    return invert(r, s->first_record, &s->of, err);
}

/* Marks the site's own subjects and counts them in their classes; returns how many. */
static uint32_t mark_own(site_search *s, uint32_t v, uint32_t *n_touched)
{
    const dcr_classes *c = &s->r->classes;
    uint32_t n = 0;
    *n_touched = 0;
    for (uint32_t i = s->site_first[v]; i < s->site_first[v + 1]; i++) {
        uint32_t who = s->r->model->table.subject[s->site_row[i]];
        if (s->own[who] == v + 1)
            continue;
        s->own[who] = v + 1;
        n++;
        for (uint32_t k = s->first_record[who]; k < s->first_record[who + 1]; k++)
            if (s->less[c->record_class[k]]++ == 0)
                s->touched[(*n_touched)++] = c->record_class[k];
    }
    return n;
}

static uint32_t k_without_own(const site_search *s, uint32_t who)
{
    const dcr_classes *c = &s->r->classes;
    uint32_t k = UINT32_MAX;
    for (uint32_t i = s->first_record[who]; i < s->first_record[who + 1]; i++) {
        uint32_t q = c->record_class[i];
        if (c->size[q] - s->less[q] < k)
            k = c->size[q] - s->less[q];
    }
    return k;
}

typedef struct site_score {
    uint32_t others, unique;
    double mean; /* of r over the others */
} site_score;

/* One site among very many is not looked at more closely than this in all. */
static const uint64_t most_steps = 2000000000;

static void unmark(site_search *s, uint32_t n_touched)
{
    for (uint32_t t = 0; t < n_touched; t++)
        s->less[s->touched[t]] = 0;
}

/* The only subject of a class that is not of the site, when it is the only one. */
static uint32_t left_alone(const site_search *s, uint32_t q, uint32_t v)
{
    uint32_t i = s->of.first[q];
    if (s->r->classes.size[q] - s->less[q] != 1)
        return UINT32_MAX;
    while (s->own[s->of.subject[i]] == v + 1)
        i++;
    return s->of.subject[i];
}

/* How many others there are, and how many of them are unique.  Who becomes unique shares
 * a class with own subjects alone, so the work is that of looking at those. */
static site_score count_unique(site_search *s, uint32_t v, const site_score *base)
{
    site_score x = *base;
    uint32_t n_touched, n_own = mark_own(s, v, &n_touched);
    s->mark++;
    for (uint32_t i = s->site_first[v]; i < s->site_first[v + 1]; i++) {
        uint32_t who = s->r->model->table.subject[s->site_row[i]];
        x.unique -= s->seen[who] != s->mark && s->r->k[who] == 1;
        s->seen[who] = s->mark;
    }
    for (uint32_t t = 0; t < n_touched; t++) {
        uint32_t who = left_alone(s, s->touched[t], v);
        if (who == UINT32_MAX || s->seen[who] == s->mark)
            continue;
        s->seen[who] = s->mark;
        x.unique += s->r->k[who] != 1;
    }
    unmark(s, n_touched);
    x.others = base->others - n_own;
    return x;
}

/* The mean of r over the others: that of all, less the site's own, with those judged
 * again whose k shrinks, which stand first in their classes. */
static double mean_of_others(site_search *s, uint32_t v, double sum, uint32_t others)
{
    uint32_t n_touched;
    for (uint32_t i = s->site_first[v]; i < s->site_first[v + 1]; i++)
        s->own[s->r->model->table.subject[s->site_row[i]]] = 0;
    mark_own(s, v, &n_touched);
    s->mark++;
    for (uint32_t i = s->site_first[v]; i < s->site_first[v + 1]; i++) {
        uint32_t who = s->r->model->table.subject[s->site_row[i]];
        sum -= s->seen[who] == s->mark ? 0 : 1.0 / s->r->k[who];
        s->seen[who] = s->mark;
    }
    for (uint32_t t = 0; t < n_touched; t++) {
        uint32_t q = s->touched[t], k = s->r->classes.size[q] - s->less[q];
        for (uint32_t i = s->of.first[q]; i < s->of.first[q + 1]; i++) {
            uint32_t who = s->of.subject[i];
            s->steps++;
            if (s->r->k[who] <= k)
                break;
            if (s->seen[who] == s->mark)
                continue;
            s->seen[who] = s->mark;
            sum += 1.0 / k_without_own(s, who) - 1.0 / s->r->k[who];
        }
    }
    unmark(s, n_touched);
    return sum / others;
}

/* Compares shares of unique subjects: negative, zero or positive. */
static int compare_shares(const site_score *a, const site_score *b)
{
    uint64_t left = (uint64_t)a->unique * b->others,
             right = (uint64_t)b->unique * a->others;
    return (left > right) - (left < right);
}

/* The site whose others are unique most often; of those alike, the one with the largest
 * mean r, where rounding must not decide; of those, the first. */
static uint32_t worst_site(site_search *s)
{
    site_score base = {s->r->n_subjects, 0, 0}, best = {0, 0, 0};
    double sum = 0;
    uint32_t worst = 0;
    for (uint32_t i = 0; i < base.others; i++) {
        base.unique += s->r->k[i] == 1;
        sum += 1.0 / s->r->k[i];
    }
    for (uint32_t v = 1; v < s->site->n_codes; v++) {
        site_score x;
        int c;
        if (s->site_first[v] == s->site_first[v + 1])
            continue; /* named only by objects that make no row: nobody's own site */
        x = count_unique(s, v, &base);
        c = x.others == 0 ? -1 : worst == 0 ? 1 : compare_shares(&x, &best);
        if (c < 0 || (c == 0 && s->steps > most_steps))
            continue;
        if (c == 0 && best.mean < 0)
            best.mean = mean_of_others(s, worst, sum, best.others);
        x.mean = c == 0 ? mean_of_others(s, v, sum, x.others) : -1;
        if (c > 0 || x.mean > best.mean + 1e-12) {
            best = x;
            worst = v;
        }
    }
    return worst;
}

static dcr_status classes_of(dcr_risk *r, uint32_t *row_class, dcr_err *err);

/* Judges again without the subjects of site v. */
static dcr_status without_site(dcr_risk *r, const dcr_column *site, uint32_t v,
                               dcr_err *err)
{
    const dcr_model *m = r->model;
    subjects *s = r->owner;
    uint32_t *number = dcr_alloc(m->n_subjects, sizeof *number), n = 0;
    dcr_status rc;
    if (number == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < m->table.n_rows; i++)
        if (site->code[i] == v)
            number[m->table.subject[i]] = UINT32_MAX;
    for (uint32_t i = 0; i < m->n_subjects; i++)
        number[i] = number[i] == UINT32_MAX ? 0 : ++n;
    subjects_free(s);
    r->owner = NULL;
    r->number = number;
    dcr_classes_clear(&r->classes);
    rc = classes_of(r, NULL, err);
    if (rc == DCR_OK)
        rc = dcr_risk_judge(r, n, err);
    if (r->owner != NULL)
        ((subjects *)r->owner)->number = number;
    else
        dcr_free(number);
    return rc;
}

static const dcr_column *site_column(const dcr_model *m, const dcr_adversary *a)
{
    for (size_t i = 0; i < a->n_knows; i++)
        if (strcmp(m->concepts[a->knows[i].concept].id, "site") == 0)
            return dcr_model_column(m, a->knows[i].concept, a->knows[i].level);
    return NULL;
}

static dcr_status subtract_site(dcr_risk *r, dcr_err *err)
{
    const dcr_column *site = site_column(r->model, r->adversary);
    site_search s = {0};
    uint32_t v = 0;
    dcr_status rc = DCR_OK;
    if (site != NULL && site->n_codes > 1) {
        rc = search_init(&s, r, site, err);
        v = rc == DCR_OK ? worst_site(&s) : 0;
        search_clear(&s);
    }
    if (rc == DCR_OK && v > 0) {
        r->note = "the site whose partners' patients stand out most; its own patients "
                  "are left out";
        return without_site(r, site, v, err);
    }
    r->note =
        "no site is named, or all patients are of one site: nobody could be left out";
    return rc;
}

/* ---- views ---- */

static dcr_status classes_of(dcr_risk *r, uint32_t *row_class, dcr_err *err)
{
    const dcr_column **col = dcr_alloc(r->adversary->n_knows, sizeof *col);
    dcr_status rc;
    size_t n;
    if (col == NULL)
        return dcr_nomem(err);
    n = dcr_key_columns(r->model, r->adversary, SIZE_MAX, col);
    r->applies = n > 0 && r->model->n_subjects > 0;
    rc = dcr_classes_build(&r->classes, r->model, col, n, r->number, row_class, err);
    dcr_free(col);
    return rc;
}

dcr_status dcr_risk_start(dcr_risk **out, const dcr_risk *any_exam, const char *view,
                          uint32_t *row_class, dcr_err *err)
{
    dcr_risk *r = dcr_alloc(1, sizeof *r);
    dcr_status rc;
    *out = NULL;
    if (r == NULL)
        return dcr_nomem(err);
    r->model = any_exam->model;
    r->adversary = any_exam->adversary;
    r->number = any_exam->number;
    r->note = any_exam->note;
    r->view = view;
    /* Without a wish for rows' classes, those of the first view are the ones. */
    r->applies = any_exam->applies;
    rc = row_class == NULL && any_exam->owner != NULL
             ? dcr_classes_copy(&r->classes, &any_exam->classes, err)
             : classes_of(r, row_class, err);
    if (rc == DCR_OK &&
        any_exam->owner != NULL) { /* a further view makes its own classes */
        dcr_free(r->classes.first_row);
        r->classes.first_row = NULL;
    }
    if (rc != DCR_OK)
        dcr_risk_free(r);
    else
        *out = r;
    return rc;
}

dcr_status dcr_risk_any_exam(dcr_risk **out, const dcr_model *m, const dcr_adversary *a,
                             dcr_err *err)
{
    dcr_risk everyone = {.model = m, .adversary = a, .note = ""};
    dcr_status rc = dcr_risk_start(out, &everyone, "any_exam", NULL, err);
    if (rc == DCR_OK && !(*out)->applies)
        (*out)->note = "nothing that this adversary knows is in the dataset";
    if (rc == DCR_OK)
        rc = dcr_risk_judge(*out, m->n_subjects, err);
    if (rc == DCR_OK && a->subtract_site && (*out)->applies)
        rc = subtract_site(*out, err);
    if (rc != DCR_OK) {
        dcr_risk_free(*out);
        *out = NULL;
    }
    return rc;
}
