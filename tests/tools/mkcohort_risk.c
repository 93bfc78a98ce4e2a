/* Figures of every adversary, by comparing every row with every other. */
#include "mkcohort_truth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const knows_public[] = {
    "sex", "age", "ethnicity", "residence", "site", "exam_date", "body_region", NULL};
static const char *const knows_friend[] = {
    "height", "weight", "modality", "pregnancy", "smoking", "occupation", NULL};
static const char *const knows_staff[] = {"birth_date",   "exam_time", "device",
                                          "device_model", "procedure", "department",
                                          "staff",        NULL};
static const char *const knows_union[] = {"protocol", NULL};
static const char *const *const steps[] = {knows_public, knows_friend, knows_staff,
                                           knows_union};

static const uint32_t edges[] = {1, 2, 3, 5, 11, 20, 50, 100};
enum { N_EDGES = 8 };

/* One adversary over the rows of some subjects. */
typedef struct view {
    const mk_world *w;
    dcr_arena *arena;
    const bool *out;         /* by subject: not counted at all; NULL: all are in */
    bool known[MK_CONCEPTS]; /* concepts of the key */
    const char **at;         /* n_rows x MK_CONCEPTS values at level, NULL none */
    bool *seen;              /* room for one mark for each subject */
    uint32_t n;              /* subjects counted */
} view;

/* K and K_low of every row or subject, and what follows for the subjects. */
typedef struct figures {
    uint32_t *K, *K_low; /* by row; of the history: by subject */
    uint32_t *k, *k_low; /* by subject; 0: not counted */
    double *exam;        /* by subject: mean of 1/K over its records */
    size_t records, classes;
    size_t class_bins[N_EDGES];
} figures;

static bool same_value(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_key(const view *v, const bool *known, size_t i, size_t j)
{
    for (size_t c = 0; c < MK_CONCEPTS; c++)
        if (known[c] &&
            !same_value(v->at[i * MK_CONCEPTS + c], v->at[j * MK_CONCEPTS + c]))
            return false;
    return true;
}

static bool counts(const view *v, uint32_t subject)
{
    return v->out == NULL || !v->out[subject];
}

/* K(q) and K_low(q) of the key of row i. */
static void count_key(const view *v, const bool *known, size_t i, uint32_t *K,
                      uint32_t *K_low)
{
    const mk_world *w = v->w;
    uint32_t keyed = 0, inferred = 0;
    memset(v->seen, 0, w->n_persons * sizeof *v->seen);
    for (size_t j = 0; j < w->n_rows; j++) {
        uint32_t s = w->row[j].subject;
        if (!counts(v, s) || v->seen[s] || !same_key(v, known, i, j))
            continue;
        v->seen[s] = true; /* each subject once, however many rows it has */
        if (w->person[s].inferred)
            inferred++;
        else
            keyed++;
    }
    *K = keyed + inferred;
    *K_low = keyed + (inferred > 0);
}

static size_t bin(uint32_t k)
{
    size_t b = 0;
    while (b + 1 < N_EDGES && k >= edges[b + 1])
        b++;
    return b;
}

static figures *new_figures(const view *v)
{
    figures *f = mk_alloc(v->arena, 1, sizeof *f);
    size_t n = v->w->n_rows + v->w->n_persons;
    f->K = mk_alloc(v->arena, n, sizeof *f->K);
    f->K_low = mk_alloc(v->arena, n, sizeof *f->K_low);
    f->k = mk_alloc(v->arena, n, sizeof *f->k);
    f->k_low = mk_alloc(v->arena, n, sizeof *f->k_low);
    f->exam = mk_alloc(v->arena, n, sizeof *f->exam);
    return f;
}

static void take_record(figures *f, uint32_t s, uint32_t K, uint32_t K_low)
{
    f->records++;
    if (f->k[s] == 0 || K < f->k[s])
        f->k[s] = K;
    if (f->k_low[s] == 0 || K_low < f->k_low[s])
        f->k_low[s] = K_low;
}

/* The any_exam view for the concepts in `known`. */
static figures *any_exam(const view *v, const bool *known)
{
    const mk_world *w = v->w;
    figures *f = new_figures(v);
    uint32_t *records = mk_alloc(v->arena, w->n_persons, sizeof *records);
    for (size_t i = 0; i < w->n_rows; i++) {
        uint32_t s = w->row[i].subject;
        bool again = false, first = true; /* of this subject; of the key */
        if (!counts(v, s))
            continue;
        count_key(v, known, i, &f->K[i], &f->K_low[i]);
        for (size_t j = 0; j < i; j++) {
            if (!counts(v, w->row[j].subject) || !same_key(v, known, i, j))
                continue;
            first = false;
            again |= w->row[j].subject == s;
        }
        f->classes += first;
        f->class_bins[bin(f->K[i])] += first;
        if (again)
            continue;
        take_record(f, s, f->K[i], f->K_low[i]);
        f->exam[s] += 1.0 / f->K[i];
        records[s]++;
    }
    for (uint32_t s = 0; s < w->n_persons; s++)
        if (records[s] > 0)
            f->exam[s] /= records[s];
    return f;
}

/* In how many studies of a subject the key of row i occurs. */
static uint32_t times(const view *v, uint32_t subject, size_t i)
{
    const mk_world *w = v->w;
    uint32_t n = 0;
    for (size_t j = 0; j < w->n_rows; j++) {
        bool again = false; /* in the same study */
        if (w->row[j].subject != subject || !same_key(v, v->known, i, j))
            continue;
        for (size_t l = 0; l < j && !again; l++)
            again = w->row[l].study == w->row[j].study && same_key(v, v->known, i, l);
        n += !again;
    }
    return n;
}

static bool same_history(const view *v, uint32_t s, uint32_t t)
{
    const mk_world *w = v->w;
    for (size_t i = 0; i < w->n_rows; i++) {
        uint32_t who = w->row[i].subject;
        if ((who == s || who == t) && times(v, s, i) != times(v, t, i))
            return false;
    }
    return true;
}

static figures *history(const view *v)
{
    const mk_world *w = v->w;
    figures *f = new_figures(v);
    for (uint32_t s = 0; s < w->n_persons; s++) {
        uint32_t keyed = 0, inferred = 0;
        bool first = true;
        if (!counts(v, s))
            continue;
        for (uint32_t t = 0; t < w->n_persons; t++) {
            if (!counts(v, t) || !same_history(v, s, t))
                continue;
            first &= t >= s;
            if (w->person[t].inferred)
                inferred++;
            else
                keyed++;
        }
        take_record(f, s, keyed + inferred, keyed + (inferred > 0));
        f->exam[s] = 1.0 / f->k[s];
        f->classes += first;
        f->class_bins[bin(f->k[s])] += first;
    }
    return f;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static json_t *below(const figures *f, uint32_t n_persons)
{
    static const uint32_t limits[] = {2, 3, 5, 11, 20};
    json_t *o = json_object();
    for (size_t i = 0; i < 5; i++) {
        json_int_t n = 0;
        for (uint32_t s = 0; s < n_persons; s++)
            n += f->k[s] > 0 && f->k[s] < limits[i];
        json_object_set_new(o, (const char *const[]){"2", "3", "5", "11", "20"}[i],
                            json_integer(n));
    }
    return o;
}

static json_t *histogram(const figures *f, uint32_t n_persons)
{
    json_t *list = json_array();
    for (size_t b = 0; b < N_EDGES; b++) {
        json_int_t n = 0;
        for (uint32_t s = 0; s < n_persons; s++)
            n += f->k[s] > 0 && bin(f->k[s]) == b;
        json_t *o = json_object();
        json_object_set_new(o, "from", json_integer(edges[b]));
        json_object_set_new(
            o, "to", b + 1 < N_EDGES ? json_integer(edges[b + 1] - 1) : json_null());
        json_object_set_new(o, "classes", json_integer((json_int_t)f->class_bins[b]));
        json_object_set_new(o, "subjects", json_integer(n));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *prosecutor(const view *v, const figures *f)
{
    static const char *const names[] = {"0.05", "0.09", "0.2", "0.33"};
    static const double limits[] = {0.05, 0.09, 0.2, 0.33};
    double max = 0, sum = 0, exam = 0;
    json_t *o = json_object(), *share = json_object();
    for (uint32_t s = 0; s < v->w->n_persons; s++) {
        if (f->k[s] == 0)
            continue;
        max = fmax(max, 1.0 / f->k[s]);
        sum += 1.0 / f->k[s];
        exam += f->exam[s];
    }
    for (size_t i = 0; i < 4; i++) {
        double n = 0;
        for (uint32_t s = 0; s < v->w->n_persons; s++)
            n += f->k[s] > 0 && 1.0 / f->k[s] > limits[i];
        json_object_set_new(share, names[i], json_real(n / v->n));
    }
    json_object_set_new(o, "max", json_real(max));
    json_object_set_new(o, "average", json_real(sum / v->n));
    json_object_set_new(o, "random_exam", json_real(exam / v->n));
    json_object_set_new(o, "share_above", share);
    return o;
}

static uint32_t unique(const view *v, const figures *f)
{
    uint32_t n = 0;
    for (uint32_t s = 0; s < v->w->n_persons; s++)
        n += f->k[s] == 1;
    return n;
}

static json_t *view_json(const view *v, const figures *f)
{
    json_t *o = json_object();
    uint32_t *sorted = mk_alloc(v->arena, v->n, sizeof *sorted), n = 0, low = UINT32_MAX;
    for (uint32_t s = 0; s < v->w->n_persons; s++) {
        if (f->k[s] == 0)
            continue;
        sorted[n++] = f->k[s];
        if (f->k_low[s] < low)
            low = f->k_low[s];
    }
    qsort(sorted, n, sizeof *sorted, by_number);
    double median =
        n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0;
    json_object_set_new(o, "subjects", json_integer(n));
    json_object_set_new(o, "records", json_integer((json_int_t)f->records));
    json_object_set_new(o, "classes", json_integer((json_int_t)f->classes));
    json_object_set_new(o, "k_min", json_integer(sorted[0]));
    json_object_set_new(o, "k_low_min", json_integer(low));
    json_object_set_new(o, "k_median", json_real(median));
    json_object_set_new(o, "unique_subjects", json_integer(unique(v, f)));
    json_object_set_new(o, "below", below(f, v->w->n_persons));
    json_object_set_new(o, "histogram", histogram(f, v->w->n_persons));
    json_object_set_new(o, "prosecutor", prosecutor(v, f));
    return o;
}

/* Entropy of one concept over its records (distinct pairs of subject and value). */
static double bits(const view *v, const bool *only, const figures *f)
{
    double h = 0;
    for (size_t i = 0; i < v->w->n_rows; i++) {
        bool first = counts(v, v->w->row[i].subject);
        for (size_t j = 0; j < i && first; j++)
            first = !(counts(v, v->w->row[j].subject) && same_key(v, only, i, j));
        if (!first)
            continue;
        double p =
            (double)f->K[i] / (double)f->records; /* one record per subject and value */
        h -= p * log2(p);
    }
    return h > 0 ? h : 0;
}

static json_t *concepts_json(const view *v, const figures *full, const bool *present)
{
    json_t *all = json_object();
    for (size_t c = 0; c < MK_CONCEPTS; c++) {
        bool only[MK_CONCEPTS] = {false}, without[MK_CONCEPTS];
        uint32_t alone = UINT32_MAX;
        if (!present[c])
            continue;
        only[c] = true;
        memcpy(without, v->known, sizeof without);
        without[c] = false;
        figures *f = any_exam(v, only), *g = any_exam(v, without);
        for (uint32_t s = 0; s < v->w->n_persons; s++)
            if (f->k[s] > 0 && f->k[s] < alone)
                alone = f->k[s];
        json_t *o = json_object();
        json_object_set_new(o, "bits", json_real(bits(v, only, f)));
        json_object_set_new(o, "alone", json_integer(alone));
        json_object_set_new(
            o, "drop_one",
            json_integer((json_int_t)unique(v, full) - (json_int_t)unique(v, g)));
        json_object_set_new(all, mk_concepts[c].id, o);
    }
    return all;
}

/* What tools that count rows would call k: files, or studies, instead of people. */
static json_t *naive(const view *v)
{
    const mk_world *w = v->w;
    json_int_t min_files = INT64_MAX, min_studies = INT64_MAX;
    for (size_t i = 0; i < w->n_rows; i++) {
        json_int_t files = 0, studies = 0;
        if (!counts(v, w->row[i].subject))
            continue;
        for (size_t j = 0; j < w->n_rows; j++) {
            bool again = false;
            if (!counts(v, w->row[j].subject) || !same_key(v, v->known, i, j))
                continue;
            for (size_t f = 0; f < w->n_files; f++)
                files += w->file[f]->series == w->row[j].series;
            for (size_t l = 0; l < j; l++)
                again |=
                    w->row[l].study == w->row[j].study && same_key(v, v->known, i, l);
            studies += !again;
        }
        min_files = files < min_files ? files : min_files;
        min_studies = studies < min_studies ? studies : min_studies;
    }
    json_t *o = json_object();
    json_object_set_new(o, "k_min_files", json_integer(min_files));
    json_object_set_new(o, "k_min_studies", json_integer(min_studies));
    return o;
}

static json_t *keys_json(const view *v, const figures *f)
{
    json_t *list = json_array();
    for (size_t i = 0; i < v->w->n_rows; i++) {
        bool first = counts(v, v->w->row[i].subject);
        for (size_t j = 0; j < i && first; j++)
            first = !(counts(v, v->w->row[j].subject) && same_key(v, v->known, i, j));
        if (!first)
            continue;
        json_t *o = json_object(), *key = json_array();
        for (size_t c = 0; c < MK_CONCEPTS; c++) {
            const char *at = v->at[i * MK_CONCEPTS + c];
            if (v->known[c])
                json_array_append_new(key, at == NULL ? json_null() : json_string(at));
        }
        json_object_set_new(o, "key", key);
        json_object_set_new(o, "K", json_integer(f->K[i]));
        json_object_set_new(o, "K_low", json_integer(f->K_low[i]));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *subjects_json(const view *v, const figures *f)
{
    json_t *list = json_array();
    for (uint32_t s = 0; s < v->w->n_persons; s++) {
        if (f->k[s] == 0)
            continue;
        json_t *o = json_object();
        json_object_set_new(o, "subject", json_string(v->w->person[s].key));
        if (v->w->person[s].issuer != NULL)
            json_object_set_new(o, "issuer", json_string(v->w->person[s].issuer));
        json_object_set_new(o, "k", json_integer(f->k[s]));
        json_object_set_new(o, "k_low", json_integer(f->k_low[s]));
        json_object_set_new(o, "r", json_real(1.0 / f->k[s]));
        json_array_append_new(list, o);
    }
    return list;
}

static void set_values(view *v, bool month)
{
    const mk_world *w = v->w;
    v->at = mk_alloc(v->arena, w->n_rows * MK_CONCEPTS, sizeof *v->at);
    for (size_t i = 0; i < w->n_rows; i++)
        for (size_t c = 0; c < MK_CONCEPTS; c++)
            if (w->row[i].value[c] != NULL)
                v->at[i * MK_CONCEPTS + c] =
                    mk_at_level(v->arena, mk_concepts[c].kind,
                                month && strcmp(mk_concepts[c].id, "exam_date") == 0,
                                w->row[i].value[c]);
}

/* Is site a worse for its neighbours than b: more unique, then riskier, then smaller by
 * bytes. */
static bool worse(const view *a, const figures *fa, const view *b, const figures *fb)
{
    double share_a = (double)unique(a, fa) / a->n, share_b = (double)unique(b, fb) / b->n;
    double mean_a = 0, mean_b = 0;
    for (uint32_t s = 0; s < a->w->n_persons; s++) {
        mean_a += fa->k[s] > 0 ? 1.0 / fa->k[s] / a->n : 0;
        mean_b += fb->k[s] > 0 ? 1.0 / fb->k[s] / b->n : 0;
    }
    if (fabs(share_a - share_b) > 1e-12)
        return share_a > share_b;
    return mean_a >
           mean_b + 1e-12; /* equal: the first by bytes stays, sites come in that order */
}

static const char *next_site(const view *v, const char *after)
{
    const char *least = NULL;
    size_t c = mk_concept_no("site");
    for (size_t i = 0; i < v->w->n_rows; i++) {
        const char *s = v->at[i * MK_CONCEPTS + c];
        if (s != NULL && (after == NULL || strcmp(s, after) > 0) &&
            (least == NULL || strcmp(s, least) < 0))
            least = s;
    }
    return least;
}

/* Restricts v to the subjects that are not the worst site's own; the site, or NULL. */
static const char *subtract_site(view *v)
{
    const mk_world *w = v->w;
    size_t c = mk_concept_no("site");
    const char *worst = NULL;
    view best = *v;
    figures *best_f = NULL;
    for (const char *s = next_site(v, NULL); s != NULL; s = next_site(v, s)) {
        view try = *v;
        bool *out = mk_alloc(v->arena, w->n_persons, sizeof *out);
        for (size_t i = 0; i < w->n_rows; i++)
            if (same_value(v->at[i * MK_CONCEPTS + c], s))
                out[w->row[i].subject] = true;
        for (uint32_t p = 0; p < w->n_persons; p++)
            try.n -= out[p];
        if (try.n == 0)
            continue;
        try.out = out;
        figures *f = any_exam(&try, try.known);
        if (worst == NULL || worse(&try, f, &best, best_f)) {
            worst = s;
            best = try;
            best_f = f;
        }
    }
    *v = best;
    return worst;
}

static json_t *adversary(const mk_world *w, size_t n_steps, bool subtract)
{
    view v = {.w = w, .arena = w->arena, .n = w->n_persons};
    bool present[MK_CONCEPTS] = {false}, any = false;
    json_t *o = json_object(), *names = json_array();
    v.seen = mk_alloc(w->arena, w->n_persons, sizeof *v.seen);
    set_values(&v, n_steps == 1);
    for (size_t i = 0; i < n_steps; i++)
        for (const char *const *id = steps[i]; *id != NULL; id++)
            v.known[mk_concept_no(*id)] = true;
    for (size_t c = 0; c < MK_CONCEPTS; c++) {
        for (size_t i = 0; i < w->n_rows; i++)
            present[c] |= v.known[c] && v.at[i * MK_CONCEPTS + c] != NULL;
        if (present[c])
            json_array_append_new(names, json_string(mk_concepts[c].id));
        any |= present[c];
    }
    memcpy(v.known, present, sizeof present);
    if (subtract) {
        const char *site = subtract_site(&v);
        json_object_set_new(o, "worst_site",
                            site == NULL ? json_null() : json_string(site));
    }
    figures *f = any_exam(&v, v.known);
    json_object_set_new(o, "applies", json_boolean(any));
    json_object_set_new(o, "present", names);
    json_object_set_new(o, "any_exam", view_json(&v, f));
    if (any)
        json_object_set_new(o, "history", view_json(&v, history(&v)));
    json_object_set_new(o, "concepts", concepts_json(&v, f, present));
    json_object_set_new(o, "naive", naive(&v));
    json_object_set_new(o, "keys", keys_json(&v, f));
    json_object_set_new(o, "per_subject", subjects_json(&v, f));
    return o;
}

json_t *mk_adversaries(const mk_world *w)
{
    json_t *o = json_object();
    if (w->n_rows == 0)
        return o;
    json_object_set_new(o, "public", adversary(w, 1, false));
    json_object_set_new(o, "acquaintance", adversary(w, 2, false));
    json_object_set_new(o, "site-staff", adversary(w, 3, false));
    json_object_set_new(o, "collaborating-site", adversary(w, 3, true));
    json_object_set_new(o, "union", adversary(w, 4, false));
    return o;
}
