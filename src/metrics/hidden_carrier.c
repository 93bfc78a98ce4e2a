/* Attributes that say again what a concept says, or would have said. */
#include <math.h>
#include <stdlib.h>

#include "hash.h"
#include "hidden_impl.h"

enum { GLANCE = 48, FEW_AGREE = 80, CLEAR = 90, FEWEST_BIRTH_YEARS = 20 };

static uint64_t said_hash(dcr_say say, double scale, const dcr_value *v)
{
    char text[DCR_SAID_MAX];
    if (v->flags & (DCR_VALUE_BINARY | DCR_VALUE_DIGEST))
        return 0;
    if (!dcr_said(say, scale, v->bytes, v->len, text))
        return 0;
    return dcr_hash64(text, strlen(text)) | 1;
}

/* ---- what the concepts say, visit by visit ---- */

static dcr_status read_concept(dcr_carrier_search *c, size_t at, uint32_t *rep,
                               dcr_err *err)
{
    const dcr_concept *k = &c->s->m->concepts[at];
    dcr_said_visits *out = &c->concept[at];
    out->say = dcr_say_of(k);
    out->said = dcr_alloc(c->n_visits, sizeof *out->said);
    out->value = dcr_alloc(c->n_visits, sizeof *out->value);
    out->attr = dcr_alloc(c->n_visits, sizeof *out->attr);
    if (out->said == NULL || out->value == NULL || out->attr == NULL)
        return dcr_nomem(err);
    for (size_t r = 0; r < k->n_carriers; r++) {
        const dcr_attr *a = dcr_model_attr(c->s->m, k->carriers[r]);
        if (a == NULL)
            continue;
        dcr_sample_read(c->s, a, rep, NULL);
        for (uint32_t v = 0; v < c->n_visits; v++) {
            if (rep[v] == 0 || out->said[v] != 0)
                continue;
            out->said[v] = said_hash(out->say, 1, &a->values[rep[v] - 1]);
            out->value[v] = rep[v];
            out->attr[v] = a;
        }
    }
    return DCR_OK;
}

dcr_status dcr_carriers_begin(dcr_carrier_search *c, const dcr_sample *s, dcr_hidden *h,
                              dcr_arena *arena, uint32_t *rep, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    double tests;
    c->s = s;
    c->h = h;
    c->arena = arena;
    while (c->n_subjects < s->n_subjects && c->n_visits < DCR_COMPARED_MAX)
        c->n_visits = s->first_visit[++c->n_subjects];
    c->concept = dcr_alloc(s->m->n_concepts, sizeof *c->concept);
    c->deal = dcr_alloc(c->n_subjects, sizeof *c->deal);
    c->said = dcr_alloc(c->n_visits, sizeof *c->said);
    if (c->concept == NULL || c->deal == NULL || c->said == NULL)
        return dcr_nomem(err);
    c->n_concepts = s->m->n_concepts;
    /* Bonferroni: every attribute might be compared with every concept. */
    tests = (double)h->n_attrs * (double)c->n_concepts;
    c->level = h->params.q / (tests > 1 ? tests : 1);
    for (size_t k = 0; k < c->n_concepts && rc == DCR_OK; k++)
        rc = read_concept(c, k, rep, err);
    return rc;
}

static int by_concept(const void *pa, const void *pb)
{
    const dcr_found_carrier *a = pa, *b = pb;
    if (a->carrier.concept != b->carrier.concept)
    return a->carrier.concept < b->carrier.concept ? -1 : 1;
    return strcmp(a->carrier.path, b->carrier.path);
}

void dcr_carriers_end(dcr_carrier_search *c)
{
    if (c->h != NULL && c->h->n_carriers > 0)
        qsort(c->h->carriers, c->h->n_carriers, sizeof *c->h->carriers, by_concept);
    for (size_t k = 0; k < c->n_concepts; k++) {
        dcr_free(c->concept[k].said);
        dcr_free(c->concept[k].value);
        dcr_free(c->concept[k].attr);
    }
    dcr_free(c->concept);
    dcr_free(c->deal);
    dcr_free(c->said);
}

/* ---- counting ---- */

typedef struct overlap { /* visits at which both the attribute and the concept speak */
    uint32_t visits, subjects, studies, equal;
} overlap;

static dcr_status add(dcr_carrier_search *c, const dcr_attr *a, size_t concept,
                      const char *evidence, const overlap *o, dcr_found_carrier **out,
                      dcr_err *err)
{
    dcr_hidden *h = c->h;
    dcr_found_carrier *f;
    if (!dcr_grow(&h->carriers, &c->cap, h->n_carriers + 1, sizeof *h->carriers))
        return dcr_nomem(err);
    f = &h->carriers[h->n_carriers++];
    memset(f, 0, sizeof *f);
    f->carrier.path = dcr_arena_str(c->arena, a->path);
    f->carrier.concept = concept;
    f->evidence = evidence;
    f->subjects = o->subjects;
    f->studies = o->studies;
    f->used = a->is_private;
    *out = f;
    return f->carrier.path == NULL ? dcr_nomem(err) : DCR_OK;
}

static overlap compare(const dcr_carrier_search *c, const uint64_t *said)
{
    overlap o = {0};
    uint32_t last = UINT32_MAX;
    for (uint32_t v = 0; v < c->n_visits; v++) {
        if (c->said[v] == 0 || said[v] == 0)
            continue;
        o.visits++;
        o.equal += c->said[v] == said[v];
        o.studies += c->s->visit_studies[v];
        o.subjects += c->s->visit_subject[v] != last;
        last = c->s->visit_subject[v];
    }
    return o;
}

/* How likely agreement is if who has which value does not matter: one visit a subject. */
static double chance(const dcr_carrier_search *c, const uint64_t *said, uint64_t seed)
{
    uint32_t last = UINT32_MAX, agree, pairs;
    size_t n = 0;
    for (uint32_t v = 0; v < c->n_visits; v++) {
        if (c->said[v] == 0 || said[v] == 0 || c->s->visit_subject[v] == last)
            continue;
        last = c->s->visit_subject[v];
        c->deal[n++] = (dcr_deal){.order = c->s->order[v],
                                  .a = (uint32_t)(said[v] >> 32) | 1,
                                  .b = (uint32_t)(c->said[v] >> 32) | 1};
    }
    return dcr_deal_test(&c->h->params, c->deal, n, seed, &agree, &pairs);
}

/* ---- equal ---- */

/* A glance at the first visits at which both speak: mostly it settles the matter. */
static bool worth_it(const dcr_carrier_search *c, const dcr_said_visits *k, double scale,
                     const dcr_attr *a, const uint32_t *rep)
{
    uint32_t both = 0, equal = 0;
    for (uint32_t v = 0; v < c->n_visits && both < GLANCE; v++) {
        if (rep[v] == 0 || k->said[v] == 0)
            continue;
        both++;
        equal += said_hash(k->say, scale, &a->values[rep[v] - 1]) == k->said[v];
    }
    return both > 0 && equal * 100 >= both * FEW_AGREE;
}

static void say_all(dcr_carrier_search *c, dcr_say say, double scale, const dcr_attr *a,
                    const uint32_t *rep)
{
    for (uint32_t v = 0; v < c->n_visits; v++)
        c->said[v] = rep[v] == 0 ? 0 : said_hash(say, scale, &a->values[rep[v] - 1]);
}

static dcr_status try_equal(dcr_carrier_search *c, size_t concept, double scale,
                            const dcr_attr *a, const uint32_t *rep, bool *found,
                            dcr_err *err)
{
    const dcr_hidden_params *p = &c->h->params;
    const dcr_said_visits *k = &c->concept[concept];
    dcr_found_carrier *f;
    overlap o;
    double by_chance;
    dcr_status rc;
    if (!worth_it(c, k, scale, a, rep))
        return DCR_OK;
    say_all(c, k->say, scale, a, rep);
    o = compare(c, k->said);
    if (o.subjects < p->carrier_subjects ||
        (uint64_t)o.equal * 100 < (uint64_t)o.visits * p->carrier_equal)
        return DCR_OK;
    by_chance = chance(c, k->said, dcr_hash64(a->path, strlen(a->path)) + concept);
    if (by_chance < 0)
        return dcr_nomem(err);
    if (by_chance > c->level)
        return DCR_OK;
    *found = true;
    rc = add(c, a, concept, "equal", &o, &f, err);
    return rc == DCR_OK ? dcr_recode_all(f, c->arena, a, k->say, scale, err) : rc;
}

/* ---- one-to-one: a code for each value, as 1 and 2 for M and F ---- */

typedef struct code { /* the concept's value behind a value of the attribute */
    uint64_t said;
    uint32_t value, visit, subjects;
} code;

static int by_value(const void *pa, const void *pb)
{
    const code *a = pa, *b = pb;
    return (a->value > b->value) - (a->value < b->value);
}

static int by_said(const void *pa, const void *pb)
{
    const code *a = pa, *b = pb;
    if (a->said != b->said)
        return a->said < b->said ? -1 : 1;
    return by_value(pa, pb);
}

static int by_subjects(const void *pa, const void *pb)
{
    const code *a = pa, *b = pb;
    return (a->subjects > b->subjects) - (a->subjects < b->subjects);
}

/* Distinct pairs of the two, with the subjects of each; 0 when they are not one-to-one.
 */
static size_t fold(code *list, size_t n)
{
    size_t out = 0;
    if (n > 0)
        qsort(list, n, sizeof *list, by_said);
    for (size_t i = 0; i < n; i++) {
        if (out > 0 && list[out - 1].said == list[i].said) {
            if (list[out - 1].value != list[i].value)
                return 0;
            list[out - 1].subjects += list[i].subjects;
        } else {
            list[out++] = list[i];
        }
    }
    if (out > 0)
        qsort(list, out, sizeof *list, by_value);
    for (size_t i = 1; i < out; i++)
        if (list[i - 1].value == list[i].value)
            return 0;
    return out;
}

/* log of the chance that values dealt out anew are one-to-one with the concept: of n!
 * orders those do that keep every group (n_i!) or exchange groups of one size (m_j!). */
static double log_chance(code *list, size_t k, uint32_t n)
{
    double sum = -lgamma((double)n + 1);
    if (k > 0)
        qsort(list, k, sizeof *list, by_subjects);
    for (size_t i = 0, same = 0; i < k; i++) {
        same = i > 0 && list[i].subjects == list[i - 1].subjects ? same + 1 : 1;
        sum += lgamma((double)list[i].subjects + 1) + log((double)same);
    }
    return sum;
}

static dcr_status recode_codes(dcr_carrier_search *c, dcr_found_carrier *f,
                               const dcr_attr *a, size_t concept, const code *list,
                               size_t k, dcr_err *err)
{
    const dcr_said_visits *said = &c->concept[concept];
    dcr_recode *map = dcr_arena_alloc(c->arena, k, sizeof *map);
    if (map == NULL)
        return dcr_nomem(err);
    for (size_t i = 0; i < k; i++) {
        const dcr_value *to =
            &said->attr[list[i].visit]->values[said->value[list[i].visit] - 1];
        const dcr_value *from = &a->values[list[i].value - 1];
        map[i].from = dcr_arena_bytes(c->arena, from->bytes, from->len);
        map[i].n_from = from->len;
        map[i].to = dcr_arena_bytes(c->arena, to->bytes, to->len);
        if (map[i].from == NULL || map[i].to == NULL)
            return dcr_nomem(err);
    }
    dcr_recode_sort(map, k);
    f->carrier.map = map;
    f->carrier.n_map = k;
    return DCR_OK;
}

static dcr_status try_codes(dcr_carrier_search *c, size_t concept, const dcr_attr *a,
                            const uint32_t *rep, code *list, bool *found, dcr_err *err)
{
    const dcr_said_visits *said = &c->concept[concept];
    dcr_found_carrier *f;
    overlap o = {0};
    uint32_t last = UINT32_MAX;
    size_t k;
    dcr_status rc;
    for (uint32_t v = 0; v < c->n_visits; v++) {
        bool fresh = c->s->visit_subject[v] != last;
        if (rep[v] == 0 || said->said[v] == 0)
            continue;
        list[o.visits++] = (code){said->said[v], rep[v], v, fresh};
        o.subjects += fresh;
        o.studies += c->s->visit_studies[v];
        last = c->s->visit_subject[v];
    }
    if (o.subjects < c->h->params.carrier_subjects)
        return DCR_OK;
    k = fold(list, o.visits);
    if (k < 2 || log_chance(list, k, o.subjects) > log(c->level))
        return DCR_OK;
    *found = true;
    rc = add(c, a, concept, "one-to-one", &o, &f, err);
    return rc == DCR_OK ? recode_codes(c, f, a, concept, list, k, err) : rc;
}

/* ---- a date by its form and by what it does, where no date is stated ---- */

typedef struct dates {
    uint32_t visits, dated, mixed; /* with a value; that is a date; with several */
    uint32_t pairs, same;          /* subjects with two visits; with one date at both */
    uint32_t after;                /* dates later than the exam, where that is known */
    int from, to;                  /* years */
    overlap o;
} dates;

static void see_date(const dcr_carrier_search *c, const dcr_attr *a, const uint32_t *rep,
                     uint32_t v, dates *d, int32_t *day)
{
    const dcr_value *value = &a->values[rep[v] - 1];
    int year;
    d->visits++;
    if ((value->flags & (DCR_VALUE_BINARY | DCR_VALUE_DIGEST)) != 0 ||
        !dcr_said_day(value->bytes, value->len, day, &year))
        return;
    d->from = d->dated == 0 || year < d->from ? year : d->from;
    d->to = d->dated == 0 || year > d->to ? year : d->to;
    d->dated++;
    d->o.studies += c->s->visit_studies[v];
    d->after += c->s->day[v] != DCR_NO_DAY && *day > c->s->day[v];
}

static dates read_dates(const dcr_carrier_search *c, const dcr_attr *a,
                        const uint32_t *rep, const bool *mixed)
{
    dates d = {0};
    for (uint32_t i = 0; i < c->n_subjects; i++) {
        int32_t first = DCR_NO_DAY, last = DCR_NO_DAY;
        uint32_t seen = 0;
        for (uint32_t v = c->s->first_visit[i]; v < c->s->first_visit[i + 1]; v++) {
            int32_t day = DCR_NO_DAY;
            if (rep[v] == 0)
                continue;
            see_date(c, a, rep, v, &d, &day);
            d.mixed += mixed[v];
            if (day == DCR_NO_DAY)
                continue;
            first = seen++ == 0 ? day : first;
            last = day;
        }
        d.o.subjects += seen > 0;
        d.pairs += seen > 1;
        d.same += seen > 1 && first == last;
    }
    return d;
}

/* True when the concept is silent where the attribute speaks: nothing to compare with. */
static bool silent(const dcr_carrier_search *c, size_t concept, const uint32_t *rep)
{
    uint32_t n = 0, said = 0;
    for (uint32_t v = 0; v < c->n_visits; v++) {
        n += rep[v] != 0;
        said += rep[v] != 0 && c->concept[concept].said[v] != 0;
    }
    return n > 0 && said * 2 <= n && said < c->h->params.carrier_subjects;
}

static bool most(uint32_t part, uint32_t whole, uint32_t percent)
{
    return (uint64_t)part * 100 >= (uint64_t)whole * percent;
}

static dcr_status try_date(dcr_carrier_search *c, const dcr_attr *a, const uint32_t *rep,
                           const bool *mixed, dcr_err *err)
{
    size_t exam = dcr_hidden_concept(c->s->m, "exam_date");
    size_t birth = dcr_hidden_concept(c->s->m, "birth_date"), concept = SIZE_MAX;
    const dcr_hidden_params *p = &c->h->params;
    dates d = read_dates(c, a, rep, mixed);
    dcr_found_carrier *f;
    dcr_status rc;
    if (d.o.subjects < p->carrier_subjects || d.pairs < p->min_subjects ||
        !most(d.dated, d.visits, p->carrier_equal) ||
        !most(d.visits - d.mixed, d.visits, 95))
        return DCR_OK;
    if (birth != SIZE_MAX && silent(c, birth, rep) && most(d.same, d.pairs, CLEAR) &&
        d.to - d.from >= FEWEST_BIRTH_YEARS && most(d.dated - d.after, d.dated, 95))
    concept = birth;
    else if (exam != SIZE_MAX && silent(c, exam, rep) &&
             most(d.pairs - d.same, d.pairs, CLEAR) && d.from >= 1980) concept = exam;
    if (concept == SIZE_MAX)
        return DCR_OK;
    rc = add(c, a, concept, "date-form", &d.o, &f, err);
    return rc == DCR_OK ? dcr_recode_all(f, c->arena, a, DCR_SAY_DATE, 1, err) : rc;
}

/* ---- one attribute ---- */

/* Of a standard attribute with a role, we know that it is no code for something else. */
static bool may_be_code(const dcr_attr *a)
{
    return a->is_private || a->role == DCR_ROLE_UNKNOWN;
}

static bool may_be_date(const dcr_attr *a)
{
    return a->is_private || a->role == DCR_ROLE_UNKNOWN ||
           (strcmp(a->family, "date") == 0 &&
            (a->level == DCR_LEVEL_PATIENT || a->level == DCR_LEVEL_STUDY));
}

static dcr_status try_scales(dcr_carrier_search *c, size_t concept, const dcr_attr *a,
                             const uint32_t *rep, bool *found, dcr_err *err)
{
    static const double scale[] = {1, 100, 1000}; /* metres, cm, mm; kilograms, -, g */
    dcr_say say = c->concept[concept].say;
    size_t n = say == DCR_SAY_HEIGHT || say == DCR_SAY_WEIGHT ? 3 : 1;
    dcr_status rc = DCR_OK;
    bool here = false;
    for (size_t i = 0; i < n && rc == DCR_OK && !here; i++)
        rc = try_equal(c, concept, scale[i], a, rep, &here, err);
    *found = *found || here;
    return rc;
}

dcr_status dcr_carriers_try(dcr_carrier_search *c, const dcr_attr *a, const uint32_t *rep,
                            const bool *mixed, dcr_err *err)
{
    dcr_status rc = DCR_OK;
    bool found = false;
    code *list = NULL;
    for (size_t k = 0; k < c->n_concepts && rc == DCR_OK; k++)
        rc = try_scales(c, k, a, rep, &found, err);
    if (rc == DCR_OK && !found && may_be_date(a))
        rc = try_date(c, a, rep, mixed, err);
    if (rc != DCR_OK || found || !may_be_code(a))
        return rc;
    list = dcr_alloc(c->n_visits, sizeof *list);
    if (list == NULL)
        return dcr_nomem(err);
    for (size_t k = 0; k < c->n_concepts && rc == DCR_OK && !found; k++)
        if (c->s->m->concepts[k].level == DCR_LEVEL_PATIENT)
            rc = try_codes(c, k, a, rep, list, &found, err);
    dcr_free(list);
    return rc;
}
